//! Promise 17: the terminal is given back after quitting, a panic, SIGTERM, SIGHUP, and Ctrl+Z and resuming.
//!
//! The built program runs in a pseudo-terminal on an empty database.

#[path = "support/pty.rs"]
mod pty;

use std::io::Write;
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ccdesk::tui::terminal::Terminal;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use pty::output_of;

/// How long to wait for anything before a test counts as hung.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is written last of a frame: the cursor is shown again.
const FRAME_END: &str = "\u{1b}[?25h";
/// What restores the terminal: bracketed paste off, then the alternate screen left.
const GIVEN_BACK: &str = "\u{1b}[?2004l\u{1b}[0 q\u{1b}[?1049l\u{1b}[?25h";

/// The program in a pseudo-terminal.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    seen: String,
    /// The terminal's settings before the program started.
    before: String,
    _folder: tempfile::TempDir,
}

impl Session {
    /// Starts the program and waits until it asks for the first administrator.
    fn start() -> Self {
        let mut session = Self::run(CommandBuilder::new(env!("CARGO_BIN_EXE_ccdesk")));
        session.wait_for("administrator");
        assert_ne!(line_of(session.master.as_ref()), session.before, "the line is raw now");
        session
    }

    /// Starts a program on an empty database.
    fn run(mut command: CommandBuilder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = PtySize { rows: 24, cols: 80, ..PtySize::default() };
        let pty = native_pty_system().openpty(size).unwrap();
        let before = line_of(pty.master.as_ref());
        command.env("CCDESK_DATABASE_URL", format!("sqlite:{}/new.db", folder.path().display()));
        for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
            command.env(variable, folder.path());
        }
        command.env("TERM", "xterm-256color");
        let child = pty.slave.spawn_command(command).unwrap();
        let keys = pty.master.take_writer().unwrap();
        let output = output_of(pty.master.try_clone_reader().unwrap());
        let (master, seen) = (pty.master, String::new());
        Self { child, master, keys, output, seen, before, _folder: folder }
    }

    /// Reads output until the program has written this text; returns the output up to its end.
    #[track_caller]
    fn wait_for(&mut self, text: &str) -> String {
        while !self.seen.contains(text) {
            let Ok(piece) = self.output.recv_timeout(PATIENCE) else {
                panic!("{text:?} was not written: {:?}", self.seen);
            };
            self.seen.push_str(&String::from_utf8_lossy(&piece));
        }
        let read = self.seen.find(text).unwrap_or_default() + text.len();
        self.seen.drain(..read).collect()
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The whole screen, sent again after everything that was pressed, has this text.
    #[track_caller]
    fn sees(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(text), "“{text}” is not on the screen:\n{screen}");
        self
    }

    #[track_caller]
    fn sees_no(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "“{text}” is on the screen:\n{screen}");
        self
    }

    /// The screen after everything that was pressed: Ctrl+L has it erased and sent again.
    fn screen(&mut self) -> String {
        self.press("\u{c}");
        self.wait_for("\u{1b}[2J");
        let frame = self.wait_for(FRAME_END);
        let size = [24, 80].map(|size| NonZeroU16::new(size).unwrap());
        let mut screen = vt100::Parser::new(size[0], size[1], 0);
        screen.process(frame.as_bytes());
        screen.screen().contents()
    }

    fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    fn is_stopped(&self) -> bool {
        let id = self.child.process_id().unwrap().to_string();
        let state = Command::new("ps").args(["-o", "state=", "-p", &id]).output().unwrap().stdout;
        state.starts_with(b"T")
    }

    #[track_caller]
    fn is_given_back(&mut self) {
        self.wait_for(GIVEN_BACK);
        self.child.wait().unwrap();
        assert_eq!(line_of(self.master.as_ref()), self.before);
    }
}

fn line_of(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().map(|line| (line.local_flags, line.input_flags, line.output_flags)))
}

#[test]
fn promise_17_after_quit() {
    let mut session = Session::start();
    session.press("\u{11}");
    session.is_given_back();
}

#[test]
fn promise_17_after_signals() {
    for signal in ["TERM", "HUP", "INT"] {
        let mut session = Session::start();
        session.signal(signal);
        session.is_given_back();
    }
}

#[test]
fn promise_17_after_a_panic() {
    // The test program itself panics, so that the product needs no way to do so.
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "panics_with_the_terminal_taken_over", "--ignored", "--nocapture"]);
    let mut session = Session::run(command);
    session.wait_for("\u{1b}[?1049h");
    session.is_given_back();
    session.wait_for("out of the blue");
}

#[test]
#[ignore = "promise_17_after_a_panic runs it in a pseudo-terminal"]
fn panics_with_the_terminal_taken_over() {
    let _terminal = Terminal::enter().unwrap();
    panic!("out of the blue");
}

#[test]
fn promise_17_after_ctrl_z_and_back() {
    // Where no text is typed: there Ctrl+Z takes back what was typed.
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ccdesk"));
    command.arg("demo");
    let mut session = Session::run(command);
    session.wait_for("mkoleva");
    session.press("\u{1a}");
    comes_back(session, "mkoleva");
}

#[test]
fn in_a_text_ctrl_z_takes_back_what_was_typed() {
    let mut session = Session::start();
    session.press("ada\u{1a}x\u{c}");
    session.sees("Login").sees_no("ada");
}

/// What terminals report and answer by themselves, late ones too.
const REPORTS: [&str; 8] = [
    "\u{1b}[?997;1n",
    "\u{1b}[?2026;2$y",
    "\u{1b}[24;80R",
    "\u{1b}[>41;390;0c",
    "\u{1b}[?62;22c",
    "\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\",
    "\u{1b}]52;c;Y2Fj\u{7}",
    "\u{1b}P>|xterm(390)\u{1b}\\",
];

#[test]
fn a_report_of_the_terminal_is_no_text_and_the_keyboard_works_after_it() {
    let mut session = Session::start();
    for (index, report) in REPORTS.into_iter().enumerate() {
        let letter = char::from(b'a' + u8::try_from(index).unwrap());
        let (first, second) = report.split_at(report.len() / 2);
        session.press(first);
        session.press(second);
        session.press(&format!("{report}{letter}"));
    }
    session.sees("abcdefgh");
    for text in ["997", "2026", "rgb", "xterm", "R"] {
        session.sees_no(&format!("{text}a")).sees_no(&format!("h{text}"));
    }
}

#[test]
fn a_sequence_that_is_cut_off_swallows_no_letter() {
    let mut session = Session::start();
    // Shift+Delete of rxvt at the end of the text, and sequences that another one cuts off.
    session.press("a\u{1b}[3$b");
    session.sees("ab");
    for (begun, letter) in [("\u{1b}O", "c"), ("\u{1b}[", "d"), ("\u{1b}]", "e"), ("\u{1b}P", "f")] {
        session.press(begun);
        session.press("\u{1b}[F");
        session.press(letter);
    }
    session.sees("abcdef");
}

#[test]
fn esc_alone_is_a_key_once_nothing_has_followed_it() {
    let mut session = Session::start();
    session.press("\u{1b}OP");
    session.sees("Esc Close").press("\u{1b}");
    session.wait_for(FRAME_END);
    session.sees_no("Esc Close");
}

#[test]
fn enter_of_the_keypad_is_enter() {
    let mut session = Session::start();
    session.press("ada\u{1b}OMAda");
    session.sees("Login             ada").sees("Name              Ada");
}

#[test]
fn promise_17_after_a_stop_from_outside_and_back() {
    let mut session = Session::start();
    session.press("Z");
    session.wait_for("Z");
    session.signal("TSTP");
    comes_back(session, "Z");
}

/// Asserts that the shell has the terminal until the program is resumed, and that the whole screen is then drawn
/// again, with what was typed.
#[track_caller]
fn comes_back(mut session: Session, typed: &str) {
    session.wait_for(GIVEN_BACK);
    while !session.is_stopped() {
        std::thread::yield_now();
    }
    assert_eq!(line_of(session.master.as_ref()), session.before);
    session.signal("CONT");
    session.wait_for(typed);
    session.press("\u{11}");
    session.is_given_back();
}

#[test]
fn promise_17_a_terminal_that_is_closed_ends_the_program() {
    for (how, script) in [
        ("sent SIGHUP", "exec \"$0\""),
        ("started with SIGHUP ignored", "trap '' HUP; exec \"$0\""),
        // In a session of its own the terminal does not control it, so it gets no signal.
        ("sent no signal", "trap '' HUP; exec setsid --wait \"$0\""),
    ] {
        ends_without_its_terminal(how, script);
    }
}

fn ends_without_its_terminal(how: &str, script: &str) {
    let pty = native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_ccdesk")]);
    command.env("CCDESK_DATABASE_URL", format!("sqlite:{}/new.db", folder.path().display()));
    for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
        command.env(variable, folder.path());
    }
    command.env("TERM", "xterm-256color");
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    let mut seen = String::new();
    let mut screen = pty.master.try_clone_reader().unwrap();
    while !seen.contains("administrator") {
        let mut piece = [0; 4096];
        let count = screen.read(&mut piece).unwrap();
        seen.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
    // The other end is closed.
    drop((screen, pty.master));
    let (sender, ended) = channel();
    std::thread::spawn(move || drop(sender.send(child.wait())));
    assert!(ended.recv_timeout(PATIENCE).is_ok(), "{how}, it goes on without a terminal");
}

//! The walkthrough once more, by the built program in a real pseudo-terminal, with a restart in the middle;
//! and what only a real terminal can show: a paste of a megabyte, a storm of resizes, no colours, and silence.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use ccdesk::tui::testing::{bytes_of, parse_keys};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// How long anything may take until a story counts as hung.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a program that does nothing must be silent.
const SILENCE: Duration = Duration::from_millis(400);

/// The program in a pseudo-terminal, and what its screen shows.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
}

impl Session {
    /// `ccdesk demo --keep` in that folder.
    fn demo(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: 40, cols: 120, ..PtySize::default() };
        let pty = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ccdesk"));
        command.args(["demo", "--keep", &folder.join("acme.db").to_string_lossy()]);
        for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
            command.env(variable, folder);
        }
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        for (variable, value) in environment {
            command.env(variable, value);
        }
        let child = pty.slave.spawn_command(command).expect("it starts");
        let keys = pty.master.take_writer().expect("a keyboard");
        let output = listen(pty.master.try_clone_reader().expect("a screen"));
        let screen = vt100::Parser::new(some(size.rows), some(size.cols), 0);
        Self { child, master: pty.master, keys, output, screen }
    }

    /// Reads on until the screen shows the text.
    #[track_caller]
    fn sees(&mut self, text: &str) -> &mut Self {
        self.reads_until(text, |screen| screen.contains(text))
    }

    /// Reads on until the screen does not show the text any more.
    #[track_caller]
    fn sees_no(&mut self, text: &str) -> &mut Self {
        self.reads_until(text, |screen| !screen.contains(text))
    }

    #[track_caller]
    fn reads_until(&mut self, text: &str, wanted: impl Fn(&str) -> bool) -> &mut Self {
        while !wanted(&self.screen.screen().contents()) {
            match self.output.recv_timeout(PATIENCE) {
                Ok(piece) => self.takes(&piece),
                Err(ended) => panic!("“{text}”: {ended} at\n{}", self.screen.screen().contents()),
            }
        }
        self
    }

    fn takes(&mut self, piece: &[u8]) {
        self.screen.process(piece);
    }

    /// Sends keys in the harness's writing, as a plain terminal does.
    fn keys(&mut self, keys: &str) -> &mut Self {
        let bytes: Vec<u8> = parse_keys(keys).iter().flat_map(bytes_of).collect();
        self.sends(&bytes)
    }

    fn sends(&mut self, bytes: &[u8]) -> &mut Self {
        self.keys.write_all(bytes).expect("it listens");
        self.keys.flush().expect("it listens");
        self
    }

    fn resizes(&mut self, rows: u16, cols: u16) {
        self.master.resize(PtySize { rows, cols, ..PtySize::default() }).expect("a size");
        self.screen.screen_mut().set_size(some(rows), some(cols));
    }

    /// Reads until nothing comes any more.
    fn settles(&mut self) {
        loop {
            match self.output.recv_timeout(SILENCE) {
                Ok(piece) => self.takes(&piece),
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => panic!("it has ended"),
            }
        }
    }

    fn shows_colours(&self) -> bool {
        let screen = self.screen.screen();
        let (rows, columns) = screen.size();
        let mut cells = (0..rows.get())
            .flat_map(|row| (0..columns.get()).filter_map(move |column| screen.cell(row, column)));
        cells.any(|cell| (cell.fgcolor(), cell.bgcolor()) != (vt100::Color::Default, vt100::Color::Default))
    }

    /// Quits; the terminal is then as it was.
    fn quits(&mut self) {
        self.keys("<C-q>");
        while let Ok(piece) = self.output.recv_timeout(PATIENCE) {
            self.takes(&piece);
        }
        assert!(self.child.wait().expect("it ends").success());
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
    }
}

fn listen(mut reader: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut piece = [0; 65536];
        while let Ok(count @ 1..) = reader.read(&mut piece) {
            if sender.send(piece[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

fn some(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a screen has cells")
}

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

/// Setup → Security → Users, the pending login's form.
fn opens_chris(session: &mut Session) {
    session.sees("Signed in as Mira Koleva.").keys("<A-m>").sees("Esc Leave menu").keys("<End><Enter>");
    session.sees("USERS  43").keys("/chris_").sees("USERS  1 of 43").keys("<Enter><Enter>");
    // History is read last of all.
    session.sees("created it (version 1)").sees("sign-in");
}

#[test]
fn the_walkthrough_in_a_terminal_with_a_restart_in_the_middle() {
    let folder = folder();
    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.sees("✗ CC002").keys("<F2>").sees("USER · editing").keys("<Tab><Tab><Tab><Tab><C-g>");
    session.sees("n Create new “Chris Armstrong”").keys("n").sees("/ New Person").sees("Armstrong");
    session.keys("<Tab><Tab><Tab><Tab><Tab><Tab><Tab>offroad").sees("Offroad Monsters Den Ltd.  Company");
    session.keys("<Enter>").sees_no("Company · 00005").keys("<C-s>").sees("Person saved.");
    session.sees("USER · editing").keys("<C-s>").sees("User saved.").sees("✗ CC004");
    session.quits();

    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.sees("✗ CC004").keys("<Tab><Enter>").sees("PERSON").keys("<Tab><Enter>").sees("COMPANY");
    session.keys("<C-g>k").sees("Customers panel").keys("<Space><Enter>").sees("CUSTOMERS  0");
    session.keys("<F6>").sees("New Customer ▸").keys("<C-n>").sees("2 Wholesale").keys("2");
    session.sees("/ New Customer - Wholesale").sees("KK Ltd., KK - HQ").keys("<C-s>").sees("Customer saved.");
    session.keys("<A-b>").sees("Go back to").keys("5").sees("request configured");
    session.sees("sign-in lets this user in").sees_no("✗");
    session.quits();

    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.sees("request configured").quits();
}

#[test]
fn a_paste_of_a_megabyte_is_text_and_is_cut() {
    let folder = folder();
    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.keys("<F2>").sees("USER · editing").keys("<Tab><Tab><Tab>");
    let paste = [b"\x1b[200~", "Щ\u{11}\r".repeat(1 << 18).as_bytes(), b"\x1b[201~"].concat();
    session.sends(&paste).sees("Notes takes at most 254").sees("USER · editing");
    session.keys("<C-s>").sees("User saved.");
    session.quits();
}

#[test]
fn a_storm_of_resizes_leaves_the_console_usable() {
    let folder = folder();
    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.keys("<F2>").sees("USER · editing").keys("<Tab>x").sees("Chris Armstrongx");
    for step in 1..200_u16 {
        session.resizes(1 + step * 7 % 60, 1 + step * 13 % 200);
    }
    session.resizes(40, 120);
    // What was drawn for other sizes went to a screen that had this size only at the end: all is drawn anew.
    session.settles();
    session.resizes(39, 120);
    session.sees("USER · editing").sees("Chris Armstrongx").keys("<Esc>").sees("Discard changes").keys("d");
    session.sees_no("editing").quits();
}

#[test]
fn promise_24_a_console_that_is_left_alone_writes_nothing() {
    let folder = folder();
    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.settles();
    let silent = session.output.recv_timeout(SILENCE);
    assert!(matches!(silent, Err(RecvTimeoutError::Timeout)), "{silent:?}");
    session.quits();
}

#[test]
fn no_color_means_no_colour() {
    let folder = folder();
    let mut coloured = Session::demo(folder.path(), &[]);
    opens_chris(&mut coloured);
    assert!(coloured.shows_colours());
    coloured.quits();
    let mut plain = Session::demo(folder.path(), &[("NO_COLOR", "1")]);
    opens_chris(&mut plain);
    plain.sees("✗ CC002");
    assert!(!plain.shows_colours());
    plain.quits();
}

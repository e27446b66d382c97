//! The built program in a pseudo-terminal.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Action, tcflow};
use tempfile::TempDir;

/// How long to wait for anything before a story counts as hung.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

const SIZE: PtySize = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };

/// The running program, with its standard error in a file.
pub(crate) struct Session {
    child: Box<dyn Child + Send + Sync>,
    /// `None` once the terminal is closed.
    terminal: Option<Terminal>,
    screen: vt100::Parser,
    said: PathBuf,
    _folder: TempDir,
}

/// The test's end of the pseudo-terminal. Dropping it hangs up the program's end.
struct Terminal {
    keys: Box<dyn Write + Send>,
    /// One piece of output is read for each `()` sent: a thread that always read would keep the terminal open.
    wanted: Sender<()>,
    pieces: Receiver<Vec<u8>>,
    /// The thread that reads, which holds the terminal open until it ends.
    reading: JoinHandle<()>,
    master: Box<dyn MasterPty + Send>,
}

impl Session {
    /// Starts the program with a database.
    pub(crate) fn start(url: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let said = folder.path().join("said");
        let pty = native_pty_system().openpty(SIZE).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", "exec \"$0\" 2> \"$1\"", env!("CARGO_BIN_EXE_ccdesk")]);
        command.arg(&said);
        command.env("CCDESK_DATABASE_URL", url);
        for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
            command.env(variable, folder.path());
        }
        command.env("TERM", "xterm-256color");
        let child = pty.slave.spawn_command(command).expect("it starts");
        let keys = pty.master.take_writer().expect("a keyboard");
        let (wanted, pieces, reading) = read_when_wanted(pty.master.try_clone_reader().expect("a screen"));
        let (rows, columns) = (SIZE.rows.try_into().expect("some"), SIZE.cols.try_into().expect("some"));
        let terminal = Some(Terminal { keys, wanted, pieces, reading, master: pty.master });
        Self { child, terminal, screen: vt100::Parser::new(rows, columns, 0), said, _folder: folder }
    }

    /// Reads output until the screen shows this text.
    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) {
        while !self.screen.screen().contents().contains(text) {
            let Terminal { wanted, pieces, .. } = self.terminal.as_ref().expect("a terminal");
            wanted.send(()).expect("a thread that reads");
            match pieces.recv_timeout(PATIENCE) {
                Ok(piece) => self.screen.process(&piece),
                Err(ended) => panic!("“{text}”: {ended} at\n{}", self.screen.screen().contents()),
            }
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        let Terminal { keys: keyboard, .. } = self.terminal.as_mut().expect("a terminal");
        keyboard.write_all(keys.as_bytes()).expect("it listens");
        keyboard.flush().expect("it listens");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let process = self.child.process_id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        kill_process(process.expect("it runs"), signal).expect("it is ours");
    }

    /// Lets no output of the program through from now on, like a connection that is stuck.
    pub(crate) fn stop_output(&self) {
        let Terminal { master, .. } = self.terminal.as_ref().expect("a terminal");
        let name = master.tty_name().expect("a pseudo-terminal has a name");
        let without_control = OFlags::RDWR | OFlags::NOCTTY;
        let program_end = rustix::fs::open(name, without_control, Mode::empty()).expect("it is ours");
        tcflow(program_end, Action::OOff).expect("it is a terminal");
    }

    /// Closes the terminal while the program runs. It is closed on return.
    pub(crate) fn close(&mut self) {
        let Terminal { keys, wanted, reading, master, .. } = self.terminal.take().expect("a terminal");
        drop((keys, wanted, master));
        reading.join().expect("it ends well");
    }

    /// The program's standard error and its exit status, once it has ended.
    #[track_caller]
    pub(crate) fn has_ended(mut self, within: Duration) -> (String, u32) {
        let deadline = Instant::now() + within;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                break status;
            }
            if Instant::now() > deadline {
                self.child.kill().expect("our own child");
                panic!("it goes on after {within:?}:\n{}", self.screen.screen().contents());
            }
            match &self.terminal {
                Some(Terminal { wanted, pieces, .. }) => {
                    // Fails once there is nothing to read any more.
                    let _ = wanted.send(());
                    match pieces.recv_timeout(Duration::from_millis(50)) {
                        Ok(piece) => self.screen.process(&piece),
                        Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => std::thread::yield_now(),
                    }
                }
                None => std::thread::yield_now(),
            }
        };
        (fs::read_to_string(&self.said).expect("a file"), status.exit_code())
    }
}

fn read_when_wanted(mut reader: Box<dyn Read + Send>) -> (Sender<()>, Receiver<Vec<u8>>, JoinHandle<()>) {
    let (wanted, wants) = channel();
    let (sender, pieces) = channel();
    let reading = std::thread::spawn(move || {
        let mut piece = [0; 65536];
        while wants.recv().is_ok()
            && let Ok(count @ 1..) = reader.read(&mut piece)
            && sender.send(piece[..count].to_vec()).is_ok()
        {}
    });
    (wanted, pieces, reading)
}

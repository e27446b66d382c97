//! The built program in a terminal of its own.

use std::fs;
use std::io::{Read, Write};
use std::num::NonZeroU16;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::home::{Home, PROGRAM};

/// The character that Ctrl+Q sends.
pub(crate) const CTRL_Q: &str = "\u{11}";

const ROWS: NonZeroU16 = NonZeroU16::new(40).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(120).unwrap();

/// The program in a terminal of its own.
pub(crate) struct InTerminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    screen: Box<dyn Read + Send>,
    parser: vt100::Parser,
}

impl InTerminal {
    /// Starts the program in a terminal of 120 × 40 whose `TERM` is `term`.
    pub(crate) fn start(home: &Home, term: &str, arguments: &[&str]) -> Self {
        let pty = native_pty_system();
        let pair = pty
            .openpty(PtySize { rows: ROWS.get(), cols: COLUMNS.get(), ..PtySize::default() })
            .expect("a terminal");
        let mut command = CommandBuilder::new(PROGRAM);
        command.env_clear();
        command.env("HOME", home.path(""));
        command.env("TMPDIR", home.path("tmp"));
        command.env("TERM", term);
        command.cwd(home.path(""));
        command.args(arguments);
        fs::create_dir_all(home.path("tmp")).expect("a directory");
        let child = pair.slave.spawn_command(command).expect("the program runs");
        let screen = pair.master.try_clone_reader().expect("a screen");
        let keys = pair.master.take_writer().expect("a keyboard");
        Self { child, keys, screen, parser: vt100::Parser::new(ROWS, COLUMNS, 0) }
    }

    /// Reads output until the screen shows this text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let mut bytes = [0; 4096];
        while !self.contents().contains(text) {
            let read = self.screen.read(&mut bytes).unwrap_or(0);
            assert!(read > 0, "it ended and never showed “{text}”:\n{}", self.contents());
            self.parser.process(&bytes[..read]);
        }
    }

    /// The text on the screen, as far as output was read.
    pub(crate) fn contents(&self) -> String {
        self.parser.screen().contents()
    }

    /// Sends the characters of keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("keys are taken");
    }

    /// Waits until the program ends, and returns its exit status.
    pub(crate) fn end(mut self) -> u32 {
        // The output has to be read: a full terminal blocks the program.
        while matches!(self.screen.read(&mut [0; 4096]), Ok(read) if read > 0) {}
        self.child.wait().expect("it ends").exit_code()
    }
}

//! The walkthroughs of both guides, by the built program in a real pseudo-terminal, with a restart in the middle; and
//! what only a real terminal can show: a paste of a megabyte, many resizes, no colours, and silence.

#[path = "support/pty.rs"]
mod pty;

use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use ccdesk::tui::testing::{bytes_of, parse_keys};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use pty::output_of;

/// How long to wait for anything before a story counts as hung.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a program that does nothing must write nothing.
const SILENCE: Duration = Duration::from_millis(400);

/// The program in a pseudo-terminal, and what its screen shows.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// Everything the program has written.
    heard: Vec<u8>,
}

impl Session {
    /// `ccdesk demo --keep` in that folder.
    fn demo(folder: &Path, environment: &[(&str, &str)]) -> Self {
        Self::of(folder, &["demo", "--keep", &database(folder)], environment)
    }

    /// The program with these arguments, with this folder as its home directory.
    fn of(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: 40, cols: 120, ..PtySize::default() };
        let pty = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ccdesk"));
        command.args(arguments);
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
        let output = output_of(pty.master.try_clone_reader().expect("a screen"));
        let screen = vt100::Parser::new(some(size.rows), some(size.cols), 0);
        Self { child, master: pty.master, keys, output, screen, heard: Vec::new() }
    }

    /// Reads output until the screen shows the text.
    #[track_caller]
    fn sees(&mut self, text: &str) -> &mut Self {
        self.reads_until(text, |screen| screen.contains(text))
    }

    /// Reads output until the screen does not show the text any more.
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
        self.heard.extend_from_slice(piece);
        self.screen.process(piece);
    }

    /// Sends keys, in the harness's notation, as a plain terminal does.
    fn keys(&mut self, keys: &str) -> &mut Self {
        let bytes: Vec<u8> = parse_keys(keys).iter().flat_map(bytes_of).collect();
        self.sends(&bytes)
    }

    /// Types a text as it is, blanks included.
    fn types(&mut self, text: &str) -> &mut Self {
        self.sends(text.as_bytes())
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
        let mut values = (0..rows.get())
            .flat_map(|row| (0..columns.get()).filter_map(move |column| screen.cell(row, column)));
        values.any(|cell| (cell.fgcolor(), cell.bgcolor()) != (vt100::Color::Default, vt100::Color::Default))
    }

    /// Quits, and asserts that the terminal is restored.
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

fn some(values: u16) -> NonZero<u16> {
    NonZero::new(values).expect("a screen has cells")
}

/// Where a demo company is kept in that folder.
fn database(folder: &Path) -> String {
    folder.join("acme.db").to_string_lossy().into_owned()
}

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

/// Setup → Security → Users, the pending login's form.
fn opens_chris(session: &mut Session) {
    session.sees("Signed in as Mira Koleva.").keys("<A-m>").sees("Esc Leave menu").keys("<End><Enter>");
    session.sees("USERS  43").keys("/chris_").sees("USERS  1 of 43").keys("<Enter><Enter>");
    // History is read last of all.
    session.sees("Z  mkoleva ").sees("sign-in");
}

#[test]
fn the_walkthrough_in_a_terminal_with_a_restart_in_the_middle() {
    let folder = folder();
    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.sees("✗ CC002").keys("<F2>").sees("USER · editing").keys("<Tab><Tab><Tab><C-g>");
    session.sees("n Create new “Chris Armstrong”").keys("n").sees("/ New Person").sees("Armstrong");
    session.keys("offroad").sees("Offroad Monsters Den Ltd.  Company");
    session.keys("<Enter>").sees_no("▸  Offroad").keys("<C-s>").sees("Person saved: ");
    session.sees("USER · editing").keys("<C-s>").sees("User saved: ").sees("✗ CC004");
    session.quits();

    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.sees("✗ CC004").keys("<Tab><Enter>").sees("PERSON").keys("<Tab><Enter>").sees("COMPANY");
    session.keys("<C-g>k").sees("Customers panel").keys("<Space><Enter>").sees("CUSTOMERS  0");
    session.keys("<F6>").sees("New Customer ▸").keys("<C-n>").sees("2 Wholesale").keys("2");
    session
        .sees("/ New Customer - Wholesale")
        .sees("KK Ltd., KK - HQ")
        .keys("<C-s>")
        .sees("Customer saved: ");
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
    session.keys("<F2>").sees("USER · editing").keys("<Tab><Tab>");
    let paste = [b"\x1b[200~", "Щ\u{11}\r".repeat(1 << 18).as_bytes(), b"\x1b[201~"].concat();
    session.sends(&paste).sees("Notes takes at most 254").sees("USER · editing");
    session.keys("<C-s>").sees("User saved: ");
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
    // Drawings for other sizes went to a screen that had this size only at the end: everything is drawn again.
    session.settles();
    session.screen.process(b"\x1b[2J");
    session.resizes(39, 120);
    session.sees("USER · editing").sees("Chris Armstrongx").keys("<Esc>").sees("Discard changes").keys("d");
    session.sees_no("editing").quits();
}

#[test]
fn what_is_typed_ahead_in_one_piece_is_taken_to_the_last_key() {
    let folder = folder();
    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.keys("<F2>").sees("USER · editing").keys("<Tab><Tab>");
    let ahead = format!("{}\u{10}", "х".repeat(1_500));
    session.sends(ahead.as_bytes()).sees("Commands").keys("<Esc>").sees("Notes takes at most 254");
    session.keys("<Esc>").sees("Discard changes").keys("d").sees_no("editing").quits();
}

#[test]
fn a_key_pressed_while_the_window_changes_its_size_is_taken() {
    let folder = folder();
    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.keys("<F2>").sees("USER · editing").keys("<Tab>");
    let typed = "Chris Armstrongx";
    for round in 0..100_u16 {
        session.resizes(39 + round % 2, 120);
        if round % 2 == 0 {
            session.keys("x").sees(typed);
        } else {
            session.keys("<BS>").sees_no(typed);
        }
    }
    session.quits();
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

/// The password of the demo company's logins.
const QUAY: &str = "a lantern on the quay";

/// The password that the applicant chooses, which must be found nowhere.
const CANARY: &str = "canary in a brass cage";

/// Signs in at the sign-in of the Client Center.
fn signs_in(session: &mut Session, login: &str, password: &str) {
    session
        .sees("E-mail or login")
        .sees_no("#000")
        .types(login)
        .keys("<Tab>")
        .types(password)
        .keys("<Enter>");
}

/// Adds the applicant in User Management of the customer shown, with the role that this many `<Down>` choose.
fn adds_oliver(session: &mut Session, role: &str, found_by: &str) {
    session.sees("WHAT IS OPEN TO YOU").keys("<Enter>").sees("USER MANAGEMENT  ").sees("<jturner>");
    session.keys("<C-n>").sees("ADD USER").types("OLIVER@company.example").keys("<Enter>");
    session.sees("Oliver Steward <oliver@company.example> [EXT]").sees("30 since ");
    session
        .sees("L30 - Orders with Prices")
        .keys(found_by)
        .sees(role)
        .keys("<C-s>")
        .sees("Save anyway?")
        .keys("s")
        .sees(" has access now.");
}

#[test]
fn version_26_in_a_terminal_from_the_request_to_the_customer_that_is_remembered() {
    let folder = folder();
    // The log is as verbose as it can be.
    let verbose = [("CCDESK_LOG", "trace")];
    let mut session = Session::demo(folder.path(), &verbose);
    session.sees("Signed in as Mira Koleva.").keys("<C-g>").sees("Sign out").keys("Q");
    session
        .sees("Sign in to the back office.")
        .keys("<A-c>")
        .sees("cc26  Lagerta Ltd.")
        .keys("<Down><Enter>");

    // The applicant has no access yet.
    session.sees("Lagerta Ltd. - Client Center").keys("<A-n>").sees("Confirm password");
    session
        .types("oliver@company.example")
        .keys("<Tab>")
        .types("Oliver Steward")
        .keys("<S-Tab><S-Tab><S-Tab>");
    session.types(CANARY).keys("<Tab>").types(CANARY).keys("<Enter>").sees("Your request was taken.");
    session
        .keys("<Enter>")
        .sees_no("request was taken")
        .sees("oliver@company.example")
        .types(CANARY)
        .keys("<Enter>");
    session
        .sees("Account not active")
        .sees("Error CC010")
        .keys("<Esc>")
        .sees("E-mail or login")
        .keys("<S-Tab><C-u>");

    // An Admin of two customers adds the applicant to both.
    signs_in(&mut session, "admin@olivia-green.example", QUAY);
    session
        .sees("Select Client")
        .sees("Olivia Green #00028  Admin")
        .keys("<Down><Enter>")
        .sees_no("Select Client");
    session.sees("Olivia Green #00028 ▾");
    adds_oliver(&mut session, "L30 - Orders with Prices", "");
    session
        .keys("<C-o>")
        .sees("Select Client")
        .keys("<Up><Enter>")
        .sees_no("Select Client")
        .sees("Nimero Ltd. #00003 ▾");
    adds_oliver(&mut session, "L40 - Billing", "<F4><Down><Enter>");
    session.keys("<C-g>").sees("Sign out").keys("Q");

    // The applicant sees what each role opens.
    signs_in(&mut session, "oliver@company.example", CANARY);
    session.sees("Select Client").sees("Nimero Ltd. #00003  Billing").keys("<Down><Enter>");
    session.sees("Orders with Prices · L30").sees("30 days back: since ").sees("– Invoices");
    session.keys("<C-o>").sees("Select Client").keys("<Up><Enter>").sees("Billing · L40").sees("✓ Invoices");
    session.sees_no("✓ User Management").quits();

    // The customer chosen last is remembered.
    let address = format!("sqlite:{}", database(folder.path()));
    let mut later = Session::of(folder.path(), &["--db", &address, "client-center", "cc26"], &verbose);
    signs_in(&mut later, "oliver@company.example", CANARY);
    later.sees("Nimero Ltd. #00003 ▾").sees("Billing · L40").sees_no("Select Client").quits();

    promise_03_found_nowhere(folder.path(), &[&session.heard, &later.heard]);
}

/// Asserts that the applicant's password is in no file and was never on the screen.
#[track_caller]
fn promise_03_found_nowhere(folder: &Path, screens: &[&Vec<u8>]) {
    let has = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|piece| piece == CANARY.as_bytes());
    let mut folders = vec![folder.to_owned()];
    let mut looked_into = 0;
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(inside).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            looked_into += 1;
            assert!(!has(&std::fs::read(&path).expect("readable")), "{} holds the password", path.display());
        }
    }
    assert!(
        folder.join("ccdesk/ccdesk.log").exists() && looked_into >= 2,
        "the database and the log were written"
    );
    assert!(!screens.iter().any(|heard| has(heard)), "the password was on the screen");
}

#[test]
fn promise_33_version_24_typed_in_one_burst_comes_to_the_same_end() {
    let folder = folder();
    let mut session = Session::demo(folder.path(), &[]);
    session.sees("Signed in as Mira Koleva.").keys(concat!(
        // The pending login's form, its person and her company.
        "<A-m><End><Enter>/chris_<Enter><Enter><F2><Tab><Tab><Tab><C-g>noffroad<Enter><C-s><C-s>",
        // The company's form, a new customer there, and back to the login.
        "<Home><Tab><Enter><Tab><Enter><C-g>k<Space><Enter><F6><C-n>2<C-s><A-b>5",
    ));
    session.sees("request configured").sees("sign-in lets this user in").sees_no("✗").quits();

    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.sees("request configured").quits();
}

#[test]
fn resizes_while_typing_lose_no_letter() {
    let folder = folder();
    let mut session = Session::demo(folder.path(), &[]);
    opens_chris(&mut session);
    session.keys("<F2>").sees("USER · editing").keys("<Tab><C-u>");
    let typed: String = ('a'..='z').chain('A'..='X').collect();
    for (step, letter) in (0..).zip(typed.chars()) {
        session.resizes(16 + step * 11 % 45, 60 + step * 37 % 141);
        session.types(&letter.to_string());
    }
    session.resizes(40, 120);
    session.keys("<C-l>").sees("mkoleva  acme.db").sees("USER · editing");
    session.keys("<C-s>").sees(&format!("User saved: {typed} ")).quits();
}

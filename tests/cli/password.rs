//! The password that `ccdesk request add` asks for.

use std::fs;

use crate::home::{Home, files};
use crate::terminal::InTerminal;

#[test]
fn promise_03_a_password_given_to_a_command_is_in_no_file() {
    let home = Home::with_demo();
    let canary = "kanarienvogel im stollen";
    let add = ["request", "add", "--email", "ann@mail.example", "--name", "Ann Lee"];
    let ran = home.run_with_input(&format!("{canary}\n"), &add);
    assert_eq!((ran.status, (ran.out + &ran.err).contains(canary)), (0, false));
    let kept = files(&home.path(""));
    assert!(kept.iter().any(|path| path.ends_with("ccdesk.db")), "{kept:?}");
    for path in kept {
        let bytes = fs::read(&path).expect("readable");
        let found = bytes.windows(13).any(|window| window == b"kanarienvogel");
        assert!(!found, "{}", path.display());
    }
}

#[test]
fn a_password_is_asked_for_twice_and_never_shown() {
    let home = Home::with_demo();
    let add = ["request", "add", "--email", "ann@mail.example", "--name", "Ann Lee"];
    let mut asked = InTerminal::start(&home, "xterm-256color", &add);
    asked.wait_for("Password: ");
    // Typed before the questions are asked, and still not shown.
    for typed in ["klammer", "hammer", "klammer", "klamner\u{7f}\u{7f}\u{7f}mer"] {
        asked.press(&format!("korrekt pferd batterie {typed}\r"));
    }
    asked.wait_for("They differ; type both again.");
    asked.wait_for("was asked for");
    assert!(!asked.contents().contains("pferd"));
    assert_eq!(asked.end(), 0);
}

#[test]
fn whoever_gives_up_has_asked_for_nothing() {
    let home = Home::with_demo();
    let add = ["request", "add", "--email", "ann@mail.example", "--name", "Ann Lee"];
    let mut asked = InTerminal::start(&home, "xterm-256color", &add);
    asked.wait_for("Password: ");
    asked.press("korrekt\u{3}");
    asked.wait_for("no password was given; nothing was done");
    assert_eq!(asked.end(), 2);
    assert!(!home.succeeds(&["request", "list"]).contains("ann@mail.example"));
}

//! `ccdesk demo`: the console on an invented company.

use std::fs;

use crate::home::{Home, mode};
use crate::terminal::{CTRL_Q, InTerminal};

#[test]
fn the_demo_leaves_nothing_behind() {
    let home = Home::new();
    let mut demo = InTerminal::start(&home, "xterm-256color", &["demo", "--users", "100", "--seed", "7"]);
    demo.wait_for("mkoleva");
    let scratch = fs::read_dir(home.path("tmp")).expect("a directory").next().expect("a scratch directory");
    assert_eq!(mode(&scratch.expect("an entry").path()), 0o700);
    demo.press(CTRL_Q);
    assert_eq!(demo.end(), 0);
    assert_eq!(fs::read_dir(home.path("tmp")).expect("a directory").count(), 0);
    assert!(!home.path(".local/share").exists());
}

#[test]
fn a_demo_that_is_kept_is_there_again() {
    let home = Home::new();
    for arguments in [&["demo", "--keep", "own.db", "--users", "100"][..], &["demo", "--keep", "own.db"]] {
        let mut demo = InTerminal::start(&home, "xterm-256color", arguments);
        demo.wait_for("mkoleva");
        demo.press(CTRL_Q);
        assert_eq!(demo.end(), 0);
        assert_eq!(mode(&home.path("own.db")), 0o600);
        let found = home.run(&["check", "--db", "sqlite:own.db", "--site", "cc", "--format", "json"]).out;
        assert!(found.lines().count() > 100);
    }
    let mut refused =
        InTerminal::start(&home, "xterm-256color", &["demo", "--keep", "own.db", "--users", "5"]);
    refused.wait_for("own.db is there already; leave --users out to open it");
    assert_eq!(refused.end(), 2);
}

/// The dump has an administrator with the same login as the demo's operator.
#[test]
fn the_demo_signs_nobody_in_at_another_company() {
    let home = Home::new();
    let dump = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/instance-dump.json");
    home.succeeds(&["--db", "sqlite:other.db", "import", dump]);
    let mut refused = InTerminal::start(&home, "xterm-256color", &["demo", "--keep", "other.db"]);
    refused.wait_for("this is no demo company");
    assert_eq!(refused.end(), 2);
}

#[test]
fn the_demo_takes_no_other_database() {
    let home = Home::new();
    let said = home.refused(&["demo", "--db", "sqlite:own.db"]);
    assert!(said.contains("demo makes a database of its own"), "{said}");
    assert!(!home.path("own.db").exists());
}

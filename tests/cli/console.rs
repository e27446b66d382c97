//! `ccdesk` without a command: the console.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::home::Home;
use crate::terminal::{CTRL_Q, InTerminal};

#[test]
fn without_a_terminal_the_console_names_what_works_without_one() {
    let home = Home::new();
    for arguments in [&[][..], &["demo"], &["--db", "sqlite:new.db"]] {
        let said = home.refused(arguments);
        assert!(said.contains("`ccdesk --help` names the commands that work without one."), "{said}");
    }
    assert!(!home.path("new.db").exists() && !home.path(".local/share").exists());
}

#[test]
fn a_dumb_terminal_is_none() {
    let home = Home::new();
    let mut refused = InTerminal::start(&home, "dumb", &["demo"]);
    refused.wait_for("work without one");
    assert_eq!(refused.end(), 2);
}

#[test]
fn the_first_start_asks_for_the_administrator_and_ctrl_q_leaves() {
    let home = Home::new();
    let mut console = InTerminal::start(&home, "xterm-256color", &[]);
    console.wait_for("Create the administrator");
    console.press(CTRL_Q);
    assert_eq!(console.end(), 0);
    assert!(home.path(".local/share/ccdesk/ccdesk.db").exists());
}

#[test]
fn what_is_no_database_is_said_before_the_screen_is_taken() {
    let home = Home::new();
    home.write("letter.txt", "Dear Sir or Madam, this is no database at all. ".repeat(100));
    let mut refused = InTerminal::start(&home, "xterm-256color", &["--db", "sqlite:letter.txt"]);
    refused.wait_for("this file is not a database");
    assert_eq!(refused.end(), 2);
}

#[test]
fn promise_12_the_console_says_that_others_can_read_its_database() {
    let home = Home::with_demo();
    let database = home.path(".local/share/ccdesk/ccdesk.db");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).expect("permissions");
    let mut console = InTerminal::start(&home, "xterm-256color", &[]);
    console.wait_for("Others on this machine can read the database file");
    console.press(CTRL_Q);
    assert_eq!(console.end(), 0);
}

//! `ccdesk client-center`: the sign-in of a Client Center.

use crate::home::Home;
use crate::terminal::{CTRL_Q, InTerminal};

#[test]
fn it_opens_the_sign_in_of_the_site_named_and_of_cc_without_a_name() {
    let home = Home::with_demo();
    for (arguments, company) in [
        (&["client-center"][..], "KK Ltd. - Client Center"),
        (&["client-center", "CC26"], "Lagerta Ltd. - Client Center"),
    ] {
        let mut opened = InTerminal::start(&home, "xterm-256color", arguments);
        opened.wait_for(company);
        opened.wait_for("E-mail or login");
        opened.press(CTRL_Q);
        assert_eq!(opened.end(), 0);
    }
}

#[test]
fn a_client_center_that_does_not_answer_is_said_with_those_that_do() {
    let home = Home::with_demo();
    for url in ["shop", "cc-closed"] {
        let mut refused = InTerminal::start(&home, "xterm-256color", &["client-center", url]);
        refused.wait_for(&format!("No Client Center “{url}” answers; there are: cc, cc26"));
        assert_eq!(refused.end(), 2);
    }
}

#[test]
fn it_wants_a_terminal_and_a_database() {
    let home = Home::new();
    assert!(home.refused(&["client-center"]).contains("the commands that work without one"));
    let mut refused = InTerminal::start(&home, "xterm-256color", &["client-center"]);
    refused.wait_for("there is no ccdesk database here");
    assert_eq!(refused.end(), 2);
    assert!(!home.path(".local/share").exists());
}

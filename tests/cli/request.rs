//! `ccdesk request`: asking for an account, and deciding on requests.

use serde_json::{Value as Json, json};

use crate::home::{Home, PENDING};

#[test]
fn an_account_is_asked_for_and_decided_about() {
    let home = Home::with_demo();
    let add =
        ["request", "add", "--email", "ann@mail.example", "--name", "Ann Lee", "--message", "\u{1b}[2J"];
    let asked = "The account ann@mail.example was asked for; an operator decides about it.\n";
    for _ in 0..2 {
        let ran = home.run_with_input("korrekt pferd batterie klammer\r\nnot this\n", &add);
        assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (0, asked, ""));
    }
    let refused = home.run_with_input("short\n", &["request", "add", "--email", "ann", "--name", " "]);
    assert_eq!(
        (refused.status, refused.out.as_str(), refused.err.lines().count()),
        (1, "", 3),
        "{}",
        refused.err
    );
    let list = || -> Vec<Json> {
        let lines = home.succeeds(&["request", "list", "--format", "json"]);
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let waiting = list();
    assert_eq!(waiting.len(), 10);
    let ann = waiting.iter().find(|one| one["login"] == "ann@mail.example").expect("Ann waits");
    assert_eq!((&ann["name"], &ann["message"]), (&json!("Ann Lee"), &json!("\u{1b}[2J")));
    let asked_at = ann["asked_at"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    assert!(asked_at.is_some(), "{} is no ISO 8601", ann["asked_at"]);
    assert!(home.succeeds(&["request", "list"]).contains("␛[2J"));
    let reject = ["request", "reject", "ann@mail.example", "--reason", "nobody knows her"];
    home.succeeds(&reject);
    let again = home.run(&reject);
    let sentence = "ccdesk: This user has no pending request; there is nothing to reject.\n";
    assert_eq!((again.status, again.err.as_str()), (1, sentence));
    assert_eq!(list().len(), 9);
    home.succeeds(&["request", "reopen", "ANN@mail.example"]);
    assert_eq!(list().len(), 10);
    assert!(home.refused(&["request", "reopen", "nobody"]).contains("“nobody”"));
}

#[test]
fn the_list_of_requests_is_a_table_or_csv_too() {
    let home = Home::with_demo();
    let table = home.succeeds(&["request", "list"]);
    assert!(table.starts_with("Login ") && table.lines().count() == 10, "{table}");
    let csv = home.succeeds(&["request", "list", "--format", "csv"]);
    assert!(csv.starts_with("login,name,company,asked_at,message\n"), "{csv}");
}

#[test]
fn what_a_rule_refuses_and_what_cannot_run_have_different_exit_statuses() {
    let home = Home::with_demo();
    for (arguments, status, said) in [
        (&["request", "reject", PENDING, "--reason", " "][..], 1, "Say why the request is rejected."),
        (&["request", "reject", "mkoleva", "--reason", "no"], 1, "has no pending request"),
        (&["request", "reopen", PENDING], 1, "was not rejected; there is nothing to reopen"),
        (&["request", "reject", "nobody", "--reason", "no"], 2, "no user has the login “nobody”"),
    ] {
        let ran = home.run(arguments);
        assert_eq!((ran.status, ran.out.as_str(), ran.err.lines().count()), (status, "", 1), "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    assert!(Home::new().refused(&["request", "list"]).contains("there is no ccdesk database here"));
}

//! `ccdesk history`: what was done, the newest first.

use serde_json::Value as Json;

use crate::home::Home;

/// The operations that the command lists.
pub(crate) fn listed(home: &Home, more: &[&str]) -> Vec<Json> {
    let lines = home.succeeds(&[&["history", "--format", "json"], more].concat());
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn what_was_done_is_listed_by_whatever_it_is_filtered() {
    let home = Home::with_demo();
    home.succeeds(&["access", "grant", "chris.armstrong@mail.com", "00003", "00004", "--anyway"]);
    let newest = |more: &[&str]| listed(&home, more).remove(0);
    let done = newest(&["--operator", "command line"]);
    assert_eq!(
        (&done["purpose"], &done["login"], &done["undone_by"]),
        (&"Grant access to 2 customers".into(), &"command line".into(), &Json::Null)
    );
    assert_eq!(newest(&["--entity", "external access"]), done);
    assert_eq!(newest(&["chris.armstrong@mail.com", "--since", "2024-04-01"]), done);
    assert_eq!(listed(&home, &["--since", "9999-01-01T00:00:00Z"]), [] as [Json; 0]);
    let imported = newest(&["--operator", "import"]);
    assert_eq!(imported["purpose"], "Import of company.json");
    let table = home.succeeds(&["history", "--operator", "command line"]);
    assert!(table.starts_with("Operation ") && table.lines().count() == 2, "{table}");
    let csv = home.succeeds(&["history", "--format", "csv", "--operator", "nobody"]);
    assert_eq!(csv, "operation,at,login,purpose,records,undoes,undone_by,undone_by_login\n");
}

#[test]
fn a_history_that_cannot_be_sought_is_said_with_the_way_out() {
    let home = Home::with_demo();
    assert!(home.refused(&["history", "nobody"]).contains("“nobody”"));
    assert!(home.refused(&["history", "--since", "yesterday"]).contains("2024-04-01"));
    assert!(home.refused(&["history", "--entity", "Orders"]).contains("it is one of "));
}

//! `ccdesk history` and `ccdesk undo`: what was done, and taking it back.

use serde_json::Value as Json;

use crate::home::Home;

fn listed(home: &Home, more: &[&str]) -> Vec<Json> {
    let lines = home.succeeds(&[&["history", "--format", "json"], more].concat());
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn what_was_done_is_listed_undone_and_done_again() {
    let home = Home::with_demo();
    let grant = ["access", "grant", "chris_armstrong@mail.com", "00003", "00004", "--anyway"];
    home.succeeds(&grant);
    let accesses =
        || home.succeeds(&["access", "list", "--user", "chris_armstrong@mail.com"]).lines().count();
    let granted = accesses();
    let newest = |more: &[&str]| listed(&home, more).remove(0);
    let done = newest(&["--operator", "command line"]);
    assert_eq!(
        (&done["purpose"], &done["login"]),
        (&"Grant access to 2 customers".into(), &"command line".into())
    );
    assert_eq!(newest(&["--entity", "customers - external access"]), done);
    assert_eq!(newest(&["chris_armstrong@mail.com", "--since", "2024-04-01"]), done);
    let id = done["operation"].as_str().expect("an id");
    let plan = home.succeeds(&["undo", id, "--dry-run"]);
    assert_eq!(plan.lines().count(), 2, "{plan}");
    assert!(plan.lines().all(|step| step.starts_with("Remove Customer - External Access “")), "{plan}");
    assert_eq!((accesses(), newest(&[])), (granted, done.clone()), "nothing was done");
    let undone = home.succeeds(&["undo", id]);
    assert!(undone.starts_with(&plan) && undone.contains("Undo: Grant access to 2 customers (operation "));
    assert_eq!(accesses(), granted - 2);
    let again = home.run(&["undo", id]);
    assert_eq!(again.status, 1);
    assert!(
        again.err.starts_with("ccdesk: This operation was undone already, by command line on "),
        "{}",
        again.err
    );
    let undo = newest(&[]);
    assert_eq!((&undo["undoes"], &undo["undone_by"]), (&done["operation"], &Json::Null));
    assert_eq!(listed(&home, &[])[1]["undone_by"], undo["operation"]);
    home.succeeds(&["undo", undo["operation"].as_str().expect("an id")]);
    assert_eq!((accesses(), &newest(&[])["purpose"]), (granted, &"Redo: Grant access to 2 customers".into()));
    let table = home.succeeds(&["history", "--operator", "command line"]);
    assert!(table.starts_with("Operation ") && table.lines().count() == 4, "{table}");
    let csv = home.succeeds(&["history", "--format", "csv", "--operator", "nobody"]);
    assert_eq!(csv, "operation,at,login,purpose,records,undoes,undone_by,undone_by_login\n");
}

#[test]
fn an_import_is_listed_by_its_file_and_its_objects_are_undone() {
    let home = Home::with_demo();
    home.write(
        "types.json",
        r#"[{"@odata.type": "Erp.Crm_Sales_CustomerType", "Name": {"en": "Retail \u001b[2J"}}]"#,
    );
    home.succeeds(&["import", "types.json"]);
    let done = listed(&home, &["--operator", "import"]).remove(0);
    assert_eq!(done["purpose"], "Import of types.json");
    let undone = home.succeeds(&["undo", done["operation"].as_str().expect("an id")]);
    assert!(undone.starts_with("Remove Customer Type “Retail ␛[2J”\n"), "{undone}");
}

#[test]
fn what_cannot_be_understood_is_said_with_the_way_out() {
    let home = Home::with_demo();
    assert!(home.refused(&["undo", "yesterday"]).contains("`ccdesk history` lists them"));
    assert!(home.refused(&["history", "nobody"]).contains("“nobody”"));
    assert!(home.refused(&["history", "--since", "yesterday"]).contains("2024-04-01"));
    assert!(home.refused(&["history", "--entity", "Orders"]).contains("it is one of "));
    let unknown = home.run(&["undo", "01926b7e-3d4c-7a51-9c1e-2f6a1b0c9d8e"]);
    assert_eq!(unknown.status, 1);
    assert!(unknown.err.starts_with("ccdesk: There is no operation 01926b7e-"), "{}", unknown.err);
}

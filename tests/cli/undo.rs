//! `ccdesk undo`: taking back what was done.

use serde_json::Value as Json;

use crate::history::listed;
use crate::home::Home;

#[test]
fn an_operation_is_taken_back_and_done_again() {
    let home = Home::with_demo();
    let accesses = || home.succeeds(&["access", "list", "--user", "chris.armstrong@mail.com"]);
    let before = accesses();
    home.succeeds(&["access", "grant", "chris.armstrong@mail.com", "00003", "00004", "--anyway"]);
    let granted = accesses();
    let newest = || listed(&home, &[]).remove(0);
    let done = newest();
    let id = done["operation"].as_str().expect("an id");
    let plan = home.succeeds(&["undo", id, "--dry-run"]);
    assert_eq!(plan.lines().count(), 2, "{plan}");
    assert!(plan.lines().all(|step| step.starts_with("Remove External Access “")), "{plan}");
    assert_eq!((accesses(), newest()), (granted.clone(), done.clone()), "nothing was done");
    let undone = home.succeeds(&["undo", id]);
    let undo = newest();
    let last = format!(
        "Undo: Grant access to 2 customers (operation {})\n",
        undo["operation"].as_str().expect("one")
    );
    assert_eq!((undone, accesses()), (plan + &last, before));
    assert_eq!((&undo["undoes"], &undo["undone_by"]), (&done["operation"], &Json::Null));
    assert_eq!(listed(&home, &[])[1]["undone_by"], undo["operation"]);
    let again = home.run(&["undo", id]);
    assert_eq!(again.status, 1);
    assert!(
        again.err.starts_with("ccdesk: This operation was undone already, by command line on "),
        "{}",
        again.err
    );
    home.succeeds(&["undo", undo["operation"].as_str().expect("an id")]);
    assert_eq!((accesses(), &newest()["purpose"]), (granted, &"Redo: Grant access to 2 customers".into()));
}

#[test]
fn an_import_is_taken_back_and_its_names_are_harmless() {
    let home = Home::with_demo();
    let types = r#"[{"@odata.type": "Erp.Crm_Sales_CustomerType", "Name": {"en": "Retail \u001b[2J"}}]"#;
    home.write("types.json", types);
    home.succeeds(&["import", "types.json"]);
    let done = listed(&home, &["--operator", "import"]).remove(0);
    assert_eq!(done["purpose"], "Import of types.json");
    let undone = home.succeeds(&["undo", done["operation"].as_str().expect("an id")]);
    assert!(undone.starts_with("Remove Customer Type “Retail ␛[2J”\n"), "{undone}");
}

#[test]
fn an_operation_that_is_not_there_is_said_with_the_way_out() {
    let home = Home::with_demo();
    assert!(home.refused(&["undo", "yesterday"]).contains("`ccdesk history` lists them"));
    let unknown = home.run(&["undo", "01926b7e-3d4c-7a51-9c1e-2f6a1b0c9d8e"]);
    assert_eq!(unknown.status, 1);
    assert!(unknown.err.starts_with("ccdesk: There is no operation 01926b7e-"), "{}", unknown.err);
}

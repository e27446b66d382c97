//! `ccdesk import`: its messages and exit statuses. `tests/import.rs` tests what it does to the database.

use std::fs;

use serde_json::Value as Json;

use crate::home::{DEMO, Home, mode};

/// A sample of `tests/data`.
macro_rules! sample {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/", $name)
    };
}

const DUMP: &str = sample!("instance-dump.json");

#[test]
fn a_file_is_taken_over_and_a_second_time_changes_nothing() {
    let home = Home::new();
    for said in [
        "30 added, 4 modified, 0 deleted, 0 unchanged, 0 failed.",
        "0 added, 0 modified, 0 deleted, 34 unchanged",
    ] {
        let ran = home.run(&["import", DUMP]);
        assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
}

#[test]
fn several_files_are_taken_in_order_and_a_dash_is_standard_input() {
    let home = Home::new();
    let parties = fs::read_to_string(sample!("instance-parties.jsonl")).expect("a sample");
    let ran = home.run_with_input(
        &parties,
        &["import", "-", sample!("instance-users.json"), sample!("instance-access.json")],
    );
    assert_eq!(ran.status, 0, "{}", ran.err);
    let said: Vec<&str> = ran.err.lines().map(|line| line.split(": ").next().unwrap_or_default()).collect();
    assert_eq!(said, ["-", sample!("instance-users.json"), sample!("instance-access.json")]);
}

#[test]
fn a_dry_run_says_the_same_and_keeps_nothing() {
    let home = Home::new();
    home.succeeds(&["operator", "add", "ivan", "--name", "Ivan Petrov"]);
    for said in ["30 added", "Nothing was kept: this was a dry run.", "30 added"] {
        let ran = home.run(&["import", DUMP, "--dry-run"]);
        assert_eq!((ran.status, ran.err.contains(said)), (0, true), "{}", ran.err);
    }
}

#[test]
fn the_report_has_a_line_for_each_object_and_is_its_owners_alone() {
    let home = Home::new();
    home.succeeds(&["import", DUMP, "--report", "report.jsonl"]);
    let report = fs::read_to_string(home.path("report.jsonl")).expect("a report");
    let lines: Vec<Json> = report.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 34);
    assert!(lines.iter().all(|line| line["@odata.id"].is_string()), "{report}");
    assert_eq!(mode(&home.path("report.jsonl")), 0o600);
}

#[test]
fn the_exit_status_of_import_says_how_it_went() {
    let home = Home::new();
    for (file, status, said) in [
        (sample!("bad/missing-required.json"), 1, "Name is required"),
        (sample!("bad/missing-reference-all-objects.json"), 1, "all of its objects or none"),
        (sample!("bad/nan.json"), 2, "cannot be read on"),
        ("no-such-file.json", 2, "no-such-file.json cannot be read: "),
        (".", 2, ". cannot be read: "),
    ] {
        let ran = home.run(&["import", file]);
        assert_eq!((ran.status, ran.out.as_str()), (status, ""), "{file}: {}", ran.err);
        assert!(ran.err.contains(said), "{file}: {}", ran.err);
    }
    // The worst result counts, and the files after it are still imported.
    let ran = home.run(&["import", "no-such-file.json", DEMO]);
    assert_eq!((ran.status, ran.err.contains(" 0 failed.")), (2, true), "{}", ran.err);
}

#[test]
fn a_report_that_cannot_be_written_is_said_before_anything_is_taken_over() {
    let home = Home::new();
    let said = home.refused(&["import", DUMP, "--report", "nowhere/report.jsonl"]);
    assert!(said.contains("the report nowhere/report.jsonl cannot be written"), "{said}");
    let ran = home.run(&["import", DUMP]);
    assert!(ran.err.contains("30 added"), "{}", ran.err);
}

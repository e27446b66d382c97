//! `ccdesk import`: its messages and exit statuses. `tests/import/` tests what it does to the database.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::home::{DEMO, Home, PENDING, PROGRAM, Ran, mode};

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
fn a_report_never_takes_the_place_of_the_database_or_an_input() {
    let home = Home::new();
    let dump = home.write("dump.json", fs::read(DUMP).expect("a dump"));
    home.succeeds(&["import", &dump]);
    let database = home.path(".local/share/ccdesk/ccdesk.db");
    symlink(&database, home.path("link")).expect("a link");
    fs::hard_link(&dump, home.path("other-name.json")).expect("a second name");
    let content = |path: &Path| fs::read(path).expect("it is there");
    let before = (content(&database), content(Path::new(&dump)));
    let mut named =
        vec![database.clone(), home.path("link"), dump.clone().into(), home.path("other-name.json")];
    named.extend(["-wal", "-shm"].map(|end| home.path(&format!(".local/share/ccdesk/ccdesk.db{end}"))));
    for report in named {
        let report = report.to_str().expect("text");
        for force in [&[][..], &["--force"]] {
            let said = home.refused(&[&["import", &dump, "--report", report], force].concat());
            let sentence = "cannot be written: it is the database or an input; name another file";
            assert!(said.contains(sentence), "{said}");
        }
    }
    assert!((content(&database), content(Path::new(&dump))) == before, "something was changed");
    // A database that is not there yet, under another path.
    fs::create_dir(home.path("folder")).expect("a directory");
    symlink(home.path("."), home.path("linked")).expect("a link");
    for report in ["folder/../new.db", "linked/new.db"] {
        let said = home.refused(&["--db", "sqlite:new.db", "import", &dump, "--report", report, "--force"]);
        assert!(said.contains("it is the database or an input"), "{said}");
        assert!(!home.path("new.db").exists());
    }
    home.succeeds(&["import", &dump]);
}

#[test]
fn a_report_replaces_a_file_only_when_it_is_told_to_and_only_as_a_whole() {
    let home = Home::new();
    let report = home.write("report.jsonl", "mine\n");
    let said = home.refused(&["import", DUMP, "--report", "report.jsonl"]);
    assert!(said.contains("it is there already; name another file, or give --force"), "{said}");
    // The import does not begin, so the report of before is kept.
    home.refused(&["import", DUMP, "--dry-run", "--report", "report.jsonl", "--force"]);
    assert_eq!(fs::read_to_string(&report).expect("still there"), "mine\n");
    home.succeeds(&["import", DUMP, "--report", "report.jsonl", "--force"]);
    assert_eq!(fs::read_to_string(&report).expect("a report").lines().count(), 34);
    let said = home.refused(&["import", DUMP, "--report", "/dev/null", "--force"]);
    assert!(said.contains("it is not a regular file; name another one"), "{said}");
    fs::create_dir(home.path("directory")).expect("a directory");
    for folder in ["directory", "directory/", "no-such-folder/"] {
        for force in [&[][..], &["--force"]] {
            let said = home.refused(&[&["import", DUMP, "--report", folder], force].concat());
            assert!(said.contains("it names a folder; name a file in it"), "{said}");
        }
    }
    assert!(!home.path("no-such-folder").exists());
}

#[test]
fn a_report_that_cannot_be_written_is_said_before_anything_is_taken_over() {
    let home = Home::new();
    let said = home.refused(&["import", DUMP, "--report", "nowhere/report.jsonl"]);
    assert!(said.contains("the report nowhere/report.jsonl cannot be written"), "{said}");
    let ran = home.run(&["import", DUMP]);
    assert!(ran.err.contains("30 added"), "{}", ran.err);
}

/// Customer types, an object a line.
fn customer_types(count: u32) -> String {
    let line = |number| {
        format!(
            "{{\"@odata.type\": \"Crm_Sales_CustomerType\", \"Id\": \"7b1e0000-52c0-4d1f-9a3e-4f00{number:08}\", \
             \"Name\": \"Type {number}\"}}\n"
        )
    };
    (0..count).map(line).collect()
}

#[test]
fn a_signal_ends_an_import_at_a_whole_object_and_it_says_what_was_kept() {
    let home = Home::new();
    home.succeeds(&["operator", "add", "ivan", "--name", "Ivan Petrov"]);
    let all = customer_types(20_000);
    let file = home.write("types.jsonl", &all);
    let mut command = home.command(&["import", &file, "--report", "report.jsonl"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    // Some objects are in the log of the database.
    let log = home.path(".local/share/ccdesk/ccdesk.db-wal");
    while fs::metadata(&log).map_or(0, |log| log.len()) < 1 << 20 {
        std::thread::yield_now();
    }
    let id = rustix::process::Pid::from_raw(child.id().try_into().expect("an id")).expect("a process");
    rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it lives");
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(143), "{said}");
    assert!(said.contains("types.jsonl was not imported to its end: it was asked to stop\n"), "{said}");
    let (_, rest) = said.split_once("are kept: all objects to line ").expect("what was kept");
    let kept: usize = rest.split_once('.').and_then(|(line, _)| line.parse().ok()).expect("a line");
    let report = fs::read_to_string(home.path("report.jsonl")).expect("a report");
    let lines: Vec<Json> = report.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), kept + 1);
    let last = lines.last().expect("a line");
    assert_eq!((&last["@erpnet.result"], &last["line"]), (&"fail".into(), &kept.into()));
    assert!(
        last["@erpnet.message"].as_str().expect("a message").contains("it was asked to stop. The "),
        "{last}"
    );
    let before: String = all.lines().take(kept + 1).map(|line| format!("{line}\n")).collect();
    let again = home.run(&["import", &home.write("before.jsonl", before)]);
    let expected = format!("1 added, 0 modified, 0 deleted, {kept} unchanged, 0 failed.");
    assert!(again.err.contains(&expected), "{}", again.err);
}

#[test]
fn while_standard_input_pauses_others_write_and_a_signal_ends_it() {
    let home = Home::with_demo();
    for (payload, dry_run) in [("per-object", "--dry-run"), ("all-objects", "--report=report.jsonl")] {
        let mut command = home.command(&["import", "-", dry_run]);
        let mut child =
            command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let mut input = child.stdin.take().expect("piped");
        let objects = customer_types(400).lines().collect::<Vec<_>>().join(",\n");
        write!(input, "{{\"transaction\": \"{payload}\", \"objects\": [{objects}").expect("it listens");
        input.flush().expect("it listens");
        home.succeeds(&["access", "grant", PENDING, "00028"]);
        home.succeeds(&["access", "revoke", PENDING, "00028"]);
        let id = rustix::process::Pid::from_raw(child.id().try_into().expect("an id")).expect("a process");
        rustix::process::kill_process(id, rustix::process::Signal::INT).expect("it lives");
        let ran = Ran::of(&child.wait_with_output().expect("it ends"));
        assert_eq!(ran.status, 130, "{}", ran.err);
        assert!(ran.err.contains("it was asked to stop; nothing of it was imported"), "{}", ran.err);
        drop(input);
    }
}

#[test]
fn a_dry_run_without_a_database_says_so_and_advises_no_import() {
    let home = Home::new();
    let said = home.refused(&["import", DUMP, "--dry-run"]);
    assert!(
        said.contains("there is no ccdesk database here, and a dry run makes none; check the name"),
        "{said}"
    );
}

#[test]
fn a_file_that_gets_the_reports_name_meanwhile_is_kept_and_the_import_is_said_to_be_done() {
    let home = Home::new();
    let mut command = home.command(&["import", "-", "--report", "report.jsonl"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut input = child.stdin.take().expect("piped");
    // Standard input is still open, so the import has not ended.
    let report = home.path("report.jsonl");
    while fs::read_dir(home.path("")).expect("a directory").count() < 2 {
        std::thread::yield_now();
    }
    fs::write(&report, "mine\n").expect("a file");
    input.write_all(&fs::read(DUMP).expect("a dump")).expect("it listens");
    drop(input);
    let ran = Ran::of(&child.wait_with_output().expect("it ends"));
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains("the report report.jsonl could not be written (")
            && ran.err.ends_with("); the import itself is done\n"),
        "{}",
        ran.err
    );
    assert_eq!(fs::read_to_string(&report).expect("still there"), "mine\n");
    assert!(home.run(&["import", DUMP]).err.contains("34 unchanged"), "it is done");
}

#[test]
fn an_import_goes_on_and_keeps_its_exit_status_when_nobody_reads_its_messages() {
    let home = Home::new();
    let bad = home.write(
        "bad.json",
        r#"{"@odata.type": "Erp.No_Such_Thing", "Id": "11111111-0000-4000-8000-000000000001"}"#,
    );
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let arguments = ["import", &bad, DUMP, "--report", "report.jsonl"];
    let status = home.command(&arguments).stderr(writer).status().expect("the program runs");
    assert_eq!(status.code(), Some(1));
    let report = fs::read_to_string(home.path("report.jsonl")).expect("a report");
    assert_eq!(report.lines().count(), 35);
}

/// Runs the program so that it can write no file longer than this, as on a full disk.
fn run_with_longest_file(home: &Home, kibibytes: u32, arguments: &[&str]) -> Ran {
    let limited = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", 2 * kibibytes);
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &limited, PROGRAM]).args(arguments);
    command.env_clear().env("HOME", home.path("")).current_dir(home.path("")).stdin(Stdio::null());
    Ran::of(&command.output().expect("the program runs"))
}

#[test]
fn an_import_goes_on_when_its_report_cannot_be_written() {
    let home = Home::new();
    home.succeeds(&["operator", "add", "ivan", "--name", "Ivan Petrov"]);
    let bad = home.write("bad.jsonl", "{\"@odata.type\": \"No_Such_Thing\"}\n".repeat(30_000));
    let ran = run_with_longest_file(&home, 2048, &["import", &bad, DUMP, "--report", "report.jsonl"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    for said in ["bad.jsonl: 0 added, 0 modified, 0 deleted, 0 unchanged, 30000 failed.", "30 added"] {
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    let last = ran.err.lines().last().expect("a line");
    assert!(last.starts_with("the report report.jsonl could not be written ("), "{last}");
    assert!(last.ends_with("); the import itself is done"), "{last}");
    assert!(!home.path("report.jsonl").exists());
}

#[test]
fn an_import_whose_temporary_disk_is_full_counts_all_that_it_has_kept() {
    let home = Home::new();
    home.succeeds(&["operator", "add", "ivan", "--name", "Ivan Petrov"]);
    let long = "x".repeat(1 << 20);
    let waits = |number| {
        format!(
            "{{\"@odata.type\": \"General_Contacts_Person\", \"FirstName\": \"W{number}\", \"Other\": \"{long}\", \"ParentParty\": \
             {{\"@odata.id\": \"General_Contacts_Persons(66666666-0000-4000-8000-000000000099)\"}}}}\n"
        )
    };
    // What waits goes to a file when it is longer than 8 MiB: in a stretch, with others behind it.
    let types = customer_types(400);
    let mut all: Vec<String> = types.lines().map(|line| format!("{line}\n")).collect();
    for number in 0..12 {
        all.insert(10 * number + 5, waits(number));
    }
    let file = home.write("waiting.jsonl", all.concat());
    let ran = run_with_longest_file(&home, 4096, &["import", &file]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    let said = "objects that wait for others could not be set aside in a temporary file";
    assert!(ran.err.contains(said), "{}", ran.err);
    let added: u64 = ran
        .err
        .split_once("waiting.jsonl: ")
        .and_then(|(_, rest)| rest.split_once(" added,"))
        .and_then(|(added, _)| added.parse().ok())
        .expect("a count");
    assert!((1..400).contains(&added), "{}", ran.err);
    let again = home.run(&["import", &home.write("types.jsonl", &types)]);
    let said = format!("{} added, 0 modified, 0 deleted, {added} unchanged, 0 failed.", 400 - added);
    assert!(again.err.contains(&said), "{}", again.err);
}

#[test]
fn a_hang_up_ends_an_import_unless_it_was_started_to_ignore_it() {
    let home = Home::new();
    // The bit of a signal that is caught last: SIGHUP, or SIGTERM where SIGHUP is ignored.
    for (ignoring, status, bit) in [("", 129, 0), ("trap '' HUP; ", 0, 14)] {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("{ignoring}exec \"$0\" import -"), PROGRAM]);
        command.env_clear().env("HOME", home.path("")).stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut input = child.stdin.take().expect("piped");
        input.write_all(customer_types(1).as_bytes()).expect("it listens");
        // The signals are watched for before the input is read to its end.
        let id = child.id();
        let is_watched = || {
            let status = fs::read_to_string(format!("/proc/{id}/status")).expect("it lives");
            let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("a mask").trim();
            u64::from_str_radix(mask, 16).expect("a number") >> bit & 1 == 1
        };
        while !is_watched() {
            std::thread::yield_now();
        }
        let pid = rustix::process::Pid::from_raw(id.try_into().expect("an id")).expect("a process");
        rustix::process::kill_process(pid, rustix::process::Signal::HUP).expect("it lives");
        if status == 0 {
            drop(input);
        }
        let ran = Ran::of(&child.wait_with_output().expect("it ends"));
        assert_eq!(ran.status, status, "{}", ran.err);
        let said = if status == 0 { "1 added" } else { "it was asked to stop; nothing of it was imported" };
        assert!(ran.err.contains(said), "{}", ran.err);
    }
}

#[test]
fn a_report_never_takes_the_place_of_the_file_that_standard_input_comes_from() {
    let home = Home::new();
    let dump = home.write("dump.json", fs::read(DUMP).expect("a dump"));
    let mut command = home.command(&["import", "-", "--report", "dump.json", "--force"]);
    command.stdin(fs::File::open(&dump).expect("the dump"));
    let ran = Ran::of(&command.output().expect("the program runs"));
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("it is the database or an input; name another file"), "{}", ran.err);
    assert!(fs::read(&dump).expect("it is there") == fs::read(DUMP).expect("a dump"));
}

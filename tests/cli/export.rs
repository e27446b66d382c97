//! `ccdesk export`: its files, messages and exit statuses. `tests/export/` tests that what it writes comes back.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::home::{Home, PENDING, PROGRAM, Ran, files, mode};
use crate::terminal::InTerminal;

fn objects(lines: &str) -> Vec<Json> {
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn everything_is_written_as_a_payload_and_as_lines_without_a_word() {
    let home = Home::with_demo();
    let ran = home.run(&["export"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let payload: Json = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(payload["transaction"], "per-object");
    let lines = objects(&home.succeeds(&["export", "--format", "jsonl"]));
    assert_eq!(payload["objects"], Json::from(lines.clone()));
    assert!(lines.iter().all(|object| object["@erpnet.action"] == "merge"));
    assert!(lines.iter().all(|object| object.get("Password").is_none()));
    let chris = lines.iter().find(|object| object["Login"] == PENDING).expect("everything");
    assert_eq!(chris["UserType"], "ExternalCommunityUser");
}

#[test]
fn a_file_is_its_owners_alone_and_what_its_name_says() {
    let home = Home::with_demo();
    for (file, begins) in [
        ("all.json", &b"{\"transaction\":"[..]),
        ("users.jsonl", b"{\"@odata.type\":\"Erp.Systems_Security_User\""),
        ("users.csv", b"Login,Name,"),
        ("users.xlsx", b"PK\x03\x04"),
    ] {
        let entity: &[&str] = if file == "all.json" { &[] } else { &["users"] };
        let ran = home.run(&[&["export", "--out", file], entity].concat());
        assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (0, "", ""), "{file}");
        let content = fs::read(home.path(file)).expect("a file");
        assert!(content.starts_with(begins), "{file}: {}", String::from_utf8_lossy(&content[..40]));
        assert_eq!(mode(&home.path(file)), 0o600);
    }
}

#[test]
fn an_entity_a_filter_a_view_and_a_time_say_which_records() {
    let home = Home::with_demo();
    let logins = |arguments: &[&str]| -> Vec<String> {
        let lines = home.succeeds(&[&["export", "--format", "jsonl"], arguments].concat());
        objects(&lines).iter().map(|object| object["Login"].as_str().expect("a user").to_owned()).collect()
    };
    let all = logins(&["Users"]);
    assert_eq!(logins(&["Systems_Security_Users"]), all);
    let pending = logins(&["users", "--view", "pending"]);
    assert!(pending.contains(&PENDING.to_owned()) && pending.len() < all.len(), "{pending:?}");
    assert_eq!(logins(&["users", "--filter", "Login=chris_arm", "--filter", "user type=ext"]), [PENDING]);
    assert_eq!(logins(&["users", "--changed-since", "2999-01-01"]), [] as [String; 0]);
    assert_eq!(logins(&["users", "--changed-since", "2020-01-01T13:25Z"]), all);
    let blocked = logins(&["users", "--view", "Blocked", "--site", "cc"]);
    assert!(!blocked.is_empty() && blocked.len() < all.len(), "{blocked:?}");
    let table = home.succeeds(&["export", "users", "--format", "csv", "--site", "cc"]);
    assert!(table.starts_with("Access,Login,") && table.contains("\nCC002,"), "{table}");
}

#[test]
fn what_is_not_known_is_said_with_what_comes_near() {
    let home = Home::with_demo();
    for (arguments, said) in [
        (&["usres"][..], "there is no entity “usres”; do you mean Users?"),
        (&["xyzzy"], "there are: Currencies, Countries"),
        (&["users", "--filter", "Logn=a"], "Users have no field “Logn”; do you mean Login?"),
        (&["users", "--filter", "Login"], "takes a field and a text, such as Login=harper"),
        (&["users", "--filter", "Login="], "write Login=(empty)"),
        (&["users", "--filter", "Active=perhaps"], "yes or no"),
        (&["users", "--filter", "Password=a"], "cannot be filtered"),
        (&["users", "--view", "Pendin"], "Users have no view “Pendin”; do you mean Pending?"),
        (&["countries", "--view", "All"], "Countries have no views"),
        (&["users", "--view", "Blocked"], "name it with --site"),
        (&["users", "--site", "nowhere"], "there is no Client Center site “nowhere”"),
        (&["countries", "--site", "cc"], "nobody is judged"),
        (&["users", "--changed-since", "yesterday"], "not a time such as"),
        (&["--format", "csv"], "of one entity; name it"),
        (&["users", "customers", "--format", "xlsx", "--out", "x"], "of one entity; name it"),
        (&["--view", "Pending"], "of one entity; name it"),
    ] {
        let sentence = home.refused(&[&["export"], arguments].concat());
        assert!(sentence.contains(said), "{arguments:?}: {sentence}");
    }
    assert!(home.run(&["export", "--force"]).err.contains("--out"));
}

#[test]
fn a_file_that_is_there_is_replaced_only_by_force_and_never_the_database() {
    let home = Home::with_demo();
    home.write("old.json", "old");
    let database = files(&home.path(".local")).into_iter().find(|file| file.ends_with("ccdesk.db"));
    let database = database.expect("the usual database");
    let wal = format!("{}-wal", database.display());
    symlink(&database, home.path("link.json")).expect("a link");
    symlink(home.path("old.json"), home.path("dangling-or-not.json")).expect("a link");
    let before = fs::read(&database).expect("a database");
    for (out, force, said) in [
        ("old.json", false, "there already; name another file, or give --force"),
        (database.to_str().expect("UTF-8"), true, "it is the database"),
        (wal.as_str(), true, "it is the database"),
        ("link.json", true, "it is the database"),
        ("dangling-or-not.json", true, "not a regular file"),
        (".local", true, "names a folder"),
        ("missing/all.json", false, "No such file or directory"),
        ("/dev/full", false, "there already"),
        ("/dev/full", true, "not a regular file"),
    ] {
        let force: &[&str] = if force { &["--force"] } else { &[] };
        let sentence = home.refused(&[&["export", "--out", out], force].concat());
        assert!(sentence.contains(said) && sentence.contains("cannot be written"), "{out}: {sentence}");
    }
    assert_eq!(fs::read(&database).expect("a database"), before);
    assert_eq!(fs::read_to_string(home.path("old.json")).expect("a file"), "old");
    home.succeeds(&["export", "--out", "old.json", "--force"]);
    assert!(fs::read_to_string(home.path("old.json")).expect("a file").starts_with("{\"transaction\""));
}

#[test]
fn a_full_disk_leaves_the_old_file_and_no_half_of_the_new_one() {
    let home = Home::with_demo();
    home.write("out/all.json", "old");
    // The file may have 40 KiB, and the signal about it is ignored: writing fails as on a full disk.
    let script = format!("trap '' XFSZ; ulimit -f 80; exec {PROGRAM} export --out out/all.json --force");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).env_clear().env("HOME", home.path("")).current_dir(home.path(""));
    let ran = Ran::of(&command.output().expect("a shell"));
    assert_eq!((ran.status, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{}", ran.err);
    assert!(ran.err.contains("out/all.json could not be written: "), "{}", ran.err);
    assert_eq!(files(&home.path("out")), [home.path("out/all.json")]);
    assert_eq!(fs::read_to_string(home.path("out/all.json")).expect("a file"), "old");
}

#[test]
fn an_output_that_takes_no_more_ends_with_a_sentence() {
    let home = Home::with_demo();
    for format in ["odata", "csv", "xlsx"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
        let output = home.command(&["export", "users", "--format", format]).stdout(full).output();
        let ran = Ran::of(&output.expect("it runs"));
        assert_eq!((ran.status, ran.err.lines().count()), (2, 1), "{format}: {}", ran.err);
        assert!(ran.err.contains("standard output could not be written: "), "{}", ran.err);
    }
    let mut child =
        home.command(&["export"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut line = String::new();
    BufReader::with_capacity(64, child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    let ran = Ran::of(&child.wait_with_output().expect("it ends"));
    assert_eq!((ran.status, line.is_empty()), (2, false));
    assert_eq!(ran.err, "ccdesk: whoever read standard output has gone; the export is not whole\n");
}

#[test]
fn a_copy_that_can_only_be_read_is_exported() {
    let home = Home::with_demo();
    let database = files(&home.path(".local")).into_iter().find(|file| file.ends_with("ccdesk.db"));
    let copy = home.path("copy.db");
    fs::copy(database.expect("the usual database"), &copy).expect("a copy");
    let mut permissions = fs::metadata(&copy).expect("a copy").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&copy, permissions).expect("a file that can only be read");
    let address = format!("sqlite:{}", copy.display());
    let exported = home.succeeds(&["--db", &address, "export"]);
    assert_eq!(exported, home.succeeds(&["export"]));
    let missing = home.refused(&["--db", "sqlite:missing.db", "export", "--out", "all.json"]);
    assert!(missing.contains("missing.db"), "{missing}");
    assert!(!home.path("all.json").exists() && !home.path("missing.db").exists());
}

#[test]
fn a_terminal_gets_no_workbook() {
    let home = Home::with_demo();
    let mut terminal = InTerminal::start(&home, "xterm", &["export", "users", "--format", "xlsx"]);
    terminal.wait_for("name a file with --out");
}

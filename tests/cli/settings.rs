//! What all commands have in common: the database, the configuration, the files they create.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::home::{DEMO, Home, Ran, mode};

#[test]
fn what_is_no_database_of_ours_is_said_and_left_alone() {
    let home = Home::new();
    let letter = "Dear Sir or Madam, this is a letter and not a database at all.\n".repeat(100);
    let path = home.write("letter.txt", &letter);
    for command in [&["check"][..], &["import", DEMO]] {
        let said = home.refused(&[&["--db", "sqlite:letter.txt"], command].concat());
        assert!(said.contains("letter.txt: this file is not a database"), "{said}");
        assert_eq!(fs::read_to_string(&path).expect("still there"), letter);
    }
    assert!(home.refused(&["check", "--db", "sqlite:."]).contains("this is a directory"));
    assert!(home.refused(&["check", "--db", "sqlite:new.db"]).contains("there is no ccdesk database here"));
    assert!(!home.path("new.db").exists());
    assert!(home.refused(&["import", DEMO, "--dry-run"]).contains("there is no ccdesk database here"));
}

#[test]
fn a_password_in_an_address_is_never_repeated() {
    let home = Home::new();
    home.write(".config/ccdesk/config.toml", "log = \"trace\"\n");
    let address_is_wrong = "the address of the database cannot be used:";
    for (address, expected) in [
        ("postgres://clerk:geheim@127.0.0.1:1/acme", "the database server does not answer"),
        ("mysql://clerk:geheim@host/acme", "a database is named as sqlite:PATH"),
        (
            "postgres://clerk:p#geheim@host/acme",
            "in a user name, a password or a value, `#` is written `%23`",
        ),
        ("postgres://127.0.0.1:1/acme?passwort=geheim", "there is no parameter `passwort`; leave it out"),
    ] {
        let said = home.refused(&["check", "--db", address]);
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("geheim"), "{said}");
        assert_eq!(said.contains(address_is_wrong), expected.contains('`'), "{said}");
    }
    let log = fs::read_to_string(home.path(".local/state/ccdesk/ccdesk.log")).expect("a log");
    assert!(!log.contains("geheim"));
}

#[test]
fn settings_come_from_the_file_then_the_environment_then_the_command_line() {
    let home = Home::new();
    home.write(".config/ccdesk/config.toml", "database = \"sqlite:by-file.db\"\n");
    home.write("other.toml", "database = \"sqlite:by-other-file.db\"\n");
    let opened = |environment: &str, arguments: &[&str]| {
        let mut command = home.command(&[&["check"], arguments].concat());
        let output = command.env("CCDESK_DATABASE_URL", environment).output().expect("the program runs");
        let said = Ran::of(&output).err;
        said.trim_start_matches("ccdesk: ").split(':').next().expect("a place").to_owned()
    };
    assert_eq!(opened("", &[]), "by-file.db");
    assert_eq!(opened("", &["--config", "other.toml"]), "by-other-file.db");
    assert_eq!(opened("sqlite:by-environment.db", &["--config", "other.toml"]), "by-environment.db");
    assert_eq!(opened("sqlite:by-environment.db", &["--db", "sqlite:by-flag.db"]), "by-flag.db");
}

#[test]
fn a_wrong_configuration_is_said_by_file_and_line() {
    let home = Home::new();
    assert!(
        home.refused(&["check", "--config", "none.toml"])
            .contains("none.toml: the configuration cannot be read")
    );
    for (content, place) in [
        ("log = \"info\"\ndatabse = \"sqlite:x.db\"\n", "own.toml, line 2: unknown field `databse`"),
        ("log = 5\n", "own.toml, line 1: invalid type"),
        ("log = \"info\"\nlog = \"warn\"\n", "own.toml, line 2: duplicate key"),
        ("log = \"=\"\n", "“=” is nothing to log"),
    ] {
        home.write("own.toml", content);
        let said = home.refused(&["check", "--config", "own.toml"]);
        assert!(said.contains(place), "{said}");
    }
}

#[test]
fn what_is_kept_can_be_read_by_its_owner_only() {
    let home = Home::with_demo();
    for (place, expected) in [
        (".local/share/ccdesk", 0o700),
        (".local/share/ccdesk/ccdesk.db", 0o600),
        (".local/state/ccdesk", 0o700),
        (".local/state/ccdesk/ccdesk.log", 0o600),
    ] {
        assert_eq!(mode(&home.path(place)), expected, "{place}");
    }
}

#[test]
fn a_variable_that_is_no_text_is_named_and_no_other_database_is_used() {
    for name in ["CCDESK_DATABASE_URL", "CCDESK_LOG", "HOME", "XDG_DATA_HOME"] {
        let home = Home::new();
        let mut command = home.command(&["import", DEMO]);
        command.env(name, OsStr::from_bytes(b"/tmp/caf\xe9"));
        let output = command.output().expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, format!("ccdesk: {name} is not UTF-8 text; set it anew, or unset it\n"));
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(fs::read_dir(home.path("")).expect("a directory").count(), 0, "nothing was made");
    }
}

#[test]
fn promise_12_a_database_that_others_can_reach_is_said_so_once_and_left_as_it_is() {
    let home = Home::with_demo();
    let database = home.path(".local/share/ccdesk/ccdesk.db");
    let folder = database.parent().expect("a folder").to_owned();
    let said = |file: u32, of_folder: u32| {
        set_mode(&database, file);
        set_mode(&folder, of_folder);
        let ran = home.run(&["access", "list"]);
        assert_eq!((mode(&database), mode(&folder)), (file, of_folder));
        ran.err
    };
    let (name, shown) = (database.display(), folder.display());
    assert_eq!(said(0o600, 0o755), "");
    assert_eq!(
        said(0o640, 0o700),
        format!("ccdesk: Others on this machine can read the database file {name}; run chmod 600 on it.\n")
    );
    assert_eq!(
        said(0o666, 0o777),
        format!(
            "ccdesk: Others on this machine can change the database file {name}; run chmod 600 on it.\n\
            ccdesk: Others on this machine can replace the database file in {shown}; run chmod go-w on that folder.\n"
        )
    );
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}

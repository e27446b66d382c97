//! `ccdesk check`: who cannot enter a Client Center, and why.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::{fs, io};

use serde_json::{Value as Json, json};

use crate::home::{DEMO, Home, PENDING, Ran, files};

const DEMO_README: &str = include_str!("../../assets/demo/README.md");

#[test]
fn check_finds_in_the_demo_company_what_its_readme_says() {
    let home = Home::with_demo();
    let users = table_under(DEMO_README, "Users");
    let logins: Vec<&str> = users.iter().map(|row| row[0]).collect();
    let ran = home.run(&[&["check", "--format", "json"], logins.as_slice()].concat());
    assert_eq!(ran.status, 1, "{}", ran.err);
    let found: Vec<Json> = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(found.len(), users.len() * 2);
    for (row, found) in users.iter().zip(found.chunks(2)) {
        let [login, at_cc, at_cc26, warnings, ..] = row.as_slice() else { panic!("{row:?}") };
        for (found, site, code) in [(&found[0], "cc", at_cc), (&found[1], "cc26", at_cc26)] {
            let sign_in = if *code == "✓" { Json::Null } else { json!(code) };
            assert_eq!((&found["login"], &found["site"]), (&json!(login), &json!(site)));
            assert_eq!(found["sign_in"], sign_in, "{login} at {site}");
            let expected: Vec<&str> =
                warnings.split(';').filter_map(|warning| warning_at(warning.trim(), site)).collect();
            let said: Vec<&str> =
                found["warnings"].as_array().expect("warnings").iter().filter_map(Json::as_str).collect();
            let has_words = |words: &str, said: &str| words.split(' ').all(|word| said.contains(word));
            // One row of the README may stand for the same warning at several customers.
            let all_said = expected.iter().all(|words| said.iter().any(|said| has_words(words, said)));
            let all_meant = said.iter().all(|said| expected.iter().any(|words| has_words(words, said)));
            assert!(all_said && all_meant, "{login} at {site}: {said:?} for {expected:?}");
        }
    }
}

/// The rows of the first table under a heading, without blanks and back-ticks around each text.
fn table_under<'a>(markdown: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let after = markdown.split_once(&format!("\n## {heading}\n")).expect("the heading").1;
    let lines =
        after.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    lines
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect()
}

/// The words of a README warning that are printed at this site; `None` if the warning is about another site.
fn warning_at<'a>(warning: &'a str, site: &str) -> Option<&'a str> {
    let (words, only_at) = match warning.split_once(" (") {
        Some((words, place)) => (words, Some(place.trim_end_matches(')'))),
        None => (warning, None),
    };
    let words = match words {
        "Days Back unlimited" => "Days unlimited",
        "type that cannot sign in" => "type cannot sign in",
        "customer not yet begun" => "customer begins",
        "resembles another login" => "resembles login",
        words => words,
    };
    (!words.is_empty() && only_at.is_none_or(|place| place == site)).then_some(words)
}

#[test]
fn without_logins_check_judges_every_external_user_at_every_active_site() {
    let home = Home::with_demo();
    let ran = home.run(&["check", "--format", "csv"]);
    assert_eq!(ran.status, 1);
    let logins: Vec<&str> = ran.out.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert!(logins.contains(&"chris_armstrong@mail.com"));
    assert!(!logins.contains(&"mkoleva"), "an internal user");
    assert!(!logins.contains(&"buyer@old-mill.example"), "an invitation");
    assert!(logins.chunks(2).all(|at_two_sites| at_two_sites[0] == at_two_sites[1]));
    let failing = home.run(&["check", "--format", "csv", "--failing"]).out;
    let codes = failing.lines().skip(1).map(|line| line.split(',').nth(12).expect("sign_in"));
    assert!(codes.clone().count() > 20);
    assert!(codes.clone().all(|code| code.starts_with("CC")));
}

#[test]
fn check_writes_json_as_codes_md_shows_it() {
    let home = Home::with_demo();
    let ran = home.run(&["check", "TOM.hughes@northgate-tools.example", "--site", "CC", "--format", "json"]);
    let expected = concat!(
        r#"{"login":"tom.hughes@northgate-tools.example","site":"cc","rules":"Person","codes":{"CC002":"ok","#,
        r#""CC003":"ok","CC004":"failed","CC005":"ok","CC006":"blocked","CC007":"blocked","CC008":"ok","#,
        r#""CC009":"ok","CC010":"unused"},"blocked_by":{"CC006":"CC004","CC007":"CC004"},"sign_in":"CC004","#,
        r#""warnings":[]}"#,
        "\n"
    );
    assert_eq!(ran.out, expected);
}

#[test]
fn check_writes_a_table_whose_columns_stand_under_their_names() {
    let home = Home::with_demo();
    let ran =
        home.run(&["check", "haruto.sato@sakura-shoji.example", "chris_armstrong@mail.com", "--site", "cc"]);
    let expected = "\
Login                             Site  Sign-in  CC002  CC003  CC004  CC005  CC006  CC007  CC008  CC009  CC010  Warnings
haruto.sato@sakura-shoji.example  cc    ✓        ✓      ✓      ✓      ✓      ✓      ✓      ✓      ✓
chris_armstrong@mail.com          cc    CC002    ✗      ·      ·      ✓      ·      ·      ✓      ✓             e-mail not confirmed
";
    assert_eq!(ran.out, expected);
}

#[test]
fn the_exit_status_of_check_says_how_it_went() {
    let home = Home::with_demo();
    home.succeeds(&["check", "chris.armstrong@mail.com"]);
    assert_eq!(home.run(&["check", "chris_armstrong@mail.com"]).status, 1);
    assert_eq!(home.run(&["check", "chris.armstrong@mail.com", "--site", "cc-half-settings"]).status, 1);
    assert!(home.refused(&["check", "nobody@mail.com"]).contains("no user has the login “nobody@mail.com”"));
    assert!(home.refused(&["check", "--site", "shop"]).contains("no Client Center site “shop”"));
    let nowhere = Home::new().refused(&["check"]);
    assert!(nowhere.contains(".local/share/ccdesk/ccdesk.db: there is no ccdesk database here"), "{nowhere}");
}

#[test]
fn no_spreadsheet_and_no_terminal_obeys_a_login() {
    let home = Home::new();
    let flood = format!("o{}", "\u{301}".repeat(60));
    let logins = [
        "=cmd|'/C calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝2",
        "x;=2",
        "red\u{1b}[31m",
        "abc\u{202e}def",
        "a,\"b\"",
        &flood,
    ];
    let users = logins.map(|login| {
        json!({"@odata.type": "Erp.Systems_Security_User", "Login": login, "Name": login,
               "UserType": "ExternalCommunityUser"})
        .to_string()
    });
    home.write("users.jsonl", users.join("\n"));
    home.succeeds(&["import", DEMO, "users.jsonl"]);
    let all = |format| home.run(&["check", "--site", "cc", "--format", format]).out;
    for format in ["table", "json", "csv"] {
        let hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!all(format).contains(hidden), "{format}");
        assert!(!all(format).contains(&"\u{301}".repeat(9)), "{format}");
    }
    let csv = all("csv");
    for cell in [
        "'=cmd|'/C calc'!A0,",
        "'+1,",
        "'-1,",
        "'@SUM(A1),",
        "'＝2,",
        "x;'=2,",
        "red␛[31m,",
        "\"a,\"\"b\"\"\",",
    ] {
        assert!(csv.contains(&format!("\n{cell}cc,")), "{cell} in {csv}");
    }
    // JSON has the login as it is stored, but for the flood.
    let json = all("json");
    let found = json.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let found: Vec<String> = found.map(|line| line["login"].as_str().expect("a login").to_owned()).collect();
    for login in ["red\u{1b}[31m", "abc\u{202e}def"] {
        assert!(found.iter().any(|found| found == login), "{login:?}");
    }
}

#[test]
fn whoever_has_read_enough_of_an_answer_hears_no_complaint() {
    let home = Home::with_demo();
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    let output = home.command(&["check"]).stdout(writer).output().expect("the program runs");
    assert_eq!(Ran::of(&output).err, "");
}

#[test]
fn promise_19_a_read_only_copy_can_be_checked_and_listed_and_a_change_is_refused() {
    let home = Home::new();
    let directory = home.path("copies");
    fs::create_dir(&directory).expect("a directory");
    let copy = directory.join("copy.db").display().to_string();
    let address = format!("sqlite:{copy}");
    home.succeeds(&["--db", &address, "import", DEMO]);
    let listings: [&[&str]; 4] =
        [&["check", PENDING], &["access", "list"], &["request", "list"], &["sign-in-preview", PENDING]];
    let listed = |home: &Home| {
        listings.map(|listing| {
            let ran = home.run(&[&["--db", &address], listing].concat());
            (ran.status, ran.out, ran.err)
        })
    };
    let writable = listed(&home);
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o400)).expect("permissions");
    let before = fs::read(&copy).expect("the file");

    assert_eq!(listed(&home), writable);
    let granted = home.refused(&["--db", &address, "access", "grant", PENDING, "00028", "--anyway"]);
    assert_eq!(granted, "ccdesk: the database can only be read, not changed; nothing was saved\n");
    assert_eq!(files(&directory), [directory.join("copy.db")], "a file was left beside the copy");
    assert!(fs::read(&copy).expect("the file") == before, "the copy was changed");
}

#[test]
fn the_exit_status_is_that_of_what_was_found_also_when_nobody_reads_on() {
    let home = Home::with_demo();
    let cases: [(&[&str], i32); 6] = [
        (&["check"], 1),
        (
            &["check", "mkoleva", "--site", "cc", "--format", "json"],
            home.run(&["check", "mkoleva", "--site", "cc"]).status,
        ),
        (&["access", "list", "--format", "csv"], 0),
        (&["request", "list"], 0),
        (&["operator", "list", "--format", "json"], 0),
        (&["sign-in-preview", PENDING], 1),
    ];
    for (arguments, status) in cases {
        let mut command = home.command(arguments);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        drop(child.stdout.take());
        let ended = Ran::of(&child.wait_with_output().expect("it ends"));
        assert_eq!((ended.status, ended.err.as_str()), (status, ""), "{arguments:?}");
    }
}

#[test]
fn a_user_who_is_switched_off_is_shown_as_inactive() {
    let home = Home::with_demo();
    let ran = home.run(&["check", "frank.dunn@northgate-tools.example", "--site", "cc"]);
    let line = ran.out.lines().nth(1).unwrap_or_default();
    assert!(line.contains("cc    inactive"), "{}{}", ran.out, ran.err);
}

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
    let sentence = "ccdesk: This user has no request to decide; there is nothing to reject.\n";
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
    assert!(csv.starts_with("login,name,company,asked_at,message,state,reason,until,warnings\n"), "{csv}");
}

#[test]
fn a_request_waits_is_noted_and_listed_by_its_state() {
    let home = Home::with_demo();
    let lucy = "lucy.harper@mail.example";
    let add = ["request", "add", "--email", lucy, "--name", "Lucy Harper"];
    home.run_with_input("korrekt pferd batterie klammer\n", &add);
    let listed = |state: &str| -> Vec<Json> {
        let lines = home.succeeds(&["request", "list", "--state", state, "--format", "json"]);
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let pending = listed("pending").len();
    let until = ["request", "wait", lucy, "--for", "answer of KK Ltd.", "--until", "2999-01-01"];
    let said = home.succeeds(&until);
    assert_eq!(said, format!("The request of {lucy} waits until 2999-01-01.\n"));
    assert_eq!(listed("pending").len(), pending - 1);
    let [waiting] = &listed("waiting")[..] else { panic!("one waits") };
    assert_eq!(
        (&waiting["login"], &waiting["state"], &waiting["reason"], &waiting["until"]),
        (&json!(lucy), &json!("waiting"), &json!("answer of KK Ltd."), &json!("2999-01-01"))
    );
    home.succeeds(&["request", "note", lucy, "--text", "phoned her"]);
    for (wrong, sentence) in [
        (&["request", "wait", lucy, "--for", " "][..], "Say what the request waits for."),
        (
            &["request", "wait", lucy, "--for", "x", "--until", "2001-01-01"],
            "The day until which a request waits comes after today; choose a later one.",
        ),
        (&["request", "note", lucy, "--text", ""], "Write what is to be noted."),
        (&["request", "note", "mkoleva", "--text", "x"], "This user has not asked for an account"),
    ] {
        let ran = home.run(wrong);
        assert!(ran.status == 1 && ran.err.contains(sentence), "{}", ran.err);
    }
    home.succeeds(&["request", "reject", lucy, "--reason", "unknown"]);
    assert!(listed("rejected").iter().any(|one| one["login"] == lucy && one["reason"] == "unknown"));
    let all = listed("all");
    assert_eq!(all.iter().filter(|one| one["login"] == lucy).count(), 1);
    assert!(all.len() > pending);
}

#[test]
fn an_email_is_one_however_its_letters_are_composed_and_blanks_around_it() {
    let home = Home::with_demo();
    for email in ["a\u{301}nn@mail.example", "\u{e1}nn@mail.example", " \u{c1}NN@mail.example\u{a0}"] {
        let add = ["request", "add", "--email", email, "--name", "Ann Lee"];
        let ran = home.run_with_input("korrekt pferd batterie klammer\n", &add);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{email}");
    }
    let csv = home.succeeds(&["request", "list", "--format", "csv"]);
    let anns: Vec<&str> = csv.lines().filter(|line| line.contains("Ann Lee")).collect();
    assert!(matches!(anns[..], [ann] if ann.starts_with("\u{e1}nn@mail.example,")), "{anns:?}");
}

#[test]
fn promise_10_look_alikes_are_flagged_when_checked_listed_and_granted() {
    let home = Home::with_demo();
    let user = |login: &str, email: Option<&str>| {
        json!({"@odata.type": "Erp.Systems_Security_User", "Login": login, "Email": email, "Name": {"en": "Lea"},
               "UserType": "ExternalCommunityUser", "Active": true})
        .to_string()
    };
    let users = [
        user("mkoIeva", None),
        user("u76", Some("lea.marsh@cove.example")),
        user("u77", Some("le\u{430}.marsh@cove.example")),
    ];
    home.write("users.jsonl", users.join("\n"));
    home.succeeds(&["import", "users.jsonl"]);
    let flagged =
        [("mkoIeva", "resembles the login mkoleva"), ("u77", "resembles the e-mail lea.marsh@cove.example")];
    for command in
        [&["check", "--site", "cc", "--format", "json"][..], &["request", "list", "--format", "json"]]
    {
        let out = home.run(command).out;
        for (login, warning) in flagged {
            let mut lines = out.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
            let found = lines.find(|line| line["login"] == login).expect("the login");
            let warnings = found["warnings"].as_array().expect("warnings");
            assert!(warnings.contains(&json!(warning)), "{command:?}: {found}");
        }
    }
    for (login, _) in flagged {
        let grant = ["access", "grant", login, "00028"];
        let ran = home.run(&grant);
        let asked = format!("“{login}” looks like another user; make sure who it is.");
        assert!(ran.status == 1 && ran.err.contains(&asked), "{}", ran.err);
        home.succeeds(&[&grant[..], &["--anyway"]].concat());
    }
}

#[test]
fn what_a_rule_refuses_and_what_cannot_run_have_different_exit_statuses() {
    let home = Home::with_demo();
    for (arguments, status, said) in [
        (&["request", "reject", PENDING, "--reason", " "][..], 1, "Say why the request is rejected."),
        (&["request", "reject", "mkoleva", "--reason", "no"], 1, "has no request to decide"),
        (&["request", "reopen", PENDING], 1, "there is nothing to reopen"),
        (&["request", "reject", "nobody", "--reason", "no"], 2, "no user has the login “nobody”"),
    ] {
        let ran = home.run(arguments);
        assert_eq!((ran.status, ran.out.as_str(), ran.err.lines().count()), (status, "", 1), "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    assert!(Home::new().refused(&["request", "list"]).contains("there is no ccdesk database here"));
}

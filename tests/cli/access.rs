//! `ccdesk access`: who may see which customer's data.

use serde_json::{Value as Json, json};

use crate::home::{Home, PENDING};

#[test]
fn access_is_granted_listed_and_ended() {
    let home = Home::with_demo();
    let granted = home.succeeds(
        &[
            &[
                "access",
                "grant",
                "CHRIS_armstrong@mail.com",
                "00003",
                "--days",
                "unlimited",
                "--notes",
                "audit",
            ][..],
            &["--role", "billing", "--format", "json"],
        ]
        .concat(),
    );
    let expected = concat!(
        r#"{"customer":"Nimero Ltd. #00003","number":"00003","#,
        r#""user":"Chris Armstrong <chris_armstrong@mail.com> [EXT]","login":"chris_armstrong@mail.com","#,
        r#""role":"Billing","role_code":"L40","days_back":null,"unlimited":true,"oldest":null,"#,
        r#""valid_until":null,"last_used":null,"notes":"audit"}"#,
    );
    assert_eq!(granted.trim_end(), expected);

    let usual = home.succeeds(&["access", "grant", PENDING, "00028", "00029", "00028", "--format", "json"]);
    let usual: Vec<Json> = usual.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(usual.len(), 2);
    for access in &usual {
        assert_eq!((&access["role"], &access["days_back"]), (&json!("OrdersWithPrices"), &json!(30)));
        assert!(access["oldest"].is_string() && access["unlimited"] == json!(false), "{access}");
    }

    let listed = home.succeeds(&["access", "list", "--user", PENDING, "--customer", "00003"]);
    let [heading, row] = listed.lines().collect::<Vec<_>>()[..] else { panic!("{listed}") };
    for word in ["Customer", "Days Back Access"] {
        assert!(heading.contains(word), "{heading}");
    }
    for word in ["Nimero Ltd. #00003", "Billing", "unlimited", "never", "audit"] {
        assert!(row.contains(word), "{row}");
    }
    let csv = home.succeeds(&["access", "list", "--format", "csv", "--customer", "00003"]);
    assert!(
        csv.starts_with("customer,number,user,login,role,days_back,oldest,valid_until,last_used,notes\n"),
        "{csv}"
    );
    assert!(csv.contains(",chris_armstrong@mail.com,Billing,unlimited,,,,audit\n"), "{csv}");

    assert!(home.succeeds(&["access", "revoke", PENDING, "00003"]).contains("Nimero Ltd. #00003"));
    let left = home.succeeds(&["access", "list", "--user", PENDING, "--format", "json"]);
    assert_eq!(left.lines().count(), 2);
}

#[test]
fn what_a_rule_refuses_and_what_cannot_run_have_different_exit_statuses() {
    let home = Home::with_demo();
    let grant = |rest: &[&'static str]| [&["access", "grant"], rest].concat();
    let long: &str = Box::leak("x".repeat(4001).into_boxed_str());
    for (arguments, status, said) in [
        (grant(&["admin@olivia-green.example", "00028"]), 1, "has access to Olivia Green #00028 already"),
        (grant(&["nightly-jobs", "00028"]), 1, "“nightly-jobs” is of a type that cannot sign in"),
        (grant(&["win.a.prize@bulk-offers.example", "00028"]), 1, "grant it all the same with --anyway"),
        (grant(&[PENDING, "00028", "--notes", long]), 1, "Notes takes at most 4000 characters"),
        (vec!["access", "revoke", "jturner", "00028"], 1, "say with --reason why the access ends"),
        (
            vec!["access", "revoke", "nino.beridze@tbilisi-wine.example", "00018"],
            1,
            "make somebody else Admin",
        ),
        (vec!["access", "revoke", PENDING, "00028"], 1, "there is nothing to end"),
        (grant(&[PENDING, "00028", "--days", "-1"]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[PENDING, "00028", "--days", "3.5"]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[PENDING, "00028", "--days", "9999999999"]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[PENDING, "00028", "--days", "many"]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[PENDING, "00028", "--days", "u"]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[PENDING, "00028", "--days", ""]), 2, "whole days from 0 to 36500, or unlimited"),
        (
            grant(&[PENDING, "00028", "--valid-until", "soon"]),
            2,
            "it takes the last day, such as 2026-12-31, or none",
        ),
        (
            grant(&[PENDING, "00028", "--valid-until", ""]),
            2,
            "it takes the last day, such as 2026-12-31, or none",
        ),
        (
            grant(&[PENDING, "--same-as", PENDING]),
            1,
            "nothing that the other has access to and this user has not",
        ),
        (grant(&[PENDING, "--same-as", "nobody@mail.com"]), 2, "no user has the login “nobody@mail.com”"),
        (vec!["access", "change", PENDING, "00028", "--role", "L10"], 1, "there is nothing to change"),
        (
            vec!["access", "change", "jturner", "00028", "--role", "L10"],
            1,
            "say with --reason why the access changes",
        ),
        (
            vec!["access", "change", "jturner", "00028", "--valid-until", "2031-01-01"],
            1,
            "say with --reason why the access changes",
        ),
        (vec!["access", "keep", PENDING, "00028"], 1, "there is nothing to keep"),
        (
            vec!["access", "review", "--company", "Nobody Ltd."],
            2,
            "no enterprise company is called “Nobody Ltd.”",
        ),
        (grant(&[PENDING, "00028", "--role", "Emperor"]), 2, "Role takes one of: Basic, Orders"),
        (grant(&[PENDING, "00028", "99999"]), 2, "no customer has the number “99999”"),
        (grant(&["nobody@mail.com", "00028"]), 2, "no user has the login “nobody@mail.com”"),
        (vec!["access", "list", "--customer", "28"], 2, "no customer has the number “28”"),
    ] {
        let ran = home.run(&arguments);
        assert_eq!((ran.status, ran.out.as_str(), ran.err.lines().count()), (status, "", 1), "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    assert_eq!(home.succeeds(&["access", "list", "--user", PENDING]).lines().count(), 1);
    home.succeeds(&grant(&["win.a.prize@bulk-offers.example", "00028", "--anyway"]));
}

#[test]
fn an_owner_goes_with_a_reason_that_history_keeps() {
    let home = Home::with_demo();
    let reason = "left the company in May";
    assert!(home.succeeds(&["access", "revoke", "jturner", "00028", "--reason", reason]).contains("#00028"));
    assert_eq!(home.run(&["access", "revoke", "jturner", "00028", "--reason", reason]).status, 1);
}

/// The lines of an answer in JSON.
fn json_lines(answer: &str) -> Vec<Json> {
    answer.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn an_access_is_changed_and_another_gets_the_same() {
    let home = Home::with_demo();
    home.succeeds(&["access", "grant", PENDING, "00003", "--valid-until", "2031-03-31", "--notes", "audit"]);
    home.succeeds(&["access", "grant", PENDING, "00028", "--valid-until", "2001-03-31"]);
    let change = |rest: &[&'static str]| {
        let command = ["access", "change", PENDING, "00003", "--format", "json"];
        json_lines(&home.succeeds(&[&command[..], rest].concat())).remove(0)
    };
    let changed = change(&["--role", "L40", "--days-back", "unlimited"]);
    for (name, expected) in [
        ("role", json!("Billing")),
        ("unlimited", json!(true)),
        ("valid_until", json!("2031-03-31")),
        ("notes", json!("audit")),
    ] {
        assert_eq!(changed[name], expected, "{name}");
    }
    assert_eq!(change(&["--valid-until", "none"])["valid_until"], json!(null));
    assert_eq!(change(&["--valid-until", "2032-01-31"])["valid_until"], json!("2032-01-31"));
    let listed = home.succeeds(&["access", "list", "--user", PENDING]);
    assert!(listed.contains("ended 2001-03-31") && listed.contains("2032-01-31"), "{listed}");

    // Who has ended at 00028 gives nobody access there.
    let other = "win.a.prize@bulk-offers.example";
    let same = ["access", "grant", other, "--same-as", PENDING, "--anyway", "--format", "json"];
    let copied = json_lines(&home.succeeds(&same));
    let [copied] = &copied[..] else { panic!("{copied:?}") };
    for (name, expected) in [
        ("number", json!("00003")),
        ("login", json!(other)),
        ("role", json!("Billing")),
        ("unlimited", json!(true)),
        ("valid_until", json!("2032-01-31")),
        ("notes", json!("")),
    ] {
        assert_eq!(copied[name], expected, "{name}");
    }
    let again = home.run(&same);
    assert_eq!(again.status, 1, "{}", again.err);

    let missing = home.run(&["access", "change", PENDING, "00003"]);
    assert_eq!(missing.status, 2);
    assert!(missing.err.contains("--valid-until"), "{}", missing.err);
}

#[test]
fn a_review_keeps_changes_and_ends_and_who_decided_what_is_exported() {
    let home = Home::with_demo();
    let review = |rest: &[&'static str]| {
        let command = ["access", "review", "--format", "json"];
        json_lines(&home.succeeds(&[&command[..], rest].concat()))
    };
    let all = review(&["--all"]);
    let of_customer = review(&["--customer", "00028"]);
    let of_company = review(&["--company", "lagerta ltd."]);
    let elsewhere = review(&["--company", "KK Ltd."]);
    assert_eq!((all.len(), of_customer.len()), (19, 3));
    assert_eq!(of_company.len() + elsewhere.len(), all.len());
    assert!(of_customer.iter().all(|access| of_company.contains(access) && !elsewhere.contains(access)));
    assert!(of_customer.iter().all(|access| access["number"] == "00028" && access["reviewed_by"].is_null()));

    let ended = of_customer.iter().find(|access| access["role_code"] == "L30").expect("a usual access");
    let others = of_customer.iter().filter(|access| access["login"] != ended["login"]);
    let [kept, changed] = others.take(2).collect::<Vec<_>>()[..] else { panic!("{of_customer:?}") };
    let login = |access: &Json| -> &'static str {
        Box::leak(access["login"].as_str().expect("a login").to_owned().into_boxed_str())
    };
    let answer = home.succeeds(&["access", "keep", login(kept), "00028", "--format", "json"]);
    let answer = json_lines(&answer).remove(0);
    assert_eq!((&answer["reviewed_by"], &answer["role"]), (&json!("command line"), &kept["role"]));
    home.succeeds(&[
        "access",
        "change",
        login(changed),
        "00028",
        "--valid-until",
        "2031-12-31",
        "--reason",
        "the contract ends",
    ]);
    home.succeeds(&["access", "revoke", login(ended), "00028", "--reason", "has left"]);

    let now = review(&["--customer", "00028"]);
    assert_eq!(now.len(), of_customer.len() - 1);
    let reviewed: Vec<&Json> = now.iter().filter(|access| access["reviewed_at"].is_string()).collect();
    assert_eq!(reviewed.iter().map(|access| login(access)).collect::<Vec<_>>(), [login(kept)]);

    let decisions = ["access", "decisions", "--customer", "00028", "--since", "2001-01-01"];
    let told = home.run(&[&decisions[..], &["--format", "json"]].concat());
    assert!(told.err.contains("1 kept, 1 changed, 1 ended"), "{}", told.err);
    let told = json_lines(&told.out);
    let last: Vec<_> = told[told.len() - 3..]
        .iter()
        .map(|told| (told["decision"].as_str().expect("a word"), &told["user"], &told["reason"]))
        .collect();
    let (left, ends) = (json!("has left"), json!("the contract ends"));
    assert_eq!(
        last,
        [
            ("kept", &kept["user"], &json!(null)),
            ("changed", &changed["user"], &ends),
            ("ended", &ended["user"], &left)
        ]
    );
    let owner = told.iter().find(|told| told["user"] == "Jacob Turner <jturner> [INT]").expect("the owner");
    assert_eq!(owner["terms"], json!(["Role: Owner", "Days Back Access: unlimited"]));
    let terms = &told[told.len() - 2]["terms"];
    assert_eq!(*terms, json!(["Valid Until: empty → 2031-12-31"]));
    let csv = home.run(&[&decisions[..], &["--format", "csv"]].concat()).out;
    assert!(csv.starts_with("at,by,decision,customer,user,terms,reason\n"), "{csv}");
    let later = home.run(&["access", "decisions", "--all", "--since", "2999-01-01"]);
    assert!(later.err.contains("nothing was decided"), "{}", later.err);
}

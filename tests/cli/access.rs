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
        r#""role":"Billing","role_code":"L40","days_back":null,"unlimited":true,"oldest":null,"notes":"audit"}"#,
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
    for word in ["Nimero Ltd. #00003", "Billing", "unlimited", "audit"] {
        assert!(row.contains(word), "{row}");
    }
    let csv = home.succeeds(&["access", "list", "--format", "csv", "--customer", "00003"]);
    assert!(csv.starts_with("customer,number,user,login,role,days_back,oldest,notes\n"), "{csv}");
    assert!(csv.contains(",chris_armstrong@mail.com,Billing,unlimited,,audit\n"), "{csv}");

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

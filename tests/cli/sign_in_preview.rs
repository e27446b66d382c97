//! `ccdesk sign-in-preview`: the outcome that a sign-in of a user would have.

use serde_json::{Value as Json, json};

use crate::home::{Home, PENDING, Ran};

#[test]
fn a_sign_in_preview_says_who_gets_in_where_and_to_what() {
    let home = Home::with_demo();
    let lines = |ran: &Ran| -> Vec<Json> {
        ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let ran = home.run(&["sign-in-preview", "admin@olivia-green.example", "--format", "json"]);
    let found = lines(&ran);
    assert_eq!((ran.status, found.len()), (0, 2), "{}", ran.err);
    assert_eq!((&found[0]["site"], &found[0]["code"]), (&json!("cc"), &json!("CC003")));
    let keys = |of: &Json| of.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let at = &found[1];
    assert_eq!(keys(at), ["login", "site", "rules", "company", "refused", "code", "customers"]);
    assert_eq!((&at["company"], &at["rules"]), (&json!("Lagerta Ltd."), &json!("ExternalAccess")));
    assert_eq!((&at["refused"], &at["code"]), (&Json::Null, &Json::Null));
    let customers = at["customers"].as_array().expect("customers");
    let names: Vec<&Json> = customers.iter().map(|customer| &customer["customer"]).collect();
    assert_eq!(names, [&json!("Nimero Ltd. #00003"), &json!("Olivia Green #00028")]);
    let of_customer = ["customer", "role", "role_code", "days_back", "unlimited", "oldest", "places"];
    assert_eq!(keys(&customers[0]), of_customer);
    assert_eq!((&customers[0]["role"], &customers[0]["role_code"]), (&json!("Admin"), &json!("L80")));
    assert_eq!(customers[0]["places"].as_array().map(Vec::len), Some(10));

    let ran = home.run(&["sign-in-preview", "jturner", "--site", "CC26"]);
    assert_eq!((ran.status, ran.out.lines().count()), (0, 3), "{}", ran.out);
    for word in ["Days Back Access", "✓", "Olivia Green #00028", "Owner", "unlimited", "User Management"] {
        assert!(ran.out.contains(word), "{word}: {}", ran.out);
    }
    for (login, site, words) in [
        (PENDING, "cc26", "CC010"),
        ("nightly-jobs", "cc", "type SYS cannot sign in; no password yet; CC002"),
        ("greta.olsen@mueller-soehne.example", "cc26", "locked until 2099"),
        ("frank.dunn@northgate-tools.example", "cc", "user inactive"),
        ("chris.armstrong@mail.com", "cc-closed", "site inactive"),
        ("chris.armstrong@mail.com", "cc-broken-settings", "site inactive; CC008"),
    ] {
        let ran = home.run(&["sign-in-preview", login, "--site", site]);
        assert_eq!(ran.status, 1, "{login} at {site}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(words), "{login} at {site}: {}", ran.out);
    }
    assert!(home.refused(&["sign-in-preview", "nobody"]).contains("no user has the login “nobody”"));
    assert!(home.refused(&["sign-in-preview", PENDING, "--site", "shop"]).contains("there are: cc, "));
}

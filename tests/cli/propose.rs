//! `ccdesk propose`: which person and company those who ask for an account may be.

use serde_json::{Value as Json, json};

use crate::home::{Home, PENDING};

#[test]
fn everybody_whose_request_is_pending_is_answered_in_one_object_a_line() {
    let home = Home::with_demo();
    let out = home.succeeds(&["propose", "--pending", "--format", "json"]);
    let lines: Vec<Json> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 9);
    let of = |login: &str| lines.iter().find(|line| line["login"] == login).expect("the login");
    let chris = of(PENDING);
    assert_eq!(chris["person"][0]["has_login"], "chris.armstrong@mail.com");
    let reasons = [
        "same name",
        "login chris.armstrong@mail.com of the same name at the same domain",
        "e-mail of the same domain, not confirmed",
        "but belongs to Trailhead Outfitters Ltd.",
    ];
    assert_eq!(chris["person"][0]["reasons"], json!(reasons));
    let names = chris["person"][0].as_object().expect("an object").keys().map(String::as_str);
    assert!(names.eq(["id", "party_code", "shown", "level", "reasons", "has_login"]), "{chris}");
    let ivan = json!({
        "login": "ivan.georgiev@balkan-trade.example",
        "person": [],
        "company": [{
            "id": "018f2a34-6b1c-7003-8000-000000000010", "party_code": "00010", "shown": "Balkan Trade Ltd.",
            "level": "certain", "reasons": ["claimed by its name", "confirmed e-mail of the same domain"],
            "has_login": null
        }]
    });
    assert_eq!(of("ivan.georgiev@balkan-trade.example"), &ivan);
    let stranger = of("info@blue-heron-kayaks.example");
    assert_eq!((&stranger["person"], &stranger["company"]), (&json!([]), &json!([])));
    let impostor = of("pаul.baker@trailhead.example");
    assert_ne!(impostor["person"][0]["level"], "certain");
}

#[test]
fn without_logins_the_pending_ones_are_meant_and_a_table_or_csv_says_the_same() {
    let home = Home::with_demo();
    let table = home.succeeds(&["propose"]);
    assert!(
        table.starts_with("Login ") && table.contains("claimed by its name; confirmed e-mail"),
        "{table}"
    );
    let stranger = table.lines().find(|line| line.starts_with("info@blue-heron")).expect("the stranger");
    assert!(stranger.ends_with(" nothing"), "{stranger}");
    let csv = home.succeeds(&["propose", "--format", "csv", "ivan.georgiev@balkan-trade.example", "mkoleva"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "login,kind,level,id,party_code,shown,has_login,reasons");
    assert!(lines[1].starts_with("ivan.georgiev@balkan-trade.example,company,certain,018f2a34"), "{csv}");
    assert_eq!(lines[2..], ["mkoleva,,,,,,,"], "whose person belongs to a party");
}

#[test]
fn a_login_that_nobody_has_is_said_and_pending_goes_without_logins() {
    let home = Home::with_demo();
    assert!(home.refused(&["propose", "nobody"]).contains("“nobody”"));
    assert_eq!(home.run(&["propose", "--pending", PENDING]).status, 2);
}

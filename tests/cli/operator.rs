//! `ccdesk operator`: the operators of the back office.

use serde_json::{Value as Json, json};

use crate::home::Home;

#[test]
fn promise_5_an_operator_is_added_without_a_password() {
    let home = Home::new();
    let code = home.succeeds(&["operator", "add", "maria", "--name", "Maria Koleva", "--admin"]);
    assert_eq!(code.trim_end().split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5], "{code}");
    let next = home.succeeds(&["operator", "reset", "MARIA"]);
    assert!(next != code && next.len() == code.len());
    let listed: Json =
        serde_json::from_str(&home.succeeds(&["operator", "list", "--format", "json"])).unwrap();
    let expected = json!({"login": "maria", "name": "Maria Koleva", "admin": true, "active": true,
        "password": false, "code": true});
    assert_eq!(listed, expected);
    assert!(home.succeeds(&["operator", "list"]).contains("Maria Koleva"));
    assert!(home.refused(&["operator", "reset", "nobody"]).contains("there is no operator “nobody”"));
    for (login, said) in [("maria", "is taken"), ("  ", "Login is required")] {
        let again = home.run(&["operator", "add", login, "--name", "Maria"]);
        assert_eq!((again.status, again.err.contains(said)), (1, true), "{}", again.err);
    }
}

#[test]
fn an_operator_can_be_added_before_anything_else_and_listed_only_after() {
    let home = Home::new();
    for arguments in [&["operator", "list"][..], &["operator", "reset", "maria"]] {
        assert!(home.refused(arguments).contains("there is no ccdesk database here"));
    }
    home.succeeds(&["operator", "add", "ivan", "--name", "Ivan Petrov"]);
    let csv = home.succeeds(&["operator", "list", "--format", "csv"]);
    assert_eq!(csv, "login,name,admin,active,password,code\nivan,Ivan Petrov,false,true,false,true\n");
}

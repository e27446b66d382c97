//! Tests of the parsing of settings (`docs/codes.md`, The table, CC008).

use proptest::prelude::*;

use super::*;

#[test]
fn settings_errors_name_line_column_and_reason() {
    let table = [
        ("{", (1, 1), "The text ends before the object does."),
        ("{} x", (1, 4), "Nothing may follow the object."),
        ("{}{}", (1, 3), "Nothing may follow the object."),
        ("{\"a\": 1,\n \"a\": 2}", (2, 4), "Not a well-formed JSON object: the property \"a\" stands twice."),
        (
            "{\"a\": {\"b\": 1, \"\\u0062\": 2}}",
            (1, 23),
            "Not a well-formed JSON object: the property \"b\" stands twice.",
        ),
        (
            "{\"a\": [{\"b\": 1, \"b\": 2}]}",
            (1, 19),
            "Not a well-formed JSON object: the property \"b\" stands twice.",
        ),
        ("{\"жук\": tru }", (1, 12), "Not a well-formed JSON object: expected ident."),
        ("{'a': 1}", (1, 2), "Not a well-formed JSON object: key must be a string."),
        (
            "5",
            (1, 1),
            "Not a well-formed JSON object: invalid type: integer `5`, expected an object in braces.",
        ),
    ];
    for (text, position, message) in table {
        let error = check_settings(text).expect_err(text);
        assert_eq!(((error.line, error.column), error.message.as_str()), (position, message), "{text}");
    }
}

#[test]
fn settings_names_are_matched_exactly() {
    let settings = check_settings(r#"{"isneworderenabled": true, "Nested": {"IsNewOrderEnabled": true}}"#);
    assert_eq!(settings, Ok(Default::default()));
}

/// Generates texts that resemble settings.
fn nearly_json() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\"NewOrderDocumentType\""),
        Just("\"IsNewOrderEnabled\""),
        Just("\"$serde_json::private::Number\""),
        Just("\"ж\u{1b}\""),
        Just("1e9"),
        Just("null"),
        Just("\n"),
        Just(" "),
    ];
    prop_oneof![any::<String>(), prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())]
}

fn json_object() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        Just(serde_json::from_str("1234567890123456789012345678901234567890.5e600").expect("a number")),
        any::<String>().prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 40, 6, |inner| {
        let object = prop::collection::btree_map("[a-z]{1,3}", inner.clone(), 0..6).prop_map(|o| json!(o));
        prop_oneof![prop::collection::vec(inner, 0..6).prop_map(Value::from), object]
    });
    prop::collection::btree_map("[a-z]{1,3}", value, 0..6).prop_map(|object| json!(object))
}

proptest! {
    #[test]
    fn the_position_of_an_error_is_in_the_text(text in nearly_json()) {
        if let Err(error) = check_settings(&text) {
            let line = text.split('\n').nth(error.line - 1).expect("the error is in the text");
            prop_assert!((1..=line.chars().count().max(1)).contains(&error.column), "{:?}", error);
        }
    }

    #[test]
    fn every_json_object_is_well_formed(object in json_object()) {
        prop_assert!(check_settings(&object.to_string()).is_ok(), "{}", object);
    }

    #[test]
    fn text_that_is_no_json_object_is_not_well_formed(text in nearly_json()) {
        let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text).is_ok();
        prop_assert!(check_settings(&text).is_err() || object || text.trim().is_empty());
    }
}

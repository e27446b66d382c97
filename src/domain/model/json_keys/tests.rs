//! Tests of the known keys of JSON, with those of a web site's settings.

use proptest::prelude::*;

use super::*;
use crate::domain::entities::web_site::SETTINGS_JSON;

fn keys() -> &'static [KnownKey] {
    SETTINGS_JSON.def.known_keys
}

/// A text whose cursor is at the mark `|`.
fn marked(text: &str) -> (String, usize) {
    (text.replace('|', ""), text.find('|').expect("a cursor"))
}

fn shown(Filled { mut text, cursor }: Filled) -> String {
    text.insert(cursor, '|');
    text
}

#[test]
fn the_cursor_is_in_a_key_or_its_value() {
    for (text, key, in_value) in [
        ("|", None, false),
        ("{|}", None, false),
        ("{\"Is|\": true}", Some("Is"), false),
        ("{\"Is\": |true}", Some("Is"), true),
        ("{\"Is\": true|}", Some("Is"), true),
        ("{\"Is\": true, |}", None, false),
        ("{\"Is\":|", Some("Is"), true),
        ("{\"a\": {\"b\": |1}, \"c\": 2}", Some("a"), true),
        ("{\"a\": {\"b\": 1}, \"c|\": 2}", Some("c"), false),
        ("{\"a\": [1, |2]}", Some("a"), true),
        ("{\"жук\": \"дъ|\n}", Some("жук"), true),
    ] {
        let (plain, cursor) = marked(text);
        let here = at(&plain, cursor);
        assert_eq!((here.key.as_deref(), here.in_value), (key, in_value), "{text}");
    }
}

#[test]
fn keys_and_yes_or_no_are_completed() {
    for (text, words) in [
        ("{\"isn|\"}", vec!["IsNewOrderEnabled"]),
        ("{is|}", vec!["IsNewOrderEnabled", "IsOrdersEnabled"]),
        ("{\"IsNewOrderEnabled\": true, \"is|\"}", vec!["IsOrdersEnabled"]),
        ("{\"IsNewOrderEnabled\": |}", vec!["true", "false"]),
        ("{\"IsNewOrderEnabled\": t|}", vec!["true"]),
        ("{\"AvailabilityMax\": |}", vec![]),
        ("{\"xyz|\"}", vec![]),
    ] {
        let (plain, cursor) = marked(text);
        assert_eq!(completions(keys(), &plain, cursor), words, "{text}");
    }
    assert_eq!(completions(keys(), "", 0).len(), keys().len());
    for (text, word, after) in [
        ("{\"isn|\"}", "IsNewOrderEnabled", "{\"IsNewOrderEnabled\": |}"),
        ("{\"isn|\": true}", "IsNewOrderEnabled", "{\"IsNewOrderEnabled\"|: true}"),
        ("{\"IsNewOrderEnabled\": f|}", "false", "{\"IsNewOrderEnabled\": false|}"),
        ("|", "HideLines", "{\n  \"HideLines\": |\n}"),
        ("{|}", "HideLines", "{\"HideLines\": |}"),
    ] {
        let (plain, cursor) = marked(text);
        assert_eq!(shown(complete(&plain, cursor, word)), after, "{text}");
    }
}

#[test]
fn the_id_of_a_document_type_is_written_with_what_goes_with_it() {
    let new_order = known(keys(), "NewOrderDocumentType").expect("the key");
    for (text, after) in [
        ("|", "{\n  \"NewOrderDocumentType\": \"id\"|,\n  \"IsNewOrderEnabled\": true\n}"),
        (
            "{\"Theme\": \"dark\"|}",
            "{\"Theme\": \"dark\",\n  \"NewOrderDocumentType\": \"id\"|,\n  \"IsNewOrderEnabled\": true\n}",
        ),
        (
            "{\"NewOrderDocumentType\": \"x|\", \"IsNewOrderEnabled\": false}",
            "{\"NewOrderDocumentType\": \"id\"|, \"IsNewOrderEnabled\": false}",
        ),
        (
            "{|\"IsNewOrderEnabled\": true}",
            "{\"IsNewOrderEnabled\": true,\n  \"NewOrderDocumentType\": \"id\"|\n}",
        ),
        // What is not closed yet is kept.
        (
            "{\"Theme\": \"dark\", \"NewOrderDocumentType\":|",
            "{\"Theme\": \"dark\", \"NewOrderDocumentType\": \"id\"|,\n  \"IsNewOrderEnabled\": true",
        ),
        (
            "{\"Theme\": \"dark\"|",
            "{\"Theme\": \"dark\",\n  \"NewOrderDocumentType\": \"id\"|,\n  \"IsNewOrderEnabled\": true",
        ),
        (
            "{\"NewOrderDocumentType\": |, \"IsNewOrderEnabled\": true}",
            "{\"NewOrderDocumentType\": \"id\"|, \"IsNewOrderEnabled\": true}",
        ),
    ] {
        let (plain, cursor) = marked(text);
        assert_eq!(shown(fill_id(&plain, cursor, new_order, "id")), after, "{text}");
    }
    let orders = known(keys(), "OrderDocumentTypes").expect("the key");
    let (plain, cursor) = marked("{\"OrderDocumentTypes\": [\"a\", |]}");
    assert_eq!(shown(fill_id(&plain, cursor, orders, "id")), "{\"OrderDocumentTypes\": [\"a\", \"id\"|]}");
}

#[test]
fn what_is_close_to_a_key_or_of_another_type_is_warned_about() {
    for (text, said) in [
        ("{\"IsNewOrdersEnabled\": true}", vec!["IsNewOrdersEnabled is not known; is it IsNewOrderEnabled?"]),
        ("{\"hidelines\": true}", vec!["hidelines is not known; is it HideLines?"]),
        ("{\"Theme\": \"dark\"}", vec![]),
        ("{\"IsNewOrderEnabled\": \"true\"}", vec!["IsNewOrderEnabled takes true or false."]),
        ("{\"AvailabilityMax\": 1.5}", vec!["AvailabilityMax takes a whole number."]),
        ("{\"AvailabilityMax\": 10}", vec![]),
        (
            "{\"OrderDocumentTypes\": \"a\"}",
            vec!["OrderDocumentTypes takes a list of Ids of Document Types."],
        ),
        (
            "{\"NewOrderDocumentType\": 5}",
            vec!["NewOrderDocumentType takes the Id of a Document Type in quotes."],
        ),
        (
            "{\"RateLimits\": [], \"DefaultStore\": 1}",
            vec!["RateLimits takes an object in braces.", "DefaultStore takes a text in quotes."],
        ),
        ("{\"IsNewOrderEnabled\": tru", vec![]),
    ] {
        assert_eq!(warnings(keys(), text), said, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_can_be_completed_anywhere(text in "[{}\\[\\]\":, \\\\ a-zж\n]{0,30}", place in any::<prop::sample::Index>()) {
        let places: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let cursor = *place.get(&places);
        let here = at(&text, cursor);
        prop_assert!(here.token.start <= cursor && cursor <= here.token.end);
        let filled = complete(&text, cursor, "HideLines");
        prop_assert!(filled.text.is_char_boundary(filled.cursor));
        let filled = fill_id(&text, cursor, &keys()[1], "id");
        prop_assert!(filled.text.is_char_boundary(filled.cursor));
        prop_assert!(completions(keys(), &text, cursor).len() <= keys().len());
    }
}

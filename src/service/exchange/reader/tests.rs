//! The parser of the input: its four forms, the position of every error, and its limits.

use std::io::{self, Read};

use proptest::prelude::*;

use super::*;

fn pieces(text: &[u8]) -> (Vec<Piece>, Option<Unreadable>) {
    let mut pieces = Vec::new();
    let done = read(text, |piece| {
        pieces.push(piece);
        true
    });
    (pieces, done.err())
}

/// The lines and names of the objects read, and whether the rest could be read too.
fn names(text: &str) -> (Vec<(u64, String)>, Option<Unreadable>) {
    let (pieces, error) = pieces(text.as_bytes());
    let names = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Object(object) => Some((object.line, object.properties.get("n")?.as_str()?.to_owned())),
        _ => None,
    });
    (names.collect(), error)
}

#[test]
fn all_four_forms_are_recognised_by_their_content() {
    let expected = vec![(2, "a".to_owned()), (3, "b".to_owned())];
    for text in [
        "{\"transaction\": \"per-object\", \"objects\": [\n{\"n\": \"a\"},\n{\"n\": \"b\"}]}",
        "{\"@odata.context\": \"x\", \"value\": [\n{\"n\": \"a\"},\n{\"n\": \"b\"}\n]}\n",
        "[\n{\"n\": \"a\"},\n{\"n\": \"b\"}]",
        "\n{\"n\": \"a\"}\n{\"n\": \"b\"}\n\n",
        "\u{feff}\n{\"n\": \"a\"}\n{\"n\": \"b\"}",
    ] {
        assert_eq!(names(text), (expected.clone(), None), "{text}");
    }
}

#[test]
fn an_envelope_tells_its_transaction_its_context_and_that_there_is_more() {
    let (read, error) = pieces(
        br#"{"@odata.context": "c", "transaction": "all-objects", "value": [], "@odata.nextLink": "https://x"}"#,
    );
    assert_eq!(error, None);
    assert_eq!(
        read,
        [Piece::Context("c".to_owned()), Piece::Transaction(Transaction::AllObjects), Piece::MorePages]
    );
}

#[test]
fn objects_before_an_error_are_passed_on_and_the_error_names_its_position() {
    let table = [
        ("", 0, (1, 0)),
        ("Login;Name\n", 0, (1, 1)),
        ("12", 0, (1, 2)),
        ("\"text\"", 0, (1, 6)),
        ("[{\"n\": \"a\"},\n 7]", 1, (2, 3)),
        ("[{\"n\": \"a\"},\n {\"n\": \"b", 1, (2, 9)),
        ("[{\"n\": \"a\"}]\nand more", 1, (2, 1)),
        ("{\"n\": \"a\"}\nand more", 1, (2, 1)),
        ("[{\"n\": \"a\"},\n{\"n\": NaN}]", 1, (2, 7)),
        ("[{\"n\": \"a\"},\n{\"n\": \"b\", \"n\": \"c\"}]", 1, (2, 15)),
        ("{\"n\": {\"x\": 1, \"x\": 2}}", 0, (1, 19)),
        ("{\"objects\": [{\"n\": \"a\"}], \"transaction\": \"all-objects\"}", 1, (1, 55)),
        ("{\"objects\": 3}", 0, (1, 14)),
        ("{\"transaction\": \"some\", \"objects\": []}", 0, (1, 34)),
    ];
    for (text, whole, index) in table {
        let (read, error) = names(text);
        let error = error.unwrap_or_else(|| panic!("{text} was read"));
        assert_eq!((read.len(), (error.line, error.column)), (whole, index), "{text}: {error}");
    }
}

#[test]
fn bytes_that_are_no_utf_8_are_an_error_with_its_line() {
    let (_, error) = pieces(b"[{\"n\":\n \"B\xffd\"}]");
    let error = error.unwrap();
    assert_eq!(error.line, 2, "{error}");
}

#[test]
fn numbers_are_kept_digit_by_digit() {
    let text = r#"{"n":[7,-7,12500.50,1e400,-0.0,123456789012345678901234567890]}"#;
    let (read, error) = pieces(text.as_bytes());
    let [Piece::Object(object)] = &read[..] else { panic!("{read:?} {error:?}") };
    assert_eq!(
        object.properties.to_text(),
        r#"{"n":[7,-7,12500.50,1e+400,-0.0,123456789012345678901234567890]}"#
    );
}

/// A text in UTF-16 with its byte order mark.
fn utf_16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once('\u{feff}' as u16).chain(text.encode_utf16()).flat_map(bytes_of).collect()
}

#[test]
fn utf_16_with_a_byte_order_mark_is_recoded() {
    for bytes_of in [u16::to_le_bytes, u16::to_be_bytes] {
        let (read, error) = pieces(&utf_16("[\n{\"n\": \"Шестнайсет 𝄞\"}]", bytes_of));
        let [Piece::Object(object)] = &read[..] else { panic!("{read:?} {error:?}") };
        assert_eq!((object.line, object.properties.to_text()), (2, r#"{"n":"Шестнайсет 𝄞"}"#.to_owned()));
        assert_eq!(error, None);
        // Longer than what is recoded ahead.
        let long = "ц".repeat(20_000);
        let (read, _) = pieces(&utf_16(&format!("{{\"n\": \"{long}\"}}"), bytes_of));
        let [Piece::Object(object)] = &read[..] else { panic!("nothing was read") };
        assert_eq!(object.properties.get("n"), Some(long.into()));
    }
}

#[test]
fn a_lone_surrogate_is_noted_at_its_object_and_the_others_are_read() {
    let of = |middle: &str| format!("{{\"n\": \"a\"}}\n{{\"n\": \"b{middle}\"}}\n{{\"n\": \"𝄞c\"}}");
    let in_utf_16: Vec<u8> = {
        let units = of("?").replace('?', "\u{1}");
        let units = units.encode_utf16().map(|unit| if unit == 1 { 0xD800 } else { unit });
        std::iter::once(0xFEFF).chain(units).flat_map(u16::to_le_bytes).collect()
    };
    let in_bytes = of("\u{1}").into_bytes();
    let in_bytes: Vec<u8> = in_bytes
        .iter()
        .flat_map(|byte| if *byte == 1 { b"\xED\xA0\x80".to_vec() } else { vec![*byte] })
        .collect();
    let escaped = [r"\ud800", r"\uDC00", r"\udfff", r"\uD83D"].map(|unit| of(unit).into_bytes());
    for input in [in_utf_16, in_bytes].into_iter().chain(escaped) {
        let (read, error) = pieces(&input);
        assert_eq!(error, None);
        let told = read.iter().map(|piece| match piece {
            Piece::Object(object) => (object.line, object.properties.to_text(), object.has_lone_surrogate),
            other => panic!("{other:?}"),
        });
        let expected = [("a", false), ("b\u{fffd}", true), ("𝄞c", false)];
        let expected = expected.map(|(text, is_lone)| (format!(r#"{{"n":"{text}"}}"#), is_lone));
        let expected: Vec<_> =
            (1..).zip(expected).map(|(line, (text, is_lone))| (line, text, is_lone)).collect();
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
    // Behind an escaped backslash there is none; of two high ones the first is.
    let (read, _) = pieces(br#"{"\\ud800": "\\\ud83d\ud83d\ude00"}"#);
    let [Piece::Object(object)] = &read[..] else { panic!("{read:?}") };
    let text = format!(r#"{{"\\ud800":"\\{}😀"}}"#, '\u{fffd}');
    assert_eq!((object.properties.to_text(), object.has_lone_surrogate), (text, true));
}

#[test]
fn utf_16_that_ends_in_the_middle_of_a_unit_is_an_error() {
    let mut half = utf_16("{\"n\": \"a\"}\n{", u16::to_be_bytes);
    half.push(0);
    let (read, error) = pieces(&half);
    let error = error.unwrap();
    assert_eq!((read.len(), error.line), (1, 2), "{error}");
    assert!(error.message.contains("the input ends in the middle of a character"), "{error}");
}

#[test]
fn every_list_of_an_envelope_is_read_and_what_belongs_to_none_is_refused_by_name() {
    let (read, error) = names(r#"{"value": [{"n": "a"}], "@odata.count": 2, "objects": [{"n": "b"}]}"#);
    assert_eq!((read, error), (vec![(1, "a".to_owned()), (1, "b".to_owned())], None));
    let (read, error) = names(r##"{"@odata.type": "#Collection(Erp.T)", "value": [{"n": "a"}]}"##);
    assert_eq!((read, error), (vec![(1, "a".to_owned())], None));
    // An object that says what it is has properties of these names like any other.
    let (read, error) = pieces(br#"{"@odata.type": "T", "n": "a", "value": [{"n": "b"}], "objects": 7}"#);
    let [Piece::Object(object)] = &read[..] else { panic!("{read:?} {error:?}") };
    assert_eq!(object.properties.to_text(), r#"{"@odata.type":"T","n":"a","value":[{"n":"b"}],"objects":7}"#);
    for (text, whole, said) in [
        (r#"{"n": "a", "value": [{"n": "b"}]}"#, 0, "“n” stands beside a list of objects"),
        (r#"{"value": [{"n": "b"}], "n": "a"}"#, 1, "“n” stands beside a list of objects"),
        (r#"{"value": [{"n": "b"}], "@odata.type": "T"}"#, 1, "“@odata.type” stands beside a list"),
        (r#"{"value": [{"n": "b"}], "value": []}"#, 1, "“value” stands twice in one object"),
        (
            "{\"n\": \"a\"}\n{\"transaction\": \"all-objects\", \"objects\": []}",
            1,
            "must stand before the objects",
        ),
    ] {
        let (read, error) = names(text);
        let error = error.unwrap_or_else(|| panic!("{text} was read"));
        assert_eq!(read.len(), whole, "{text}");
        assert!(error.message.contains(said), "{text}: {error}");
    }
}

#[test]
fn the_key_of_a_number_is_no_number_where_it_stands_in_the_input() {
    let entry = r#""$serde_json::private::Number":"1,\"x\":2""#;
    for text in [
        format!("{{{entry}}}"),
        format!(r#"{{"n":{{{entry},"m":3}}}}"#),
        format!(r#"{{"n":[{{"m":3,{entry}}}]}}"#),
    ] {
        let (read, error) = pieces(text.as_bytes());
        let [Piece::Object(object)] = &read[..] else { panic!("{text}: {read:?} {error:?}") };
        assert_eq!(object.properties.to_text(), text);
        assert!(object.properties.have_digits_key(), "{text}");
    }
}

#[test]
fn packed_input_is_said_to_be_packed() {
    for (bytes, said) in [
        (&b"\x1f\x8b\x08\0\0"[..], "this is gzip; unpack it first"),
        (b"PK\x03\x04\0\0", "this is a zip archive; unpack it first"),
    ] {
        assert_eq!(pieces(bytes).1.unwrap().message, said);
    }
}

#[test]
fn passwords_go_no_further_however_deep_they_stand() {
    let text =
        r#"{"Password":"canary","User":{"password":"canary","x":[{"PASSWORD":7}]},"y":{"Password":null}}"#;
    let (read, _) = pieces(text.as_bytes());
    let [Piece::Object(object)] = &read[..] else { panic!("{read:?}") };
    let hidden = r#"{"Password":"[secret]","User":{"password":"[secret]","x":[{"PASSWORD":"[secret]"}]},"y":{"Password":null}}"#;
    assert_eq!(object.properties.to_text(), hidden);
}

/// A reader of `start` and then `count` times `byte`, which takes no memory.
fn endless(start: &'static str, byte: u8, count: u64) -> impl Read {
    start.as_bytes().chain(io::repeat(byte).take(count))
}

#[test]
fn a_text_of_a_gigabyte_and_ten_thousand_brackets_end_in_an_error_after_one_object_s_worth() {
    let gigabyte = 1 << 30;
    for (start, byte, count, expected) in [
        ("[{\"n\": \"", b'x', gigabyte, "larger than 4 MiB"),
        ("{\"n\": ", b'7', gigabyte, "larger than 4 MiB"),
        ("[", b' ', gigabyte, "larger than 4 MiB"),
        ("{\"objects\": [{\"n\": ", b'[', 10_000, "recursion"),
        ("", b'[', 10_000, "expected an object"),
    ] {
        let taken = Cell::new(0);
        let counted = Counted { input: endless(start, byte, count), taken: &taken };
        let error = read(counted, |_| true).unwrap_err();
        assert!(error.message.contains(expected), "{error}");
        assert!(taken.get() <= LARGEST_OBJECT + (128 << 10), "{} bytes were read", taken.get());
    }
}

struct Counted<'a, R> {
    input: R,
    taken: &'a Cell<usize>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.taken.set(self.taken.get() + count);
        Ok(count)
    }
}

#[test]
fn reading_stops_when_the_sink_returns_false() {
    let mut seen = 0;
    let done = read(&b"[{}, {}, nonsense"[..], |_| {
        seen += 1;
        false
    });
    assert_eq!((done, seen), (Ok(()), 1));
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        pieces(&bytes);
    }

    #[test]
    fn no_text_like_json_makes_the_parser_panic(text in r#"([\[\]{},:" \n]|null|1e9|"[a-z@.]{0,9}"|\\u[d0-9]{4}){0,60}"#) {
        pieces(text.as_bytes());
    }
}

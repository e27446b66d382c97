use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::tui::testing::parse_keys;

const ENOUGH: usize = 10_000;

fn press(buffer: &mut EditBuffer, keys: &str) {
    for key in parse_keys(keys) {
        match key.code {
            KeyCode::Char(letter) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => {
                buffer.insert(letter.encode_utf8(&mut [0; 4]), ENOUGH);
            }
            _ => drop(buffer.key(&key)),
        }
    }
}

/// The text with `|` at the cursor, after keys pressed in a text with `|` where the cursor was.
fn after(before: &str, keys: &str) -> String {
    let at = before.find('|').expect("a cursor");
    let mut buffer = EditBuffer::new(before.replace('|', ""));
    buffer.go_to(at, false);
    press(&mut buffer, keys);
    let (left, right) = buffer.text().split_at(buffer.cursor());
    format!("{left}|{right}")
}

#[test]
fn the_keys_of_a_text() {
    for (before, keys, then) in [
        ("abc|", "<Left>x", "abx|c"),
        ("abc|", "<Home><Del>", "|bc"),
        ("one\ntwo|", "<Home>x", "one\nx|two"),
        ("one\ntwo|", "<C-a>x<C-e>y", "one\nxtwoy|"),
        ("one|\ntwo", "<C-Home>x<C-End>y", "xone\ntwoy|"),
        ("one two|", "<C-Left>x", "one x|two"),
        ("one two|", "<A-Left><A-Left>x", "x|one two"),
        ("|one two, three", "<C-Right>x<A-Right>y", "one xtwo, y|three"),
        ("one two|", "<C-w>", "one |"),
        ("one two |", "<A-BS>", "one |"),
        ("|one two", "<C-Del>", "|two"),
        ("ab|cd\nef", "<C-k>", "ab|\nef"),
        ("ab|cd\nef", "<C-k><C-k>", "ab|ef"),
        ("ab|cd", "<C-u>", "|"),
        ("ab|", "<C-h>", "a|"),
        ("ab|", "<F5><C-x>", "ab|"),
        // Selecting
        ("ab|cd", "<S-Left><S-Left>x", "x|cd"),
        ("ab|cd", "<S-End><Del>", "ab|"),
        ("ab|cd", "<S-Home><BS>", "|cd"),
        ("ab|cd", "<S-Right><Left>x", "abx|cd"),
        ("ab|cd", "<S-Right><Right>x", "abcx|d"),
        ("one two|", "<C-S-Left><C-w>", "one |"),
        // Taking back and again
        ("|", "abc<C-z>", "|"),
        ("|", "abc<Left>x<C-z>", "ab|c"),
        ("|", "one<Space><Space>two<C-z>", "one  |"),
        ("|", "abc<C-z><C-y>", "abc|"),
        ("one two|", "<C-w><C-w><C-z><C-z>", "one two|"),
        ("one two|", "<C-u><C-z>", "one two|"),
        ("ab|", "<C-z><C-y>", "ab|"),
        ("|", "ab<C-z>c<C-y>", "c|"),
    ] {
        assert_eq!(after(before, keys), then, "{before} {keys}");
    }
}

#[test]
fn what_a_reader_calls_a_character_is_one_step() {
    for character in [
        "a\u{301}",
        "न्दी",
        "กำ",
        "👩\u{200d}👧",
        "👍🏽",
        "🇧🇬",
        "ᄒ\u{1161}ᆫ",
        "\u{5d0}\u{5b8}",
        "x\u{301}\u{302}",
    ] {
        let text = format!("Z{character}b|");
        assert_eq!(after(&text, "<Left><BS>"), "Z|b", "{character}");
        assert_eq!(after(&text, "<Home><Right><Del>"), "Z|b", "{character}");
        assert_eq!(after(&text, "<Left><Left><S-Right>x"), "Zx|b", "{character}");
    }
}

#[test]
fn a_mark_joins_the_letter_before_it() {
    let mut buffer = EditBuffer::new("a");
    buffer.insert("\u{301}", ENOUGH);
    press(&mut buffer, "<BS>");
    assert_eq!(buffer.text(), "");
}

#[test]
fn what_has_no_room_is_refused_and_what_is_selected_makes_room() {
    let mut buffer = EditBuffer::new("abc");
    assert_eq!(buffer.insert("xy", 4), Edit::Refused(Refused { limit: 4, left_out: 1 }));
    buffer.go_to(0, true);
    assert_eq!(buffer.insert("e\u{301}e\u{301}e", 4), Edit::Refused(Refused { limit: 4, left_out: 1 }));
    assert_eq!(buffer.text(), "e\u{301}e\u{301}");
}

fn texts() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "a",
        "Z",
        " ",
        "\n",
        "e\u{301}",
        "\u{301}",
        "न्दी",
        "क",
        "\u{94d}",
        "กำ",
        "ที่",
        "👩\u{200d}👧",
        "\u{200d}",
        "👍",
        "🏽",
        "🇧",
        "🇬",
        "ᄒ",
        "\u{1161}",
        "ᆫ",
        "שָׁ",
        "سلام",
        "日本",
        "ж",
        "ѝ",
        "\u{600}",
        "ព្រះ",
        "\r",
    ];
    prop_oneof![vec(select(PIECES), 0..6).prop_map(|pieces| pieces.concat()), "\\PC{0,4}"]
}

#[derive(Clone, Debug)]
enum Press {
    Key(KeyEvent),
    Text(String),
}

fn presses() -> impl Strategy<Value = Press> {
    let keys = parse_keys(
        "<Left><Right><S-Left><S-Right><C-Left><A-Right><C-S-Left><C-S-Right><Home><End><S-Home><S-End><C-Home><C-End>\
         <C-a><C-e><BS><Del><C-BS><A-BS><C-Del><C-w><C-h><C-k><C-u><C-z><C-z><C-y>",
    );
    prop_oneof![select(keys).prop_map(Press::Key), texts().prop_map(Press::Text)]
}

fn is_whole(text: &str, at: usize) -> bool {
    at == text.len() || text.grapheme_indices(true).any(|(start, _)| start == at)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_cursor_stands_between_characters_and_all_can_be_taken_back(
        begin in texts(),
        presses in vec(presses(), 0..24),
    ) {
        let mut buffer = EditBuffer::new(begin.clone());
        for press in presses {
            let before = buffer.clone();
            match press {
                Press::Key(key) => drop(buffer.key(&key)),
                Press::Text(text) => drop(buffer.insert(&text, 60)),
            }
            let text = buffer.text();
            prop_assert!(is_whole(text, buffer.cursor()), "{before:?} {buffer:?}");
            prop_assert!(is_whole(text, buffer.selection().start) && is_whole(text, buffer.selection().end));
            let steps = buffer.done.len();
            if steps > before.done.len() {
                let mut back = buffer.clone();
                back.undo();
                prop_assert_eq!(back.text(), before.text());
                if before.undone.is_empty() {
                    prop_assert_eq!(back.cursor(), before.cursor());
                }
                back.redo();
                prop_assert_eq!(back.text(), buffer.text());
            }
        }
        while buffer.undo() {}
        prop_assert_eq!(buffer.text(), begin);
    }

    #[test]
    fn a_deletion_takes_whole_characters(text in texts(), keys in select(&["<BS>", "<Del>"][..]), at in any::<prop::sample::Index>()) {
        let borders: Vec<usize> =
            text.grapheme_indices(true).map(|(start, _)| start).chain([text.len()]).collect();
        let at = borders[at.index(borders.len())];
        let mut buffer = EditBuffer::new(text.clone());
        buffer.go_to(at, false);
        press(&mut buffer, keys);
        let gone = if keys == "<BS>" { text[..at].graphemes(true).next_back() } else { text[at..].graphemes(true).next() };
        let gone = gone.unwrap_or_default();
        let from = if keys == "<BS>" { at - gone.len() } else { at };
        prop_assert_eq!(buffer.text(), format!("{}{}", &text[..from], &text[from + gone.len()..]));
    }
}

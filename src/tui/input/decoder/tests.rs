use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::tui::testing::{bytes_of, parse_keys};

/// Everything that these bytes are, when nothing comes after them.
fn all_of(bytes: &[u8]) -> Vec<Event> {
    let mut decoder = Decoder::default();
    let mut events = decoder.take(bytes);
    events.extend(decoder.give_up());
    assert_eq!(decoder.patience(), None, "nothing is left open");
    events
}

fn keys(keys: &str) -> Vec<Event> {
    parse_keys(keys).into_iter().map(Event::Key).collect()
}

#[test]
fn the_keys_of_every_terminal() {
    for (bytes, written) in [
        ("a\r\t\u{7f}\u{8}\u{1}é日", "a<Enter><Tab><BS><C-h><C-a>é日"),
        ("\u{1b}", "<Esc>"),
        ("\u{1b}\u{1b}", "<Esc><Esc>"),
        ("\u{1b}x\u{1b}\u{7f}\u{1b}ф", "<A-x><A-BS><A-ф>"),
        // xterm
        ("\u{1b}[A\u{1b}[1;5D\u{1b}[1;2H\u{1b}[Z\u{1b}[3;5~", "<Up><C-Left><S-Home><S-Tab><C-Del>"),
        ("\u{1b}OP\u{1b}OS\u{1b}[15~\u{1b}[17;2~\u{1b}[24~", "<F1><F4><F5><S-F6><F12>"),
        // Keypad, application mode
        ("\u{1b}OM\u{1b}Ok\u{1b}Op\u{1b}Oy\u{1b}Oo", "<Enter>+09/"),
        // Linux console, rxvt, and xterm's modifyOtherKeys
        ("\u{1b}[[A\u{1b}[[E", "<F1><F5>"),
        (
            "\u{1b}[7~\u{1b}[8~\u{1b}[a\u{1b}Oc\u{1b}[3^\u{1b}\u{1b}[A",
            "<Home><End><S-Up><C-Right><C-Del><A-Up>",
        ),
        ("\u{1b}[27;5;9~\u{1b}[115;5u", "<C-Tab><C-s>"),
    ] {
        assert_eq!(all_of(bytes.as_bytes()), keys(written), "{bytes:?}");
    }
    let shift_delete = KeyEvent::new(KeyCode::Delete, KeyModifiers::SHIFT);
    assert_eq!(all_of(b"\x1b[3$"), [Event::Key(shift_delete)]);
}

#[test]
fn what_the_test_harness_sends_is_what_is_decoded() {
    for written in [
        "a",
        "<C-s>",
        "<A-b>",
        "<Enter>",
        "<S-Tab>",
        "<F1>",
        "<F10>",
        "<S-F8>",
        "<PageDown>",
        "<Del>",
        "<End>",
    ] {
        let key = parse_keys(written)[0];
        assert_eq!(all_of(&bytes_of(&key)), [Event::Key(key)], "{written}");
    }
}

/// What terminals answer to questions, and report by themselves.
const REPORTS: [&str; 20] = [
    "\u{1b}[?997;1n",
    "\u{1b}[?2026;2$y",
    "\u{1b}[4;2$y",
    "\u{1b}[24;80R",
    "\u{1b}[?24;80;1R",
    "\u{1b}[0n",
    "\u{1b}[?62;22;52c",
    "\u{1b}[>41;390;0c",
    "\u{1b}[8;24;80t",
    "\u{1b}[48;24;80;480;800t",
    "\u{1b}[?1u",
    "\u{1b}[I",
    "\u{1b}[O",
    "\u{1b}[<0;10;5M",
    "\u{1b}[M !!",
    "\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\",
    "\u{1b}]52;c;Y2Fj\u{7}",
    "\u{1b}P>|xterm(390)\u{1b}\\",
    "\u{1b}P!|00000000\u{1b}\\",
    "\u{1b}_Gi=1;OK\u{1b}\\",
];

#[test]
fn a_report_of_the_terminal_is_neither_key_nor_text_and_what_is_typed_after_it_counts() {
    for report in REPORTS {
        for at in 0..=report.len() {
            let mut decoder = Decoder::default();
            let mut events = decoder.take(&report.as_bytes()[..at]);
            events.extend(decoder.take(&report.as_bytes()[at..]));
            events.extend(decoder.take(b"x"));
            assert_eq!(events, keys("x"), "{report:?} in two reads, {at} bytes first");
        }
        assert_eq!(all_of(format!("a{report}{report}b").as_bytes()), keys("ab"), "{report:?}");
    }
}

#[test]
fn a_sequence_that_is_cut_off_swallows_no_letter() {
    for begun in ["\u{1b}O", "\u{1b}[", "\u{1b}]", "\u{1b}P", "\u{1b}_"] {
        let mut decoder = Decoder::default();
        decoder.take(begun.as_bytes());
        assert_eq!(decoder.patience(), Some(AFTER_ESC), "{begun:?}");
        assert_eq!(decoder.give_up().len(), 1, "{begun:?} is Alt and a character");
        assert_eq!(decoder.take(b"x"), keys("x"), "{begun:?}");
    }
    assert_eq!(all_of(b"\x1bOx"), keys("8"), "a digit of the keypad");
    assert_eq!(all_of(b"\x1bOe"), keys("<A-O>e"));
    assert_eq!(all_of(b"\x1b[e"), keys("<A-[>e"));
    assert_eq!(all_of(b"\x1b]e"), keys("<A-]>e"));
    assert_eq!(all_of(b"\x1b[3$e"), all_of(b"\x1b[3;2~e"));
    // A whole sequence ends one that was cut off.
    assert_eq!(all_of(b"\x1b[12\x1b[Ax"), keys("<Up>x"));
    assert_eq!(all_of(b"\x1b]11;rgb:ff\x1b[Ax"), keys("<Up>x"));
    assert_eq!(all_of(b"\x1b[12\rx"), keys("<Enter>x"));
    assert_eq!(all_of("\u{1b}[12é".as_bytes()), keys("é"));
    for begun in ["\u{1b}[12", "\u{1b}]11;rgb:ff", "\u{1b}P>|x", "\u{1b}[M!", "\u{1b}O5"] {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.take(begun.as_bytes()), [], "{begun:?}");
        assert_eq!(decoder.patience(), Some(AFTER_PART), "{begun:?}");
        assert_eq!(decoder.give_up(), [], "{begun:?}");
        assert_eq!(decoder.take(b"x"), keys("x"), "{begun:?}");
    }
}

#[test]
fn a_paste_is_text_whatever_is_in_it_and_however_it_is_cut() {
    let paste = "\u{1b}[200~one\r\u{1b}[Atwo\u{1b}[200~ три\u{1b}[201~";
    for at in 0..=paste.len() {
        let mut decoder = Decoder::default();
        let mut events = decoder.take(&paste.as_bytes()[..at]);
        events.extend(decoder.take(&paste.as_bytes()[at..]));
        events.extend(decoder.take(b"x"));
        let pasted = Event::Paste("one\r\u{1b}[Atwo\u{1b}[200~ три".to_owned());
        assert_eq!(events, [vec![pasted], keys("x")].concat(), "{at} bytes first");
    }
    let mut decoder = Decoder::default();
    assert_eq!(decoder.take(b"\x1b[200~half"), []);
    assert_eq!(decoder.patience(), Some(AFTER_PASTE));
    assert_eq!(decoder.give_up(), [Event::Paste("half".to_owned())]);
    assert_eq!(decoder.take(b"x"), keys("x"));
}

/// Bytes as they come and as they should not: pieces of sequences among random ones.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&str] = &[
        "\u{1b}", "[", "O", "]", "P", "\\", "200~", "201~", "?", ";", "1", "$", "y", "M", "~", "ж", "a", "\r",
    ];
    let piece = prop_oneof![
        select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        select(&REPORTS[..]).prop_map(|report| report.as_bytes().to_vec()),
        vec(any::<u8>(), 0..4),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_deafen_the_keyboard(bytes in noise(), after in select(&["x", "ф", "\r", "\u{1b}[A"][..])) {
        let mut decoder = Decoder::default();
        decoder.take(&bytes);
        decoder.give_up();
        prop_assert_eq!(decoder.patience(), None);
        prop_assert_eq!(decoder.take(after.as_bytes()), all_of(after.as_bytes()));
    }

    #[test]
    fn where_a_read_ends_makes_no_difference(bytes in noise(), at in any::<prop::sample::Index>()) {
        let at = at.index(bytes.len() + 1);
        let mut decoder = Decoder::default();
        let mut events = decoder.take(&bytes[..at]);
        events.extend(decoder.take(&bytes[at..]));
        events.extend(decoder.give_up());
        prop_assert_eq!(events, all_of(&bytes));
    }
}

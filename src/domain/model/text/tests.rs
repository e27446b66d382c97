//! Tests of cleaning (`docs/promises.md`, 10), of folding, keys and skeletons, and of measuring text.

use proptest::prelude::*;

use super::*;

fn every_char() -> impl Iterator<Item = char> {
    '\0'..=char::MAX
}

#[test]
fn promise_10_hidden_characters_become_visible_marks() {
    let table = [
        ("plain text", "plain text"),
        ("Живко Şahin 田中", "Живко Şahin 田中"),
        ("\u{1b}[31mred\u{1b}[0m", "␛[31mred␛[0m"),
        ("a\r\nb\tc\0", "a␍␊b␉c␀"),
        ("del\u{7f}", "del␡"),
        ("csi\u{9b}2J", "csi�2J"),
        ("next\u{85}line\u{2028}para\u{2029}", "next␤line␤para␤"),
        ("user\u{202e}nimda\u{202c}", "user�nimda�"),
        ("\u{2066}isolate\u{2069}", "�isolate�"),
        ("zero\u{200b}width\u{feff}", "zero�width�"),
        ("soft\u{ad}hyphen\u{61c}", "soft�hyphen�"),
        ("joined \u{1f468}\u{200d}\u{1f469}", "joined \u{1f468}�\u{1f469}"),
        ("tag\u{e0041}", "tag�"),
        ("heart\u{2764}\u{fe0f}", "heart\u{2764}�"),
        ("filler\u{3164}\u{115f}", "filler��"),
        ("e\u{301}", "e\u{301}"),
        ("\u{301}no base", "�no base"),
    ];
    for (stored, shown) in table {
        assert_eq!(clean(stored), shown, "{stored:?}");
    }
}

#[test]
fn promise_10_every_character_of_unicode_is_cleaned_to_one_visible_character() {
    for c in every_char() {
        let shown = clean(c.encode_utf8(&mut [0; 4])).into_owned();
        let mut chars = shown.chars();
        let (Some(only), None) = (chars.next(), chars.next()) else { panic!("{c:?} became {shown:?}") };
        assert!(!is_hidden(only) && width(&shown) > 0, "{c:?} became {shown:?}");
    }
}

#[test]
fn a_zero_width_character_without_a_visible_form_is_hidden() {
    // Hangul vowels and finals, and some Indic signs, are zero-width letters drawn over the character before.
    let is_visible = |c: char| {
        use GeneralCategory::{EnclosingMark, NonspacingMark, OtherLetter, OtherPunctuation, SpacingMark};
        let category = c.general_category();
        matches!(category, NonspacingMark | SpacingMark | EnclosingMark | OtherLetter | OtherPunctuation)
    };
    let missed: Vec<char> =
        every_char().filter(|c| c.width() == Some(0) && !is_hidden(*c) && !is_visible(*c)).collect();
    assert_eq!(missed, [] as [char; 0]);
}

#[test]
fn combining_marks_beyond_the_limit_become_one_mark() {
    let stack = |marks| format!("a{}b", "\u{301}".repeat(marks));
    assert_eq!(clean(&stack(MAX_STACK)), stack(MAX_STACK));
    let cut = format!("a{}�b", "\u{301}".repeat(MAX_STACK));
    assert_eq!(clean(&stack(MAX_STACK + 1)), cut);
    assert_eq!(clean(&stack(5_000)), cut);
}

#[test]
fn promise_10_a_cell_of_a_csv_file_begins_no_formula_however_it_is_split() {
    let table = [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠A1", "'＠A1"),
        ("\t=1", "'␉'=1"),
        ("\rx", "'␍x"),
        ("x;=1", "x;'=1"),
        ("x\t=1", "x␉'=1"),
        ("x\n+1", "x␊'+1"),
        ("x;;@a;-1", "x;;'@a;'-1"),
        ("x; =1", "x; '=1"),
        ("x;\"=1", "x;\"'=1"),
        ("\u{a0}=1", "\u{a0}'=1"),
        ("a=1; b+c", "a=1; b+c"),
        ("a-b@mail.example", "a-b@mail.example"),
        ("\u{1b}[31m", "␛[31m"),
    ];
    for (cell, guarded) in table {
        assert_eq!(csv_cell(cell), guarded, "{cell:?}");
    }
}

#[test]
fn promise_10_json_has_escapes_for_hidden_characters_and_is_read_as_it_was() {
    let table = [
        ("\"Живко 田中\"", "\"Живко 田中\""),
        ("\"csi\u{9b}2J\"", r#""csi\u009b2J""#),
        ("\"user\u{202e}nimda\"", r#""user\u202enimda""#),
        ("\"tag\u{e0041}\"", r#""tag\udb40\udc41""#),
    ];
    for (json, escaped) in table {
        assert_eq!(json_escaped(json), escaped);
        let read = |json: &str| serde_json::from_str::<String>(json).expect("a JSON string");
        assert_eq!(read(escaped), read(json));
    }
}

#[test]
fn text_that_needs_no_cleaning_is_borrowed() {
    assert!(matches!(csv_cell("a-b@mail.example"), Cow::Borrowed(_)));
    assert!(matches!(clean("chris_armstrong@mail.com"), Cow::Borrowed(_)));
    assert!(matches!(clean("Живко Şahin"), Cow::Borrowed(_)));
}

#[test]
fn clean_lines_cleans_each_line() {
    let lines: Vec<_> = clean_lines("one\r\n\ttwo\n\u{1b}three").collect();
    assert_eq!(lines, ["one", "␉two", "␛three"]);
}

#[test]
fn every_kind_of_blank_is_trimmed() {
    for blank in
        [" ", "\t", "\r\n", "\u{85}", "\u{a0}", "\u{2007}", "\u{202f}", "\u{3000}", "\u{200b}", "\u{feff}"]
    {
        assert_eq!(trim(&format!("{blank}00126{blank}{blank}")), "00126", "{blank:?}");
        assert_eq!(trim_end(&format!("{blank}1 2{blank}")), format!("{blank}1 2"), "{blank:?}");
        assert_eq!(trim(blank), "");
    }
}

#[test]
fn a_letter_and_its_diacritic_are_composed_where_there_is_one_character_for_both() {
    for (text, one) in
        [("e\u{301}", "\u{e9}"), ("и\u{306}", "й"), ("x\u{301}", "x\u{301}"), ("ﬁ", "ﬁ"), ("Ann", "Ann")]
    {
        assert_eq!(composed(text), one);
    }
}

#[test]
fn pasted_lines_become_one_line() {
    assert_eq!(one_line("Chris\r\nArmstrong\tJr.\u{1b}[0m\u{200b}\u{2028}!"), "Chris Armstrong Jr.[0m !");
    assert_eq!(one_line("a\n\nb\rc"), "a  b c");
}

#[test]
fn folding_ignores_case_accents_and_compatibility_forms() {
    let table = [
        ("ŞAHİN", "sahin"),
        ("ışık", "isik"),
        ("IŞIK", "isik"),
        ("ЖИВКО", "живко"),
        ("Йордан", "йордан"),
        ("и\u{306}", "й"),
        ("Ёлка", "ёлка"),
        ("Жи\u{301}вко", "живко"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("Łukasz Øre", "lukasz ore"),
        ("Þór Guðmundsson", "thor gudmundsson"),
        ("Đorđe", "dorde"),
        ("Ħal Għaxaq", "hal ghaxaq"),
        ("Sáŋa Ŧeatŧá", "saŋa teatta"),
        ("Cœur Æsir", "coeur aesir"),
        ("ﬁne №1", "fine no1"),
        ("Ευγενία ΟΔΟΣ οδός", "ευγενια οδοσ οδοσ"),
        ("Nguyễn", "nguyen"),
        ("한국", "한국"),
        ("ガ", "ガ"),
        ("sa\u{ad}hin\u{200d}", "sahin"),
    ];
    for (text, folded) in table {
        assert_eq!(fold(text), folded, "{text:?}");
    }
}

#[test]
fn promise_28_a_search_finds_all_words_in_any_order_and_case() {
    assert_eq!(search_words("  Harper\u{a0}ŞAHİN "), ["harper", "sahin"]);
    let table = [
        ("harper lucy", true),
        ("LUC arp", true),
        ("Lúcy", true),
        ("", true),
        (" ", true),
        ("lucy armstrong", false),
        ("lucyharper", false),
    ];
    for (typed, is_found) in table {
        assert_eq!(has_words("Lucy Harper", typed), is_found, "{typed:?}");
    }
}

#[test]
fn folding_is_idempotent_for_every_character() {
    for c in every_char() {
        let once = fold(&c.to_string());
        assert_eq!(fold(&once), once, "{c:?}");
    }
}

#[test]
fn keys_ignore_case_and_blanks_at_either_end_only() {
    let same = [
        ("CC", "cc"),
        (" Chris@Mail.com ", "chris@mail.com"),
        ("ЖИВКО", "живко"),
        ("É", "e\u{301}"),
        ("ΟΔΟΣ", "οδος"),
    ];
    for (left, right) in same {
        assert_eq!(key(left), key(right));
    }
    let different =
        [("Şahin", "sahin"), ("ı", "i"), ("аdmin", "admin"), ("a b", "ab"), ("ad\u{200b}min", "admin")];
    for (left, right) in different {
        assert_ne!(key(left), key(right));
    }
}

#[test]
fn promise_10_mixed_scripts_are_flagged() {
    let mixed = ["pаypal", "Chris Аrmstrong", "pаvel@mail.com", "pavel@mаil.com", "сос_armstrong@mail.com"];
    for text in mixed {
        assert!(mixes_scripts(text), "{text}");
    }
    let single = [
        "Chris Armstrong 2",
        "Chris Живков",
        "иван@mail.com",
        "ivan@пример.com",
        "田中 さくら",
        "José-María",
    ];
    for text in single {
        assert!(!mixes_scripts(text), "{text}");
    }
}

#[test]
fn promise_10_look_alikes_share_a_skeleton_and_stay_two_logins() {
    for (left, right) in [
        ("admin", "аdmin"),
        ("r0bert", "Robert"),
        ("paul", "pau1"),
        ("admin", "ad\u{200b}min"),
        ("mkoleva", "mkoIeva"),
        ("Mkoleva", "mkoIeva"),
        ("MKOLEVA", "МКОLEVA"),
        ("lea.marsh@cove.example", "leа.marsh@cove.example"),
    ] {
        assert_eq!(skeleton(left), skeleton(right));
        assert_ne!(key(left), key(right));
    }
    assert_ne!(skeleton("chris"), skeleton("christ"));
}

#[test]
fn a_grapheme_that_terminals_measure_differently_is_drawn_in_pieces() {
    let table: [(&str, &[(&str, usize)]); 7] = [
        ("ab", &[("a", 1), ("b", 1)]),
        ("e\u{301}x", &[("e\u{301}", 1), ("x", 1)]),
        ("田", &[("田", 2)]),
        ("👍🏽!", &[("👍", 2), ("🏽", 2), ("!", 1)]),
        // A mark stays with the half that it stands on.
        ("👍🏽\u{301}", &[("👍", 2), ("🏽\u{301}", 2)]),
        // Measured alike by all: a flag of two letters, and a half-width letter with its voicing mark.
        ("🇧🇬", &[("🇧🇬", 2)]),
        ("ｶﾞ", &[("ｶﾞ", 2)]),
    ];
    for (text, drawn) in table {
        assert_eq!(Vec::from_iter(pieces(text)), drawn, "{text}");
        assert_eq!(width(text), drawn.iter().map(|(_, columns)| columns).sum::<usize>(), "{text}");
    }
}

#[test]
fn truncated_text_ends_in_an_ellipsis() {
    assert_eq!(fit("Armstrong", 9), "Armstrong");
    assert_eq!(fit("Armstrong", 8), "Armstro…");
    assert_eq!(fit("田中さくら", 6), "田中…");
    assert_eq!(fit("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    assert_eq!(fit("Armstrong", 1), "…");
    assert_eq!(fit("Armstrong", 0), "");
}

#[test]
fn the_domain_of_an_address_is_behind_its_last_at_sign() {
    assert_eq!(email_domain("chris@Gmail.com"), Some("Gmail.com"));
    assert_eq!(email_domain("nobody"), None);
    assert_eq!(email_domain("@gmail.com"), None);
    assert_eq!(email_domain("chris@"), None);
}

proptest! {
    #[test]
    fn promise_10_cleaned_text_has_no_hidden_character_and_stays_as_it_is(text in any::<String>()) {
        let shown = clean(&text);
        prop_assert!(!shown.chars().any(is_hidden));
        prop_assert_eq!(clean(&shown), shown.as_ref());
    }

    #[test]
    fn folding_is_idempotent(text in any::<String>()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn keys_are_idempotent(text in any::<String>()) {
        let once = key(&text);
        prop_assert_eq!(key(&once), once);
    }

    #[test]
    fn fitted_text_takes_at_most_the_given_columns(text in any::<String>(), columns in 0_usize..40) {
        let shown = clean(&text);
        prop_assert!(width(&fit(&shown, columns)) <= columns);
    }

    #[test]
    fn one_line_has_no_hidden_character(text in any::<String>()) {
        prop_assert!(!one_line(&text).chars().any(is_hidden));
    }
}

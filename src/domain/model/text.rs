//! Text from outside: cleaning, folding and look-alikes.
//!
//! Text is hostile until shown to be harmless (`docs/architecture.md`, invariant 5). [`clean`] is the one
//! function that turns a stored text into what may reach a terminal, a log or a CSV file (`docs/promises.md`, 10).
//! [`key`] says when two texts are the same, [`fold`] when a search should find one by the other, and
//! [`skeleton`] when a person may take one for the other.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_security::MixedScript;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

#[cfg(test)]
mod tests;

/// How many zero-width characters may stand on one base; living scripts need five at the most.
pub const MAX_STACK: usize = 8;

/// Stands for a hidden character that has no picture of its own.
const MARK: char = char::REPLACEMENT_CHARACTER;

/// A text that fits one line of a terminal, a log or a CSV file.
///
/// Control, bidi, zero-width and other invisible characters each become a visible mark one column wide:
/// the Unicode control pictures (`␛`, `␊`, `␡`), otherwise `�`. What a stack of combining marks has above
/// [`MAX_STACK`], and combining marks without a base, become one `�`. Cleaning twice changes nothing more.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_ordinary) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    // At the start there is no base, as if its stack were full already.
    let mut stacked = MAX_STACK;
    for c in text.chars() {
        if is_hidden(c) {
            stacked = 0;
            shown.push(picture(c));
        } else if c.width() == Some(0) {
            stacked += 1;
            if stacked <= MAX_STACK {
                shown.push(c);
            } else if stacked == MAX_STACK + 1 {
                shown.push(MARK);
            }
        } else {
            stacked = 0;
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// The lines of a text of several lines, each as [`clean`] shows it.
pub fn clean_lines(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.lines().map(clean)
}

/// Pasted text for a box of one line: line ends and tabs become spaces, other hidden characters fall away.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut previous = '\0';
    for c in text.chars() {
        match c {
            '\n' if previous == '\r' => {}
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => line.push(' '),
            c if is_hidden(c) => {}
            c => line.push(c),
        }
        previous = c;
    }
    line
}

/// Whether a character takes a column of its own and may be shown as it is.
fn is_ordinary(c: char) -> bool {
    matches!(c, ' '..='~') || (!is_hidden(c) && c.width() != Some(0))
}

/// Whether a character acts without being seen: controls, line separators, and what Unicode calls
/// format characters and default ignorables (zero-width, bidi, tags, variation selectors, fillers).
pub fn is_hidden(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    match c {
        ' '..='~' => false,
        '\u{34F}'
        | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{2065}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFF8}'
        | '\u{E0000}'..='\u{E0FFF}' => true,
        c => matches!(c.general_category(), Control | Format | LineSeparator | ParagraphSeparator),
    }
}

/// The visible mark of a hidden character.
fn picture(c: char) -> char {
    match c {
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(MARK),
        '\u{7F}' => '␡',
        '\u{85}' | '\u{2028}' | '\u{2029}' => '␤',
        _ => MARK,
    }
}

/// The form in which texts are searched: a search for `sahin` finds `ŞAHİN`.
///
/// Compatibility forms are resolved, case is folded, hidden characters fall away, and so do the diacritics
/// of European scripts. A Cyrillic letter keeps what makes it another letter (`й`, `ё`, `ѓ`) and loses only
/// a stress mark. Folding twice changes nothing more.
pub fn fold(text: &str) -> String {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase).filter(|&c| !is_hidden(c)) {
        if is_european_mark(c) {
            compose_cyrillic(&mut folded, c);
        } else {
            match unaccented(c) {
                Some(plain) => folded.push_str(plain),
                None => folded.push(c),
            }
        }
    }
    folded.nfc().collect()
}

/// The diacritics of Latin, Greek and Cyrillic; other scripts keep their marks in blocks of their own.
fn is_european_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
}

/// Joins a diacritic to the Cyrillic letter before it where the two are one letter; otherwise leaves it out.
fn compose_cyrillic(folded: &mut String, mark: char) {
    let base = folded.chars().next_back().filter(|c| matches!(c, '\u{400}'..='\u{52F}'));
    if let Some(letter) = base.and_then(|base| compose(base, mark)) {
        folded.pop();
        folded.push(letter);
    }
}

/// The plain spelling of small letters that Unicode does not decompose.
fn unaccented(c: char) -> Option<&'static str> {
    Some(match c {
        'ı' => "i",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'þ' => "th",
        'ς' => "σ",
        _ => return None,
    })
}

/// The identity of a text that must be unique ignoring case, such as a login or an e-mail address.
///
/// Surrounding blanks do not count; diacritics do: `Şahin` and `sahin` are two logins.
pub fn key(text: &str) -> String {
    let text = text.trim();
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.nfc().flat_map(char::to_lowercase);
    lower.map(|c| if c == 'ς' { 'σ' } else { c }).nfc().collect()
}

/// Whether one word of a name, or one side of an e-mail address, mixes scripts (Unicode TS 39).
///
/// Digits and punctuation belong to every script, and each word of a name and each label of a domain may
/// have its own. Japanese and Korean count as one script each.
pub fn mixes_scripts(text: &str) -> bool {
    !text.is_ascii()
        && text.split_whitespace().any(|word| match word.rsplit_once('@') {
            Some((local, domain)) => {
                !local.is_single_script() || domain.split('.').any(|l| !l.is_single_script())
            }
            None => !word.is_single_script(),
        })
}

/// What a text looks like: two logins with the same skeleton can be taken for each other (Unicode TS 39).
///
/// For comparing only, never for showing. Case does not count.
pub fn skeleton(text: &str) -> String {
    // The confusables turn a zero into a capital O: lower case once more brings it to the letter.
    let looks: String = unicode_security::skeleton(&key(text)).collect();
    looks.to_lowercase()
}

/// A full name as first, middle and last name: the first word, the last, and all between them.
pub fn split_name(full: &str) -> (String, String, String) {
    let words: Vec<&str> = full.split_whitespace().collect();
    match words.as_slice() {
        [] => Default::default(),
        [first] => ((*first).to_owned(), String::new(), String::new()),
        [first, middle @ .., last] => ((*first).to_owned(), middle.join(" "), (*last).to_owned()),
    }
}

/// How many columns a clean text takes on a terminal.
pub fn width(text: &str) -> usize {
    // Grapheme by grapheme, as ratatui lays text out.
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// A clean text cut to at most `columns`, with `…` where something is missing.
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let mut used = 0;
    let kept = text.graphemes(true).take_while(|grapheme| {
        used += grapheme.width();
        used <= room
    });
    Cow::Owned(kept.chain(["…"]).collect())
}

/// The domain of an e-mail address: what follows its last `@`.
pub fn email_domain(email: &str) -> Option<&str> {
    let (local, domain) = email.trim().rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty()).then_some(domain)
}

/// Domains where anybody can have a mailbox: such an address says nothing about a company.
const FREE_MAIL: [&str; 22] = [
    "abv.bg",
    "aol.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.bg",
    "mail.ru",
    "msn.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "web.de",
    "yahoo.co.uk",
    "yahoo.com",
    "yandex.com",
    "yandex.ru",
    "zoho.com",
];

/// Whether a domain is one of the well-known free mail services.
pub fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.iter().any(|free| free.eq_ignore_ascii_case(domain))
}

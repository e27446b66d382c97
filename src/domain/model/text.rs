//! Functions on text that comes from outside: cleaning, comparing and measuring.
//!
//! Such text is not trusted (`docs/architecture.md`, Invariants). [`clean`] is the only function that turns stored text
//! into text for a terminal or a log, and [`csv_cell`] into a cell of a CSV file (`docs/promises.md`, 10). Three functions serve comparison: texts with
//! the same [`key`] count as the same, a search compares [`fold`], and texts with the same [`skeleton`] look alike.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_security::MixedScript;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

#[cfg(test)]
mod tests;

/// The most zero-width characters that [`clean`] leaves on one base character. Living scripts need at most five.
pub const MAX_STACK: usize = 8;

/// The visible mark of a hidden character for which Unicode has no control picture.
const MARK: char = char::REPLACEMENT_CHARACTER;

/// Turns text into one line that is safe for a terminal, a log or a CSV file (`docs/promises.md`, 10).
///
/// Each control, bidi, zero-width or other hidden character ([`is_hidden`]) becomes a visible mark one column wide: its
/// Unicode control picture (`␛`, `␊`, `␡`), otherwise `�`. Combining marks beyond [`MAX_STACK`] on one character, and
/// those without a base character, become one `�`. The function is idempotent.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_ordinary) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(without_floods(text).chars().map(|c| if is_hidden(c) { picture(c) } else { c }).collect())
}

/// A text in which the zero-width characters beyond [`MAX_STACK`] on one base character, and those without a base, have
/// become one `�`. Hidden characters ([`is_hidden`]) stay, and count as bases.
pub fn without_floods(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_ordinary) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len() + 8);
    // Marks at the start have no base: count as if the stack were full.
    let mut stacked = MAX_STACK;
    for c in text.chars() {
        if !is_hidden(c) && c.width() == Some(0) {
            stacked += 1;
            if stacked <= MAX_STACK {
                kept.push(c);
            } else if stacked == MAX_STACK + 1 {
                kept.push(MARK);
            }
        } else {
            stacked = 0;
            kept.push(c);
        }
    }
    Cow::Owned(kept)
}

/// The text of a cell of a CSV file: cleaned ([`clean`]), and with an apostrophe before whatever a spreadsheet would take
/// for the beginning of a formula (`docs/promises.md`, 10).
///
/// That is `=`, `+`, `-`, `@` or one of their full-width forms at the beginning of the cell, and behind a semicolon, a
/// tab or a line end inside it, at which many spreadsheets split a line. Blanks and quotation marks before it do not
/// hide it. A cell that begins with a tab or a line end gets the apostrophe, too.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let mut guarded = String::new();
    let mut begins = true;
    let mut kept = 0;
    for (at, c) in text.char_indices() {
        let is_formula = matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
        if begins && (is_formula || (at == 0 && matches!(c, '\t' | '\r' | '\n'))) {
            guarded.push_str(&text[kept..at]);
            guarded.push('\'');
            kept = at;
        }
        begins = matches!(c, ';' | '\t' | '\r' | '\n') || (begins && (c == '"' || is_blank(c)));
    }
    if guarded.is_empty() {
        return clean(text);
    }
    guarded.push_str(&text[kept..]);
    Cow::Owned(clean(&guarded).into_owned())
}

/// JSON text in which the hidden characters ([`is_hidden`]) of its strings are written as `\u…`, so that no terminal obeys
/// them and whoever parses it gets the same. The JSON has no line ends outside its strings.
pub fn json_escaped(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_hidden) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() * 2);
    for c in json.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// The lines of a text, each cleaned ([`clean`]).
pub fn clean_lines(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.lines().map(clean)
}

/// A text without the blanks at either end: every character of Unicode's `White_Space`, the no-break and ideographic
/// spaces among them, and the blanks without width (U+200B, U+2060, U+FEFF).
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// A text without the blanks ([`trim`]) at its end.
pub fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_blank)
}

/// Whether a character is a blank that [`trim`] removes.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// A text in Unicode's composed form (NFC), in which a letter with a diacritic is one character where there is one.
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// Turns pasted text into one line for an input field: line ends and tabs become spaces, other hidden characters are
/// removed.
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

/// Whether [`clean`] leaves the character unchanged in every context: it is visible and not zero-width.
fn is_ordinary(c: char) -> bool {
    matches!(c, ' '..='~') || (!is_hidden(c) && c.width() != Some(0))
}

/// Whether a character has an effect but no visible form: controls, line and paragraph separators, and Unicode's format
/// characters and default ignorables (zero-width, bidi, tags, variation selectors, fillers).
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

/// The visible mark of a hidden character: its control picture, otherwise [`MARK`].
fn picture(c: char) -> char {
    match c {
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(MARK),
        '\u{7F}' => '␡',
        '\u{85}' | '\u{2028}' | '\u{2029}' => '␤',
        _ => MARK,
    }
}

/// The folded form of a text, in which texts are searched and sorted: a search for `sahin` finds `ŞAHİN`
/// (`docs/promises.md`, 28).
///
/// Compatibility characters are decomposed and case is folded; hidden characters ([`is_hidden`]) and the diacritics of
/// Latin, Greek and Cyrillic are removed. A diacritic that makes another Cyrillic letter is kept (`й`, `ё`, `ѓ`). The
/// function is idempotent.
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

/// The words of a search, folded ([`fold`]): a text is found when it contains each of them, in any order.
pub fn search_words(typed: &str) -> Vec<String> {
    fold(typed).split_whitespace().map(str::to_owned).collect()
}

/// Whether a text contains every word of a search, in any order: `harper lucy` finds `Lucy Harper`.
pub fn has_words(text: &str, typed: &str) -> bool {
    let text = fold(text);
    search_words(typed).iter().all(|word| text.contains(word.as_str()))
}

/// Whether a character is a combining diacritic of Latin, Greek or Cyrillic. The marks of other scripts are in other
/// blocks.
fn is_european_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
}

/// Composes a diacritic with the Cyrillic letter at the end of `folded` when Unicode has a letter for both; otherwise
/// does nothing.
fn compose_cyrillic(folded: &mut String, mark: char) {
    let base = folded.chars().next_back().filter(|c| matches!(c, '\u{400}'..='\u{52F}'));
    if let Some(letter) = base.and_then(|base| compose(base, mark)) {
        folded.pop();
        folded.push(letter);
    }
}

/// The spelling without diacritics of a lower-case letter that Unicode does not decompose; `None` for other characters.
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

/// The form in which unique texts, such as logins and e-mail addresses, are compared (`docs/domain.md`, Notation).
///
/// Case and blanks at either end ([`trim`]) are ignored; diacritics count: `Şahin` and `sahin` are two logins.
pub fn key(text: &str) -> String {
    let text = trim(text);
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.nfc().flat_map(char::to_lowercase);
    lower.map(|c| if c == 'ς' { 'σ' } else { c }).nfc().collect()
}

/// Whether a text mixes scripts as look-alikes do (Unicode TS 39; `docs/codes.md`, Warnings).
///
/// Each word, each side of an e-mail address and each label of its domain is examined by itself. Digits and punctuation
/// belong to every script; Japanese and Korean count as one script each.
pub fn mixes_scripts(text: &str) -> bool {
    !text.is_ascii()
        && text.split_whitespace().any(|word| match word.rsplit_once('@') {
            Some((local, domain)) => {
                !local.is_single_script() || domain.split('.').any(|l| !l.is_single_script())
            }
            None => !word.is_single_script(),
        })
}

/// The skeleton of a text (Unicode TS 39): two logins with the same skeleton look alike, as they are written and also
/// where their case differs.
///
/// A skeleton serves comparison only and is never shown.
pub fn skeleton(text: &str) -> String {
    let in_lower_case = |text: &str| unicode_security::skeleton(text).collect::<String>().to_lowercase();
    // First as it is written: a capital I looks like a small l, which a small i does not. Then in lower case, where M and
    // m, which has the skeleton rn, are one letter.
    in_lower_case(&in_lower_case(trim(text)))
}

/// The number of terminal columns that a cleaned text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { pieces(text).map(|(_, columns)| columns).sum() }
}

/// The pieces of a cleaned text that are drawn each by itself, with the columns that each takes: its graphemes. A
/// grapheme for which terminals that count code points take more columns than others is several pieces: the two halves
/// of `👍🏽` have two columns each, wherever they are shown.
pub fn pieces(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.graphemes(true).flat_map(|grapheme| {
        let is_agreed = grapheme.width() >= grapheme.chars().map(columns_of).sum();
        let mut rest = grapheme;
        std::iter::from_fn(move || {
            let is_next = |(_, c): &(usize, char)| !is_agreed && columns_of(*c) > 0;
            let end = rest.char_indices().skip(1).find(is_next).map_or(rest.len(), |(at, _)| at);
            let (piece, after) = rest.split_at(end);
            rest = after;
            (!piece.is_empty()).then(|| (piece, piece.chars().map(columns_of).sum()))
        })
    })
}

/// The columns of one code point. The half-width voicing marks of Katakana extend the grapheme before them, and take a
/// column of their own all the same.
fn columns_of(c: char) -> usize {
    if matches!(c, '\u{FF9E}' | '\u{FF9F}') { 1 } else { c.width().unwrap_or(0) }
}

/// A cleaned text, truncated to at most `columns` terminal columns; truncated text ends in `…`.
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let mut used = 0;
    let kept = pieces(text).take_while(|(_, columns)| {
        used += columns;
        used <= room
    });
    Cow::Owned(kept.map(|(piece, _)| piece).chain(["…"]).collect())
}

/// The domain of an e-mail address, after the last `@`; `None` when either side is empty.
pub fn email_domain(email: &str) -> Option<&str> {
    let (local, domain) = email.trim().rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty()).then_some(domain)
}

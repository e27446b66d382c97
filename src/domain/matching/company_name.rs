//! Names of companies without their legal forms.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::name::{Likeness, Name};

/// The legal forms, one a line; what follows `#` is a comment.
const FORMS: &str = include_str!("../../../assets/matching/legal-forms.txt");

/// Words that only connect others, as they are compared.
const CONNECTORS: [&str; 7] = ["and", "und", "et", "i", "ve", "kai", "ke"];

/// Legal forms that are written together with the name, in scripts without blanks between words.
static TOGETHER: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    forms().filter(|form| !form.contains(char::is_whitespace) && form.chars().all(is_unspaced)).collect()
});

/// The other legal forms, as words.
static APART: LazyLock<HashSet<Vec<Vec<String>>>> =
    LazyLock::new(|| forms().map(|form| Name::of(form).words).filter(|words| !words.is_empty()).collect());

/// The most words of a legal form.
static MOST_WORDS: LazyLock<usize> = LazyLock::new(|| APART.iter().map(Vec::len).max().unwrap_or_default());

fn forms() -> impl Iterator<Item = &'static str> {
    FORMS
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|form| !form.is_empty())
}

/// Whether a letter is of a script that is written without blanks between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

impl Name {
    /// The name of a company in a text, without its legal form and connecting words. A name of nothing else keeps them.
    pub fn of_company(text: &str) -> Self {
        let text = text.trim();
        let mut cuts =
            TOGETHER.iter().filter_map(|form| text.strip_prefix(form).or_else(|| text.strip_suffix(form)));
        let cut = cuts.find(|rest| !rest.is_empty());
        let all = Self::of(cut.unwrap_or(text));
        let mut words = all.words.as_slice();
        while let Some(rest) = without_form(words) {
            words = rest;
        }
        let is_connector = |word: &&Vec<String>| CONNECTORS.contains(&word[0].as_str());
        let kept: Vec<_> = words.iter().filter(|word| !is_connector(word)).cloned().collect();
        Self { words: if kept.is_empty() { words.to_vec() } else { kept } }
    }
}

/// The words without a legal form at one of the ends, the longest there is; `None` when there is none, or nothing else.
fn without_form(words: &[Vec<String>]) -> Option<&[Vec<String>]> {
    let longest = (*MOST_WORDS).min(words.len().saturating_sub(1));
    (1..=longest).rev().find_map(|length| {
        let (rest, end) = words.split_at(words.len() - length);
        let (begin, others) = words.split_at(length);
        let ends = APART.contains(end).then_some(rest);
        ends.or_else(|| APART.contains(begin).then_some(others))
    })
}

/// How much two companies are alike by their names: as the two names that are most alike.
pub(super) fn likeness(names: &[Name], others: &[Name]) -> Likeness {
    let all = names.iter().flat_map(|name| others.iter().map(move |other| alike(name, other)));
    all.max().unwrap_or(Likeness::Other)
}

/// How much two names are alike. Those with the same consonants are similar: *Trade* is spelled *Трейд* as it sounds.
fn alike(name: &Name, other: &Name) -> Likeness {
    let likeness = name.likeness(other);
    if likeness >= Likeness::Similar || name.words.len() != other.words.len() {
        return likeness;
    }
    let sounds = consonants(name);
    let has_many = sounds.chars().filter(|c| *c != ' ').count() >= MANY_CONSONANTS;
    if has_many && sounds == consonants(other) { Likeness::Similar } else { likeness }
}

/// The fewest consonants that say which name it is.
const MANY_CONSONANTS: usize = 5;

/// The consonants of a name in an order that does not depend on that of its words: the same for many names with an error in
/// a vowel, and for words of another language spelled as they sound.
pub(super) fn consonants(name: &Name) -> String {
    let mut words: Vec<String> =
        name.words.iter().map(|word| word[0].replace(['a', 'e', 'i', 'o', 'u'], "")).collect();
    words.retain(|word| !word.is_empty());
    words.sort();
    words.join(" ")
}

/// The first letters of each word, in an order that does not depend on that of the words.
pub(super) fn beginnings(name: &Name) -> String {
    let length = if name.words.len() == 1 { 4 } else { 3 };
    let mut words: Vec<String> =
        name.words.iter().map(|word| word[0].chars().take(length).collect()).collect();
    words.sort();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(one: &str, other: &str) -> Likeness {
        likeness(&[Name::of_company(one)], &[Name::of_company(other)])
    }

    #[test]
    fn the_legal_form_does_not_count() {
        for (one, other) in [
            ("Balkan Trade Ltd.", "Балкан Трейд ООД"),
            ("Müller & Söhne GmbH", "Mueller und Soehne"),
            ("Müller & Söhne GmbH & Co. KG", "MULLER & SOHNE"),
            ("Şahin Çelik Sanayi A.Ş.", "sahin celik sanayi as"),
            ("Nimero Holding AD", "НИМЕРО ХОЛДИНГ АД"),
            ("株式会社さくら商事", "さくら商事"),
            ("株式会社さくら商事", "さくら商事株式会社"),
            ("גליל מערכות בע״מ", "גליל מערכות"),
            ("Αιγαίο Ναυτιλιακή Α.Ε.", "AIGAIO NAFTILIAKI SA"),
            ("ЕТ Иванов", "Ivanov"),
            ("Kowalski Sp. z o.o.", "Kowalski"),
            ("Petrov Timber d.o.o.", "Timber Petrov"),
            ("BalkanTrade", "Balkan Trade OOD"),
            ("Sharma Foods Pvt. Ltd.", "Sharma Foods"),
        ] {
            let expected = if one.contains("Balkan Trade Ltd") { Likeness::Similar } else { Likeness::Same };
            assert!(like(one, other) >= expected, "{one} and {other}: {:?}", like(one, other));
            assert_eq!(like(one, other), like(other, one));
        }
    }

    #[test]
    fn a_name_that_is_a_legal_form_stays() {
        for name in ["AD", "Ltd.", "SA", "株式会社", "and"] {
            assert!(!Name::of_company(name).is_empty(), "{name}");
        }
        assert!(Name::of_company(" … ").is_empty());
    }

    #[test]
    fn small_errors_are_similar_and_other_names_are_others() {
        let table = [
            ("Northgate Tools", "Norhtgate Tools", Likeness::Similar),
            ("Trailhead Outfitters", "Trailhaed Outfitters Ltd", Likeness::Similar),
            ("Offroad Monsters", "Ofroad Monsters", Likeness::Same),
            ("Petrov & Kostov Toys", "Petrov & Kostov Tools", Likeness::Part),
            ("Agro 2000", "Agro 2001", Likeness::Other),
            ("Nimero", "Nimero Holding AD", Likeness::Part),
            ("Harbour Lights", "Old Mill Foundry", Likeness::Other),
        ];
        for (one, other, expected) in table {
            assert_eq!(like(one, other), expected, "{one} and {other}");
        }
    }
}

//! The values that fields hold, and the ids of records.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::instant::Instant;

/// The id of a record: a UUID, of version 7 when this program created the record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub Uuid);

impl RecordId {
    /// The nil UUID, which is the id of no record.
    pub const NIL: Self = Self(Uuid::nil());
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The version of a record (`ObjectVersion`): 1 when created, one more at every saved change of the record or of a part
/// of it.
pub type Version = i64;

/// A language tag such as `en` or `bg`, always in lower case.
pub type Language = String;

/// The language in which a text is shown when it has no translation in the reader's language.
pub const FALLBACK_LANGUAGE: &str = "en";

/// One text in several languages, *ML* in `docs/domain.md`, Notation. All translations are one value, none of them
/// empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MultiLang(BTreeMap<Language, String>);

impl MultiLang {
    /// A text with one translation.
    pub fn new(language: &str, text: impl Into<String>) -> Self {
        let mut translations = Self::default();
        translations.set(language, text);
        translations
    }

    /// The text for a reader of `language`: the translation in that language, else in English, else in the first
    /// language by tag; empty when there is none.
    pub fn text(&self, language: &str) -> &str {
        self.0
            .get(language)
            .or_else(|| self.0.get(FALLBACK_LANGUAGE))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// A text made of several texts, in every language that one of them has. `join` gets their texts in one language, as
    /// [`MultiLang::text`] gives them.
    pub fn combined(parts: &[&Self], join: impl Fn(&[&str]) -> String) -> Self {
        let languages = parts.iter().flat_map(|part| part.languages());
        languages
            .map(|language| {
                let texts: Vec<&str> = parts.iter().map(|part| part.text(language)).collect();
                (language.to_owned(), join(&texts))
            })
            .collect()
    }

    /// Sets the translation in one language; an empty text removes it.
    pub fn set(&mut self, language: &str, text: impl Into<String>) {
        let text = text.into();
        let language = language.to_lowercase();
        if text.is_empty() {
            self.0.remove(&language);
        } else {
            self.0.insert(language, text);
        }
    }

    /// Whether there is no translation.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every language tag with its text, in the order of the tags.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(language, text)| (language.as_str(), text.as_str()))
    }

    /// The tags of the languages with a translation, in order.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl FromIterator<(String, String)> for MultiLang {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(iter: I) -> Self {
        let mut translations = Self::default();
        for (language, text) in iter {
            translations.set(&language, text);
        }
        translations
    }
}

/// A reference to a record, with the record's display text.
///
/// Equality compares the ids alone: when a company is renamed, drafts that refer to it do not become changed.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The id of the record.
    pub id: RecordId,
    /// The display text of the record, in the language of the reader.
    pub shown: String,
}

impl PartialEq for Reference {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Reference {}

/// The value of one field. [`Value::Empty`] is the empty value of every kind of field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// No value.
    #[default]
    Empty,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal with at most [`AMOUNT_PLACES`] places.
    Amount(Decimal),
    /// A text, never empty.
    Text(String),
    /// A text in several languages, with at least one translation.
    Multi(MultiLang),
    /// A calendar date.
    Date(Date),
    /// An instant.
    Instant(Instant),
    /// The database code of an enumeration's value, such as `EXT`.
    Code(&'static str),
    /// A reference to a record.
    Ref(Reference),
}

impl Value {
    /// The value of a text; [`Value::Empty`] for an empty text.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// The value of a text in several languages; [`Value::Empty`] for one without translations.
    pub fn multi(text: MultiLang) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Multi(text) }
    }

    /// Whether the value is [`Value::Empty`].
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }
}

/// The decimal places of an amount (`docs/domain.md`, Notation: amount).
pub const AMOUNT_PLACES: u32 = 2;

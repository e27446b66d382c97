//! What a field can hold, and how each kind reads and prints.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

/// The identity of a record: a UUID, version 7 when made here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub Uuid);

impl RecordId {
    /// The id of no record.
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

/// `ObjectVersion`: 1 when created, one more at every saved change of the aggregate.
pub type Version = i64;

/// A language tag such as `en` or `bg`, always in lower case.
pub type Language = String;

/// The language that stands in when a text lacks the operator's own.
pub const FALLBACK_LANGUAGE: &str = "en";

/// One text in several languages (`docs/domain.md`: *ML*). All translations travel as one value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MultiLang(BTreeMap<Language, String>);

impl MultiLang {
    /// A text in one language.
    pub fn new(language: &str, text: impl Into<String>) -> Self {
        let mut made = Self::default();
        made.set(language, text);
        made
    }

    /// The text an operator of `language` reads: that language, else English, else the first.
    pub fn text(&self, language: &str) -> &str {
        self.0
            .get(language)
            .or_else(|| self.0.get(FALLBACK_LANGUAGE))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// Sets one translation and leaves the others; an empty text removes it.
    pub fn set(&mut self, language: &str, text: impl Into<String>) {
        let text = text.into();
        let language = language.to_lowercase();
        if text.is_empty() {
            self.0.remove(&language);
        } else {
            self.0.insert(language, text);
        }
    }

    /// Whether no language has a text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every language and its text, in the order of the tags.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(language, text)| (language.as_str(), text.as_str()))
    }

    /// The languages present.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl FromIterator<(String, String)> for MultiLang {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(iter: I) -> Self {
        let mut made = Self::default();
        for (language, text) in iter {
            made.set(&language, text);
        }
        made
    }
}

/// A reference to a record, with the text it is shown as.
///
/// Two references are equal when they name the same record: the text only dresses the id, so that a
/// renamed company does not make every draft that points at it look changed.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The record pointed at.
    pub id: RecordId,
    /// How that record is shown to this operator.
    pub shown: String,
}

impl PartialEq for Reference {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Reference {}

/// The value of one field. [`Value::Empty`] stands for every kind of nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Nothing was entered.
    #[default]
    Empty,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal with two places at the most.
    Amount(Decimal),
    /// Text; never empty (that is [`Value::Empty`]).
    Text(String),
    /// Text in several languages; never without any.
    Multi(MultiLang),
    /// A calendar date.
    Date(Date),
    /// A moment, to the microsecond.
    Instant(Timestamp),
    /// The database code of an enumeration's value, such as `EXT`.
    Code(&'static str),
    /// Another record.
    Ref(Reference),
}

impl Value {
    /// Text as a value; an empty text is [`Value::Empty`].
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// A multi-language text as a value; without any translation it is [`Value::Empty`].
    pub fn multi(text: MultiLang) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Multi(text) }
    }

    /// Whether nothing was entered.
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }
}

/// Amounts keep two places (`docs/domain.md`: 18 digits, 2 of them after the point).
pub const AMOUNT_PLACES: u32 = 2;

//! What history tells about a record.

use jiff::Timestamp;

use crate::domain::value::Version;

/// One entry of a record's history: who changed which fields from what to what, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// The login of whoever did it.
    pub login: String,
    /// What was done.
    pub deed: Deed,
    /// The version it made.
    pub version: Version,
    /// The fields, each with its old and new text as they were shown; never a secret.
    pub fields: Vec<FieldChange>,
    /// Why, where somebody was asked.
    pub reason: Option<String>,
}

/// One field of a [`Change`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The Domain API name of the field.
    pub property: String,
    /// The text before; empty for nothing.
    pub old: String,
    /// The text after; empty for nothing.
    pub new: String,
}

/// What was done to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It was made.
    Created,
    /// Fields were changed.
    Changed,
    /// It was removed.
    Deleted,
    /// Its request for an account was settled, because nothing is missing any more.
    Configured,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Self; 4] = [Self::Created, Self::Changed, Self::Deleted, Self::Configured];

    /// The word kept in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
            Self::Configured => "configured",
        }
    }

    /// The deed of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == word)
    }
}

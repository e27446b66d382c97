//! What history tells about a record.

use jiff::Timestamp;

use crate::domain::model::value::Version;

/// One entry of a record's history: who changed which fields from what to what, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When.
    pub at: Timestamp,
    /// The login of whoever did it.
    pub login: String,
    /// What was done.
    pub action: HistoryAction,
    /// The version it made.
    pub version: Version,
    /// The fields, each with its old and new text as they were shown; never a secret.
    pub fields: Vec<FieldChange>,
    /// Why, where somebody was asked.
    pub reason: Option<String>,
}

/// One field of a [`HistoryEntry`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The Domain API name of the field.
    pub property: String,
    /// The text before; empty for nothing.
    pub old: String,
    /// The text after; empty for nothing.
    pub new: String,
}

/// What was done to a record, or tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryAction {
    /// It was made.
    Created,
    /// Fields were changed.
    Changed,
    /// It was removed.
    Deleted,
    /// Somebody asked for the account.
    Requested,
    /// Somebody asked for the account although it is there.
    RequestedAgain,
    /// Its request for an account was settled, because nothing is missing any more.
    Configured,
    /// Its request was turned down.
    Rejected,
    /// Its request is open again.
    Reopened,
    /// Its owner chose another password.
    PasswordChosen,
    /// A one-time code was issued, with which its owner chooses another password.
    ResetIssued,
    /// Somebody tried to sign in with it and could not.
    SignInFailed,
    /// Somebody tried what they may not.
    Refused,
}

impl HistoryAction {
    /// Every deed.
    pub const ALL: [Self; 12] = [
        Self::Created,
        Self::Changed,
        Self::Deleted,
        Self::Requested,
        Self::RequestedAgain,
        Self::Configured,
        Self::Rejected,
        Self::Reopened,
        Self::PasswordChosen,
        Self::ResetIssued,
        Self::SignInFailed,
        Self::Refused,
    ];

    /// The words kept in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
            Self::Requested => "requested",
            Self::RequestedAgain => "requested again",
            Self::Configured => "configured",
            Self::Rejected => "rejected",
            Self::Reopened => "reopened",
            Self::PasswordChosen => "password chosen",
            Self::ResetIssued => "reset issued",
            Self::SignInFailed => "sign-in failed",
            Self::Refused => "refused",
        }
    }

    /// The deed of those words.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

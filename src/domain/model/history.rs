//! What history tells about a record.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::{RecordId, Value, Version};

/// One action of somebody: a save, a grant to several customers, a decision, an imported object. Every entry that it
/// writes carries the same id, by which it is found again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub Uuid);

impl fmt::Debug for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for OperationId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// One entry of history: who did what to which record, when, in which operation and why.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    /// The operation that wrote it; `None` for an entry that was written before operations were kept.
    pub operation: Option<OperationId>,
    /// When, to the microsecond.
    pub at: Timestamp,
    /// The login of whoever did it.
    pub who: String,
    /// What was done.
    pub action: HistoryAction,
    /// What the record is: for a party, the subtype.
    pub entity: &'static EntityDef,
    /// The record in whose history it stands.
    pub record: RecordId,
    /// The version of the record once it was done; 0 where there is no such record.
    pub version: Version,
    /// The record whose fields these are, where it is not the entry's own.
    pub part: Option<Part>,
    /// Of a changed record the fields that differ, of a created or deleted one every field that says something; never
    /// a secret.
    pub fields: Vec<FieldChange>,
    /// Why, where somebody was asked.
    pub reason: Option<String>,
}

/// A record that tells its changes in the history of another one, as an external access does in that of its customer:
/// the entry then has all its fields, changed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub entity: &'static EntityDef,
    /// Which; nil in an entry without an operation.
    pub record: RecordId,
}

/// One field of a [`HistoryEntry`].
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The Domain API name of the field.
    pub field: String,
    /// The value before. An entry without an operation has the text that was shown then, whatever the field's kind.
    pub before: Value,
    /// The value after, in the same form.
    pub after: Value,
}

/// Some of a record's history, the newest entry first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryPage {
    /// The entries.
    pub entries: Vec<HistoryEntry>,
    /// Before which entry to read on; `None` when there is nothing older.
    pub more_before: Option<HistorySeq>,
}

/// The number of an entry: the greater, the later it was written.
pub type HistorySeq = i64;

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
    /// Every action.
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

    /// The action of those words.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

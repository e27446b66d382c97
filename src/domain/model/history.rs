//! Entries of a record's history (`docs/domain.md`, History).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::{RecordId, Value, Version};

/// The id of an operation: one action of a user, such as a save, a grant to several customers, a decision or an
/// imported object. All entries that the operation writes carry the id, so that a save whose answer was lost can be
/// found.
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

/// One entry of a record's history: who did what to the record, when, in which operation and why.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    /// The operation that wrote the entry; `None` in an entry that was written before operations were kept.
    pub operation: Option<OperationId>,
    /// When the action was done, to the microsecond.
    pub at: Timestamp,
    /// The login that did the action, or `command line` or `import`.
    pub who: String,
    /// The action.
    pub action: HistoryAction,
    /// The entity of the record; for a party, its subtype.
    pub entity: &'static EntityDef,
    /// The id of the record to whose history the entry belongs.
    pub record: RecordId,
    /// The version of the record after the action; 0 where no such record exists.
    pub version: Version,
    /// The related record that `fields` belong to; `None` when they belong to `record` itself.
    pub part: Option<Part>,
    /// The fields of the entry, never a secret: those that differ when the record was changed; those with a value when
    /// it was created or deleted; with `part`, all fields of the related record with a value before or after.
    pub fields: Vec<FieldChange>,
    /// The reason for the action, where there is one.
    pub reason: Option<String>,
}

/// A related record whose changes are also entries in the history of another record: those of an external access are in
/// the histories of its customer and of its user (`docs/domain.md`, History).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The entity of the related record.
    pub entity: &'static EntityDef,
    /// The id of the related record; [`RecordId::NIL`] in an entry without an operation.
    pub record: RecordId,
}

/// The values of one field in a [`HistoryEntry`], before and after the action.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The name of the field in the Domain API.
    pub field: String,
    /// The value before the action. In an entry without an operation it is the text as it was shown then, whatever the
    /// kind of the field.
    pub before: Value,
    /// The value after the action, in the same form as `before`.
    pub after: Value,
}

/// One page of a record's history, newest entry first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryPage {
    /// The entries of the page.
    pub entries: Vec<HistoryEntry>,
    /// The entry before which the next page begins; `None` on the page with the oldest entry.
    pub more_before: Option<HistorySeq>,
}

/// The sequence number of an entry; an entry that was written later has a greater one.
pub type HistorySeq = i64;

/// What was done to a record, or attempted (`docs/domain.md`, History).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryAction {
    /// The record was created.
    Created,
    /// Fields of the record were changed.
    Changed,
    /// The record was deleted.
    Deleted,
    /// An account was requested.
    Requested,
    /// An account was requested again for an existing user.
    RequestedAgain,
    /// The user's request became configured: no code fails any more.
    Configured,
    /// The user's request was rejected.
    Rejected,
    /// The user's request was put off until something has happened.
    Waiting,
    /// The user's request is pending again, after it was rejected, configured or put off.
    Reopened,
    /// An operator wrote a note about the user's request.
    Noted,
    /// The user chose a password.
    PasswordChosen,
    /// A one-time code was issued, with which the user chooses a password.
    ResetIssued,
    /// A sign-in with the user's login failed.
    SignInFailed,
    /// An action was refused because the principal may not do it.
    Refused,
}

impl HistoryAction {
    /// Every action.
    pub const ALL: [Self; 14] = [
        Self::Created,
        Self::Changed,
        Self::Deleted,
        Self::Requested,
        Self::RequestedAgain,
        Self::Configured,
        Self::Rejected,
        Self::Waiting,
        Self::Reopened,
        Self::Noted,
        Self::PasswordChosen,
        Self::ResetIssued,
        Self::SignInFailed,
        Self::Refused,
    ];

    /// The words for the action in the database, such as `sign-in failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
            Self::Requested => "requested",
            Self::RequestedAgain => "requested again",
            Self::Configured => "configured",
            Self::Rejected => "rejected",
            Self::Waiting => "waiting",
            Self::Reopened => "reopened",
            Self::Noted => "noted",
            Self::PasswordChosen => "password chosen",
            Self::ResetIssued => "reset issued",
            Self::SignInFailed => "sign-in failed",
            Self::Refused => "refused",
        }
    }

    /// The action with these words ([`as_str`](Self::as_str)).
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

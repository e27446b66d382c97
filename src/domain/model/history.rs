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

/// One operation: what one action of a user wrote, in the list of all operations.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The id of the operation.
    pub id: OperationId,
    /// When it was done, to the microsecond.
    pub at: Timestamp,
    /// The login that did it, or `command line` or `import`.
    pub who: String,
    /// What it was for, in one line such as `Grant access to 3 customers`; empty in an operation from before purposes
    /// were kept.
    pub purpose: String,
    /// The number of records to whose histories its entries belong.
    pub records: i64,
    /// What it undoes, when it is an undo.
    pub undoes: Option<Undoes>,
    /// The operation by which it is undone as a whole now; `None` when there is none, or that one was itself undone.
    pub undone_by: Option<UndoneBy>,
}

/// What an undo takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undoes {
    /// The operation that is undone.
    pub operation: OperationId,
    /// The entry of it that alone is undone; `None` when the operation is undone as a whole.
    pub entry: Option<HistorySeq>,
}

/// The operation by which another one is undone.
#[derive(Clone, Debug, PartialEq)]
pub struct UndoneBy {
    /// The id of the undo.
    pub operation: OperationId,
    /// When it was done.
    pub at: Timestamp,
    /// The login that did it.
    pub who: String,
}

/// Which operations the list of all operations shows; the default shows all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperationFilter {
    /// Those of this login, which is compared exactly.
    pub who: Option<String>,
    /// Those with an entry in the history of a record of this entity; a party is of its subtype.
    pub entity: Option<&'static EntityDef>,
    /// Those with an entry of this action; with `entity`, in the history of a record of that entity.
    pub action: Option<HistoryAction>,
    /// Those with an entry in the history of this record; a party is of its subtype.
    pub record: Option<(&'static EntityDef, RecordId)>,
    /// Those at this time or later.
    pub from: Option<Timestamp>,
    /// Those before this time.
    pub before: Option<Timestamp>,
}

/// The last operation of a page, behind which the next page begins.
pub type OperationCursor = (Timestamp, OperationId);

/// One page of the list of all operations, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperationPage {
    /// The operations of the page.
    pub operations: Vec<Operation>,
    /// The cursor for the next page; `None` on the page with the oldest operation.
    pub more_before: Option<OperationCursor>,
}

/// A history entry with its sequence number.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberedEntry {
    /// The sequence number.
    pub seq: HistorySeq,
    /// The entry.
    pub entry: HistoryEntry,
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
    /// it was created or deleted; with `part`, all fields of the related record with a value before or after. What the
    /// record has beside its fields is among them, under the names of [`beside`].
    pub fields: Vec<FieldChange>,
    /// The reason for the action, where there is one.
    pub reason: Option<String>,
}

/// The names under which an entry keeps what a record has beside its fields, so that a change or a deletion can be undone
/// wholly. No field of an entity has one of these names.
pub mod beside {
    /// The id of the record in another system: a text.
    pub const EXTERNAL_ID: &str = "ExternalId";
    /// The name of that system: a text.
    pub const EXTERNAL_SYSTEM: &str = "ExternalSystem";
    /// When the record was created: an instant.
    pub const CREATION_TIME: &str = "CreationTime";
    /// The login that created the record: a text.
    pub const CREATION_USER: &str = "CreationUser";
    /// The properties of an imported object that no field holds: the text of a JSON object.
    pub const EXTRA: &str = "extra";
    /// The state of the user's account request: the text of its code.
    pub const REQUEST_STATE: &str = "RequestState";
    /// When the request was decided: an instant.
    pub const REQUEST_DECIDED_AT: &str = "RequestDecidedAt";
    /// The login that decided the request: a text.
    pub const REQUEST_DECIDED_BY: &str = "RequestDecidedBy";
    /// The reason of the decision: a text.
    pub const REQUEST_REASON: &str = "RequestReason";
    /// The day on which a waiting request is pending again: a date.
    pub const REQUEST_WAITING_UNTIL: &str = "RequestWaitingUntil";
    /// The account requests of a deleted user: the text of a JSON array.
    pub const REQUESTS: &str = "Requests";
    /// What a deleted user had that history does not keep: a text such as `a password`.
    pub const NOT_KEPT: &str = "NotKept";
    /// The last number of the series of the record's numbered field before and after: whole numbers.
    pub const LAST_NUMBER: &str = "LastNumber";

    /// The label under which a reader sees it; `None` for what only an undo reads.
    pub fn label(name: &str) -> Option<&'static str> {
        match name {
            EXTERNAL_ID => Some("External Id"),
            EXTERNAL_SYSTEM => Some("External System"),
            NOT_KEPT => Some("Not kept"),
            _ => None,
        }
    }

    /// Whether this is one of the names.
    pub fn is_one(name: &str) -> bool {
        [
            EXTERNAL_ID,
            EXTERNAL_SYSTEM,
            CREATION_TIME,
            CREATION_USER,
            EXTRA,
            REQUEST_STATE,
            REQUEST_DECIDED_AT,
            REQUEST_DECIDED_BY,
            REQUEST_REASON,
            REQUEST_WAITING_UNTIL,
            REQUESTS,
            NOT_KEPT,
            LAST_NUMBER,
        ]
        .contains(&name)
    }
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

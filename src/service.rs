//! Use cases. Each authorises, validates, and writes records with their history, in one transaction.

pub mod api;
pub mod auth;
pub mod back_office;
pub mod client_center;
pub(crate) mod consequences;
pub mod database;
pub mod exchange;
pub mod generate;
pub mod last_administrator;
pub mod last_manager;
mod unfinished;
pub mod write;

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use crate::domain::model::history::OperationId;
use crate::domain::model::instant::utc_date;
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::RecordId;
use crate::domain::rules::{Issue, Weight};
use crate::storage::error::StorageError;

/// Fills bytes with unpredictable random values.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// What the service takes from outside, so that tests can repeat a run exactly: the clock, new ids, randomness and
/// the configured policy.
#[derive(Clone)]
pub struct World {
    /// The clock.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Returns an id that no record has yet.
    pub new_id: Arc<dyn Fn() -> RecordId + Send + Sync>,
    /// Fills bytes with unpredictable random values.
    pub random: Random,
    /// The configured limits of passwords and sessions.
    pub policy: Policy,
}

/// The limits of passwords and sessions; the configuration sets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The fewest characters of a new password; never under [`Policy::MIN_PASSWORD_LENGTH`].
    pub min_password_length: usize,
    /// How long a session lasts, however busy it is.
    pub session: SignedDuration,
    /// How long a one-time code can be used.
    pub reset_code: SignedDuration,
}

impl Policy {
    /// The configuration cannot go below this (`docs/promises.md`, 1).
    pub const MIN_PASSWORD_LENGTH: usize = 8;
}

impl Default for Policy {
    /// 15 characters, 12 hours, and a day for a one-time code (`docs/promises.md`, 1, 5 and 6).
    fn default() -> Self {
        Self {
            min_password_length: 15,
            session: SignedDuration::from_hours(12),
            reset_code: SignedDuration::from_hours(24),
        }
    }
}

impl World {
    /// The system clock, random bytes of the operating system, and UUIDs of version 7.
    pub fn real(policy: Policy) -> Self {
        Self {
            now: Arc::new(Timestamp::now),
            new_id: Arc::new(|| RecordId(Uuid::now_v7())),
            random: Arc::new(auth::machine_random),
            policy,
        }
    }

    /// An id for an operation that begins now.
    pub fn new_operation(&self) -> OperationId {
        OperationId((self.new_id)().0)
    }

    /// Today, UTC.
    pub fn today(&self) -> Date {
        utc_date((self.now)())
    }
}

/// Why a use case failed. Unless its message says otherwise, nothing was changed.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ServiceError {
    /// The draft breaks rules: one issue for each, at a field or at the whole record.
    #[error("{}", .0.first().map_or("The record is not valid.", |issue| issue.message.as_str()))]
    Invalid(Vec<Issue>),
    /// The record was saved by somebody else since it was read.
    #[error("{0}")]
    Conflict(Box<Conflict>),
    /// The principal may not do this; the text says why.
    #[error("{0}")]
    Denied(String),
    /// The session has ended; the text says why.
    #[error("{0}")]
    SignedOut(String),
    /// There is no such record, or no longer.
    #[error("This record is not there any more; somebody has removed it.")]
    NotFound,
    /// The database failed or refused.
    #[error("{0}")]
    Storage(Arc<StorageError>),
    /// The commit of this operation was not confirmed, and the database cannot be asked whether it took place: it does
    /// not answer, or, for SQLite, the disk failed (`docs/promises.md`, 32).
    #[error(
        "The database did not confirm the save; look whether the change is there before repeating it (operation {0})."
    )]
    OutcomeUnknown(OperationId),
}

impl ServiceError {
    /// Whether something may have been written all the same. After every other error nothing was.
    pub fn is_outcome_unknown(&self) -> bool {
        match self {
            Self::OutcomeUnknown(_) => true,
            Self::Storage(error) => **error == StorageError::CommitUnknown,
            _ => false,
        }
    }

    /// The message of a rule that forbids something to everybody ([`Weight::Forbid`]), if such a rule was broken.
    pub(crate) fn forbids(&self) -> Option<&str> {
        let Self::Invalid(issues) = self else { return None };
        let forbidden = issues.iter().find(|issue| issue.weight == Weight::Forbid);
        forbidden.map(|issue| issue.message.as_str())
    }
}

impl From<StorageError> for ServiceError {
    fn from(error: StorageError) -> Self {
        Self::Storage(Arc::new(error))
    }
}

/// What somebody else saved in a record since it was read here.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The login of whoever saved last, if known.
    pub login: Option<String>,
    /// The time of that save, if known.
    pub at: Option<Timestamp>,
    /// The fields whose stored value is not the one read.
    pub fields: Vec<ConflictField>,
}

/// One field of a [`Conflict`].
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictField {
    /// The field.
    pub field: &'static FieldDef,
    /// The display text of the value that was read.
    pub base: String,
    /// The display text of the value that is stored now.
    pub theirs: String,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} has changed this record meanwhile", self.login.as_deref().unwrap_or("Somebody"))?;
        for (index, change) in self.fields.iter().enumerate() {
            let sign = if index == 0 { ": " } else { "; " };
            let nothing =
                |text: &str| if text.is_empty() { "empty".to_owned() } else { format!("“{text}”") };
            write!(
                f,
                "{sign}{} from {} to {}",
                change.field.label,
                nothing(&change.base),
                nothing(&change.theirs)
            )?;
        }
        f.write_str(". Nothing was saved; Reload puts your changes on top of theirs.")
    }
}

//! Use cases. Each one authorises, validates, writes and keeps history, in one transaction.

pub mod access;
pub mod check;
pub mod database;
pub mod generate;
pub mod records;
pub mod session;
pub mod transfer;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use thiserror::Error;
use uuid::Uuid;

use crate::domain::rules::Issue;
use crate::domain::schema::FieldDef;
use crate::domain::value::{RecordId, Reference};
use crate::storage::db::Db;
use crate::storage::error::StorageError;

/// What the service takes from outside, so that every story can be told twice: the time and new identities.
#[derive(Clone)]
pub struct World {
    /// The time.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// An identity nobody has yet.
    pub new_id: Arc<dyn Fn() -> RecordId + Send + Sync>,
}

impl World {
    /// The machine's clock, and UUIDs of version 7.
    pub fn real() -> Self {
        Self { now: Arc::new(Timestamp::now), new_id: Arc::new(|| RecordId(Uuid::now_v7())) }
    }

    /// Today, UTC.
    pub fn today(&self) -> Date {
        TimeZone::UTC.to_datetime((self.now)()).date()
    }
}

/// Who works here, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedIn {
    /// The operator's user.
    pub operator: RecordId,
    /// The name signed in with; history names it.
    pub login: String,
    /// The name shown.
    pub name: String,
    /// The language of texts.
    pub language: String,
    /// May do everything.
    pub is_admin: bool,
    /// The enterprise company worked for: that of the site.
    pub enterprise_company: Option<Reference>,
    /// The Client Center site for which users are judged.
    pub site: Option<Reference>,
}

/// The service as one signed-in operator has it.
#[derive(Clone)]
pub struct Desk {
    /// Where the records are.
    pub db: Db,
    /// The time and new identities.
    pub world: World,
    /// Who works at it.
    pub who: SignedIn,
}

/// Why something was not done. Unless it says otherwise, nothing was changed.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ServiceError {
    /// The draft is wrong; each issue belongs to a field.
    #[error("{}", .0.first().map_or("The record is not valid.", |issue| issue.message.as_str()))]
    Invalid(Vec<Issue>),
    /// Somebody saved the record meanwhile.
    #[error("{0}")]
    Conflict(Box<Conflict>),
    /// This operator may not.
    #[error("{0}")]
    Denied(String),
    /// The record is gone.
    #[error("This record is not there any more; somebody has removed it.")]
    NotFound,
    /// The database could not do it.
    #[error("{0}")]
    Storage(Arc<StorageError>),
}

impl From<StorageError> for ServiceError {
    fn from(error: StorageError) -> Self {
        Self::Storage(Arc::new(error))
    }
}

/// What somebody else saved between the reading of a record and its saving here.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// Who saved last, if known.
    pub login: Option<String>,
    /// When, if known.
    pub at: Option<Timestamp>,
    /// The fields that differ from what was read.
    pub fields: Vec<ConflictField>,
}

/// One field of a [`Conflict`].
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictField {
    /// Which.
    pub field: &'static FieldDef,
    /// What was read.
    pub base: String,
    /// What stands there now.
    pub theirs: String,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} has changed this record meanwhile", self.login.as_deref().unwrap_or("Somebody"))?;
        for (place, change) in self.fields.iter().enumerate() {
            let sign = if place == 0 { ": " } else { "; " };
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

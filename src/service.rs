//! Use cases. Each one authorises, validates, writes and keeps history, in one transaction.

pub mod access;
pub mod check;
pub mod client_center;
pub mod database;
pub mod generate;
pub mod grants;
pub mod managers;
pub mod records;
pub mod requests;
pub mod session;
pub mod transfer;

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use crate::domain::rules::{Issue, Weight};
use crate::domain::schema::FieldDef;
use crate::domain::value::{FALLBACK_LANGUAGE, RecordId, Reference};
use crate::storage::db::Db;
use crate::storage::error::StorageError;

/// Fills bytes that nobody can guess.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// What the service takes from outside, so that every story can be told twice: the time, new identities, chance,
/// and what the house asks for.
#[derive(Clone)]
pub struct World {
    /// The time.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// An identity nobody has yet.
    pub new_id: Arc<dyn Fn() -> RecordId + Send + Sync>,
    /// Bytes that nobody can guess.
    pub random: Random,
    /// What the house asks of passwords and sessions.
    pub house: HouseRules,
}

/// What the house asks of passwords and sessions; the configuration can change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HouseRules {
    /// The fewest characters of a new password; never under [`HouseRules::LEAST_PASSWORD`].
    pub shortest_password: usize,
    /// How long a session lasts, however busy it is.
    pub session: SignedDuration,
    /// How long a one-time code can be used.
    pub reset_code: SignedDuration,
}

impl HouseRules {
    /// No house may ask for shorter passwords (promise 1).
    pub const LEAST_PASSWORD: usize = 8;
}

impl Default for HouseRules {
    /// 15 characters, 12 hours, and a day for a one-time code (promises 1 and 6).
    fn default() -> Self {
        Self {
            shortest_password: 15,
            session: SignedDuration::from_hours(12),
            reset_code: SignedDuration::from_hours(24),
        }
    }
}

impl World {
    /// The machine's clock and chance, and UUIDs of version 7.
    pub fn real(house: HouseRules) -> Self {
        Self {
            now: Arc::new(Timestamp::now),
            new_id: Arc::new(|| RecordId(Uuid::now_v7())),
            random: Arc::new(session::machine_random),
            house,
        }
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

/// What somebody holds who has come in. Every step shows it again: it is worth nothing once the login is switched
/// off, has another password, or the time is over (promise 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Whose.
    pub user: RecordId,
    /// Which of the login's passwords opened the door; `None` where whoever holds the database needs none.
    pub serial: Option<i64>,
    /// Since when.
    pub since: Timestamp,
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
    /// With what right.
    pub pass: Pass,
}

/// The login that history names for what a command did.
const COMMAND_LINE: &str = "command line";

impl Desk {
    /// The desk of a command: whoever holds the database may do everything with it, and is nobody in particular.
    pub fn of_command_line(db: &Db, world: &World) -> Self {
        let nobody = session::NOBODY;
        let who = SignedIn {
            operator: nobody,
            login: COMMAND_LINE.to_owned(),
            name: COMMAND_LINE.to_owned(),
            language: FALLBACK_LANGUAGE.to_owned(),
            is_admin: true,
            enterprise_company: None,
            site: None,
        };
        let pass = Pass { user: nobody, serial: None, since: (world.now)() };
        Self { db: db.clone(), world: world.clone(), who, pass }
    }
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
    /// Whoever asks is not signed in any more, and this says why.
    #[error("{0}")]
    SignedOut(String),
    /// The record is gone.
    #[error("This record is not there any more; somebody has removed it.")]
    NotFound,
    /// The database could not do it.
    #[error("{0}")]
    Storage(Arc<StorageError>),
}

impl ServiceError {
    /// What nobody may do, when it was refused for that.
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

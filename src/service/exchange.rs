//! Import and export (`docs/interchange.md`): objects of the Domain API become records, written by
//! [`write`](mod@super::write), and the other way ([`mod@export`]).
//!
//! Each object is read from JSON ([`reader`]), converted to typed fields ([`object`], [`value`]) and applied to the
//! database (`apply`); a `stretch` of up to 200 objects shares a transaction. An object that refers to a record that does
//! not exist yet is set aside (`spool`). At the end of the input the objects set aside are applied again, round after
//! round, until a round settles none of them.

pub mod export;
pub mod object;
pub mod password;
pub mod properties;
pub mod reader;
pub mod value;

mod apply;
mod encoding;
mod lookup;
mod notes;
mod run;
mod spool;
mod stretch;
mod surrogates;
mod trouble;
mod unheld;
mod unmet;

use std::io::{self, Read};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};
use tokio::sync::{mpsc, watch};

use crate::domain::model::text;
use crate::service::{ServiceError, World};
use crate::storage::db::Db;
use crate::storage::error::StorageError;
use crate::storage::operations::OperationHead;

pub use apply::State;
pub use reader::{Transaction, Unreadable};

use run::Run;

/// The most pieces of the input ([`reader::Piece`]) that are read ahead. Each may be as large as an object.
const READ_AHEAD: usize = 2;

/// How long an import that was asked to stop may go on: five seconds with closing the database (`docs/promises.md`, 32).
const STOPPING: Duration = Duration::from_secs(3);

/// The options of an import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The login that history records as the author.
    pub login: String,
    /// What the operations of the import are for, such as `Import of people.json`; empty says no more than that it is an
    /// import.
    pub purpose: String,
    /// Whether to apply and report every object on a copy of the database, and to keep nothing.
    pub dry_run: bool,
    /// Asks the import to stop.
    pub stop: Stop,
}

impl Options {
    /// The head of the operations of objects that were imported at `at`.
    fn head(&self, at: Timestamp) -> OperationHead<'_> {
        let purpose = if self.purpose.is_empty() { "Import" } else { &self.purpose };
        OperationHead { at, login: &self.login, purpose, undoes: None }
    }
}

/// Asks an import to stop after the object that it is applying, or an export after the page that it is writing. Clones
/// share the request.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// Asks it to stop.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was asked to stop.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Completes when it is asked to stop.
    async fn requested(&self) {
        let mut requested = self.0.subscribe();
        // The sender is here, so there is no error.
        let _ = requested.wait_for(|requested| *requested).await;
    }

    /// Completes when the import was asked to stop so long ago that it waits for the database in vain.
    async fn is_overdue(&self) {
        self.requested().await;
        tokio::time::sleep(STOPPING).await;
    }
}

/// The result of one object of the input. With [`Transaction::AllObjects`] it is reported before it is known whether
/// the import commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The line on which the object begins, counted from 1.
    pub line: u64,
    /// The record: `Systems_Security_Users(…)`; of a failed object without an id, the set and a code. `None` when the
    /// object is malformed or there is no record.
    pub id: Option<String>,
    /// What was done to the record; for a failed object the cause, in one sentence.
    pub result: Result<State, String>,
    /// Remarks on the object, such as that its password was left out.
    pub note: Option<String>,
}

/// Serializes as a line of the report (`docs/interchange.md`, What comes back).
impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (result, state) = match &self.result {
            Ok(state) => ("success", *state),
            Err(_) => ("fail", State::Unchanged),
        };
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("@odata.id", &self.id)?;
        map.serialize_entry("@erpnet.result", result)?;
        map.serialize_entry("@erpnet.state", &format!("{state:?}"))?;
        map.serialize_entry("@erpnet.message", &self.message())?;
        map.serialize_entry("line", &self.line)?;
        map.end()
    }
}

impl Outcome {
    /// The cause of a failure, or else the note; `None` without either. Hidden and control characters are replaced by
    /// visible marks ([`text::clean`]).
    pub fn message(&self) -> Option<String> {
        let words = match &self.result {
            Err(sentence) => Some(sentence.as_str()),
            Ok(_) => self.note.as_deref(),
        };
        words.map(|words| text::clean(words).into_owned())
    }
}

/// The totals of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records created.
    pub added: u64,
    /// Records changed.
    pub modified: u64,
    /// Records deleted.
    pub deleted: u64,
    /// Objects that changed nothing.
    pub unchanged: u64,
    /// Objects that were refused.
    pub failed: u64,
    /// Of an import that ended before its input did: objects up to the line [`Summary::through`] that waited for others
    /// and were not imported.
    pub waiting: u64,
    /// The line of the last object that was looked at; 0 when there was none.
    pub through: u64,
    /// Whether a query response has further pages, which are not fetched.
    pub more_pages: bool,
    /// What the input asks to be done with valid objects when others fail.
    pub transaction: Transaction,
    /// Whether what was imported is committed: not after a dry run, nor when [`Transaction::AllObjects`] undid it.
    pub kept: bool,
}

/// An import that ended before its input did. [`ImportError::done`] says what was imported before: that stays, unless
/// [`Summary::kept`] is `false`. A second import of the same input leaves it unchanged and adds the rest.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct ImportError {
    /// Why it ended.
    pub cause: Cause,
    /// The totals until then.
    pub done: Summary,
}

/// Why an import ended before its input did: in a few words, which say nothing of what was kept.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The input is unreadable from some position on.
    #[error("{0}")]
    Unreadable(Unreadable),
    /// It was asked to stop.
    #[error("it was asked to stop")]
    Stopped,
    /// It was asked to stop, and the database did not answer in time.
    #[error("it was asked to stop, and the database did not answer in time")]
    GivenUp,
    /// The database failed.
    #[error("{}", without_advice(.0))]
    Storage(#[from] StorageError),
    /// The database did not confirm a commit, and could not be asked whether it took place.
    #[error("the database did not confirm the objects of {}; look whether they are there", lines(*.first, *.last))]
    Unconfirmed {
        /// The line of the first object of the commit.
        first: u64,
        /// The line of the last one.
        last: u64,
    },
    /// The temporary file of the objects that wait for others could not be written or read.
    #[error("objects that wait for others could not be set aside in a temporary file: {0}")]
    Spool(#[from] io::Error),
}

impl Cause {
    /// The cause of an import that ended with a commit of the objects of these lines.
    fn of_commit((first, last): (u64, u64), error: ServiceError) -> Self {
        match error {
            ServiceError::Storage(error) if *error != StorageError::CommitUnknown => {
                Self::Storage(Arc::unwrap_or_clone(error))
            }
            _ => Self::Unconfirmed { first, last },
        }
    }
}

fn lines(first: u64, last: u64) -> String {
    if first == last { format!("line {first}") } else { format!("lines {first} to {last}") }
}

/// The sentence of an error up to what it says of a single save, and what to do about it.
fn without_advice(error: &StorageError) -> String {
    error.to_string().split("; ").next().unwrap_or_default().to_owned()
}

/// Imports the objects of `input` and calls `watch` with the outcome of each.
///
/// A thread of its own reads the input, which nobody waits for: `input` must not pause. The memory used is a few times
/// that of the largest object. [`Summary::kept`] says whether the changes are committed.
///
/// # Errors
/// See [`ImportError`]. An object that is refused is no error; [`Summary::failed`] counts it.
pub async fn import(
    db: &Db,
    world: &World,
    input: impl Read + Send + 'static,
    options: &Options,
    watch: &mut (dyn FnMut(&Outcome) + Send),
) -> Result<Summary, ImportError> {
    let (send, mut pieces) = mpsc::channel(READ_AHEAD);
    let reading = thread::spawn(move || reader::read(input, |piece| send.blocking_send(piece).is_ok()));
    let mut run = Run::new(db, world, options, watch);
    let importing = async {
        while let Some(piece) = pieces.recv().await {
            run.take(piece).await?;
        }
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        run.finish(read.is_ok()).await?;
        Ok(read)
    };
    let imported = tokio::select! {
        imported = importing => Some(imported),
        () = options.stop.is_overdue() => None,
    };
    let (ended, done) = match imported.unwrap_or_else(|| Err(run.given_up())) {
        Ok(read) => (read.map_err(Cause::Unreadable), run.summary()),
        Err(cause) => (Err(cause), run.into_summary()),
    };
    if done.kept
        && let Err(moved) = db.check_in_place()
    {
        return Err(ImportError { cause: moved.into(), done: Summary { kept: false, ..done } });
    }
    ended.map(|()| done).map_err(|cause| ImportError { cause, done })
}

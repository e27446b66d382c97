//! Import (`docs/interchange.md`): objects of the Domain API become records, written by [`write`](mod@super::write).
//!
//! Each object is parsed from JSON ([`reader`]), converted to typed fields ([`object`], [`value`]) and applied to the
//! database (`apply`); a group of up to 200 objects shares a transaction. An object that refers to a record that does
//! not exist yet is set aside (`spool`). At the end of the input the objects set aside are applied again, round after
//! round, until a round settles none of them.

pub mod object;
pub mod reader;
pub mod value;

mod apply;
mod run;
mod spool;

use std::io::{self, Read};
use std::thread;

use serde::ser::{Serialize, SerializeMap, Serializer};
use tokio::sync::mpsc;

use crate::domain::model::text;
use crate::service::{ServiceError, World};
use crate::storage::db::Db;
use crate::storage::error::StorageError;

pub use apply::State;
pub use reader::{Transaction, Unreadable};

use run::Run;

/// The most pieces of the input ([`reader::Piece`]) that are read ahead.
const READ_AHEAD: usize = 16;

/// The options of an import.
#[derive(Clone, Debug)]
pub struct Options {
    /// The login that history records as the author.
    pub login: String,
    /// Whether to apply and report every object and to commit nothing.
    pub dry_run: bool,
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
    /// A remark on the object, such as that its password was left out.
    pub note: Option<&'static str>,
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
            Ok(_) => self.note,
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
    /// Whether a query response has further pages, which are not fetched.
    pub more_pages: bool,
    /// What the input asks to be done with valid objects when others fail.
    pub transaction: Transaction,
    /// Whether the import is committed: not after a dry run, nor when [`Transaction::AllObjects`] undid it.
    pub kept: bool,
}

/// Why an import ended before its input did.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input is unreadable from some position on. The complete objects before it are imported, unless the input
    /// asks for [`Transaction::AllObjects`].
    #[error("{at}")]
    Unreadable {
        /// The position and the cause.
        at: Unreadable,
        /// The totals of the objects before it.
        done: Summary,
    },
    /// The database failed. Groups committed before stay; a second import of the same file leaves them unchanged and
    /// adds the rest.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The last group could not be committed, or its outcome is unknown. A second import of the same file adds what is
    /// missing.
    #[error(transparent)]
    Commit(#[from] ServiceError),
    /// The temporary file of the objects that wait for others could not be written or read.
    #[error("objects that wait for others could not be set aside in a temporary file: {0}")]
    Spool(#[from] io::Error),
}

/// Imports the objects of `input` and calls `watch` with the outcome of each.
///
/// A thread of its own reads the input. The memory used does not depend on the size of the input.
/// [`Summary::kept`] says whether the changes are committed.
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
    while let Some(piece) = pieces.recv().await {
        run.take(piece).await?;
    }
    let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let done = run.finish(read.is_ok()).await?;
    match read {
        Ok(()) => Ok(done),
        Err(at) => Err(ImportError::Unreadable { at, done }),
    }
}

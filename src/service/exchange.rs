//! Import (`docs/interchange.md`): objects of the Domain API become records, written by [`write`](mod@super::write).
//!
//! An object is read ([`reader`]), understood ([`object`], [`value`]) and applied (`apply`) by itself, in groups
//! that share a transaction. One that refers to something not yet there waits (`spool`) until the input has
//! ended, and is then tried again for as long as that helps.

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

/// How many pieces of the input may be read ahead.
const READ_AHEAD: usize = 16;

/// Who imports, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The login that history names.
    pub login: String,
    /// Do and report everything, and keep nothing.
    pub dry_run: bool,
}

/// What has become of one object of the input. With [`Transaction::AllObjects`] it is told before it is known
/// whether anything will be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The line on which the object begins.
    pub line: u64,
    /// The record: `Systems_Security_Users(…)`.
    pub id: Option<String>,
    /// What was done, or one sentence why nothing was.
    pub result: Result<State, String>,
    /// What else is to be said of it.
    pub note: Option<&'static str>,
}

/// A line of the report, in the words of the Domain API's own import.
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
    /// What is to be said of it in words, harmless to a terminal.
    pub fn message(&self) -> Option<String> {
        let words = match &self.result {
            Err(sentence) => Some(sentence.as_str()),
            Ok(_) => self.note,
        };
        words.map(|words| text::clean(words).into_owned())
    }
}

/// An import in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records created.
    pub added: u64,
    /// Records changed.
    pub modified: u64,
    /// Records removed.
    pub deleted: u64,
    /// Objects that changed nothing.
    pub unchanged: u64,
    /// Objects that were refused.
    pub failed: u64,
    /// The query response said that it has further pages.
    pub more_pages: bool,
    /// What the input wants to become of the good objects when there are bad ones.
    pub transaction: Transaction,
    /// Whether what was done was kept.
    pub kept: bool,
}

/// Why an import ended before its input did.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input could not be read on. The whole objects before that place were imported, unless all or none
    /// was asked for.
    #[error("{at}")]
    Unreadable {
        /// Where, and why.
        at: Unreadable,
        /// What was done.
        done: Summary,
    },
    /// The database cannot go on. What was kept before stays; importing the same file again goes on from there.
    #[error("{0}")]
    Storage(#[from] StorageError),
    /// The last objects could not be committed, or whether they were is not known. Importing the same file again goes on
    /// from there.
    #[error("{0}")]
    Commit(#[from] ServiceError),
    /// Objects that wait for others could not be set aside.
    #[error("objects that wait for others could not be set aside in a temporary file: {0}")]
    Spool(#[from] io::Error),
}

/// Imports everything `input` holds, and tells `watch` what becomes of each object.
///
/// Reading takes place on a thread of its own; in memory are at most some objects, whatever the size of the
/// input. Nothing is kept when `options` or the input say so.
///
/// # Errors
/// See [`ImportError`]. An object that is wrong is no error, but counted in [`Summary::failed`].
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

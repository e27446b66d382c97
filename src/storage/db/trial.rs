//! A transaction on a copy of the database, for what is tried and not kept: nobody waits for it, however long it takes.

use tempfile::TempDir;

use super::super::error::StorageError;
use super::{Db, Tx, sqlite};

/// A transaction on a copy of the database. Nothing of it is kept.
pub struct Trial {
    /// The transaction. It is rolled back when the trial is dropped.
    pub tx: Tx,
    /// The directory with the copy of an SQLite file, which is removed when the trial is dropped.
    _directory: Option<TempDir>,
}

impl Trial {
    /// Copies the database as it is now, and begins a transaction on the copy.
    ///
    /// An SQLite file is copied into a temporary directory that only its owner can read. On PostgreSQL the tables are
    /// copied into temporary ones of the transaction, but for the history. Neither keeps others from writing.
    ///
    /// # Errors
    /// When the database cannot be read, or there is no room for the copy.
    pub(super) async fn begin(db: &Db) -> Result<Self, StorageError> {
        match db {
            Db::Sqlite { readers, .. } => {
                let directory = tempfile::Builder::new().prefix("ccdesk-").tempdir();
                let directory = directory.map_err(sqlite::file_error)?;
                let copy = sqlite::copy(readers, &directory.path().join("copy.db")).await?;
                let tx = Tx::begin(&copy).await?;
                Ok(Self { tx, _directory: Some(directory) })
            }
            Db::Postgres { .. } => Ok(Self { tx: Tx::begin_on_copy(db).await?, _directory: None }),
        }
    }
}

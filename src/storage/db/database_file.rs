//! The file of an SQLite database that is open, and the files beside it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fs, io};

use super::super::error::StorageError;

/// A database file that is open, by which it is noticed that another file, or none, is at its path.
#[derive(Debug)]
pub struct OpenFile {
    path: PathBuf,
    /// The device and the number of the file on it.
    identity: (u64, u64),
    /// Whether there was a log beside the file after the first transaction began. On some file systems SQLite works
    /// without one.
    has_log: OnceLock<bool>,
}

impl OpenFile {
    /// The file at a path.
    ///
    /// # Errors
    /// When there is none, or it cannot be looked at.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), identity: identity_at(path)?, has_log: OnceLock::new() })
    }

    /// Notices the log when the first transaction begins.
    pub(super) fn transaction_begins(&self) {
        self.has_log.get_or_init(|| log_of(&self.path).exists());
    }

    /// Checks that the file and its log are where they were. What is written to a removed file is lost.
    ///
    /// # Errors
    /// [`StorageError::Moved`].
    pub(super) fn check_in_place(&self) -> Result<(), StorageError> {
        let is_same = identity_at(&self.path).is_ok_and(|identity| identity == self.identity);
        let has_log = self.has_log.get().is_none_or(|had_log| !had_log || log_of(&self.path).exists());
        if is_same && has_log { Ok(()) } else { Err(StorageError::Moved) }
    }
}

/// The device of a file and its number there. The file is not opened: closing it again would release the locks that
/// SQLite holds on it in this process.
fn identity_at(path: &Path) -> io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map(|found| (found.dev(), found.ino()))
}

/// The path of the write-ahead log of a database file.
pub(super) fn log_of(path: &Path) -> PathBuf {
    companion(path, "-wal")
}

/// The path of a file that SQLite keeps beside a database file.
pub(super) fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut companion = path.as_os_str().to_owned();
    companion.push(suffix);
    companion.into()
}

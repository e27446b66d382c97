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

    /// The path at which it was opened.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is unsafe about who may use the file, in whole sentences: other users of the machine can read or change it, or
    /// put another one in its place (`docs/promises.md`, 12). SQLite gives its log the rights of the database file.
    pub(super) fn warnings(&self) -> Vec<String> {
        let name = self.path.display();
        let of_file = match mode_of(&self.path) & 0o077 {
            0 => None,
            rights => {
                let what = if rights & 0o022 == 0 { "read" } else { "change" };
                Some(format!(
                    "Others on this machine can {what} the database file {name}; run chmod 600 on it."
                ))
            }
        };
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        let mode = mode_of(folder);
        // With the sticky bit, as in /tmp, only the owner of a file can replace it.
        let of_folder = (mode & 0o022 != 0 && mode & 0o1000 == 0).then(|| {
            let folder = folder.display();
            format!("Others on this machine can replace the database file in {folder}; run chmod go-w on that folder.")
        });
        of_file.into_iter().chain(of_folder).collect()
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

/// The permission bits of a file or folder; none when it cannot be looked at.
fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).map_or(0, |found| found.permissions().mode())
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

//! Opening an SQLite file.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Access, access};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};

use super::super::error::StorageError;
use super::database_file::{OpenFile, companion, log_of};
use super::migrate::Steps;
use super::{Commits, Create, Db, Found, StatementCount, WAIT_TIMEOUT};

/// The application id in the header of a database file of this program, "ccdk" in ASCII.
/// `migrations/sqlite/0003_settings.sql` sets it.
const APPLICATION_ID: i64 = 0x6363_646B;

/// The smallest size of a page, and so of a file, in bytes.
const SMALLEST_PAGE: u64 = 512;

/// The number of reading connections: for a page of a list, a look-up and a count at the same time.
const READERS: u32 = 3;

/// Opens a database file after applying the steps of the schema that it lacks, unless it is to stay unchanged. With [`Create::MustExist`] a file that
/// can only be read opens too; a statement that writes then fails with [`StorageError::ReadOnly`].
///
/// # Errors
/// [`StorageError`] when the file cannot be read, is no database of this program, or a step fails or cannot be written.
pub(super) async fn open(path: &Path, create: Create) -> Result<Db, StorageError> {
    let path = &real_path(path)?;
    let found = examine(path).await?;
    let lacks_steps = found.lacks_steps(create)?;
    let can_write = found == Found::Nothing || is_writable(path);
    match (can_write, create) {
        (false, Create::IfMissing) => return Err(StorageError::ReadOnly),
        (false, Create::MustExist) if lacks_steps => return Err(StorageError::OlderReadOnly),
        _ => {}
    }
    if found == Found::Nothing {
        create_private_file(path).map_err(file_error)?;
    }
    let (readers, writer) = if can_write { pools(path) } else { reading_pools(path) };
    if lacks_steps && create != Create::Unchanged {
        apply_steps(&writer).await?;
    }
    with_pools(path, readers, writer)
}

fn with_pools(path: &Path, readers: SqlitePool, writer: SqlitePool) -> Result<Db, StorageError> {
    let (commits, statements) = (Commits::default(), StatementCount::default());
    let file = Arc::new(OpenFile::at(path).map_err(file_error)?);
    Ok(Db::Sqlite { readers, writer, file, commits, statements })
}

/// Copies the database of these readers, as it is now, into a new file, and opens the copy after applying the steps of
/// the schema that it lacks. Others may write meanwhile.
///
/// # Errors
/// When the database cannot be read, there is no room for the copy, or a step fails.
pub(super) async fn copy(readers: &SqlitePool, path: &Path) -> Result<Db, StorageError> {
    let options = readers.connect_options().as_ref().clone().pragma("query_only", "OFF");
    let mut source = options.connect().await?;
    let copying = sqlx::query("VACUUM INTO $1").bind(path.to_string_lossy().into_owned());
    copying.execute(&mut source).await?;
    source.close().await?;
    let (readers, writer) = pools(path);
    apply_steps(&writer).await?;
    with_pools(path, readers, writer)
}

/// The path of the file behind symbolic links: SQLite keeps its log beside that file. A path to nothing stays as it is.
///
/// # Errors
/// [`StorageError::DanglingLink`] for a link that leads nowhere.
fn real_path(path: &Path) -> Result<PathBuf, StorageError> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if path.is_symlink() {
                Err(StorageError::DanglingLink)
            } else {
                Ok(path.to_owned())
            }
        }
        found => found.map_err(file_error),
    }
}

/// Whether this user may write to the file, and SQLite can keep its log beside it. A file without any right to write is
/// taken for read-only, even where the administrator of the machine could write to it.
fn is_writable(path: &Path) -> bool {
    let may_write = |path: &Path| access(path, Access::WRITE_OK).is_ok();
    let is_marked = fs::metadata(path).is_ok_and(|found| found.permissions().readonly());
    let has_room_for_log = log_of(path).exists() || path.parent().is_none_or(may_write);
    !is_marked && may_write(path) && has_room_for_log
}

/// The files of the database at a path: its own, and the log and the index of the log beside it.
pub(super) fn files_of(path: &Path) -> Vec<PathBuf> {
    let path = real_path(path).unwrap_or_else(|_| path.to_owned());
    vec![companion(&path, "-wal"), companion(&path, "-shm"), path]
}

/// Determines what the file is, without changing it and without creating a file beside it.
async fn examine(path: &Path) -> Result<Found, StorageError> {
    let state = || {
        let file = fs::metadata(path).ok().map(|found| (found.len(), found.modified().ok()));
        (file, log_of(path).exists())
    };
    for _ in 0..MOST_EXAMINED {
        let before = state();
        let found = examine_once(path).await;
        // Another program writes to the file: what was read without its log need not be what that program wrote.
        if found.is_ok() || state() == before {
            return found;
        }
    }
    Err(StorageError::Busy)
}

/// How often a file is examined that another program is writing to.
const MOST_EXAMINED: usize = 100;

async fn examine_once(path: &Path) -> Result<Found, StorageError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(file_error(error)),
        Ok(found) if found.is_dir() => return Err(StorageError::Directory),
        Ok(found) if !found.is_file() => return Err(StorageError::NotAFile),
        // SQLite takes some of these for empty, and would overwrite them.
        Ok(found) if (1..SMALLEST_PAGE).contains(&found.len()) => return Err(StorageError::NotADatabase),
        Ok(_) => {}
    }
    let mut connection = options_for_reading(path).connect().await?;
    let found = identify(&mut connection).await;
    connection.close().await?;
    found
}

/// The options for reading a file without changing it or creating a file beside it.
fn options_for_reading(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(WAIT_TIMEOUT)
        .read_only(true)
        // Opening a file of WAL mode creates a log and its index beside it even for reading, except when the file is
        // declared immutable. When there is a log already, another program may be writing, and the log must be read.
        .immutable(!log_of(path).exists())
        .disable_statement_logging()
}

async fn identify(connection: &mut sqlx::SqliteConnection) -> Result<Found, StorageError> {
    let mark: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let objects: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *connection).await?;
    if mark == APPLICATION_ID {
        let current = Steps::of_sqlite().missing(connection).await?.is_empty();
        Ok(Found::Ours { current })
    } else if mark == 0 && objects == 0 {
        Ok(Found::Nothing)
    } else {
        Err(StorageError::NotOurs)
    }
}

/// Creates an empty file that only its owner can read, with the directories above it; an existing file gets the same
/// mode. SQLite creates its log and the index of the log with the mode of the database file (`docs/promises.md`, 12).
fn create_private_file(path: &Path) -> io::Result<()> {
    let mut directory = fs::DirBuilder::new();
    let mut file = fs::OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        directory.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        directory.recursive(true).create(parent)?;
    }
    match file.write(true).create_new(true).open(path) {
        #[cfg(unix)]
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))
        }
        made => made.map(drop),
    }
}

/// The error of an operation on a file.
#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
pub(super) fn file_error(error: io::Error) -> StorageError {
    match error.kind() {
        ErrorKind::PermissionDenied => StorageError::Forbidden,
        ErrorKind::ReadOnlyFilesystem => StorageError::ReadOnly,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StorageError::Full,
        ErrorKind::NotFound | ErrorKind::NotADirectory => StorageError::Missing,
        _ => StorageError::Disk,
    }
}

/// The pools of readers and of the writer. Connections are opened at first use.
fn pools(path: &Path) -> (SqlitePool, SqlitePool) {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(WAIT_TIMEOUT)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let readers = pool_of(READERS)
        .test_before_acquire(false)
        .connect_lazy_with(options.clone().pragma("query_only", "ON"));
    let writer = pool_of(1)
        // On a full disk SQLite may roll the transaction back itself without the driver noticing. The driver then
        // counts the connection as in a transaction for ever, so the pool must replace the connection.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
        .connect_lazy_with(options);
    (readers, writer)
}

/// The pools for a file that can only be read. A transaction of the second one can only read, too.
fn reading_pools(path: &Path) -> (SqlitePool, SqlitePool) {
    let pool = |connections| pool_of(connections).connect_lazy_with(options_for_reading(path));
    (pool(READERS), pool(1))
}

/// A pool of as many connections. Replacing connections by age has no benefit for a file.
fn pool_of(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(WAIT_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
}

async fn apply_steps(writer: &SqlitePool) -> Result<(), StorageError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    Steps::of_sqlite().apply_missing(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

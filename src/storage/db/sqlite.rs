//! Opening an SQLite file.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};

use super::super::error::StorageError;
use super::migrate::Steps;
use super::{Commits, Create, Db, Found, PATIENCE, StatementCount};

/// The mark in the header of our files, "ccdk". `migrations/sqlite/` writes it.
const APPLICATION_ID: i64 = 0x6363_646B;

/// Enough for the screen, a lookup and a count at the same time.
const READERS: u32 = 3;

/// Opens a database file, after taking the migrations it lacks.
///
/// # Errors
/// When it cannot be opened or a migration fails.
pub(super) async fn open(path: &Path, create: Create) -> Result<Db, StorageError> {
    let found = look(path).await?;
    let lacks_steps = found.lacks_steps(create)?;
    if found == Found::Nothing {
        make_private_file(path).map_err(file_error)?;
    }
    let (readers, writer) = pools(path);
    if lacks_steps {
        take_steps(&writer).await?;
    }
    let (commits, statements) = (Commits::default(), StatementCount::default());
    Ok(Db::Sqlite { readers, writer, commits, statements })
}

/// Looks at the file without changing a byte of it, or leaving one beside it.
async fn look(path: &Path) -> Result<Found, StorageError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(file_error(error)),
        Ok(found) if found.is_dir() => return Err(StorageError::Directory),
        Ok(found) if found.permissions().readonly() => return Err(StorageError::ReadOnly),
        Ok(_) => {}
    }
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(PATIENCE)
        .read_only(true)
        // Even a reader makes a log and an index beside a file, unless told that nobody changes it. With a log
        // there already, somebody may, and the log has to be read too.
        .immutable(!log_of(path).exists())
        .disable_statement_logging()
        .connect()
        .await?;
    let found = identify(&mut connection).await;
    connection.close().await?;
    found
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

fn log_of(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// Makes an empty file only its owner can read, or makes an empty one that is there such a file. SQLite gives
/// its log and index the mode of the file.
fn make_private_file(path: &Path) -> io::Result<()> {
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

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn file_error(error: io::Error) -> StorageError {
    match error.kind() {
        ErrorKind::PermissionDenied => StorageError::Forbidden,
        ErrorKind::ReadOnlyFilesystem => StorageError::ReadOnly,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StorageError::Full,
        ErrorKind::NotFound | ErrorKind::NotADirectory => StorageError::Missing,
        _ => StorageError::Disk,
    }
}

/// The readers and the writer; connections are made when first used.
fn pools(path: &Path) -> (SqlitePool, SqlitePool) {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(PATIENCE)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    // Nothing wears out in a connection to a file: none is replaced for its age.
    let pool = || SqlitePoolOptions::new().acquire_timeout(PATIENCE).idle_timeout(None).max_lifetime(None);
    let readers = pool()
        .max_connections(READERS)
        .test_before_acquire(false)
        .connect_lazy_with(options.clone().pragma("query_only", "ON"));
    let writer = pool()
        .max_connections(1)
        // A full disk can make SQLite end the transaction by itself, unnoticed by the driver: such a
        // connection would believe for ever that it is in one.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
        .connect_lazy_with(options);
    (readers, writer)
}

async fn take_steps(writer: &SqlitePool) -> Result<(), StorageError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    Steps::of_sqlite().take(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

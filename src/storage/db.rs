//! One interface to the two engines, SQLite and PostgreSQL: connect, migrate, read and write.
//!
//! A statement is written once, with the placeholders `$1`, `$2`…, and runs on both engines:
//!
//! - [`Db::read`] gives a [`Conn`], a connection for reading; [`Db::begin`] gives a [`Tx`], a transaction. Both deref
//!   to [`Session`], which is the parameter of every storage function that only runs statements.
//! - [`Db::snapshot`] gives a [`Snapshot`], on which any number of statements see the same database.
//! - A statement takes an [`Sql`] and its [`Bind`] values and gives [`Row`]s, whose columns are read by position.
//! - Dropping the future of a read and its [`Conn`] cancels the statement; dropping a [`Tx`] before [`Tx::commit`]
//!   rolls it back.
//!
//! Columns are of the types UUID, TEXT, BIGINT and BOOLEAN only: an instant is microseconds since 1970 UTC, an amount
//! hundredths, a date ISO text, an enumeration its code. A statement must cast integer literals and narrower integer
//! expressions in its result to BIGINT, because PostgreSQL gives them a narrower type, which [`Row::int`] refuses.

mod address;
mod connector;
mod database_file;
mod migrate;
mod postgres;
mod relay;
mod row;
mod server;
mod session;
mod sql;
mod sqlite;
mod statement_count;
mod temporary_tables;
mod tls;
mod trial;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::SqlitePool;

use super::error::StorageError;
use crate::domain::model::history::OperationId;

pub use database_file::OpenFile;
pub use row::{Row, instant, instant_of_field, micros};
pub use server::Server;
pub use session::{AdvisoryLock, Commits, Conn, Session, Snapshot, Tx};
pub use sql::{Bind, Sql};
pub use statement_count::StatementCount;
pub use trial::Trial;

/// The time-out of connecting, of waiting for a free connection, and of waiting for another transaction's lock.
const WAIT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// An open database. Cloning is cheap: every clone shares the same connections.
#[derive(Clone)]
pub enum Db {
    /// An SQLite file. SQLite allows one writer at a time, so there is one writing connection: the writers of this
    /// program queue for it in order instead of competing for the lock of the file.
    Sqlite {
        /// The pool of connections that can only read.
        readers: SqlitePool,
        /// The pool of the one connection that writes.
        writer: SqlitePool,
        /// The file, to notice that it is not in its place any more.
        file: Arc<OpenFile>,
        /// The counter of unanswered commits.
        commits: Commits,
        /// The counter of statements sent.
        statements: StatementCount,
    },
    /// A database on a PostgreSQL server.
    Postgres {
        /// The pool of connections to the server.
        server: Arc<Server>,
        /// The counter of unanswered commits.
        commits: Commits,
        /// The counter of statements sent.
        statements: StatementCount,
    },
}

/// What [`Db::open`] does when there is no database at the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Create {
    /// Create one. A PostgreSQL database must exist already, but may be empty. An SQLite file that can only be read is
    /// refused.
    IfMissing,
    /// Fail with [`StorageError::Missing`]. An SQLite file that can only be read is opened for reading.
    MustExist,
    /// Fail as [`Create::MustExist`] does, and leave an older schema as it is: an SQLite file that has one serves for
    /// [`Db::begin_trial`] alone, a database on a server is refused with [`StorageError::OlderOnServer`].
    Unchanged,
}

/// The engine of an open database, for the few statements that differ between engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in this process.
    Sqlite,
    /// PostgreSQL, 15 or newer.
    Postgres,
}

/// What an address holds before it is opened; anything else is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// No file, an empty file or an empty database.
    Nothing,
    /// A database of this program; `current` when it lacks no step of the schema.
    Ours { current: bool },
}

impl Found {
    /// Whether steps of the schema must be applied.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when nothing was found and `create` does not allow to create a database.
    fn lacks_steps(self, create: Create) -> Result<bool, StorageError> {
        match self {
            Self::Nothing if create != Create::IfMissing => Err(StorageError::Missing),
            Self::Nothing => Ok(true),
            Self::Ours { current } => Ok(!current),
        }
    }
}

impl Db {
    /// Opens the database at `sqlite:PATH` or `postgres://…` and applies the steps of the schema that it lacks, unless it
    /// is to stay unchanged.
    ///
    /// The database is first examined without changing it. One of another program, or of a newer version of this one,
    /// is left as it is (`docs/promises.md`, 19). A new file is readable by its owner only (`docs/promises.md`, 12).
    ///
    /// # Errors
    /// [`StorageError::Address`] when the address is of neither form, [`StorageError::AddressPart`] when a part of it is
    /// wrong; [`StorageError::Opening`], with the location and the cause, for everything else.
    pub async fn open(url: &str, create: Create) -> Result<Self, StorageError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            // An absolute path, because SQLite gives names such as `:memory:` and `file:…` a special meaning.
            let absolute = std::path::absolute(path).map_err(|_| StorageError::Address)?;
            sqlite::open(&absolute, create).await.map_err(|problem| problem.opening(path))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            postgres::open(url, create).await
        } else {
            Err(StorageError::Address)
        }
    }

    /// The files of the SQLite database at an address, with those that SQLite keeps beside it, whether they are there or
    /// not; none for a database on a server.
    pub fn files_of(url: &str) -> Vec<PathBuf> {
        let path = url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
        path.and_then(|path| std::path::absolute(path).ok())
            .map_or_else(Vec::new, |path| sqlite::files_of(&path))
    }

    /// The files of this database, as [`Db::files_of`] gives them.
    pub fn files(&self) -> Vec<PathBuf> {
        match self {
            Self::Sqlite { file, .. } => sqlite::files_of(file.path()),
            Self::Postgres { .. } => Vec::new(),
        }
    }

    /// What whoever uses this database has to know, in whole sentences: that others can read along or change it, or that
    /// it cannot be changed at all.
    pub fn warnings(&self) -> Vec<String> {
        match self {
            Self::Sqlite { file, .. } => file.warnings(),
            Self::Postgres { server, .. } => server.warnings(),
        }
    }

    /// The engine of this database.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres { .. } => Engine::Postgres,
        }
    }

    /// Takes a connection for reading from the pool. Dropping the connection while a statement runs cancels the
    /// statement.
    ///
    /// # Errors
    /// On SQLite [`StorageError::Busy`] when no connection becomes free within five seconds. On PostgreSQL
    /// [`StorageError::Silent`] in that case, and [`StorageError::Unreachable`] when the server cannot be reached.
    pub async fn read(&self) -> Result<Conn, StorageError> {
        Conn::take(self).await
    }

    /// Takes a connection for statements that all see the database as it was at the first of them. Nobody waits for it.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn snapshot(&self) -> Result<Snapshot, StorageError> {
        Snapshot::begin(self).await
    }

    /// Begins a transaction; on SQLite it is the only one that writes. Dropping it before [`Tx::commit`] rolls it back.
    ///
    /// # Errors
    /// On SQLite [`StorageError::Busy`] when another writer does not finish within five seconds. On PostgreSQL
    /// [`StorageError::Silent`] when no connection becomes free in that time or the server does not answer, and
    /// [`StorageError::Unreachable`] when it cannot be reached.
    pub async fn begin(&self) -> Result<Tx, StorageError> {
        Tx::begin(self).await
    }

    /// Copies the data, and begins a transaction on the copy, of which nothing is kept. Nobody waits for it. The copy of an
    /// SQLite file has the newest schema.
    ///
    /// # Errors
    /// When the database cannot be read, or there is no room for the copy.
    pub async fn begin_trial(&self) -> Result<Trial, StorageError> {
        Trial::begin(self).await
    }

    /// Awaits what finds out about a commit whose answer was lost, and counts that commit as unanswered until then. When
    /// the future is dropped before, the commit stays counted.
    pub async fn count_unanswered<T>(&self, finding_out: impl Future<Output = T>) -> T {
        match self {
            Self::Sqlite { commits, .. } | Self::Postgres { commits, .. } => commits.count(finding_out).await,
        }
    }

    /// The number of commits that were sent and have no answer yet. When the program ends without waiting for the
    /// answers, the outcome of these commits is unknown; every other open transaction is rolled back.
    pub fn unanswered_commits(&self) -> usize {
        match self {
            Self::Sqlite { commits, .. } | Self::Postgres { commits, .. } => commits.unanswered(),
        }
    }

    /// The operations of the commits that have no answer yet, as far as these have one.
    pub fn unanswered_operations(&self) -> Vec<OperationId> {
        match self {
            Self::Sqlite { commits, .. } | Self::Postgres { commits, .. } => commits.operations(),
        }
    }

    /// Awaits the commit of an operation, which is among [`Db::unanswered_operations`] until then. When the future is
    /// dropped before, it stays there.
    pub async fn commit_of<T>(&self, operation: OperationId, commit: impl Future<Output = T>) -> T {
        match self {
            Self::Sqlite { commits, .. } | Self::Postgres { commits, .. } => {
                commits.of(operation, commit).await
            }
        }
    }

    /// The number of statements that all sessions of this database and its clones have sent, counted as
    /// [`Session::statements_run`] does.
    pub fn statements_run(&self) -> u64 {
        self.statements().total()
    }

    fn statements(&self) -> &StatementCount {
        match self {
            Self::Sqlite { statements, .. } | Self::Postgres { statements, .. } => statements,
        }
    }

    /// Checks that an SQLite file is where it was opened: what was written to a file that was removed since is lost.
    ///
    /// # Errors
    /// [`StorageError::Moved`].
    pub fn check_in_place(&self) -> Result<(), StorageError> {
        match self {
            Self::Sqlite { file, .. } => file.check_in_place(),
            Self::Postgres { .. } => Ok(()),
        }
    }

    /// Closes every connection. The last connection to an SQLite file copies the write-ahead log into it.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres { server, .. } => server.close().await,
        }
    }
}

/// Prints the engine only, because the connection options contain the password.
impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db({:?})", self.engine())
    }
}

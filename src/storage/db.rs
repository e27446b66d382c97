//! One interface to the two engines, SQLite and PostgreSQL: connect, migrate, read and write.
//!
//! A statement is written once, with `$1…`, and runs on whichever engine is open:
//!
//! - [`Db::read`] gives a [`Conn`] for looking, [`Db::begin`] a [`Tx`] for changing. Both deref to [`Session`],
//!   which is what a storage function asks for when either will do.
//! - [`Sql`] and [`Bind`] go in, [`Row`] comes out, read by position.
//! - A read nobody waits for any longer is stopped by dropping its future; a transaction dropped before
//!   [`Tx::commit`] is rolled back.
//!
//! Stored columns are UUID, TEXT, BIGINT and BOOLEAN and nothing else: instants are microseconds since 1970
//! UTC, amounts hundredths, dates ISO text, enumerations their codes. Integers in results are 64 bits wide: a
//! literal or a narrower expression must be cast to BIGINT, or PostgreSQL will not give it.

mod migrate;
mod postgres;
mod row;
mod server;
mod session;
mod sql;
mod sqlite;
mod statement_count;

use std::fmt;
use std::sync::Arc;

use sqlx::SqlitePool;

use super::error::StorageError;

pub use row::{Row, instant, micros};
pub use server::Server;
pub use session::{AdvisoryLock, Commits, Conn, Session, Tx};
pub use sql::{Bind, Sql};
pub use statement_count::StatementCount;

/// How long a statement waits for another writer, and opening for a server, before giving up.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// An open database. Cheap to clone: every clone shares the same connections.
#[derive(Clone)]
pub enum Db {
    /// One file. SQLite has one writer at a time, so we have one writing connection: our own writers queue for
    /// it in order instead of racing for the file's lock.
    Sqlite {
        /// Several connections that can only read.
        readers: SqlitePool,
        /// The one that writes.
        writer: SqlitePool,
        /// The commits that were not answered.
        commits: Commits,
        /// The statements sent so far.
        statements: StatementCount,
    },
    /// PostgreSQL.
    Postgres {
        /// The server.
        server: Arc<Server>,
        /// The commits that were not answered.
        commits: Commits,
        /// The statements sent so far.
        statements: StatementCount,
    },
}

/// What to do when nothing is at the place that was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Create {
    /// Make a new database there. (A PostgreSQL database must exist; it may be empty.)
    IfMissing,
    /// Refuse with [`StorageError::Missing`].
    MustExist,
}

/// Which engine is open, for the few statements that need one form for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in this process.
    Sqlite,
    /// PostgreSQL, 15 or newer.
    Postgres,
}

/// What a look at a place has found; everything else is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Ours { current: bool },
}

impl Found {
    /// Whether the schema has to be made or brought up to date.
    fn lacks_steps(self, create: Create) -> Result<bool, StorageError> {
        match self {
            Self::Nothing if create == Create::MustExist => Err(StorageError::Missing),
            Self::Nothing => Ok(true),
            Self::Ours { current } => Ok(!current),
        }
    }
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…` and brings its schema up to date.
    ///
    /// Whatever is there is looked at first: unless it is ours, and not newer than this program, it is left
    /// exactly as it was. New files can be read by their owner only.
    ///
    /// # Errors
    /// [`StorageError::Opening`], with the place and the reason, or [`StorageError::Address`].
    pub async fn open(url: &str, create: Create) -> Result<Self, StorageError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            // Absolute, so that SQLite sees a special meaning in no name (`:memory:`, `file:…`).
            let absolute = std::path::absolute(path).map_err(|_| StorageError::Address)?;
            sqlite::open(&absolute, create).await.map_err(|problem| problem.opening(path))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            postgres::open(url, create).await
        } else {
            Err(StorageError::Address)
        }
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres { .. } => Engine::Postgres,
        }
    }

    /// A connection for reading. A statement on it stops when its future and the connection are dropped.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`], [`StorageError::Silent`] or [`StorageError::Busy`] when none can be had.
    pub async fn read(&self) -> Result<Conn, StorageError> {
        Conn::take(self).await
    }

    /// Begins a transaction, on SQLite as the only writer. Dropped before [`Tx::commit`], it is rolled back.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when another writer does not finish within five seconds,
    /// [`StorageError::Unreachable`] or [`StorageError::Silent`] when the server is away.
    pub async fn begin(&self) -> Result<Tx, StorageError> {
        Tx::begin(self).await
    }

    /// How many commits were begun and not answered. Once nothing of the program waits for an answer any more, it is
    /// unknown of each of them whether it happened; what was not at its commit did not happen.
    pub fn unanswered_commits(&self) -> usize {
        match self {
            Self::Sqlite { commits, .. } | Self::Postgres { commits, .. } => commits.unanswered(),
        }
    }

    /// How many statements this database was sent, by this and every clone of it: [`Session::statements_run`] of all
    /// sessions, those under way too.
    pub fn statements_run(&self) -> u64 {
        self.statements().total()
    }

    fn statements(&self) -> &StatementCount {
        match self {
            Self::Sqlite { statements, .. } | Self::Postgres { statements, .. } => statements,
        }
    }

    /// Closes every connection; SQLite then folds its log into the file.
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

/// Only the engine: the options of a pool hold the password.
impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db({:?})", self.engine())
    }
}

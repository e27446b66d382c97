//! Sessions, on which statements run: [`Conn`] for reading and [`Tx`] for a transaction.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::super::error::StorageError;
use super::server::Lease;
use super::sql::{Bind, Sql};
use super::{Db, Engine, OpenFile, Row, StatementCount};
use crate::domain::model::history::OperationId;

/// The most values that one statement of [`Session::insert`] carries. More values would save few round trips and make
/// parsing take longer than execution. The limits are 32,766 on SQLite and 65,535 on PostgreSQL.
const BINDS_PER_INSERT: usize = 8000;

/// The number of values above which a statement for SQLite has `?` in place of `$1`, `$2`… where it can: SQLite and its
/// driver search for each named placeholder among all earlier ones.
const MANY_BINDS: usize = 50;

/// The number of virtual-machine instructions after which SQLite checks whether a statement is cancelled. They take
/// some tens of microseconds.
const INSTRUCTIONS_PER_CHECK: i32 = 1000;

/// Runs statements on one connection; the common part of [`Conn`] and [`Tx`].
pub struct Session {
    link: Link,
    /// Whether a statement was sent whose answer is not read yet.
    has_pending_statement: bool,
    /// The number of statements sent on this session.
    sent: u64,
    /// The number of statements sent on all sessions of the database.
    statements: StatementCount,
}

/// The connection or transaction of the driver.
enum Link {
    /// `is_cancelled` makes SQLite stop the statement that runs on the connection.
    SqliteRead {
        connection: PoolConnection<Sqlite>,
        is_cancelled: Arc<AtomicBool>,
    },
    /// A transaction that only reads.
    SqliteSnapshot(Transaction<'static, Sqlite>),
    SqliteWrite {
        transaction: Transaction<'static, Sqlite>,
        file: Arc<OpenFile>,
    },
    Postgres(Lease),
}

/// Runs a body, which is written once and compiled for each engine, on the connection of the session. On PostgreSQL the
/// body runs again on a new connection, once: when the first statement finds the connection broken, because it was idle
/// for long, and when a read was prepared for tables that were changed since.
macro_rules! on_each {
    ($session:ident, $sql:ident, $binds:ident, |$connection:ident| $body:expr) => {
        match &mut $session.link {
            Link::SqliteRead { connection, .. } => {
                let $connection = &mut **connection;
                $body.map_err(StorageError::from)
            }
            Link::SqliteSnapshot(transaction) | Link::SqliteWrite { transaction, .. } => {
                let $connection = &mut **transaction;
                $body.map_err(StorageError::from)
            }
            Link::Postgres(lease) => {
                let can_repeat = lease.can_repeat() || lease.is_unverified();
                let mut retry = can_repeat.then(|| ($sql.clone(), $binds.clone()));
                let (mut $sql, mut $binds) = ($sql, $binds);
                loop {
                    lease.begin_read().await?;
                    let is_unverified = lease.is_unverified();
                    let ($connection, watch) = lease.begin_statement()?;
                    let answer = watch.wait_for(async { $body }).await;
                    match (lease.end_statement(answer), retry.take()) {
                        (Err(error), Some(statement))
                            if error == StorageError::TablesChanged
                                || error.ends_session() && is_unverified =>
                        {
                            lease.reconnect().await?;
                            ($sql, $binds) = statement;
                        }
                        (answer, _) => break answer,
                    }
                }
            }
        }
    };
}

/// A query of the driver, from a statement and its values, and whether the connection keeps it prepared.
macro_rules! query {
    ($sql:expr, $binds:expr, $is_kept:expr) => {{
        let mut query = sqlx::query($sql.into_sqlx()).persistent($is_kept);
        for bind in $binds {
            query = match bind {
                Bind::Int(value) => query.bind(value),
                Bind::Text(value) => query.bind(value),
                Bind::Bool(value) => query.bind(value),
                Bind::Uuid(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Session {
    fn new(link: Link, statements: &StatementCount) -> Self {
        Self { link, has_pending_statement: false, sent: 0, statements: statements.clone() }
    }

    /// The number of statements sent on this session, including `BEGIN`, `COMMIT` and savepoints. On PostgreSQL each
    /// costs one round trip to the server, and one more when a connection prepares it for the first time. Not counted
    /// are the statements that open a connection and the `ROLLBACK` of a dropped transaction.
    pub fn statements_run(&self) -> u64 {
        self.sent
    }

    /// Counts a statement that is about to be sent.
    fn count(&mut self) {
        self.sent += 1;
        self.statements.add_one();
    }

    /// The engine on which the statements run, for the few statements that differ between engines.
    pub fn engine(&self) -> Engine {
        match self.link {
            Link::SqliteRead { .. } | Link::SqliteSnapshot(_) | Link::SqliteWrite { .. } => Engine::Sqlite,
            Link::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement and returns all rows of its result.
    ///
    /// # Errors
    /// The error of the engine; [`StorageError::Binds`] when the number of values is not the one that the statement
    /// expects.
    pub async fn fetch_all(
        &mut self,
        sql: impl Into<Sql>,
        binds: Vec<Bind>,
    ) -> Result<Vec<Row>, StorageError> {
        let sql = self.start(sql.into(), &binds)?;
        let is_kept = self.keeps_statements();
        let answer = on_each!(self, sql, binds, |connection| {
            query!(sql, binds, is_kept)
                .fetch_all(connection)
                .await
                .map(|rows| rows.into_iter().map(Row::from).collect())
        });
        self.finish(answer)
    }

    /// Runs a statement and returns the first row of its result; `None` when the result is empty.
    ///
    /// # Errors
    /// As [`Session::fetch_all`].
    pub async fn fetch_optional(
        &mut self,
        sql: impl Into<Sql>,
        binds: Vec<Bind>,
    ) -> Result<Option<Row>, StorageError> {
        let sql = self.start(sql.into(), &binds)?;
        let is_kept = self.keeps_statements();
        let answer = on_each!(self, sql, binds, |connection| {
            query!(sql, binds, is_kept).fetch_optional(connection).await.map(|row| row.map(Row::from))
        });
        self.finish(answer)
    }

    /// Runs a statement whose result always has a row, such as a count, and returns the first one.
    ///
    /// # Errors
    /// As [`Session::fetch_all`]; [`StorageError::Other`] when the result is empty.
    pub async fn fetch_one(&mut self, sql: impl Into<Sql>, binds: Vec<Bind>) -> Result<Row, StorageError> {
        self.fetch_optional(sql, binds).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// Runs a statement and returns the number of rows that it changed.
    ///
    /// # Errors
    /// As [`Session::fetch_all`].
    pub async fn execute(&mut self, sql: impl Into<Sql>, binds: Vec<Bind>) -> Result<u64, StorageError> {
        let sql = self.start(sql.into(), &binds)?;
        let is_kept = self.keeps_statements();
        let answer = on_each!(self, sql, binds, |connection| {
            query!(sql, binds, is_kept).execute(connection).await.map(|done| done.rows_affected())
        });
        self.finish(answer)
    }

    /// Inserts any number of rows, as many in one statement as it can carry, and returns the number of rows inserted.
    /// `into` is the statement up to `VALUES`, such as `INSERT INTO users (id, login)`; each row has `columns` values.
    /// The rows are taken from the iterator statement by statement, so that memory is bounded.
    ///
    /// # Errors
    /// The error of the engine; [`StorageError::Binds`] when a row has another number of values.
    pub async fn insert(
        &mut self,
        into: impl Into<Sql>,
        columns: usize,
        rows: impl IntoIterator<Item = Vec<Bind>>,
    ) -> Result<u64, StorageError> {
        let into = into.into();
        let rows_per_statement = (BINDS_PER_INSERT / columns.max(1)).max(1);
        let mut full_statement = None;
        let mut rows = rows.into_iter();
        let mut inserted = 0;
        loop {
            let mut binds = Vec::new();
            for row in rows.by_ref().take(rows_per_statement) {
                if row.len() != columns {
                    return Err(StorageError::Binds { named: columns, given: row.len() });
                }
                binds.extend(row);
            }
            let count = binds.len() / columns.max(1);
            if count == 0 {
                return Ok(inserted);
            }
            let statement = || insert_sql(self.engine(), &into, columns, count);
            let sql = if count == rows_per_statement {
                full_statement.get_or_insert_with(statement).clone()
            } else {
                statement()
            };
            // The last statement of many rows has another length each time, so it is not kept prepared.
            let is_kept = self.keeps_statements() && (count == rows_per_statement || count == 1);
            self.count();
            self.has_pending_statement = true;
            let answer = on_each!(self, sql, binds, |connection| {
                query!(sql, binds, is_kept).execute(connection).await.map(|done| done.rows_affected())
            });
            inserted += self.finish(answer)?;
        }
    }

    /// Checks the number of values and marks the statement as sent; returns it in the form for the engine. The check is
    /// needed because SQLite takes a missing value for NULL.
    fn start(&mut self, sql: Sql, binds: &[Bind]) -> Result<Sql, StorageError> {
        let (named, given) = (sql.value_count(), binds.len());
        if named != given {
            return Err(StorageError::Binds { named, given });
        }
        self.count();
        self.has_pending_statement = true;
        Ok(if self.engine() == Engine::Sqlite && given > MANY_BINDS { sql.positional() } else { sql })
    }

    /// Whether a statement stays prepared on the connection, to be used again.
    fn keeps_statements(&self) -> bool {
        match &self.link {
            Link::SqliteRead { .. } | Link::SqliteSnapshot(_) | Link::SqliteWrite { .. } => true,
            Link::Postgres(lease) => lease.keeps_statements(),
        }
    }

    fn finish<T>(&mut self, answer: Result<T, StorageError>) -> Result<T, StorageError> {
        self.has_pending_statement = false;
        answer
    }
}

/// The statement `into VALUES (…), (…)`. On SQLite its placeholders are `?`, for the reason given at [`MANY_BINDS`].
fn insert_sql(engine: Engine, into: &Sql, columns: usize, rows: usize) -> Sql {
    let mut text = format!("{} VALUES ", into.text());
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            if column > 0 {
                text.push(',');
            }
            match engine {
                Engine::Sqlite => text.push('?'),
                Engine::Postgres => text.push_str(&format!("${}", row * columns + column + 1)),
            }
        }
        text.push(')');
    }
    Sql::built(text)
}

/// A connection for reading. Dropping it while a statement runs cancels the statement.
pub struct Conn(Session);

impl Conn {
    /// Takes a connection from the pool.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub(super) async fn take(db: &Db) -> Result<Self, StorageError> {
        let link = match db {
            Db::Sqlite { readers, .. } => sqlite_reader(readers).await?,
            Db::Postgres { server, .. } => Link::Postgres(server.lease().await?),
        };
        Ok(Self(Session::new(link, db.statements())))
    }
}

async fn sqlite_reader(readers: &SqlitePool) -> Result<Link, sqlx::Error> {
    let mut connection = readers.acquire().await?;
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_cancelled);
    connection
        .lock_handle()
        .await?
        .set_progress_handler(INSTRUCTIONS_PER_CHECK, move || !flag.load(Ordering::Relaxed));
    Ok(Link::SqliteRead { connection, is_cancelled })
}

impl Drop for Conn {
    /// Cancels a running statement on SQLite, which otherwise runs to its end. On PostgreSQL the drop of the `Lease`
    /// does so.
    fn drop(&mut self) {
        if let (true, Link::SqliteRead { is_cancelled, .. }) = (self.0.has_pending_statement, &self.0.link) {
            is_cancelled.store(true, Ordering::Relaxed);
        }
    }
}

/// A connection for reading whose statements all see the database as it was when the first of them ran, whatever others
/// commit meanwhile.
pub struct Snapshot(Session);

impl Snapshot {
    /// Takes a connection and begins a transaction that only reads.
    ///
    /// # Errors
    /// As [`Db::snapshot`].
    pub(super) async fn begin(db: &Db) -> Result<Self, StorageError> {
        let link = match db {
            Db::Sqlite { readers, .. } => Link::SqliteSnapshot(readers.begin_with("BEGIN").await?),
            Db::Postgres { server, .. } => {
                let mut lease = server.lease().await?;
                lease.begin_snapshot().await?;
                Link::Postgres(lease)
            }
        };
        let mut session = Session::new(link, db.statements());
        session.count();
        Ok(Self(session))
    }
}

/// The commits that were sent and have no answer yet: how many, and the operations of those that have one. While a commit
/// has no answer, its outcome is unknown. Clones share one list.
#[derive(Clone, Default)]
pub struct Commits(Arc<AtomicUsize>, Arc<Mutex<Vec<OperationId>>>);

impl Commits {
    /// The number of unanswered commits.
    pub(super) fn unanswered(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// The operations of unanswered commits.
    pub(super) fn operations(&self) -> Vec<OperationId> {
        self.1.lock().map(|operations| operations.clone()).unwrap_or_default()
    }

    /// Awaits the commit of an operation, which is among [`Commits::operations`] until then. One whose future is dropped
    /// stays there.
    pub(super) async fn of<T>(&self, operation: OperationId, commit: impl Future<Output = T>) -> T {
        let change = |change: &dyn Fn(&mut Vec<OperationId>)| {
            if let Ok(mut operations) = self.1.lock() {
                change(&mut operations);
            }
        };
        change(&|operations| operations.push(operation));
        let answer = commit.await;
        change(&|operations| operations.retain(|other| *other != operation));
        answer
    }

    /// Awaits a commit and counts it as unanswered until then. A commit whose future is dropped stays counted.
    pub(super) async fn count<T>(&self, commit: impl Future<Output = T>) -> T {
        self.0.fetch_add(1, Ordering::SeqCst);
        let answer = commit.await;
        self.0.fetch_sub(1, Ordering::SeqCst);
        answer
    }
}

/// A lock for work that only one transaction may do at a time, where locks on rows do not suffice because the
/// transactions need not touch the same rows. See [`Tx::lock`].
#[derive(Clone, Copy, Debug)]
pub enum AdvisoryLock {
    /// Changing the parent of a party: two such changes together could make a party belong to itself.
    MovingParties,
    /// Creating the first administrator.
    FirstOperator,
    /// Filling a new database.
    Seeding,
    /// Ending or lowering an external access that manages a customer's users: the last one must stay.
    Managers,
    /// Counting the attempts to sign in, the requests for accounts and the look-ups by e-mail.
    SignIn,
    /// Taking away an administrator: the last one must stay.
    Administrators,
}

/// The key of the first advisory lock, "ccdk" in ASCII in its upper half; the other locks have the keys after it. It
/// differs from the key of the lock for migrations.
const FIRST_LOCK: i64 = 0x6363_646B_0000_0000;

/// A transaction. Dropping it before [`Tx::commit`] rolls it back.
pub struct Tx(Session, Commits, Data);

/// The data that a transaction works on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Data {
    /// The database, with others.
    Shared,
    /// A copy of its own.
    OwnCopy,
}

impl Tx {
    /// Begins a transaction; on SQLite it waits until no other transaction writes.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub(super) async fn begin(db: &Db) -> Result<Self, StorageError> {
        let (link, commits) = match db {
            Db::Sqlite { writer, file, commits, .. } => {
                let transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
                file.transaction_begins();
                (Link::SqliteWrite { transaction, file: Arc::clone(file) }, commits)
            }
            Db::Postgres { server, commits, .. } => {
                let mut lease = server.lease().await?;
                lease.begin().await?;
                (Link::Postgres(lease), commits)
            }
        };
        let mut session = Session::new(link, db.statements());
        session.count();
        Ok(Self(session, commits.clone(), Data::Shared))
    }

    /// Begins a transaction on PostgreSQL in which the tables are copies of those of the database.
    ///
    /// # Errors
    /// As [`Tx::begin`].
    pub(super) async fn begin_on_copy(db: &Db) -> Result<Self, StorageError> {
        let mut tx = Self::begin(db).await?;
        if let Link::Postgres(lease) = &mut tx.0.link {
            lease.copy_tables().await?;
        }
        tx.2 = Data::OwnCopy;
        Ok(tx)
    }

    /// Takes an advisory lock until the transaction ends, waiting for another transaction that holds it. The statements
    /// that follow see what that transaction has committed. On SQLite it does nothing, because only one transaction
    /// writes at a time.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when the other transaction does not end within five seconds.
    pub async fn lock(&mut self, lock: AdvisoryLock) -> Result<(), StorageError> {
        // Nobody has to wait for what is done to a copy.
        if self.engine() == Engine::Postgres && self.2 == Data::Shared {
            let key = FIRST_LOCK + lock as i64;
            self.execute("SELECT pg_advisory_xact_lock($1)", vec![key.into()]).await?;
        }
        Ok(())
    }

    /// Sets the savepoint to which [`Tx::rollback_to_savepoint`] returns. A transaction has one savepoint at a time.
    ///
    /// # Errors
    /// The error of the engine.
    pub async fn set_savepoint(&mut self) -> Result<(), StorageError> {
        self.execute("SAVEPOINT step", vec![]).await.map(drop)
    }

    /// Undoes all changes since the savepoint, which stays set. It also works after a refused statement, after which
    /// PostgreSQL refuses every other statement of the transaction.
    ///
    /// # Errors
    /// The error of the engine.
    pub async fn rollback_to_savepoint(&mut self) -> Result<(), StorageError> {
        self.execute("ROLLBACK TO SAVEPOINT step", vec![]).await.map(drop)
    }

    /// Removes the savepoint and keeps the changes made since.
    ///
    /// # Errors
    /// The error of the engine.
    pub async fn release_savepoint(&mut self) -> Result<(), StorageError> {
        self.execute("RELEASE SAVEPOINT step", vec![]).await.map(drop)
    }

    /// Makes every change of the transaction last. When this returns, they survive a power cut.
    ///
    /// # Errors
    /// [`StorageError::CommitUnknown`] when the connection broke meanwhile, the server fell silent, or what it answered
    /// does not prove that the transaction was rolled back; after any other error, nothing was saved.
    pub async fn commit(mut self) -> Result<(), StorageError> {
        self.count();
        let Self(session, commits, _) = self;
        let done = match session.link {
            Link::SqliteWrite { transaction, file } => {
                file.check_in_place()?;
                commits.count(transaction.commit()).await.map_err(StorageError::from)
            }
            Link::Postgres(lease) => commits.count(lease.commit()).await,
            // No transaction is of these kinds.
            Link::SqliteRead { .. } | Link::SqliteSnapshot(_) => Err(StorageError::ReadOnly),
        };
        done.map_err(|error| if error.shows_rollback() { error } else { StorageError::CommitUnknown })
    }
}

macro_rules! is_a_session {
    ($($kind:ty),+) => {$(
        impl Deref for $kind {
            type Target = Session;
            fn deref(&self) -> &Session {
                &self.0
            }
        }
        impl DerefMut for $kind {
            fn deref_mut(&mut self) -> &mut Session {
                &mut self.0
            }
        }
    )+};
}

is_a_session!(Conn, Snapshot, Tx);

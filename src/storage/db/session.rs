//! Running statements: for looking, and in a transaction.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::super::error::StorageError;
use super::server::Lease;
use super::sql::{Bind, Sql};
use super::{Db, Engine, Row, StatementCount};

/// The most values that one statement of [`Session::insert`] carries: few round trips, and not so many values that
/// reading the statement takes longer than running it. SQLite would take 32,766 and PostgreSQL 65,535.
const BINDS_PER_INSERT: usize = 8000;

/// From so many values on, a statement for SQLite leaves out their names where it can: SQLite and its driver look for
/// each name among all before it.
const MANY_BINDS: usize = 50;

/// SQLite looks up from its work after this many of its instructions: some tens of microseconds.
const INSTRUCTIONS_BETWEEN_LOOKS: i32 = 1000;

/// Where statements run: a [`Conn`] or a [`Tx`].
pub struct Session {
    link: Link,
    /// A statement was sent and its answer not yet taken.
    under_way: bool,
    /// How many statements were sent here.
    run: u64,
    /// How many were sent to the database by anybody.
    statements: StatementCount,
}

enum Link {
    SqliteRead { connection: PoolConnection<Sqlite>, unwanted: Arc<AtomicBool> },
    SqliteWrite(Transaction<'static, Sqlite>),
    Postgres(Lease),
}

/// Runs one body on whichever connection is behind the link. The body is written once and compiled for each. On a
/// connection that was used before, a first statement that finds it broken is asked anew on a new one.
macro_rules! on_each {
    ($session:ident, $sql:ident, $binds:ident, |$connection:ident| $body:expr) => {
        match &mut $session.link {
            Link::SqliteRead { connection, .. } => {
                let $connection = &mut **connection;
                $body.map_err(StorageError::from)
            }
            Link::SqliteWrite(transaction) => {
                let $connection = &mut **transaction;
                $body.map_err(StorageError::from)
            }
            Link::Postgres(lease) => {
                let mut again = lease.is_unproven().then(|| ($sql.clone(), $binds.clone()));
                let (mut $sql, mut $binds) = ($sql, $binds);
                loop {
                    let ($connection, watch) = lease.ask()?;
                    let answer = watch.over(async { $body }).await;
                    match (lease.answered(answer), again.take()) {
                        (Err(StorageError::Unreachable), Some(same)) => {
                            lease.reconnect().await?;
                            ($sql, $binds) = same;
                        }
                        (answer, _) => break answer,
                    }
                }
            }
        }
    };
}

/// A statement with its values bound.
macro_rules! query {
    ($sql:expr, $binds:expr) => {{
        let mut query = sqlx::query($sql.into_sqlx());
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
        Self { link, under_way: false, run: 0, statements: statements.clone() }
    }

    /// How many statements were sent here, `BEGIN`, `COMMIT` and savepoints among them: on PostgreSQL each costs one
    /// round trip to the server, and another one when a connection sends it for the first time. What it costs to come
    /// by a connection is not counted, nor the `ROLLBACK` of a transaction that is dropped.
    pub fn statements_run(&self) -> u64 {
        self.run
    }

    /// Counts a statement that is about to be sent.
    fn count(&mut self) {
        self.run += 1;
        self.statements.add_one();
    }

    /// Which engine the statements run on, for those that need one form for each.
    pub fn engine(&self) -> Engine {
        match self.link {
            Link::SqliteRead { .. } | Link::SqliteWrite(_) => Engine::Sqlite,
            Link::Postgres(_) => Engine::Postgres,
        }
    }

    /// Every row of the answer.
    ///
    /// # Errors
    /// What the engine refused, or [`StorageError::Binds`].
    pub async fn fetch_all(
        &mut self,
        sql: impl Into<Sql>,
        binds: Vec<Bind>,
    ) -> Result<Vec<Row>, StorageError> {
        let sql = self.start(sql.into(), &binds)?;
        let answer = on_each!(self, sql, binds, |connection| {
            query!(sql, binds)
                .fetch_all(connection)
                .await
                .map(|rows| rows.into_iter().map(Row::from).collect())
        });
        self.finish(answer)
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// What the engine refused, or [`StorageError::Binds`].
    pub async fn fetch_optional(
        &mut self,
        sql: impl Into<Sql>,
        binds: Vec<Bind>,
    ) -> Result<Option<Row>, StorageError> {
        let sql = self.start(sql.into(), &binds)?;
        let answer = on_each!(self, sql, binds, |connection| {
            query!(sql, binds).fetch_optional(connection).await.map(|row| row.map(Row::from))
        });
        self.finish(answer)
    }

    /// The first row of an answer that always has one, such as a count.
    ///
    /// # Errors
    /// What the engine refused, [`StorageError::Binds`], or that there was none.
    pub async fn fetch_one(&mut self, sql: impl Into<Sql>, binds: Vec<Bind>) -> Result<Row, StorageError> {
        self.fetch_optional(sql, binds).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// Runs a statement and tells how many rows it changed.
    ///
    /// # Errors
    /// What the engine refused, or [`StorageError::Binds`].
    pub async fn execute(&mut self, sql: impl Into<Sql>, binds: Vec<Bind>) -> Result<u64, StorageError> {
        let sql = self.start(sql.into(), &binds)?;
        let answer = on_each!(self, sql, binds, |connection| {
            query!(sql, binds).execute(connection).await.map(|done| done.rows_affected())
        });
        self.finish(answer)
    }

    /// Inserts any number of rows quickly, many to a statement and in bounded memory; tells how many.
    /// `into` is the statement up to `VALUES`, such as `INSERT INTO users (id, login)`; each row has
    /// `columns` values.
    ///
    /// # Errors
    /// What the engine refused; [`StorageError::Binds`] for a row of another width.
    pub async fn insert(
        &mut self,
        into: impl Into<Sql>,
        columns: usize,
        rows: impl IntoIterator<Item = Vec<Bind>>,
    ) -> Result<u64, StorageError> {
        let into = into.into();
        let rows_per_statement = (BINDS_PER_INSERT / columns.max(1)).max(1);
        let mut full = None;
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
            let written = || insert_sql(self.engine(), &into, columns, count);
            let sql = if count == rows_per_statement {
                full.get_or_insert_with(written).clone()
            } else {
                written()
            };
            // The rest of many rows is of another length each time, and not worth keeping prepared.
            let comes_again = count == rows_per_statement || count == 1;
            self.count();
            self.under_way = true;
            let answer = on_each!(self, sql, binds, |connection| {
                query!(sql, binds)
                    .persistent(comes_again)
                    .execute(connection)
                    .await
                    .map(|done| done.rows_affected())
            });
            inserted += self.finish(answer)?;
        }
    }

    /// The one place where a statement meets its values. SQLite would take a missing one for NULL.
    fn start(&mut self, sql: Sql, binds: &[Bind]) -> Result<Sql, StorageError> {
        let (named, given) = (sql.named(), binds.len());
        if named != given {
            return Err(StorageError::Binds { named, given });
        }
        self.count();
        self.under_way = true;
        Ok(if self.engine() == Engine::Sqlite && given > MANY_BINDS { sql.positional() } else { sql })
    }

    fn finish<T>(&mut self, answer: Result<T, StorageError>) -> Result<T, StorageError> {
        self.under_way = false;
        answer
    }
}

/// `into VALUES (…), (…)`. SQLite searches named parameters one by one, so there they have no names.
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

/// A connection for reading. Dropped in the middle of a statement, it stops the statement.
pub struct Conn(Session);

impl Conn {
    /// Takes a connection from the pool.
    ///
    /// # Errors
    /// When there is none in time.
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
    let unwanted = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&unwanted);
    connection
        .lock_handle()
        .await?
        .set_progress_handler(INSTRUCTIONS_BETWEEN_LOOKS, move || !asked.load(Ordering::Relaxed));
    Ok(Link::SqliteRead { connection, unwanted })
}

impl Drop for Conn {
    /// Left alone, both engines would work on to the end of a statement that nobody waits for.
    fn drop(&mut self) {
        if let (true, Link::SqliteRead { unwanted, .. }) = (self.0.under_way, &self.0.link) {
            unwanted.store(true, Ordering::Relaxed);
        }
    }
}

/// Counts commits that were begun and not answered: of each of them nobody here knows whether it happened.
#[derive(Clone, Default)]
pub struct Commits(Arc<AtomicUsize>);

impl Commits {
    /// How many there are.
    pub(super) fn unanswered(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts a commit until it is answered. One that is dropped before stays counted.
    async fn count<T>(&self, commit: impl Future<Output = T>) -> T {
        self.0.fetch_add(1, Ordering::SeqCst);
        let answer = commit.await;
        self.0.fetch_sub(1, Ordering::SeqCst);
        answer
    }
}

/// What only one transaction may do at a time, as its rows alone would not keep two apart.
#[derive(Clone, Copy, Debug)]
pub enum AdvisoryLock {
    /// Giving a party another parent, which must not make a circle.
    MovingParties,
    /// Creating the first administrator.
    FirstOperator,
    /// Filling a new database.
    Seeding,
    /// Ending or lowering an access that manages a customer's users, of which one must stay.
    Managers,
    /// Counting those who try a password.
    SignIn,
}

/// The advisory locks of the turns begin here: "ccdk" and a count, apart from that of migrations.
const FIRST_LOCK: i64 = 0x6363_646B_0000_0000;

/// A transaction. Without [`Tx::commit`] it never happened.
pub struct Tx(Session, Commits);

impl Tx {
    /// Begins a transaction; on SQLite it waits for the one writer there is.
    ///
    /// # Errors
    /// When it cannot begin in time.
    pub(super) async fn begin(db: &Db) -> Result<Self, StorageError> {
        let (link, commits) = match db {
            Db::Sqlite { writer, commits, .. } => {
                (Link::SqliteWrite(writer.begin_with("BEGIN IMMEDIATE").await?), commits)
            }
            Db::Postgres { server, commits, .. } => {
                let mut lease = server.lease().await?;
                lease.begin().await?;
                (Link::Postgres(lease), commits)
            }
        };
        let mut session = Session::new(link, db.statements());
        session.count();
        Ok(Self(session, commits.clone()))
    }

    /// Waits until no other transaction has this turn, and keeps it to the end of this one. On SQLite there is
    /// one writer at a time anyway. What others had committed is seen by the statements that follow.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when another transaction does not finish in time.
    pub async fn lock(&mut self, turn: AdvisoryLock) -> Result<(), StorageError> {
        if self.engine() == Engine::Postgres {
            let lock = FIRST_LOCK + turn as i64;
            self.execute("SELECT pg_advisory_xact_lock($1)", vec![lock.into()]).await?;
        }
        Ok(())
    }

    /// Marks a place to which [`Tx::back_to_savepoint`] returns. There is one at a time.
    ///
    /// # Errors
    /// What the engine refused.
    pub async fn set_savepoint(&mut self) -> Result<(), StorageError> {
        self.execute("SAVEPOINT step", vec![]).await.map(drop)
    }

    /// Undoes what was done since the savepoint, also after a refused statement, which on PostgreSQL would
    /// otherwise end the transaction.
    ///
    /// # Errors
    /// What the engine refused.
    pub async fn back_to_savepoint(&mut self) -> Result<(), StorageError> {
        self.execute("ROLLBACK TO SAVEPOINT step", vec![]).await.map(drop)
    }

    /// Forgets the savepoint.
    ///
    /// # Errors
    /// What the engine refused.
    pub async fn release_savepoint(&mut self) -> Result<(), StorageError> {
        self.execute("RELEASE SAVEPOINT step", vec![]).await.map(drop)
    }

    /// Makes every change of the transaction last. When this returns, they survive a power cut.
    ///
    /// # Errors
    /// [`StorageError::CommitUnknown`] when the connection broke meanwhile or the server fell silent; after any other,
    /// nothing was saved.
    pub async fn commit(mut self) -> Result<(), StorageError> {
        self.count();
        let Self(session, commits) = self;
        let done = match session.link {
            Link::SqliteWrite(transaction) => {
                commits.count(transaction.commit()).await.map_err(StorageError::from)
            }
            Link::Postgres(lease) => commits.count(lease.commit()).await,
            Link::SqliteRead { .. } => Ok(()),
        };
        done.map_err(|error| match error {
            StorageError::Unreachable | StorageError::Silent { .. } => StorageError::CommitUnknown,
            other => other,
        })
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

is_a_session!(Conn, Tx);

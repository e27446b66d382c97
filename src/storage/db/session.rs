//! Running statements: for looking, and in a transaction.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use super::super::error::StorageError;
use super::sql::{Bind, Sql};
use super::{Db, Engine, Row};

/// How many values one statement of [`Session::insert`] carries. SQLite would take 32,766 and PostgreSQL
/// 65,535; past some hundreds nothing is gained.
const BINDS_PER_INSERT: usize = 600;

/// SQLite looks up from its work after this many of its instructions: some tens of microseconds.
const INSTRUCTIONS_BETWEEN_LOOKS: i32 = 1000;

/// Where statements run: a [`Conn`] or a [`Tx`].
pub struct Session {
    link: Link,
    /// A statement was sent and its answer not yet taken.
    under_way: bool,
}

enum Link {
    SqliteRead { connection: PoolConnection<Sqlite>, unwanted: Arc<AtomicBool> },
    SqliteWrite(Transaction<'static, Sqlite>),
    PostgresRead { connection: PoolConnection<Postgres>, process: i32, pool: PgPool },
    PostgresWrite(Transaction<'static, Postgres>),
}

/// Runs one body on whichever connection is behind the link. The body is written once and compiled for each.
macro_rules! on_each {
    ($session:ident, |$connection:ident| $body:expr) => {
        match &mut $session.link {
            Link::SqliteRead { connection, .. } => {
                let $connection = &mut **connection;
                $body
            }
            Link::SqliteWrite(transaction) => {
                let $connection = &mut **transaction;
                $body
            }
            Link::PostgresRead { connection, .. } => {
                let $connection = &mut **connection;
                $body
            }
            Link::PostgresWrite(transaction) => {
                let $connection = &mut **transaction;
                $body
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
    fn new(link: Link) -> Self {
        Self { link, under_way: false }
    }

    /// Which engine the statements run on, for those that need one form for each.
    pub fn engine(&self) -> Engine {
        match self.link {
            Link::SqliteRead { .. } | Link::SqliteWrite(_) => Engine::Sqlite,
            Link::PostgresRead { .. } | Link::PostgresWrite(_) => Engine::Postgres,
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
        let answer = on_each!(self, |connection| {
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
        let answer = on_each!(self, |connection| {
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
        let answer = on_each!(self, |connection| {
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
        let full = insert_sql(self.engine(), &into, columns, rows_per_statement);
        let mut rows = rows.into_iter();
        let mut inserted = 0;
        loop {
            let mut binds = Vec::with_capacity(rows_per_statement * columns);
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
            let sql = if count == rows_per_statement {
                full.clone()
            } else {
                insert_sql(self.engine(), &into, columns, count)
            };
            self.under_way = true;
            let answer = on_each!(self, |connection| {
                query!(sql, binds).execute(connection).await.map(|done| done.rows_affected())
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
        self.under_way = true;
        Ok(sql)
    }

    fn finish<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, StorageError> {
        self.under_way = false;
        Ok(answer?)
    }

    /// Ends a read that nobody waits for. Left alone, both engines would work on to its end.
    fn abandon(&mut self) {
        match &mut self.link {
            Link::SqliteRead { unwanted, .. } => unwanted.store(true, Ordering::Relaxed),
            Link::PostgresRead { connection, process, pool } => {
                // Back in the pool it could serve another read by the time the server hears of this.
                connection.close_on_drop();
                let (pool, process) = (pool.clone(), *process);
                tokio::spawn(async move {
                    let cancel = sqlx::query("SELECT pg_cancel_backend($1)").bind(process);
                    if let Err(error) = cancel.execute(&pool).await {
                        tracing::warn!(%error, "a read nobody waits for could not be stopped");
                    }
                });
            }
            Link::SqliteWrite(_) | Link::PostgresWrite(_) => {}
        }
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
            Db::Postgres(pool) => postgres_reader(pool).await.map_err(server_error)?,
        };
        Ok(Self(Session::new(link)))
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

async fn postgres_reader(pool: &PgPool) -> Result<Link, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let process = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *connection).await?;
    Ok(Link::PostgresRead { connection, process, pool: pool.clone() })
}

/// The pool of a server tries to connect until its time is over, and then says only that.
fn server_error(error: sqlx::Error) -> StorageError {
    match error {
        sqlx::Error::PoolTimedOut => StorageError::Unreachable,
        other => other.into(),
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        if self.0.under_way {
            self.0.abandon();
        }
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
pub struct Tx(Session);

impl Tx {
    /// Begins a transaction; on SQLite it waits for the one writer there is.
    ///
    /// # Errors
    /// When it cannot begin in time.
    pub(super) async fn begin(db: &Db) -> Result<Self, StorageError> {
        let link = match db {
            Db::Sqlite { writer, .. } => Link::SqliteWrite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres(pool) => Link::PostgresWrite(pool.begin().await.map_err(server_error)?),
        };
        Ok(Self(Session::new(link)))
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
    /// [`StorageError::CommitUnknown`] when the connection broke meanwhile; after any other, nothing was saved.
    pub async fn commit(self) -> Result<(), StorageError> {
        let done = match self.0.link {
            Link::SqliteWrite(transaction) => transaction.commit().await,
            Link::PostgresWrite(transaction) => transaction.commit().await,
            Link::SqliteRead { .. } | Link::PostgresRead { .. } => Ok(()),
        };
        done.map_err(|error| match error.into() {
            StorageError::Unreachable => StorageError::CommitUnknown,
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

//! The pool of connections to a PostgreSQL server. Each connection is used by one session at a time.
//!
//! This pool replaces that of the driver for three reasons:
//!
//! - A connection knows the id of its backend process on the server, which cancelling its statement requires.
//! - A connection whose statement was cancelled is used again.
//! - While a statement has no answer, the server is asked on another connection whether it still runs the statement.
//!   The driver can set neither TCP keepalives nor a TCP user time-out, so on a dead network it would wait as long as
//!   the operating system does: a quarter of an hour or for ever.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::super::error::StorageError;
use super::connector::Connector;
use super::{WAIT_TIMEOUT, temporary_tables};

/// The most sessions at a time: a page of a list, a look-up, a count, a save, and a read that is being cancelled.
const MAX_SESSIONS: usize = 5;

/// The pause between two attempts to connect to a server that is unreachable, for example while it restarts.
const RECONNECT_INTERVAL: Duration = Duration::from_millis(100);

/// The time after which the server is asked whether it still runs an unanswered statement outside of a transaction.
const READ_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The time after which the server is asked whether it still runs an unanswered statement of a transaction. It is
/// longer than for a read, because giving up loses the changes of the transaction.
const WRITE_CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// The time that the server has to answer whether it still runs a statement.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// The time that a cancelled statement has to end before it is cancelled again.
const CANCEL_INTERVAL: Duration = Duration::from_millis(100);

/// The time that an answer has to arrive after the server has said that it no longer runs the statement.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// Whether a pooler, such as pgbouncer, is between the program and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pooling {
    /// There is none, or it gives a connection of the server for the whole session.
    None,
    /// Each transaction may be on another connection of the server. Nothing of a session may outlive its transaction: no
    /// setting, no prepared statement, no backend process. A read is a transaction too.
    Transactions,
}

/// The pool of connections to one server.
pub struct Server {
    connector: Connector,
    pooling: Pooling,
    /// Whether the server only reads, as a standby does, or begins every transaction so.
    is_read_only: bool,
    /// One permit for each session.
    sessions: Arc<Semaphore>,
    idle: Mutex<Vec<OpenConnection>>,
    /// The connection on which the statements of other connections are cancelled; opened at first use.
    canceller: tokio::sync::Mutex<Option<PgConnection>>,
}

/// An open connection and its process on the server.
struct OpenConnection {
    connection: PgConnection,
    /// The id of the backend process, as `pg_backend_pid()` gives it. Behind a pooler it is that of the latest
    /// transaction; 0, which no process has, while that begins.
    process: i32,
}

/// The state of an unanswered statement on the server.
enum StatementState {
    /// The backend process runs it.
    Running,
    /// The backend process waits for a statement, or has ended.
    NotRunning,
    /// The server cannot be reached or did not answer in time.
    Unknown,
}

impl Server {
    /// A pool without connections. They are opened at first use.
    pub(super) fn new(connector: Connector, pooling: Pooling, is_read_only: bool) -> Arc<Self> {
        Arc::new(Self {
            connector,
            pooling,
            is_read_only,
            sessions: Arc::new(Semaphore::new(MAX_SESSIONS)),
            idle: Mutex::default(),
            canceller: tokio::sync::Mutex::default(),
        })
    }

    /// Takes an idle connection from the pool, or opens one.
    ///
    /// # Errors
    /// [`StorageError::Silent`] when no connection becomes free in time, [`StorageError::Unreachable`] when the server
    /// cannot be reached or the pool is closed, or the error with which the server refuses the login.
    pub(super) async fn lease(self: &Arc<Self>) -> Result<Lease, StorageError> {
        let permit = timeout(WAIT_TIMEOUT, Arc::clone(&self.sessions).acquire_owned()).await;
        let permit = permit.map_err(|_| silent(WAIT_TIMEOUT))?.map_err(|_| StorageError::Unreachable)?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let is_verified = idle.is_none();
        let open = match idle {
            Some(open) => open,
            None => self.connect().await?,
        };
        Ok(Lease {
            server: Arc::clone(self),
            open: Some(open),
            permit: Some(permit),
            is_verified,
            has_pending_statement: false,
            transaction: Transaction::None,
            is_unusable: false,
        })
    }

    /// See [`super::Db::warnings`].
    pub(super) fn warnings(&self) -> Vec<String> {
        let exposed = self.connector.exposed_host().map(|host| {
            format!(
                "The connection to {host} is not encrypted, and others can read along; connect with \
                 sslmode=verify-full."
            )
        });
        let read_only = self.is_read_only.then(|| {
            "This database can only be read: sign in and look, but nothing can be changed or recorded."
                .to_owned()
        });
        exposed.into_iter().chain(read_only).collect()
    }

    /// Opens a connection, trying again until the time-out while the server may take one soon.
    async fn connect(&self) -> Result<OpenConnection, StorageError> {
        let mut problem = StorageError::Unreachable;
        let connected = async {
            loop {
                match self.try_connect().await {
                    Err(error) if error.is_of_the_moment() => problem = error,
                    result => return result,
                }
                sleep(RECONNECT_INTERVAL).await;
            }
        };
        let connected = timeout(self.connector.patience, connected).await;
        connected.unwrap_or(Err(problem))
    }

    async fn try_connect(&self) -> Result<OpenConnection, StorageError> {
        let mut connection = self.connector.connect().await?;
        let process = match self.pooling {
            Pooling::None => process_of(&connection.fetch_one("SELECT pg_backend_pid()").await?)?,
            Pooling::Transactions => 0,
        };
        Ok(OpenConnection { connection, process })
    }

    /// Returns a connection to the pool. After [`Server::close`] the connection is dropped instead, which closes it.
    fn give_back(&self, open: OpenConnection) {
        if !self.sessions.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(open);
        }
    }

    /// Drops the idle connections: when one connection is broken, the others may be broken too.
    fn discard_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Cancels the statement that a backend process runs; returns whether that succeeded. On return the server has
    /// signalled the process already, so the signal cannot hit a later statement.
    async fn cancel(&self, process: i32) -> bool {
        let mut canceller = self.canceller.lock().await;
        let cancelled = async {
            let mut connection = match canceller.take() {
                Some(connection) => connection,
                None => self.connector.connect().await?,
            };
            connection.execute(AssertSqlSafe(format!("SELECT pg_cancel_backend({process})"))).await?;
            Ok::<_, StorageError>(connection)
        };
        match cancelled.await {
            Ok(connection) => *canceller = Some(connection),
            Err(error) => {
                tracing::warn!(%error, "a statement nobody waits for could not be stopped");
                return false;
            }
        }
        true
    }

    /// Returns a connection to the pool after cancelling its pending statement, which may have begun a transaction, and
    /// rolling back. The connection is closed when that fails or takes too long.
    async fn reset(&self, mut open: OpenConnection, has_pending_statement: bool) {
        let reset = async {
            if has_pending_statement && !self.cancel_pending(&mut open).await {
                return false;
            }
            open.connection.execute("ROLLBACK").await.is_ok()
        };
        if timeout(WAIT_TIMEOUT, reset).await == Ok(true) {
            self.give_back(open);
        }
    }

    /// Cancels the pending statement of a connection and discards its answer; returns whether the connection can be
    /// used again. A backend process that receives the signal before the statement ignores it, so the cancellation is
    /// repeated until the answer is read.
    async fn cancel_pending(&self, open: &mut OpenConnection) -> bool {
        let mut drained = pin!(drain(&mut open.connection));
        while self.cancel(open.process).await {
            if let Ok(is_usable) = timeout(CANCEL_INTERVAL, &mut drained).await {
                return is_usable;
            }
        }
        false
    }

    /// The state of the statement of a backend process. It is asked on a new connection, because the open ones may be
    /// broken.
    async fn statement_state(&self, process: i32) -> StatementState {
        let is_idle = async {
            let mut connection = self.connector.connect().await?;
            let sql = "SELECT COALESCE(bool_or(state LIKE 'idle%'), TRUE) FROM pg_stat_activity WHERE pid =";
            let row = connection.fetch_one(AssertSqlSafe(format!("{sql} {process}"))).await?;
            Ok::<bool, StorageError>(row.try_get(0)?)
        };
        match timeout(CHECK_TIMEOUT, is_idle).await {
            Ok(Ok(false)) => StatementState::Running,
            Ok(Ok(true)) => StatementState::NotRunning,
            Ok(Err(StorageError::Unreachable)) | Err(_) => StatementState::Unknown,
            // The server refuses the connection, for example because it has too many; so it is reachable.
            Ok(Err(_)) => StatementState::Running,
        }
    }

    /// Closes the pool and its idle connections, within a second. The connections in use are closed when their leases
    /// are dropped.
    pub(super) async fn close(&self) {
        self.sessions.close();
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        let closed = async {
            for open in idle {
                // A failure does no harm: the server also notices a connection that ends without a goodbye message.
                let _ = open.connection.close().await;
            }
            if let Some(canceller) = self.canceller.lock().await.take() {
                let _ = canceller.close().await;
            }
        };
        let _ = timeout(Duration::from_secs(1), closed).await;
    }
}

fn process_of(row: &PgRow) -> Result<i32, StorageError> {
    Ok(row.try_get(0)?)
}

fn silent(waited: Duration) -> StorageError {
    StorageError::Silent { seconds: waited.as_secs() }
}

/// Reads and discards the answer to the pending statement; `false` when the connection is broken.
async fn drain(connection: &mut PgConnection) -> bool {
    loop {
        match connection.ping().await {
            Ok(()) => return true,
            // The error of the pending statement, most likely that it was cancelled.
            Err(sqlx::Error::Database(_)) => {}
            Err(_) => return false,
        }
    }
}

/// A connection in use by one session. Dropping it returns the connection to the pool, after cancelling a pending
/// statement and rolling back an open transaction.
pub struct Lease {
    server: Arc<Server>,
    /// `None` during a drop, and after [`Lease::reconnect`] has failed.
    open: Option<OpenConnection>,
    permit: Option<OwnedSemaphorePermit>,
    /// Whether the connection was opened for this lease, or the server has answered on it since.
    is_verified: bool,
    /// Whether a statement was sent whose answer is not read yet.
    has_pending_statement: bool,
    transaction: Transaction,
    /// Whether the connection is closed instead of being returned to the pool.
    is_unusable: bool,
}

/// The transaction of a [`Lease`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transaction {
    None,
    /// Behind a pooler, reads are in a transaction that changes nothing.
    Read,
    /// A transaction for reads in which a statement was refused; the server refuses every other one.
    FailedRead,
    /// A transaction for reads that all see the same.
    Snapshot,
    Write,
}

/// Begins a transaction whose statements each see what others have committed before the statement, whatever the server's
/// usual isolation is: after a lock was waited for, what its holder wrote has to be seen.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Begins a transaction for reads.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY";

/// Begins a transaction for reads that all see the database as it was at the first of them.
const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// What such a transaction is read for may pause: a pipe whose reader turns page after page.
const SNAPSHOT_SETTINGS: &str = "SET LOCAL idle_in_transaction_session_timeout = '1h'";

/// The settings of a transaction behind a pooler; those of a session are in `storage/db/postgres.rs`.
const LOCAL_SETTINGS: &str = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '10min'; \
                              SET LOCAL idle_in_transaction_session_timeout = '60s'";

impl Lease {
    /// Marks that a statement is about to be sent. Returns the connection for it and the watch with which to wait for
    /// the answer. The result must be given to [`Lease::end_statement`].
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] when there is no connection.
    pub(super) fn begin_statement(&mut self) -> Result<(&mut PgConnection, Watch), StorageError> {
        let is_write = self.transaction == Transaction::Write;
        let interval = if is_write { WRITE_CHECK_INTERVAL } else { READ_CHECK_INTERVAL };
        let open = self.open.as_mut().ok_or(StorageError::Unreachable)?;
        self.has_pending_statement = true;
        let watch = Watch { server: Arc::clone(&self.server), process: open.process, interval };
        Ok((&mut open.connection, watch))
    }

    /// Takes the result of a statement, which [`Watch::wait_for`] gives, and returns it with one type of error. After
    /// an error of the connection itself, this connection and all idle ones are not used again.
    ///
    /// # Errors
    /// The error with which the server refused the statement; [`StorageError::Silent`] or
    /// [`StorageError::Unreachable`] when it did not answer.
    pub(super) fn end_statement<T>(
        &mut self,
        answer: Result<Result<T, sqlx::Error>, StorageError>,
    ) -> Result<T, StorageError> {
        self.has_pending_statement = false;
        let is_broken = match &answer {
            Ok(Err(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_))) | Err(_) => true,
            Ok(_) => false,
        };
        let answer = answer.and_then(|answer| answer.map_err(StorageError::from));
        match &answer {
            // A server that shuts down says so in an error of its own.
            Err(error) if is_broken || error.ends_session() => {
                self.is_unusable = true;
                self.server.discard_idle();
            }
            _ => self.is_verified = true,
        }
        if answer.is_err() && self.transaction == Transaction::Read {
            self.transaction = Transaction::FailedRead;
        }
        answer
    }

    /// Whether statements stay prepared on the connection after their transaction.
    pub(super) fn keeps_statements(&self) -> bool {
        self.server.pooling == Pooling::None
    }

    /// Whether a statement can be sent again on another connection, when this one turns out to be broken or to hold the
    /// statement prepared for what the tables were before.
    pub(super) fn can_repeat(&self) -> bool {
        !matches!(self.transaction, Transaction::Snapshot | Transaction::Write)
    }

    /// Whether the connection comes from the pool and the server has not answered on it since. It may have broken while
    /// it was idle, so the first statement that finds it broken is sent again after [`Lease::reconnect`].
    pub(super) fn is_unverified(&self) -> bool {
        !self.is_verified
    }

    /// Replaces a broken connection by a new one.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] when the server cannot be reached, or the error with which it refuses the login.
    pub(super) async fn reconnect(&mut self) -> Result<(), StorageError> {
        self.open = None;
        self.transaction = Transaction::None;
        self.open = Some(self.server.connect().await?);
        self.is_verified = true;
        self.is_unusable = false;
        Ok(())
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), StorageError> {
        let (connection, watch) = self.begin_statement()?;
        let answer = watch.wait_for(connection.execute(statement)).await;
        self.end_statement(answer).map(drop)
    }

    /// Begins the transaction in which the next read has to be, if it has to be in one.
    ///
    /// # Errors
    /// As [`Lease::begin`].
    pub(super) async fn begin_read(&mut self) -> Result<(), StorageError> {
        if self.server.pooling == Pooling::None
            || matches!(self.transaction, Transaction::Read | Transaction::Snapshot | Transaction::Write)
        {
            return Ok(());
        }
        if self.transaction == Transaction::FailedRead {
            self.execute("ROLLBACK").await?;
            self.transaction = Transaction::None;
        }
        self.begin_as(BEGIN_READ).await?;
        self.transaction = Transaction::Read;
        Ok(())
    }

    /// Begins a transaction. It ends with [`Lease::commit`]; dropping the lease rolls it back.
    ///
    /// # Errors
    /// As [`Lease::end_statement`] and [`Lease::reconnect`].
    pub(super) async fn begin(&mut self) -> Result<(), StorageError> {
        self.begin_as(BEGIN).await?;
        self.transaction = Transaction::Write;
        Ok(())
    }

    /// Begins a transaction that only reads, and whose reads all see the same. Dropping the lease ends it.
    ///
    /// # Errors
    /// As [`Lease::begin`].
    pub(super) async fn begin_snapshot(&mut self) -> Result<(), StorageError> {
        self.begin_as(BEGIN_SNAPSHOT).await?;
        self.transaction = Transaction::Snapshot;
        self.execute(SNAPSHOT_SETTINGS).await
    }

    async fn begin_as(&mut self, begin: &'static str) -> Result<(), StorageError> {
        match self.send_begin(begin).await {
            Err(error) if error.ends_session() && self.is_unverified() => {
                self.reconnect().await?;
                self.send_begin(begin).await
            }
            result => result,
        }
    }

    /// Behind a pooler, `BEGIN` sets what holds for a whole session otherwise, and asks for the backend process.
    async fn send_begin(&mut self, begin: &'static str) -> Result<(), StorageError> {
        if self.server.pooling == Pooling::None {
            return self.execute(begin).await;
        }
        // Until the answer names the process, the one before it may be at work for another program.
        self.set_process(0);
        let (connection, watch) = self.begin_statement()?;
        let begin = AssertSqlSafe(format!("{begin}; {LOCAL_SETTINGS}; SELECT pg_backend_pid()"));
        let answer = watch.wait_for(connection.fetch_one(begin)).await;
        let process = process_of(&self.end_statement(answer)?)?;
        self.set_process(process);
        Ok(())
    }

    fn set_process(&mut self, process: i32) {
        if let Some(open) = &mut self.open {
            open.process = process;
        }
    }

    /// Copies the tables of the database into temporary ones of the transaction, which has just begun.
    ///
    /// # Errors
    /// As [`Lease::end_statement`].
    pub(super) async fn copy_tables(&mut self) -> Result<(), StorageError> {
        let (connection, _) = self.begin_statement()?;
        let copied = temporary_tables::copy(connection).await;
        self.is_unusable |= copied.is_err();
        self.has_pending_statement = false;
        copied
    }

    /// Commits the transaction. Dropping the future does not cancel the commit on the server, which may still carry it
    /// out; the connection is then closed.
    ///
    /// # Errors
    /// As [`Lease::end_statement`]; when the server did not answer, the outcome is unknown.
    pub(super) async fn commit(mut self) -> Result<(), StorageError> {
        self.is_unusable = true;
        self.execute("COMMIT").await?;
        self.transaction = Transaction::None;
        self.is_unusable = false;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(open) = self.open.take().filter(|_| !self.is_unusable) else { return };
        if !self.has_pending_statement && self.transaction == Transaction::None {
            return self.server.give_back(open);
        }
        // Without a runtime the program is ending, which closes the connection.
        let Ok(runtime) = Handle::try_current() else { return };
        let (server, permit) = (Arc::clone(&self.server), self.permit.take());
        let has_pending_statement = self.has_pending_statement;
        runtime.spawn(async move {
            server.reset(open, has_pending_statement).await;
            drop(permit);
        });
    }
}

/// Waits for the answer to one statement, and checks at intervals whether the server still runs the statement.
pub(super) struct Watch {
    server: Arc<Server>,
    process: i32,
    interval: Duration,
}

impl Watch {
    /// Waits for an answer as long as the server says that it runs the statement.
    ///
    /// # Errors
    /// [`StorageError::Silent`] when the server does not say it in time, [`StorageError::Unreachable`] when the server
    /// is reachable but does not run the statement, because the connection has broken.
    pub(super) async fn wait_for<T>(&self, answer: impl Future<Output = T>) -> Result<T, StorageError> {
        let mut answer = pin!(answer);
        let mut waited = Duration::ZERO;
        let mut was_running = true;
        loop {
            let interval = if was_running { self.interval } else { ANSWER_TIMEOUT };
            waited += interval;
            if let Ok(answer) = timeout(interval, &mut answer).await {
                return Ok(answer);
            }
            let state = tokio::select! {
                biased;
                answer = &mut answer => return Ok(answer),
                state = self.server.statement_state(self.process) => state,
            };
            match state {
                StatementState::Running => was_running = true,
                // The answer may be on its way, so the statement is given up only when the next check agrees.
                StatementState::NotRunning if was_running => was_running = false,
                StatementState::NotRunning => return Err(StorageError::Unreachable),
                StatementState::Unknown => return Err(silent(waited + CHECK_TIMEOUT)),
            }
        }
    }
}

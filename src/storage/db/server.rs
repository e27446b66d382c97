//! The connections to a PostgreSQL server: a few of them, each used by one session at a time.
//!
//! A pool of our own rather than the driver's, for three reasons. Every connection knows the number of its process on
//! the server, without which its statement cannot be stopped. A stopped statement's connection is used again. And a
//! connection that has fallen silent is told from one that is at work: the driver can neither set TCP keepalives nor
//! a user time-out, so that on a dead network it would wait for as long as the operating system does, a quarter of an
//! hour or for ever.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::super::error::StorageError;
use super::PATIENCE;

/// The most sessions at a time: the screen, a lookup, a count, a save, and a read that is being stopped.
const SESSIONS: usize = 5;

/// How long a server that is not there yet, as while it restarts, is left alone between two attempts to connect.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(100);

/// How long a statement for reading may go unanswered until the server is asked whether it is still there.
const READ_PATIENCE: Duration = Duration::from_secs(5);

/// The same for a statement of a transaction, which whoever waits for it would rather see through.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// How long the server may take to say that it is still there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(3);

/// How long a statement that was stopped may take to end before it is stopped again.
const BETWEEN_CANCELS: Duration = Duration::from_millis(100);

/// How long an answer may be on its way from a server that has nothing to do any more.
const ON_THE_WAY: Duration = Duration::from_secs(1);

/// A server, and the connections to it that are open.
pub struct Server {
    options: PgConnectOptions,
    sessions: Arc<Semaphore>,
    idle: Mutex<Vec<Live>>,
    /// The connection on which statements on other connections are stopped; made when it is first needed.
    canceller: tokio::sync::Mutex<Option<PgConnection>>,
}

/// An open connection.
struct Live {
    connection: PgConnection,
    /// The number of its process on the server.
    process: i32,
}

/// What the server says of a statement that it has not answered.
enum Sign {
    AtWork,
    /// The process waits for a statement, or is gone.
    NotAtWork,
    NoAnswer,
}

impl Server {
    /// The server at this address. Connections are made when they are first used.
    pub(super) fn new(options: PgConnectOptions) -> Arc<Self> {
        Arc::new(Self {
            options,
            sessions: Arc::new(Semaphore::new(SESSIONS)),
            idle: Mutex::default(),
            canceller: tokio::sync::Mutex::default(),
        })
    }

    /// A connection for one session, new or used before.
    ///
    /// # Errors
    /// [`StorageError::Silent`] when all are in use and none becomes free, [`StorageError::Unreachable`] when the
    /// server cannot be reached, or what it said against the login.
    pub(super) async fn lease(self: &Arc<Self>) -> Result<Lease, StorageError> {
        let authorise = timeout(PATIENCE, Arc::clone(&self.sessions).acquire_owned()).await;
        let authorise = authorise.map_err(|_| silent(PATIENCE))?.map_err(|_| StorageError::Unreachable)?;
        let used = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let is_proven = used.is_none();
        let live = match used {
            Some(live) => live,
            None => self.connect().await?,
        };
        Ok(Lease {
            server: Arc::clone(self),
            live: Some(live),
            authorise: Some(authorise),
            is_proven,
            is_awaited: false,
            is_in_transaction: false,
            is_unusable: false,
        })
    }

    /// Connects, also to a server that is just starting.
    async fn connect(&self) -> Result<Live, StorageError> {
        let connected = async {
            loop {
                match self.attempt().await.map_err(StorageError::from) {
                    Err(StorageError::Unreachable) => sleep(BETWEEN_ATTEMPTS).await,
                    made => return made,
                }
            }
        };
        timeout(PATIENCE, connected).await.unwrap_or(Err(StorageError::Unreachable))
    }

    async fn attempt(&self) -> Result<Live, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        let process = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
        Ok(Live { connection, process })
    }

    fn put_back(&self, live: Live) {
        // After `close`, a connection that is still given back closes with its drop.
        if !self.sessions.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(live);
        }
    }

    /// Drops the connections that nobody uses: where one is broken, so may the others be.
    fn forget_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Stops the statement that a process is at. When this has returned `true` the server has told the process, so
    /// that no later statement of it can be hit.
    async fn cancel(&self, process: i32) -> bool {
        let mut canceller = self.canceller.lock().await;
        let mut connection = match canceller.take() {
            Some(connection) => connection,
            None => match self.options.connect().await {
                Ok(connection) => connection,
                Err(error) => {
                    tracing::warn!(%error, "a statement nobody waits for could not be stopped");
                    return false;
                }
            },
        };
        let stop = sqlx::query("SELECT pg_cancel_backend($1)").bind(process);
        let stopped = stop.execute(&mut connection).await;
        match stopped {
            Ok(_) => {
                *canceller = Some(connection);
                true
            }
            Err(error) => {
                tracing::warn!(%error, "a statement nobody waits for could not be stopped");
                false
            }
        }
    }

    /// Makes a connection that was left in the middle of something fit for use: stops its statement, takes what is
    /// still sent for it, and ends its transaction. A connection for which that fails is closed.
    async fn tidy(&self, mut live: Live, is_awaited: bool, is_in_transaction: bool) {
        let tidied = async {
            if is_awaited && !self.stop(&mut live).await {
                return false;
            }
            !is_in_transaction || live.connection.execute("ROLLBACK").await.is_ok()
        };
        if timeout(PATIENCE, tidied).await == Ok(true) {
            self.put_back(live);
        }
    }

    /// Stops the statement of a connection and takes what is still sent for it. A process that is told before the
    /// statement has reached it pays no heed, so it is told again until the connection is at rest.
    async fn stop(&self, live: &mut Live) -> bool {
        let mut drained = pin!(drain(&mut live.connection));
        while self.cancel(live.process).await {
            if let Ok(is_at_rest) = timeout(BETWEEN_CANCELS, &mut drained).await {
                return is_at_rest;
            }
        }
        false
    }

    /// Asks on a new connection, as those that are open may be broken.
    async fn sign_of(&self, process: i32) -> Sign {
        let asked = async {
            let mut connection = self.options.connect().await?;
            let is_idle =
                "SELECT COALESCE(bool_or(state LIKE 'idle%'), TRUE) FROM pg_stat_activity WHERE pid = $1";
            sqlx::query_scalar(is_idle).bind(process).fetch_one(&mut connection).await
        };
        match timeout(SIGN_OF_LIFE, asked).await {
            Ok(Ok(false)) => Sign::AtWork,
            Ok(Ok(true)) => Sign::NotAtWork,
            // That it takes no more connections is a sign of life.
            Ok(Err(sqlx::Error::Database(_))) => Sign::AtWork,
            Ok(Err(_)) | Err(_) => Sign::NoAnswer,
        }
    }

    /// Closes the connections that nobody uses; the others close when they are given back. Nothing is waited for
    /// longer than a second.
    pub(super) async fn close(&self) {
        self.sessions.close();
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        let closed = async {
            for live in idle {
                // The server notices a connection that was not closed well, too.
                let _ = live.connection.close().await;
            }
            if let Some(canceller) = self.canceller.lock().await.take() {
                let _ = canceller.close().await;
            }
        };
        let _ = timeout(Duration::from_secs(1), closed).await;
    }
}

fn silent(after: Duration) -> StorageError {
    StorageError::Silent { seconds: after.as_secs() }
}

/// Takes all that the server still sends for what it was asked; `false` when the connection is broken.
async fn drain(connection: &mut PgConnection) -> bool {
    loop {
        match connection.ping().await {
            Ok(()) => return true,
            // How the statement ended is of no interest: most likely it was stopped.
            Err(sqlx::Error::Database(_)) => {}
            Err(_) => return false,
        }
    }
}

/// A connection in use. Dropped, it goes back to the others; in the middle of a statement, the statement is stopped
/// first, and an open transaction is rolled back.
pub struct Lease {
    server: Arc<Server>,
    /// `None` only while it is dropped.
    live: Option<Live>,
    authorise: Option<OwnedSemaphorePermit>,
    /// It is new, or the server has answered on it since it was leased.
    is_proven: bool,
    /// A statement was sent and its answer not yet taken.
    is_awaited: bool,
    is_in_transaction: bool,
    is_unusable: bool,
}

impl Lease {
    /// The connection, and the watch over the answer of the statement that is about to be sent on it. Give what came
    /// of it to [`Lease::answered`].
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] when there is no connection.
    pub(super) fn ask(&mut self) -> Result<(&mut PgConnection, Watch), StorageError> {
        let patience = if self.is_in_transaction { WRITE_PATIENCE } else { READ_PATIENCE };
        let live = self.live.as_mut().ok_or(StorageError::Unreachable)?;
        self.is_awaited = true;
        let watch = Watch { server: Arc::clone(&self.server), process: live.process, patience };
        Ok((&mut live.connection, watch))
    }

    /// What came of a statement. A connection that did not carry it through is not used again.
    ///
    /// # Errors
    /// What the server refused; [`StorageError::Silent`] or [`StorageError::Unreachable`] when it did not answer.
    pub(super) fn answered<T>(
        &mut self,
        answer: Result<Result<T, sqlx::Error>, StorageError>,
    ) -> Result<T, StorageError> {
        self.is_awaited = false;
        let is_broken = match &answer {
            Ok(Err(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_))) | Err(_) => true,
            Ok(_) => false,
        };
        let answer = answer.and_then(|answer| answer.map_err(StorageError::from));
        // The server also says itself that it ends a connection.
        if is_broken || matches!(answer, Err(StorageError::Unreachable)) {
            self.is_unusable = true;
            self.server.forget_idle();
        } else {
            self.is_proven = true;
        }
        answer
    }

    /// Whether nothing has been answered on this connection yet, which was used before and may have broken unnoticed:
    /// a first statement that finds it broken is asked anew after [`Lease::reconnect`].
    pub(super) fn is_unproven(&self) -> bool {
        !self.is_proven
    }

    /// Replaces a broken connection by a new one.
    ///
    /// # Errors
    /// As [`Server::lease`].
    pub(super) async fn reconnect(&mut self) -> Result<(), StorageError> {
        self.live = None;
        self.live = Some(self.server.connect().await?);
        self.is_proven = true;
        self.is_unusable = false;
        Ok(())
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), StorageError> {
        let (connection, watch) = self.ask()?;
        let answer = watch.over(connection.execute(statement)).await;
        self.answered(answer).map(drop)
    }

    /// Begins a transaction, which ends with [`Lease::commit`], or by rollback with the drop.
    ///
    /// # Errors
    /// As [`Lease::answered`].
    pub(super) async fn begin(&mut self) -> Result<(), StorageError> {
        match self.execute("BEGIN").await {
            Err(StorageError::Unreachable) if self.is_unproven() => {
                self.reconnect().await?;
                self.execute("BEGIN").await?;
            }
            begun => begun?,
        }
        self.is_in_transaction = true;
        Ok(())
    }

    /// Commits the transaction. A commit that is given up is not stopped: it may yet be carried out.
    ///
    /// # Errors
    /// As [`Lease::answered`]; when the server did not answer, the outcome is unknown.
    pub(super) async fn commit(mut self) -> Result<(), StorageError> {
        self.is_unusable = true;
        self.execute("COMMIT").await?;
        self.is_in_transaction = false;
        self.is_unusable = false;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(live) = self.live.take().filter(|_| !self.is_unusable) else { return };
        if !self.is_awaited && !self.is_in_transaction {
            return self.server.put_back(live);
        }
        // Without a runtime the program is ending, and the connection with it.
        let Ok(runtime) = Handle::try_current() else { return };
        let (server, authorise) = (Arc::clone(&self.server), self.authorise.take());
        let (is_awaited, is_in_transaction) = (self.is_awaited, self.is_in_transaction);
        runtime.spawn(async move {
            server.tidy(live, is_awaited, is_in_transaction).await;
            drop(authorise);
        });
    }
}

/// A watch over the answer of one statement.
pub(super) struct Watch {
    server: Arc<Server>,
    process: i32,
    patience: Duration,
}

impl Watch {
    /// Awaits an answer for as long as the server shows that it is alive and at work on it.
    ///
    /// # Errors
    /// [`StorageError::Silent`] when the server gives no sign of life, [`StorageError::Unreachable`] when it does but
    /// knows nothing of the statement: the connection broke on the way.
    pub(super) async fn over<T>(&self, answer: impl Future<Output = T>) -> Result<T, StorageError> {
        let mut answer = pin!(answer);
        let mut waited = Duration::ZERO;
        let mut was_at_work = true;
        loop {
            let patience = if was_at_work { self.patience } else { ON_THE_WAY };
            waited += patience;
            if let Ok(answered) = timeout(patience, &mut answer).await {
                return Ok(answered);
            }
            let sign = tokio::select! {
                biased;
                answered = &mut answer => return Ok(answered),
                sign = self.server.sign_of(self.process) => sign,
            };
            match sign {
                Sign::AtWork => was_at_work = true,
                // The answer may just be on its way: the next look decides.
                Sign::NotAtWork if was_at_work => was_at_work = false,
                Sign::NotAtWork => return Err(StorageError::Unreachable),
                Sign::NoAnswer => return Err(silent(waited + SIGN_OF_LIFE)),
            }
        }
    }
}

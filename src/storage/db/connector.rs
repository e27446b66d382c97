//! Connecting to the servers of an address: host after host, encrypted or not.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, PgConnection, Row};
use tokio::time::timeout;

use super::super::error::StorageError;
use super::address::{Address, Host};
use super::{WAIT_TIMEOUT, relay, tls};

/// The time for one host when there are several: the others have to get their turn.
const HOST_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens connections to the first server of an address that can be used.
pub(super) struct Connector {
    /// What is tried, in this order.
    ways: Vec<Way>,
    /// The index of the way that worked last. It is tried first.
    latest: AtomicUsize,
    /// Whether a server that only reads is passed over.
    read_write: bool,
    /// The time for one way.
    timeout: Duration,
    /// The time for all of them.
    pub(super) patience: Duration,
}

/// A host, and whether the connection to it is encrypted.
struct Way {
    options: PgConnectOptions,
    /// The host as the address names it.
    host: String,
    /// The network address to which the driver goes under the name of the host.
    relay: Option<IpAddr>,
    /// The index of the host in the address.
    host_index: usize,
    is_encrypted: bool,
    /// Whether what is sent stays on this machine.
    is_local: bool,
}

impl Connector {
    /// A connector for an address.
    pub(super) fn new(address: &Address) -> Self {
        let ways = address.hosts.iter().enumerate().flat_map(|(index, host)| ways_to(address, index, host));
        let several = address.hosts.len() > 1;
        let hosts = u32::try_from(address.hosts.len()).unwrap_or(u32::MAX);
        Self {
            ways: ways.collect(),
            latest: AtomicUsize::new(0),
            read_write: address.read_write,
            timeout: address.timeout.unwrap_or(if several { HOST_TIMEOUT } else { WAIT_TIMEOUT }),
            patience: address.timeout.map_or(WAIT_TIMEOUT, |timeout| WAIT_TIMEOUT.max(timeout * hosts)),
        }
    }

    /// Changes the options of every way.
    pub(super) fn with(mut self, change: impl Fn(PgConnectOptions) -> PgConnectOptions) -> Self {
        for way in &mut self.ways {
            way.options = change(way.options.clone());
        }
        self
    }

    /// The host to which the last connection was made without encryption, if others can read along on the way there.
    pub(super) fn exposed_host(&self) -> Option<&str> {
        let way = self.ways.get(self.latest.load(Ordering::Relaxed))?;
        (!way.is_encrypted && !way.is_local).then_some(way.host.as_str())
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// What stands in the way; of several hosts that cannot be used, the first thing that is more than silence. After a
    /// refused login no other host is tried.
    pub(super) async fn connect(&self) -> Result<PgConnection, StorageError> {
        let first = self.latest.load(Ordering::Relaxed);
        let mut problem = StorageError::Unreachable;
        let mut unusable_host = None;
        for index in (first..self.ways.len()).chain(0..first) {
            let way = &self.ways[index];
            if unusable_host == Some(way.host_index) {
                continue;
            }
            let failure = match timeout(self.timeout, self.connect_by(way)).await {
                Ok(Ok(connection)) => {
                    self.latest.store(index, Ordering::Relaxed);
                    return Ok(connection);
                }
                Ok(Err(failure)) => failure,
                Err(_) => StorageError::Unreachable,
            };
            if tls::is_declined(&failure) && self.can_be_plain(way) {
                continue;
            }
            // Only these can be different with encryption, or without it.
            if !matches!(failure, StorageError::Encryption(_) | StorageError::NotAdmitted) {
                unusable_host = Some(way.host_index);
            }
            match failure {
                StorageError::LoginRefused => return Err(failure),
                StorageError::Unreachable => {}
                _ if matches!(problem, StorageError::Unreachable | StorageError::Encryption(_)) => {
                    problem = failure;
                }
                _ => {}
            }
        }
        Err(problem)
    }

    /// Whether the connection to the host of a way need not be encrypted.
    fn can_be_plain(&self, way: &Way) -> bool {
        self.ways.iter().any(|other| other.host_index == way.host_index && !other.is_encrypted)
    }

    async fn connect_by(&self, way: &Way) -> Result<PgConnection, StorageError> {
        let relay = way.relay.map(|address| relay::to(address, way.options.get_port())).transpose();
        let relay = relay.map_err(sqlx::Error::Io)?;
        let connected = match &relay {
            Some(directory) => way.options.clone().socket(directory.path()).connect().await,
            None => way.options.connect().await,
        };
        let mut connection =
            connected.map_err(|error| tls::problem_of(&error, &way.host).unwrap_or_else(|| error.into()))?;
        if self.read_write {
            let only_reads = sqlx::raw_sql("SHOW transaction_read_only").fetch_one(&mut connection).await?;
            if only_reads.try_get::<String, _>(0)? == "on" {
                return Err(StorageError::ReadOnly);
            }
        }
        Ok(connection)
    }
}

/// The ways to a host, by its mode of encryption. The driver's own modes `Allow` and `Prefer` do not tell which it was,
/// and give up where the other way would do.
fn ways_to(address: &Address, host_index: usize, host: &Host) -> Vec<Way> {
    use PgSslMode::{Allow, Disable, Prefer, Require, VerifyFull};
    let modes = match address.tls {
        _ if host.is_socket() => vec![Disable],
        Allow => vec![Disable, Require],
        Prefer => vec![Require, Disable],
        mode => vec![mode],
    };
    let way = |mode| Way {
        is_encrypted: !matches!(mode, Disable),
        // Only then the name of the host matters once its address is known.
        relay: host.address.filter(|_| matches!(mode, VerifyFull)),
        options: options(address, host, mode),
        host: host.name.clone(),
        host_index,
        is_local: host.is_local(),
    };
    modes.into_iter().map(way).collect()
}

fn options(address: &Address, host: &Host, mode: PgSslMode) -> PgConnectOptions {
    let reached_as = match host.address {
        Some(address) if !matches!(mode, PgSslMode::VerifyFull) => address.to_string(),
        _ => host.name.clone(),
    };
    let mut options = PgConnectOptions::new_without_pgpass()
        .ssl_mode(mode)
        .host(&reached_as)
        .port(host.port)
        .username(&address.user)
        .database(&address.database)
        .application_name(address.application.as_deref().unwrap_or("ccdesk"))
        // The program reads no such number, and a pooler refuses the parameter.
        .extra_float_digits(None)
        .disable_statement_logging();
    // Without any, the parameter is not sent, which a pooler would refuse.
    if !address.options.is_empty() {
        options = options.options(address.options.iter().map(|(name, value)| (name, value)));
    }
    if let Some(password) = &host.password {
        options = options.password(password.expose_secret());
    }
    options = match &address.certificates.root {
        Some(root) => options.ssl_root_cert(root),
        // Without it, the driver takes `PGSSLROOTCERT=system` for a file.
        None => options.ssl_root_cert_from_pem(Vec::new()),
    };
    if let Some((certificate, key)) = &address.certificates.client {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    options
}

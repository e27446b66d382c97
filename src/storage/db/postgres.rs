//! Opening a PostgreSQL database.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::time::timeout;

use super::super::error::StorageError;
use super::migrate::{self, Steps};
use super::server::Server;
use super::{Commits, Create, Db, Found, StatementCount, WAIT_TIMEOUT};

/// The oldest major version of PostgreSQL that this program accepts; it is tested with no older one.
const OLDEST: i64 = 15;

/// The key of the advisory lock that a migrating program holds, "ccdk" in ASCII. It only has to differ from the locks
/// of other programs.
const MIGRATION_LOCK: i64 = 0x6363_646B;

/// Opens the database at a `postgres://` address after applying the steps of the schema that it lacks.
///
/// # Errors
/// [`StorageError::Address`] when the address cannot be parsed; [`StorageError::Opening`], with the address without its
/// password, for everything else.
pub(super) async fn open(url: &str, create: Create) -> Result<Db, StorageError> {
    // The driver's message is left out, because it may repeat the address with the password.
    let options: PgConnectOptions = url.parse().map_err(|_| StorageError::Address)?;
    let location = location(&options);
    let server = connect(options, create).await.map_err(|problem| problem.opening(&location))?;
    Ok(Db::Postgres { server, commits: Commits::default(), statements: StatementCount::default() })
}

/// The address for messages, without the password.
fn location(options: &PgConnectOptions) -> String {
    let user = options.get_username();
    let name = options.get_database().unwrap_or(user);
    match options.get_socket() {
        Some(socket) => format!("postgres://{user}@/{name} on {}", socket.display()),
        None => format!("postgres://{user}@{}:{}/{name}", options.get_host(), options.get_port()),
    }
}

/// The settings of every connection. The TCP settings apply to the server's end of the connection, as the driver cannot
/// set them for the client's end. Keepalives keep the connection open through firewalls and routers, and let the server
/// notice that this program is gone and release its locks.
const SETTINGS: [(&str, &str); 5] = [
    ("idle_in_transaction_session_timeout", "60s"),
    ("tcp_keepalives_idle", "60"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "6"),
    ("tcp_user_timeout", "120000"),
];

/// The time-out of a statement, so that the server does not run the statement of a program that is gone for ever.
/// Migrations run without it.
const STATEMENT_TIMEOUT: (&str, &str) = ("statement_timeout", "10min");

/// Examines the database on a connection of its own, applies the missing steps, and returns a pool without connections.
async fn connect(options: PgConnectOptions, create: Create) -> Result<Arc<Server>, StorageError> {
    let options = options
        .application_name("ccdesk")
        .options([("lock_timeout", format!("{}s", WAIT_TIMEOUT.as_secs()))])
        .options(SETTINGS)
        .disable_statement_logging();
    let examined = timeout(WAIT_TIMEOUT, async {
        let mut connection = options.connect().await?;
        let found = identify(&mut connection).await?;
        Ok::<_, StorageError>((connection, found))
    });
    let (mut connection, found) = examined.await.map_err(|_| StorageError::Unreachable)??;
    if found.lacks_steps(create)? {
        apply_steps(&mut connection).await?;
    }
    connection.close().await?;
    Ok(Server::new(options.options([STATEMENT_TIMEOUT])))
}

/// Determines what the database is. Tables and views that belong to an extension do not count.
async fn identify(connection: &mut PgConnection) -> Result<Found, StorageError> {
    let (version, encoding, ours, tables): (i64, String, bool, i64) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::bigint / 10000,
                current_setting('server_encoding'),
                to_regclass($1) IS NOT NULL,
                (SELECT count(*)
                   FROM pg_class
                  WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
                    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e'))",
    )
    .bind(migrate::TABLE)
    .fetch_one(&mut *connection)
    .await?;
    if version < OLDEST {
        let why = format!("it is PostgreSQL {version}, and ccdesk needs {OLDEST} or newer");
        return Err(StorageError::Unsuitable(why));
    }
    if encoding != "UTF8" {
        let why = format!("the database holds text as {encoding}; create it with ENCODING 'UTF8'");
        return Err(StorageError::Unsuitable(why));
    }
    if ours {
        let current = Steps::of_postgres().missing(connection).await?.is_empty();
        Ok(Found::Ours { current })
    } else if tables == 0 {
        Ok(Found::Nothing)
    } else {
        Err(StorageError::NotOurs)
    }
}

/// The statement that gives new text columns the collation `C`. It runs after the steps that create the columns.
const COLLATION: &str = include_str!("../../../migrations/postgres/collation.sql");

async fn apply_steps(connection: &mut PgConnection) -> Result<(), StorageError> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK).execute(&mut *transaction).await?;
    Steps::of_postgres().apply_missing(&mut *transaction).await?;
    sqlx::raw_sql(COLLATION).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

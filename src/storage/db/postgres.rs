//! Opening a PostgreSQL database.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::time::timeout;

use super::super::error::StorageError;
use super::migrate::{self, Steps};
use super::server::Server;
use super::{Commits, Create, Db, Found, PATIENCE, StatementCount};

/// The oldest server that is tested.
const OLDEST: i64 = 15;

/// Anything at all: it only has to differ from other programs' advisory locks. "ccdk".
const MIGRATION_LOCK: i64 = 0x6363_646B;

/// The errors name the place without its password.
pub(super) async fn open(url: &str, create: Create) -> Result<Db, StorageError> {
    // The driver's own message could repeat the address, and with it the password.
    let options: PgConnectOptions = url.parse().map_err(|_| StorageError::Address)?;
    let location = location(&options);
    let server = connect(options, create).await.map_err(|problem| problem.opening(&location))?;
    Ok(Db::Postgres { server, commits: Commits::default(), statements: StatementCount::default() })
}

fn location(options: &PgConnectOptions) -> String {
    let user = options.get_username();
    let name = options.get_database().unwrap_or(user);
    match options.get_socket() {
        Some(socket) => format!("postgres://{user}@/{name} on {}", socket.display()),
        None => format!("postgres://{user}@{}:{}/{name}", options.get_host(), options.get_port()),
    }
}

/// What the server is told at every connection. The driver cannot set these on our own end; the server's keepalives
/// keep a connection alive through firewalls and home routers, and let it notice that we are gone and free our locks.
const SETTINGS: [(&str, &str); 5] = [
    ("idle_in_transaction_session_timeout", "60s"),
    ("tcp_keepalives_idle", "60"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "6"),
    ("tcp_user_timeout", "120000"),
];

/// The longest that one statement may take; bringing the schema up to date may take longer. A server that goes on with
/// a statement of a program that is gone does not do so for ever.
const STATEMENT_TIMEOUT: (&str, &str) = ("statement_timeout", "10min");

async fn connect(options: PgConnectOptions, create: Create) -> Result<Arc<Server>, StorageError> {
    let options = options
        .application_name("ccdesk")
        .options([("lock_timeout", format!("{}s", PATIENCE.as_secs()))])
        .options(SETTINGS)
        .disable_statement_logging();
    let looked = timeout(PATIENCE, async {
        let mut connection = options.connect().await?;
        let found = identify(&mut connection).await?;
        Ok::<_, StorageError>((connection, found))
    });
    let (mut connection, found) = looked.await.map_err(|_| StorageError::Unreachable)??;
    if found.lacks_steps(create)? {
        take_steps(&mut connection).await?;
    }
    connection.close().await?;
    Ok(Server::new(options.options([STATEMENT_TIMEOUT])))
}

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

/// What new text columns are told after the steps that made them.
const COLLATION: &str = include_str!("../../../migrations/postgres/collation.sql");

async fn take_steps(connection: &mut PgConnection) -> Result<(), StorageError> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK).execute(&mut *transaction).await?;
    Steps::of_postgres().take(&mut *transaction).await?;
    sqlx::raw_sql(COLLATION).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

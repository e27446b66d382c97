//! Opening a PostgreSQL database.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use tokio::time::timeout;

use super::super::error::StorageError;
use super::migrate::{self, Steps};
use super::{Create, Db, Found, PATIENCE, StatementCount};

/// Enough for the screen, a lookup, a count, a save and the word to stop one of them.
const CONNECTIONS: u32 = 5;

/// The oldest server that is tested.
const OLDEST: i64 = 15;

/// Anything at all: it only has to differ from other programs' advisory locks. "ccdk".
const MIGRATION_LOCK: i64 = 0x6363_646B;

/// The errors name the place without its password.
pub(super) async fn open(url: &str, create: Create) -> Result<Db, StorageError> {
    // The driver's own message could repeat the address, and with it the password.
    let options: PgConnectOptions = url.parse().map_err(|_| StorageError::Address)?;
    let location = location(&options);
    let pool = connect(options, create).await.map_err(|problem| problem.opening(&location))?;
    Ok(Db::Postgres { pool, statements: StatementCount::default() })
}

fn location(options: &PgConnectOptions) -> String {
    let user = options.get_username();
    let name = options.get_database().unwrap_or(user);
    match options.get_socket() {
        Some(socket) => format!("postgres://{user}@/{name} on {}", socket.display()),
        None => format!("postgres://{user}@{}:{}/{name}", options.get_host(), options.get_port()),
    }
}

async fn connect(options: PgConnectOptions, create: Create) -> Result<PgPool, StorageError> {
    let options = options
        .application_name("ccdesk")
        .options([("lock_timeout", format!("{}s", PATIENCE.as_secs()))])
        .disable_statement_logging();
    // One connection outside the pool: the pool would hide the reason behind a time-out.
    let mut connection =
        timeout(PATIENCE, options.connect()).await.map_err(|_| StorageError::Unreachable)??;
    if identify(&mut connection).await?.lacks_steps(create)? {
        take_steps(&mut connection).await?;
    }
    connection.close().await?;
    Ok(PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).connect_lazy_with(options))
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

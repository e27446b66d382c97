//! Opening a PostgreSQL database.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use tokio::time::timeout;

use super::super::error::StorageError;
use super::address::Address;
use super::connector::Connector;
use super::migrate::{self, Steps};
use super::server::{Pooling, Server};
use super::{Commits, Create, Db, Found, StatementCount, WAIT_TIMEOUT, tls};

/// The oldest major version of PostgreSQL that this program accepts; it is tested with no older one.
const OLDEST: i64 = 15;

/// The key of the advisory lock that a migrating program holds, "ccdk" in ASCII. It only has to differ from the locks
/// of other programs.
const MIGRATION_LOCK: i64 = 0x6363_646B;

/// Opens the database at a `postgres://` address after applying the steps of the schema that it lacks.
///
/// # Errors
/// [`StorageError::AddressPart`] when the address is wrong; [`StorageError::Opening`], with the address without its
/// password, for everything else.
pub(super) async fn open(url: &str, create: Create) -> Result<Db, StorageError> {
    let address = Address::of_this_process(url)?;
    let server = connect(&address, create).await.map_err(|problem| problem.opening(&address.location()))?;
    Ok(Db::Postgres { server, commits: Commits::default(), statements: StatementCount::default() })
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
async fn connect(address: &Address, create: Create) -> Result<Arc<Server>, StorageError> {
    tls::check_files(&address.certificates)?;
    let connector = Connector::new(address);
    let examined = timeout(connector.patience, async {
        let (mut connection, connector, pooling) = connection(address, connector).await?;
        let read_only = connection.fetch_one("SHOW transaction_read_only").await?;
        let is_read_only = read_only.try_get::<String, _>(0)? == "on";
        let found = examine(&mut connection).await?;
        Ok::<_, StorageError>((connection, connector, pooling, found, is_read_only))
    });
    let (mut connection, connector, pooling, found, is_read_only) =
        examined.await.map_err(|_| StorageError::Unreachable)??;
    if found.lacks_steps(create)? {
        if create == Create::Unchanged {
            return Err(StorageError::OlderOnServer);
        }
        apply_steps(&mut connection).await?;
    }
    connection.close().await?;
    let connector = match pooling {
        Pooling::None => connector.with(|options| options.options([STATEMENT_TIMEOUT])),
        Pooling::Transactions => connector,
    };
    Ok(Server::new(connector, pooling, is_read_only))
}

/// A connection with the connector for more of the kind. A pooler in between (pgbouncer) refuses the settings with which
/// a session begins, or passes over them. Then a session may be on another connection of the server after each
/// transaction, so that nothing of it lasts longer.
async fn connection(
    address: &Address,
    connector: Connector,
) -> Result<(PgConnection, Connector, Pooling), StorageError> {
    let connector = connector.with(|options| {
        options.options([("lock_timeout", format!("{}s", WAIT_TIMEOUT.as_secs()))]).options(SETTINGS)
    });
    match connector.connect().await {
        Ok(mut connection) => {
            let lock_timeout = sqlx::raw_sql("SHOW lock_timeout").fetch_one(&mut connection).await?;
            if lock_timeout.try_get::<String, _>(0)? == format!("{}s", WAIT_TIMEOUT.as_secs()) {
                return Ok((connection, connector, Pooling::None));
            }
            connection.close().await?;
        }
        Err(StorageError::SettingsRefused) => {}
        Err(error) => return Err(error),
    }
    if !address.options.is_empty() {
        return Err(StorageError::SettingsRefused);
    }
    let connector = Connector::new(address);
    Ok((connector.connect().await?, connector, Pooling::Transactions))
}

/// Determines what the database is, in one transaction: behind a pooler, what is prepared lasts no longer.
async fn examine(connection: &mut PgConnection) -> Result<Found, StorageError> {
    connection.execute("BEGIN READ ONLY").await?;
    let found = identify(connection).await;
    connection.clear_cached_statements().await?;
    connection.execute("ROLLBACK").await?;
    found
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

async fn apply_steps(connection: &mut PgConnection) -> Result<(), StorageError> {
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(AssertSqlSafe(format!("SET LOCAL lock_timeout = '{}s'", WAIT_TIMEOUT.as_secs())))
        .execute(&mut *transaction)
        .await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK).execute(&mut *transaction).await?;
    migrate::apply_to_postgres(&mut transaction).await?;
    transaction.clear_cached_statements().await?;
    transaction.commit().await?;
    Ok(())
}

//! Temporary tables of a PostgreSQL transaction, which hold a copy of the database.

use sqlx::{AssertSqlSafe, PgConnection};

use super::super::error::StorageError;
use super::migrate;

/// The tables that are copied, with their columns, each after those to which it refers. Nothing that is tried reads the
/// history.
const TABLES: &str = "
    SELECT c.relname::text, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = pg_my_temp_schema() AND c.relkind = 'r' AND c.relname <> 'history'
     GROUP BY c.oid, c.relname
     ORDER BY c.oid";

/// Copies the tables of a PostgreSQL database into temporary ones, which hide the others until the transaction ends. The
/// transaction has just begun.
pub(super) async fn copy(connection: &mut PgConnection) -> Result<(), StorageError> {
    // One snapshot for all tables; and who may only read by default may write temporary ones.
    let modes = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE";
    sqlx::query(modes).execute(&mut *connection).await?;
    let schema: String =
        sqlx::query_scalar("SELECT quote_ident(current_schema())").fetch_one(&mut *connection).await?;
    sqlx::query("SELECT set_config('search_path', 'pg_temp, ' || current_setting('search_path'), true)")
        .execute(&mut *connection)
        .await?;
    migrate::create_tables(connection).await?;
    let tables: Vec<(String, String)> = sqlx::query_as(TABLES).fetch_all(&mut *connection).await?;
    for (table, columns) in tables {
        let copy = format!(
            "INSERT INTO pg_temp.{table} ({columns}) SELECT {columns} FROM {schema}.{table}; ANALYZE pg_temp.{table}"
        );
        sqlx::raw_sql(AssertSqlSafe(copy)).execute(&mut *connection).await?;
    }
    Ok(())
}

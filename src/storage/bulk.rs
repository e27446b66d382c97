//! Loading very many rows into a database that nobody else uses yet, by dropping its indexes first.
//!
//! An inserted row goes into every index of its table at an unrelated page, so a million rows into twenty indexes
//! write each index page many times over. An index created afterwards is sorted and written once.

use super::db::{Engine, Sql, Tx};
use super::error::StorageError;

/// The `CREATE INDEX` statements of the indexes that [`drop_indexes`] has dropped.
pub struct DroppedIndexes(Vec<String>);

/// Drops every index except those of primary keys. On PostgreSQL it drops none: its buffers make up for most of the
/// cost.
///
/// # Errors
/// [`StorageError`] when the database cannot be written.
pub async fn drop_indexes(tx: &mut Tx) -> Result<DroppedIndexes, StorageError> {
    if tx.engine() == Engine::Postgres {
        return Ok(DroppedIndexes(Vec::new()));
    }
    // The index of a primary key has no `sql`.
    let created =
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    let mut statements = Vec::new();
    for row in tx.fetch_all(created, vec![]).await? {
        tx.execute(Sql::built(format!("DROP INDEX \"{}\"", row.text(0)?)), vec![]).await?;
        statements.push(row.text(1)?);
    }
    Ok(DroppedIndexes(statements))
}

/// Creates the dropped indexes again.
///
/// # Errors
/// [`StorageError::Unique`] when two rows have the same values in a unique index.
pub async fn recreate_indexes(tx: &mut Tx, indexes: DroppedIndexes) -> Result<(), StorageError> {
    for statement in indexes.0 {
        tx.execute(Sql::built(statement), vec![]).await?;
    }
    Ok(())
}

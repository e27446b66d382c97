//! Very many rows at once, into a database that nobody else uses yet.
//!
//! A row put into twenty indexes, each in another order, touches twenty pages far apart; a million of them
//! write each page many times over. Indexes made afterwards are sorted and written once.

use super::db::{Engine, Sql, Tx};
use super::error::StorageError;

/// Indexes that were dropped, and how to make them again.
pub struct SetAside(Vec<String>);

/// Drops every index but those of primary keys. On PostgreSQL, which buffers better, none.
///
/// # Errors
/// [`StorageError`] when the database cannot be written.
pub async fn set_indexes_aside(tx: &mut Tx) -> Result<SetAside, StorageError> {
    if tx.engine() == Engine::Postgres {
        return Ok(SetAside(Vec::new()));
    }
    let made_by_us =
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    let mut statements = Vec::new();
    for row in tx.fetch_all(made_by_us, vec![]).await? {
        tx.execute(Sql::built(format!("DROP INDEX \"{}\"", row.text(0)?)), vec![]).await?;
        statements.push(row.text(1)?);
    }
    Ok(SetAside(statements))
}

/// Makes the indexes again; unique ones find out what is there twice.
///
/// # Errors
/// [`StorageError::Unique`] for two rows that are alike.
pub async fn bring_indexes_back(tx: &mut Tx, indexes: SetAside) -> Result<(), StorageError> {
    for statement in indexes.0 {
        tx.execute(Sql::built(statement), vec![]).await?;
    }
    Ok(())
}

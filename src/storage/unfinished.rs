//! Work that a step of the schema leaves to the program, because it takes folded text or history: the table
//! `unfinished_steps`, and the records that are concerned.

use super::db::{Session, Sql, Tx};
use super::error::StorageError;
use crate::domain::model::value::RecordId;

/// The name of the work that step 9 leaves: Party Names of branches and locations, and hosts of web sites.
pub const PARTY_NAMES_AND_HOSTS: &str = "party names and hosts";

/// The name of the work that step 12 leaves: the skeletons of logins and e-mails, by which look-alikes are found.
pub const SKELETONS: &str = "skeletons";

/// The name of the work that step 14 leaves: the keys by which persons, companies and logins are proposed.
pub const MATCH_KEYS: &str = "match keys";

/// The name of the work that step 16 leaves: the first reasons for rejecting a request.
pub const REJECTION_REASONS: &str = "rejection reasons";

/// Whether work is left to do.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn is_left(s: &mut Session, name: &str) -> Result<bool, StorageError> {
    let row =
        s.fetch_optional("SELECT name FROM unfinished_steps WHERE name = $1", vec![name.into()]).await?;
    Ok(row.is_some())
}

/// Notes that work is done.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn done(tx: &mut Tx, name: &str) -> Result<(), StorageError> {
    tx.execute("DELETE FROM unfinished_steps WHERE name = $1", vec![name.into()]).await.map(drop)
}

/// The ids of the companies that are branches.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn branches(s: &mut Session) -> Result<Vec<RecordId>, StorageError> {
    ids(s, "SELECT id FROM cm_companies WHERE branch_number <> 0 ORDER BY id").await
}

/// The ids of all company locations.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn locations(s: &mut Session) -> Result<Vec<RecordId>, StorageError> {
    ids(s, "SELECT id FROM cm_company_locations ORDER BY id").await
}

/// The ids of the web sites with properties that no field holds.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn sites_with_extra(s: &mut Session) -> Result<Vec<RecordId>, StorageError> {
    ids(s, "SELECT id FROM sys_web_sites WHERE extra IS NOT NULL ORDER BY id").await
}

async fn ids(s: &mut Session, sql: impl Into<Sql>) -> Result<Vec<RecordId>, StorageError> {
    let rows = s.fetch_all(sql, vec![]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

//! `INSERT`, `UPDATE` and `DELETE` statements for the rows of records.

use super::binds::Binds;
use crate::domain::model::value::{RecordId, Version};
use crate::storage::db::{Bind, Sql};

/// What an [`update`] does with the column `object_version` of the row.
#[derive(Clone, Copy)]
pub(in crate::storage) enum VersionChange {
    /// The version stays, or the table has no such column.
    Keep,
    /// The version is incremented.
    Increment,
    /// The version is incremented, and the row is changed only when it has this version.
    IncrementFrom(Version),
}

/// The beginning of an `INSERT` with these columns, up to `VALUES`.
pub(in crate::storage) fn insert_into(table: &str, columns: &[String]) -> Sql {
    Sql::built(format!("INSERT INTO {table} ({})", columns.join(", ")))
}

/// The `UPDATE` of these columns of one row, and the values to bind.
pub(in crate::storage) fn update(
    table: &str,
    id: RecordId,
    columns: Vec<(String, Bind)>,
    version: VersionChange,
) -> (Sql, Vec<Bind>) {
    let mut binds = Binds::default();
    let mut sets: Vec<String> =
        columns.into_iter().map(|(name, value)| format!("{name} = {}", binds.add(value))).collect();
    if !matches!(version, VersionChange::Keep) {
        sets.push("object_version = object_version + 1".to_owned());
    }
    let mut sql = format!("UPDATE {table} SET {} WHERE id = {}", sets.join(", "), binds.add(id));
    if let VersionChange::IncrementFrom(version) = version {
        sql.push_str(&format!(" AND object_version = {}", binds.add(version)));
    }
    (Sql::built(sql), binds.into_values())
}

/// The `DELETE` of one row, and the values to bind. With `version`, it deletes the row only when it has this version.
pub(in crate::storage) fn delete(table: &str, id: RecordId, version: Option<Version>) -> (Sql, Vec<Bind>) {
    let mut binds = Binds::default();
    let mut sql = format!("DELETE FROM {table} WHERE id = {}", binds.add(id));
    if let Some(version) = version {
        sql.push_str(&format!(" AND object_version = {}", binds.add(version)));
    }
    (Sql::built(sql), binds.into_values())
}

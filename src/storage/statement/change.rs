//! Statements that write a record's columns.

use super::binds::Binds;
use crate::domain::model::value::{RecordId, Version};
use crate::storage::db::{Bind, Sql};

/// What a statement does to the row's `object_version`.
#[derive(Clone, Copy)]
pub(in crate::storage) enum Step {
    /// Nothing: the table has none.
    None,
    /// One up, whatever it is.
    Up,
    /// One up, and only when it is this one.
    UpFrom(Version),
}

/// The beginning of a statement that adds rows with these columns, up to `VALUES`.
pub(in crate::storage) fn insert_into(table: &str, columns: &[String]) -> Sql {
    Sql::built(format!("INSERT INTO {table} ({})", columns.join(", ")))
}

/// The statement that changes these columns of one row.
pub(in crate::storage) fn update(
    table: &str,
    id: RecordId,
    columns: Vec<(String, Bind)>,
    step: Step,
) -> (Sql, Vec<Bind>) {
    let mut binds = Binds::default();
    let mut sets: Vec<String> =
        columns.into_iter().map(|(name, value)| format!("{name} = {}", binds.add(value))).collect();
    if !matches!(step, Step::None) {
        sets.push("object_version = object_version + 1".to_owned());
    }
    let mut sql = format!("UPDATE {table} SET {} WHERE id = {}", sets.join(", "), binds.add(id));
    if let Step::UpFrom(version) = step {
        sql.push_str(&format!(" AND object_version = {}", binds.add(version)));
    }
    (Sql::built(sql), binds.into_values())
}

/// The statement that removes one row, only at this version where the table has one.
pub(in crate::storage) fn delete(table: &str, id: RecordId, version: Option<Version>) -> (Sql, Vec<Bind>) {
    let mut binds = Binds::default();
    let mut sql = format!("DELETE FROM {table} WHERE id = {}", binds.add(id));
    if let Some(version) = version {
        sql.push_str(&format!(" AND object_version = {}", binds.add(version)));
    }
    (Sql::built(sql), binds.into_values())
}

//! Who did what to a record, when and why. Entries are only ever added: triggers on both engines refuse the
//! rest.

use serde::{Deserialize, Serialize};

use super::db::{Bind, Row, Session, Tx, instant};
use super::error::StorageError;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry};
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::RecordId;

/// A changed field as it is stored. An empty text is left out.
#[derive(Serialize, Deserialize)]
struct StoredField {
    property: String,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    old: String,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    new: String,
}

/// Adds a change of a record, in the transaction that makes it.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn append(
    tx: &mut Tx,
    entity: &EntityDef,
    record: RecordId,
    change: &HistoryEntry,
) -> Result<(), StorageError> {
    append_many(tx, entity, [(record, change)]).await
}

/// Adds changes of many records of one entity.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub async fn append_many<'a>(
    tx: &mut Tx,
    entity: &EntityDef,
    changes: impl IntoIterator<Item = (RecordId, &'a HistoryEntry)>,
) -> Result<(), StorageError> {
    let rows = changes.into_iter().map(|(record, change)| binds(entity, record, change));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    tx.insert(
        "INSERT INTO history (record_id, at, version, action, entity_set, login, changes, reason)",
        8,
        rows,
    )
    .await?;
    Ok(())
}

fn binds(entity: &EntityDef, record: RecordId, change: &HistoryEntry) -> Result<Vec<Bind>, StorageError> {
    let fields: Vec<StoredField> = change
        .fields
        .iter()
        .cloned()
        .map(|FieldChange { property, old, new }| StoredField { property, old, new })
        .collect();
    let fields = serde_json::to_string(&fields).map_err(|error| StorageError::Other(error.to_string()))?;
    Ok(vec![
        record.into(),
        change.at.into(),
        change.version.into(),
        change.action.as_str().into(),
        entity.set.into(),
        change.login.as_str().into(),
        fields.into(),
        change.reason.as_deref().into(),
    ])
}

/// The changes of a record, the newest first, at most `limit`.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn of_record(
    s: &mut Session,
    entity: &EntityDef,
    record: RecordId,
    limit: usize,
) -> Result<Vec<HistoryEntry>, StorageError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = s
        .fetch_all(
            "SELECT at, version, action, login, changes, reason
               FROM history
              WHERE record_id = $1 AND entity_set = $2
              ORDER BY seq DESC
              LIMIT $3",
            vec![record.into(), entity.set.into(), limit.into()],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<HistoryEntry, StorageError> {
    let unknown = || StorageError::Other("the history of a record holds something unknown".to_owned());
    let fields: Vec<StoredField> = serde_json::from_str(&row.text(4)?).map_err(|_| unknown())?;
    let fields =
        fields.into_iter().map(|StoredField { property, old, new }| FieldChange { property, old, new });
    Ok(HistoryEntry {
        at: instant(row.int(0)?)?,
        version: row.int(1)?,
        action: HistoryAction::from_word(&row.text(2)?).ok_or_else(unknown)?,
        login: row.text(3)?,
        fields: fields.collect(),
        reason: row.opt_text(5)?,
    })
}

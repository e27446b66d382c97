//! The rows of the table `match_keys`, which are written with every record: the keys by which persons, companies and logins
//! are found when a request is compared with them ([`matching`](crate::domain::matching)).

use std::collections::BTreeSet;

use crate::domain::entities;
use crate::domain::matching::{Key, keys_of};
use crate::domain::model::match_key::MatchKey;
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::RecordId;
use crate::storage::db::{Bind, Sql, Tx};
use crate::storage::error::StorageError;
use crate::storage::statement::Binds;

const INSERT: &str = "INSERT INTO match_keys (key, id)";

/// Adds the keys of new records of one entity.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub(in crate::storage) async fn add<'a, F: Fields + 'a>(
    tx: &mut Tx,
    entity: &'static EntityDef,
    records: impl IntoIterator<Item = (RecordId, &'a F)>,
) -> Result<(), StorageError> {
    let described = entities::match_keys_of(entity);
    if described.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::new();
    for (id, record) in records {
        rows.extend(keys_of(described, record).into_iter().map(|key| row(key, id)));
    }
    tx.insert(INSERT, 2, rows).await.map(drop)
}

/// Replaces the keys of a record by those that it has with the changes of a draft.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub(super) async fn change(tx: &mut Tx, before: &Record, draft: &Draft) -> Result<(), StorageError> {
    let described = entities::match_keys_of(draft.entity);
    if !described.iter().flat_map(MatchKey::fields).any(|field| draft.is_field_changed(field)) {
        return Ok(());
    }
    let (before, after) = (keys_of(described, before), keys_of(described, draft));
    delete(tx, draft.id, &before - &after).await?;
    let added: Vec<Vec<Bind>> = (&after - &before).into_iter().map(|key| row(key, draft.id)).collect();
    tx.insert(INSERT, 2, added).await.map(drop)
}

/// Removes the keys of a record that is deleted.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub(super) async fn remove(tx: &mut Tx, record: &Record) -> Result<(), StorageError> {
    let keys = keys_of(entities::match_keys_of(record.entity), record);
    delete(tx, record.id, keys).await
}

fn row(key: Key, id: RecordId) -> Vec<Bind> {
    vec![key.into(), id.into()]
}

async fn delete(tx: &mut Tx, id: RecordId, keys: BTreeSet<Key>) -> Result<(), StorageError> {
    let mut binds = Binds::default();
    let keys: Vec<String> = keys.into_iter().map(|key| binds.add(key)).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let sql = format!("DELETE FROM match_keys WHERE key IN ({}) AND id = {}", keys.join(", "), binds.add(id));
    tx.execute(Sql::built(sql), binds.into_values()).await.map(drop)
}

//! The keys by which persons, companies and logins are found when a request is compared with them
//! ([`matching`](crate::domain::matching)): finding them, and computing all of them afresh.

use std::collections::BTreeSet;

use super::db::{Session, Sql, Tx};
use super::error::StorageError;
use super::records::{self, match_index};
use super::statement::Binds;
use crate::domain::entities;
use crate::domain::matching::Key;
use crate::domain::model::match_key::MatchKey;
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId};

/// The most records of which [`fill`] computes the keys at once.
const BATCH: usize = 1000;

/// Computes the keys of all records afresh, as migration 0014 leaves them. Others who write records wait meanwhile.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub async fn fill(tx: &mut Tx) -> Result<(), StorageError> {
    // On PostgreSQL this keeps others from writing keys; and an index that is made afterwards is sorted and written once.
    tx.execute("DROP INDEX match_keys_key", vec![]).await?;
    tx.execute("DELETE FROM match_keys", vec![]).await?;
    for entity in entities::all() {
        let mut last = RecordId::NIL;
        while let Some(next) = fill_after(tx, entity, last).await? {
            last = next;
        }
    }
    tx.execute("CREATE UNIQUE INDEX match_keys_key ON match_keys (key, id)", vec![]).await.map(drop)
}

/// Adds the keys of the records of an entity whose ids follow `last`, at most [`BATCH`] of them; the last of their ids, or
/// `None` when there are no more.
async fn fill_after(
    tx: &mut Tx,
    entity: &'static EntityDef,
    last: RecordId,
) -> Result<Option<RecordId>, StorageError> {
    let described = entities::match_keys_of(entity);
    if described.is_empty() {
        return Ok(None);
    }
    let sql = format!("SELECT id FROM {} WHERE id > $1 ORDER BY id LIMIT {BATCH}", entity.table);
    let rows = tx.fetch_all(Sql::built(sql), vec![last.into()]).await?;
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
    let fields: Vec<&'static FieldDef> = described.iter().flat_map(MatchKey::fields).collect();
    let records = records::read(tx, entity, &fields, &ids, FALLBACK_LANGUAGE).await?;
    match_index::add(tx, entity, records.iter().map(|record| (record.id, record))).await?;
    Ok(ids.last().copied())
}

/// All keys that are stored, with the ids of their records.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn all(s: &mut Session) -> Result<BTreeSet<(Key, RecordId)>, StorageError> {
    let rows = s.fetch_all("SELECT key, id FROM match_keys", vec![]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.id(1)?))).collect()
}

/// Finds the records of these keys, for each key at most `most`: the ids, with one statement for 400 keys.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn find(
    s: &mut Session,
    keys: &BTreeSet<Key>,
    most: usize,
) -> Result<Vec<(Key, RecordId)>, StorageError> {
    let keys: Vec<Key> = keys.iter().copied().collect();
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS_PER_STATEMENT) {
        let (sql, binds) = select(keys, most);
        for row in s.fetch_all(Sql::built(sql), binds.into_values()).await? {
            found.push((row.int(0)?, row.id(1)?));
        }
    }
    Ok(found)
}

/// The most keys of one statement: SQLite takes at most 500 parts of a compound `SELECT`.
const KEYS_PER_STATEMENT: usize = 400;

/// The statement that finds the records of these keys, for each at most `most`.
pub(super) fn select(keys: &[Key], most: usize) -> (String, Binds) {
    let mut binds = Binds::default();
    let mut selects = Vec::with_capacity(keys.len());
    for key in keys {
        let key = binds.add(*key);
        let of_key =
            format!("SELECT key, id FROM match_keys WHERE key = {key} ORDER BY key, id LIMIT {most}");
        selects.push(format!("SELECT * FROM ({of_key}) k"));
    }
    (selects.join(" UNION ALL "), binds)
}

//! Reading records, with all their fields or with some of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::record::{FieldMap, Fields, Origin, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::RecordId;
use crate::storage::db::{Engine, Row, Session, Sql, Tx, instant};
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause, JoinedRecord, Projection, is_one_of_ids, row_lock};

/// The most ids in one statement. SQLite takes at most 32,766 values.
pub(in crate::storage) const MAX_IDS: usize = 1000;

/// The condition by which [`some_fields`] selects records.
#[derive(Clone, Copy)]
pub(in crate::storage) enum Selection<'a> {
    /// Records with one of these ids.
    Ids(&'a [RecordId]),
    /// Records whose reference `field` refers to one of these.
    Referring(&'static FieldDef, &'a [RecordId]),
    /// Records with one of the first ids, and records whose reference refers to one of the second ids. A record that
    /// meets both conditions may be read twice.
    Either(&'a [RecordId], &'static FieldDef, &'a [RecordId]),
}

impl<'a> Selection<'a> {
    /// Splits the selection into parts of at most [`MAX_IDS`] ids, one for each statement. An empty selection has no
    /// part.
    fn chunks(self) -> Vec<Self> {
        match self {
            Self::Ids(ids) => ids.chunks(MAX_IDS).map(Self::Ids).collect(),
            Self::Referring(field, targets) => {
                targets.chunks(MAX_IDS).map(|targets| Self::Referring(field, targets)).collect()
            }
            Self::Either(ids, _, []) => Self::Ids(ids).chunks(),
            Self::Either([], field, targets) => Self::Referring(field, targets).chunks(),
            Self::Either(ids, _, targets) if ids.len() + targets.len() <= MAX_IDS => vec![self],
            Self::Either(ids, field, targets) => {
                [Self::Ids(ids).chunks(), Self::Referring(field, targets).chunks()].concat()
            }
        }
    }

    fn condition(self, from: &mut FromClause, binds: &mut Binds) -> String {
        match self {
            Self::Ids(ids) => is_one_of_ids("t0.id", ids, binds),
            Self::Referring(field, targets) => is_one_of_ids(&from.own(field), targets, binds),
            Self::Either(ids, field, targets) => {
                let by_id = is_one_of_ids("t0.id", ids, binds);
                format!("({by_id} OR {})", is_one_of_ids(&from.own(field), targets, binds))
            }
        }
    }
}

/// Reads a record with all its fields; `None` when the entity has no record with this id. A record of a base entity is
/// returned as its subtype: a party as a person. The texts of references are in `language`.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn load(
    s: &mut Session,
    entity: &'static EntityDef,
    id: RecordId,
    language: &str,
) -> Result<Option<Record>, StorageError> {
    let mut from = FromClause::of(entity);
    let mut projection = Projection::after(common_columns(&from));
    let fields = possible_fields(&from, entity);
    for (of, field) in &fields {
        projection.add_of(&mut from, of, field);
    }
    let condition = format!("t0.id = $1{}", from.and_is_of_entity());
    let sql = format!("SELECT {} FROM {} WHERE {condition}", projection.columns(), from.tables());
    let Some(row) = s.fetch_optional(Sql::built(sql), vec![id.into()]).await? else { return Ok(None) };
    let entity = row.opt_text(1)?.map_or(entity, |code| entities::subtype(entity, &code));
    let own: Vec<&FieldDef> = entity.all_fields().collect();
    let values = fields.iter().map(|(_, field)| *field).zip(projection.values(&row, language)?);
    let values = values
        .filter(|(field, value)| own.contains(field) && !value.is_empty())
        .map(|(field, value)| (field.property, value))
        .collect();
    Ok(Some(Record { entity, id, version: row.int(0)?, values, origin: origin(&row, 2)? }))
}

/// Reads when and by whom the records with these ids were created, by id. A record of which neither is known is left out.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn created(
    s: &mut Session,
    entity: &'static EntityDef,
    ids: &[RecordId],
) -> Result<BTreeMap<RecordId, (Timestamp, String)>, StorageError> {
    let mut found = BTreeMap::new();
    for ids in ids.chunks(MAX_IDS) {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT id, creation_time, creation_user FROM {} WHERE {}",
            entity.root().table,
            is_one_of_ids("id", ids, &mut binds)
        );
        for row in s.fetch_all(Sql::built(sql), binds.into_values()).await? {
            if let (Some(at), Some(by)) = (row.opt_int(1)?, row.opt_text(2)?) {
                found.insert(row.id(0)?, (instant(at)?, by));
            }
        }
    }
    Ok(found)
}

/// The columns of a record that are no fields: version, subtype, and those that [`origin`] reads.
pub(in crate::storage) fn common_columns(from: &FromClause) -> Vec<String> {
    let origin = [
        "external_id",
        "external_system",
        "creation_time",
        "creation_user",
        "update_time",
        "update_user",
        "extra",
    ];
    let origin = origin.iter().map(|column| format!("t0.{column}"));
    ["t0.object_version".to_owned(), from.subtype_column()].into_iter().chain(origin).collect()
}

/// All fields that a record of the entity may have: those of the entity and, for a base entity, those of each subtype.
fn possible_fields(from: &FromClause, entity: &'static EntityDef) -> Vec<(JoinedRecord, &'static FieldDef)> {
    let own = entity.all_fields().map(|field| (from.record(), field));
    let of_subtypes = entities::subtypes(entity)
        .flat_map(|subtype| subtype.fields.iter().map(move |field| (from.record_as(subtype), *field)));
    own.chain(of_subtypes).collect()
}

/// What every record has beside its fields, from the columns of [`common_columns`], of which the third is that at position
/// `first` of the row.
pub(in crate::storage) fn origin(row: &Row, first: usize) -> Result<Origin, StorageError> {
    Ok(Origin {
        external_id: row.opt_text(first)?,
        external_system: row.opt_text(first + 1)?,
        creation_time: row.opt_int(first + 2)?.map(instant).transpose()?,
        creation_user: row.opt_text(first + 3)?,
        update_time: row.opt_int(first + 4)?.map(instant).transpose()?,
        update_user: row.opt_text(first + 5)?,
        extra: row.opt_text(first + 6)?,
    })
}

/// Reads some fields of the records with these ids, in no particular order. [`Record::origin`] is left empty, and ids
/// without a record are left out.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn read(
    s: &mut Session,
    entity: &'static EntityDef,
    fields: &[&'static FieldDef],
    ids: &[RecordId],
    language: &str,
) -> Result<Vec<Record>, StorageError> {
    some_fields(s, entity, fields, Selection::Ids(ids), language).await
}

/// Reads some fields of the selected records as [`read`] does, with one statement for at most [`MAX_IDS`] ids.
pub(in crate::storage) async fn some_fields(
    s: &mut Session,
    entity: &'static EntityDef,
    fields: &[&'static FieldDef],
    selection: Selection<'_>,
    language: &str,
) -> Result<Vec<Record>, StorageError> {
    let mut found = Vec::new();
    for chunk in selection.chunks() {
        let (mut from, mut binds) = (FromClause::of(entity), Binds::default());
        let mut projection = Projection::after(vec!["t0.id".to_owned(), "t0.object_version".to_owned()]);
        for field in fields {
            projection.add(&mut from, field);
        }
        let condition = chunk.condition(&mut from, &mut binds) + &from.and_is_of_entity();
        let sql = format!("SELECT {} FROM {} WHERE {condition}", projection.columns(), from.tables());
        for row in s.fetch_all(Sql::built(sql), binds.into_values()).await? {
            let values = fields.iter().map(|field| field.property).zip(projection.values(&row, language)?);
            let values: FieldMap = values.filter(|(_, value)| !value.is_empty()).collect();
            let (id, version) = (row.id(0)?, row.int(1)?);
            found.push(Record { entity, id, version, values, origin: Origin::default() });
        }
    }
    Ok(found)
}

/// Reads the text with which a record is shown; `None` when the entity has no record with this id.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn shown(
    s: &mut Session,
    entity: &'static EntityDef,
    id: RecordId,
    language: &str,
) -> Result<Option<String>, StorageError> {
    let fields: Vec<&FieldDef> = format::line_fields(entity).collect();
    let found = read(s, entity, &fields, &[id], language).await?;
    Ok(found.first().map(|record| format::line(entity, |field| record.value(field), language)))
}

/// Locks the rows of records until the transaction ends, in an order that is the same in every transaction: by table, then
/// by id. Two transactions that lock all that they write in this way wait for each other instead of deadlocking. Ids
/// without a record are passed over. On SQLite this is not needed.
///
/// # Errors
/// [`StorageError::Busy`] when another transaction holds a lock for more than five seconds.
pub async fn lock_all(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = (&'static EntityDef, RecordId)>,
) -> Result<(), StorageError> {
    if tx.engine() == Engine::Sqlite {
        return Ok(());
    }
    let mut by_table: BTreeMap<&str, BTreeSet<RecordId>> = BTreeMap::new();
    for (entity, id) in ids {
        by_table.entry(entity.root().table).or_default().insert(id);
    }
    for (table, ids) in by_table {
        let ids: Vec<RecordId> = ids.into_iter().collect();
        for ids in ids.chunks(MAX_IDS) {
            let mut binds = Binds::default();
            let condition = is_one_of_ids("t0.id", ids, &mut binds);
            let lock = row_lock(tx.engine());
            let sql = format!("SELECT t0.id FROM {table} t0 WHERE {condition} ORDER BY t0.id{lock}");
            tx.fetch_all(Sql::built(sql), binds.into_values()).await?;
        }
    }
    Ok(())
}

/// Locks the row of a record until the transaction ends, so that no other transaction changes it. On SQLite this is not
/// needed, because only one transaction writes at a time.
///
/// # Errors
/// [`StorageError::Busy`] when another transaction holds the lock for more than five seconds.
pub async fn lock(tx: &mut Tx, entity: &'static EntityDef, id: RecordId) -> Result<(), StorageError> {
    let (table, lock) = (entity.root().table, row_lock(tx.engine()));
    let sql = format!("SELECT t0.id FROM {table} t0 WHERE t0.id = $1{lock}");
    tx.fetch_optional(Sql::built(sql), vec![id.into()]).await.map(drop)
}

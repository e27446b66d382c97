//! Finding records by an external id, by the value of a field, or by references.

use crate::domain::model::normal::normalised;
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::text;
use crate::domain::model::value::{RecordId, Value};
use crate::storage::columns;
use crate::storage::db::{Bind, Session, Sql};
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause, is_one_of_ids};

/// The condition by which [`find`] finds a record.
#[derive(Clone, Copy, Debug)]
pub enum FindBy<'a> {
    /// The record has this external id.
    ExternalId(&'a str),
    /// The field of the record has this value. A field that is unique ignoring case is compared so, and a text in
    /// several languages by all its translations without case and accents; every other field exactly. Blanks around the
    /// value are ignored.
    Field(&'static FieldDef, &'a Value),
}

/// Finds a record of the entity and returns its id: of several the smallest, `None` when there is none. Nothing is
/// found by an empty value or by a secret.
///
/// # Errors
/// [`StorageError`] when the database cannot answer, or the value is not of the field's kind.
pub async fn find(
    s: &mut Session,
    entity: &'static EntityDef,
    by: FindBy<'_>,
) -> Result<Option<RecordId>, StorageError> {
    let mut from = FromClause::of(entity);
    let (column, value): (String, Bind) = match by {
        FindBy::ExternalId(id) => ("t0.external_id".to_owned(), text::trim(id).into()),
        FindBy::Field(field, value) => {
            let value = &normalised(field, value.clone());
            if value.is_empty() || matches!(field.kind, Kind::Secret) {
                return Ok(None);
            }
            let (suffix, bind) = if field.keyed {
                ("_key", columns::key(value).into())
            } else if matches!(field.kind, Kind::Multi { .. }) {
                ("_fold", columns::folded(value).into())
            } else {
                ("", columns::bind(field, value)?)
            };
            let record = from.record();
            (from.column(&record, field, suffix), bind)
        }
    };
    let sql = format!(
        "SELECT t0.id FROM {} WHERE {column} = $1{} ORDER BY t0.id LIMIT 1",
        from.tables(),
        from.and_is_of_entity()
    );
    let row = s.fetch_optional(Sql::built(sql), vec![value]).await?;
    row.map(|row| row.id(0)).transpose()
}

/// Whether the entity has a record with this id.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn exists(s: &mut Session, entity: &'static EntityDef, id: RecordId) -> Result<bool, StorageError> {
    let from = FromClause::of(entity);
    let sql = format!("SELECT t0.id FROM {} WHERE t0.id = $1{}", from.tables(), from.and_is_of_entity());
    Ok(s.fetch_optional(Sql::built(sql), vec![id.into()]).await?.is_some())
}

/// Whether a record is the record `ancestor` itself or belongs to it, directly or through others, by a reference to its
/// own entity such as Parent Party. `false` when the field is no reference.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn is_below(
    s: &mut Session,
    field: &FieldDef,
    record: RecordId,
    ancestor: RecordId,
) -> Result<bool, StorageError> {
    let Some(entity) = field.target() else { return Ok(false) };
    if record == ancestor {
        return Ok(true);
    }
    let (table, column) = (entity.root().table, field.column);
    // UNION rather than UNION ALL, so that the query also ends when the stored references form a circle.
    let sql = format!(
        "WITH RECURSIVE up (id) AS (SELECT {column} FROM {table} WHERE id = $1 \
         UNION SELECT p.{column} FROM {table} p JOIN up ON p.id = up.id) \
         SELECT up.id FROM up WHERE up.id = $2"
    );
    Ok(s.fetch_optional(Sql::built(sql), vec![record.into(), ancestor.into()]).await?.is_some())
}

/// The ids of the records of `entity` that refer to a record by the reference `field`, in order.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn referring(
    s: &mut Session,
    entity: &'static EntityDef,
    field: &'static FieldDef,
    id: RecordId,
) -> Result<Vec<RecordId>, StorageError> {
    let mut from = FromClause::of(entity);
    let column = from.own(field);
    let sql = format!("SELECT t0.id FROM {} WHERE {column} = $1 ORDER BY t0.id", from.tables());
    let rows = s.fetch_all(Sql::built(sql), vec![id.into()]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Finds the one of `candidates` to which most records of `entity` refer by the reference `field`: of several the one
/// with the smallest id, `None` when no record refers to any.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn most_referenced(
    s: &mut Session,
    entity: &'static EntityDef,
    field: &'static FieldDef,
    candidates: &[RecordId],
) -> Result<Option<RecordId>, StorageError> {
    if candidates.is_empty() {
        return Ok(None);
    }
    let (mut from, mut binds) = (FromClause::of(entity), Binds::default());
    let column = from.own(field);
    let condition = is_one_of_ids(&column, candidates, &mut binds);
    let sql = format!(
        "SELECT {column} FROM {} WHERE {condition} GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT 1",
        from.tables()
    );
    let row = s.fetch_optional(Sql::built(sql), binds.into_values()).await?;
    row.map(|row| row.id(0)).transpose()
}

//! Finding records by what is known of them.

use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{RecordId, Value};
use crate::storage::columns;
use crate::storage::db::{Bind, Session, Sql};
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause, is_one_of_ids};

/// By what a record is found.
#[derive(Clone, Copy, Debug)]
pub enum FindBy<'a> {
    /// The id another system knows it by.
    ExternalId(&'a str),
    /// A field that has this value: ignoring case where the field is unique so, else exactly.
    Field(&'static FieldDef, &'a Value),
}

/// The record of that description; of several, the one with the first id.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn find(
    s: &mut Session,
    entity: &'static EntityDef,
    by: FindBy<'_>,
) -> Result<Option<RecordId>, StorageError> {
    let mut from = FromClause::of(entity);
    let (column, value): (String, Bind) = match by {
        FindBy::ExternalId(id) => ("t0.external_id".to_owned(), id.into()),
        FindBy::Field(field, value) if value.is_empty() || matches!(field.kind, Kind::Secret) => {
            return Ok(None);
        }
        FindBy::Field(field, value) => {
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

/// Whether the entity has a record of that id.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn exists(s: &mut Session, entity: &'static EntityDef, id: RecordId) -> Result<bool, StorageError> {
    let from = FromClause::of(entity);
    let sql = format!("SELECT t0.id FROM {} WHERE t0.id = $1{}", from.tables(), from.and_is_of_entity());
    Ok(s.fetch_optional(Sql::built(sql), vec![id.into()]).await?.is_some())
}

/// Whether a record leads to another one by a reference to its own entity, directly or through others, or is that one
/// itself.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn is_below(
    s: &mut Session,
    field: &FieldDef,
    record: RecordId,
    other: RecordId,
) -> Result<bool, StorageError> {
    let Some(entity) = field.target() else { return Ok(false) };
    if record == other {
        return Ok(true);
    }
    let (table, column) = (entity.root().table, field.column);
    // UNION, not UNION ALL: should there be a circle already, it is walked once.
    let sql = format!(
        "WITH RECURSIVE up (id) AS (SELECT {column} FROM {table} WHERE id = $1 \
         UNION SELECT p.{column} FROM {table} p JOIN up ON p.id = up.id) \
         SELECT up.id FROM up WHERE up.id = $2"
    );
    Ok(s.fetch_optional(Sql::built(sql), vec![record.into(), other.into()]).await?.is_some())
}

/// Of these records, the one that most records of an entity point at with a reference; `None` when none is
/// pointed at.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn most_pointed_at(
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

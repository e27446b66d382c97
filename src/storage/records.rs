//! Records: read whole, found, and written.
//!
//! There is one write, [`save`]; whoever changes a record comes through it, with the version that was read.

mod numbers;
mod write;

use super::db::{Session, Tx};
use super::error::StorageError;
use crate::domain::model::format;
use crate::domain::model::record::{Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{RecordId, Value};
use crate::storage::list::{self, Selection};

pub use write::{SaveError, Saved, delete, insert_many, save, set_origin};

/// A whole record, as the entity it really is: of a base, its subtype. References are shown in `language`.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn load(
    s: &mut Session,
    entity: &'static EntityDef,
    id: RecordId,
    language: &str,
) -> Result<Option<Record>, StorageError> {
    let Some((entity, origin)) = list::origin(s, entity, id).await? else { return Ok(None) };
    let fields: Vec<_> = entity.all_fields().collect();
    let found = list::records(s, entity, &fields, Selection::Ids(&[id]), language).await?;
    Ok(found.into_iter().next().map(|record| Record { origin, ..record }))
}

/// Some fields of the records with these ids, in no particular order and without where they came from; those that
/// are gone are left out.
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
    list::records(s, entity, fields, Selection::Ids(ids), language).await
}

/// The line a record is shown as.
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
    let found = list::records(s, entity, &fields, Selection::Ids(&[id]), language).await?;
    Ok(found.first().map(|record| format::line(entity, |field| record.value(field), language)))
}

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
    match by {
        FindBy::ExternalId(id) => list::find_external(s, entity, id).await,
        FindBy::Field(field, value) if value.is_empty() || matches!(field.kind, Kind::Secret) => Ok(None),
        FindBy::Field(field, value) => list::find_by(s, entity, field, value).await,
    }
}

/// Whether the entity has a record of that id.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn exists(s: &mut Session, entity: &'static EntityDef, id: RecordId) -> Result<bool, StorageError> {
    Ok(list::origin(s, entity, id).await?.is_some())
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
    match field.target() {
        Some(entity) => list::leads_to(s, field, entity, record, other).await,
        None => Ok(false),
    }
}

/// Keeps a record, until the transaction ends, from being changed by another one. On SQLite there is one writer at a
/// time anyway.
///
/// # Errors
/// [`StorageError::Busy`] when another transaction does not finish in time.
pub async fn hold(tx: &mut Tx, entity: &'static EntityDef, id: RecordId) -> Result<(), StorageError> {
    list::hold(tx, entity, id).await
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
    list::most_pointed_at(s, entity, field, candidates).await
}

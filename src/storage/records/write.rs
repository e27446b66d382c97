//! Writing records: creating, changing and removing them.

use jiff::Timestamp;

use super::match_index;
use super::numbers::{self, Advanced};
use crate::domain::entities;
use crate::domain::model::record::{Draft, Fields, Origin, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Value, Version};
use crate::storage::columns;
use crate::storage::db::{Bind, Session, Sql, Tx};
use crate::storage::error::StorageError;
use crate::storage::statement::{self, VersionChange};

/// The time and the login of a write.
#[derive(Clone, Copy)]
struct Author<'a> {
    now: Timestamp,
    login: &'a str,
}

/// The result of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The id of the saved record.
    pub id: RecordId,
    /// The version of the record after the save; the version that was read when nothing has changed.
    pub version: Version,
    /// The series of numbers that the save has advanced.
    pub advanced: Vec<Advanced>,
}

/// The reason why a record was not written. The caller must roll the transaction back, at least to a savepoint, because
/// PostgreSQL refuses every other statement after an error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// The record was changed or removed since it was read (`docs/promises.md`, 13).
    #[error("somebody else has saved this record meanwhile")]
    Conflict,
    /// Another record has the same values in these fields, which must be unique; the same id when the list is empty.
    #[error("there is already such a record")]
    Taken(Vec<&'static FieldDef>),
    /// Any other error of the database: [`StorageError::ForeignKey`] when a record to which this one refers does not
    /// exist, or when others refer to the record that is removed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl SaveError {
    fn of(entity: &'static EntityDef, error: StorageError) -> Self {
        match error {
            StorageError::Unique { index } => Self::Taken(columns::fields_of_index(entity, &index)),
            other => Self::Storage(other),
        }
    }
}

/// Creates the record of a draft under the id of the draft, or writes the changed fields of a record that was read.
///
/// It also fills empty numbered fields, in the draft too, and increments the version of the record that owns this one
/// ([`EntityDef::owner`]). The caller has checked the draft against the descriptions of the fields and the rules of the
/// entity; only the constraints of the schema (unique values, existing references) are checked here, by the database.
///
/// # Errors
/// [`SaveError::Conflict`] when the record is no longer at the version that was read, [`SaveError::Taken`] when a
/// unique value exists already, [`SaveError::Storage`] otherwise.
pub async fn save(tx: &mut Tx, draft: &mut Draft, now: Timestamp, login: &str) -> Result<Saved, SaveError> {
    let author = &Author { now, login };
    let advanced = numbers::fill(tx, std::slice::from_mut(draft)).await?;
    let version = match draft.base.clone() {
        None => add(tx, draft, author).await?,
        Some(base) => change(tx, draft, &base, author).await?,
    };
    Ok(Saved { id: draft.id, version, advanced })
}

/// Reads the entity of a record (for a base entity the subtype) and its version, with one statement; `None` when the
/// record does not exist.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn version_of(
    s: &mut Session,
    entity: &'static EntityDef,
    id: RecordId,
) -> Result<Option<(&'static EntityDef, Version)>, StorageError> {
    let root = entity.root();
    let subtype = root.subtype_field.map_or("CAST(NULL AS TEXT)", |field| field.column);
    let sql = format!("SELECT object_version, {subtype} FROM {} WHERE id = $1", root.table);
    let Some(row) = s.fetch_optional(Sql::built(sql), vec![id.into()]).await? else { return Ok(None) };
    let subtype = row.opt_text(1)?;
    Ok(Some((subtype.map_or(entity, |code| entities::subtype(root, &code)), row.int(0)?)))
}

/// Writes the external id, the external system and the extra properties of a record. The version of the record does not
/// change, because none of these can be edited.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn set_origin(
    tx: &mut Tx,
    entity: &'static EntityDef,
    id: RecordId,
    origin: &Origin,
) -> Result<(), StorageError> {
    let columns = [
        ("external_id", &origin.external_id),
        ("external_system", &origin.external_system),
        ("extra", &origin.extra),
    ];
    let columns = columns.map(|(name, value)| (name.to_owned(), value.clone().into()));
    let (sql, binds) = statement::update(entity.root().table, id, columns.into(), VersionChange::Keep);
    tx.execute(sql, binds).await?;
    Ok(())
}

/// Writes when and by whom a record was created, beside what [`set_origin`] writes: for a deleted record that is created
/// again.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn restore_origin(
    tx: &mut Tx,
    entity: &'static EntityDef,
    id: RecordId,
    origin: &Origin,
) -> Result<(), StorageError> {
    let columns = vec![
        ("creation_time".to_owned(), origin.creation_time.into()),
        ("creation_user".to_owned(), origin.creation_user.clone().into()),
    ];
    let (sql, binds) = statement::update(entity.root().table, id, columns, VersionChange::Keep);
    tx.execute(sql, binds).await?;
    set_origin(tx, entity, id, origin).await
}

const FIRST_VERSION: Version = 1;

async fn add(tx: &mut Tx, draft: &Draft, author: &Author<'_>) -> Result<Version, SaveError> {
    insert(tx, draft.entity, &[(draft.id, draft)], author).await?;
    increment_owner_versions(tx, draft, author).await?;
    Ok(FIRST_VERSION)
}

/// Inserts the rows of new records of one entity: first into the table of the base entity, then into its own.
async fn insert(
    tx: &mut Tx,
    entity: &'static EntityDef,
    drafts: &[(RecordId, &Draft)],
    author: &Author<'_>,
) -> Result<(), SaveError> {
    for home in [entity.base_entity(), Some(entity)].into_iter().flatten() {
        let columns = columns_of(entity, home);
        let mut rows = Vec::with_capacity(drafts.len());
        for (id, draft) in drafts {
            rows.push(row(draft, home, *id, author)?);
        }
        tx.insert(statement::insert_into(home.table, &columns), columns.len(), rows)
            .await
            .map_err(|error| SaveError::of(entity, error))?;
    }
    Ok(match_index::add(tx, entity, drafts.iter().copied()).await?)
}

/// The columns of a root entity's table that a new row fills besides its id and its fields.
const ROOT_COLUMNS: [&str; 5] =
    ["object_version", "creation_time", "creation_user", "update_time", "update_user"];

/// The columns of a new row in the table of `home`, which is the entity or its base.
fn columns_of(entity: &'static EntityDef, home: &'static EntityDef) -> Vec<String> {
    let root = home.is(entity.root()).then_some(ROOT_COLUMNS).into_iter().flatten();
    let own = home.fields.iter().flat_map(|field| columns::names(field));
    ["id"].into_iter().chain(root).map(str::to_owned).chain(own).collect()
}

/// The values of a new row in the table of `home`, in the order of [`columns_of`].
fn row(
    draft: &Draft,
    home: &'static EntityDef,
    id: RecordId,
    author: &Author<'_>,
) -> Result<Vec<Bind>, StorageError> {
    let entity = draft.entity;
    let subtype = entity.base.and_then(|(base, code)| Some((base.subtype_field?, Value::Code(code))));
    let mut row = vec![id.into()];
    if home.is(entity.root()) {
        let (now, login) = (author.now, author.login);
        row.extend([FIRST_VERSION.into(), now.into(), login.into(), now.into(), login.into()]);
    }
    for field in home.fields {
        let value = match &subtype {
            Some((subtype_field, code)) if *subtype_field == *field => code,
            _ => draft.value(field),
        };
        columns::add_values(field, value, &mut row)?;
    }
    Ok(row)
}

async fn change(
    tx: &mut Tx,
    draft: &Draft,
    base: &Record,
    author: &Author<'_>,
) -> Result<Version, SaveError> {
    let entity = draft.entity;
    let mut root = changed_columns(draft, entity.root())?;
    let own = if entity.base.is_some() { changed_columns(draft, entity)? } else { Vec::new() };
    if root.is_empty() && own.is_empty() {
        return Ok(base.version);
    }
    root.extend(update_columns(author));
    let version = VersionChange::IncrementFrom(base.version);
    let (sql, binds) = statement::update(entity.root().table, base.id, root, version);
    if tx.execute(sql, binds).await.map_err(|error| SaveError::of(entity, error))? == 0 {
        return Err(SaveError::Conflict);
    }
    if !own.is_empty() {
        let (sql, binds) = statement::update(entity.table, base.id, own, VersionChange::Keep);
        tx.execute(sql, binds).await.map_err(|error| SaveError::of(entity, error))?;
    }
    match_index::change(tx, base, draft).await?;
    increment_owner_versions(tx, draft, author).await?;
    Ok(base.version + 1)
}

/// The columns of the changed fields in the table of `home`, with their new values.
fn changed_columns(draft: &Draft, home: &EntityDef) -> Result<Vec<(String, Bind)>, StorageError> {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for field in home.fields.iter().filter(|field| draft.is_field_changed(field)) {
        names.extend(columns::names(field));
        columns::add_values(field, draft.value(field), &mut values)?;
    }
    Ok(names.into_iter().zip(values).collect())
}

/// The columns of a record that say when and by whom it was changed last.
fn update_columns(author: &Author<'_>) -> [(String, Bind); 2] {
    [("update_time".to_owned(), author.now.into()), ("update_user".to_owned(), author.login.into())]
}

/// Increments the version of the record that owns this one and, when the owner has changed, also that of the previous
/// owner: a record's version covers its parts (`docs/domain.md`, Every record).
async fn increment_owner_versions(tx: &mut Tx, draft: &Draft, author: &Author<'_>) -> Result<(), SaveError> {
    let Some(field) = draft.entity.owner else { return Ok(()) };
    let Some(owner) = field.target() else { return Ok(()) };
    let previous = draft.base.as_ref().map(|base| base.value(field));
    let previous = previous.filter(|previous| *previous != draft.value(field));
    for value in [Some(draft.value(field)), previous].into_iter().flatten() {
        if let Value::Ref(reference) = value {
            let columns = update_columns(author).into();
            let (sql, binds) =
                statement::update(owner.root().table, reference.id, columns, VersionChange::Increment);
            tx.execute(sql, binds).await?;
        }
    }
    Ok(())
}

/// Removes a record and increments the version of its owner.
///
/// # Errors
/// [`SaveError::Conflict`] when the record is no longer at the version that was read; [`SaveError::Storage`] with
/// [`StorageError::ForeignKey`] when other records refer to it.
pub async fn delete(tx: &mut Tx, record: &Record, now: Timestamp, login: &str) -> Result<(), SaveError> {
    let entity = record.entity;
    let own = entity.base.is_some().then_some((entity.table, None));
    for (table, version) in own.into_iter().chain([(entity.root().table, Some(record.version))]) {
        let (sql, binds) = statement::delete(table, record.id, version);
        if tx.execute(sql, binds).await? == 0 {
            return Err(SaveError::Conflict);
        }
    }
    match_index::remove(tx, record).await?;
    let mut removed = Draft::with_id(entity, record.id);
    removed.changed.clone_from(&record.values);
    increment_owner_versions(tx, &removed, &Author { now, login }).await
}

/// Creates many records of one entity at once, each under the id beside its draft, for initial and generated data. The
/// versions of their owners do not change.
///
/// # Errors
/// As [`save`]; one refused record fails the call, and the transaction must be rolled back.
pub async fn insert_many(
    tx: &mut Tx,
    entity: &'static EntityDef,
    drafts: Vec<(RecordId, Draft)>,
    now: Timestamp,
    login: &str,
) -> Result<(), SaveError> {
    let author = &Author { now, login };
    let (ids, mut drafts): (Vec<RecordId>, Vec<Draft>) = drafts.into_iter().unzip();
    numbers::fill(tx, &mut drafts).await?;
    let drafts: Vec<(RecordId, &Draft)> = ids.into_iter().zip(&drafts).collect();
    insert(tx, entity, &drafts, author).await
}

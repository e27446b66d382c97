//! The one write.

use jiff::Timestamp;

use super::numbers;
use crate::domain::model::record::{Draft, Fields, Origin, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Value, Version};
use crate::storage::columns;
use crate::storage::db::{Bind, Tx};
use crate::storage::error::StorageError;
use crate::storage::statement::{self, Step};

/// When and by whom a record is written.
#[derive(Clone, Copy)]
struct Author<'a> {
    now: Timestamp,
    login: &'a str,
}

/// What a save made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The record.
    pub id: RecordId,
    /// Its version now; the one that was read when there was nothing to write.
    pub version: Version,
}

/// Why a record was not written. The transaction must be given up: PostgreSQL takes nothing more in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// Somebody else has saved or deleted it since it was read.
    #[error("somebody else has saved this record meanwhile")]
    Moved,
    /// Another record has the same values in these fields; without any, the same id.
    #[error("there is already such a record")]
    Taken(Vec<&'static FieldDef>),
    /// Anything else; [`StorageError::ForeignKey`] when a record that it refers to is missing, or, at a
    /// deletion, others still refer to it.
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

/// Writes a new record under a new id, or what changed in one that was read: its row and its base's, their
/// twins, the next numbers it lacks, and the version of the record it belongs to.
///
/// What the fields' descriptions and the rules ask was checked before; what only the schema can hold (no two
/// alike, no reference to nothing) is refused here.
///
/// # Errors
/// See [`SaveError`].
pub async fn save(
    tx: &mut Tx,
    draft: &Draft,
    now: Timestamp,
    login: &str,
    new_id: impl FnOnce() -> RecordId,
) -> Result<Saved, SaveError> {
    let author = &Author { now, login };
    let mut draft = draft.clone();
    numbers::fill(tx, std::slice::from_mut(&mut draft)).await?;
    match draft.base.clone() {
        None => add(tx, &draft, new_id(), author).await,
        Some(base) => change(tx, &draft, &base, author).await,
    }
}

/// Writes down where a record came from: the id another system knows it by, that system, and what no field
/// holds. The version stays, as nothing that anybody edits changes.
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
    let (sql, binds) = statement::update(entity.root().table, id, columns.into(), Step::None);
    tx.execute(sql, binds).await?;
    Ok(())
}

const FIRST_VERSION: Version = 1;

async fn add(tx: &mut Tx, draft: &Draft, id: RecordId, author: &Author<'_>) -> Result<Saved, SaveError> {
    insert(tx, draft.entity, &[(id, draft)], author).await?;
    move_owners(tx, draft, author).await?;
    Ok(Saved { id, version: FIRST_VERSION })
}

/// Writes the rows of new records of one entity, the base's first.
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
    Ok(())
}

/// What every root's table has besides its id and fields, as far as a new row fills it.
const ROOT_COLUMNS: [&str; 5] =
    ["object_version", "creation_time", "creation_user", "update_time", "update_user"];

/// Every column of a new row in the table of `home`.
fn columns_of(entity: &'static EntityDef, home: &'static EntityDef) -> Vec<String> {
    let root = home.is(entity.root()).then_some(ROOT_COLUMNS).into_iter().flatten();
    let own = home.fields.iter().flat_map(|field| columns::names(field));
    ["id"].into_iter().chain(root).map(str::to_owned).chain(own).collect()
}

/// What a new row in the table of `home` holds, in the order of its columns.
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
            Some((marks, code)) if *marks == *field => code,
            _ => draft.value(field),
        };
        columns::add_values(field, value, &mut row)?;
    }
    Ok(row)
}

async fn change(tx: &mut Tx, draft: &Draft, base: &Record, author: &Author<'_>) -> Result<Saved, SaveError> {
    let entity = draft.entity;
    let mut root = changed_columns(draft, entity.root())?;
    let own = if entity.base.is_some() { changed_columns(draft, entity)? } else { Vec::new() };
    if root.is_empty() && own.is_empty() {
        return Ok(Saved { id: base.id, version: base.version });
    }
    root.extend(touched(author));
    let (sql, binds) = statement::update(entity.root().table, base.id, root, Step::UpFrom(base.version));
    if tx.execute(sql, binds).await.map_err(|error| SaveError::of(entity, error))? == 0 {
        return Err(SaveError::Moved);
    }
    if !own.is_empty() {
        let (sql, binds) = statement::update(entity.table, base.id, own, Step::None);
        tx.execute(sql, binds).await.map_err(|error| SaveError::of(entity, error))?;
    }
    move_owners(tx, draft, author).await?;
    Ok(Saved { id: base.id, version: base.version + 1 })
}

/// The columns of the changed fields in the table of `home`, with what they hold now.
fn changed_columns(draft: &Draft, home: &EntityDef) -> Result<Vec<(String, Bind)>, StorageError> {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for field in home.fields.iter().filter(|field| draft.is_field_changed(field)) {
        names.extend(columns::names(field));
        columns::add_values(field, draft.value(field), &mut values)?;
    }
    Ok(names.into_iter().zip(values).collect())
}

fn touched(author: &Author<'_>) -> [(String, Bind); 2] {
    [("update_time".to_owned(), author.now.into()), ("update_user".to_owned(), author.login.into())]
}

/// Moves the version of the record whose aggregate this one belongs to, and of the one it leaves.
async fn move_owners(tx: &mut Tx, draft: &Draft, author: &Author<'_>) -> Result<(), SaveError> {
    let Some(field) = draft.entity.owner else { return Ok(()) };
    let Some(owner) = field.target() else { return Ok(()) };
    let left = draft.base.as_ref().map(|base| base.value(field)).filter(|left| *left != draft.value(field));
    for value in [Some(draft.value(field)), left].into_iter().flatten() {
        if let Value::Ref(reference) = value {
            let (sql, binds) =
                statement::update(owner.root().table, reference.id, touched(author).into(), Step::Up);
            tx.execute(sql, binds).await?;
        }
    }
    Ok(())
}

/// Removes a record at the version that was read, and moves the version of the one it belonged to.
///
/// # Errors
/// [`SaveError::Moved`], or [`StorageError::ForeignKey`] while others refer to it.
pub async fn delete(tx: &mut Tx, record: &Record, now: Timestamp, login: &str) -> Result<(), SaveError> {
    let entity = record.entity;
    let own = entity.base.is_some().then_some((entity.table, None));
    for (table, version) in own.into_iter().chain([(entity.root().table, Some(record.version))]) {
        let (sql, binds) = statement::delete(table, record.id, version);
        if tx.execute(sql, binds).await? == 0 {
            return Err(SaveError::Moved);
        }
    }
    let gone = Draft { entity, base: None, changed: record.values.clone() };
    move_owners(tx, &gone, &Author { now, login }).await
}

/// Writes many new records of one entity at once, each under its id: for imports and generated data. The
/// versions of records they belong to stay as they are.
///
/// # Errors
/// See [`SaveError`]; one record that is refused refuses all.
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

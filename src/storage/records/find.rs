//! Finding records by what is known of them.

use std::collections::BTreeMap;

use crate::domain::entities::party;
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
            let (suffix, bind) = if columns::has_key(field) {
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

/// Whether a party belongs to another one, directly or through others, or is that one itself.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn is_below(s: &mut Session, party: RecordId, other: RecordId) -> Result<bool, StorageError> {
    if party == other {
        return Ok(true);
    }
    let (table, parent) = (party::PARTY.table, party::PARENT_PARTY.def.column);
    // UNION, not UNION ALL: should there be a circle already, it is walked once.
    let sql = format!(
        "WITH RECURSIVE up (id) AS (SELECT {parent} FROM {table} WHERE id = $1 \
         UNION SELECT p.{parent} FROM {table} p JOIN up ON p.id = up.id) \
         SELECT up.id FROM up WHERE up.id = $2"
    );
    Ok(s.fetch_optional(Sql::built(sql), vec![party.into(), other.into()]).await?.is_some())
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

/// For each look of a login ([`skeleton`](crate::domain::model::text::skeleton)), the users whose login has it, by
/// login.
pub(in crate::storage) async fn look_alikes(
    s: &mut Session,
    looks: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, Vec<(RecordId, String)>>, StorageError> {
    let mut binds = Binds::default();
    let looks: Vec<String> = looks.into_iter().map(|look| binds.add(look)).collect();
    let mut found: BTreeMap<String, Vec<(RecordId, String)>> = BTreeMap::new();
    if looks.is_empty() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT login_skeleton, id, login FROM sec_users WHERE login_skeleton IN ({}) ORDER BY login_key",
        looks.join(", ")
    );
    for row in s.fetch_all(Sql::built(sql), binds.into_values()).await? {
        found.entry(row.text(0)?).or_default().push((row.id(1)?, row.text(2)?));
    }
    Ok(found)
}

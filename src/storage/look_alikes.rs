//! Records whose texts look like those of another record, such as the logins `mkoleva` and `mkoIeva`
//! (`docs/codes.md`, Warnings): the fields with [`FieldDef::look_alikes`].

use std::collections::{BTreeMap, BTreeSet};

use super::columns;
use super::db::{Session, Sql, Tx};
use super::error::StorageError;
use super::statement::{Binds, FromClause, JoinedRecord, any};
use crate::domain::codes::LookAlike;
use crate::domain::model::record::Fields;
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::text;
use crate::domain::model::value::{RecordId, Value};

/// The most rows of which [`fill`] writes the skeletons at once.
const BATCH: usize = 2000;

/// The fields of an entity whose look-alikes are found.
pub(super) fn fields(entity: &'static EntityDef) -> impl Iterator<Item = &'static FieldDef> {
    entity.fields.iter().copied().filter(|field| field.look_alikes)
}

/// The texts of a record's fields whose look-alikes are found.
pub fn texts_of(record: &impl Fields, entity: &'static EntityDef) -> Vec<String> {
    let text = |field| match record.value(field) {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    fields(entity).filter_map(text).collect()
}

/// Finds, for records with these texts, another record of the entity that looks like it, with one statement: of several
/// the one whose text is in the first field, in the order of the texts.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn find(
    s: &mut Session,
    entity: &'static EntityDef,
    sought: &[(RecordId, Vec<String>)],
) -> Result<BTreeMap<RecordId, LookAlike>, StorageError> {
    let skeletons: BTreeSet<String> =
        sought.iter().flat_map(|(_, texts)| texts).map(|text| text::skeleton(text)).collect();
    let mut binds = Binds::default();
    let placeholders: Vec<String> =
        skeletons.into_iter().filter(|text| !text.is_empty()).map(|text| binds.add(text)).collect();
    if placeholders.is_empty() {
        return Ok(BTreeMap::new());
    }
    let fields: Vec<&'static FieldDef> = fields(entity).collect();
    let selects = fields.iter().enumerate().map(|(index, field)| {
        let (table, column, among) = (entity.table, field.column, placeholders.join(", "));
        format!(
            "SELECT {column}_skeleton, id, {column}, {column}_key AS sorted_by, CAST({index} AS BIGINT) AS field \
             FROM {table} WHERE {column}_skeleton IN ({among})"
        )
    });
    let sql = format!("{} ORDER BY field, sorted_by", selects.collect::<Vec<_>>().join(" UNION ALL "));
    let mut found: BTreeMap<String, Vec<(RecordId, LookAlike)>> = BTreeMap::new();
    for row in s.fetch_all(Sql::built(sql), binds.into_values()).await? {
        let index = usize::try_from(row.int(4)?).unwrap_or_default();
        let look_alike = LookAlike { field: fields[index], text: row.text(2)? };
        found.entry(row.text(0)?).or_default().push((row.id(1)?, look_alike));
    }
    let another = |id: RecordId, text: &String| {
        let alike = found.get(&text::skeleton(text))?;
        alike.iter().find(|(other, _)| *other != id).map(|(_, look_alike)| look_alike.clone())
    };
    let resembling = sought.iter().filter_map(|(id, texts)| {
        let look_alike = texts.iter().find_map(|text| another(*id, text))?;
        Some((*id, look_alike))
    });
    Ok(resembling.collect())
}

/// The condition that a record of the entity looks like another one.
pub(super) fn condition(from: &mut FromClause, record: &JoinedRecord, entity: &'static EntityDef) -> String {
    let mut conditions = Vec::new();
    for own in fields(entity) {
        let skeleton = from.column(record, own, "_skeleton");
        for other in fields(entity) {
            conditions.push(format!(
                "EXISTS (SELECT 1 FROM {} o WHERE o.{}_skeleton = {skeleton} AND o.id <> {} AND {skeleton} <> '')",
                entity.table,
                other.column,
                record.id()
            ));
        }
    }
    any(&conditions)
}

/// Computes the skeletons of all users who have none, as migration 0012 leaves them.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub async fn fill(tx: &mut Tx) -> Result<(), StorageError> {
    let next = format!(
        "SELECT id, login, email FROM sec_users WHERE login_skeleton IS NULL AND id > $1 ORDER BY id LIMIT {BATCH}"
    );
    let mut last = RecordId::NIL;
    loop {
        let rows = tx.fetch_all(Sql::built(next.clone()), vec![last.into()]).await?;
        let mut binds = Binds::default();
        let mut values = Vec::with_capacity(rows.len());
        for row in &rows {
            last = row.id(0)?;
            let login = columns::skeleton(&Value::Text(row.text(1)?));
            let email = columns::skeleton(&row.opt_text(2)?.map_or(Value::Empty, Value::text));
            values.push(format!("({}, {}, {})", binds.add(last), binds.add(login), binds.add(email)));
        }
        if values.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "UPDATE sec_users SET login_skeleton = v.column2, email_skeleton = v.column3 \
             FROM (VALUES {}) v WHERE sec_users.id = v.column1",
            values.join(", ")
        );
        tx.execute(Sql::built(sql), binds.into_values()).await?;
    }
}

/// The reference of an entity's records to the record that can look like another, or the record itself; `None` when
/// neither can.
pub(super) fn subject(entity: &'static EntityDef) -> Option<(Option<&'static FieldDef>, &'static EntityDef)> {
    if fields(entity).next().is_some() {
        return Some((None, entity));
    }
    let reference = entity.fields.iter().copied().find(|field| field.asks_about_look_alikes)?;
    Some((Some(reference), reference.target()?))
}

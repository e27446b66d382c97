//! Finding records by an external id, by the value of a field, or by references.

use crate::domain::model::normal::normalised;
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::text;
use crate::domain::model::value::{RecordId, Value};
use crate::storage::columns;
use crate::storage::db::{Bind, Session, Sql};
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause, contains, is_one_of_ids};

/// The condition by which [`find`] finds a record.
#[derive(Clone, Copy, Debug)]
pub enum FindBy<'a> {
    /// The record has this external id.
    ExternalId(&'a str),
    /// The record has this external id in this external system.
    ExternalIdIn(&'a str, &'a str),
    /// The field of the record has this value. A field that is unique ignoring case is compared so, and a text in
    /// several languages by all its translations without case and accents; every other field exactly. Blanks around the
    /// value are ignored.
    Field(&'static FieldDef, &'a Value),
    /// The text of the field contains this one, both without case and accents. Every record is looked at.
    Contains(&'static FieldDef, &'a str),
    /// The display text of the record contains this text, both without case and accents. Every record is looked at.
    DisplayText(&'a str),
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
    Ok(find_up_to(s, entity, by, 1).await?.first().copied())
}

/// Finds at most `limit` records of the entity as [`find`] does, and returns their ids, the smallest first.
///
/// # Errors
/// As [`find`].
pub async fn find_up_to(
    s: &mut Session,
    entity: &'static EntityDef,
    by: FindBy<'_>,
    limit: u32,
) -> Result<Vec<RecordId>, StorageError> {
    let (mut from, mut binds) = (FromClause::of(entity), Binds::default());
    let record = from.record();
    let condition = match by {
        FindBy::ExternalId(id) => format!("t0.external_id = {}", binds.add(text::trim(id))),
        FindBy::ExternalIdIn(id, system) => {
            format!(
                "t0.external_id = {} AND t0.external_system = {}",
                binds.add(text::trim(id)),
                binds.add(text::trim(system))
            )
        }
        FindBy::Field(field, value) => {
            let value = &normalised(field, value.clone());
            if value.is_empty() || matches!(field.kind, Kind::Secret) {
                return Ok(Vec::new());
            }
            let (suffix, bind): (_, Bind) = if field.keyed {
                ("_key", columns::key(value).into())
            } else if matches!(field.kind, Kind::Multi { .. }) {
                ("_fold", columns::folded(value).into())
            } else {
                ("", columns::bind(field, value)?)
            };
            format!("{} = {}", from.column(&record, field, suffix), binds.add(bind))
        }
        FindBy::Contains(field, part) => {
            let suffix = if field.is_folded() { "_fold" } else { "" };
            let searched = from.column(&record, field, suffix);
            contains(s.engine(), &searched, &binds.add(text::fold(part.trim())))
        }
        FindBy::DisplayText(part) => {
            let searched = from.shown_fold(&record);
            contains(s.engine(), &searched, &binds.add(text::fold(part.trim())))
        }
    };
    let sql = format!(
        "SELECT t0.id FROM {} WHERE {condition}{} ORDER BY t0.id LIMIT {limit}",
        from.tables(),
        from.and_is_of_entity()
    );
    ids(s, sql, binds).await
}

/// Finds at most `limit` records of the entity that may have all these values, in no particular order, and returns their
/// ids. Texts are compared without case and accents, a text in several languages by its beginning; so what is found has
/// to be compared with the values. No record is left out that has them, unless it has a translation more in a language
/// that stands before the given ones.
///
/// # Errors
/// [`StorageError`] when the database cannot answer, or a value is not of its field's kind.
pub async fn find_alike(
    s: &mut Session,
    entity: &'static EntityDef,
    values: &[(&'static FieldDef, Value)],
    limit: u32,
) -> Result<Vec<RecordId>, StorageError> {
    let (sql, binds) = alike(entity, values, limit)?;
    ids(s, sql, binds).await
}

/// The statement of [`find_alike`]. It has no order, and does not say which entity's records are meant when their own
/// table does: by either the engines would rather look at every record than use an index on one of the fields.
fn alike(
    entity: &'static EntityDef,
    values: &[(&'static FieldDef, Value)],
    limit: u32,
) -> Result<(String, Binds), StorageError> {
    let (mut from, mut binds) = (FromClause::of(entity), Binds::default());
    let record = from.record();
    let mut conditions = Vec::new();
    for (field, value) in values {
        conditions.push(match field.kind {
            Kind::Secret | Kind::Json => continue,
            _ if value.is_empty() => format!("{} IS NULL", from.column(&record, field, "")),
            _ if field.keyed => {
                format!("{} = {}", from.column(&record, field, "_key"), binds.add(columns::key(value)))
            }
            Kind::Multi { .. } => {
                let column = from.column(&record, field, columns::sort_suffix(field));
                let first = columns::sorted(value);
                // Behind the text there may be a separator and further translations; nothing else sorts before a blank.
                let end = binds.add(format!("{first} "));
                format!("{column} >= {} AND {column} < {end}", binds.add(first))
            }
            _ if field.is_folded() => {
                format!("{} = {}", from.column(&record, field, "_fold"), binds.add(columns::folded(value)))
            }
            _ => format!("{} = {}", from.column(&record, field, ""), binds.add(columns::bind(field, value)?)),
        });
    }
    let says_entity = |(field, value): &(&'static FieldDef, Value)| {
        entity.base.is_some() && entity.declaring_entity(field).is(entity) && !value.is_empty()
    };
    if !values.iter().any(says_entity) {
        conditions.extend(from.is_of_entity());
    }
    let conditions = if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
    let sql = format!("SELECT t0.id FROM {} WHERE {conditions} LIMIT {limit}", from.tables());
    Ok((sql, binds))
}

async fn ids(s: &mut Session, sql: String, binds: Binds) -> Result<Vec<RecordId>, StorageError> {
    let rows = s.fetch_all(Sql::built(sql), binds.into_values()).await?;
    rows.iter().map(|row| row.id(0)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entities::{company, customer, customer_type, person};
    use crate::domain::model::value::{MultiLang, Reference};
    use crate::storage::db::{Create, Db};

    #[tokio::test]
    async fn records_alike_are_found_by_an_index() {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite:{}", directory.path().join("ccdesk.db").display());
        let db = Db::open(&url, Create::IfMissing).await.expect("a database");
        let mut conn = db.read().await.expect("a connection");
        let text = |text: &str| {
            let name: MultiLang = [("en".to_owned(), text.to_owned())].into_iter().collect();
            Value::multi(name)
        };
        let reference = Value::Ref(Reference { id: RecordId::NIL, shown: String::new() });
        for (entity, field, value, index) in [
            (&person::PERSON, &person::FIRST_NAME.def, text("Ann"), "cm_persons_first_name_sort"),
            (&person::PERSON, &person::LAST_NAME.def, text("Lee"), "cm_persons_last_name_sort"),
            (&company::COMPANY, &company::NAME.def, text("Acme"), "cm_companies_name_key"),
            (&customer::CUSTOMER, &customer::PARTY.def, reference, "crm_customers_party"),
            (
                &customer_type::CUSTOMER_TYPE,
                &customer_type::NAME.def,
                text("Trade"),
                "crm_customer_types_name_sort",
            ),
        ] {
            let (sql, binds) = alike(entity, &[(field, value)], 10).expect("a statement");
            let plan = Sql::built(format!("EXPLAIN QUERY PLAN {sql}"));
            let steps = conn.fetch_all(plan, binds.into_values()).await.expect("a plan");
            let steps: Vec<String> = steps.iter().map(|step| step.text(3).expect("a text")).collect();
            assert!(steps.iter().any(|step| step.contains(index)), "{steps:?}");
            assert!(steps.iter().all(|step| !step.starts_with("SCAN")), "{steps:?}");
        }
    }
}

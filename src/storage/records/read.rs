//! Reading records, whole or some of their fields.

use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::record::{FieldMap, Fields, Origin, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::RecordId;
use crate::storage::db::{Row, Session, Sql, Tx, instant};
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause, JoinedRecord, Projection, hold_rows, is_one_of_ids};

/// The most ids that one statement carries; SQLite takes 32,766 values.
pub(in crate::storage) const MOST_IDS: usize = 1000;

/// Which records [`some_fields`] reads.
#[derive(Clone, Copy)]
pub(in crate::storage) enum Selection<'a> {
    /// Those with these ids.
    Ids(&'a [RecordId]),
    /// Those whose reference points at one of these.
    PointingAt(&'static FieldDef, &'a [RecordId]),
    /// Those with one of the first ids, and those whose reference points at one of the others. A record that is both
    /// may come twice.
    Either(&'a [RecordId], &'static FieldDef, &'a [RecordId]),
}

impl<'a> Selection<'a> {
    /// The same in pieces, each for one statement; none where nothing is selected.
    fn pieces(self) -> Vec<Self> {
        match self {
            Self::Ids(ids) => ids.chunks(MOST_IDS).map(Self::Ids).collect(),
            Self::PointingAt(field, at) => {
                at.chunks(MOST_IDS).map(|at| Self::PointingAt(field, at)).collect()
            }
            Self::Either(ids, _, []) => Self::Ids(ids).pieces(),
            Self::Either([], field, at) => Self::PointingAt(field, at).pieces(),
            Self::Either(ids, _, at) if ids.len() + at.len() <= MOST_IDS => vec![self],
            Self::Either(ids, field, at) => {
                [Self::Ids(ids).pieces(), Self::PointingAt(field, at).pieces()].concat()
            }
        }
    }

    fn condition(self, from: &mut FromClause, binds: &mut Binds) -> String {
        match self {
            Self::Ids(ids) => is_one_of_ids("t0.id", ids, binds),
            Self::PointingAt(field, at) => is_one_of_ids(&from.own(field), at, binds),
            Self::Either(ids, field, at) => {
                let by_id = is_one_of_ids("t0.id", ids, binds);
                format!("({by_id} OR {})", is_one_of_ids(&from.own(field), at, binds))
            }
        }
    }
}

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
    let mut from = FromClause::of(entity);
    let mut projection = Projection::after(whole_columns(&from));
    // Whichever subtype a record of a base turns out to be, its fields are there.
    let fields = whole_fields(&from, entity);
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
    Ok(Some(Record { entity, id, version: row.int(0)?, values, origin: origin(&row)? }))
}

/// The columns of a whole record that are no fields: version, subtype, and where it came from.
fn whole_columns(from: &FromClause) -> Vec<String> {
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

/// Every field that a record of the entity can have: its own and, of a base, those of each subtype.
fn whole_fields(from: &FromClause, entity: &'static EntityDef) -> Vec<(JoinedRecord, &'static FieldDef)> {
    let own = entity.all_fields().map(|field| (from.record(), field));
    let of_subtypes = entities::subtypes(entity)
        .flat_map(|subtype| subtype.fields.iter().map(move |field| (from.record_as(subtype), *field)));
    own.chain(of_subtypes).collect()
}

fn origin(row: &Row) -> Result<Origin, StorageError> {
    Ok(Origin {
        external_id: row.opt_text(2)?,
        external_system: row.opt_text(3)?,
        creation_time: row.opt_int(4)?.map(instant).transpose()?,
        creation_user: row.opt_text(5)?,
        update_time: row.opt_int(6)?.map(instant).transpose()?,
        update_user: row.opt_text(7)?,
        extra: row.opt_text(8)?,
    })
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
    some_fields(s, entity, fields, Selection::Ids(ids), language).await
}

/// As [`read`], of the records that are selected in any way: one statement for up to a thousand ids.
pub(in crate::storage) async fn some_fields(
    s: &mut Session,
    entity: &'static EntityDef,
    fields: &[&'static FieldDef],
    which: Selection<'_>,
    language: &str,
) -> Result<Vec<Record>, StorageError> {
    let mut found = Vec::new();
    for piece in which.pieces() {
        let (mut from, mut binds) = (FromClause::of(entity), Binds::default());
        let mut projection = Projection::after(vec!["t0.id".to_owned(), "t0.object_version".to_owned()]);
        for field in fields {
            projection.add(&mut from, field);
        }
        let condition = piece.condition(&mut from, &mut binds) + &from.and_is_of_entity();
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
    let found = read(s, entity, &fields, &[id], language).await?;
    Ok(found.first().map(|record| format::line(entity, |field| record.value(field), language)))
}

/// Keeps a record, until the transaction ends, from being changed by another one. On SQLite there is one writer at a
/// time anyway.
///
/// # Errors
/// [`StorageError::Busy`] when another transaction does not finish in time.
pub async fn hold(tx: &mut Tx, entity: &'static EntityDef, id: RecordId) -> Result<(), StorageError> {
    let (table, held) = (entity.root().table, hold_rows(tx.engine()));
    let sql = format!("SELECT t0.id FROM {table} t0 WHERE t0.id = $1{held}");
    tx.fetch_optional(Sql::built(sql), vec![id.into()]).await.map(drop)
}

//! Reading the records of a list with all their fields, in the order of their ids, for an export.

use super::{JudgedAt, filter};
use crate::domain::entities;
use crate::domain::model::query::ListQuery;
use crate::domain::model::record::Record;
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::RecordId;
use crate::storage::db::{Session, Sql};
use crate::storage::error::StorageError;
use crate::storage::records::{common_columns, origin};
use crate::storage::statement::{Binds, FromClause, Projection, is_in_set, is_one_of_codes};

/// The records of a list that are of one entity.
#[derive(Clone, Debug)]
pub struct Whole<'a> {
    /// The list. Its columns and its order are not used.
    pub query: &'a ListQuery,
    /// The site and day for which records are judged; `None` when they are not.
    pub judged: Option<JudgedAt<'a>>,
    /// The entity of the records: that of the list, or a subtype of it. For a base entity, the records are those of no
    /// subtype.
    pub entity: &'static EntityDef,
}

/// Which of these records a statement reads.
#[derive(Clone, Copy, Debug)]
pub enum Reading<'a> {
    /// At most this many whose id is greater than this one, where one is given.
    After(Option<RecordId>, usize),
    /// Those with one of these ids.
    Ids(&'a [RecordId]),
}

impl Whole<'_> {
    /// Reads records with all fields and what every record has beside them, in the order of their ids. References have
    /// no text.
    ///
    /// # Errors
    /// [`StorageError`] when the database cannot answer.
    pub async fn read(&self, s: &mut Session, reading: Reading<'_>) -> Result<Vec<Record>, StorageError> {
        let engine = s.engine();
        let (mut from, mut binds) = (FromClause::of(self.query.entity), Binds::default());
        let mut columns = vec!["t0.id".to_owned()];
        columns.extend(common_columns(&from));
        let mut projection = Projection::after(columns);
        let record = from.record_as(self.entity);
        for field in self.entity.all_fields() {
            projection.add_without_text(&mut from, &record, field);
        }
        let mut conditions =
            vec![filter::conditions(self.query, self.judged, engine, &mut from, &mut binds)?];
        conditions.extend(self.is_of_entity());
        let limit = match reading {
            Reading::Ids(ids) => {
                conditions.push(is_in_set("t0.id", ids, engine, &mut binds));
                String::new()
            }
            Reading::After(after, limit) => {
                conditions.extend(after.map(|after| format!("t0.id > {}", binds.add(after))));
                format!(" LIMIT {limit}")
            }
        };
        let sql = format!(
            "SELECT {} FROM {} WHERE {} ORDER BY t0.id{limit}",
            projection.columns(),
            from.tables(),
            conditions.join(" AND "),
        );
        let rows = s.fetch_all(Sql::built(sql), binds.into_values()).await?;
        rows.iter()
            .map(|row| {
                let values = projection.values(row, "")?;
                let fields = self.entity.all_fields().map(|field| field.property).zip(values);
                let values = fields.filter(|(_, value)| !value.is_empty()).collect();
                let (id, version, origin) = (row.id(0)?, row.int(1)?, origin(row, 3)?);
                Ok(Record { entity: self.entity, id, version, values, origin })
            })
            .collect()
    }

    /// The condition that a row of the list is of the entity; `None` when all are.
    fn is_of_entity(&self) -> Option<String> {
        if !self.entity.is(self.query.entity) {
            return FromClause::of(self.entity).is_of_entity();
        }
        let subtype = self.entity.subtype_field?;
        let codes = entities::subtypes(self.entity).filter_map(|subtype| subtype.base).map(|(_, code)| code);
        Some(format!("NOT {}", is_one_of_codes(&format!("t0.{}", subtype.column), codes)))
    }
}

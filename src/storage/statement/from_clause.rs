//! The `FROM` clause of a statement that reads records of one entity: the table of the listed records, and joins to the
//! tables of their base and subtypes and of the records to which references refer.

use crate::domain::model::schema::{EntityDef, FieldDef, Kind, Part};
use crate::domain::model::text;

/// A `FROM` clause. The table of the entity's root is `t0`. Further tables `t1`, `t2`… are joined when one of their
/// columns is first used, by `LEFT JOIN` on the primary key, so that a join neither drops nor multiplies rows.
pub(in crate::storage) struct FromClause {
    entity: &'static EntityDef,
    joins: Vec<Join>,
}

struct Join {
    table: &'static str,
    /// The SQL expression that the id of the joined row equals.
    id: String,
}

/// A record whose columns a statement can use: the listed record, or one to which references lead from it.
#[derive(Clone)]
pub(in crate::storage) struct JoinedRecord {
    entity: &'static EntityDef,
    /// The SQL expression for the id of the record.
    id: String,
}

impl JoinedRecord {
    /// The SQL expression for the id of the record.
    pub(in crate::storage) fn id(&self) -> &str {
        &self.id
    }
}

impl FromClause {
    /// A clause for the records of an entity, without joins.
    pub(in crate::storage) fn of(entity: &'static EntityDef) -> Self {
        Self { entity, joins: Vec::new() }
    }

    /// The listed record.
    pub(in crate::storage) fn record(&self) -> JoinedRecord {
        JoinedRecord { entity: self.entity, id: "t0.id".to_owned() }
    }

    /// The listed record as a record of a subtype. The columns of the subtype are NULL when it is of another one.
    pub(in crate::storage) fn record_as(&self, subtype: &'static EntityDef) -> JoinedRecord {
        JoinedRecord { entity: subtype, ..self.record() }
    }

    /// The column with the subtype of the listed record, for a base entity; otherwise NULL.
    pub(in crate::storage) fn subtype_column(&self) -> String {
        self.entity
            .subtype_field
            .map_or_else(|| "CAST(NULL AS TEXT)".to_owned(), |field| format!("t0.{}", field.column))
    }

    /// The field's own column of the listed record.
    pub(in crate::storage) fn own(&mut self, field: &FieldDef) -> String {
        self.column(&self.record(), field, "")
    }

    /// A column of a record: the field's own column when `suffix` is empty, otherwise the twin with that suffix
    /// ([`columns`](crate::storage::columns)).
    pub(in crate::storage) fn column(
        &mut self,
        record: &JoinedRecord,
        field: &FieldDef,
        suffix: &str,
    ) -> String {
        let home = record.entity.declaring_entity(field);
        format!("{}.{}{suffix}", self.alias(home.table, &record.id), field.column)
    }

    /// The record of the entity `target` to which the reference `field` of a record refers.
    pub(in crate::storage) fn follow(
        &mut self,
        record: &JoinedRecord,
        field: &FieldDef,
        target: &'static EntityDef,
    ) -> JoinedRecord {
        JoinedRecord { entity: target, id: self.column(record, field, "") }
    }

    /// The alias of the table's row with this id; joins the table when it is not joined yet.
    fn alias(&mut self, table: &'static str, id: &str) -> String {
        if table == self.entity.root().table && id == "t0.id" {
            return "t0".to_owned();
        }
        let known = self.joins.iter().position(|join| join.table == table && join.id == id);
        let index = known.unwrap_or_else(|| {
            self.joins.push(Join { table, id: id.to_owned() });
            self.joins.len() - 1
        });
        format!("t{}", index + 1)
    }

    /// The SQL expression for the text with which a record is shown, without case and accents. A filter or an order by
    /// a reference compares it. Labels of enumerations are left out, because no table contains them.
    pub(in crate::storage) fn shown_fold(&mut self, record: &JoinedRecord) -> String {
        let mut parts = Vec::new();
        self.add_shown_fold(record, &mut parts);
        parts.join(" || ")
    }

    fn add_shown_fold(&mut self, record: &JoinedRecord, parts: &mut Vec<String>) {
        for part in record.entity.display {
            match part {
                Part::Literal(literal) => {
                    parts.push(format!("'{}'", text::fold(literal).replace('\'', "''")));
                }
                Part::Code(field) => {
                    parts.push(format!("coalesce(lower({}), '')", self.column(record, field, "")));
                }
                Part::FirstShown(fields) => {
                    let columns: Vec<String> = fields
                        .iter()
                        .map(|field| format!("nullif({}, '')", self.column(record, field, "_fold")))
                        .collect();
                    parts.push(format!("coalesce({}, '')", columns.join(", ")));
                }
                Part::Shown(field) => match field.kind {
                    Kind::Ref(target) => {
                        let referenced = self.follow(record, field, target);
                        self.add_shown_fold(&referenced, parts);
                    }
                    _ if field.is_folded() => {
                        parts.push(format!("coalesce({}, '')", self.column(record, field, "_fold")));
                    }
                    _ => {}
                },
            }
        }
    }

    /// The table `t0` and all joins, for use after `FROM`.
    pub(in crate::storage) fn tables(&self) -> String {
        format!("{} t0{}", self.entity.root().table, self.joins())
    }

    /// All joins, for use after the table `t0`.
    pub(in crate::storage) fn joins(&self) -> String {
        self.joins
            .iter()
            .enumerate()
            .map(|(index, Join { table, id })| {
                format!(" LEFT JOIN {table} t{0} ON t{0}.id = {id}", index + 1)
            })
            .collect()
    }

    /// The condition that a row `t0` is of this entity; `None` when no other entity shares the table.
    pub(in crate::storage) fn is_of_entity(&self) -> Option<String> {
        let (base, code) = self.entity.base?;
        let field = base.subtype_field?;
        Some(format!("t0.{} = '{code}'", field.column))
    }

    /// [`FromClause::is_of_entity`] for use after another condition: it begins with `AND`, or is empty.
    pub(in crate::storage) fn and_is_of_entity(&self) -> String {
        self.is_of_entity().map_or_else(String::new, |is_of| format!(" AND {is_of}"))
    }
}

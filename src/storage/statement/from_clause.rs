//! The tables a statement reads: one for the records themselves, and those that references lead to.

use crate::domain::model::schema::{EntityDef, FieldDef, Kind, Part};
use crate::domain::model::text;

/// The tables behind a list of one entity. A table is joined when the first column of it is asked for, by
/// primary key and never so that a row falls out.
pub(in crate::storage) struct FromClause {
    entity: &'static EntityDef,
    joins: Vec<Join>,
}

struct Join {
    table: &'static str,
    /// Whose id the joined row has.
    id: String,
}

/// A record somewhere behind a row: what it is, and the expression that is its id.
#[derive(Clone)]
pub(in crate::storage) struct JoinedRecord {
    entity: &'static EntityDef,
    id: String,
}

impl FromClause {
    /// The records of an entity. The table of its root is `t0`.
    pub(in crate::storage) fn of(entity: &'static EntityDef) -> Self {
        Self { entity, joins: Vec::new() }
    }

    /// The record of a row itself.
    pub(in crate::storage) fn record(&self) -> JoinedRecord {
        JoinedRecord { entity: self.entity, id: "t0.id".to_owned() }
    }

    /// The record of a row as one of a subtype of its entity; the columns of a row that is none are NULL.
    pub(in crate::storage) fn record_as(&self, subtype: &'static EntityDef) -> JoinedRecord {
        JoinedRecord { entity: subtype, ..self.record() }
    }

    /// For a base the column that says which subtype a row is; else NULL.
    pub(in crate::storage) fn subtype_column(&self) -> String {
        self.entity
            .subtype_field
            .map_or_else(|| "CAST(NULL AS TEXT)".to_owned(), |field| format!("t0.{}", field.column))
    }

    /// A column of the record itself.
    pub(in crate::storage) fn own(&mut self, field: &FieldDef) -> String {
        self.column(&self.record(), field, "")
    }

    /// A column of a record: the field's own, or the twin of that suffix.
    pub(in crate::storage) fn column(&mut self, of: &JoinedRecord, field: &FieldDef, suffix: &str) -> String {
        let home = of.entity.declaring_entity(field);
        format!("{}.{}{suffix}", self.alias(home.table, &of.id), field.column)
    }

    /// The record that a reference points at.
    pub(in crate::storage) fn follow(
        &mut self,
        from: &JoinedRecord,
        field: &FieldDef,
        target: &'static EntityDef,
    ) -> JoinedRecord {
        JoinedRecord { entity: target, id: self.column(from, field, "") }
    }

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

    /// The line a record is shown as, folded: what a filter or an order by a reference compares. Labels of
    /// enumerations are left out, as no table holds them.
    pub(in crate::storage) fn shown_fold(&mut self, of: &JoinedRecord) -> String {
        let mut parts = Vec::new();
        self.add_shown_fold(of, &mut parts);
        parts.join(" || ")
    }

    fn add_shown_fold(&mut self, of: &JoinedRecord, parts: &mut Vec<String>) {
        for part in of.entity.display {
            match part {
                Part::Literal(literal) => {
                    parts.push(format!("'{}'", text::fold(literal).replace('\'', "''")));
                }
                Part::Code(field) => {
                    parts.push(format!("coalesce(lower({}), '')", self.column(of, field, "")));
                }
                Part::Shown(field) => match field.kind {
                    Kind::Ref(target) => {
                        let next = self.follow(of, field, target);
                        self.add_shown_fold(&next, parts);
                    }
                    _ if field.is_folded() => {
                        parts.push(format!("coalesce({}, '')", self.column(of, field, "_fold")));
                    }
                    _ => {}
                },
            }
        }
    }

    /// The table `t0` and every join, as they follow `FROM`.
    pub(in crate::storage) fn tables(&self) -> String {
        format!("{} t0{}", self.entity.root().table, self.joins())
    }

    /// Every join, as they follow `t0`.
    pub(in crate::storage) fn joins(&self) -> String {
        self.joins
            .iter()
            .enumerate()
            .map(|(index, Join { table, id })| {
                format!(" LEFT JOIN {table} t{0} ON t{0}.id = {id}", index + 1)
            })
            .collect()
    }

    /// The condition that a row of the root's table is one of this entity, if others share the table.
    pub(in crate::storage) fn is_of_entity(&self) -> Option<String> {
        let (base, code) = self.entity.base?;
        let field = base.subtype_field?;
        Some(format!("t0.{} = '{code}'", field.column))
    }

    /// [`FromClause::is_of_entity`] as it follows another condition.
    pub(in crate::storage) fn and_is_of_entity(&self) -> String {
        self.is_of_entity().map_or_else(String::new, |is_of| format!(" AND {is_of}"))
    }
}

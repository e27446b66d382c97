//! What a statement selects of each row, and how that becomes values again.

use super::from_clause::{FromClause, JoinedRecord};
use crate::domain::model::format;
use crate::domain::model::schema::{FieldDef, Kind, Part};
use crate::domain::model::value::Value;
use crate::storage::columns;
use crate::storage::db::Row;
use crate::storage::error::StorageError;

/// The columns of a statement: some of the caller's own first, then those of fields.
pub(in crate::storage) struct Projection {
    columns: Vec<String>,
    projection: Vec<ProjectedField>,
}

struct ProjectedField {
    field: &'static FieldDef,
    column: usize,
    /// How the record is shown that a reference points at; empty for other fields.
    shown: Vec<Piece>,
}

/// A piece of the line in which a record is shown, with the column that holds it.
enum Piece {
    Literal(&'static str),
    Value(&'static FieldDef, usize),
    Code(usize),
}

impl Projection {
    /// Begins with columns that the caller reads itself, from 0 on.
    pub(in crate::storage) fn after(columns: Vec<String>) -> Self {
        Self { columns, projection: Vec::new() }
    }

    /// Adds a field of the record itself, with what a reference is shown as.
    pub(in crate::storage) fn add(&mut self, from: &mut FromClause, field: &'static FieldDef) {
        self.add_of(from, &from.record(), field);
    }

    /// Adds a field of a record somewhere behind the row, as [`Projection::add`] does one of the row itself.
    pub(in crate::storage) fn add_of(
        &mut self,
        from: &mut FromClause,
        record: &JoinedRecord,
        field: &'static FieldDef,
    ) {
        if matches!(field.kind, Kind::Secret) {
            self.projection.push(ProjectedField { field, column: 0, shown: Vec::new() });
            return;
        }
        let column = self.select(from.column(record, field, ""));
        let mut shown = Vec::new();
        if let Kind::Ref(target) = field.kind {
            let node = from.follow(record, field, target);
            self.add_shown(from, &node, target.display, &mut shown);
        }
        self.projection.push(ProjectedField { field, column, shown });
    }

    fn add_shown(
        &mut self,
        from: &mut FromClause,
        of: &JoinedRecord,
        parts: &'static [Part],
        shown: &mut Vec<Piece>,
    ) {
        for part in parts {
            match part {
                Part::Literal(literal) => shown.push(Piece::Literal(literal)),
                Part::Code(field) => shown.push(Piece::Code(self.select(from.column(of, field, "")))),
                Part::Shown(field) => match field.kind {
                    Kind::Ref(target) => {
                        let next = from.follow(of, field, target);
                        self.add_shown(from, &next, target.display, shown);
                    }
                    _ => shown.push(Piece::Value(field, self.select(from.column(of, field, "")))),
                },
            }
        }
    }

    fn select(&mut self, column: String) -> usize {
        self.columns.push(column);
        self.columns.len() - 1
    }

    /// The columns as they follow `SELECT`.
    pub(in crate::storage) fn columns(&self) -> String {
        self.columns.join(", ")
    }

    /// The fields' values in a row, in the order in which they were added.
    ///
    /// # Errors
    /// When a column holds what its field cannot.
    pub(in crate::storage) fn values(&self, row: &Row, language: &str) -> Result<Vec<Value>, StorageError> {
        self.projection.iter().map(|cell| cell.value(row, language)).collect()
    }
}

impl ProjectedField {
    fn value(&self, row: &Row, language: &str) -> Result<Value, StorageError> {
        let mut value = columns::read(self.field, row, self.column)?;
        if let Value::Ref(reference) = &mut value {
            for piece in &self.shown {
                piece.add(row, language, &mut reference.shown)?;
            }
        }
        Ok(value)
    }
}

impl Piece {
    fn add(&self, row: &Row, language: &str, shown: &mut String) -> Result<(), StorageError> {
        match self {
            Self::Literal(literal) => shown.push_str(literal),
            Self::Code(column) => shown.push_str(&row.opt_text(*column)?.unwrap_or_default()),
            Self::Value(field, column) => {
                shown.push_str(&format::shown(field, &columns::read(field, row, *column)?, language));
            }
        }
        Ok(())
    }
}

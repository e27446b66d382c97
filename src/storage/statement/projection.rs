//! The columns that a statement selects for the fields of records, and the reader of their values.

use super::from_clause::{FromClause, JoinedRecord};
use crate::domain::model::format;
use crate::domain::model::schema::{FieldDef, Kind, Part};
use crate::domain::model::value::Value;
use crate::storage::columns;
use crate::storage::db::Row;
use crate::storage::error::StorageError;

/// The selected columns of a statement: first those that the caller reads itself, then those of fields.
pub(in crate::storage) struct Projection {
    columns: Vec<String>,
    fields: Vec<ProjectedField>,
}

struct ProjectedField {
    field: &'static FieldDef,
    /// The position of the field's own column; unused for a secret, which has none.
    column: usize,
    /// The parts of the text with which the record is shown to which a reference refers; empty for other fields.
    shown: Vec<ShownPart>,
}

/// One part of the text with which a record is shown. The numbers are positions of columns.
enum ShownPart {
    Literal(&'static str),
    Value(&'static FieldDef, usize),
    First(Vec<(&'static FieldDef, usize)>),
    Code(usize),
}

impl Projection {
    /// Begins with columns that the caller reads itself, at the positions from 0.
    pub(in crate::storage) fn after(columns: Vec<String>) -> Self {
        Self { columns, fields: Vec::new() }
    }

    /// Adds a field of the listed record. For a reference it also adds the columns of the text with which the other
    /// record is shown.
    pub(in crate::storage) fn add(&mut self, from: &mut FromClause, field: &'static FieldDef) {
        self.add_of(from, &from.record(), field);
    }

    /// Adds a field of a joined record, as [`Projection::add`] does for the listed record.
    pub(in crate::storage) fn add_of(
        &mut self,
        from: &mut FromClause,
        record: &JoinedRecord,
        field: &'static FieldDef,
    ) {
        if matches!(field.kind, Kind::Secret) {
            self.fields.push(ProjectedField { field, column: 0, shown: Vec::new() });
            return;
        }
        let column = self.select(from.column(record, field, ""));
        let mut shown = Vec::new();
        if let Kind::Ref(target) = field.kind {
            let referenced = from.follow(record, field, target);
            self.add_shown(from, &referenced, target.display, &mut shown);
        }
        self.fields.push(ProjectedField { field, column, shown });
    }

    /// Adds a field of a joined record; the text of a reference stays empty.
    pub(in crate::storage) fn add_without_text(
        &mut self,
        from: &mut FromClause,
        record: &JoinedRecord,
        field: &'static FieldDef,
    ) {
        let is_secret = matches!(field.kind, Kind::Secret);
        let column = if is_secret { 0 } else { self.select(from.column(record, field, "")) };
        self.fields.push(ProjectedField { field, column, shown: Vec::new() });
    }

    fn add_shown(
        &mut self,
        from: &mut FromClause,
        record: &JoinedRecord,
        parts: &'static [Part],
        shown: &mut Vec<ShownPart>,
    ) {
        for part in parts {
            match part {
                Part::Literal(literal) => shown.push(ShownPart::Literal(literal)),
                Part::Code(field) => {
                    shown.push(ShownPart::Code(self.select(from.column(record, field, ""))));
                }
                Part::FirstShown(fields) => {
                    let columns =
                        fields.iter().map(|field| (*field, self.select(from.column(record, field, ""))));
                    shown.push(ShownPart::First(columns.collect()));
                }
                Part::Shown(field) => match field.kind {
                    Kind::Ref(target) => {
                        let referenced = from.follow(record, field, target);
                        self.add_shown(from, &referenced, target.display, shown);
                    }
                    _ => shown.push(ShownPart::Value(field, self.select(from.column(record, field, "")))),
                },
            }
        }
    }

    /// Adds a column and returns its position.
    fn select(&mut self, column: String) -> usize {
        self.columns.push(column);
        self.columns.len() - 1
    }

    /// The list of all columns, for use after `SELECT`.
    pub(in crate::storage) fn columns(&self) -> String {
        self.columns.join(", ")
    }

    /// Reads the values of the fields from a row, in the order in which the fields were added. The texts of references
    /// are in `language`.
    ///
    /// # Errors
    /// [`StorageError::Other`] when a column holds something that is no value of its field.
    pub(in crate::storage) fn values(&self, row: &Row, language: &str) -> Result<Vec<Value>, StorageError> {
        self.fields.iter().map(|field| field.value(row, language)).collect()
    }
}

impl ProjectedField {
    fn value(&self, row: &Row, language: &str) -> Result<Value, StorageError> {
        let mut value = columns::read(self.field, row, self.column)?;
        if let Value::Ref(reference) = &mut value {
            for part in &self.shown {
                part.append_to(&mut reference.shown, row, language)?;
            }
        }
        Ok(value)
    }
}

impl ShownPart {
    fn append_to(&self, shown: &mut String, row: &Row, language: &str) -> Result<(), StorageError> {
        match self {
            Self::Literal(literal) => shown.push_str(literal),
            Self::Code(column) => shown.push_str(&row.opt_text(*column)?.unwrap_or_default()),
            Self::Value(field, column) => {
                shown.push_str(&format::shown(field, &columns::read(field, row, *column)?, language));
            }
            Self::First(fields) => {
                for (field, column) in fields {
                    let value = columns::read(field, row, *column)?;
                    if !value.is_empty() {
                        shown.push_str(&format::shown(field, &value, language));
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

//! What a statement selects of each row, and how that becomes values again.

use super::source::{Node, Source};
use crate::domain::entry;
use crate::domain::schema::{FieldDef, Kind, Part};
use crate::domain::value::Value;
use crate::storage::columns;
use crate::storage::db::Row;
use crate::storage::error::StorageError;

/// The columns of a statement: some of the caller's own first, then those of fields.
pub(super) struct Cells {
    columns: Vec<String>,
    cells: Vec<Cell>,
}

struct Cell {
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

impl Cells {
    /// Begins with columns that the caller reads itself, from 0 on.
    pub(super) fn after(columns: Vec<String>) -> Self {
        Self { columns, cells: Vec::new() }
    }

    /// Adds a field of the record itself, with what a reference is shown as.
    pub(super) fn add(&mut self, source: &mut Source, field: &'static FieldDef) {
        let record = source.record();
        if matches!(field.kind, Kind::Secret) {
            self.cells.push(Cell { field, column: 0, shown: Vec::new() });
            return;
        }
        let column = self.select(source.column(&record, field, ""));
        let mut shown = Vec::new();
        if let Kind::Ref(target) = field.kind {
            let node = source.follow(&record, field, target);
            self.add_shown(source, &node, target.display, &mut shown);
        }
        self.cells.push(Cell { field, column, shown });
    }

    fn add_shown(&mut self, source: &mut Source, of: &Node, parts: &'static [Part], shown: &mut Vec<Piece>) {
        for part in parts {
            match part {
                Part::Literal(literal) => shown.push(Piece::Literal(literal)),
                Part::Code(field) => shown.push(Piece::Code(self.select(source.column(of, field, "")))),
                Part::Shown(field) => match field.kind {
                    Kind::Ref(target) => {
                        let next = source.follow(of, field, target);
                        self.add_shown(source, &next, target.display, shown);
                    }
                    _ => shown.push(Piece::Value(field, self.select(source.column(of, field, "")))),
                },
            }
        }
    }

    fn select(&mut self, column: String) -> usize {
        self.columns.push(column);
        self.columns.len() - 1
    }

    /// The columns as they follow `SELECT`.
    pub(super) fn columns(&self) -> String {
        self.columns.join(", ")
    }

    /// The fields' values in a row, in the order in which they were added.
    ///
    /// # Errors
    /// When a column holds what its field cannot.
    pub(super) fn values(&self, row: &Row, language: &str) -> Result<Vec<Value>, StorageError> {
        self.cells.iter().map(|cell| cell.value(row, language)).collect()
    }
}

impl Cell {
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
                shown.push_str(&entry::shown(field, &columns::read(field, row, *column)?, language));
            }
        }
        Ok(())
    }
}

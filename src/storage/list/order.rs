//! The order of a list: its `ORDER BY` clause, the key of a row, and the condition that a row comes after a key.
//!
//! No expression of an order is ever NULL. So empty values come first on both engines, and a key can be compared as one
//! row value. For a column that may be NULL, an index must be on the same `coalesce` expression that is used here.

use crate::domain::model::query::{Key, KeyPart, Sort};
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::value::RecordId;
use crate::storage::columns;
use crate::storage::db::{Bind, Row};
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause};

/// The number that replaces an empty one in an order. It is not [`i64::MIN`], because SQL has no literal for that
/// number.
const EMPTY_INT: i64 = -i64::MAX;

/// The order of a list: by the expressions of its terms, then by id in the direction of the last term. With the id in
/// that direction, one index serves an order and its reverse.
pub(super) struct Order {
    terms: Vec<Term>,
}

/// One column of an order.
struct Term {
    /// The SQL expression that is compared.
    expression: String,
    descending: bool,
    kind: TermKind,
}

#[derive(Clone, Copy)]
enum TermKind {
    Text,
    Int,
    Bool,
}

impl Order {
    /// The order by these columns and then by id. Columns of secrets are left out.
    pub(super) fn of(sorts: &[Sort], from: &mut FromClause) -> Self {
        let terms = sorts.iter().filter_map(|sort| Term::of(sort, from)).collect();
        Self { terms }
    }

    /// The expressions of the terms with the names `k0`, `k1`…, each after a comma, for use after another column.
    pub(super) fn columns(&self) -> String {
        self.terms
            .iter()
            .enumerate()
            .map(|(index, term)| format!(", {} AS k{index}", term.expression))
            .collect()
    }

    /// The names of [`Order::columns`], qualified with an alias: `p.k0`.
    pub(super) fn names(&self, alias: &str) -> Vec<String> {
        (0..self.terms.len()).map(|index| format!("{alias}.k{index}")).collect()
    }

    /// The list of terms for use after `ORDER BY`, as expressions; with `backwards`, of the reverse order.
    pub(super) fn by(&self, backwards: bool) -> String {
        self.by_each(self.terms.iter().map(|term| term.expression.clone()), "t0.id", backwards)
    }

    /// The list of terms for use after `ORDER BY`, as the names of [`Order::names`]; with `backwards`, of the reverse
    /// order.
    pub(super) fn by_names(&self, alias: &str, backwards: bool) -> String {
        self.by_each(self.names(alias).into_iter(), &format!("{alias}.id"), backwards)
    }

    fn by_each(&self, columns: impl Iterator<Item = String>, id: &str, backwards: bool) -> String {
        columns
            .chain([id.to_owned()])
            .zip(self.directions(backwards))
            .map(|(expression, descending)| format!("{expression}{}", if descending { " DESC" } else { "" }))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Whether each term, and then the id, is in descending order.
    fn directions(&self, backwards: bool) -> Vec<bool> {
        let of_id = self.terms.last().is_some_and(|term| term.descending);
        let directions = self.terms.iter().map(|term| term.descending).chain([of_id]);
        directions.map(|descending| descending != backwards).collect()
    }

    /// The placeholders of the values of a key, which are bound, one for each term and one for the id.
    pub(super) fn values(&self, key: &Key, binds: &mut Binds) -> Vec<String> {
        let values = self.terms.iter().zip(&key.values).map(|(term, part)| binds.add(term.bind(part)));
        let mut values: Vec<String> = values.collect();
        values.push(binds.add(key.id));
        values
    }

    /// The expressions for the key of the only row of a table with the columns `k0`, `k1`… and `id`, one for each term
    /// and one for the id. They are NULL when the table is empty.
    pub(super) fn values_of(&self, table: &str) -> Vec<String> {
        let names = (0..self.terms.len()).map(|index| format!("k{index}")).chain(["id".to_owned()]);
        names.map(|name| format!("(SELECT {name} FROM {table})")).collect()
    }

    /// The condition that a row comes after the row with these values in the order, or before it with `backwards`. With
    /// `inclusive`, that row itself meets the condition too.
    pub(super) fn after(&self, values: &[String], inclusive: bool, backwards: bool) -> String {
        let expressions = self.terms.iter().map(|term| term.expression.as_str()).chain(["t0.id"]);
        let compared: Vec<(&str, &str, bool)> = expressions
            .zip(values)
            .zip(self.directions(backwards))
            .map(|((expression, value), descending)| (expression, value.as_str(), descending))
            .collect();
        match compared.as_slice() {
            [one] => format!("{} {} {}", one.0, compare(one.2, inclusive), one.1),
            [first, rest @ ..] if rest.iter().all(|term| term.2 == first.2) => {
                let list = |of: fn(&(&str, &str, bool)) -> String| {
                    compared.iter().map(of).collect::<Vec<_>>().join(", ")
                };
                let expressions = list(|term| term.0.to_owned());
                let values = list(|term| term.1.to_owned());
                let condition = format!("({expressions}) {} ({values})", compare(first.2, inclusive));
                // For a row value SQLite uses an index only when it is on plain columns. The condition on the first
                // expression alone lets it use an index on that expression.
                if is_computed(first.0) {
                    format!("{} {} {} AND {condition}", first.0, compare(first.2, true), first.1)
                } else {
                    condition
                }
            }
            terms => after_in_mixed_directions(terms, inclusive),
        }
    }

    /// The key of a row with this id, in which the expressions of the terms are the columns from `first_column` on.
    pub(super) fn key(&self, row: &Row, id: RecordId, first_column: usize) -> Result<Key, StorageError> {
        let values = self
            .terms
            .iter()
            .enumerate()
            .map(|(index, term)| term.read(row, first_column + index))
            .collect::<Result<_, _>>()?;
        Ok(Key { values, id })
    }
}

fn is_computed(expression: &str) -> bool {
    expression.contains('(')
}

/// The operator for "comes after" in a direction, with `=` when it is inclusive.
fn compare(descending: bool, inclusive: bool) -> &'static str {
    match (descending, inclusive) {
        (false, false) => ">",
        (false, true) => ">=",
        (true, false) => "<",
        (true, true) => "<=",
    }
}

/// The condition that a row comes after the row with these values, when the terms have different directions and so
/// cannot be compared as one row value. A term is the expression, the value and whether it is descending. The condition
/// on the first term alone lets the engine use an index on it.
fn after_in_mixed_directions(terms: &[(&str, &str, bool)], inclusive: bool) -> String {
    let mut condition = String::new();
    for (expression, value, descending) in terms.iter().rev() {
        condition = if condition.is_empty() {
            format!("{expression} {} {value}", compare(*descending, inclusive))
        } else {
            let after = compare(*descending, false);
            format!("({expression} {after} {value} OR ({expression} = {value} AND {condition}))")
        };
    }
    match terms.first() {
        Some((expression, value, descending)) => {
            format!("{expression} {} {value} AND {condition}", compare(*descending, true))
        }
        None => condition,
    }
}

impl Term {
    /// `None` for a secret.
    fn of(sort: &Sort, from: &mut FromClause) -> Option<Self> {
        let (expression, kind) = compared(sort.field, from)?;
        Some(Self { expression, descending: sort.descending, kind })
    }

    fn bind(&self, part: &KeyPart) -> Bind {
        match (self.kind, part) {
            (TermKind::Text, KeyPart::Text(text)) => text.as_str().into(),
            (TermKind::Text, KeyPart::Int(_)) => "".into(),
            (TermKind::Int, KeyPart::Int(number)) => number.unwrap_or(EMPTY_INT).into(),
            (TermKind::Int, KeyPart::Text(_)) => EMPTY_INT.into(),
            (TermKind::Bool, part) => (*part == KeyPart::Int(Some(1))).into(),
        }
    }

    fn read(&self, row: &Row, column: usize) -> Result<KeyPart, StorageError> {
        Ok(match self.kind {
            TermKind::Text => KeyPart::Text(row.text(column)?),
            TermKind::Int => KeyPart::Int(Some(row.int(column)?).filter(|number| *number != EMPTY_INT)),
            TermKind::Bool => KeyPart::Int(Some(i64::from(row.bool(column)?))),
        })
    }
}

/// The expression by which a list is ordered by a field, and its type; `None` for a secret. A reference is ordered by
/// the text with which the other record is shown.
fn compared(field: &'static FieldDef, from: &mut FromClause) -> Option<(String, TermKind)> {
    let record = from.record();
    let column = |from: &mut FromClause| from.column(&record, field, "");
    let not_null = |column: String, empty: &str| {
        if field.required { column } else { format!("coalesce({column}, {empty})") }
    };
    Some(match field.kind {
        Kind::Secret => return None,
        Kind::Text { .. } | Kind::Lines { .. } | Kind::Multi { .. } => {
            (from.column(&record, field, columns::sort_suffix(field)), TermKind::Text)
        }
        Kind::Ref(target) => {
            let referenced = from.follow(&record, field, target);
            (from.shown_fold(&referenced), TermKind::Text)
        }
        Kind::Choice(_) | Kind::Date | Kind::Json => (not_null(column(from), "''"), TermKind::Text),
        Kind::Int { .. } | Kind::Amount | Kind::Instant => {
            (not_null(column(from), &EMPTY_INT.to_string()), TermKind::Int)
        }
        Kind::Bool => (not_null(column(from), "FALSE"), TermKind::Bool),
    })
}

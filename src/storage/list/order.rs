//! The order of a list, and where a row stands in it.
//!
//! No compared expression is ever NULL, so that both engines agree where an empty value stands (first), and a
//! key can be compared as one row value. Where the field may be empty, the index is on the very expression
//! that stands here.

use crate::domain::model::query::{Key, KeyPart, Sort};
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::value::RecordId;
use crate::storage::columns;
use crate::storage::db::{Bind, Row};
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause};

/// Stands for an empty number in an order. (The smallest number of all cannot be written in SQL.)
const NOTHING: i64 = -i64::MAX;

/// What rows are compared by: the sorts, then the id in the direction of the last of them, so that one
/// index serves a list and its reverse.
pub(super) struct Order {
    terms: Vec<Term>,
}

struct Term {
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
    /// The order by these columns, and then by id.
    pub(super) fn of(sorts: &[Sort], from: &mut FromClause) -> Self {
        let terms = sorts.iter().filter_map(|sort| Term::of(sort, from)).collect();
        Self { terms }
    }

    /// The compared expressions, named `k0`, `k1`… for the statement around.
    pub(super) fn columns(&self) -> String {
        self.terms
            .iter()
            .enumerate()
            .map(|(index, term)| format!(", {} AS k{index}", term.expression))
            .collect()
    }

    /// The names of those columns behind an alias.
    pub(super) fn names(&self, alias: &str) -> Vec<String> {
        (0..self.terms.len()).map(|index| format!("{alias}.k{index}")).collect()
    }

    /// What follows `ORDER BY`, over the expressions themselves.
    pub(super) fn by(&self, backwards: bool) -> String {
        self.by_these(self.terms.iter().map(|term| term.expression.clone()), "t0.id", backwards)
    }

    /// What follows `ORDER BY`, over the named columns behind an alias.
    pub(super) fn by_names(&self, alias: &str, backwards: bool) -> String {
        self.by_these(self.names(alias).into_iter(), &format!("{alias}.id"), backwards)
    }

    fn by_these(&self, these: impl Iterator<Item = String>, id: &str, backwards: bool) -> String {
        these
            .chain([id.to_owned()])
            .zip(self.directions(backwards))
            .map(|(expression, descending)| format!("{expression}{}", if descending { " DESC" } else { "" }))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// For each compared expression and the id, whether it goes down.
    fn directions(&self, backwards: bool) -> Vec<bool> {
        let last = self.terms.last().is_some_and(|term| term.descending);
        self.terms.iter().map(|term| term.descending).chain([last]).map(|down| down != backwards).collect()
    }

    /// What the row of a key is compared by, bound.
    pub(super) fn values(&self, key: &Key, binds: &mut Binds) -> Vec<String> {
        let values = self.terms.iter().zip(&key.values).map(|(term, part)| binds.add(term.bind(part)));
        let mut values: Vec<String> = values.collect();
        values.push(binds.add(key.id));
        values
    }

    /// What the only row of a table with the named columns is compared by; NULL where it has no row.
    pub(super) fn values_of(&self, table: &str) -> Vec<String> {
        let names = (0..self.terms.len()).map(|index| format!("k{index}")).chain(["id".to_owned()]);
        names.map(|name| format!("(SELECT {name} FROM {table})")).collect()
    }

    /// The condition that a row stands behind the one that is compared by these values, or at it.
    pub(super) fn behind(&self, values: &[String], at: bool, backwards: bool) -> String {
        let expressions = self.terms.iter().map(|term| term.expression.as_str()).chain(["t0.id"]);
        let directions = self.directions(backwards);
        let compared: Vec<(&str, &str, bool)> =
            expressions.zip(values).zip(directions).map(|((e, v), down)| (e, v.as_str(), down)).collect();
        match compared.as_slice() {
            [one] => format!("{} {} {}", one.0, compare(one.2, at), one.1),
            [first, rest @ ..] if rest.iter().all(|term| term.2 == first.2) => {
                let list = |of: fn(&(&str, &str, bool)) -> String| {
                    compared.iter().map(of).collect::<Vec<_>>().join(", ")
                };
                let expressions = list(|term| term.0.to_owned());
                let values = list(|term| term.1.to_owned());
                let behind = format!("({expressions}) {} ({values})", compare(first.2, at));
                // SQLite finds a row value in an index of columns only; a computed one it must be told apart.
                if is_computed(first.0) {
                    format!("{} {} {} AND {behind}", first.0, compare(first.2, true), first.1)
                } else {
                    behind
                }
            }
            terms => mixed(terms, at),
        }
    }

    /// The key of a row whose first column is `id` at `id_column` and whose compared expressions begin at
    /// `first_column`.
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

/// `>` or `<`, with `=` where the row itself counts.
fn compare(descending: bool, at: bool) -> &'static str {
    match (descending, at) {
        (false, false) => ">",
        (false, true) => ">=",
        (true, false) => "<",
        (true, true) => "<=",
    }
}

/// Directions that differ cannot be one row value. The bound in front lets an index on the first be used.
fn mixed(terms: &[(&str, &str, bool)], at: bool) -> String {
    let mut condition = String::new();
    for (expression, value, descending) in terms.iter().rev() {
        condition = if condition.is_empty() {
            format!("{expression} {} {value}", compare(*descending, at))
        } else {
            let beyond = compare(*descending, false);
            format!("({expression} {beyond} {value} OR ({expression} = {value} AND {condition}))")
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
    /// Secrets order nothing.
    fn of(sort: &Sort, from: &mut FromClause) -> Option<Self> {
        let (expression, kind) = compared(sort.field, from)?;
        Some(Self { expression, descending: sort.descending, kind })
    }

    fn bind(&self, part: &KeyPart) -> Bind {
        match (self.kind, part) {
            (TermKind::Text, KeyPart::Text(text)) => text.as_str().into(),
            (TermKind::Text, KeyPart::Int(_)) => "".into(),
            (TermKind::Int, KeyPart::Int(number)) => number.unwrap_or(NOTHING).into(),
            (TermKind::Int, KeyPart::Text(_)) => NOTHING.into(),
            (TermKind::Bool, part) => (*part == KeyPart::Int(Some(1))).into(),
        }
    }

    fn read(&self, row: &Row, column: usize) -> Result<KeyPart, StorageError> {
        Ok(match self.kind {
            TermKind::Text => KeyPart::Text(row.text(column)?),
            TermKind::Int => KeyPart::Int(Some(row.int(column)?).filter(|number| *number != NOTHING)),
            TermKind::Bool => KeyPart::Int(Some(i64::from(row.bool(column)?))),
        })
    }
}

/// The expression by which a field orders; references by the text they are shown with.
fn compared(field: &'static FieldDef, from: &mut FromClause) -> Option<(String, TermKind)> {
    let record = from.record();
    let column = |from: &mut FromClause| from.column(&record, field, "");
    let filled = |column: String, nothing: &str| {
        if field.required { column } else { format!("coalesce({column}, {nothing})") }
    };
    Some(match field.kind {
        Kind::Secret => return None,
        Kind::Text { .. } | Kind::Lines { .. } | Kind::Multi { .. } => {
            (from.column(&record, field, columns::sort_suffix(field)), TermKind::Text)
        }
        Kind::Ref(target) => {
            let node = from.follow(&record, field, target);
            (from.shown_fold(&node), TermKind::Text)
        }
        Kind::Choice(_) | Kind::Date | Kind::Json => (filled(column(from), "''"), TermKind::Text),
        Kind::Int { .. } | Kind::Amount | Kind::Instant => {
            (filled(column(from), &NOTHING.to_string()), TermKind::Int)
        }
        Kind::Bool => (filled(column(from), "FALSE"), TermKind::Bool),
    })
}

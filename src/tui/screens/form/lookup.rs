//! The records that a reference field offers, as lines of its drop-down.

use crate::domain::model::format;
use crate::domain::model::query::Row;
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{Reference, Value};
use crate::service::back_office::records::choice_columns;
use crate::tui::widgets::drop_down::Line;

/// The lines of these records: each with how a reference to it is shown, whether it is inactive, and the other columns
/// of its list, which tell records of the same name apart.
pub fn lines_of(target: &EntityDef, rows: &[Row], language: &str) -> Vec<Line> {
    let about: Vec<&FieldDef> =
        target.columns.iter().copied().filter(|field| tells_apart(target, field)).collect();
    let line = |row: &Row| {
        let shown = format::line(target, |field| value_of(target, row, field), language);
        let off = target.in_use.is_some_and(|field| *value_of(target, row, field) == Value::Bool(false));
        let others = about
            .iter()
            .map(|field| format::shown(field, value_of(target, row, field), language).into_owned());
        let inactive = if off { "inactive" } else { "" };
        let cells = [shown.clone(), inactive.to_owned()].into_iter().chain(others).collect();
        Line { value: Value::Ref(Reference { id: row.id, shown }), cells }
    };
    rows.iter().map(line).collect()
}

/// Whether the values of a column tell records apart that are shown alike.
fn tells_apart(target: &EntityDef, field: &FieldDef) -> bool {
    let is_short = match field.kind {
        Kind::Text { .. } | Kind::Multi { .. } | Kind::Ref(_) | Kind::Choice(_) | Kind::Date => true,
        Kind::Int { .. } | Kind::Amount | Kind::Instant | Kind::Bool => false,
        Kind::Lines { .. } | Kind::Json | Kind::Secret => false,
    };
    is_short && !format::line_fields(target).any(|shown| shown == field)
}

fn value_of<'a>(target: &EntityDef, row: &'a Row, field: &FieldDef) -> &'a Value {
    static EMPTY: Value = Value::Empty;
    choice_columns(target)
        .iter()
        .position(|column| *column == field)
        .and_then(|index| row.values.get(index))
        .unwrap_or(&EMPTY)
}

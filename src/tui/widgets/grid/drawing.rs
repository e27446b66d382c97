//! Drawing a list: the header, the rows in view, and the columns that have room.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::model::format;
use crate::domain::model::query::Row;
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::text::fit;
use crate::domain::model::value::Value;
use crate::tui::component::DrawCx;
use crate::tui::widgets::text::draw_text;

use super::Grid;

/// The width of the Access column.
pub const ACCESS: u16 = 8;

/// The width of the column of marks.
const MARK: u16 = 3;

/// The width of the column of ages.
const AGE: u16 = 7;

/// The blank cells between two columns.
const GAP: u16 = 1;

impl Grid {
    /// Draws the header at the top of `area` and the rows below it, with `reserved` lines between them. Returns where
    /// each visible column is.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, reserved: u16, cx: &DrawCx<'_>) -> Vec<ColumnArea> {
        let column_areas = self.column_areas(area, self.marks_width() + self.access_width());
        if self.query.judged_at.is_some() {
            draw_text(buf, area.x + self.marks_width(), area.y, ACCESS, "Access", cx.theme.label);
        }
        for column_area in &column_areas {
            let field = self.query.columns[column_area.column];
            let style = if cx.focused && column_area.column == self.column {
                cx.theme.focused_label
            } else {
                cx.theme.label
            };
            draw_text(
                buf,
                column_area.x,
                area.y,
                column_area.width,
                &self.heading(field, column_area.width),
                style,
            );
        }
        let body =
            Rect { y: area.y + 1 + reserved, height: area.height.saturating_sub(1 + reserved), ..area };
        self.height = usize::from(body.height);
        self.scroll();
        for (index, row) in self.rows.iter().enumerate().skip(self.top).take(self.height) {
            let y = body.y + u16::try_from(index - self.top).unwrap_or_default();
            let line = Rect { y, height: 1, ..body };
            self.draw_row(buf, line, row, &column_areas, cx);
            if index == self.cursor {
                buf.set_style(line, if cx.focused { cx.theme.selection } else { cx.theme.dim_selection });
            }
        }
        if self.is_empty() && body.height > 0 {
            let room = body.width.saturating_sub(1);
            draw_text(buf, body.x + 1, body.y, room, &self.nothing, cx.theme.dim);
        }
        column_areas
    }

    /// The width of the column of marks with the gap behind it; 0 where rows cannot be marked.
    fn marks_width(&self) -> u16 {
        if self.marked.is_some() { MARK + GAP } else { 0 }
    }

    fn access_width(&self) -> u16 {
        if self.query.judged_at.is_some() { ACCESS + GAP } else { 0 }
    }

    fn draw_row(
        &self,
        buf: &mut Buffer,
        line: Rect,
        row: &Row,
        column_areas: &[ColumnArea],
        cx: &DrawCx<'_>,
    ) {
        if self.query.judged_at.is_some() {
            let (text, style) = match row.access {
                _ if row.is_off => ("inactive", cx.theme.bad),
                Some(code) => (code.as_str(), cx.theme.bad),
                None => ("✓", cx.theme.good),
            };
            let again = if self.ages.is_some() && row.repeated > 0 {
                format!("{text} {}×", row.repeated.saturating_add(1))
            } else {
                text.to_owned()
            };
            draw_text(buf, line.x + self.marks_width(), line.y, ACCESS, &again, style);
        }
        if let Some(marked) = &self.marked {
            let mark = if marked.contains(&row.id) { "[x]" } else { "[ ]" };
            draw_text(buf, line.x, line.y, MARK, mark, cx.theme.value);
        }
        for column_area in column_areas {
            let field = self.query.columns[column_area.column];
            let (text, style) = self.shown(field, &row.values[column_area.column], cx);
            let marked = (row.look_alike && *field == *self.query.entity.title).then(|| format!("≈ {text}"));
            let (text, style) = marked.map_or((text, style), |text| (text.into(), cx.theme.bad));
            draw_text(buf, column_area.x, line.y, column_area.width, &text, style);
        }
    }

    fn shown<'a>(
        &self,
        field: &FieldDef,
        value: &'a Value,
        cx: &DrawCx<'_>,
    ) -> (std::borrow::Cow<'a, str>, ratatui::style::Style) {
        if value.is_empty() && self.wanted.contains(&field) {
            return ("✗ empty".into(), cx.theme.bad);
        }
        let style = if matches!(value, Value::Ref(_)) { cx.theme.link } else { cx.theme.value };
        if let (Some(ages), Value::Instant(at)) = (self.ages, value)
            && ages == field
            && let Some(at) = at.timestamp()
        {
            return (age(at, cx.today).into(), style);
        }
        (format::shown_on(field, value, cx.who.language(), cx.today), style)
    }

    /// A column's label, with the direction and rank of its order behind it.
    fn heading(&self, field: &FieldDef, width: u16) -> String {
        let own = self.headings.iter().find(|heading| heading.field == field);
        let label = own.map_or(field.label, |heading| heading.label);
        let label = if self.ages == Some(field) { "Age" } else { label };
        let Some(index) = self.query.sort.iter().position(|sort| sort.field == field) else {
            return label.to_owned();
        };
        let arrow = if self.query.sort[index].descending { '▼' } else { '▲' };
        let rank = if self.query.sort.len() > 1 { (index + 1).to_string() } else { String::new() };
        let label = fit(label, usize::from(width).saturating_sub(2 + rank.len()));
        format!("{label} {arrow}{rank}")
    }

    /// The visible columns with their positions. The first one is moved so far that the cursor's column is in view.
    fn column_areas(&mut self, area: Rect, taken: u16) -> Vec<ColumnArea> {
        self.left = self.left.min(self.column);
        loop {
            let column_areas = self.column_areas_from(self.left, area, taken);
            let in_sight = column_areas.iter().any(|column_area| column_area.column == self.column);
            if in_sight || self.left >= self.column {
                return column_areas;
            }
            self.left += 1;
        }
    }

    fn column_areas_from(&self, left: usize, area: Rect, taken: u16) -> Vec<ColumnArea> {
        let mut x = area.x + taken;
        let mut column_areas = Vec::new();
        for (column, field) in self.query.columns.iter().enumerate().skip(left) {
            let own = self.headings.iter().find(|heading| heading.field == *field);
            let usual = || if self.ages == Some(*field) { AGE } else { width_of(field) };
            let width = own.map_or_else(usual, |heading| heading.width);
            if !column_areas.is_empty() && x + width > area.right() {
                break;
            }
            let width = width.min(area.right().saturating_sub(x));
            column_areas.push(ColumnArea { column, x, width });
            x += width + GAP;
        }
        self.spread(&mut column_areas, area.right());
        column_areas
    }

    /// Shares the remaining width among the columns that can use it; where none can, the last one gets it.
    fn spread(&self, column_areas: &mut [ColumnArea], right: u16) {
        let Some(last) = column_areas.last() else { return };
        let mut spare = right.saturating_sub(last.x + last.width);
        let mut users =
            column_areas.iter().filter(|column_area| grows(self.query.columns[column_area.column])).count();
        if users == 0 {
            column_areas.iter_mut().next_back().into_iter().for_each(|last| last.width += spare);
            return;
        }
        let mut moved = 0;
        for column_area in column_areas {
            column_area.x += moved;
            if grows(self.query.columns[column_area.column]) {
                let more = spare.div_ceil(u16::try_from(users).unwrap_or(1));
                column_area.width += more;
                (moved, spare, users) = (moved + more, spare - more, users - 1);
            }
        }
    }

    /// The position of the terminal's cursor when the list has the focus.
    pub fn cursor_position(&self, area: Rect, reserved: u16) -> Position {
        let line = u16::try_from(self.cursor.saturating_sub(self.top)).unwrap_or_default();
        Position { x: area.x, y: (area.y + 1 + reserved + line).min(area.bottom().saturating_sub(1)) }
    }
}

/// The area of one column on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnArea {
    /// The index of the column in the query.
    pub column: usize,
    /// The first cell, from the left edge of the screen.
    pub x: u16,
    /// The width in cells.
    pub width: u16,
}

/// The days from an instant to today, in words: `today`, `1 day`, `12 d`.
pub fn age(at: Timestamp, today: Date) -> String {
    let day = TimeZone::UTC.to_datetime(at).date();
    match (today - day).get_days() {
        ..=0 => "today".to_owned(),
        days => format!("{days} d"),
    }
}

/// Whether a value of this field can be longer than the usual width of its column.
fn grows(field: &FieldDef) -> bool {
    match field.kind {
        Kind::Text { max } => max > 24,
        Kind::Multi { .. } | Kind::Ref(_) | Kind::Json | Kind::Lines { .. } => true,
        _ => false,
    }
}

/// The usual width of a field's column. It follows from what the field can hold and not from the rows, so that
/// nothing moves while scrolling.
fn width_of(field: &FieldDef) -> u16 {
    let content: u16 = match field.kind {
        Kind::Bool => 5,
        // 36500 since 1926-12-05
        Kind::Int { .. } if field.days_back => 22,
        Kind::Int { .. } => 7,
        Kind::Amount => 12,
        // ended 2026-05-31
        Kind::Date if field.last_day => 16,
        Kind::Date => 10,
        Kind::Instant => 17,
        Kind::Secret => 8,
        Kind::Choice(choices) => choices
            .iter()
            .map(|choice| u16::try_from(choice.label.len()).unwrap_or(20))
            .max()
            .unwrap_or(8)
            .min(16),
        Kind::Text { max } => u16::try_from(max.min(24)).unwrap_or(24),
        Kind::Multi { .. } | Kind::Ref(_) | Kind::Json => 22,
        Kind::Lines { .. } => 14,
    };
    let label = u16::try_from(field.label.len()).unwrap_or(12).min(12);
    content.max(label)
}

//! Rows of a list, a window of them at a time: a million scroll like ten.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::entry;
use crate::domain::navigate::{Page, Query, Row, Sort, Stretch};
use crate::domain::schema::{FieldDef, Kind};
use crate::domain::text::fit;
use crate::domain::value::{RecordId, Value};
use crate::tui::component::{Cx, DrawCx};
use crate::tui::message::{Request, Slot};
use crate::tui::widgets::cells::draw_text;

/// How many rows one question brings; the storage reads so many in about a millisecond.
const PAGE: u16 = 80;

/// How many rows are kept; those farthest from the cursor go first.
const KEPT: usize = 320;

/// How close to the end of the window the cursor comes before more is asked for.
const AHEAD: usize = 50;

/// The width of the Access column.
pub const ACCESS: u16 = 6;

/// The width of the marks.
const MARK: u16 = 3;

/// The columns between two cells.
const GAP: u16 = 1;

/// How a list shows a column, where that is not what follows from the field alone.
#[derive(Debug)]
pub struct Heading {
    /// The column.
    pub field: &'static FieldDef,
    /// What it is called.
    pub label: &'static str,
    /// How many cells it takes.
    pub width: u16,
}

/// A scrolling list of rows.
pub struct Grid {
    /// What is listed.
    pub query: Query,
    /// Columns that are shown in a way of this list's own.
    pub headings: &'static [Heading],
    /// What stands where there are no rows.
    pub nothing: String,
    /// How long the list is, once known.
    count: Option<i64>,
    is_counting: bool,
    /// Fields whose emptiness is marked.
    wanted: &'static [&'static FieldDef],
    /// The rows that are marked, where rows can be; also those that a filter hides.
    marked: Option<BTreeSet<RecordId>>,
    place: usize,
    rows: Vec<Row>,
    more_before: bool,
    more_after: bool,
    cursor: usize,
    top: usize,
    column: usize,
    left: usize,
    height: usize,
    asked: Option<Asked>,
}

/// What the rows under way are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// They replace the window; the cursor goes to the first, the last, or stays on its record.
    Top,
    Bottom,
    Same(Option<RecordId>),
    /// They go before or behind it.
    Before,
    Behind,
}

impl Grid {
    /// An empty window on a list. `place` tells the lists of one layer apart.
    pub fn new(query: Query, place: usize, wanted: &'static [&'static FieldDef]) -> Self {
        Self {
            query,
            headings: &[],
            nothing: "No data".to_owned(),
            count: None,
            is_counting: false,
            wanted,
            marked: None,
            place,
            rows: Vec::new(),
            more_before: false,
            more_after: false,
            cursor: 0,
            top: 0,
            column: 0,
            left: 0,
            height: 10,
            asked: None,
        }
    }

    /// The same with rows that can be marked.
    #[must_use]
    pub fn with_marks(mut self) -> Self {
        self.marked = Some(BTreeSet::new());
        self
    }

    /// Marks the row under the cursor, or takes its mark away, and goes on to the next row.
    pub fn mark(&mut self, cx: &mut Cx<'_>) {
        let current = self.rows.get(self.cursor).map(|row| row.id);
        if let (Some(marked), Some(id)) = (&mut self.marked, current) {
            if !marked.remove(&id) {
                marked.insert(id);
            }
            self.step(1, cx);
        }
    }

    /// The rows that are marked, whatever filter they are in.
    pub fn marked(&self) -> impl ExactSizeIterator<Item = RecordId> + '_ {
        static NONE: BTreeSet<RecordId> = BTreeSet::new();
        self.marked.as_ref().unwrap_or(&NONE).iter().copied()
    }

    /// Reads the list anew from its first row: it asks something else now.
    pub fn restart(&mut self, cx: &mut Cx<'_>) {
        self.count = None;
        self.is_counting = false;
        self.ask(Asked::Top, Stretch::First, cx);
    }

    /// Reads the list again and stays where it is.
    pub fn reload(&mut self, cx: &mut Cx<'_>) {
        let first = self.rows.get(self.top).filter(|_| self.top > 0 || self.more_before);
        let stretch = first.map_or(Stretch::First, |first| Stretch::From(first.id));
        self.ask(Asked::Same(self.current().map(|row| row.id)), stretch, cx);
    }

    /// Reads the list again and goes to a record, wherever it stands now.
    pub fn show(&mut self, id: RecordId, cx: &mut Cx<'_>) {
        self.ask(Asked::Same(Some(id)), Stretch::From(id), cx);
    }

    fn ask(&mut self, asked: Asked, stretch: Stretch, cx: &mut Cx<'_>) {
        self.asked = Some(asked);
        cx.ask(Slot::Rows(self.place), Request::Rows(self.query.clone(), stretch, PAGE));
    }

    /// The rows that were asked for last.
    pub fn take(&mut self, page: Page, cx: &mut Cx<'_>) {
        let Some(asked) = self.asked.take() else { return };
        match asked {
            Asked::Top | Asked::Bottom | Asked::Same(_) => {
                self.replace(asked, page);
                self.begin_count(asked, cx);
                if self.more_before {
                    self.fill_up(cx);
                }
            }
            Asked::Before => {
                self.more_before = page.more_before;
                self.cursor += page.rows.len();
                self.top += page.rows.len();
                self.rows.splice(..0, page.rows);
                if self.rows.len() > KEPT {
                    self.rows.truncate(KEPT.max(self.cursor + AHEAD));
                    self.more_after = true;
                }
            }
            Asked::Behind => {
                self.more_after = page.more_after;
                self.rows.extend(page.rows);
                let surplus = self.rows.len().saturating_sub(KEPT).min(self.top.saturating_sub(AHEAD));
                if surplus > 0 {
                    self.rows.drain(..surplus);
                    self.cursor -= surplus;
                    self.top -= surplus;
                    self.more_before = true;
                }
            }
        }
    }

    fn replace(&mut self, asked: Asked, page: Page) {
        let kept = match asked {
            Asked::Same(Some(id)) => page.rows.iter().position(|row| row.id == id),
            _ => None,
        };
        self.rows = page.rows;
        self.more_before = page.more_before;
        self.more_after = page.more_after;
        let last = self.rows.len().saturating_sub(1);
        self.cursor = match asked {
            Asked::Bottom => last,
            Asked::Same(_) => kept.unwrap_or(self.cursor.saturating_sub(self.top)).min(last),
            _ => 0,
        };
        // A list that is read again begins with what was the first row in view.
        self.top = 0;
    }

    /// A list that is all in the window is as long as the window; only a longer one has to be counted.
    fn begin_count(&mut self, asked: Asked, cx: &mut Cx<'_>) {
        self.is_counting = false;
        if !self.more_before && !self.more_after {
            self.count = i64::try_from(self.rows.len()).ok();
        } else if asked != Asked::Bottom {
            self.is_counting = true;
            cx.ask(Slot::Count(self.place), Request::Count(self.query.clone()));
        }
    }

    /// The length that was asked for last.
    pub fn take_count(&mut self, count: i64) {
        if std::mem::take(&mut self.is_counting) {
            self.count = Some(count);
        }
    }

    /// How long the list is, once known.
    pub fn count(&self) -> Option<i64> {
        self.count
    }

    /// The rows could not be read: nothing is under way any more.
    pub fn give_up(&mut self) {
        self.asked = None;
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&Row> {
        self.rows.get(self.cursor)
    }

    /// How a row is shown in a single line; what the list has no column for is taken from `other`.
    pub fn line<'a>(
        &'a self,
        row: &'a Row,
        other: impl Fn(&FieldDef) -> &'a Value,
        language: &str,
    ) -> String {
        let cell = |field: &FieldDef| {
            let column = self.query.columns.iter().position(|column| *column == field);
            column.map_or_else(|| other(field), |column| &row.cells[column])
        };
        entry::line(row.entity, cell, language)
    }

    /// Takes the row of a record out that is gone; the cursor stays on the next one.
    pub fn take_out(&mut self, id: RecordId) {
        self.rows.retain(|row| row.id != id);
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
        self.top = self.top.min(self.cursor);
    }

    /// Whether there is nothing to show, and nothing on its way.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.asked.is_none()
    }

    /// How many rows the window holds.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether rows are on their way that replace what is shown.
    pub fn is_waiting(&self) -> bool {
        matches!(self.asked, Some(Asked::Top | Asked::Bottom))
    }

    /// The column the cursor is in.
    pub fn column(&self) -> Option<&'static FieldDef> {
        self.query.columns.get(self.column).copied()
    }

    /// The place of that column.
    pub fn column_index(&self) -> usize {
        self.column
    }

    /// Puts the cursor into a column.
    pub fn go_to_column(&mut self, column: usize) {
        self.column = column.min(self.query.columns.len().saturating_sub(1));
    }

    /// Moves by rows; a negative number goes up. Tells whether there was anywhere to go.
    pub fn step(&mut self, by: isize, cx: &mut Cx<'_>) -> bool {
        let last = self.rows.len().saturating_sub(1);
        let to = self.cursor.saturating_add_signed(by).min(last);
        let moved = to != self.cursor;
        self.cursor = to;
        self.fill_up(cx);
        moved || if by < 0 { self.more_before } else { self.more_after }
    }

    /// Moves by what fits on the screen.
    pub fn page(&mut self, by: isize, cx: &mut Cx<'_>) {
        let rows = self.height.saturating_sub(1).max(1).cast_signed();
        self.step(by * rows, cx);
    }

    /// To the very first row.
    pub fn home(&mut self, cx: &mut Cx<'_>) {
        if self.more_before {
            self.ask(Asked::Top, Stretch::First, cx);
        } else {
            self.cursor = 0;
        }
    }

    /// To the very last row.
    pub fn end(&mut self, cx: &mut Cx<'_>) {
        if self.more_after {
            self.ask(Asked::Bottom, Stretch::Last, cx);
        } else {
            self.cursor = self.rows.len().saturating_sub(1);
        }
    }

    fn fill_up(&mut self, cx: &mut Cx<'_>) {
        if self.asked.is_some() {
            return;
        }
        if self.more_after && self.cursor + AHEAD >= self.rows.len() {
            let Some(last) = self.rows.last() else { return };
            let stretch = Stretch::After(last.key.clone());
            self.ask(Asked::Behind, stretch, cx);
        } else if self.more_before && self.cursor < AHEAD {
            let Some(first) = self.rows.first() else { return };
            let stretch = Stretch::Before(first.key.clone());
            self.ask(Asked::Before, stretch, cx);
        }
    }

    /// Orders by the column of the cursor; a second time turns the order round. `also` keeps the order there
    /// is and adds to it.
    pub fn sort(&mut self, also: bool, cx: &mut Cx<'_>) {
        let Some(field) = self.column().filter(|field| !matches!(field.kind, Kind::Secret | Kind::Json))
        else {
            return;
        };
        let sort = &mut self.query.sort;
        match sort.iter_mut().find(|sort| sort.field == field) {
            Some(sort) => sort.descending = !sort.descending,
            None => sort.push(Sort { field, descending: false }),
        }
        if !also {
            sort.retain(|sort| sort.field == field);
        }
        self.restart(cx);
    }

    /// Draws the header at the top of `area` and the rows below it, leaving `reserved` lines between them.
    /// Tells where each visible column stands.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, reserved: u16, cx: &DrawCx<'_>) -> Vec<ColumnPlace> {
        let places = self.places(area, self.marks_width() + self.access_width());
        if self.query.judged_at.is_some() {
            draw_text(buf, area.x + self.marks_width(), area.y, ACCESS, "Access", cx.theme.label);
        }
        for place in &places {
            let field = self.query.columns[place.column];
            let style = if cx.focused && place.column == self.column {
                cx.theme.focused_label
            } else {
                cx.theme.label
            };
            draw_text(buf, place.x, area.y, place.width, &self.heading(field, place.width), style);
        }
        let body =
            Rect { y: area.y + 1 + reserved, height: area.height.saturating_sub(1 + reserved), ..area };
        self.height = usize::from(body.height);
        self.scroll();
        for (place, row) in self.rows.iter().enumerate().skip(self.top).take(self.height) {
            let y = body.y + u16::try_from(place - self.top).unwrap_or_default();
            let line = Rect { y, height: 1, ..body };
            self.draw_row(buf, line, row, &places, cx);
            if place == self.cursor {
                buf.set_style(line, if cx.focused { cx.theme.selection } else { cx.theme.dim_selection });
            }
        }
        if self.is_empty() && body.height > 0 {
            let room = body.width.saturating_sub(1);
            draw_text(buf, body.x + 1, body.y, room, &self.nothing, cx.theme.dim);
        }
        places
    }

    /// The columns that the marks take, with what stands between them and the next.
    fn marks_width(&self) -> u16 {
        if self.marked.is_some() { MARK + GAP } else { 0 }
    }

    fn access_width(&self) -> u16 {
        if self.query.judged_at.is_some() { ACCESS + GAP } else { 0 }
    }

    fn draw_row(&self, buf: &mut Buffer, line: Rect, row: &Row, places: &[ColumnPlace], cx: &DrawCx<'_>) {
        if self.query.judged_at.is_some() {
            let (text, style) = match row.access {
                Some(code) => (code.as_str(), cx.theme.bad),
                None => ("✓", cx.theme.good),
            };
            draw_text(buf, line.x + self.marks_width(), line.y, ACCESS, text, style);
        }
        if let Some(marked) = &self.marked {
            let mark = if marked.contains(&row.id) { "[x]" } else { "[ ]" };
            draw_text(buf, line.x, line.y, MARK, mark, cx.theme.value);
        }
        for place in places {
            let field = self.query.columns[place.column];
            let (text, style) = self.cell(field, &row.cells[place.column], cx);
            draw_text(buf, place.x, line.y, place.width, &text, style);
        }
    }

    fn cell<'a>(
        &self,
        field: &FieldDef,
        value: &'a Value,
        cx: &DrawCx<'_>,
    ) -> (std::borrow::Cow<'a, str>, ratatui::style::Style) {
        if value.is_empty() && self.wanted.contains(&field) {
            return ("✗ empty".into(), cx.theme.bad);
        }
        let style = if matches!(value, Value::Ref(_)) { cx.theme.link } else { cx.theme.value };
        (entry::shown_on(field, value, cx.who.language(), cx.today), style)
    }

    /// A column's label, with the direction and rank of its order behind it.
    fn heading(&self, field: &FieldDef, width: u16) -> String {
        let own = self.headings.iter().find(|heading| heading.field == field);
        let label = own.map_or(field.label, |heading| heading.label);
        let Some(place) = self.query.sort.iter().position(|sort| sort.field == field) else {
            return label.to_owned();
        };
        let arrow = if self.query.sort[place].descending { '▼' } else { '▲' };
        let rank = if self.query.sort.len() > 1 { (place + 1).to_string() } else { String::new() };
        let label = fit(label, usize::from(width).saturating_sub(2 + rank.len()));
        format!("{label} {arrow}{rank}")
    }

    /// Keeps the cursor on the screen.
    fn scroll(&mut self) {
        let height = self.height.max(1);
        self.top = self.top.min(self.cursor).max((self.cursor + 1).saturating_sub(height));
        if self.rows.len() <= height {
            self.top = 0;
        }
    }

    /// Which columns fit, from a first one that keeps the cursor's column in sight, and where they stand.
    fn places(&mut self, area: Rect, taken: u16) -> Vec<ColumnPlace> {
        self.left = self.left.min(self.column);
        loop {
            let places = self.places_from(self.left, area, taken);
            let in_sight = places.iter().any(|place| place.column == self.column);
            if in_sight || self.left >= self.column {
                return places;
            }
            self.left += 1;
        }
    }

    fn places_from(&self, left: usize, area: Rect, taken: u16) -> Vec<ColumnPlace> {
        let mut x = area.x + taken;
        let mut places = Vec::new();
        for (column, field) in self.query.columns.iter().enumerate().skip(left) {
            let own = self.headings.iter().find(|heading| heading.field == *field);
            let width = own.map_or_else(|| width_of(field), |heading| heading.width);
            if !places.is_empty() && x + width > area.right() {
                break;
            }
            let width = width.min(area.right().saturating_sub(x));
            places.push(ColumnPlace { column, x, width });
            x += width + GAP;
        }
        if let Some(last) = places.last_mut() {
            last.width = area.right().saturating_sub(last.x);
        }
        places
    }

    /// Where the cursor of the terminal stands when the list has the focus.
    pub fn cursor_position(&self, area: Rect, reserved: u16) -> Position {
        let line = u16::try_from(self.cursor.saturating_sub(self.top)).unwrap_or_default();
        Position { x: area.x, y: (area.y + 1 + reserved + line).min(area.bottom().saturating_sub(1)) }
    }
}

/// Where one column stands on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnPlace {
    /// Its place in the query.
    pub column: usize,
    /// The first cell.
    pub x: u16,
    /// How many cells.
    pub width: u16,
}

/// A column's width follows from what it can hold, so that nothing moves while scrolling.
fn width_of(field: &FieldDef) -> u16 {
    let content: u16 = match field.kind {
        Kind::Bool => 5,
        Kind::Int { .. } => 7,
        // 36500 since 1926-12-05
        Kind::DaysBack => 22,
        Kind::Amount => 12,
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

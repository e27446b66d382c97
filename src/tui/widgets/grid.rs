//! A list of rows, of which only a window is in memory: a million rows scroll like ten.

mod drawing;

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEvent};

use crate::domain::model::format;
use crate::domain::model::query::{ListQuery, Page, PageCursor, Row, Sort};
use crate::domain::model::record::{Origin, Record};
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::value::{RecordId, Value};
use crate::service::ServiceError;
use crate::service::api::{back_office, visit};
use crate::tui::component::{Component, Cx, Who};
use crate::tui::message::Slot;

pub use drawing::{ACCESS, ColumnArea, age};

/// The rows of one page; storage reads so many in about a millisecond.
const PAGE: u16 = 80;

/// The most rows in the window; those farthest from the cursor are dropped first.
const KEPT: usize = 320;

/// The next page is asked for when fewer rows than this lie between the cursor and the end of the window.
const AHEAD: usize = 50;

/// A column that a list shows otherwise than its field does by itself.
#[derive(Debug)]
pub struct Heading {
    /// The column.
    pub field: &'static FieldDef,
    /// Its label.
    pub label: &'static str,
    /// Its width in cells.
    pub width: u16,
}

/// A component with lists in it, which receives what they read. `grid` is the index of the list within the component.
pub trait HasGrids: Component + Sized {
    /// A page of rows was read.
    fn rows_read(&mut self, grid: usize, rows: Result<Page, ServiceError>, cx: &mut Cx<'_>);

    /// The rows were counted.
    fn rows_counted(&mut self, grid: usize, count: Result<i64, ServiceError>, cx: &mut Cx<'_>);
}

/// How a list asks for its rows, so that the answers go to the component it belongs to.
#[derive(Clone, Copy)]
pub struct GridOwner {
    ask_rows: fn(usize, ListQuery, PageCursor, &mut Cx<'_>),
    ask_count: fn(usize, ListQuery, &mut Cx<'_>),
}

impl GridOwner {
    /// A list within a component of type `C`.
    pub fn of<C: HasGrids>() -> Self {
        Self { ask_rows: ask_rows::<C>, ask_count: ask_count::<C> }
    }
}

fn ask_rows<C: HasGrids>(grid: usize, query: ListQuery, cursor: PageCursor, cx: &mut Cx<'_>) {
    let then = move |owner: &mut C, rows: Result<Page, ServiceError>, cx: &mut Cx<'_>| {
        owner.rows_read(grid, rows, cx);
    };
    match cx.who {
        Who::Visitor(_) => cx.ask(Slot::Rows(grid), visit::Rows { query, cursor, limit: PAGE }, then),
        Who::Nobody | Who::Operator(_) => {
            cx.ask(Slot::Rows(grid), back_office::Rows { query, cursor, limit: PAGE }, then);
        }
    }
}

fn ask_count<C: HasGrids>(grid: usize, query: ListQuery, cx: &mut Cx<'_>) {
    let then = move |owner: &mut C, count: Result<i64, ServiceError>, cx: &mut Cx<'_>| {
        owner.rows_counted(grid, count, cx);
    };
    match cx.who {
        Who::Visitor(_) => cx.ask(Slot::Count(grid), visit::Count { query }, then),
        Who::Nobody | Who::Operator(_) => cx.ask(Slot::Count(grid), back_office::Count { query }, then),
    }
}

/// A list of rows that scrolls.
pub struct Grid {
    owner: GridOwner,
    /// The records, columns, filters and order.
    pub query: ListQuery,
    /// The columns that this list shows in its own way.
    pub headings: &'static [Heading],
    /// The column of an instant that is shown as the days since then.
    pub ages: Option<&'static FieldDef>,
    /// The text that is shown when there are no rows.
    pub nothing: String,
    /// The number of rows of the whole list, once known.
    count: Option<i64>,
    is_counting: bool,
    /// The columns in which an empty value is marked as missing.
    wanted: &'static [&'static FieldDef],
    /// The marked rows, including those that a filter hides; `None` where rows cannot be marked.
    marked: Option<BTreeSet<RecordId>>,
    index: usize,
    rows: Vec<Row>,
    more_before: bool,
    more_after: bool,
    cursor: usize,
    top: usize,
    column: usize,
    left: usize,
    height: usize,
    pending: Option<Pending>,
}

/// What the rows that were asked for are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    /// They replace the window; the cursor goes to the first row, to the last, or stays on its record.
    Top,
    Bottom,
    Same(Option<RecordId>),
    /// They are added before the window, or behind it.
    Before,
    Behind,
}

impl Grid {
    /// A list with no rows read yet. `index` is its index within the component.
    pub fn new(
        owner: GridOwner,
        query: ListQuery,
        index: usize,
        wanted: &'static [&'static FieldDef],
    ) -> Self {
        Self {
            owner,
            query,
            headings: &[],
            ages: None,
            nothing: "No data".to_owned(),
            count: None,
            is_counting: false,
            wanted,
            marked: None,
            index,
            rows: Vec::new(),
            more_before: false,
            more_after: false,
            cursor: 0,
            top: 0,
            column: 0,
            left: 0,
            height: 10,
            pending: None,
        }
    }

    /// The same list, with rows that can be marked.
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

    /// The marked rows, including those that a filter hides.
    pub fn marked(&self) -> impl ExactSizeIterator<Item = RecordId> + '_ {
        static NONE: BTreeSet<RecordId> = BTreeSet::new();
        self.marked.as_ref().unwrap_or(&NONE).iter().copied()
    }

    /// Reads the list from its first row, after its query has changed.
    pub fn restart(&mut self, cx: &mut Cx<'_>) {
        self.count = None;
        self.is_counting = false;
        self.ask(Pending::Top, PageCursor::First, cx);
    }

    /// Reads the list again; the cursor stays on its record.
    pub fn reload(&mut self, cx: &mut Cx<'_>) {
        let first = self.rows.get(self.top).filter(|_| self.top > 0 || self.more_before);
        let page_cursor = first.map_or(PageCursor::First, |first| PageCursor::From(first.id));
        self.ask(Pending::Same(self.current().map(|row| row.id)), page_cursor, cx);
    }

    /// Reads the list again and goes to a record, wherever it is now.
    pub fn show(&mut self, id: RecordId, cx: &mut Cx<'_>) {
        self.ask(Pending::Same(Some(id)), PageCursor::From(id), cx);
    }

    fn ask(&mut self, pending: Pending, page_cursor: PageCursor, cx: &mut Cx<'_>) {
        self.pending = Some(pending);
        (self.owner.ask_rows)(self.index, self.query.clone(), page_cursor, cx);
    }

    /// Takes the page that was asked for last.
    pub fn take(&mut self, page: Page, cx: &mut Cx<'_>) {
        let Some(pending) = self.pending.take() else { return };
        match pending {
            Pending::Top | Pending::Bottom | Pending::Same(_) => {
                self.replace(pending, page);
                self.begin_count(pending, cx);
                if self.more_before {
                    self.fill_up(cx);
                }
            }
            Pending::Before => {
                self.more_before = page.more_before;
                self.cursor += page.rows.len();
                self.top += page.rows.len();
                self.rows.splice(..0, page.rows);
                if self.rows.len() > KEPT {
                    self.rows.truncate(KEPT.max(self.cursor + AHEAD));
                    self.more_after = true;
                }
            }
            Pending::Behind => {
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

    fn replace(&mut self, pending: Pending, page: Page) {
        let kept = match pending {
            Pending::Same(Some(id)) => page.rows.iter().position(|row| row.id == id),
            _ => None,
        };
        self.rows = page.rows;
        self.more_before = page.more_before;
        self.more_after = page.more_after;
        let last = self.rows.len().saturating_sub(1);
        self.cursor = match pending {
            Pending::Bottom => last,
            Pending::Same(_) => kept.unwrap_or(self.cursor.saturating_sub(self.top)).min(last),
            _ => 0,
        };
        // A list that is read again begins with the row that was first in view.
        self.top = 0;
        self.scroll();
    }

    /// Finds out the number of rows: a window that holds the whole list knows it; otherwise it is asked for, except
    /// when the end of a list was read whose number is known or already asked for.
    fn begin_count(&mut self, pending: Pending, cx: &mut Cx<'_>) {
        if !self.more_before && !self.more_after {
            self.is_counting = false;
            self.count = i64::try_from(self.rows.len()).ok();
        } else if pending != Pending::Bottom || (self.count.is_none() && !self.is_counting) {
            self.is_counting = true;
            (self.owner.ask_count)(self.index, self.query.clone(), cx);
        }
    }

    /// Takes the number of rows that was asked for last.
    pub fn take_count(&mut self, count: i64) {
        if std::mem::take(&mut self.is_counting) {
            self.count = Some(count);
        }
    }

    /// The number of rows of the whole list, once known.
    pub fn count(&self) -> Option<i64> {
        self.count
    }

    /// Handles that the rows could not be read: none are awaited any more.
    pub fn give_up(&mut self) {
        self.pending = None;
    }

    /// The record of a row, with the fields that the columns show.
    pub fn record_of(&self, row: &Row) -> Record {
        let values = self.query.columns.iter().zip(&row.values);
        let values = values.map(|(field, value)| (field.property, value.clone())).collect();
        Record { entity: row.entity, id: row.id, version: row.version, values, origin: Origin::default() }
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&Row> {
        self.rows.get(self.cursor)
    }

    /// A row in a single line; for what the list has no column for, `other` is used.
    pub fn line<'a>(
        &'a self,
        row: &'a Row,
        other: impl Fn(&FieldDef) -> &'a Value,
        language: &str,
    ) -> String {
        let value = |field: &FieldDef| {
            let column = self.query.columns.iter().position(|column| *column == field);
            column.map_or_else(|| other(field), |column| &row.values[column])
        };
        format::line(row.entity, value, language)
    }

    /// Removes the row of a deleted record; the cursor goes to the next one.
    pub fn take_out(&mut self, id: RecordId) {
        self.rows.retain(|row| row.id != id);
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
        self.top = self.top.min(self.cursor);
    }

    /// Whether there are no rows, and none awaited.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.pending.is_none()
    }

    /// The number of rows in the window.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the cursor can move by so many rows now: the rows it would reach are not awaited.
    pub fn can_step(&self, by: isize) -> bool {
        let within = self.cursor.checked_add_signed(by).is_some_and(|to| to < self.rows.len());
        match self.pending {
            None => true,
            Some(Pending::Top | Pending::Bottom | Pending::Same(_)) => false,
            Some(Pending::Before) => within || by > 0,
            Some(Pending::Behind) => within || by < 0,
        }
    }

    /// Whether a key that moves the cursor can be handled now.
    pub fn takes_now(&self, key: &KeyEvent) -> bool {
        let page = self.height.saturating_sub(1).max(1).cast_signed();
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => self.can_step(1),
            KeyCode::Up | KeyCode::Char('k') => self.can_step(-1),
            KeyCode::PageDown => self.can_step(page),
            KeyCode::PageUp => self.can_step(-page),
            _ => !self.is_replacing(),
        }
    }

    /// Whether the row under the cursor may be another one once the awaited rows have come.
    pub fn is_replacing(&self) -> bool {
        matches!(self.pending, Some(Pending::Top | Pending::Bottom | Pending::Same(_)))
    }

    /// Whether rows are awaited that replace what is shown.
    pub fn is_waiting(&self) -> bool {
        matches!(self.pending, Some(Pending::Top | Pending::Bottom))
    }

    /// The column the cursor is in.
    pub fn column(&self) -> Option<&'static FieldDef> {
        self.query.columns.get(self.column).copied()
    }

    /// The index of the column the cursor is in.
    pub fn column_index(&self) -> usize {
        self.column
    }

    /// Puts the cursor into a column.
    pub fn go_to_column(&mut self, column: usize) {
        self.column = column.min(self.query.columns.len().saturating_sub(1));
    }

    /// Moves the cursor by rows; a negative number goes up. Returns whether it could move.
    pub fn step(&mut self, by: isize, cx: &mut Cx<'_>) -> bool {
        let last = self.rows.len().saturating_sub(1);
        let to = self.cursor.saturating_add_signed(by).min(last);
        let moved = to != self.cursor;
        self.cursor = to;
        self.scroll();
        self.fill_up(cx);
        moved || if by < 0 { self.more_before } else { self.more_after }
    }

    /// Moves the cursor by screens; a negative number goes up.
    pub fn page(&mut self, by: isize, cx: &mut Cx<'_>) {
        let rows = self.height.saturating_sub(1).max(1).cast_signed();
        self.step(by * rows, cx);
    }

    /// Goes to the first row of the list.
    pub fn home(&mut self, cx: &mut Cx<'_>) {
        if self.more_before {
            self.ask(Pending::Top, PageCursor::First, cx);
        } else {
            self.cursor = 0;
            self.scroll();
        }
    }

    /// Goes to the last row of the list.
    pub fn end(&mut self, cx: &mut Cx<'_>) {
        if self.more_after {
            self.ask(Pending::Bottom, PageCursor::Last, cx);
        } else {
            self.cursor = self.rows.len().saturating_sub(1);
            self.scroll();
        }
    }

    /// Keeps the cursor in view. Done at every move and not only when drawing: several keys may be handled between
    /// two drawings.
    fn scroll(&mut self) {
        let height = self.height.max(1);
        self.top = self.top.min(self.cursor).max((self.cursor + 1).saturating_sub(height));
        if self.rows.len() <= height {
            self.top = 0;
        }
    }

    fn fill_up(&mut self, cx: &mut Cx<'_>) {
        if self.pending.is_some() {
            return;
        }
        if self.more_after && self.cursor + AHEAD >= self.rows.len() {
            let Some(last) = self.rows.last() else { return };
            let page_cursor = PageCursor::After(last.key.clone());
            self.ask(Pending::Behind, page_cursor, cx);
        } else if self.more_before && self.cursor < AHEAD {
            let Some(first) = self.rows.first() else { return };
            let page_cursor = PageCursor::Before(first.key.clone());
            self.ask(Pending::Before, page_cursor, cx);
        }
    }

    /// Orders by the column of the cursor; a second time reverses the order. `also` adds the column to the present
    /// order instead of replacing it.
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
}

//! The panels below a form's fields: related records and history.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::model::history::{HistoryEntry, HistoryPage, HistorySeq};
use crate::domain::model::history_text;
use crate::domain::model::query::{Filter, ListQuery, Page, Row, Sort};
use crate::domain::model::schema::{EntityDef, Panel, Related};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::service::api::back_office;
use crate::tui::component::{Cx, DrawCx};
use crate::tui::message::Slot;
use crate::tui::screens::form::Form;
use crate::tui::widgets::grid::{Grid, GridOwner};
use crate::tui::widgets::text::draw_text;

/// The rows that a panel shows where the form has no room left; more are scrolled to.
const MOST_ROWS: u16 = 6;

/// A panel, and what it has read.
pub struct PanelState {
    /// The panel's description.
    pub panel: &'static Panel,
    /// Whether the form shows it.
    pub shown: bool,
    content: Content,
    /// The record that it belongs to.
    entity: &'static EntityDef,
    id: RecordId,
    /// The most rows it shows at once.
    most: u16,
}

/// A line of the history: the heading of a change, or one of its fields.
struct Line {
    is_head: bool,
    text: String,
}

enum Content {
    Related(&'static Related, Box<Grid>),
    History(History),
}

/// A record's history, as far as it was read: page by page, as somebody scrolls to its end.
struct History {
    record: RecordId,
    /// The lines of the entries; `None` until the first page is there.
    lines: Option<Vec<Line>>,
    /// The first line in sight.
    top: usize,
    /// Where the next page begins; `None` when everything was read.
    more_before: Option<HistorySeq>,
    /// How many entries were read, on how many pages.
    entries: usize,
    pages: usize,
    /// Where the page begins that was asked for last.
    asked_before: Option<HistorySeq>,
    /// It is not there yet.
    waits: bool,
}

impl History {
    fn new(record: RecordId) -> Self {
        Self {
            record,
            lines: None,
            top: 0,
            more_before: None,
            entries: 0,
            pages: 0,
            asked_before: None,
            waits: false,
        }
    }

    fn ask(&mut self, entity: &'static EntityDef, before: Option<HistorySeq>, cx: &mut Cx<'_>) {
        (self.asked_before, self.waits) = (before, true);
        let question = back_office::History { entity, id: self.record, before };
        cx.ask(Slot::History, question, Form::history_read);
    }

    /// Takes a page: the first one again, or the next.
    fn take(&mut self, page: &HistoryPage, language: &str) {
        self.waits = false;
        if self.asked_before.is_none() {
            *self = Self { top: self.top, ..Self::new(self.record) };
        }
        self.pages += 1;
        self.entries += page.entries.len();
        self.more_before = page.more_before;
        let lines = self.lines.get_or_insert_default();
        lines.extend(page.entries.iter().flat_map(|entry| lines_of(entry, language)));
        self.top = self.top.min(self.len() - 1);
    }

    /// How many lines there are to scroll through, [`History::end`] among them.
    fn len(&self) -> usize {
        self.lines.as_ref().map_or(1, |lines| lines.len().max(1)) + usize::from(self.end().is_some())
    }

    /// What stands below the last line: whether it is the end. A history of a single page ends where it ends.
    fn end(&self) -> Option<String> {
        match self.more_before {
            Some(_) => Some("reading older changes…".to_owned()),
            None => (self.pages > 1).then(|| format!("These are all {} changes.", self.entries)),
        }
    }

    /// Moves by lines, of which `most` are in sight, and reads on before the last is; tells whether it moved.
    fn step(&mut self, by: isize, most: usize, entity: &'static EntityDef, cx: &mut Cx<'_>) -> bool {
        let to = self.top.saturating_add_signed(by).min(self.len().saturating_sub(most));
        let moved = to != self.top;
        self.top = to;
        if !self.waits && self.more_before.is_some() && self.top + 2 * most >= self.len() {
            self.ask(entity, self.more_before, cx);
        }
        moved
    }

    fn draw(&self, buf: &mut Buffer, area: Rect, cx: &DrawCx<'_>) {
        let nothing = match self.lines.as_deref() {
            None if self.waits => "reading…",
            None => "This could not be read; F5 tries again.",
            Some([]) => "No changes were kept.",
            Some(_) => "",
        };
        draw_text(buf, area.x + 1, area.y, area.width.saturating_sub(1), nothing, cx.theme.dim);
        let end = self.end().map(|text| Line { is_head: false, text });
        let lines = self.lines.iter().flatten().chain(&end);
        for (y, line) in (area.y..area.bottom()).zip(lines.skip(self.top)) {
            let style = if line.is_head { cx.theme.value } else { cx.theme.dim };
            draw_text(buf, area.x + 1, y, area.width - 1, &line.text, style);
        }
    }
}

impl PanelState {
    /// A panel of a record, with nothing read yet; `None` for the validation pane.
    pub fn new(
        panel: &'static Panel,
        index: usize,
        record: (&'static EntityDef, RecordId),
        shown: bool,
    ) -> Option<Self> {
        let content = match panel {
            Panel::Related(related) => Content::Related(
                related,
                Box::new(Grid::new(
                    GridOwner::of::<Form>(),
                    rows_of(related, record.1),
                    index,
                    related.wanted,
                )),
            ),
            Panel::History => Content::History(History::new(record.1)),
            Panel::ClientCenterAccess => return None,
        };
        Some(Self { panel, shown, content, entity: record.0, id: record.1, most: MOST_ROWS })
    }

    /// Whether it is this panel of this record.
    pub fn is_of(&self, panel: &'static Panel, entity: &EntityDef, id: RecordId) -> bool {
        std::ptr::eq(self.panel, panel) && self.entity.is(entity) && self.id == id
    }

    /// Reads what the panel shows. A hidden panel that somebody's access depends on is read too: a row that
    /// lacks something shows it by itself.
    pub fn read(&mut self, cx: &mut Cx<'_>) {
        match &mut self.content {
            Content::Related(related, grid) if self.shown || !related.wanted.is_empty() => grid.reload(cx),
            Content::History(history) if self.shown => history.ask(self.entity, None, cx),
            _ => {}
        }
    }

    /// Takes a page of related records.
    pub fn take_rows(&mut self, page: Page, cx: &mut Cx<'_>) {
        let Content::Related(related, grid) = &mut self.content else { return };
        let lacks = |row: &Row| {
            let mut values = related.columns.iter().zip(&row.values);
            values.any(|(field, value)| related.wanted.contains(field) && value.is_empty())
        };
        self.shown |= page.rows.iter().any(lacks);
        grid.take(page, cx);
    }

    /// Takes the number of related records.
    pub fn take_count(&mut self, count: i64) {
        if let Content::Related(_, grid) = &mut self.content {
            grid.take_count(count);
        }
    }

    /// What was asked for last could not be read; it can be asked for again.
    pub fn give_up(&mut self) {
        match &mut self.content {
            Content::Related(_, grid) => grid.give_up(),
            Content::History(history) => history.waits = false,
        }
    }

    /// Takes a page of the history.
    pub fn take_history(&mut self, page: &HistoryPage, language: &str) {
        if let Content::History(history) = &mut self.content {
            history.take(page, language);
        }
    }

    /// The related records' description and list, where the panel shows some.
    pub fn related(&mut self) -> Option<(&'static Related, &mut Grid)> {
        match &mut self.content {
            Content::Related(related, grid) => Some((related, grid)),
            Content::History(..) => None,
        }
    }

    /// The same, read-only.
    pub fn related_ref(&self) -> Option<(&'static Related, &Grid)> {
        match &self.content {
            Content::Related(related, grid) => Some((related, grid)),
            Content::History(..) => None,
        }
    }

    /// Whether it shows the history.
    pub fn is_history(&self) -> bool {
        matches!(self.content, Content::History(..))
    }

    /// Moves the cursor by rows. Returns whether it could move.
    pub fn step(&mut self, by: isize, cx: &mut Cx<'_>) -> bool {
        match &mut self.content {
            Content::Related(_, grid) => grid.step(by, cx),
            Content::History(history) => history.step(by, usize::from(self.most), self.entity, cx),
        }
    }

    /// Whether a key that moves the cursor can be handled now.
    pub fn takes_now(&self, key: &KeyEvent) -> bool {
        match &self.content {
            Content::Related(_, grid) => grid.takes_now(key),
            Content::History(history) => !history.waits,
        }
    }

    /// Gives the history the lines that nothing else in the form needs.
    pub fn grow(&mut self, spare: u16) {
        if self.is_history() {
            self.most = MOST_ROWS + spare;
        }
    }

    /// The height in lines, with the heading.
    pub fn height(&self) -> u16 {
        let most = usize::from(self.most);
        let rows = match &self.content {
            Content::Related(_, grid) => 1 + grid.len().clamp(1, most),
            Content::History(history) => history.len().clamp(1, most),
        };
        u16::try_from(rows).unwrap_or(self.most) + 1
    }

    /// Draws the heading and the content.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, cx: &DrawCx<'_>) {
        let heading = match &self.content {
            Content::Related(_, grid) => {
                let count = grid.count().map_or_else(|| "…".to_owned(), |count| count.to_string());
                format!("{}  {count}", self.panel.title().to_uppercase())
            }
            Content::History(..) => self.panel.title().to_uppercase(),
        };
        let style = if cx.focused { cx.theme.focused_label } else { cx.theme.title };
        draw_text(buf, area.x, area.y, area.width, &heading, style);
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        match &mut self.content {
            Content::Related(_, grid) => drop(grid.draw(buf, body, 0, cx)),
            Content::History(history) => history.draw(buf, body, cx),
        }
    }
}

/// The query of the records that refer to this one in the panel's first column.
fn rows_of(related: &'static Related, id: RecordId) -> ListQuery {
    let this = Value::Ref(Reference { id, shown: String::new() });
    ListQuery {
        columns: related.columns.to_vec(),
        filters: vec![Filter::OneOf(related.by, vec![this])],
        sort: related.columns.first().map(|field| Sort { field, descending: false }).into_iter().collect(),
        ..ListQuery::all(related.entity)
    }
}

/// One line for an entry, and one for each of its fields.
fn lines_of(entry: &HistoryEntry, language: &str) -> Vec<Line> {
    let head = Line { is_head: true, text: history_text::heading(entry) };
    let told = history_text::lines(entry, language);
    let told = told.into_iter().map(|text| Line { is_head: false, text: format!("    {text}") });
    [head].into_iter().chain(told).collect()
}

//! The panels below a form's fields: related records and history.

use crossterm::event::KeyEvent;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry};
use crate::domain::model::query::{Filter, ListQuery, Page, Sort};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind, Panel, Related};
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
    entity: &'static EntityDef,
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
    /// The lines of the history, once read, and the index of the first in view.
    History(Option<Vec<Line>>, usize),
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
            Panel::History => Content::History(None, 0),
            Panel::ClientCenterAccess => return None,
        };
        Some(Self { panel, shown, content, entity: record.0, most: MOST_ROWS })
    }

    /// Asks for what the panel shows. A hidden panel that access depends on asks too: it shows itself when a row
    /// lacks something.
    pub fn read(&mut self, id: RecordId, cx: &mut Cx<'_>) {
        match &mut self.content {
            Content::Related(related, grid) if self.shown || !related.wanted.is_empty() => grid.reload(cx),
            Content::History(..) if self.shown => {
                let question = back_office::History { entity: self.entity, id };
                cx.ask(Slot::History, question, Form::history_read);
            }
            _ => {}
        }
    }

    /// Takes a page of related records.
    pub fn take_rows(&mut self, page: Page, cx: &mut Cx<'_>) {
        let Content::Related(related, grid) = &mut self.content else { return };
        let lacks = |row: &crate::domain::model::query::Row| {
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

    /// Handles that the related records could not be read.
    pub fn give_up(&mut self) {
        if let Content::Related(_, grid) = &mut self.content {
            grid.give_up();
        }
    }

    /// Takes the entries of the history.
    pub fn take_history(&mut self, entries: &[HistoryEntry]) {
        if let Content::History(lines, _) = &mut self.content {
            *lines = Some(lines_of(self.entity, entries));
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
            Content::History(lines, top) => {
                let last = lines.as_ref().map_or(0, Vec::len).saturating_sub(usize::from(self.most));
                let to = top.saturating_add_signed(by).min(last);
                let moved = to != *top;
                *top = to;
                moved
            }
        }
    }

    /// Whether a key that moves the cursor can be handled now.
    pub fn takes_now(&self, key: &KeyEvent) -> bool {
        match &self.content {
            Content::Related(_, grid) => grid.takes_now(key),
            Content::History(lines, _) => lines.is_some(),
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
            Content::History(lines, _) => lines.as_ref().map_or(1, |lines| lines.len().clamp(1, most)),
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
            Content::History(lines, top) => draw_history(buf, body, lines.as_deref(), *top, cx),
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

/// The lines of the history: one for each change, and one for each of its fields.
fn lines_of(entity: &EntityDef, changes: &[HistoryEntry]) -> Vec<Line> {
    let mut lines = Vec::new();
    for change in changes {
        let at = format::shown_moment(change.at);
        let why = change.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        lines.push(Line { is_head: true, text: format!("{at}  {}{why}", action_text(entity, change)) });
        let of_field = |field: &FieldChange| Line { is_head: false, text: field_line(entity, change, field) };
        lines.extend(change.fields.iter().map(of_field));
    }
    lines
}

/// The action of a change, in words.
fn action_text(entity: &EntityDef, change: &HistoryEntry) -> String {
    let HistoryEntry { login, version, .. } = change;
    match change.action {
        HistoryAction::Created => format!("{login} created it (version {version})"),
        HistoryAction::Changed => {
            match change.fields.first().and_then(|changed| linked_entity(entity, changed)) {
                Some(linked) => format!("{login} changed {}", linked.plural),
                None => format!("{login} changed it (version {version})"),
            }
        }
        HistoryAction::Deleted => format!("{login} removed it"),
        HistoryAction::Requested => "somebody asked for the account".to_owned(),
        HistoryAction::RequestedAgain => "somebody asked for the account again".to_owned(),
        HistoryAction::Configured => format!("{login} settled the request: nothing is missing any more"),
        HistoryAction::Rejected => format!("{login} rejected the request"),
        HistoryAction::Reopened => format!("{login} opened the request again"),
        HistoryAction::PasswordChosen => format!("{login} chose a password"),
        HistoryAction::ResetIssued => format!("{login} issued a one-time code"),
        HistoryAction::SignInFailed => "a sign-in failed".to_owned(),
        HistoryAction::Refused => format!("{login} was refused"),
    }
}

/// The entity of a change that was made to a linked record and is shown here; `None` where it is a field of this
/// record.
fn linked_entity(entity: &EntityDef, changed: &FieldChange) -> Option<&'static EntityDef> {
    let property = changed.property.as_str();
    if entity.field(property).is_some() { None } else { entities::by_api_name(property) }
}

/// The line of one field: its old and new text; or what became of a linked record.
fn field_line(entity: &EntityDef, change: &HistoryEntry, changed: &FieldChange) -> String {
    let FieldChange { property, old, new } = changed;
    let field = entity.field(property);
    let label = field.map_or(property.as_str(), |field| field.label);
    let shown = |text: &str| match field {
        _ if text.is_empty() => "empty".to_owned(),
        Some(field) => as_then(field, text, change.at),
        None => text.to_owned(),
    };
    match (linked_entity(entity, changed), old.as_str(), new.as_str()) {
        (Some(_), "", new) => format!("    added: {new}"),
        (Some(_), old, "") => format!("    removed: {old}"),
        (Some(_), old, new) => format!("    {old} → {new}"),
        (None, ..) if change.action == HistoryAction::Created => format!("    {label}: {}", shown(new)),
        (None, old, new) => format!("    {label}: {} → {}", shown(old), shown(new)),
    }
}

/// A stored text as it was shown at that time: days back with the oldest date as of that day.
fn as_then(field: &FieldDef, text: &str, at: Timestamp) -> String {
    match (&field.kind, format::read(field, text, &Value::Empty, "")) {
        (Kind::DaysBack, Ok(days)) => {
            format::shown_on(field, &days, "", TimeZone::UTC.to_datetime(at).date()).into_owned()
        }
        _ => text.to_owned(),
    }
}

fn draw_history(buf: &mut Buffer, area: Rect, lines: Option<&[Line]>, top: usize, cx: &DrawCx<'_>) {
    let nothing = match lines {
        None => "reading…",
        Some([]) => "No changes were kept.",
        Some(_) => "",
    };
    draw_text(buf, area.x + 1, area.y, area.width, nothing, cx.theme.dim);
    let lines = lines.unwrap_or_default();
    for (y, line) in (area.y..area.bottom()).zip(lines.iter().skip(top)) {
        let style = if line.is_head { cx.theme.value } else { cx.theme.dim };
        draw_text(buf, area.x + 1, y, area.width - 1, &line.text, style);
    }
}

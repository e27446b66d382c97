//! Drawing the place where access is granted: for whom, the fields, and the customers below them.

use ratatui::Frame;
use ratatui::layout::{Margin, Position, Rect};

use crate::domain::entry;
use crate::domain::record::Fields;
use crate::domain::schema::{FieldDef, Kind};
use crate::domain::text::clean_lines;
use crate::tui::component::DrawCx;
use crate::tui::theme::FAILED;
use crate::tui::widgets::cells::{draw_text, draw_wrapped, wrap};

use super::{FIELDS, Focus, Grant};

/// The columns of a label, with its mark.
const LABEL: u16 = 20;

/// The lines of text of several lines.
const LINES: u16 = 2;

/// The widest that the search box gets.
const SEARCH: u16 = 30;

impl Grant {
    pub(super) fn draw_place(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let mut room = area.inner(Margin { horizontal: 1, vertical: 0 });
        if room.height < 8 {
            return;
        }
        let state = if self.is_saving { " · saving…" } else { "" };
        let heading = format!("GRANT ACCESS{state}");
        let taken = draw_text(frame.buffer_mut(), room.x, room.y, room.width, &heading, cx.theme.title);
        let whom = format!("  to {}", self.user.shown);
        let (x, left) = (room.x + taken, room.width - taken);
        draw_text(frame.buffer_mut(), x, room.y, left, &whom, cx.theme.value);
        room = below(room, 1);
        for (place, field) in FIELDS.iter().enumerate() {
            room = below(room, self.draw_field(frame, room, place, field, cx));
        }
        let said =
            self.issues.iter().filter(|issue| !FIELDS.iter().any(|f| issue.property == Some(f.property)));
        let said: Vec<String> = said.map(|issue| format!("{FAILED} {}", issue.message)).collect();
        for sentence in said {
            let lines = draw_wrapped(frame.buffer_mut(), Rect { height: 3, ..room }, &sentence, cx.theme.bad);
            room = below(room, lines);
        }
        self.draw_customers(frame, below(room, 1), cx);
    }

    /// Draws a field and what is wrong with it. Tells how many lines that took.
    fn draw_field(
        &mut self,
        frame: &mut Frame<'_>,
        room: Rect,
        place: usize,
        field: &'static FieldDef,
        cx: &DrawCx<'_>,
    ) -> u16 {
        let focused = self.focus == Focus::Field(place);
        let issues: Vec<String> = self
            .issues
            .iter()
            .filter(|issue| issue.property == Some(field.property))
            .flat_map(|issue| wrap(&format!("{FAILED} {}", issue.message), usize::from(room.width - LABEL)))
            .collect();
        let (mark, style) = match (issues.is_empty(), focused) {
            (false, _) => (FAILED, cx.theme.bad),
            (true, true) => (" ", cx.theme.focused_label),
            (true, false) => (" ", cx.theme.label),
        };
        let height = if matches!(field.kind, Kind::Lines { .. }) { LINES } else { 1 };
        let spot = Rect { x: room.x + LABEL, width: room.width - LABEL, height, ..room };
        draw_text(frame.buffer_mut(), room.x, room.y, 1, mark, style);
        draw_text(frame.buffer_mut(), room.x + 1, room.y, LABEL - 2, field.label, style);
        let cursor = self.draw_value(frame, spot, field, focused, cx);
        if focused && cx.focused {
            frame.set_cursor_position(cursor);
        }
        let mut y = spot.bottom();
        for issue in &issues {
            draw_text(frame.buffer_mut(), spot.x, y, spot.width, issue, cx.theme.bad);
            y += 1;
        }
        y - room.y
    }

    /// Draws what stands in a field. Tells where its cursor stands.
    fn draw_value(
        &mut self,
        frame: &mut Frame<'_>,
        spot: Rect,
        field: &'static FieldDef,
        focused: bool,
        cx: &DrawCx<'_>,
    ) -> Position {
        let buf = frame.buffer_mut();
        buf.set_style(spot, cx.theme.input);
        let value = self.draft.value(field);
        let is_choice = matches!(field.kind, Kind::Choice(_));
        if let Some(editor) = self.editor.as_mut().filter(|_| focused && !is_choice) {
            let cursor = editor.draw(buf, spot, cx.theme.input);
            editor.draw_beside(buf, spot, field, value, cx);
            return cursor;
        }
        let text = match self.unread.get(field.property) {
            Some(text) => text.as_str().into(),
            None => entry::shown_on(field, value, cx.who.language(), cx.today),
        };
        for (y, line) in (spot.top()..spot.bottom()).zip(clean_lines(&text)) {
            draw_text(buf, spot.x, y, spot.width, &line, cx.theme.value);
        }
        if is_choice {
            draw_text(buf, spot.right().saturating_sub(1), spot.y, 1, "▾", cx.theme.dim);
        }
        spot.as_position()
    }

    fn draw_customers(&mut self, frame: &mut Frame<'_>, room: Rect, cx: &DrawCx<'_>) {
        if room.height < 3 {
            return;
        }
        let whose = match &self.company {
            Some(company) if self.is_narrow() => format!(" OF {}", company.shown.to_uppercase()),
            _ => String::new(),
        };
        let count = self.customers.count().map_or_else(|| "…".to_owned(), |count| count.to_string());
        let marked = self.customers.marked().len();
        let title = format!("CUSTOMERS{whose}  {count} · {marked} marked");
        draw_text(frame.buffer_mut(), room.x, room.y, room.width, &title, cx.theme.title);
        self.draw_search(frame, Rect { height: 1, ..room }, cx);
        let list = below(room, 1);
        let focused = cx.focused && self.focus == Focus::Customers;
        self.customers.draw(frame.buffer_mut(), list, 0, &DrawCx { focused, ..*cx });
        if focused {
            frame.set_cursor_position(self.customers.cursor_position(list, 0));
        }
    }

    fn draw_search(&mut self, frame: &mut Frame<'_>, line: Rect, cx: &DrawCx<'_>) {
        let width = SEARCH.min(line.width / 3);
        let spot = Rect { x: line.right() - width, width, ..line };
        let focused = cx.focused && self.focus == Focus::Search;
        frame.buffer_mut().set_style(spot, cx.theme.input);
        if self.search.is_empty() && !focused {
            draw_text(frame.buffer_mut(), spot.x, spot.y, spot.width, "Search Number, Party", cx.theme.dim);
            return;
        }
        let cursor = self.search.draw(frame.buffer_mut(), spot, cx.theme.input);
        if focused {
            frame.set_cursor_position(cursor);
        }
    }
}

/// What is left below so many lines.
fn below(room: Rect, lines: u16) -> Rect {
    let lines = lines.min(room.height);
    Rect { y: room.y + lines, height: room.height - lines, ..room }
}

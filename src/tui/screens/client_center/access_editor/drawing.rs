//! Drawing the fields, one below the other, each with what is wrong with it.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{AccessEditor, EMAIL, NOTES, Owner, ROLE, USER, shown_role};
use crate::domain::entry;
use crate::domain::record::Fields;
use crate::domain::schema::FieldDef;
use crate::domain::text::clean_lines;
use crate::tui::component::DrawCx;
use crate::tui::theme::{CHANGED, FAILED, WARNING};
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::cells::{draw_text, wrap};

/// The columns of a label, with its mark.
const LABELS: u16 = 19;
/// The lines of the notes.
const NOTES_LINES: u16 = 2;

impl AccessEditor {
    /// How many lines it takes in so many columns.
    pub fn height(&self, columns: u16) -> u16 {
        let banner = count(&self.banner_lines(columns));
        let fields = self.fields().iter().map(|field| field_height(field) + self.said_height(field, columns));
        // The heading above, the line below.
        1 + banner + fields.sum::<u16>() + 1
    }

    /// Draws as much of it as has room, with the cursor in sight.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let canvas = self.draw_canvas(area.width, cx);
        self.top = canvas.top_for(self.top, area.height).min(canvas.last_top(area.height));
        canvas.show(frame, area, self.top);
        if cx.focused {
            canvas.set_cursor(frame, area, self.top);
        }
    }

    fn draw_canvas(&mut self, columns: u16, cx: &DrawCx<'_>) -> Canvas {
        let mut canvas = Canvas::new(columns, self.height(columns));
        let state = if self.has_changes() { " · not saved" } else { "" };
        let heading = format!("{}{state}", self.title().to_uppercase());
        draw_text(&mut canvas.buf, 0, 0, columns, &heading, cx.theme.title);
        let mut y = 1;
        for line in self.banner_lines(columns) {
            draw_text(&mut canvas.buf, 0, y, columns, &line, cx.theme.bad);
            y += 1;
        }
        for field in self.fields() {
            let height = field_height(field) + self.said_height(field, columns);
            let spot = Rect { y, height, ..canvas.buf.area };
            self.draw_field(&mut canvas, spot, field, cx);
            y += height;
        }
        draw_text(&mut canvas.buf, 0, y, columns, &"─".repeat(columns.into()), cx.theme.border);
        canvas
    }

    fn draw_field(&mut self, canvas: &mut Canvas, spot: Rect, field: &'static FieldDef, cx: &DrawCx<'_>) {
        let focused = *self.field == *field;
        let wrong = self.issues.iter().any(|issue| issue.property == Some(field.property));
        let changed = self.draft.base.is_some() && self.draft.is_field_changed(field);
        let (mark, style) = match (wrong, focused) {
            (true, _) => (FAILED, cx.theme.bad),
            (_, true) => (" ", cx.theme.focused_label),
            _ => (" ", cx.theme.label),
        };
        let mark = if changed && !wrong { CHANGED } else { mark };
        draw_text(&mut canvas.buf, spot.x, spot.y, 1, mark, style);
        draw_text(&mut canvas.buf, spot.x + 2, spot.y, LABELS - 3, label(field), style);
        let width = spot.width.saturating_sub(LABELS);
        let room = Rect { x: spot.x + LABELS, y: spot.y, width, height: field_height(field) };
        let cursor = self.draw_value(&mut canvas.buf, room, field, focused, cx);
        if focused {
            canvas.focus = spot;
            canvas.cursor = Some(cursor);
        }
        for (y, line) in (room.bottom()..spot.bottom()).zip(self.said(field, spot.width)) {
            let style = if wrong { cx.theme.bad } else { cx.theme.warn };
            draw_text(&mut canvas.buf, room.x, y, room.width, &line, style);
        }
    }

    /// Draws the box of a field. Returns where the cursor would stand in it.
    fn draw_value(
        &mut self,
        buf: &mut Buffer,
        room: Rect,
        field: &'static FieldDef,
        focused: bool,
        cx: &DrawCx<'_>,
    ) -> Position {
        if *field == USER.def {
            let (text, style) = self.shown_user(cx);
            draw_text(buf, room.x, room.y, room.width, &text, style);
            return room.as_position();
        }
        buf.set_style(room, cx.theme.input);
        if *field == ROLE.def {
            let role = self.roles.iter().find(|choice| Some(choice.code) == self.draft.get(&ROLE));
            let role = role.map(shown_role).unwrap_or_default();
            draw_text(buf, room.x, room.y, room.width.saturating_sub(2), &role, cx.theme.input);
            draw_text(buf, room.right().saturating_sub(1), room.y, 1, "▾", cx.theme.dim);
            return room.as_position();
        }
        let value = self.draft.value(field);
        if focused {
            let cursor = self.editor.draw(buf, room, cx.theme.input);
            self.editor.draw_beside(buf, room, field, value, cx);
            return cursor;
        }
        let unread = self.unread.get(field.property).map(|text| text.as_str().into());
        let text = unread.unwrap_or_else(|| entry::shown_on(field, value, cx.who.language(), cx.today));
        let lines = clean_lines(&text).flat_map(|line| wrap(&line, room.width.into()));
        for (y, line) in (room.top()..room.bottom()).zip(lines) {
            draw_text(buf, room.x, y, room.width, &line, cx.theme.input);
        }
        room.as_position()
    }

    fn shown_user(&self, cx: &DrawCx<'_>) -> (String, Style) {
        let shown = entry::shown(&USER.def, self.draft.value(&USER.def), cx.who.language());
        match &self.owner {
            _ if self.id().is_some() => (shown.into_owned(), cx.theme.value),
            Owner::Found(found) => (found.shown.clone(), cx.theme.value),
            Owner::Asked => ("looking…".to_owned(), cx.theme.dim),
            Owner::NotAsked | Owner::Unknown => ("follows from the e-mail".to_owned(), cx.theme.dim),
        }
    }

    /// What is said of a field: what is wrong, or of the user what is worth knowing.
    fn said(&self, field: &FieldDef, columns: u16) -> Vec<String> {
        let room = usize::from(columns.saturating_sub(LABELS));
        let issues = self.issues.iter().filter(|issue| issue.property == Some(field.property));
        let warning = self.found().filter(|_| *field == USER.def).and_then(|found| found.warning.as_ref());
        let issues = issues.map(|issue| format!("{FAILED} {}", issue.message));
        let warning = warning.map(|sentence| format!("{WARNING} {sentence}"));
        issues.chain(warning).flat_map(|sentence| wrap(&sentence, room)).collect()
    }

    fn said_height(&self, field: &FieldDef, columns: u16) -> u16 {
        count(&self.said(field, columns))
    }

    fn banner_lines(&self, columns: u16) -> Vec<String> {
        let sentence = self.banner.as_ref().map(|sentence| format!("{FAILED} {sentence}"));
        sentence.map_or_else(Vec::new, |sentence| wrap(&sentence, columns.into()))
    }
}

fn count(lines: &[String]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

fn field_height(field: &FieldDef) -> u16 {
    if *field == NOTES.def { NOTES_LINES } else { 1 }
}

fn label(field: &FieldDef) -> &'static str {
    if *field == EMAIL.def { "User Email" } else { field.label }
}

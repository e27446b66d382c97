//! Drawing the fields, one below the other, each with what is wrong with it.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{AccessEditor, DAYS_BACK_ACCESS, EMAIL, NOTES, Owner, ROLE, USER, shown_role};
use crate::domain::entry;
use crate::domain::record::Fields;
use crate::domain::schema::FieldDef;
use crate::domain::text::clean_lines;
use crate::tui::component::DrawCx;
use crate::tui::theme::{CHANGED, FAILED, WARNING};
use crate::tui::widgets::cells::{copy_lines, draw_text, wrap};

/// The columns of a label, with its mark.
const LABELS: u16 = 19;
/// The columns of a number of days, and the blank behind it.
const DAYS: u16 = 12;
/// The lines of the notes.
const NOTES_LINES: u16 = 2;

/// The editor drawn in its whole length.
struct Canvas {
    buf: Buffer,
    /// The lines of the field with the cursor and of what is said of it.
    focus: Rect,
    cursor: Position,
}

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
        let focus = canvas.focus;
        let below = focus.bottom().saturating_sub(area.height).min(focus.y);
        self.top = self.top.min(focus.y).max(below).min(canvas.buf.area.height.saturating_sub(area.height));
        copy_lines(&canvas.buf, frame.buffer_mut(), area, self.top);
        if cx.focused && area.height > 0 {
            let y = (area.y + canvas.cursor.y - self.top).min(area.bottom() - 1);
            frame.set_cursor_position((area.x + canvas.cursor.x, y));
        }
    }

    fn draw_canvas(&mut self, columns: u16, cx: &DrawCx<'_>) -> Canvas {
        let area = Rect { x: 0, y: 0, width: columns, height: self.height(columns) };
        let mut canvas =
            Canvas { buf: Buffer::empty(area), focus: Rect::default(), cursor: Position::default() };
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
            let spot = Rect { y, height, ..area };
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
            canvas.cursor = cursor;
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
        let spot = if *field == DAYS_BACK_ACCESS.def {
            self.draw_oldest(buf, room, cx);
            Rect { width: DAYS.min(room.width), ..room }
        } else {
            room
        };
        buf.set_style(spot, cx.theme.input);
        if *field == ROLE.def {
            let role = self.roles.iter().find(|choice| Some(choice.code) == self.draft.get(&ROLE));
            let role = role.map(shown_role).unwrap_or_default();
            draw_text(buf, spot.x, spot.y, spot.width.saturating_sub(2), &role, cx.theme.input);
            draw_text(buf, spot.right().saturating_sub(1), spot.y, 1, "▾", cx.theme.dim);
            return spot.as_position();
        }
        if focused {
            return self.editor.draw(buf, spot, cx.theme.input);
        }
        let value = self.draft.value(field);
        let text = match self.unread.get(field.property) {
            Some(text) => text.as_str().into(),
            None if value.is_empty() => "".into(),
            None => entry::shown(field, value, cx.who.language()),
        };
        let lines = clean_lines(&text).flat_map(|line| wrap(&line, spot.width.into()));
        for (y, line) in (spot.top()..spot.bottom()).zip(lines) {
            draw_text(buf, spot.x, y, spot.width, &line, cx.theme.input);
        }
        spot.as_position()
    }

    /// Draws what a number of days shows, beside it, while it is typed.
    fn draw_oldest(&self, buf: &mut Buffer, room: Rect, cx: &DrawCx<'_>) {
        let field = &DAYS_BACK_ACCESS.def;
        let value = self.draft.value(field);
        let text = match entry::oldest(field, value, cx.today) {
            _ if self.unread.contains_key(field.property) => return,
            Some(oldest) => format!("since {oldest}"),
            None if value.is_empty() => entry::UNLIMITED.to_owned(),
            None => return,
        };
        let x = room.x + DAYS + 1;
        draw_text(buf, x, room.y, room.right().saturating_sub(x), &text, cx.theme.dim);
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

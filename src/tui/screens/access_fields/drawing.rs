//! Drawing the fields one below the other, each with its messages.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{AccessFields, NOTES, ROLE, USER, Whose, shown_role};
use crate::domain::codes::Role;
use crate::domain::model::format;
use crate::domain::model::record::Fields;
use crate::domain::model::schema::FieldDef;
use crate::domain::model::text::clean_lines;
use crate::domain::rules::Issue;
use crate::tui::component::DrawCx;
use crate::tui::theme::{CHANGED, FAILED, WARNING};
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::text::{draw_text, wrap};

/// The width of a label with its mark, in columns.
const LABELS: u16 = 20;
/// The height of the notes, in lines.
const NOTES_LINES: u16 = 2;

impl AccessFields {
    /// The number of lines that the fields take in so many columns.
    pub fn height(&self, columns: u16) -> u16 {
        self.fields.iter().map(|field| self.field_height(field, columns)).sum()
    }

    /// Draws the fields on the canvas from line `y` on. When they are `focused`, the one with the cursor is the
    /// canvas's focus.
    pub fn draw(&mut self, canvas: &mut Canvas, mut y: u16, focused: bool, cx: &DrawCx<'_>) {
        for field in self.fields {
            let height = self.field_height(field, canvas.buf.area.width);
            let field_area = Rect { y, height, ..canvas.buf.area };
            self.draw_field(canvas, field_area, field, focused && *self.field == **field, cx);
            y += height;
        }
    }

    fn field_height(&self, field: &FieldDef, columns: u16) -> u16 {
        box_height(field) + u16::try_from(self.said(field, columns).len()).unwrap_or_default()
    }

    fn draw_field(
        &mut self,
        canvas: &mut Canvas,
        field_area: Rect,
        field: &'static FieldDef,
        focused: bool,
        cx: &DrawCx<'_>,
    ) {
        let of_field = |issue: &&Issue| issue.property == Some(field.property);
        let wrong = self.issues.iter().filter(of_field).any(|issue| !issue.only_asks());
        let changed = self.draft.base.is_some() && self.draft.is_field_changed(field);
        let labelled = self.labelled.filter(|(labelled, _)| **labelled == *field);
        let label = labelled.map_or(field.label, |(_, label)| label);
        let (mark, style) = match (wrong, focused) {
            (true, _) => (FAILED, cx.theme.bad),
            (_, true) => (" ", cx.theme.focused_label),
            _ => (" ", cx.theme.label),
        };
        let mark = if changed && !wrong { CHANGED } else { mark };
        draw_text(&mut canvas.buf, field_area.x, field_area.y, 1, mark, style);
        draw_text(&mut canvas.buf, field_area.x + 1, field_area.y, LABELS - 2, label, style);
        let width = field_area.width.saturating_sub(LABELS);
        let room = Rect { x: field_area.x + LABELS, y: field_area.y, width, height: box_height(field) };
        let cursor = self.draw_value(&mut canvas.buf, room, field, focused, cx);
        if focused {
            self.focus_line = field_area.y;
            canvas.focus = field_area;
            canvas.cursor = Some(cursor);
        }
        for (y, line) in (room.bottom()..field_area.bottom()).zip(self.said(field, field_area.width)) {
            let style = if wrong { cx.theme.bad } else { cx.theme.warn };
            draw_text(&mut canvas.buf, room.x, y, room.width, &line, style);
        }
    }

    /// Draws the value of a field. Returns the position that the cursor would have in it.
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
            return self.draw_role(buf, room, focused, cx);
        }
        let value = self.draft.value(field);
        if focused {
            let cursor = self.editor.draw(buf, room, cx.theme.input);
            self.editor.draw_beside(buf, room, field, value, cx);
            return cursor;
        }
        let unread = self.unread.get(field.property).map(|text| text.as_str().into());
        let text = unread.unwrap_or_else(|| format::shown_on(field, value, cx.who.language(), cx.today));
        let lines = clean_lines(&text).flat_map(|line| wrap(&line, room.width.into()));
        for (y, line) in (room.top()..room.bottom()).zip(lines) {
            draw_text(buf, room.x, y, room.width, &line, cx.theme.input);
        }
        room.as_position()
    }

    fn draw_role(&mut self, buf: &mut Buffer, room: Rect, focused: bool, cx: &DrawCx<'_>) -> Position {
        let text = Rect { width: room.width.saturating_sub(2), ..room };
        draw_text(buf, room.right().saturating_sub(1), room.y, 1, "▾", cx.theme.dim);
        if focused {
            return self.editor.draw(buf, text, cx.theme.input);
        }
        let role = self.roles.iter().find(|choice| Some(choice.code) == self.role().map(Role::code));
        let unread = self.unread.get(ROLE.def.property).cloned();
        let shown = unread.or_else(|| role.map(shown_role)).unwrap_or_default();
        draw_text(buf, text.x, text.y, text.width, &shown, cx.theme.input);
        room.as_position()
    }

    /// Draws the open list of the field with the cursor. `at` is the area in which the canvas is shown, and its first
    /// line in view.
    pub fn draw_list(&mut self, frame: &mut Frame<'_>, at: (Rect, u16), bounds: Rect, cx: &DrawCx<'_>) {
        let (area, top) = at;
        let y = area.y + self.focus_line.saturating_sub(top);
        let field_area = Rect { x: area.x + LABELS, y, width: area.width.saturating_sub(LABELS), height: 1 };
        if let Some(list) = self.editor.list().filter(|_| cx.focused) {
            list.draw_list(frame, field_area, bounds, cx.theme);
        }
    }

    fn shown_user(&self, cx: &DrawCx<'_>) -> (String, Style) {
        match &self.whose {
            Whose::Kept => {
                let shown = format::shown(&USER.def, self.draft.value(&USER.def), cx.who.language());
                (shown.into_owned(), cx.theme.value)
            }
            Whose::Nobody(why) => ((*why).to_owned(), cx.theme.dim),
            Whose::Found(shown) => (shown.clone(), cx.theme.value),
        }
    }

    /// The messages at a field, broken into lines.
    fn said(&self, field: &FieldDef, columns: u16) -> Vec<String> {
        let room = usize::from(columns.saturating_sub(LABELS));
        let issues = self.issues.iter().filter(|issue| issue.property == Some(field.property));
        let lines = issues.flat_map(|issue| {
            let sign = if issue.only_asks() { WARNING } else { FAILED };
            wrap(&format!("{sign} {}", issue.message), room)
        });
        lines.collect()
    }
}

fn box_height(field: &FieldDef) -> u16 {
    if *field == NOTES.def { NOTES_LINES } else { 1 }
}

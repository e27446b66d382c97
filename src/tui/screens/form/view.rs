//! Drawing a form: its fields in two columns (one when narrow), its panels below, and at the bottom the validation
//! pane, which is always in view.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::Style;

use crate::domain::model::format;
use crate::domain::model::record::Fields;
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::text::{clean_lines, width as text_width};
use crate::domain::model::value::Value;
use crate::tui::component::DrawCx;
use crate::tui::theme::{FAILED, Theme, WARNING};
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::text::{draw_right, draw_text, wrap};

use super::editor::Editor;
use super::known_keys::Note;
use super::layout::FormLayout;
use super::{Focus, Form, pane};

/// From this many columns on, fields are drawn in two columns.
const WIDE: u16 = 90;

/// From this many lines on, the whole pane is shown; below it its short form, unless it has the focus.
const TALL: u16 = 30;

/// The least width of a label with its mark, in columns.
const LABEL: u16 = 8;

/// The width that labels leave to the values: that of a user's type and its mark.
const VALUE: u16 = 26;

/// The most lines about what is wrong.
const MOST_WRONG: usize = 4;

/// The most lines of a text of several lines.
const MOST_LINES: u16 = 4;

/// The layout of the form, and which part of it is in view.
pub(super) struct View {
    /// Which fields are shown, in which order.
    pub(super) layout: FormLayout,
    /// The first line in view.
    top: u16,
    /// Whether the fields are in two columns.
    pub(super) is_wide: bool,
    /// The width of the labels of the left and the right column of fields.
    labels: [u16; 2],
}

impl View {
    /// A view from the first line on.
    pub(super) fn new(layout: FormLayout) -> Self {
        Self { layout, top: 0, is_wide: true, labels: [LABEL; 2] }
    }
}

/// Draws marks at the right end of a field's first line.
fn draw_at_end(buf: &mut Buffer, field_area: Rect, marks: &str, cx: &DrawCx<'_>) {
    let width = u16::try_from(marks.chars().count()).unwrap_or_default();
    let x = field_area.right().saturating_sub(width);
    draw_text(buf, x, field_area.y, width, marks, cx.theme.dim);
}

impl Form {
    /// Draws the fields, and the panels below them.
    pub(super) fn draw_form(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let area = area.inner(ratatui::layout::Margin { horizontal: 1, vertical: 0 });
        if area.height < 4 {
            return;
        }
        self.view.is_wide = area.width >= WIDE && !self.view.layout.columns[1].is_empty();
        self.view.labels = self.label_widths(area.width);
        let head = self.draw_head(frame.buffer_mut(), area, cx);
        let area = Rect { y: area.y + head, height: area.height.saturating_sub(head), ..area };
        let foot = self.pane_height(area.height);
        let body = Rect { height: area.height.saturating_sub(foot), ..area };
        let canvas = self.draw_canvas(body.as_size(), cx);
        self.scroll(&canvas, body.height);
        canvas.show(frame, body, self.view.top);
        if foot > 0 {
            let pane_area = Rect { y: body.bottom(), height: foot, ..area };
            let selected = if let Focus::Pane(line) = self.cursor.focus { Some(line) } else { None };
            pane::draw(
                frame.buffer_mut(),
                pane_area,
                self.walk.judged.as_deref(),
                self.record.draft().is_changed(),
                selected,
                cx,
            );
            if let (Some(line), true) = (selected, cx.focused) {
                let y = pane_area.y.saturating_add(1).saturating_add(u16::try_from(line).unwrap_or(u16::MAX));
                frame.set_cursor_position(Position { x: pane_area.x, y: y.min(area.bottom() - 1) });
            }
        }
        if cx.focused {
            canvas.set_cursor(frame, body, self.view.top);
        }
        self.draw_list(frame, &canvas, body, area, cx);
    }

    /// The width of the labels of each column: that of its widest, with its mark, as long as values have room beside it.
    fn label_widths(&self, width: u16) -> [u16; 2] {
        let columns = self.column_widths(width);
        let widest = |columns: &[Vec<&FieldDef>]| {
            let labels = columns.iter().flatten().map(|field| text_width(field.label) + 2);
            u16::try_from(labels.max().unwrap_or_default()).unwrap_or(u16::MAX)
        };
        let widest = match &self.view.layout.columns {
            columns if self.view.is_wide => [widest(&columns[..1]), widest(&columns[1..])],
            columns => [widest(columns); 2],
        };
        [0, 1].map(|column| widest[column].clamp(LABEL, columns[column].saturating_sub(VALUE).max(LABEL)))
    }

    /// The width of the label of a field.
    fn label(&self, field: &FieldDef) -> u16 {
        self.view.labels[usize::from(self.view.layout.columns[1].contains(&field))]
    }

    fn pane_height(&self, room: u16) -> u16 {
        if !self.entity().judged {
            return 0;
        }
        let whole = pane::height(self.walk.judged.as_deref());
        let most = match self.cursor.focus {
            Focus::Pane(_) => room.saturating_sub(4),
            _ if room >= TALL => room / 2,
            _ => 0,
        };
        if most > pane::SHORT { whole.min(most) } else { pane::SHORT.min(room / 3) }
    }

    fn draw_head(&self, buf: &mut Buffer, area: Rect, cx: &DrawCx<'_>) -> u16 {
        let state = match (self.record.is_saving(), self.record.is_read(), self.is_editing()) {
            (true, ..) => " · saving…",
            (_, false, _) if self.record.is_unreadable() => " · could not be read",
            (_, false, _) => " · reading…",
            (_, _, true) if self.record.is_outcome_unknown() => " · it is not known whether this is saved",
            (_, _, true) if self.record.draft().base.is_none() => " · new, not saved yet",
            (_, _, true) if self.has_unsaved() => " · editing · * changed, not saved",
            (_, _, true) => " · editing",
            _ => "",
        };
        let heading = format!("{}{state}", self.entity().name.to_uppercase());
        let taken = draw_text(buf, area.x, area.y, area.width, &heading, cx.theme.title);
        self.draw_legend(buf, Rect { x: area.x + taken, width: area.width - taken, height: 1, ..area }, cx);
        let mut lines = self.wrong_lines(area.width, cx.theme);
        if lines.len() > MOST_WRONG {
            let more = format!("… and {} more lines; each field is marked ✗", lines.len() - MOST_WRONG + 1);
            lines.truncate(MOST_WRONG - 1);
            lines.push((more, cx.theme.bad));
        }
        for (y, (text, style)) in (area.y + 1..).zip(&lines) {
            draw_text(buf, area.x, y, area.width, text, *style);
        }
        1 + u16::try_from(lines.len()).unwrap_or_default()
    }

    /// What is wrong with the form and with its fields, across its whole width: that of the field with the cursor
    /// first, then in the order of the fields.
    fn wrong_lines(&self, columns: u16, theme: &Theme) -> Vec<(String, Style)> {
        let banner = self.banner.as_ref().map(|banner| (FAILED, banner.clone(), theme.bad));
        let of_field = |field: &'static FieldDef| {
            let own = self.record.issues().iter().filter(|issue| issue.property == Some(field.property));
            own.map(|issue| {
                let (sign, style) =
                    if issue.only_asks() { (WARNING, theme.warn) } else { (FAILED, theme.bad) };
                // Which field it is about is part of the sentence.
                let names = issue.message.contains(field.label);
                let text =
                    if names { issue.message.clone() } else { format!("{}: {}", field.label, issue.message) };
                (sign, text, style)
            })
        };
        let focused = self.field();
        let others = self.fields().filter(|field| Some(*field) != focused);
        let fields = focused.into_iter().chain(others).flat_map(of_field);
        let all = banner.into_iter().chain(fields);
        all.flat_map(|(sign, text, style)| {
            let lines = wrap(&format!("{sign} {text}"), columns.into());
            lines.into_iter().map(move |line| (line, style))
        })
        .collect()
    }

    /// Explains the marks before the fields, where there is room.
    fn draw_legend(&self, buf: &mut Buffer, line: Rect, cx: &DrawCx<'_>) {
        if !self.is_editing() {
            return;
        }
        let required = self.fields().any(|field| self.asks_for(field)).then_some("• required");
        let critical = (!self.entity().critical.is_empty()).then_some("! access depends on it");
        let legend = required.into_iter().chain(critical).collect::<Vec<_>>().join("   ");
        if text_width(&legend) + 2 <= usize::from(line.width) {
            draw_right(buf, line, &legend, cx.theme.dim);
        }
    }

    fn draw_canvas(&mut self, room: Size, cx: &DrawCx<'_>) -> Canvas {
        let width = room.width;
        let columns = self.column_widths(width);
        let heights = self.column_heights(&columns, cx);
        let beside = if self.view.is_wide { heights[0].max(heights[1]) } else { heights[0] + heights[1] };
        let fields = beside + self.whole_height(width, cx);
        self.panels.iter_mut().flatten().for_each(|panel| panel.grow(0));
        let spare = room.height.saturating_sub(fields + self.panels_height());
        self.panels.iter_mut().flatten().for_each(|panel| panel.grow(spare));
        let panels = self.panels_height();
        let mut canvas = Canvas::new(width, (fields + panels).max(1));
        let starts = if self.view.is_wide { [0, 0] } else { [0, heights[0]] };
        let (mut index, mut below) = (0, beside);
        for column in 0..2 {
            let x = if self.view.is_wide && column == 1 { columns[0] + 2 } else { 0 };
            let mut y = starts[column];
            for field in self.view.layout.columns[column].clone() {
                if self.is_whole(field) {
                    below +=
                        self.draw_field(&mut canvas, Position { x: 0, y: below }, width, field, index, cx);
                } else {
                    y += self.draw_field(&mut canvas, Position { x, y }, columns[column], field, index, cx);
                }
                index += 1;
            }
        }
        self.draw_panels(&mut canvas, fields, width, cx);
        canvas
    }

    fn panels_height(&self) -> u16 {
        self.panels.iter().flatten().filter(|panel| panel.shown).map(|panel| panel.height() + 1).sum()
    }

    fn column_widths(&self, width: u16) -> [u16; 2] {
        if self.view.is_wide { [(width - 2) / 2, width - 2 - (width - 2) / 2] } else { [width, width] }
    }

    fn column_heights(&self, widths: &[u16; 2], cx: &DrawCx<'_>) -> [u16; 2] {
        [0, 1].map(|column| {
            let fields = self.view.layout.columns[column].iter().filter(|field| !self.is_whole(field));
            fields.map(|field| self.whole_field_height(field, widths[column], cx)).sum()
        })
    }

    /// Whether a field takes the whole width, below the columns: that of a JSON object, which is edited as code.
    fn is_whole(&self, field: &FieldDef) -> bool {
        self.view.is_wide && matches!(field.kind, Kind::Json)
    }

    /// The height of the fields below the columns.
    fn whole_height(&self, width: u16, cx: &DrawCx<'_>) -> u16 {
        let fields = self.view.layout.columns.iter().flatten().filter(|field| self.is_whole(field));
        fields.map(|field| self.whole_field_height(field, width, cx)).sum()
    }

    /// The height of a field with what is below it.
    fn whole_field_height(&self, field: &FieldDef, width: u16, cx: &DrawCx<'_>) -> u16 {
        let value = self.field_height(field, width, cx);
        (value + self.lines_below(field, width)).max(self.label_lines(field))
    }

    fn field_height(&self, field: &FieldDef, width: u16, cx: &DrawCx<'_>) -> u16 {
        let most = match field.kind {
            Kind::Lines { .. } => MOST_LINES,
            Kind::Json => 2 * MOST_LINES,
            _ => return 1,
        };
        if self.field() == self.entity().field(field.property) && self.cursor.editor.is_some() {
            return most;
        }
        let text = format::shown(field, self.record.draft().value(field), cx.who.language());
        let lines: usize = clean_lines(&text)
            .map(|line| wrap(&line, usize::from(width.saturating_sub(self.label(field)))).len())
            .sum();
        u16::try_from(lines).unwrap_or(most).clamp(1, most)
    }

    /// The lines of a label: one that has no room in one line takes more.
    fn label_texts(&self, field: &FieldDef) -> Vec<String> {
        wrap(field.label, usize::from(self.label(field).saturating_sub(2)))
    }

    fn label_lines(&self, field: &FieldDef) -> u16 {
        u16::try_from(self.label_texts(field).len()).unwrap_or(1)
    }

    /// The lines of the notes below a field, each with whether it is a warning.
    fn note_texts(&self, field: &FieldDef, width: u16) -> Vec<(String, bool)> {
        let columns = usize::from(width.saturating_sub(self.label(field)));
        let lines = |text: &str, warns: bool| wrap(text, columns).into_iter().map(move |line| (line, warns));
        let notes = self.notes(field).into_iter();
        notes
            .flat_map(|note| match note {
                Note::Help(text) => lines(&text, false).collect::<Vec<_>>(),
                Note::Warning(text) => lines(&format!("! {text}"), true).collect(),
            })
            .collect()
    }

    /// The number of lines of the notes below a field.
    fn lines_below(&self, field: &FieldDef, width: u16) -> u16 {
        u16::try_from(self.note_texts(field, width).len()).unwrap_or_default()
    }

    fn draw_field(
        &mut self,
        canvas: &mut Canvas,
        at: Position,
        width: u16,
        field: &'static FieldDef,
        index: usize,
        cx: &DrawCx<'_>,
    ) -> u16 {
        let focused = self.cursor.focus == Focus::Field(index);
        let height = self.field_height(field, width, cx);
        let wrong = self.record.issues().iter().any(|issue| issue.property == Some(field.property));
        let mark = match (
            wrong,
            self.record.draft().base.is_some() && self.record.draft().is_field_changed(field),
        ) {
            (true, _) => "✗",
            (_, true) => "*",
            _ if self.is_editing() && self.entity().critical.contains(&field) => "!",
            _ if self.asks_for(field) => "•",
            _ => " ",
        };
        let style = match (wrong, focused) {
            (true, _) => cx.theme.bad,
            (_, true) => cx.theme.focused_label,
            _ if mark == "*" => cx.theme.changed,
            _ => cx.theme.label,
        };
        draw_text(&mut canvas.buf, at.x, at.y, 1, mark, style);
        for (y, line) in (at.y..).zip(self.label_texts(field)) {
            draw_text(&mut canvas.buf, at.x + 1, y, self.label(field) - 2, &line, style);
        }
        let field_area = Rect {
            x: at.x + self.label(field),
            y: at.y,
            width: width.saturating_sub(self.label(field)),
            height,
        };
        let whole = (height + self.lines_below(field, width)).max(self.label_lines(field));
        if focused {
            canvas.focus = Rect { height: whole, ..field_area };
            canvas.cursor = Some(field_area.as_position());
        }
        self.draw_value(canvas, field_area, field, focused, cx);
        let notes = self.note_texts(field, width).into_iter();
        let notes = notes.map(|(text, warns)| (text, if warns { cx.theme.warn } else { cx.theme.dim }));
        for (y, (text, style)) in (at.y + height..).zip(notes) {
            draw_text(&mut canvas.buf, field_area.x, y, field_area.width, &text, style);
        }
        whole
    }

    /// Whether the field must be filled in before a save.
    pub(super) fn asks_for(&self, field: &FieldDef) -> bool {
        self.can_edit(field) && field.required && !field.numbered && !matches!(field.kind, Kind::Bool)
    }

    fn draw_value(
        &mut self,
        canvas: &mut Canvas,
        field_area: Rect,
        field: &'static FieldDef,
        focused: bool,
        cx: &DrawCx<'_>,
    ) {
        let is_typed = focused && self.cursor.editor.is_some();
        match field.kind {
            Kind::Bool => {
                let is_set = *self.record.draft().value(field) == Value::Bool(true);
                let text = if is_set { "[x]" } else { "[ ]" };
                draw_text(&mut canvas.buf, field_area.x, field_area.y, 3, text, cx.theme.value);
            }
            Kind::Choice(_) if !is_typed => {
                self.draw_shown(&mut canvas.buf, field_area, field, cx);
                if self.can_edit(field) {
                    draw_at_end(&mut canvas.buf, field_area, "▾", cx);
                }
            }
            _ if is_typed => self.draw_editor(canvas, field_area, field, cx),
            _ => self.draw_shown(&mut canvas.buf, field_area, field, cx),
        }
    }

    /// Draws the editor of a field, with the cursor, and the marks of a look-up behind it.
    fn draw_editor(
        &mut self,
        canvas: &mut Canvas,
        field_area: Rect,
        field: &'static FieldDef,
        cx: &DrawCx<'_>,
    ) {
        let Some(editor) = &mut self.cursor.editor else { return };
        let marks = match field.kind {
            Kind::Ref(_) => "▾⋮",
            Kind::Choice(_) => "▾",
            _ => "",
        };
        let width = field_area.width.saturating_sub(u16::try_from(marks.chars().count()).unwrap_or_default());
        let room = Rect { width, ..field_area };
        canvas.buf.set_style(field_area, cx.theme.input);
        canvas.cursor = Some(editor.draw(&mut canvas.buf, room, cx.theme.input));
        editor.draw_beside(&mut canvas.buf, room, field, self.record.draft().value(field), cx);
        draw_at_end(&mut canvas.buf, field_area, marks, cx);
    }

    /// Draws the value of a field as text, on several lines where its area has them.
    fn draw_shown(&self, buf: &mut Buffer, field_area: Rect, field: &'static FieldDef, cx: &DrawCx<'_>) {
        let value = self.record.draft().value(field);
        let editable = self.can_edit(field);
        let unread = self.record.unread(field);
        let text =
            unread.map_or_else(|| format::shown_on(field, value, cx.who.language(), cx.today), Into::into);
        let style = if matches!(value, Value::Ref(_)) && !editable { cx.theme.link } else { cx.theme.value };
        if editable {
            buf.set_style(field_area, cx.theme.input);
        }
        let has_lines = field.max_length().is_some() && field_area.height > 1
            || matches!(field.kind, Kind::Json | Kind::Lines { .. });
        if !has_lines {
            draw_text(buf, field_area.x, field_area.y, field_area.width, &text, style);
            return;
        }
        let lines = clean_lines(&text).flat_map(|line| wrap(&line, usize::from(field_area.width)));
        for (y, text) in (field_area.y..field_area.bottom()).zip(lines.collect::<Vec<_>>()) {
            draw_text(buf, field_area.x, y, field_area.width, &text, style);
        }
    }

    fn draw_panels(&mut self, canvas: &mut Canvas, top: u16, width: u16, cx: &DrawCx<'_>) {
        let mut y = top;
        for (index, panel) in self.panels.iter_mut().enumerate() {
            let Some(panel) = panel.as_mut().filter(|panel| panel.shown) else { continue };
            let field_area = Rect { x: 0, y: y + 1, width, height: panel.height() };
            let focused = self.cursor.focus == Focus::Panel(index);
            let inner = DrawCx { focused: cx.focused && focused, ..*cx };
            panel.draw(&mut canvas.buf, field_area, &inner);
            if focused {
                canvas.focus = field_area;
                let line = panel.related_ref().map(|(_, grid)| {
                    let body = Rect { y: field_area.y + 1, height: field_area.height - 1, ..field_area };
                    grid.cursor_position(body, 0)
                });
                canvas.cursor = line.or(Some(field_area.as_position()));
            }
            y += field_area.height + 1;
        }
    }

    /// Scrolls so that the focus is in view.
    fn scroll(&mut self, canvas: &Canvas, height: u16) {
        if !matches!(self.cursor.focus, Focus::Pane(_)) {
            self.view.top = canvas.top_for(self.view.top, height);
        }
        self.view.top = self.view.top.min(canvas.last_top(height));
    }

    fn draw_list(
        &mut self,
        frame: &mut Frame<'_>,
        canvas: &Canvas,
        body: Rect,
        bounds: Rect,
        cx: &DrawCx<'_>,
    ) {
        let Some(list) = self.cursor.editor.as_mut().and_then(Editor::list).filter(|_| cx.focused) else {
            return;
        };
        let y = body.y + canvas.focus.y.saturating_sub(self.view.top);
        let field_area = Rect { x: body.x + canvas.focus.x, y, width: canvas.focus.width, height: 1 };
        list.draw_list(frame, field_area, bounds, cx.theme);
    }
}

//! Choosing a record for a reference field: typing a part of its name, and a list that opens below.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Clear;

use crate::domain::model::format;
use crate::domain::model::query::{Page, Row};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::text::{clean, width};
use crate::domain::model::value::{Reference, Value};
use crate::service::back_office::records::choice_columns;
use crate::tui::component::DrawCx;
use crate::tui::screens::form::edited::Edited;
use crate::tui::widgets::text::draw_text;
use crate::tui::widgets::text_box::{Edit, TextBox};

/// The most choices that are shown at once.
const SEEN: u16 = 8;

/// The editor of a reference field.
pub struct Lookup {
    /// The text in the field.
    pub typed: TextBox,
    /// Whether the text was typed, and is not the text of a chosen record.
    pub searching: bool,
    /// Whether the list is open.
    pub is_open: bool,
    /// Whether the choices for the text are awaited; those in view are for an earlier text.
    pub awaits: bool,
    rows: Vec<Row>,
    more: bool,
    selected: usize,
}

impl Lookup {
    /// An editor with the text of the chosen record, or with text that was typed before.
    pub fn new(text: &str, searching: bool) -> Self {
        Self {
            typed: TextBox::new(text, None),
            searching,
            is_open: false,
            awaits: false,
            rows: Vec::new(),
            more: false,
            selected: 0,
        }
    }

    /// Handles a key. The first letter typed replaces the chosen record.
    pub fn key(&mut self, key: &KeyEvent) -> Edited {
        if self.is_open {
            match key.code {
                KeyCode::Down => return self.select(1),
                KeyCode::Up => return self.select(-1),
                _ => {}
            }
        }
        if self.searching {
            let edit = self.typed.key(key);
            return self.after(edit);
        }
        match key.code {
            // A search does not begin with a blank.
            KeyCode::Char(' ') => return Edited::NotMine,
            KeyCode::Backspace | KeyCode::Delete => {
                self.typed = TextBox::new("", None);
                return self.look_up();
            }
            _ => {}
        }
        let mut fresh = TextBox::new("", None);
        let edit = fresh.key(key);
        if edit.is_change() {
            self.typed = fresh;
            self.searching = true;
        }
        self.after(edit)
    }

    /// Inserts pasted text; it replaces the chosen record.
    pub fn paste(&mut self, text: &str) -> Edited {
        if text.trim().is_empty() {
            return Edited::Nothing;
        }
        if !self.searching {
            self.typed = TextBox::new("", None);
            self.searching = true;
        }
        let edit = self.typed.paste(text);
        self.after(edit)
    }

    /// Draws the typed text, or the text of the chosen record, which the next letter replaces. Returns the position
    /// of the cursor.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        if self.searching {
            return self.typed.draw(buf, area, style);
        }
        draw_text(buf, area.x, area.y, area.width, self.typed.text(), style);
        area.as_position()
    }

    fn after(&mut self, edit: Edit) -> Edited {
        match edit {
            Edit::Ignored => Edited::NotMine,
            Edit::Moved => Edited::Nothing,
            Edit::Changed | Edit::Refused(_) => self.look_up(),
        }
    }

    fn look_up(&mut self) -> Edited {
        self.selected = 0;
        if self.typed.text().trim().is_empty() {
            self.is_open = false;
            self.searching = false;
            self.awaits = false;
            return Edited::Value(Value::Empty);
        }
        self.awaits = true;
        Edited::LookUp(self.typed.text().to_owned())
    }

    fn select(&mut self, by: isize) -> Edited {
        self.selected = self.selected.saturating_add_signed(by).min(self.rows.len().saturating_sub(1));
        Edited::Nothing
    }

    /// Takes the choices that contain the typed text, unless they are not awaited any more.
    pub fn take(&mut self, page: Page) {
        if std::mem::take(&mut self.awaits) {
            self.more = page.more_after;
            self.rows = page.rows;
            self.selected = 0;
            self.is_open = true;
        }
    }

    /// The selected choice, and whether it is the only one.
    pub fn selected(&self, target: &EntityDef, language: &str) -> Option<(Reference, bool)> {
        let row = self.rows.get(self.selected).filter(|_| self.is_open && !self.awaits)?;
        Some((Reference { id: row.id, shown: line(target, row, language) }, self.rows.len() == 1))
    }

    /// Draws the list below `field_area`, or above it where there is no room below.
    pub fn draw_list(
        &self,
        frame: &mut Frame<'_>,
        field_area: Rect,
        bounds: Rect,
        target: &EntityDef,
        cx: &DrawCx<'_>,
    ) {
        let lines = u16::try_from(self.rows.len()).unwrap_or(SEEN).clamp(1, SEEN) + u16::from(self.more);
        let width = field_area.width.max(48).min(bounds.width);
        let below = bounds.bottom().saturating_sub(field_area.y + 1);
        let y =
            if below >= lines { field_area.y + 1 } else { field_area.y.saturating_sub(lines).max(bounds.y) };
        let x = field_area.x.min(bounds.right().saturating_sub(width));
        let area = Rect { x, y, width, height: lines }.intersection(bounds);
        frame.render_widget(Clear, area);
        frame.buffer_mut().set_style(area, cx.theme.input);
        if self.rows.is_empty() {
            draw_text(frame.buffer_mut(), area.x + 1, area.y, area.width, "Nothing found", cx.theme.dim);
            return;
        }
        let seen = usize::from(SEEN);
        let first = (self.selected + 1).saturating_sub(seen);
        for (index, row) in self.rows.iter().enumerate().skip(first).take(seen) {
            let y = area.y + u16::try_from(index - first).unwrap_or_default();
            if y >= area.bottom() {
                break;
            }
            self.draw_choice(frame, Rect { y, height: 1, ..area }, index, row, target, cx);
        }
        if self.more {
            let hint = "… more: type on, or F9";
            draw_text(frame.buffer_mut(), area.x + 1, area.bottom() - 1, area.width, hint, cx.theme.dim);
        }
    }

    fn draw_choice(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        index: usize,
        row: &Row,
        target: &EntityDef,
        cx: &DrawCx<'_>,
    ) {
        let language = cx.who.language();
        let text = line(target, row, language);
        let about = about(target, row, language);
        let room = area.width.saturating_sub(1);
        draw_text(frame.buffer_mut(), area.x + 1, area.y, room, &text, cx.theme.value);
        let used = u16::try_from(width(&clean(&text))).unwrap_or(room);
        if used + 4 < room {
            draw_text(frame.buffer_mut(), area.x + 3 + used, area.y, room - used - 3, &about, cx.theme.dim);
        }
        if index == self.selected {
            frame.buffer_mut().set_style(area, cx.theme.selection);
        }
    }
}

fn value_of<'a>(target: &EntityDef, row: &'a Row, field: &FieldDef) -> &'a Value {
    static EMPTY: Value = Value::Empty;
    choice_columns(target)
        .iter()
        .position(|column| *column == field)
        .and_then(|index| row.values.get(index))
        .unwrap_or(&EMPTY)
}

fn line(target: &EntityDef, row: &Row, language: &str) -> String {
    format::line(target, |field| value_of(target, row, field), language)
}

/// What distinguishes two choices of the same name: the other columns of the entity's list.
fn about(target: &EntityDef, row: &Row, language: &str) -> String {
    let fields =
        target.columns.iter().filter(|field| !format::line_fields(target).any(|shown| shown == **field));
    let texts = fields.map(|field| format::shown(field, value_of(target, row, field), language));
    texts.filter(|text| !text.is_empty() && text != "Yes").take(3).collect::<Vec<_>>().join(" · ")
}

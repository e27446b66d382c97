//! A drop-down: a field whose value is taken from a list below it, which typed text narrows.
//!
//! The list opens with the value of the field marked and under the cursor. Typed text is kept until a line is taken or
//! Esc gives the value back; until then the field keeps its value.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Clear;

use crate::domain::model::choice::Choice;
use crate::domain::model::text::{clean, fold, has_words, width};
use crate::domain::model::value::Value;
use crate::tui::command::{Action, Command, InFooter, OwnKey};
use crate::tui::theme::Theme;
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::text::draw_text;
use crate::tui::widgets::text_box::{self, Edit, TextBox};

/// The most lines that are shown at once.
const SEEN: u16 = 8;

/// The width of the two marks before a line: `▸` of the cursor and `•` of the value, with a blank behind them.
const MARKS: u16 = 3;

/// The cells that a column needs to be read when it is cut off.
const LEAST: u16 = 6;

/// The blank cells between two columns.
const GAP: u16 = 2;

/// The sentence for typed text that no line was taken for.
pub fn not_taken(typed: &str) -> String {
    format!("“{typed}” is not chosen yet: F4 drops the list, Enter picks from it; Ctrl+U clears the field.")
}

/// What Esc does while a list is open or text is typed over the value.
pub const KEEP_VALUE: &str = "Keep value";

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The value that it stands for.
    pub value: Value,
    /// Its texts, one a column: the name first, then what tells lines of the same name apart.
    pub cells: Vec<String>,
}

/// What a key did to a drop-down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// The key has no meaning here.
    Ignored,
    /// Only a cursor has moved.
    Moved,
    /// The typed text has changed.
    Typed,
}

/// The field, its typed text and its list.
pub struct DropDown {
    /// The value of the field, and its text.
    value: Value,
    shown: String,
    /// The text that was typed over the value; `None` while the value is shown.
    typed: Option<TextBox>,
    /// All lines, where they are few and known; `None` where they are asked for.
    all: Option<Vec<Line>>,
    lines: Vec<Line>,
    /// Whether there are more lines than these.
    more: bool,
    chosen: Chosen,
    is_open: bool,
    awaits: bool,
}

impl DropDown {
    /// A drop-down whose lines are asked for, with the value of the field as shown, and the text typed over it before.
    pub fn asking(value: Value, shown: String, typed: Option<&str>) -> Self {
        Self {
            value,
            shown,
            typed: typed.map(|text| TextBox::new(text, None)),
            all: None,
            lines: Vec::new(),
            more: false,
            chosen: Chosen::default(),
            is_open: false,
            awaits: false,
        }
    }

    /// A drop-down over all lines, with the value of the field as shown, and the text typed over it before.
    pub fn of(all: Vec<Line>, value: Value, shown: String, typed: Option<&str>) -> Self {
        Self { all: Some(all), ..Self::asking(value, shown, typed) }
    }

    /// The lines of an enumeration by label and code; where the value may be empty, `(empty)` comes first.
    pub fn lines_of(choices: &[Choice], may_be_empty: bool) -> Vec<Line> {
        let empty = Line { value: Value::Empty, cells: vec!["(empty)".to_owned()] };
        let line = |choice: &Choice| Line {
            value: Value::Code(choice.code),
            cells: vec![choice.label.to_owned(), choice.code.to_owned()],
        };
        may_be_empty.then_some(empty).into_iter().chain(choices.iter().map(line)).collect()
    }

    /// The typed text; empty while the value is shown.
    pub fn text(&self) -> &str {
        self.typed.as_ref().map_or("", TextBox::text)
    }

    /// Whether text was typed over the value.
    pub fn is_typed(&self) -> bool {
        self.typed.is_some()
    }

    /// Whether the list is open.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether the lines for the typed text are to be asked for, or are awaited.
    pub fn awaits(&self) -> bool {
        self.awaits
    }

    /// Types a text over the value.
    pub fn type_over(&mut self, text: &str) {
        self.typed = Some(TextBox::new(text, None));
    }

    /// Handles a key. The first letter typed replaces the text of the value.
    pub fn key(&mut self, key: &KeyEvent) -> Dropped {
        let in_text = self.is_typed() && matches!(key.code, KeyCode::Home | KeyCode::End);
        if self.is_open && !in_text && self.chosen.key(key, self.lines.len(), |_| true) {
            return Dropped::Moved;
        }
        if let Some(typed) = &mut self.typed {
            let edit = typed.key(key);
            return self.after(edit);
        }
        let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
        match key.code {
            // Nothing begins with a blank.
            KeyCode::Char(' ') if plain => Dropped::Ignored,
            KeyCode::Backspace | KeyCode::Delete => {
                self.type_over("");
                self.after(Edit::Changed)
            }
            KeyCode::Char(_) => {
                let mut fresh = TextBox::new("", None);
                let edit = fresh.key(key);
                // Any other key is one for a text, and there is none.
                if !edit.is_change() {
                    return Dropped::Ignored;
                }
                self.typed = Some(fresh);
                self.after(edit)
            }
            _ => Dropped::Ignored,
        }
    }

    /// Inserts pasted text; it replaces the text of the value.
    pub fn paste(&mut self, text: &str) -> Dropped {
        if text.trim().is_empty() {
            return Dropped::Moved;
        }
        let edit = self.typed.get_or_insert_with(|| TextBox::new("", None)).paste(text);
        self.after(edit)
    }

    fn after(&mut self, edit: Edit) -> Dropped {
        match edit {
            Edit::Ignored => Dropped::Ignored,
            Edit::Moved => Dropped::Moved,
            Edit::Changed | Edit::Refused(_) => {
                if self.text().trim().is_empty() {
                    self.close();
                } else {
                    self.open();
                }
                Dropped::Typed
            }
        }
    }

    /// Opens the list: at once where all lines are known; otherwise they are awaited from now on.
    pub fn open(&mut self) {
        match &self.all {
            Some(all) => {
                let typed = self.text();
                let matches = |line: &&Line| has_words(&line.cells.join(" "), typed);
                let lines = all.iter().filter(matches).cloned().collect();
                self.show(lines, false);
            }
            None => self.awaits = true,
        }
    }

    /// Takes the lines that were asked for, unless none are awaited. Without typed text the line of the value is among
    /// them.
    pub fn take(&mut self, mut lines: Vec<Line>, more: bool) {
        if !std::mem::take(&mut self.awaits) {
            return;
        }
        let is_missing = !self.value.is_empty() && !lines.iter().any(|line| self.is_value(line));
        if self.typed.is_none() && is_missing {
            lines.insert(0, Line { value: self.value.clone(), cells: vec![self.shown.clone()] });
        }
        self.show(lines, more);
    }

    /// Handles that the lines could not be read.
    pub fn give_up(&mut self) {
        self.awaits = false;
    }

    fn show(&mut self, lines: Vec<Line>, more: bool) {
        let typed = fold(self.text().trim());
        let begins = |line: &Line| line.cells.iter().any(|cell| fold(cell).starts_with(&typed));
        let at = match &self.typed {
            // Of what was asked for, the first line is the best match already.
            Some(_) if self.all.is_none() => 0,
            Some(_) => lines.iter().position(begins).unwrap_or(0),
            None => lines.iter().position(|line| self.is_value(line)).unwrap_or(0),
        };
        self.chosen = Chosen::line(at);
        (self.lines, self.more, self.is_open) = (lines, more, true);
    }

    /// Whether a line stands for the value of the field. A record is the same whatever its text is by now.
    fn is_value(&self, line: &Line) -> bool {
        match (&line.value, &self.value) {
            (Value::Ref(line), Value::Ref(value)) => line.id == value.id,
            (line, value) => line == value,
        }
    }

    /// The command that opens the list, or closes the open one.
    pub fn command(&self) -> Command {
        let command = Command::of(Action::DropDown);
        if self.is_open { command.labelled("Close list") } else { command }
    }

    /// The keys of the open list, or of the closed one with those of the text that was typed over the value.
    pub fn own_keys(&self) -> Vec<OwnKey> {
        let mut keys = Vec::new();
        if self.is_open {
            let enter = OwnKey::of("Enter", "Take");
            let lines = OwnKey::of("↑↓", "Choose");
            let tab = OwnKey::of("Tab", if self.is_typed() { "Take and go on" } else { "Go on" });
            keys.extend((!self.lines.is_empty()).then_some(enter));
            keys.extend((self.lines.len() > 1).then_some(lines));
            keys.push(tab);
            keys = keys.into_iter().map(|key| key.in_footer(InFooter::First)).collect();
        } else if !self.is_typed() {
            keys.push(OwnKey::of("Space", "Drop down").in_footer(InFooter::Later));
        }
        keys.extend(text_box::KEYS.into_iter().filter(|_| self.is_typed()));
        keys
    }

    /// Closes the list; the typed text stays.
    pub fn close(&mut self) {
        (self.is_open, self.awaits) = (false, false);
    }

    /// The value under the cursor of the open list.
    pub fn under_cursor(&self) -> Option<&Value> {
        self.lines.get(self.chosen.at).filter(|_| self.is_open && !self.awaits).map(|line| &line.value)
    }

    /// The value that the typed text names in full. Empty text is an empty value, or where the field must have one, the
    /// present value. `None` without typed text, and where it names no line that is known.
    pub fn named(&self) -> Option<Value> {
        let typed = fold(self.typed.as_ref()?.text().trim());
        let is_named = |line: &&Line| line.cells.iter().any(|cell| fold(cell) == typed);
        match &self.all {
            None => typed.is_empty().then_some(Value::Empty),
            Some(all) if typed.is_empty() => {
                let may_be_empty = all.iter().any(|line| line.value.is_empty());
                Some(if may_be_empty { Value::Empty } else { self.value.clone() })
            }
            Some(all) => all.iter().find(is_named).map(|line| line.value.clone()),
        }
    }

    /// Draws the typed text, or that of the value, which the next letter replaces. Returns the position of the cursor.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        if let Some(typed) = &mut self.typed {
            return typed.draw(buf, area, style);
        }
        draw_text(buf, area.x, area.y, area.width, &self.shown, style);
        area.as_position()
    }

    /// Draws the open list below `field_area`, or above it where there is more room; as wide as its texts, within
    /// `bounds`.
    pub fn draw_list(&mut self, frame: &mut Frame<'_>, field_area: Rect, bounds: Rect, theme: &Theme) {
        if !self.is_open {
            return;
        }
        let widths = self.widths(bounds.width.saturating_sub(MARKS));
        let content = MARKS + widths.iter().copied().map(with_gap).sum::<u16>();
        let wide = content.max(field_area.width).max(24).min(bounds.width);
        let area = self.list_area(field_area, bounds, wide);
        frame.render_widget(Clear, area);
        let buf = frame.buffer_mut();
        buf.set_style(area, theme.input);
        if self.lines.is_empty() {
            draw_text(buf, area.x + MARKS, area.y, area.width - MARKS, "Nothing found", theme.dim);
            return;
        }
        let rows = area.height - u16::from(self.more && area.height > 1);
        let view = self.chosen.view(self.lines.len(), rows);
        for (y, at) in (area.top()..area.top() + rows).zip(view) {
            let line = Rect { y, height: 1, ..area };
            draw_text(buf, line.x, y, 1, if at == self.chosen.at { "▸" } else { " " }, theme.title);
            draw_text(
                buf,
                line.x + 1,
                y,
                1,
                if self.is_value(&self.lines[at]) { "•" } else { " " },
                theme.title,
            );
            let mut x = line.x + MARKS;
            for (column, (cell, width)) in self.lines[at].cells.iter().zip(&widths).enumerate() {
                let room = (*width).min(line.right().saturating_sub(x));
                draw_text(buf, x, y, room, cell, if column == 0 { theme.value } else { theme.dim });
                x = x.saturating_add(with_gap(*width));
            }
            if at == self.chosen.at {
                buf.set_style(line, theme.selection);
            }
        }
        if rows < area.height {
            draw_text(
                buf,
                area.x + MARKS,
                area.bottom() - 1,
                area.width - MARKS,
                "… more: type on, or F9",
                theme.dim,
            );
        }
    }

    fn list_area(&self, field_area: Rect, bounds: Rect, wide: u16) -> Rect {
        let lines = u16::try_from(self.lines.len()).unwrap_or(SEEN).clamp(1, SEEN) + u16::from(self.more);
        let top = field_area.y + 1;
        let (above, below) = (field_area.y.saturating_sub(bounds.y), bounds.bottom().saturating_sub(top));
        let (y, height) = if below >= lines || below >= above {
            (top, lines.min(below))
        } else {
            (field_area.y - lines.min(above), lines.min(above))
        };
        let x = field_area.x.min(bounds.right().saturating_sub(wide));
        Rect { x, y, width: wide, height: height.max(1) }.intersection(bounds)
    }

    /// The width of each column; together with the gaps between them they take at most `room`. The name comes first, and
    /// has half of the room where the others need more than the rest. A column for which too little is left to read it is
    /// left out.
    fn widths(&self, room: u16) -> Vec<u16> {
        let columns = self.lines.iter().map(|line| line.cells.len()).max().unwrap_or(0);
        let needed = |column: usize| {
            let cells = self.lines.iter().filter_map(|line| line.cells.get(column));
            let widest = cells.map(|cell| width(&clean(cell))).max().unwrap_or(0);
            u16::try_from(widest).unwrap_or(u16::MAX)
        };
        let needed: Vec<u16> = (0..columns).map(needed).collect();
        let gaps = needed.iter().filter(|width| **width > 0).count();
        let room = room.saturating_sub(GAP * u16::try_from(gaps).unwrap_or(0));
        let [name, others @ ..] = &needed[..] else { return needed };
        let of_others = others.iter().fold(0, |sum: u16, width| sum.saturating_add(*width));
        let name = *name.min(&(room / 2).max(room.saturating_sub(of_others)));
        let mut left = room - name;
        let of_others = others.iter().map(|needed| {
            let given = if *needed <= left || left >= LEAST { *needed.min(&left) } else { 0 };
            left -= given;
            given
        });
        std::iter::once(name).chain(of_others).collect()
    }
}

/// The width of a column with the gap behind it; nothing for a column without content.
fn with_gap(width: u16) -> u16 {
    if width == 0 { 0 } else { width + GAP }
}

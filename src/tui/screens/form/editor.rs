//! The editor of the field that has the cursor.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::domain::model::choice::Choice;
use crate::domain::model::format;
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::text::width;
use crate::domain::model::value::Value;
use crate::tui::component::DrawCx;
use crate::tui::screens::form::edited::Edited;
use crate::tui::screens::form::lookup::Lookup;
use crate::tui::widgets::multi_line::MultiLine;
use crate::tui::widgets::text::draw_text;
use crate::tui::widgets::text_box::{Edit, Refused, TextBox};

/// How a field is edited.
pub enum Editor {
    /// A line of text that is read as the field's kind.
    Line(TextBox),
    /// Several lines of text.
    Lines(Box<MultiLine>),
    /// Yes or no; the space bar toggles it.
    Bool(bool),
    /// One of a few values; a letter goes to the next one that begins with it.
    Choice(&'static [Choice], Option<&'static str>),
    /// A reference to a record.
    Lookup(Lookup),
}

impl Editor {
    /// The editor of a field, with the draft's value or with the typed text that could not be read.
    pub fn open(field: &'static FieldDef, draft: &Draft, unread: Option<&str>, language: &str) -> Self {
        let value = draft.value(field);
        let shown = match unread {
            Some(text) => text.to_owned(),
            // An empty value is shown as nothing, so that typing begins in an empty field.
            None if value.is_empty() => String::new(),
            None => format::shown(field, value, language).into_owned(),
        };
        match field.kind {
            Kind::Bool => Self::Bool(*value == Value::Bool(true)),
            Kind::Choice(choices) => {
                let code = if let Value::Code(code) = value { Some(*code) } else { None };
                Self::Choice(choices, code)
            }
            Kind::Ref(_) => Self::Lookup(Lookup::new(&shown, unread.is_some())),
            Kind::Lines { max } => Self::Lines(Box::new(MultiLine::new(&shown, Some(max)))),
            Kind::Json => Self::Lines(Box::new(MultiLine::new(&shown, None))),
            Kind::Text { max } | Kind::Multi { max } => Self::Line(TextBox::new(&shown, Some(max))),
            Kind::Int { .. } | Kind::Amount | Kind::Date | Kind::Instant | Kind::Secret => {
                Self::Line(TextBox::new(&shown, Some(40)))
            }
        }
    }

    /// Handles a key.
    pub fn key(&mut self, key: &KeyEvent) -> Edited {
        let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
        match self {
            Self::Line(typed) => done(typed.key(key), || typed.text().to_owned()),
            Self::Lines(typed) => {
                if matches!(key.code, KeyCode::Tab | KeyCode::BackTab) {
                    return Edited::NotMine;
                }
                done(typed.key(key), || typed.text())
            }
            Self::Bool(yes) => match key.code {
                KeyCode::Char(' ') if plain => {
                    *yes = !*yes;
                    Edited::Value(Value::Bool(*yes))
                }
                _ => Edited::NotMine,
            },
            Self::Choice(choices, code) => match key.code {
                KeyCode::Char(letter) if plain && letter != ' ' => next_choice(choices, code, letter),
                _ => Edited::NotMine,
            },
            Self::Lookup(lookup) => lookup.key(key),
        }
    }

    /// Empties a text, so that Ctrl+Z takes it back; `false` where no text is typed.
    pub fn clear(&mut self) -> bool {
        match self {
            Self::Line(typed) => typed.set(""),
            Self::Lines(typed) => typed.clear(),
            Self::Bool(_) | Self::Choice(..) | Self::Lookup(_) => return false,
        }
        true
    }

    /// Inserts pasted text; [`Edited::NotMine`] where no text is typed.
    pub fn paste(&mut self, text: &str) -> Edited {
        match self {
            Self::Line(typed) => done(typed.paste(text), || typed.text().to_owned()),
            Self::Lines(typed) => done(typed.paste(text), || typed.text()),
            Self::Lookup(lookup) => lookup.paste(text),
            Self::Bool(_) | Self::Choice(..) => Edited::NotMine,
        }
    }

    /// Draws the editor. Returns the position of the cursor.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        match self {
            Self::Line(typed) => typed.draw(buf, area, style),
            Self::Lines(typed) => typed.draw(buf, area, style),
            Self::Lookup(lookup) => lookup.draw(buf, area, style),
            Self::Bool(_) | Self::Choice(..) => area.as_position(),
        }
    }

    /// Draws the meaning of a number of days back behind it: the oldest date that is visible, or that it is
    /// unlimited. A text that cannot be read has nothing beside it.
    pub fn draw_beside(
        &self,
        buf: &mut Buffer,
        area: Rect,
        field: &FieldDef,
        value: &Value,
        cx: &DrawCx<'_>,
    ) {
        let Self::Line(typed) = self else { return };
        if typed.is_empty() {
            draw_text(buf, area.x, area.y, area.width, field.empty_word, cx.theme.dim);
            return;
        }
        let is_read = format::read(field, typed.text(), &Value::Empty, "").is_ok_and(|read| read == *value);
        if let Some(oldest) = format::oldest(field, value, cx.today).filter(|_| is_read) {
            let taken = u16::try_from(width(typed.text()) + 1).unwrap_or(area.width).min(area.width);
            let (x, room) = (area.x + taken, area.width - taken);
            draw_text(buf, x, area.y, room, &format!("since {oldest}"), cx.theme.dim);
        }
    }

    /// Puts the cursor on a line and column of a text of several lines, both counted from 1.
    pub fn go_to(&mut self, line: usize, column: usize) {
        if let Self::Lines(typed) = self {
            typed.go_to(line.saturating_sub(1), column.saturating_sub(1));
        }
    }
}

/// The message that not all of a text has room in a field.
pub fn left_out(field: &FieldDef, refused: Refused) -> String {
    let Refused { limit, left_out } = refused;
    let were = if left_out == 1 { "one was".to_owned() } else { format!("{left_out} were") };
    format!("{} takes at most {limit} characters; {were} left out.", field.label)
}

fn done(edit: Edit, text: impl FnOnce() -> String) -> Edited {
    match edit {
        Edit::Ignored => Edited::NotMine,
        Edit::Moved => Edited::Nothing,
        Edit::Changed => Edited::Typed(text()),
        Edit::Refused(refused) => Edited::Refused(refused, text()),
    }
}

fn next_choice(choices: &'static [Choice], code: &mut Option<&'static str>, letter: char) -> Edited {
    let here = choices.iter().position(|choice| Some(choice.code) == *code).map_or(0, |index| index + 1);
    let begins =
        |choice: &&Choice| choice.label.to_lowercase().starts_with(&letter.to_lowercase().to_string());
    match choices.iter().cycle().skip(here).take(choices.len()).find(begins) {
        Some(found) => {
            *code = Some(found.code);
            Edited::Value(Value::Code(found.code))
        }
        None => Edited::Nothing,
    }
}

//! The editor of the field that has the cursor.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::domain::model::format;
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::text::width;
use crate::domain::model::value::Value;
use crate::tui::command::{InFooter, OwnKey};
use crate::tui::component::DrawCx;
use crate::tui::screens::form::edited::Edited;
use crate::tui::widgets::drop_down::{DropDown, Dropped};
use crate::tui::widgets::multi_line::{self, MultiLine};
use crate::tui::widgets::text::draw_text;
use crate::tui::widgets::text_box::{self, Edit, Refused, TextBox};

/// How a field is edited.
pub enum Editor {
    /// A line of text that is read as the field's kind.
    Line(TextBox),
    /// Several lines of text.
    Lines(Box<MultiLine>),
    /// Yes or no; the space bar toggles it.
    Bool(bool),
    /// One of a few values, or a record: taken from a list.
    DropDown(Box<DropDown>),
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
                let lines = DropDown::lines_of(choices, !field.required);
                let shown = format::shown(field, value, language).into_owned();
                Self::DropDown(Box::new(DropDown::of(lines, value.clone(), shown, unread)))
            }
            Kind::Ref(_) => {
                let shown = format::shown(field, value, language).into_owned();
                Self::DropDown(Box::new(DropDown::asking(value.clone(), shown, unread)))
            }
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
            Self::DropDown(list) => {
                let dropped = list.key(key);
                searched(list, dropped)
            }
        }
    }

    /// The keys that it handles itself.
    pub fn own_keys(&self) -> Vec<OwnKey> {
        match self {
            Self::Line(_) => text_box::KEYS.to_vec(),
            Self::Lines(_) => [&text_box::KEYS[..], &multi_line::KEYS].concat(),
            Self::Bool(_) => vec![OwnKey::of("Space", "Yes or no").in_footer(InFooter::Later)],
            Self::DropDown(list) => list.own_keys(),
        }
    }

    /// How the value is set where no text is typed; `None` in a text.
    pub fn no_text(&self) -> Option<&'static str> {
        match self {
            Self::Line(_) | Self::Lines(_) => None,
            Self::Bool(_) => Some("Space switches it"),
            Self::DropDown(list) => {
                (!list.is_typed()).then_some("Space drops its list, and a letter searches it")
            }
        }
    }

    /// Empties a text, so that Ctrl+Z takes it back; `false` where no text is typed.
    pub fn clear(&mut self) -> bool {
        match self {
            Self::Line(typed) => typed.set(""),
            Self::Lines(typed) => typed.clear(),
            Self::Bool(_) | Self::DropDown(_) => return false,
        }
        true
    }

    /// Inserts pasted text; [`Edited::NotMine`] where no text is typed.
    pub fn paste(&mut self, text: &str) -> Edited {
        match self {
            Self::Line(typed) => done(typed.paste(text), || typed.text().to_owned()),
            Self::Lines(typed) => done(typed.paste(text), || typed.text()),
            Self::DropDown(list) => {
                let dropped = list.paste(text);
                searched(list, dropped)
            }
            Self::Bool(_) => Edited::NotMine,
        }
    }

    /// Draws the editor. Returns the position of the cursor.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        match self {
            Self::Line(typed) => typed.draw(buf, area, style),
            Self::Lines(typed) => typed.draw(buf, area, style),
            Self::DropDown(list) => list.draw(buf, area, style),
            Self::Bool(_) => area.as_position(),
        }
    }

    /// Draws what was understood behind the typed text: of a number of days back the oldest date that is visible, or
    /// that it is unlimited; of an amount, a date or an instant that is shown otherwise than it was typed, the value. A
    /// text that cannot be read has nothing beside it.
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
        let language = cx.who.language();
        let read = format::read(field, typed.text(), &Value::Empty, language);
        let understood = match field.kind {
            _ if read.as_ref() != Ok(value) => return,
            Kind::Amount | Kind::Date | Kind::Instant => {
                let shown = format::shown(field, value, language);
                (shown != typed.text()).then(|| format!("= {shown}"))
            }
            _ => format::oldest(field, value, cx.today).map(|oldest| format!("since {oldest}")),
        };
        if let Some(understood) = understood {
            let taken = u16::try_from(width(typed.text()) + 1).unwrap_or(area.width).min(area.width);
            let (x, room) = (area.x + taken, area.width - taken);
            draw_text(buf, x, area.y, room, &understood, cx.theme.dim);
        }
    }

    /// The drop-down, where the value is taken from a list.
    pub fn list(&mut self) -> Option<&mut DropDown> {
        if let Self::DropDown(list) = self { Some(list) } else { None }
    }

    /// The same, read-only.
    pub fn list_ref(&self) -> Option<&DropDown> {
        if let Self::DropDown(list) = self { Some(list) } else { None }
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

fn searched(list: &DropDown, dropped: Dropped) -> Edited {
    match dropped {
        Dropped::Ignored => Edited::NotMine,
        Dropped::Moved => Edited::Nothing,
        Dropped::Typed => Edited::Searched(list.text().to_owned()),
    }
}

//! Customize form: which fields and panels a form shows, and in which order.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{CustomizeScreen, Effect, Event, Outcome};
use crate::tui::screens::form::layout;
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::popup::{Edge, draw_popup};
use crate::tui::widgets::text::draw_text;

/// The list of a form's fields and panels.
pub struct Customize {
    screen: CustomizeScreen,
    chosen: Chosen,
}

impl Customize {
    /// The list of the form's present items. The cursor is on the first hidden one, since showing it is the usual
    /// purpose.
    pub fn new(screen: CustomizeScreen) -> Self {
        let length = screen.items.len();
        let hidden = screen.items.iter().position(|(_, shown)| !shown);
        let chosen = Chosen::first(length, |at| at == hidden.unwrap_or_default());
        Self { screen, chosen }
    }

    fn turn(&mut self) {
        let item = &mut self.screen.items[self.chosen.at];
        if layout::can_hide(&item.0) {
            item.1 = !item.1;
        }
    }

    fn shift(&mut self, by: isize) {
        let from = self.chosen.at;
        if let Some(to) = from.checked_add_signed(by).filter(|to| *to < self.screen.items.len()) {
            self.screen.items.swap(from, to);
            self.chosen.at = to;
        }
    }

    fn key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
        let shifting = key.modifiers.intersects(KeyModifiers::SHIFT | KeyModifiers::ALT);
        match key.code {
            KeyCode::Char(' ') if plain => self.turn(),
            KeyCode::Char('-') if plain => self.shift(-1),
            KeyCode::Char('+') if plain => self.shift(1),
            KeyCode::Up if shifting => self.shift(-1),
            KeyCode::Down if shifting => self.shift(1),
            KeyCode::Char('r') if plain => {
                let nothing_kept = std::collections::BTreeMap::new();
                self.screen.items = layout::FormLayout::items(self.screen.entity, &nothing_kept);
            }
            KeyCode::Enter => cx.push(Effect::Pop(Outcome::Customized(layout::kept(&self.screen.items)))),
            KeyCode::Esc => cx.push(Effect::Pop(Outcome::Cancelled)),
            _ => {
                self.chosen.key(key, self.screen.items.len(), |_| true);
            }
        }
    }
}

impl Component for Customize {
    fn title(&self) -> String {
        "Customize form".to_owned()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Back));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Key(key) => self.key(&key, cx),
            Event::Command(Action::Back) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Paste(_) => cx.say_not_pasted(),
            Event::Command(_) | Event::Returned(_) | Event::VisitorChanged => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let items = &self.screen.items;
        let edge = Edge {
            title: "Customize form",
            keys: "Space show/hide · + - move · r reset · Enter keep · Esc cancel",
        };
        let inside = draw_popup(frame.buffer_mut(), area, (44, items.len()), edge, cx.theme);
        for (line, index) in self.chosen.view(items.len(), inside.height).enumerate() {
            let (name, shown) = &items[index];
            let y = inside.y + u16::try_from(line).unwrap_or_default();
            let label = layout::label(self.screen.entity, name);
            let text = match (layout::can_hide(name), shown) {
                (false, _) => label,
                (true, true) => format!("[x] {label}"),
                (true, false) => format!("[ ] {label}"),
            };
            draw_text(frame.buffer_mut(), inside.x, y, inside.width, &text, cx.theme.value);
            if index == self.chosen.at {
                frame.buffer_mut().set_style(Rect { y, height: 1, ..inside }, cx.theme.selection);
                if cx.focused {
                    frame.set_cursor_position(Position { x: inside.x, y });
                }
            }
        }
    }
}

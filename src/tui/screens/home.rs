//! Where everything begins: every list there is.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::Event;
use crate::tui::screens::section::{Card, Cards};
use crate::tui::widgets::cells::draw_text;

/// The first place after signing in.
pub struct Home {
    cards: Cards,
}

impl Home {
    /// With the lists of every module.
    pub fn new() -> Self {
        Self { cards: Cards::new(Card::of_everything()) }
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Component for Home {
    fn title(&self) -> String {
        "Home".to_owned()
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Open));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        self.cards.handle(&event, cx);
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let greeting = format!(
            "Signed in as {}. Choose what to work on.",
            cx.who.operator().map_or("", |operator| &operator.name)
        );
        draw_text(
            frame.buffer_mut(),
            area.x + 1,
            area.y,
            area.width.saturating_sub(2),
            &greeting,
            cx.theme.value,
        );
        let cards = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        self.cards.draw(frame, cards, cx);
    }
}

//! Account not active: the screen after a sign-in that a code stopped (`docs/codes.md`, Sign-in).

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::codes::Code;
use crate::domain::model::text::width;
use crate::service::client_center::ClientCenter;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Outcome};
use crate::tui::places::heading;
use crate::tui::widgets::text::{draw_text, wrap};

/// The screen. It names the code alone: what is missing is for the operator to know, not for the applicant.
pub struct NotActive {
    center: ClientCenter,
    code: Code,
}

impl NotActive {
    /// The screen for the lowest code that failed.
    pub fn new(center: ClientCenter, code: Code) -> Self {
        Self { center, code }
    }
}

impl Component for NotActive {
    fn title(&self) -> String {
        heading(&self.center)
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Open).labelled("Back to the sign-in"));
    }

    fn drops_typed_ahead(&self) -> bool {
        true
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        if matches!(event, Event::Command(_)) {
            cx.push(Effect::Pop(Outcome::Cancelled));
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let sentence = "Your account was not activated by the ERP administrator to use the Client Center.";
        let paragraphs = [
            ("Account not active", cx.theme.bad),
            (sentence, cx.theme.bad),
            (&format!("Error {}", self.code.as_str()), cx.theme.value),
        ];
        let lines = paragraphs.iter().flat_map(|(text, style)| {
            wrap(text, area.width.saturating_sub(4).into()).into_iter().map(move |line| (line, *style))
        });
        for (y, (line, style)) in (area.top() + 2..area.bottom()).zip(lines) {
            let columns = u16::try_from(width(&line)).unwrap_or(area.width).min(area.width);
            let x = area.x + (area.width - columns) / 2;
            draw_text(frame.buffer_mut(), x, y, columns, &line, style);
        }
        if cx.focused {
            frame.set_cursor_position((area.x, area.y));
        }
    }
}

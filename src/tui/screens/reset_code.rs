//! A one-time code, shown once to the administrator who issued it (`docs/promises.md`, 5).

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::model::text::{clean, width};
use crate::service::auth::Secret;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Outcome};
use crate::tui::widgets::popup::{Edge, draw_popup};
use crate::tui::widgets::text::{draw_text, wrap};

/// The greatest width, in columns.
const COLUMNS: usize = 60;

/// The login, and its code. The code is neither copied nor kept in the message log.
pub struct ResetCode {
    login: String,
    code: Secret,
}

impl ResetCode {
    /// Shows a code.
    pub fn new(login: String, code: Secret) -> Self {
        Self { login, code }
    }
}

impl Component for ResetCode {
    fn title(&self) -> String {
        "One-time code".to_owned()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Back).labelled("Close"));
    }

    fn drops_typed_ahead(&self) -> bool {
        true
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        if matches!(event, Event::Command(Action::Back)) {
            cx.push(Effect::Pop(Outcome::Cancelled));
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let columns = COLUMNS.min(usize::from(area.width).saturating_sub(4));
        let whose = wrap(&format!("One-time code for {}:", self.login), columns);
        let about = wrap(
            "It is shown only now. Within a day, and once, it takes the place of the password at a sign-in; there \
             its owner chooses a password. Until then the password so far stays good.",
            columns,
        );
        let value = cx.theme.value;
        let mut lines: Vec<(&str, Style)> = whose.iter().map(|line| (line.as_str(), value)).collect();
        lines.extend([("", value), (self.code.expose(), cx.theme.title), ("", value)]);
        lines.extend(about.iter().map(|line| (line.as_str(), cx.theme.dim)));
        let longest = lines.iter().map(|(line, _)| width(&clean(line))).max().unwrap_or(0);
        let edge = Edge { title: "One-time code", keys: "Esc" };
        let room = draw_popup(frame.buffer_mut(), area, (longest, lines.len()), edge, cx.theme);
        for (y, (line, style)) in (room.top()..room.bottom()).zip(&lines) {
            draw_text(frame.buffer_mut(), room.x, y, room.width, line, *style);
        }
        let at = u16::try_from(whose.len() + 1).unwrap_or(0);
        frame.set_cursor_position((room.x, room.y + at.min(room.height.saturating_sub(1))));
    }
}

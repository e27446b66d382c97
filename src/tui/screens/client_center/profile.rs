//! Customer Profile: what is stored about the customer, to read.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};

use crate::domain::codes::Place;
use crate::domain::model::text::{clean_lines, width};
use crate::service::ServiceError;
use crate::service::api::visit;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Outcome, Slot, Tone};
use crate::tui::theme::FAILED;
use crate::tui::widgets::scroll::Scroll;
use crate::tui::widgets::text::{draw_text, draw_wrapped, wrap};

/// The place, with the profile once it is read.
pub struct Profile {
    shown: Shown,
    scroll: Scroll,
}

enum Shown {
    Reading,
    /// The labels and texts.
    Read(Vec<(&'static str, String)>),
    /// The reason why it could not be read.
    Refused(String),
}

impl Profile {
    /// Asks for the profile of the customer that was chosen.
    pub fn open(cx: &mut Cx<'_>) -> Self {
        cx.ask(Slot::Record, visit::Profile {}, Self::read);
        Self { shown: Shown::Reading, scroll: Scroll::default() }
    }

    fn read(&mut self, rows: Result<Vec<(&'static str, String)>, ServiceError>, cx: &mut Cx<'_>) {
        match rows {
            Ok(rows) => self.shown = Shown::Read(rows),
            Err(error) => {
                self.shown = Shown::Refused(error.to_string());
                cx.say(Tone::Bad, error.to_string());
            }
        }
    }

    fn draw_rows(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let Shown::Read(rows) = &self.shown else { return };
        let longest = rows.iter().map(|(label, _)| width(label)).max().unwrap_or_default();
        let labels = u16::try_from(longest + 2).unwrap_or(area.width).min(area.width / 2);
        let texts = area.width - labels;
        let lines: Vec<(&str, String)> = rows
            .iter()
            .flat_map(|(label, text)| {
                let mut text: Vec<_> = clean_lines(text).flat_map(|line| wrap(&line, texts.into())).collect();
                text.resize(text.len().max(1), String::new());
                std::iter::once(*label).chain(std::iter::repeat("")).zip(text)
            })
            .collect();
        let view = self.scroll.view(lines.len(), area.height);
        for (y, (label, text)) in (area.top()..area.bottom()).zip(&lines[view]) {
            let buf = frame.buffer_mut();
            draw_text(buf, area.x, y, labels.saturating_sub(1), label, cx.theme.label);
            draw_text(buf, area.x + labels, y, texts, text, cx.theme.value);
        }
    }
}

impl Component for Profile {
    fn title(&self) -> String {
        Place::CustomerProfile.label().to_owned()
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Back));
        out.push(Command::of(Action::Reload).ribbon());
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Back) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Command(Action::Reload) | Event::Returned(Outcome::Written) | Event::VisitorChanged => {
                cx.ask(Slot::Record, visit::Profile {}, Self::read);
            }
            Event::Key(key) => self.scroll.key(&key),
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let area = area.inner(Margin::new(1, 0));
        match &self.shown {
            Shown::Reading => {
                draw_text(frame.buffer_mut(), area.x, area.y, area.width, "reading…", cx.theme.dim);
            }
            Shown::Read(_) => self.draw_rows(frame, area, cx),
            Shown::Refused(sentence) => {
                draw_wrapped(frame.buffer_mut(), area, &format!("{FAILED} {sentence}"), cx.theme.bad);
            }
        }
        if cx.focused {
            frame.set_cursor_position(area.as_position());
        }
    }
}

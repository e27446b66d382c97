//! A question that must be answered before anything else is done.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::model::text::{clean, width};
use crate::tui::command::{Action, Command, letter};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Outcome, Question};
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::popup::{Edge, draw_popup};
use crate::tui::widgets::text::{draw_text, wrap};

/// The greatest width of a question, in columns.
const COLUMNS: usize = 72;

/// A question, and which answer is chosen; at first the safe one.
pub struct Asked {
    question: Question,
    chosen: Chosen,
}

impl Asked {
    /// Asks a question. The first answer is the safe one, which Esc gives.
    pub fn new(question: Question) -> Self {
        Self { question, chosen: Chosen::default() }
    }
}

impl Component for Asked {
    fn title(&self) -> String {
        self.question.title.clone()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn question(&self) -> Option<String> {
        Some(self.question.lines.join(" "))
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn answers(&self) -> Vec<(char, String)> {
        self.question.answers.clone()
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Open).labelled("Choose"));
        if let Some((_, safe)) = self.question.answers.first() {
            out.push(Command::of(Action::Back).labelled(safe));
        }
    }

    /// Keys typed before the question was seen must not answer it. With only one answer there is nothing to decide.
    fn drops_typed_ahead(&self) -> bool {
        self.question.answers.len() > 1
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        let answers = &self.question.answers;
        match event {
            Event::Command(Action::Open) => cx.push(Effect::Pop(Outcome::Answer(self.chosen.at))),
            Event::Command(Action::Back) => cx.push(Effect::Pop(Outcome::Answer(0))),
            Event::Key(key) if !self.chosen.key(&key, answers.len(), |_| true) => {
                let same = |typed: char, known: char| typed.eq_ignore_ascii_case(&known);
                let by_letter =
                    letter(&key).and_then(|typed| answers.iter().position(|(l, _)| same(typed, *l)));
                if let Some(at) = by_letter {
                    cx.push(Effect::Pop(Outcome::Answer(at)));
                }
            }
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let most = COLUMNS.min(usize::from(area.width).saturating_sub(4));
        let said: Vec<String> = self.question.lines.iter().flat_map(|line| wrap(line, most)).collect();
        let answers = &self.question.answers;
        let widest =
            said.iter().map(|line| width(line)).chain(answers.iter().map(|(_, a)| width(&clean(a)) + 2));
        let size = (widest.max().unwrap_or(0).min(most), said.len() + 1 + answers.len());
        let edge = Edge { title: &self.question.title, keys: "↑↓ Enter Esc" };
        let room = draw_popup(frame.buffer_mut(), area, size, edge, cx.theme);
        // The answers always have room; the text is cut for them.
        let answers_high = u16::try_from(answers.len()).unwrap_or(u16::MAX).min(room.height);
        let first_answer = room.bottom() - answers_high;
        for (y, line) in (room.top()..first_answer).zip(&said) {
            draw_text(frame.buffer_mut(), room.x, y, room.width, line, cx.theme.value);
        }
        for (y, (at, (letter, answer))) in (first_answer..room.bottom()).zip(answers.iter().enumerate()) {
            let buf = frame.buffer_mut();
            draw_text(buf, room.x, y, 1, &letter.to_string(), cx.theme.key);
            draw_text(buf, room.x + 2, y, room.width.saturating_sub(2), answer, cx.theme.value);
            if at == self.chosen.at {
                buf.set_style(Rect { y, height: 1, ..room }, cx.theme.selection);
                frame.set_cursor_position((room.x, y));
            }
        }
    }
}

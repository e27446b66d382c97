//! A question that is answered with a few words, such as a reason.

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{AskScreen, Effect, Event, Outcome};
use crate::tui::theme::FAILED;
use crate::tui::widgets::popup::{Edge, draw_popup};
use crate::tui::widgets::text::{draw_text, draw_wrapped, wrap};
use crate::tui::widgets::text_box::{Edit, TextBox};

/// The message about an empty answer.
const EMPTY: &str = "Type an answer; Esc leaves everything as it is.";

/// The width of the answer, in columns.
const COLUMNS: usize = 64;

/// A question, and the answer typed so far.
pub struct Ask {
    screen: AskScreen,
    answer: TextBox,
    /// What is wrong with the answer.
    wrong: Option<String>,
}

impl Ask {
    /// Asks a question, to which an answer is proposed.
    pub fn new(screen: AskScreen, proposed: &str) -> Self {
        let answer = TextBox::new(proposed, Some(screen.most));
        Self { screen, answer, wrong: None }
    }

    fn submit(&mut self, cx: &mut Cx<'_>) {
        match self.answer.text().trim() {
            "" => self.wrong = Some(EMPTY.to_owned()),
            answer => cx.push(Effect::Pop(Outcome::Words(answer.to_owned()))),
        }
    }

    fn after(&mut self, edit: Edit) {
        if edit.is_change() {
            self.wrong = edit.refused().map(|refused| refused.to_string());
        }
    }
}

impl Component for Ask {
    fn title(&self) -> String {
        self.screen.title.clone()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn question(&self) -> Option<String> {
        Some(self.screen.question.clone())
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let answered = !self.answer.text().trim().is_empty();
        out.push(Command::of(Action::SaveAndReload).labelled(&self.screen.title).only_if(answered, EMPTY));
        out.push(Command::of(Action::Back).labelled("Cancel"));
        let filled = !self.answer.is_empty();
        out.push(Command::of(Action::Clear).only_if(filled, "Nothing has been typed."));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::SaveAndReload) => self.submit(cx),
            Event::Command(Action::Back) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Command(Action::Clear) => self.answer.set(""),
            Event::Key(key) if key.code == KeyCode::Enter => self.submit(cx),
            Event::Key(key) => {
                let edit = self.answer.key(&key);
                self.after(edit);
            }
            Event::Paste(text) => {
                let edit = self.answer.paste(&text);
                self.after(edit);
            }
            Event::Command(_) | Event::Returned(_) | Event::VisitorChanged => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let columns = COLUMNS.min(usize::from(area.width).saturating_sub(4));
        let asked = u16::try_from(wrap(&self.screen.question, columns).len()).unwrap_or(u16::MAX);
        let edge = Edge { title: &self.screen.title, keys: "Enter Esc" };
        let size = (columns, usize::from(asked) + 3);
        let room = draw_popup(frame.buffer_mut(), area, size, edge, cx.theme);
        // The answer and its message always have room; the question is cut for them.
        let asked = asked.min(room.height.saturating_sub(2));
        let buf = frame.buffer_mut();
        draw_wrapped(buf, Rect { height: asked, ..room }, &self.screen.question, cx.theme.value);
        let below = Rect { y: room.bottom().saturating_sub(2).max(room.y + asked), height: 1, ..room };
        let cursor = self.answer.draw(buf, below, cx.theme.input);
        if let Some(wrong) = &self.wrong {
            let sentence = format!("{FAILED} {wrong}");
            draw_text(buf, room.x, below.y + 1, room.width, &sentence, cx.theme.bad);
        }
        if cx.focused {
            frame.set_cursor_position(cursor);
        }
    }
}

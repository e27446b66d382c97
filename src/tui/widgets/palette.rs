//! The palette: every command that can be given here, found by a part of its name.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::model::text::{clean, fold, width};
use crate::tui::command::{Action, Command, shown_key};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Offer, Outcome, Tone};
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::popup::{Edge, draw_popup};
use crate::tui::widgets::text::{draw_right, draw_text};
use crate::tui::widgets::text_box::{Edit, TextBox};

/// The commands, and the text typed to find one.
pub struct Palette {
    offer: Offer,
    typed: TextBox,
    chosen: Chosen,
}

impl Palette {
    /// A palette that shows every command.
    pub fn new(offer: Offer) -> Self {
        Self { offer, typed: TextBox::default(), chosen: Chosen::default() }
    }

    /// The commands whose names contain every word typed, those of the place before those of the frame.
    fn found(&self) -> Vec<&Command> {
        let typed = fold(self.typed.text());
        let has_all = |command: &&Command| {
            let name = fold(command.label());
            typed.split_whitespace().all(|word| name.contains(word))
        };
        let (frame, own) = self.offer.commands.split_at(self.offer.frame);
        own.iter().chain(frame).filter(has_all).collect()
    }

    fn run(&self, cx: &mut Cx<'_>) {
        match self.found().get(self.chosen.at) {
            Some(Command { action, disabled: None, .. }) => cx.push(Effect::Pop(Outcome::Command(*action))),
            Some(Command { disabled: Some(why_not), .. }) => {
                cx.say(Tone::Plain, *why_not);
            }
            None => {}
        }
    }

    fn key(&mut self, key: &KeyEvent) {
        let length = self.found().len();
        // Home and End belong to the text.
        let in_text = matches!(key.code, KeyCode::Home | KeyCode::End);
        if !in_text && self.chosen.key(key, length, |_| true) {
            return;
        }
        let edit = self.typed.key(key);
        self.search_anew(edit);
    }

    fn search_anew(&mut self, edit: Edit) {
        if edit.is_change() {
            self.chosen = Chosen::default();
        }
    }
}

impl Component for Palette {
    fn title(&self) -> String {
        "Commands".to_owned()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let found = !self.found().is_empty();
        out.push(Command::of(Action::Open).labelled("Run").only_if(found, "No command has such a name."));
        out.push(Command::of(Action::Back).labelled("Close"));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Open) => self.run(cx),
            Event::Command(Action::Back) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Key(key) if key.code == KeyCode::Enter => self.run(cx),
            Event::Key(key) => self.key(&key),
            Event::Paste(text) => {
                let edit = self.typed.paste(&text);
                self.search_anew(edit);
            }
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let found: Vec<Command> = self.found().into_iter().cloned().collect();
        let columns =
            self.offer.commands.iter().map(|command| width(&clean(command.label())) + 16).max().unwrap_or(0);
        let edge = Edge { title: "Commands", keys: "type to find · ↑↓ Enter Esc" };
        let size = (columns.max(40), self.offer.commands.len() + 1);
        let room = draw_popup(frame.buffer_mut(), area, size, edge, cx.theme);
        let cursor = self.typed.draw(frame.buffer_mut(), Rect { height: 1, ..room }, cx.theme.input);
        let list = Rect { y: room.y + 1, height: room.height.saturating_sub(1), ..room };
        let view = self.chosen.view(found.len(), list.height);
        for (y, at) in (list.top()..list.bottom()).zip(view) {
            let (buf, command) = (frame.buffer_mut(), &found[at]);
            let style = if command.disabled.is_none() { cx.theme.value } else { cx.theme.dim };
            let line = Rect { y, height: 1, ..list };
            // The keys as they are in the place below.
            let key = shown_key(command, self.offer.takes_text, &self.offer.commands);
            let key = key.map(|key| key.to_string());
            let note = command.disabled.map(str::to_owned).or(key).unwrap_or_default();
            let taken = draw_text(buf, line.x, y, line.width, command.label(), style) + 2;
            let left = line.width.saturating_sub(taken);
            draw_right(buf, Rect { x: line.right() - left, width: left, ..line }, &note, cx.theme.dim);
            if at == self.chosen.at {
                buf.set_style(line, cx.theme.selection);
            }
        }
        if cx.focused {
            frame.set_cursor_position(cursor);
        }
    }
}

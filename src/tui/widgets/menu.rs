//! A pop-up list to choose from, by letter or with Enter.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::model::text::{clean, width};
use crate::tui::command::{Action, Command, letter, shown_key};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, MenuEntry, MenuScreen, Outcome};
use crate::tui::theme::Theme;
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::popup::{Edge, draw_popup};
use crate::tui::widgets::text::{draw_right, draw_text};

/// The list, and which of its lines is chosen.
pub struct Menu {
    screen: MenuScreen,
    chosen: Chosen,
}

impl Menu {
    /// A menu with the line chosen that is in effect now, otherwise the first one that can be chosen.
    pub fn new(screen: MenuScreen) -> Self {
        let is_enabled = |at: usize| screen.entries.get(at).is_some_and(|entry| entry.enabled);
        let chosen = match screen.current.filter(|at| is_enabled(*at)) {
            Some(at) => Chosen::line(at),
            None => Chosen::first(screen.entries.len(), is_enabled),
        };
        Self { screen, chosen }
    }

    fn choose(&self, at: usize, cx: &mut Cx<'_>) {
        match self.screen.entries.get(at) {
            Some(entry) if entry.enabled => cx.push(Effect::Pop(entry.choice.clone())),
            _ => {}
        }
    }

    fn key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        let entries = &self.screen.entries;
        if self.chosen.key(key, entries.len(), |at| entries[at].enabled) {
            return;
        }
        let by_letter = letter(key).and_then(|letter| entries.iter().position(|e| e.letter == Some(letter)));
        if let Some(at) = by_letter {
            self.choose(at, cx);
        }
    }
}

impl Component for Menu {
    fn title(&self) -> String {
        self.screen.title.clone()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let possible = self.screen.entries.get(self.chosen.at).is_some_and(|entry| entry.enabled);
        out.push(
            Command::of(Action::Open).labelled("Choose").only_if(possible, "Nothing here can be chosen."),
        );
        out.push(Command::of(Action::Back).labelled("Close"));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Open) => self.choose(self.chosen.at, cx),
            Event::Command(Action::Back) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Key(key) if key.code == KeyCode::Enter => self.choose(self.chosen.at, cx),
            Event::Key(key) => self.key(&key, cx),
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let entries = &self.screen.entries;
        let columns = entries.iter().map(columns_of).max().unwrap_or(0);
        let edge = Edge { title: &self.screen.title, keys: "↑↓ Enter Esc" };
        let room = draw_popup(frame.buffer_mut(), area, (columns, entries.len()), edge, cx.theme);
        let view = self.chosen.view(entries.len(), room.height);
        for (y, at) in (room.top()..room.bottom()).zip(view) {
            let line = Rect { y, height: 1, ..room };
            draw_entry(frame.buffer_mut(), line, &entries[at], at == self.chosen.at, cx.theme);
            if self.screen.current == Some(at) {
                draw_text(frame.buffer_mut(), line.x + 1, y, 1, "•", cx.theme.title);
            }
            if at == self.chosen.at && cx.focused {
                frame.set_cursor_position((line.x, line.y));
            }
        }
    }
}

fn columns_of(entry: &MenuEntry) -> usize {
    width(&clean(&entry.label)) + width(&clean(&entry.note)) + 6
}

fn draw_entry(buf: &mut Buffer, line: Rect, entry: &MenuEntry, chosen: bool, theme: &Theme) {
    let style = if entry.enabled { theme.value } else { theme.dim };
    if let Some(letter) = entry.letter {
        let style = if entry.enabled { theme.key } else { theme.dim };
        draw_text(buf, line.x, line.y, 1, letter.encode_utf8(&mut [0; 4]), style);
    }
    let label = draw_text(buf, line.x + 2, line.y, line.width.saturating_sub(2), &entry.label, style);
    let left = line.width.saturating_sub(label + 4);
    draw_right(buf, Rect { x: line.right() - left, width: left, ..line }, &entry.note, theme.dim);
    if chosen {
        buf.set_style(line, theme.selection);
    }
}

/// The menu lines of these commands: each with its letter and key, or the reason why it cannot be given.
pub fn entries_of(commands: &[Command], takes_text: bool) -> Vec<MenuEntry> {
    let entry = |command: &Command| {
        let key = || shown_key(command, takes_text, commands).map(|key| key.to_string());
        MenuEntry {
            letter: command.action.about().letter,
            label: command.label().to_owned(),
            note: command.disabled.map(str::to_owned).or_else(key).unwrap_or_default(),
            enabled: command.disabled.is_none(),
            choice: Outcome::Command(command.action),
        }
    };
    commands.iter().map(entry).collect()
}

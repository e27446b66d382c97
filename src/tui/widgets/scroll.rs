//! Which lines of a text are in view.

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent};

/// Lines that Page Up and Page Down go.
const PAGE: usize = 10;

/// The first line in view of a text that is read and scrolled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    first: usize,
    /// The last line that can be the first in view; known once it was drawn.
    last_first: usize,
}

impl Scroll {
    /// Takes a key that goes up or down.
    pub fn key(&mut self, key: &KeyEvent) {
        let first = match key.code {
            KeyCode::Up => self.first.saturating_sub(1),
            KeyCode::Down => self.first + 1,
            KeyCode::PageUp => self.first.saturating_sub(PAGE),
            KeyCode::PageDown => self.first + PAGE,
            KeyCode::Home => 0,
            KeyCode::End => self.last_first,
            _ => self.first,
        };
        self.first = first.min(self.last_first);
    }

    /// The lines in view of so many, when `height` have room.
    pub fn view(&mut self, lines: usize, height: u16) -> Range<usize> {
        let height = usize::from(height);
        self.last_first = lines.saturating_sub(height);
        self.first = self.first.min(self.last_first);
        self.first..lines.min(self.first + height)
    }
}

//! The position of a text that is scrolled.

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent};

/// The lines that Page Up and Page Down move by.
const PAGE: usize = 10;

/// The index of the first line in view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    first: usize,
    /// The largest index of a first line; known once it was drawn.
    last_first: usize,
}

impl Scroll {
    /// Handles a key that scrolls.
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

    /// The range of lines in view, of `lines` lines where `height` have room.
    pub fn view(&mut self, lines: usize, height: u16) -> Range<usize> {
        let height = usize::from(height);
        self.last_first = lines.saturating_sub(height);
        self.first = self.first.min(self.last_first);
        self.first..lines.min(self.first + height)
    }
}

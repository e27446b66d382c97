//! The chosen line of a short list, and which lines are in view.

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent};

/// The lines that Page Up and Page Down move by.
const PAGE: usize = 10;

/// The chosen line of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Its index.
    pub at: usize,
    /// The first line in view.
    top: usize,
}

impl Chosen {
    /// The first line that can be chosen, or the first.
    pub fn first(length: usize, can_be_chosen: impl Fn(usize) -> bool) -> Self {
        Self { at: (0..length).find(|&at| can_be_chosen(at)).unwrap_or(0), top: 0 }
    }

    /// The line of this index.
    pub fn line(at: usize) -> Self {
        Self { at, top: 0 }
    }

    /// Handles a key that moves up or down a list of `length` lines; lines that cannot be chosen are skipped. Returns
    /// whether it was such a key.
    pub fn key(&mut self, key: &KeyEvent, length: usize, can_be_chosen: impl Fn(usize) -> bool) -> bool {
        let below = |from: usize| (from..length).find(|&at| can_be_chosen(at));
        let above = |to: usize| (0..to.min(length)).rev().find(|&at| can_be_chosen(at));
        let found = match key.code {
            KeyCode::Up => above(self.at),
            KeyCode::Down => below(self.at + 1),
            KeyCode::PageUp => above(self.at.saturating_sub(PAGE) + 1),
            KeyCode::PageDown => {
                below((self.at + PAGE).min(length.saturating_sub(1))).or_else(|| above(length))
            }
            KeyCode::Home => below(0),
            KeyCode::End => above(length),
            _ => return false,
        };
        self.at = found.unwrap_or(self.at);
        true
    }

    /// The range of lines in view where `height` lines have room, with the chosen one.
    pub fn view(&mut self, length: usize, height: u16) -> Range<usize> {
        let height = usize::from(height);
        self.at = self.at.min(length.saturating_sub(1));
        self.top = self.top.min(self.at).max((self.at + 1).saturating_sub(height));
        self.top..length.min(self.top + height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::parse_keys;

    fn after(keys: &str, length: usize, can_be_chosen: fn(usize) -> bool) -> usize {
        let mut chosen = Chosen::first(length, can_be_chosen);
        for key in parse_keys(keys) {
            assert!(chosen.key(&key, length, can_be_chosen), "{keys}");
        }
        chosen.at
    }

    #[test]
    fn lines_that_cannot_be_chosen_are_passed_over() {
        let odd: fn(usize) -> bool = |at| at % 2 == 1;
        assert_eq!(after("", 5, odd), 1);
        assert_eq!(after("<Down>", 5, odd), 3);
        assert_eq!(after("<Down><Down><Down>", 5, odd), 3);
        assert_eq!(after("<End>", 5, odd), 3);
        assert_eq!(after("<End><Home>", 5, odd), 1);
        assert_eq!(after("<PageDown>", 5, odd), 3);
        assert_eq!(after("<PageDown><PageUp>", 40, |_| true), 0);
    }

    #[test]
    fn an_empty_list_takes_keys_and_chooses_nothing() {
        assert_eq!(after("<Down><End><PageDown>", 0, |_| true), 0);
        assert_eq!(Chosen::default().view(0, 5), 0..0);
    }

    #[test]
    fn the_chosen_line_is_in_view() {
        let mut chosen = Chosen { at: 7, top: 0 };
        assert_eq!(chosen.view(10, 3), 5..8);
        chosen.at = 6;
        assert_eq!(chosen.view(10, 3), 5..8);
        chosen.at = 2;
        assert_eq!(chosen.view(10, 3), 2..5);
    }
}

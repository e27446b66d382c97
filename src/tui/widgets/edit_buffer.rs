//! The text of a text box while it is edited: cursor, selection, undo and redo. Boxes of one line and of several share
//! it, so that every key does the same in both.

mod boundary;

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

use boundary::{grapheme_after, grapheme_before, next_boundary, previous_boundary, word_after, word_before};

/// The most steps that can be taken back.
const STEPS: usize = 1000;

/// What a key or a paste did to a text box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The key has no meaning in a text box.
    Ignored,
    /// The cursor has moved, or is at the end already.
    Moved,
    /// The text has changed.
    Changed,
    /// Not everything had room; what had was inserted.
    Refused(Refused),
}

impl Edit {
    /// Whether the text may have changed.
    pub fn is_change(self) -> bool {
        matches!(self, Self::Changed | Self::Refused(_))
    }

    /// The characters that had no room, if there were any.
    pub fn refused(self) -> Option<Refused> {
        match self {
            Self::Refused(refused) => Some(refused),
            Self::Ignored | Self::Moved | Self::Changed => None,
        }
    }
}

/// Characters that had no room in a text box, counted in code points, as the schema does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The most code points that the box takes.
    pub limit: usize,
    /// The number of code points left out.
    pub left_out: usize,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { limit, left_out } = self;
        let characters = if *left_out == 1 { "character" } else { "characters" };
        write!(f, "At most {limit} characters; {left_out} {characters} left out.")
    }
}

/// One step that can be taken back: at this byte, one text took the place of another.
#[derive(Clone, Debug)]
struct Step {
    at: usize,
    removed: String,
    inserted: String,
    /// The cursor before it.
    cursor: usize,
}

/// A text with a cursor between two graphemes (what a reader calls a character), and perhaps a selection that ends at
/// the cursor. Positions are bytes, always at the border of a grapheme.
#[derive(Clone, Debug, Default)]
pub struct EditBuffer {
    text: String,
    cursor: usize,
    /// The other end of the selection.
    anchor: Option<usize>,
    undone: Vec<Step>,
    done: Vec<Step>,
    /// Whether the last step was typing, which the next letter continues.
    is_typing: bool,
}

impl EditBuffer {
    /// A text with the cursor behind it.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text, ..Self::default() }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The position of the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// What is selected; empty when nothing is.
    pub fn selection(&self) -> Range<usize> {
        let anchor = self.anchor.unwrap_or(self.cursor);
        anchor.min(self.cursor)..anchor.max(self.cursor)
    }

    /// Handles the keys of every text box: those that move, select, delete, undo and redo. Letters and the keys between
    /// lines are not handled.
    pub fn key(&mut self, key: &KeyEvent) -> Edit {
        if let Some(to) = self.destination(key) {
            self.go_to(to, key.modifiers.contains(KeyModifiers::SHIFT));
            return Edit::Moved;
        }
        let is_changed = match (key.code, key.modifiers) {
            (KeyCode::Char('z'), KeyModifiers::CONTROL) => self.undo(),
            (KeyCode::Char('y'), KeyModifiers::CONTROL) => self.redo(),
            _ => match self.deleted(key) {
                Some(range) => self.replace(range, ""),
                None => return Edit::Ignored,
            },
        };
        if is_changed { Edit::Changed } else { Edit::Moved }
    }

    /// Where a key moves the cursor; `None` for a key that does not move it.
    fn destination(&self, key: &KeyEvent) -> Option<usize> {
        let Self { text, cursor, .. } = self;
        let is_selecting = key.modifiers.contains(KeyModifiers::SHIFT);
        let selection = self.selection();
        let by_words = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let control = key.modifiers == KeyModifiers::CONTROL;
        Some(match key.code {
            KeyCode::Left if by_words => word_before(text, *cursor),
            KeyCode::Right if by_words => word_after(text, *cursor),
            KeyCode::Left if !selection.is_empty() && !is_selecting => selection.start,
            KeyCode::Right if !selection.is_empty() && !is_selecting => selection.end,
            KeyCode::Left => grapheme_before(text, *cursor),
            KeyCode::Right => grapheme_after(text, *cursor),
            KeyCode::Home if by_words => 0,
            KeyCode::End if by_words => text.len(),
            KeyCode::Home => self.line().start,
            KeyCode::End => self.line().end,
            KeyCode::Char('a') if control => self.line().start,
            KeyCode::Char('e') if control => self.line().end,
            _ => return None,
        })
    }

    /// What a key deletes; `None` for a key that deletes nothing. Some terminals send Backspace as Ctrl+H.
    fn deleted(&self, key: &KeyEvent) -> Option<Range<usize>> {
        let Self { text, cursor, .. } = self;
        let at = *cursor;
        let by_words = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let control = key.modifiers == KeyModifiers::CONTROL;
        let range = match key.code {
            KeyCode::Backspace if by_words => word_before(text, at)..at,
            KeyCode::Char('w') if control => word_before(text, at)..at,
            KeyCode::Delete if by_words => at..word_after(text, at),
            KeyCode::Backspace => grapheme_before(text, at)..at,
            KeyCode::Char('h') if control => grapheme_before(text, at)..at,
            KeyCode::Delete => at..grapheme_after(text, at),
            // At the end of a line it joins the next one.
            KeyCode::Char('k') if control => {
                at..self.line().end.max(grapheme_after(text, at).min(self.line().end + 1))
            }
            KeyCode::Char('u') if control => return Some(0..text.len()),
            _ => return None,
        };
        Some(if self.selection().is_empty() { range } else { self.selection() })
    }

    /// The line with the cursor, without its end.
    fn line(&self) -> Range<usize> {
        let (before, after) = self.text.split_at(self.cursor);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        start..after.find('\n').map_or(self.text.len(), |at| self.cursor + at)
    }

    /// Moves the cursor to a position, or to the next border of a grapheme behind it; the selection grows or ends.
    pub fn go_to(&mut self, position: usize, is_selecting: bool) {
        self.is_typing = false;
        self.anchor = if is_selecting { self.anchor.or(Some(self.cursor)) } else { None };
        self.cursor = next_boundary(&self.text, position);
    }

    /// Types or pastes a text at the cursor, in the place of what is selected: as many whole graphemes as have room in
    /// a box of `limit` code points.
    pub fn insert(&mut self, piece: &str, limit: usize) -> Edit {
        let selection = self.selection();
        let kept = self.text.chars().count() - self.text[selection.clone()].chars().count();
        let taken = fitting(piece, limit.saturating_sub(kept));
        let left_out = piece[taken.len()..].chars().count();
        let is_letter = taken.graphemes(true).nth(1).is_none() && taken != "\n";
        let continues = is_letter && self.is_typing && selection.is_empty();
        let is_changed = !taken.is_empty() && self.replace(selection, taken);
        if is_changed && continues {
            self.join_last_steps();
        }
        self.is_typing = is_changed && is_letter;
        match left_out {
            0 if is_changed => Edit::Changed,
            0 => Edit::Moved,
            left_out => Edit::Refused(Refused { limit, left_out }),
        }
    }

    /// Puts a text in the place of all there is, with the cursor behind it. It can be taken back.
    pub fn set(&mut self, text: &str) {
        self.replace(0..self.text.len(), text);
    }

    /// Puts a text in the place of a part, and the cursor behind it; returns whether that changes anything.
    fn replace(&mut self, range: Range<usize>, by: &str) -> bool {
        (self.is_typing, self.anchor) = (false, None);
        if range.is_empty() && by.is_empty() {
            return false;
        }
        let removed = self.text[range.clone()].to_owned();
        self.text.replace_range(range.clone(), by);
        self.undone.clear();
        self.done.push(Step { at: range.start, removed, inserted: by.to_owned(), cursor: self.cursor });
        if self.done.len() > STEPS {
            self.done.remove(0);
        }
        // A combining mark joins what is before it, and two graphemes may become one.
        self.cursor = next_boundary(&self.text, range.start + by.len());
        true
    }

    /// Makes one step of the last two when the second one continues the word that the first one began.
    fn join_last_steps(&mut self) {
        let Some(last) = self.done.pop() else { return };
        let is_same_word =
            |step: &Step| !step.inserted.ends_with(char::is_whitespace) || last.inserted == " ";
        match self.done.last_mut() {
            Some(step) if step.at + step.inserted.len() == last.at && is_same_word(step) => {
                step.inserted += &last.inserted;
            }
            _ => self.done.push(last),
        }
    }

    fn undo(&mut self) -> bool {
        let Some(step) = self.done.pop() else { return false };
        self.text.replace_range(step.at..step.at + step.inserted.len(), &step.removed);
        (self.cursor, self.anchor, self.is_typing) = (step.cursor, None, false);
        self.undone.push(step);
        true
    }

    fn redo(&mut self) -> bool {
        let Some(step) = self.undone.pop() else { return false };
        self.text.replace_range(step.at..step.at + step.removed.len(), &step.inserted);
        self.cursor = next_boundary(&self.text, step.at + step.inserted.len());
        (self.anchor, self.is_typing) = (None, false);
        self.done.push(step);
        true
    }

    /// The position in `range` that is at most `column` columns from its beginning, by `width`.
    pub fn at_column(&self, range: Range<usize>, column: usize, width: impl Fn(&str) -> usize) -> usize {
        let mut end = range.start;
        while end < range.end {
            let next = grapheme_after(&self.text, end);
            if next > range.end || width(&self.text[range.start..next]) > column {
                break;
            }
            end = next;
        }
        previous_boundary(&self.text, end)
    }
}

/// The longest beginning of `piece` that has at most `room` code points and ends between two graphemes.
fn fitting(piece: &str, room: usize) -> &str {
    if piece.len() <= room {
        return piece;
    }
    let (mut bytes, mut count) = (0, 0);
    for grapheme in piece.graphemes(true) {
        count += grapheme.chars().count();
        if count > room {
            break;
        }
        bytes += grapheme.len();
    }
    &piece[..bytes]
}

#[cfg(test)]
mod tests;

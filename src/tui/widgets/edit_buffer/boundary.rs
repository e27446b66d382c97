//! The borders of graphemes (what a reader calls a character) and of words, by Unicode Standard Annex 29. Positions are
//! bytes.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// The border after this position; at the end, the end.
pub(super) fn grapheme_after(text: &str, position: usize) -> usize {
    let next = GraphemeCursor::new(position, text.len(), true).next_boundary(text, 0);
    next.ok().flatten().unwrap_or(text.len())
}

/// The border before this position; at the beginning, the beginning.
pub(super) fn grapheme_before(text: &str, position: usize) -> usize {
    let previous = GraphemeCursor::new(position, text.len(), true).prev_boundary(text, 0);
    previous.ok().flatten().unwrap_or(0)
}

fn is_boundary(text: &str, position: usize) -> bool {
    GraphemeCursor::new(position, text.len(), true).is_boundary(text, 0).unwrap_or(true)
}

/// The position, or the border after it when it lies within a grapheme.
pub(super) fn next_boundary(text: &str, position: usize) -> usize {
    let position = position.min(text.len());
    if is_boundary(text, position) { position } else { grapheme_after(text, position) }
}

/// The position, or the border before it when it lies within a grapheme.
pub(super) fn previous_boundary(text: &str, position: usize) -> usize {
    let position = position.min(text.len());
    if is_boundary(text, position) { position } else { grapheme_before(text, position) }
}

/// The beginning of the word that ends before this position, or the beginning of the text.
pub(super) fn word_before(text: &str, position: usize) -> usize {
    let words = text[..position].split_word_bound_indices().rev();
    let start = words.into_iter().find(|(_, word)| is_word(word)).map_or(0, |(at, _)| at);
    previous_boundary(text, start)
}

/// The beginning of the next word after this position, or the end of the text.
pub(super) fn word_after(text: &str, position: usize) -> usize {
    let mut words = text[position..].split_word_bound_indices().skip(1);
    let start = words.find(|(_, word)| is_word(word)).map_or(text.len(), |(at, _)| position + at);
    next_boundary(text, start)
}

fn is_word(piece: &str) -> bool {
    piece.contains(char::is_alphanumeric)
}

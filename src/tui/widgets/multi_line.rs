//! A text box of several lines. `tui_textarea` edits the text; the lines are drawn here, because it would draw hidden
//! characters as they are.

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use tui_textarea::{CursorMove, DataCursor, TextArea};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::model::text::{clean, one_line, width};
use crate::tui::widgets::text::draw_part;
use crate::tui::widgets::text_box::{Edit, Refused, byte_of, fitting, scrolled};

/// Several lines of text with a cursor.
#[derive(Clone, Debug)]
pub struct MultiLine {
    area: TextArea<'static>,
    limit: Option<usize>,
    /// The first line and the first column in view.
    top: usize,
    left: usize,
    /// The width at the last drawing, in columns.
    columns: usize,
}

/// A part of a line that is drawn as a line of its own: the index of the line, and the range of bytes.
struct Piece {
    line: usize,
    bytes: Range<usize>,
}

impl MultiLine {
    /// A text box with this text and the cursor at its beginning. It takes at most `limit` code points.
    pub fn new(text: &str, limit: Option<usize>) -> Self {
        let mut area =
            TextArea::new(text.split('\n').map(|line| line.trim_end_matches('\r').to_owned()).collect());
        area.set_max_histories(0);
        Self { area, limit, top: 0, left: 0, columns: usize::MAX }
    }

    /// The text; its lines are ended by `\n`.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Forgets what was typed.
    pub fn clear(&mut self) {
        *self = Self::new("", self.limit);
    }

    /// Puts the cursor on a character, both counted from 0.
    pub fn go_to(&mut self, line: usize, character: usize) {
        let near = |index: usize| u16::try_from(index).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(near(line), near(character)));
    }

    /// Handles a key: characters, Enter for a new line, and the keys that move and delete. Up in the first line and
    /// Down in the last are not handled.
    pub fn key(&mut self, key: &KeyEvent) -> Edit {
        let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
        match key.code {
            KeyCode::Char(typed) if plain => self.insert(typed.encode_utf8(&mut [0; 4])),
            KeyCode::Enter if plain => self.insert("\n"),
            _ => match self.delete(key) {
                Some(true) => Edit::Changed,
                Some(false) => Edit::Moved,
                None => self.go(key),
            },
        }
    }

    /// Inserts pasted text, without hidden characters in its lines.
    pub fn paste(&mut self, text: &str) -> Edit {
        let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let lines: Vec<String> = lines.flat_map(|line| line.split('\r')).map(one_line).collect();
        self.insert(&lines.join("\n"))
    }

    fn insert(&mut self, piece: &str) -> Edit {
        let Some(limit) = self.limit else {
            self.area.insert_str(piece);
            return Edit::Changed;
        };
        let lines = self.area.lines();
        let length = lines.iter().map(|line| line.chars().count() + 1).sum::<usize>() - 1;
        let (taken, _) = fitting(piece, limit.saturating_sub(length));
        self.area.insert_str(taken);
        match piece[taken.len()..].chars().count() {
            0 => Edit::Changed,
            left_out => Edit::Refused(Refused { limit, left_out }),
        }
    }

    /// Whether a deleting key deleted anything; `None` when the key deletes nothing.
    fn delete(&mut self, key: &KeyEvent) -> Option<bool> {
        let word = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let control = key.modifiers == KeyModifiers::CONTROL;
        Some(match key.code {
            KeyCode::Backspace if word => self.area.delete_word(),
            KeyCode::Delete if word => self.area.delete_next_word(),
            KeyCode::Char('w') if control => self.area.delete_word(),
            KeyCode::Char('h') if control => self.area.delete_char(),
            KeyCode::Backspace => self.area.delete_char(),
            KeyCode::Delete => self.area.delete_next_char(),
            _ => return None,
        })
    }

    fn go(&mut self, key: &KeyEvent) -> Edit {
        let control = key.modifiers == KeyModifiers::CONTROL;
        let go = match key.code {
            KeyCode::Up => return self.climb(-1),
            KeyCode::Down => return self.climb(1),
            KeyCode::Left if control => CursorMove::WordBack,
            KeyCode::Right if control => CursorMove::WordForward,
            KeyCode::Left => CursorMove::Back,
            KeyCode::Right => CursorMove::Forward,
            KeyCode::Home if control => CursorMove::Top,
            KeyCode::End if control => CursorMove::Bottom,
            KeyCode::Home => CursorMove::Head,
            KeyCode::End => CursorMove::End,
            _ => return Edit::Ignored,
        };
        self.area.move_cursor(go);
        Edit::Moved
    }

    /// Moves up or down by drawn lines, and stays in about the same column.
    fn climb(&mut self, by: isize) -> Edit {
        let pieces = self.pieces();
        let (at, column) = self.index(&pieces);
        let Some(piece) = at.checked_add_signed(by).and_then(|to| pieces.get(to)) else {
            return Edit::Ignored;
        };
        let text = &self.area.lines()[piece.line];
        // The position behind the last character of a part is the beginning of the next one.
        let goes_on = piece.bytes.end < text.len();
        let mut end = piece.bytes.start;
        for (byte, grapheme) in text[piece.bytes.clone()].grapheme_indices(true) {
            let next = piece.bytes.start + byte + grapheme.len();
            let is_last = goes_on && next == piece.bytes.end;
            if is_last || width(&clean(&text[piece.bytes.start..next])) > column {
                break;
            }
            end = next;
        }
        let (line, character) = (piece.line, text[..end].chars().count());
        self.go_to(line, character);
        Edit::Moved
    }

    /// The lines as drawn: prose is broken between words, code is not broken.
    fn pieces(&self) -> Vec<Piece> {
        let columns = if self.limit.is_some() { self.columns } else { usize::MAX };
        let pieces = self.area.lines().iter().enumerate().flat_map(|(line, text)| {
            broken(text, columns).into_iter().map(move |bytes| Piece { line, bytes })
        });
        pieces.collect()
    }

    /// The index of the drawn line with the cursor, and the cursor's column in it.
    fn index(&self, pieces: &[Piece]) -> (usize, usize) {
        let DataCursor(line, character) = self.area.cursor();
        let text = self.area.lines().get(line).map_or("", String::as_str);
        let byte = byte_of(text, character);
        let before = |piece: &Piece| (piece.line, piece.bytes.start) <= (line, byte);
        let at = pieces.iter().rposition(before).unwrap_or_default();
        let start = pieces.get(at).map_or(0, |piece| piece.bytes.start);
        (at, width(&clean(&text[start.min(byte)..byte])))
    }

    /// Draws the lines, scrolled so that the cursor is in view. Returns the position of the cursor.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        self.columns = area.width.into();
        let pieces = self.pieces();
        let (at, column) = self.index(&pieces);
        // Blanks at the end of a line may reach beyond the edge.
        let column = if self.limit.is_some() { column.min(self.columns.saturating_sub(1)) } else { column };
        let last_top = pieces.len().saturating_sub(area.height.into());
        self.top = scrolled(self.top, at, area.height.into()).min(last_top);
        self.left = scrolled(self.left, column, area.width.into());
        buf.set_style(area, style);
        let shown = self.left..self.left + self.columns;
        for (y, piece) in (area.top()..area.bottom()).zip(&pieces[self.top.min(pieces.len())..]) {
            let text = &self.area.lines()[piece.line][piece.bytes.clone()];
            draw_part(buf, area.x, y, text, shown.clone(), style);
        }
        let index = |at: usize, first: usize| u16::try_from(at - first).unwrap_or(0);
        Position::new(area.x + index(column, self.left), area.y + index(at, self.top))
    }
}

/// The parts of a line, each at most `columns` wide but for blanks at its end. A word that is longer is broken.
fn broken(text: &str, columns: usize) -> Vec<Range<usize>> {
    let (mut pieces, mut start, mut used, mut gap) = (Vec::new(), 0, 0, None);
    for (byte, grapheme) in text.grapheme_indices(true) {
        let wide = width(&clean(grapheme));
        let is_blank = grapheme == " ";
        if used + wide > columns && !is_blank && byte > start {
            let end = gap.filter(|gap| *gap > start).unwrap_or(byte);
            pieces.push(start..end);
            (start, gap) = (end, None);
            used = width(&clean(&text[start..byte]));
        }
        used += wide;
        if is_blank {
            gap = Some(byte + 1);
        }
    }
    pieces.push(start..text.len());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::{self, parse_keys};

    fn typed(text: &str, limit: Option<usize>, keys: &str) -> MultiLine {
        let mut made = MultiLine::new(text, limit);
        for key in parse_keys(keys) {
            made.key(&key);
        }
        made
    }

    #[test]
    fn lines_are_typed_and_joined_again() {
        assert_eq!(typed("", None, "ab<Enter>c").text(), "ab\nc");
        assert_eq!(typed("", None, "ab<Enter>c<Home><BS>").text(), "abc");
        assert_eq!(typed("one\r\ntwo", None, "<Down>x").text(), "one\nxtwo");
        assert_eq!(typed("one two", None, "<End><C-w>").text(), "one ");
    }

    #[test]
    fn the_edge_of_the_text_gives_the_key_back() {
        assert_eq!(typed("a", None, "").key(&parse_keys("<Up>")[0]), Edit::Ignored);
        assert_eq!(typed("a", None, "").key(&parse_keys("<Down>")[0]), Edit::Ignored);
    }

    fn drawn(notes: &mut MultiLine, columns: u16, lines: u16) -> (Vec<String>, Position) {
        let area = Rect::new(0, 0, columns, lines);
        let mut buf = Buffer::empty(area);
        let cursor = notes.draw(&mut buf, area, Style::new());
        (testing::lines(&buf), cursor)
    }

    #[test]
    fn text_for_people_is_broken_between_words_and_code_is_not() {
        let mut notes = typed("Please let me see invoices", Some(254), "");
        assert_eq!(drawn(&mut notes, 12, 3).0, ["Please let", "me see", "invoices"]);
        notes.key(&parse_keys("<End>")[0]);
        assert_eq!(drawn(&mut notes, 12, 2), (vec!["me see".into(), "invoices".into()], Position::new(8, 1)));
        // Up and down go by what is seen.
        assert_eq!(notes.key(&parse_keys("<Up>")[0]), Edit::Moved);
        assert_eq!(drawn(&mut notes, 12, 3).1, Position::new(6, 1));
        assert_eq!(notes.key(&parse_keys("<Up>")[0]), Edit::Moved);
        assert_eq!(notes.key(&parse_keys("<Up>")[0]), Edit::Ignored);
        let mut settings = typed("Please let me see invoices", None, "");
        assert_eq!(drawn(&mut settings, 12, 2).0, ["Please let m", ""]);
    }

    #[test]
    fn a_word_longer_than_the_box_is_broken_and_blanks_hang_over() {
        assert_eq!(broken("abcdefgh ij", 3), [0..3, 3..6, 6..9, 9..11]);
        assert_eq!(broken("ab    cd", 3), [0..6, 6..8]);
        assert_eq!(broken("", 3), vec![0..0; 1]);
        assert_eq!(broken("日本語", 4), [0..6, 6..9]);
    }

    #[test]
    fn line_ends_count_towards_the_limit() {
        let mut notes = MultiLine::new("", Some(4));
        assert_eq!(notes.paste("ab\r\ncd"), Edit::Refused(Refused { limit: 4, left_out: 1 }));
        assert_eq!(notes.text(), "ab\nc");
    }

    #[test]
    fn a_paste_of_a_million_characters_is_taken() {
        let mut settings = MultiLine::new("", None);
        settings.paste(&"0123456789abcde\n".repeat(1 << 16));
        assert_eq!(settings.text().len(), 16 << 16);
    }

    #[test]
    fn promise_10_what_hides_in_a_line_is_drawn_as_a_mark() {
        let mut notes = MultiLine::new("a\u{1b}b\n\u{202e}c", None);
        notes.go_to(0, 3);
        let area = Rect::new(0, 0, 5, 2);
        let mut buf = Buffer::empty(area);
        let cursor = notes.draw(&mut buf, area, Style::new());
        let drawn: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!((drawn.as_str(), cursor), ("a␛b  �c   ", Position::new(3, 0)));
    }
}

//! A text box of several lines.

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::model::text::{clean, one_line, width};
use crate::tui::command::OwnKey;
use crate::tui::widgets::edit_buffer::{Edit, EditBuffer};
use crate::tui::widgets::text::{draw_part, draw_selection};
use crate::tui::widgets::text_box::scrolled;

/// The keys of a text of several lines besides those of one line, as the help names them.
pub const KEYS: [OwnKey; 2] =
    [OwnKey::of("↑ ↓", "By drawn lines"), OwnKey::of("Enter", "A new line; Tab goes to the next field")];

/// Several lines of text with a cursor.
#[derive(Clone, Debug)]
pub struct MultiLine {
    /// The lines, separated by `\n`.
    buffer: EditBuffer,
    limit: Option<usize>,
    /// The first drawn line and the first column in view.
    top: usize,
    left: usize,
    /// The width at the last drawing, in columns.
    columns: usize,
}

impl MultiLine {
    /// A text box with this text and the cursor at its beginning. It takes at most `limit` code points.
    pub fn new(text: &str, limit: Option<usize>) -> Self {
        let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
        let mut buffer = EditBuffer::new(lines.join("\n"));
        buffer.go_to(0, false);
        Self { buffer, limit, top: 0, left: 0, columns: usize::MAX }
    }

    /// The text; its lines are separated by `\n`.
    pub fn text(&self) -> String {
        self.buffer.text().to_owned()
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.buffer.text().is_empty()
    }

    /// Deletes what was typed. Ctrl+Z takes it back.
    pub fn clear(&mut self) {
        self.buffer.set("");
    }

    /// Puts the cursor on a character, both counted from 0.
    pub fn go_to(&mut self, line: usize, character: usize) {
        let text = self.buffer.text();
        let start =
            if line == 0 { Some(0) } else { text.match_indices('\n').nth(line - 1).map(|(at, _)| at + 1) };
        let start = start.unwrap_or(text.len());
        let rest = text[start..].split('\n').next().unwrap_or_default();
        let at = rest.char_indices().nth(character).map_or(rest.len(), |(at, _)| at);
        self.buffer.go_to(start + at, false);
    }

    /// The cursor, as a byte of the text.
    pub fn cursor(&self) -> usize {
        self.buffer.cursor()
    }

    /// Replaces the text, with the cursor at this byte of it. Ctrl+Z takes it back.
    pub fn replace(&mut self, text: &str, cursor: usize) {
        self.buffer.set(text);
        self.buffer.go_to(cursor, false);
    }

    /// Handles a key: characters, Enter for a new line, the keys between lines, and those of every text box. Up in the
    /// first line and Down in the last are not handled.
    pub fn key(&mut self, key: &KeyEvent) -> Edit {
        let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
        match key.code {
            KeyCode::Char(typed) if plain => self.insert(typed.encode_utf8(&mut [0; 4])),
            KeyCode::Enter if plain => self.insert("\n"),
            KeyCode::Up if plain => self.climb(-1, !key.modifiers.is_empty()),
            KeyCode::Down if plain => self.climb(1, !key.modifiers.is_empty()),
            _ => self.buffer.key(key),
        }
    }

    /// Inserts pasted text, without hidden characters in its lines.
    pub fn paste(&mut self, text: &str) -> Edit {
        let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let lines: Vec<String> = lines.flat_map(|line| line.split('\r')).map(one_line).collect();
        self.insert(&lines.join("\n"))
    }

    fn insert(&mut self, piece: &str) -> Edit {
        self.buffer.insert(piece, self.limit.unwrap_or(usize::MAX))
    }

    /// Moves up or down by drawn lines, and stays in about the same column.
    fn climb(&mut self, by: isize, is_selecting: bool) -> Edit {
        let pieces = self.pieces();
        let (at, column) = self.index(&pieces);
        let Some(piece) = at.checked_add_signed(by).and_then(|to| pieces.get(to)) else {
            return Edit::Ignored;
        };
        let text = self.buffer.text();
        let mut to = self.buffer.at_column(piece.clone(), column, |part| width(&clean(part)));
        // The position behind the last character of a part is the beginning of the next one.
        let goes_on = text[piece.end..].chars().next().is_some_and(|next| next != '\n');
        if goes_on && to == piece.end {
            to -= text[piece.clone()].graphemes(true).next_back().map_or(0, str::len);
        }
        self.buffer.go_to(to, is_selecting);
        Edit::Moved
    }

    /// The drawn lines, as ranges of bytes: prose is broken between words, code is not broken.
    fn pieces(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        let mut pieces = Vec::new();
        for line in self.buffer.text().split('\n') {
            if self.limit.is_some() {
                let broken = broken(line, self.columns).into_iter();
                pieces.extend(broken.map(|piece| start + piece.start..start + piece.end));
            } else {
                pieces.push(start..start + line.len());
            }
            start += line.len() + 1;
        }
        pieces
    }

    /// The index of the drawn line with the cursor, and the cursor's column in it.
    fn index(&self, pieces: &[Range<usize>]) -> (usize, usize) {
        let cursor = self.buffer.cursor();
        let at = pieces.partition_point(|piece| piece.start <= cursor).saturating_sub(1);
        let start = pieces.get(at).map_or(0, |piece| piece.start);
        (at, width(&clean(&self.buffer.text()[start..cursor])))
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
        let text = self.buffer.text();
        let selection = self.buffer.selection();
        for (y, piece) in (area.top()..area.bottom()).zip(&pieces[self.top.min(pieces.len())..]) {
            draw_part(buf, area.x, y, &text[piece.clone()], self.left..self.left + self.columns, style);
            let column = |at: usize| width(&clean(&text[piece.start..at.clamp(piece.start, piece.end)]));
            let selected = column(selection.start)..column(selection.end);
            draw_selection(buf, Rect { y, height: 1, ..area }, self.left, selected);
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
    use crate::tui::widgets::edit_buffer::Refused;

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
    fn the_text_is_replaced_around_the_cursor() {
        let mut made = typed("жук\n{x}", None, "<Down><Right>");
        assert_eq!(made.cursor(), "жук\n{".len());
        made.replace("{\n  \"ж\": y}", "{\n  \"ж\": y".len());
        assert_eq!(made.cursor(), "{\n  \"ж\": y".len());
        made.key(&parse_keys("z")[0]);
        assert_eq!(made.text(), "{\n  \"ж\": yz}");
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

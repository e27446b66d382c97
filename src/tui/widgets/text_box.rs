//! A text box of one line.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::domain::model::text::{clean, one_line, width};
use crate::tui::command::OwnKey;
use crate::tui::widgets::edit_buffer::EditBuffer;
use crate::tui::widgets::text::{draw_part, draw_selection};

pub use crate::tui::widgets::edit_buffer::{Edit, Refused};

/// The keys of a text in one line, as the help names them.
pub const KEYS: [OwnKey; 5] = [
    OwnKey::of("← →", "By characters; with Ctrl or Alt by words; with Shift they select"),
    OwnKey::of("Home  Ctrl+A  End  Ctrl+E", "Beginning and end of the line; with Ctrl of the text"),
    OwnKey::of("Backspace  Del", "Remove a character; with Ctrl or Alt a word, as Ctrl+W"),
    OwnKey::of("Ctrl+K", "Remove the rest of the line"),
    OwnKey::of("Ctrl+Z  Ctrl+Y", "Undo, redo"),
];

/// The limit of a box that has none of its own, in code points, so that no paste makes it slow.
const MOST: usize = 1024;

/// One line of text with a cursor. It moves by what a reader calls a character, and shows hidden characters
/// as marks without changing them.
#[derive(Clone, Debug, Default)]
pub struct TextBox {
    buffer: EditBuffer,
    limit: Option<usize>,
    /// The first column of the text in view.
    scroll: usize,
}

impl TextBox {
    /// A text box with this text and the cursor behind it. It takes at most `limit` code points.
    pub fn new(text: impl Into<String>, limit: Option<usize>) -> Self {
        Self { buffer: EditBuffer::new(text), limit, scroll: 0 }
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.buffer.text()
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }

    /// Replaces the text, and puts the cursor behind it. Ctrl+Z takes it back.
    pub fn set(&mut self, text: &str) {
        self.buffer.set(text);
    }

    /// Handles a key: characters, and the keys of every text box.
    pub fn key(&mut self, key: &KeyEvent) -> Edit {
        match key.code {
            KeyCode::Char(typed) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => {
                self.insert(typed.encode_utf8(&mut [0; 4]))
            }
            _ => self.buffer.key(key),
        }
    }

    /// Inserts pasted text; line ends become blanks, and nothing in it is a command.
    pub fn paste(&mut self, text: &str) -> Edit {
        self.insert(&one_line(text))
    }

    fn insert(&mut self, piece: &str) -> Edit {
        self.buffer.insert(piece, self.limit.unwrap_or(MOST))
    }

    /// Draws the text into the first line of `area`, scrolled so that the cursor is in view. Returns the position of
    /// the cursor.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        let text = self.buffer.text();
        let column = |at: usize| width(&clean(&text[..at]));
        let cursor = column(self.buffer.cursor());
        self.scroll = scrolled(self.scroll, cursor, area.width.into());
        let line = Rect { height: area.height.min(1), ..area };
        buf.set_style(line, style);
        let shown = self.scroll..self.scroll + usize::from(area.width);
        draw_part(buf, area.x, area.y, text, shown, style);
        let selection = self.buffer.selection();
        draw_selection(buf, line, self.scroll, column(selection.start)..column(selection.end));
        let column = u16::try_from(cursor - self.scroll).unwrap_or(0);
        Position::new(area.x + column, area.y)
    }
}

/// The first column in view, moved from `first` no further than the cursor needs.
pub(crate) fn scrolled(first: usize, cursor: usize, columns: usize) -> usize {
    first.min(cursor).max((cursor + 1).saturating_sub(columns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::parse_keys;

    fn typed(keys: &str, limit: Option<usize>) -> TextBox {
        let mut made = TextBox::new("", limit);
        for key in parse_keys(keys) {
            made.key(&key);
        }
        made
    }

    fn drawn(text: &mut TextBox, columns: u16) -> (String, u16) {
        let area = Rect::new(0, 0, columns, 1);
        let mut buf = Buffer::empty(area);
        let cursor = text.draw(&mut buf, area, Style::new());
        let line: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        (line, cursor.x)
    }

    #[test]
    fn the_keys_of_a_line() {
        for (keys, text) in [
            ("abc<Left>x", "abxc"),
            ("abc<Home>x", "xabc"),
            ("abc<Home><Del>", "bc"),
            ("abc<Home><End>x", "abcx"),
            ("one<Space>two<C-Left>x", "one xtwo"),
            ("one<Space>two<C-w>", "one "),
            ("one<Space>two<Home><C-Del>", "two"),
            ("abc<BS>", "ab"),
            ("abc<C-h>", "ab"),
            ("ab<Up><F5>c", "abc"),
        ] {
            assert_eq!(typed(keys, None).text(), text, "{keys}");
        }
    }

    #[test]
    fn a_character_of_several_code_points_is_one_step() {
        let mut name = TextBox::new("e\u{301}👩\u{200d}👧", None);
        name.key(&parse_keys("<BS>")[0]);
        assert_eq!(name.text(), "e\u{301}");
        name.key(&parse_keys("<BS>")[0]);
        assert!(name.is_empty());
    }

    #[test]
    fn a_text_too_long_is_refused_at_the_limit_visibly() {
        let mut name = TextBox::new("", Some(5));
        assert_eq!(name.paste("Armstrong"), Edit::Refused(Refused { limit: 5, left_out: 4 }));
        assert_eq!(name.text(), "Armst");
        let refused = name.key(&parse_keys("x")[0]).refused().map(|refused| refused.to_string());
        assert_eq!(refused.as_deref(), Some("At most 5 characters; 1 character left out."));
        assert_eq!(name.text(), "Armst");
        assert_eq!(name.key(&parse_keys("<BS>")[0]), Edit::Changed);
    }

    #[test]
    fn a_paste_is_text_in_one_line_and_stays_before_what_follows() {
        let mut name = TextBox::new("ad", None);
        name.key(&parse_keys("<Left>")[0]);
        assert_eq!(name.paste("b\r\nc\u{1b}\u{202e}"), Edit::Changed);
        assert_eq!(name.text(), "ab cd");
    }

    #[test]
    fn a_paste_of_a_million_characters_leaves_what_has_room() {
        let mut name = TextBox::new("", Some(254));
        let refused = name.paste(&"x".repeat(1 << 20)).refused();
        assert_eq!(refused, Some(Refused { limit: 254, left_out: (1 << 20) - 254 }));
        assert_eq!(name.text().len(), 254);
    }

    #[test]
    fn the_cursor_stands_where_the_eye_expects_it() {
        assert_eq!(drawn(&mut TextBox::new("日本", None), 10), ("日 本       ".into(), 4));
        // A stored escape is drawn as a mark one column wide.
        assert_eq!(drawn(&mut TextBox::new("a\u{1b}b", None), 6), ("a␛b   ".into(), 3));
    }

    #[test]
    fn what_is_selected_is_drawn_so() {
        let mut name = TextBox::new("a日本b", None);
        for key in parse_keys("<Left><S-Left>") {
            name.key(&key);
        }
        let area = Rect::new(0, 0, 8, 1);
        let mut buf = Buffer::empty(area);
        name.draw(&mut buf, area, Style::new());
        let is_reversed = |x: u16| buf[(x, 0)].modifier.contains(ratatui::style::Modifier::REVERSED);
        assert_eq!((0..8).filter(|x| is_reversed(*x)).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn a_long_text_scrolls_with_the_cursor() {
        let mut name = TextBox::new("abcdefgh", None);
        assert_eq!(drawn(&mut name, 4), ("fgh ".into(), 3));
        name.key(&parse_keys("<Home>")[0]);
        assert_eq!(drawn(&mut name, 4), ("abcd".into(), 0));
    }
}

//! A text box of one line.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use tui_input::{Input, InputRequest};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::model::text::{clean, one_line, width};
use crate::tui::widgets::text::draw_part;

/// The limit of a box that has none of its own, in code points, so that no paste makes it slow.
const MOST: usize = 1024;

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

/// One line of text with a cursor. It moves by what a reader calls a character, and shows hidden characters
/// as marks without changing them.
#[derive(Clone, Debug, Default)]
pub struct TextBox {
    input: Input,
    limit: Option<usize>,
    /// The first column of the text in view.
    scroll: usize,
}

impl TextBox {
    /// A text box with this text and the cursor behind it. It takes at most `limit` code points.
    pub fn new(text: impl Into<String>, limit: Option<usize>) -> Self {
        Self { input: Input::new(text.into()), limit, scroll: 0 }
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }

    /// Replaces the text, and puts the cursor behind it.
    pub fn set(&mut self, text: impl Into<String>) {
        self.input = Input::new(text.into());
    }

    /// Handles a key: characters, and the keys that move and delete.
    pub fn key(&mut self, key: &KeyEvent) -> Edit {
        if let KeyCode::Char(typed) = key.code
            && (key.modifiers - KeyModifiers::SHIFT).is_empty()
        {
            return self.insert(typed.encode_utf8(&mut [0; 4]));
        }
        let Some(request) = request(key) else { return Edit::Ignored };
        match self.input.handle(request) {
            Some(change) if change.value => Edit::Changed,
            _ => Edit::Moved,
        }
    }

    /// Inserts pasted text; line ends become blanks, and nothing in it is a command.
    pub fn paste(&mut self, text: &str) -> Edit {
        self.insert(&one_line(text))
    }

    /// Inserts as many whole characters as have room.
    fn insert(&mut self, piece: &str) -> Edit {
        let text = self.input.value();
        let limit = self.limit.unwrap_or(MOST);
        let room = limit.saturating_sub(text.chars().count());
        let (taken, count) = fitting(piece, room);
        let at = byte_of(text, self.input.cursor());
        let whole = [&text[..at], taken, &text[at..]].concat();
        let cursor = self.input.cursor() + count;
        let left_out = piece[taken.len()..].chars().count();
        if count > 0 {
            self.input = std::mem::take(&mut self.input).with_value(whole).with_cursor(cursor);
        }
        match (left_out, count) {
            (0, 0) => Edit::Moved,
            (0, _) => Edit::Changed,
            _ => Edit::Refused(Refused { limit, left_out }),
        }
    }

    /// Draws the text into the first line of `area`, scrolled so that the cursor is in view. Returns the position of
    /// the cursor.
    pub fn draw(&mut self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        let text = self.input.value();
        let cursor = width(&clean(&text[..byte_of(text, self.input.cursor())]));
        self.scroll = scrolled(self.scroll, cursor, area.width.into());
        buf.set_style(Rect { height: area.height.min(1), ..area }, style);
        draw_part(buf, area.x, area.y, text, self.scroll..self.scroll + usize::from(area.width), style);
        let column = u16::try_from(cursor - self.scroll).unwrap_or(0);
        Position::new(area.x + column, area.y)
    }
}

/// The longest beginning of `piece` that has at most `room` code points and ends between two characters; and its
/// length in code points.
pub(crate) fn fitting(piece: &str, room: usize) -> (&str, usize) {
    let (mut bytes, mut count) = (0, 0);
    for grapheme in piece.graphemes(true) {
        let more = grapheme.chars().count();
        if count + more > room {
            break;
        }
        bytes += grapheme.len();
        count += more;
    }
    (&piece[..bytes], count)
}

/// The byte at which the code point of this index begins.
pub(crate) fn byte_of(text: &str, number: usize) -> usize {
    text.char_indices().nth(number).map_or(text.len(), |(byte, _)| byte)
}

/// The first column in view, moved from `first` no further than the cursor needs.
pub(crate) fn scrolled(first: usize, cursor: usize, columns: usize) -> usize {
    first.min(cursor).max((cursor + 1).saturating_sub(columns))
}

/// The edit that a key asks for. Some terminals send Backspace as Ctrl+H.
fn request(key: &KeyEvent) -> Option<InputRequest> {
    let word = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    Some(match key.code {
        KeyCode::Left if word => InputRequest::GoToPrevWord,
        KeyCode::Right if word => InputRequest::GoToNextWord,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        KeyCode::Backspace if word => InputRequest::DeletePrevWord,
        KeyCode::Delete if word => InputRequest::DeleteNextWord,
        KeyCode::Char('w') if key.modifiers == KeyModifiers::CONTROL => InputRequest::DeletePrevWord,
        KeyCode::Char('h') if key.modifiers == KeyModifiers::CONTROL => InputRequest::DeletePrevChar,
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        _ => return None,
    })
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
    fn a_long_text_scrolls_with_the_cursor() {
        let mut name = TextBox::new("abcdefgh", None);
        assert_eq!(drawn(&mut name, 4), ("fgh ".into(), 3));
        name.key(&parse_keys("<Home>")[0]);
        assert_eq!(drawn(&mut name, 4), ("abcd".into(), 0));
    }
}

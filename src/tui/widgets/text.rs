//! The only functions that draw stored text on the screen; each cleans it (invariant 5; `docs/promises.md`, 10).

use std::ops::Range;

use crate::domain::model::text::{clean, fit, pieces, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Draws a text in one line, cleaned, and cut with `…` where it is wider than `columns`. Returns the columns it took.
/// What lies outside the buffer is not drawn.
pub fn draw_text(buf: &mut Buffer, x: u16, y: u16, columns: u16, text: &str, style: Style) -> u16 {
    if !buf.area.contains((x, y).into()) {
        return 0;
    }
    let columns = columns.min(buf.area.right() - x);
    let cleaned = clean(text);
    let end = pieces(&fit(&cleaned, columns.into())).fold(x, |x, (piece, wide)| {
        let (end, _) = buf.set_stringn(x, y, piece, wide, style);
        end
    });
    end - x
}

/// Draws a text that ends at the right edge of the line. Returns the column where it begins.
pub fn draw_right(buf: &mut Buffer, line: Rect, text: &str, style: Style) -> u16 {
    let wanted = u16::try_from(width(&clean(text))).unwrap_or(u16::MAX);
    let x = line.right() - wanted.min(line.width);
    draw_text(buf, x, line.y, line.right() - x, text, style);
    x
}

/// Draws a part of a cleaned text that is scrolled sideways, without `…`. `shown` is the range of columns, counted
/// from the beginning of the text. Half of a wide character at an edge stays blank.
pub(crate) fn draw_part(buf: &mut Buffer, x: u16, y: u16, text: &str, shown: Range<usize>, style: Style) {
    let mut column = 0;
    for (piece, columns) in pieces(&clean(text)) {
        let from = column;
        column += columns;
        if column > shown.end {
            break;
        }
        let Ok(index) = u16::try_from(from.saturating_sub(shown.start)) else { break };
        if from >= shown.start && buf.area.contains((x + index, y).into()) {
            buf.set_stringn(x + index, y, piece, columns, style);
        }
    }
}

/// Draws the columns of a line reversed that are selected. Both are counted from the beginning of the text; `scroll` is
/// the first column in view.
pub(crate) fn draw_selection(buf: &mut Buffer, line: Rect, scroll: usize, selected: Range<usize>) {
    let column = |at: usize| u16::try_from(at.saturating_sub(scroll)).unwrap_or(u16::MAX).min(line.width);
    let (from, to) = (column(selected.start), column(selected.end));
    let part = Rect { x: line.x + from, width: to.saturating_sub(from), ..line };
    buf.set_style(part, Style::new().add_modifier(Modifier::REVERSED));
}

/// Draws a text over several lines, broken between words. Returns the number of lines.
pub fn draw_wrapped(buf: &mut Buffer, area: Rect, text: &str, style: Style) -> u16 {
    let mut drawn = 0;
    for (y, line) in (area.top()..area.bottom()).zip(wrap(text, area.width.into())) {
        draw_text(buf, area.x, y, area.width, &line, style);
        drawn += 1;
    }
    drawn
}

/// The lines of a text broken between words, each at most `columns` wide where words allow it.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in clean(text).split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if width(line) + 1 + width(word) <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<T>(columns: u16, draw: impl FnOnce(&mut Buffer) -> T) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, columns, 1));
        draw(&mut buf);
        buf.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn promise_10_no_hidden_character_reaches_a_cell() {
        let hostile = "a\u{1b}[2Jb\u{9b}31m\u{202e}c\u{200b}\u{7f}\r\n\td";
        let drawn = line(40, |buf| draw_text(buf, 0, 0, 40, hostile, Style::new()));
        assert!(drawn.starts_with("a␛[2Jb�31m�c�␡␍␊␉d"), "{drawn}");
        assert!(!drawn.contains(char::is_control));
    }

    #[test]
    fn a_long_text_says_that_it_goes_on() {
        assert_eq!(line(6, |buf| draw_text(buf, 0, 0, 6, "Offroad Monsters", Style::new())), "Offro…");
    }

    #[test]
    fn nothing_is_drawn_outside_the_buffer() {
        assert_eq!(line(3, |buf| draw_text(buf, 5, 0, 9, "no", Style::new())), "   ");
        assert_eq!(line(3, |buf| draw_text(buf, 0, 7, 9, "no", Style::new())), "   ");
        assert_eq!(line(3, |buf| draw_text(buf, 1, 0, 9, "long", Style::new())), " l…");
    }

    #[test]
    fn half_a_wide_character_at_an_edge_stays_blank() {
        assert_eq!(line(4, |buf| draw_part(buf, 0, 0, "日本語", 1..5, Style::new())), " 本  ");
    }

    #[test]
    fn words_are_kept_whole() {
        assert_eq!(wrap("Give the login a person.", 10), ["Give the", "login a", "person."]);
    }
}

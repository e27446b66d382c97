//! A drawing that is longer than the area that shows it.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// A drawing in memory, with its focus and cursor.
pub struct Canvas {
    /// The cells, from line and column 0 on.
    pub buf: Buffer,
    /// The area that has to be in view.
    pub focus: Rect,
    /// The position of the cursor, if it has one.
    pub cursor: Option<Position>,
}

impl Canvas {
    /// An empty canvas.
    pub fn new(columns: u16, lines: u16) -> Self {
        let area = Rect { x: 0, y: 0, width: columns, height: lines };
        Self { buf: Buffer::empty(area), focus: Rect::default(), cursor: None }
    }

    /// The first line to show in `height` lines: `top`, moved no further than the focus needs.
    pub fn top_for(&self, top: u16, height: u16) -> u16 {
        let below = self.focus.bottom().saturating_sub(height).min(self.focus.y);
        top.min(self.focus.y).max(below)
    }

    /// The largest useful first line for so many lines: then the last line of the canvas is at the bottom.
    pub fn last_top(&self, height: u16) -> u16 {
        self.buf.area.height.saturating_sub(height)
    }

    /// Draws the lines from `top` on into `area`.
    pub fn show(&self, frame: &mut Frame<'_>, area: Rect, top: u16) {
        let to = frame.buffer_mut();
        for line in 0..area.height.min(self.buf.area.height.saturating_sub(top)) {
            for x in 0..area.width.min(self.buf.area.width) {
                to[(area.x + x, area.y + line)] = self.buf[(x, top + line)].clone();
            }
        }
    }

    /// Sets the terminal's cursor, once [`Canvas::show`] has drawn the lines from `top` on into `area`.
    pub fn set_cursor(&self, frame: &mut Frame<'_>, area: Rect, top: u16) {
        if let Some(cursor) = self.cursor.filter(|_| area.height > 0) {
            let y = (area.y + cursor.y.saturating_sub(top)).min(area.bottom() - 1);
            frame.set_cursor_position((area.x + cursor.x, y));
        }
    }
}

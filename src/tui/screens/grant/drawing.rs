//! Drawing Grant access: the user, the fields, and the customers below them.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};

use crate::tui::component::DrawCx;
use crate::tui::theme::FAILED;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::text::{draw_text, draw_wrapped};

use super::{Focus, Grant};

/// The least height of the customers, in lines: their title, the columns, and enough rows to move among.
const LIST: u16 = 5;

/// The greatest width of the search box, in columns.
const SEARCH: u16 = 30;

impl Grant {
    /// Draws the screen.
    pub(super) fn draw_place(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let mut room = area.inner(Margin { horizontal: 1, vertical: 0 });
        if room.height < 8 {
            return;
        }
        let state = if self.is_saving { " · saving…" } else { "" };
        let heading = format!("GRANT ACCESS{state}");
        let taken = draw_text(frame.buffer_mut(), room.x, room.y, room.width, &heading, cx.theme.title);
        let whom = format!("  to {}", self.user.shown);
        let (x, left) = (room.x + taken, room.width - taken);
        draw_text(frame.buffer_mut(), x, room.y, left, &whom, cx.theme.value);
        room = below(room, 1);
        let fields_area = room;
        room = below(room, self.draw_fields(frame, room, cx));
        let said: Vec<String> = self.said.iter().map(|sentence| format!("{FAILED} {sentence}")).collect();
        for sentence in said {
            let most = Rect { height: room.height.saturating_sub(LIST).min(3), ..room };
            room = below(room, draw_wrapped(frame.buffer_mut(), most, &sentence, cx.theme.bad));
        }
        let gap = u16::from(room.height > LIST);
        self.draw_customers(frame, below(room, gap), cx);
        if self.focus == Focus::Fields {
            self.fields.draw_list(frame, (fields_area, self.top), fields_area, cx);
        }
    }

    /// Draws as many lines of the fields as leave room for the customers, the one with the cursor in view. Returns
    /// the number of lines.
    fn draw_fields(&mut self, frame: &mut Frame<'_>, room: Rect, cx: &DrawCx<'_>) -> u16 {
        let mut canvas = Canvas::new(room.width, self.fields.height(room.width));
        let focused = self.focus == Focus::Fields;
        self.fields.draw(&mut canvas, 0, focused, cx);
        let height = canvas.buf.area.height.min(room.height.saturating_sub(LIST));
        let fields_area = Rect { height, ..room };
        if focused {
            self.top = canvas.top_for(self.top, height);
        }
        self.top = self.top.min(canvas.last_top(height));
        canvas.show(frame, fields_area, self.top);
        if focused && cx.focused {
            canvas.set_cursor(frame, fields_area, self.top);
        }
        height
    }

    fn draw_customers(&mut self, frame: &mut Frame<'_>, room: Rect, cx: &DrawCx<'_>) {
        if room.height < 3 {
            return;
        }
        let whose = match &self.company {
            Some(company) if self.is_narrow() => format!(" OF {}", company.shown.to_uppercase()),
            _ => String::new(),
        };
        let count = self.customers.count().map_or_else(|| "…".to_owned(), |count| count.to_string());
        let marked = self.customers.marked().len();
        let title = format!("CUSTOMERS{whose}  {count} · {marked} marked");
        draw_text(frame.buffer_mut(), room.x, room.y, room.width, &title, cx.theme.title);
        self.draw_search(frame, Rect { height: 1, ..room }, cx);
        let list = below(room, 1);
        let focused = cx.focused && self.focus == Focus::Customers;
        self.customers.draw(frame.buffer_mut(), list, 0, &DrawCx { focused, ..*cx });
        if focused {
            frame.set_cursor_position(self.customers.cursor_position(list, 0));
        }
    }

    fn draw_search(&mut self, frame: &mut Frame<'_>, line: Rect, cx: &DrawCx<'_>) {
        let width = SEARCH.min(line.width / 3);
        let search_area = Rect { x: line.right() - width, width, ..line };
        let focused = cx.focused && self.focus == Focus::Search;
        frame.buffer_mut().set_style(search_area, cx.theme.input);
        if self.search.is_empty() && !focused {
            draw_text(
                frame.buffer_mut(),
                search_area.x,
                search_area.y,
                search_area.width,
                "Search Number, Party",
                cx.theme.dim,
            );
            return;
        }
        let cursor = self.search.draw(frame.buffer_mut(), search_area, cx.theme.input);
        if focused {
            frame.set_cursor_position(cursor);
        }
    }
}

/// The area below so many lines.
fn below(room: Rect, lines: u16) -> Rect {
    let lines = lines.min(room.height);
    Rect { y: room.y + lines, height: room.height - lines, ..room }
}

//! Pop-ups: frames that are drawn over the place.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::widgets::{Block, Clear, Widget};

use crate::domain::model::text::{clean, width};
use crate::tui::component::DrawCx;
use crate::tui::theme::Theme;
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::text::draw_text;

/// The texts in the edge of a frame.
#[derive(Clone, Copy)]
pub struct Edge<'a> {
    /// Above.
    pub title: &'a str,
    /// Below: the keys that work in it.
    pub keys: &'a str,
}

/// Draws an empty frame in the middle of `area`, with room for `columns` × `lines` or as much as there is. Returns
/// the area inside.
pub fn draw_popup(
    buf: &mut Buffer,
    area: Rect,
    (columns, lines): (usize, usize),
    edge: Edge<'_>,
    theme: &Theme,
) -> Rect {
    let values = |wanted: usize| u16::try_from(wanted).unwrap_or(u16::MAX);
    let columns = columns.max(width(&clean(edge.title))).max(width(edge.keys));
    let (wide, high) = (values(columns + 4).min(area.width), values(lines + 2).min(area.height));
    let area = Rect {
        x: area.x + (area.width - wide) / 2,
        y: area.y + (area.height - high) / 2,
        width: wide,
        height: high,
    };
    Clear.render(area, buf);
    draw_edge(buf, area, edge, theme);
    area.inner(Margin::new(2, 1))
}

/// Draws a list to choose one line from, with the cursor on the chosen one.
pub fn draw_choices(
    frame: &mut Frame<'_>,
    area: Rect,
    edge: Edge<'_>,
    lines: &[String],
    chosen: &mut Chosen,
    cx: &DrawCx<'_>,
) {
    let columns = lines.iter().map(|line| width(&clean(line))).max().unwrap_or(0);
    let room = draw_popup(frame.buffer_mut(), area, (columns, lines.len()), edge, cx.theme);
    let view = chosen.view(lines.len(), room.height);
    for (y, at) in (room.top()..room.bottom()).zip(view) {
        let line = Rect { y, height: 1, ..room };
        draw_text(frame.buffer_mut(), line.x, y, line.width, &lines[at], cx.theme.value);
        if at == chosen.at {
            frame.buffer_mut().set_style(line, cx.theme.selection);
            frame.set_cursor_position((line.x, y));
        }
    }
}

/// Draws the edge of a frame, with its title and keys.
pub fn draw_edge(buf: &mut Buffer, area: Rect, edge: Edge<'_>, theme: &Theme) {
    Block::bordered().border_style(theme.border).render(area, buf);
    let room = area.width.saturating_sub(4);
    let in_edge = |text: &str| if text.is_empty() { String::new() } else { format!(" {text} ") };
    draw_text(buf, area.x + 1, area.y, room + 2, &in_edge(edge.title), theme.title);
    if area.height > 1 {
        draw_text(buf, area.x + 1, area.bottom() - 1, room + 2, &in_edge(edge.keys), theme.dim);
    }
}

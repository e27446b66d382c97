//! Drawing onto a terminal that may find a character wider or narrower than this program does.
//!
//! Terminals differ about characters of several code points (Devanagari, emoji with a skin tone) and about those that
//! are newer than they are. So blanks are sent below each such character, the cursor is placed anew behind it, and a
//! line that has one, or had one, is sent whole when it changes: nothing of it stays behind and nothing beside it moves.
//! ratatui by itself sends neither the second column of a wide character nor what it may have covered.

use std::io::{self, Write};
use std::num::NonZeroU16;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell, CellDiffOption, CellWidth};
use ratatui::layout::{Position, Size};
use ratatui::{Frame, Terminal, TerminalOptions};
use unicode_width::UnicodeWidthChar;

/// A screen, and what was drawn on it last.
pub(super) struct Screen<W: Write> {
    inner: Terminal<Exact<W>>,
    shown: Shown,
}

impl<W: Write> Screen<W> {
    /// A screen on which nothing is drawn yet.
    pub(super) fn new(out: W, options: TerminalOptions) -> io::Result<Self> {
        let inner = Terminal::with_options(Exact(CrosstermBackend::new(out)), options)?;
        Ok(Self { inner, shown: Shown::default() })
    }

    /// Draws a frame; only what changed is sent.
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let shown = &mut self.shown;
        self.inner.draw(|frame| {
            render(frame);
            shown.send_uncertain_lines_whole(frame.buffer_mut());
        })?;
        Ok(())
    }

    /// Erases everything, so that the next frame is sent whole.
    pub(super) fn erase(&mut self) -> io::Result<()> {
        self.shown = Shown::default();
        let area = self.inner.get_frame().area();
        self.inner.resize(area)
    }

    /// What is written to the terminal besides frames.
    pub(super) fn out(&mut self) -> &mut impl Write {
        &mut self.inner.backend_mut().0
    }
}

/// What is on the screen.
#[derive(Default)]
struct Shown {
    frame: Buffer,
    /// Whether the cells of a line say their width to ratatui. They look no different, but a line that begins or ceases
    /// to do so counts as changed in all its cells.
    says_widths: Vec<bool>,
}

impl Shown {
    /// Makes ratatui send all cells of each line that has changed and has an uncertain cell, now or before; remembers
    /// the frame.
    fn send_uncertain_lines_whole(&mut self, frame: &mut Buffer) {
        if self.frame.area != frame.area {
            self.frame = Buffer::empty(frame.area);
            self.says_widths = vec![false; frame.area.height.into()];
        }
        let drawn = frame.clone();
        let columns = usize::from(frame.area.width.max(1));
        let lines = frame.content.chunks_mut(columns).zip(self.frame.content.chunks(columns));
        for ((now, before), says_widths) in lines.zip(&mut self.says_widths) {
            let is_uncertain = |line: &[Cell]| line.iter().any(|cell| is_uncertain(cell.symbol()));
            if *now != *before && (is_uncertain(now) || is_uncertain(before)) {
                *says_widths = !*says_widths;
            }
            if *says_widths {
                now.iter_mut().for_each(say_width);
            }
        }
        self.frame = drawn;
    }
}

fn say_width(cell: &mut Cell) {
    if let Some(width) = NonZeroU16::new(cell.cell_width()) {
        cell.diff_option = CellDiffOption::ForcedWidth(width);
    }
}

/// Whether terminals may see a cell wider or narrower than one column, or differ about where the next one begins.
fn is_uncertain(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    !matches!((characters.next().and_then(UnicodeWidthChar::width), characters.next()), (Some(1), None))
}

/// The backend of crossterm, with blanks below each uncertain cell and the cursor placed anew behind it.
struct Exact<W: Write>(CrosstermBackend<W>);

impl<W: Write> Backend for Exact<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        // Each run begins with a movement of the cursor.
        let mut run = Vec::new();
        for (x, y, cell) in content {
            if is_uncertain(cell.symbol()) {
                self.0.draw(run.drain(..))?;
                let mut blank = Cell::default();
                blank.set_style(cell.style());
                self.0.draw((x..x + cell.cell_width()).map(|x| (x, y, &blank)))?;
                self.0.draw(std::iter::once((x, y, cell)))?;
            } else {
                run.push((x, y, cell));
            }
        }
        self.0.draw(run.into_iter())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.0.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.0.show_cursor()
    }

    /// Never asks the terminal: its answer would come among the operator's keys.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.0.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.0.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.0.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.0.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.0.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.0)
    }
}

#[cfg(test)]
mod tests;

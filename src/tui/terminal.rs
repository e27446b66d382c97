//! The terminal: set up for the console, and given back whatever happens (`docs/promises.md`, 17). A frame is sent in
//! one write.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::Once;

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{SetCursorStyle, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::backend::CrosstermBackend;
use signal_hook::consts::SIGTSTP;

use crate::tui::console::Console;

/// The size of the output buffer in bytes: enough for the largest frame, so that it is sent in one write.
const FRAME_BYTES: usize = 256 * 1024;

/// Why the console cannot be shown.
pub const NO_TERMINAL: &str = "The console needs a terminal, and this is none; `ccdesk --help` names the commands \
that work without one.";

/// Where the console is shown: the terminal, or a substitute in a test.
pub trait Display {
    /// Draws the console; only what changed is sent.
    ///
    /// # Errors
    /// When it cannot be written.
    fn draw(&mut self, console: &mut Console) -> io::Result<()>;

    /// Puts text on the terminal's clipboard.
    ///
    /// # Errors
    /// When it cannot be written.
    fn copy(&mut self, text: &str) -> io::Result<()>;

    /// Restores the terminal and stops the process; returns, with the terminal set up again, when the shell resumes
    /// it.
    ///
    /// # Errors
    /// When the terminal cannot be set up again.
    fn suspend(&mut self) -> io::Result<()>;
}

/// The terminal while the console uses it. Dropping it restores the terminal.
pub struct Terminal {
    inner: Inner,
}

type Inner = ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Whether there is a terminal to draw on: standard input and output are terminals, and `TERM` is not `dumb`.
pub fn is_there(term: Option<&str>) -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && term != Some("dumb")
}

impl Terminal {
    /// Sets the terminal up: raw mode, the alternate screen and bracketed paste. The kitty keyboard protocol stays
    /// off: with it, the keys of a Cyrillic layout would not be found to be commands.
    ///
    /// # Errors
    /// When there is no terminal, with [`NO_TERMINAL`], or it cannot be set up.
    pub fn enter() -> io::Result<Self> {
        if !is_there(std::env::var("TERM").ok().as_deref()) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, NO_TERMINAL));
        }
        restore_on_panic();
        take_over()?;
        match blank() {
            Ok(inner) => Ok(Self { inner }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }
}

impl Display for Terminal {
    fn draw(&mut self, console: &mut Console) -> io::Result<()> {
        self.inner.draw(|frame| console.draw(frame)).map(|_| ())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.inner.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }

    fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::emulate_default_handler(SIGTSTP)?;
        take_over()?;
        self.inner = blank()?;
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // What is still buffered must be written before the terminal is restored.
        drop(self.inner.backend_mut().flush());
        give_back();
    }
}

/// A screen with nothing drawn yet. Also made anew after a suspension: `ratatui::Terminal::clear` would ask the
/// terminal for the cursor position, and wait for the answer among the operator's keys.
fn blank() -> io::Result<Inner> {
    ratatui::Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(FRAME_BYTES, io::stdout())))
}

fn take_over() -> io::Result<()> {
    enable_raw_mode()?;
    let entered =
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, SetCursorStyle::SteadyBar);
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Restores the terminal. Errors are ignored: a terminal that is gone needs no restoring.
fn give_back() {
    let _ = execute!(
        io::stdout(),
        DisableBracketedPaste,
        SetCursorStyle::DefaultUserShape,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}

/// Makes every later panic restore the terminal before its message is printed.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            report(panic);
        }));
    });
}

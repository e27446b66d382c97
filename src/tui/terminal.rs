//! The terminal: taking it over, giving it back whatever happens (promise 17), and one write a frame.

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

/// Room for the largest frame, so that it leaves in one write.
const FRAME_BYTES: usize = 256 * 1024;

/// Why the console cannot be shown.
pub const NO_TERMINAL: &str = "The console needs a terminal, and this is none; `ccdesk --help` names the commands \
that work without one.";

/// The terminal while the console has it. Dropping gives it back.
pub struct Terminal {
    inner: Inner,
}

type Inner = ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Whether there is a terminal to draw on: input and output are one, and it is no dumb one.
pub fn is_there(term: Option<&str>) -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && term != Some("dumb")
}

impl Terminal {
    /// Takes the terminal over. The kitty keyboard protocol stays off: with it, commands under a Cyrillic
    /// layout would not be found.
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

    /// Draws the console; only what changed is sent.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, console: &mut Console) -> io::Result<()> {
        self.inner.draw(|frame| console.draw(frame)).map(|_| ())
    }

    /// Puts text on the terminal's clipboard.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.inner.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Gives the terminal to the shell and stops; returns when the shell lets the program go on.
    ///
    /// # Errors
    /// When the terminal is gone meanwhile.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::emulate_default_handler(SIGTSTP)?;
        take_over()?;
        self.inner = blank()?;
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // What the buffer still holds belongs before the way back.
        drop(self.inner.backend_mut().flush());
        give_back();
    }
}

/// A screen on which nothing is drawn yet. Made anew after a suspension too: `ratatui::Terminal::clear` would
/// ask the terminal where the cursor is, and wait for the answer among the operator's keys.
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

/// Makes the terminal what it was. A terminal that is gone needs nothing any more, so errors are passed over.
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

/// From now on a panic gives the terminal back before its message is printed.
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

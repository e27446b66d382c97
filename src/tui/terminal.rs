//! The terminal: set up for the console, and given back whatever happens (`docs/promises.md`, 17). A frame is sent in
//! one write.

mod screen;

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::Once;

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{SetCursorStyle, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use ratatui::TerminalOptions;
use signal_hook::consts::SIGTSTP;

use crate::tui::console::Console;
use screen::Screen;

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

    /// Forgets what is on the screen, so that the next drawing sends everything.
    ///
    /// # Errors
    /// When it cannot be written.
    fn repaint(&mut self) -> io::Result<()>;

    /// Restores the terminal and stops the process; returns, with the terminal set up again, when the shell resumes
    /// it.
    ///
    /// # Errors
    /// When the terminal cannot be set up again.
    fn suspend(&mut self) -> io::Result<()>;
}

/// The terminal while the console uses it. Dropping it restores the terminal.
pub struct Terminal {
    screen: Screen<BufWriter<Stdout>>,
}

/// Whether there is a terminal to draw on: standard input and output are terminals, and `TERM` is not `dumb`.
pub fn is_there(term: Option<&str>) -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && term != Some("dumb")
}

impl Terminal {
    /// Sets the terminal up: raw mode, the alternate screen without wrapping, and bracketed paste. The kitty keyboard
    /// protocol stays off: with it, Ctrl and a letter of a Cyrillic keyboard would not come as the key of a command.
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
            Ok(screen) => Ok(Self { screen }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }
}

impl Display for Terminal {
    fn draw(&mut self, console: &mut Console) -> io::Result<()> {
        self.screen.draw(|frame| console.draw(frame))
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.screen.out(), CopyToClipboard::to_clipboard_from(text))
    }

    fn repaint(&mut self) -> io::Result<()> {
        self.screen.erase()
    }

    fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::emulate_default_handler(SIGTSTP)?;
        take_over()?;
        self.screen = blank()?;
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // What is still buffered must be written before the terminal is restored.
        drop(self.screen.out().flush());
        give_back();
    }
}

/// A screen with nothing drawn yet. Also made anew after a suspension.
fn blank() -> io::Result<Screen<BufWriter<Stdout>>> {
    Screen::new(BufWriter::with_capacity(FRAME_BYTES, io::stdout()), TerminalOptions::default())
}

fn take_over() -> io::Result<()> {
    enable_raw_mode()?;
    let entered = execute!(
        io::stdout(),
        EnterAlternateScreen,
        DisableLineWrap,
        EnableBracketedPaste,
        SetCursorStyle::SteadyBar
    );
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Restores the terminal. Errors are ignored: a terminal that is gone needs no restoring.
fn give_back() {
    let _ = execute!(
        io::stdout(),
        EnableLineWrap,
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

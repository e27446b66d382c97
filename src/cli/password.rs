//! Reading a password. It never comes from an argument or the environment, which others can see.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context as _, bail};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use zeroize::Zeroizing;

use crate::service::auth::Secret;
use crate::tui::input::Reader;

/// Reads a new password: typed twice at the terminal, which does not show it; or, where standard input is no
/// terminal, its first line.
///
/// # Errors
/// When the terminal or standard input cannot be read, or the question is cancelled.
pub(super) fn read_new() -> anyhow::Result<Secret> {
    if !io::stdin().is_terminal() {
        return read_line();
    }
    let _hidden = Hidden::begin().context("the terminal cannot hide what is typed")?;
    // One reader for both questions: it holds what was typed ahead.
    let mut keys = Reader::default();
    loop {
        let first = ask("Password: ", &mut keys)?;
        if ask("The same once more: ", &mut keys)? == first {
            return Ok(first);
        }
        write!(io::stderr(), "They differ; type both again.\r\n")?;
    }
}

fn read_line() -> anyhow::Result<Secret> {
    let mut line = Zeroizing::new(String::new());
    io::stdin().read_line(&mut line).context("the password could not be read from standard input")?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The terminal while it shows nothing of what is typed. It exists from before the first question to after the last
/// answer; otherwise keys typed ahead would be shown.
struct Hidden;

impl Hidden {
    fn begin() -> io::Result<Self> {
        enable_raw_mode()?;
        Ok(Self)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing either.
        let _ = disable_raw_mode();
    }
}

/// The size of the buffer in bytes: room for the longest password, so that growing leaves no copies of its beginning
/// in memory.
const ROOM: usize = 8 * 1024;

fn ask(prompt: &str, keys: &mut Reader) -> anyhow::Result<Secret> {
    let mut out = io::stderr();
    write!(out, "{prompt}")?;
    out.flush()?;
    let mut typed = Zeroizing::new(String::with_capacity(ROOM));
    loop {
        let Event::Key(key) = keys.next().context("the password could not be read")? else { continue };
        match typed_key(key) {
            Typed::Letter(letter) => typed.push(letter),
            Typed::Back => drop(typed.pop()),
            Typed::Nothing => {}
            Typed::Again => typed.clear(),
            Typed::End => break,
            Typed::GiveUp => {
                write!(out, "\r\n")?;
                bail!("no password was given; nothing was done");
            }
        }
    }
    write!(out, "\r\n")?;
    Ok(Secret::new(typed.to_string()))
}

/// The meaning of a key while a password is typed.
enum Typed {
    Letter(char),
    Back,
    Again,
    End,
    GiveUp,
    Nothing,
}

fn typed_key(key: KeyEvent) -> Typed {
    if key.kind == KeyEventKind::Release {
        return Typed::Nothing;
    }
    match (key.code, key.modifiers == KeyModifiers::CONTROL) {
        (KeyCode::Enter, _) | (KeyCode::Char('j' | 'm'), true) => Typed::End,
        (KeyCode::Backspace, _) | (KeyCode::Char('h'), true) => Typed::Back,
        (KeyCode::Char('u'), true) => Typed::Again,
        (KeyCode::Char('c' | 'd'), true) => Typed::GiveUp,
        (KeyCode::Char(letter), false) => Typed::Letter(letter),
        _ => Typed::Nothing,
    }
}

//! Reading a password: never from an argument or the environment, which others can see.

use std::io::{self, IsTerminal, Write};

use anyhow::Context as _;
use zeroize::Zeroizing;

use crate::service::session::Secret;

/// A new password: typed twice at the terminal, which does not show it; without one, a line of standard input.
///
/// # Errors
/// When there is nothing to read it from.
pub(super) fn read_new() -> anyhow::Result<Secret> {
    if !io::stdin().is_terminal() {
        return read_line();
    }
    let ask = |prompt| rpassword::prompt_password(prompt).context("the password could not be read");
    loop {
        let first = Secret::new(ask("Password: ")?);
        let second = Secret::new(ask("The same once more: ")?);
        if first == second {
            return Ok(first);
        }
        writeln!(io::stderr(), "They differ; type both again.")?;
    }
}

fn read_line() -> anyhow::Result<Secret> {
    let mut line = Zeroizing::new(String::new());
    io::stdin().read_line(&mut line).context("the password could not be read from standard input")?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

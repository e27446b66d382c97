//! Whether there is a terminal that the console can be drawn on.

use std::env;
use std::io::{self, IsTerminal};

use anyhow::ensure;

/// Refuses to go on where nothing can be drawn, or nobody can type.
///
/// # Errors
/// Without a terminal: a sentence that names the commands which need none.
pub(super) fn require() -> anyhow::Result<()> {
    let typed_and_seen = io::stdin().is_terminal() && io::stdout().is_terminal();
    let can_draw = env::var_os("TERM").is_none_or(|term| term != "dumb");
    ensure!(
        typed_and_seen && can_draw,
        "the console needs a terminal; “ccdesk check” and “ccdesk import” work without one"
    );
    Ok(())
}

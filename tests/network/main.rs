//! What is between the program and a PostgreSQL server: encryption, poolers, and what the server allows.

mod pooled;
#[expect(dead_code, reason = "shared with tests/storage.rs, which needs all of it")]
#[path = "../support/mod.rs"]
mod support;
mod tls;

use support::postgres::{Installation, installed, leave_out};

/// The files for a server of a story's own; left out where PostgreSQL is not installed.
fn own_installation() -> Option<Installation> {
    let programs = installed();
    if programs.is_none() {
        leave_out("PostgreSQL is not installed");
    }
    programs.map(|programs| Installation::make(&programs))
}

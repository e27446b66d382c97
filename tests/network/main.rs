//! What is between the program and a PostgreSQL server: encryption, poolers, and what the server allows.

mod answers;
mod pooled;
#[expect(dead_code, reason = "shared with tests/leaving, which needs all of it")]
#[path = "../leaving/session.rs"]
mod session;
#[path = "../support/settings.rs"]
mod settings;
#[expect(dead_code, reason = "shared with tests/storage.rs, which needs all of it")]
#[path = "../support/mod.rs"]
mod support;
mod tls;

use std::net::TcpListener;

use support::postgres::{Installation, installed, leave_out};

/// The files for a server of a story's own; left out where PostgreSQL is not installed.
fn own_installation() -> Option<Installation> {
    let programs = installed();
    if programs.is_none() {
        leave_out("PostgreSQL is not installed");
    }
    programs.map(|programs| Installation::make(&programs))
}

/// A port of TCP that is free now; nothing else takes it in the moment until a server has it.
fn free_port() -> u16 {
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
    listener.local_addr().expect("its number").port()
}

//! What is between the program and a PostgreSQL server: encryption, poolers, and what the server allows.

#[expect(dead_code, reason = "shared with tests/storage.rs, which needs all of it")]
#[path = "../support/mod.rs"]
mod support;
mod tls;

//! The program: what was asked for is read, done, and answered with an exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use ccdesk::cli::{self, Cli};
use ccdesk::domain::model::text;
use clap::Parser;

/// It could not be done at all.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(status) => status,
        // Whoever reads has enough: `ccdesk check | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let sentence = format!("{error:#}");
            // Without standard error there is nobody left to tell.
            let _ = writeln!(io::stderr(), "ccdesk: {}", text::clean(&sentence));
            ExitCode::from(FAILED)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut io_errors = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    io_errors.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

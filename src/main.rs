//! The program: reads the command line, runs the command, and ends with its exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use ccdesk::cli::{self, Cli};
use ccdesk::domain::model::text;
use clap::Parser;

/// The exit status of a command that could not be carried out at all.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(status) => status,
        // The reader closed the pipe, as in `ccdesk check | head`: it has enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let sentence = format!("{error:#}");
            // Where standard error cannot be written, the exit status still says it.
            let _ = writeln!(io::stderr(), "ccdesk: {}", text::clean(&sentence));
            ExitCode::from(FAILED)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut io_errors = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    io_errors.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

//! The log: a file that only its owner can read. Nothing is logged to the screen.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Mutex;

use anyhow::anyhow;
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LOG_VARIABLE};
use crate::domain::model::text;
use crate::private;

/// Writes everything that is logged from now on to the log file.
///
/// # Errors
/// When the log filter is wrong. A file that cannot be written is no error: that is printed on standard error, and
/// nothing is logged.
pub(super) fn begin(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::builder().parse(&config.log).map_err(|_| {
        anyhow!(
            "“{}” is nothing to log; set log or {LOG_VARIABLE} to error, warn, info, debug or trace",
            config.log
        )
    })?;
    let file = private::create_dir(&config.directories.state)
        .and_then(|()| private::append(&config.directories.log_file()));
    match file {
        Ok(file) => tracing_subscriber::fmt()
            .with_ansi(false)
            .with_env_filter(filter)
            .with_writer(Mutex::new(CleanLines(file)))
            .init(),
        Err(error) => {
            let path = config.directories.log_file();
            let _ = writeln!(
                io::stderr(),
                "ccdesk: {} cannot be written ({error}); nothing is logged",
                path.display()
            );
        }
    }
    Ok(())
}

/// A log file whose lines are cleaned: a log may quote what somebody has typed (`docs/promises.md`, 10).
struct CleanLines(File);

impl Write for CleanLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Each event is written by one call, so no character is split.
        let mut cleaned = String::with_capacity(bytes.len());
        for line in text::clean_lines(&String::from_utf8_lossy(bytes)) {
            cleaned.push_str(&line);
            cleaned.push('\n');
        }
        self.0.write_all(cleaned.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

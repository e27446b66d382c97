//! `ccdesk export`: writes records as objects of the Domain API, or a list as a table (`docs/interchange.md`).

mod selection;

use std::io::{self, IsTerminal, Stdout, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, anyhow, ensure};
use tokio::time::{MissedTickBehavior, interval};

use super::signals::Signals;
use super::{CLOSING, open};
use crate::config::Config;
use crate::private::NewFile;
use crate::service::World;
use crate::service::back_office::BackOffice;
use crate::service::exchange::export::{self, ExportError, Progress, Selection};
use crate::storage::db::{Create, Db};
use secrecy::ExposeSecret as _;

/// How often the progress is shown.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// Writes records for another system, or a list for a spreadsheet
///
/// As objects of ERP.net's Domain API, which import takes over, or as a table. Everything is of one moment. Passwords
/// are never exported.
///
/// Exit status: 0 when everything was written, 2 when it was not, 129, 130 or 143 when a signal stopped it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which records, such as Users or Customers; without any, all there are
    #[arg(value_name = "ENTITY")]
    entities: Vec<String>,
    /// Only records with this text, value or range in the field, as in the filter row of a list
    #[arg(long = "filter", value_name = "FIELD=TEXT")]
    filters: Vec<String>,
    /// Only the records of this view of the list, such as Pending
    #[arg(long, value_name = "NAME")]
    view: Option<String>,
    /// The Client Center site at which users are judged, by its relative URL or else its host
    #[arg(long, value_name = "URL")]
    site: Option<String>,
    /// Only records created or changed at this time or later, such as 2026-06-01 or 2026-06-01T13:25Z
    #[arg(long, value_name = "TIME")]
    changed_since: Option<String>,
    /// How to write them; without it, as the name of the file ends, or else odata
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write to this file, which must not be there yet; without it, to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Let it take the place of a file that is there
    #[arg(long, requires = "out")]
    force: bool,
}

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// An Import payload of the Domain API
    Odata,
    /// The same objects, one a line
    Jsonl,
    /// The table of one entity, comma-separated
    Csv,
    /// The table of one entity, as a workbook
    Xlsx,
}

impl Args {
    fn format(&self) -> export::Format {
        match self.format {
            Some(Format::Odata) => export::Format::Odata,
            Some(Format::Jsonl) => export::Format::Jsonl,
            Some(Format::Csv) => export::Format::Csv,
            Some(Format::Xlsx) => export::Format::Xlsx,
            None => self.out.as_deref().and_then(export::Format::of_file).unwrap_or(export::Format::Odata),
        }
    }

    /// Begins the output. `database` are the files of the database, which it never replaces.
    fn begin_output(&self, database: &[PathBuf]) -> anyhow::Result<Output> {
        let Some(path) = &self.out else { return Ok(Output::Standard(io::stdout())) };
        let file = NewFile::begin(path, self.force, database);
        file.map(Output::File).with_context(|| format!("{} cannot be written", path.display()))
    }

    /// The sentence about an output that could not be written.
    fn not_written(&self, error: &io::Error) -> anyhow::Error {
        match &self.out {
            Some(path) => anyhow!("{} could not be written: {error}; nothing was changed", path.display()),
            None if error.kind() == io::ErrorKind::BrokenPipe => {
                anyhow!("whoever read standard output has gone; the export is not whole")
            }
            None => anyhow!("standard output could not be written: {error}; the export is not whole"),
        }
    }
}

/// Where an export is written to.
enum Output {
    File(NewFile),
    Standard(Stdout),
}

impl Output {
    /// Gives a file its name.
    fn finish(self) -> io::Result<()> {
        match self {
            Self::File(file) => file.finish(),
            Self::Standard(mut out) => out.flush(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Standard(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Standard(out) => out.flush(),
        }
    }
}

/// Runs `ccdesk export`.
pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let world = World::real(config.policy);
    let mut selection = selection::of(args, world.today())?;
    ensure!(
        args.out.is_some() || args.format() != export::Format::Xlsx || !io::stdout().is_terminal(),
        "a workbook is no text for a terminal; name a file with --out"
    );
    let signals = Signals::watch()?;
    let db = open(config, Create::MustExist, &world).await?;
    if let Some(site) = &args.site {
        selection::judge_at(&mut selection, &db, site).await?;
    }
    let out = args.begin_output(&Db::files_of(config.database.expose_secret()))?;
    let done = write(args, &BackOffice::for_command_line(&db, &world), &selection, &signals, out).await;
    // A server that does not answer is not waited for.
    let _ = tokio::time::timeout(CLOSING, db.close()).await;
    match signals.arrived() {
        Some(number) => Ok(ExitCode::from(128 + number)),
        None => done.map(|()| ExitCode::SUCCESS),
    }
}

/// Writes the export, showing the progress on a terminal.
async fn write(
    args: &Args,
    back_office: &BackOffice,
    selection: &Selection,
    signals: &Signals,
    out: Output,
) -> anyhow::Result<()> {
    let progress = Progress::default();
    let written = {
        let writing = back_office.export(selection, &signals.stop, &progress, out);
        let showing = show(args, &progress);
        tokio::pin!(writing);
        tokio::select! {
            written = &mut writing => written,
            () = showing => writing.await,
        }
    };
    let out = match written {
        Ok(out) => out,
        Err(ExportError::Output(error)) => return Err(args.not_written(&error)),
        Err(error) => return Err(error.into()),
    };
    // Syncing a file takes as long as its disk does.
    let finished = tokio::task::spawn_blocking(move || out.finish()).await.map_err(io::Error::other);
    finished.flatten().map_err(|error| args.not_written(&error))
}

/// Shows the number of records on standard error until it is dropped. Completes at once where nobody reads it.
async fn show(args: &Args, progress: &Progress) {
    if !io::stderr().is_terminal() || (args.out.is_none() && io::stdout().is_terminal()) {
        return;
    }
    let _line = ProgressLine;
    let mut ticks = interval(PROGRESS_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // Where it cannot be written, nobody misses it.
        let _ = write!(io::stderr(), "\r{} records…", progress.records());
    }
}

/// The line of the progress, which is cleared when it is dropped.
struct ProgressLine;

impl Drop for ProgressLine {
    fn drop(&mut self) {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}

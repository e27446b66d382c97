//! `ccdesk import FILE…`: imports objects of the Domain API from files or standard input (`docs/interchange.md`).

use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::domain::model::text::clean;
use crate::private::NewFile;
use crate::service::World;
use crate::service::exchange::{self, Cause, ImportError, Options, Outcome, Stop, Summary, Transaction};
use crate::storage::db::Db;
use crate::storage::error::StorageError;

/// The most refused objects that are printed for each input; the report has all.
const MOST_NAMED: u64 = 20;

/// What is said when only the report failed.
const REPORT_FAILED: &str = "the report could not be written; the import itself is done";

/// Progress is shown after each so many objects.
const PROGRESS_STEP: u64 = 500;

/// Takes over objects in the shapes of ERP.net's Domain API
///
/// From an Import payload, a query response, JSON Lines or a list of objects. Importing the same file twice
/// changes nothing the second time.
///
/// Exit status: 0 when all is well, 1 when some object was refused, 2 when some input could not be read or the
/// database could not go on, 130 or 143 when a signal stopped it.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The files, in the order in which they are imported; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Do and report everything, and keep nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Write one JSON line for each object to this file, which must not be there yet
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// Let the report take the place of a file that is there
    #[arg(long, requires = "report")]
    pub(super) force: bool,
}

/// How an import ended; the later counts more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ended {
    /// All is well.
    Well,
    /// Some object was refused.
    WithRefusals,
    /// Some input could not be read, or the database could not go on.
    Early,
    /// A signal stopped it: the number of the signal.
    BySignal(u8),
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        Self::from(match ended {
            Ended::Well => 0,
            Ended::WithRefusals => 1,
            Ended::Early => 2,
            Ended::BySignal(number) => 128 + number,
        })
    }
}

impl Import {
    /// Begins the report, if one is asked for. `database` are the files of the database, which it never replaces, as
    /// little as an input.
    ///
    /// # Errors
    /// When the file is one of these, is there already, or cannot be made.
    pub(super) fn begin_report(&self, database: &[PathBuf]) -> anyhow::Result<Option<NewFile>> {
        let Some(path) = &self.report else { return Ok(None) };
        let kept = [database, &self.files].concat();
        let report = NewFile::begin(path, self.force, &kept);
        report.map(Some).with_context(|| format!("the report {} cannot be written", path.display()))
    }
}

/// The error of opening the database for a dry run: without one it makes none, and an import is not what to do first.
pub(super) fn without_advice_to_import(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(StorageError::Opening { location, problem }) if **problem == StorageError::Missing => {
            anyhow::anyhow!(
                "{location}: there is no ccdesk database here, and a dry run makes none; check the name"
            )
        }
        _ => error,
    }
}

/// Imports every file, in the name of `login`, and writes to `messages` what became of each. SIGINT and SIGTERM end the
/// import after the object that is being applied. The report gets its name at the end, however the import ended.
///
/// # Errors
/// When the report or a message cannot be written.
pub(super) async fn run(
    import: &Import,
    db: &Db,
    world: &World,
    login: &str,
    mut report: Option<NewFile>,
    messages: &mut (impl Write + Send),
) -> anyhow::Result<Ended> {
    let signals = Signals::watch()?;
    let ended = import_each(import, db, world, login, &signals, report.as_mut(), messages).await;
    let reported = report.map_or(Ok(()), NewFile::finish);
    let ended = ended?;
    reported.context(REPORT_FAILED)?;
    Ok(ended)
}

async fn import_each(
    import: &Import,
    db: &Db,
    world: &World,
    login: &str,
    signals: &Signals,
    mut report: Option<&mut NewFile>,
    messages: &mut (impl Write + Send),
) -> anyhow::Result<Ended> {
    let options = Options { login: login.to_owned(), dry_run: import.dry_run, stop: signals.stop.clone() };
    let mut ended = Ended::Well;
    for path in &import.files {
        let name = clean(&path.to_string_lossy()).into_owned();
        let input = tokio::select! {
            input = open(path) => input,
            () = signals.stopped() => Err(io::Error::other("it was asked to stop; nothing of it was imported")),
        };
        let input = match input {
            Ok(input) => input,
            Err(error) => {
                writeln!(messages, "{name} cannot be read: {error}")?;
                ended = ended.max(signals.ended_by().unwrap_or(Ended::Early));
                continue;
            }
        };
        let mut input_report = InputReport::new(&name, messages, report.as_deref_mut());
        let done =
            exchange::import(db, world, input, &options, &mut |outcome| input_report.add(outcome)).await;
        ended = ended.max(input_report.end(done, &options)?);
        if let Some(by_signal) = signals.ended_by() {
            return Ok(by_signal);
        }
    }
    Ok(ended)
}

/// The signals that ask the program to end.
struct Signals {
    stop: Stop,
    number: tokio::sync::watch::Receiver<Option<u8>>,
    watching: JoinHandle<()>,
}

impl Signals {
    /// Watches for SIGINT and SIGTERM, which from now on only ask the import to stop.
    fn watch() -> io::Result<Self> {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let (send, number) = tokio::sync::watch::channel(None);
        let stop = Stop::default();
        let asked = stop.clone();
        let watching = tokio::spawn(async move {
            let next = |signal: SignalKind| u8::try_from(signal.as_raw_value()).ok();
            let number = tokio::select! {
                _ = interrupt.recv() => next(SignalKind::interrupt()),
                _ = terminate.recv() => next(SignalKind::terminate()),
            };
            asked.request();
            // Without a receiver the import has ended.
            let _ = send.send(number);
        });
        Ok(Self { stop, number, watching })
    }

    /// Completes when a signal arrives.
    async fn stopped(&self) {
        let mut number = self.number.clone();
        if number.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// How the import ended, if a signal stopped it.
    fn ended_by(&self) -> Option<Ended> {
        self.number.borrow().map(Ended::BySignal)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

/// Opens an input. What is no regular file, such as standard input, is first copied into a temporary file that only its
/// owner can read and that has no name: a pause of whoever writes it must not last as long as a transaction.
async fn open(path: &Path) -> io::Result<File> {
    let path = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        if path == Path::new("-") {
            return spooled(io::stdin());
        }
        let file = File::open(path)?;
        match file.metadata()?.file_type() {
            found if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            found if found.is_file() => Ok(file),
            _ => spooled(file),
        }
    });
    opened.await.map_err(io::Error::other)?
}

fn spooled(mut input: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut input, &mut file)?;
    file.rewind()?;
    Ok(file)
}

/// Writes what became of one input: for people, and to the report of `--report`.
struct InputReport<'a, W> {
    name: &'a str,
    messages: &'a mut W,
    report: Option<&'a mut NewFile>,
    shows_progress: bool,
    objects: u64,
    named: u64,
    /// The first error of writing; the import itself goes on.
    broken: Option<io::Error>,
}

impl<'a, W: Write> InputReport<'a, W> {
    fn new(name: &'a str, messages: &'a mut W, report: Option<&'a mut NewFile>) -> Self {
        let shows_progress = io::stderr().is_terminal();
        Self { name, messages, report, shows_progress, objects: 0, named: 0, broken: None }
    }

    fn add(&mut self, outcome: &Outcome) {
        if self.broken.is_none() {
            self.broken = self.try_add(outcome).err();
        }
    }

    fn try_add(&mut self, outcome: &Outcome) -> io::Result<()> {
        if let Some(report) = &mut self.report {
            serde_json::to_writer(&mut **report, outcome)?;
            report.write_all(b"\n")?;
        }
        self.objects += 1;
        if let Some(message) = outcome.message() {
            self.named += 1;
            if self.named <= MOST_NAMED {
                self.clear_progress()?;
                let id = outcome.id.as_deref().map_or_else(String::new, |id| format!("{} ", clean(id)));
                writeln!(self.messages, "{}, line {}: {id}{message}", self.name, outcome.line)?;
            }
        }
        if self.shows_progress && self.objects.is_multiple_of(PROGRESS_STEP) {
            write!(self.messages, "\r{}: {} objects…", self.name, self.objects)?;
            self.messages.flush()?;
        }
        Ok(())
    }

    fn clear_progress(&mut self) -> io::Result<()> {
        if self.shows_progress { write!(self.messages, "\r\x1b[K") } else { Ok(()) }
    }

    fn end(mut self, done: Result<Summary, ImportError>, options: &Options) -> anyhow::Result<Ended> {
        if let Some(error) = self.broken.take().filter(|_| done.is_ok()) {
            return Err(error).context(REPORT_FAILED);
        }
        self.clear_progress()?;
        if self.named > MOST_NAMED {
            let more = self.named - MOST_NAMED;
            writeln!(self.messages, "{}: and {more} more; --report FILE names them all", self.name)?;
        }
        match done {
            Ok(done) => {
                self.sum_up(&done)?;
                self.say_what_was_kept(&done, options)?;
                Ok(if done.failed > 0 { Ended::WithRefusals } else { Ended::Well })
            }
            Err(error) => {
                self.end_early(&error, options)?;
                Ok(Ended::Early)
            }
        }
    }

    /// Says why the import ended before its input did, and what was kept; the report ends with the same.
    fn end_early(&mut self, error: &ImportError, options: &Options) -> io::Result<()> {
        let ImportError { cause, done } = error;
        let said = match cause {
            Cause::Unreadable(at) => format!("cannot be read on: {at}"),
            cause => format!("was not imported to its end: {cause}"),
        };
        let said = clean(&said).into_owned();
        let kept = kept(cause, done, options);
        writeln!(self.messages, "{} {said}", self.name)?;
        self.sum_up(done)?;
        writeln!(self.messages, "{kept}")?;
        if let Some(report) = &mut self.report {
            let message = format!("The input {said}. {kept}");
            let last = Outcome { line: done.through, id: None, result: Err(message), note: None };
            serde_json::to_writer(&mut **report, &last)?;
            report.write_all(b"\n")?;
        }
        Ok(())
    }

    fn sum_up(&mut self, done: &Summary) -> io::Result<()> {
        let Summary { added, modified, deleted, unchanged, failed, .. } = done;
        writeln!(
            self.messages,
            "{}: {added} added, {modified} modified, {deleted} deleted, {unchanged} unchanged, {failed} failed.",
            self.name
        )
    }

    fn say_what_was_kept(&mut self, done: &Summary, options: &Options) -> io::Result<()> {
        if let Some(sentence) = nothing_kept(done, options) {
            writeln!(self.messages, "{sentence}")?;
        }
        if done.more_pages {
            writeln!(self.messages, "The response has more pages (@odata.nextLink); they were not fetched.")?;
        }
        Ok(())
    }
}

/// Why nothing is kept of what was done; `None` when it is kept.
fn nothing_kept(done: &Summary, options: &Options) -> Option<&'static str> {
    if options.dry_run {
        return Some("Nothing was kept: this was a dry run.");
    }
    let is_undone = !done.kept && done.transaction == Transaction::AllObjects;
    is_undone.then_some("Nothing was kept: the input asks for all of its objects or none.")
}

/// What is kept of an input that was not imported to its end.
fn kept(cause: &Cause, done: &Summary, options: &Options) -> String {
    let is_unconfirmed = matches!(cause, Cause::Unconfirmed { .. });
    if let Some(sentence) = nothing_kept(done, options).filter(|_| !is_unconfirmed || options.dry_run) {
        return sentence.to_owned();
    }
    let kept = done.added + done.modified + done.deleted;
    if is_unconfirmed && (kept == 0 || done.transaction == Transaction::AllObjects) {
        return "Import it again when that is mended: what is there already stays unchanged.".to_owned();
    }
    if kept == 0 {
        return "Nothing of it was changed in the database. Import it again when that is mended.".to_owned();
    }
    let waiting = match done.waiting {
        0 => String::new(),
        waiting => format!(", but for {waiting} that waited for others"),
    };
    format!(
        "The {kept} changes above are kept: all objects to line {}{waiting}. Import it again for the rest; what is kept stays \
         unchanged.",
        done.through
    )
}

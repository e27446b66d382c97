//! `ccdesk import FILE…`: imports objects of the Domain API from files or standard input (`docs/interchange.md`).

use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::signals::Signals;
use crate::domain::model::text::clean;
use crate::private::NewFile;
use crate::service::World;
use crate::service::exchange::{self, Cause, ImportError, Options, Outcome, Summary, Transaction};
use crate::storage::db::Db;
use crate::storage::error::StorageError;

/// The most refused objects that are printed for each input; the report has all.
const MOST_NAMED: u64 = 20;

/// Progress is shown after each so many objects.
const PROGRESS_STEP: u64 = 500;

/// Takes over objects in the shapes of ERP.net's Domain API
///
/// From an Import payload, a query response, JSON Lines or a list of objects. Importing the same file twice
/// changes nothing the second time.
///
/// Exit status: 0 when all is well, 1 when some object was refused, 2 when some input could not be read or the
/// database could not go on, or the report could not be written, 129, 130 or 143 when a signal stopped it.
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
        let inputs = self.files.iter().map(|file| match file.to_str() {
            // A file that standard input is redirected from is an input, too.
            Some("-") => PathBuf::from("/dev/stdin"),
            _ => file.clone(),
        });
        let kept: Vec<PathBuf> = database.iter().cloned().chain(inputs).collect();
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

/// Imports every file, in the name of `login`, and writes to `messages` what became of each. SIGINT, SIGTERM and SIGHUP
/// end the import after the object that is being applied. The report gets its name at the end, however the import ended;
/// that it could not be written is said last. A message that cannot be written is left out.
///
/// # Errors
/// When the signals cannot be watched for.
pub(super) async fn run(
    import: &Import,
    db: &Db,
    world: &World,
    login: &str,
    report: Option<NewFile>,
    messages: &mut (impl Write + Send),
) -> anyhow::Result<Ended> {
    let signals = Signals::watch()?;
    let mut report = ReportFile { file: report, broken: None };
    let ended = import_each(import, db, world, login, &signals, &mut report, messages).await;
    let Err(error) = report.finish() else { return Ok(ended) };
    let name = import.report.as_deref().unwrap_or(Path::new("")).to_string_lossy();
    say(messages, &format!("the report {name} could not be written ({error}); the import itself is done"));
    Ok(ended.max(Ended::Early))
}

/// Writes a line for people. Where it cannot be written, the exit status still says how the import ended.
fn say(messages: &mut impl Write, line: &str) {
    let _ = writeln!(messages, "{}", clean(line));
}

/// The report of `--report`, which is written until that fails for the first time.
struct ReportFile {
    file: Option<NewFile>,
    broken: Option<io::Error>,
}

impl ReportFile {
    fn add(&mut self, outcome: &Outcome) {
        let Some(file) = &mut self.file else { return };
        let written = serde_json::to_writer(&mut *file, outcome).map_err(io::Error::from);
        if let Err(error) = written.and_then(|()| file.write_all(b"\n")) {
            self.broken = Some(error);
            // What is there of it would look like the whole.
            self.file = None;
        }
    }

    fn finish(self) -> io::Result<()> {
        match (self.broken, self.file) {
            (Some(error), _) => Err(error),
            (None, Some(file)) => file.finish(),
            (None, None) => Ok(()),
        }
    }
}

async fn import_each(
    import: &Import,
    db: &Db,
    world: &World,
    login: &str,
    signals: &Signals,
    report: &mut ReportFile,
    messages: &mut (impl Write + Send),
) -> Ended {
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
                say(messages, &format!("{name} cannot be read: {error}"));
                ended = ended.max(signals.arrived().map_or(Ended::Early, Ended::BySignal));
                continue;
            }
        };
        let purpose = format!("Import of {}", path.file_name().unwrap_or_default().to_string_lossy());
        let (dry_run, stop) = (import.dry_run, signals.stop.clone());
        let options = Options { login: login.to_owned(), purpose, dry_run, stop };
        let mut input_report = InputReport::new(&name, messages, report);
        let done =
            exchange::import(db, world, input, &options, &mut |outcome| input_report.add(outcome)).await;
        ended = ended.max(input_report.end(done, &options));
        if let Some(number) = signals.arrived() {
            return Ended::BySignal(number);
        }
    }
    ended
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
    report: &'a mut ReportFile,
    shows_progress: bool,
    objects: u64,
    named: u64,
}

impl<'a, W: Write> InputReport<'a, W> {
    fn new(name: &'a str, messages: &'a mut W, report: &'a mut ReportFile) -> Self {
        let shows_progress = io::stderr().is_terminal();
        Self { name, messages, report, shows_progress, objects: 0, named: 0 }
    }

    fn add(&mut self, outcome: &Outcome) {
        self.report.add(outcome);
        self.objects += 1;
        if let Some(message) = outcome.message() {
            self.named += 1;
            if self.named <= MOST_NAMED {
                self.clear_progress();
                let id = outcome.id.as_deref().map_or_else(String::new, |id| format!("{id} "));
                let line = format!("{}, line {}: {id}{message}", self.name, outcome.line);
                say(self.messages, &line);
            }
        }
        if self.shows_progress && self.objects.is_multiple_of(PROGRESS_STEP) {
            self.show(&format!("\r{}: {} objects…", self.name, self.objects));
        }
    }

    fn clear_progress(&mut self) {
        if self.shows_progress {
            self.show("\r\x1b[K");
        }
    }

    /// Writes to a terminal; where that fails, nobody misses the progress.
    fn show(&mut self, text: &str) {
        let _ = write!(self.messages, "{text}").and_then(|()| self.messages.flush());
    }

    fn end(mut self, done: Result<Summary, ImportError>, options: &Options) -> Ended {
        self.clear_progress();
        if self.named > MOST_NAMED {
            let more = self.named - MOST_NAMED;
            say(self.messages, &format!("{}: and {more} more; --report FILE names them all", self.name));
        }
        match done {
            Ok(done) => {
                self.sum_up(&done);
                if let Some(sentence) = nothing_kept(&done, options) {
                    say(self.messages, sentence);
                }
                if done.more_pages {
                    let sentence = "The response has more pages (@odata.nextLink); they were not fetched.";
                    say(self.messages, sentence);
                }
                if done.failed > 0 { Ended::WithRefusals } else { Ended::Well }
            }
            Err(error) => {
                self.end_early(&error, options);
                Ended::Early
            }
        }
    }

    /// Says why the import ended before its input did, and what was kept; the report ends with the same.
    fn end_early(&mut self, error: &ImportError, options: &Options) {
        let ImportError { cause, done } = error;
        let said = match cause {
            Cause::Unreadable(at) => format!("cannot be read on: {at}"),
            cause => format!("was not imported to its end: {cause}"),
        };
        let kept = kept(cause, done, options);
        say(self.messages, &format!("{} {said}", self.name));
        self.sum_up(done);
        say(self.messages, &kept);
        let message = format!("The input {said}. {kept}");
        self.report.add(&Outcome { line: done.through, id: None, result: Err(message), note: None });
    }

    fn sum_up(&mut self, done: &Summary) {
        let Summary { added, modified, deleted, unchanged, failed, .. } = done;
        let counts = format!(
            "{added} added, {modified} modified, {deleted} deleted, {unchanged} unchanged, {failed} failed."
        );
        say(self.messages, &format!("{}: {counts}", self.name));
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
    let kept = done.added + done.modified + done.deleted;
    if matches!(cause, Cause::Storage(StorageError::Moved)) && kept > 0 {
        return "What was imported is only in the file that was there: put it back, or import again."
            .to_owned();
    }
    let is_unconfirmed = matches!(cause, Cause::Unconfirmed { .. });
    if let Some(sentence) = nothing_kept(done, options).filter(|_| !is_unconfirmed || options.dry_run) {
        return sentence.to_owned();
    }
    if is_unconfirmed && (kept == 0 || done.transaction == Transaction::AllObjects) {
        return "Import it again when that is mended: what is there already stays unchanged.".to_owned();
    }
    if kept == 0 {
        let again = if matches!(cause, Cause::Stopped) { "" } else { " when that is mended" };
        return format!("Nothing of it was changed in the database. Import it again{again}.");
    }
    let waiting = match done.waiting {
        0 => String::new(),
        waiting => format!(", but for {waiting} that waited for others"),
    };
    let changes = match kept {
        1 => "The 1 change above is kept".to_owned(),
        kept => format!("The {kept} changes above are kept"),
    };
    format!(
        "{changes}: all objects to line {}{waiting}. Import it again for the rest; what is kept stays unchanged.",
        done.through
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_counted_in_proper_words_and_a_file_that_is_gone_keeps_nothing() {
        let done = |added, waiting| Summary { added, waiting, through: 7, kept: true, ..Summary::default() };
        let told = |cause: &Cause, done: &Summary| kept(cause, done, &Options::default());
        for (done, said) in [
            (done(1, 0), "The 1 change above is kept: all objects to line 7. Import"),
            (
                done(2, 1),
                "The 2 changes above are kept: all objects to line 7, but for 1 that waited for others.",
            ),
            (done(0, 0), "Nothing of it was changed in the database. Import it again."),
        ] {
            let told = told(&Cause::Stopped, &done);
            assert!(told.starts_with(said), "{told}");
        }
        let moved = Cause::Storage(StorageError::Moved);
        let said = "What was imported is only in the file that was there: put it back, or import again.";
        assert_eq!(told(&moved, &done(2, 0)), said);
    }
}

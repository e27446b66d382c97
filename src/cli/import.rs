//! `ccdesk import FILE…`: imports objects of the Domain API from files or standard input (`docs/interchange.md`).

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::domain::model::text::clean;
use crate::private::NewFile;
use crate::service::World;
use crate::service::exchange::{self, ImportError, Options, Outcome, Summary, Transaction};
use crate::storage::db::Db;

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
/// Exit status: 0 when all is well, 1 when some object was refused, 2 when some input could not be read.
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

/// How an import ended; the number is the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ended {
    /// All is well.
    Well = 0,
    /// Some object was refused.
    WithRefusals = 1,
    /// Some input could not be read.
    Unread = 2,
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

/// Imports every file, in the name of `login`, and writes to `messages` what became of each. The report gets its name at
/// the end, also when the database could not go on.
///
/// # Errors
/// When the database cannot go on, or the report cannot be written.
pub(super) async fn run(
    import: &Import,
    db: &Db,
    world: &World,
    login: &str,
    mut report: Option<NewFile>,
    messages: &mut (impl Write + Send),
) -> anyhow::Result<Ended> {
    let ended = import_each(import, db, world, login, report.as_mut(), messages).await;
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
    mut report: Option<&mut NewFile>,
    messages: &mut (impl Write + Send),
) -> anyhow::Result<Ended> {
    let options = Options { login: login.to_owned(), dry_run: import.dry_run };
    let mut ended = Ended::Well;
    for path in &import.files {
        let name = clean(&path.to_string_lossy()).into_owned();
        let input = match open(path) {
            Ok(input) => input,
            Err(error) => {
                writeln!(messages, "{name} cannot be read: {error}")?;
                ended = Ended::Unread;
                continue;
            }
        };
        let mut input_report = InputReport::new(&name, messages, report.as_deref_mut());
        let done =
            exchange::import(db, world, input, &options, &mut |outcome| input_report.add(outcome)).await;
        ended = ended.max(input_report.end(done, &options)?);
    }
    Ok(ended)
}

fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(Box::new(file))
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
                self.sum_up(&done, options)?;
                Ok(if done.failed > 0 { Ended::WithRefusals } else { Ended::Well })
            }
            Err(ImportError::Unreadable { at, done }) => {
                writeln!(self.messages, "{} cannot be read on: {}", self.name, clean(&at.to_string()))?;
                self.sum_up(&done, options)?;
                Ok(Ended::Unread)
            }
            Err(error) => Err(error).context(format!("{} was not imported to its end", self.name)),
        }
    }

    fn sum_up(&mut self, done: &Summary, options: &Options) -> io::Result<()> {
        let Summary { added, modified, deleted, unchanged, failed, .. } = done;
        writeln!(
            self.messages,
            "{}: {added} added, {modified} modified, {deleted} deleted, {unchanged} unchanged, {failed} failed.",
            self.name
        )?;
        if options.dry_run {
            writeln!(self.messages, "Nothing was kept: this was a dry run.")?;
        } else if !done.kept && done.transaction == Transaction::AllObjects {
            writeln!(self.messages, "Nothing was kept: the input asks for all of its objects or none.")?;
        }
        if done.more_pages {
            writeln!(self.messages, "The response has more pages (@odata.nextLink); they were not fetched.")?;
        }
        Ok(())
    }
}

//! Export (`docs/interchange.md`): the records of lists as objects that [`import`](fn@super::import) takes, or the rows of
//! one list as a table.
//!
//! Everything is read from one [`Snapshot`] of the database, page by page, and written on a thread of its own, which may
//! wait for a disk or for whoever reads a pipe. In memory are a few pages, however many records there are.

mod payload;
mod sheet;
mod stream;

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::domain::entities;
use crate::domain::model::query::{ListQuery, PageCursor, Row};
use crate::domain::model::record::Record;
use crate::domain::model::schema::Kind;
use crate::service::ServiceError;
use crate::service::exchange::Stop;
use crate::storage::db::Snapshot;
use crate::storage::error::StorageError;
use crate::storage::list::{self, JudgedAt};

use payload::{Currencies, PayloadWriter};
use sheet::{Columns, CsvWriter, XlsxWriter};
use stream::RecordStream;

/// The most rows of a table that are read at a time.
const PAGE: usize = 500;

/// How long the writer is waited for that was asked to stop. It may wait for whoever reads a pipe.
const STOPPING: Duration = Duration::from_secs(1);

/// The most pages that wait to be written.
const WAITING: usize = 2;

/// The form in which an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An Import payload of the Domain API.
    Odata,
    /// The same objects, one a line.
    Jsonl,
    /// A table of comma-separated values.
    Csv,
    /// A table as a workbook for spreadsheets.
    Xlsx,
}

impl Format {
    /// The format of a file by the ending of its name: `.json`, `.jsonl`, `.csv` or `.xlsx`, in any case.
    pub fn of_file(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "json" => Some(Self::Odata),
            "jsonl" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// Whether it has the rows and columns of one list, and not the objects of records.
    pub fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Xlsx)
    }
}

/// What is exported, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The lists whose records are exported. Of a table there is one, with the columns and the order of the table.
    pub lists: Vec<ListQuery>,
    /// The format.
    pub format: Format,
    /// The language of the texts of a table.
    pub language: String,
}

impl Selection {
    /// The records of a list. A table has its columns, but for secrets, and its order.
    pub fn of_list(mut query: ListQuery, format: Format, language: &str) -> Self {
        query.columns.retain(|field| !matches!(field.kind, Kind::Secret));
        Self { lists: vec![query], format, language: language.to_owned() }
    }

    /// The lists of all records of all entities, as objects in this format. A base entity stands for its subtypes.
    pub fn of_everything(format: Format) -> Self {
        let lists = entities::all().filter(|entity| entity.base.is_none()).map(ListQuery::all).collect();
        Self { lists, format, language: String::new() }
    }
}

/// How many records of an export are written. Clones share the number.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<watch::Sender<Written>>);

#[derive(Clone, Copy, Debug, Default)]
struct Written {
    records: u64,
    has_ended: bool,
}

impl Progress {
    /// The number of records that are written by now.
    pub fn records(&self) -> u64 {
        self.0.borrow().records
    }

    /// Completes once `more` records are written than `seen`, or the export has ended ([`Progress::end`]), with the number of
    /// records.
    pub async fn beyond(&self, seen: u64, more: u64) -> u64 {
        let mut written = self.0.subscribe();
        let reached = |written: &Written| written.has_ended || written.records >= seen.saturating_add(more);
        // The sender is here, so there is no error.
        let _ = written.wait_for(reached).await;
        self.records()
    }

    /// Says that the export has ended, for whoever waits for its progress.
    pub fn end(&self) {
        self.0.send_modify(|written| written.has_ended = true);
    }

    fn add(&self, records: usize) {
        self.0.send_modify(|written| written.records += records as u64);
    }
}

impl PartialEq for Progress {
    /// Whether they share the number.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Why an export ended before it was whole. What was written of it is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The session has ended, or the database could not be read.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The output could not be written.
    #[error("{0}")]
    Output(#[from] io::Error),
    /// It was asked to stop.
    #[error("it was asked to stop")]
    Stopped,
}

/// A page on its way to the writer.
enum Page {
    Records(Vec<Record>),
    Rows(Vec<Row>),
    /// Everything was read.
    End,
}

/// Exports the selected records from a snapshot to `out`, and returns it once everything is written. `judged` is the site
/// and day at which the lists are judged. When `stop` is requested, or the future is dropped, the writing ends with the
/// page under way, which is waited for a second.
///
/// # Errors
/// [`ExportError`]; what is in `out` is then not whole.
pub async fn export<W: Write + Send + 'static>(
    snapshot: &mut Snapshot,
    judged: Option<JudgedAt<'_>>,
    selection: &Selection,
    stop: &Stop,
    progress: &Progress,
    out: W,
) -> Result<W, ExportError> {
    let is_table = selection.format.is_table();
    let currencies = if is_table {
        Currencies::default()
    } else {
        Currencies::load(snapshot).await.map_err(ServiceError::from)?
    };
    let (pages, waiting) = mpsc::channel(WAITING);
    let (done, written) = oneshot::channel();
    let (selection_of_writer, progress) = (selection.clone(), progress.clone());
    thread::Builder::new().name("export".to_owned()).spawn(move || {
        // Where nobody waits for it any more, the export was given up.
        let _ = done.send(write(&selection_of_writer, currencies, waiting, &progress, out));
    })?;
    let reading = async {
        if is_table {
            read_rows(snapshot, judged, selection, &pages).await
        } else {
            read_records(snapshot, judged, selection, &pages).await
        }
    };
    let read = tokio::select! {
        read = reading => read,
        () = stop.requested() => {
            drop(pages);
            let _ = timeout(STOPPING, written).await;
            return Err(ExportError::Stopped);
        }
    };
    drop(pages);
    let written = tokio::select! {
        written = written => written.unwrap_or_else(|_| Err(io::Error::other("the writer has ended"))),
        () = stop.requested() => return Err(ExportError::Stopped),
    };
    // Where both failed, the writer only found out that nothing more comes.
    read.map_err(ServiceError::from)?;
    Ok(written?)
}

/// Reads the records of the lists, and sends them to the writer as long as it takes them.
async fn read_records(
    snapshot: &mut Snapshot,
    judged: Option<JudgedAt<'_>>,
    selection: &Selection,
    pages: &mpsc::Sender<Page>,
) -> Result<(), StorageError> {
    let mut records = RecordStream::new(&selection.lists, judged);
    loop {
        let page = records.next(snapshot).await?;
        let is_end = page.is_empty();
        let page = if is_end { Page::End } else { Page::Records(page) };
        if pages.send(page).await.is_err() || is_end {
            return Ok(());
        }
    }
}

/// Reads the rows of the list, and sends them to the writer as long as it takes them.
async fn read_rows(
    snapshot: &mut Snapshot,
    judged: Option<JudgedAt<'_>>,
    selection: &Selection,
    pages: &mpsc::Sender<Page>,
) -> Result<(), StorageError> {
    for query in &selection.lists {
        let mut cursor = PageCursor::First;
        loop {
            let page = list::page(snapshot, query, judged, &cursor, PAGE, &selection.language).await?;
            let Some(last) = page.rows.last() else { break };
            cursor = PageCursor::After(last.key.clone());
            if pages.send(Page::Rows(page.rows)).await.is_err() {
                return Ok(());
            }
            if !page.more_after {
                break;
            }
        }
    }
    // Where the writer has ended, it says why.
    let _ = pages.send(Page::End).await;
    Ok(())
}

/// Writes the pages to `out`, to the last.
fn write<W: Write + Send>(
    selection: &Selection,
    currencies: Currencies,
    mut pages: mpsc::Receiver<Page>,
    progress: &Progress,
    out: W,
) -> io::Result<W> {
    let mut writer = Writer::begin(selection, currencies, out)?;
    while let Some(page) = pages.blocking_recv() {
        match page {
            Page::Records(records) => {
                records.iter().try_for_each(|record| writer.record(record))?;
                progress.add(records.len());
            }
            Page::Rows(rows) => {
                rows.iter().try_for_each(|row| writer.row(row))?;
                progress.add(rows.len());
            }
            Page::End => return writer.finish(),
        }
    }
    Err(io::Error::other("it was not read to its end"))
}

/// A writer of one of the formats.
enum Writer<W: Write + Send> {
    Payload(PayloadWriter<BufWriter<W>>),
    Csv(Box<CsvWriter<BufWriter<W>>>),
    Xlsx(Box<XlsxWriter<BufWriter<W>>>),
}

impl<W: Write + Send> Writer<W> {
    fn begin(selection: &Selection, currencies: Currencies, out: W) -> io::Result<Self> {
        let out = BufWriter::new(out);
        let query = selection.lists.first().filter(|_| selection.format.is_table());
        let Some(query) = query else {
            let is_payload = selection.format == Format::Odata;
            return PayloadWriter::begin(out, is_payload, currencies).map(Self::Payload);
        };
        let columns = Columns::of(query, &selection.language);
        if selection.format == Format::Csv {
            return CsvWriter::begin(out, columns).map(|writer| Self::Csv(Box::new(writer)));
        }
        XlsxWriter::begin(out, query.entity.plural, columns).map(|writer| Self::Xlsx(Box::new(writer)))
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        match self {
            Self::Payload(writer) => writer.write(record),
            Self::Csv(_) | Self::Xlsx(_) => Ok(()),
        }
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        match self {
            Self::Payload(_) => Ok(()),
            Self::Csv(writer) => writer.write(row),
            Self::Xlsx(writer) => writer.write(row),
        }
    }

    fn finish(self) -> io::Result<W> {
        let out = match self {
            Self::Payload(writer) => writer.finish(),
            Self::Csv(writer) => writer.finish(),
            Self::Xlsx(writer) => writer.finish(),
        };
        out?.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

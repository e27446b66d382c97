//! The three formats in which a command writes its answer, page by page.

use std::borrow::Cow;
use std::io::{self, BufWriter, StdoutLock, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::domain::model::text;

/// Standard output for an answer, buffered. When its reader has gone, as with `| head`, the rest of the answer is dropped
/// and the command goes on, so that its exit status says what was found.
pub(super) fn output() -> BufWriter<WhileRead<StdoutLock<'static>>> {
    BufWriter::new(WhileRead::new(io::stdout().lock()))
}

/// A writer that drops what nobody reads any more; `None` once the reader has gone.
pub(super) struct WhileRead<W>(Option<W>);

impl<W: Write> WhileRead<W> {
    /// A writer to `out`.
    pub(super) fn new(out: W) -> Self {
        Self(Some(out))
    }

    fn unless_gone<T>(&mut self, done: io::Result<T>, nothing: T) -> io::Result<T> {
        match done {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.0 = None;
                Ok(nothing)
            }
            done => done,
        }
    }
}

impl<W: Write> Write for WhileRead<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(out) = &mut self.0 else { return Ok(bytes.len()) };
        let done = out.write(bytes);
        self.unless_gone(done, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(out) = &mut self.0 else { return Ok(()) };
        let done = out.flush();
        self.unless_gone(done, ())
    }
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Table,
    /// One JSON object a line
    Json,
    /// Comma-separated, with a header
    Csv,
}

/// One line of an answer; its serialised form is the JSON object. Texts are given as stored, and are made harmless
/// here.
pub(super) trait Reported: Serialize {
    /// The headings of the table.
    fn headings() -> Vec<&'static str>;

    /// One row of the table, one text for each column.
    fn table_row(&self) -> Vec<Cow<'_, str>>;

    /// The column names in the first line of the CSV.
    fn names() -> Vec<&'static str>;

    /// One line of the CSV, one value for each column.
    fn csv_row(&self) -> Vec<Cow<'_, str>>;
}

/// The most columns of the screen that a column of the table takes, but for the last.
const WIDEST: usize = 60;

/// An answer that is being written.
pub(super) struct Report<W: Write> {
    format: Format,
    out: W,
    widths: Vec<usize>,
    has_begun: bool,
}

impl<W: Write> Report<W> {
    /// A report that writes rows to `out` in this format.
    pub(super) fn new(format: Format, out: W) -> Self {
        Self { format, out, widths: Vec::new(), has_begun: false }
    }

    /// Writes the next lines.
    pub(super) fn write<T: Reported>(&mut self, lines: &[T]) -> io::Result<()> {
        match self.format {
            Format::Table => self.table(lines)?,
            Format::Json => self.write_json(lines)?,
            Format::Csv => self.csv(lines)?,
        }
        self.has_begun = true;
        Ok(())
    }

    /// Writes the next lines as JSON, where an object is not what a row of the table is.
    pub(super) fn write_json<T: Serialize>(&mut self, lines: &[T]) -> io::Result<()> {
        lines.iter().try_for_each(|line| json_line(&mut self.out, line))
    }

    /// Ends the answer. It has its header even when it has no lines.
    pub(super) fn finish<T: Reported>(mut self) -> io::Result<W> {
        if !self.has_begun {
            self.write::<T>(&[])?;
        }
        Ok(self.out)
    }

    /// Writes lines of the table. A column is as wide as its widest text so far, since later pages are not known.
    fn table<T: Reported>(&mut self, lines: &[T]) -> io::Result<()> {
        let mut rows: Vec<Vec<Cow<'_, str>>> = Vec::with_capacity(lines.len() + 1);
        if !self.has_begun {
            rows.push(T::headings().into_iter().map(Cow::Borrowed).collect());
            self.widths = vec![0; rows[0].len()];
        }
        rows.extend(lines.iter().map(|line| line.table_row().into_iter().map(cleaned).collect()));
        // One long name must not push the other columns off the screen.
        for cell in rows.iter_mut().filter_map(|row| row.split_last_mut()).flat_map(|(_, others)| others) {
            *cell = Cow::Owned(text::fit(cell, WIDEST).into_owned());
        }
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(text::width(cell));
            }
        }
        // The last column is not padded.
        self.widths.iter_mut().next_back().into_iter().for_each(|width| *width = 0);
        for row in &rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&self.widths) {
                let gap = width.saturating_sub(text::width(cell)) + 2;
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', gap));
            }
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn csv<T: Reported>(&mut self, lines: &[T]) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(&mut self.out);
        if !self.has_begun {
            writer.write_record(T::names())?;
        }
        for line in lines {
            writer.write_record(line.csv_row().iter().map(|value| text::csv_cell(value).into_owned()))?;
        }
        writer.flush()
    }
}

fn cleaned(cell: Cow<'_, str>) -> Cow<'_, str> {
    match text::clean(&cell) {
        Cow::Borrowed(_) => cell,
        Cow::Owned(clean) => Cow::Owned(clean),
    }
}

/// Writes one JSON object on a line of its own.
pub(super) fn json_line(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    line.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Escaping))?;
    out.write_all(b"\n")
}

/// Compact JSON in which characters that a terminal would obey are written as `\u…`, so that what a reader parses stays
/// the same. A flood of combining marks ends as on the screen ([`text::without_floods`]).
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if matches!(text::clean(fragment), Cow::Borrowed(_)) {
            return out.write_all(fragment.as_bytes());
        }
        let escaped = text::json_escaped(&text::without_floods(fragment)).into_owned();
        out.write_all(escaped.as_bytes())
    }
}

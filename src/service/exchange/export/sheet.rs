//! The rows of a list as a table: comma-separated, or a workbook for spreadsheets.

use std::borrow::Cow;
use std::io::{self, Write};

use jiff::civil::{Date, DateTime};
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::domain::model::format;
use crate::domain::model::query::{ListQuery, Row};
use crate::domain::model::schema::FieldDef;
use crate::domain::model::text;
use crate::domain::model::value::Value;

/// The most rows of a worksheet, its header among them.
const MOST_ROWS: u32 = 1_048_576;

/// The most characters of a cell of a worksheet.
const LONGEST_CELL: usize = 32_767;

/// The widest that a column of a worksheet begins with, in characters.
const WIDEST: usize = 60;

/// The columns of a table, and how their values are written.
#[derive(Clone)]
pub(super) struct Columns {
    /// Whether the first column has the code that each row fails with.
    has_access: bool,
    fields: Vec<&'static FieldDef>,
    language: String,
}

impl Columns {
    /// The columns that a list shows to a reader of `language`.
    pub(super) fn of(query: &ListQuery, language: &str) -> Self {
        Self {
            has_access: query.judged_at.is_some(),
            fields: query.columns.clone(),
            language: language.to_owned(),
        }
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.has_access.then_some("Access").into_iter().chain(self.fields.iter().map(|field| field.label))
    }

    /// The text of each cell of a row.
    fn texts<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = Cow<'a, str>> {
        let access = self.has_access.then(|| Cow::Borrowed(access(row)));
        let values = self.fields.iter().zip(&row.values);
        access.into_iter().chain(values.map(|(field, value)| format::shown(field, value, &self.language)))
    }
}

/// The text of the column Access, as a list shows it.
fn access(row: &Row) -> &'static str {
    match row.access {
        _ if row.is_off => "inactive",
        Some(code) => code.as_str(),
        None => "✓",
    }
}

/// Writes rows as lines of comma-separated cells, after a line with the names of the columns. No cell is a formula
/// ([`text::csv_cell`]).
pub(super) struct CsvWriter<W: Write> {
    out: csv::Writer<W>,
    columns: Columns,
}

impl<W: Write> CsvWriter<W> {
    /// Begins the table.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn begin(out: W, columns: Columns) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(columns.names())?;
        Ok(Self { out, columns })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(&mut self, row: &Row) -> io::Result<()> {
        for cell in self.columns.texts(row) {
            self.out.write_field(text::csv_cell(&cell).as_bytes())?;
        }
        self.out.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Ends the table.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(self) -> io::Result<W> {
        let mut out = self.out.into_inner().map_err(csv::IntoInnerError::into_error)?;
        out.flush()?;
        Ok(out)
    }
}

/// Writes rows as a workbook of one worksheet, below a header that stays in sight. Dates, instants (UTC), numbers and
/// amounts are such; texts are no formulas ([`text::csv_cell`]). The rows are kept in a temporary file without a name until
/// the workbook is written.
pub(super) struct XlsxWriter<W: Write + Send> {
    out: W,
    book: Workbook,
    sheet: Worksheet,
    columns: Columns,
    formats: Formats,
    /// The number of rows that are written, with the header.
    rows: u32,
    /// The most characters of a cell so far, by column.
    widths: Vec<usize>,
}

struct Formats {
    date: Format,
    instant: Format,
    amount: Format,
}

impl<W: Write + Send> XlsxWriter<W> {
    /// Begins the workbook.
    ///
    /// # Errors
    /// When there is no room for the temporary file.
    pub(super) fn begin(out: W, title: &str, columns: Columns) -> io::Result<Self> {
        let mut book = Workbook::new();
        let mut sheet = book.new_worksheet_with_constant_memory().map_err(error)?;
        // The longest name of a worksheet has 31 characters.
        sheet.set_name(title.chars().take(31).collect::<String>()).map_err(error)?;
        sheet.set_freeze_panes(1, 0).map_err(error)?;
        let header = Format::new().set_bold();
        let mut widths = Vec::new();
        for (column, name) in (0..).zip(columns.names()) {
            sheet.write_string_with_format(0, column, name, &header).map_err(error)?;
            widths.push(text::width(name));
        }
        let formats = Formats {
            date: Format::new().set_num_format("yyyy-mm-dd"),
            instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            amount: Format::new().set_num_format("0.00"),
        };
        Ok(Self { out, book, sheet, columns, formats, rows: 1, widths })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When it cannot be written, or the worksheet is full.
    pub(super) fn write(&mut self, row: &Row) -> io::Result<()> {
        if self.rows == MOST_ROWS {
            return Err(io::Error::other(format!(
                "a worksheet has no more than {} rows below its header; write csv instead",
                MOST_ROWS - 1
            )));
        }
        let mut column = 0;
        if self.columns.has_access {
            self.sheet.write_string(self.rows, column, access(row)).map_err(error)?;
            column += 1;
        }
        for (at, (field, value)) in self.columns.fields.iter().zip(&row.values).enumerate() {
            let shown = format::shown(field, value, &self.columns.language);
            let width = &mut self.widths[usize::from(self.columns.has_access) + at];
            *width = (*width).max(text::width(&text::fit(&text::clean(&shown), WIDEST)));
            self.formats.write(&mut self.sheet, (self.rows, column), value, &shown).map_err(error)?;
            column += 1;
        }
        self.rows += 1;
        Ok(())
    }

    /// Writes the workbook.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(mut self) -> io::Result<W> {
        for (column, width) in (0..).zip(&self.widths) {
            // A blank at either side, as the cells have; at most 62, so nothing is lost.
            let width = u32::try_from(*width).unwrap_or_default() + 2;
            self.sheet.set_column_width(column, width).map_err(error)?;
        }
        self.book.push_worksheet(self.sheet);
        self.book.save_to_writer(&mut self.out).map_err(error)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl Formats {
    /// Writes a cell. A value that a spreadsheet does not have, such as a date before 1900, is written as its text.
    fn write(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        value: &Value,
        shown: &str,
    ) -> Result<(), XlsxError> {
        match value {
            Value::Date(date) if let Some(date) = excel_date(*date) => {
                sheet.write_datetime_with_format(row, column, date, &self.date)?;
            }
            Value::Instant(instant) if let Some(instant) = excel_instant(instant.civil()) => {
                sheet.write_datetime_with_format(row, column, instant, &self.instant)?;
            }
            Value::Int(number) if let Some(number) = number.to_f64() => {
                sheet.write_number(row, column, number)?;
            }
            Value::Amount(amount) if let Some(amount) = amount.to_f64() => {
                sheet.write_number_with_format(row, column, amount, &self.amount)?;
            }
            _ if shown.is_empty() => {}
            _ => {
                let cell = text::csv_cell(shown);
                let cell: String = cell.chars().take(LONGEST_CELL).collect();
                sheet.write_string(row, column, cell)?;
            }
        }
        Ok(())
    }
}

fn excel_date(date: Date) -> Option<ExcelDateTime> {
    let number = |number: i8| u8::try_from(number).ok();
    ExcelDateTime::from_ymd(u16::try_from(date.year()).ok()?, number(date.month())?, number(date.day())?).ok()
}

fn excel_instant(instant: DateTime) -> Option<ExcelDateTime> {
    let number = |number: i8| u8::try_from(number).ok();
    let (hour, minute) = (number(instant.hour())?, number(instant.minute())?);
    excel_date(instant.date())?.and_hms(hour.into(), minute, f64::from(instant.second())).ok()
}

/// The error of the system behind one of the workbook, where there is one.
fn error(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) | XlsxError::TempFileError(_, error) => error,
        error => io::Error::other(error),
    }
}

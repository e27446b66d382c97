//! The three ways in which the answer is written, page by page.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Map, Value};

use crate::domain::access::{Code, Diagnosis, State};
use crate::domain::text;
use crate::service::check::Finding;

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people: ✓ ok, ✗ failed, · blocked, blank where the site does not ask
    #[default]
    Table,
    /// One JSON object a line
    Json,
    /// Comma-separated, with a header
    Csv,
}

/// An answer under way.
pub(super) struct Report<W: Write> {
    format: Format,
    out: W,
    widths: Vec<usize>,
    begun: bool,
}

impl<W: Write> Report<W> {
    pub(super) fn new(format: Format, out: W) -> Self {
        Self { format, out, widths: Vec::new(), begun: false }
    }

    /// Writes the next findings.
    pub(super) fn write(&mut self, findings: &[Finding]) -> io::Result<()> {
        match self.format {
            Format::Table => self.table(findings),
            Format::Json => findings.iter().try_for_each(|finding| json_line(&mut self.out, finding)),
            Format::Csv => self.csv(findings),
        }
    }

    /// Ends the answer, which has its header even when nobody is in it.
    pub(super) fn finish(mut self) -> io::Result<W> {
        if !self.begun {
            self.write(&[])?;
        }
        Ok(self.out)
    }

    /// Columns are as wide as the widest cell so far: a page is all that is known.
    fn table(&mut self, findings: &[Finding]) -> io::Result<()> {
        let mut rows: Vec<Vec<Cow<'_, str>>> = Vec::with_capacity(findings.len() + 1);
        if !self.begun {
            let names = ["Login", "Site", "Sign-in"].into_iter();
            let codes = Code::ALL.iter().map(|code| code.as_str());
            rows.push(names.chain(codes).chain(["Warnings"]).map(Cow::Borrowed).collect());
            self.widths = vec![0; rows[0].len()];
        }
        self.begun = true;
        rows.extend(findings.iter().map(table_row));
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(text::width(cell));
            }
        }
        // The last column is followed by nothing.
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

    fn csv(&mut self, findings: &[Finding]) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(&mut self.out);
        if !self.begun {
            let names = ["login", "site", "rules"].into_iter();
            let codes = Code::ALL.iter().map(|code| code.as_str());
            writer.write_record(names.chain(codes).chain(["sign_in", "warnings"]))?;
        }
        self.begun = true;
        for finding in findings {
            let Finding { login, site, diagnosis } = finding;
            let warnings = warnings(diagnosis).join("; ");
            let codes = diagnosis.states().map(|(_, state)| state.as_str());
            let cells = [login.as_str(), &site.relative_url, site.rules.code()].into_iter().chain(codes);
            let last = [sign_in(diagnosis).unwrap_or_default(), &warnings];
            writer.write_record(cells.chain(last).map(|cell| harmless(cell).into_owned()))?;
        }
        writer.flush()
    }
}

fn table_row(finding: &Finding) -> Vec<Cow<'_, str>> {
    let Finding { login, site, diagnosis } = finding;
    let names = [login.as_str(), &site.relative_url, sign_in(diagnosis).unwrap_or("✓")];
    let states = diagnosis.states().map(|(_, state)| match state {
        State::Ok => "✓",
        State::Failed => "✗",
        State::Blocked(_) => "·",
        State::Unused => "",
    });
    let warnings = warnings(diagnosis).join("; ");
    let warnings = text::clean(&warnings).into_owned();
    names.into_iter().map(text::clean).chain(states.map(Cow::Borrowed)).chain([warnings.into()]).collect()
}

fn sign_in(diagnosis: &Diagnosis) -> Option<&'static str> {
    diagnosis.sign_in().map(Code::as_str)
}

fn warnings(diagnosis: &Diagnosis) -> Vec<String> {
    diagnosis.warnings.iter().map(ToString::to_string).collect()
}

/// A cell that no spreadsheet takes for a formula, and no terminal for a command.
fn harmless(cell: &str) -> Cow<'_, str> {
    let cleaned = text::clean(cell);
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cleaned}").into() } else { cleaned }
}

/// One line of `--format json`, with exactly these names in exactly this order.
#[derive(Serialize)]
struct Line<'a> {
    login: &'a str,
    site: &'a str,
    rules: &'static str,
    codes: Map<String, Value>,
    blocked_by: Map<String, Value>,
    sign_in: Option<&'static str>,
    warnings: Vec<String>,
}

fn json_line(out: &mut impl Write, finding: &Finding) -> io::Result<()> {
    let Finding { login, site, diagnosis } = finding;
    let states = diagnosis.states().map(|(code, state)| (code.to_string(), state.as_str().into()));
    let blocked = Code::ALL
        .into_iter()
        .filter_map(|code| Some((code.to_string(), diagnosis.blocked_by(code)?.as_str().into())));
    let line = Line {
        login,
        site: &site.relative_url,
        rules: site.rules.code(),
        codes: states.collect(),
        blocked_by: blocked.collect(),
        sign_in: sign_in(diagnosis),
        warnings: warnings(diagnosis),
    };
    line.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Escaping))?;
    out.write_all(b"\n")
}

/// Compact JSON in which what a terminal would obey stands as `\u…`: the text stays what it is.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if matches!(text::clean(fragment), Cow::Borrowed(_)) {
            return out.write_all(fragment.as_bytes());
        }
        let mut escaped = String::with_capacity(fragment.len() * 2);
        for c in fragment.chars() {
            if text::is_hidden(c) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            } else {
                escaped.push(c);
            }
        }
        out.write_all(escaped.as_bytes())
    }
}

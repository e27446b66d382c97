//! `ccdesk access review`, `keep` and `decisions`: looking at every access from time to time.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::rows::{DecisionRow, ReviewRow};
use super::{Done, access_of, customer_of, refused};
use crate::cli::report::Report;
use crate::domain::entities::enterprise_company::ENTERPRISE_COMPANY;
use crate::domain::model::query::{ListQuery, PageCursor};
use crate::domain::model::text;
use crate::domain::model::value::{RecordId, Value};
use crate::service::back_office::BackOffice;
use crate::service::back_office::reviews::{Decision, Reviewed};

/// Lists the accesses to be looked at, with their last use, who granted them and who looked at them last
#[derive(Debug, clap::Args)]
pub(super) struct Review {
    #[command(flatten)]
    customers: Customers,
}

/// Tells what was decided about accesses, by whom and why: granted, kept, changed or ended; in the end how many
#[derive(Debug, clap::Args)]
pub(super) struct Decisions {
    #[command(flatten)]
    customers: Customers,
    /// Only from this day on, UTC, such as 2026-06-01
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
}

/// The customers whose accesses are meant.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Customers {
    /// Of the customer with this number
    #[arg(long, value_name = "NUMBER")]
    customer: Option<String>,
    /// Of the customers of this enterprise company
    #[arg(long, value_name = "NAME")]
    company: Option<String>,
    /// Of every customer
    #[arg(long)]
    all: bool,
}

impl Customers {
    async fn reviewed(&self, back_office: &BackOffice) -> anyhow::Result<Reviewed> {
        Ok(match (&self.customer, &self.company) {
            (Some(number), _) => Reviewed::Customer(customer_of(back_office, number).await?),
            (None, Some(name)) => Reviewed::Company(company_of(back_office, name).await?),
            (None, None) => Reviewed::All,
        })
    }
}

/// The most enterprise companies among which a name is looked for.
const MOST_COMPANIES: usize = 1000;

/// The enterprise company with this name, ignoring case.
async fn company_of(back_office: &BackOffice, name: &str) -> anyhow::Result<RecordId> {
    let query = ListQuery::all(&ENTERPRISE_COMPANY);
    let page = back_office.rows(&query, &PageCursor::First, MOST_COMPANIES).await?;
    let shown = |value: &Value| match value {
        Value::Ref(company) => company.shown.clone(),
        _ => String::new(),
    };
    let names = page.rows.iter().map(|row| (row.id, row.values.first().map(shown).unwrap_or_default()));
    let names: Vec<(RecordId, String)> = names.collect();
    if let Some((id, _)) = names.iter().find(|(_, known)| text::key(known) == text::key(name)) {
        return Ok(*id);
    }
    let known: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
    bail!("no enterprise company is called “{name}”; there are: {}", known.join(", "))
}

impl Review {
    /// Writes the accesses.
    pub(super) async fn run<W: Write>(
        &self,
        back_office: &BackOffice,
        mut report: Report<W>,
    ) -> anyhow::Result<()> {
        let mut accesses = back_office.reviewed_accesses(self.customers.reviewed(back_office).await?);
        loop {
            let page: Vec<ReviewRow> = accesses.next_page().await?.into_iter().map(ReviewRow).collect();
            if page.is_empty() {
                return Ok(report.finish::<ReviewRow>()?.flush()?);
            }
            report.write(&page)?;
        }
    }
}

impl Decisions {
    /// Writes the decisions, and on standard error how many there are of each kind.
    pub(super) async fn run<W: Write>(
        &self,
        back_office: &BackOffice,
        mut report: Report<W>,
    ) -> anyhow::Result<()> {
        let since = match self.since {
            Some(day) => day.to_zoned(TimeZone::UTC).context("--since")?.timestamp(),
            None => Timestamp::MIN,
        };
        let reviewed = self.customers.reviewed(back_office).await?;
        let mut decisions = back_office.access_decisions(reviewed, since);
        let mut counts: BTreeMap<Decision, usize> = BTreeMap::new();
        loop {
            let page: Vec<DecisionRow> = decisions.next_page().await?.into_iter().map(DecisionRow).collect();
            if page.is_empty() {
                break;
            }
            for row in &page {
                *counts.entry(row.0.decision).or_default() += 1;
            }
            report.write(&page)?;
        }
        report.finish::<DecisionRow>()?.flush()?;
        let counts: Vec<String> =
            counts.iter().map(|(decision, count)| format!("{count} {}", decision.as_str())).collect();
        let summary = if counts.is_empty() { "nothing was decided".to_owned() } else { counts.join(", ") };
        writeln!(io::stderr(), "ccdesk: {summary}")?;
        Ok(())
    }
}

/// Notes that a user's access to a customer was looked at and is kept.
pub(super) async fn keep<W: Write>(
    back_office: &BackOffice,
    login: &str,
    number: &str,
    mut report: Report<W>,
) -> Done {
    let access = match access_of(back_office, login, number, "keep").await? {
        Ok(access) => access,
        Err(sentence) => return Ok(Err(sentence)),
    };
    match back_office.keep_access(access.id, access.version).await {
        Ok(kept) => {
            let rows = back_office.access_rows(&[kept]).await;
            let rows = rows.context("the access is kept, but cannot be shown")?;
            report.write(&rows.into_iter().map(ReviewRow).collect::<Vec<_>>())?;
            report.finish::<ReviewRow>()?.flush()?;
            Ok(Ok(()))
        }
        Err(error) => refused(error, ""),
    }
}

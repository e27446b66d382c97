//! `ccdesk propose`: the persons and companies that requests for accounts may be of (`docs/domain.md`, Proposals).

use std::borrow::Cow;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context as _;
use serde::{Serialize, Serializer};

use super::open;
use super::report::{Format, Report, Reported, output};
use crate::config::Config;
use crate::domain::account_request::RequestState;
use crate::domain::entities::user;
use crate::domain::matching::Candidate;
use crate::domain::model::query::{Filter, ListQuery, PageCursor, Sort};
use crate::domain::model::value::RecordId;
use crate::service::World;
use crate::service::back_office::BackOffice;
use crate::service::back_office::proposals::Proposed;
use crate::storage::db::Create;

/// Says which person and company those who ask for an account may be, and why
///
/// For a login without person, and for one whose person belongs to no party. Nothing is chosen: "certain" means that two
/// independent reasons agree, nothing contradicts, and no other comes near.
///
/// Exit status: 0 when it could be said, 2 when it could not run.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whose; without any, everybody whose request is pending
    #[arg(value_name = "LOGIN", conflicts_with = "pending")]
    logins: Vec<String>,
    /// Everybody whose request is pending, the oldest first
    #[arg(long)]
    pending: bool,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The number of requests read at a time.
const PAGE: usize = 500;

/// Runs `ccdesk propose`.
pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let world = World::real(config.policy);
    let db = open(config, Create::MustExist, &world).await?;
    let back_office = BackOffice::for_command_line(&db, &world);
    let mut report = Report::new(args.format, output());
    if args.logins.is_empty() {
        let mut rest = Some(PageCursor::First);
        while let Some(page_cursor) = rest {
            let page = back_office.rows(&pending(), &page_cursor, PAGE).await?;
            let ids: Vec<RecordId> = page.rows.iter().map(|row| row.id).collect();
            write(&back_office, &ids, args.format, &mut report).await?;
            let last = page.rows.last().filter(|_| page.more_after);
            rest = last.map(|row| PageCursor::After(row.key.clone()));
        }
    } else {
        let mut ids = Vec::with_capacity(args.logins.len());
        for login in &args.logins {
            let found = back_office.find_by_code(&user::USER, login).await?;
            ids.push(found.with_context(|| format!("no user has the login “{login}”; check its spelling"))?);
        }
        write(&back_office, &ids, args.format, &mut report).await?;
    }
    report.finish::<Proposal>()?.flush()?;
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn pending() -> ListQuery {
    ListQuery {
        columns: Vec::new(),
        filters: vec![Filter::Request(RequestState::Pending)],
        sort: vec![Sort { field: &user::CREATION_TIME_UTC.def, descending: false }],
        ..ListQuery::all(&user::USER)
    }
}

async fn write<W: Write>(
    back_office: &BackOffice,
    ids: &[RecordId],
    format: Format,
    report: &mut Report<W>,
) -> anyhow::Result<()> {
    let proposed = back_office.proposals(ids).await?;
    match format {
        Format::Json => report.write_json(&proposed.into_iter().map(Line).collect::<Vec<_>>())?,
        Format::Table | Format::Csv => {
            report.write(&proposed.iter().flat_map(Proposal::all_of).collect::<Vec<_>>())?;
        }
    }
    Ok(())
}

/// One line of `--format json`: a login with everything that is proposed for it.
struct Line(Proposed);

/// A candidate in `--format json`, with exactly these names in exactly this order.
#[derive(Serialize)]
struct JsonCandidate<'a> {
    id: String,
    party_code: &'a str,
    shown: &'a str,
    level: &'static str,
    reasons: Vec<String>,
    has_login: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonLine<'a> {
    login: &'a str,
    person: Vec<JsonCandidate<'a>>,
    company: Vec<JsonCandidate<'a>>,
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Proposed { login, proposals } = &self.0;
        JsonLine {
            login,
            person: proposals.persons.iter().map(json_candidate).collect(),
            company: proposals.companies.iter().map(json_candidate).collect(),
        }
        .serialize(serializer)
    }
}

fn json_candidate(candidate: &Candidate) -> JsonCandidate<'_> {
    JsonCandidate {
        id: candidate.id.to_string(),
        party_code: &candidate.party_code,
        shown: &candidate.shown,
        level: candidate.level.as_str(),
        reasons: reasons(candidate),
        has_login: candidate.has_login.as_deref(),
    }
}

fn reasons(candidate: &Candidate) -> Vec<String> {
    candidate.reasons.iter().map(ToString::to_string).collect()
}

/// One line of the table and of the CSV: a candidate, or a login for which nothing is proposed.
#[derive(Serialize)]
struct Proposal {
    login: String,
    kind: &'static str,
    level: &'static str,
    id: String,
    party_code: String,
    shown: String,
    has_login: String,
    reasons: String,
}

impl Proposal {
    fn all_of(proposed: &Proposed) -> Vec<Self> {
        let Proposed { login, proposals } = proposed;
        let persons = proposals.persons.iter().map(|candidate| Self::of(login, "person", candidate));
        let companies = proposals.companies.iter().map(|candidate| Self::of(login, "company", candidate));
        let mut all: Vec<Self> = persons.chain(companies).collect();
        if all.is_empty() {
            all.push(Self::nothing(login));
        }
        all
    }

    fn of(login: &str, kind: &'static str, candidate: &Candidate) -> Self {
        Self {
            login: login.to_owned(),
            kind,
            level: candidate.level.as_str(),
            id: candidate.id.to_string(),
            party_code: candidate.party_code.clone(),
            shown: candidate.shown.clone(),
            has_login: candidate.has_login.clone().unwrap_or_default(),
            reasons: reasons(candidate).join("; "),
        }
    }

    fn nothing(login: &str) -> Self {
        let none = String::new;
        Self {
            login: login.to_owned(),
            kind: "",
            level: "",
            id: none(),
            party_code: none(),
            shown: none(),
            has_login: none(),
            reasons: none(),
        }
    }
}

impl Reported for Proposal {
    fn headings() -> Vec<&'static str> {
        vec!["Login", "Proposed", "Level", "Party Code", "Party Name", "Has login", "Reasons"]
    }

    fn table_row(&self) -> Vec<Cow<'_, str>> {
        let Self { login, kind, level, party_code, shown, has_login, reasons, .. } = self;
        let kind = if kind.is_empty() { "nothing" } else { kind };
        [login, kind, level, party_code, shown, has_login, reasons].map(Cow::Borrowed).into()
    }

    fn names() -> Vec<&'static str> {
        vec!["login", "kind", "level", "id", "party_code", "shown", "has_login", "reasons"]
    }

    fn csv_row(&self) -> Vec<Cow<'_, str>> {
        let Self { login, kind, level, id, party_code, shown, has_login, reasons } = self;
        [login, *kind, *level, id, party_code, shown, has_login, reasons].map(Cow::Borrowed).into()
    }
}

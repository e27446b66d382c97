//! `ccdesk request`: asking for an account, and deciding on requests (`docs/domain.md`, Requests).

use std::borrow::Cow;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::civil::Date;
use serde::Serialize;

use super::report::{Format, Report, Reported, output};
use super::{open, password, refused};
use crate::config::Config;
use crate::domain::account_request::{Request, RequestState, Source};
use crate::domain::codes::Warning;
use crate::domain::entities::user;
use crate::domain::model::format;
use crate::domain::model::query::{self, Filter, ListQuery, PageCursor, Sort};
use crate::domain::model::record::Fields;
use crate::domain::model::schema::FieldDef;
use crate::domain::model::text::clean;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Value};
use crate::service::back_office::BackOffice;
use crate::service::back_office::requests::{AccountForm, create_account};
use crate::service::{ServiceError, World};
use crate::storage::db::Create;

/// Asks for accounts in the Client Centers, and decides about those who asked
///
/// Exit status: 0 when it was done, 1 when a rule refused it, 2 when it could not run.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Add(Add),
    /// Says who waits for a decision, or what was decided; the oldest first
    List {
        /// The state of the requests
        #[arg(long, value_enum, default_value_t)]
        state: State,
        /// How to write the answer
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Puts a request off until something has happened
    Wait {
        /// Whose request
        login: String,
        /// What it waits for; it stands in the history
        #[arg(long = "for", value_name = "TEXT")]
        what_for: String,
        /// The day on which it is pending again, such as 2026-12-24
        #[arg(long, value_name = "DATE")]
        until: Option<Date>,
    },
    /// Writes an internal note about a request
    Note {
        /// Whose request
        login: String,
        /// The note
        #[arg(long, value_name = "TEXT")]
        text: String,
    },
    /// Turns a pending or waiting request down; the login is switched off
    Reject {
        /// Whose request
        login: String,
        /// Why; it stands in the history
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Makes a waiting, rejected or configured request pending again; a rejected login is switched on
    Reopen {
        /// Whose request
        login: String,
    },
}

/// The states of requests that can be listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum State {
    /// Waits for a decision
    #[default]
    Pending,
    /// Was put off until something has happened
    Waiting,
    /// No code fails any more
    Configured,
    /// Was turned down
    Rejected,
    /// Whatever the state
    All,
}

impl State {
    fn states(self) -> Vec<RequestState> {
        match self {
            Self::Pending => vec![RequestState::Pending],
            Self::Waiting => vec![RequestState::Waiting],
            Self::Configured => vec![RequestState::Configured],
            Self::Rejected => vec![RequestState::Rejected],
            Self::All => RequestState::ALL.to_vec(),
        }
    }
}

/// Asks for an account; an operator decides about it
///
/// The password is asked for twice and not shown. Where standard input is no terminal, it is its first line. The
/// answer is the same when the e-mail has an account already.
#[derive(Debug, clap::Args)]
struct Add {
    /// The address; it becomes the login
    #[arg(long)]
    email: String,
    /// The full name
    #[arg(long)]
    name: String,
    /// The telephone number
    #[arg(long, default_value = "")]
    phone: String,
    /// The language of texts: en, bg, de or fr
    #[arg(long, default_value = "")]
    language: String,
    /// The company that the applicant works for
    #[arg(long, default_value = "")]
    company: String,
    /// What whoever decides should know
    #[arg(long, default_value = "")]
    message: String,
}

/// Runs `ccdesk request`: asks for an account, or lists and decides the requests.
pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let world = World::real(config.policy);
    let db = open(config, Create::MustExist, &world).await?;
    let back_office = BackOffice::for_command_line(&db, &world);
    let done = match &args.what {
        What::Add(add) => {
            let form = add.form()?;
            let confirmed = create_account(&db, &world, &super::origin(), Source::CommandLine, &form).await;
            confirmed
                .map(|()| format!("The account {} was asked for; an operator decides about it.", add.email))
        }
        What::List { state, format } => {
            list(&back_office, &state.states(), *format).await.map(|()| Ok(String::new()))?
        }
        What::Wait { login, what_for, until } => {
            let waiting = back_office.wait(user_of(&back_office, login).await?, what_for, *until).await;
            let until = until.map_or_else(String::new, |until| format!(" until {until}"));
            waiting.map(|_| format!("The request of {login} waits{until}."))
        }
        What::Note { login, text } => {
            let noted = back_office.add_note(user_of(&back_office, login).await?, text).await;
            noted.map(|()| format!("The note about the request of {login} is written."))
        }
        What::Reject { login, reason } => {
            let rejected = back_office.reject(user_of(&back_office, login).await?, reason).await;
            rejected.map(|_| format!("The request of {login} is rejected, and the login switched off."))
        }
        What::Reopen { login } => {
            let reopened = back_office.reopen(user_of(&back_office, login).await?).await;
            reopened.map(|user| match user.is(&user::ACTIVE) {
                true => format!("The request of {login} is open again."),
                false => format!("The request of {login} is open again; the login is still switched off."),
            })
        }
    };
    db.close().await;
    print_outcome(done)
}

async fn user_of(back_office: &BackOffice, login: &str) -> anyhow::Result<RecordId> {
    let found = back_office.find_by_code(&user::USER, login).await?;
    found.with_context(|| format!("no user has the login “{login}”; check its spelling"))
}

/// The number of requests read at a time.
const PAGE: usize = 500;

/// The columns of the list of requests that are fields of the user.
static COLUMNS: [&FieldDef; 5] = [
    &user::LOGIN.def,
    &user::NAME.def,
    &user::COMPANY_NAME.def,
    &user::CREATION_TIME_UTC.def,
    &user::REGISTRATION_MESSAGE.def,
];

async fn list(back_office: &BackOffice, states: &[RequestState], format: Format) -> anyhow::Result<()> {
    back_office.resume_due().await?;
    let mut report = Report::new(format, output());
    for state in states {
        let requests = ListQuery {
            columns: COLUMNS.to_vec(),
            filters: vec![Filter::Request(*state)],
            sort: vec![Sort { field: &user::CREATION_TIME_UTC.def, descending: false }],
            ..ListQuery::all(&user::USER)
        };
        let mut rest = Some(PageCursor::First);
        while let Some(page_cursor) = rest {
            let page = back_office.rows(&requests, &page_cursor, PAGE).await?;
            let ids: Vec<RecordId> = page.rows.iter().map(|row| row.id).collect();
            let warnings = back_office.identity_warnings(&ids).await?;
            let mut last = back_office.last_requests(&ids).await?;
            let listed = page.rows.iter().map(|row| {
                Listed::of(row, last.remove(&row.id), warnings.get(&row.id).map_or(&[], Vec::as_slice))
            });
            report.write(&listed.collect::<Vec<_>>())?;
            let last = page.rows.last().filter(|_| page.more_after);
            rest = last.map(|row| PageCursor::After(row.key.clone()));
        }
    }
    Ok(report.finish::<Listed>()?.flush()?)
}

/// One line of the list of requests.
#[derive(Serialize)]
struct Listed {
    login: String,
    name: String,
    company: String,
    /// ISO 8601 in UTC, such as `2024-04-01T13:25:00Z`; `None` when it is not known.
    asked_at: Option<String>,
    message: String,
    state: &'static str,
    /// Why it was rejected, or what it waits for.
    reason: Option<String>,
    /// The day until which it waits.
    until: Option<Date>,
    warnings: Vec<String>,
}

impl Listed {
    fn of(row: &query::Row, request: Option<Request>, warnings: &[Warning]) -> Self {
        let of =
            |field: &FieldDef| COLUMNS.iter().position(|column| *column == field).map(|at| &row.values[at]);
        let text = |field: &FieldDef| {
            of(field)
                .map_or_else(String::new, |value| format::shown(field, value, FALLBACK_LANGUAGE).into_owned())
        };
        let asked_at = match of(&user::CREATION_TIME_UTC.def) {
            Some(Value::Instant(at)) => Some(at.to_string()),
            _ => None,
        };
        Self {
            login: text(&user::LOGIN.def),
            name: text(&user::NAME.def),
            company: text(&user::COMPANY_NAME.def),
            asked_at,
            message: text(&user::REGISTRATION_MESSAGE.def),
            state: request.as_ref().map_or("", |request| request.state.code()),
            until: request.as_ref().and_then(|request| request.waiting_until),
            reason: request.and_then(|request| request.reason),
            warnings: warnings.iter().map(Warning::to_string).collect(),
        }
    }
}

impl Reported for Listed {
    fn headings() -> Vec<&'static str> {
        COLUMNS.iter().map(|field| field.label).chain(["State", "Reason", "Until", "Warnings"]).collect()
    }

    fn table_row(&self) -> Vec<Cow<'_, str>> {
        let asked_at = self.asked_at.as_deref().unwrap_or_default();
        let texts = [&self.login, &self.name, &self.company, asked_at, &self.message];
        let reason = self.reason.as_deref().unwrap_or_default();
        let until = self.until.map_or_else(String::new, |until| until.to_string());
        let others = [self.state.into(), reason.into(), until.into(), self.warnings.join("; ").into()];
        texts.map(Cow::Borrowed).into_iter().chain(others).collect()
    }

    fn names() -> Vec<&'static str> {
        vec!["login", "name", "company", "asked_at", "message", "state", "reason", "until", "warnings"]
    }

    fn csv_row(&self) -> Vec<Cow<'_, str>> {
        self.table_row()
    }
}

impl Add {
    fn form(&self) -> anyhow::Result<AccountForm> {
        Ok(AccountForm {
            email: self.email.clone(),
            full_name: self.name.clone(),
            phone: self.phone.clone(),
            language: self.language.clone(),
            company: self.company.clone(),
            message: self.message.clone(),
            password: password::read_new()?,
        })
    }
}

/// Prints what was done, or each thing that was refused.
fn print_outcome(done: Result<String, ServiceError>) -> anyhow::Result<ExitCode> {
    match done {
        Ok(sentence) => {
            if !sentence.is_empty() {
                let mut out = output();
                writeln!(out, "{}", clean(&sentence))?;
                out.flush()?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => refused(error),
    }
}

//! `ccdesk history`: what was done, by operation (`docs/domain.md`, History).

use std::borrow::Cow;
use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use serde::Serialize;

use super::open;
use super::report::{Format, Report, Reported, output};
use crate::config::Config;
use crate::domain::entities::{self, user};
use crate::domain::model::format;
use crate::domain::model::history::{Operation, OperationFilter};
use crate::domain::model::history_text;
use crate::domain::model::schema::EntityDef;
use crate::service::World;
use crate::service::back_office::BackOffice;
use crate::storage::db::Create;

/// Says what was done, by whom, when and what for, the newest first
///
/// Exit status: 0 when it was said, 2 when it could not run.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only what concerned the user with this login
    login: Option<String>,
    /// Only what was done to records of this entity, such as Customers
    #[arg(long, value_name = "ENTITY")]
    entity: Option<String>,
    /// Only what was done by this login, or by "command line" or "import"
    #[arg(long, value_name = "LOGIN")]
    operator: Option<String>,
    /// Only what was done since: 2024-04-01, or 2024-04-01T13:25:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The number of operations read at a time.
const PAGE: usize = 500;

/// Runs `ccdesk history`: lists operations.
pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let from = args.since.as_deref().map(read_since).transpose()?;
    let entity = args.entity.as_deref().map(read_entity).transpose()?;
    let world = World::real(config.policy);
    let db = open(config, Create::MustExist, &world).await?;
    let back_office = BackOffice::for_command_line(&db, &world);
    let record = match &args.login {
        Some(login) => {
            let found = back_office.find_by_code(&user::USER, login).await?;
            let found =
                found.with_context(|| format!("no user has the login “{login}”; check its spelling"))?;
            Some((&user::USER, found))
        }
        None => None,
    };
    let filter = OperationFilter { who: args.operator.clone(), entity, record, from, ..Default::default() };
    let mut report = Report::new(args.format, output());
    let mut after = None;
    loop {
        let page = back_office.operations(&filter, after, PAGE).await?;
        report.write(&page.operations.iter().map(Line::of).collect::<Vec<_>>())?;
        after = page.more_before;
        if after.is_none() {
            break;
        }
    }
    report.finish::<Line<'_>>()?.flush()?;
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The time of `--since`.
fn read_since(typed: &str) -> anyhow::Result<Timestamp> {
    history_text::read_time(typed)
        .with_context(|| format!("--since {typed}: it takes 2024-04-01, or 2024-04-01T13:25:00Z"))
}

/// The entity of `--entity`: by its name in the singular or plural, ignoring case, or by its name in the Domain API.
fn read_entity(typed: &str) -> anyhow::Result<&'static EntityDef> {
    let is_named =
        |def: &&EntityDef| def.name.eq_ignore_ascii_case(typed) || def.plural.eq_ignore_ascii_case(typed);
    if let Some(def) = entities::by_api_name(typed).or_else(|| entities::all().find(is_named)) {
        return Ok(def);
    }
    let names: Vec<&str> = entities::all().map(|def| def.plural).collect();
    bail!("--entity {typed}: it is one of {}", names.join(", "))
}

/// One line of the answer, with exactly these names in exactly this order.
#[derive(Serialize)]
struct Line<'a> {
    operation: String,
    /// ISO 8601 in UTC.
    at: String,
    login: &'a str,
    purpose: &'a str,
    records: i64,
    /// The operation that it undoes.
    undoes: Option<String>,
    /// The operation by which it is undone.
    undone_by: Option<String>,
    /// The login that undid it.
    undone_by_login: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn of(operation: &'a Operation) -> Self {
        let undo = operation.undone_by.as_ref();
        Self {
            operation: operation.id.to_string(),
            at: operation.at.to_string(),
            login: &operation.who,
            purpose: &operation.purpose,
            records: operation.records,
            undoes: operation.undoes.map(|undoes| undoes.operation.to_string()),
            undone_by: undo.map(|undo| undo.operation.to_string()),
            undone_by_login: undo.map(|undo| undo.who.as_str()),
        }
    }
}

impl Reported for Line<'_> {
    fn headings() -> Vec<&'static str> {
        vec!["Operation", "When", "Who", "Records", "Undone by", "What for"]
    }

    fn table_row(&self) -> Vec<Cow<'_, str>> {
        let at = self.at.parse().map(|at: Timestamp| format::shown_instant(at)).unwrap_or_default();
        vec![
            self.operation.as_str().into(),
            at.into(),
            self.login.into(),
            self.records.to_string().into(),
            self.undone_by_login.unwrap_or_default().into(),
            self.purpose.into(),
        ]
    }

    fn names() -> Vec<&'static str> {
        vec!["operation", "at", "login", "purpose", "records", "undoes", "undone_by", "undone_by_login"]
    }

    fn csv_row(&self) -> Vec<Cow<'_, str>> {
        vec![
            self.operation.as_str().into(),
            self.at.as_str().into(),
            self.login.into(),
            self.purpose.into(),
            self.records.to_string().into(),
            self.undoes.as_deref().unwrap_or_default().into(),
            self.undone_by.as_deref().unwrap_or_default().into(),
            self.undone_by_login.unwrap_or_default().into(),
        ]
    }
}

//! `ccdesk operator`: the operators of the back office. Nobody sets a password here: each operator chooses one with a
//! one-time code (`docs/promises.md`, 5).

use std::borrow::Cow;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use serde::Serialize;

use super::report::{Format, Report, Reported, output};
use super::{open, refused};
use crate::config::Config;
use crate::domain::model::text;
use crate::service::World;
use crate::service::auth::Secret;
use crate::service::back_office::BackOffice;
use crate::service::back_office::Operator;
use crate::storage::db::Create;

const EXAMPLES: &str = "\
Examples:
  ccdesk operator add ivan --name 'Ivan Petrov'          an operator who reviews and repairs
  ccdesk operator add vera --name 'Vera Stein' --admin   one who may do everything
  ccdesk operator list --format json
  ccdesk operator reset ivan                             another one-time code

The one-time code is written to standard output. Whoever types it into the
Password box of the sign-in chooses a password; it can be used once, for a day.";

/// Adds and lists those who work in the back office
///
/// Exit status: 0 when it was done, 1 when a rule refused it, 2 when it could not run.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Creates an operator, and a one-time code with which the operator chooses a password
    Add {
        /// The name to sign in with
        login: String,
        /// The name shown
        #[arg(long)]
        name: String,
        /// May do everything
        #[arg(long)]
        admin: bool,
    },
    /// Lists the operators
    List {
        /// How to write the answer
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Issues another one-time code; the password so far stays good until it is used
    Reset {
        /// Whose password
        login: String,
    },
}

/// Runs `ccdesk operator`: adds and lists operators, and issues one-time codes.
pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let world = World::real(config.policy);
    // The first operator may be added before the console was ever opened.
    let create = match args.what {
        What::Add { .. } => Create::IfMissing,
        What::List { .. } | What::Reset { .. } => Create::MustExist,
    };
    let db = open(config, create, &world).await?;
    let done = carry_out(&args.what, &BackOffice::for_command_line(&db, &world)).await;
    db.close().await;
    match done {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => refused(error.downcast()?),
    }
}

async fn carry_out(what: &What, back_office: &BackOffice) -> anyhow::Result<()> {
    match what {
        What::Add { login, name, admin } => print_code(&back_office.add_operator(login, name, *admin).await?),
        What::Reset { login } => {
            let key = text::key(login);
            let operators = back_office.operators().await?;
            let found = operators.into_iter().find(|operator| text::key(&operator.login) == key);
            let unknown =
                || format!("there is no operator “{}”; see ccdesk operator list", text::clean(login));
            print_code(&back_office.issue_reset(found.with_context(unknown)?.user).await?)
        }
        What::List { format } => {
            let lines: Vec<Line> = back_office.operators().await?.into_iter().map(Line::of).collect();
            let mut report = Report::new(*format, output());
            report.write(&lines)?;
            Ok(report.finish::<Line>()?.flush()?)
        }
    }
}

/// Prints the code alone, so that it can be handed on.
fn print_code(code: &Secret) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout(), "{}", code.expose())?)
}

/// One line of the list of operators.
#[derive(Serialize)]
struct Line {
    login: String,
    name: String,
    admin: bool,
    active: bool,
    password: bool,
    code: bool,
}

impl Line {
    fn of(one: Operator) -> Self {
        let Operator { login, name, is_admin: admin, active, has_password: password, has_code: code, .. } =
            one;
        Self { login, name, admin, active, password, code }
    }

    fn texts(&self, yes: &'static str, no: &'static str) -> Vec<Cow<'_, str>> {
        let texts = [&self.login, &self.name].map(|text| Cow::Borrowed(text.as_str()));
        let facts = [self.admin, self.active, self.password, self.code];
        texts.into_iter().chain(facts.map(|is| Cow::Borrowed(if is { yes } else { no }))).collect()
    }
}

impl Reported for Line {
    fn headings() -> Vec<&'static str> {
        vec!["Login", "Name", "Is Admin", "Active", "Password", "One-Time Code"]
    }

    fn table_row(&self) -> Vec<Cow<'_, str>> {
        self.texts("Yes", "No")
    }

    fn names() -> Vec<&'static str> {
        vec!["login", "name", "admin", "active", "password", "code"]
    }

    fn csv_row(&self) -> Vec<Cow<'_, str>> {
        self.texts("true", "false")
    }
}

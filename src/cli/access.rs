//! `ccdesk access`: listing, granting and ending access to customers' data without the console.

use std::borrow::Cow;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::Subcommand;
use serde::{Serialize, Serializer};

use super::open;
use super::report::{Format, Report, Reported, output};
use crate::config::Config;
use crate::domain::codes::{MOST_DAYS_BACK, Role};
use crate::domain::entities::external_access::{self, EXTERNAL_ACCESS, UNLIMITED, shown_days_back};
use crate::domain::entities::{customer, user};
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Value};
use crate::domain::model::{format, text};
use crate::domain::rules::Issue;
use crate::service::back_office::BackOffice;
use crate::service::back_office::grants::{AccessRow, Grants};
use crate::service::{ServiceError, World};
use crate::storage::db::Create;

/// Says, grants and ends who may see which customer's data in a Client Center
///
/// Exit status: 0 when it was done, 1 when a rule refused it, 2 when it could not run.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Says who may see which customer's data, and how far back
    List {
        /// Only those of the customer with this number
        #[arg(long, value_name = "NUMBER")]
        customer: Option<String>,
        /// Only those of the user with this login
        #[arg(long, value_name = "LOGIN")]
        user: Option<String>,
    },
    Grant(Grant),
    /// Ends a user's access to a customer; the user stays, and so does the history
    Revoke {
        /// Whose access
        login: String,
        /// To which customer
        #[arg(value_name = "CUSTOMER_NUMBER")]
        number: String,
        /// Why; an owner's access is ended with a reason alone. History keeps it
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
}

/// Lets a user see the data of one or more customers: of all or of none
#[derive(Debug, clap::Args)]
struct Grant {
    /// Who is let in
    login: String,
    /// To whose data
    #[arg(value_name = "CUSTOMER_NUMBER", required = true)]
    numbers: Vec<String>,
    /// What the user may do, such as L30 or Billing; without it, Orders with Prices
    #[arg(long)]
    role: Option<String>,
    /// How many days into the past the user sees; without it, 30
    #[arg(long, value_name = "N|unlimited", allow_hyphen_values = true)]
    days: Option<String>,
    /// Anything worth knowing about the access
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    /// Grant it also where somebody should look first: the user is switched off, or looks like another
    #[arg(long)]
    anyway: bool,
}

/// The exit status of a command that a rule refused.
const REFUSED: u8 = 1;

/// Runs `ccdesk access`: lists, grants, changes or revokes external access. Returns [`REFUSED`] when a rule refused it.
pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let world = World::real(config.policy);
    let db = open(config, Create::MustExist, &world).await?;
    let back_office = BackOffice::for_command_line(&db, &world);
    let mut report = Report::new(args.format, output());
    let done = match &args.what {
        What::List { customer, user } => {
            list(&back_office, customer.as_deref(), user.as_deref(), &mut report).await.map(Ok)
        }
        What::Grant(grant) => grant.run(&back_office, &mut report).await,
        What::Revoke { login, number, reason } => {
            revoke(&back_office, login, number, reason.as_deref(), &mut report).await
        }
    };
    let done = match done? {
        Ok(()) => {
            report.finish::<AccessRow>()?.flush()?;
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            writeln!(io::stderr(), "ccdesk: {}", text::clean(&sentence))?;
            REFUSED.into()
        }
    };
    db.close().await;
    Ok(done)
}

/// The result of a command: `Ok(Err(sentence))` when a rule refused it.
type Done = anyhow::Result<Result<(), String>>;

async fn list<W: Write>(
    back_office: &BackOffice,
    customer: Option<&str>,
    user: Option<&str>,
    report: &mut Report<W>,
) -> anyhow::Result<()> {
    let customer = match customer {
        Some(number) => Some(customer_of(back_office, number).await?),
        None => None,
    };
    let user = match user {
        Some(login) => Some(user_of(back_office, login).await?),
        None => None,
    };
    let mut accesses = back_office.accesses(customer, user);
    loop {
        let page = accesses.next_page().await?;
        if page.is_empty() {
            return Ok(());
        }
        report.write(&page)?;
    }
}

impl Grant {
    async fn run<W: Write>(&self, back_office: &BackOffice, report: &mut Report<W>) -> Done {
        let grants = self.grants(back_office).await?;
        let mut done = back_office.grant(&grants, false).await;
        if let Err(ServiceError::Invalid(issues)) = &done
            && issues.iter().all(|issue| issue.only_warns() || (self.anyway && issue.only_asks()))
        {
            for issue in issues {
                writeln!(io::stderr(), "ccdesk: {}", text::clean(&issue.message))?;
            }
            done = back_office.grant(&grants, true).await;
        }
        match done {
            Ok(granted) => {
                let rows = back_office.access_rows(&granted).await;
                let rows = rows.context("the access was granted, but cannot be shown")?;
                report.write(&rows)?;
                Ok(Ok(()))
            }
            Err(error) => refused(error, "grant it all the same with --anyway"),
        }
    }

    async fn grants(&self, back_office: &BackOffice) -> anyhow::Result<Grants> {
        let (role, days_back) = (self.role()?, self.days_back()?);
        let mut customers = Vec::with_capacity(self.numbers.len());
        for number in &self.numbers {
            customers.push(customer_of(back_office, number).await?);
        }
        let usual = Grants::usual(user_of(back_office, &self.login).await?, customers);
        Ok(Grants {
            role: role.unwrap_or(usual.role),
            days_back: days_back.unwrap_or(usual.days_back),
            notes: self.notes.clone().unwrap_or_default(),
            ..usual
        })
    }

    fn role(&self) -> anyhow::Result<Option<Role>> {
        let Some(typed) = self.role.as_deref() else { return Ok(None) };
        let read = format::read(&external_access::ROLE.def, typed, &Value::Empty, FALLBACK_LANGUAGE);
        match read {
            Ok(Value::Code(code)) => Ok(Role::from_code(code)),
            Ok(_) => Err(anyhow!("--role is empty; leave it out, or name a role such as L30")),
            Err(sentence) => Err(anyhow!("--role {typed}: {sentence}")),
        }
    }

    /// The days back: `None` when the option is missing, `Some(None)` for unlimited. An empty value is refused rather
    /// than unlimited: a variable that a script left empty must not open everything.
    fn days_back(&self) -> anyhow::Result<Option<Option<i64>>> {
        let Some(typed) = self.days.as_deref().map(str::trim) else { return Ok(None) };
        let field = &external_access::DAYS_BACK_ACCESS.def;
        let read = (!typed.is_empty()).then(|| format::read(field, typed, &Value::Empty, FALLBACK_LANGUAGE));
        match read {
            Some(Ok(Value::Int(days))) => Ok(Some(Some(days))),
            Some(Ok(_)) => Ok(Some(None)),
            Some(Err(_)) | None => Err(anyhow!(
                "--days “{typed}”: it takes whole days from 0 to {MOST_DAYS_BACK}, or {UNLIMITED}"
            )),
        }
    }
}

async fn revoke<W: Write>(
    back_office: &BackOffice,
    login: &str,
    number: &str,
    reason: Option<&str>,
    report: &mut Report<W>,
) -> Done {
    let (user, customer) = (user_of(back_office, login).await?, customer_of(back_office, number).await?);
    let found = back_office.accesses(Some(customer), Some(user)).next_page().await?;
    let Some(access) = found.first() else {
        return Ok(Err(format!("{login} has no access to the customer {number}; there is nothing to end.")));
    };
    match back_office.remove_for(&EXTERNAL_ACCESS, access.id, access.version, reason).await {
        Ok(()) => {
            report.write(&found)?;
            Ok(Ok(()))
        }
        Err(ServiceError::Invalid(issues)) if issues.iter().any(Issue::needs_reason) => Ok(Err(format!(
            "{login} is an owner at the customer {number}; say with --reason why the access ends."
        ))),
        Err(error) => refused(error, ""),
    }
}

/// The sentence of a rule that refused; `way_out` is appended where the rule only asks.
fn refused(error: ServiceError, way_out: &str) -> Done {
    match error {
        ServiceError::Invalid(issues) => {
            let only_asks = issues.iter().all(Issue::only_asks);
            let sentence = sentence(&issues);
            Ok(Err(if only_asks { format!("{sentence} Nothing was done; {way_out}.") } else { sentence }))
        }
        error @ (ServiceError::Conflict(_) | ServiceError::Denied(_) | ServiceError::NotFound) => {
            Ok(Err(error.to_string()))
        }
        error @ (ServiceError::SignedOut(_) | ServiceError::Storage(_) | ServiceError::OutcomeUnknown(_)) => {
            Err(error.into())
        }
    }
}

fn sentence(issues: &[Issue]) -> String {
    issues.iter().map(|issue| issue.message.as_str()).collect::<Vec<_>>().join(" ")
}

async fn user_of(back_office: &BackOffice, login: &str) -> anyhow::Result<RecordId> {
    let found = back_office.find_by_code(&user::USER, login).await?;
    found.with_context(|| format!("no user has the login “{login}”; check its spelling"))
}

async fn customer_of(back_office: &BackOffice, number: &str) -> anyhow::Result<RecordId> {
    let found = back_office.find_by_code(&customer::CUSTOMER, number).await?;
    found.with_context(|| {
        format!("no customer has the number “{number}”; write it as it is shown, such as 00028")
    })
}

impl Reported for AccessRow {
    fn headings() -> Vec<&'static str> {
        vec!["Customer", "User", "Role", "Days Back Access", "Notes"]
    }

    fn table_row(&self) -> Vec<Cow<'_, str>> {
        let (role, days_back) =
            (Cow::Borrowed(self.role.label()), Cow::Owned(shown_days_back(self.days_back, self.oldest)));
        vec![(&self.customer).into(), (&self.user).into(), role, days_back, (&self.notes).into()]
    }

    fn names() -> Vec<&'static str> {
        vec!["customer", "number", "user", "login", "role", "days_back", "oldest", "notes"]
    }

    fn csv_row(&self) -> Vec<Cow<'_, str>> {
        let days_back = self.days_back.map_or(Cow::Borrowed(UNLIMITED), |days| days.to_string().into());
        let oldest = self.oldest.map(|date| date.to_string()).unwrap_or_default();
        let (customer, number) = ((&self.customer).into(), (&self.number).into());
        let (user, login) = ((&self.user).into(), (&self.login).into());
        let role = Cow::Borrowed(self.role.api());
        vec![customer, number, user, login, role, days_back, oldest.into(), (&self.notes).into()]
    }
}

/// One line of `--format json`, with exactly these names in exactly this order.
#[derive(Serialize)]
struct Line<'a> {
    customer: &'a str,
    number: &'a str,
    user: &'a str,
    login: &'a str,
    role: &'static str,
    role_code: &'static str,
    days_back: Option<i64>,
    /// Whether `days_back` is `null` because there is no limit.
    unlimited: bool,
    oldest: Option<String>,
    notes: &'a str,
}

impl Serialize for AccessRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = Line {
            customer: &self.customer,
            number: &self.number,
            user: &self.user,
            login: &self.login,
            role: self.role.api(),
            role_code: self.role.code(),
            days_back: self.days_back,
            unlimited: self.days_back.is_none(),
            oldest: self.oldest.map(|date| date.to_string()),
            notes: &self.notes,
        };
        line.serialize(serializer)
    }
}

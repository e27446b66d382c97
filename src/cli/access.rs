//! `ccdesk access`: listing, granting and ending access to customers' data without the console.

mod change;
mod review;
mod rows;
mod terms;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Subcommand;

use super::open;
use super::report::{Format, Report, output};
use crate::config::Config;
use crate::domain::entities::external_access::EXTERNAL_ACCESS;
use crate::domain::entities::{customer, user};
use crate::domain::model::record::Record;
use crate::domain::model::text;
use crate::domain::model::value::RecordId;
use crate::domain::rules::Issue;
use crate::service::back_office::BackOffice;
use crate::service::back_office::grants::{AccessRow, Grants};
use crate::service::{ServiceError, World};
use crate::storage::db::Create;

/// Says, grants, changes, reviews and ends who may see which customer's data in a Client Center
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
    /// Says who may see which customer's data, how far back and until when
    List {
        /// Only those of the customer with this number
        #[arg(long, value_name = "NUMBER")]
        customer: Option<String>,
        /// Only those of the user with this login
        #[arg(long, value_name = "LOGIN")]
        user: Option<String>,
    },
    Grant(Grant),
    Change(change::Change),
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
    Review(review::Review),
    /// Notes that somebody has looked at a user's access and keeps it as it is
    Keep {
        /// Whose access
        login: String,
        /// To which customer
        #[arg(value_name = "CUSTOMER_NUMBER")]
        number: String,
    },
    Decisions(review::Decisions),
}

/// Lets a user see the data of one or more customers: of all or of none
///
/// With --same-as, of the customers that another user has access to, as that user has it. Accesses that have ended are
/// left out, and so are the customers that the user has access to already.
#[derive(Debug, clap::Args)]
struct Grant {
    /// Who is let in
    login: String,
    /// To whose data
    #[arg(value_name = "CUSTOMER_NUMBER", required_unless_present = "same_as")]
    numbers: Vec<String>,
    /// Whose access is copied
    #[arg(
        long,
        value_name = "LOGIN",
        conflicts_with_all = ["numbers", "role", "days", "valid_until", "notes"]
    )]
    same_as: Option<String>,
    /// What the user may do, such as L30 or Billing; without it, Orders with Prices
    #[arg(long)]
    role: Option<String>,
    /// How many days into the past the user sees; without it, 30
    #[arg(long, alias = "days-back", value_name = "N|unlimited", allow_hyphen_values = true)]
    days: Option<String>,
    /// The last day on which the access opens anything, such as 2026-12-31; without it, it has no end
    #[arg(long, value_name = "DATE|none")]
    valid_until: Option<String>,
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
    let report = Report::new(args.format, output());
    let done = match &args.what {
        What::List { customer, user } => {
            list(&back_office, customer.as_deref(), user.as_deref(), report).await.map(Ok)
        }
        What::Grant(grant) => grant.run(&back_office, report).await,
        What::Change(change) => change.run(&back_office, report).await,
        What::Revoke { login, number, reason } => {
            revoke(&back_office, login, number, reason.as_deref(), report).await
        }
        What::Review(review) => review.run(&back_office, report).await.map(Ok),
        What::Keep { login, number } => review::keep(&back_office, login, number, report).await,
        What::Decisions(decisions) => decisions.run(&back_office, report).await.map(Ok),
    };
    let done = match done? {
        Ok(()) => ExitCode::SUCCESS,
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
    mut report: Report<W>,
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
            return Ok(report.finish::<AccessRow>()?.flush()?);
        }
        report.write(&page)?;
    }
}

/// Writes these accesses as the whole answer.
fn tell<W: Write>(mut report: Report<W>, rows: &[AccessRow]) -> Done {
    report.write(rows)?;
    report.finish::<AccessRow>()?.flush()?;
    Ok(Ok(()))
}

impl Grant {
    async fn run<W: Write>(&self, back_office: &BackOffice, report: Report<W>) -> Done {
        let wanted = self.wanted(back_office).await?;
        let mut done = wanted.grant(back_office, false).await;
        if let Err(ServiceError::Invalid(issues)) = &done
            && issues.iter().all(|issue| issue.only_warns() || (self.anyway && issue.only_asks()))
        {
            for issue in issues {
                writeln!(io::stderr(), "ccdesk: {}", text::clean(&issue.message))?;
            }
            done = wanted.grant(back_office, true).await;
        }
        match done {
            Ok(granted) => {
                let rows = back_office.access_rows(&granted).await;
                tell(report, &rows.context("the access was granted, but cannot be shown")?)
            }
            Err(error) => refused(error, "grant it all the same with --anyway"),
        }
    }

    async fn wanted(&self, back_office: &BackOffice) -> anyhow::Result<Wanted> {
        let (role, days_back) = (terms::role(self.role.as_deref())?, terms::days_back(self.days.as_deref())?);
        let valid_until = terms::valid_until(self.valid_until.as_deref())?.flatten();
        let mut customers = Vec::with_capacity(self.numbers.len());
        for number in &self.numbers {
            customers.push(customer_of(back_office, number).await?);
        }
        let user = user_of(back_office, &self.login).await?;
        if let Some(other) = &self.same_as {
            return Ok(Wanted::Same { user, other: user_of(back_office, other).await? });
        }
        let usual = Grants::usual(user, customers);
        Ok(Wanted::Terms(Grants {
            role: role.unwrap_or(usual.role),
            days_back: days_back.unwrap_or(usual.days_back),
            valid_until,
            notes: self.notes.clone().unwrap_or_default(),
            ..usual
        }))
    }
}

/// What `access grant` is to grant.
enum Wanted {
    /// Access to these customers on these terms.
    Terms(Grants),
    /// What another user has.
    Same {
        /// Who is let in.
        user: RecordId,
        /// Whose access is copied.
        other: RecordId,
    },
}

impl Wanted {
    async fn grant(
        &self,
        back_office: &BackOffice,
        confirmed: bool,
    ) -> Result<Vec<Arc<Record>>, ServiceError> {
        match self {
            Self::Terms(grants) => back_office.grant(grants, confirmed).await,
            Self::Same { user, other } => back_office.grant_same(*user, *other, confirmed).await,
        }
    }
}

async fn revoke<W: Write>(
    back_office: &BackOffice,
    login: &str,
    number: &str,
    reason: Option<&str>,
    report: Report<W>,
) -> Done {
    let access = match access_of(back_office, login, number, "end").await? {
        Ok(access) => access,
        Err(sentence) => return Ok(Err(sentence)),
    };
    match back_office.remove_for(&EXTERNAL_ACCESS, access.id, access.version, reason).await {
        Ok(()) => tell(report, &[access]),
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

/// The access of a user to a customer; `Ok(Err(sentence))` when there is none. `verb` is what was to be done with it.
async fn access_of(
    back_office: &BackOffice,
    login: &str,
    number: &str,
    verb: &str,
) -> anyhow::Result<Result<AccessRow, String>> {
    let (user, customer) = (user_of(back_office, login).await?, customer_of(back_office, number).await?);
    let found = back_office.accesses(Some(customer), Some(user)).next_page().await?;
    let none = || format!("{login} has no access to the customer {number}; there is nothing to {verb}.");
    Ok(found.into_iter().next().ok_or_else(none))
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

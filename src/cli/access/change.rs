//! `ccdesk access change`: other terms for an access.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::{Done, access_of, refused, tell, terms};
use crate::cli::report::Report;
use crate::domain::entities::external_access::{DAYS_BACK_ACCESS, EXTERNAL_ACCESS, NOTES, ROLE, VALID_UNTIL};
use crate::domain::model::record::Draft;
use crate::domain::model::value::Value;
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::service::back_office::BackOffice;

/// Changes what a user's access to a customer opens, how far back and until when
#[derive(Debug, clap::Args)]
pub(super) struct Change {
    /// Whose access
    login: String,
    /// To which customer
    #[arg(value_name = "CUSTOMER_NUMBER")]
    number: String,
    /// What the user may do from now on, such as L30 or Billing
    #[arg(long)]
    role: Option<String>,
    /// How many days into the past the user sees
    #[arg(long, alias = "days", value_name = "N|unlimited", allow_hyphen_values = true)]
    days_back: Option<String>,
    /// The last day on which the access opens anything, such as 2026-12-31
    #[arg(long, value_name = "DATE|none")]
    valid_until: Option<String>,
    /// Anything worth knowing about the access
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    /// Why; an owner's access is lowered, and its end brought forward, with a reason alone. History keeps it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Change {
    /// Changes the access, and writes it as it is then.
    pub(super) async fn run<W: Write>(&self, back_office: &BackOffice, report: Report<W>) -> Done {
        let (role, days_back) =
            (terms::role(self.role.as_deref())?, terms::days_back(self.days_back.as_deref())?);
        let valid_until = terms::valid_until(self.valid_until.as_deref())?;
        if role.is_none() && days_back.is_none() && valid_until.is_none() && self.notes.is_none() {
            bail!("say what to change: --role, --days-back, --valid-until or --notes");
        }
        let access = match access_of(back_office, &self.login, &self.number, "change").await? {
            Ok(access) => access,
            Err(sentence) => return Ok(Err(sentence)),
        };
        let mut draft = Draft::of(back_office.record(&EXTERNAL_ACCESS, access.id).await?);
        if let Some(role) = role {
            draft.set(&ROLE.def, Value::Code(role.code()));
        }
        if let Some(days) = days_back {
            draft.set(&DAYS_BACK_ACCESS.def, days.map_or(Value::Empty, Value::Int));
        }
        if let Some(last) = valid_until {
            draft.set(&VALID_UNTIL.def, last.map_or(Value::Empty, Value::Date));
        }
        if let Some(notes) = &self.notes {
            draft.set(&NOTES.def, Value::text(notes.as_str()));
        }
        match back_office.save_for(&draft, false, self.reason.as_deref()).await {
            Ok(saved) => {
                let rows = back_office.access_rows(&[Arc::clone(&saved)]).await;
                tell(report, &rows.context("the access was changed, but cannot be shown")?)
            }
            Err(ServiceError::Invalid(issues)) if issues.iter().any(Issue::needs_reason) => Ok(Err(format!(
                "{} is an owner at the customer {}; say with --reason why the access changes.",
                self.login, self.number
            ))),
            Err(error) => refused(error, ""),
        }
    }
}

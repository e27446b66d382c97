//! The lines in which `ccdesk access` tells accesses, their reviews and what was decided about them.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use crate::cli::report::Reported;
use crate::domain::entities::external_access::{UNLIMITED, shown_days_back};
use crate::domain::model::format::shown_instant;
use crate::domain::model::instant::Instant;
use crate::service::back_office::grants::AccessRow;
use crate::service::back_office::reviews::AccessDecision;

/// What the table says of an access that was never used.
const NEVER: &str = "never";

fn date_or_empty(date: Option<Date>) -> Cow<'static, str> {
    date.map(|date| date.to_string()).unwrap_or_default().into()
}

fn instant_or_empty(at: Option<Instant>) -> Cow<'static, str> {
    at.map(|at| at.to_string()).unwrap_or_default().into()
}

fn shown_last_day(access: &AccessRow) -> Cow<'static, str> {
    match access.valid_until {
        Some(last) if access.has_ended => format!("ended {last}").into(),
        last => date_or_empty(last),
    }
}

fn shown_use(access: &AccessRow) -> Cow<'static, str> {
    access.last_used.map_or(Cow::Borrowed(NEVER), |at| shown_instant(at).into())
}

impl Reported for AccessRow {
    fn headings() -> Vec<&'static str> {
        vec!["Customer", "User", "Role", "Days Back Access", "Valid Until", "Last Used", "Notes"]
    }

    fn table_row(&self) -> Vec<Cow<'_, str>> {
        let (role, days_back) =
            (Cow::Borrowed(self.role.label()), Cow::Owned(shown_days_back(self.days_back, self.oldest)));
        let (last, used) = (shown_last_day(self), shown_use(self));
        vec![(&self.customer).into(), (&self.user).into(), role, days_back, last, used, (&self.notes).into()]
    }

    fn names() -> Vec<&'static str> {
        let terms = ["role", "days_back", "oldest", "valid_until", "last_used", "notes"];
        ["customer", "number", "user", "login"].into_iter().chain(terms).collect()
    }

    fn csv_row(&self) -> Vec<Cow<'_, str>> {
        let days_back = self.days_back.map_or(Cow::Borrowed(UNLIMITED), |days| days.to_string().into());
        let oldest = self.oldest.map(|date| date.to_string()).unwrap_or_default();
        let (customer, number) = ((&self.customer).into(), (&self.number).into());
        let (user, login) = ((&self.user).into(), (&self.login).into());
        let role = Cow::Borrowed(self.role.api());
        let valid_until = date_or_empty(self.valid_until);
        let last_used = instant_or_empty(self.last_used);
        let notes = (&self.notes).into();
        vec![customer, number, user, login, role, days_back, oldest.into(), valid_until, last_used, notes]
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
    valid_until: Option<String>,
    last_used: Option<String>,
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
            valid_until: self.valid_until.map(|date| date.to_string()),
            last_used: self.last_used.map(|at| at.to_string()),
            notes: &self.notes,
        };
        line.serialize(serializer)
    }
}

/// An access in a review: also who granted it, and who looked at it last.
pub(super) struct ReviewRow(pub(super) AccessRow);

/// A time and a login, as the table shows them: `2024-04-01 13:25Z mkoleva`.
fn shown_author<T: Into<Instant> + Copy>(author: Option<&(T, String)>) -> Cow<'_, str> {
    author.map(|(at, by)| format!("{} {by}", shown_instant(*at))).unwrap_or_default().into()
}

/// A time and a login as two values.
fn author_values<T: Into<Instant> + Copy>(author: Option<&(T, String)>) -> [Cow<'_, str>; 2] {
    match author {
        Some((at, by)) => [(*at).into().to_string().into(), by.into()],
        None => [Cow::Borrowed(""), Cow::Borrowed("")],
    }
}

impl Reported for ReviewRow {
    fn headings() -> Vec<&'static str> {
        vec!["Customer", "User", "Role", "Days Back", "Valid Until", "Last Used", "Granted", "Reviewed"]
    }

    fn table_row(&self) -> Vec<Cow<'_, str>> {
        let mut row = self.0.table_row();
        row.pop();
        row.extend([shown_author(self.0.granted.as_ref()), shown_author(self.0.reviewed.as_ref())]);
        row
    }

    fn names() -> Vec<&'static str> {
        let mut names = AccessRow::names();
        names.extend(["granted_at", "granted_by", "reviewed_at", "reviewed_by"]);
        names
    }

    fn csv_row(&self) -> Vec<Cow<'_, str>> {
        let mut row = self.0.csv_row();
        row.extend(author_values(self.0.granted.as_ref()));
        row.extend(author_values(self.0.reviewed.as_ref()));
        row
    }
}

/// One line of the review's `--format json`.
#[derive(Serialize)]
struct ReviewLine<'a> {
    #[serde(flatten)]
    access: &'a AccessRow,
    granted_at: Option<String>,
    granted_by: Option<&'a str>,
    reviewed_at: Option<String>,
    reviewed_by: Option<&'a str>,
}

impl Serialize for ReviewRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (granted, reviewed) = (self.0.granted.as_ref(), self.0.reviewed.as_ref());
        let line = ReviewLine {
            access: &self.0,
            granted_at: granted.map(|(at, _)| Instant::from(*at).to_string()),
            granted_by: granted.map(|(_, by)| by.as_str()),
            reviewed_at: reviewed.map(|(at, _)| at.to_string()),
            reviewed_by: reviewed.map(|(_, by)| by.as_str()),
        };
        line.serialize(serializer)
    }
}

/// A decision about an access.
pub(super) struct DecisionRow(pub(super) AccessDecision);

impl DecisionRow {
    fn terms(&self) -> String {
        self.0.terms.join("; ")
    }
}

impl Reported for DecisionRow {
    fn headings() -> Vec<&'static str> {
        vec!["When", "Who", "Decision", "Customer", "User", "Terms", "Reason"]
    }

    fn table_row(&self) -> Vec<Cow<'_, str>> {
        let decision = &self.0;
        let mut row = self.csv_row();
        row[0] = shown_instant(decision.at).into();
        row
    }

    fn names() -> Vec<&'static str> {
        vec!["at", "by", "decision", "customer", "user", "terms", "reason"]
    }

    fn csv_row(&self) -> Vec<Cow<'_, str>> {
        let decision = &self.0;
        vec![
            Instant::from(decision.at).to_string().into(),
            (&decision.by).into(),
            decision.decision.as_str().into(),
            (&decision.customer).into(),
            (&decision.user).into(),
            self.terms().into(),
            decision.reason.as_deref().unwrap_or_default().into(),
        ]
    }
}

/// One line of the decisions' `--format json`.
#[derive(Serialize)]
struct DecisionLine<'a> {
    at: String,
    by: &'a str,
    decision: &'static str,
    customer: &'a str,
    user: &'a str,
    terms: &'a [String],
    reason: Option<&'a str>,
}

impl Serialize for DecisionRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let AccessDecision { at, by, decision, customer, user, terms, reason } = &self.0;
        let line = DecisionLine {
            at: Instant::from(*at).to_string(),
            by,
            decision: decision.as_str(),
            customer,
            user,
            terms,
            reason: reason.as_deref(),
        };
        line.serialize(serializer)
    }
}

//! The review of accesses: which there are, keeping one as it is, and what was decided about them and by whom
//! (`docs/domain.md`, Customers - External Access).

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::entities::customer::{self, CUSTOMER};
use crate::domain::entities::external_access::{self, EXTERNAL_ACCESS};
use crate::domain::model::format;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry};
use crate::domain::model::history_text;
use crate::domain::model::query::{Filter, ListQuery};
use crate::domain::model::record::{Draft, Record};
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::{RecordId, Reference, Value, Version};
use crate::service::ServiceError;
use crate::service::back_office::BackOffice;
use crate::service::back_office::grants::AccessPages;
use crate::service::consequences::Targets;
use crate::service::write;
use crate::storage::history::{self, HistoryPosition};
use crate::storage::records;

/// The most decisions in a page of [`DecisionPages`].
const PAGE: usize = 500;

/// The customers whose accesses are reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reviewed {
    /// Every customer.
    All,
    /// One customer.
    Customer(RecordId),
    /// The customers of an enterprise company.
    Company(RecordId),
}

impl Reviewed {
    /// The condition on the records of a list in which `customer` refers to the customer.
    fn filter(self, customer: &'static FieldDef) -> Option<Filter> {
        let one_of =
            |field, id| Filter::OneOf(field, vec![Value::Ref(Reference { id, shown: String::new() })]);
        match self {
            Self::All => None,
            Self::Customer(id) => Some(one_of(customer, id)),
            Self::Company(id) => {
                let of_company = one_of(&customer::ENTERPRISE_COMPANY.def, id);
                Some(Filter::Through(customer, Box::new(of_company)))
            }
        }
    }
}

/// What somebody decided about an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It was granted.
    Granted,
    /// It was looked at and kept as it is.
    Kept,
    /// Its role, days back, last day or notes were changed.
    Changed,
    /// It was removed.
    Ended,
}

impl Decision {
    /// The word for it: `kept`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Kept => "kept",
            Self::Changed => "changed",
            Self::Ended => "ended",
        }
    }
}

/// A decision about an access, as history has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessDecision {
    /// When it was decided.
    pub at: Timestamp,
    /// The login of whoever decided.
    pub by: String,
    /// What was decided.
    pub decision: Decision,
    /// The display text of the customer: `Olivia Green #00028`.
    pub customer: String,
    /// The display text of the user: `Catherine Carter <CC> [EXT]`.
    pub user: String,
    /// The terms that changed, with the values before and after: `Role: Admin → Billing`. Of a granted or ended access,
    /// the terms that it got or had.
    pub terms: Vec<String>,
    /// Why, where a reason was given.
    pub reason: Option<String>,
}

/// The fields of an access that are decided.
const TERMS: [&FieldDef; 4] = [
    &external_access::ROLE.def,
    &external_access::DAYS_BACK_ACCESS.def,
    &external_access::VALID_UNTIL.def,
    &external_access::NOTES.def,
];

impl AccessDecision {
    /// The decision of an entry in the history of a customer that has all fields of an access before and after.
    fn of(entry: HistoryEntry, language: &str) -> Self {
        let is_empty =
            |value: fn(&FieldChange) -> &Value| entry.fields.iter().all(|change| value(change).is_empty());
        let (before_is_empty, after_is_empty) =
            (is_empty(|change| &change.before), is_empty(|change| &change.after));
        let is_whole = before_is_empty || after_is_empty;
        let is_told = |change: &&FieldChange| {
            TERMS.iter().any(|term| term.property == change.field)
                && (is_whole || change.before != change.after)
        };
        let fields: Vec<FieldChange> = entry.fields.iter().filter(is_told).cloned().collect();
        let (decision, action) = match (before_is_empty, after_is_empty) {
            (true, _) => (Decision::Granted, HistoryAction::Created),
            (false, true) => (Decision::Ended, HistoryAction::Deleted),
            _ if fields.is_empty() => (Decision::Kept, HistoryAction::Changed),
            _ => (Decision::Changed, HistoryAction::Changed),
        };
        let shown = |field: &FieldDef| {
            let found = entry.fields.iter().find(|change| change.field == field.property);
            let value =
                found.map(|change| if change.after.is_empty() { &change.before } else { &change.after });
            value.map_or_else(String::new, |value| format::shown(field, value, language).into_owned())
        };
        let (customer, user) = (shown(&external_access::CUSTOMER.def), shown(&external_access::USER.def));
        let terms = HistoryEntry { entity: &EXTERNAL_ACCESS, part: None, action, fields, ..entry };
        Self {
            at: terms.at,
            decision,
            customer,
            user,
            terms: history_text::lines(&terms, language),
            by: terms.who,
            reason: terms.reason,
        }
    }
}

/// A cursor over the decisions about accesses, in the order of time. Memory holds one page, however many there are.
pub struct DecisionPages {
    back_office: BackOffice,
    reviewed: Reviewed,
    rest: Option<HistoryPosition>,
}

impl DecisionPages {
    /// The next page of at most 500 decisions; empty at the end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next_page(&mut self) -> Result<Vec<AccessDecision>, ServiceError> {
        let Some(position) = self.rest.take() else { return Ok(Vec::new()) };
        let mut conn = self.back_office.read().await?;
        let language = &self.back_office.who.language;
        let customers = match self.reviewed {
            Reviewed::All => None,
            Reviewed::Customer(id) => Some((None, id)),
            Reviewed::Company(id) => Some((Some(&customer::ENTERPRISE_COMPANY.def), id)),
        };
        let (entries, rest) =
            history::of_parts(&mut conn, &CUSTOMER, &EXTERNAL_ACCESS, customers, position, PAGE).await?;
        self.rest = rest;
        Ok(entries.into_iter().map(|entry| AccessDecision::of(entry, language)).collect())
    }
}

impl BackOffice {
    /// The accesses to the customers that are reviewed, by customer.
    pub fn reviewed_accesses(&self, reviewed: Reviewed) -> AccessPages {
        let filters = reviewed.filter(&external_access::CUSTOMER.def).into_iter().collect();
        AccessPages::of(self, ListQuery { filters, ..ListQuery::all(&EXTERNAL_ACCESS) })
    }

    /// What was decided about the accesses to the customers that are reviewed, from `since` on.
    pub fn access_decisions(&self, reviewed: Reviewed, since: Timestamp) -> DecisionPages {
        let back_office = self.clone();
        DecisionPages { back_office, reviewed, rest: Some(HistoryPosition::since(since)) }
    }

    /// Stores that the operator has looked at an access and keeps it as it is.
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] when the version of the access is not `version`, [`ServiceError::NotFound`] when it has
    /// ended, [`ServiceError::Denied`] for the own access.
    pub async fn keep_access(&self, access: RecordId, version: Version) -> Result<Arc<Record>, ServiceError> {
        write::repeated(|| self.kept(access, version)).await
    }

    async fn kept(&self, access: RecordId, version: Version) -> Result<Arc<Record>, ServiceError> {
        let (mut tx, principal) = self.begin_as().await?;
        let context = self.context();
        let found = records::load(&mut tx, &EXTERNAL_ACCESS, access, context.language).await?;
        let read = Record { version, ..found.ok_or(ServiceError::NotFound)? };
        let mut draft = write::on_stored(&mut tx, &Draft::of(Arc::new(read)), context.language).await?;
        draft.set(&external_access::REVIEWED_AT.def, Value::Instant(context.now.into()));
        draft.set(&external_access::REVIEWED_BY.def, Value::text(context.login));
        let mut tx = self.authorise(tx, &principal, &draft).await?;
        let kept = write::write_loaded(&mut tx, &context, draft, &mut Targets::new(context.language)).await?;
        write::commit(tx, &self.db, &context, &context.purpose("Keep", &kept)).await?;
        Ok(kept)
    }
}

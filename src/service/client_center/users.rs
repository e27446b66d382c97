//! User Management: the accesses of users to the chosen customer (`docs/domain.md`, Roles; `docs/promises.md`, 8).

use std::sync::Arc;

use super::visit::Present;
use super::{FoundUser, Managing, Visit};
use crate::domain::codes::{Place, Role, UserType};
use crate::domain::entities::external_access::{
    CUSTOMER, DAYS_BACK_ACCESS, EXTERNAL_ACCESS, NOTES, ROLE, RULES, USER, VALID_UNTIL, is_less, is_owner,
};
use crate::domain::entities::user;
use crate::domain::model::format;
use crate::domain::model::normal::normalised;
use crate::domain::model::query::{Filter, ListQuery, Page, PageCursor};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::{RecordId, Reference, Value, Version};
use crate::domain::rules::{self, Issue};
use crate::service::back_office::records::with_defaults;
use crate::service::consequences::Targets;
use crate::service::write::{self, WriteContext};
use crate::service::{Conflict, ServiceError, auth};
use crate::storage::db::{AdvisoryLock, Session, Tx};
use crate::storage::list;
use crate::storage::records::{self, FindBy};

/// The columns of User Management. A visitor filters and sorts by no other field.
const COLUMNS: [&FieldDef; 5] = [&USER.def, &ROLE.def, &DAYS_BACK_ACCESS.def, &NOTES.def, &VALID_UNTIL.def];

impl Visit {
    /// A page of User Management: at most `limit` accesses to the chosen customer that `query` selects.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`] when the visitor is not admitted any more; [`ServiceError::Denied`] when the
    /// visitor's role does not open User Management, or `query` names another entity or field than the columns.
    pub async fn rows(
        &self,
        query: &ListQuery,
        page_cursor: &PageCursor,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        self.recording_refusals(async {
            let mut conn = self.db.read().await?;
            let present = self.at(&mut conn, Place::UserManagement).await?;
            let query = present.restricted(query)?;
            let page_cursor = match page_cursor {
                // The list would begin at any row, also at one of another customer.
                PageCursor::From(id) if present.access(&mut conn, *id).await?.is_none() => &PageCursor::First,
                page_cursor => page_cursor,
            };
            Ok(list::page(&mut conn, &query, None, page_cursor, limit, &present.visitor.language).await?)
        })
        .await
    }

    /// The number of accesses that [`Visit::rows`] selects.
    ///
    /// # Errors
    /// As [`Visit::rows`].
    pub async fn count(&self, query: &ListQuery) -> Result<i64, ServiceError> {
        self.recording_refusals(async {
            let mut conn = self.db.read().await?;
            let present = self.at(&mut conn, Place::UserManagement).await?;
            Ok(list::count(&mut conn, &present.restricted(query)?, None).await?)
        })
        .await
    }

    /// The user of an e-mail, ignoring case and the blanks around it.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] at [`user::EMAIL`] when there is no such external user: an operator, and a user who
    /// never signs in, is answered as an unknown one. [`ServiceError::Denied`] after many look-ups.
    pub async fn find_user(&self, email: &str) -> Result<FoundUser, ServiceError> {
        self.recording_refusals(async {
            self.at(&mut *self.db.read().await?, Place::UserManagement).await?;
            let email = read_email(email)?;
            auth::count_look_up(&self.db, &self.world, self.token.user).await?;
            let mut conn = self.db.read().await?;
            let present = self.at(&mut conn, Place::UserManagement).await?;
            let found = present.user(&mut conn, &email).await?;
            let mut issues = Vec::new();
            (RULES.check_reference)(&USER.def, &found, &mut issues);
            issues.extend(present.ask_about_email(&found));
            issues.extend(write::ask_about_look_alike(&mut conn, &USER.def, &found).await?);
            if issues.iter().any(|issue| !issue.only_asks()) {
                return Err(at_email(ServiceError::Invalid(issues)));
            }
            Ok(FoundUser {
                shown: present.shown(&found),
                access: present.access_of(&mut conn, found.id).await?,
                warnings: issues.into_iter().map(|issue| issue.message).collect(),
            })
        })
        .await
    }

    /// Adds, changes or removes an access to the chosen customer. `confirmed` skips the rules that only ask.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] at the fields, about the user at [`user::EMAIL`]; [`ServiceError::Conflict`] when the
    /// access was changed since it was read; [`ServiceError::Denied`] for a role above the visitor's own;
    /// [`ServiceError::NotFound`] for an access to another customer, as if it did not exist.
    pub async fn manage(&self, managing: &Managing, confirmed: bool) -> Result<(), ServiceError> {
        self.recording_refusals(async {
            if let Managing::Add { email, .. } = managing {
                self.at(&mut *self.db.read().await?, Place::UserManagement).await?;
                read_email(email)?;
                auth::count_look_up(&self.db, &self.world, self.token.user).await?;
            }
            write::repeated(|| self.managed(managing, confirmed)).await
        })
        .await
    }

    async fn managed(&self, managing: &Managing, confirmed: bool) -> Result<(), ServiceError> {
        let mut tx = self.db.begin().await?;
        // Before the visitor is judged: of two managers who end each other's access, the second is refused.
        tx.lock(AdvisoryLock::Managers).await?;
        let present = self.at(&mut tx, Place::UserManagement).await?;
        let visitor = &present.visitor;
        let context = WriteContext {
            confirmed,
            by: Some(self.token.user),
            ..WriteContext::new(&self.world, &visitor.login, &visitor.language)
        };
        present.manage(&mut tx, &context, managing, self.token.user).await.map_err(nameless)?;
        if let Managing::Add { .. } = managing {
            auth::take_back_look_ups(&mut tx, self.token.user).await?;
        }
        let purpose = format!("{} in User Management", managing.verb());
        write::commit(tx, &self.db, &context, &purpose).await
    }
}

impl Present {
    /// `query`, restricted to the accesses to the chosen customer.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] when `query` names another entity, or a field that is not one of [`COLUMNS`].
    fn restricted(&self, query: &ListQuery) -> Result<ListQuery, ServiceError> {
        let filtered = query.filters.iter().map(|filter| match filter {
            Filter::Contains(field, _)
            | Filter::OneOf(field, _)
            | Filter::Between(field, ..)
            | Filter::Empty(field) => Some(*field),
            Filter::Through(..)
            | Filter::Ids(_)
            | Filter::ChangedSince(_)
            | Filter::Request(_)
            | Filter::Access(_) => None,
        });
        let named = query.columns.iter().copied().chain(query.sort.iter().map(|sort| sort.field));
        let mut named = named.map(Some).chain(filtered);
        let is_open = |field: Option<&FieldDef>| field.is_some_and(|field| COLUMNS.contains(&field));
        if !query.entity.is(&EXTERNAL_ACCESS) || !named.all(is_open) {
            return Err(ServiceError::Denied("User Management shows nothing else.".to_owned()));
        }
        let customer = Value::Ref(self.client.customer.clone());
        let mut filters = vec![Filter::OneOf(&CUSTOMER.def, vec![customer])];
        filters.extend(query.filters.iter().cloned());
        // A search of the entity also matches the customer, which is the same in every row here.
        filters.push(Filter::Contains(&USER.def, query.search.clone()));
        Ok(ListQuery { filters, search: String::new(), judged_at: None, ..query.clone() })
    }

    /// The access of an id, if it is one to the chosen customer.
    async fn access(&self, s: &mut Session, id: RecordId) -> Result<Option<Record>, ServiceError> {
        let row = records::load(s, &EXTERNAL_ACCESS, id, &self.visitor.language).await?;
        let is_own =
            |row: &Record| row.get(&CUSTOMER).is_some_and(|customer| *customer == self.client.customer);
        Ok(row.filter(is_own))
    }

    /// The access that a user has to the chosen customer.
    async fn access_of(&self, s: &mut Session, user: RecordId) -> Result<Option<RecordId>, ServiceError> {
        let user = Value::Ref(Reference { id: user, shown: String::new() });
        let all = ListQuery { columns: Vec::new(), sort: Vec::new(), ..ListQuery::all(&EXTERNAL_ACCESS) };
        let mut query = self.restricted(&all)?;
        query.filters.push(Filter::OneOf(&USER.def, vec![user]));
        let page = list::page(s, &query, None, &PageCursor::First, 1, &self.visitor.language).await?;
        Ok(page.rows.first().map(|row| row.id))
    }

    /// The external user of an e-mail; [`ServiceError::Invalid`] at [`user::EMAIL`] when there is none.
    async fn user(&self, s: &mut Session, email: &Value) -> Result<Record, ServiceError> {
        let found = match records::find(s, &user::USER, FindBy::Field(&user::EMAIL.def, email)).await? {
            Some(id) => records::load(s, &user::USER, id, &self.visitor.language).await?,
            None => None,
        };
        let is_external =
            |found: &Record| found.get(&user::USER_TYPE) == Some(UserType::ExternalCommunityUser);
        found.filter(is_external).ok_or_else(|| wrong_email(UNKNOWN))
    }

    /// The display text of a user.
    fn shown(&self, found: &Record) -> String {
        format::line(&user::USER, |field| found.value(field), &self.visitor.language)
    }

    /// The question about a user who is let in by an e-mail that is not confirmed: somebody else may have asked for the
    /// account with it (`docs/domain.md`, Roles).
    fn ask_about_email(&self, found: &Record) -> Option<Issue> {
        let sentence = format!(
            "The e-mail of {} is not confirmed; make sure who asked for this account.",
            self.shown(found)
        );
        (!found.is(&user::EMAIL_CONFIRMED)).then(|| Issue::ask(&user::EMAIL.def, sentence))
    }

    async fn manage(
        &self,
        tx: &mut Tx,
        context: &WriteContext<'_>,
        managing: &Managing,
        own: RecordId,
    ) -> Result<(), ServiceError> {
        let mut asked = None;
        let draft = match managing {
            Managing::Add { email, role, days_back, notes } => {
                self.authorise(None, *role, *days_back)?;
                let found = self.user(tx, &read_email(email)?).await?;
                if self.access_of(tx, found.id).await?.is_some() {
                    let sentence = format!("{} has access already; edit it instead.", self.shown(&found));
                    return Err(ServiceError::Invalid(vec![Issue::at(&user::EMAIL.def, sentence)]));
                }
                asked = self.ask_about_email(&found).filter(|_| !context.confirmed);
                let user = Reference { id: found.id, shown: self.shown(&found) };
                let mut draft = with_defaults(Draft::new(&EXTERNAL_ACCESS), Some(context.now), None);
                draft.set(&CUSTOMER.def, Value::Ref(self.client.customer.clone()));
                draft.set(&USER.def, Value::Ref(user));
                // Or somebody who is let in for a while could let another login in for ever.
                draft.set(&VALID_UNTIL.def, self.client.valid_until.map_or(Value::Empty, Value::Date));
                with_terms(draft, *role, *days_back, notes)
            }
            Managing::Change { access, version, role, days_back, notes } => {
                let row = self.managed(tx, *access, *version).await?;
                self.authorise(Some(&row), *role, *days_back)?;
                // Nothing is asked about what is refused: an owner's access is lowered by nobody here.
                if is_of(&row, own) && !context.confirmed && !is_owner(&row) {
                    ask_about_own(&row, *role, *days_back)?;
                }
                with_terms(Draft::of(Arc::new(row)), *role, *days_back, notes)
            }
            Managing::Remove { access, version } => {
                let row = self.managed(tx, *access, *version).await?;
                if is_of(&row, own) && !context.confirmed && !is_owner(&row) {
                    let sentence = "This is your own access: you are signed out at once, and somebody else has to let \
                                    you in again.";
                    return Err(ServiceError::Invalid(vec![Issue::ask(&USER.def, sentence)]));
                }
                return write::delete(tx, context, &row).await;
            }
        };
        let mut targets = Targets::new(context.language);
        let written = write::write_loaded(tx, context, draft, &mut targets).await.map_err(at_email);
        match (written, asked) {
            (Ok(_), Some(asked)) => Err(ServiceError::Invalid(vec![asked])),
            (Err(ServiceError::Invalid(mut issues)), Some(asked)) if issues.iter().all(Issue::only_asks) => {
                issues.push(asked);
                Err(ServiceError::Invalid(issues))
            }
            (written, _) => written.map(drop),
        }
    }

    /// Loads an access to the chosen customer for a change by the visitor.
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] when its version is not `version`, [`ServiceError::Denied`] when its role is above
    /// the visitor's, [`ServiceError::NotFound`].
    async fn managed(&self, tx: &mut Tx, id: RecordId, version: Version) -> Result<Record, ServiceError> {
        let row = self.access(tx, id).await?.ok_or(ServiceError::NotFound)?;
        if row.version != version {
            let (login, at) = (None, row.origin.update_time);
            return Err(ServiceError::Conflict(Box::new(Conflict { login, at, fields: Vec::new() })));
        }
        if row.get(&ROLE) > self.client.role {
            let sentence = "This user's role is above yours; ask somebody with that role.";
            return Err(ServiceError::Denied(sentence.to_owned()));
        }
        Ok(row)
    }

    /// Refuses to grant more than the visitor has (`docs/promises.md`, 8; `docs/domain.md`, Roles): no role above the
    /// visitor's and no more days back, except that an access with more days back keeps them while its role does not
    /// grow. `was` is the access before; `None` for a new one.
    fn authorise(
        &self,
        was: Option<&Record>,
        role: Role,
        days_back: Option<i64>,
    ) -> Result<(), ServiceError> {
        if Some(role) > self.client.role {
            let sentence = "You cannot give a role above your own; choose another.";
            return Err(ServiceError::Denied(sentence.to_owned()));
        }
        let is_kept =
            was.is_some_and(|was| was.get(&DAYS_BACK_ACCESS) == days_back && was.get(&ROLE) >= Some(role));
        match self.client.days_back {
            Some(own) if !is_kept && days_back.is_none_or(|days| days > own) => {
                let days = if own == 1 { "day" } else { "days" };
                let sentence = format!("You see {own} {days} back yourself and can give no more than that.");
                Err(ServiceError::Invalid(vec![Issue::at(&DAYS_BACK_ACCESS.def, sentence).forbidding()]))
            }
            _ => Ok(()),
        }
    }
}

fn is_of(row: &Record, user: RecordId) -> bool {
    row.get(&USER).is_some_and(|whose| whose.id == user)
}

/// Asks before visitors lower their own role or days back, which they cannot raise again (`docs/domain.md`, Roles).
fn ask_about_own(row: &Record, role: Role, days_back: Option<i64>) -> Result<(), ServiceError> {
    let (field, what) = if row.get(&ROLE) > Some(role) {
        (&ROLE.def, "role")
    } else if is_less(days_back, row.get(&DAYS_BACK_ACCESS)) {
        (&DAYS_BACK_ACCESS.def, "days back")
    } else {
        return Ok(());
    };
    let sentence =
        format!("This lowers your own {what}; only somebody who has more can give it back to you.");
    Err(ServiceError::Invalid(vec![Issue::ask(field, sentence)]))
}

/// The message for an e-mail that no external user has.
const UNKNOWN: &str =
    "No user was found with this e-mail; check it, or ask the user to create an account with it first.";

/// An e-mail as typed, without the blanks around it.
///
/// # Errors
/// [`ServiceError::Invalid`] when it is empty, or longer than an e-mail can be.
fn read_email(typed: &str) -> Result<Value, ServiceError> {
    let email = normalised(&user::EMAIL.def, Value::text(typed));
    if email.is_empty() {
        return Err(wrong_email(format!("{} is required.", user::EMAIL.def.label)));
    }
    rules::fits(&user::EMAIL.def, &email).map_err(wrong_email)?;
    Ok(email)
}

fn wrong_email(sentence: impl Into<String>) -> ServiceError {
    ServiceError::Invalid(vec![Issue::at(&user::EMAIL.def, sentence)])
}

fn with_terms(mut draft: Draft, role: Role, days_back: Option<i64>, notes: &str) -> Draft {
    draft.set(&ROLE.def, Value::Code(role.code()));
    draft.set(&DAYS_BACK_ACCESS.def, days_back.map_or(Value::Empty, Value::Int));
    draft.set(&NOTES.def, Value::text(notes));
    draft
}

/// Moves the issues at the field User to the e-mail, by which the visitor named the user.
fn at_email(refused: ServiceError) -> ServiceError {
    let ServiceError::Invalid(mut issues) = refused else { return refused };
    for issue in issues.iter_mut().filter(|issue| issue.property == Some(USER.def.property)) {
        issue.property = Some(user::EMAIL.def.property);
    }
    ServiceError::Invalid(issues)
}

/// Removes from a conflict the login of whoever saved: it may be an operator's, which a visitor must not learn.
fn nameless(refused: ServiceError) -> ServiceError {
    match refused {
        ServiceError::Conflict(conflict) => {
            ServiceError::Conflict(Box::new(Conflict { login: None, ..*conflict }))
        }
        other => other,
    }
}

//! User Management: who else may see the customer's data (`domain.md`, roles; promise 8).

use std::sync::Arc;

use super::visit::Present;
use super::{FoundUser, Managing, Visit};
use crate::domain::codes::{Place, Role};
use crate::domain::entities::external_access::{
    CUSTOMER, DAYS_BACK_ACCESS, EXTERNAL_ACCESS, NOTES, ROLE, RULES, USER,
};
use crate::domain::entities::user;
use crate::domain::model::format;
use crate::domain::model::query::{Filter, ListQuery, Page, PageCursor};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::{RecordId, Reference, Value, Version};
use crate::domain::rules::{self, Issue};
use crate::service::back_office::records::with_defaults;
use crate::service::consequences::Targets;
use crate::service::write::{self, WriteContext};
use crate::service::{Conflict, ServiceError};
use crate::storage::db::{AdvisoryLock, Session, Tx};
use crate::storage::list;
use crate::storage::records::{self, FindBy};

/// What User Management shows of an access, and all that a visitor may filter and sort by.
const COLUMNS: [&FieldDef; 4] = [&USER.def, &ROLE.def, &DAYS_BACK_ACCESS.def, &NOTES.def];

impl Visit {
    /// A stretch of User Management: of the accesses to the customer that was chosen, whatever else is asked for.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`], [`ServiceError::Denied`] without the role or for anything else than the four
    /// columns.
    pub async fn rows(
        &self,
        query: &ListQuery,
        page_cursor: &PageCursor,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        self.recording_refusals(async {
            let mut conn = self.db.read().await?;
            let present = self.at(&mut conn, Place::UserManagement).await?;
            let query = present.own(query)?;
            let page_cursor = match page_cursor {
                // The storage would begin where the row stands, also where another customer's stands.
                PageCursor::From(id) if present.access(&mut conn, *id).await?.is_none() => &PageCursor::First,
                page_cursor => page_cursor,
            };
            Ok(list::page(&mut conn, &query, None, page_cursor, limit, &present.visitor.language).await?)
        })
        .await
    }

    /// How many rows [`Visit::rows`] has.
    ///
    /// # Errors
    /// As [`Visit::rows`].
    pub async fn count(&self, query: &ListQuery) -> Result<i64, ServiceError> {
        self.recording_refusals(async {
            let mut conn = self.db.read().await?;
            let present = self.at(&mut conn, Place::UserManagement).await?;
            Ok(list::count(&mut conn, &present.own(query)?, None).await?)
        })
        .await
    }

    /// The user of exactly that e-mail, blanks around it and case aside.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] at the e-mail ([`user::EMAIL`]) when there is none, or one that cannot sign in.
    pub async fn find_user(&self, email: &str) -> Result<FoundUser, ServiceError> {
        self.recording_refusals(async {
            let mut conn = self.db.read().await?;
            let present = self.at(&mut conn, Place::UserManagement).await?;
            let found = present.user(&mut conn, email).await?;
            let mut issues = Vec::new();
            (RULES.check_reference)(&USER.def, &found, &mut issues);
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

    /// Adds, changes or ends an access. `confirmed` goes on where it would otherwise only ask.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] at the fields, about the e-mail at [`user::EMAIL`]; [`ServiceError::Conflict`];
    /// [`ServiceError::Denied`] for what is above the own role; [`ServiceError::NotFound`] for an access that is not
    /// one to the chosen customer, as if there were none.
    pub async fn manage(&self, managing: &Managing, confirmed: bool) -> Result<(), ServiceError> {
        self.recording_refusals(async {
            let mut tx = self.db.begin().await?;
            // Before the visitor is judged: of two who end one another's access, the second is shown out.
            tx.lock(AdvisoryLock::Managers).await?;
            let present = self.at(&mut tx, Place::UserManagement).await?;
            let visitor = &present.visitor;
            let context = WriteContext {
                confirmed,
                ..WriteContext::new(&self.world, &visitor.login, &visitor.language)
            };
            present.manage(&mut tx, &context, managing, self.token.user).await.map_err(nameless)?;
            write::commit(tx, &self.db, context.operation).await
        })
        .await
    }
}

impl Present {
    /// The list asked for, of the chosen customer and nothing else.
    fn own(&self, confirmed: &ListQuery) -> Result<ListQuery, ServiceError> {
        let filtered = confirmed.filters.iter().map(|filter| match filter {
            Filter::Contains(field, _)
            | Filter::OneOf(field, _)
            | Filter::Between(field, ..)
            | Filter::Empty(field) => Some(*field),
            Filter::RequestPending | Filter::Access(_) => None,
        });
        let named = confirmed.columns.iter().copied().chain(confirmed.sort.iter().map(|sort| sort.field));
        let mut named = named.map(Some).chain(filtered);
        let is_open = |field: Option<&FieldDef>| field.is_some_and(|field| COLUMNS.contains(&field));
        if !confirmed.entity.is(&EXTERNAL_ACCESS) || !named.all(is_open) {
            return Err(ServiceError::Denied("User Management shows nothing else.".to_owned()));
        }
        let customer = Value::Ref(self.client.customer.clone());
        let mut filters = vec![Filter::OneOf(&CUSTOMER.def, vec![customer])];
        filters.extend(confirmed.filters.iter().cloned());
        // The entity is searched by the customer too, whose name every row here would have.
        filters.push(Filter::Contains(&USER.def, confirmed.search.clone()));
        Ok(ListQuery { filters, search: String::new(), judged_at: None, ..confirmed.clone() })
    }

    /// An access to the chosen customer.
    async fn access(&self, s: &mut Session, id: RecordId) -> Result<Option<Record>, ServiceError> {
        let row = records::load(s, &EXTERNAL_ACCESS, id, &self.visitor.language).await?;
        let is_own =
            |row: &Record| row.get(&CUSTOMER).is_some_and(|customer| *customer == self.client.customer);
        Ok(row.filter(is_own))
    }

    /// The access that a user has to the chosen customer.
    async fn access_of(&self, s: &mut Session, user: RecordId) -> Result<Option<RecordId>, ServiceError> {
        let user = Value::Ref(Reference { id: user, shown: String::new() });
        let everybody =
            ListQuery { columns: Vec::new(), sort: Vec::new(), ..ListQuery::all(&EXTERNAL_ACCESS) };
        let mut query = self.own(&everybody)?;
        query.filters.push(Filter::OneOf(&USER.def, vec![user]));
        let page = list::page(s, &query, None, &PageCursor::First, 1, &self.visitor.language).await?;
        Ok(page.rows.first().map(|row| row.id))
    }

    /// The user of exactly that e-mail.
    async fn user(&self, s: &mut Session, email: &str) -> Result<Record, ServiceError> {
        let email = Value::text(email.trim());
        let wrong = |sentence: String| ServiceError::Invalid(vec![Issue::at(&user::EMAIL.def, sentence)]);
        if email.is_empty() {
            return Err(wrong(format!("{} is required.", user::EMAIL.def.label)));
        }
        rules::fits(&user::EMAIL.def, &email).map_err(wrong)?;
        let found = match records::find(s, &user::USER, FindBy::Field(&user::EMAIL.def, &email)).await? {
            Some(id) => records::load(s, &user::USER, id, &self.visitor.language).await?,
            None => None,
        };
        found.ok_or_else(|| wrong(UNKNOWN.to_owned()))
    }

    /// A user as User Management shows one.
    fn shown(&self, found: &Record) -> String {
        format::line(&user::USER, |field| found.value(field), &self.visitor.language)
    }

    async fn manage(
        &self,
        tx: &mut Tx,
        context: &WriteContext<'_>,
        managing: &Managing,
        own: RecordId,
    ) -> Result<(), ServiceError> {
        let draft = match managing {
            Managing::Add { email, role, days_back, notes } => {
                self.authorise(None, *role, *days_back)?;
                let found = self.user(tx, email).await?;
                if self.access_of(tx, found.id).await?.is_some() {
                    let sentence = format!("{} has access already; edit it instead.", self.shown(&found));
                    return Err(ServiceError::Invalid(vec![Issue::at(&user::EMAIL.def, sentence)]));
                }
                let user = Reference { id: found.id, shown: self.shown(&found) };
                let mut draft = with_defaults(Draft::new(&EXTERNAL_ACCESS), Some(context.now), None);
                draft.set(&CUSTOMER.def, Value::Ref(self.client.customer.clone()));
                draft.set(&USER.def, Value::Ref(user));
                with(draft, *role, *days_back, notes)
            }
            Managing::Change { access, version, role, days_back, notes } => {
                let row = self.managed(tx, *access, *version).await?;
                self.authorise(Some(&row), *role, *days_back)?;
                if is_of(&row, own) && !context.confirmed {
                    ask_about_own(&row, *role, *days_back)?;
                }
                with(Draft::of(Arc::new(row)), *role, *days_back, notes)
            }
            Managing::Remove { access, version } => {
                let row = self.managed(tx, *access, *version).await?;
                if is_of(&row, own) && !context.confirmed {
                    let sentence = "This is your own access: you are signed out at once, and somebody else has to let \
                                    you in again.";
                    return Err(ServiceError::Invalid(vec![Issue::ask(&USER.def, sentence)]));
                }
                return write::delete(tx, context, &row).await;
            }
        };
        let mut targets = Targets::new(context.language);
        write::write_loaded(tx, context, draft, &mut targets).await.map_err(at_email)?;
        Ok(())
    }

    /// An access to the chosen customer in the version that was read, if the visitor may touch it.
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

    /// Nobody grants more than they have (promise 8): no role above the own, and no more days back than the own,
    /// except that an access that has more already may keep it while its role does not grow.
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
        let keeps =
            was.is_some_and(|was| was.get(&DAYS_BACK_ACCESS) == days_back && was.get(&ROLE) >= Some(role));
        match self.client.days_back {
            Some(own) if !keeps && days_back.is_none_or(|days| days > own) => {
                let sentence = format!("You see {own} days back yourself and can give no more than that.");
                Err(ServiceError::Invalid(vec![Issue::at(&DAYS_BACK_ACCESS.def, sentence).forbidding()]))
            }
            _ => Ok(()),
        }
    }
}

fn is_of(row: &Record, user: RecordId) -> bool {
    row.get(&USER).is_some_and(|whose| whose.id == user)
}

/// Asks before somebody takes from themselves what they cannot give back: nobody gives more than they have.
fn ask_about_own(row: &Record, role: Role, days_back: Option<i64>) -> Result<(), ServiceError> {
    let (field, what) = if row.get(&ROLE) > Some(role) {
        (&ROLE.def, "role")
    } else if days_back.is_some_and(|days| row.get(&DAYS_BACK_ACCESS).is_none_or(|was| days < was)) {
        (&DAYS_BACK_ACCESS.def, "days back")
    } else {
        return Ok(());
    };
    let sentence =
        format!("This lowers your own {what}; only somebody who has more can give it back to you.");
    Err(ServiceError::Invalid(vec![Issue::ask(field, sentence)]))
}

/// Said of an e-mail that nobody has.
const UNKNOWN: &str =
    "No user was found with this e-mail; check that it is exactly the one the user signs up with.";

fn with(mut draft: Draft, role: Role, days_back: Option<i64>, notes: &str) -> Draft {
    draft.set(&ROLE.def, Value::Code(role.code()));
    draft.set(&DAYS_BACK_ACCESS.def, days_back.map_or(Value::Empty, Value::Int));
    draft.set(&NOTES.def, Value::text(notes.trim_end()));
    draft
}

/// What is wrong with the user, said where the visitor typed it.
fn at_email(refused: ServiceError) -> ServiceError {
    let ServiceError::Invalid(mut issues) = refused else { return refused };
    for issue in issues.iter_mut().filter(|issue| issue.property == Some(USER.def.property)) {
        issue.property = Some(user::EMAIL.def.property);
    }
    ServiceError::Invalid(issues)
}

/// Without the login of whoever saved meanwhile: it may be an operator's, who is nobody to learn of here.
fn nameless(refused: ServiceError) -> ServiceError {
    match refused {
        ServiceError::Conflict(conflict) => {
            ServiceError::Conflict(Box::new(Conflict { login: None, ..*conflict }))
        }
        other => other,
    }
}

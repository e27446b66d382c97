//! Records in the back office: reading, drafting and saving them. Saving goes through [`mod@write`].

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::codes::SiteFacts;
use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::history::{HistoryPage, HistorySeq};
use crate::domain::model::instant::utc_date;
use crate::domain::model::query::{ListQuery, Page, PageCursor};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Initial, Kind};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::service::ServiceError;
use crate::service::back_office::BackOffice;
use crate::service::back_office::authorise::exception;
use crate::service::consequences::{self, Targets, limit_of};
use crate::service::write::{self, WriteContext};
use crate::storage::db::{Session, Tx};
use crate::storage::list::{self, JudgedAt};
use crate::storage::{history, records};

/// The most records that a reference field offers at once.
const MOST_CHOICES: usize = 20;

/// The most records that it offers before the present one.
const CHOICES_BEFORE: usize = 5;

impl BackOffice {
    /// A page of a list: at most `limit` rows, from `page_cursor` on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rows(
        &self,
        query: &ListQuery,
        page_cursor: &PageCursor,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        let (mut conn, site) = self.read_at(query.judged_at).await?;
        let judged = self.judged_at(site.as_ref());
        Ok(list::page(&mut conn, query, judged, page_cursor, limit, &self.who.language).await?)
    }

    /// The site of a list, and today.
    pub(super) fn judged_at<'a>(&self, site: Option<&'a SiteFacts>) -> Option<JudgedAt<'a>> {
        site.map(|site| JudgedAt { site, today: self.world.today() })
    }

    /// The number of records in a list.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count(&self, query: &ListQuery) -> Result<i64, ServiceError> {
        let (mut conn, site) = self.read_at(query.judged_at).await?;
        Ok(list::count(&mut conn, query, self.judged_at(site.as_ref())).await?)
    }

    /// Loads a record. One asked for as a party is returned as the subtype that it is, such as a person.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such record.
    pub async fn record(
        &self,
        entity: &'static EntityDef,
        id: RecordId,
    ) -> Result<Arc<Record>, ServiceError> {
        let mut conn = self.read().await?;
        let found = records::load(&mut conn, entity, id, &self.who.language).await?;
        found.map(Arc::new).ok_or(ServiceError::NotFound)
    }

    /// Completes the draft of a new record: with an id if it has none, the defaults of its empty fields, the current
    /// enterprise company, and what follows from each of its references.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn new_draft(&self, draft: Draft) -> Result<Draft, ServiceError> {
        let mut draft = with_defaults(draft, Some((self.world.now)()), self.who.enterprise_company.as_ref());
        if draft.id == RecordId::NIL {
            draft.id = (self.world.new_id)();
        }
        for field in draft.entity.all_fields() {
            if !draft.value(field).is_empty() {
                (entities::rules_of(draft.entity).entered)(&mut draft, field, &Value::Empty);
            }
        }
        let mut conn = self.read().await?;
        let mut targets = Targets::new(&self.who.language);
        for field in draft.entity.all_fields().filter(|field| field.target().is_some()) {
            if !draft.value(field).is_empty() {
                consequences::follow(&mut conn, &mut draft, field, &mut targets).await?;
            }
        }
        Ok(draft)
    }

    /// The draft with what follows from the record chosen in a reference field.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn consequences(
        &self,
        mut draft: Draft,
        field: &'static FieldDef,
    ) -> Result<Draft, ServiceError> {
        let mut conn = self.read().await?;
        let mut targets = Targets::new(&self.who.language);
        consequences::follow(&mut conn, &mut draft, field, &mut targets).await?;
        Ok(draft)
    }

    /// The records that a reference field of the draft may refer to: the first 20 that contain every word of `text`.
    /// Without text the page goes through the record that the field refers to now, with up to 5 records before it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn choices(
        &self,
        draft: &Draft,
        field: &'static FieldDef,
        text: &str,
    ) -> Result<Page, ServiceError> {
        let mut conn = self.read().await?;
        let language = &self.who.language;
        let Some(query) = choices_of(&mut conn, draft, field, language).await? else {
            return Ok(Page::default());
        };
        let columns = choice_columns(query.entity);
        let query = ListQuery { search: text.to_owned(), columns, ..query };
        let page_cursor = match draft.value(field) {
            Value::Ref(current) if text.trim().is_empty() => PageCursor::From(current.id),
            _ => PageCursor::First,
        };
        let mut page = list::page(&mut conn, &query, None, &page_cursor, MOST_CHOICES, language).await?;
        if let (true, Some(first)) = (page.more_before, page.rows.first()) {
            let before = PageCursor::Before(first.key.clone());
            let before = list::page(&mut conn, &query, None, &before, CHOICES_BEFORE, language).await?;
            page.more_before = before.more_before;
            page.rows.splice(..0, before.rows);
        }
        Ok(page)
    }

    /// The list of all records that a reference field of the draft may refer to; `None` when the field that limits
    /// them is empty, so that there are none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn choices_query(
        &self,
        draft: &Draft,
        field: &'static FieldDef,
    ) -> Result<Option<ListQuery>, ServiceError> {
        let mut conn = self.read().await?;
        choices_of(&mut conn, draft, field, &self.who.language).await
    }

    /// The history of a record, newest entry first: at most `limit` entries, and only those older than `before`
    /// ([`HistoryPage::more_before`]) if given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn history(
        &self,
        entity: &'static EntityDef,
        id: RecordId,
        before: Option<HistorySeq>,
        limit: usize,
    ) -> Result<HistoryPage, ServiceError> {
        let mut conn = self.read().await?;
        Ok(history::of_record(&mut conn, entity, id, before, limit).await?)
    }

    /// Writes a draft, with what follows from its choices; gives the record as it was written. `confirmed` goes on
    /// where a save would otherwise only ask. A draft that was written before, in a save whose outcome was not known, is
    /// not written again.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`], [`ServiceError::Conflict`], [`ServiceError::Denied`], or what the database
    /// could not do; in every case nothing was written, except perhaps after [`ServiceError::OutcomeUnknown`].
    pub async fn save(&self, draft: &Draft, confirmed: bool) -> Result<Arc<Record>, ServiceError> {
        self.save_for(draft, confirmed, None).await
    }

    /// [`BackOffice::save`], with the reason that an administrator gives for what is otherwise refused
    /// ([`Weight::NeedsReason`]).
    ///
    /// # Errors
    /// As [`BackOffice::save`]; also for a reason that is too long.
    ///
    /// [`Weight::NeedsReason`]: crate::domain::rules::Weight::NeedsReason
    pub async fn save_for(
        &self,
        draft: &Draft,
        confirmed: bool,
        reason: Option<&str>,
    ) -> Result<Arc<Record>, ServiceError> {
        // Boxed: a save holds much, which its callers would otherwise hold on their stack.
        let saved = write::repeated(|| Box::pin(self.saved(draft, confirmed, reason)));
        self.recording_refusals(draft.entity, draft.stored_id(), saved).await
    }

    async fn saved(
        &self,
        draft: &Draft,
        confirmed: bool,
        reason: Option<&str>,
    ) -> Result<Arc<Record>, ServiceError> {
        let (mut tx, principal) = self.begin_as().await?;
        let context = WriteContext { confirmed, exception: exception(&principal, reason)?, ..self.context() };
        let mut targets = Targets::new(context.language);
        let draft = match write::on_stored(&mut tx, draft, context.language).await {
            Err(refused @ ServiceError::Conflict(_)) => {
                let tx = self.authorise(tx, &principal, draft).await?;
                return self.unless_written(tx, &context, draft, refused).await;
            }
            draft => draft?,
        };
        let draft = consequences::complete(&mut tx, draft, &mut targets).await?;
        let mut tx = self.authorise(tx, &principal, &draft).await?;
        if let Err(sentence) = check_computed(&draft, context.language) {
            drop(tx);
            return Err(self.refused(draft.entity, draft.stored_id(), sentence).await);
        }
        match write::write_loaded(&mut tx, &context, draft.clone(), &mut targets).await {
            Ok(record) if draft.base.is_some() && !draft.is_changed() => {
                tx.commit().await?;
                Ok(record)
            }
            Ok(record) => {
                let verb = if draft.base.is_some() { "Change" } else { "Create" };
                write::commit(tx, &self.db, &context, &context.purpose(verb, &record)).await?;
                Ok(record)
            }
            Err(refused @ ServiceError::Invalid(_)) if draft.base.is_none() => {
                self.unless_written(tx, &context, &draft, refused).await
            }
            Err(error) => Err(error),
        }
    }

    /// The record, if it is stored as the draft has it already; otherwise the error that refused the draft.
    async fn unless_written(
        &self,
        tx: Tx,
        context: &WriteContext<'_>,
        draft: &Draft,
        refused: ServiceError,
    ) -> Result<Arc<Record>, ServiceError> {
        drop(tx);
        let mut conn = self.read().await?;
        write::already_written(&mut conn, context, draft).await?.ok_or(refused)
    }

    /// What this operator does now.
    pub(crate) fn context(&self) -> WriteContext<'_> {
        let context = WriteContext::new(&self.world, &self.who.login, &self.who.language);
        WriteContext { by: self.token.person(), ..context }
    }
}

/// The columns that are read of the records a reference offers: those of the display text and of the entity's list.
pub fn choice_columns(target: &EntityDef) -> Vec<&'static FieldDef> {
    let mut columns: Vec<&'static FieldDef> = format::line_fields(target).collect();
    columns.extend(target.columns.iter().filter(|field| !matches!(field.kind, Kind::Secret)));
    columns
}

/// Refuses a draft in which a read-only field has another value than the one computed from the editable fields; the
/// error is the message.
fn check_computed(draft: &Draft, language: &str) -> Result<(), String> {
    let mut empty = draft.clone();
    empty.changed.clear();
    let mut entered = if draft.base.is_none() { with_defaults(empty, None, None) } else { empty };
    for field in draft.entity.all_fields().filter(|field| !field.read_only) {
        entered.set(field, draft.value(field).clone());
    }
    for field in draft.entity.all_fields().filter(|field| !field.read_only && draft.is_field_changed(field)) {
        (entities::rules_of(draft.entity).changed)(&mut entered, field, language);
    }
    let follows = entities::rules_of(draft.entity).follows.map_or(&[][..], |follows| follows.fields);
    // The save computes these anew from another record, of which the draft need not know all.
    let is_followed = |field: &&'static FieldDef| {
        follows.contains(field) && (draft.base.is_none() || entered.is_field_changed(field))
    };
    let typed = draft.entity.all_fields().find(|field| {
        field.read_only
            && !is_followed(field)
            && !(matches!(field.default, Initial::Now) && draft.base.is_none())
            && draft.value(field) != entered.value(field)
    });
    match typed {
        Some(field) => Err(format!("{} cannot be set by hand.", field.label)),
        None => Ok(()),
    }
}

/// The draft with the default of every field that it does not set, and with its subtype. `now` and `company` are the
/// defaults of the fields that begin with the current time or date and with the current enterprise company; without
/// them these fields stay empty.
pub fn with_defaults(mut draft: Draft, now: Option<Timestamp>, company: Option<&Reference>) -> Draft {
    for field in draft
        .entity
        .all_fields()
        .filter(|field| !draft.changed.contains_key(field.property))
        .collect::<Vec<_>>()
    {
        let value = match field.default {
            Initial::Today => now.map_or(Value::Empty, |now| Value::Date(utc_date(now))),
            Initial::Now => now.map_or(Value::Empty, |now| Value::Instant(now.into())),
            Initial::CurrentEnterpriseCompany => company.cloned().map_or(Value::Empty, Value::Ref),
            ref fixed => fixed.fixed(),
        };
        draft.set(field, value);
    }
    if let Some((base, subtype)) = draft.entity.base
        && let Some(field) = base.subtype_field
    {
        draft.set(field, Value::Code(subtype));
    }
    draft
}

/// See [`BackOffice::choices_query`].
async fn choices_of(
    s: &mut Session,
    draft: &Draft,
    field: &'static FieldDef,
    language: &str,
) -> Result<Option<ListQuery>, ServiceError> {
    let Some(target) = field.target() else { return Ok(None) };
    let mut query = ListQuery::all(target);
    if let Some(within) = &field.within {
        let mut targets = Targets::new(language);
        match limit_of(s, draft, within, &mut targets).await? {
            Some(filter) => query.filters.push(filter),
            None => return Ok(None),
        }
    }
    Ok(Some(query))
}

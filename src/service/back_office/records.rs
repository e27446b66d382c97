//! Records: reading them, beginning new ones, following up what was chosen, and saving, which goes through the
//! one [`door`].

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::history::HistoryEntry;
use crate::domain::model::query::{Filter, ListQuery, Page, PageCursor};
use crate::domain::model::record::{Draft, FieldMap, Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Initial, Kind, Within};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::domain::rights;
use crate::service::ServiceError;
use crate::service::auth::Principal;
use crate::service::back_office::BackOffice;
use crate::service::write::{self, WriteContext};
use crate::storage::db::{Session, Tx};
use crate::storage::{history, list, records};

/// How many choices a reference field offers at once.
const MOST_CHOICES: usize = 20;

/// How many changes the history of a record shows.
const MOST_CHANGES: usize = 100;

impl BackOffice {
    /// A stretch of a list.
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
        Ok(list::page(&mut conn, query, site.as_ref(), page_cursor, limit, &self.who.language).await?)
    }

    /// How many records a list has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count(&self, query: &ListQuery) -> Result<i64, ServiceError> {
        let (mut conn, site) = self.read_at(query.judged_at).await?;
        Ok(list::count(&mut conn, query, site.as_ref()).await?)
    }

    /// A record; asked for as a party, it comes as what it really is.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when it is gone.
    pub async fn record(
        &self,
        entity: &'static EntityDef,
        id: RecordId,
    ) -> Result<Arc<Record>, ServiceError> {
        let mut conn = self.read().await?;
        let found = records::load(&mut conn, entity, id, &self.who.language).await?;
        found.map(Arc::new).ok_or(ServiceError::NotFound)
    }

    /// A new record with these values and what a new one begins with: defaults, the current enterprise
    /// company, and what follows from every reference in it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn new_draft(&self, draft: Draft) -> Result<Draft, ServiceError> {
        let mut draft = with_defaults(draft, Some((self.world.now)()), self.who.enterprise_company.as_ref());
        for field in draft.entity.all_fields().filter(|field| field.target().is_some()) {
            if !draft.value(field).is_empty() {
                draft = self.consequences(draft, field).await?;
            }
        }
        Ok(draft)
    }

    /// The draft with what follows from the choice made in a reference field.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn consequences(
        &self,
        mut draft: Draft,
        field: &'static FieldDef,
    ) -> Result<Draft, ServiceError> {
        let mut conn = self.read().await?;
        let language = &self.who.language;
        let target = match (field.target(), draft.value(field)) {
            (Some(entity), Value::Ref(chosen)) => {
                records::load(&mut conn, entity, chosen.id, language).await?
            }
            _ => None,
        };
        if let Some(record) = &target {
            let shown = format::line(record.entity, |field| record.value(field), language);
            draft.set(field, Value::Ref(Reference { id: record.id, shown }));
        }
        (entities::rules_of(draft.entity).chosen)(&mut draft, field, target.as_ref());
        (entities::rules_of(draft.entity).changed)(&mut draft, field, language);
        for dependent in draft.entity.all_fields() {
            let Some(within) = dependent.within.as_ref().filter(|within| *within.same_as == *field) else {
                continue;
            };
            let proposal = propose(&mut conn, &draft, dependent, within, target.as_ref(), language).await?;
            draft.set(dependent, proposal);
        }
        Ok(draft)
    }

    /// What a reference field of this draft may point at, containing this text.
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
        Ok(list::page(&mut conn, &query, None, &PageCursor::First, MOST_CHOICES, language).await?)
    }

    /// The list of everything a reference field of this draft may point at; `None` when nothing can be,
    /// because the field that limits it is empty.
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

    /// The changes of a record, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn history(
        &self,
        entity: &'static EntityDef,
        id: RecordId,
    ) -> Result<Vec<HistoryEntry>, ServiceError> {
        let mut conn = self.read().await?;
        Ok(history::of_record(&mut conn, entity, id, MOST_CHANGES).await?)
    }

    /// Writes a draft; gives the record as it was written. `confirmed` goes on where a save would otherwise only
    /// ask.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`], [`ServiceError::Conflict`], [`ServiceError::Denied`], or what the database
    /// could not do; in every case nothing was written.
    pub async fn save(&self, draft: &Draft, confirmed: bool) -> Result<Arc<Record>, ServiceError> {
        self.recording_refusals(draft.entity, draft.id(), self.saved(draft, confirmed)).await
    }

    async fn saved(&self, draft: &Draft, confirmed: bool) -> Result<Arc<Record>, ServiceError> {
        let (mut tx, principal) = self.begin_as().await?;
        let draft = &as_stored(&mut tx, &principal, draft).await?;
        let mut tx = self.authorise(tx, &principal, draft).await?;
        if let Err(sentence) = check_computed(draft, &principal.language) {
            drop(tx);
            return Err(self.refused(draft.entity, draft.id(), sentence).await);
        }
        let context = WriteContext { confirmed, ..self.context() };
        let written = write::write(&mut tx, &context, draft).await?;
        // Read before the commit: behind it, a failure would look as if nothing had been saved.
        let record = records::load(&mut tx, draft.entity, written.id, context.language).await?;
        let record = record.ok_or(ServiceError::NotFound)?;
        tx.commit().await?;
        Ok(Arc::new(record))
    }

    /// The stamp of what this operator does now.
    pub(crate) fn context(&self) -> WriteContext<'_> {
        WriteContext::new(&self.world, &self.who.login, &self.who.language)
    }

    /// Promise 7: administrators may do everything; other operators review and repair. The draft stands on what is
    /// stored. Gives the transaction back; what is refused ends it.
    pub(super) async fn authorise(&self, tx: Tx, who: &Principal, draft: &Draft) -> Result<Tx, ServiceError> {
        let Some(barred) = rights::bars(draft).filter(|_| !who.is_admin) else { return Ok(tx) };
        drop(tx);
        Err(self.refused(draft.entity, draft.id(), barred).await)
    }
}

/// The draft by which it is judged what an operator may do. An administrator may do everything anyway.
async fn as_stored(s: &mut Session, who: &Principal, draft: &Draft) -> Result<Draft, ServiceError> {
    if who.is_admin { Ok(draft.clone()) } else { write::on_stored(s, draft, &who.language).await }
}

/// The columns of each choice for a reference: what its line shows, and the entity's own.
pub fn choice_columns(target: &EntityDef) -> Vec<&'static FieldDef> {
    let mut columns: Vec<&'static FieldDef> = format::line_fields(target).collect();
    columns.extend(target.columns.iter().filter(|field| !matches!(field.kind, Kind::Secret)));
    columns
}

/// Refuses values that nobody types: of the read-only fields only those may differ that follow from what was
/// entered.
fn check_computed(draft: &Draft, language: &str) -> Result<(), String> {
    let empty = Draft { changed: FieldMap::new(), ..draft.clone() };
    let mut entered = if draft.base.is_none() { with_defaults(empty, None, None) } else { empty };
    for field in draft.entity.all_fields().filter(|field| !field.read_only) {
        entered.set(field, draft.value(field).clone());
    }
    for field in draft.entity.all_fields().filter(|field| !field.read_only && draft.is_field_changed(field)) {
        (entities::rules_of(draft.entity).changed)(&mut entered, field, language);
    }
    let typed = draft.entity.all_fields().find(|field| {
        field.read_only
            && !(matches!(field.default, Initial::Now) && draft.base.is_none())
            && draft.value(field) != entered.value(field)
    });
    match typed {
        Some(field) => Err(format!("{} cannot be set by hand.", field.label)),
        None => Ok(()),
    }
}

/// The draft with what a new record begins with in every field that is still empty.
pub fn with_defaults(mut draft: Draft, now: Option<Timestamp>, company: Option<&Reference>) -> Draft {
    for field in draft
        .entity
        .all_fields()
        .filter(|field| !draft.changed.contains_key(field.property))
        .collect::<Vec<_>>()
    {
        let value = match field.default {
            Initial::Today => {
                now.map_or(Value::Empty, |now| Value::Date(TimeZone::UTC.to_datetime(now).date()))
            }
            Initial::Now => now.map_or(Value::Empty, Value::Instant),
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

/// Whether a record is one of those that a limit of references allows.
pub(crate) fn satisfies(record: &Record, limit: &Filter) -> bool {
    match limit {
        Filter::OneOf(field, allowed) => allowed.contains(record.value(field)),
        _ => false,
    }
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
        match limit_of(s, draft, within, language).await? {
            Some(filter) => query.filters.push(filter),
            None => return Ok(None),
        }
    }
    Ok(Some(query))
}

/// The condition that a limited reference puts on its choices; `None` while the field it depends on is empty.
pub(crate) async fn limit_of(
    s: &mut Session,
    draft: &Draft,
    within: &Within,
    language: &str,
) -> Result<Option<Filter>, ServiceError> {
    let (Some(entity), Value::Ref(of)) = (within.same_as.target(), draft.value(within.same_as)) else {
        return Ok(None);
    };
    let limiting = records::load(s, entity, of.id, language).await?;
    Ok(limiting.map(|record| Filter::OneOf(within.field, vec![record.value(within.of).clone()])))
}

/// What to put into a limited reference after the field that limits it was chosen: what stands there already
/// if it still fits, else the one that most records already point at. (`codes.md`, CC004: New Customer comes
/// with its location filled.)
async fn propose(
    s: &mut Session,
    draft: &Draft,
    field: &'static FieldDef,
    within: &Within,
    limiting: Option<&Record>,
    language: &str,
) -> Result<Value, ServiceError> {
    let (Some(target), Some(limiting)) = (field.target(), limiting) else { return Ok(Value::Empty) };
    let filter = Filter::OneOf(within.field, vec![limiting.value(within.of).clone()]);
    if let Value::Ref(chosen) = draft.value(field)
        && let Some(record) = records::load(s, target, chosen.id, language).await?
        && satisfies(&record, &filter)
    {
        return Ok(draft.value(field).clone());
    }
    let mut candidates = ListQuery::in_use(target);
    candidates.filters.push(filter);
    let page = list::page(s, &candidates, None, &PageCursor::First, MOST_CHOICES, language).await?;
    let ids: Vec<RecordId> = page.rows.iter().map(|row| row.id).collect();
    let Some(favourite) =
        records::most_pointed_at(s, draft.entity, field, &ids).await?.or(ids.first().copied())
    else {
        return Ok(Value::Empty);
    };
    let shown = records::shown(s, target, favourite, language).await?.unwrap_or_default();
    Ok(Value::Ref(Reference { id: favourite, shown }))
}

//! Records: reading, beginning, following up and saving them. [`write`] is the one door through which every
//! change passes, from whichever front.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::change::{Change, Deed, FieldChange};
use crate::domain::entry;
use crate::domain::navigate::{Filter, Page, Query, Stretch};
use crate::domain::record::{Draft, FieldMap, Fields, Record};
use crate::domain::rules::{self, Issue, Weight};
use crate::domain::schema::{
    EntityDef, FieldDef, Initial, Kind, Within, customer, external_access, party, user,
};
use crate::domain::value::{FALLBACK_LANGUAGE, RecordId, Reference, Value, Version};
use crate::service::{Conflict, ConflictField, Desk, ServiceError, World};
use crate::storage::db::{Session, Turn, Tx};
use crate::storage::error::StorageError;
use crate::storage::{accounts, history, query, records};

/// How many choices a reference field offers at once.
const MOST_CHOICES: usize = 20;

/// How many changes the history of a record shows.
const MOST_CHANGES: usize = 100;

/// Who writes, when, and with which new identity.
pub struct Stamp<'a> {
    /// The moment.
    pub now: Timestamp,
    /// The login.
    pub login: &'a str,
    /// The language of the texts in history.
    pub language: &'a str,
    /// Where new identities come from.
    pub world: &'a World,
}

impl<'a> Stamp<'a> {
    /// The stamp of something that this login does now.
    pub fn new(world: &'a World, login: &'a str, language: &'a str) -> Self {
        Self { now: (world.now)(), login, language, world }
    }
}

/// What [`write`] wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The record.
    pub id: RecordId,
    /// Its new version.
    pub version: Version,
}

impl Desk {
    /// A stretch of a list.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rows(&self, query: &Query, stretch: &Stretch, limit: usize) -> Result<Page, ServiceError> {
        let mut conn = self.db.read().await?;
        Ok(query::page(&mut conn, query, stretch, limit, &self.who.language).await?)
    }

    /// How many records a list has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count(&self, query: &Query) -> Result<i64, ServiceError> {
        let mut conn = self.db.read().await?;
        Ok(query::count(&mut conn, query).await?)
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
        let mut conn = self.db.read().await?;
        let found = records::load(&mut conn, entity, id, &self.who.language).await?;
        found.map(Arc::new).ok_or(ServiceError::NotFound)
    }

    /// A new record with these values and what a new one begins with: defaults, the current enterprise
    /// company, and what follows from every reference in it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn begun(&self, draft: Draft) -> Result<Draft, ServiceError> {
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
        let mut conn = self.db.read().await?;
        let language = &self.who.language;
        let target = match (field.target(), draft.value(field)) {
            (Some(entity), Value::Ref(chosen)) => {
                records::load(&mut conn, entity, chosen.id, language).await?
            }
            _ => None,
        };
        if let Some(record) = &target {
            let shown = entry::line(record.entity, |field| record.value(field), language);
            draft.set(field, Value::Ref(Reference { id: record.id, shown }));
        }
        (draft.entity.rules.chosen)(&mut draft, field, target.as_ref());
        (draft.entity.rules.changed)(&mut draft, field, language);
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
        let Some(query) = self.choices_query(draft, field).await? else { return Ok(Page::default()) };
        let columns = choice_columns(query.entity);
        let query = Query { search: text.to_owned(), columns, ..query };
        self.rows(&query, &Stretch::First, MOST_CHOICES).await
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
    ) -> Result<Option<Query>, ServiceError> {
        let Some(target) = field.target() else { return Ok(None) };
        let mut query = Query::all(target);
        if let Some(within) = &field.within {
            let mut conn = self.db.read().await?;
            match limit_of(&mut conn, draft, within, &self.who.language).await? {
                Some(filter) => query.filters.push(filter),
                None => return Ok(None),
            }
        }
        Ok(Some(query))
    }

    /// The changes of a record, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn history(
        &self,
        entity: &'static EntityDef,
        id: RecordId,
    ) -> Result<Vec<Change>, ServiceError> {
        let mut conn = self.db.read().await?;
        Ok(history::of_record(&mut conn, entity, id, MOST_CHANGES).await?)
    }

    /// Writes a draft; gives the record as it was written. `asked` goes on where a save would otherwise only
    /// ask.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`], [`ServiceError::Conflict`], [`ServiceError::Denied`], or what the database
    /// could not do; in every case nothing was written.
    pub async fn save(&self, draft: &Draft, asked: bool) -> Result<Arc<Record>, ServiceError> {
        self.permit(draft)?;
        check_computed(draft, &self.who.language)?;
        let mut issues = rules::check(draft);
        issues.retain(|issue| !asked || issue.weight == Weight::Refuse);
        if !issues.is_empty() {
            return Err(ServiceError::Invalid(issues));
        }
        let stamp = Stamp::new(&self.world, &self.who.login, &self.who.language);
        let mut tx = self.db.begin().await?;
        let written = write(&mut tx, &stamp, draft).await?;
        // Read before the commit: behind it, a failure would look as if nothing had been saved.
        let record = records::load(&mut tx, draft.entity, written.id, stamp.language).await?;
        let record = record.ok_or(ServiceError::NotFound)?;
        tx.commit().await?;
        Ok(Arc::new(record))
    }

    /// Promise 7: administrators may do everything; other operators review and repair.
    fn permit(&self, draft: &Draft) -> Result<(), ServiceError> {
        match for_administrators(draft).filter(|_| !self.who.is_admin) {
            Some(what) => Err(ServiceError::Denied(format!("Only an administrator may {what}; ask one."))),
            None => Ok(()),
        }
    }
}

/// What a draft does that only administrators may. Operators repair parties, customers, their external access
/// and users; everything else is refused to them, and of users the operators, who is an administrator and what
/// a login is for.
fn for_administrators(draft: &Draft) -> Option<&'static str> {
    let repaired = [&party::PARTY, &customer::CUSTOMER, &external_access::EXTERNAL_ACCESS, &user::USER];
    if !repaired.iter().any(|entity| entity.is(draft.entity.root())) {
        return Some("change these records");
    }
    if !draft.entity.is(&user::USER) {
        return None;
    }
    let was = draft.base.as_deref();
    let type_was = was.map_or(Some("EXT"), |was| was.get(&user::USER_TYPE));
    if type_was == Some("INT") {
        Some("change operators")
    } else if draft.is(&user::IS_ADMIN) != was.is_some_and(|was| was.is(&user::IS_ADMIN)) {
        Some("change Is Admin")
    } else if draft.get(&user::USER_TYPE) != type_was {
        Some("choose another User Type")
    } else {
        None
    }
}

/// The columns of each choice for a reference: what its line shows, and the entity's own.
pub fn choice_columns(target: &EntityDef) -> Vec<&'static FieldDef> {
    let mut columns: Vec<&'static FieldDef> = entry::line_fields(target).collect();
    columns.extend(target.columns.iter().filter(|field| !matches!(field.kind, Kind::Secret)));
    columns
}

/// Refuses values that nobody types: of the read-only fields only those may differ that follow from what was
/// entered.
fn check_computed(draft: &Draft, language: &str) -> Result<(), ServiceError> {
    let empty = Draft { changed: FieldMap::new(), ..draft.clone() };
    let mut entered = if draft.base.is_none() { with_defaults(empty, None, None) } else { empty };
    for field in draft.entity.all_fields().filter(|field| !field.read_only) {
        entered.set(field, draft.value(field).clone());
    }
    for field in draft.entity.all_fields().filter(|field| !field.read_only && draft.is_field_changed(field)) {
        (draft.entity.rules.changed)(&mut entered, field, language);
    }
    let typed = draft.entity.all_fields().find(|field| {
        field.read_only
            && !matches!(field.default, Initial::Now)
            && draft.value(field) != entered.value(field)
    });
    match typed {
        Some(field) => Err(ServiceError::Denied(format!("{} cannot be set by hand.", field.label))),
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
            Initial::Empty => Value::Empty,
            Initial::Bool(yes) => Value::Bool(yes),
            Initial::Int(number) => Value::Int(number),
            Initial::Code(code) => Value::Code(code),
            Initial::Text(text) => Value::text(text),
            Initial::Today => {
                now.map_or(Value::Empty, |now| Value::Date(TimeZone::UTC.to_datetime(now).date()))
            }
            Initial::Now => now.map_or(Value::Empty, Value::Instant),
            Initial::CurrentEnterpriseCompany => company.cloned().map_or(Value::Empty, Value::Ref),
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

/// Writes a draft inside the caller's transaction: checks what needs the database, writes the record with its
/// history, and settles the account requests that it has answered. A draft that changes nothing leaves no trace.
///
/// # Errors
/// [`ServiceError::Invalid`] at the fields, [`ServiceError::Conflict`] when the record was saved meanwhile.
pub async fn write(tx: &mut Tx, stamp: &Stamp<'_>, draft: &Draft) -> Result<Written, ServiceError> {
    write_as(tx, stamp, draft, (stamp.world.new_id)()).await
}

/// [`write`], with the id that the record gets if it is new: an imported one keeps its own.
///
/// # Errors
/// As [`write`].
pub async fn write_as(
    tx: &mut Tx,
    stamp: &Stamp<'_>,
    draft: &Draft,
    new_id: RecordId,
) -> Result<Written, ServiceError> {
    if let Some(unchanged) = draft.base.as_ref().filter(|_| !draft.is_changed()) {
        return Ok(Written { id: unchanged.id, version: unchanged.version });
    }
    let issues = check_references(tx, draft, stamp.language).await?;
    if !issues.is_empty() {
        return Err(ServiceError::Invalid(issues));
    }
    let base = match draft.id() {
        Some(id) => records::load(tx, draft.entity, id, stamp.language).await?.map(Arc::new),
        None => None,
    };
    let saved = records::save(tx, draft, stamp.now, stamp.login, || new_id).await;
    let saved = match saved {
        Ok(saved) => saved,
        Err(records::SaveError::Moved) => {
            return Err(conflict(tx, draft, stamp.language).await?);
        }
        Err(records::SaveError::Taken(fields)) => return Err(ServiceError::Invalid(taken(draft, &fields))),
        Err(records::SaveError::Storage(error)) => return Err(error.into()),
    };
    let written = Written { id: saved.id, version: saved.version };
    let after =
        records::load(tx, draft.entity, written.id, stamp.language).await?.ok_or(ServiceError::NotFound)?;
    let change = Change {
        at: stamp.now,
        login: stamp.login.to_owned(),
        deed: if base.is_some() { Deed::Changed } else { Deed::Created },
        version: written.version,
        fields: differences(base.as_deref(), &after, stamp.language),
        reason: None,
    };
    history::append(tx, after.entity, written.id, &change).await?;
    for user in accounts::settle(tx, &after, stamp.now, stamp.login).await? {
        note_configured(tx, stamp, user).await?;
    }
    Ok(written)
}

/// Says in a user's history that the request for the account was answered by what was just saved.
async fn note_configured(tx: &mut Tx, stamp: &Stamp<'_>, user: RecordId) -> Result<(), ServiceError> {
    let Some(record) = records::load(tx, &user::USER, user, stamp.language).await? else { return Ok(()) };
    let change = Change {
        at: stamp.now,
        login: stamp.login.to_owned(),
        deed: Deed::Configured,
        version: record.version,
        fields: Vec::new(),
        reason: None,
    };
    Ok(history::append(tx, record.entity, user, &change).await?)
}

/// Removes a record inside the caller's transaction, with its history.
///
/// # Errors
/// [`ServiceError::Invalid`] while others refer to it or when nobody may, [`ServiceError::NotFound`] when somebody else has
/// changed or removed it.
pub async fn delete(tx: &mut Tx, stamp: &Stamp<'_>, record: &Record) -> Result<(), ServiceError> {
    if external_access::is_owner(record) {
        let sentence = "An owner's access is never removed; leave it as it is.";
        return Err(ServiceError::Invalid(vec![Issue::whole(sentence)]));
    }
    match records::delete(tx, record, stamp.now, stamp.login).await {
        Ok(()) => {}
        Err(records::SaveError::Storage(StorageError::ForeignKey)) => {
            let sentence = format!("Other records still refer to this {}.", record.entity.name);
            return Err(ServiceError::Invalid(vec![Issue::whole(sentence)]));
        }
        Err(records::SaveError::Storage(error)) => return Err(error.into()),
        Err(records::SaveError::Moved | records::SaveError::Taken(_)) => return Err(ServiceError::NotFound),
    }
    let change = Change {
        at: stamp.now,
        login: stamp.login.to_owned(),
        deed: Deed::Deleted,
        version: record.version,
        fields: Vec::new(),
        reason: None,
    };
    history::append(tx, record.entity, record.id, &change).await?;
    Ok(())
}

/// The fields that differ, each with its old and new text as shown.
fn differences(before: Option<&Record>, after: &Record, language: &str) -> Vec<FieldChange> {
    let fields = after.entity.all_fields();
    fields
        .filter(|field| before.map_or(&Value::Empty, |before| before.value(field)) != after.value(field))
        .map(|field| FieldChange {
            property: field.property.to_owned(),
            old: before.map(|before| whole_text(before, field, language)).unwrap_or_default(),
            new: whole_text(after, field, language),
        })
        .collect()
}

/// A value as it is shown; of several languages all, so that a change of any of them can be seen.
fn whole_text(record: &Record, field: &FieldDef, language: &str) -> String {
    match record.value(field) {
        Value::Multi(all) => {
            all.iter().map(|(tongue, text)| format!("{tongue}: {text}")).collect::<Vec<_>>().join("; ")
        }
        value => entry::shown(field, value, language).into_owned(),
    }
}

/// What the references of a draft must satisfy that only the database knows.
async fn check_references(tx: &mut Tx, draft: &Draft, language: &str) -> Result<Vec<Issue>, ServiceError> {
    let mut issues = Vec::new();
    for field in draft.entity.all_fields() {
        let Value::Ref(chosen) = draft.value(field) else { continue };
        let touched = draft.is_field_changed(field)
            || field.within.as_ref().is_some_and(|within| draft.is_field_changed(within.same_as));
        let Some(target) = field.target().filter(|_| touched) else { continue };
        let Some(record) = records::load(tx, target, chosen.id, language).await? else {
            issues.push(Issue::at(field, format!("{} is not there any more; choose another.", field.label)));
            continue;
        };
        if let Some(within) = &field.within {
            let limit = limit_of(tx, draft, within, language).await?;
            if !limit.is_some_and(|limit| satisfies(&record, &limit)) {
                issues.push(Issue::at(
                    field,
                    format!(
                        "{} must belong to {}; choose one of those offered.",
                        field.label, within.same_as.label
                    ),
                ));
            }
        }
        if *field == party::PARENT_PARTY.def
            && let Some(id) = draft.id()
        {
            // Two who move parties at once could close a circle of which each sees one half.
            tx.wait_for(Turn::MovingParties).await?;
            if records::is_below(tx, chosen.id, id).await? {
                issues.push(Issue::at(
                    field,
                    format!("{} belongs to this party itself; choose another parent party.", chosen.shown),
                ));
            }
        }
    }
    Ok(issues)
}

fn satisfies(record: &Record, limit: &Filter) -> bool {
    match limit {
        Filter::OneOf(field, allowed) => allowed.contains(record.value(field)),
        _ => false,
    }
}

/// The condition that a limited reference puts on its choices; `None` while the field it depends on is empty.
async fn limit_of(
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
    let mut candidates = Query::in_use(target);
    candidates.filters.push(filter);
    let page = query::page(s, &candidates, &Stretch::First, MOST_CHOICES, language).await?;
    let ids: Vec<RecordId> = page.rows.iter().map(|row| row.id).collect();
    let Some(favourite) =
        records::most_pointed_at(s, draft.entity, field, &ids).await?.or(ids.first().copied())
    else {
        return Ok(Value::Empty);
    };
    let shown = records::shown(s, target, favourite, language).await?.unwrap_or_default();
    Ok(Value::Ref(Reference { id: favourite, shown }))
}

/// One issue at each field of a value that somebody else has already.
fn taken(draft: &Draft, fields: &[&'static FieldDef]) -> Vec<Issue> {
    match fields {
        [] => vec![Issue::whole("Such a record exists already.")],
        [field] => {
            let value = entry::shown(field, draft.value(field), FALLBACK_LANGUAGE);
            let sentence = if field.target().is_some() {
                let name = draft.entity.name;
                format!("Another {name} with this {}, “{value}”, exists already; open that one.", field.label)
            } else {
                format!("{} “{value}” is taken; choose another.", field.label)
            };
            vec![Issue::at(field, sentence)]
        }
        [.., last] => {
            let labels: Vec<&str> = fields.iter().map(|field| field.label).collect();
            let (name, labels) = (draft.entity.name, labels.join(" and "));
            let sentence = format!("Another {name} with this {labels} exists already; open that one.");
            vec![Issue::at(last, sentence)]
        }
    }
}

/// Who saved meanwhile, and what differs from the base of the draft: as it stands now that the save was
/// refused, which on PostgreSQL can be later than what the transaction read before.
async fn conflict(s: &mut Session, draft: &Draft, language: &str) -> Result<ServiceError, ServiceError> {
    let Some(base) = &draft.base else { return Ok(ServiceError::NotFound) };
    let Some(now) = records::load(s, draft.entity, base.id, language).await? else {
        return Ok(ServiceError::NotFound);
    };
    let fields = now
        .entity
        .all_fields()
        .filter(|field| now.value(field) != base.value(field))
        .map(|field| ConflictField {
            field,
            base: whole_text(base, field, language),
            theirs: whole_text(&now, field, language),
        })
        .collect();
    // Not from history: a save of a part of this record, such as an external access, is another's history.
    let (login, at) = (now.origin.update_user, now.origin.update_time);
    Ok(ServiceError::Conflict(Box::new(Conflict { login, at, fields })))
}

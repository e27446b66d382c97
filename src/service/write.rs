//! The one way in which a record changes, from whichever front. It knows no sessions: who may do what is judged before.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::entities;
use crate::domain::entities::{external_access, user};
use crate::domain::model::format;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry, OperationId, Part};
use crate::domain::model::record::{Draft, FieldMap, Fields, Origin, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Value, Version};
use crate::domain::rules::{self, Issue};
use crate::service::consequences::{Targets, limit_of, satisfies, shown_as};
use crate::service::{Conflict, ConflictField, ServiceError, World, last_manager};
use crate::storage::db::{AdvisoryLock, Db, Session, Tx};
use crate::storage::error::StorageError;
use crate::storage::{accounts, history, records};

/// Who writes, when, in which operation, and with which new identities.
#[derive(Clone, Copy)]
pub struct WriteContext<'a> {
    /// The moment.
    pub now: Timestamp,
    /// The login.
    pub login: &'a str,
    /// The language in which references are shown.
    pub language: &'a str,
    /// The operation that every entry of history carries.
    pub operation: OperationId,
    /// Whether to go on where a write would otherwise only ask.
    pub confirmed: bool,
    /// Where new identities come from.
    pub world: &'a World,
}

impl<'a> WriteContext<'a> {
    /// Something that this login does now, as an operation of its own and without being asked about it.
    pub fn new(world: &'a World, login: &'a str, language: &'a str) -> Self {
        Self { now: (world.now)(), login, language, operation: world.new_operation(), confirmed: true, world }
    }

    /// An entry about a record, so far without fields and reason.
    pub(super) fn entry(
        &self,
        entity: &'static EntityDef,
        record: RecordId,
        version: Version,
        action: HistoryAction,
    ) -> HistoryEntry {
        HistoryEntry {
            operation: Some(self.operation),
            at: self.now,
            who: self.login.to_owned(),
            action,
            entity,
            record,
            version,
            part: None,
            fields: Vec::new(),
            reason: None,
        }
    }
}

/// Writes a draft inside the caller's transaction: checks it, writes the record with its history, and settles the
/// account requests that it has answered. Gives the record as it is stored then. A draft that changes nothing leaves
/// no trace.
///
/// # Errors
/// [`ServiceError::Invalid`] at the fields, [`ServiceError::Conflict`] when the record was saved meanwhile.
pub async fn write(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    draft: &Draft,
) -> Result<Arc<Record>, ServiceError> {
    let draft = on_stored(tx, draft, context.language).await?;
    write_loaded(tx, context, draft, &mut Targets::new(context.language)).await
}

/// [`write()`] for a draft whose record was read in this transaction.
///
/// # Errors
/// As [`write()`].
pub(super) async fn write_loaded(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    mut draft: Draft,
    targets: &mut Targets<'_>,
) -> Result<Arc<Record>, ServiceError> {
    let base = draft.base.clone();
    if let Some(unchanged) = base.as_ref().filter(|_| !draft.is_changed()) {
        return Ok(Arc::clone(unchanged));
    }
    if draft.id == RecordId::NIL {
        draft.id = (context.world.new_id)();
    }
    check(tx, context, &draft, targets).await?;
    let saved = match records::save(tx, &mut draft, context.now, context.login).await {
        Ok(saved) => saved,
        Err(records::SaveError::Conflict) => {
            return Err(conflict(tx, base.as_deref(), context.language).await?);
        }
        Err(records::SaveError::Taken(fields)) => return Err(ServiceError::Invalid(taken(&draft, &fields))),
        Err(records::SaveError::Storage(error)) => return Err(error.into()),
    };
    show_references(tx, &mut draft, targets).await?;
    let record = as_stored(&draft, saved.version, context);
    let action = if base.is_some() { HistoryAction::Changed } else { HistoryAction::Created };
    append(tx, context, action, base.as_deref(), Some(&record)).await?;
    settle(tx, context, &record).await?;
    Ok(Arc::new(record))
}

/// The record as it is stored, when it has the values of the draft already: a save was repeated whose outcome was not
/// known. `None` when there is no record of the draft's id, and when a changed record has other values.
///
/// # Errors
/// [`ServiceError::Conflict`] when the draft is a new one, and there is a record of its id with other values.
pub(super) async fn already_written(
    s: &mut Session,
    context: &WriteContext<'_>,
    draft: &Draft,
) -> Result<Option<Arc<Record>>, ServiceError> {
    let stored = records::load(s, draft.entity, draft.id, context.language).await?;
    let Some(stored) = stored.filter(|stored| stored.entity.is(draft.entity)) else { return Ok(None) };
    let mut given = as_stored(draft, stored.version, context);
    for field in draft.entity.all_fields().filter(|field| field.numbered) {
        given.values.entry(field.property).or_insert_with(|| stored.value(field).clone());
    }
    if given.values == stored.values {
        return Ok(Some(Arc::new(stored)));
    }
    if draft.base.is_some() {
        return Ok(None);
    }
    Err(conflict_with(&given, stored, context.language))
}

/// Commits a transaction whose history carries this operation. When the answer to the commit is lost, the database is
/// asked whether the operation was written (`docs/promises.md`, 32): a commit that is still under way is waited for.
///
/// # Errors
/// [`ServiceError::OutcomeUnknown`] when the database cannot be asked; after any other, nothing was written.
pub(super) async fn commit(tx: Tx, db: &Db, operation: OperationId) -> Result<(), ServiceError> {
    match tx.commit().await {
        Err(StorageError::CommitUnknown) => match is_written(db, operation).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(StorageError::NotCommitted.into()),
            Err(_) => Err(ServiceError::OutcomeUnknown(operation)),
        },
        done => Ok(done?),
    }
}

async fn is_written(db: &Db, operation: OperationId) -> Result<bool, StorageError> {
    let mut tx = db.begin().await?;
    history::is_written(&mut tx, operation).await
}

/// Settles the account requests that a record, as it is stored now, has answered.
///
/// # Errors
/// When it cannot be written.
pub async fn settle(tx: &mut Tx, context: &WriteContext<'_>, stored: &Record) -> Result<(), ServiceError> {
    let settled = accounts::settle(tx, stored, context.now, context.login).await?;
    let entries: Vec<HistoryEntry> = settled
        .into_iter()
        .map(|(user, version)| context.entry(&user::USER, user, version, HistoryAction::Configured))
        .collect();
    Ok(history::append(tx, &entries).await?)
}

/// The draft on top of what is stored: what may become of a record is judged by that, and not by what a draft says
/// was read.
///
/// # Errors
/// [`ServiceError::Conflict`] when the record was saved meanwhile, [`ServiceError::NotFound`] when it is gone.
pub(super) async fn on_stored(s: &mut Session, draft: &Draft, language: &str) -> Result<Draft, ServiceError> {
    let Some(base) = &draft.base else { return Ok(draft.clone()) };
    match records::load(s, draft.entity, base.id, language).await? {
        Some(stored) if stored.version == base.version => Ok(draft.with_base(Arc::new(stored))),
        Some(stored) => Err(conflict_with(base, stored, language)),
        None => Err(ServiceError::NotFound),
    }
}

/// The draft's references with the texts that their records are shown as. Those that were read with it have them.
async fn show_references(
    s: &mut Session,
    draft: &mut Draft,
    targets: &mut Targets<'_>,
) -> Result<(), ServiceError> {
    let changed: Vec<&'static FieldDef> =
        draft.entity.all_fields().filter(|field| draft.is_field_changed(field)).collect();
    for field in changed {
        if let Some(record) = targets.of(s, draft, field).await? {
            draft.set(field, shown_as(field, &record, targets.language()));
        }
    }
    Ok(())
}

/// The record that a draft has become, as reading it would give it.
fn as_stored(draft: &Draft, version: Version, context: &WriteContext<'_>) -> Record {
    let entity = draft.entity;
    let subtype = entity.base.and_then(|(base, code)| Some((base.subtype_field?, Value::Code(code))));
    let value = |field: &'static FieldDef| match (&subtype, draft.value(field)) {
        (Some((marks, code)), _) if *marks == field => code.clone(),
        // To the microsecond, as it is kept.
        (_, Value::Instant(moment)) => Timestamp::from_microsecond(moment.as_microsecond())
            .map_or_else(|_| Value::Instant(*moment), Value::Instant),
        (_, value) => value.clone(),
    };
    let values: FieldMap = entity
        .all_fields()
        .filter(|field| !matches!(field.kind, Kind::Secret))
        .map(|field| (field.property, value(field)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let now = Timestamp::from_microsecond(context.now.as_microsecond()).unwrap_or(context.now);
    let by = || Some(context.login.to_owned());
    let origin = match &draft.base {
        Some(base) => base.origin.clone(),
        None => Origin { creation_time: Some(now), creation_user: by(), ..Origin::default() },
    };
    let origin = Origin { update_time: Some(now), update_user: by(), ..origin };
    Record { entity, id: draft.id, version, values, origin }
}

/// Writes into history what has become of a record, also into that of the records it belongs to: it may be gone when
/// somebody asks.
async fn append(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    action: HistoryAction,
    before: Option<&Record>,
    after: Option<&Record>,
) -> Result<(), ServiceError> {
    let Some(row) = after.or(before) else { return Ok(()) };
    let own = context.entry(row.entity, row.id, row.version, action);
    let mut entries = vec![HistoryEntry { fields: differences(before, after), ..own }];
    for field in row.entity.also_in_history_of {
        let (Some(target), Value::Ref(told)) = (field.target(), row.value(field)) else { continue };
        let Some((entity, version)) = records::version_of(tx, target, told.id).await? else { continue };
        let entry = context.entry(entity, told.id, version, HistoryAction::Changed);
        let part = Some(Part { entity: row.entity, record: row.id });
        entries.push(HistoryEntry { part, fields: whole(before, after), ..entry });
    }
    Ok(history::append(tx, &entries).await?)
}

/// Says in the history of a record what was done to it, or tried, and why, where no field of it changed.
///
/// # Errors
/// When it cannot be written.
pub async fn note(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    entity: &'static EntityDef,
    id: RecordId,
    action: HistoryAction,
    why: &str,
) -> Result<(), ServiceError> {
    // A party's history stands under what it really is.
    let (entity, version) = records::version_of(tx, entity, id).await?.unwrap_or((entity, 0));
    let entry = HistoryEntry { reason: Some(why.to_owned()), ..context.entry(entity, id, version, action) };
    Ok(history::append(tx, [&entry]).await?)
}

/// Removes a record inside the caller's transaction, with its history.
///
/// # Errors
/// [`ServiceError::Invalid`] while others refer to it or when nobody may, [`ServiceError::Conflict`] when somebody else
/// has changed it, [`ServiceError::NotFound`] when somebody else has removed it.
pub async fn delete(tx: &mut Tx, context: &WriteContext<'_>, record: &Record) -> Result<(), ServiceError> {
    if let Some(sentence) = (entities::rules_of(record.entity).deny_removal)(record) {
        return Err(ServiceError::Invalid(vec![Issue::whole(sentence).forbidding()]));
    }
    if let Some(sentence) = last_manager::objection_to(tx, record, None).await? {
        return Err(ServiceError::Invalid(vec![Issue::whole(sentence).forbidding()]));
    }
    match records::delete(tx, record, context.now, context.login).await {
        Ok(()) => {}
        Err(records::SaveError::Storage(StorageError::ForeignKey)) => {
            let sentence = format!("Other records still refer to this {}.", record.entity.name);
            return Err(ServiceError::Invalid(vec![Issue::whole(sentence)]));
        }
        Err(records::SaveError::Storage(error)) => return Err(error.into()),
        Err(records::SaveError::Conflict | records::SaveError::Taken(_)) => {
            return Err(conflict(tx, Some(record), context.language).await?);
        }
    }
    append(tx, context, HistoryAction::Deleted, Some(record), None).await
}

/// The fields that differ; of a record that is new or gone, all that say something.
fn differences(before: Option<&Record>, after: Option<&Record>) -> Vec<FieldChange> {
    let mut changes = whole(before, after);
    if before.is_some() && after.is_some() {
        changes.retain(|change| change.before != change.after);
    }
    changes
}

/// Every field that says something before or after. What is empty and yet says something, such as unlimited days
/// back, is among them; a secret never.
fn whole(before: Option<&Record>, after: Option<&Record>) -> Vec<FieldChange> {
    let Some(row) = after.or(before) else { return Vec::new() };
    let value =
        |record: Option<&Record>, field| record.map_or(Value::Empty, |record| record.value(field).clone());
    row.entity
        .all_fields()
        .filter(|field| !matches!(field.kind, Kind::Secret))
        .map(|field| (field, value(before, field), value(after, field)))
        .filter(|(field, before, after)| {
            !field.empty_word.is_empty() || !before.is_empty() || !after.is_empty()
        })
        .map(|(field, before, after)| FieldChange { field: field.property.to_owned(), before, after })
        .collect()
}

/// A value as it is shown; of several languages all, so that a change of any of them can be seen.
fn whole_text(field: &FieldDef, value: &Value, language: &str) -> String {
    format::shown_in_all_languages(field, value, language).into_owned()
}

/// Refuses what is wrong with a draft, and what is to be asked about unless somebody was.
async fn check(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    draft: &Draft,
    targets: &mut Targets<'_>,
) -> Result<(), ServiceError> {
    let mut issues = rules::check(draft);
    issues.extend(check_references(tx, draft, targets).await?);
    issues.retain(|issue| !context.confirmed || !issue.only_asks());
    if issues.is_empty()
        && let Some(row) = &draft.base
        && let Some(sentence) = last_manager::objection_to(tx, row, Some(draft)).await?
    {
        issues.push(Issue::at(&external_access::ROLE.def, sentence).forbidding());
    }
    if issues.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(issues)) }
}

/// What the references of a draft must satisfy that only the database knows.
async fn check_references(
    tx: &mut Tx,
    draft: &Draft,
    targets: &mut Targets<'_>,
) -> Result<Vec<Issue>, ServiceError> {
    let mut issues = Vec::new();
    for field in draft.entity.all_fields() {
        let Value::Ref(chosen) = draft.value(field) else { continue };
        let touched = draft.is_field_changed(field)
            || field.within.as_ref().is_some_and(|within| draft.is_field_changed(within.same_as));
        let Some(target) = field.target().filter(|_| touched) else { continue };
        let Some(record) = targets.get(tx, target, chosen.id).await? else {
            issues.push(Issue::at(field, format!("{} is not there any more; choose another.", field.label)));
            continue;
        };
        (entities::rules_of(draft.entity).check_reference)(field, &record, &mut issues);
        if let Some(within) = &field.within {
            let limit = limit_of(tx, draft, within, targets).await?;
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
        if field.acyclic
            && let Some(id) = draft.stored_id()
        {
            // Two who move parties at once could close a circle of which each sees one half.
            tx.lock(AdvisoryLock::MovingParties).await?;
            if records::is_below(tx, field, chosen.id, id).await? {
                issues.push(Issue::at(
                    field,
                    format!(
                        "{} belongs to this {} itself; choose another {}.",
                        chosen.shown,
                        target.name.to_lowercase(),
                        field.label.to_lowercase()
                    ),
                ));
            }
        }
    }
    Ok(issues)
}

/// One issue at each field of a value that somebody else has already.
fn taken(draft: &Draft, fields: &[&'static FieldDef]) -> Vec<Issue> {
    match fields {
        [] => vec![Issue::whole("Such a record exists already.")],
        [field] => {
            let value = format::shown(field, draft.value(field), FALLBACK_LANGUAGE);
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

/// Who saved meanwhile, and what differs from what was read: as it stands now that the write was refused, which on
/// PostgreSQL can be later than what the transaction read before.
async fn conflict(
    s: &mut Session,
    base: Option<&Record>,
    language: &str,
) -> Result<ServiceError, ServiceError> {
    let Some(base) = base else { return Ok(ServiceError::NotFound) };
    let now = records::load(s, base.entity, base.id, language).await?;
    Ok(now.map_or(ServiceError::NotFound, |now| conflict_with(base, now, language)))
}

fn conflict_with(base: &Record, now: Record, language: &str) -> ServiceError {
    let fields = now
        .entity
        .all_fields()
        .filter(|field| now.value(field) != base.value(field))
        .map(|field| ConflictField {
            field,
            base: whole_text(field, base.value(field), language),
            theirs: whole_text(field, now.value(field), language),
        })
        .collect();
    // Not from history: a save of a part of this record, such as an external access, is another's history.
    let (login, at) = (now.origin.update_user, now.origin.update_time);
    ServiceError::Conflict(Box::new(Conflict { login, at, fields }))
}

//! The one door through which every change of a record passes, from whichever front.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::entities;
use crate::domain::entities::{external_access, user};
use crate::domain::model::format;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Value, Version};
use crate::domain::rules::{self, Issue};
use crate::service::back_office::records::{limit_of, satisfies};
use crate::service::{Conflict, ConflictField, ServiceError, World, last_manager};
use crate::storage::db::{AdvisoryLock, Session, Tx};
use crate::storage::error::StorageError;
use crate::storage::{accounts, history, records};

/// Who writes, when, and with which new identity.
pub struct WriteContext<'a> {
    /// The moment.
    pub now: Timestamp,
    /// The login.
    pub login: &'a str,
    /// The language of the texts in history.
    pub language: &'a str,
    /// Whether to go on where a write would otherwise only ask.
    pub confirmed: bool,
    /// Where new identities come from.
    pub world: &'a World,
}

impl<'a> WriteContext<'a> {
    /// The stamp of something that this login does now, without being asked about it.
    pub fn new(world: &'a World, login: &'a str, language: &'a str) -> Self {
        Self { now: (world.now)(), login, language, confirmed: true, world }
    }

    fn change(&self, action: HistoryAction, version: Version, fields: Vec<FieldChange>) -> HistoryEntry {
        HistoryEntry { at: self.now, login: self.login.to_owned(), action, version, fields, reason: None }
    }
}

/// What [`write()`] wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The record.
    pub id: RecordId,
    /// Its new version.
    pub version: Version,
}

/// Writes a draft inside the caller's transaction: checks it, writes the record with its history, and settles the
/// account requests that it has answered. A draft that changes nothing leaves no trace.
///
/// # Errors
/// [`ServiceError::Invalid`] at the fields, [`ServiceError::Conflict`] when the record was saved meanwhile.
pub async fn write(tx: &mut Tx, context: &WriteContext<'_>, draft: &Draft) -> Result<Written, ServiceError> {
    write_as(tx, context, draft, (context.world.new_id)()).await
}

/// [`write()`], with the id that the record gets if it is new: an imported one keeps its own.
///
/// # Errors
/// As [`write()`].
pub async fn write_as(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    draft: &Draft,
    new_id: RecordId,
) -> Result<Written, ServiceError> {
    let draft = &on_stored(tx, draft, context.language).await?;
    if let Some(unchanged) = draft.base.as_ref().filter(|_| !draft.is_changed()) {
        return Ok(Written { id: unchanged.id, version: unchanged.version });
    }
    check(tx, context, draft).await?;
    let base = draft.base.as_deref();
    let saved = records::save(tx, draft, context.now, context.login, || new_id).await;
    let saved = match saved {
        Ok(saved) => saved,
        Err(records::SaveError::Moved) => {
            return Err(conflict(tx, base, context.language).await?);
        }
        Err(records::SaveError::Taken(fields)) => return Err(ServiceError::Invalid(taken(draft, &fields))),
        Err(records::SaveError::Storage(error)) => return Err(error.into()),
    };
    let written = Written { id: saved.id, version: saved.version };
    let after =
        records::load(tx, draft.entity, written.id, context.language).await?.ok_or(ServiceError::NotFound)?;
    let action = if base.is_some() { HistoryAction::Changed } else { HistoryAction::Created };
    let fields = differences(base, &after, context.language);
    history::append(tx, after.entity, written.id, &context.change(action, written.version, fields)).await?;
    tell(tx, context, base, Some(&after)).await?;
    settle(tx, context, &after).await?;
    Ok(written)
}

/// Settles the account requests that a record, as it is stored now, has answered.
///
/// # Errors
/// When it cannot be written.
pub async fn settle(tx: &mut Tx, context: &WriteContext<'_>, stored: &Record) -> Result<(), ServiceError> {
    let settled = accounts::settle(tx, stored, context.now, context.login).await?;
    let configured = |version| context.change(HistoryAction::Configured, version, Vec::new());
    let changes: Vec<(RecordId, HistoryEntry)> =
        settled.into_iter().map(|(user, version)| (user, configured(version))).collect();
    let changes = changes.iter().map(|(user, change)| (*user, change));
    Ok(history::append_many(tx, &user::USER, changes).await?)
}

/// The draft on top of what is stored: what may become of a record is judged by that, and not by what a draft says
/// was read.
///
/// # Errors
/// [`ServiceError::Conflict`] when the record was saved meanwhile, [`ServiceError::NotFound`] when it is gone.
pub(super) async fn on_stored(s: &mut Session, draft: &Draft, language: &str) -> Result<Draft, ServiceError> {
    let Some(base) = &draft.base else { return Ok(draft.clone()) };
    let stored = records::load(s, draft.entity, base.id, language).await?;
    let Some(stored) = stored.filter(|stored| stored.version == base.version) else {
        return Err(conflict(s, Some(base), language).await?);
    };
    let mut judged = Draft::of(Arc::new(stored));
    for field in draft.entity.all_fields().filter(|field| draft.is_field_changed(field)) {
        judged.set(field, draft.value(field).clone());
    }
    Ok(judged)
}

/// Refuses what is wrong with a draft, and what is to be asked about unless somebody was.
async fn check(tx: &mut Tx, context: &WriteContext<'_>, draft: &Draft) -> Result<(), ServiceError> {
    let mut issues = rules::check(draft);
    issues.extend(check_references(tx, draft, context.language).await?);
    issues.retain(|issue| !context.confirmed || !issue.only_asks());
    if issues.is_empty()
        && let Some(row) = &draft.base
        && let Some(sentence) = last_manager::objection_to(tx, row, Some(draft)).await?
    {
        issues.push(Issue::at(&external_access::ROLE.def, sentence).forbidding());
    }
    if issues.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(issues)) }
}

/// Says in the history of the records that a row belongs to what has become of it: it may be gone when somebody
/// asks.
async fn tell(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    before: Option<&Record>,
    after: Option<&Record>,
) -> Result<(), ServiceError> {
    let Some(row) = after.or(before) else { return Ok(()) };
    let today = TimeZone::UTC.to_datetime(context.now).date();
    for field in row.entity.also_in_history_of {
        let (Some(entity), Value::Ref(told)) = (field.target(), row.value(field)) else { continue };
        let Some(told) = records::load(tx, entity, told.id, context.language).await? else { continue };
        let line = |row| format::line_seen_from(field, row, context.language, today);
        let fields = vec![FieldChange {
            property: row.entity.set.to_owned(),
            old: before.map(line).unwrap_or_default(),
            new: after.map(line).unwrap_or_default(),
        }];
        let change = context.change(HistoryAction::Changed, told.version, fields);
        history::append(tx, told.entity, told.id, &change).await?;
    }
    Ok(())
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
    let record = records::load(tx, entity, id, context.language).await?;
    let version = record.as_ref().map_or(0, |record| record.version);
    let change = HistoryEntry { reason: Some(why.to_owned()), ..context.change(action, version, Vec::new()) };
    // A party's history stands under what it really is.
    let entity = record.map_or(entity, |record| record.entity);
    Ok(history::append(tx, entity, id, &change).await?)
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
        Err(records::SaveError::Moved | records::SaveError::Taken(_)) => {
            return Err(conflict(tx, Some(record), context.language).await?);
        }
    }
    let change = context.change(HistoryAction::Deleted, record.version, Vec::new());
    history::append(tx, record.entity, record.id, &change).await?;
    tell(tx, context, Some(record), None).await
}

/// The fields that differ, each with its old and new text as shown.
fn differences(before: Option<&Record>, after: &Record, language: &str) -> Vec<FieldChange> {
    // What is empty and yet says something, such as unlimited days back, is told of a new record too.
    let differs = |field: &&FieldDef| match before {
        Some(before) => before.value(field) != after.value(field),
        None => !field.empty_word.is_empty() || !after.value(field).is_empty(),
    };
    let fields = after.entity.all_fields();
    fields
        .filter(differs)
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
        value => format::shown(field, value, language).into_owned(),
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
        (entities::rules_of(draft.entity).check_reference)(field, &record, &mut issues);
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
        if field.acyclic
            && let Some(id) = draft.id()
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
    let Some(now) = records::load(s, base.entity, base.id, language).await? else {
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

//! Whether what an operation wrote is still stored as it wrote it: only then it can be undone (`docs/promises.md`, 34).

use std::collections::BTreeMap;

use crate::domain::account_request::Request;
use crate::domain::model::format;
use crate::domain::model::history::{FieldChange, HistoryAction, HistorySeq, NumberedEntry, beside};
use crate::domain::model::record::{Fields, Origin, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Value};
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::service::write::Kept;
use crate::storage::db::Session;
use crate::storage::{accounts, history, records};

/// The most later entries of a record among which the one is sought that has changed a field.
const MOST_LATER: usize = 1000;

/// What the entries of an operation about one record have left.
struct Left<'a> {
    entity: &'static EntityDef,
    record: RecordId,
    /// Whether the record is there.
    exists: bool,
    /// The values of its fields, and of what it has beside them, as far as an entry says them.
    values: BTreeMap<&'a str, &'a Value>,
    /// The last decision on the account request of the user.
    decision: Option<&'a [FieldChange]>,
    /// The last of the entries.
    last: HistorySeq,
}

/// Refuses to undo entries when a record is not as they have left it, in one sentence that says which field of which
/// record has moved on, who moved it, and when.
///
/// # Errors
/// [`ServiceError::Invalid`] with that sentence.
pub(super) async fn check(
    s: &mut Session,
    entries: &[NumberedEntry],
    language: &str,
) -> Result<(), ServiceError> {
    for left in left_by(entries).into_values() {
        let stored = records::load(s, left.entity, left.record, language).await?;
        let moved = match (&stored, left.exists) {
            (None, false) => None,
            (None, true) | (Some(_), false) => Some(None),
            (Some(stored), true) => left.moved_field(s, stored).await?.map(Some),
        };
        if let Some(field) = moved {
            let sentence = left.sentence(s, stored.as_ref(), field, language).await?;
            return Err(ServiceError::Invalid(vec![Issue::whole(sentence)]));
        }
    }
    Ok(())
}

/// What entries, in the order of writing, have left of each record, in the order in which the records come first.
fn left_by(entries: &[NumberedEntry]) -> BTreeMap<(&'static str, RecordId), Left<'_>> {
    let mut all: BTreeMap<(&'static str, RecordId), Left<'_>> = BTreeMap::new();
    for NumberedEntry { seq, entry } in entries {
        let left = all.entry((entry.entity.set, entry.record)).or_insert_with(|| Left {
            entity: entry.entity,
            record: entry.record,
            exists: true,
            values: BTreeMap::new(),
            decision: None,
            last: *seq,
        });
        left.last = *seq;
        match entry.action {
            HistoryAction::Created => {
                left.exists = true;
                left.values = entered(entry.entity, &entry.fields);
            }
            HistoryAction::Deleted => {
                left.exists = false;
                left.values.clear();
                left.decision = None;
            }
            HistoryAction::Configured
            | HistoryAction::Rejected
            | HistoryAction::Reopened
            | HistoryAction::Waiting => {
                left.decision = Some(&entry.fields);
            }
            _ => left.values.extend(entry.fields.iter().map(|change| (change.field.as_str(), &change.after))),
        }
    }
    all
}

/// The values of all fields of a new record that somebody enters; what the program computes follows from them, and what
/// it counts, such as failed sign-ins, moves by itself.
fn entered<'a>(entity: &'static EntityDef, fields: &'a [FieldChange]) -> BTreeMap<&'a str, &'a Value> {
    let entered = entity.all_fields().filter(|field| !field.read_only);
    let value = |name: &str| {
        fields.iter().find(|change| change.field == name).map_or(&Value::Empty, |change| &change.after)
    };
    entered.map(|field| (field.property, value(field.property))).collect()
}

impl Left<'_> {
    /// The name of the first field that has another value now; `None` when none has.
    async fn moved_field(&self, s: &mut Session, stored: &Record) -> Result<Option<String>, ServiceError> {
        for (name, value) in &self.values {
            let is_same = match stored.entity.field(name) {
                Some(field) => stored.value(field) == *value,
                None => of_origin(&stored.origin, name).is_none_or(|stored| stored == **value),
            };
            if !is_same {
                return Ok(Some((*name).to_owned()));
            }
        }
        let Some(decision) = self.decision else { return Ok(None) };
        let request = accounts::last_of(s, self.record).await?;
        let is_same = request.is_some_and(|request| is_decided_so(&request, decision));
        Ok((!is_same).then(|| beside::REQUEST_STATE.to_owned()))
    }

    /// The sentence about a field that has moved on; without a field, about the record, which is there or not there
    /// against what the operation has left.
    async fn sentence(
        &self,
        s: &mut Session,
        stored: Option<&Record>,
        field: Option<String>,
        language: &str,
    ) -> Result<String, ServiceError> {
        let entity = stored.map_or(self.entity, |stored| stored.entity);
        let newer = history::newer_of_record(s, entity, self.record, self.last, MOST_LATER).await?;
        let mover = newer.iter().rev().map(|newer| &newer.entry).find(|entry| match (&field, entry.action) {
            (Some(field), _) => entry.fields.iter().any(|change| change.field == *field),
            (None, action) => matches!(action, HistoryAction::Created | HistoryAction::Deleted),
        });
        let origin = stored.map(|stored| &stored.origin);
        let who = mover
            .map(|entry| entry.who.clone())
            .or_else(|| origin.and_then(|origin| origin.update_user.clone()))
            .unwrap_or_else(|| "somebody".to_owned());
        let at = mover.map(|entry| entry.at).or_else(|| origin.and_then(|origin| origin.update_time));
        let on = at.map(|at| format!(" on {}", format::shown_instant(at))).unwrap_or_default();
        let shown = stored.map(|stored| format::line(entity, |field| stored.value(field), language));
        let shown = shown.unwrap_or_else(|| shown_of(self, language));
        let name = entity.name;
        Ok(match (field, stored) {
            (Some(field), _) => {
                let label = entity.field(&field).map_or_else(|| label_of(&field), |field| field.label);
                format!("{label} of {name} “{shown}” was changed since by {who}{on}; nothing was undone.")
            }
            (None, Some(_)) => {
                format!("{name} “{shown}” was brought back since by {who}{on}; nothing was undone.")
            }
            (None, None) => format!("{name} “{shown}” was removed since by {who}{on}; nothing was undone."),
        })
    }
}

/// The text of a record that is not there any more, from what its entries say of it.
fn shown_of(left: &Left<'_>, language: &str) -> String {
    let value = |field: &FieldDef| left.values.get(field.property).copied().unwrap_or(&Value::Empty);
    let shown = format::line(left.entity, value, language);
    if shown.trim().is_empty() { left.record.to_string() } else { shown }
}

fn label_of(name: &str) -> &'static str {
    match name {
        beside::REQUEST_STATE => "The account request",
        beside::EXTRA => "What no field holds",
        _ => beside::label(name).unwrap_or("A field"),
    }
}

/// The value of a part of an origin; `None` for what is no part of it that changes.
fn of_origin(origin: &Origin, name: &str) -> Option<Value> {
    let text = |text: &Option<String>| text.as_deref().map_or(Value::Empty, Value::text);
    match name {
        beside::EXTERNAL_ID => Some(text(&origin.external_id)),
        beside::EXTERNAL_SYSTEM => Some(text(&origin.external_system)),
        beside::EXTRA => Some(text(&origin.extra)),
        _ => None,
    }
}

/// Whether a request is as a decision has left it; one of an older version does not say how.
fn is_decided_so(request: &Request, decision: &[FieldChange]) -> bool {
    Kept::after(decision).decided(request).is_none_or(|decided| decided == *request)
}

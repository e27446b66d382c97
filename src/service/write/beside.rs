//! What history keeps of a record beside its fields ([`beside`]), so that an undo can bring it back.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::account_request::{Request, RequestState, Source};
use crate::domain::model::history::{FieldChange, beside};
use crate::domain::model::record::Origin;
use crate::domain::model::value::{RecordId, Value};
use crate::storage::records::Advanced;

/// The value before in the entry of a deletion.
fn deleted(name: &str, value: Value) -> FieldChange {
    FieldChange { field: name.to_owned(), before: value, after: Value::Empty }
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Empty, Value::text)
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Empty, |at| Value::Instant(at.into()))
}

/// The parts of an origin that an import writes.
fn imported(origin: &Origin) -> [(&'static str, Value); 3] {
    [
        (beside::EXTERNAL_ID, text(origin.external_id.as_deref())),
        (beside::EXTERNAL_SYSTEM, text(origin.external_system.as_deref())),
        (beside::EXTRA, text(origin.extra.as_deref())),
    ]
}

/// What the entry of a deletion keeps of the record's origin.
pub(super) fn of_deleted(origin: &Origin) -> Vec<FieldChange> {
    let created = [
        (beside::CREATION_TIME, time(origin.creation_time)),
        (beside::CREATION_USER, text(origin.creation_user.as_deref())),
    ];
    let kept = imported(origin).into_iter().chain(created);
    kept.filter(|(_, value)| !value.is_empty()).map(|(name, value)| deleted(name, value)).collect()
}

/// What the entry of an import keeps of a change of the record's origin.
pub(super) fn of_changed(before: &Origin, after: &Origin) -> Vec<FieldChange> {
    let pairs = imported(before).into_iter().zip(imported(after));
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((name, before), (_, after))| FieldChange { field: name.to_owned(), before, after })
        .collect()
}

/// What the entry of a save keeps of the series of numbers that it advanced.
pub(super) fn of_advanced(advanced: &[Advanced]) -> Vec<FieldChange> {
    let change = |advanced: &Advanced| FieldChange {
        field: beside::LAST_NUMBER.to_owned(),
        before: Value::Int(advanced.before),
        after: Value::Int(advanced.after),
    };
    advanced.iter().map(change).collect()
}

/// What the entry of a decision keeps of the request before and after it.
pub(in crate::service) fn of_decision(before: &Request, after: &Request) -> Vec<FieldChange> {
    let parts = |request: &Request| {
        [
            (beside::REQUEST_STATE, Value::text(request.state.code())),
            (beside::REQUEST_DECIDED_AT, time(request.decided_at)),
            (beside::REQUEST_DECIDED_BY, text(request.decided_by.as_deref())),
            (beside::REQUEST_REASON, text(request.reason.as_deref())),
            (beside::REQUEST_WAITING_UNTIL, request.waiting_until.map_or(Value::Empty, Value::Date)),
        ]
    };
    let pairs = parts(before).into_iter().zip(parts(after));
    pairs.map(|((name, before), (_, after))| FieldChange { field: name.to_owned(), before, after }).collect()
}

/// [`of_decision`] of an open request that `login` has configured.
pub(super) fn of_configured(before: &Request, now: Timestamp, login: &str) -> Vec<FieldChange> {
    let configured = Request {
        state: RequestState::Configured,
        decided_at: Some(now),
        decided_by: Some(login.to_owned()),
        reason: None,
        waiting_until: None,
        ..before.clone()
    };
    of_decision(before, &configured)
}

/// The account request of a deleted user as its entry keeps it.
#[derive(Serialize, Deserialize)]
struct KeptRequest {
    id: Uuid,
    submitted_at: Timestamp,
    source: String,
    state: String,
    decided_at: Option<Timestamp>,
    decided_by: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    waiting_until: Option<Date>,
}

/// What the entry of a user's deletion keeps of the account requests that are deleted with the user, and that `not_kept`
/// is deleted, too.
pub(super) fn of_deleted_user(requests: &[Request], not_kept: Option<&str>) -> Vec<FieldChange> {
    let kept: Vec<KeptRequest> = requests.iter().map(KeptRequest::of).collect();
    let requests = serde_json::to_string(&kept).ok().filter(|_| !kept.is_empty());
    let requests = requests.map(|requests| deleted(beside::REQUESTS, Value::text(requests)));
    let not_kept = not_kept.map(|what| deleted(beside::NOT_KEPT, Value::text(what)));
    requests.into_iter().chain(not_kept).collect()
}

impl KeptRequest {
    fn of(request: &Request) -> Self {
        Self {
            id: request.id.0,
            submitted_at: request.submitted_at,
            source: request.source.code().to_owned(),
            state: request.state.code().to_owned(),
            decided_at: request.decided_at,
            decided_by: request.decided_by.clone(),
            reason: request.reason.clone(),
            waiting_until: request.waiting_until,
        }
    }

    fn into_request(self, user: RecordId) -> Option<Request> {
        Some(Request {
            id: RecordId(self.id),
            user,
            submitted_at: self.submitted_at,
            source: Source::from_code(&self.source)?,
            state: RequestState::from_code(&self.state)?,
            decided_at: self.decided_at,
            decided_by: self.decided_by,
            reason: self.reason,
            waiting_until: self.waiting_until,
        })
    }
}

/// The values of an entry before or after its action, by the names of [`beside`].
pub(in crate::service) struct Kept<'a> {
    fields: &'a [FieldChange],
    side: fn(&FieldChange) -> &Value,
}

impl<'a> Kept<'a> {
    /// The values before the action.
    pub(in crate::service) fn before(fields: &'a [FieldChange]) -> Self {
        Self { fields, side: |change| &change.before }
    }

    /// The values after the action.
    pub(in crate::service) fn after(fields: &'a [FieldChange]) -> Self {
        Self { fields, side: |change| &change.after }
    }

    /// The value of this name; `None` when the entry does not have it.
    pub(in crate::service) fn value(&self, name: &str) -> Option<&'a Value> {
        self.fields.iter().find(|change| change.field == name).map(self.side)
    }

    fn text(&self, name: &str) -> Option<String> {
        match self.value(name) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        match self.value(name) {
            Some(Value::Instant(at)) => at.timestamp(),
            _ => None,
        }
    }

    /// The origin of a record that was deleted.
    pub(in crate::service) fn origin(&self) -> Origin {
        let created = Origin {
            creation_time: self.time(beside::CREATION_TIME),
            creation_user: self.text(beside::CREATION_USER),
            ..Origin::default()
        };
        self.origin_over(&created)
    }

    /// The origin of a record with the values that the entry has.
    pub(in crate::service) fn origin_over(&self, origin: &Origin) -> Origin {
        let value = |name, stored: &Option<String>| match self.value(name) {
            Some(_) => self.text(name),
            None => stored.clone(),
        };
        Origin {
            external_id: value(beside::EXTERNAL_ID, &origin.external_id),
            external_system: value(beside::EXTERNAL_SYSTEM, &origin.external_system),
            extra: value(beside::EXTRA, &origin.extra),
            ..origin.clone()
        }
    }

    /// The account requests of a user who was deleted.
    pub(in crate::service) fn requests(&self, user: RecordId) -> Vec<Request> {
        let kept = self.text(beside::REQUESTS);
        let kept: Vec<KeptRequest> =
            kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default();
        kept.into_iter().filter_map(|request| request.into_request(user)).collect()
    }

    /// What was deleted with a user and is not kept, such as a password.
    pub(in crate::service) fn not_kept(&self) -> Option<String> {
        self.text(beside::NOT_KEPT)
    }

    /// A request with the state, the time, the login and the reason of this side of its decision; `None` when the entry
    /// does not have them, because an older version wrote it.
    pub(in crate::service) fn decided(&self, request: &Request) -> Option<Request> {
        Some(Request {
            state: RequestState::from_code(&self.text(beside::REQUEST_STATE)?)?,
            decided_at: self.time(beside::REQUEST_DECIDED_AT),
            decided_by: self.text(beside::REQUEST_DECIDED_BY),
            reason: self.text(beside::REQUEST_REASON),
            waiting_until: match self.value(beside::REQUEST_WAITING_UNTIL) {
                Some(Value::Date(until)) => Some(*until),
                _ => None,
            },
            ..request.clone()
        })
    }
}

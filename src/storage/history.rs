//! Who did what to a record, when and why. Entries are only ever added: triggers on both engines refuse the
//! rest.
//!
//! Each changed field is stored with its values as JSON, `{"field": "CreditLimit", "after": {"amount": "1250.00"}}`,
//! alike on both engines. Entries that were written before operations were kept have texts instead, as they were
//! shown then, and are read as texts.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::db::{Bind, Engine, Row, Session, Tx, instant, micros};
use super::error::StorageError;
use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::history::{
    FieldChange, HistoryAction, HistoryEntry, HistoryPage, HistorySeq, OperationId, Part,
};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{RecordId, Reference, Value};

/// A changed field as it is stored; an empty value is left out.
#[derive(Serialize)]
struct StoredChange<'a> {
    field: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<StoredValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<StoredValue>,
}

/// A changed field in either form.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReadChange {
    Values {
        field: String,
        #[serde(default)]
        before: Option<StoredValue>,
        #[serde(default)]
        after: Option<StoredValue>,
    },
    Texts {
        property: String,
        #[serde(default)]
        old: String,
        #[serde(default)]
        new: String,
    },
}

/// A value with its kind.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredValue {
    Bool(bool),
    Int(i64),
    /// A decimal, with both its places.
    Amount(String),
    Text(String),
    Multi(BTreeMap<String, String>),
    Date(Date),
    /// Microseconds since 1970 UTC.
    Instant(i64),
    /// The database code of a choice.
    Code(String),
    Ref {
        id: Uuid,
        /// How the record was shown to whoever wrote the entry: it may be gone by now.
        shown: String,
    },
}

impl StoredValue {
    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Empty => return None,
            Value::Bool(yes) => Self::Bool(*yes),
            Value::Int(number) => Self::Int(*number),
            Value::Amount(amount) => Self::Amount(format!("{amount:.2}")),
            Value::Text(text) => Self::Text(text.clone()),
            Value::Multi(texts) => Self::Multi(
                texts.iter().map(|(language, text)| (language.to_owned(), text.to_owned())).collect(),
            ),
            Value::Date(date) => Self::Date(*date),
            Value::Instant(moment) => Self::Instant(micros(*moment)),
            Value::Code(code) => Self::Code((*code).to_owned()),
            Value::Ref(Reference { id, shown }) => Self::Ref { id: id.0, shown: shown.clone() },
        })
    }

    /// The value of a field; a choice that the field does not offer any more is read as the text of its code.
    fn into_value(self, field: Option<&FieldDef>) -> Result<Value, StorageError> {
        Ok(match self {
            Self::Bool(yes) => Value::Bool(yes),
            Self::Int(number) => Value::Int(number),
            Self::Amount(amount) => Value::Amount(amount.parse().map_err(|_| unknown())?),
            Self::Text(text) => Value::text(text),
            Self::Multi(texts) => Value::multi(texts.into_iter().collect()),
            Self::Date(date) => Value::Date(date),
            Self::Instant(stored) => Value::Instant(instant(stored)?),
            Self::Code(code) => match field.and_then(|field| format::choice(field, &code)) {
                Some(choice) => Value::Code(choice.code),
                None => Value::text(code),
            },
            Self::Ref { id, shown } => Value::Ref(Reference { id: RecordId(id), shown }),
        })
    }
}

fn unknown() -> StorageError {
    StorageError::Other("the history of a record holds something unknown".to_owned())
}

/// Adds entries, in the transaction that makes the changes they tell of.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub async fn append<'a>(
    tx: &mut Tx,
    entries: impl IntoIterator<Item = &'a HistoryEntry>,
) -> Result<(), StorageError> {
    let rows = entries.into_iter().map(binds).collect::<Result<Vec<_>, _>>()?;
    tx.insert(
        "INSERT INTO history
             (record_id, at, version, action, entity_set, login, changes, reason, operation, part_set, part_id)",
        11,
        rows,
    )
    .await?;
    Ok(())
}

fn binds(entry: &HistoryEntry) -> Result<Vec<Bind>, StorageError> {
    let of = entry.part.map_or(entry.entity, |part| part.entity);
    let is_secret = |change: &FieldChange| {
        of.field(&change.field).is_some_and(|field| matches!(field.kind, Kind::Secret))
    };
    let changes: Vec<StoredChange<'_>> = entry
        .fields
        .iter()
        .filter(|change| !is_secret(change))
        .map(|change| StoredChange {
            field: &change.field,
            before: StoredValue::of(&change.before),
            after: StoredValue::of(&change.after),
        })
        .collect();
    let changes = serde_json::to_string(&changes).map_err(|error| StorageError::Other(error.to_string()))?;
    Ok(vec![
        entry.record.into(),
        entry.at.into(),
        entry.version.into(),
        entry.action.as_str().into(),
        entry.entity.set.into(),
        entry.who.as_str().into(),
        changes.into(),
        entry.reason.as_deref().into(),
        entry.operation.map(|operation| operation.0).into(),
        entry.part.map(|part| part.entity.set).into(),
        entry.part.map(|part| part.record).into(),
    ])
}

/// The history of a record, the newest entry first: at most `limit` entries, of those written before the entry of the
/// number `before` where one is named.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn of_record(
    s: &mut Session,
    entity: &EntityDef,
    record: RecordId,
    before: Option<HistorySeq>,
    limit: usize,
) -> Result<HistoryPage, StorageError> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = s
        .fetch_all(
            "SELECT seq, operation, at, login, action, entity_set, record_id, version, part_set, part_id, changes, reason
               FROM history
              WHERE record_id = $1 AND entity_set = $2 AND seq < $3
              ORDER BY seq DESC
              LIMIT $4",
            vec![record.into(), entity.set.into(), before.unwrap_or(i64::MAX).into(), one_more.into()],
        )
        .await?;
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().map(|row| row.int(0)).transpose()?;
    let entries = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(HistoryPage { entries, more_before: last.filter(|_| is_more) })
}

/// Everything that one operation wrote, in the order in which it did.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn of_operation(
    s: &mut Session,
    operation: OperationId,
) -> Result<Vec<HistoryEntry>, StorageError> {
    let rows = s
        .fetch_all(
            "SELECT seq, operation, at, login, action, entity_set, record_id, version, part_set, part_id, changes, reason
               FROM history
              WHERE operation = $1
              ORDER BY seq",
            vec![operation.0.into()],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Whether an operation was written, once nobody is writing it any more: a transaction whose `COMMIT` is under way is
/// waited for.
///
/// # Errors
/// [`StorageError::Busy`] when it does not finish in time.
pub async fn is_written(tx: &mut Tx, operation: OperationId) -> Result<bool, StorageError> {
    if tx.engine() == Engine::Postgres {
        // The lock that the trigger of step 8 holds.
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))";
        tx.execute(lock, vec![operation.0.into()]).await?;
    }
    let sql = "SELECT seq FROM history WHERE operation = $1 LIMIT 1";
    Ok(tx.fetch_optional(sql, vec![operation.0.into()]).await?.is_some())
}

fn read(row: &Row) -> Result<HistoryEntry, StorageError> {
    let entity_of = |set: &str| entities::by_api_name(set).ok_or_else(unknown);
    let entity = entity_of(&row.text(5)?)?;
    let changes: Vec<ReadChange> = serde_json::from_str(&row.text(10)?).map_err(|_| unknown())?;
    let part = match (row.opt_text(8)?, row.opt_id(9)?) {
        (Some(set), Some(record)) => Some(Part { entity: entity_of(&set)?, record }),
        _ => changes.first().and_then(|change| older_part(entity, change)),
    };
    let of = part.map_or(entity, |part| part.entity);
    Ok(HistoryEntry {
        operation: row.opt_id(1)?.map(|id| OperationId(id.0)),
        at: instant(row.int(2)?)?,
        who: row.text(3)?,
        action: HistoryAction::from_word(&row.text(4)?).ok_or_else(unknown)?,
        entity,
        record: row.id(6)?,
        version: row.int(7)?,
        part,
        fields: changes.into_iter().map(|change| read_change(of, change)).collect::<Result<_, _>>()?,
        reason: row.opt_text(11)?,
    })
}

/// Whose change it is, where an older entry names an entity instead of a field; of which record is not known.
fn older_part(entity: &EntityDef, change: &ReadChange) -> Option<Part> {
    match change {
        ReadChange::Texts { property, .. } if entity.field(property).is_none() => {
            entities::by_api_name(property).map(|entity| Part { entity, record: RecordId::NIL })
        }
        _ => None,
    }
}

fn read_change(of: &EntityDef, change: ReadChange) -> Result<FieldChange, StorageError> {
    Ok(match change {
        ReadChange::Values { field, before, after } => {
            let def = of.field(&field);
            let value = |stored: Option<StoredValue>| {
                stored.map_or(Ok(Value::Empty), |stored| stored.into_value(def))
            };
            FieldChange { before: value(before)?, after: value(after)?, field }
        }
        ReadChange::Texts { property, old, new } => {
            FieldChange { field: property, before: Value::text(old), after: Value::text(new) }
        }
    })
}

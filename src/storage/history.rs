//! The history of records: who did what, when and why (`docs/domain.md`, History). Entries are only added; triggers on
//! both engines refuse to change or delete one (`docs/promises.md`, 9).
//!
//! An entry stores its changed fields as a JSON array on both engines, with typed values:
//! `[{"field": "CreditLimit", "after": {"amount": "1250.00"}}]`. Entries written before schema step 8, which introduced
//! operations, store the texts that were shown at the time instead:
//! `[{"property": "CreditLimit", "old": "", "new": "1,250.00"}]`. Their values are read as texts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::db::{Bind, Engine, Row, Session, Sql, Tx, instant, instant_of_field};
use super::error::StorageError;
use super::statement::literal;
use crate::domain::account_request::Note;
use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::history::{
    FieldChange, HistoryAction, HistoryEntry, HistoryPage, HistorySeq, NumberedEntry, OperationId, Part,
};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{RecordId, Reference, Value};

/// A changed field as it is written; an empty value is left out.
#[derive(Serialize)]
struct StoredChange<'a> {
    field: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<StoredValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<StoredValue>,
}

/// A changed field as it is read.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReadChange {
    /// The form since schema step 8: typed values.
    Values {
        field: String,
        #[serde(default)]
        before: Option<StoredValue>,
        #[serde(default)]
        after: Option<StoredValue>,
    },
    /// The form before schema step 8: the texts that were shown.
    Texts {
        property: String,
        #[serde(default)]
        old: String,
        #[serde(default)]
        new: String,
    },
}

/// A stored value, tagged with its kind.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredValue {
    Bool(bool),
    Int(i64),
    /// A decimal number with two decimal places: `1250.00`.
    Amount(String),
    Text(String),
    /// The texts by language.
    Multi(BTreeMap<String, String>),
    Date(Date),
    /// Microseconds since 1970 UTC.
    Instant(i64),
    /// The database code of an enumeration's value.
    Code(String),
    Ref {
        id: Uuid,
        /// The text with which the record was shown when the entry was written; the record may be deleted since.
        shown: String,
    },
}

impl StoredValue {
    /// `None` for an empty value.
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
            Value::Instant(moment) => Self::Instant(moment.as_microsecond()),
            Value::Code(code) => Self::Code((*code).to_owned()),
            Value::Ref(Reference { id, shown }) => Self::Ref { id: id.0, shown: shown.clone() },
        })
    }

    /// The value of the field, which is `None` when the entity has it no longer. A code that the field's enumeration no
    /// longer contains becomes a text.
    fn into_value(self, field: Option<&FieldDef>) -> Result<Value, StorageError> {
        Ok(match self {
            Self::Bool(yes) => Value::Bool(yes),
            Self::Int(number) => Value::Int(number),
            Self::Amount(amount) => Value::Amount(amount.parse().map_err(|_| unknown())?),
            Self::Text(text) => Value::text(text),
            Self::Multi(texts) => Value::multi(texts.into_iter().collect()),
            Self::Date(date) => Value::Date(date),
            Self::Instant(stored) => Value::Instant(instant_of_field(stored)?),
            Self::Code(code) => match field.and_then(|field| format::choice(field, &code)) {
                Some(choice) => Value::Code(choice.code),
                None => Value::text(code),
            },
            Self::Ref { id, shown } => Value::Ref(Reference { id: RecordId(id), shown }),
        })
    }
}

/// The error for a stored entry that this program cannot read.
fn unknown() -> StorageError {
    StorageError::Other("the history of a record holds something unknown".to_owned())
}

/// Inserts entries, in the transaction that writes the changes themselves. The values of secrets are left out.
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

/// Reads one page of the history of a record, newest entry first: at most `limit` entries. With `before`, only entries
/// with a smaller number are read, which continues the page whose [`HistoryPage::more_before`] that number is.
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
    let fetched = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = s
        .fetch_all(
            "SELECT seq, operation, at, login, action, entity_set, record_id, version, part_set, part_id, changes, reason
               FROM history
              WHERE record_id = $1 AND entity_set = $2 AND seq < $3
              ORDER BY seq DESC
              LIMIT $4",
            vec![record.into(), entity.set.into(), before.unwrap_or(i64::MAX).into(), fetched.into()],
        )
        .await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().map(|row| row.int(0)).transpose()?;
    let entries = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(HistoryPage { entries, more_before: last.filter(|_| has_more) })
}

/// A position between the entries of [`of_parts`], which are in the order of their times and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPosition(Timestamp, HistorySeq);

impl HistoryPosition {
    /// The position before the first entry of this time.
    pub fn since(at: Timestamp) -> Self {
        Self(at, 0)
    }
}

/// Reads at most `limit` entries about parts, from a position on: the entries that changes of records of `part` made in
/// the histories of the records of `entity` that they belong to, each with all fields of the part before and after. Of
/// which records of `entity` is said by an id: that of the record, or of the record to which it refers by this field;
/// `None` stands for all. Returns the position behind the last entry, if there are more.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn of_parts(
    s: &mut Session,
    entity: &'static EntityDef,
    part: &'static EntityDef,
    of: Option<(Option<&'static FieldDef>, RecordId)>,
    HistoryPosition(at, seq): HistoryPosition,
    limit: usize,
) -> Result<(Vec<HistoryEntry>, Option<HistoryPosition>), StorageError> {
    let fetched = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut binds = vec![at.into(), seq.into(), fetched.into()];
    let is_of = match of {
        None => String::new(),
        Some((field, id)) => {
            binds.push(id.into());
            field.map_or_else(
                || " AND record_id = $4".to_owned(),
                |field| {
                    format!(" AND record_id IN (SELECT id FROM {} WHERE {} = $4)", entity.table, field.column)
                },
            )
        }
    };
    // Literals, as in the partial index `history_accesses`.
    let sql = format!(
        "SELECT seq, operation, at, login, action, entity_set, record_id, version, part_set, part_id, changes, reason
           FROM history
          WHERE entity_set = {} AND part_set = {} AND (at, seq) > ($1, $2){is_of}
          ORDER BY at, seq
          LIMIT $3",
        literal(entity.set),
        literal(part.set)
    );
    let mut rows = s.fetch_all(Sql::built(sql), binds).await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = match rows.last().filter(|_| has_more) {
        Some(row) => Some(HistoryPosition(instant(row.int(2)?)?, row.int(0)?)),
        None => None,
    };
    Ok((rows.iter().map(read).collect::<Result<_, _>>()?, last))
}

/// Reads the newest notes about the request of a user, at most `limit`, the newest first.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn notes_of(s: &mut Session, user: RecordId, limit: usize) -> Result<Vec<Note>, StorageError> {
    // The action is a literal, as in the partial index `history_notes`.
    let sql = format!(
        "SELECT at, login, coalesce(reason, '') FROM history WHERE record_id = $1 AND action = {}
          ORDER BY seq DESC LIMIT $2",
        literal(HistoryAction::Noted.as_str())
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = s.fetch_all(Sql::built(sql), vec![user.into(), limit.into()]).await?;
    rows.iter()
        .map(|row| Ok(Note { at: instant(row.int(0)?)?, login: row.text(1)?, text: row.text(2)? }))
        .collect()
}

/// Reads every entry that one operation wrote, in the order of writing.
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

/// Reads entries of an operation in the order of writing: at most `limit`, those after the entry `after`.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn page_of_operation(
    s: &mut Session,
    operation: OperationId,
    after: HistorySeq,
    limit: usize,
) -> Result<Vec<NumberedEntry>, StorageError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = s
        .fetch_all(
            "SELECT seq, operation, at, login, action, entity_set, record_id, version, part_set, part_id, changes, reason
               FROM history
              WHERE operation = $1 AND seq > $2
              ORDER BY seq
              LIMIT $3",
            vec![operation.0.into(), after.into(), limit.into()],
        )
        .await?;
    rows.iter().map(numbered).collect()
}

/// Reads the entries of a record that are newer than the entry `after` and belong to the record itself, oldest first: at
/// most `limit`.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn newer_of_record(
    s: &mut Session,
    entity: &EntityDef,
    record: RecordId,
    after: HistorySeq,
    limit: usize,
) -> Result<Vec<NumberedEntry>, StorageError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = s
        .fetch_all(
            "SELECT seq, operation, at, login, action, entity_set, record_id, version, part_set, part_id, changes, reason
               FROM history
              WHERE record_id = $1 AND entity_set = $2 AND seq > $3 AND part_id IS NULL
              ORDER BY seq
              LIMIT $4",
            vec![record.into(), entity.set.into(), after.into(), limit.into()],
        )
        .await?;
    rows.iter().map(numbered).collect()
}

fn numbered(row: &Row) -> Result<NumberedEntry, StorageError> {
    Ok(NumberedEntry { seq: row.int(0)?, entry: read(row)? })
}

/// Whether an operation was committed. When its transaction is still open, for example because its `COMMIT` is being
/// carried out after the connection was lost, the call first waits until that transaction ends.
///
/// # Errors
/// [`StorageError::Busy`] when that transaction does not end within the lock time-out.
pub async fn is_written(tx: &mut Tx, operation: OperationId) -> Result<bool, StorageError> {
    if tx.engine() == Engine::Postgres {
        // A trigger on the table (`migrations/postgres/0008_operations.sql`) takes this lock in the writing
        // transaction.
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
        _ => changes.first().and_then(|change| part_of_older_entry(entity, change)),
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

/// The part to which the changes of an entry from before schema step 8 belong, with the nil id, because such an entry
/// does not store which record it was. Such an entry names the part's entity in place of a field; `None` when it names
/// a field of the entry's own record.
fn part_of_older_entry(entity: &EntityDef, change: &ReadChange) -> Option<Part> {
    match change {
        ReadChange::Texts { property, .. } if entity.field(property).is_none() => {
            entities::by_api_name(property).map(|entity| Part { entity, record: RecordId::NIL })
        }
        _ => None,
    }
}

/// A stored change of a field of `entity`.
fn read_change(entity: &EntityDef, change: ReadChange) -> Result<FieldChange, StorageError> {
    Ok(match change {
        ReadChange::Values { field, before, after } => {
            let def = entity.field(&field);
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

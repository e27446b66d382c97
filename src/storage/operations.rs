//! Operations: what one action of a user wrote, with its purpose (`docs/domain.md`, History). The rows are only added;
//! triggers on both engines refuse to change or delete one (`docs/promises.md`, 9).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::db::{Row, Session, Sql, Tx, instant};
use super::error::StorageError;
use super::records::MAX_IDS;
use super::statement::{Binds, is_one_of_ids};
use crate::domain::model::history::{
    Operation, OperationCursor, OperationFilter, OperationId, OperationPage, Undoes, UndoneBy,
};
use crate::domain::model::value::RecordId;

/// The most characters of a purpose; what is longer is cut off.
const MAX_PURPOSE: usize = 254;

/// What is said of an operation when it is recorded, besides what its entries say.
#[derive(Clone, Copy, Debug)]
pub struct OperationHead<'a> {
    /// When it was done.
    pub at: Timestamp,
    /// The login that did it.
    pub login: &'a str,
    /// What it was for, in one line.
    pub purpose: &'a str,
    /// What it undoes.
    pub undoes: Option<Undoes>,
}

/// Records operations that were written for the same purpose at the same time, after their entries of history. An
/// operation without an entry is passed over.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub async fn record(
    tx: &mut Tx,
    operations: &[OperationId],
    head: &OperationHead<'_>,
) -> Result<(), StorageError> {
    let purpose: String = head.purpose.chars().take(MAX_PURPOSE).collect();
    for ids in records_of(operations).chunks(MAX_IDS) {
        let mut binds = Binds::default();
        let (at, login) = (binds.add(head.at), binds.add(head.login));
        let purpose = binds.add(purpose.as_str());
        let undoes = binds.add(head.undoes.map(|undoes| undoes.operation.0));
        let entry = binds.add(head.undoes.and_then(|undoes| undoes.entry));
        let written = is_one_of_ids("operation", ids, &mut binds);
        let sql = format!(
            "INSERT INTO operations (id, at, login, purpose, undoes, undoes_entry, records) \
             SELECT operation, {at}, {login}, {purpose}, {undoes}, {entry}, count(DISTINCT record_id) \
             FROM history WHERE {written} GROUP BY operation"
        );
        if tx.execute(Sql::built(sql), binds.into_values()).await? == 0 {
            continue;
        }
        let mut binds = Binds::default();
        let at = binds.add(head.at);
        let written = is_one_of_ids("operation", ids, &mut binds);
        let sql = format!(
            "INSERT INTO operation_actions (entity_set, action, at, operation) \
             SELECT DISTINCT entity_set, action, {at}, operation FROM history WHERE {written}"
        );
        tx.execute(Sql::built(sql), binds.into_values()).await?;
    }
    Ok(())
}

fn records_of(operations: &[OperationId]) -> Vec<RecordId> {
    operations.iter().map(|operation| RecordId(operation.0)).collect()
}

/// Reads a page of at most `limit` operations that the filter selects, newest first. With `after`, the page begins
/// behind that operation.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn page(
    s: &mut Session,
    filter: &OperationFilter,
    after: Option<OperationCursor>,
    limit: usize,
) -> Result<OperationPage, StorageError> {
    let (sql, binds) = keys(filter, after, limit.saturating_add(1));
    let rows = s.fetch_all(Sql::built(sql), binds.into_values()).await?;
    let mut keys: Vec<OperationCursor> = rows.iter().map(read_key).collect::<Result<_, _>>()?;
    let has_more = keys.len() > limit;
    keys.truncate(limit);
    let ids: Vec<OperationId> = keys.iter().map(|(_, id)| *id).collect();
    let operations = of_ids(s, &ids).await?;
    Ok(OperationPage { operations, more_before: keys.last().copied().filter(|_| has_more) })
}

/// The statement that selects time and id of the operations of a page. It walks an index in its order, and ends when the
/// page is full.
fn keys(filter: &OperationFilter, after: Option<OperationCursor>, limit: usize) -> (String, Binds) {
    let mut binds = Binds::default();
    let mut conditions = Vec::new();
    let by_action = filter.entity.is_some() || filter.action.is_some();
    let (table, id) = if by_action { ("operation_actions", "operation") } else { ("operations", "id") };
    if let Some(entity) = filter.entity {
        conditions.push(format!("o.entity_set = {}", binds.add(entity.set)));
    }
    if let Some(action) = filter.action {
        conditions.push(format!("o.action = {}", binds.add(action.as_str())));
    }
    if let Some(who) = &filter.who {
        let login = binds.add(who.as_str());
        conditions.push(if by_action {
            format!("EXISTS (SELECT 1 FROM operations w WHERE w.id = o.operation AND w.login = {login})")
        } else {
            format!("o.login = {login}")
        });
    }
    if let Some((entity, record)) = filter.record {
        conditions.push(format!(
            "o.{id} IN (SELECT h.operation FROM history h WHERE h.record_id = {} AND h.entity_set = {})",
            binds.add(record),
            binds.add(entity.set)
        ));
    }
    if let Some(from) = filter.from {
        conditions.push(format!("o.at >= {}", binds.add(from)));
    }
    if let Some(before) = filter.before {
        conditions.push(format!("o.at < {}", binds.add(before)));
    }
    if let Some((at, last)) = after {
        conditions.push(format!("(o.at, o.{id}) < ({}, {})", binds.add(at), binds.add(last.0)));
    }
    let conditions = if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
    // Several actions of one operation are several rows.
    let distinct = if by_action { "DISTINCT " } else { "" };
    let sql = format!(
        "SELECT {distinct}o.at, o.{id} FROM {table} o WHERE {conditions} \
         ORDER BY o.at DESC, o.{id} DESC LIMIT {limit}"
    );
    (sql, binds)
}

fn read_key(row: &Row) -> Result<OperationCursor, StorageError> {
    Ok((instant(row.int(0)?)?, OperationId(row.id(1)?.0)))
}

/// Reads operations in the order of their ids in `operations`; ids without an operation are passed over.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn of_ids(s: &mut Session, operations: &[OperationId]) -> Result<Vec<Operation>, StorageError> {
    let undone_by = undone_by(s, operations).await?;
    let mut found = BTreeMap::new();
    for ids in records_of(operations).chunks(MAX_IDS) {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT id, at, login, purpose, records, undoes, undoes_entry FROM operations WHERE {}",
            is_one_of_ids("id", ids, &mut binds)
        );
        for row in s.fetch_all(Sql::built(sql), binds.into_values()).await? {
            let id = OperationId(row.id(0)?.0);
            let undoes = row.opt_id(5)?;
            let entry = row.opt_int(6)?;
            let operation = Operation {
                id,
                at: instant(row.int(1)?)?,
                who: row.text(2)?,
                purpose: row.text(3)?,
                records: row.int(4)?,
                undoes: undoes.map(|undone| Undoes { operation: OperationId(undone.0), entry }),
                undone_by: undone_by.get(&id).cloned(),
            };
            found.insert(id, operation);
        }
    }
    Ok(operations.iter().filter_map(|id| found.remove(id)).collect())
}

/// The undo that holds of each of these operations as a whole: the last one that was not itself undone.
async fn undone_by(
    s: &mut Session,
    operations: &[OperationId],
) -> Result<BTreeMap<OperationId, UndoneBy>, StorageError> {
    let mut undos: Vec<(OperationId, UndoneBy)> = Vec::new();
    let mut sought: Vec<OperationId> = operations.to_vec();
    while !sought.is_empty() {
        let found = undos_of(s, &sought).await?;
        sought = found.iter().map(|(_, undo)| undo.operation).collect();
        undos.extend(found);
    }
    // Newest first: an undo is newer than what it undoes, so whether it holds is known before it counts.
    undos.sort_by_key(|(_, undo)| Reverse((undo.at, undo.operation)));
    let mut undone: BTreeMap<OperationId, UndoneBy> = BTreeMap::new();
    for (of, undo) in undos {
        if !undone.contains_key(&undo.operation) {
            undone.entry(of).or_insert(undo);
        }
    }
    Ok(undone)
}

/// The operations that undo one of these as a whole, each behind the one that it undoes.
async fn undos_of(
    s: &mut Session,
    operations: &[OperationId],
) -> Result<Vec<(OperationId, UndoneBy)>, StorageError> {
    let mut undos = Vec::new();
    for ids in records_of(operations).chunks(MAX_IDS) {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT undoes, id, at, login FROM operations WHERE {} AND undoes_entry IS NULL",
            is_one_of_ids("undoes", ids, &mut binds)
        );
        for row in s.fetch_all(Sql::built(sql), binds.into_values()).await? {
            let undo = UndoneBy {
                operation: OperationId(row.id(1)?.0),
                at: instant(row.int(2)?)?,
                who: row.text(3)?,
            };
            undos.push((OperationId(row.id(0)?.0), undo));
        }
    }
    Ok(undos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entities::user;
    use crate::domain::model::history::HistoryAction;
    use crate::storage::db::{Create, Db};

    #[tokio::test]
    async fn a_page_of_operations_walks_an_index_whatever_it_is_filtered_by() {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite:{}", directory.path().join("ccdesk.db").display());
        let db = Db::open(&url, Create::IfMissing).await.expect("a database");
        let mut conn = db.read().await.expect("a connection");
        let all = OperationFilter::default();
        let who = Some("mkoleva".to_owned());
        let (entity, action) = (Some(&user::USER), Some(HistoryAction::Rejected));
        let after = Some((Timestamp::UNIX_EPOCH, OperationId(RecordId::NIL.0)));
        for (filter, index) in [
            (all.clone(), "operations_at"),
            (OperationFilter { from: Some(Timestamp::UNIX_EPOCH), ..all.clone() }, "operations_at"),
            (OperationFilter { who: who.clone(), ..all.clone() }, "operations_login"),
            (OperationFilter { entity, ..all.clone() }, "operation_actions_entity_set"),
            (OperationFilter { entity, action, who, ..all.clone() }, "operation_actions_entity_set"),
            (OperationFilter { action, ..all.clone() }, "operation_actions_action"),
            (OperationFilter { record: Some((&user::USER, RecordId::NIL)), ..all }, "history_record"),
        ] {
            let (sql, binds) = keys(&filter, after, 50);
            let plan = Sql::built(format!("EXPLAIN QUERY PLAN {sql}"));
            let steps = conn.fetch_all(plan, binds.into_values()).await.expect("a plan");
            let steps: Vec<String> = steps.iter().map(|step| step.text(3).expect("a text")).collect();
            assert!(steps.iter().any(|step| step.contains(index)), "{filter:?}: {steps:?}");
            let is_bounded = filter.record.is_some() || steps.iter().all(|step| !step.contains("B-TREE"));
            assert!(
                is_bounded && steps.iter().all(|step| !step.starts_with("SCAN")),
                "{filter:?}: {steps:?}"
            );
        }
    }
}

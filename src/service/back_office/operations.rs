//! The history of all records, by operation (`docs/domain.md`, History).

use std::collections::BTreeMap;

use crate::domain::model::format;
use crate::domain::model::history::{
    HistoryEntry, HistorySeq, NumberedEntry, OperationCursor, OperationFilter, OperationId, OperationPage,
};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Value};
use crate::service::ServiceError;
use crate::service::back_office::BackOffice;
use crate::storage::db::Session;
use crate::storage::{history, operations, records};

/// An entry of an operation, with the record that it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationEntry {
    /// The sequence number of the entry.
    pub seq: HistorySeq,
    /// The entry.
    pub entry: HistoryEntry,
    /// The display text of the record: as it is now, or, when it is not there, as the entry tells it.
    pub shown: String,
}

impl BackOffice {
    /// The operations that the filter selects, newest first: at most `limit`, and only those before `after`
    /// ([`OperationPage::more_before`]) if given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn operations(
        &self,
        filter: &OperationFilter,
        after: Option<OperationCursor>,
        limit: usize,
    ) -> Result<OperationPage, ServiceError> {
        let mut conn = self.read().await?;
        Ok(operations::page(&mut conn, filter, after, limit).await?)
    }

    /// The entries of an operation in the order of writing: at most `limit`, and only those after the entry `after`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn entries_of_operation(
        &self,
        operation: OperationId,
        after: HistorySeq,
        limit: usize,
    ) -> Result<Vec<OperationEntry>, ServiceError> {
        let mut conn = self.read().await?;
        let entries = history::page_of_operation(&mut conn, operation, after, limit).await?;
        let shown = shown_now(&mut conn, &entries, &self.who.language).await?;
        let told = |NumberedEntry { seq, entry }| {
            let now = shown.get(&(entry.entity.set, entry.record)).cloned();
            let shown = now.unwrap_or_else(|| shown_by(&entry, &self.who.language));
            OperationEntry { seq, entry, shown }
        };
        Ok(entries.into_iter().map(told).collect())
    }
}

/// The display texts of the records that entries are about, as far as they are there.
async fn shown_now(
    s: &mut Session,
    entries: &[NumberedEntry],
    language: &str,
) -> Result<BTreeMap<(&'static str, RecordId), String>, ServiceError> {
    let mut by_entity: BTreeMap<&'static str, (&'static EntityDef, Vec<RecordId>)> = BTreeMap::new();
    for NumberedEntry { entry, .. } in entries {
        let (_, ids) = by_entity.entry(entry.entity.set).or_insert_with(|| (entry.entity, Vec::new()));
        if !ids.contains(&entry.record) {
            ids.push(entry.record);
        }
    }
    let mut shown = BTreeMap::new();
    for (entity, ids) in by_entity.into_values() {
        let fields: Vec<&'static FieldDef> = format::line_fields(entity).collect();
        for record in records::read(s, entity, &fields, &ids, language).await? {
            let line = format::line(
                entity,
                |field| record.values.get(field.property).unwrap_or(&Value::Empty),
                language,
            );
            shown.insert((entity.set, record.id), line);
        }
    }
    Ok(shown)
}

/// The display text of a record that is not there any more, from the values of an entry.
fn shown_by(entry: &HistoryEntry, language: &str) -> String {
    let value = |field: &FieldDef| {
        let change = entry.fields.iter().find(|change| change.field == field.property);
        change.map_or(
            &Value::Empty,
            |change| {
                if change.after.is_empty() { &change.before } else { &change.after }
            },
        )
    };
    format::line(entry.entity, value, language)
}

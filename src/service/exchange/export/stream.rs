//! The records of an export, page by page, each after the records that it refers to.

use std::collections::{HashMap, HashSet};

use crate::domain::entities;
use crate::domain::model::query::ListQuery;
use crate::domain::model::record::{Fields, Record};
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::{RecordId, Value};
use crate::storage::db::Session;
use crate::storage::error::StorageError;
use crate::storage::list::{JudgedAt, Reading, Whole};

/// The most records that are read at a time.
const PAGE: usize = 500;

/// The records of lists, in the order of their entities, and of one entity by id. A record that refers to others of the
/// same family, as a company does to the company it belongs to, comes after those.
///
/// In memory are a page, the records that have to come before one of it, and the ids of records that came earlier than
/// their ids have them.
pub(super) struct RecordStream<'a> {
    parts: Vec<Part>,
    judged: Option<JudgedAt<'a>>,
    /// The index of the part that is read.
    at: usize,
    /// The last id that was read of it.
    after: Option<RecordId>,
    /// Records that came before their turn, and whose turn is still to come.
    early: HashSet<RecordId>,
}

/// The records of one entity in a list.
struct Part {
    query: ListQuery,
    entity: &'static EntityDef,
}

impl<'a> RecordStream<'a> {
    /// The records of these lists. One of a base entity has the records of its subtypes, too.
    pub(super) fn new(lists: &[ListQuery], judged: Option<JudgedAt<'a>>) -> Self {
        let has = |query: &ListQuery, entity: &EntityDef| {
            entity.is(query.entity) || entity.base_entity().is_some_and(|base| base.is(query.entity))
        };
        let parts = entities::all()
            .flat_map(|entity| {
                let query = lists.iter().find(|query| has(query, entity));
                query.map(|query| Part { query: query.clone(), entity })
            })
            .collect();
        Self { parts, judged, at: 0, after: None, early: HashSet::new() }
    }

    /// The next records; empty at the end.
    ///
    /// # Errors
    /// [`StorageError`] when the database cannot answer.
    pub(super) async fn next(&mut self, s: &mut Session) -> Result<Vec<Record>, StorageError> {
        while self.at < self.parts.len() {
            let page = self.part(self.at).read(s, Reading::After(self.after, PAGE)).await?;
            let Some(last) = page.last().map(|record| record.id) else {
                (self.at, self.after) = (self.at + 1, None);
                continue;
            };
            self.after = Some(last);
            let page: Vec<Record> =
                page.into_iter().filter(|record| !self.early.remove(&record.id)).collect();
            if !page.is_empty() {
                return self.with_referenced(s, page).await;
            }
        }
        Ok(Vec::new())
    }

    fn part(&self, index: usize) -> Whole<'_> {
        let Part { query, entity } = &self.parts[index];
        Whole { query, judged: self.judged, entity }
    }

    /// The records of a page, before each of them those that it refers to and whose turn is still to come.
    async fn with_referenced(
        &mut self,
        s: &mut Session,
        page: Vec<Record>,
    ) -> Result<Vec<Record>, StorageError> {
        let order: Vec<RecordId> = page.iter().map(|record| record.id).collect();
        let mut asked: HashSet<RecordId> = order.iter().copied().collect();
        let mut wanted: Vec<RecordId> = page.iter().flat_map(referenced).collect();
        let mut records: HashMap<RecordId, Record> = page.into_iter().map(|r| (r.id, r)).collect();
        loop {
            wanted.retain(|id| !self.early.contains(id) && asked.insert(*id));
            if wanted.is_empty() {
                break;
            }
            let found = self.still_to_come(s, &wanted).await?;
            wanted = found.iter().flat_map(referenced).collect();
            self.early.extend(found.iter().map(|record| record.id));
            records.extend(found.into_iter().map(|record| (record.id, record)));
        }
        Ok(in_order(&order, records))
    }

    /// Those of the records with these ids whose turn is after the present page.
    async fn still_to_come(&self, s: &mut Session, ids: &[RecordId]) -> Result<Vec<Record>, StorageError> {
        let root = self.parts[self.at].entity.root();
        let mut found = Vec::new();
        for index in self.at..self.parts.len() {
            if self.parts[index].entity.root().is(root) {
                let records = self.part(index).read(s, Reading::Ids(ids)).await?;
                let is_later = |record: &Record| index > self.at || Some(record.id) > self.after;
                found.extend(records.into_iter().filter(is_later));
            }
        }
        Ok(found)
    }
}

/// The records of the same family that a record refers to.
fn referenced(record: &Record) -> impl Iterator<Item = RecordId> + '_ {
    let root = record.entity.root();
    let fields =
        record.entity.all_fields().filter(|field| field.target().is_some_and(|of| of.root().is(root)));
    fields.filter_map(|field| match record.value(field) {
        Value::Ref(reference) => Some(reference.id),
        _ => None,
    })
}

/// The records in the order of these ids, but each after those among them that it refers to. Should some refer to one
/// another in a circle, the first of them comes last.
fn in_order(order: &[RecordId], mut records: HashMap<RecordId, Record>) -> Vec<Record> {
    let mut ordered = Vec::with_capacity(records.len());
    for id in order {
        let mut open = Vec::from_iter(records.remove(id));
        while let Some(record) = open.last() {
            let before = referenced(record).find_map(|id| records.remove(&id));
            match before {
                Some(before) => open.push(before),
                None => ordered.extend(open.pop()),
            }
        }
    }
    ordered
}

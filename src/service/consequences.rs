//! What follows in a draft from the records that its references point at, and what they may point at.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::query::{Filter, ListQuery, PageCursor};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Within};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::service::ServiceError;
use crate::storage::db::Session;
use crate::storage::error::StorageError;
use crate::storage::{list, records};

/// How many records are looked at to propose one of them.
const MOST_PROPOSED: usize = 20;

/// The records that the references of a draft point at, each loaded once.
pub(crate) struct Targets<'a> {
    language: &'a str,
    loaded: BTreeMap<(&'static str, RecordId), Option<Arc<Record>>>,
}

impl<'a> Targets<'a> {
    /// None yet; their own references are shown in `language`.
    pub(crate) fn new(language: &'a str) -> Self {
        Self { language, loaded: BTreeMap::new() }
    }

    /// The language in which the records are read.
    pub(crate) fn language(&self) -> &'a str {
        self.language
    }

    /// The record that a reference points at; `None` when it is not there.
    pub(crate) async fn get(
        &mut self,
        s: &mut Session,
        entity: &'static EntityDef,
        id: RecordId,
    ) -> Result<Option<Arc<Record>>, StorageError> {
        Ok(match self.loaded.entry((entity.set, id)) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(unknown) => {
                let found = records::load(s, entity, id, self.language).await?;
                unknown.insert(found.map(Arc::new)).clone()
            }
        })
    }

    /// The record that a reference field of the draft points at.
    pub(crate) async fn of(
        &mut self,
        s: &mut Session,
        draft: &Draft,
        field: &FieldDef,
    ) -> Result<Option<Arc<Record>>, StorageError> {
        match (field.target(), draft.value(field)) {
            (Some(entity), Value::Ref(chosen)) => self.get(s, entity, chosen.id).await,
            _ => Ok(None),
        }
    }
}

/// Adds to a draft what follows from the choice in a reference field, and says so in it.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn follow(
    s: &mut Session,
    draft: &mut Draft,
    field: &'static FieldDef,
    targets: &mut Targets<'_>,
) -> Result<(), ServiceError> {
    let target = targets.of(s, draft, field).await?;
    if let Some(record) = &target {
        draft.set(field, shown_as(field, record, targets.language));
    }
    (entities::rules_of(draft.entity).chosen)(draft, field, target.as_deref());
    (entities::rules_of(draft.entity).changed)(draft, field, targets.language);
    for dependent in draft.entity.all_fields() {
        let Some(within) = dependent.within.as_ref().filter(|within| *within.same_as == *field) else {
            continue;
        };
        let proposal = propose(s, draft, dependent, within, target.as_deref(), targets).await?;
        draft.set(dependent, proposal);
    }
    draft.mark_consequences(field);
    Ok(())
}

/// The draft with what follows from every choice that nothing has followed from yet. What the draft changes itself
/// stays as it is.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn complete(
    s: &mut Session,
    draft: Draft,
    targets: &mut Targets<'_>,
) -> Result<Draft, ServiceError> {
    let own: Vec<&'static FieldDef> =
        draft.entity.all_fields().filter(|field| draft.is_field_changed(field)).collect();
    let mut completed = draft.clone();
    for field in own.iter().filter(|field| field.target().is_some() && !draft.has_consequences(field)) {
        follow(s, &mut completed, field, targets).await?;
    }
    completed.copy_fields(&draft, &own);
    Ok(completed)
}

/// A reference to a record as the field shows it.
pub(crate) fn shown_as(field: &FieldDef, record: &Record, language: &str) -> Value {
    let entity = field.target().unwrap_or(record.entity);
    let shown = format::line(entity, |field| record.value(field), language);
    Value::Ref(Reference { id: record.id, shown })
}

/// The condition that a limited reference puts on its choices; `None` while the field it depends on is empty.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn limit_of(
    s: &mut Session,
    draft: &Draft,
    within: &Within,
    targets: &mut Targets<'_>,
) -> Result<Option<Filter>, ServiceError> {
    let limiting = targets.of(s, draft, within.same_as).await?;
    Ok(limiting.map(|record| limited_by(within, &record)))
}

fn limited_by(within: &Within, limiting: &Record) -> Filter {
    Filter::OneOf(within.field, vec![limiting.value(within.of).clone()])
}

/// Whether a record is one of those that a limit leaves.
pub(crate) fn satisfies(record: &Record, limit: &Filter) -> bool {
    match limit {
        Filter::OneOf(field, allowed) => allowed.contains(record.value(field)),
        _ => false,
    }
}

/// What to put into a limited reference after the field that limits it was chosen: what stands there already
/// if it still fits, else the one that most records already point at. (`docs/codes.md`, CC004: New Customer comes
/// with its location filled.)
async fn propose(
    s: &mut Session,
    draft: &Draft,
    field: &'static FieldDef,
    within: &Within,
    limiting: Option<&Record>,
    targets: &mut Targets<'_>,
) -> Result<Value, ServiceError> {
    let (Some(target), Some(limiting)) = (field.target(), limiting) else { return Ok(Value::Empty) };
    let limit = limited_by(within, limiting);
    if targets.of(s, draft, field).await?.is_some_and(|record| satisfies(&record, &limit)) {
        return Ok(draft.value(field).clone());
    }
    let mut candidates = ListQuery::in_use(target);
    candidates.filters.push(limit);
    let page = list::page(s, &candidates, None, &PageCursor::First, MOST_PROPOSED, targets.language).await?;
    let ids: Vec<RecordId> = page.rows.iter().map(|row| row.id).collect();
    let Some(favourite) =
        records::most_referenced(s, draft.entity, field, &ids).await?.or(ids.first().copied())
    else {
        return Ok(Value::Empty);
    };
    let chosen = targets.get(s, target, favourite).await?;
    Ok(chosen.map_or(Value::Empty, |record| shown_as(field, &record, targets.language)))
}

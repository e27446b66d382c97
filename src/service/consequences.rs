//! The values of a draft that follow from the records its references refer to, and the records a reference may refer
//! to.

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
use crate::storage::db::{Session, Tx};
use crate::storage::error::StorageError;
use crate::storage::{list, records};

/// The most records among which one is proposed.
const MOST_PROPOSED: usize = 20;

/// A cache of the records that the references of a draft refer to, so that each is loaded once.
pub(crate) struct Targets<'a> {
    language: &'a str,
    loaded: BTreeMap<(&'static str, RecordId), Option<Arc<Record>>>,
}

impl<'a> Targets<'a> {
    /// An empty cache, which loads records with display texts in `language`.
    pub(crate) fn new(language: &'a str) -> Self {
        Self { language, loaded: BTreeMap::new() }
    }

    /// The language of the display texts.
    pub(crate) fn language(&self) -> &'a str {
        self.language
    }

    /// The record of an id; `None` when there is none.
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

    /// The record that a field of the draft refers to; `None` when the field is empty or no reference, or there is no
    /// such record.
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

/// Sets the fields of a draft that follow from the record chosen in a reference field, and marks them as contained in
/// the draft ([`Draft::mark_consequences`]).
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

/// The draft with what follows from each changed reference whose consequences it does not contain yet. Fields that the draft
/// changes itself keep their values.
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

/// Computes the fields of a draft that follow from the record of a reference ([`Rules::follows`]). The record is locked
/// until the transaction ends, so that the fields are computed from what it keeps.
///
/// # Errors
/// When the database cannot be read.
///
/// [`Rules::follows`]: crate::domain::model::rules::Rules::follows
pub(crate) async fn compute(tx: &mut Tx, draft: &mut Draft, language: &str) -> Result<(), StorageError> {
    let Some(follows) = entities::rules_of(draft.entity).follows else { return Ok(()) };
    if let (Some(entity), Value::Ref(chosen)) = (follows.reference.target(), draft.value(follows.reference)) {
        let id = chosen.id;
        records::lock(tx, entity, id).await?;
        if let Some(record) = records::load(tx, entity, id, language).await? {
            (follows.compute)(draft, &record);
        }
    }
    Ok(())
}

/// The value of `field` that refers to `record`, with its display text.
pub(crate) fn shown_as(field: &FieldDef, record: &Record, language: &str) -> Value {
    let entity = field.target().unwrap_or(record.entity);
    let shown = format::line(entity, |field| record.value(field), language);
    Value::Ref(Reference { id: record.id, shown })
}

/// The filter on the records that a reference may refer to when another field limits it; `None` while that field is
/// empty.
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

/// Whether a record passes the filter of [`limit_of`].
pub(crate) fn satisfies(record: &Record, limit: &Filter) -> bool {
    match limit {
        Filter::OneOf(field, allowed) => allowed.contains(record.value(field)),
        _ => false,
    }
}

/// The value of a reference after the field that limits it was chosen: the current one if it is still allowed, else
/// the record that most records already refer to, else the first (`docs/domain.md`, Customers).
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

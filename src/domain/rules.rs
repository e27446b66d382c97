//! What a draft must satisfy before it is written, as far as that can be known without the database.

use std::sync::Arc;

use super::entities;
use super::model::record::{Draft, Fields, Record};
use super::model::schema::FieldDef;
use super::model::value::Value;

pub use super::model::limits::fits;
pub use super::model::rules::{Issue, Weight};

/// Everything wrong with a draft that can be known without the database, in the order of the fields.
pub fn check(draft: &Draft) -> Vec<Issue> {
    let mut issues: Vec<Issue> =
        draft.entity.all_fields().filter_map(|field| check_field(draft, field)).collect();
    (entities::rules_of(draft.entity).check)(draft, &mut issues);
    issues
}

/// The changes of a draft on a newer reading of the record: what was entered is kept, and what is computed from it is
/// computed anew from what stands there now.
#[must_use]
pub fn rebased(draft: &Draft, record: Arc<Record>, language: &str) -> Draft {
    let entity = draft.entity;
    let entered: Vec<&'static FieldDef> =
        entity.all_fields().filter(|field| !field.read_only && draft.is_field_changed(field)).collect();
    let mut rebased = draft.moved(record, &entered);
    for field in &entered {
        (entities::rules_of(entity).changed)(&mut rebased, field, language);
    }
    // A rule proposes for fields that may be typed too, which were.
    rebased.take(draft, &entered);
    rebased
}

fn check_field(draft: &Draft, field: &'static FieldDef) -> Option<Issue> {
    let value = draft.value(field);
    if value.is_empty() {
        if field.required && field.read_only {
            return Some(Issue::at(
                field,
                format!("{} follows from other fields; fill those in.", field.label),
            ));
        }
        if field.required && !field.numbered {
            return Some(Issue::at(field, format!("{} is required.", field.label)));
        }
        if draft.entity.critical.contains(&field) {
            return Some(Issue::ask(field, format!("{} is empty.", field.label)));
        }
        return None;
    }
    if let Err(sentence) = fits(field, value) {
        return Some(Issue::at(field, sentence));
    }
    if field.acyclic && matches!(value, Value::Ref(to) if to.id == draft.id) {
        // Longer circles need the database and are refused at the save.
        let (kind, label) = (draft.entity.root().name.to_lowercase(), field.label.to_lowercase());
        return Some(Issue::at(field, format!("A {kind} cannot belong to itself; choose another {label}.")));
    }
    None
}

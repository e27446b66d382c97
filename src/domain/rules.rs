//! The checks of a draft that need no database, and the rebase of a draft after a conflict.

use std::sync::Arc;

use super::entities;
use super::model::record::{Draft, Fields, Record};
use super::model::schema::FieldDef;
use super::model::value::Value;

pub use super::model::limits::fits;
pub use super::model::rules::{Grantee, Issue, Weight};

/// The issues of a draft that are found without the database: those of its fields, in the order of
/// [`EntityDef::all_fields`], then those of the entity's [`Rules::check`](super::model::rules::Rules::check).
///
/// [`EntityDef::all_fields`]: super::model::schema::EntityDef::all_fields
pub fn check(draft: &Draft) -> Vec<Issue> {
    let mut issues: Vec<Issue> =
        draft.entity.all_fields().filter_map(|field| check_field(draft, field)).collect();
    (entities::rules_of(draft.entity).check)(draft, &mut issues);
    issues
}

/// The draft rebased on a newer version of its record, for the reload after a conflict.
///
/// Changed fields that can be typed keep the draft's values. Computed fields are not carried over:
/// [`Rules::changed`](super::model::rules::Rules::changed) computes them again from the newer record and those values.
/// `language` is that of the operator.
#[must_use]
pub fn rebased(draft: &Draft, record: Arc<Record>, language: &str) -> Draft {
    let entity = draft.entity;
    let typed: Vec<&'static FieldDef> =
        entity.all_fields().filter(|field| !field.read_only && draft.is_field_changed(field)).collect();
    let mut rebased = draft.with_base_for(record, &typed);
    for field in &typed {
        (entities::rules_of(entity).changed)(&mut rebased, field, language);
    }
    // A rule may have overwritten another field that was typed.
    rebased.copy_fields(draft, &typed);
    rebased
}

fn check_field(draft: &Draft, field: &'static FieldDef) -> Option<Issue> {
    let value = draft.value(field);
    if let Some(sentence) = field.fixed.filter(|_| draft.base.is_some() && draft.is_field_changed(field)) {
        return Some(Issue::at(field, sentence));
    }
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
    if field.acyclic && matches!(value, Value::Ref(reference) if reference.id == draft.id) {
        // Longer cycles are found only in the database: the save refuses them.
        let (kind, label) = (draft.entity.root().name.to_lowercase(), field.label.to_lowercase());
        return Some(Issue::at(field, format!("A {kind} cannot belong to itself; choose another {label}.")));
    }
    None
}

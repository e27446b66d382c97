//! What a draft must satisfy before it is written, as far as that can be known without the database.

use super::entities;
use super::model::record::{Draft, Fields};
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
    let refers_to_itself = |id| matches!(value, Value::Ref(to) if to.id == id);
    if field.acyclic && draft.id().is_some_and(refers_to_itself) {
        // Longer circles need the database and are refused at the save.
        let (kind, label) = (draft.entity.root().name.to_lowercase(), field.label.to_lowercase());
        return Some(Issue::at(field, format!("A {kind} cannot belong to itself; choose another {label}.")));
    }
    None
}

//! What the back office leaves to administrators (`docs/promises.md`, 7): which records each [`EntityDef`] says, which
//! fields each [`FieldDef`], and which single records the rules of their entity. The service refuses by it; screens say
//! it beforehand.

use super::entities;
use super::model::record::{Draft, Fields, Record};
use super::model::schema::{EntityDef, FieldDef, Rights};
use super::model::value::Value;

/// Whoever has forgotten a password is helped by an administrator.
pub const ONE_TIME_CODES: &str = "Only an administrator may issue one-time codes; ask one.";

/// Why a record of that kind is for administrators alone: one that is `kept`, or a new one. `None` when every
/// operator may change it.
pub fn bars_record(entity: &'static EntityDef, kept: Option<&Record>) -> Option<&'static str> {
    match entity.rights {
        Rights::Administrators => Some("Only an administrator may change these records; ask one."),
        Rights::Operators => {
            kept.and_then(|kept| (entities::rules_of(kept.entity).administrators_only)(kept))
        }
    }
}

/// Why a field is for administrators alone, also in a record that every operator may change.
pub fn bars_field(field: &FieldDef) -> Option<&'static str> {
    field.administrators_only
}

/// Why a draft, which stands on what is stored, is for administrators alone. A new record of an operator keeps in the
/// fields for administrators what a new record begins with: a new user is one who comes from outside.
pub fn bars(draft: &Draft) -> Option<&'static str> {
    let kept = draft.base.as_deref();
    bars_record(draft.entity, kept).or_else(|| {
        draft.entity.all_fields().filter(|field| differs(draft, kept, field)).find_map(bars_field)
    })
}

fn differs(draft: &Draft, kept: Option<&Record>, field: &FieldDef) -> bool {
    let was = kept.map_or_else(|| field.default.fixed(), |kept| kept.value(field).clone());
    // What is neither yes nor no is no.
    let plain = |value: &Value| if *value == Value::Bool(false) { Value::Empty } else { value.clone() };
    plain(draft.value(field)) != plain(&was)
}

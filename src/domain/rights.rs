//! What only administrators may do in the back office, and what nobody may (`docs/domain.md`, Rights in the back office;
//! `docs/promises.md`, 7). Every function returns the sentence with which an operator is refused. The service enforces
//! these rules; a screen calls the same functions to disable what would be refused.

use super::entities;
use super::model::record::{Draft, Fields, Record};
use super::model::schema::{EntityDef, FieldDef, Rights};
use super::model::value::{RecordId, Value};

/// The refusal for an operator who is no administrator and issues a one-time code (`docs/promises.md`, 5).
pub const ONE_TIME_CODES: &str = "Only an administrator may issue one-time codes; ask one.";

/// The refusal for an operator who changes the `stored` record of an entity or, with `None`, creates one; `None` when
/// every operator may.
pub fn record_denial(entity: &'static EntityDef, stored: Option<&Record>) -> Option<&'static str> {
    match entity.rights {
        Rights::Administrators => Some("Only an administrator may change these records; ask one."),
        Rights::Operators => {
            stored.and_then(|stored| (entities::rules_of(stored.entity).administrators_only)(stored))
        }
    }
}

/// The refusal for an operator who changes a field; `None` when whoever may change the record may change the field.
pub fn field_denial(field: &FieldDef) -> Option<&'static str> {
    field.administrators_only
}

/// The refusal for an operator who saves a draft; `None` when every operator may. The base of the draft must be the
/// stored record.
///
/// In a new record, a field for administrators must keep its default: a user whom an operator creates is external.
pub fn draft_denial(draft: &Draft) -> Option<&'static str> {
    let stored = draft.base.as_deref();
    record_denial(draft.entity, stored).or_else(|| {
        draft.entity.all_fields().filter(|field| is_changed(draft, stored, field)).find_map(field_denial)
    })
}

/// The refusal for an operator who grants something to their own login.
pub const OWN_GRANT: &str = "Nobody grants anything to their own login; ask another operator.";

/// The refusal for the operator of this user who saves a draft, also when the operator is an administrator; `None` when
/// the draft grants nothing to that user. Ending an own access saves no draft.
pub fn own_grant_denial(draft: &Draft, operator: RecordId) -> Option<&'static str> {
    let grants_to = entities::rules_of(draft.entity).grants_to;
    let is_own = draft.is_changed() && grants_to(draft) == Some(operator);
    is_own.then_some(OWN_GRANT)
}

/// Whether a field of the draft differs from the stored record or, in a new record, from its default.
fn is_changed(draft: &Draft, stored: Option<&Record>, field: &FieldDef) -> bool {
    let before = stored.map_or_else(|| field.default.fixed(), |stored| stored.value(field).clone());
    // An empty yes-or-no value means no.
    let normalised = |value: &Value| if *value == Value::Bool(false) { Value::Empty } else { value.clone() };
    normalised(draft.value(field)) != normalised(&before)
}

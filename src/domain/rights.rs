//! What the back office leaves to administrators (`promises.md`, 7): operators who are none review and repair
//! parties, customers, their external access and users. The service refuses by it; screens say it beforehand.

use crate::domain::entities::{customer, external_access, party, user};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};

/// Whoever has forgotten a password is helped by an administrator.
pub const ONE_TIME_CODES: &str = "Only an administrator may issue one-time codes; ask one.";

/// Operators are made by administrators, and changed by them.
pub const OPERATORS: &str = "Only an administrator may change operators; ask one.";

/// Why a record of that kind is for administrators alone: one that is `kept`, or a new one. `None` when every
/// operator may change it.
pub fn bars_record(entity: &'static EntityDef, kept: Option<&Record>) -> Option<&'static str> {
    let repaired = [&party::PARTY, &customer::CUSTOMER, &external_access::EXTERNAL_ACCESS, &user::USER];
    if !repaired.iter().any(|repaired| repaired.is(entity.root())) {
        return Some("Only an administrator may change these records; ask one.");
    }
    let signs_in_here =
        |kept: &Record| kept.entity.is(&user::USER) && kept.get(&user::USER_TYPE) == Some("INT");
    kept.is_some_and(signs_in_here).then_some(OPERATORS)
}

/// Why a field is for administrators alone, also in a record that every operator may change.
pub fn bars_field(field: &FieldDef) -> Option<&'static str> {
    if *field == user::IS_ADMIN.def {
        Some("Only an administrator may change Is Admin; ask one.")
    } else if *field == user::USER_TYPE.def {
        Some("Only an administrator may choose another User Type; ask one.")
    } else {
        None
    }
}

/// Why a draft, which stands on what is stored, is for administrators alone. A new user of an operator is one who
/// comes from outside.
pub fn bars(draft: &Draft) -> Option<&'static str> {
    let kept = draft.base.as_deref();
    let barred = bars_record(draft.entity, kept);
    if barred.is_some() || !draft.entity.is(&user::USER) {
        return barred;
    }
    let type_was = kept.map_or(Some("EXT"), |kept| kept.get(&user::USER_TYPE));
    if draft.is(&user::IS_ADMIN) != kept.is_some_and(|kept| kept.is(&user::IS_ADMIN)) {
        bars_field(&user::IS_ADMIN.def)
    } else if draft.get(&user::USER_TYPE) != type_was {
        bars_field(&user::USER_TYPE.def)
    } else {
        None
    }
}

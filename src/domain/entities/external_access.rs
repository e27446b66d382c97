//! Customers - External Access: who may see a customer's data in a Client Center of version 26. CC010 asks
//! for one.

use crate::domain::codes::{Role, UserType};
use crate::domain::entities::customer::CUSTOMER as CUSTOMER_ENTITY;
use crate::domain::entities::user::{self, USER as USER_ENTITY};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::{
    Choice, Code, EntityDef, Field, FieldDef, HISTORY, Initial, Int, Menu, Part, Ref, Rules, Text,
};
use crate::domain::model::text;
use crate::domain::rules::Issue;

/// What an external user may do, from the least to the most.
pub static ROLES: [Choice; 6] = [
    Choice { code: "L10", api: "Basic", label: "Basic" },
    Choice { code: "L20", api: "Orders", label: "Orders" },
    Choice { code: "L30", api: "OrdersWithPrices", label: "Orders with Prices" },
    Choice { code: "L40", api: "Billing", label: "Billing" },
    Choice { code: "L80", api: "Admin", label: "Admin" },
    Choice { code: "L90", api: "Owner", label: "Owner" },
];

/// What people call a role.
pub fn label_of(role: Role) -> &'static str {
    ROLES.iter().find(|choice| choice.code == role.code()).map_or("", |choice| choice.label)
}

/// What files call a role.
pub fn api_of(role: Role) -> &'static str {
    ROLES.iter().find(|choice| choice.code == role.code()).map_or("", |choice| choice.api)
}

/// Whose data.
pub static CUSTOMER: Field<Ref> = Field::reference("Customer", "Customer", "customer", &CUSTOMER_ENTITY)
    .required()
    .help("The customer whose data the user may see.");
/// Who sees them.
pub static USER: Field<Ref> =
    Field::reference("User", "User", "user_id", &USER_ENTITY).required().help("The user who is let in.");
/// What they may do.
pub static ROLE: Field<Code> = Field::choice("Role", "Role", "role", &ROLES)
    .required()
    .initially(Initial::Code("L30"))
    .help("What the user may see and do for this customer.");
/// How far back.
pub static DAYS_BACK_ACCESS: Field<Int> =
    Field::days_back("DaysBackAccess", "Days Back Access", "days_back_access")
        .initially(Initial::Int(30))
        .help("How many days into the past the user sees; empty means unlimited.");
/// Notes.
pub static NOTES: Field<Text> =
    Field::lines("Notes", "Notes", "notes", 254).help("Anything worth knowing about the access.");

/// `Crm_Sales_CustomerExternalAccess`.
pub static EXTERNAL_ACCESS: EntityDef = EntityDef {
    name: "External Access",
    plural: "Customers - External Access",
    set: "Crm_Sales_CustomerExternalAccess",
    type_name: "Crm_Sales_CustomerExternalAccess",
    older_names: &["Crm_Sales_CustomerExternalAcces"],
    table: "crm_customer_external_access",
    base: None,
    subtype_field: None,
    owner: Some(&CUSTOMER.def),
    menu: Some(Menu {
        module: "CRM",
        section: "Sales",
        about: "Who may see a customer's data in a Client Center.",
    }),
    fields: &[&CUSTOMER.def, &USER.def, &ROLE.def, &DAYS_BACK_ACCESS.def, &NOTES.def],
    columns: &[&CUSTOMER.def, &USER.def, &ROLE.def, &DAYS_BACK_ACCESS.def, &NOTES.def],
    form: [&[&CUSTOMER.def, &USER.def, &ROLE.def], &[&DAYS_BACK_ACCESS.def, &NOTES.def]],
    critical: &[],
    panels: &[&HISTORY],
    search: &[&CUSTOMER.def, &USER.def],
    code: None,
    in_use: None,
    title: &USER.def,
    display: &[Part::Shown(&CUSTOMER.def), Part::Literal(": "), Part::Shown(&USER.def)],
    removal: Some("This only ends the access; the user stays."),
    also_in_history_of: &[&CUSTOMER.def, &USER.def],
    views: &[],
    rules: Rules { check, check_reference, deny_removal, ..Rules::NONE },
};

/// An owner is never revoked or lowered, by anyone (`domain.md`, roles), and an access is never handed on: what
/// history tells of it stays true of one customer and one user.
fn check(draft: &Draft, issues: &mut Vec<Issue>) {
    let Some(was) = &draft.base else { return };
    let moved = [&CUSTOMER.def, &USER.def].into_iter().filter(|field| draft.is_field_changed(field));
    if is_owner(was) {
        let changed = moved.chain(Some(&ROLE.def).filter(|field| draft.is_field_changed(field)));
        let sentence = "An owner keeps the access and the role; leave this as it was.";
        issues.extend(changed.map(|field| Issue::at(field, sentence).forbidding()));
    } else {
        issues.extend(moved.map(|field| {
            let sentence = format!("An access keeps its {}; remove it and add another.", field.label);
            Issue::at(field, sentence)
        }));
    }
}

/// Only who can sign in is let in; a login that is switched off may be prepared for its return, and one that looks like
/// another is looked at twice.
fn check_reference(field: &FieldDef, target: &Record, issues: &mut Vec<Issue>) {
    if *field != USER.def {
        return;
    }
    let login = target.get(&user::LOGIN).unwrap_or_default();
    let user_type = target.get(&user::USER_TYPE).and_then(UserType::from_code);
    if !user_type.is_some_and(UserType::can_sign_in) {
        let sentence = format!("“{login}” is of a type that cannot sign in; choose another user.");
        issues.push(Issue::at(field, sentence));
    } else if !target.is(&user::ACTIVE) {
        let sentence =
            format!("“{login}” is switched off and will not get in before it is switched on again.");
        issues.push(Issue::ask(field, sentence));
    }
    // Of whom it can be taken for is not said here: it may be nobody to learn of for whoever adds it.
    let email = target.get(&user::EMAIL).unwrap_or_default();
    if text::mixes_scripts(login) || text::mixes_scripts(email) {
        let sentence =
            format!("“{login}” mixes letters of different scripts, as look-alikes do; make sure who it is.");
        issues.push(Issue::ask(field, sentence));
    }
}

/// An owner is never revoked, by anyone.
fn deny_removal(row: &Record) -> Option<&'static str> {
    is_owner(row).then_some("An owner's access is never removed; leave it as it is.")
}

/// Whether a row is an owner's, which nobody may remove.
pub fn is_owner(row: &Record) -> bool {
    row.entity.is(&EXTERNAL_ACCESS) && role_of(row) == Some(Role::Owner)
}

/// The role that a row, or a draft of one, gives.
pub fn role_of(row: &impl Fields) -> Option<Role> {
    row.get(&ROLE).and_then(Role::from_code)
}

//! The entity Rejection Reason: the reasons that are offered when a request for an account is rejected
//! (`docs/domain.md`, Rejection Reasons).

use crate::domain::model::field::{Bool, Field, Multi};
use crate::domain::model::schema::{EntityDef, Initial, Menu, Part, Rights};

/// The reason, in several languages.
pub static REASON: Field<Multi> = Field::multi("Reason", "Reason", "reason", 254)
    .required()
    .help("Why a request is rejected, as the operator chooses it and as history keeps it.");
/// Whether the reason is offered.
pub static IS_ACTIVE: Field<Bool> = Field::bool("IsActive", "Is Active", "is_active")
    .required()
    .initially(Initial::Bool(true))
    .help("Whether it is offered.");

/// The reasons of a new database, in English and Bulgarian.
pub const FIRST: [(&str, &str); 5] = [
    ("Not known at the company", "Непознат във фирмата"),
    ("The company is no customer", "Фирмата не е клиент"),
    ("No longer works for the company", "Вече не работи във фирмата"),
    ("Has access with another login already", "Вече има достъп с друг потребител"),
    ("The request was made by mistake", "Заявката е подадена по погрешка"),
];

/// The description of `Systems_Security_RejectionReasons`, which is an entity of this program.
pub static REJECTION_REASON: EntityDef = EntityDef {
    name: "Rejection Reason",
    plural: "Rejection Reasons",
    set: "Systems_Security_RejectionReasons",
    type_name: "Systems_Security_RejectionReason",
    older_names: &[],
    table: "sec_rejection_reasons",
    base: None,
    subtype_field: None,
    owner: None,
    menu: Some(Menu {
        module: "Setup",
        section: "Security",
        about: "Why requests for an account are rejected.",
    }),
    fields: &[&REASON.def, &IS_ACTIVE.def],
    columns: &[&REASON.def, &IS_ACTIVE.def],
    form: [&[&REASON.def], &[&IS_ACTIVE.def]],
    critical: &[],
    search: &[&REASON.def],
    code: None,
    in_use: Some(&IS_ACTIVE.def),
    title: &REASON.def,
    display: &[Part::Shown(&REASON.def)],
    removal: None,
    also_in_history_of: &[],
    keys: &[],
    judged: false,
    rights: Rights::Administrators,
};

//! The entity Customer Type, such as Wholesale or Retail (`docs/domain.md`, Customer Types).

use crate::domain::model::field::{Bool, Field, Multi};
use crate::domain::model::schema::{EntityDef, Initial, Menu, Part, Rights};

/// The name of the type.
pub static NAME: Field<Multi> =
    Field::multi("Name", "Name", "name", 254).required().help("What the type is called.");
/// Whether the type is in use; an inactive type is not proposed.
pub static IS_ACTIVE: Field<Bool> = Field::bool("IsActive", "Is Active", "is_active")
    .required()
    .initially(Initial::Bool(true))
    .help("Whether it is offered.");

/// The description of `Crm_Sales_CustomerTypes`.
pub static CUSTOMER_TYPE: EntityDef = EntityDef {
    name: "Customer Type",
    plural: "Customer Types",
    set: "Crm_Sales_CustomerTypes",
    type_name: "Crm_Sales_CustomerType",
    older_names: &["Crm_CustomerTypes", "Crm_CustomerType"],
    table: "crm_customer_types",
    base: None,
    subtype_field: None,
    owner: None,
    menu: Some(Menu { module: "CRM", section: "Sales", about: "Kinds of customers." }),
    fields: &[&NAME.def, &IS_ACTIVE.def],
    columns: &[&NAME.def, &IS_ACTIVE.def],
    form: [&[&NAME.def], &[&IS_ACTIVE.def]],
    critical: &[],
    search: &[&NAME.def],
    code: None,
    in_use: Some(&IS_ACTIVE.def),
    title: &NAME.def,
    display: &[Part::Shown(&NAME.def)],
    removal: None,
    also_in_history_of: &[],
    keys: &[],
    judged: false,
    rights: Rights::Administrators,
};

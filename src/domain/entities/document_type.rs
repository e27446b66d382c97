//! The entity Document Type (`docs/domain.md`, Other entities). CC009 requires one for sales orders.

use crate::domain::model::field::{Field, Multi, Text};
use crate::domain::model::schema::{EntityDef, Menu, Part, Rights};

/// The short name of the type, unique.
pub static CODE: Field<Text> =
    Field::text("Code", "Code", "code", 16).required().unique().help("The type's short name.");
/// The name of the type.
pub static TYPE_NAME: Field<Multi> =
    Field::multi("TypeName", "Type Name", "type_name", 254).required().help("What the type is called.");
/// The entity of the documents of the type, such as `Crm_Sales_Orders`.
pub static ENTITY_NAME: Field<Text> = Field::text("EntityName", "Entity Name", "entity_name", 64)
    .required()
    .help("The kind of document it makes: Crm_Sales_Orders for a sales order.");

/// The [`ENTITY_NAME`]s of document types for sales orders, compared exactly (`docs/codes.md`, The table, CC009).
/// Instances have the first; the others are written in older data.
pub const SALES_ORDERS: [&str; 3] = ["Crm_Sales_Orders", "Crm_Sales_SalesOrders", "SalesOrders"];

/// The description of `Systems_Documents_DocumentTypes`.
pub static DOCUMENT_TYPE: EntityDef = EntityDef {
    name: "Document Type",
    plural: "Document Types",
    set: "Systems_Documents_DocumentTypes",
    type_name: "Systems_Documents_DocumentType",
    older_names: &["General_DocumentTypes", "General_DocumentType"],
    table: "sys_document_types",
    base: None,
    subtype_field: None,
    owner: None,
    menu: Some(Menu { module: "Setup", section: "Core", about: "Kinds of documents." }),
    fields: &[&CODE.def, &TYPE_NAME.def, &ENTITY_NAME.def],
    columns: &[&CODE.def, &TYPE_NAME.def, &ENTITY_NAME.def],
    form: [&[&CODE.def, &TYPE_NAME.def], &[&ENTITY_NAME.def]],
    critical: &[],
    search: &[&CODE.def, &TYPE_NAME.def],
    code: Some(&CODE.def),
    in_use: None,
    title: &TYPE_NAME.def,
    display: &[Part::Shown(&TYPE_NAME.def)],
    removal: None,
    also_in_history_of: &[],
    keys: &[],
    judged: false,
    rights: Rights::Administrators,
};

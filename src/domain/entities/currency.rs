//! The entity Currency. A new database is filled from ISO 4217 (`docs/domain.md`, Other entities).

use crate::domain::model::field::{Field, Text};
use crate::domain::model::schema::{EntityDef, Part, Rights};

/// The code of the currency in ISO 4217, such as `EUR`.
pub static CURRENCY_SIGN: Field<Text> = Field::text("CurrencySign", "Currency Sign", "currency_sign", 4)
    .required()
    .unique()
    .help("The letters of ISO 4217.");
/// The name of the currency.
pub static NAME: Field<Text> =
    Field::text("Name", "Name", "name", 50).required().help("The currency's name.");

/// The description of `General_Currencies_Currencies`.
pub static CURRENCY: EntityDef = EntityDef {
    name: "Currency",
    plural: "Currencies",
    set: "General_Currencies_Currencies",
    type_name: "General_Currencies_Currency",
    older_names: &["General_Currencies", "General_Currency"],
    table: "gen_currencies",
    base: None,
    subtype_field: None,
    owner: None,
    menu: None,
    fields: &[&CURRENCY_SIGN.def, &NAME.def],
    columns: &[&CURRENCY_SIGN.def, &NAME.def],
    form: [&[&CURRENCY_SIGN.def, &NAME.def], &[]],
    critical: &[],
    search: &[&CURRENCY_SIGN.def, &NAME.def],
    code: Some(&CURRENCY_SIGN.def),
    in_use: None,
    title: &CURRENCY_SIGN.def,
    display: &[Part::Shown(&CURRENCY_SIGN.def)],
    removal: None,
    also_in_history_of: &[],
    keys: &[],
    judged: false,
    rights: Rights::Administrators,
};

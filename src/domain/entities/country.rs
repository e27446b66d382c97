//! The entity Country. A new database is filled from ISO 3166-1 (`docs/domain.md`, Other entities).

use crate::domain::model::field::{Field, Multi, Text};
use crate::domain::model::schema::{EntityDef, Part, Rights};

/// The two-letter code of ISO 3166-1, such as `GB`.
pub static CODE: Field<Text> =
    Field::text("Code", "Code", "code", 2).required().unique().help("The two letters of ISO 3166-1.");
/// The name of the country.
pub static NAME: Field<Multi> =
    Field::multi("Name", "Name", "name", 254).required().help("The country's name.");

/// The description of `General_Geography_Countries`.
pub static COUNTRY: EntityDef = EntityDef {
    name: "Country",
    plural: "Countries",
    set: "General_Geography_Countries",
    type_name: "General_Geography_Country",
    older_names: &[],
    table: "gen_countries",
    base: None,
    subtype_field: None,
    owner: None,
    menu: None,
    fields: &[&CODE.def, &NAME.def],
    columns: &[&CODE.def, &NAME.def],
    form: [&[&CODE.def, &NAME.def], &[]],
    critical: &[],
    search: &[&CODE.def, &NAME.def],
    code: Some(&CODE.def),
    in_use: None,
    title: &NAME.def,
    display: &[Part::Shown(&NAME.def)],
    removal: None,
    also_in_history_of: &[],
    keys: &[],
    judged: false,
    rights: Rights::Administrators,
};

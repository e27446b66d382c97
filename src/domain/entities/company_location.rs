//! The entity Company Location, a subtype of party: a location from which a company works and serves customers
//! (`docs/domain.md`, Company Locations).

use crate::domain::entities::company::COMPANY;
use crate::domain::entities::party::{
    self, GLN, IS_ACTIVE, PARTY, PARTY_CODE, PARTY_NAME, PARTY_NOTES, PARTY_TYPE, PartyType,
};
use crate::domain::model::field::{Field, Multi, Ref, Text};
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::rules::Rules;
use crate::domain::model::schema::{EntityDef, FieldDef, Menu, Part, Rights};

/// The company to which the location belongs.
pub static COMPANY_REF: Field<Ref> = Field::reference("Company", "Company", "company", &COMPANY)
    .required()
    .help("The company whose location this is.");
/// The name of the location. Party Name is computed from it.
pub static LOCATION_NAME: Field<Multi> = Field::multi("LocationName", "Location Name", "location_name", 254)
    .required()
    .help("The name of the place.");
/// The working hours of the location, as free text.
pub static WORKING_TIME: Field<Text> =
    Field::text("WorkingTime", "Working Time", "working_time", 254).help("When somebody is there.");

/// The description of `General_Contacts_CompanyLocations`.
pub static COMPANY_LOCATION: EntityDef = EntityDef {
    name: "Company Location",
    plural: "Company Locations",
    set: "General_Contacts_CompanyLocations",
    type_name: "General_Contacts_CompanyLocation",
    older_names: &[],
    table: "cm_company_locations",
    base: Some((&PARTY, PartyType::CompanyLocation.code())),
    subtype_field: None,
    owner: None,
    menu: Some(Menu { module: "General", section: "Contacts", about: "Places from which companies work." }),
    fields: &[&COMPANY_REF.def, &LOCATION_NAME.def, &WORKING_TIME.def],
    columns: &[&COMPANY_REF.def, &LOCATION_NAME.def, &PARTY_CODE.def, &IS_ACTIVE.def],
    form: [
        &[
            &PARTY_NAME.def,
            &PARTY_CODE.def,
            &IS_ACTIVE.def,
            &COMPANY_REF.def,
            &LOCATION_NAME.def,
            &PARTY_TYPE.def,
        ],
        &[&WORKING_TIME.def, &PARTY_NOTES.def, &GLN.def],
    ],
    critical: &[],
    search: &[&PARTY_CODE.def, &PARTY_NAME.def],
    code: Some(&PARTY_CODE.def),
    in_use: Some(&IS_ACTIVE.def),
    title: &LOCATION_NAME.def,
    display: &[Part::Shown(&COMPANY_REF.def), Part::Literal(", "), Part::Shown(&LOCATION_NAME.def)],
    removal: None,
    also_in_history_of: &[],
    keys: &[],
    judged: false,
    rights: Rights::Operators,
};

/// The business rules of a company location.
pub static RULES: Rules = Rules { changed, ..Rules::NONE };

/// Computes Party Name from Location Name, and Parent Party from Company (`docs/domain.md`, Company Locations).
fn changed(draft: &mut Draft, field: &FieldDef, _language: &str) {
    let computed = if *field == LOCATION_NAME.def {
        &PARTY_NAME.def
    } else if *field == COMPANY_REF.def {
        &party::PARENT_PARTY.def
    } else {
        return;
    };
    let value = draft.value(field).clone();
    draft.set(computed, value);
}

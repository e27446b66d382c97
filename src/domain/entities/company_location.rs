//! The entity Company Location, a subtype of party: a location from which a company works and serves customers
//! (`docs/domain.md`, Company Locations).

use crate::domain::entities::company::COMPANY;
use crate::domain::entities::party::{
    GLN, IS_ACTIVE, LONGEST_PARTY_NAME, PARENT_PARTY, PARTY, PARTY_CODE, PARTY_NAME, PARTY_NOTES, PARTY_TYPE,
    PartyType, shortened,
};
use crate::domain::model::field::{Field, Multi, Ref, Text};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::rules::{Follows, Rules};
use crate::domain::model::schema::{EntityDef, FieldDef, Menu, Part, Rights};
use crate::domain::model::value::{MultiLang, Value};

/// The company to which the location belongs.
pub static COMPANY_REF: Field<Ref> = Field::reference("Company", "Company", "company", &COMPANY)
    .required()
    .help("The company whose location this is.");
/// The name of the location. Party Name is computed from it.
pub static LOCATION_NAME: Field<Multi> = Field::multi("LocationName", "Location Name", "location_name", 254)
    .required()
    .help("The name of the location. Its Party Name is this, behind the company's.");
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
pub static RULES: Rules = Rules {
    changed,
    follows: Some(Follows {
        reference: &COMPANY_REF.def,
        source: &PARTY_NAME.def,
        fields: &[&PARTY_NAME.def, &PARENT_PARTY.def],
        compute: follow_company,
    }),
    ..Rules::NONE
};

/// Computes Parent Party from Company, and the Party Name that the operator sees before the save, in the operator's
/// language alone: only [`follow_company`] knows the company's name in the other languages.
fn changed(draft: &mut Draft, field: &FieldDef, language: &str) {
    if *field == COMPANY_REF.def {
        let company = draft.value(field).clone();
        draft.set(&PARENT_PARTY.def, company);
    }
    if *field != COMPANY_REF.def && *field != LOCATION_NAME.def {
        return;
    }
    let stored = draft.base.as_ref().map_or(Value::Empty, |base| base.value(&PARTY_NAME.def).clone());
    let is_changed = [&COMPANY_REF.def, &LOCATION_NAME.def].iter().any(|field| draft.is_field_changed(field));
    let name = match (draft.get(&COMPANY_REF), draft.get(&LOCATION_NAME)) {
        (Some(company), Some(location)) if is_changed => {
            let mut name = if let Value::Multi(stored) = stored { stored } else { MultiLang::default() };
            name.set(language, party_name(&company.shown, location.text(language)));
            Value::multi(name)
        }
        (Some(_), Some(_)) => stored,
        _ => Value::Empty,
    };
    draft.set(&PARTY_NAME.def, name);
}

/// Computes Party Name and Parent Party from the company (R28990, R28991; `docs/domain.md`, Company Locations).
fn follow_company(draft: &mut Draft, company: &Record) {
    let name = match (company.get(&PARTY_NAME), draft.get(&LOCATION_NAME)) {
        (Some(company), Some(location)) => MultiLang::combined(&[company, location], |names| match names {
            [company, location] => party_name(company, location),
            _ => String::new(),
        }),
        _ => return,
    };
    draft.set(&PARTY_NAME.def, Value::multi(name));
    let company = draft.value(&COMPANY_REF.def).clone();
    draft.set(&PARENT_PARTY.def, company);
}

/// The names of the company and of the location, cut off where they are too long for a Party Name together.
fn party_name(company: &str, location: &str) -> String {
    shortened(&format!("{company}, {location}"), LONGEST_PARTY_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tests::{changed as changed_from, english, multi, new, stored, to};

    /// A location of the company of number 7.
    fn location(values: &[(&'static FieldDef, Value)]) -> Vec<(&'static FieldDef, Value)> {
        [&[(&COMPANY_REF.def, to(7)), (&LOCATION_NAME.def, english("HQ"))], values].concat()
    }

    #[test]
    fn a_form_shows_the_name_in_the_operators_language_before_the_save() {
        let saved = multi(&[("en", "KK Ltd., HQ"), ("bg", "КК, HQ")]);
        let row = stored(&COMPANY_LOCATION, &location(&[(&PARTY_NAME.def, saved.clone())]));
        let shown = multi(&[("en", "Record 7, Shop"), ("bg", "КК, HQ")]);
        let renamed = (&LOCATION_NAME.def, english("Shop"));
        let (company, name, other) = (&COMPANY_REF.def, &LOCATION_NAME.def, &WORKING_TIME.def);
        let table = [
            ("a new one", name, new(&COMPANY_LOCATION, &location(&[])), english("Record 7, HQ")),
            ("a new one", company, new(&COMPANY_LOCATION, &location(&[])), english("Record 7, HQ")),
            ("another field", other, new(&COMPANY_LOCATION, &location(&[])), Value::Empty),
            ("no company", name, new(&COMPANY_LOCATION, &[(name, english("HQ"))]), Value::Empty),
            ("no name", company, new(&COMPANY_LOCATION, &[(company, to(7))]), Value::Empty),
            ("renamed", name, changed_from(&row, &[renamed]), shown),
            ("named as before", name, changed_from(&row, &[(&PARTY_NAME.def, english("x"))]), saved),
        ];
        for (what, field, mut draft, party_name) in table {
            (RULES.changed)(&mut draft, field, "en");
            assert_eq!(draft.value(&PARTY_NAME.def), &party_name, "{what}");
        }
    }

    #[test]
    fn a_location_belongs_to_its_company_when_that_is_chosen() {
        for (field, parent) in [(&COMPANY_REF.def, to(7)), (&LOCATION_NAME.def, Value::Empty)] {
            let mut draft = new(&COMPANY_LOCATION, &location(&[]));
            (RULES.changed)(&mut draft, field, "en");
            assert_eq!(draft.value(&PARENT_PARTY.def), &parent, "{field:?}");
        }
    }

    #[test]
    fn a_save_names_a_location_after_its_company_in_every_language_however_long_that_is() {
        let follows = RULES.follows.expect("computed fields");
        let long = "K".repeat(LONGEST_PARTY_NAME);
        let table = [
            (multi(&[("en", "KK Ltd."), ("bg", "КК")]), multi(&[("en", "KK Ltd., HQ"), ("bg", "КК, HQ")])),
            (english(&long), english(&long)),
            (Value::Empty, english("old")),
        ];
        for (company_name, party_name) in table {
            let company = stored(&COMPANY, &[(&PARTY_NAME.def, company_name)]);
            let mut draft = new(&COMPANY_LOCATION, &location(&[(&PARTY_NAME.def, english("old"))]));
            (follows.compute)(&mut draft, &company);
            assert_eq!(draft.value(&PARTY_NAME.def), &party_name);
            let is_computed = !company.value(&PARTY_NAME.def).is_empty();
            assert_eq!(draft.value(&PARENT_PARTY.def), &if is_computed { to(7) } else { Value::Empty });
        }
    }
}

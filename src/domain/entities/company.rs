//! The entity Company, a subtype of party (`docs/domain.md`, Companies).

use crate::domain::entities::country::COUNTRY;
use crate::domain::entities::party::{
    GLN, IS_ACTIVE, LONGEST_PARTY_NAME, PARENT_PARTY, PARTY, PARTY_CODE, PARTY_NAME, PARTY_NOTES, PARTY_TYPE,
    PARTY_UNIQUE_NUMBER, PartyType, shortened,
};
use crate::domain::model::field::{Bool, Field, Int, Multi, Ref, Text};
use crate::domain::model::match_key::MatchKey;
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::rules::Rules;
use crate::domain::model::schema::{EntityDef, FieldDef, Initial, Menu, Part, Rights, UniqueKey};
use crate::domain::model::value::{MultiLang, Value};

/// The registered name. Party Name is computed from it.
pub static NAME: Field<Multi> =
    Field::multi("Name", "Name", "name", 254).required().keyed().help("The registered name.");
/// The number in the trade register. Party Unique Number is computed from it.
pub static REGISTRATION_NUMBER: Field<Text> =
    Field::text("RegistrationNumber", "Registration Number", "registration_number", 16)
        .keyed()
        .help("The number in the trade register. It becomes the Party Unique Number.");
/// The VAT number.
pub static REGISTRATION_VAT_NUMBER: Field<Text> =
    Field::text("RegistrationVATNumber", "Registration VAT Number", "registration_vat_number", 16)
        .help("The VAT number.");
/// The legal form, such as `Ltd.`.
pub static REGISTRATION_TYPE: Field<Multi> =
    Field::multi("RegistrationType", "Registration Type", "registration_type", 16)
        .help("The legal form: Ltd., GmbH.");
/// The registered address.
pub static REGISTRATION_PRIMARY_ADDRESS: Field<Multi> = Field::multi(
    "RegistrationPrimaryAddress",
    "Registration Primary Address",
    "registration_primary_address",
    254,
)
.help("The registered address.");
/// The city of the registered address.
pub static CITY: Field<Multi> =
    Field::multi("City", "City", "city", 64).help("The city of the registered address.");
/// The country of registration.
pub static COUNTRY_REF: Field<Ref> =
    Field::reference("Country", "Country", "country", &COUNTRY).help("The country of registration.");
/// The name of the person responsible for the company.
pub static RESPONSIBLE_PERSON_NAME: Field<Multi> =
    Field::multi("ResponsiblePersonName", "Responsible Person Name", "responsible_person_name", 64)
        .help("Who answers for the company.");
/// Whether the company is registered for VAT.
pub static IS_VAT_REGISTERED: Field<Bool> =
    Field::bool("IsVATRegistered", "Is VAT Registered", "is_vat_registered")
        .help("Whether the company is registered for VAT.");
/// The number that distinguishes companies with the same name or registration number; 0 by default. Party Name is
/// computed from it.
pub static BRANCH_NUMBER: Field<Int> = Field::int("BranchNumber", "Branch Number", "branch_number", 0)
    .required()
    .initially(Initial::Int(0))
    .help("Two companies may share a name or a registration number only with different branch numbers.");

/// The description of `General_Contacts_Companies`.
pub static COMPANY: EntityDef = EntityDef {
    name: "Company",
    plural: "Companies",
    set: "General_Contacts_Companies",
    type_name: "General_Contacts_Company",
    older_names: &[],
    table: "cm_companies",
    base: Some((&PARTY, PartyType::Company.code())),
    subtype_field: None,
    owner: None,
    menu: Some(Menu {
        module: "General",
        section: "Contacts",
        about: "Companies, ours and those of customers.",
    }),
    fields: &[
        &NAME.def,
        &REGISTRATION_NUMBER.def,
        &REGISTRATION_VAT_NUMBER.def,
        &REGISTRATION_TYPE.def,
        &REGISTRATION_PRIMARY_ADDRESS.def,
        &CITY.def,
        &COUNTRY_REF.def,
        &RESPONSIBLE_PERSON_NAME.def,
        &IS_VAT_REGISTERED.def,
        &BRANCH_NUMBER.def,
    ],
    columns: &[
        &PARTY_NAME.def,
        &REGISTRATION_NUMBER.def,
        &CITY.def,
        &COUNTRY_REF.def,
        &PARTY_CODE.def,
        &PARENT_PARTY.def,
        &IS_ACTIVE.def,
    ],
    form: [
        &[
            &PARTY_UNIQUE_NUMBER.def,
            &PARTY_NAME.def,
            &PARTY_CODE.def,
            &IS_ACTIVE.def,
            &NAME.def,
            &REGISTRATION_NUMBER.def,
            &REGISTRATION_VAT_NUMBER.def,
            &REGISTRATION_TYPE.def,
            &PARTY_TYPE.def,
            &PARENT_PARTY.def,
        ],
        &[
            &REGISTRATION_PRIMARY_ADDRESS.def,
            &CITY.def,
            &COUNTRY_REF.def,
            &RESPONSIBLE_PERSON_NAME.def,
            &IS_VAT_REGISTERED.def,
            &BRANCH_NUMBER.def,
            &PARTY_NOTES.def,
            &GLN.def,
        ],
    ],
    critical: &[],
    search: &[&REGISTRATION_NUMBER.def, &PARTY_NAME.def],
    code: Some(&PARTY_CODE.def),
    in_use: Some(&IS_ACTIVE.def),
    title: &PARTY_NAME.def,
    display: &[Part::Shown(&PARTY_NAME.def)],
    removal: None,
    also_in_history_of: &[],
    keys: &[
        UniqueKey { fields: &[&NAME.def, &BRANCH_NUMBER.def], also_without: false },
        UniqueKey { fields: &[&REGISTRATION_NUMBER.def, &BRANCH_NUMBER.def], also_without: false },
    ],
    judged: false,
    rights: Rights::Operators,
};

/// A company is found by its name and its numbers.
pub static MATCH_KEYS: [MatchKey; 3] = [
    MatchKey::CompanyName(&NAME.def),
    MatchKey::CompanyNumber(&REGISTRATION_NUMBER.def),
    MatchKey::CompanyNumber(&REGISTRATION_VAT_NUMBER.def),
];

/// The business rules of a company.
pub static RULES: Rules = Rules { changed, ..Rules::NONE };

/// Computes Party Name from Name and Branch Number, and Party Unique Number from Registration Number
/// (`docs/domain.md`, Companies).
fn changed(draft: &mut Draft, field: &FieldDef, _language: &str) {
    if *field == NAME.def || *field == BRANCH_NUMBER.def {
        let name = party_name(draft);
        draft.set(&PARTY_NAME.def, name);
    } else if *field == REGISTRATION_NUMBER.def {
        let number = draft.value(field).clone();
        draft.set(&PARTY_UNIQUE_NUMBER.def, number);
    }
}

/// The name of the company; that of a branch is followed by the number of the branch, as in `KK Ltd.[2]` (R18731). A
/// name that is too long for both is cut off before the number.
pub fn party_name(company: &impl Fields) -> Value {
    let Some(name) = company.get(&NAME) else { return Value::Empty };
    match company.get(&BRANCH_NUMBER) {
        None | Some(0) => Value::Multi(name.clone()),
        Some(branch) => {
            let number = format!("[{branch}]");
            let room = LONGEST_PARTY_NAME.saturating_sub(number.len());
            Value::multi(MultiLang::combined(&[name], |names| shortened(&names.concat(), room) + &number))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tests::{english, multi, new};

    #[test]
    fn a_branch_has_its_number_behind_the_name_however_long_that_is() {
        let longest = "K".repeat(LONGEST_PARTY_NAME);
        let cut = format!("{}[12]", "K".repeat(LONGEST_PARTY_NAME - 4));
        let table = [
            (english("KK Ltd."), Value::Empty, english("KK Ltd.")),
            (english("KK Ltd."), Value::Int(0), english("KK Ltd.")),
            (english("KK Ltd."), Value::Int(2), english("KK Ltd.[2]")),
            (multi(&[("en", "KK"), ("bg", "КК")]), Value::Int(2), multi(&[("en", "KK[2]"), ("bg", "КК[2]")])),
            (english(&longest), Value::Int(12), english(&cut)),
            (Value::Empty, Value::Int(2), Value::Empty),
        ];
        for (name, branch, party_name) in table {
            let values = [(&NAME.def, name), (&BRANCH_NUMBER.def, branch)];
            for field in [&NAME.def, &BRANCH_NUMBER.def] {
                let mut draft = new(&COMPANY, &values);
                (RULES.changed)(&mut draft, field, "en");
                assert_eq!(draft.value(&PARTY_NAME.def), &party_name, "{field:?} of {values:?}");
            }
        }
    }

    #[test]
    fn a_field_is_computed_when_what_it_follows_from_changes_and_not_before() {
        let number = Value::text("203456789");
        let values = [(&NAME.def, english("KK Ltd.")), (&REGISTRATION_NUMBER.def, number.clone())];
        for (field, party_name, unique_number) in [
            (&NAME.def, english("KK Ltd."), Value::Empty),
            (&REGISTRATION_NUMBER.def, Value::Empty, number),
            (&CITY.def, Value::Empty, Value::Empty),
        ] {
            let mut draft = new(&COMPANY, &values);
            (RULES.changed)(&mut draft, field, "en");
            assert_eq!(draft.value(&PARTY_NAME.def), &party_name, "{field:?}");
            assert_eq!(draft.value(&PARTY_UNIQUE_NUMBER.def), &unique_number, "{field:?}");
        }
    }
}

//! The entity Person, a subtype of party (`docs/domain.md`, Persons).

use crate::domain::entities::country::COUNTRY;
use crate::domain::entities::party::{
    GLN, IS_ACTIVE, PARENT_PARTY, PARTY, PARTY_CODE, PARTY_NAME, PARTY_NOTES, PARTY_TYPE,
    PARTY_UNIQUE_NUMBER, PartyType, grants_to,
};
use crate::domain::model::choice::choices;
use crate::domain::model::field::{Date, Field, Multi, Ref, Text};
use crate::domain::model::match_key::MatchKey;
use crate::domain::model::person_name::{PersonName, joined};
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::rules::Rules;
use crate::domain::model::schema::{EntityDef, FieldDef, Menu, Part, Rights};
use crate::domain::model::value::{MultiLang, Value};

choices! {
    /// The gender, as the person states it.
    Gender {
        /// Female.
        Female = "F", "Female", "Female";
        /// Male.
        Male = "M", "Male", "Male";
        /// Neither female nor male.
        Other = "O", "Other", "Other";
        /// The person prefers not to say.
        PreferNotToSay = "N", "PreferNotToSay", "Prefer Not To Say";
    }
}

/// The given name.
pub static FIRST_NAME: Field<Multi> = Field::multi("FirstName", "First Name", "first_name", 64).help(
    "The given name. First Name, Last Name and Parent Party are what a Client Center user's person needs.",
);
/// The middle name or patronymic.
pub static MIDDLE_NAME: Field<Multi> =
    Field::multi("MiddleName", "Middle Name", "middle_name", 64).help("The middle name or patronymic.");
/// The family name.
pub static LAST_NAME: Field<Multi> =
    Field::multi("LastName", "Last Name", "last_name", 64).help("The family name.");
/// The form of address, such as `Dr.`.
pub static TITLE: Field<Multi> = Field::multi("Title", "Title", "title", 32).help("Mr., Ms., Dr.");
/// The gender, as the person states it.
pub static GENDER: Field<Gender> =
    Field::choice("Gender", "Gender", "gender").help("As the person states it.");
/// The day of birth.
pub static BIRTH_DATE: Field<Date> =
    Field::date("BirthDate", "Birth Date", "birth_date").help("The day of birth.");
/// The country of citizenship.
pub static NATIONALITY: Field<Ref> = Field::reference("Nationality", "Nationality", "nationality", &COUNTRY)
    .help("The country of citizenship.");
/// The city where the person lives.
pub static CITY: Field<Multi> = Field::multi("City", "City", "city", 64).help("Where the person lives.");
/// The personal number issued by the state. Party Unique Number is computed from it.
pub static NATIONAL_NUMBER: Field<Text> =
    Field::text("NationalNumber", "National Number", "national_number", 16)
        .help("The personal number the state has given. It becomes the Party Unique Number.");
/// The number of the passport.
pub static PASSPORT_NUMBER: Field<Text> =
    Field::text("PassportNumber", "Passport Number", "passport_number", 14)
        .help("The number of the passport.");
/// The date on which the passport was issued.
pub static PASSPORT_ISSUING_DATE: Field<Date> =
    Field::date("PassportIssuingDate", "Passport Issuing Date", "passport_issuing_date")
        .help("When it was issued.");
/// The operators' notes on the person.
pub static NOTES: Field<Text> =
    Field::lines("Notes", "Notes", "notes", 254).help("Anything worth knowing about the person.");

/// The description of `General_Contacts_Persons`.
pub static PERSON: EntityDef = EntityDef {
    name: "Person",
    plural: "Persons",
    set: "General_Contacts_Persons",
    type_name: "General_Contacts_Person",
    older_names: &[],
    table: "cm_persons",
    base: Some((&PARTY, PartyType::Person.code())),
    subtype_field: None,
    owner: None,
    menu: Some(Menu {
        module: "General",
        section: "Contacts",
        about: "People, and the company each belongs to.",
    }),
    fields: &[
        &FIRST_NAME.def,
        &MIDDLE_NAME.def,
        &LAST_NAME.def,
        &TITLE.def,
        &GENDER.def,
        &BIRTH_DATE.def,
        &NATIONALITY.def,
        &CITY.def,
        &NATIONAL_NUMBER.def,
        &PASSPORT_NUMBER.def,
        &PASSPORT_ISSUING_DATE.def,
        &NOTES.def,
    ],
    columns: &[
        &PARTY_NAME.def,
        &PARENT_PARTY.def,
        &PARTY_CODE.def,
        &CITY.def,
        &NATIONAL_NUMBER.def,
        &IS_ACTIVE.def,
    ],
    form: [
        &[
            &PARTY_UNIQUE_NUMBER.def,
            &PARTY_NAME.def,
            &PARTY_CODE.def,
            &IS_ACTIVE.def,
            &FIRST_NAME.def,
            &MIDDLE_NAME.def,
            &LAST_NAME.def,
            &PARTY_TYPE.def,
            &TITLE.def,
            &GENDER.def,
            &PARENT_PARTY.def,
            &BIRTH_DATE.def,
        ],
        &[
            &NATIONALITY.def,
            &CITY.def,
            &NOTES.def,
            &NATIONAL_NUMBER.def,
            &PASSPORT_NUMBER.def,
            &PASSPORT_ISSUING_DATE.def,
            &PARTY_NOTES.def,
            &GLN.def,
        ],
    ],
    critical: &[&FIRST_NAME.def, &LAST_NAME.def, &PARENT_PARTY.def],
    search: &[&NATIONAL_NUMBER.def, &PARTY_NAME.def],
    code: Some(&PARTY_CODE.def),
    in_use: Some(&IS_ACTIVE.def),
    title: &PARTY_NAME.def,
    display: &[Part::Shown(&PARTY_NAME.def)],
    removal: None,
    also_in_history_of: &[],
    keys: &[],
    judged: false,
    rights: Rights::Operators,
};

/// A person is found by its name, and by each word of it in the party that it belongs to.
pub static MATCH_KEYS: [MatchKey; 1] = [MatchKey::PersonName(&PARTY_NAME.def, &PARENT_PARTY.def)];

/// The business rules of a person.
pub static RULES: Rules = Rules { changed, name_new, grants_to, ..Rules::NONE };

/// Computes Party Name from the three names, and Party Unique Number from National Number (`docs/domain.md`, Persons).
fn changed(draft: &mut Draft, field: &FieldDef, _language: &str) {
    if [&FIRST_NAME.def, &MIDDLE_NAME.def, &LAST_NAME.def].contains(&field) {
        let name = joined_name(draft);
        draft.set(&PARTY_NAME.def, Value::multi(name));
    }
    if *field == NATIONAL_NUMBER.def {
        let number = draft.value(&NATIONAL_NUMBER.def).clone();
        draft.set(&PARTY_UNIQUE_NUMBER.def, number);
    }
}

/// Splits what was typed into first, middle and last name.
fn name_new(new: &mut Draft, typed: &str, language: &str) {
    let PersonName { first, middle, last } = PersonName::split(typed);
    for (field, name) in [(&FIRST_NAME, first), (&MIDDLE_NAME, middle), (&LAST_NAME, last)] {
        new.set(&field.def, Value::multi(MultiLang::new(language, name)));
        changed(new, &field.def, language);
    }
}

/// First, middle and last name joined by spaces, in every language that one of them has. A name without a translation
/// in that language is taken in English, else in its first language.
fn joined_name(draft: &Draft) -> MultiLang {
    let parts: Vec<&MultiLang> =
        [&FIRST_NAME, &MIDDLE_NAME, &LAST_NAME].into_iter().filter_map(|name| draft.get(name)).collect();
    MultiLang::combined(&parts, |names| joined(names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::rules::Grantee;
    use crate::domain::tests::{changed as changed_from, english, id, multi, new, stored, to};

    #[test]
    fn the_party_name_is_made_of_the_names_in_each_language() {
        let lea = || (&FIRST_NAME.def, multi(&[("en", "Lea"), ("bg", "Леа")]));
        let ann = || (&MIDDLE_NAME.def, english("Ann"));
        let marsh = || (&LAST_NAME.def, multi(&[("en", "Marsh"), ("de", "Marsch")]));
        let table = [
            (vec![lea()], multi(&[("en", "Lea"), ("bg", "Леа")])),
            (vec![marsh()], multi(&[("en", "Marsh"), ("de", "Marsch")])),
            // A name that is missing in a language is taken in English.
            (vec![lea(), ann()], multi(&[("en", "Lea Ann"), ("bg", "Леа Ann")])),
            (
                vec![lea(), ann(), marsh()],
                multi(&[("bg", "Леа Ann Marsh"), ("de", "Lea Ann Marsch"), ("en", "Lea Ann Marsh")]),
            ),
            (vec![], Value::Empty),
        ];
        for (names, party_name) in table {
            for field in [&FIRST_NAME.def, &MIDDLE_NAME.def, &LAST_NAME.def] {
                let mut draft = new(&PERSON, &names);
                (RULES.changed)(&mut draft, field, "en");
                assert_eq!(draft.value(&PARTY_NAME.def), &party_name, "{field:?} of {names:?}");
            }
        }
    }

    #[test]
    fn a_field_is_computed_when_what_it_follows_from_changes_and_not_before() {
        let values = [(&FIRST_NAME.def, english("Lea")), (&NATIONAL_NUMBER.def, Value::text("7501020018"))];
        let number = Value::text("7501020018");
        for (field, party_name, unique_number) in [
            (&FIRST_NAME.def, english("Lea"), Value::Empty),
            (&NATIONAL_NUMBER.def, Value::Empty, number),
            (&NOTES.def, Value::Empty, Value::Empty),
        ] {
            let mut draft = new(&PERSON, &values);
            (RULES.changed)(&mut draft, field, "en");
            assert_eq!(draft.value(&PARTY_NAME.def), &party_name, "{field:?}");
            assert_eq!(draft.value(&PARTY_UNIQUE_NUMBER.def), &unique_number, "{field:?}");
        }
    }

    #[test]
    fn what_was_typed_to_find_a_person_names_a_new_one() {
        let mut draft = new(&PERSON, &[]);
        (RULES.name_new)(&mut draft, "Леа Марш", "bg");
        let named = [
            (&FIRST_NAME.def, multi(&[("bg", "Леа")])),
            (&LAST_NAME.def, multi(&[("bg", "Марш")])),
            (&PARTY_NAME.def, multi(&[("bg", "Леа Марш")])),
        ];
        assert_eq!(draft, new(&PERSON, &named));
    }

    #[test]
    fn promise_07_a_person_is_let_in_by_a_new_parent_party() {
        let of_five = stored(&PERSON, &[(&PARENT_PARTY.def, to(5))]);
        let parent = |value| [(&PARENT_PARTY.def, value)];
        let table = [
            ("a new person", new(&PERSON, &parent(to(5))), true),
            ("one of nobody", new(&PERSON, &[]), false),
            ("another company", changed_from(&of_five, &parent(to(6))), true),
            ("the same", changed_from(&of_five, &parent(to(5))), false),
            ("none any more", changed_from(&of_five, &parent(Value::Empty)), false),
        ];
        for (what, draft, is_let_in) in table {
            let grantee = is_let_in.then_some(Grantee::Person(id(1)));
            assert_eq!((RULES.grants_to)(&draft), grantee, "{what}");
        }
    }
}

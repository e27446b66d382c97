//! The entity Party: the base of persons, companies and company locations (`docs/domain.md`, Parties).

use crate::domain::model::choice::choices;
use crate::domain::model::field::{Bool, Field, Multi, Ref, Text};
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::rules::{Grantee, Rules};
use crate::domain::model::schema::{EntityDef, Initial, Part, Rights};

choices! {
    /// The type of a party.
    PartyType {
        /// A person.
        Person = "P", "Person", "Person";
        /// A company.
        Company = "C", "Company", "Company";
        /// A location of a company.
        CompanyLocation = "L", "CompanyLocation", "Company Location";
        /// A division of a company, without a table of its own.
        CompanyDivision = "V", "CompanyDivision", "Company Division";
        /// A store, without a table of its own.
        Store = "S", "Store", "Store";
    }
}

/// The party's code, unique among all parties. Left empty, it takes the next number when the party is saved.
pub static PARTY_CODE: Field<Text> = Field::text("PartyCode", "Party Code", "party_code", 16)
    .numbered()
    .help("The party's own code. Left empty, it takes the next number when it is saved.");
/// The greatest length of [`PARTY_NAME`] in each language, in code points.
pub const LONGEST_PARTY_NAME: usize = 254;

/// The name of the party, computed by the rules of its subtype.
pub static PARTY_NAME: Field<Multi> =
    Field::multi("PartyName", "Party Name", "party_name", LONGEST_PARTY_NAME)
        .required()
        .read_only()
        .help("Made from the names of the person or company; it follows them.");
/// The type of the party, which determines its subtype.
pub static PARTY_TYPE: Field<PartyType> = Field::choice("PartyType", "Party Type", "party_type")
    .required()
    .read_only()
    .help("Whether the party is a person, a company, or a part of a company.");
/// The national number of a person or the registration number of a company, computed by the rules of the subtype.
pub static PARTY_UNIQUE_NUMBER: Field<Text> =
    Field::text("PartyUniqueNumber", "Party Unique Number", "party_unique_number", 16)
        .read_only()
        .help("The national number of a person, or the registration number of a company.");
/// The party to which this party belongs; cycles are refused (`docs/domain.md`, Parties).
pub static PARENT_PARTY: Field<Ref> = Field::reference("ParentParty", "Parent Party", "parent_party", &PARTY)
    .acyclic()
    .help("The company or unit this party belongs to. A user enters a Client Center on behalf of the person's parent party.");
/// Whether the party is in use; an inactive party is not proposed.
pub static IS_ACTIVE: Field<Bool> = Field::bool("IsActive", "Is Active", "is_active")
    .required()
    .initially(Initial::Bool(true))
    .help("Clear it when the party is not to be used any more.");
/// The operators' notes on the party.
pub static PARTY_NOTES: Field<Text> = Field::lines("PartyNotes", "Party Notes", "party_notes", 254)
    .help("Anything worth knowing about the party.");
/// The Global Location Number, at most 13 characters.
pub static GLN: Field<Text> =
    Field::text("GLN", "GLN", "gln", 13).help("The Global Location Number, 13 digits.");

/// The description of `General_Contacts_Parties`.
pub static PARTY: EntityDef = EntityDef {
    name: "Party",
    plural: "Parties",
    set: "General_Contacts_Parties",
    type_name: "General_Contacts_Party",
    older_names: &[],
    table: "gen_parties",
    base: None,
    subtype_field: Some(&PARTY_TYPE.def),
    owner: None,
    menu: None,
    fields: &[
        &PARTY_CODE.def,
        &PARTY_NAME.def,
        &PARTY_TYPE.def,
        &PARTY_UNIQUE_NUMBER.def,
        &PARENT_PARTY.def,
        &IS_ACTIVE.def,
        &PARTY_NOTES.def,
        &GLN.def,
    ],
    columns: &[&PARTY_NAME.def, &PARTY_TYPE.def, &PARTY_CODE.def, &PARENT_PARTY.def, &IS_ACTIVE.def],
    form: [
        &[
            &PARTY_UNIQUE_NUMBER.def,
            &PARTY_NAME.def,
            &PARTY_CODE.def,
            &IS_ACTIVE.def,
            &PARTY_TYPE.def,
            &PARENT_PARTY.def,
        ],
        &[&PARTY_NOTES.def, &GLN.def],
    ],
    critical: &[],
    search: &[&PARTY_CODE.def, &PARTY_NAME.def],
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

/// The business rules of a party.
pub static RULES: Rules = Rules { grants_to, ..Rules::NONE };

/// A person, by a new Parent Party: the company to come in for (`docs/codes.md`, CC003). Of other parties it opens
/// nothing.
pub(super) fn grants_to(draft: &Draft) -> Option<Grantee> {
    let is_given = draft.is_field_changed(&PARENT_PARTY.def) && draft.get(&PARENT_PARTY).is_some();
    is_given.then_some(Grantee::Person(draft.id))
}

/// The first code points of a text, at most `length` of them.
pub(super) fn shortened(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

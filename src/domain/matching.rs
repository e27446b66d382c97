//! Persons and companies proposed for a request for an account, with the reasons in words (`docs/domain.md`, Proposals).
//! Nothing is chosen by itself.
//!
//! A request ([`Asked`]) is compared with the records that have a key in common with it ([`Known`]): [`wanted`] and
//! [`wanted_within`] say by which keys they are found, [`keys_of`] which keys a record has. [`propose`] judges them. What
//! was found besides does no harm.

mod companies;
mod company_name;
mod contact;
mod evidence;
mod keys;
mod name;
mod person_name;
mod persons;
mod reason;
mod romanise;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::model::value::RecordId;

pub use keys::{Key, keys_of};
pub use name::Name;
pub use reason::Reason;

/// What a login without person, or one whose person belongs to no party, says of its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The id of the user; `None` for one that is not stored.
    pub user: Option<RecordId>,
    /// The login.
    pub login: String,
    /// The name, in all its languages.
    pub names: Vec<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the owner of the address has answered.
    pub email_confirmed: bool,
    /// The telephone number.
    pub phone: Option<String>,
    /// The company that the owner claims to work for.
    pub claim: Option<String>,
    /// The message to whoever decides.
    pub message: Option<String>,
    /// How another system knows the user: its name for itself, and the id there.
    pub external_id: Option<ExternalId>,
    /// Whether login or e-mail mix scripts, or look like those of another user.
    pub is_look_alike: bool,
    /// The person of the login, when a company is looked for alone.
    pub person: Option<RecordId>,
}

/// How another system knows a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExternalId {
    /// The other system.
    pub system: Option<String>,
    /// The id there.
    pub id: String,
}

/// Another login, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownLogin {
    /// The login.
    pub login: String,
    /// Its name, in all its languages.
    pub names: Vec<Name>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its telephone number.
    pub phone: Option<String>,
    /// The company that its owner has claimed to work for.
    pub claim: Option<Name>,
    /// Whether it can sign in.
    pub active: bool,
    /// The person who signs in with it.
    pub person: Option<RecordId>,
    /// The companies whose customers it is let in to, besides that of its person.
    pub companies: BTreeSet<RecordId>,
}

/// A person, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPerson {
    /// The party code.
    pub party_code: String,
    /// The text with which the person is shown.
    pub shown: String,
    /// The party name, in all its languages.
    pub names: Vec<Name>,
    /// Whether the person is in use.
    pub active: bool,
    /// The company that the person belongs to, directly or through a location, and the company above that one.
    pub companies: Vec<RecordId>,
    /// Whether the person belongs to any party.
    pub has_parent: bool,
    /// The text with which that party is shown; empty without one.
    pub employer: String,
    /// How another system knows the person.
    pub external_id: Option<ExternalId>,
}

/// A company, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownCompany {
    /// The party code.
    pub party_code: String,
    /// The text with which the company is shown.
    pub shown: String,
    /// The name, in all its languages.
    pub names: Vec<Name>,
    /// The registration and VAT numbers.
    pub numbers: Vec<String>,
    /// Whether the company is in use.
    pub active: bool,
}

/// The records that a request is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The logins by the ids of the users.
    pub logins: BTreeMap<RecordId, KnownLogin>,
    /// The persons.
    pub persons: BTreeMap<RecordId, KnownPerson>,
    /// The companies.
    pub companies: BTreeMap<RecordId, KnownCompany>,
}

/// How sure a proposal is, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something speaks for it.
    Possible,
    /// Much speaks for it.
    Likely,
    /// Two independent reasons agree, nothing contradicts, and no other candidate comes near.
    Certain,
}

impl Level {
    /// The word for the level.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// A person or company that is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The id of the party.
    pub id: RecordId,
    /// Its party code.
    pub party_code: String,
    /// The text with which it is shown.
    pub shown: String,
    /// How sure it is.
    pub level: Level,
    /// What speaks for it, then what speaks against it, and what else is to be known.
    pub reasons: Vec<Reason>,
    /// The login of a person who has one already that can sign in: the request may be a duplicate.
    pub has_login: Option<String>,
}

/// What is proposed for one request, the surest first; persons with a login before others of the same level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposals {
    /// The persons who may be the owner of the login.
    pub persons: Vec<Candidate>,
    /// The companies that the owner may work for.
    pub companies: Vec<Candidate>,
}

/// The most candidates of a kind that are proposed.
const MOST_CANDIDATES: usize = 5;

/// The keys by which the records are found that a request is compared with. A key of very many records says nothing: at
/// most [`Wanted::MOST`] of them are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Keys of logins.
    pub logins: BTreeSet<Key>,
    /// Keys of persons.
    pub persons: BTreeSet<Key>,
    /// Keys of companies.
    pub companies: BTreeSet<Key>,
}

impl Wanted {
    /// The most records of one key that are read.
    pub const MOST: usize = 100;
}

/// The keys of the records that a request is compared with.
pub fn wanted(asked: &Asked) -> Wanted {
    let words = Words::of(asked);
    let mut wanted = Wanted::default();
    let email = asked.email.as_deref();
    wanted.logins.extend(email.and_then(keys::domain_key));
    wanted.logins.extend(email.and_then(keys::address_key));
    wanted.logins.extend(asked.phone.as_deref().and_then(keys::phone_key));
    wanted.logins.extend(asked.claim.as_deref().and_then(keys::claim_key));
    if asked.person.is_none() {
        wanted.persons.extend(words.names.iter().flat_map(keys::person_pairs));
    }
    wanted.companies.extend(words.claim.iter().flat_map(keys::company_keys));
    wanted.companies.extend(words.numbers.iter().map(keys::number_key));
    wanted
}

/// The keys of the persons of the request's name, or one like it, in the companies that the request may be from.
pub fn wanted_within(asked: &Asked, known: &Known) -> BTreeSet<Key> {
    if asked.person.is_some() {
        return BTreeSet::new();
    }
    let words = Words::of(asked);
    let companies = companies::near(asked, &words, known);
    let within =
        |company: RecordId| words.names.iter().flat_map(move |name| keys::words_within(company, name));
    companies.into_iter().flat_map(within).collect()
}

/// Proposes persons and companies for a request. A login that has its person is proposed companies alone.
pub fn propose(asked: &Asked, known: &Known) -> Proposals {
    let words = Words::of(asked);
    let employers = companies::judge(asked, &words, known);
    let persons = match asked.person {
        Some(_) => Vec::new(),
        None => persons::judge(asked, &words, known, &employers),
    };
    let companies = companies::with_persons(asked, employers, &persons, known);
    Proposals { persons: evidence::candidates(persons), companies: evidence::candidates(companies) }
}

/// A request in the forms in which it is compared.
struct Words {
    names: Vec<Name>,
    claim: Option<Name>,
    numbers: BTreeSet<contact::Number>,
    /// The domain of the e-mail, where it is that of a company.
    domain: Option<String>,
    phone: Option<String>,
}

impl Words {
    fn of(asked: &Asked) -> Self {
        let names = asked.names.iter().map(|name| Name::of_person(name));
        let claim = asked.claim.as_deref().map(Name::of_company);
        let texts = [asked.claim.as_deref(), asked.message.as_deref()];
        Self {
            names: names.filter(|name| !name.is_empty()).collect(),
            claim: claim.filter(|claim| !claim.is_empty()),
            numbers: texts.into_iter().flatten().flat_map(contact::Number::all_in).collect(),
            domain: asked.email.as_deref().and_then(contact::company_domain),
            phone: asked.phone.as_deref().and_then(contact::phone),
        }
    }
}

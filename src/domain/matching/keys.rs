//! The keys by which candidates are found in an index: whole numbers of 64 bits, hashes of what a request and a record have
//! in common. Two records with the same key may still have nothing in common; what is found is compared by its fields.

use std::collections::BTreeSet;

use super::company_name::{beginnings, consonants};
use super::contact::{Number, company_domain, phone};
use super::name::{Name, texts};
use crate::domain::model::match_key::MatchKey;
use crate::domain::model::record::Fields;
use crate::domain::model::schema::FieldDef;
use crate::domain::model::text;
use crate::domain::model::value::{RecordId, Value};

/// A key in the index.
pub type Key = i64;

/// The most words of a name that are looked at, and the most words of which any two are a key.
const MOST_WORDS: usize = 8;
const MOST_PAIRED: usize = 4;

/// The fewest letters of a first word by which companies are found.
const LONG_WORD: usize = 5;

/// What a key is of. Its number is hashed with the text, so it stays what it is.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    PersonName = 1,
    WordWithin = 2,
    CompanyName = 3,
    CompanyConsonants = 4,
    CompanyBeginnings = 5,
    CompanyFirstWord = 6,
    Number = 7,
    Claim = 8,
    Domain = 9,
    Address = 10,
    Phone = 11,
}

/// The key of a text: FNV-1a, which is the same on every machine and in every version.
pub(super) fn key(kind: Kind, text: &str) -> Key {
    let bytes = std::iter::once(kind as u8).chain(text.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.cast_signed()
}

/// All keys by which a record is found, as the entity describes them.
pub fn keys_of(described: &[MatchKey], record: &impl Fields) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    for source in described {
        match source {
            MatchKey::PersonName(name, within) => {
                let parent = match record.value(within) {
                    Value::Ref(parent) => Some(parent.id),
                    _ => None,
                };
                for text in texts(record.value(name)) {
                    let name = Name::of_person(text);
                    keys.extend(person_pairs(&name));
                    keys.extend(parent.iter().flat_map(|parent| words_within(*parent, &name)));
                }
            }
            MatchKey::CompanyName(name) => {
                for text in texts(record.value(name)) {
                    keys.extend(company_keys(&Name::of_company(text)));
                }
            }
            MatchKey::CompanyNumber(field) => {
                keys.extend(text_of(record, field).and_then(Number::of).map(|number| number_key(&number)));
            }
            MatchKey::ClaimedCompany(field) => keys.extend(text_of(record, field).and_then(claim_key)),
            MatchKey::EmailDomain(field) => keys.extend(text_of(record, field).and_then(domain_key)),
            MatchKey::Login(field, email) => {
                let is_other =
                    |login: &&str| text::key(login) != text::key(text_of(record, email).unwrap_or_default());
                keys.extend(text_of(record, field).filter(is_other).and_then(address_key));
            }
            MatchKey::Phone(field) => keys.extend(text_of(record, field).and_then(phone_key)),
        }
    }
    keys
}

fn text_of<'a>(record: &'a impl Fields, field: &'static FieldDef) -> Option<&'a str> {
    match record.value(field) {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// The keys of any two words of a person's name; of the only word, where it has no more.
pub(super) fn person_pairs(name: &Name) -> BTreeSet<Key> {
    pairs(name, Kind::PersonName)
}

/// The keys of any two of the first words, whatever their order; of the only word, where there is no other.
fn pairs(name: &Name, kind: Kind) -> BTreeSet<Key> {
    let words = &name.words[..name.words.len().min(MOST_PAIRED)];
    if let [only] = words {
        return only.iter().map(|spelling| key(kind, spelling)).collect();
    }
    let mut keys = BTreeSet::new();
    for (at, one) in words.iter().enumerate() {
        for other in &words[at + 1..] {
            for (one, other) in one.iter().flat_map(|one| other.iter().map(move |other| (one, other))) {
                let (first, second) = if one <= other { (one, other) } else { (other, one) };
                keys.insert(key(kind, &format!("{first}{second}")));
            }
        }
    }
    keys
}

/// The keys of each word of the name of a person who belongs to a party.
pub(super) fn words_within(party: RecordId, name: &Name) -> BTreeSet<Key> {
    let words = name.words.iter().take(MOST_WORDS).flatten();
    words.map(|word| key(Kind::WordWithin, &format!("{party} {word}"))).collect()
}

/// The keys of a company's name: of all its words, with and without blanks between them, of any two, of the consonants, of the beginnings of the words, and of the
/// first word when it is long.
pub(super) fn company_keys(name: &Name) -> BTreeSet<Key> {
    let mut keys = pairs(name, Kind::CompanyName);
    if name.is_empty() {
        return keys;
    }
    keys.extend([whole(name, Kind::CompanyName), key(Kind::CompanyName, &name.joined())]);
    keys.insert(key(Kind::CompanyConsonants, &consonants(name)));
    keys.insert(key(Kind::CompanyBeginnings, &beginnings(name)));
    keys.extend(
        name.words[0]
            .iter()
            .filter(|word| word.len() >= LONG_WORD)
            .map(|word| key(Kind::CompanyFirstWord, word)),
    );
    keys
}

/// The key of all words of a name, whatever their order.
fn whole(name: &Name, kind: Kind) -> Key {
    let mut words: Vec<&str> = name.words.iter().map(|word| word[0].as_str()).collect();
    words.sort_unstable();
    key(kind, &words.concat())
}

/// The key of a registration or VAT number.
pub(super) fn number_key(number: &Number) -> Key {
    key(Kind::Number, &number.digits)
}

/// The key of the claim to work for a company; `None` when no company is named.
pub(super) fn claim_key(claim: &str) -> Option<Key> {
    let name = Name::of_company(claim);
    (!name.is_empty()).then(|| whole(&name, Kind::Claim))
}

/// The key of an address's domain; `None` when it says nothing about a company.
pub(super) fn domain_key(email: &str) -> Option<Key> {
    company_domain(email).map(|domain| key(Kind::Domain, &domain))
}

/// The key of an e-mail address; `None` for what is none.
pub(super) fn address_key(email: &str) -> Option<Key> {
    text::email_domain(email).map(|_| key(Kind::Address, &text::key(email)))
}

/// The key of a telephone number; `None` when it has too few digits.
pub(super) fn phone_key(number: &str) -> Option<Key> {
    phone(number).map(|end| key(Kind::Phone, &end))
}

//! Records in memory, found by the same keys as in the database.

use std::collections::{BTreeMap, BTreeSet};

use ccdesk::domain::entities::{company, match_keys_of, party, person, user};
use ccdesk::domain::matching::{
    self, Asked, Key, Known, KnownCompany, KnownLogin, KnownPerson, Name, Proposals, Wanted, keys_of, propose,
};
use ccdesk::domain::model::record::{Draft, Fields};
use ccdesk::domain::model::schema::EntityDef;
use ccdesk::domain::model::value::{FALLBACK_LANGUAGE, MultiLang, RecordId};

/// Everything that is stored, and the index.
#[derive(Default)]
pub(crate) struct Records {
    pub(crate) all: Known,
    by_key: BTreeMap<Key, BTreeSet<RecordId>>,
    /// The texts of the names of persons and companies.
    pub(crate) names: BTreeMap<RecordId, Vec<String>>,
    by_person: BTreeMap<RecordId, RecordId>,
}

impl Records {
    pub(crate) fn add(&mut self, entity: &'static EntityDef, id: RecordId, draft: &Draft) {
        for key in keys_of(match_keys_of(entity), draft) {
            self.by_key.entry(key).or_default().insert(id);
        }
        if entity.is(&person::PERSON) {
            let companies: Vec<RecordId> =
                draft.get(&party::PARENT_PARTY).map(|parent| parent.id).into_iter().collect();
            let names = texts(draft.get(&party::PARTY_NAME));
            let person = KnownPerson {
                party_code: text(draft.get(&party::PARTY_CODE)),
                shown: names.first().cloned().unwrap_or_default(),
                names: names.iter().map(|name| Name::of_person(name)).collect(),
                active: true,
                has_parent: !companies.is_empty(),
                employer: String::new(),
                companies,
                external_id: None,
            };
            self.names.insert(id, names);
            self.all.persons.insert(id, person);
        } else if entity.is(&company::COMPANY) {
            let names = texts(draft.get(&company::NAME));
            let numbers = [&company::REGISTRATION_NUMBER, &company::REGISTRATION_VAT_NUMBER];
            let company = KnownCompany {
                party_code: text(draft.get(&party::PARTY_CODE)),
                shown: names.first().cloned().unwrap_or_default(),
                names: names.iter().map(|name| Name::of_company(name)).collect(),
                numbers: numbers.iter().filter_map(|number| draft.get(number)).map(str::to_owned).collect(),
                active: true,
            };
            self.names.insert(id, names);
            self.all.companies.insert(id, company);
        } else if entity.is(&user::USER) {
            let login = KnownLogin {
                login: text(draft.get(&user::LOGIN)),
                names: texts(draft.get(&user::NAME)).iter().map(|name| Name::of_person(name)).collect(),
                email: draft.get(&user::EMAIL).map(str::to_owned),
                phone: draft.get(&user::PHONE_NUMBER).map(str::to_owned),
                claim: draft.get(&user::COMPANY_NAME).map(Name::of_company),
                active: draft.is(&user::ACTIVE),
                person: draft.get(&user::PERSON).map(|person| person.id),
                companies: BTreeSet::new(),
            };
            self.by_person.extend(login.person.map(|person| (person, id)));
            self.all.logins.insert(id, login);
        }
    }

    /// What is proposed for a request, when only what the keys find is looked at.
    pub(crate) fn propose(&self, asked: &Asked) -> Proposals {
        let wanted = matching::wanted(asked);
        let mut known = Known::default();
        self.take_logins(&mut known, self.find(&wanted.logins));
        let persons = known.logins.values().filter_map(|login| login.person).collect::<Vec<_>>();
        self.take_persons(&mut known, self.find(&wanted.persons).chain(persons));
        let companies = self.find(&wanted.companies).collect::<Vec<_>>();
        self.take_companies(&mut known, companies);
        let within = matching::wanted_within(asked, &known);
        self.take_persons(&mut known, self.find(&within));
        self.take_companies(&mut known, Vec::new());
        let of_persons: Vec<RecordId> =
            known.persons.keys().filter_map(|person| self.by_person.get(person).copied()).collect();
        self.take_logins(&mut known, of_persons.into_iter());
        propose(asked, &known)
    }

    fn find<'a>(&'a self, keys: &'a BTreeSet<Key>) -> impl Iterator<Item = RecordId> + 'a {
        keys.iter()
            .filter_map(|key| self.by_key.get(key))
            .flat_map(|ids| ids.iter().copied().take(Wanted::MOST))
    }

    fn take_logins(&self, known: &mut Known, ids: impl Iterator<Item = RecordId>) {
        known.logins.extend(ids.filter_map(|id| Some((id, self.all.logins.get(&id)?.clone()))));
    }

    fn take_persons(&self, known: &mut Known, ids: impl Iterator<Item = RecordId>) {
        known.persons.extend(ids.filter_map(|id| Some((id, self.all.persons.get(&id)?.clone()))));
    }

    fn take_companies(&self, known: &mut Known, ids: Vec<RecordId>) {
        let of_persons =
            known.persons.values().flat_map(|person| person.companies.clone()).collect::<Vec<_>>();
        let all = ids.into_iter().chain(of_persons);
        known.companies.extend(all.filter_map(|id| Some((id, self.all.companies.get(&id)?.clone()))));
    }
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn texts(value: Option<&MultiLang>) -> Vec<String> {
    let Some(value) = value else { return Vec::new() };
    let mut texts = vec![value.text(FALLBACK_LANGUAGE).to_owned()];
    texts.extend(
        value.iter().map(|(_, text)| text.to_owned()).filter(|text| *text != value.text(FALLBACK_LANGUAGE)),
    );
    texts
}

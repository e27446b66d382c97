//! The persons who may be the owner of a login.

use std::collections::BTreeMap;

use super::contact::{company_domain, phone};
use super::evidence::Evidence;
use super::name::Likeness;
use super::person_name::likeness;
use super::reason::Reason;
use super::{Asked, Known, KnownLogin, KnownPerson, Words};
use crate::domain::model::text;
use crate::domain::model::value::RecordId;

/// So many persons with one telephone number share a switchboard, and the number says nothing.
const MOST_WITH_PHONE: usize = 3;

/// The persons with everything that speaks for and against them. `employers` are the companies that the request may be
/// from.
pub(super) fn judge(asked: &Asked, words: &Words, known: &Known, employers: &[Evidence]) -> Vec<Evidence> {
    let mut logins: BTreeMap<RecordId, Vec<&KnownLogin>> = BTreeMap::new();
    for (id, login) in &known.logins {
        if let Some(person) = login.person.filter(|_| Some(*id) != asked.user) {
            logins.entry(person).or_default().push(login);
        }
    }
    let has_phone =
        |login: &KnownLogin| words.phone.is_some() && login.phone.as_deref().and_then(phone) == words.phone;
    let called = logins.values().filter(|logins| logins.iter().any(|login| has_phone(login))).count();
    let mut found = Vec::new();
    for (id, person) in &known.persons {
        let own = logins.get(id).map_or(&[][..], Vec::as_slice);
        let mut evidence = Evidence::of(*id, &person.party_code, &person.shown);
        let is_alike = add_name(&mut evidence, words, person, own);
        if called <= MOST_WITH_PHONE && own.iter().any(|login| has_phone(login)) {
            evidence.add(Reason::SamePhone);
        }
        add_address(&mut evidence, asked, own);
        if asked.external_id.is_some() && asked.external_id == person.external_id {
            evidence.add(Reason::SameExternalId);
        }
        if !is_alike && !evidence.is_any() {
            continue;
        }
        evidence.is_identified =
            [Reason::SameName, Reason::SameNameShorter, Reason::SameEmail, Reason::SameExternalId]
                .iter()
                .any(|reason| evidence.has(reason));
        add_company(&mut evidence, words, person, employers);
        add_domain(&mut evidence, asked, words, person, own, employers);
        if asked.is_look_alike {
            evidence.add(Reason::LooksLikeAnother);
        }
        if !person.active {
            evidence.add(Reason::Inactive);
        }
        evidence.has_login = own.iter().find(|login| login.active).map(|login| login.login.clone());
        found.push(evidence);
    }
    found
}

/// Adds how the names are alike; false when they are not.
fn add_name(evidence: &mut Evidence, words: &Words, person: &KnownPerson, logins: &[&KnownLogin]) -> bool {
    let likeness_to_person = likeness(&words.names, &person.names);
    let of_login = |login: &&&KnownLogin| {
        let domain = login.email.as_deref().and_then(company_domain);
        domain.is_some() && domain == words.domain && likeness(&words.names, &login.names) == Likeness::Same
    };
    if let Some(login) = logins.iter().find(of_login) {
        evidence.add(Reason::LoginOfSameName(login.login.clone()));
    }
    match likeness_to_person {
        Likeness::Same => evidence.add(Reason::SameName),
        Likeness::Shorter => evidence.add(Reason::SameNameShorter),
        Likeness::Similar => evidence.add(Reason::SimilarName),
        Likeness::OtherMiddle => {
            evidence.add(Reason::PartOfName);
            evidence.add(Reason::OtherMiddleName);
        }
        Likeness::Part | Likeness::Other => return false,
    }
    true
}

/// Adds that a login of the person is the e-mail of the request.
fn add_address(evidence: &mut Evidence, asked: &Asked, logins: &[&KnownLogin]) {
    let Some(email) =
        asked.email.as_deref().map(text::key).filter(|email| text::email_domain(email).is_some())
    else {
        return;
    };
    let is_email = |login: &&KnownLogin| text::key(&login.login) == email;
    if logins.iter().any(is_email) {
        evidence.add(if asked.email_confirmed { Reason::SameEmail } else { Reason::SameEmailUnconfirmed });
    }
}

/// Adds whether the person belongs to the company that is claimed.
fn add_company(evidence: &mut Evidence, words: &Words, person: &KnownPerson, employers: &[Evidence]) {
    let own = || employers.iter().filter(|employer| person.companies.contains(&employer.id));
    let is_named = |employer: &Evidence| {
        [Reason::ClaimedName, Reason::ChosenForClaim, Reason::NumberGiven]
            .iter()
            .any(|reason| employer.has(reason))
    };
    if own().any(is_named) {
        evidence.add(Reason::SameCompany);
    } else if own().any(|employer| employer.has(&Reason::SimilarClaim)) {
        evidence.add(Reason::SimilarCompany);
    } else if words.claim.is_some()
        && person.has_parent
        && !own().any(|employer| employer.has(&Reason::PartOfName))
    {
        evidence.add(Reason::OtherCompany(person.employer.clone()));
    }
}

/// Adds whether the e-mail has the domain of the person's company.
fn add_domain(
    evidence: &mut Evidence,
    asked: &Asked,
    words: &Words,
    person: &KnownPerson,
    logins: &[&KnownLogin],
    employers: &[Evidence],
) {
    if words.domain.is_none() {
        return;
    }
    let own = || employers.iter().filter(|employer| person.companies.contains(&employer.id));
    let at_domain = |login: &&KnownLogin| login.email.as_deref().and_then(company_domain) == words.domain;
    let is_own = own().any(|employer| employer.has(&Reason::SameDomain)) || logins.iter().any(at_domain);
    let at_company = |reason: &Reason| own().any(|employer| employer.has(reason));
    if is_own && asked.email_confirmed {
        evidence.add(Reason::SameDomain);
    } else if at_company(&Reason::SharedDomain) {
        evidence.add(Reason::SharedDomain);
    } else if is_own || at_company(&Reason::SameDomainUnconfirmed) {
        evidence.add(Reason::SameDomainUnconfirmed);
    } else {
        let of_domain = [Reason::SameDomain, Reason::SharedDomain, Reason::SameDomainUnconfirmed];
        let has_domain = |employer: &&Evidence| of_domain.iter().any(|reason| employer.has(reason));
        if let Some(other) = employers.iter().find(has_domain).filter(|_| person.has_parent) {
            evidence.add(Reason::DomainOf(other.shown.clone()));
        }
    }
}

//! The companies that the owner of a login may work for.

use std::collections::{BTreeMap, BTreeSet};

use super::company_name::likeness;
use super::contact::{Number, company_domain, phone};
use super::evidence::Evidence;
use super::name::{Likeness, Name};
use super::reason::Reason;
use super::{Asked, Known, KnownLogin, Words};
use crate::domain::model::value::RecordId;

/// A domain, claim or telephone number is a company's when it has at least so many logins of it for each login that is of
/// another company.
const ONE_IN: usize = 10;

/// How the logins that have something in common are spread over companies.
struct Shares(BTreeMap<RecordId, usize>);

impl Shares {
    fn of<'a>(known: &Known, logins: impl Iterator<Item = &'a KnownLogin>) -> Self {
        let mut shares = BTreeMap::new();
        for company in logins.flat_map(|login| companies_of(known, login)) {
            *shares.entry(company).or_default() += 1;
        }
        Self(shares)
    }

    /// Whether nearly all of the logins are of this company.
    fn is_of(&self, company: RecordId) -> bool {
        let own = self.0.get(&company).copied().unwrap_or_default();
        let others = self.0.iter().filter(|(id, _)| **id != company).map(|(_, count)| *count).sum::<usize>();
        own > 0 && others * ONE_IN <= own
    }

    /// The company of most logins, when it is not this one and none of them is of this one.
    fn of_another(&self, company: RecordId) -> Option<RecordId> {
        let (most, _) = self.0.iter().max_by_key(|(id, count)| (**count, std::cmp::Reverse(**id)))?;
        (!self.0.contains_key(&company)).then_some(*most)
    }
}

/// The company that a login is of: that of its person, directly; where it has none, those it is let in to.
fn companies_of(known: &Known, login: &KnownLogin) -> BTreeSet<RecordId> {
    let person = login.person.and_then(|person| known.persons.get(&person));
    match person.and_then(|person| person.companies.first()) {
        Some(company) => BTreeSet::from([*company]),
        None => login.companies.clone(),
    }
}

/// Whether a login is one that an operator has let in, and not the one that asks.
fn is_let_in(asked: &Asked, id: RecordId, login: &KnownLogin) -> bool {
    Some(id) != asked.user && login.active
}

/// The logins that have been let in with the domain of the request's e-mail.
fn of_domain<'a>(
    asked: &'a Asked,
    words: &'a Words,
    known: &'a Known,
) -> impl Iterator<Item = &'a KnownLogin> {
    let logins =
        known.logins.iter().filter(|(id, login)| is_let_in(asked, **id, login)).map(|(_, login)| login);
    logins.filter(|login| {
        let domain = login.email.as_deref().and_then(company_domain);
        domain.is_some() && domain == words.domain
    })
}

/// The companies that the request may be from: by the domain, the claim, a number or what was chosen before.
pub(super) fn near(asked: &Asked, words: &Words, known: &Known) -> BTreeSet<RecordId> {
    judge(asked, words, known).into_iter().map(|evidence| evidence.id).collect()
}

/// The companies with everything that speaks for and against them, but for the persons who belong to them.
pub(super) fn judge(asked: &Asked, words: &Words, known: &Known) -> Vec<Evidence> {
    let domain = Shares::of(known, of_domain(asked, words, known));
    let let_in =
        || known.logins.iter().filter(|(id, login)| is_let_in(asked, **id, login)).map(|(_, login)| login);
    let same_claim = |login: &&KnownLogin| {
        let claim = login.claim.as_ref();
        claim.zip(words.claim.as_ref()).is_some_and(|(claim, own)| claim.likeness(own) == Likeness::Same)
    };
    let claimed = Shares::of(known, let_in().filter(same_claim));
    let same_phone =
        |login: &&KnownLogin| words.phone.is_some() && login.phone.as_deref().and_then(phone) == words.phone;
    let called = Shares::of(known, let_in().filter(same_phone));
    let numbers = |id: &RecordId| -> Vec<Number> {
        known.companies[id].numbers.iter().filter_map(|number| Number::of(number)).collect()
    };
    let is_given =
        |id: &RecordId| numbers(id).iter().any(|own| words.numbers.iter().any(|given| given.is(own)));
    let given: BTreeSet<RecordId> = known.companies.keys().copied().filter(is_given).collect();
    let mut found: Vec<Evidence> = Vec::new();
    for (id, company) in &known.companies {
        let mut evidence = Evidence::of(*id, &company.party_code, &company.shown);
        if let Some(claim) = &words.claim {
            evidence = with_claim(evidence, claim, &company.names);
        }
        if claimed.is_of(*id) {
            evidence.add(Reason::ChosenForClaim);
        }
        if domain.0.contains_key(id) {
            evidence.add(match asked.email_confirmed {
                true if domain.is_of(*id) => Reason::SameDomain,
                true => Reason::SharedDomain,
                false => Reason::SameDomainUnconfirmed,
            });
        }
        if given.contains(id) {
            evidence.add(Reason::NumberGiven);
        }
        if called.is_of(*id) {
            evidence.add(Reason::SamePhone);
        }
        if !evidence.is_any() {
            continue;
        }
        if let Some(other) = domain.of_another(*id).and_then(|other| known.companies.get(&other)) {
            evidence.add(Reason::DomainOf(other.shown.clone()));
        }
        if let Some(other) = given.iter().find(|other| *other != id && !given.contains(id)) {
            evidence.add(Reason::NumberOf(known.companies[other].shown.clone()));
        }
        if asked.is_look_alike {
            evidence.add(Reason::LooksLikeAnother);
        }
        if !company.active {
            evidence.add(Reason::Inactive);
        }
        found.push(evidence);
    }
    say_other_claims(words, known, &mut found);
    found
}

/// Adds how the name that is claimed is like the company's.
fn with_claim(mut evidence: Evidence, claim: &Name, names: &[Name]) -> Evidence {
    match likeness(std::slice::from_ref(claim), names) {
        Likeness::Same => evidence.add(Reason::ClaimedName),
        Likeness::Similar => evidence.add(Reason::SimilarClaim),
        Likeness::Shorter | Likeness::Part => evidence.add(Reason::PartOfName),
        Likeness::Other | Likeness::OtherMiddle => {}
    }
    evidence
}

/// Says at the companies that have nothing to do with the claim that it names another one; and at branches, which have the
/// same name and number, that there is another.
fn say_other_claims(words: &Words, known: &Known, found: &mut [Evidence]) {
    if words.claim.is_none() {
        return;
    }
    let claimed: Vec<(RecordId, String)> = found
        .iter()
        .filter(|evidence| evidence.has(&Reason::ClaimedName))
        .map(|evidence| (evidence.id, evidence.shown.clone()))
        .collect();
    for evidence in found {
        let others = claimed.iter().filter(|(id, _)| *id != evidence.id);
        if !evidence.has(&Reason::ClaimedName) && !evidence.has(&Reason::ChosenForClaim) {
            if let Some((_, other)) = others.clone().next() {
                evidence.add(Reason::OtherCompany(other.clone()));
            }
        } else if others.into_iter().any(|(other, _)| share_a_number(known, evidence.id, *other)) {
            evidence.add(Reason::HasBranches);
        }
    }
}

fn share_a_number(known: &Known, one: RecordId, other: RecordId) -> bool {
    let [one, other] = [one, other].map(|id| &known.companies[&id].numbers);
    one.iter().any(|number| other.contains(number))
}

/// The companies, with those of persons who have the request's name and something else in common with it.
pub(super) fn with_persons(
    asked: &Asked,
    mut found: Vec<Evidence>,
    persons: &[Evidence],
    known: &Known,
) -> Vec<Evidence> {
    let of_name = persons.iter().filter(|person| person.is_identified && !person.is_contradicted());
    for person in of_name.filter(|person| !person.families().is_empty()) {
        let company = known.persons.get(&person.id).and_then(|person| person.companies.first());
        let Some((id, company)) = company.and_then(|id| known.companies.get_key_value(id)) else { continue };
        if let Some(evidence) = found.iter_mut().find(|evidence| evidence.id == *id) {
            evidence.add(Reason::PersonOfName);
        } else if person.families().len() >= 2 {
            let mut evidence = Evidence::of(*id, &company.party_code, &company.shown);
            evidence.add(Reason::PersonOfName);
            if person.has(&Reason::SamePhone) {
                evidence.add(Reason::SamePhone);
            }
            if asked.is_look_alike {
                evidence.add(Reason::LooksLikeAnother);
            }
            if !company.active {
                evidence.add(Reason::Inactive);
            }
            found.push(evidence);
        }
    }
    found
}

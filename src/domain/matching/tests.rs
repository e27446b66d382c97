//! What holds for every request, whatever is stored.

use proptest::prelude::*;

use super::*;
use crate::domain::model::value::RecordId;

fn id(number: u128) -> RecordId {
    RecordId(uuid::Uuid::from_u128(number))
}

const COMPANY: u128 = 1;
const PERSON: u128 = 2;
const LOGIN: u128 = 3;

fn company(name: &str) -> KnownCompany {
    KnownCompany {
        party_code: "00006".to_owned(),
        shown: name.to_owned(),
        names: vec![Name::of_company(name)],
        numbers: vec!["BG207410010".to_owned()],
        active: true,
    }
}

fn person(name: &str, company: Option<u128>) -> KnownPerson {
    KnownPerson {
        party_code: "00104".to_owned(),
        shown: name.to_owned(),
        names: vec![Name::of_person(name)],
        active: true,
        companies: company.map(id).into_iter().collect(),
        has_parent: company.is_some(),
        employer: "Trailhead Outfitters Ltd.".to_owned(),
        external_id: None,
    }
}

fn login(email: &str, person: u128) -> KnownLogin {
    KnownLogin {
        login: email.to_owned(),
        email: Some(email.to_owned()),
        phone: Some("+44 114 555 0100".to_owned()),
        active: true,
        person: Some(id(person)),
        ..KnownLogin::default()
    }
}

/// A company, a person in it, and the person's login.
fn trailhead() -> Known {
    Known {
        companies: BTreeMap::from([(id(COMPANY), company("Trailhead Outfitters Ltd."))]),
        persons: BTreeMap::from([(id(PERSON), person("Lucy Harper", Some(COMPANY)))]),
        logins: BTreeMap::from([(id(LOGIN), login("lucy.harper@trailhead.example", PERSON))]),
    }
}

fn lucy() -> Asked {
    Asked {
        names: vec!["Lucy Harper".to_owned()],
        email: Some("l.harper@trailhead.example".to_owned()),
        email_confirmed: true,
        claim: Some("Trailhead Outfitters".to_owned()),
        ..Asked::default()
    }
}

/// The level of the first person and of the first company.
fn levels(asked: &Asked, known: &Known) -> [Option<Level>; 2] {
    let Proposals { persons, companies } = propose(asked, known);
    [persons, companies].map(|candidates| candidates.first().map(|candidate| candidate.level))
}

#[test]
fn a_person_who_exists_is_certain_and_shown_with_the_login() {
    let proposals = propose(&lucy(), &trailhead());
    let found = &proposals.persons[0];
    let reasons: Vec<String> = found.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(reasons, ["same name", "same company", "confirmed e-mail of the same domain"]);
    assert_eq!(
        (found.level, found.has_login.as_deref()),
        (Level::Certain, Some("lucy.harper@trailhead.example"))
    );
    assert_eq!(proposals.companies[0].level, Level::Certain);
}

#[test]
fn two_independent_reasons_are_certain_and_one_is_not() {
    use Level::{Certain, Likely};
    let unconfirmed = Asked { email_confirmed: false, ..lucy() };
    let free = Asked { email: Some("lucy@gmail.com".to_owned()), ..lucy() };
    let with = |asked: &Asked, name: bool, claim: bool| Asked {
        names: if name { asked.names.clone() } else { Vec::new() },
        claim: asked.claim.clone().filter(|_| claim),
        ..asked.clone()
    };
    for (asked, expected) in [
        (with(&lucy(), true, true), [Some(Certain), Some(Certain)]),
        (with(&lucy(), true, false), [Some(Certain), Some(Certain)]),
        (with(&lucy(), false, true), [None, Some(Certain)]),
        (with(&lucy(), false, false), [None, Some(Likely)]),
        (with(&unconfirmed, true, true), [Some(Certain), Some(Certain)]),
        (with(&unconfirmed, true, false), [Some(Likely), Some(Likely)]),
        (with(&unconfirmed, false, true), [None, Some(Likely)]),
        (with(&free, true, true), [Some(Certain), Some(Certain)]),
        (with(&free, true, false), [Some(Likely), None]),
        (with(&free, false, true), [None, Some(Likely)]),
    ] {
        assert_eq!(levels(&asked, &trailhead()), expected, "{asked:?}");
    }
}

#[test]
fn what_contradicts_is_said_and_nothing_is_certain_then() {
    let other = Asked { claim: Some("Harbour Lights".to_owned()), ..lucy() };
    let look_alike = Asked { is_look_alike: true, ..lucy() };
    let mut known = trailhead();
    known.persons.insert(id(10), person("Tom Hughes", Some(11)));
    known.companies.insert(id(11), KnownCompany { numbers: Vec::new(), ..company("Northgate Tools Ltd.") });
    known.logins.insert(id(12), login("tom.hughes@northgate.example", 10));
    let elsewhere = Asked { email: Some("lucy@northgate.example".to_owned()), ..lucy() };
    for (asked, said) in [
        (other, "but belongs to Trailhead Outfitters Ltd."),
        (look_alike, "but login or e-mail look like another's"),
        (elsewhere, "but the e-mail has the domain of Northgate Tools Ltd."),
    ] {
        let found = propose(&asked, &known).persons.swap_remove(0);
        assert!(found.level < Level::Certain, "{found:?}");
        assert!(found.reasons.iter().any(|reason| reason.to_string() == said), "{said}: {found:?}");
    }
}

#[test]
fn a_second_candidate_that_comes_near_leaves_none_certain() {
    let mut known = trailhead();
    known.persons.insert(id(20), person("Harper Lucy", Some(COMPANY)));
    let proposals = propose(&lucy(), &known);
    assert_eq!(proposals.persons.len(), 2);
    assert!(proposals.persons.iter().all(|person| person.level < Level::Certain), "{proposals:?}");
    assert!(proposals.persons[0].has_login.is_some(), "the one with a login is first");
    known.companies.insert(id(21), company("Trailhead Outfitters GmbH"));
    let proposals = propose(&Asked { names: Vec::new(), ..lucy() }, &known);
    assert!(proposals.companies.iter().all(|company| company.level < Level::Certain), "{proposals:?}");
}

#[test]
fn a_login_whose_person_belongs_to_no_party_is_proposed_companies_alone() {
    let mut known = trailhead();
    known.persons.insert(id(30), person("Lucy Harper", None));
    let proposals = propose(&Asked { person: Some(id(30)), ..lucy() }, &known);
    assert_eq!(proposals.persons, []);
    assert_eq!(proposals.companies[0].level, Level::Certain);
}

#[test]
fn what_was_chosen_for_the_same_claim_before_is_a_reason() {
    let mut known = trailhead();
    known.logins.insert(
        id(40),
        KnownLogin { claim: Some(Name::of_company("The Trailhead Shop")), ..login("a@b.example", PERSON) },
    );
    let asked = Asked { claim: Some("the trailhead shop".to_owned()), names: Vec::new(), ..lucy() };
    let found = propose(&asked, &known).companies.swap_remove(0);
    assert!(found.reasons.contains(&Reason::ChosenForClaim), "{found:?}");
}

#[test]
fn a_telephone_number_or_an_external_id_is_a_reason_of_its_own() {
    let called = |phone: &str| Asked {
        phone: Some(phone.to_owned()),
        email: Some("lucy@gmail.com".to_owned()),
        claim: None,
        ..lucy()
    };
    assert_eq!(levels(&called("0114 555 0100"), &trailhead())[0], Some(Level::Certain));
    assert_eq!(levels(&called("0114 555 0199"), &trailhead())[0], Some(Level::Likely));
    let unnamed = Asked { names: vec!["Quirin Wenzel".to_owned()], ..called("0114 555 0100") };
    assert!(levels(&unnamed, &trailhead())[0] < Some(Level::Certain), "a colleague may have the same number");
    let mut switchboard = trailhead();
    for number in 50..53 {
        switchboard.persons.insert(id(number), person("Tom Hughes", Some(COMPANY)));
        switchboard.logins.insert(id(number + 10), login(&format!("{number}@trailhead.example"), number));
    }
    let found = propose(&called("0114 555 0100"), &switchboard).persons.swap_remove(0);
    assert!(!found.reasons.contains(&Reason::SamePhone), "{found:?}");
    let external = ExternalId { system: Some("CRM".to_owned()), id: "4711".to_owned() };
    let mut known = trailhead();
    known.persons.insert(
        id(PERSON),
        KnownPerson { external_id: Some(external.clone()), ..person("Lucy Harper", None) },
    );
    let asked = Asked { external_id: Some(external), ..called("") };
    assert_eq!(levels(&asked, &known)[0], Some(Level::Certain));
}

/// Names in one script, with the same name in another one.
const SCRIPTS: [(&str, &str); 6] = [
    ("Цветелина Йорданова", "Cvetelina Jordanova"),
    ("Γεωργίου Ελένη", "Eleni Georgiou"),
    ("Çağlar Şahin", "CAGLAR SAHIN"),
    ("Hans Müller", "Mueller, Hans"),
    ("Ђорђе Љубић", "Djordje Ljubic"),
    ("Юлия Кънчева", "Julia Kancheva"),
];

fn any_name() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(
            SCRIPTS
                .iter()
                .flat_map(|(one, other)| one.split(' ').chain(other.split(' ')))
                .collect::<Vec<_>>()
        )
        .prop_map(str::to_owned),
        "\\PC{1,12}",
    ];
    prop::collection::vec(word, 0..5).prop_map(|words| words.join(" "))
}

fn any_asked() -> impl Strategy<Value = Asked> {
    let email =
        prop::sample::select(vec!["a@trailhead.example", "lucy@gmail.com", "x@other.example", "none"]);
    let claim = prop::option::of(prop_oneof![Just("Trailhead Outfitters".to_owned()), any_name()]);
    let message = prop::option::of(prop_oneof![Just("ЕИК 207410010".to_owned()), any_name()]);
    let name = prop_oneof![Just("Lucy Harper".to_owned()), any_name()];
    (name, email, any::<bool>(), claim, message, any::<bool>()).prop_map(
        |(name, email, email_confirmed, claim, message, is_look_alike)| Asked {
            names: vec![name],
            email: Some(email.to_owned()),
            email_confirmed,
            claim,
            message,
            is_look_alike,
            ..Asked::default()
        },
    )
}

proptest! {
    #[test]
    fn likeness_is_symmetric_and_everything_is_like_itself(one in any_name(), other in any_name()) {
        for of in [Name::of_person, Name::of_company] {
            let (one, other) = (of(&one), of(&other));
            prop_assert_eq!(one.likeness(&other), other.likeness(&one));
            prop_assert!(one.is_empty() || one.likeness(&one) == name::Likeness::Same);
        }
    }

    #[test]
    fn the_order_of_the_words_does_not_matter(words in prop::collection::vec("[a-zа-я]{1,8}", 2..5), other in any_name()) {
        let turned = || words.iter().rev().cloned().collect::<Vec<_>>().join(" ");
        let name = Name::of_person(&words.join(" "));
        prop_assert_eq!(name.likeness(&Name::of_person(&turned())), name::Likeness::Same);
        let same = name.likeness(&Name::of_person(&other)) == name::Likeness::Same;
        prop_assert_eq!(Name::of_person(&turned()).likeness(&Name::of_person(&other)) == name::Likeness::Same, same);
    }

    #[test]
    fn the_script_does_not_matter(at in 0..SCRIPTS.len(), asked in any_asked()) {
        let (one, other) = SCRIPTS[at];
        let mut known = trailhead();
        known.persons.insert(id(PERSON), person(one, Some(COMPANY)));
        let by = |name: &str| levels(&Asked { names: vec![name.to_owned()], ..asked.clone() }, &known);
        prop_assert_eq!(by(one), by(other));
    }

    #[test]
    fn certain_rests_on_two_families_and_never_on_an_address_that_proves_nothing(asked in any_asked()) {
        let Proposals { persons, companies } = propose(&asked, &trailhead());
        for candidate in persons.iter().chain(&companies).filter(|candidate| candidate.level == Level::Certain) {
            prop_assert!(!asked.is_look_alike);
            let weights = || candidate.reasons.iter().map(Reason::weight);
            prop_assert!(weights().all(|weight| weight != reason::Weight::Against));
            let families: BTreeSet<_> = weights().filter_map(|weight| match weight {
                reason::Weight::Strong(family) => Some(family),
                _ => None,
            }).collect();
            prop_assert!(families.len() >= 2);
            let is_proof = asked.email_confirmed && asked.email.as_deref() == Some("a@trailhead.example");
            prop_assert!(is_proof || !families.contains(&reason::Family::Address));
        }
    }

    #[test]
    fn what_is_stored_besides_does_no_harm(asked in any_asked(), others in 0..4_u128) {
        let mut known = trailhead();
        let expected = propose(&asked, &known);
        for number in 100..100 + others {
            known.persons.insert(id(number), person(&format!("Zz{number}"), None));
            let company = KnownCompany { numbers: Vec::new(), ..company(&format!("Zz{number} Qq")) };
            known.companies.insert(id(number + 100), company);
        }
        prop_assert_eq!(propose(&asked, &known), expected);
    }

    #[test]
    fn names_alike_have_a_key_in_common(at in 0..SCRIPTS.len()) {
        let (one, other) = SCRIPTS[at];
        let keys = |text: &str| keys::person_pairs(&Name::of_person(text));
        prop_assert!(!keys(one).is_disjoint(&keys(other)));
        let keys = |text: &str| keys::company_keys(&Name::of_company(text));
        prop_assert!(!keys(one).is_disjoint(&keys(other)));
    }
}

#[test]
fn a_key_is_the_same_in_every_version() {
    assert_eq!(keys::key(keys::Kind::PersonName, "harperluci"), -8_073_619_681_530_550_955);
}

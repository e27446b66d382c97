//! `ccdesk demo --users N --seed S`: generated users are the same ones each time, and of every kind.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use ccdesk::domain::codes::{AccessRules, Code};
use ccdesk::domain::entities::{company, customer, party, user};
use ccdesk::domain::model::record::{Draft, Fields};
use ccdesk::domain::model::text;
use ccdesk::domain::model::value::Value;
use ccdesk::domain::rules::{self, Weight};
use ccdesk::service::back_office::check::Check;
use ccdesk::service::back_office::records::with_defaults;
use ccdesk::service::exchange::{self, Options};
use ccdesk::service::generate::{Batch, Market, Population};
use ccdesk::service::{Policy, World, back_office, database};
use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::records::{self, FindBy};

fn market() -> Market {
    let agreement = || Some(with_defaults(Draft::new(&customer::CUSTOMER), None, None));
    Market { by_person: agreement(), by_access: agreement(), ..Market::default() }
}

fn population(users: u64, seed: u64) -> Vec<Batch> {
    Population::new(users, seed, market()).collect()
}

fn drafts(batches: &[Batch]) -> impl Iterator<Item = &Draft> {
    batches.iter().flat_map(|batch| &batch.records).flat_map(|(_, drafts)| drafts).map(|(_, draft)| draft)
}

#[test]
fn the_same_number_and_seed_give_the_same_records() {
    assert_eq!(population(5000, 7), population(5000, 7));
    assert_ne!(population(50, 7), population(50, 8));
}

#[test]
fn there_are_as_many_as_were_asked_for() {
    for users in [0, 1, 7, 4096, 4097] {
        assert_eq!(population(users, 1).iter().map(Batch::users).sum::<u64>(), users);
    }
}

#[test]
fn what_must_be_unique_is() {
    let made = population(20_000, 3);
    for field in [&user::LOGIN, &party::PARTY_CODE, &customer::NUMBER, &company::REGISTRATION_NUMBER] {
        let mut seen = BTreeSet::new();
        for value in drafts(&made).filter_map(|draft| draft.get(field)) {
            assert!(seen.insert(text::key(value)), "{value} comes twice");
        }
    }
    let mut names = BTreeSet::new();
    for company in drafts(&made).filter(|draft| draft.entity.is(&company::COMPANY)) {
        let name = company.get(&company::NAME).expect("a name").text("en").to_owned();
        assert!(names.insert((name, company.get(&company::BRANCH_NUMBER))));
    }
    let mut ids = BTreeSet::new();
    for (id, _) in made.iter().flat_map(|batch| &batch.records).flat_map(|(_, drafts)| drafts) {
        assert!(ids.insert(*id));
    }
}

#[test]
fn every_record_satisfies_the_rules() {
    for draft in drafts(&population(5000, 11)) {
        let mut issues = rules::check(draft);
        issues.retain(|issue| issue.weight == Weight::Refuse);
        assert_eq!(issues, [], "{draft:?}");
    }
}

#[test]
fn names_come_in_several_scripts() {
    let made = population(2000, 5);
    let names: Vec<String> = drafts(&made)
        .filter_map(|draft| draft.get(&user::NAME))
        .flat_map(|name| name.iter().map(|(_, text)| text.to_owned()).collect::<Vec<_>>())
        .collect();
    for range in
        ['А'..='я', 'α'..='ω', 'ა'..='ჰ', 'ա'..='ֆ', '一'..='龥', 'א'..='ת', 'ا'..='ي', 'अ'..='ह', 'à'..='ż']
    {
        assert!(names.iter().any(|name| name.chars().any(|c| range.contains(&c))), "{range:?}");
    }
    assert!(names.iter().all(|name| text::clean(name) == name.as_str()));
}

#[tokio::test]
async fn most_can_enter_and_every_code_of_a_user_occurs() {
    let directory = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite:{}", directory.path().join("demo.db").display());
    let world = World::real(Policy::default());
    let db = database::open(&url, Create::IfMissing, &world).await.expect("a database");
    let company = Cursor::new(&include_bytes!("../assets/demo/company.json")[..]);
    let options = Options { login: "mkoleva".to_owned(), ..Options::default() };
    exchange::import(&db, &world, company, &options, &mut |_| {}).await.expect("the demo company");
    let login = Value::text("mkoleva");
    let by_login = FindBy::Field(&user::LOGIN.def, &login);
    let operator = records::find(&mut db.read().await.expect("a connection"), &user::USER, by_login).await;
    let operator = operator.expect("an answer").expect("the operator");
    let back_office = back_office::open_without_password(&db, &world, operator).await.expect("a back office");
    let mut told = Vec::new();
    back_office.generate(3000, 7, |made| told.push(made)).await.expect("generated users");
    assert_eq!(told.last(), Some(&3000));

    let shown = sign_ins(&db, &world).await;
    let count = |rules: AccessRules, code| shown.get(&(rules.code(), code)).copied().unwrap_or_default();
    for code in [Code::CC002, Code::CC003, Code::CC004, Code::CC006, Code::CC007] {
        assert!(count(AccessRules::Person, Some(code)) > 50, "{code}: {shown:?}");
    }
    for code in [Code::CC007, Code::CC010] {
        assert!(count(AccessRules::ExternalAccess, Some(code)) > 50, "{code}: {shown:?}");
    }
    assert!((1900..2300).contains(&count(AccessRules::Person, None)), "{shown:?}");
    assert!(count(AccessRules::ExternalAccess, None) > 500, "{shown:?}");

    // A second time they clash, at their ids or, with another seed, at their codes; then nothing has changed.
    for seed in [7, 8] {
        let again =
            back_office.generate(10, seed, |_| {}).await.expect_err("the same codes twice").to_string();
        assert!(again.contains("generated users here already"), "{again}");
    }
    assert_eq!(sign_ins(&db, &world).await, shown);
}

/// How many users each code is shown to at a sign-in, by the rules of the site.
async fn sign_ins(db: &Db, world: &World) -> BTreeMap<(&'static str, Option<Code>), u32> {
    let mut shown = BTreeMap::new();
    let mut check = Check::begin(db, world, &[], None).await.expect("sites");
    loop {
        let page = check.next_page().await.expect("a page");
        if page.is_empty() {
            return shown;
        }
        for finding in page {
            *shown.entry((finding.site.rules.code(), finding.diagnosis.sign_in())).or_default() += 1;
        }
    }
}

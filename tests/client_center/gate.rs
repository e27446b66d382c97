//! Signing in to a Client Center, under both rule sets.

use ccdesk::domain::codes::{AccessRules, Code, Role};
use ccdesk::domain::entities::external_access::EXTERNAL_ACCESS;
use ccdesk::domain::entities::{customer, party, person, user, web_site};
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::value::Value;
use ccdesk::service::ServiceError;
use ccdesk::service::client_center::{GateOutcome, client_center, client_centers};
use ccdesk::storage::db::{Create, Db};

use crate::company::{KK_HQ, KK_SELLS, customer_draft, id, now, person_draft, save, to};
use crate::fixture::*;
use crate::settings::set_default;
use crate::support::Store;

async fn answer(db: &Db, site: u128, name: &str) -> Option<Code> {
    match sign_in(db, site, name).await.expect("the password is right") {
        GateOutcome::NotActive(code) => Some(code),
        GateOutcome::Admitted(_) => None,
    }
}

pub(crate) async fn every_missing_link_of_version_24_shows_its_code(Store { db, .. }: Store) {
    build(&db).await;
    add_user(&db, id(1), "chris").await;
    give_password(&db, id(1)).await;
    assert_eq!(answer(&db, CC, "chris").await, Some(Code::CC002));
    save(&db, &person_draft("Chris", "Armstrong", None), id(2)).await;
    set(&db, &user::USER, id(1), &user::PERSON.def, to(id(2))).await;
    assert_eq!(answer(&db, CC, "chris").await, Some(Code::CC003));
    crate::company::add_company(&db, id(3), "Offroad Monsters Den").await;
    set(&db, &person::PERSON, id(2), &party::PARENT_PARTY.def, to(id(3))).await;
    assert_eq!(answer(&db, CC, "chris").await, Some(Code::CC004));
    let elsewhere = customer_draft(id(3), Some(id(LAGERTA)), Some(id(LAGERTA_HQ)));
    save(&db, &elsewhere, id(4)).await;
    assert_eq!(answer(&db, CC, "chris").await, Some(Code::CC006));
    save(&db, &customer_draft(id(3), Some(id(KK_SELLS)), None), id(5)).await;
    assert_eq!(answer(&db, CC, "chris").await, Some(Code::CC007));
    set(&db, &customer::CUSTOMER, id(5), &customer::SERVICED_BY.def, to(id(KK_HQ))).await;
    codes_of_the_site(&db, CC, "chris").await;
    let visit = visit(&db, CC, "chris").await;
    let client = visit.who.client.expect("the only one is chosen");
    assert_eq!((client.customer.id, client.role, client.days_back), (id(5), None, None));
    assert_eq!(visit.who.clients.len(), 1);
}

pub(crate) async fn every_missing_link_of_version_26_shows_its_code(Store { db, .. }: Store) {
    build(&db).await;
    add_user(&db, id(1), "chris").await;
    give_password(&db, id(1)).await;
    assert_eq!(answer(&db, CC26, "chris").await, Some(Code::CC010));
    // An access to a customer of another enterprise company lets nobody in here.
    grant(&db, id(2), OLIVIA_AT_KK, id(1), Role::Owner).await;
    assert_eq!(answer(&db, CC26, "chris").await, Some(Code::CC010));
    for customer in [OLIVIA, NIMERO] {
        set(&db, &customer::CUSTOMER, id(customer), &customer::SERVICED_BY.def, Value::Empty).await;
    }
    grant(&db, id(3), OLIVIA, id(1), Role::Basic).await;
    grant(&db, id(4), NIMERO, id(1), Role::Basic).await;
    assert_eq!(answer(&db, CC26, "chris").await, Some(Code::CC007));
    set(&db, &customer::CUSTOMER, id(OLIVIA), &customer::SERVICED_BY.def, to(id(LAGERTA_HQ))).await;
    codes_of_the_site(&db, CC26, "chris").await;
    // The customer without a location is not offered, and so there is nothing to choose.
    let visit = visit(&db, CC26, "chris").await;
    assert_eq!(visit.who.clients.len(), 1);
    let client = visit.who.client.expect("the only one is chosen");
    assert_eq!(client.customer.shown, "Olivia Green #00028");
    assert_eq!((client.role, client.days_back), (Some(Role::Basic), Some(30)));
    assert_eq!(client.oldest, Some("2024-03-02".parse().expect("a date")));
    let told = told(&db, &user::USER, id(1)).await;
    let reason = told.iter().find_map(|change| change.reason.as_deref());
    assert_eq!(reason, Some("Account not active at cc26: CC009."), "the operator sees who was not let in");
}

/// CC005, CC008 and CC009, for somebody who lacks nothing else.
async fn codes_of_the_site(db: &Db, site: u128, name: &str) {
    let settings = &web_site::SETTINGS_JSON.def;
    let company = read(db, &web_site::WEB_SITE, id(site)).await.values["EnterpriseCompany"].clone();
    for (field, broken, whole, code) in [
        (&web_site::ENTERPRISE_COMPANY.def, Value::Empty, company, Code::CC005),
        (settings, Value::text("{"), Value::Empty, Code::CC008),
        (settings, Value::text("{\"IsNewOrderEnabled\": true}"), Value::Empty, Code::CC009),
    ] {
        set(db, &web_site::WEB_SITE, id(site), field, broken).await;
        assert_eq!(answer(db, site, name).await, Some(code));
        set(db, &web_site::WEB_SITE, id(site), field, whole).await;
    }
    assert_eq!(answer(db, site, name).await, None);
}

pub(crate) async fn promise_04_whatever_is_wrong_is_answered_in_the_same_words(Store { db, .. }: Store) {
    build(&db).await;
    let refused_types = ["VIR", "SYS", "APP", "INI", "INE"];
    for (number, user_type) in (1..).zip(["EXT", "INT"].into_iter().chain(refused_types)) {
        add_user_of(&db, id(number), user_type, user_type).await;
        give_password(&db, id(number)).await;
        grant(&db, id(0x100 + number), OLIVIA, id(number), Role::Basic).await;
    }
    add_user(&db, id(0x20), "no-password").await;
    add_user(&db, id(0x21), "off").await;
    set(&db, &user::USER, id(0x21), &user::ACTIVE.def, Value::Bool(false)).await;
    add_user(&db, id(0x22), "locked").await;
    let later = now() + jiff::SignedDuration::from_hours(1);
    set(&db, &user::USER, id(0x22), &user::LOCKOUT_END_UTC.def, Value::Instant(later.into())).await;
    for number in [0x21, 0x22] {
        give_password(&db, id(number)).await;
        grant(&db, id(0x100 + number), OLIVIA, id(number), Role::Basic).await;
    }
    for name in ["EXT", "INT"] {
        assert_eq!(answer(&db, CC26, name).await, None, "{name}");
    }
    let mut answers = vec![sign_in_with(&db, CC26, &email("EXT"), "wrong password").await.map(drop)];
    for name in refused_types.into_iter().chain(["no-password", "off", "locked", "nobody"]) {
        answers.push(sign_in(&db, CC26, name).await.map(drop));
    }
    for answer in &answers {
        assert!(matches!(answer, Err(ServiceError::Denied(_))), "{answer:?}");
        assert_eq!(answer, &answers[0]);
    }
}

pub(crate) async fn only_client_centers_that_answer_are_there(Store { db, .. }: Store) {
    let none = client_center(&db, "cc").await.expect_err("there is none yet");
    assert_eq!(none.to_string(), "No Client Center “cc” answers; there are: none.");
    build(&db).await;
    add_site(&db, id(0xE2), "closed", AccessRules::Person, id(KK_SELLS)).await;
    set(&db, &web_site::WEB_SITE, id(0xE2), &web_site::IS_ACTIVE.def, Value::Bool(false)).await;
    add_site(&db, id(0xE3), "shop", AccessRules::Person, id(KK_SELLS)).await;
    set(&db, &web_site::WEB_SITE, id(0xE3), &web_site::WEB_SITE_TYPE.def, Value::Code("EC")).await;
    let centers = client_centers(&db).await.expect("the Client Centers");
    let shown: Vec<_> = centers.iter().map(|center| (&*center.site.shown, &*center.company)).collect();
    assert_eq!(shown, [("cc", "KK Ltd."), ("cc26", "Lagerta Ltd.")]);
    assert_eq!(client_center(&db, " CC26 ").await.expect("it is there").site.id, id(CC26));
    for url in ["closed", "shop", "cc27", ""] {
        let refused = client_center(&db, url).await.expect_err(url);
        let sentence = format!("No Client Center “{url}” answers; there are: cc, cc26.");
        assert_eq!(refused, ServiceError::Denied(sentence));
    }
    add_user(&db, id(1), "chris").await;
    give_password(&db, id(1)).await;
    for site in [0xE2, 0xE3, 404] {
        let refused = sign_in(&db, site, "chris").await.map(drop).expect_err("it does not answer");
        assert!(refused.to_string().starts_with("This Client Center does not answer"), "{refused}");
    }
    let failed = told(&db, &user::USER, id(1))
        .await
        .into_iter()
        .filter(|one| one.action == HistoryAction::SignInFailed);
    assert_eq!(failed.count(), 3);
}

pub(crate) async fn the_customer_chosen_last_is_remembered_for_each_site(Store { db, .. }: Store) {
    build(&db).await;
    add_site(&db, id(0xE4), "other", AccessRules::ExternalAccess, id(LAGERTA)).await;
    add_user(&db, id(1), "olivia").await;
    give_password(&db, id(1)).await;
    grant(&db, id(2), OLIVIA, id(1), Role::Admin).await;
    let chosen = async |site| visit(&db, site, "olivia").await.who.client.map(|own| own.customer.id);
    assert_eq!(chosen(CC26).await, Some(id(OLIVIA)), "the only one is chosen at once");
    grant(&db, id(3), NIMERO, id(1), Role::Basic).await;
    assert_eq!(chosen(CC26).await, Some(id(OLIVIA)), "and stays chosen when another comes");
    assert_eq!(chosen(0xE4).await, None, "elsewhere there are two to choose from");
    let visit = visit(&db, CC26, "olivia").await;
    let names: Vec<_> = visit.who.clients.iter().map(|client| &*client.customer.shown).collect();
    assert_eq!(names, ["Nimero Ltd. #00003", "Olivia Green #00028"]);
    let visitor = visit.choose(id(NIMERO)).await.expect("it is one of them");
    assert_eq!(visitor.client.map(|own| (own.customer.id, own.role)), Some((id(NIMERO), Some(Role::Basic))));
    assert_eq!((chosen(CC26).await, chosen(0xE4).await), (Some(id(NIMERO)), None));
    remove(&db, &EXTERNAL_ACCESS, id(3)).await;
    assert_eq!(chosen(CC26).await, Some(id(OLIVIA)), "what is gone is not chosen");
    for other in [id(NIMERO), id(OLIVIA_AT_KK), id(404)] {
        let refused = visit.choose(other).await.expect_err("not the visitor's");
        assert!(matches!(refused, ServiceError::Denied(_)), "{refused:?}");
    }
    assert_eq!(refusals(&db, id(1)).await.len(), 3);
}

pub(crate) async fn a_database_that_can_only_be_read_lets_visitors_in(Store { db, url }: Store) {
    let db = &db;
    build(db).await;
    add_user(db, id(1), "chris").await;
    give_password(db, id(1)).await;
    add_user(db, id(2), "zoe").await;
    give_password(db, id(2)).await;
    for (number, customer) in [(3, OLIVIA), (4, NIMERO)] {
        grant(db, id(number), customer, id(1), Role::Owner).await;
        set(db, &customer::CUSTOMER, id(customer), &customer::SERVICED_BY.def, to(id(LAGERTA_HQ))).await;
    }
    set_default(db, "default_transaction_read_only = on").await;
    let read_only = Db::open(&url, Create::MustExist).await.expect("it can be read");
    let chris = visit(&read_only, CC26, "chris").await;
    let chosen = chris.choose(id(NIMERO)).await.expect("it can be chosen, and is not remembered");
    assert_eq!(chosen.client.map(|client| client.customer.id), Some(id(NIMERO)));
    assert_eq!(answer(&read_only, CC26, "zoe").await, Some(Code::CC010));
}

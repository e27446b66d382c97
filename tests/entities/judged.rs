//! The codes: from stored facts, from drafts, and over everybody at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ccdesk::domain::account_request::{Request, RequestState, Source};
use ccdesk::domain::codes::{
    Code, Facts, State, UserFacts, UserType, Warning, diagnose, identity_warnings, site_states,
};
use ccdesk::domain::entities::{document_type, external_access, person, user, web_site};
use ccdesk::domain::model::query::{Filter, ListQuery, PageCursor};
use ccdesk::domain::model::record::Draft;
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::{Policy, World, database};
use ccdesk::storage::db::{Create, Db, Session};
use ccdesk::storage::list::JudgedAt;
use ccdesk::storage::{accounts, credentials, facts, list, records, unfinished};
use jiff::civil::Date;

use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, LOGIN, add_company, add_enterprise_company, customer_draft, draft, english,
    found, id, load, now, pending_request, person_draft, save, to, user_draft,
};
use crate::support::Store;

const SALES_ORDER: u128 = 0xD0;

/// Names that document types have as their Entity Name, and whether the types are for sales orders. The type with the
/// first one has the id [`SALES_ORDER`], the others the ids that follow.
const ENTITY_NAMES: [(&str, bool); 5] = [
    ("Crm_Sales_SalesOrders", true),
    ("Crm_Sales_Orders", true),
    ("SalesOrders", true),
    ("salesorders", false),
    ("Crm_Invoicing_Invoices", false),
];

/// Settings without a fault, and settings that fail with each code of a site.
fn settings() -> [Value; 9] {
    let order = |id| format!("{{\"NewOrderDocumentType\": \"{id}\", \"IsNewOrderEnabled\": true}}");
    [
        Value::Empty,
        Value::text(order(id(SALES_ORDER))),
        Value::text(order(id(SALES_ORDER + 1))),
        Value::text(order(id(SALES_ORDER + 2))),
        Value::text(order(id(SALES_ORDER + 3))),
        Value::text(order(id(SALES_ORDER + 4))),
        Value::text(order(id(404))),
        Value::text("{\"IsNewOrderEnabled\": true}"),
        Value::text("{\"a\": 1, \"a\": 2}"),
    ]
}

/// Adds a site for each combination of enterprise company (or none), rule set and settings.
async fn sites(db: &Db) -> Vec<RecordId> {
    for (number, (entity_name, _)) in (0..).zip(ENTITY_NAMES) {
        let document_type = draft(
            &document_type::DOCUMENT_TYPE,
            &[
                (&document_type::CODE.def, Value::text(format!("T{number}"))),
                (&document_type::TYPE_NAME.def, english("Document type")),
                (&document_type::ENTITY_NAME.def, Value::text(entity_name)),
            ],
        );
        save(db, &document_type, id(SALES_ORDER + number)).await;
    }
    let mut made = Vec::new();
    for company in [None, Some(id(KK_SELLS))] {
        for rules in ["Person", "ExternalAccess"] {
            for settings in settings() {
                let new_id = id(0x5000 + made.len() as u128);
                let site = draft(
                    &web_site::WEB_SITE,
                    &[
                        (&web_site::RELATIVE_URL.def, Value::text(format!("cc{}", made.len()))),
                        (&web_site::ENTERPRISE_COMPANY.def, company.map_or(Value::Empty, to)),
                        (&web_site::ACCESS_RULES.def, Value::Code(rules)),
                        (&web_site::SETTINGS_JSON.def, settings),
                    ],
                );
                save(db, &site, new_id).await;
                made.push(new_id);
            }
        }
    }
    made
}

/// The day on which users are judged.
const TODAY: Date = Date::constant(2024, 4, 1);

/// The last day of an access: none, today, or the day before or after.
fn last_day(chance: &mut fastrand::Rng) -> Value {
    match chance.u8(..5) {
        0 => Value::Date(TODAY),
        1 => Value::Date(TODAY.tomorrow().expect("a day")),
        2 => Value::Date(TODAY.yesterday().expect("a day")),
        _ => Value::Empty,
    }
}

/// Adds random users: with and without a person, a party, customers and accesses.
async fn crowd(db: &Db, chance: &mut fastrand::Rng) -> Vec<RecordId> {
    add_company(db, id(0xE0), "Other").await;
    add_enterprise_company(db, id(0xE1), id(0xE0)).await;
    let mut parents = Vec::new();
    let mut customers = Vec::new();
    for number in 0..12_u128 {
        let parent = id(0x100 + number);
        add_company(db, parent, &format!("Buyer {number}")).await;
        parents.push(parent);
        for (place, company) in (0_u128..).zip([None, Some(id(KK_SELLS)), Some(id(0xE1))]) {
            if chance.u8(..3) > 0 {
                let location = chance.bool().then(|| id(KK_HQ));
                let new_id = id(0x200 + number * 16 + place);
                save(db, &customer_draft(parent, company, location), new_id).await;
                customers.push(new_id);
            }
        }
    }
    let mut users = Vec::new();
    for number in 0..60_u128 {
        let mut person = None;
        if chance.u8(..5) > 0 {
            let parent = (chance.u8(..5) > 0).then(|| chance.choice(&parents).copied()).flatten();
            let made = save(db, &person_draft("P", &number.to_string(), parent), id(0x1000 + number)).await;
            person = Some(made.id);
        }
        let user = save(db, &user_draft(&format!("u{number}"), "U", person), id(0x2000 + number)).await;
        let count = chance.usize(..4);
        for (place, customer) in (0_u128..).zip(chance.choose_multiple(&customers, count)) {
            let grant = draft(
                &external_access::EXTERNAL_ACCESS,
                &[
                    (&external_access::CUSTOMER.def, to(*customer)),
                    (&external_access::USER.def, to(user.id)),
                    (&external_access::VALID_UNTIL.def, last_day(chance)),
                ],
            );
            save(db, &grant, id(0x3000 + number * 16 + place)).await;
        }
        users.push(user.id);
    }
    users
}

pub(crate) async fn the_codes_in_sql_are_those_of_diagnose(Store { db, .. }: Store) {
    found(&db).await;
    let sites = sites(&db).await;
    let users = crowd(&db, &mut fastrand::Rng::with_seed(24)).await;
    let mut conn = db.read().await.expect("a connection");
    let mut seen = BTreeMap::new();
    for site in sites {
        let expected = diagnosed(&mut conn, &users, site).await;
        let query = ListQuery { judged_at: Some(site), columns: vec![], ..ListQuery::all(&user::USER) };
        let facts = facts::site(&mut conn, site, "en").await.expect("an answer").expect("the site");
        let at = JudgedAt { site: &facts, today: TODAY };
        let page = list::page(&mut conn, &query, Some(at), &PageCursor::First, 100, "en").await;
        let page = page.expect("a page");
        let judged: BTreeMap<_, _> = page.rows.iter().map(|row| (row.id, row.access)).collect();
        assert_eq!(judged, expected);
        let mut counts: BTreeMap<Option<Code>, i64> = BTreeMap::new();
        for code in expected.values() {
            *counts.entry(*code).or_default() += 1;
            *seen.entry(*code).or_insert(0) += 1;
        }
        let counted = list::by_code(&mut conn, &query, at).await.expect("the counts");
        assert_eq!(counted.into_iter().collect::<BTreeMap<_, _>>(), counts);
        for code in Code::ALL.into_iter().map(Some).chain([None]) {
            let query = ListQuery { filters: vec![Filter::Access(vec![code])], ..query.clone() };
            let count = list::count(&mut conn, &query, Some(at)).await.expect("a count");
            assert_eq!(count, counts.get(&code).copied().unwrap_or_default(), "{code:?}");
        }
    }
    assert_eq!(seen.len(), Code::ALL.len() + 1, "the crowd lacks somebody: {seen:?}");
}

pub(crate) async fn a_sales_order_type_has_one_of_three_entity_names(Store { db, .. }: Store) {
    found(&db).await;
    let sites = sites(&db).await;
    let mut conn = db.read().await.expect("a connection");
    // The sites with the first rule set and enterprise company, whose settings name the types in turn.
    for (site, (entity_name, is_sales_order)) in sites[2 * settings().len() + 1..].iter().zip(ENTITY_NAMES) {
        let site = facts::site(&mut conn, *site, "en").await.expect("an answer").expect("the site");
        let expected = if is_sales_order { State::Ok } else { State::Failed };
        assert_eq!(site_states(&site)[2], (Code::CC009, expected), "{entity_name}");
    }
}

async fn diagnosed(s: &mut Session, users: &[RecordId], site: RecordId) -> BTreeMap<RecordId, Option<Code>> {
    let site = Arc::new(facts::site(s, site, "en").await.expect("an answer").expect("the site"));
    let users = facts::users(s, users, "en").await.expect("the facts");
    users
        .into_iter()
        .map(|user| {
            let facts = Facts { now: now(), today: TODAY, user, site: Arc::clone(&site) };
            (facts.user.id, diagnose(&facts).sign_in())
        })
        .collect()
}

pub(crate) async fn a_draft_is_judged_as_if_it_were_saved(Store { db, .. }: Store) {
    found(&db).await;
    save(&db, &person_draft("Chris", "Armstrong", Some(id(KK_LTD))), id(1)).await;
    save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ))), id(2)).await;
    save(&db, &user_draft("chris", "Chris", None), id(3)).await;
    let mut conn = db.read().await.expect("a connection");
    let record = load(&mut conn, &user::USER, id(3)).await;
    let mut draft = Draft::of(Arc::new(record));
    draft.set(&user::PERSON.def, to(id(1)));
    let facts = facts::of_draft(&mut conn, &draft, "en").await.expect("the facts");
    let person = facts.person.expect("the person of the draft");
    assert_eq!((person.id, person.shown.as_str(), person.active), (id(1), "Chris Armstrong", true));
    let parent = person.parent.expect("the parent party");
    assert_eq!((parent.shown.as_str(), parent.customers.len()), ("KK Ltd.", 1));
    let customer = &parent.customers[0];
    assert_eq!(customer.label(), "KK Ltd. #00001");
    assert_eq!(customer.location.as_ref().map(|location| location.shown.as_str()), Some("KK Ltd., KK - HQ"));
    let stored = facts::users(&mut conn, &[id(404), id(3)], "en").await.expect("the facts");
    assert_eq!(
        stored.iter().map(|user| (user.id, user.person.is_some())).collect::<Vec<_>>(),
        [(id(3), false)]
    );
    let new = facts::of_draft(&mut conn, &user_draft("new", "New", None), "en").await.expect("the facts");
    assert_eq!((new.login.as_str(), new.grants.len()), ("new", 0));
}

pub(crate) async fn a_login_that_looks_like_another_is_named(Store { db, .. }: Store) {
    save(&db, &user_draft("scope", "Latin", None), id(1)).await;
    save(&db, &user_draft("ѕсоре", "Cyrillic", None), id(2)).await;
    save(&db, &user_draft("other", "Other", None), id(3)).await;
    let mut conn = db.read().await.expect("a connection");
    let found = facts::users(&mut conn, &[id(1), id(2), id(3)], "en").await.expect("the facts");
    let resembled: Vec<_> =
        found.iter().map(|user| user.resembles.as_ref().map(|other| other.text.as_str())).collect();
    assert_eq!(resembled, [Some("ѕсоре"), Some("scope"), None]);
}

/// Mira, whose login somebody copies with a capital I, and Lea, whose e-mail somebody copies with a Cyrillic letter.
async fn two_and_their_look_alikes(db: &Db) {
    let with_email = |login: &str, email: &str| {
        let mut user = user_draft(login, "Lea", None);
        user.set(&user::EMAIL.def, Value::text(email));
        user
    };
    save(db, &user_draft("Mkoleva", "Mira", None), id(1)).await;
    save(db, &user_draft("mkoIeva", "Mira", None), id(2)).await;
    save(db, &with_email("u76", "lea.marsh@cove.example"), id(3)).await;
    save(db, &with_email("u77", "leа.marsh@cove.example"), id(4)).await;
    save(db, &with_email("lea.marsh@соve.example", "other@cove.example"), id(5)).await;
    save(db, &with_email("u78", "other2@cove.example"), id(6)).await;
}

pub(crate) async fn promise_10_look_alikes_are_found_as_they_are_written_in_logins_and_emails(
    Store { db, .. }: Store,
) {
    two_and_their_look_alikes(&db).await;
    let mut conn = db.read().await.expect("a connection");
    let ids = [1, 2, 3, 4, 5, 6].map(id);
    let warnings = |user: &UserFacts| {
        let warnings = identity_warnings(user).into_iter().filter(|it| matches!(it, Warning::Resembles(_)));
        warnings.map(|warning| warning.to_string()).collect::<Vec<_>>().join("; ")
    };
    let expected = [
        "resembles the login mkoIeva",
        "resembles the login Mkoleva",
        "resembles the login lea.marsh@соve.example",
        "resembles the login lea.marsh@соve.example",
        "resembles the e-mail lea.marsh@cove.example",
        "",
    ];
    let found = facts::users(&mut conn, &ids, "en").await.expect("the facts");
    assert_eq!(found.iter().map(warnings).collect::<Vec<_>>(), expected);
    let found = facts::identities(&mut conn, &ids, "en").await.expect("the facts");
    assert_eq!(found.iter().map(warnings).collect::<Vec<_>>(), expected);
    let query = ListQuery::all(&user::USER);
    let page = list::page(&mut conn, &query, None, &PageCursor::First, 50, "en").await.expect("a page");
    let flagged: BTreeSet<RecordId> =
        page.rows.iter().filter(|row| row.look_alike).map(|row| row.id).collect();
    assert_eq!(flagged, [1, 2, 3, 4, 5].map(id).into());
}

pub(crate) async fn look_alikes_of_an_older_database_are_found_once_it_is_opened(Store { db, url }: Store) {
    two_and_their_look_alikes(&db).await;
    let mut tx = db.begin().await.expect("a transaction");
    for statement in [
        "UPDATE sec_users SET login_skeleton = NULL, email_skeleton = NULL",
        "INSERT INTO unfinished_steps (name) VALUES ('skeletons')",
    ] {
        tx.execute(statement, vec![]).await.expect(statement);
    }
    tx.commit().await.expect("they are gone");
    let opened =
        database::open(&url, Create::MustExist, &World::real(Policy::default())).await.expect("it opens");
    let mut conn = opened.read().await.expect("a connection");
    let found = facts::identities(&mut conn, &[2, 4].map(id), "en").await.expect("the facts");
    assert!(found.iter().all(|user| user.resembles.is_some()), "{found:#?}");
    assert_eq!(unfinished::is_left(&mut conn, unfinished::SKELETONS).await, Ok(false));
}

pub(crate) async fn a_request_is_settled_by_the_save_that_completes_it(Store { db, .. }: Store) {
    found(&db).await;
    let site = draft(&web_site::WEB_SITE, &[(&web_site::ENTERPRISE_COMPANY.def, to(id(KK_SELLS)))]);
    save(&db, &site, id(0x50)).await;
    let mut agreement = customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ)));
    save(&db, &person_draft("Chris", "Armstrong", Some(id(KK_LTD))), id(1)).await;
    let mut tx = db.begin().await.expect("a transaction");
    for number in [3, 4] {
        let person = (number == 3).then_some(id(1));
        let mut user = user_draft(&format!("user{number}"), "U", person);
        user.id = id(number);
        records::save(&mut tx, &mut user, now(), LOGIN).await.expect("the user is saved");
        let request = pending_request(id(number + 0x10), id(number));
        accounts::add_request(&mut tx, &request).await.expect("the request is kept");
    }
    let person = load(&mut tx, &person::PERSON, id(1)).await;
    assert_eq!(accounts::settle(&mut tx, &person, now(), LOGIN).await, Ok(vec![]));
    agreement.id = id(2);
    records::save(&mut tx, &mut agreement, now(), LOGIN).await.expect("the agreement is saved");
    let agreement = load(&mut tx, &ccdesk::domain::entities::customer::CUSTOMER, id(2)).await;
    let settled = accounts::settle(&mut tx, &agreement, now(), LOGIN).await.expect("they are settled");
    let settled: Vec<_> = settled.iter().map(|settled| (settled.user, settled.version)).collect();
    assert_eq!(settled, [(id(3), 1)]);
    assert_eq!(accounts::pending_of(&mut tx, id(3)).await, Ok(None));
    let waiting = accounts::pending_of(&mut tx, id(4)).await.expect("an answer").expect("still pending");
    assert_eq!((waiting.id, waiting.source, waiting.submitted_at), (id(0x14), Source::Console, now()));
    let rejected = Request {
        state: RequestState::Rejected,
        decided_at: Some(now()),
        decided_by: Some(LOGIN.to_owned()),
        reason: Some("unknown".to_owned()),
        ..waiting
    };
    for decided in [true, false] {
        assert_eq!(accounts::decide(&mut tx, RequestState::Pending, &rejected).await, Ok(decided));
    }
    assert_eq!(accounts::pending_of(&mut tx, id(4)).await, Ok(None));
    assert_eq!(accounts::last_of(&mut tx, id(4)).await, Ok(Some(rejected)));
}

pub(crate) async fn a_sign_in_finds_the_login_ignoring_case(Store { db, .. }: Store) {
    let mut operator = user_draft("Живко@KK.bg", "Zhivko", None);
    operator.set(&user::USER_TYPE.def, Value::Code("INT"));
    operator.set(&user::LOCKOUT_END_UTC.def, Value::Instant(now().into()));
    save(&db, &operator, id(1)).await;
    let mut tx = db.begin().await.expect("a transaction");
    assert_eq!(credentials::operators_exist(&mut tx).await, Ok(false));
    let found = credentials::account_of(&mut tx, "живко@kk.BG").await.expect("an answer").expect("a user");
    assert!(found.password.is_none());
    for (hash, serial) in [("first", 1), ("second", 2)] {
        assert_eq!(credentials::set_credential(&mut tx, id(1), hash).await, Ok(serial));
    }
    credentials::set_failures(&mut tx, id(1), 2).await.expect("they are kept");
    credentials::count_failure(&mut tx, id(1)).await.expect("it is kept");
    assert_eq!(credentials::operators_exist(&mut tx).await, Ok(true));
    let found = credentials::account_of(&mut tx, " живко@kk.BG").await.expect("an answer").expect("a user");
    let password = found.password.as_ref().expect("a password");
    assert_eq!((found.user, password.hash.as_str(), found.active), (id(1), "second", true));
    assert_eq!((found.user_type, found.failed_count), (UserType::InternalUser, 3));
    assert_eq!(found.locked_until, Some(now().into()));
    assert!(!format!("{found:?}").contains("second"));
}

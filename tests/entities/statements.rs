//! How many statements each use case costs: on PostgreSQL each is one round trip to the server, and a network may need
//! 50 ms for one. The numbers are upper bounds that a change may lower and must not raise unseen.

use ccdesk::domain::account_request::{Request, RequestState, Source};
use ccdesk::domain::entities::{customer, document_type, external_access, party, person, user, web_site};
use ccdesk::domain::model::query::{ListQuery, PageCursor};
use ccdesk::domain::model::record::Draft;
use ccdesk::domain::model::value::{RecordId, Reference, Value};
use ccdesk::service::ServiceError;
use ccdesk::service::back_office::BackOffice;
use ccdesk::storage::db::Db;
use ccdesk::storage::{accounts, records};

use crate::back_office::{back_office, changed, read};
use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, LOGIN, customer_draft, draft, english, found, id, now, person_draft, save, to,
    user_draft,
};
use crate::support::Store;

const SITE: u128 = 0x50;
const PERSON: u128 = 0x51;
const CUSTOMER: u128 = 0x52;
const USER: u128 = 0x53;

/// A Client Center with a sales order type, and a user who can enter it in either way.
async fn client_center(db: &Db) {
    found(db).await;
    let sales_order = draft(
        &document_type::DOCUMENT_TYPE,
        &[
            (&document_type::CODE.def, Value::text("SO")),
            (&document_type::TYPE_NAME.def, english("Sales order")),
            (&document_type::ENTITY_NAME.def, Value::text("Crm_Sales_SalesOrders")),
        ],
    );
    save(db, &sales_order, id(0xD0)).await;
    let site = draft(&web_site::WEB_SITE, &[(&web_site::ENTERPRISE_COMPANY.def, to(id(KK_SELLS)))]);
    save(db, &site, id(SITE)).await;
    save(db, &person_draft("Chris", "Armstrong", Some(id(KK_LTD))), id(PERSON)).await;
    save(db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ))), id(CUSTOMER)).await;
    save(db, &user_draft("chris", "Chris", Some(id(PERSON))), id(USER)).await;
    let access = draft(
        &external_access::EXTERNAL_ACCESS,
        &[(&external_access::CUSTOMER.def, to(id(CUSTOMER))), (&external_access::USER.def, to(id(USER)))],
    );
    save(db, &access, id(0x54)).await;
}

/// An operator who judges users at the Client Center.
async fn operator(db: &Db) -> BackOffice {
    let mut operator = back_office(db, "ann", true).await;
    operator.who.site = Some(Reference { id: id(SITE), shown: "cc".to_owned() });
    operator
}

/// How many statements the database is sent for a use case that must succeed.
async fn statements<T>(db: &Db, use_case: impl Future<Output = Result<T, ServiceError>>) -> u64 {
    let before = db.statements_run();
    use_case.await.expect("it succeeds");
    db.statements_run() - before
}

pub(crate) async fn a_page_costs_two_statements_wherever_it_stands(Store { db, .. }: Store) {
    client_center(&db).await;
    let ann = operator(&db).await;
    let judged = ListQuery { judged_at: Some(id(SITE)), ..ListQuery::all(&user::USER) };
    let key = ann.rows(&judged, &PageCursor::First, 50).await.expect("a page").rows[0].key.clone();
    for query in [judged, ListQuery::all(&user::USER), ListQuery::all(&party::PARTY)] {
        for cursor in [
            PageCursor::First,
            PageCursor::Last,
            PageCursor::After(key.clone()),
            PageCursor::From(id(USER)),
            PageCursor::From(id(404)),
        ] {
            let sent = statements(&db, ann.rows(&query, &cursor, 50)).await;
            println!("{:?} {} {cursor:?}: {sent}", db.engine(), query.entity.name);
        }
        let sent = statements(&db, ann.count(&query)).await;
        println!("{:?} {} count: {sent}", db.engine(), query.entity.name);
    }
}

pub(crate) async fn a_form_is_read_in_few_statements(Store { db, .. }: Store) {
    client_center(&db).await;
    let ann = operator(&db).await;
    for (entity, record) in [
        (&user::USER, USER),
        (&customer::CUSTOMER, CUSTOMER),
        (&person::PERSON, PERSON),
        (&party::PARTY, PERSON),
    ] {
        let sent = statements(&db, ann.record(entity, id(record))).await;
        println!("{:?} {} record: {sent}", db.engine(), entity.name);
    }
    let draft = Draft::of(read(&db, &user::USER, id(USER)).await);
    let sent = statements(&db, ann.codes(&draft)).await;
    println!("{:?} codes: {sent}", db.engine());
    let sent = statements(&db, ann.sites()).await;
    println!("{:?} sites: {sent}", db.engine());
    let sent = statements(&db, ann.blocked_by_code()).await;
    println!("{:?} blocked: {sent}", db.engine());
    let sent = statements(&db, ann.choices(&draft, &user::PERSON.def, "chris")).await;
    println!("{:?} choices: {sent}", db.engine());
    let draft = changed(&db, &user::USER, id(USER), &user::NOTES.def, Value::text("called")).await;
    let sent = statements(&db, ann.save(&draft, false)).await;
    println!("{:?} save user: {sent}", db.engine());
}

/// Users of one person who wait, and lack nothing but the site's enterprise company.
async fn waiting(db: &Db, users: u128) {
    let mut tx = db.begin().await.expect("a transaction");
    let drafts = (0..users).map(|number| {
        (id(0x10_0000 + number), user_draft(&format!("waiting{number}"), "Waiting", Some(id(PERSON))))
    });
    records::insert_many(&mut tx, &user::USER, drafts.collect(), now(), LOGIN).await.expect("the users");
    let requests: Vec<Request> = (0..users)
        .map(|number| Request {
            id: RecordId(uuid::Uuid::from_u128(0x20_0000 + number)),
            user: id(0x10_0000 + number),
            submitted_at: now(),
            source: Source::Console,
            state: RequestState::Pending,
            decided_at: None,
            decided_by: None,
            reason: None,
        })
        .collect();
    accounts::add_requests(&mut tx, &requests).await.expect("the requests");
    tx.commit().await.expect("they stay");
}

async fn save_of_a_site(db: &Db, users: u128) -> u64 {
    client_center(db).await;
    let ann = operator(db).await;
    let closed =
        changed(db, &web_site::WEB_SITE, id(SITE), &web_site::IS_ACTIVE.def, Value::Bool(false)).await;
    ann.save(&closed, true).await.expect("the site is closed");
    waiting(db, users).await;
    let opened =
        changed(db, &web_site::WEB_SITE, id(SITE), &web_site::IS_ACTIVE.def, Value::Bool(true)).await;
    let start = std::time::Instant::now();
    let sent = statements(db, ann.save(&opened, true)).await;
    println!("{:?} site save {users}: {sent} in {:?}", db.engine(), start.elapsed());
    sent
}

pub(crate) async fn saving_a_web_site_settles_its_users_together(Store { db, url }: Store) {
    let _ = url;
    save_of_a_site(&db, std::env::var("USERS").ok().and_then(|u| u.parse().ok()).unwrap_or(2000)).await;
}

//! How many statements each use case costs: on PostgreSQL each is one round trip to the server, and a network may need
//! 50 ms for one. A change that costs more is seen here.

use ccdesk::domain::entities::{customer, document_type, external_access, party, person, user, web_site};
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::query::{ListQuery, PageCursor};
use ccdesk::domain::model::record::Draft;
use ccdesk::domain::model::value::{Reference, Value};
use ccdesk::service::ServiceError;
use ccdesk::service::back_office::BackOffice;
use ccdesk::storage::db::Db;
use ccdesk::storage::{accounts, history, records};

use crate::back_office::{back_office, changed, read};
use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, LOGIN, customer_draft, draft, english, found, id, now, pending_request,
    person_draft, save, to, user_draft,
};
use crate::support::Store;

const SITE: u128 = 0x50;
const PERSON: u128 = 0x51;
const CUSTOMER: u128 = 0x52;
const USER: u128 = 0x53;
const ACCESS: u128 = 0x54;

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
    save(db, &access, id(ACCESS)).await;
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

pub(crate) async fn a_page_costs_two_statements_wherever_it_begins(Store { db, .. }: Store) {
    client_center(&db).await;
    let ann = operator(&db).await;
    let judged = ListQuery { judged_at: Some(id(SITE)), ..ListQuery::all(&user::USER) };
    for (query, row) in [
        (judged, id(USER)),
        (ListQuery::all(&user::USER), id(USER)),
        (ListQuery::all(&party::PARTY), id(PERSON)),
        (ListQuery::all(&external_access::EXTERNAL_ACCESS), id(ACCESS)),
    ] {
        let first = ann.rows(&query, &PageCursor::First, 50).await.expect("a page");
        let key = first.rows.first().expect("a row").key.clone();
        for cursor in [
            PageCursor::First,
            PageCursor::Last,
            PageCursor::After(key.clone()),
            PageCursor::Before(key),
            PageCursor::From(row),
        ] {
            let sent = statements(&db, ann.rows(&query, &cursor, 50)).await;
            assert_eq!(sent, 2, "who asks, with the site, and the rows: {} {cursor:?}", query.entity.name);
        }
        let sent = statements(&db, ann.rows(&query, &PageCursor::From(id(404)), 50)).await;
        assert_eq!(sent, 3, "of a row that is gone, the first page is read instead");
        let sent = statements(&db, ann.count(&query)).await;
        assert_eq!(sent, 2, "who asks, with the site, and the count: {}", query.entity.name);
    }
    assert_eq!(statements(&db, ann.blocked_by_code()).await, 2, "who asks, with the site, and the counts");
    assert_eq!(statements(&db, ann.sites()).await, 2, "who asks, and the sites");
}

pub(crate) async fn a_form_is_read_in_few_statements(Store { db, .. }: Store) {
    client_center(&db).await;
    let ann = operator(&db).await;
    for (entity, record) in [
        (&user::USER, USER),
        (&customer::CUSTOMER, CUSTOMER),
        (&person::PERSON, PERSON),
        // Asked for as a party, it comes as the person that it is.
        (&party::PARTY, PERSON),
    ] {
        let sent = statements(&db, ann.record(entity, id(record))).await;
        assert_eq!(sent, 2, "who asks, and the record with what it refers to: {}", entity.name);
    }
    let draft = Draft::of(read(&db, &user::USER, id(USER)).await);
    let sent = statements(&db, ann.codes(&draft)).await;
    assert_eq!(
        sent, 6,
        "who asks, with the site; requests; person and parent; accesses; customers; look-alikes"
    );
    let sent = statements(&db, ann.choices(&draft, &user::PERSON.def, "chris")).await;
    assert_eq!(sent, 2, "who asks, and the choices");
    let draft = Draft::of(read(&db, &customer::CUSTOMER, id(CUSTOMER)).await);
    let sent = statements(&db, ann.choices(&draft, &customer::SERVICED_BY.def, "kk")).await;
    assert_eq!(sent, 3, "who asks, what limits the choices, and the choices");
}

pub(crate) async fn a_save_is_a_dozen_statements_at_the_most(Store { db, .. }: Store) {
    client_center(&db).await;
    let ann = operator(&db).await;
    let notes = changed(&db, &user::USER, id(USER), &user::NOTES.def, Value::text("called")).await;
    let sent = statements(&db, ann.save(&notes, false)).await;
    assert!(
        sent <= 10,
        "begin, who asks, the record, its row, its history, the sites, the requests, commit: {sent}"
    );
    let active =
        changed(&db, &customer::CUSTOMER, id(CUSTOMER), &customer::ACTIVE.def, Value::Bool(false)).await;
    let sent = statements(&db, ann.save(&active, false)).await;
    assert!(sent <= 12, "{sent}");
}

/// Adds users of one person whose requests are pending although nothing is missing any more. The first has two
/// requests.
async fn let_wait(db: &Db, first: u128, users: u128) {
    let mut tx = db.begin().await.expect("a transaction");
    let user = |number| user_draft(&format!("waiting{number}"), "Waiting", Some(id(PERSON)));
    let drafts = (first..first + users).map(|number| (id(number), user(number))).collect();
    records::insert_many(&mut tx, &user::USER, drafts, now(), LOGIN).await.expect("the users");
    let request = |number: u128, user| pending_request(id(number << 64), id(user));
    let once = (first..first + users).map(|number| request(number, number));
    let requests: Vec<_> = once.chain([request(first + users, first)]).collect();
    accounts::add_requests(&mut tx, &requests).await.expect("the requests");
    tx.commit().await.expect("they stay");
}

pub(crate) async fn a_web_site_settles_two_thousand_users_together(Store { db, .. }: Store) {
    client_center(&db).await;
    let other = draft(
        &web_site::WEB_SITE,
        &[
            (&web_site::RELATIVE_URL.def, Value::text("other")),
            (&web_site::ENTERPRISE_COMPANY.def, to(id(KK_SELLS))),
        ],
    );
    save(&db, &other, id(SITE + 0x100)).await;
    let ann = operator(&db).await;
    let mut sent = Vec::new();
    for (round, users) in [(1, 1), (2, 500), (3, 2000)] {
        let first = round << 32;
        let_wait(&db, first, users).await;
        let notes = Value::text(round.to_string());
        let noted = changed(&db, &web_site::WEB_SITE, id(SITE), &web_site::NOTES.def, notes).await;
        sent.push(statements(&db, ann.save(&noted, true)).await);
        let mut conn = db.read().await.expect("a connection");
        for user in [first, first + users - 1] {
            let pending = accounts::pending_of(&mut conn, id(user)).await.expect("an answer");
            let told = history::of_record(&mut conn, &user::USER, id(user), None, 10).await.expect("history");
            let told: Vec<_> = told.entries.iter().map(|entry| (entry.action, entry.version)).collect();
            assert_eq!((pending, told), (None, vec![(HistoryAction::Configured, 1)]), "{user}");
        }
    }
    let [one, some, many] = sent[..] else { panic!("three rounds") };
    assert!(
        one <= 13,
        "the save itself, the sites, the requests as they were, their history, the operation: {one}"
    );
    assert_eq!(some, one, "five hundred cost what one does");
    assert!(many <= one + 2, "of two thousand only the history takes statements more: {many} after {one}");
}

//! History keeps values, under the operation that wrote them; what older versions of the program wrote stays readable.

use std::collections::BTreeSet;
use std::sync::Arc;

use ccdesk::domain::codes::Role;
use ccdesk::domain::entities::external_access::{self, EXTERNAL_ACCESS};
use ccdesk::domain::entities::{all, customer, party, user, web_site};
use ccdesk::domain::model::history::{FieldChange, HistoryAction, HistoryEntry, OperationId, Part, beside};
use ccdesk::domain::model::history_text;
use ccdesk::domain::model::record::{Draft, Record};
use ccdesk::domain::model::schema::EntityDef;
use ccdesk::domain::model::value::{MultiLang, RecordId, Value};
use ccdesk::service::ServiceError;
use ccdesk::service::back_office::grants::Grants;
use ccdesk::service::write::{self, WriteContext};
use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::error::StorageError;
use ccdesk::storage::{accounts, history};
use uuid::Uuid;

use crate::back_office::{back_office, changed, read, world};
use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, LOGIN, customer_draft, draft, found, full, id, now, pending_request,
    person_draft, save, to, user_changed, user_draft,
};
use crate::support::Store;

/// The whole history of a record, the oldest entry first.
async fn told(db: &Db, entity: &EntityDef, record: RecordId) -> Vec<HistoryEntry> {
    let mut conn = db.read().await.expect("a connection");
    let mut told =
        history::of_record(&mut conn, entity, record, None, 1000).await.expect("the history").entries;
    told.reverse();
    told
}

/// Writes a draft as an operation of its own.
async fn write(db: &Db, draft: &Draft) -> Arc<Record> {
    let mut tx = db.begin().await.expect("a transaction");
    let world = world();
    let context = WriteContext { operation: operation(), ..WriteContext::new(&world, LOGIN, "en") };
    let record = write::write(&mut tx, &context, draft).await.expect("it is written");
    tx.commit().await.expect("it stays");
    record
}

/// A new operation id.
fn operation() -> OperationId {
    OperationId(Uuid::now_v7())
}

fn shown(value: &Value) -> &str {
    match value {
        Value::Ref(reference) => &reference.shown,
        _ => "",
    }
}

pub(crate) async fn every_value_comes_back_from_history_as_it_was(Store { db, .. }: Store) {
    found(&db).await;
    save(&db, &user_draft("zoe", "Zoe", None), id(3)).await;
    let mut seed = 0;
    for (number, entity) in (1..).zip(all()) {
        let mut draft = full(&db, entity, &mut seed).await;
        draft.id = id(0xE000 + number);
        if entity.is(&customer::CUSTOMER) {
            draft.set(&customer::ENTERPRISE_COMPANY.def, to(id(KK_SELLS)));
            draft.set(&customer::SERVICED_BY.def, to(id(KK_HQ)));
        }
        if entity.is(&user::USER) {
            draft.set(&user::EMAIL.def, Value::text("chris@example.com"));
            draft.set(&user::USER_TYPE.def, Value::Code("INT"));
            draft.set(&user::DEFAULT_LANGUAGE.def, Value::text("en-GB"));
        }
        if entity.is(&EXTERNAL_ACCESS) {
            draft.set(&external_access::USER.def, to(id(3)));
        }
        if entity.is(&web_site::WEB_SITE) {
            draft.set(&web_site::RELATIVE_URL.def, Value::text("shop"));
        }
        if entity.is(&party::PARTY) {
            draft.set(&party::PARTY_TYPE.def, Value::Code("S"));
        }
        let made = write(&db, &draft).await;
        let read = read(&db, entity, made.id).await;
        assert_eq!(*made, *read, "what a save answers is what is read");
        let [created] = &told(&db, made.entity, made.id).await[..] else { panic!("{entity:?}: one entry") };
        assert_eq!((created.action, created.version), (HistoryAction::Created, 1));
        let kept: BTreeSet<&str> = created.fields.iter().map(|change| change.field.as_str()).collect();
        assert!(read.values.keys().all(|property| kept.contains(property)), "{entity:?}: {kept:?}");
        for change in created.fields.iter().filter(|change| !beside::is_one(&change.field)) {
            let value = read.values.get(&*change.field).unwrap_or(&Value::Empty);
            assert_eq!((&change.before, &change.after), (&Value::Empty, value), "{entity:?}");
            assert_eq!(shown(&change.after), shown(value), "{entity:?}.{}", change.field);
        }
    }
}

pub(crate) async fn values_are_stored_alike_on_both_engines(Store { db, .. }: Store) {
    found(&db).await;
    let name: MultiLang =
        [("en", "Chris"), ("bg", "Крис")].map(|(l, t)| (l.to_owned(), t.to_owned())).into_iter().collect();
    let fields = [
        ("Name", Value::Empty, Value::multi(name)),
        ("IsAdmin", Value::Bool(true), Value::Bool(false)),
        ("AccessFailedCount", Value::Int(3), Value::Empty),
        ("Notes", Value::text("a \"b\" \\"), Value::text("c\u{1b}[2J")),
        ("LockoutEndUtc", Value::Empty, Value::Instant(now().into())),
        ("UserType", Value::Code("EXT"), Value::Code("INT")),
        ("Person", Value::Empty, to(id(7))),
        (
            "Gone",
            Value::Date("2024-04-01".parse().expect("a date")),
            Value::Amount("1250.5".parse().expect("an amount")),
        ),
    ]
    .map(|(field, before, after)| FieldChange { field: field.to_owned(), before, after });
    let entry = user_changed(2, fields.to_vec());
    let mut tx = db.begin().await.expect("a transaction");
    history::append(&mut tx, [&entry]).await.expect("an entry");
    let stored = tx.fetch_one("SELECT changes FROM history", vec![]).await.expect("a row").text(0);
    let expected = concat!(
        r#"[{"field":"Name","after":{"multi":{"bg":"Крис","en":"Chris"}}},"#,
        r#"{"field":"IsAdmin","before":{"bool":true},"after":{"bool":false}},"#,
        r#"{"field":"AccessFailedCount","before":{"int":3}},"#,
        r#"{"field":"Notes","before":{"text":"a \"b\" \\"},"after":{"text":"c\u001b[2J"}},"#,
        r#"{"field":"LockoutEndUtc","after":{"instant":1711977900000000}},"#,
        r#"{"field":"UserType","before":{"code":"EXT"},"after":{"code":"INT"}},"#,
        r#"{"field":"Person","after":{"ref":{"id":"00000000-0000-0000-0000-000000000007","shown":""}}},"#,
        r#"{"field":"Gone","before":{"date":"2024-04-01"},"after":{"amount":"1250.50"}}]"#,
    );
    assert_eq!(stored.as_deref(), Ok(expected));
    let found = history::of_operation(&mut tx, entry.operation.expect("one")).await;
    assert_eq!(found, Ok(vec![entry]));
}

pub(crate) async fn everything_one_action_writes_carries_its_operation(Store { db, .. }: Store) {
    found(&db).await;
    for (number, party) in [(1, KK_LTD), (2, KK_HQ)] {
        save(&db, &customer_draft(id(party), Some(id(KK_SELLS)), None), id(number)).await;
    }
    save(&db, &user_draft("chris", "Chris", None), id(3)).await;
    let back_office = back_office(&db, "admin", true).await;
    let grants = Grants::usual(id(3), vec![id(1), id(2)]);
    let made = back_office.grant(&grants, true).await.expect("two accesses");
    let begun = told(&db, &EXTERNAL_ACCESS, made[0].id).await[0].operation.expect("an operation");
    let mut conn = db.read().await.expect("a connection");
    let written = history::of_operation(&mut conn, begun).await.expect("the entries");
    let written: Vec<_> =
        written.iter().map(|entry| (entry.entity.set, entry.record, entry.action)).collect();
    let access = |index: usize| (EXTERNAL_ACCESS.set, made[index].id, HistoryAction::Created);
    let changed = |entity: &EntityDef, number| (entity.set, id(number), HistoryAction::Changed);
    let (of_customer, of_user) = (|number| changed(&customer::CUSTOMER, number), changed(&user::USER, 3));
    assert_eq!(written, [access(0), of_customer(1), of_user, access(1), of_customer(2), of_user]);
    let mut wider = Draft::of(Arc::clone(&made[0]));
    wider.set(&external_access::NOTES.def, Value::text("seen"));
    back_office.save(&wider, true).await.expect("a change");
    let entries = told(&db, &user::USER, id(3)).await;
    let operations: Vec<_> = entries.iter().map(|entry| entry.operation).collect();
    assert_eq!(operations[..2], [Some(begun); 2]);
    assert!(operations[2].is_some_and(|other| other != begun), "another action is another operation");
}

pub(crate) async fn a_request_is_configured_in_the_operation_of_the_save(Store { db, .. }: Store) {
    found(&db).await;
    let site = draft(&web_site::WEB_SITE, &[(&web_site::ENTERPRISE_COMPANY.def, to(id(KK_SELLS)))]);
    save(&db, &site, id(0x50)).await;
    save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ))), id(2)).await;
    save(&db, &person_draft("Chris", "Armstrong", Some(id(KK_LTD))), id(1)).await;
    save(&db, &user_draft("chris", "Chris", None), id(3)).await;
    let mut tx = db.begin().await.expect("a transaction");
    accounts::add_request(&mut tx, &pending_request(id(0x10), id(3))).await.expect("the request is kept");
    tx.commit().await.expect("it stays");
    let linked = changed(&db, &user::USER, id(3), &user::PERSON.def, to(id(1))).await;
    back_office(&db, "admin", true).await.save(&linked, true).await.expect("a repair");
    let [saved, settled] = &told(&db, &user::USER, id(3)).await[..] else { panic!("two entries") };
    assert_eq!((saved.action, settled.action), (HistoryAction::Changed, HistoryAction::Configured));
    assert_eq!((saved.operation, saved.version), (settled.operation, settled.version));
}

pub(crate) async fn a_deletion_keeps_every_field(Store { db, .. }: Store) {
    found(&db).await;
    save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), None), id(1)).await;
    save(&db, &user_draft("chris", "Chris", None), id(3)).await;
    let back_office = back_office(&db, "admin", true).await;
    let grants = Grants { role: Role::Billing, days_back: None, ..Grants::usual(id(3), vec![id(1)]) };
    let made = back_office.grant(&grants, true).await.expect("an access").remove(0);
    back_office.remove(&EXTERNAL_ACCESS, made.id, made.version).await.expect("the end");
    let entries = told(&db, &EXTERNAL_ACCESS, made.id).await;
    let gone = entries.last().expect("the end of it");
    assert_eq!(gone.action, HistoryAction::Deleted);
    let fields = gone.fields.iter().filter(|change| !beside::is_one(&change.field));
    let before: Vec<_> = fields.map(|change| (change.field.as_str(), &change.before)).collect();
    let (of, by) = (made.values["Customer"].clone(), made.values["User"].clone());
    assert_eq!(
        before,
        [("Customer", &of), ("User", &by), ("Role", &Value::Code("L40")), ("DaysBackAccess", &Value::Empty)]
    );
    assert!(gone.fields.iter().all(|change| change.after.is_empty()));
    let lines = history_text::lines(gone, "en");
    assert_eq!(lines[1..], ["User: Chris <chris> [EXT]", "Role: Billing", "Days Back Access: unlimited"]);
}

pub(crate) async fn promise_03_a_secret_never_enters_history(Store { db, .. }: Store) {
    const CANARY: &str = "Canary-5521-never-kept";
    let mut chris = user_draft("chris", "Chris", None);
    chris.set(&user::PASSWORD.def, Value::text(CANARY));
    let refused = back_office(&db, "admin", true).await.save(&chris, true).await;
    assert!(matches!(refused, Err(ServiceError::Denied(_))), "a password is no value: {refused:?}");
    chris.set(&user::PASSWORD.def, Value::Empty);
    let made = write(&db, &chris).await;
    let mut tx = db.begin().await.expect("a transaction");
    let page = history::of_record(&mut tx, &user::USER, made.id, None, 9).await.expect("the history");
    let mut entry = page.entries[0].clone();
    let secret = FieldChange {
        field: user::PASSWORD.def.property.to_owned(),
        before: Value::Empty,
        after: Value::text(CANARY),
    };
    entry.fields.push(secret);
    history::append(&mut tx, [&entry]).await.expect("an entry");
    let rows = tx.fetch_all("SELECT changes FROM history", vec![]).await.expect("the rows");
    assert!(rows.len() >= 2);
    for row in rows {
        assert!(!row.text(0).expect("a text").contains("Canary"));
    }
}

pub(crate) async fn a_long_history_is_read_page_by_page(Store { db, .. }: Store) {
    let mut tx = db.begin().await.expect("a transaction");
    let all: Vec<HistoryEntry> = (1..=250).map(|version| user_changed(version, Vec::new())).collect();
    history::append(&mut tx, &all).await.expect("the entries");
    let mut versions = Vec::new();
    let (mut before, mut pages) = (None, 0);
    loop {
        let page = history::of_record(&mut tx, &user::USER, id(1), before, 100).await.expect("a page");
        versions.extend(page.entries.iter().map(|entry| entry.version));
        pages += 1;
        // What is written meanwhile moves nothing on the pages that follow.
        history::append(&mut tx, [&user_changed(1000, Vec::new())]).await.expect("an entry");
        before = page.more_before;
        if before.is_none() {
            break;
        }
    }
    assert_eq!((pages, versions), (3, (1..=250).rev().collect()));
    let whole = history::of_record(&mut tx, &user::USER, id(1), None, 253).await.expect("a page");
    assert_eq!(
        (whole.entries.len(), whole.more_before),
        (253, None),
        "a page that ends with the history says so"
    );
}

/// Entries as older versions of the program wrote them: texts as they were shown.
const OLDER: &str = r#"INSERT INTO history (record_id, at, version, action, entity_set, login, changes, reason)
 VALUES ($1, 1711977900000000, 2, 'changed', 'Systems_Security_Users', 'mkoleva',
   '[{"property":"Name","old":"en: Chris","new":"bg: Крис; en: Chris"},{"property":"Active","old":"Yes","new":"No"},{"property":"Notes","new":"seen"}]', 'why'),
  ($1, 1711977900000000, 2, 'changed', 'Systems_Security_Users', 'admin',
   '[{"property":"Crm_Sales_CustomerExternalAccess","new":"KK Ltd. #00001: Billing, 30 days back since 2024-03-02"}]', NULL),
  ($2, 1711977900000000, 2, 'changed', 'Crm_Sales_CustomerExternalAccess', 'admin',
   '[{"property":"DaysBackAccess","old":"unlimited","new":"30"}]', NULL)"#;

/// Undoes migration 8 and those behind it.
async fn back_to_the_version_before(db: &Db) {
    for statement in [
        "DROP TABLE match_keys",
        "DROP INDEX cm_persons_first_name_sort",
        "DROP INDEX cm_persons_last_name_sort",
        "DROP INDEX crm_customer_types_name_sort",
        "DROP TABLE unfinished_steps",
        "ALTER TABLE sys_web_sites DROP COLUMN web_host",
        "ALTER TABLE sys_web_sites DROP COLUMN web_host_fold",
        "DROP INDEX sec_users_email_skeleton",
        "ALTER TABLE sec_users DROP COLUMN email_skeleton",
        "DROP INDEX history_accesses",
        "DROP INDEX history_operation",
        "DROP TRIGGER IF EXISTS history_operation_is_locked ON history",
        "DROP FUNCTION IF EXISTS lock_operation()",
        "ALTER TABLE history DROP COLUMN operation",
        "ALTER TABLE history DROP COLUMN part_set",
        "ALTER TABLE history DROP COLUMN part_id",
        "DROP INDEX sec_credentials_older",
        "DROP INDEX sec_sign_in_failures_last_at",
        "DROP INDEX sec_account_requests_open",
        "DROP INDEX sec_account_requests_waiting",
        "ALTER TABLE sec_account_requests DROP COLUMN waiting_until",
        "DROP INDEX sec_users_oldest_pending",
        "DROP INDEX history_notes",
        "DROP TABLE sec_request_claims",
        "DROP TABLE sec_rejection_reasons",
        "DROP TABLE operations",
        "DROP TABLE operation_actions",
        "DROP INDEX crm_customer_external_access_valid_until",
        "DROP INDEX crm_customer_external_access_last_used",
        "ALTER TABLE crm_customer_external_access DROP COLUMN valid_until",
        "ALTER TABLE crm_customer_external_access DROP COLUMN last_used",
        "ALTER TABLE crm_customer_external_access DROP COLUMN reviewed_at",
        "ALTER TABLE crm_customer_external_access DROP COLUMN reviewed_by",
        "ALTER TABLE crm_customer_external_access DROP COLUMN reviewed_by_fold",
        "ALTER TABLE sec_users DROP COLUMN last_sign_in",
        "ALTER TABLE sec_users DROP COLUMN last_sign_in_site",
        "ALTER TABLE sec_users DROP COLUMN last_sign_in_site_fold",
        "DELETE FROM ccdesk_migrations WHERE version >= 8",
    ] {
        if statement.contains("IF EXISTS") && db.engine() == ccdesk::storage::db::Engine::Sqlite {
            continue;
        }
        let mut tx = db.begin().await.expect("a transaction");
        tx.execute(statement, vec![]).await.expect(statement);
        tx.commit().await.expect("it stays");
    }
}

pub(crate) async fn entries_of_the_version_before_stay_as_they_were(Store { db, url }: Store) {
    back_to_the_version_before(&db).await;
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute(OLDER, vec![id(1).into(), id(2).into()]).await.expect("the entries");
    tx.commit().await.expect("they stay");
    db.close().await;
    let db = Db::open(&url, Create::MustExist).await.expect("it is brought up to date");
    let [changed, granted] = &told(&db, &user::USER, id(1)).await[..] else { panic!("two entries") };
    assert_eq!((changed.operation, changed.reason.as_deref()), (None, Some("why")));
    assert_eq!(
        history_text::lines(changed, "bg"),
        ["Name: en: Chris → bg: Крис; en: Chris", "Active: Yes → No", "Notes: empty → seen"]
    );
    assert_eq!(granted.part, Some(Part { entity: &EXTERNAL_ACCESS, record: RecordId::NIL }));
    assert!(history_text::heading(granted).ends_with("admin changed Customers - External Access"));
    assert_eq!(
        history_text::lines(granted, "en"),
        ["added: KK Ltd. #00001: Billing, 30 days back since 2024-03-02"]
    );
    let [days] = &told(&db, &EXTERNAL_ACCESS, id(2)).await[..] else { panic!("one entry") };
    assert_eq!(history_text::lines(days, "en"), ["Days Back Access: unlimited → 30 since 2024-03-02"]);
    for statement in ["UPDATE history SET operation = NULL", "DELETE FROM history"] {
        let mut tx = db.begin().await.expect("a transaction");
        let refused = tx.execute(statement, vec![]).await;
        assert!(matches!(refused, Err(StorageError::Refused(_))), "{statement}: {refused:?}");
    }
}

pub(crate) async fn a_step_that_fails_leaves_the_version_before(Store { db, url }: Store) {
    back_to_the_version_before(&db).await;
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute(OLDER, vec![id(1).into(), id(2).into()]).await.expect("the entries");
    // The last column that the step adds: everything before it succeeds.
    tx.execute("ALTER TABLE history ADD COLUMN part_id TEXT", vec![]).await.expect("in its way");
    tx.commit().await.expect("they stay");
    let refused = Db::open(&url, Create::MustExist).await;
    let Err(StorageError::Opening { problem, .. }) = refused else { panic!("{refused:?}") };
    assert!(matches!(*problem, StorageError::Other(_)), "{problem:?}");
    let mut conn = db.read().await.expect("a connection");
    let step = "SELECT count(*) FROM ccdesk_migrations WHERE version = 8";
    let step = conn.fetch_one(step, vec![]).await.expect("the steps");
    let entries = conn.fetch_one("SELECT count(*) FROM history", vec![]).await.expect("the entries");
    assert_eq!((step.int(0), entries.int(0)), (Ok(0), Ok(3)));
    assert!(conn.fetch_all("SELECT operation FROM history", vec![]).await.is_err(), "no column was added");
}

#[test]
fn a_change_that_the_reader_does_not_read_is_shown_in_every_language() {
    let name = |bulgarian: &str| {
        let texts = [("en", "Chris"), ("bg", bulgarian)].map(|(l, t)| (l.to_owned(), t.to_owned()));
        Value::multi(texts.into_iter().collect())
    };
    let change =
        FieldChange { field: "Name".to_owned(), before: name("Крис"), after: name("Крисъ") };
    let entry = user_changed(2, vec![change]);
    assert_eq!(history_text::lines(&entry, "bg"), ["Name: Крис → Крисъ"]);
    assert_eq!(history_text::lines(&entry, "en"), ["Name: bg: Крис; en: Chris → bg: Крисъ; en: Chris"]);
}

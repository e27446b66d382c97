//! `ccdesk import`: what `interchange.md` promises, told with the samples in `tests/data` and the demo company.

mod finding;
mod stopping;
#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ccdesk::domain::entities::{self, customer_type, external_access, party, person, user};
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::query::{ListQuery, PageCursor};
use ccdesk::domain::model::record::{Fields, Record};
use ccdesk::domain::model::schema::EntityDef;
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::exchange::{Cause, ImportError, Options, Outcome, State, Summary, import};
use ccdesk::service::{Policy, World, database};
use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::records::{FindBy, find, load};
use ccdesk::storage::{accounts, credentials, history, list};
use finding::*;
use serde_json::{Value as Json, json};
use stopping::*;
use support::Store;
use tempfile::TempDir;
use uuid::Uuid;

on_both_engines! {
    a_dump_arrives_whole_and_a_second_time_changes_nothing,
    a_code_with_blanks_counts_and_blanks_alone_are_nothing,
    an_instant_comes_back_as_it_came_and_a_time_zone_is_used,
    each_object_is_an_operation,
    objects_that_are_kept_together_are_one_operation,
    its_three_parts_hold_the_same_objects,
    the_variants_do_what_their_readme_says,
    bad_objects_are_refused_by_name_and_the_good_ones_stay,
    unreadable_input_keeps_what_was_whole_before_it,
    all_objects_keeps_nothing_when_one_is_bad,
    a_dry_run_reports_the_same_and_keeps_nothing,
    the_demo_company_is_the_same_in_any_order,
    a_password_in_clear_text_is_found_nowhere,
    a_hash_that_can_be_verified_is_taken_over,
    pending_logins_get_a_request,
    promise_07_an_import_keeps_the_last_administrator,
    promise_08_an_import_keeps_the_rules_of_external_access,
    promise_09_what_an_import_changes_beside_the_fields_is_in_history_too,
    an_import_may_change_who_manages_users_in_any_order,
    what_no_field_holds_is_kept_as_it_was,
    the_command_says_what_it_did_and_how_it_ended,
    a_child_collection_is_imported_as_objects_of_their_own,
    the_find_actions_leave_alone_what_they_find,
    find_by_name_and_display_text_finds_what_contains_it,
    web_sites_without_relative_url_stay_without_one,
    a_nested_object_that_carries_data_is_merged,
    an_object_that_fails_leaves_its_nested_objects_as_they_were,
    one_external_id_in_two_systems_is_two_records,
    an_object_without_id_and_code_is_the_record_that_is_equal_to_it,
    several_records_equal_to_an_object_are_said_to_be_ambiguous,
    a_reference_that_finds_nothing_says_the_whole_reason,
    notes_of_an_access_and_of_a_site_may_have_four_thousand_characters,
    a_list_that_no_field_holds_is_kept_and_named,
    a_reference_by_display_text_finds_the_one_record_that_it_means,
    utf_16_is_taken,
    ids_that_land_on_one_record_are_said_and_find_it_in_their_import,
    an_external_id_is_not_replaced_by_another_id_and_one_left_out_is_named,
    what_a_nested_object_has_beside_its_fields_is_told_too,
    the_child_collection_of_a_nested_customer_is_imported,
    an_object_that_is_no_proper_text_fails_alone,
    an_import_that_the_database_ends_says_what_was_kept,
    an_import_that_is_asked_to_stop_ends_at_a_whole_object,
    an_import_of_all_objects_or_none_that_ends_early_keeps_nothing,
    during_a_dry_run_others_write,
    a_dry_run_needs_no_right_to_write,
    a_database_that_is_removed_meanwhile_is_not_said_to_keep_what_was_imported,
    a_dry_run_leaves_an_older_schema_as_it_is,
    two_imports_of_the_same_objects_in_opposite_orders_both_end_well,
    ; on_postgres_only:
    objects_that_the_server_aborts_are_imported_again,
    an_import_of_all_objects_or_none_waits_for_another,
}

/// A world whose clock stands still.
fn world() -> World {
    // Several imports of a story do not choose the same ids.
    static COUNT: AtomicU64 = AtomicU64::new(0);
    World {
        now: Arc::new(|| "2024-06-01T12:00:00Z".parse().expect("a time")),
        new_id: Arc::new(|| {
            let next = COUNT.fetch_add(1, Ordering::Relaxed);
            RecordId(Uuid::from_u64_pair(0x018f_0000_0000_7000, 0x8000_0000_0000_0000 | next))
        }),
        random: Arc::new(|bytes| bytes.fill(7)),
        policy: Policy::default(),
    }
}

/// The database at this address, with the currencies and countries that every one begins with.
async fn new_draft(url: &str) -> Db {
    database::open(url, Create::IfMissing, &world()).await.unwrap()
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn options() -> Options {
    Options { login: "import".to_owned(), ..Options::default() }
}

/// How an import ended, and what it told of each object.
type Told = (Result<Summary, ImportError>, Vec<Outcome>);

async fn import_bytes(db: &Db, bytes: Vec<u8>, options: &Options) -> Told {
    let mut outcomes = Vec::new();
    let done =
        import(db, &world(), Cursor::new(bytes), options, &mut |outcome| outcomes.push(outcome.clone()))
            .await;
    outcomes.sort_by_key(|outcome| outcome.line);
    (done, outcomes)
}

async fn import_file(db: &Db, name: &str) -> Told {
    import_bytes(db, std::fs::read(data(name)).unwrap(), &options()).await
}

async fn import_json(db: &Db, objects: Json) -> Told {
    import_bytes(db, objects.to_string().into_bytes(), &options()).await
}

/// Imports a file in which nothing is bad.
async fn import_good(db: &Db, name: &str) -> Summary {
    let (done, outcomes) = import_file(db, name).await;
    let done = done.unwrap();
    assert_eq!(done.failed, 0, "{name}: {outcomes:#?}");
    done
}

/// Every record of the database.
async fn everything(db: &Db) -> Vec<Record> {
    let mut all = Vec::new();
    let mut conn = db.read().await.unwrap();
    for entity in entities::all() {
        let query = ListQuery { sort: vec![], ..ListQuery::all(entity) };
        let page = list::page(&mut conn, &query, None, &PageCursor::First, 1000, "en").await.unwrap();
        for row in page.rows {
            all.push(load(&mut conn, entity, row.id, "en").await.unwrap().unwrap());
        }
    }
    all
}

async fn record(db: &Db, entity: &'static EntityDef, code: &str) -> Option<Record> {
    let mut conn = db.read().await.unwrap();
    let by = Value::text(code);
    let id = find(&mut conn, entity, FindBy::Field(entity.code.unwrap(), &by)).await.unwrap()?;
    load(&mut conn, entity, id, "en").await.unwrap()
}

async fn customer_type(db: &Db, number: &str) -> Option<Record> {
    let id = RecordId(format!("7b1e{number}-52c0-4d1f-9a3e-4f00c0de{number}").parse().unwrap());
    load(&mut db.read().await.unwrap(), &customer_type::CUSTOMER_TYPE, id, "en").await.unwrap()
}

fn states(outcomes: &[Outcome]) -> Vec<Option<State>> {
    outcomes.iter().map(|outcome| outcome.result.as_ref().ok().copied()).collect()
}

/// How many operations history tells of, once two customer types were imported.
async fn operations_of_two(store: Store, transaction: &str) -> usize {
    let object = |name| json!({"@odata.type": "Erp.Crm_Sales_CustomerType", "Name": {"en": name}});
    let payload = json!({"transaction": transaction, "objects": [object("Trade"), object("Shop")]});
    let db = &new_draft(&store.url).await;
    let (done, told) = import_json(db, payload).await;
    assert_eq!(done.unwrap().added, 2, "{told:?}");
    let mut conn = db.read().await.unwrap();
    let rows = conn.fetch_all("SELECT operation FROM history", vec![]).await.unwrap();
    assert_eq!(rows.len(), 2);
    rows.iter().map(|row| row.id(0).unwrap()).collect::<BTreeSet<_>>().len()
}

async fn a_code_with_blanks_counts_and_blanks_alone_are_nothing(Store { url, .. }: Store) {
    let db = &new_draft(&url).await;
    let company = |number: u16, name: &str, rest: Json| {
        let mut object = json!({"@odata.type": "Erp.General_Contacts_Company",
            "Id": format!("11111111-0000-4000-8000-{number:012}"), "Name": name});
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        object
    };
    let objects = json!([
        company(1, " Blank\u{3000}Ltd.\u{a0}", json!({"PartyCode": "00126 ", "PartyNotes": "\u{2003}\n"})),
        company(2, "Next Ltd.", json!({"PartyCode": "\u{202f}\u{feff}"})),
        company(3, "Next But One Ltd.", json!({"ExternalId": " b1\u{a0}", "IsVATRegistered": " "})),
    ]);
    let (done, told) = import_json(db, objects.clone()).await;
    assert_eq!(done.unwrap().added, 3, "{told:#?}");
    for (code, name) in
        [("00126", "Blank\u{3000}Ltd."), ("00127", "Next Ltd."), ("00128", "Next But One Ltd.")]
    {
        let found = record(db, &party::PARTY, code).await.unwrap_or_else(|| panic!("{code}"));
        assert_eq!(found.get(&party::PARTY_CODE), Some(code));
        assert_eq!(found.get(&party::PARTY_NAME).unwrap().text("en"), name);
        assert_eq!(found.get(&party::PARTY_NOTES), None);
    }
    let last = record(db, &party::PARTY, "00128").await.unwrap();
    assert_eq!(last.origin.external_id.as_deref(), Some("b1"));
    let (done, told) = import_json(db, objects).await;
    assert_eq!(done.unwrap().unchanged, 3, "{told:#?}");
}

async fn an_instant_comes_back_as_it_came_and_a_time_zone_is_used(Store { url, .. }: Store) {
    let db = &new_draft(&url).await;
    let user = |login: &str, times: Json| {
        let mut object = json!({"@odata.type": "Erp.Systems_Security_User", "Login": login,
            "Name": "Locked", "UserType": "ExternalCommunityUser", "Notes": "   "});
        object.as_object_mut().unwrap().extend(times.as_object().unwrap().clone());
        object
    };
    let for_ever = "9999-12-31T23:59:59.9999999Z";
    let (auckland, nowhere) =
        ("2024-04-01T13:25:00[Pacific/Auckland]", "2024-04-01T13:25:00[Pacific/Nowhere]");
    let objects = json!([
        user("ever", json!({"LockoutEndUtc": for_ever})),
        user("zoned", json!({"CreationTimeUtc": auckland})),
        user("nowhere", json!({"CreationTimeUtc": nowhere})),
    ]);
    let (done, told) = import_json(db, objects.clone()).await;
    let done = done.unwrap();
    assert_eq!((done.added, done.failed), (2, 1), "{told:#?}");
    let refused = told[2].result.as_ref().unwrap_err();
    assert!(refused.contains("CreationTimeUtc") && refused.contains(nowhere), "{refused}");
    let ever = record(db, &user::USER, "ever").await.unwrap();
    assert_eq!(ever.get(&user::LOCKOUT_END_UTC).unwrap().to_string(), for_ever);
    assert_eq!(ever.get(&user::NOTES), None);
    let zoned = record(db, &user::USER, "zoned").await.unwrap();
    assert_eq!(zoned.get(&user::CREATION_TIME_UTC).unwrap().to_string(), "2024-04-01T00:25:00Z");
    let mut conn = db.read().await.unwrap();
    let account = credentials::account(&mut conn, ever.id).await.unwrap().unwrap();
    assert_eq!(account.locked_until, ever.get(&user::LOCKOUT_END_UTC));
    let told = history::of_record(&mut conn, &user::USER, ever.id, None, 1).await.unwrap();
    let locked = told.entries[0].fields.iter().find(|change| change.field == "LockoutEndUtc").unwrap();
    assert_eq!(locked.after, *ever.value(&user::LOCKOUT_END_UTC.def));
    drop(conn);
    let (done, told) = import_json(db, objects).await;
    assert_eq!(done.unwrap().unchanged, 2, "{told:#?}");
}

async fn each_object_is_an_operation(store: Store) {
    assert_eq!(operations_of_two(store, "per-object").await, 2);
}

async fn objects_that_are_kept_together_are_one_operation(store: Store) {
    assert_eq!(operations_of_two(store, "all-objects").await, 1);
}

async fn a_dump_arrives_whole_and_a_second_time_changes_nothing(store: Store) {
    let db = &new_draft(&store.url).await;
    let first = import_good(db, "instance-dump.json").await;
    assert_eq!((first.added, first.modified), (30, 4), "{first:?}");
    let before = everything(db).await;

    let second = import_good(db, "instance-dump.json").await;
    assert_eq!((second.unchanged, second.added + second.modified), (34, 0), "{second:?}");
    assert_eq!(everything(db).await, before);

    let chris = record(db, &user::USER, "chris.armstrong@mail.com").await.unwrap();
    let person = record(db, &person::PERSON, "00125").await.unwrap();
    assert_eq!(chris.get(&user::PERSON).unwrap().id, person.id);
    assert_eq!(chris.get(&user::CREATION_TIME_UTC).unwrap().to_string(), "2024-04-01T09:12:00Z");
    assert!(chris.is(&user::EMAIL_CONFIRMED));
    assert_eq!(person.get(&party::PARTY_NAME).unwrap().text("en"), "Chris Armstrong");
    let changes = history::of_record(&mut db.read().await.unwrap(), &user::USER, chris.id, None, 9)
        .await
        .unwrap()
        .entries;
    // The user was made, and let in.
    assert_eq!(changes.iter().map(|change| change.who.as_str()).collect::<Vec<_>>(), ["import"; 2]);
}

async fn its_three_parts_hold_the_same_objects(store: Store) {
    let db = &new_draft(&store.url).await;
    for part in ["instance-parties.jsonl", "instance-users.json", "instance-access.json"] {
        import_good(db, part).await;
    }
    let before = everything(db).await;
    let whole = import_good(db, "instance-dump.json").await;
    assert_eq!(whole.unchanged, 34, "{whole:?}");
    assert_eq!(everything(db).await, before);
}

async fn the_variants_do_what_their_readme_says(store: Store) {
    let db = &new_draft(&store.url).await;
    import_good(db, "instance-dump.json").await;

    let more = import_good(db, "variants/more-pages.json").await;
    assert!(more.more_pages);
    assert_eq!(more.unchanged, 1);

    import_good(db, "variants/older-set-in-context.json").await;
    import_good(db, "variants/byte-order-mark.jsonl").await;
    assert!(customer_type(db, "0009").await.is_some());

    let other = import_good(db, "variants/other-ids.json").await;
    assert_eq!((other.added, other.modified), (1, 2));
    let company = record(db, &party::PARTY, "00005").await.unwrap();
    let ann = record(db, &person::PERSON, "00130").await.unwrap();
    assert_eq!(ann.get(&party::PARENT_PARTY).unwrap().id, company.id);
    let again = import_good(db, "variants/other-ids.json").await;
    assert_eq!(again.unchanged, 3);

    let (_, outcomes) = import_file(db, "variants/actions.json").await;
    let done = [State::Added, State::Modified, State::Unchanged, State::Deleted].map(Some);
    assert_eq!(states(&outcomes), done, "{outcomes:#?}");
    let (_, outcomes) = import_file(db, "variants/actions.json").await;
    assert_eq!(states(&outcomes), [Some(State::Unchanged); 4], "{outcomes:#?}");
    let wholesale = customer_type(db, "0007").await.unwrap();
    let names: Vec<_> = wholesale.get(&customer_type::NAME).unwrap().iter().collect();
    assert_eq!(names, [("bg", "Търговия на едро"), ("de", "Großhandel"), ("en", "Wholesale")]);

    let nested = import_good(db, "variants/nested-new.json").await;
    assert_eq!(nested.added, 1);
    let user = record(db, &user::USER, "nested@mail.example").await.unwrap();
    let person = record(db, &person::PERSON, "00131").await.unwrap();
    assert_eq!(user.get(&user::PERSON).unwrap().id, person.id);
    assert_eq!(person.get(&party::PARENT_PARTY).unwrap().id, company.id);
    assert_eq!(import_good(db, "variants/nested-new.json").await.unchanged, 1);
}

async fn bad_objects_are_refused_by_name_and_the_good_ones_stay(store: Store) {
    let db = &new_draft(&store.url).await;
    import_good(db, "instance-dump.json").await;
    let table: [(&str, &[&str]); 11] = [
        ("unknown-type", &["Erp.Finance_Banks_Bank is not a type"]),
        ("missing-reference", &["Person: General_Contacts_Persons(7b1e00cb"]),
        ("wrong-kind-of-reference", &["Person: Crm_Sales_CustomerTypes(7b1e00c8"]),
        ("value-too-long", &["at most 64 characters", "at most 254 characters"]),
        ("wrong-kind-of-value", &["Active takes", "Visitor", "2024-02-30", "not-an-id"]),
        ("missing-required", &["Name is required"]),
        ("nul-character", &["NUL"]),
        ("parent-cycle", &["ParentParty: ", "ParentParty: "]),
        ("too-precise-amount", &["two places"]),
        ("location-of-another-company", &["must belong to Enterprise Company"]),
        ("second-agreement", &["exists already"]),
    ];
    for (name, messages) in table {
        let (done, outcomes) = import_file(db, &format!("bad/{name}.json")).await;
        let failed: Vec<&String> =
            outcomes.iter().filter_map(|outcome| outcome.result.as_ref().err()).collect();
        assert_eq!(done.unwrap().failed as usize, messages.len(), "{name}: {outcomes:#?}");
        for (failed, expected) in failed.into_iter().zip(messages) {
            assert!(failed.contains(expected), "{name}: {failed}");
        }
        assert!(customer_type(db, "00c8").await.is_some(), "{name}");
        assert_eq!(record(db, &user::USER, "bad@mail.example").await, None, "{name}");
    }
}

async fn unreadable_input_keeps_what_was_whole_before_it(store: Store) {
    let db = &new_draft(&store.url).await;
    let table = [
        ("bad/truncated.json", 15),
        ("bad/truncated.jsonl", 2),
        ("bad/bad-utf8.json", 14),
        ("bad/duplicate-keys.json", 14),
        ("bad/nan.json", 15),
        ("bad/trailing-text.json", 19),
        ("bad/not-json.txt", 1),
        ("bad/empty.json", 1),
    ];
    for (name, line) in table {
        let (done, outcomes) = import_file(db, name).await;
        let Err(ImportError { cause: Cause::Unreadable(at), done }) = done else {
            panic!("{name}: {done:?}")
        };
        assert_eq!(at.line, line, "{name}: {at}");
        assert_eq!((done.failed, outcomes.len() as u64), (0, done.added + done.unchanged), "{name}");
    }
    assert!(customer_type(db, "00c8").await.is_some());
}

async fn all_objects_keeps_nothing_when_one_is_bad(store: Store) {
    let db = &new_draft(&store.url).await;
    let before = everything(db).await;
    let (done, outcomes) = import_file(db, "bad/missing-reference-all-objects.json").await;
    let done = done.unwrap();
    assert!(!done.kept);
    assert_eq!(states(&outcomes), [Some(State::Added), None]);
    assert_eq!(everything(db).await, before);

    let cut_short = r#"{"transaction": "all-objects", "objects": [
        {"@odata.type": "Crm_Sales_CustomerType", "Name": "Good", "IsActive": true}, {"#;
    let (done, _) = import_bytes(db, cut_short.into(), &options()).await;
    let Err(ImportError { done, .. }) = done else { panic!("{done:?}") };
    assert!(!done.kept);
    assert_eq!(everything(db).await, before);
}

async fn a_dry_run_reports_the_same_and_keeps_nothing(store: Store) {
    let db = &new_draft(&store.url).await;
    let before = everything(db).await;
    let dump = std::fs::read(data("instance-dump.json")).unwrap();
    let dry = Options { dry_run: true, ..options() };
    let (tried, told) = import_bytes(db, dump.clone(), &dry).await;
    assert_eq!(everything(db).await, before);

    let (done, outcomes) = import_bytes(db, dump, &options()).await;
    assert_eq!(told, outcomes);
    assert_eq!(Summary { kept: true, ..tried.unwrap() }, done.unwrap());
}

fn demo() -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/company.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

async fn the_demo_company_is_the_same_in_any_order(store: Store) {
    let db = &new_draft(&store.url).await;
    let company = demo();
    let (done, outcomes) = import_json(db, company.clone()).await;
    assert_eq!(done.unwrap().failed, 0, "{outcomes:#?}");
    let expected = everything(db).await;

    let mut shuffled = company;
    fastrand::Rng::with_seed(7).shuffle(shuffled["objects"].as_array_mut().unwrap());
    let other = new_draft(&store.empty_database().await).await;
    let (done, outcomes) = import_json(&other, shuffled).await;
    assert_eq!(done.unwrap().failed, 0, "{outcomes:#?}");
    let found = everything(&other).await;
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
    other.close().await;
}

async fn a_password_in_clear_text_is_found_nowhere(store: Store) {
    let db = &new_draft(&store.url).await;
    let (done, outcomes) = import_file(db, "variants/password-as-text.json").await;
    assert_eq!(done.unwrap().added, 1);
    assert!(outcomes[0].message().unwrap().contains("password was left out"));
    let kept = format!("{:?} {outcomes:?}", everything(db).await);
    assert!(kept.contains("canary@mail.example"));
    assert!(!kept.contains("canary-SECRET"));
    let account =
        credentials::account_of(&mut db.read().await.unwrap(), "canary@mail.example").await.unwrap();
    assert!(account.unwrap().password.is_none());
}

async fn a_hash_that_can_be_verified_is_taken_over(store: Store) {
    let db = &new_draft(&store.url).await;
    let hash =
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$+r0d29hqEB0yasKr55ZgICsQGSkl0v0kgwhd+U3wyRo";
    let object = json!([{"@odata.type": "Systems_Security_User", "Login": "hashed", "Name": "Hashed",
        "UserType": "INT", "Password": hash, "PasswordFormat": "Argon2id"}]);
    let (_, outcomes) = import_json(db, object).await;
    assert_eq!(outcomes[0].message(), None);
    let account = credentials::account_of(&mut db.read().await.unwrap(), "hashed").await.unwrap();
    assert_eq!(account.unwrap().password.unwrap().hash, hash);
    assert!(!format!("{:?}", everything(db).await).contains("$argon2id$"));
}

async fn pending_logins_get_a_request(store: Store) {
    let db = &new_draft(&store.url).await;
    import_good(db, "instance-dump.json").await;
    for (login, pending) in [
        ("chris_armstrong@mail.com", true),
        ("chris.armstrong@mail.com", false),
        ("gone@harbour-lights.example", false),
        ("jobs", false),
    ] {
        let user = record(db, &user::USER, login).await.unwrap();
        let request = accounts::pending_of(&mut db.read().await.unwrap(), user.id).await.unwrap();
        assert_eq!(request.is_some(), pending, "{login}");
    }
}

/// An object of the demo company.
fn at(set: &str, group: u16, number: u16) -> String {
    format!("{set}(018f2a34-6b1c-{group}-8000-{number:012})")
}

/// An access of the demo company's kind, with what a story says of it.
fn access(number: u16, customer: u16, user: u16, rest: Json) -> Json {
    let own = json!({
        "@odata.id": at("Crm_Sales_CustomerExternalAccess", 7009, number),
        "Customer": {"@odata.id": at("Crm_Sales_Customers", 7008, customer)},
        "User": {"@odata.id": at("Systems_Security_Users", 7007, user)},
    });
    let (Json::Object(mut object), Json::Object(rest)) = (own, rest) else { panic!("objects") };
    object.extend(rest);
    Json::Object(object)
}

async fn promise_09_what_an_import_changes_beside_the_fields_is_in_history_too(Store { url, .. }: Store) {
    let db = new_draft(&url).await;
    let (id, set) = ("7b1e0001-52c0-4d1f-9a3e-4f00c0de0001", "Crm_Sales_CustomerTypes");
    let object =
        |rank: i64| json!([{"@odata.id": format!("{set}({id})"), "Name": {"en": "Retail"}, "Rank": rank}]);
    for (rank, state) in [(1, State::Added), (2, State::Modified), (2, State::Unchanged)] {
        let (done, outcomes) = import_json(&db, object(rank)).await;
        assert_eq!((done.unwrap().failed, states(&outcomes)), (0, vec![Some(state)]));
    }
    let id = RecordId(id.parse().unwrap());
    let mut conn = db.read().await.unwrap();
    let history =
        history::of_record(&mut conn, &customer_type::CUSTOMER_TYPE, id, None, 10).await.unwrap().entries;
    let actions: Vec<_> = history.iter().map(|entry| (entry.action, entry.operation.is_some())).collect();
    assert_eq!(actions, [(HistoryAction::Changed, true), (HistoryAction::Created, true)]);
    assert_eq!(history[0].reason.as_deref(), Some("Only its external id, or what no field holds."));
}

async fn promise_07_an_import_keeps_the_last_administrator(store: Store) {
    let db = &new_draft(&store.url).await;
    let operator = |login: &str, is_admin: bool, active: bool| {
        json!({"@odata.type": "Systems_Security_Users", "Login": login, "Name": {"en": login},
               "UserType": "InternalUser", "IsAdmin": is_admin, "Active": active})
    };
    import_json(db, json!([operator("maria", true, true)])).await.0.unwrap();
    let last =
        "“maria” is the last administrator who can sign in; make somebody else an administrator first.";
    for (is_admin, active) in [(false, true), (true, false)] {
        let (done, outcomes) = import_json(db, json!([operator("maria", is_admin, active)])).await;
        assert_eq!(outcomes[0].result, Err(last.to_owned()));
        assert_eq!(done.unwrap().failed, 1);
    }
    // The input may bring another one later.
    let objects = json!([operator("maria", false, true), operator("vera", true, true)]);
    let (done, outcomes) = import_json(db, objects).await;
    assert_eq!(done.unwrap().failed, 0, "{outcomes:#?}");
    let is_admin = async |login| record(db, &user::USER, login).await.unwrap().is(&user::IS_ADMIN);
    assert!(!is_admin("maria").await && is_admin("vera").await);
}

async fn promise_08_an_import_keeps_the_rules_of_external_access(store: Store) {
    let db = &new_draft(&store.url).await;
    import_json(db, demo()).await.0.unwrap();
    let last = "<nino.beridze@tbilisi-wine.example> [EXT] is the last who can manage the users of";
    for (object, said) in [
        (access(3, 3, 3, json!({"Role": "Admin"})), "An owner keeps the access, its role"),
        (
            access(3, 3, 3, json!({"Role": "Owner", "DaysBackAccess": 400})),
            "An owner keeps the access, its role",
        ),
        (access(3, 3, 3, json!({"@erpnet.action": "delete"})), "An owner keeps the access, its role"),
        (access(15, 18, 27, json!({"Role": "Billing"})), last),
        (access(15, 18, 27, json!({"@erpnet.action": "delete"})), last),
        (access(7, 3, 9, json!({})), "An access keeps its Customer; remove it and add another."),
        (access(7, 2, 10, json!({})), "An access keeps its User; remove it and add another."),
        (access(99, 2, 9, json!({})), "with this Customer and User exists already"),
        (access(99, 2, 4, json!({})), "“nightly-jobs” is of a type that cannot sign in"),
        (access(99, 2, 40, json!({"DaysBackAccess": 36501})), "whole days from 0 to 36500"),
        (access(99, 2, 40, json!({"DaysBackAccess": -1})), "whole days from 0 to 36500"),
        (access(99, 2, 40, json!({"Role": "Emperor"})), "Role"),
    ] {
        let before = everything(db).await;
        let (done, outcomes) = import_json(db, json!([object])).await;
        let [Outcome { result: Err(sentence), .. }] = &outcomes[..] else { panic!("{said}: {outcomes:#?}") };
        assert!(sentence.contains(said) && sentence.matches(". ").count() == 0, "{sentence}");
        assert_eq!(done.unwrap().failed, 1);
        assert!(everything(db).await == before, "{said}");
    }
    let (done, outcomes) = import_json(
        db,
        json!([
            access(3, 3, 3, json!({"Role": "Owner", "Notes": "the founder"})),
            access(7, 2, 9, json!({"Role": "Admin", "DaysBackAccess": null})),
            access(99, 2, 43, json!({"Notes": "for a login that is switched off"})),
        ]),
    )
    .await;
    assert_eq!(
        states(&outcomes),
        [State::Modified, State::Modified, State::Added].map(Some),
        "{outcomes:#?}"
    );
    assert_eq!(done.unwrap().failed, 0);
    let found = everything(db).await;
    let days = |number: u16| {
        let id = at("", 7009, number);
        let row = found.iter().find(|row| format!("({})", row.id) == id).unwrap();
        row.get(&external_access::DAYS_BACK_ACCESS)
    };
    assert_eq!((days(3), days(7), days(99)), (None, None, Some(30)));
}

async fn an_import_may_change_who_manages_users_in_any_order(store: Store) {
    let db = &new_draft(&store.url).await;
    import_json(db, demo()).await.0.unwrap();
    let lowered = || access(15, 18, 27, json!({"Role": "Basic"}));
    // Whoever is locked out does not stand in for the one who manages users.
    let by_locked = json!([lowered(), access(17, 18, 29, json!({"Role": "Admin"}))]);
    let (done, outcomes) = import_json(db, by_locked).await;
    assert_eq!(states(&outcomes), [Some(State::Modified), None], "{outcomes:#?}");
    assert_eq!(done.unwrap().failed, 1);
    // The one that has to wait comes last.
    let (done, outcomes) =
        import_json(db, json!([lowered(), access(99, 18, 40, json!({"Role": "Admin"}))])).await;
    assert_eq!(states(&outcomes), [State::Added, State::Modified].map(Some), "{outcomes:#?}");
    assert_eq!(done.unwrap().failed, 0);
    let ended = json!([
        access(99, 18, 40, json!({"@erpnet.action": "delete"})),
        access(15, 18, 27, json!({"Role": "Admin"})),
    ]);
    let (_, outcomes) = import_json(db, ended).await;
    assert_eq!(states(&outcomes), [State::Modified, State::Deleted].map(Some), "{outcomes:#?}");
}

async fn what_no_field_holds_is_kept_as_it_was(store: Store) {
    let db = &new_draft(&store.url).await;
    let exact = r#"[{"@odata.type": "General_Contacts_Company", "PartyCode": "00001", "Name": "A",
        "Area": null, "Rate": 1.10, "CustomProperty_X": {"Value": 12345678901234567890.50, "b": [1, "ч"]}}]"#;
    import_bytes(db, exact.into(), &options()).await.0.unwrap();
    let company = record(db, &party::PARTY, "00001").await.unwrap();
    let kept =
        r#"{"Area":null,"Rate":1.10,"CustomProperty_X":{"Value":12345678901234567890.50,"b":[1,"ч"]}}"#;
    assert_eq!(company.origin.extra.as_deref(), Some(kept));
}

async fn the_command_says_what_it_did_and_how_it_ended(store: Store) {
    let directory = TempDir::new().unwrap();
    let report = directory.path().join("report.jsonl");
    let table = [
        ("instance-dump.json", 0, "30 added, 4 modified, 0 deleted, 0 unchanged, 0 failed"),
        ("bad/missing-required.json", 1, "Name is required"),
        ("bad/missing-reference-all-objects.json", 1, "all of its objects or none"),
        ("bad/nan.json", 2, "line 15, column"),
        ("bad/no-such-file.json", 2, "cannot be read"),
        ("variants/more-pages.json", 0, "more pages"),
    ];
    for (name, expected, words) in table {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ccdesk"));
        command.env("HOME", directory.path()).env("CCDESK_DATABASE_URL", &store.url);
        command.arg("import").arg(data(name)).arg("--report").arg(&report).arg("--force");
        let done = command.output().unwrap();
        let told = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(expected), "{name}: {told}");
        assert!(told.contains(words), "{name}: {told}");
    }
    let lines = std::fs::read_to_string(&report).unwrap();
    let line: BTreeMap<String, Json> = serde_json::from_str(lines.trim()).unwrap();
    assert_eq!(line["@odata.id"], "Systems_Security_Users(018f2a34-6b1c-7c3e-9d2f-0a1b2c3d4e5f)");
    assert_eq!((&line["@erpnet.result"], &line["@erpnet.state"]), (&json!("success"), &json!("Unchanged")));
    assert_eq!((&line["@erpnet.message"], &line["line"]), (&Json::Null, &json!(5)));
}

//! `ccdesk export`: what `interchange.md` promises, told with the samples in `tests/data`, the demo company and generated
//! users.

mod memory;
#[path = "../support/mod.rs"]
mod support;

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ccdesk::domain::model::value::RecordId;
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::exchange::export::{Format, Progress, Selection, export};
use ccdesk::service::exchange::{Options, Outcome, Stop, import};
use ccdesk::service::{Policy, World, database};
use ccdesk::storage::db::{Create, Db};
use fastrand::Rng;
use serde_json::{Value as Json, json};
use support::Store;
use uuid::Uuid;

on_both_engines! {
    the_demo_company_comes_back_byte_for_byte,
    a_dump_comes_back_byte_for_byte,
    generated_users_come_back_byte_for_byte,
    whatever_was_imported_comes_back_byte_for_byte,
    a_record_comes_after_those_that_it_refers_to,
    everything_is_of_one_moment,
}

/// A world whose clock stands still.
fn world() -> World {
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

/// The database at this address, with what every one begins with.
async fn opened(url: &str) -> Db {
    database::open(url, Create::IfMissing, &world()).await.unwrap()
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Imports objects of which none is bad.
async fn imported(db: &Db, bytes: Vec<u8>) {
    let mut bad: Vec<Outcome> = Vec::new();
    let (world, options) = (world(), Options { login: "import".to_owned(), ..Options::default() });
    let mut watch = |outcome: &Outcome| bad.extend(outcome.result.is_err().then(|| outcome.clone()));
    import(db, &world, Cursor::new(bytes), &options, &mut watch).await.unwrap();
    assert_eq!(bad, []);
}

async fn exported(db: &Db, selection: &Selection) -> Vec<u8> {
    let mut snapshot = db.snapshot().await.unwrap();
    let (stop, progress) = (Stop::default(), Progress::default());
    export(&mut snapshot, None, selection, &stop, &progress, Vec::new()).await.unwrap()
}

/// An export of this database, imported into an empty one, is exported from there in the same bytes. Returns the payload.
async fn comes_back(store: &Store, db: &Db) -> String {
    let everything = Selection::of_everything(Format::Odata);
    let first = exported(db, &everything).await;
    let other = opened(&store.empty_database().await).await;
    imported(&other, first.clone()).await;
    let second = exported(&other, &everything).await;
    other.close().await;
    let (first, second) = (String::from_utf8(first).unwrap(), String::from_utf8(second).unwrap());
    let mut lines = first.lines().zip(second.lines());
    assert_eq!(lines.find(|(first, second)| first != second), None);
    assert_eq!(first.len(), second.len());

    let lines = exported(db, &Selection::of_everything(Format::Jsonl)).await;
    let objects = first.lines().filter_map(|line| line.strip_prefix('{').map(|_| line.trim_end_matches(',')));
    let objects: Vec<&str> = objects.skip(1).collect();
    assert_eq!(String::from_utf8(lines).unwrap().lines().collect::<Vec<_>>(), objects);
    first
}

async fn the_demo_company_comes_back_byte_for_byte(store: Store) {
    let db = opened(&store.url).await;
    imported(&db, file("assets/demo/company.json")).await;
    let payload = comes_back(&store, &db).await;
    assert!(
        payload.contains("\"@odata.type\":\"Erp.Crm_Sales_CustomerExternalAcces\""),
        "as the source spells it"
    );
}

async fn a_dump_comes_back_byte_for_byte(store: Store) {
    let db = opened(&store.url).await;
    imported(&db, file("tests/data/instance-dump.json")).await;
    comes_back(&store, &db).await;
}

async fn generated_users_come_back_byte_for_byte(store: Store) {
    generated(&store, 150).await;
}

async fn generated(store: &Store, users: u64) {
    let db = opened(&store.url).await;
    imported(&db, file("assets/demo/company.json")).await;
    BackOffice::for_command_line(&db, &world()).generate(users, 7, |_| {}).await.unwrap();
    comes_back(store, &db).await;
}

/// 20,000 objects of every kind; `cargo nextest run --test export --run-ignored only` tells it.
#[test]
#[ignore = "takes minutes without optimisation"]
fn twenty_thousand_generated_objects_come_back_byte_for_byte() {
    support::on_sqlite(|store| async move { generated(&store, 6500).await });
}

/// The objects of an export, in order.
async fn objects(db: &Db) -> Vec<Json> {
    let lines = String::from_utf8(exported(db, &Selection::of_everything(Format::Jsonl)).await).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The reference to a record of this set, whose id ends so.
fn reference(set: &str, id: u128) -> String {
    format!("{set}({})", Uuid::from_u128(id))
}

fn company(id: u128, parent: Option<&str>) -> Json {
    json!({
        "@odata.type": "General_Contacts_Company", "@odata.id": reference("General_Contacts_Companies", id),
        "Name": {"en": format!("Company {id}")}, "PartyCode": format!("X{id}"),
        "ParentParty": parent.map(|parent| json!({"@odata.id": parent})),
    })
}

async fn a_record_comes_after_those_that_it_refers_to(store: Store) {
    let db = opened(&store.url).await;
    let companies = |id| reference("General_Contacts_Companies", id);
    let person = reference("General_Contacts_Persons", 1);
    // The smaller the id, the deeper below: the order of the ids would have every one before its parent.
    let mut all: Vec<Json> = (10..700).map(|id| company(id, Some(&companies(id + 1)))).collect();
    all.push(company(700, Some(&person)));
    all.push(company(5, Some(&companies(300))));
    all.push(json!({
        "@odata.type": "General_Contacts_Person", "@odata.id": person, "FirstName": {"en": "Ann"},
        "LastName": {"en": "Lee"}, "PartyCode": "P1", "ParentParty": {"@odata.id": companies(900)},
    }));
    all.push(company(900, None));
    imported(&db, json!({"objects": all}).to_string().into_bytes()).await;

    let mut come = std::collections::HashSet::new();
    for object in objects(&db).await {
        for reference in object.as_object().unwrap().values().filter_map(|value| value["@odata.id"].as_str())
        {
            let (_, id) = reference.split_once('(').unwrap();
            assert!(come.contains(id), "{reference} comes after {object}");
        }
        let id = object["@odata.id"].as_str().unwrap().split_once('(').unwrap().1.to_owned();
        assert!(come.insert(id), "{object} comes twice");
    }
    comes_back(&store, &db).await;
}

async fn everything_is_of_one_moment(store: Store) {
    let db = opened(&store.url).await;
    let everything = Selection::of_everything(Format::Jsonl);
    let mut snapshot = db.snapshot().await.unwrap();
    let mut of_snapshot = Vec::new();
    for _ in 0..2 {
        let (stop, progress) = (Stop::default(), Progress::default());
        let lines = export(&mut snapshot, None, &everything, &stop, &progress, Vec::new()).await.unwrap();
        of_snapshot.push(lines);
        imported(&db, json!([company(7, None)]).to_string().into_bytes()).await;
    }
    assert!(of_snapshot[0] == of_snapshot[1], "others committed meanwhile");
    drop(snapshot);
    assert_eq!(exported(&db, &everything).await.len(), of_snapshot[0].len() + added(&db).await);
}

/// The bytes of the line of the company that was added.
async fn added(db: &Db) -> usize {
    let lines = String::from_utf8(exported(db, &Selection::of_everything(Format::Jsonl)).await).unwrap();
    lines.lines().find(|line| line.contains("\"X7\"")).unwrap().len() + 1
}

/// A text of a few characters, harmless and other.
fn text(rng: &mut Rng) -> String {
    let characters = "aZ 9\"\\\n\tж ß=+-@\u{7f}\u{85}\u{200d}\u{202e}\u{301}\u{1f469}\u{e0041}漢{}[],:'";
    let characters: Vec<char> = characters.chars().collect();
    (0..rng.usize(1..12)).map(|_| characters[rng.usize(..characters.len())]).collect()
}

/// A value that no field holds.
fn extra(rng: &mut Rng) -> Json {
    match rng.u8(..7) {
        0 => Json::Null,
        1 => Json::from(rng.bool()),
        2 => serde_json::from_str("-0.10e+400").unwrap(),
        3 => json!([text(rng), {"inner": text(rng)}]),
        4 => json!({text(rng): extra(rng), "Password": text(rng)}),
        5 => Json::from(rng.i64(..)),
        _ => Json::from(text(rng)),
    }
}

/// A person and a user with values of every kind. Not all of them can be imported.
fn random(rng: &mut Rng) -> Vec<Json> {
    let id = rng.u128(..);
    let person = reference("General_Contacts_Persons", id);
    let mut names = json!({"en": text(rng), "bg": text(rng), "zh-hans": text(rng)});
    if rng.bool() {
        names.as_object_mut().unwrap().remove("en");
    }
    let time = format!("{:04}-02-28T23:59:59.{:06}Z", rng.u16(1..=9999), rng.u32(..1_000_000));
    vec![
        json!({
            "@odata.type": "General_Contacts_Person", "@odata.id": person, "PartyCode": format!("{}", id % 10_000_019),
            "FirstName": names, "LastName": {"en": text(rng), "el": text(rng)}, "Notes": text(rng),
            "DateOfBirth": format!("{:04}-02-28", rng.u16(1..=9999)), "ExternalId": format!("{id:x}"),
            "ExternalSystem": rng.bool().then(|| text(rng)), text(rng): extra(rng),
        }),
        json!({
            "@odata.type": "Systems_Security_User", "@odata.id": reference("Systems_Security_Users", id + 1),
            "Login": format!("user{id}"), "Name": {"en": text(rng)}, "UserType": "ExternalCommunityUser",
            "Active": rng.bool(), "CreationTimeUtc": time, "Notes": text(rng), "CompanyName": text(rng),
            "Person": rng.bool().then(|| json!({"@odata.id": person})),
            "CustomProperty_a": extra(rng), "CustomProperty_b": extra(rng),
        }),
    ]
}

async fn whatever_was_imported_comes_back_byte_for_byte(store: Store) {
    let db = opened(&store.url).await;
    let rng = &mut Rng::with_seed(7);
    let all: Vec<Json> = (0..60).flat_map(|_| random(rng)).collect();
    let options = Options { login: "import".to_owned(), ..Options::default() };
    let bytes = json!({"objects": all}).to_string().into_bytes();
    let done = import(&db, &world(), Cursor::new(bytes), &options, &mut |_| {}).await.unwrap();
    assert!(done.added > 60, "{done:?}");
    comes_back(&store, &db).await;
}

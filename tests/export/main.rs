//! `ccdesk export`: what `interchange.md` promises, told with the samples in `tests/data`, the demo company and generated
//! users.

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
use support::Store;
use uuid::Uuid;

on_both_engines! {
    the_demo_company_comes_back_byte_for_byte,
    a_dump_comes_back_byte_for_byte,
    generated_users_come_back_byte_for_byte,
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

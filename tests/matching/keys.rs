//! The keys in the database: they follow whatever is written, and candidates are found by them.

use ccdesk::domain::entities::{company, party, person, user};
use ccdesk::domain::matching::Asked;
use ccdesk::domain::model::record::{Draft, Fields};
use ccdesk::domain::model::schema::EntityDef;
use ccdesk::domain::model::value::{MultiLang, RecordId, Reference, Value};
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::back_office::records::with_defaults;
use ccdesk::service::exchange::{self, Options};
use ccdesk::service::{Policy, World, database};
use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::{candidates, match_keys, records, seed, unfinished};
use fastrand::Rng;
use uuid::Uuid;

use crate::noise::any;
use crate::support::Store;

const COMPANY: &[u8] = include_bytes!("../../assets/demo/company.json");

pub(crate) fn world() -> World {
    World::real(Policy::default())
}

/// Imports the demo company.
pub(crate) async fn found(db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    seed::seed(&mut tx, (world().now)()).await.expect("currencies and countries");
    tx.commit().await.expect("they stay");
    let options = Options { login: "import".to_owned(), ..Options::default() };
    exchange::import(db, &world(), COMPANY, &options, &mut |_| {}).await.expect("the demo company");
}

pub(crate) fn id(number: u128) -> RecordId {
    RecordId(Uuid::from_u128(number))
}

/// The keys that are stored are those that a fresh computation gives.
async fn assert_fresh(db: &Db, after: &str) {
    let mut tx = db.begin().await.expect("a transaction");
    let stored = match_keys::all(&mut tx).await.expect("the keys");
    match_keys::fill(&mut tx).await.expect("they are computed");
    let fresh = match_keys::all(&mut tx).await.expect("the keys");
    assert!(!fresh.is_empty() && stored == fresh, "after {after}");
}

const NAMES: [&str; 6] =
    ["Цветелина Йорданова", "Jan van der Berg", "Müller", "Ψαρρός Ξένια", "佐藤 陽翔", "Lucy A. Harper"];
const COMPANIES: [&str; 5] = ["Балкан Трейд ООД", "Müller & Söhne GmbH", "株式会社さくら商事", "KK", "Ltd."];
const TEXTS: [&str; 6] =
    ["", "lucy@trailhead.example", "BG207410010", "0888 123 456", "x@gmail.com", "Balkan Trade"];

/// The name of a record in two languages, or in none.
fn name(rng: &mut Rng, of: &[&str]) -> Value {
    let texts = ["en", "bg"].map(|language| (language.to_owned(), any(rng, of).to_owned()));
    Value::multi(texts.into_iter().collect::<MultiLang>())
}

/// Changes some fields of a draft by chance.
fn change(rng: &mut Rng, draft: &mut Draft, number: u128) {
    let text = |rng: &mut Rng| Value::text(any(rng, &TEXTS));
    if draft.entity.is(&person::PERSON) {
        draft.set(&party::PARTY_NAME.def, name(rng, &NAMES));
        if rng.bool() {
            let parent = Value::Ref(Reference { id: id(1), shown: String::new() });
            draft.set(&party::PARENT_PARTY.def, if rng.bool() { parent } else { Value::Empty });
        }
    } else if draft.entity.is(&company::COMPANY) {
        draft.set(&company::NAME.def, name(rng, &COMPANIES));
        draft.set(&party::PARTY_NAME.def, draft.value(&company::NAME.def).clone());
        draft.set(&company::BRANCH_NUMBER.def, Value::Int(i64::try_from(number).expect("a small number")));
        draft.set(&company::REGISTRATION_VAT_NUMBER.def, Value::text(any(rng, &TEXTS[2..4])));
    } else {
        draft.set(&user::NAME.def, name(rng, &NAMES));
        draft.set(&user::LOGIN.def, Value::text(format!("login{number}@trailhead.example")));
        let email = format!("mail{number}@{}", any(rng, &["balkan-trade.example", "gmail.com"]));
        draft.set(&user::EMAIL.def, if rng.bool() { Value::text(email) } else { Value::Empty });
        draft.set(&user::PHONE_NUMBER.def, text(rng));
        draft.set(&user::COMPANY_NAME.def, text(rng));
    }
}

pub(crate) async fn the_keys_are_those_computed_afresh_after_whatever_was_written(Store { db, .. }: Store) {
    found(&db).await;
    assert_fresh(&db, "an import").await;
    BackOffice::for_command_line(&db, &world()).generate(60, 1, |_| {}).await.expect("generated users");
    assert_fresh(&db, "generated users").await;
    let mut rng = Rng::with_seed(5);
    let entities: [&'static EntityDef; 3] = [&company::COMPANY, &person::PERSON, &user::USER];
    let mut stored: Vec<(&'static EntityDef, RecordId)> = Vec::new();
    for number in 1..120_u128 {
        let mut tx = db.begin().await.expect("a transaction");
        let now = (world().now)();
        if number < 20 || rng.u8(0..3) == 0 {
            let entity = if number == 1 { &company::COMPANY } else { any(&mut rng, &entities) };
            let mut draft = with_defaults(Draft::with_id(entity, id(number)), Some(now), None);
            change(&mut rng, &mut draft, number);
            records::save(&mut tx, &mut draft, now, "ann").await.expect("a new record");
            stored.push((entity, id(number)));
        } else {
            let at = rng.usize(1..stored.len());
            let (entity, id) = stored[at];
            let record =
                records::load(&mut tx, entity, id, "en").await.expect("an answer").expect("the record");
            if rng.u8(0..4) == 0 {
                records::delete(&mut tx, &record, now, "ann").await.expect("it is deleted");
                stored.swap_remove(at);
            } else {
                let mut draft = Draft::of(record.into());
                change(&mut rng, &mut draft, number);
                records::save(&mut tx, &mut draft, now, "ann").await.expect("a changed record");
            }
        }
        tx.commit().await.expect("it stays");
        if number % 20 == 0 {
            assert_fresh(&db, "records saved, changed and deleted").await;
        }
    }
    assert_fresh(&db, "all of it").await;
}

pub(crate) async fn an_older_database_gets_its_keys_when_it_is_opened(Store { db, url }: Store) {
    found(&db).await;
    let mut tx = db.begin().await.expect("a transaction");
    let before = match_keys::all(&mut tx).await.expect("the keys");
    for statement in ["DELETE FROM match_keys", "INSERT INTO unfinished_steps (name) VALUES ('match keys')"] {
        tx.execute(statement, vec![]).await.expect(statement);
    }
    tx.commit().await.expect("they are gone");
    // Given up half way, nothing is written, and the work is still noted.
    let mut tx = db.begin().await.expect("a transaction");
    match_keys::fill(&mut tx).await.expect("they are computed");
    drop(tx);
    let mut conn = db.read().await.expect("a connection");
    assert_eq!(unfinished::is_left(&mut conn, unfinished::MATCH_KEYS).await, Ok(true));
    assert!(match_keys::all(&mut conn).await.expect("the keys").is_empty());
    drop(conn);
    let opened = database::open(&url, Create::MustExist, &world()).await.expect("it opens");
    let mut conn = opened.read().await.expect("a connection");
    assert_eq!(unfinished::is_left(&mut conn, unfinished::MATCH_KEYS).await, Ok(false));
    assert_eq!(match_keys::all(&mut conn).await.expect("the keys"), before);
}

/// The plans on SQLite are looked at beside the statements themselves.
pub(crate) async fn candidates_are_found_by_the_index_alone(Store { db, .. }: Store) {
    found(&db).await;
    BackOffice::for_command_line(&db, &world()).generate(4000, 1, |_| {}).await.expect("generated users");
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute("ANALYZE", vec![]).await.expect("statistics");
    tx.commit().await.expect("they stay");
    let mut tx = db.begin().await.expect("a transaction");
    let asked = Asked {
        names: vec!["Lucy Harper".to_owned()],
        email: Some("lucy@trailhead.example".to_owned()),
        claim: Some("Trailhead Outfitters".to_owned()),
        ..Asked::default()
    };
    let known = candidates::known(&mut tx, &[&asked], "en").await.expect("the candidates");
    assert!(!known.persons.is_empty() && !known.companies.is_empty() && !known.logins.is_empty());
    let sql =
        "SELECT relname::text, coalesce(seq_scan, 0), coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables
                WHERE relname IN ('match_keys', 'sec_users', 'gen_parties')";
    let tables = tx.fetch_all(sql, vec![]).await.expect("the scans");
    assert_eq!(tables.len(), 3);
    for table in tables {
        let name = table.text(0).expect("a name");
        assert_eq!(table.int(1), Ok(0), "{name} is read as a whole");
        assert!(table.int(2).expect("a number") > 0, "{name} is read by an index");
    }
}

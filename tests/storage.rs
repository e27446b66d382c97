//! The storage contract: what every database keeps, whichever engine it is.

mod support;

use std::time::Duration;

use ccdesk::domain::model::value::RecordId;
use ccdesk::storage::db::{AdvisoryLock, Bind, Conn, Create, Db, Engine, Session};
use ccdesk::storage::error::StorageError;
use support::Store;
use support::postgres::is_pooled;
use uuid::Uuid;

on_both_engines! {
    every_kind_of_value_comes_back,
    a_value_of_another_kind_is_refused,
    a_statement_with_a_value_missing_is_refused,
    a_transaction_that_is_dropped_never_happened,
    what_is_not_committed_is_seen_by_its_transaction_only,
    a_violated_constraint_is_the_same_error_on_both_engines,
    next_numbers_are_never_given_twice,
    many_rows_are_inserted_in_one_call,
    every_statement_is_counted,
    a_read_nobody_waits_for_stops,
    a_read_given_up_never_stops_the_next_one,
    several_that_open_an_empty_database_at_once_migrate_it_once,
    a_database_that_must_exist_is_not_created,
    a_newer_schema_is_left_alone,
    a_changed_step_of_the_schema_is_left_alone,
    another_programs_database_is_left_alone,
    ;
    on_postgres_only:
    reads_that_are_given_up_leave_their_connections_usable,
    a_refused_login_is_said_without_the_password,
    a_connection_has_the_settings_that_keep_it_from_hanging,
    a_transaction_sees_what_its_lock_waited_for_whatever_the_server_usually_does,
    a_statement_that_takes_too_long_is_ended,
}

/// A table with one column of each kind we store.
const KINDS: &str = "CREATE TABLE kinds (
    id UUID NOT NULL PRIMARY KEY,
    number BIGINT,
    words TEXT,
    yes BOOLEAN,
    other UUID
)";

async fn run(db: &Db, statement: &'static str) -> Result<u64, StorageError> {
    let mut tx = db.begin().await?;
    let changed = tx.execute(statement, vec![]).await?;
    tx.commit().await?;
    Ok(changed)
}

async fn count(session: &mut Session, statement: &'static str) -> i64 {
    session.fetch_one(statement, vec![]).await.expect("a count").int(0).expect("a number")
}

fn id(number: u128) -> RecordId {
    RecordId(Uuid::from_u128(number))
}

async fn every_kind_of_value_comes_back(Store { db, .. }: Store) {
    let rows = [
        (id(1), Some(i64::MIN), Some("Живко Şahin 東京 🎌 '\"\\"), Some(true), Some(id(u128::MAX))),
        (id(2), Some(i64::MAX), Some(""), Some(false), Some(id(0))),
        (id(3), None, None, None, None),
    ];
    run(&db, KINDS).await.expect("a table");
    let mut tx = db.begin().await.expect("a transaction");
    for (id, number, words, yes, other) in rows {
        let binds = vec![id.into(), number.into(), words.into(), yes.into(), other.into()];
        tx.execute("INSERT INTO kinds (id, number, words, yes, other) VALUES ($1, $2, $3, $4, $5)", binds)
            .await
            .expect("a row");
    }
    tx.commit().await.expect("kept");

    let mut reading = db.read().await.expect("a connection");
    let found = reading
        .fetch_all("SELECT id, number, words, yes, other FROM kinds ORDER BY id", vec![])
        .await
        .expect("rows");
    for (row, expected) in found.iter().zip(rows) {
        let words = row.opt_text(2).expect("text");
        let read = (
            row.id(0).expect("an id"),
            row.opt_int(1).expect("a number"),
            words.as_deref(),
            row.opt_bool(3).expect("yes or no"),
            row.opt_id(4).expect("an id"),
        );
        assert_eq!(read, expected);
    }
    assert_eq!(found.len(), rows.len());

    let second = "SELECT words FROM kinds WHERE id = $2 AND yes = $1 AND number = $3";
    let binds = vec![false.into(), id(2).into(), i64::MAX.into()];
    let row = reading.fetch_optional(second, binds).await.expect("an answer").expect("a row");
    assert_eq!(row.text(0).expect("text"), "");
}

async fn a_value_of_another_kind_is_refused(Store { db, .. }: Store) {
    run(&db, KINDS).await.expect("a table");
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute("INSERT INTO kinds (id, words) VALUES ($1, 'x')", vec![id(1).into()]).await.expect("a row");
    let row = tx.fetch_one("SELECT words, number FROM kinds", vec![]).await.expect("a row");
    row.int(0).expect_err("a text is no number");
    row.id(0).expect_err("a text is no id");
    row.int(1).expect_err("nothing is no number");
    row.text(2).expect_err("there is no third column");
}

async fn a_statement_with_a_value_missing_is_refused(Store { db, .. }: Store) {
    let mut reading = db.read().await.expect("a connection");
    for (statement, binds, named) in [
        ("SELECT last FROM next_numbers WHERE name = $1", vec![], 1),
        ("SELECT last FROM next_numbers WHERE name = $1 AND last = $2", vec![Bind::from("a")], 2),
        ("SELECT last FROM next_numbers", vec![Bind::from("a")], 0),
    ] {
        let given = binds.len();
        let refused = reading.fetch_all(statement, binds).await.err();
        assert_eq!(refused, Some(StorageError::Binds { named, given }), "{statement}");
    }
}

async fn a_transaction_that_is_dropped_never_happened(Store { db, .. }: Store) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute("INSERT INTO next_numbers (name, last) VALUES ('a', 1)", vec![]).await.expect("a row");
    drop(tx);
    run(&db, "INSERT INTO next_numbers (name, last) VALUES ('a', 2)").await.expect("the place is free");
    let mut reading = db.read().await.expect("a connection");
    assert_eq!(count(&mut reading, "SELECT last FROM next_numbers").await, 2);
}

async fn what_is_not_committed_is_seen_by_its_transaction_only(Store { db, .. }: Store) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute("INSERT INTO next_numbers (name, last) VALUES ('a', 1)", vec![]).await.expect("a row");
    let mut reading = db.read().await.expect("a connection");
    assert_eq!(count(&mut tx, "SELECT count(*) FROM next_numbers").await, 1);
    assert_eq!(count(&mut reading, "SELECT count(*) FROM next_numbers").await, 0);
    tx.commit().await.expect("kept");
    assert_eq!(count(&mut reading, "SELECT count(*) FROM next_numbers").await, 1);
}

async fn a_violated_constraint_is_the_same_error_on_both_engines(Store { db, .. }: Store) {
    for statement in [
        "CREATE TABLE parties (
            id UUID NOT NULL PRIMARY KEY,
            tax_number TEXT NOT NULL CONSTRAINT parties_tax_number_check CHECK (length(tax_number) < 5)
        )",
        "CREATE TABLE customers (
            id UUID NOT NULL PRIMARY KEY,
            party_id UUID NOT NULL REFERENCES parties (id),
            code TEXT,
            hidden BOOLEAN NOT NULL
        )",
        "CREATE UNIQUE INDEX customers_party_id_hidden_key ON customers (party_id, hidden)",
        "CREATE UNIQUE INDEX customers_code_key ON customers (lower(code))",
    ] {
        run(&db, statement).await.expect(statement);
    }
    let party = "INSERT INTO parties (id, tax_number) VALUES ($1, $2)";
    let customer = "INSERT INTO customers (id, party_id, code, hidden) VALUES ($1, $2, $3, $4)";
    let unique = |index: &str| StorageError::Unique { index: index.to_owned() };
    let story = [
        (party, vec![id(1).into(), "1".into()], None),
        (party, vec![id(1).into(), "2".into()], Some(unique("parties_pkey"))),
        (
            party,
            vec![id(2).into(), Bind::Text(None)],
            Some(StorageError::Required { column: "parties.tax_number".to_owned() }),
        ),
        (
            party,
            vec![id(2).into(), "12345".into()],
            Some(StorageError::Check { constraint: "parties_tax_number_check".to_owned() }),
        ),
        (customer, vec![id(1).into(), id(1).into(), "A".into(), false.into()], None),
        (
            customer,
            vec![id(2).into(), id(1).into(), "B".into(), false.into()],
            Some(unique("customers_party_id_hidden_key")),
        ),
        (
            customer,
            vec![id(2).into(), id(1).into(), "a".into(), true.into()],
            Some(unique("customers_code_key")),
        ),
        (customer, vec![id(2).into(), id(9).into(), "B".into(), true.into()], Some(StorageError::ForeignKey)),
        ("DELETE FROM parties WHERE id = $1", vec![id(1).into()], Some(StorageError::ForeignKey)),
    ];
    for (statement, binds, expected) in story {
        let mut tx = db.begin().await.expect("a transaction");
        let outcome = tx.execute(statement, binds.clone()).await.err();
        assert_eq!(outcome, expected, "{statement} {binds:?}");
        if outcome.is_none() {
            tx.commit().await.expect("kept");
        }
    }
}

async fn next_numbers_are_never_given_twice(Store { db, .. }: Store) {
    const WRITERS: i64 = 4;
    const EACH: i64 = 25;
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut given = Vec::new();
                for _ in 0..EACH {
                    let mut tx = db.begin().await.expect("a transaction");
                    let number = "INSERT INTO next_numbers (name, last) VALUES ($1, 1)
                                  ON CONFLICT (name) DO UPDATE SET last = next_numbers.last + 1 RETURNING last";
                    let row = tx.fetch_one(number, vec!["customers".into()]).await.expect("a number");
                    given.push(row.int(0).expect("a number"));
                    tx.commit().await.expect("kept");
                }
                given
            })
        })
        .collect();
    let mut given = Vec::new();
    for writer in writers {
        given.extend(writer.await.expect("a writer ends well"));
    }
    given.sort_unstable();
    assert_eq!(given, (1..=WRITERS * EACH).collect::<Vec<_>>());
}

async fn many_rows_are_inserted_in_one_call(Store { db, .. }: Store) {
    run(&db, KINDS).await.expect("a table");
    let row = |number: i64| {
        let words = (number % 2 == 0).then_some("even");
        vec![
            id(number.unsigned_abs().into()).into(),
            number.into(),
            words.into(),
            true.into(),
            Bind::Uuid(None),
        ]
    };
    let into = "INSERT INTO kinds (id, number, words, yes, other)";
    let mut tx = db.begin().await.expect("a transaction");
    assert_eq!(tx.insert(into, 5, (1..=4321).map(row)).await, Ok(4321));
    assert_eq!(tx.insert(into, 5, std::iter::empty()).await, Ok(0));
    assert_eq!(tx.statements_run(), 4, "BEGIN, and 1,600 rows a statement");
    assert_eq!(count(&mut tx, "SELECT count(words) FROM kinds WHERE other IS NULL").await, 2160);
    assert_eq!(count(&mut tx, "SELECT CAST(sum(number) AS BIGINT) FROM kinds").await, 4321 * 4322 / 2);
    let narrow = tx.insert(into, 5, [vec![id(9999).into()]]).await;
    assert_eq!(narrow, Err(StorageError::Binds { named: 5, given: 1 }));
}

/// A query that never ends.
const ENDLESS: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

async fn every_statement_is_counted(Store { db, .. }: Store) {
    let before = db.statements_run();
    let mut tx = db.clone().begin().await.expect("a transaction");
    assert_eq!(tx.statements_run(), 1, "BEGIN");
    tx.execute("INSERT INTO next_numbers (name, last) VALUES ('a', 1)", vec![]).await.expect("a row");
    tx.set_savepoint().await.expect("a savepoint");
    assert_eq!(tx.statements_run(), 3);
    tx.commit().await.expect("kept");
    assert_eq!(db.statements_run() - before, 4, "COMMIT too, whichever clone sent it");

    let mut reading = db.read().await.expect("a connection");
    let begun = reading.statements_run();
    count(&mut reading, "SELECT count(*) FROM next_numbers").await;
    reading.fetch_all("SELECT nothing FROM nowhere", vec![]).await.err().expect("there is no such table");
    assert_eq!(reading.statements_run() - begun, 2, "a refused one is sent too");
    reading.fetch_all("SELECT $1", vec![]).await.err().expect("no value");
    assert_eq!(reading.statements_run() - begun, 2, "what lacks a value is not sent");
}

async fn a_read_nobody_waits_for_stops(Store { db, .. }: Store) {
    async fn endless(mut reading: Conn) {
        let _ = reading.fetch_one(ENDLESS, vec![]).await;
    }
    // More than there are connections: none of them may stay behind at work.
    for _ in 0..8 {
        let reading = db.read().await.expect("a connection is free");
        tokio::time::timeout(Duration::from_millis(20), endless(reading)).await.expect_err("it has no end");
    }
    if db.engine() == Engine::Postgres {
        let running = "SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND state = 'active' AND query LIKE 'WITH RECURSIVE%'";
        let ended = async { while count(&mut db.read().await.expect("a connection"), running).await > 0 {} };
        tokio::time::timeout(Duration::from_secs(10), ended).await.expect("the server stops them");
    }
    let mut reading = db.read().await.expect("a connection");
    assert_eq!(count(&mut reading, "SELECT count(*) FROM next_numbers").await, 0);
}

/// The processes of the server behind the connections of this program, and whether any is at work on [`ENDLESS`].
async fn processes(db: &Db) -> (Vec<i64>, bool) {
    let all =
        "SELECT CAST(pid AS BIGINT), state = 'active' AND query LIKE 'WITH RECURSIVE%' FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'ccdesk' ORDER BY pid";
    let rows = db.read().await.expect("a connection").fetch_all(all, vec![]).await.expect("processes");
    let processes = rows.iter().map(|row| row.int(0).expect("a number")).collect();
    (processes, rows.iter().any(|row| row.bool(1).expect("yes or no")))
}

async fn reads_that_are_given_up_leave_their_connections_usable(Store { db, .. }: Store) {
    if is_pooled() {
        return; // The connections of the server are the pooler's.
    }
    async fn give_up(db: &Db) {
        let mut reading = db.read().await.expect("a connection is free");
        let endless = async { reading.fetch_one(ENDLESS, vec![]).await.map(drop) };
        tokio::time::timeout(Duration::from_millis(5), endless).await.expect_err("it has no end");
    }
    /// The processes, once none of them is at work any more.
    async fn at_rest(db: &Db) -> Vec<i64> {
        loop {
            if let (processes, false) = processes(db).await {
                return processes;
            }
        }
    }
    let deadline = Duration::from_secs(20);
    // Once all connections are open, and the one by which reads are stopped, there are no more.
    let all = futures::future::join_all((0..5).map(|_| db.read())).await;
    for reading in all {
        count(&mut reading.expect("a connection"), "SELECT count(*) FROM next_numbers").await;
    }
    give_up(&db).await;
    let before = tokio::time::timeout(deadline, at_rest(&db)).await.expect("the server stops it");
    for _ in 0..50 {
        give_up(&db).await;
    }
    let after = tokio::time::timeout(deadline, at_rest(&db)).await.expect("the server stops all of them");
    assert_eq!(after, before, "the same connections, and no other");
}

async fn a_read_given_up_never_stops_the_next_one(Store { db, .. }: Store) {
    for turns in 0..300 {
        let mut reading = db.read().await.expect("a connection is free");
        {
            // Given up at each of its stages: before it is sent, at work, and when its answer has arrived.
            let mut short = std::pin::pin!(reading.fetch_one("SELECT count(*) FROM next_numbers", vec![]));
            for _ in 0..turns % 30 {
                if futures::poll!(&mut short).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        drop(reading);
        let mut next = db.read().await.expect("a connection is free");
        assert_eq!(count(&mut next, "SELECT count(*) FROM next_numbers").await, 0);
    }
}

async fn several_that_open_an_empty_database_at_once_migrate_it_once(store: Store) {
    let (db, empty) = (&store.db, store.empty_database().await);
    let open = |url: String| tokio::spawn(async move { Db::open(&url, Create::IfMissing).await });
    let all: Vec<_> = (0..4).map(|_| open(empty.clone())).collect();
    let mut opened = Vec::new();
    for one in all {
        opened.push(one.await.expect("it ends well").expect("it opens"));
    }
    let steps = "SELECT count(*) FROM ccdesk_migrations";
    let expected = count(&mut db.read().await.expect("a connection"), steps).await;
    for db in &opened {
        assert_eq!(count(&mut db.read().await.expect("a connection"), steps).await, expected);
    }
    Db::open(&empty, Create::MustExist).await.expect("now it is there");
}

/// The error with which opening a database is refused.
async fn refusal(url: &str, create: Create) -> StorageError {
    match Db::open(url, create).await {
        Err(StorageError::Opening { problem, .. }) => *problem,
        other => panic!("expected a refusal to open: {other:?}"),
    }
}

async fn a_database_that_must_exist_is_not_created(store: Store) {
    let empty = store.empty_database().await;
    assert_eq!(refusal(&empty, Create::MustExist).await, StorageError::Missing);
    assert_eq!(refusal(&empty, Create::MustExist).await, StorageError::Missing);
}

async fn a_newer_schema_is_left_alone(Store { db, url }: Store) {
    run(&db, "UPDATE ccdesk_migrations SET version = 9999 WHERE version = 1")
        .await
        .expect("a step from the future");
    assert_eq!(refusal(&url, Create::IfMissing).await, StorageError::Newer);
}

async fn a_changed_step_of_the_schema_is_left_alone(Store { db, url }: Store) {
    run(
        &db,
        "UPDATE ccdesk_migrations SET checksum = installed.checksum
                FROM ccdesk_migrations AS installed
               WHERE ccdesk_migrations.version = 1 AND installed.version = 3",
    )
    .await
    .expect("another wording");
    assert_eq!(refusal(&url, Create::IfMissing).await, StorageError::Altered(1));
}

async fn another_programs_database_is_left_alone(Store { db, url }: Store) {
    match db.engine() {
        Engine::Sqlite => run(&db, "PRAGMA application_id = 7").await.expect("another mark"),
        Engine::Postgres => {
            run(&db, "ALTER TABLE ccdesk_migrations RENAME TO steps").await.expect("another name")
        }
    };
    assert_eq!(refusal(&url, Create::IfMissing).await, StorageError::NotOurs);
}

async fn a_refused_login_is_said_without_the_password(Store { db, url }: Store) {
    let (user, host) = url.rsplit_once('@').expect("an address with a user");
    let user = user.trim_start_matches("postgres://").split(':').next().unwrap_or_default();
    let wrong = format!("postgres://{user}:Canary-7391@{host}");
    let Err(error) = Db::open(&wrong, Create::MustExist).await else {
        return; // A server named by CCDESK_TEST_POSTGRES may trust everybody.
    };
    assert!(
        error.to_string().ends_with("the database server refused the user name or the password"),
        "{error}"
    );
    assert!(!format!("{error} {error:?} {db:?}").contains("Canary"), "{error:?}");
}

async fn a_transaction_sees_what_its_lock_waited_for_whatever_the_server_usually_does(
    Store { db, url }: Store,
) {
    run(&db, "CREATE TABLE kept (number BIGINT NOT NULL)").await.expect("a table");
    let usual =
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable',
                 current_database()); END $$";
    run(&db, usual).await.expect("another usual isolation");
    let other = Db::open(&url, Create::MustExist).await.expect("new connections");
    let mut first = other.begin().await.expect("a transaction");
    first.lock(AdvisoryLock::Seeding).await.expect("the lock");
    let waiting = other.clone();
    let second = tokio::spawn(async move {
        let mut tx = waiting.begin().await.expect("a transaction");
        tx.lock(AdvisoryLock::Seeding).await.expect("the lock, once it is free");
        count(&mut tx, "SELECT count(*) FROM kept").await
    });
    let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    let mut watching = db.read().await.expect("a connection");
    while count(&mut watching, waits).await == 0 {
        tokio::task::yield_now().await;
    }
    first.execute("INSERT INTO kept (number) VALUES (1)", vec![]).await.expect("a row");
    first.commit().await.expect("kept");
    assert_eq!(second.await.expect("an answer"), 1);
    other.close().await;
}

async fn a_connection_has_the_settings_that_keep_it_from_hanging(Store { db, .. }: Store) {
    if is_pooled() {
        return; // Its settings are those of each transaction.
    }
    // What the program has asked for: on a socket of one machine, the TCP settings in use are always 0.
    let settings = "SELECT name, reset_val || COALESCE(unit, '') FROM pg_settings
                     WHERE name LIKE '%_timeout' AND source = 'client' OR name LIKE 'tcp_%' ORDER BY name";
    let rows = db.read().await.expect("a connection").fetch_all(settings, vec![]).await.expect("settings");
    let settings: Vec<_> =
        rows.iter().map(|row| (row.text(0).expect("a name"), row.text(1).expect("a value"))).collect();
    let expected = [
        ("idle_in_transaction_session_timeout", "60000ms"),
        ("lock_timeout", "5000ms"),
        ("statement_timeout", "600000ms"),
        ("tcp_keepalives_count", "6"),
        ("tcp_keepalives_idle", "60s"),
        ("tcp_keepalives_interval", "10s"),
        ("tcp_user_timeout", "120000ms"),
    ];
    assert_eq!(settings, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

async fn a_statement_that_takes_too_long_is_ended(Store { db, .. }: Store) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute("SET LOCAL statement_timeout = '20ms'", vec![]).await.expect("a shorter time");
    let ended = tx.fetch_one(ENDLESS, vec![]).await.map(drop).expect_err("it has no end");
    assert_eq!(
        ended.to_string(),
        "the database stopped this because it took longer than is allowed there; ask for less or try again"
    );
    drop(tx);
    let mut reading = db.read().await.expect("a connection");
    assert_eq!(count(&mut reading, "SELECT count(*) FROM next_numbers").await, 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_without_the_password() {
    let nobody = "postgres://ccdesk:Canary-7391@127.0.0.1:1/ccdesk";
    let error = Db::open(nobody, Create::IfMissing).await.expect_err("nothing listens on port 1");
    assert_eq!(
        error.to_string(),
        "postgres://ccdesk@127.0.0.1:1/ccdesk: the database server does not answer; try again when it is back"
    );
}

#[tokio::test]
async fn an_address_that_names_no_engine_is_not_repeated() {
    for address in ["mysql://ccdesk:Canary-7391@host/x", "ccdesk.db", ""] {
        assert_eq!(Db::open(address, Create::IfMissing).await.err(), Some(StorageError::Address));
    }
}

//! What a server answers when it refuses, in words that say what to do.

use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::error::StorageError;

use crate::settings::set_default;
use crate::support::postgres::PASSWORD;
use crate::support::{Store, run};
use crate::{free_port, own_installation};

#[test]
fn postgresql() {
    macro_rules! stories {
        ($($story:ident),+ $(,)?) => {
            crate::support::postgres::tell(&[$((stringify!($story), |store| Box::pin($story(store)))),+])
        };
    }
    stories![
        a_lock_that_is_held_too_long,
        a_deadlock,
        a_change_made_at_the_same_time,
        a_server_that_only_reads,
        a_server_with_too_many_connections,
        a_read_prepared_for_tables_that_have_changed_is_made_again,
        a_change_prepared_for_tables_that_have_changed_is_refused_once,
        a_server_that_only_reads_is_passed_over,
    ];
}

const INSERT: &str = "INSERT INTO next_numbers (name, last) VALUES ($1, 1)";
const UPDATE: &str = "UPDATE next_numbers SET last = last + 1 WHERE name = $1";

async fn two_rows(db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    for name in ["a", "b"] {
        tx.execute(INSERT, vec![name.into()]).await.expect("a row");
    }
    tx.commit().await.expect("kept");
}

async fn a_lock_that_is_held_too_long(Store { db, .. }: Store) {
    two_rows(&db).await;
    let mut holding = db.begin().await.expect("a transaction");
    holding.execute(UPDATE, vec!["a".into()]).await.expect("a row");
    let mut waiting = db.begin().await.expect("a transaction");
    waiting.execute("SET LOCAL lock_timeout = '20ms'", vec![]).await.expect("a shorter time");
    let refused = waiting.execute(UPDATE, vec!["a".into()]).await.expect_err("it is held");
    assert_eq!(refused, StorageError::Busy);
    assert!(refused.to_string().starts_with("the database is busy with somebody else's change"), "{refused}");
}

async fn a_deadlock(Store { db, .. }: Store) {
    two_rows(&db).await;
    let mut txs = [db.begin().await.expect("a transaction"), db.begin().await.expect("a transaction")];
    for (tx, name) in txs.iter_mut().zip(["a", "b"]) {
        tx.execute("SET LOCAL deadlock_timeout = '10ms'", vec![]).await.expect("a shorter time");
        tx.execute(UPDATE, vec![name.into()]).await.expect("a row");
    }
    let [first, second] = &mut txs;
    let (one, other) = tokio::join!(first.execute(UPDATE, vec!["b".into()]), async {
        let done = second.execute(UPDATE, vec!["a".into()]).await;
        if done.is_err() {
            second.execute("ROLLBACK", vec![]).await.expect("it lets go");
        }
        done
    },);
    let refused = one.and(other).expect_err("one of them is refused");
    assert_eq!(refused, StorageError::Deadlock);
    assert!(refused.to_string().starts_with("the database gave way to another change that waited for this"));
}

async fn a_change_made_at_the_same_time(Store { db, .. }: Store) {
    two_rows(&db).await;
    let mut slow = db.begin().await.expect("a transaction");
    slow.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", vec![]).await.expect("another isolation");
    slow.fetch_all("SELECT last FROM next_numbers", vec![]).await.expect("rows");
    let mut quick = db.begin().await.expect("a transaction");
    quick.execute(UPDATE, vec!["a".into()]).await.expect("a row");
    quick.commit().await.expect("kept");
    let refused = slow.execute(UPDATE, vec!["a".into()]).await.expect_err("it has changed");
    assert_eq!(refused, StorageError::Overtaken);
}

/// Waits until the server has no session with this process any more.
async fn has_ended(db: &Db, process: i64) {
    let there = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1";
    loop {
        let mut reading = db.read().await.expect("a connection");
        if reading.fetch_one(there, vec![process.into()]).await.expect("a count").int(0) == Ok(0) {
            return;
        }
    }
}

const PROCESS: &str = "SELECT CAST(pg_backend_pid() AS BIGINT)";

/// By TCP: what a server says as it ends a connection can be read from a Unix socket only before anything is sent.
#[test]
fn a_connection_that_the_server_ends_says_why() {
    let Some(server) = own_installation() else { return };
    let port = free_port();
    let _keeper = server.start(&format!("-c listen_addresses=127.0.0.1 -p {port}"));
    run(async {
        let url = format!("postgres://ccdesk:{PASSWORD}@127.0.0.1:{port}/postgres");
        let db = Db::open(&url, Create::IfMissing).await.expect("it opens");
        a_transaction_that_does_nothing_for_too_long(&db).await;
        a_connection_that_an_administrator_ends(&db).await;
    });
}

async fn a_transaction_that_does_nothing_for_too_long(db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute("SET LOCAL idle_in_transaction_session_timeout = '20ms'", vec![])
        .await
        .expect("a shorter time");
    let process = tx.fetch_one(PROCESS, vec![]).await.expect("a process").int(0).expect("a number");
    has_ended(db, process).await;
    let refused = tx.execute(INSERT, vec!["a".into()]).await.expect_err("it has ended");
    assert_eq!(refused, StorageError::IdleTooLong);
}

async fn a_connection_that_an_administrator_ends(db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    let process = tx.fetch_one(PROCESS, vec![]).await.expect("a process").int(0).expect("a number");
    let end = "SELECT pg_terminate_backend(CAST($1 AS INTEGER))";
    db.read().await.expect("a connection").fetch_one(end, vec![process.into()]).await.expect("it is ended");
    has_ended(db, process).await;
    let refused = tx.execute(INSERT, vec!["a".into()]).await.expect_err("it has ended");
    assert_eq!(refused, StorageError::Restarting);
}

async fn a_server_that_only_reads(Store { db, url }: Store) {
    set_default(&db, "default_transaction_read_only = on").await;
    let db = Db::open(&url, Create::MustExist).await.expect("it can be read");
    let mut tx = db.begin().await.expect("a transaction");
    let refused = tx.execute(INSERT, vec!["a".into()]).await.expect_err("nothing can be written");
    assert_eq!(refused, StorageError::ReadOnly);
}

async fn a_server_with_too_many_connections(Store { db, url }: Store) {
    let mut tx = db.begin().await.expect("a transaction");
    for statement in [
        "DROP ROLE IF EXISTS few",
        "CREATE ROLE few LOGIN PASSWORD 'few' CONNECTION LIMIT 1",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO few",
    ] {
        tx.execute(statement, vec![]).await.expect(statement);
    }
    tx.commit().await.expect("kept");
    let (_, host) = url.rsplit_once('@').expect("an address with a user");
    let few =
        Db::open(&format!("postgres://few:few@{host}"), Create::MustExist).await.expect("one connection");
    let _one = few.read().await.expect("the only one");
    let refused = few.read().await.err().expect("there is no other");
    assert_eq!(refused, StorageError::TooManyConnections);
}

async fn changing(db: &Db, statement: &'static str) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute(statement, vec![]).await.expect(statement);
    tx.commit().await.expect("kept");
}

const EVERYTHING: &str = "SELECT * FROM changing WHERE number > $1";

async fn a_read_prepared_for_tables_that_have_changed_is_made_again(Store { db, url }: Store) {
    changing(&db, "CREATE TABLE changing (number BIGINT)").await;
    let other = Db::open(&url, Create::MustExist).await.expect("another program");
    for db in [&db, &other] {
        db.read().await.expect("a connection").fetch_all(EVERYTHING, vec![0.into()]).await.expect("rows");
    }
    changing(&other, "ALTER TABLE changing ADD COLUMN words TEXT").await;
    changing(&other, "INSERT INTO changing VALUES (1, 'one')").await;
    for db in [&db, &other] {
        let mut reading = db.read().await.expect("a connection");
        let rows = reading.fetch_all(EVERYTHING, vec![0.into()]).await.expect("prepared anew");
        assert_eq!(rows[0].text(1), Ok("one".to_owned()));
    }
}

async fn a_change_prepared_for_tables_that_have_changed_is_refused_once(Store { db, .. }: Store) {
    changing(&db, "CREATE TABLE changing (number BIGINT)").await;
    let change = async || {
        let mut tx = db.begin().await?;
        tx.fetch_all(EVERYTHING, vec![0.into()]).await?;
        tx.commit().await
    };
    assert_eq!(change().await, Ok(()));
    changing(&db, "ALTER TABLE changing ADD COLUMN words TEXT").await;
    let refused = change().await.expect_err("what is in the transaction cannot be repeated here");
    assert_eq!(refused, StorageError::TablesChanged);
    assert!(refused.asks_to_repeat());
    assert_eq!(change().await, Ok(()), "on another connection");
}

async fn a_server_that_only_reads_is_passed_over(Store { db, url }: Store) {
    let choosy = format!("{url}&target_session_attrs=read-write");
    Db::open(&choosy, Create::MustExist).await.expect("it can be written");
    set_default(&db, "default_transaction_read_only = on").await;
    let Err(StorageError::Opening { problem, .. }) = Db::open(&choosy, Create::MustExist).await else {
        panic!("it only reads");
    };
    assert_eq!(*problem, StorageError::ReadOnly);
    // Nobody listens on port 1, and the next host is tried.
    let (folder, rest) = url.split_once("?host=").map(|(before, folder)| (folder, before)).expect("a socket");
    let several = format!("{rest}?host=127.0.0.1,{folder}&port=1,5432");
    Db::open(&several, Create::MustExist).await.expect("the second host");
}

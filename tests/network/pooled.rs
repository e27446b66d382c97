//! A pooler that gives a connection of the server for a transaction only. The contract of storage is told through it with
//! `CCDESK_TEST_POOLER=1`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use ccdesk::storage::db::{AdvisoryLock, Create, Db};
use ccdesk::storage::error::StorageError;
use sqlx::{Connection, Executor, PgConnection};

use crate::support::pooler::Pooler;
use crate::support::postgres::PASSWORD;
use crate::support::run;
use crate::{free_port, own_installation};

#[test]
fn a_pooler_is_noticed_whether_it_refuses_the_settings_of_a_session_or_passes_over_them() {
    for settings in ["", "ignore_startup_parameters = options"] {
        let Some(server) = own_installation() else { return };
        let _keeper = server.start("-c listen_addresses=''");
        // One connection of the server for everybody: each transaction meets what the one before has left.
        let pooler = Pooler::start(&server, 6432, &format!("default_pool_size = 1\n{settings}"));
        run(async {
            let url = format!(
                "postgres://ccdesk:{PASSWORD}@localhost/postgres?host={}",
                server.directory.display()
            );
            let mut administrator = PgConnection::connect(&url).await.expect("the server answers");
            administrator.execute("CREATE DATABASE acme").await.expect("the server obeys");
            drop(administrator);
            let first = Db::open(&pooler.url("acme"), Create::IfMissing).await.expect("it is made");
            let second = Db::open(&pooler.url("acme"), Create::MustExist).await.expect("it opens");
            for db in [&first, &second, &first] {
                write_and_read(db).await;
            }
            nothing_of_a_session_is_left(&second).await;
            let with_options = format!("{}&options=-c%20search_path%3Dpublic", pooler.url("acme"));
            let Err(StorageError::Opening { problem, .. }) = Db::open(&with_options, Create::MustExist).await
            else {
                panic!("the options would be lost");
            };
            assert_eq!(*problem, StorageError::SettingsRefused);
        });
    }
}

async fn write_and_read(db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.lock(AdvisoryLock::Seeding).await.expect("a lock");
    for setting in ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"] {
        let value = "SELECT current_setting($1)";
        let value = tx.fetch_one(value, vec![setting.into()]).await.expect("a setting").text(0);
        assert_ne!(value, Ok("0".to_owned()), "{setting}");
    }
    let number = "INSERT INTO next_numbers (name, last) VALUES ($1, 1)
                  ON CONFLICT (name) DO UPDATE SET last = next_numbers.last + 1";
    tx.execute(number, vec!["a".into()]).await.expect("a row");
    tx.commit().await.expect("kept");
    let mut reading = db.read().await.expect("a connection");
    for _ in 0..2 {
        let last = "SELECT last FROM next_numbers WHERE name = $1";
        let row = reading.fetch_one(last, vec!["a".into()]).await.expect("an answer");
        assert!(row.int(0).expect("a number") > 0);
    }
    reading.fetch_all("SELECT nothing FROM nowhere", vec![]).await.err().expect("there is no such table");
    let count = "SELECT count(*) FROM next_numbers";
    reading.fetch_one(count, vec![]).await.expect("a refused statement does not spoil the next one");
}

/// Other programs share the connection of the server: no prepared statement may be left for them.
async fn nothing_of_a_session_is_left(db: &Db) {
    let prepared = "SELECT count(*) FROM pg_prepared_statements";
    let row = db.read().await.expect("a connection").fetch_one(prepared, vec![]).await.expect("an answer");
    assert_eq!(row.int(0), Ok(0));
}

#[test]
fn a_login_that_a_pooler_refuses_is_said_to_be_refused() {
    let Some(server) = own_installation() else { return };
    let _keeper = server.start("-c listen_addresses=''");
    let users = server.directory.join("users");
    fs::write(&users, format!("\"ccdesk\" \"{PASSWORD}\"\n")).expect("a file");
    fs::set_permissions(&server.directory, fs::Permissions::from_mode(0o755)).expect("ours");
    let port = free_port();
    let settings =
        format!("listen_addr = 127.0.0.1\nauth_type = scram-sha-256\nauth_file = {}", users.display());
    let pooler = Pooler::start(&server, port, &settings);
    run(async {
        for mode in ["prefer", "disable"] {
            let url = |user: &str, password: &str| {
                format!("postgres://{user}:{password}@127.0.0.1:{port}/postgres?sslmode={mode}")
            };
            Db::open(&url("ccdesk", PASSWORD), Create::IfMissing).await.expect("the right password");
            for (user, password) in [("ccdesk", "wrong"), ("nobody", PASSWORD)] {
                let opened = Db::open(&url(user, password), Create::MustExist).await;
                let Err(StorageError::Opening { problem, .. }) = opened else { panic!("it is refused") };
                assert_eq!(*problem, StorageError::LoginRefused, "{user}");
            }
        }
    });
    drop(pooler);
}

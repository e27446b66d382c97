//! Promise 32: leaving is always possible, whatever the database does, and what became of a write is reported.
//!
//! The server is stopped in the middle of its work, or the network between drops everything. The stories share the
//! server, so one test runs them one after the other.

mod frozen;
mod network;
mod session;
#[expect(dead_code, reason = "shared with tests/storage.rs, which needs all of it")]
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ccdesk::storage::db::{Bind, Conn, Create, Db};
use ccdesk::storage::error::StorageError;
use frozen::Frozen;
use network::Network;
use rustix::process::{Pid, Signal, kill_process};
use session::{PATIENCE, Session};
use support::{Store, on_sqlite};
use tempfile::TempDir;

/// How long the program may take to end once it is asked to.
const AT_ONCE: Duration = Duration::from_secs(5);

const QUIT: &str = "\u{11}";

/// Login, name, password, and the password again.
const FIRST_ADMINISTRATOR: &str = "maria\tMaria Koleva\tnine lives of a tabby\tnine lives of a tabby\r";

const SAVED: &str = "ccdesk: What was being saved as you left is saved.\n";
const NOT_SAVED: &str = "ccdesk: What was being saved as you left is not saved: ";
const UNKNOWN: &str = "ccdesk: It is not known whether what was being saved as you left is saved: ";

#[test]
fn postgresql() {
    macro_rules! stories {
        ($($story:ident),+ $(,)?) => {
            support::postgres::tell(&[$((stringify!($story), |store| Box::pin($story(store)))),+])
        };
    }
    stories![
        a_read_costs_one_round_trip,
        a_read_that_a_frozen_server_does_not_answer_is_given_up,
        a_transaction_that_a_frozen_server_does_not_answer_did_not_happen,
        a_connection_that_the_network_has_forgotten_is_replaced,
        a_network_that_swallows_everything_is_noticed,
        a_second_ctrl_q_leaves_a_save_that_hangs,
        a_save_that_hangs_before_its_commit_is_known_not_to_be_saved,
        signals_leave_a_save_that_hangs,
        a_closed_terminal_leaves_a_save_that_hangs,
        a_closed_terminal_waits_a_moment_for_a_save,
        the_first_ctrl_q_waits_for_the_answer,
        a_read_that_hangs_is_said_and_one_ctrl_q_leaves,
        a_signal_ends_an_import_that_hangs_at_its_commit,
        a_signal_ends_an_import_that_hangs_before_its_commit,
    ];
}

async fn one(db: &Db) -> Result<i64, StorageError> {
    db.read().await?.fetch_one("SELECT CAST(1 AS BIGINT)", vec![]).await?.int(0)
}

async fn a_read_costs_one_round_trip(Store { url, .. }: Store) {
    let Some((network, url)) = Network::before(&url).await else { return };
    let db = Db::open(&url, Create::MustExist).await.expect("it opens through the network");
    one(&db).await.expect("an answer, and a statement that is prepared");
    let before = network.sent();
    for _ in 0..10 {
        one(&db).await.expect("an answer");
    }
    assert_eq!(network.sent() - before, 10);
}

async fn a_read_that_a_frozen_server_does_not_answer_is_given_up(Store { db, url }: Store) {
    one(&db).await.expect("an answer");
    let Some(frozen) = Frozen::server_of(&url) else { return };
    let given_up = one(&db).await.expect_err("nobody answers");
    assert_eq!(
        given_up.to_string(),
        "the database has not answered for 8 seconds; try again when it is back"
    );
    drop(frozen);
    assert_eq!(one(&db).await, Ok(1), "on another connection");
}

async fn a_transaction_that_a_frozen_server_does_not_answer_did_not_happen(Store { db, url }: Store) {
    one(&db).await.expect("an answer");
    let Some(frozen) = Frozen::server_of(&url) else { return };
    let begun = db.begin().await.map(drop);
    assert!(matches!(begun, Err(StorageError::Silent { .. })), "{begun:?}");
    drop(frozen);
    let mut tx = db.begin().await.expect("it is back");
    tx.execute("INSERT INTO next_numbers (name, last) VALUES ('a', 1)", vec![]).await.expect("a row");
    tx.commit().await.expect("kept");
}

async fn a_connection_that_the_network_has_forgotten_is_replaced(Store { url, .. }: Store) {
    let Some((network, url)) = Network::before(&url).await else { return };
    let db = Db::open(&url, Create::MustExist).await.expect("it opens through the network");
    one(&db).await.expect("an answer");
    network.forget();
    assert_eq!(one(&db).await, Ok(1), "asked anew on another connection");
}

async fn a_network_that_swallows_everything_is_noticed(Store { url, .. }: Store) {
    let Some((network, url)) = Network::before(&url).await else { return };
    let db = Db::open(&url, Create::MustExist).await.expect("it opens through the network");
    let mut tx = db.begin().await.expect("a transaction");
    let insert = "INSERT INTO next_numbers (name, last) VALUES ($1, 1)";
    tx.execute(insert, vec!["a".into()]).await.expect("a row");
    one(&db).await.expect("an answer");
    network.swallow();
    let (on_a_used_one, committed) = tokio::join!(one(&db), tx.commit());
    assert!(matches!(on_a_used_one, Err(StorageError::Silent { .. })), "{on_a_used_one:?}");
    assert_eq!(committed, Err(StorageError::CommitUnknown));
    assert_eq!(one(&db).await, Err(StorageError::Unreachable), "no new connection can be made");
}

/// Makes every save of a user block: at its first statement, or at its commit.
async fn hold_saves(db: &Db, at_commit: bool) {
    let trigger = if at_commit {
        "CREATE CONSTRAINT TRIGGER held AFTER INSERT ON sec_users DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION held()"
    } else {
        "CREATE TRIGGER held BEFORE INSERT ON sec_users FOR EACH ROW EXECUTE FUNCTION held()"
    };
    let wait = "CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_advisory_lock_shared(4711); RETURN NEW; END'
                SET lock_timeout = 0";
    let mut tx = db.begin().await.expect("a transaction");
    for statement in [wait, trigger] {
        tx.execute(statement, vec![]).await.expect(statement);
    }
    tx.commit().await.expect("kept");
}

/// Makes saves block until this is released.
struct Hold(Conn);

impl Hold {
    async fn on(db: &Db, at_commit: bool) -> Self {
        hold_saves(db, at_commit).await;
        let mut hold = Self(db.read().await.expect("a connection"));
        hold.ask("SELECT count(pg_advisory_lock(4711))").await;
        hold
    }

    async fn ask(&mut self, number: &'static str) -> i64 {
        self.0.fetch_one(number, vec![]).await.expect(number).int(0).expect("a number")
    }

    async fn waiting(&mut self) -> i64 {
        self.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").await
    }

    /// A program that is just saving the first administrator.
    async fn saving(&mut self, url: &str) -> Session {
        let mut session = Session::start(url);
        session.sees("Password again");
        session.press(FIRST_ADMINISTRATOR);
        let held = async { while self.waiting().await == 0 {} };
        tokio::time::timeout(PATIENCE, held).await.expect("it saves");
        session
    }

    /// Ends the saves that are blocked.
    async fn end_waiting(&mut self) {
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        self.ask(end).await;
        let ended = async { while self.waiting().await > 0 {} };
        tokio::time::timeout(PATIENCE, ended).await.expect("they end");
    }

    async fn release(&mut self) {
        self.ask("SELECT count(pg_advisory_unlock(4711))").await;
    }
}

async fn a_second_ctrl_q_leaves_a_save_that_hangs(Store { db, url }: Store) {
    let mut hold = Hold::on(&db, true).await;
    let mut session = hold.saving(&url).await;
    let Some(_frozen) = Frozen::server_of(&url) else { return };
    session.sees("The database has not answered yet; Ctrl+Q waits, and Ctrl+Q again leaves.");
    session.press(QUIT);
    session.sees("Leaving once the database has answered; Ctrl+Q again leaves at once.");
    session.press(QUIT);
    let (said, status) = session.has_ended(AT_ONCE);
    assert!(said.starts_with(UNKNOWN), "{said}");
    assert!(names_operation(&said), "{said}");
    assert_eq!(status, 1, "it is not known to be saved");
}

/// Whether a sentence ends with the id of an operation.
fn names_operation(said: &str) -> bool {
    let id = said.rsplit_once("(operation ").and_then(|(_, rest)| rest.strip_suffix(").\n"));
    id.is_some_and(|id| id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'))
}

async fn a_save_that_hangs_before_its_commit_is_known_not_to_be_saved(Store { db, url }: Store) {
    let mut hold = Hold::on(&db, false).await;
    let mut session = hold.saving(&url).await;
    let Some(frozen) = Frozen::server_of(&url) else { return };
    session.press(QUIT);
    session.sees("Leaving once");
    session.press(QUIT);
    let (said, status) = session.has_ended(AT_ONCE);
    assert_eq!(status, 1);
    assert_eq!(said, format!("{NOT_SAVED}the database did not answer in time.\n"));
    drop(frozen);
    hold.end_waiting().await;
    assert_eq!(users(&db).await, 0, "and so it is");
}

async fn users(db: &Db) -> i64 {
    let mut reading = db.read().await.expect("a connection");
    reading
        .fetch_one("SELECT count(*) FROM sec_users", vec![])
        .await
        .expect("a count")
        .int(0)
        .expect("a number")
}

async fn signals_leave_a_save_that_hangs(Store { db, url }: Store) {
    let mut hold = Hold::on(&db, true).await;
    for (signal, status) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let session = hold.saving(&url).await;
        let Some(frozen) = Frozen::server_of(&url) else { return };
        session.signal(signal);
        let (said, ended) = session.has_ended(AT_ONCE);
        assert!(said.starts_with(UNKNOWN) && names_operation(&said), "{signal:?}: {said}");
        assert_eq!(ended, status);
        drop(frozen);
        hold.end_waiting().await;
    }
}

async fn a_closed_terminal_leaves_a_save_that_hangs(Store { db, url }: Store) {
    let mut hold = Hold::on(&db, true).await;
    let mut session = hold.saving(&url).await;
    let Some(_frozen) = Frozen::server_of(&url) else { return };
    session.close();
    let (said, _) = session.has_ended(AT_ONCE);
    assert!(said.starts_with(UNKNOWN), "{said}");
}

async fn a_closed_terminal_waits_a_moment_for_a_save(Store { db, url }: Store) {
    let mut hold = Hold::on(&db, true).await;
    let mut session = hold.saving(&url).await;
    session.close();
    hold.release().await;
    let (said, _) = session.has_ended(AT_ONCE);
    // Nothing is to be said where the program was answered before it noticed the closing.
    assert!(said == SAVED || said.is_empty(), "{said}");
    assert_eq!(users(&db).await, 1, "and so it is");
}

async fn the_first_ctrl_q_waits_for_the_answer(Store { db, url }: Store) {
    let mut hold = Hold::on(&db, true).await;
    let mut session = hold.saving(&url).await;
    session.press(QUIT);
    session.sees("Leaving once");
    hold.release().await;
    let (said, status) = session.has_ended(PATIENCE);
    assert_eq!((said.as_str(), status), (SAVED, 0));
    assert_eq!(users(&db).await, 1, "and so it is");
}

async fn a_read_that_hangs_is_said_and_one_ctrl_q_leaves(Store { db, url }: Store) {
    let mut hold = Hold::on(&db, true).await;
    let mut session = hold.saving(&url).await;
    hold.release().await;
    session.sees("Signed in as");
    let Some(_frozen) = Frozen::server_of(&url) else { return };
    // Setup → Security → Users.
    session.press("\u{1b}m");
    session.sees("Esc Leave menu");
    session.press("\u{1b}[F\r");
    session.sees("has not answered for 8 seconds");
    session.press(QUIT);
    assert_eq!(session.has_ended(AT_ONCE), (String::new(), 0));
}

#[test]
fn a_save_that_fails_as_the_operator_leaves_is_said_on_standard_error() {
    on_sqlite(async |Store { db, url }| {
        let mut session = Session::start(&url);
        session.sees("Password again");
        // Another transaction locks the database, and does not end in time.
        let mut other = db.begin().await.expect("a transaction");
        let insert = "INSERT INTO next_numbers (name, last) VALUES ($1, $2)";
        other.execute(insert, vec!["a".into(), Bind::from(1)]).await.expect("a row");
        session.press(FIRST_ADMINISTRATOR);
        session.press(QUIT);
        session.sees("Leaving once");
        let (said, status) = session.has_ended(PATIENCE);
        assert!(said.starts_with(NOT_SAVED) && said.contains("busy"), "{said}");
        assert_eq!(status, 1);
    });
}

#[test]
fn a_terminal_that_takes_nothing_any_more_does_not_keep_the_program() {
    for signal in [Signal::TERM, Signal::HUP] {
        on_sqlite(async |Store { url, .. }: Store| {
            let mut session = Session::start(&url);
            session.sees("Password again");
            session.stop_output();
            // Drawing this, or restoring the terminal, blocks for ever.
            session.press("maria");
            session.signal(signal);
            let (_, status) = session.has_ended(AT_ONCE);
            assert_eq!(status, 128 + signal.as_raw().unsigned_abs());
        });
    }
}

async fn a_signal_ends_an_import_that_hangs_at_its_commit(Store { db, url }: Store) {
    let said = import_that_hangs(&db, &url, true).await;
    let unconfirmed = "the database did not confirm the objects of line 1; look whether they are there\n";
    assert!(said.is_none_or(|said| said.contains(unconfirmed)));
}

async fn a_signal_ends_an_import_that_hangs_before_its_commit(Store { db, url }: Store) {
    let said = import_that_hangs(&db, &url, false).await;
    let given_up =
        "was not imported to its end: it was asked to stop, and the database did not answer in time\n";
    assert!(said.is_none_or(|said| said.contains(given_up) && said.contains("Nothing of it was changed")));
}

/// What an import of a user says that is ended by SIGTERM while the server is frozen; `None` when it is left out.
async fn import_that_hangs(db: &Db, url: &str, at_commit: bool) -> Option<String> {
    let mut hold = Hold::on(db, at_commit).await;
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("users.json");
    let user = r#"{"@odata.type": "Systems_Security_User", "Login": "ann@mail.com", "Name": "Ann", "UserType": "EXT"}"#;
    fs::write(&file, user).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ccdesk"));
    command.arg("import").arg(&file).env_clear().env("HOME", folder.path()).env("CCDESK_DATABASE_URL", url);
    let mut import = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let held = async { while hold.waiting().await == 0 {} };
    tokio::time::timeout(PATIENCE, held).await.expect("it saves");
    let Some(frozen) = Frozen::server_of(url) else {
        import.kill().and_then(|()| import.wait()).expect("our own child");
        return None;
    };
    let process = Pid::from_raw(import.id().try_into().expect("a number")).expect("a process");
    let asked = Instant::now();
    kill_process(process, Signal::TERM).expect("it lives");
    let output = import.wait_with_output().expect("it ends");
    assert!(asked.elapsed() <= AT_ONCE, "it took {:?}", asked.elapsed());
    assert_eq!(output.status.code(), Some(143));
    drop(frozen);
    hold.end_waiting().await;
    Some(String::from_utf8(output.stderr).expect("UTF-8"))
}

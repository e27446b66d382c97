//! A save whose answer is lost: what has become of it is found out, or said to be unknown.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use ccdesk::domain::entities::user;
use ccdesk::domain::model::history::OperationId;
use ccdesk::domain::model::record::Draft;
use ccdesk::domain::model::value::Value;
use ccdesk::service::ServiceError;
use ccdesk::service::auth::Secret;
use ccdesk::service::back_office::{BackOffice, first_operator, operators_exist};
use ccdesk::service::write::{WriteContext, write};
use ccdesk::storage::db::{Create, Db, Engine};
use ccdesk::storage::error::StorageError;
use ccdesk::storage::history;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use uuid::Uuid;

use crate::back_office::{back_office, world};
use crate::company::{id, load, user_draft};
use crate::support::Store;

/// Where a connection is cut.
#[derive(Clone, Copy)]
enum Cut {
    /// Before the server hears of the `COMMIT`.
    BeforeCommit,
    /// Once the server has carried it out, before the answer.
    BeforeAnswer,
    /// Once its answer was carried back, and no connection reaches the server any more.
    AfterAnswer,
    /// Once the server has carried it out, and no connection reaches the server any more.
    ForGood,
    /// Once the server has carried it out, and new connections are taken and never answered.
    IntoSilence,
}

/// A stretch of network between the program and a PostgreSQL server, which cuts one connection.
struct Network {
    /// The address of the database by way of it.
    url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// The next `COMMIT` is cut.
    armed: AtomicBool,
    /// Nothing is carried any more.
    gone: AtomicBool,
    /// The connections that came since then and are held open.
    unanswered: Mutex<Vec<TcpStream>>,
}

impl Network {
    async fn before(url: &str, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let (user, server) = url.rsplit_once('@').expect("an address with a user");
        let (host, rest) = server.split_once('/').expect("a database");
        let (database, query) = rest.split_once('?').unwrap_or((rest, ""));
        let directory = query.split('&').find_map(|option| option.strip_prefix("host=")).map(str::to_owned);
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:5432") };
        let state = Arc::new(State::default());
        let of_all = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if of_all.gone.load(Ordering::SeqCst) {
                    if let Cut::IntoSilence = cut {
                        of_all.unanswered.lock().expect("one at a time").push(client);
                    }
                    continue;
                }
                let state = Arc::clone(&of_all);
                match &directory {
                    Some(directory) => {
                        let socket = format!("{directory}/.s.PGSQL.5432");
                        let server = UnixStream::connect(socket).await.expect("the server");
                        tokio::spawn(carry(client, server, cut, state));
                    }
                    None => {
                        let server = TcpStream::connect(&host).await.expect("the server");
                        tokio::spawn(carry(client, server, cut, state));
                    }
                }
            }
        });
        Self { url: format!("{user}@127.0.0.1:{port}/{database}"), state }
    }
}

/// Carries what both say, until one of them leaves or the connection is to be cut.
async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: TcpStream,
    mut server: S,
    cut: Cut,
    state: Arc<State>,
) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let is_commit = asked[..length].windows(7).any(|bytes| bytes == b"COMMIT\0");
                if state.gone.load(Ordering::SeqCst) {
                    return;
                }
                if is_commit && state.armed.swap(false, Ordering::SeqCst) {
                    state.gone.store(!matches!(cut, Cut::BeforeCommit | Cut::BeforeAnswer), Ordering::SeqCst);
                    if !matches!(cut, Cut::BeforeCommit) {
                        server.write_all(&asked[..length]).await.expect("the server listens");
                        let answer = server.read(&mut answered).await.expect("the server answers");
                        assert!(answer > 0, "the server was there to the end");
                        if let Cut::AfterAnswer = cut {
                            client.write_all(&answered[..answer]).await.expect("the program listens");
                        }
                    }
                    return;
                }
                if server.write_all(&asked[..length]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&answered[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// The same operator by way of another connection.
fn by_way_of(db: &Db, back_office: &BackOffice) -> BackOffice {
    BackOffice { db: db.clone(), ..back_office.clone() }
}

pub(crate) async fn promise_32_what_became_of_a_save_whose_answer_is_lost_is_found_out(
    Store { db, url }: Store,
) {
    let near = back_office(&db, "admin", true).await;
    for (cut, login) in [(Cut::BeforeAnswer, "zoe"), (Cut::BeforeCommit, "mia"), (Cut::ForGood, "ida")] {
        let network = Network::before(&url, cut).await;
        let far = Db::open(&network.url, Create::MustExist).await.expect("it opens by way of the network");
        let new = by_way_of(&far, &near).new_draft(user_draft(login, login, None)).await.expect("a draft");
        network.state.armed.store(true, Ordering::SeqCst);
        let saved = by_way_of(&far, &near).save(&new, false).await;
        let stored = near.record(&user::USER, new.id).await;
        match cut {
            Cut::BeforeAnswer => assert_eq!(saved, stored),
            Cut::BeforeCommit => {
                assert_eq!(saved, Err(StorageError::NotCommitted.into()));
                assert_eq!(stored, Err(ServiceError::NotFound));
            }
            Cut::AfterAnswer | Cut::ForGood | Cut::IntoSilence => {
                let Err(ServiceError::OutcomeUnknown(operation)) = saved else { panic!("{saved:?}") };
                let mut conn = db.read().await.expect("a connection");
                let written = history::of_operation(&mut conn, operation).await.expect("its entries");
                assert_eq!(written.iter().map(|entry| entry.record).collect::<Vec<_>>(), [new.id]);
            }
        }
        let again = near.save(&new, false).await.expect("saved again");
        assert_eq!((again.id, again.version), (new.id, 1), "there is one record, whatever became of it");
        let mut changed = Draft::of(again);
        changed.set(&user::PHONE_NUMBER.def, Value::text("555"));
        let once = near.save(&changed, false).await.expect("changed");
        assert_eq!(near.save(&changed, false).await, Ok(once), "a change that is stored is not made twice");
        far.close().await;
    }
}

pub(crate) async fn promise_32_what_fails_behind_the_commit_does_not_unmake_the_first_administrator(
    Store { db, url }: Store,
) {
    let network = Network::before(&url, Cut::AfterAnswer).await;
    let far = Db::open(&network.url, Create::MustExist).await.expect("it opens by way of the network");
    network.state.armed.store(true, Ordering::SeqCst);
    let password = Secret::new("nine lives of a tabby".to_owned());
    let made = first_operator(&far, &world(), "ada", "Ada", &password).await;
    assert_eq!(made.map(|back_office| back_office.who.login), Ok("ada".to_owned()));
    assert_eq!(operators_exist(&db).await, Ok(true));
}

pub(crate) async fn promise_32_a_save_that_is_given_up_while_it_is_found_out_about_is_unknown(
    Store { db, url }: Store,
) {
    let near = back_office(&db, "admin", true).await;
    let network = Network::before(&url, Cut::IntoSilence).await;
    let far = Db::open(&network.url, Create::MustExist).await.expect("it opens by way of the network");
    let by_far = by_way_of(&far, &near);
    let new = by_far.new_draft(user_draft("zoe", "Zoe", None)).await.expect("a draft");
    network.state.armed.store(true, Ordering::SeqCst);
    let saving = tokio::spawn(async move { by_far.save(&new, false).await });
    while network.state.unanswered.lock().expect("one at a time").is_empty() {
        assert!(!saving.is_finished(), "the save ended before the server was asked about it");
        tokio::task::yield_now().await;
    }
    saving.abort();
    assert!(saving.await.is_err_and(|error| error.is_cancelled()));
    assert_eq!(far.unanswered_commits(), 1, "whoever leaves now is not told that nothing was saved");
}

pub(crate) async fn an_operation_that_is_being_written_is_waited_for(Store { db, .. }: Store) {
    let world = world();
    let mut tx = db.begin().await.expect("a transaction");
    let context = WriteContext::new(&world, "admin", "en");
    let operation = context.operation;
    let mut new = user_draft("zoe", "Zoe", None);
    new.id = id(1);
    write(&mut tx, &context, &new).await.expect("it is written");
    let asking = db.clone();
    let asked = tokio::spawn(async move {
        let mut tx = asking.begin().await?;
        history::is_written(&mut tx, operation).await
    });
    if db.engine() == Engine::Postgres {
        let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        let mut conn = db.read().await.expect("a connection");
        while conn.fetch_one(waiting, vec![]).await.expect("a count").int(0) == Ok(0) {
            assert!(!asked.is_finished(), "it was answered before the end was known");
            tokio::task::yield_now().await;
        }
    } else {
        tokio::task::yield_now().await;
    }
    tx.commit().await.expect("it stays");
    assert_eq!(asked.await.expect("an answer"), Ok(true));
    load(&mut db.read().await.expect("a connection"), &user::USER, id(1)).await;
}

pub(crate) async fn an_operation_that_wrote_nothing_is_known_not_to_be_written(Store { db, .. }: Store) {
    let mut tx = db.begin().await.expect("a transaction");
    assert_eq!(history::is_written(&mut tx, OperationId(Uuid::now_v7())).await, Ok(false));
}

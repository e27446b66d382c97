//! A save whose answer is lost: what has become of it is found out, or said to be unknown.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ccdesk::domain::entities::user;
use ccdesk::domain::model::history::OperationId;
use ccdesk::domain::model::value::Value;
use ccdesk::service::ServiceError;
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::back_office::records::OperationOutcome;
use ccdesk::service::write::{WriteContext, write};
use ccdesk::storage::db::{Create, Db, Engine};
use ccdesk::storage::error::StorageError;
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
}

/// A stretch of network between the program and a PostgreSQL server, which cuts one connection.
struct Network {
    /// The address of the database by way of it.
    url: String,
    cuts: Arc<AtomicBool>,
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
        let cuts = Arc::new(AtomicBool::new(false));
        let armed = Arc::clone(&cuts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let armed = Arc::clone(&armed);
                match &directory {
                    Some(directory) => {
                        let socket = format!("{directory}/.s.PGSQL.5432");
                        let server = UnixStream::connect(socket).await.expect("the server");
                        tokio::spawn(carry(client, server, cut, armed));
                    }
                    None => {
                        let server = TcpStream::connect(&host).await.expect("the server");
                        tokio::spawn(carry(client, server, cut, armed));
                    }
                }
            }
        });
        Self { url: format!("{user}@127.0.0.1:{port}/{database}"), cuts }
    }
}

/// Carries what both say, until one of them leaves or the connection is to be cut.
async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: TcpStream,
    mut server: S,
    cut: Cut,
    armed: Arc<AtomicBool>,
) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let is_commit = asked[..length].windows(7).any(|bytes| bytes == b"COMMIT\0");
                if is_commit && armed.swap(false, Ordering::SeqCst) {
                    if let Cut::BeforeAnswer = cut {
                        server.write_all(&asked[..length]).await.expect("the server listens");
                        let answer = server.read(&mut answered).await.expect("the server answers");
                        assert!(answer > 0, "the server was there to the end");
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

fn operation() -> OperationId {
    OperationId(Uuid::now_v7())
}

/// The same operator by way of another connection.
fn by_way_of(db: &Db, back_office: &BackOffice) -> BackOffice {
    BackOffice { db: db.clone(), ..back_office.clone() }
}

pub(crate) async fn promise_18_a_commit_whose_answer_is_lost_is_found_out(Store { db, url }: Store) {
    if db.engine() == Engine::Sqlite {
        return; // No network lies between the program and its file.
    }
    let near = back_office(&db, "admin", true).await;
    for (cut, login, outcome) in [
        (Cut::BeforeAnswer, "zoe", OperationOutcome::Saved),
        (Cut::BeforeCommit, "mia", OperationOutcome::NotSaved),
    ] {
        let network = Network::before(&url, cut).await;
        let far = Db::open(&network.url, Create::MustExist).await.expect("it opens by way of the network");
        let begun = operation();
        let far = by_way_of(&far, &near).in_operation(begun);
        let new = far.new_draft(user_draft(login, login, None)).await.expect("a new draft");
        network.cuts.store(true, Ordering::SeqCst);
        let lost = far.save(&new, false).await.expect_err("the answer is lost");
        assert_eq!(lost, ServiceError::Storage(Arc::new(StorageError::CommitUnknown)));
        assert_eq!(far.outcome(begun).await, Ok(outcome), "{login}");
        assert_eq!(near.outcome(begun).await, Ok(outcome), "whoever asks");
        let saved = far.save(&new, false).await.expect("saved again");
        assert_eq!((saved.id, saved.version), (new.id, 1), "there is one record, whatever the outcome was");
        assert_eq!(near.outcome(begun).await, Ok(OperationOutcome::Saved));
        far.db.close().await;
    }
}

pub(crate) async fn an_operation_that_is_being_written_is_waited_for(Store { db, .. }: Store) {
    let asking = back_office(&db, "admin", true).await;
    let begun = operation();
    let world = world();
    let mut tx = db.begin().await.expect("a transaction");
    let context = WriteContext::of_operation(begun, &world, "admin", "en");
    let mut new = user_draft("zoe", "Zoe", None);
    new.id = id(1);
    write(&mut tx, &context, &new).await.expect("it is written");
    let asked = tokio::spawn(async move { asking.outcome(begun).await });
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
    assert_eq!(asked.await.expect("an answer"), Ok(OperationOutcome::Saved));
    load(&mut db.read().await.expect("a connection"), &user::USER, id(1)).await;
}

pub(crate) async fn an_operation_that_was_refused_was_not_saved(Store { db, .. }: Store) {
    let begun = operation();
    let clerk = back_office(&db, "clerk", false).await.in_operation(begun);
    let mut new = user_draft("zoe", "Zoe", None);
    new.set(&user::IS_ADMIN.def, Value::Bool(true));
    let refused = clerk.save(&new, false).await;
    assert!(matches!(refused, Err(ServiceError::Denied(_))), "{refused:?}");
    assert_eq!(
        clerk.outcome(begun).await,
        Ok(OperationOutcome::NotSaved),
        "history tells only of the refusal"
    );
}

pub(crate) async fn without_a_database_the_outcome_is_unknown(Store { db, .. }: Store) {
    let back_office = back_office(&db, "admin", true).await;
    let never = operation();
    assert_eq!(back_office.outcome(never).await, Ok(OperationOutcome::NotSaved));
    db.close().await;
    assert_eq!(back_office.outcome(never).await, Ok(OperationOutcome::Unknown));
}

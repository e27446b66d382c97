//! Measures what the proposals for one request cost, beside the bare statement that finds its candidates by their keys
//! (`docs/promises.md`, 30). What matters is that a request costs as much over many users as over few.
//!
//! `cargo bench --bench proposals` makes a thousand and a hundred thousand users; `CCDESK_BENCH_USERS=1000000 cargo bench
//! --bench proposals` a million, which takes some minutes and gigabytes below the temporary directory.

use std::sync::OnceLock;

use ccdesk::domain::account_request::RequestState;
use ccdesk::domain::entities::user;
use ccdesk::domain::matching::{self, Asked};
use ccdesk::domain::model::query::{Filter, ListQuery, PageCursor};
use ccdesk::domain::model::value::RecordId;
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::exchange::{self, Options};
use ccdesk::service::{Policy, World, database};
use ccdesk::storage::candidates;
use ccdesk::storage::db::Create;
use divan::Bencher;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The number of requests, which take turns.
const REQUESTS: usize = 200;

fn main() {
    divan::main();
}

/// The numbers of users measured.
fn sizes() -> Vec<u64> {
    let named = std::env::var("CCDESK_BENCH_USERS").ok().and_then(|users| users.parse().ok());
    named.map_or_else(|| vec![1_000, 100_000], |users| vec![users])
}

/// The demo company with a number of generated users, made once.
struct Company {
    runtime: Runtime,
    back_office: BackOffice,
    pending: Vec<RecordId>,
    _directory: TempDir,
}

impl Company {
    fn of(users: u64) -> &'static Self {
        static MADE: [OnceLock<Company>; 2] = [const { OnceLock::new() }; 2];
        let index = sizes().iter().position(|size| *size == users).expect("one of the sizes");
        MADE[index].get_or_init(|| Self::make(users))
    }

    fn make(users: u64) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let url = format!("sqlite:{}", directory.path().join("bench.db").display());
        let runtime = Runtime::new().expect("a runtime");
        let (back_office, pending) = runtime.block_on(async {
            let world = World::real(Policy::default());
            let db = database::open(&url, Create::IfMissing, &world).await.expect("a new database");
            let company: &[u8] = include_bytes!("../assets/demo/company.json");
            let options = Options { login: "bench".to_owned(), ..Options::default() };
            exchange::import(&db, &world, company, &options, &mut |_| {}).await.expect("the demo company");
            let back_office = BackOffice::for_command_line(&db, &world);
            back_office.generate(users, 1, |_| {}).await.expect("generated users");
            let waiting = ListQuery {
                filters: vec![Filter::Request(RequestState::Pending)],
                ..ListQuery::all(&user::USER)
            };
            let page = back_office.rows(&waiting, &PageCursor::Last, REQUESTS).await.expect("the requests");
            (back_office, page.rows.iter().map(|row| row.id).collect())
        });
        Self { runtime, back_office, pending, _directory: directory }
    }

    fn asked(&self) -> Vec<Asked> {
        self.runtime.block_on(async {
            let mut conn = self.back_office.db.read().await.expect("a connection");
            let requests = candidates::requests(&mut conn, &self.pending).await.expect("the requests");
            requests.into_iter().filter_map(|request| request.asked).collect()
        })
    }
}

/// The proposals for one request, as the console asks for them.
#[divan::bench(args = sizes())]
fn one_request(bencher: Bencher<'_, '_>, users: u64) {
    let company = Company::of(users);
    let mut turn = company.pending.iter().cycle();
    bencher.bench_local(|| {
        let user = *turn.next().expect("a request");
        company.runtime.block_on(company.back_office.proposals(&[user])).expect("proposals")
    });
}

/// The bare statement that finds the candidates of one request by its keys.
#[divan::bench(args = sizes())]
fn bare_keys(bencher: Bencher<'_, '_>, users: u64) {
    let company = Company::of(users);
    let asked = company.asked();
    let mut turn = asked.iter().cycle();
    bencher.bench_local(|| {
        let wanted = matching::wanted(turn.next().expect("a request"));
        let keys = &(&wanted.logins | &wanted.persons) | &wanted.companies;
        company.runtime.block_on(async {
            let mut conn = company.back_office.db.read().await.expect("a connection");
            ccdesk::storage::match_keys::find(&mut conn, &keys, matching::Wanted::MOST)
                .await
                .expect("the keys")
                .len()
        })
    });
}

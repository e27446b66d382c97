//! Measures what a key costs in the Users navigator, beside the bare statement that reads as many rows, with a
//! thousand users and with a hundred times as many. What matters are the ratios within one run: of a page to its bare
//! statement, and of many users to few.
//!
//! `cargo bench --bench lists`

use std::sync::OnceLock;

use ccdesk::domain::entities::user;
use ccdesk::domain::model::query::{Filter, ListQuery, Page, PageCursor};
use ccdesk::domain::model::value::Value;
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::exchange::{self, Options};
use ccdesk::service::{Policy, World, back_office, database};
use ccdesk::storage::db::Create;
use ccdesk::storage::records::{self, FindBy};
use divan::Bencher;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The numbers of users measured.
const SIZES: [u64; 2] = [1_000, 100_000];

/// The number of rows that the navigator reads at a time.
const ROWS: usize = 80;

fn main() {
    divan::main();
}

/// The demo company with a number of generated users, made once.
struct Company {
    runtime: Runtime,
    back_office: BackOffice,
    _directory: TempDir,
}

impl Company {
    fn of(users: u64) -> &'static Self {
        static MADE: [OnceLock<Company>; SIZES.len()] = [const { OnceLock::new() }; SIZES.len()];
        let index = SIZES.iter().position(|size| *size == users).expect("one of the sizes");
        MADE[index].get_or_init(|| Self::make(users))
    }

    fn make(users: u64) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let url = format!("sqlite:{}", directory.path().join("bench.db").display());
        let runtime = Runtime::new().expect("a runtime");
        let back_office = runtime.block_on(async {
            let world = World::real(Policy::default());
            let db = database::open(&url, Create::IfMissing, &world).await.expect("a new database");
            let company: &[u8] = include_bytes!("../assets/demo/company.json");
            let options = Options { login: "bench".to_owned(), ..Options::default() };
            exchange::import(&db, &world, company, &options, &mut |_| {}).await.expect("the demo company");
            let login = Value::text("mkoleva");
            let by = FindBy::Field(&user::LOGIN.def, &login);
            let found = records::find(&mut db.read().await.expect("a connection"), &user::USER, by).await;
            let operator = found.expect("an answer").expect("the demo's operator");
            let back_office =
                back_office::open_without_password(&db, &world, operator).await.expect("a back office");
            back_office.generate(users, 1, |_| {}).await.expect("generated users");
            back_office
        });
        Self { runtime, back_office, _directory: directory }
    }

    fn page(&self, query: &ListQuery, page_cursor: &PageCursor) -> Page {
        self.runtime.block_on(self.back_office.rows(query, page_cursor, ROWS)).expect("a page")
    }

    fn judged(&self) -> ListQuery {
        ListQuery {
            judged_at: self.back_office.who.site.as_ref().map(|site| site.id),
            ..ListQuery::all(&user::USER)
        }
    }

    fn named(&self, text: &str) -> ListQuery {
        ListQuery { filters: vec![Filter::Contains(&user::NAME.def, text.to_owned())], ..self.judged() }
    }

    fn bare(&self, sql: &'static str) -> usize {
        let rows = self.runtime.block_on(async {
            let mut conn = self.back_office.db.read().await.expect("a connection");
            conn.fetch_all(sql, vec![]).await.expect("rows")
        });
        rows.len()
    }
}

#[divan::bench(args = SIZES)]
fn home(bencher: Bencher<'_, '_>, users: u64) {
    let company = Company::of(users);
    let query = company.judged();
    bencher.bench(|| company.page(&query, &PageCursor::First));
}

#[divan::bench(args = SIZES)]
fn end(bencher: Bencher<'_, '_>, users: u64) {
    let company = Company::of(users);
    let query = company.judged();
    bencher.bench(|| company.page(&query, &PageCursor::Last));
}

#[divan::bench(args = SIZES)]
fn page_down(bencher: Bencher<'_, '_>, users: u64) {
    let company = Company::of(users);
    let query = company.judged();
    let key = company.page(&query, &PageCursor::First).rows.pop().expect("a row").key;
    bencher.bench(|| company.page(&query, &PageCursor::After(key.clone())));
}

#[divan::bench(args = SIZES)]
fn bare_page(bencher: Bencher<'_, '_>, users: u64) {
    let company = Company::of(users);
    bencher.bench(|| {
        company.bare(
            "SELECT id, login, name, is_admin, notes, person, active, user_type, company_name, email,
                    creation_time_utc
               FROM sec_users ORDER BY login_fold, id LIMIT 81",
        )
    });
}

#[divan::bench(args = SIZES)]
fn filter_that_finds_many(bencher: Bencher<'_, '_>, users: u64) {
    let company = Company::of(users);
    let query = company.named("an");
    bencher.bench(|| company.page(&query, &PageCursor::First));
}

#[divan::bench(args = SIZES)]
fn filter_that_finds_nobody(bencher: Bencher<'_, '_>, users: u64) {
    let company = Company::of(users);
    let query = company.named("zqx");
    bencher.bench(|| company.page(&query, &PageCursor::First));
}

#[divan::bench(args = SIZES)]
fn bare_filter_that_finds_nobody(bencher: Bencher<'_, '_>, users: u64) {
    let company = Company::of(users);
    bencher.bench(|| {
        company.bare(
            "SELECT id FROM sec_users WHERE instr(name_fold, 'zqx') > 0 ORDER BY login_fold, id LIMIT 81",
        )
    });
}

//! The views of the Users navigator.

use std::io::Cursor;

use ccdesk::domain::entities::{user, web_site};
use ccdesk::domain::model::query::ListQuery;
use ccdesk::domain::model::value::Value;
use ccdesk::service::database;
use ccdesk::service::exchange::{Options, import};
use ccdesk::storage::db::Create;
use ccdesk::storage::list::JudgedAt;
use ccdesk::storage::{facts, list, records};

use crate::support::Store;
use crate::world;

const COMPANY: &str = include_str!("../../assets/demo/company.json");
const README: &str = include_str!("../../assets/demo/README.md");

/// A user of the demo company, as its README tells.
struct Told {
    code_at_cc: &'static str,
    warnings: &'static str,
    shows: &'static str,
}

impl Told {
    fn everybody() -> Vec<Self> {
        let section = README.split_once("\n## Users\n").expect("the section").1;
        let section = section.split_once("\n## ").expect("the next one").0;
        let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
        rows.map(|row| {
            let values: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            Self { code_at_cc: values[1], warnings: values[3], shows: values[4] }
        })
        .collect()
    }

    fn is_internal(&self) -> bool {
        self.shows.starts_with("internal, ") || self.shows.starts_with("the operator")
    }

    fn is_external(&self) -> bool {
        !self.is_internal() && !self.warnings.contains("type that cannot sign in")
    }

    fn is_inactive(&self) -> bool {
        self.warnings.contains("user inactive")
    }

    fn is_in(&self, view: &str) -> bool {
        match view {
            "Pending" => self.shows.starts_with("pending"),
            // No request waits when it comes.
            "Waiting" => false,
            "Blocked" => self.is_external() && !self.is_inactive() && self.code_at_cc != "✓",
            "External" => self.is_external(),
            "Internal" => self.is_internal(),
            "Inactive" => self.is_inactive(),
            "All" => true,
            other => panic!("no view {other}"),
        }
    }
}

pub(crate) async fn the_views_of_the_demo_company_count_as_its_readme_says(store: Store) {
    let db = database::open(&store.url, Create::IfMissing, &world()).await.expect("the database");
    let options = Options { login: "import".to_owned(), ..Options::default() };
    let done = import(&db, &world(), Cursor::new(COMPANY), &options, &mut |_| {}).await;
    assert_eq!(done.expect("it is read").failed, 0);
    let mut conn = db.read().await.expect("a connection");
    let cc = Value::text("cc");
    let site = records::find(
        &mut conn,
        &web_site::WEB_SITE,
        records::FindBy::Field(&web_site::RELATIVE_URL.def, &cc),
    );
    let site = site.await.expect("an answer").expect("the site");
    let facts = facts::site(&mut conn, site, "en").await.expect("an answer");
    let everybody = Told::everybody();
    let names: Vec<&str> = user::VIEWS.iter().map(|view| view.name).collect();
    assert_eq!(names, ["Pending", "Waiting", "Blocked", "External", "Internal", "Inactive", "All"]);
    for view in &user::VIEWS {
        let query = ListQuery {
            filters: (view.filters)(world().today()),
            judged_at: Some(site),
            ..ListQuery::all(&user::USER)
        };
        let at = facts.as_ref().map(|site| JudgedAt { site, today: world().today() });
        let counted = list::count(&mut conn, &query, at).await.expect("a count");
        let told = everybody.iter().filter(|user| user.is_in(view.name)).count();
        assert!(told > 0 || view.name == "Waiting");
        assert_eq!(usize::try_from(counted), Ok(told), "{}", view.name);
    }
}

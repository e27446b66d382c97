//! Small inputs that went wrong once, in `tests/data/cases`, each into a fresh demo company, by the built program and on
//! both engines.

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ccdesk::domain::entities::{company, party, person, user, web_site};
use ccdesk::domain::model::instant::Instant;
use ccdesk::domain::model::record::{Fields, Record};
use ccdesk::domain::model::schema::EntityDef;
use ccdesk::domain::model::value::RecordId;
use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::records::load;
use serde_json::{Value as Json, json};
use support::Store;
use tempfile::TempDir;

on_both_engines! {
    a_number_with_a_blank_counts_and_the_next_two_follow,
    an_expanded_access_is_an_access,
    two_sites_without_relative_url_are_told_apart_by_their_host,
    a_sales_order_type_under_its_real_name_serves_new_orders,
    four_objects_break_a_rule_each,
    find_actions_leave_what_they_find_as_it_is,
    instants_are_taken_to_the_last_and_with_their_time_zone,
    utf_16_is_read,
    what_looks_alike_is_flagged_wherever_people_are_listed,
    an_e_mail_is_the_same_in_both_forms_of_unicode,
}

/// The demo company in a database, and the program to work on it.
struct Demo {
    url: String,
    db: Db,
    home: TempDir,
}

impl Demo {
    async fn new(store: Store) -> Self {
        let url = store.empty_database().await;
        let home = TempDir::new().expect("a directory");
        let company = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/company.json");
        run(&url, &home, &["import", &company.display().to_string()], "");
        let db = Db::open(&url, Create::MustExist).await.expect("the demo company");
        Self { url, db, home }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(&self.url, &self.home, arguments, "")
    }

    /// Imports a case; the lines of its report.
    fn import(&self, case: &str) -> Vec<Json> {
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cases").join(case);
        let report = self.report();
        self.run(&[
            "import",
            &case.display().to_string(),
            "--report",
            &report.display().to_string(),
            "--force",
        ]);
        json_lines(&std::fs::read_to_string(report).expect("a report"))
    }

    fn report(&self) -> PathBuf {
        self.home.path().join("report.jsonl")
    }

    fn json(&self, arguments: &[&str]) -> Vec<Json> {
        json_lines(&self.run(&[arguments, &["--format", "json"]].concat()).out)
    }

    async fn record(&self, entity: &'static EntityDef, id: &str) -> Record {
        let id = RecordId(id.parse().expect("an id"));
        let mut conn = self.db.read().await.expect("a connection");
        load(&mut conn, entity, id, "en").await.expect("an answer").expect("the record")
    }
}

struct Ran {
    status: Option<i32>,
    out: String,
    err: String,
}

fn run(url: &str, home: &TempDir, arguments: &[&str], input: &str) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ccdesk"));
    command.env("HOME", home.path()).env("CCDESK_DATABASE_URL", url).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    // A program that reads nothing closes the pipe.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let done = child.wait_with_output().expect("its end");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran { status: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
}

fn json_lines(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// What became of each object of a report: its state, or `fail`.
fn states(report: &[Json]) -> Vec<&str> {
    let state =
        |line: &'_ Json| if line["@erpnet.result"] == "fail" { "@erpnet.result" } else { "@erpnet.state" };
    report.iter().map(|line| line[state(line)].as_str().expect("a result")).collect()
}

async fn a_number_with_a_blank_counts_and_the_next_two_follow(store: Store) {
    let demo = Demo::new(store).await;
    assert_eq!(states(&demo.import("numbers-blank.jsonl")), ["Added"; 3]);
    for (number, code) in [(1, "00126"), (2, "00127"), (3, "00128")] {
        let id = format!("11111111-0000-4000-8000-00000000000{number}");
        assert_eq!(demo.record(&company::COMPANY, &id).await.get(&party::PARTY_CODE), Some(code));
    }
}

async fn an_expanded_access_is_an_access(store: Store) {
    let demo = Demo::new(store).await;
    assert_eq!(states(&demo.import("expanded-access.jsonl")), ["Added"; 4]);
    let access = demo.json(&["access", "list", "--customer", "00900"]);
    assert_eq!(access.len(), 1);
    let facts = ["login", "role_code", "days_back", "notes"].map(|name| access[0][name].clone());
    let expected =
        [json!("rita.expanded@mail.example"), json!("L40"), json!(90), json!("from an expanded query")];
    assert_eq!(facts, expected);
    assert_eq!(states(&demo.import("expanded-access.jsonl")), ["Unchanged"; 4]);
}

async fn two_sites_without_relative_url_are_told_apart_by_their_host(store: Store) {
    let demo = Demo::new(store).await;
    for state in ["Added", "Unchanged"] {
        assert_eq!(states(&demo.import("web-sites.jsonl")), [state; 2]);
    }
    for (number, host) in [(1, "clients.example"), (2, "erp.example")] {
        let id = format!("44444444-0000-4000-8000-00000000000{number}");
        let site = demo.record(&web_site::WEB_SITE, &id).await;
        assert_eq!((site.get(&web_site::RELATIVE_URL), site.get(&web_site::WEB_HOST)), (None, Some(host)));
    }
}

async fn a_sales_order_type_under_its_real_name_serves_new_orders(store: Store) {
    let demo = Demo::new(store).await;
    assert_eq!(states(&demo.import("sales-order-type.jsonl")), ["Added"; 2]);
    let checked = demo.json(&["check", "chris_armstrong@mail.com", "--site", "cc-orders"]);
    assert_eq!(checked[0]["codes"]["CC009"], json!("ok"));
}

async fn four_objects_break_a_rule_each(store: Store) {
    let demo = Demo::new(store).await;
    let report = demo.import("rules-refused.jsonl");
    assert_eq!(states(&report), ["fail"; 4]);
    for (line, named) in report.iter().zip(["Is Admin", "Default Language", "Relative Url", "Relative Url"]) {
        let message = line["@erpnet.message"].as_str().expect("a message");
        assert!(message.contains(named), "{message}");
    }
}

async fn find_actions_leave_what_they_find_as_it_is(store: Store) {
    let demo = Demo::new(store).await;
    let report = demo.import("find-actions.jsonl");
    assert!(report.iter().all(|line| line["@erpnet.result"] == "success"), "{report:?}");
    let found = demo.record(&company::COMPANY, "11111111-0000-4000-8000-000000000020").await;
    assert_eq!(found.get(&company::NAME).map(|name| name.text("en")), Some("Found Ltd."));
    let fina = demo.record(&person::PERSON, "66666666-0000-4000-8000-000000000001").await;
    assert_eq!(fina.get(&party::PARENT_PARTY).map(|parent| parent.id), Some(found.id));
    let nil = demo.record(&person::PERSON, "66666666-0000-4000-8000-000000000002").await;
    assert_eq!(nil.get(&party::PARENT_PARTY), None);
}

async fn instants_are_taken_to_the_last_and_with_their_time_zone(store: Store) {
    let demo = Demo::new(store).await;
    assert_eq!(states(&demo.import("instants.jsonl")), ["Added"; 2]);
    let locked = demo.record(&user::USER, "33333333-0000-4000-8000-000000000002").await;
    assert_eq!(locked.get(&user::LOCKOUT_END_UTC), Some(Instant::MAX));
    let zoned = demo.record(&user::USER, "33333333-0000-4000-8000-000000000003").await;
    let created = zoned.get(&user::CREATION_TIME_UTC).map(|at| at.to_string());
    assert_eq!(created.as_deref(), Some("2024-04-01T00:25:00Z"));
    assert_eq!(zoned.get(&user::NOTES), None);
    assert_eq!(states(&demo.import("instants.jsonl")), ["Unchanged"; 2]);
}

async fn utf_16_is_read(store: Store) {
    let demo = Demo::new(store).await;
    let report = demo.import("utf16.json");
    assert_eq!(states(&report), ["Added"]);
    let id = report[0]["@odata.id"].as_str().and_then(|id| id.split(['(', ')']).nth(1)).expect("an id");
    let company = demo.record(&company::COMPANY, id).await;
    assert_eq!(company.get(&company::NAME).map(|name| name.text("en")), Some("Шестнайсет ООД"));
}

async fn what_looks_alike_is_flagged_wherever_people_are_listed(store: Store) {
    let demo = Demo::new(store).await;
    demo.import("look-alikes.jsonl");
    for login in ["mkoIeva", "u77"] {
        let checked = demo.json(&["check", login, "--site", "cc"]);
        let warnings = checked[0]["warnings"].to_string();
        assert!(warnings.contains("resembles"), "{login}: {warnings}");
        let requests = demo.json(&["request", "list"]);
        let request = requests.iter().find(|one| one["login"] == login).expect("it waits");
        assert!(request["warnings"].to_string().contains("resembles"), "{request}");
        let granted = demo.run(&["access", "grant", login, "00028"]);
        assert_eq!(granted.status, Some(1), "{}", granted.err);
        assert!(granted.err.contains("looks like") || granted.err.contains("resembles"), "{}", granted.err);
    }
}

async fn an_e_mail_is_the_same_in_both_forms_of_unicode(store: Store) {
    let demo = Demo::new(store).await;
    for email in ["a\u{301}nn@mail.example", "ánn@mail.example"] {
        let add = ["request", "add", "--email", email, "--name", "Ann Lee"];
        let added = run(&demo.url, &demo.home, &add, "korrekt pferd batterie klammer\n");
        assert_eq!(added.status, Some(0), "{}", added.err);
    }
    let requests = demo.json(&["request", "list"]);
    let logins: Vec<_> = requests
        .iter()
        .map(|one| &one["login"])
        .filter(|login| login.to_string().contains("nn@mail"))
        .collect();
    assert_eq!(logins, [&json!("ánn@mail.example")]);
}

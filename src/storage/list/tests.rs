//! The query plans of SQLite: a page anywhere in a long list is read from an index that has its order.

use jiff::civil::date;
use tempfile::TempDir;
use uuid::Uuid;

use super::page::{List, Start};
use crate::domain::entities::{customer, external_access, party, person, user};
use crate::domain::model::query::{Filter, Key, KeyPart, ListQuery, Sort};
use crate::domain::model::value::{RecordId, Value};
use crate::storage::db::{Create, Db, Session, Sql};
use crate::storage::statement::Binds;

/// The lines of the plan of SQLite for a page of a query.
async fn plan(s: &mut Session, query: &ListQuery, start: Start<'_>, backwards: bool) -> String {
    let list = List { query, judged: None, language: "en" };
    let mut binds = Binds::default();
    let (sql, _) = list.page(s.engine(), start, backwards, 50, &mut binds).expect("a statement");
    let rows = s
        .fetch_all(Sql::built(format!("EXPLAIN QUERY PLAN {sql}")), binds.into_values())
        .await
        .expect("a plan");
    rows.iter().map(|row| row.text(3).expect("a line")).collect::<Vec<_>>().join("\n")
}

/// The start and the direction of the first and the last page, and of the pages after and before a row.
fn starts(key: &Key) -> [(Start<'_>, bool); 4] {
    [(Start::First, false), (Start::First, true), (Start::After(key), false), (Start::After(key), true)]
}

#[tokio::test]
async fn a_page_is_read_from_the_index_of_its_order() {
    let directory = TempDir::new().expect("a directory");
    let url = format!("sqlite:{}", directory.path().join("plan.db").display());
    let db = Db::open(&url, Create::IfMissing).await.expect("a database");
    let mut conn = db.read().await.expect("a connection");
    let text = || KeyPart::Text("m".to_owned());
    for (entity, field, part, index) in [
        (&user::USER, &user::LOGIN.def, text(), "sec_users_login_fold"),
        (&user::USER, &user::NAME.def, text(), "sec_users_name_sort"),
        (&user::USER, &user::EMAIL.def, text(), "sec_users_email_fold"),
        (&user::USER, &user::COMPANY_NAME.def, text(), "sec_users_company_name_fold"),
        (&user::USER, &user::CREATION_TIME_UTC.def, KeyPart::Int(None), "sec_users_creation_time_utc"),
        (&party::PARTY, &party::PARTY_NAME.def, text(), "gen_parties_party_name_sort"),
        (&party::PARTY, &party::PARTY_CODE.def, text(), "gen_parties_party_code_fold"),
        (&person::PERSON, &party::PARTY_NAME.def, text(), "gen_parties_party_type_party_name_sort"),
        (&person::PERSON, &party::PARTY_CODE.def, text(), "gen_parties_party_type_party_code_fold"),
        (&customer::CUSTOMER, &customer::NUMBER.def, text(), "crm_customers_number_fold"),
    ] {
        let key = Key { values: vec![part], id: RecordId(Uuid::from_u128(1)) };
        for descending in [false, true] {
            let query = ListQuery { sort: vec![Sort { field, descending }], ..ListQuery::all(entity) };
            for (start, backwards) in starts(&key) {
                let plan = plan(&mut conn, &query, start, backwards).await;
                let uses_only_index =
                    plan.contains(&format!("COVERING INDEX {index}")) && !plan.contains('\n');
                let seeks_start = matches!(start, Start::First) || plan.starts_with("SEARCH");
                assert!(uses_only_index && seeks_start, "{query:?} {backwards}: {plan}");
            }
        }
    }
}

#[tokio::test]
async fn a_filter_keeps_the_index_of_the_order() {
    let directory = TempDir::new().expect("a directory");
    let url = format!("sqlite:{}", directory.path().join("plan.db").display());
    let db = Db::open(&url, Create::IfMissing).await.expect("a database");
    let mut conn = db.read().await.expect("a connection");
    let by_login = vec![Sort { field: &user::LOGIN.def, descending: false }];
    for filter in [
        Filter::Contains(&user::NAME.def, "chris".to_owned()),
        Filter::Contains(&user::PERSON.def, "chris".to_owned()),
        Filter::OneOf(&user::ACTIVE.def, vec![Value::Bool(true)]),
    ] {
        let query =
            ListQuery { sort: by_login.clone(), filters: vec![filter], ..ListQuery::all(&user::USER) };
        let plan = plan(&mut conn, &query, Start::First, false).await;
        assert!(plan.contains("sec_users_login_fold") && !plan.contains("TEMP B-TREE"), "{query:?}: {plan}");
    }
}

#[tokio::test]
async fn a_view_of_few_users_is_read_from_its_partial_index() {
    let directory = TempDir::new().expect("a directory");
    let url = format!("sqlite:{}", directory.path().join("plan.db").display());
    let db = Db::open(&url, Create::IfMissing).await.expect("a database");
    let mut conn = db.read().await.expect("a connection");
    let key = Key { values: vec![KeyPart::Text("m".to_owned())], id: RecordId(Uuid::from_u128(1)) };
    for (view, index) in [
        ("Pending", "sec_users_pending"),
        ("Internal", "sec_users_internal"),
        ("Inactive", "sec_users_inactive"),
        ("Blocked", "sec_users_login_fold"),
        ("External", "sec_users_login_fold"),
    ] {
        let view = user::VIEWS.iter().find(|one| one.name == view).expect("the view");
        let query = ListQuery { filters: (view.filters)(date(2026, 6, 1)), ..ListQuery::all(&user::USER) };
        for (start, backwards) in starts(&key) {
            let plan = plan(&mut conn, &query, start, backwards).await;
            assert!(
                plan.contains(&format!("INDEX {index} ")) || plan.ends_with(&format!("INDEX {index}")),
                "{view:?}: {plan}"
            );
            assert!(!plan.contains("TEMP B-TREE"), "{view:?}: {plan}");
        }
    }
}

#[tokio::test]
async fn a_view_of_few_accesses_is_found_by_an_index() {
    let directory = TempDir::new().expect("a directory");
    let url = format!("sqlite:{}", directory.path().join("plan.db").display());
    let db = Db::open(&url, Create::IfMissing).await.expect("a database");
    let mut conn = db.read().await.expect("a connection");
    for (view, searches) in [
        ("Ends soon", &["crm_customer_external_access_valid_until (valid_until>? AND valid_until<?)"][..]),
        ("Never used", &["crm_customer_external_access_last_used (last_used=?)"]),
        ("Not used for 90 days", &["crm_customer_external_access_last_used (last_used<?)"]),
        ("Of inactive users", &["crm_customer_external_access_user_id (user_id=?)", "sec_users_inactive"]),
    ] {
        let view = external_access::VIEWS.iter().find(|one| one.name == view).expect("the view");
        let filters = (view.filters)(date(2026, 6, 1));
        let query = ListQuery { filters, ..ListQuery::all(&external_access::EXTERNAL_ACCESS) };
        let plan = plan(&mut conn, &query, Start::First, false).await;
        assert!(searches.iter().all(|search| plan.contains(search)), "{view:?}: {plan}");
        assert!(!plan.contains("SCAN t0\n"), "{view:?}: {plan}");
    }
}

#[tokio::test]
async fn a_page_from_a_row_on_searches_the_index_in_both_directions() {
    let directory = TempDir::new().expect("a directory");
    let url = format!("sqlite:{}", directory.path().join("plan.db").display());
    let db = Db::open(&url, Create::IfMissing).await.expect("a database");
    let mut conn = db.read().await.expect("a connection");
    for (field, index) in [
        (&user::LOGIN.def, "sec_users_login_fold"),
        (&user::NAME.def, "sec_users_name_sort"),
        (&user::CREATION_TIME_UTC.def, "sec_users_creation_time_utc"),
    ] {
        for descending in [false, true] {
            let query = ListQuery { sort: vec![Sort { field, descending }], ..ListQuery::all(&user::USER) };
            let start = Start::At(RecordId(Uuid::from_u128(1)));
            let plan = plan(&mut conn, &query, start, false).await;
            let searches = plan.matches(&format!("SEARCH t0 USING COVERING INDEX {index} (")).count();
            assert!(
                searches == 2 && !plan.contains("SCAN t0") && !plan.contains("TEMP B-TREE"),
                "{query:?}: {plan}"
            );
        }
    }
}

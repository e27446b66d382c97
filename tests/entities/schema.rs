//! The tables are those of the schema, and hold what it promises.

use std::collections::BTreeSet;

use ccdesk::domain::entities::{all, country, currency, user};
use ccdesk::domain::model::history::{FieldChange, HistoryAction, HistoryEntry};
use ccdesk::domain::model::query::ListQuery;
use ccdesk::domain::model::schema::{EntityDef, FieldDef, Kind};
use ccdesk::domain::model::value::Value;
use ccdesk::storage::db::{Engine, Session};
use ccdesk::storage::error::StorageError;
use ccdesk::storage::records::SaveError;
use ccdesk::storage::seed::seed;
use ccdesk::storage::{history, list};

use crate::company::{full, id, now, try_save, user_changed};
use crate::support::Store;

/// A column as the schema or the database has it: table, column, type, and whether it may not be empty.
type Column = (String, String, &'static str, bool);

pub(crate) async fn every_field_has_its_columns(Store { db, .. }: Store) {
    let mut expected = BTreeSet::new();
    for entity in all() {
        let mut add = |column: &str, kind, filled| {
            expected.insert((entity.table.to_owned(), column.to_owned(), kind, filled));
        };
        add("id", "uuid", true);
        if entity.base.is_none() {
            add("object_version", "bigint", true);
            for column in ["external_id", "external_system", "creation_user", "update_user", "extra"] {
                add(column, "text", false);
            }
            add("creation_time", "bigint", false);
            add("update_time", "bigint", false);
        }
        for field in entity.fields {
            if let Some(kind) = column_type(field) {
                add(field.column, kind, field.required || field.numbered);
            }
            if field.is_folded() {
                add(&format!("{}_fold", field.column), "text", true);
            }
            if matches!(field.kind, Kind::Multi { .. }) {
                add(&format!("{}_sort", field.column), "text", true);
            }
            if field.keyed {
                add(&format!("{}_key", field.column), "text", false);
            }
            if field.look_alikes {
                add(&format!("{}_skeleton", field.column), "text", false);
            }
        }
    }
    // Whether a request of the user waits, kept by triggers (migration 0007).
    expected.insert(("sec_users".to_owned(), "request_pending".to_owned(), "boolean", true));
    let mut conn = db.read().await.expect("a connection");
    let tables: BTreeSet<&str> = all().map(|entity| entity.table).collect();
    let found: BTreeSet<Column> =
        columns(&mut conn).await.into_iter().filter(|column| tables.contains(column.0.as_str())).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    let engine = db.engine();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{engine:?}: columns missing: {missing:?}, surplus: {surplus:?}"
    );
}

fn column_type(field: &FieldDef) -> Option<&'static str> {
    Some(match field.kind {
        Kind::Secret => return None,
        Kind::Bool => "boolean",
        Kind::Int { .. } | Kind::Amount | Kind::Instant => "bigint",
        Kind::Ref(_) => "uuid",
        Kind::Text { .. }
        | Kind::Lines { .. }
        | Kind::Multi { .. }
        | Kind::Date
        | Kind::Choice(_)
        | Kind::Json => "text",
    })
}

async fn columns(s: &mut Session) -> Vec<Column> {
    let sql = match s.engine() {
        Engine::Sqlite => {
            "SELECT t.name, c.name, lower(c.type), c.\"notnull\"
               FROM sqlite_schema t, pragma_table_info(t.name) c
              WHERE t.type = 'table'"
        }
        Engine::Postgres => {
            "SELECT table_name::text, column_name::text, data_type::text,
                    CASE is_nullable WHEN 'NO' THEN 1::bigint ELSE 0::bigint END
               FROM information_schema.columns
              WHERE table_schema = current_schema()"
        }
    };
    let rows = s.fetch_all(sql, vec![]).await.expect("the columns");
    rows.iter()
        .map(|row| {
            let kind = row.text(2).expect("a type");
            let kind = ["uuid", "bigint", "text", "boolean"].into_iter().find(|known| *known == kind);
            let filled = row.int(3).expect("a number") == 1;
            (row.text(0).expect("a table"), row.text(1).expect("a column"), kind.unwrap_or("unknown"), filled)
        })
        .collect()
}

pub(crate) async fn a_value_one_past_its_limit_is_refused_by_the_schema(Store { db, .. }: Store) {
    let mut made = 0;
    for entity in all() {
        let good = full(&db, entity, &mut made).await;
        for field in entity.all_fields() {
            let Some(value) = past_limit(field) else { continue };
            let mut bad = good.clone();
            bad.set(field, value);
            let refused = try_save(&db, &bad, id(1)).await;
            let home = entity.declaring_entity(field);
            // The only name that would be too long for PostgreSQL.
            let column = field.column.trim_start_matches("default_customer_").trim_end_matches("_base");
            let constraint = format!("{}_{column}_check", home.table);
            assert_eq!(refused, Err(SaveError::Storage(StorageError::Check { constraint })), "{field:?}");
        }
    }
}

/// The subtype is not among them: a save sets it by itself.
fn past_limit(field: &FieldDef) -> Option<Value> {
    Some(match field.kind {
        Kind::Text { max } | Kind::Lines { max } => Value::text("\u{1F30D}".repeat(max + 1)),
        Kind::Int { min, max: i64::MAX } => Value::Int(min - 1),
        Kind::Int { max, .. } => Value::Int(max + 1),
        Kind::Amount => Value::Amount("10000000000000000".parse().expect("an amount")),
        Kind::Choice(_) if field.column != "party_type" => Value::Code("?"),
        _ => return None,
    })
}

pub(crate) async fn history_can_only_grow(Store { db, .. }: Store) {
    let mut tx = db.begin().await.expect("a transaction");
    history::append(&mut tx, [&change(1, "a")]).await.expect("an entry");
    tx.commit().await.expect("it stays");
    for statement in ["UPDATE history SET login = 'somebody else'", "DELETE FROM history"] {
        let mut tx = db.begin().await.expect("a transaction");
        let refused = tx.execute(statement, vec![]).await;
        assert!(matches!(refused, Err(StorageError::Refused(_))), "{statement}: {refused:?}");
    }
}

pub(crate) async fn history_comes_back_newest_first(Store { db, .. }: Store) {
    let mut tx = db.begin().await.expect("a transaction");
    for version in 1..=3 {
        history::append(&mut tx, [&change(version, "b")]).await.expect("an entry");
    }
    let settled = HistoryEntry { action: HistoryAction::Configured, fields: Vec::new(), ..change(3, "b") };
    history::append(&mut tx, [&settled]).await.expect("an entry");
    let other = HistoryEntry { record: id(2), ..change(9, "c") };
    history::append(&mut tx, [&other]).await.expect("an entry");
    let found = history::of_record(&mut tx, &user::USER, id(1), None, 3).await.expect("the entries");
    assert_eq!(found.entries, [settled, change(3, "b"), change(2, "b")]);
}

fn change(version: i64, new: &str) -> HistoryEntry {
    let field = FieldChange { field: "Notes".to_owned(), before: Value::Empty, after: Value::text(new) };
    let reason = Some("because \u{1b}[2J".to_owned());
    HistoryEntry { reason, ..user_changed(version, vec![field]) }
}

pub(crate) async fn countries_and_currencies_are_filled_once(Store { db, .. }: Store) {
    let all = |entity: &'static EntityDef| ListQuery::all(entity);
    let mut counts = Vec::new();
    for _ in 0..2 {
        let mut tx = db.begin().await.expect("a transaction");
        seed(&mut tx, now()).await.expect("they are filled");
        let countries = list::count(&mut tx, &all(&country::COUNTRY), None).await.expect("a count");
        counts
            .push((countries, list::count(&mut tx, &all(&currency::CURRENCY), None).await.expect("a count")));
        tx.commit().await.expect("they stay");
    }
    assert!(counts[0].0 > 240 && counts[0].1 > 150, "{counts:?}");
    assert_eq!(counts[0], counts[1]);
}

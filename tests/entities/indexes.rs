//! What an `EntityDef` says of keys, references and enumerations is what the database holds, on both engines and in both
//! directions.

use std::collections::{BTreeMap, BTreeSet};

use ccdesk::domain::entities::all;
use ccdesk::domain::model::schema::{EntityDef, FieldDef, Kind};
use ccdesk::storage::columns::unique_index;
use ccdesk::storage::db::{Engine, Session};

use crate::support::Store;

/// Indexes for speed alone: the orders in which people walk lists of many records, the views of the
/// users and the accesses, and what each sign-in looks for.
const FOR_SPEED: [(&str, &str); 21] = [
    ("crm_customers_number_fold", "customers in the order of their numbers"),
    ("gen_parties_party_name_sort", "parties in the order of their names"),
    ("gen_parties_party_type_party_name_sort", "persons, companies or locations in the order of their names"),
    ("gen_parties_party_code_fold", "parties in the order of their codes"),
    ("gen_parties_party_type_party_code_fold", "persons, companies or locations in the order of their codes"),
    ("sec_users_login_fold", "users in the order of their logins"),
    ("sec_users_name_sort", "users in the order of their names"),
    ("sec_users_email_fold", "users in the order of their e-mail addresses"),
    ("sec_users_company_name_fold", "users in the order of the companies they claim"),
    ("sec_users_creation_time_utc", "users in the order in which they came"),
    ("sec_users_pending", "the view Pending"),
    ("sec_users_oldest_pending", "the view Pending, the oldest request first"),
    ("sec_users_internal", "the view Internal"),
    ("sec_users_inactive", "the view Inactive"),
    ("crm_customer_external_access_valid_until", "the view Ends soon"),
    ("crm_customer_external_access_last_used", "the views Never used and Not used for 90 days"),
    ("sec_credentials_older", "whether any password is kept in an older format"),
    ("sec_sign_in_failures_last_at", "the failures that are forgotten"),
    ("cm_persons_first_name_sort", "imported persons without id and code, by first name"),
    ("cm_persons_last_name_sort", "imported persons without id and code, by last name"),
    ("crm_customer_types_name_sort", "imported customer types without id, by name"),
];

/// An index as the database has it; primary keys are left out.
#[derive(Debug, Default, PartialEq, Eq)]
struct Index {
    table: String,
    columns: Vec<String>,
    is_unique: bool,
    /// The condition of a partial index.
    only: Option<String>,
}

/// All indexes by their names.
async fn indexes(s: &mut Session) -> BTreeMap<String, Index> {
    let sql = match s.engine() {
        Engine::Sqlite => {
            "SELECT t.name, l.name, x.name, l.\"unique\",
                    (SELECT CASE instr(m.sql, ' WHERE ') WHEN 0 THEN NULL
                                 ELSE substr(m.sql, instr(m.sql, ' WHERE ') + 7) END
                       FROM sqlite_schema m WHERE m.name = l.name)
               FROM sqlite_schema t, pragma_index_list(t.name) l, pragma_index_xinfo(l.name) x
              WHERE t.type = 'table' AND l.origin <> 'pk' AND x.key = 1
              ORDER BY l.name, x.seqno"
        }
        Engine::Postgres => {
            "SELECT t.relname::text, c.relname::text, pg_get_indexdef(c.oid, k::int, true),
                    CASE WHEN i.indisunique THEN 1::bigint ELSE 0::bigint END,
                    pg_get_expr(i.indpred, i.indrelid, true)
               FROM pg_index i
               JOIN pg_class c ON c.oid = i.indexrelid
               JOIN pg_class t ON t.oid = i.indrelid
               CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) k
              WHERE t.relnamespace = current_schema()::regnamespace AND NOT i.indisprimary
              ORDER BY c.relname, k"
        }
    };
    let mut found: BTreeMap<String, Index> = BTreeMap::new();
    for row in s.fetch_all(sql, vec![]).await.expect("the indexes") {
        let index = found.entry(row.text(1).expect("an index")).or_default();
        index.table = row.text(0).expect("a table");
        index.columns.push(row.opt_text(2).expect("a column").unwrap_or_else(|| "(expression)".to_owned()));
        index.is_unique = row.int(3).expect("a number") == 1;
        index.only = row.opt_text(4).expect("a condition");
    }
    found
}

/// The column under a unique index: of a text the twin that is compared.
fn compared(field: &FieldDef) -> String {
    field.column.to_owned() + if field.keyed { "_key" } else { "" }
}

/// The unique indexes that a description asks for, each with the fields it is about.
fn keys_of(entity: &'static EntityDef) -> Vec<(String, Index, String)> {
    let mut found = Vec::new();
    for (fields, also_without) in entity.unique_fields() {
        let labels: Vec<&str> = fields.iter().map(|field| field.label).collect();
        let about = format!("{}, {}", entity.name, labels.join(" and "));
        let whole = |fields: &[&FieldDef], only| Index {
            table: entity.table.to_owned(),
            columns: fields.iter().map(|field| compared(field)).collect(),
            is_unique: true,
            only,
        };
        if let Some((last, others)) = fields.split_last().filter(|_| also_without) {
            let only = Some(format!("{} IS NULL", last.column));
            found.push((unique_index(entity, others), whole(others, only), about.clone()));
        }
        found.push((unique_index(entity, &fields), whole(&fields, None), about));
    }
    found
}

pub(crate) async fn every_key_has_its_unique_index(Store { db, .. }: Store) {
    let engine = db.engine();
    let found = indexes(&mut db.read().await.expect("a connection")).await;
    let mut expected = BTreeSet::new();
    for (name, index, about) in all().flat_map(keys_of) {
        assert_eq!(found.get(&name), Some(&index), "{engine:?}, {about}: the unique index {name}");
        expected.insert(name);
    }
    let tables: BTreeSet<&str> = all().map(|entity| entity.table).collect();
    for (name, index) in found.iter().filter(|(_, index)| index.is_unique && tables.contains(&*index.table)) {
        assert!(expected.contains(name), "{engine:?}: no description names the unique {name}: {index:?}");
    }
}

pub(crate) async fn every_reference_and_external_id_has_its_index(Store { db, .. }: Store) {
    let engine = db.engine();
    let found = indexes(&mut db.read().await.expect("a connection")).await;
    let begins_with = |entity: &EntityDef, column: &str| {
        found
            .values()
            .any(|index| index.table == entity.table && index.columns[0] == column && index.only.is_none())
    };
    let mut derived = BTreeSet::new();
    for entity in all() {
        if entity.base.is_none() {
            assert!(
                begins_with(entity, "external_id"),
                "{engine:?}, {}: no index on external_id",
                entity.name
            );
            derived.insert((entity.table.to_owned(), "external_id".to_owned()));
        }
        for field in entity.fields {
            let column = match field.kind {
                Kind::Ref(_) => field.column.to_owned(),
                _ if field.look_alikes => format!("{}_skeleton", field.column),
                _ => continue,
            };
            let (name, label) = (entity.name, field.label);
            assert!(begins_with(entity, &column), "{engine:?}, {name}, {label}: no index on {column}");
            derived.insert((entity.table.to_owned(), column));
        }
    }
    let tables: BTreeSet<&str> = all().map(|entity| entity.table).collect();
    for (name, index) in found.iter().filter(|(_, index)| !index.is_unique && tables.contains(&*index.table))
    {
        let is_derived = derived.contains(&(index.table.clone(), index.columns[0].clone()));
        let is_listed = FOR_SPEED.iter().any(|(listed, _)| listed == name);
        assert!(is_derived || is_listed, "{engine:?}: {name} has no reason in FOR_SPEED: {index:?}");
    }
    for (name, reason) in FOR_SPEED {
        assert!(found.contains_key(name), "{engine:?}: {name} is gone: {reason}");
    }
}

pub(crate) async fn every_reference_has_its_foreign_key(Store { db, .. }: Store) {
    let engine = db.engine();
    let sql = match engine {
        Engine::Sqlite => {
            "SELECT t.name, f.\"from\", f.\"table\"
               FROM sqlite_schema t, pragma_foreign_key_list(t.name) f
              WHERE t.type = 'table'"
        }
        Engine::Postgres => {
            "SELECT t.relname::text, a.attname::text, r.relname::text
               FROM pg_constraint c
               JOIN pg_class t ON t.oid = c.conrelid
               JOIN pg_class r ON r.oid = c.confrelid
               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
              WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace"
        }
    };
    let rows = db.read().await.expect("a connection").fetch_all(sql, vec![]).await.expect("the foreign keys");
    let tables: BTreeSet<&str> = all().map(|entity| entity.table).collect();
    let text = |row: &_, at| ccdesk::storage::db::Row::text(row, at).expect("a name");
    let found: BTreeSet<[String; 3]> =
        rows.iter().map(|row| [text(row, 0), text(row, 1), text(row, 2)]).collect();
    let found: BTreeSet<_> = found.into_iter().filter(|key| tables.contains(key[0].as_str())).collect();
    let mut expected = BTreeSet::new();
    for entity in all() {
        let own = |column: &str, target: &EntityDef| [entity.table, column, target.table].map(str::to_owned);
        expected.extend(entity.base_entity().map(|base| own("id", base)));
        expected.extend(
            entity.fields.iter().filter_map(|field| field.target().map(|target| own(field.column, target))),
        );
    }
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{engine:?}: foreign keys missing: {missing:?}, surplus: {surplus:?}"
    );
}

pub(crate) async fn every_enumeration_is_the_one_of_its_column(Store { db, .. }: Store) {
    let engine = db.engine();
    let sql = match engine {
        Engine::Sqlite => "SELECT name, sql FROM sqlite_schema WHERE type = 'table'",
        Engine::Postgres => {
            "SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint
              WHERE contype = 'c' AND connamespace = current_schema()::regnamespace"
        }
    };
    let rows = db.read().await.expect("a connection").fetch_all(sql, vec![]).await.expect("the checks");
    let texts: BTreeMap<String, String> =
        rows.iter().map(|row| (row.text(0).expect("a name"), row.text(1).expect("a text"))).collect();
    for entity in all() {
        for field in entity.fields {
            let Kind::Choice(choices) = field.kind else { continue };
            let name = format!("{}_{}_check", entity.table, field.column);
            let text = match engine {
                Engine::Sqlite => texts[entity.table]
                    .split(&name)
                    .nth(1)
                    .and_then(|rest| rest.split_once("IN (").and_then(|(_, list)| list.split(')').next())),
                Engine::Postgres => texts.get(&name).map(String::as_str),
            };
            let taken: Vec<&str> = text.unwrap_or_default().split('\'').skip(1).step_by(2).collect();
            let codes: Vec<&str> = choices.iter().map(|choice| choice.code).collect();
            assert_eq!(taken, codes, "{engine:?}, {}, {}: what {name} takes", entity.name, field.label);
        }
    }
}

/// Tables that hold no entity: what is kept beside records.
const BESIDE_THE_ENTITIES: [&str; 14] = [
    "history",
    "match_keys",
    "next_numbers",
    "operation_actions",
    "operations",
    "sec_account_requests",
    "sec_credentials",
    "sec_known_sources",
    "sec_last_customers",
    "sec_repeated_requests",
    "sec_request_claims",
    "unfinished_steps",
    "sec_reset_codes",
    "sec_sign_in_failures",
];

pub(crate) async fn every_table_is_of_an_entity_or_beside_them(Store { db, .. }: Store) {
    let engine = db.engine();
    let sql = match engine {
        Engine::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Engine::Postgres => {
            "SELECT relname::text FROM pg_class
              WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        }
    };
    let rows = db.read().await.expect("a connection").fetch_all(sql, vec![]).await.expect("the tables");
    for table in rows.iter().map(|row| row.text(0).expect("a name")) {
        // What the program notes about migrations itself.
        let is_known = table.starts_with("ccdesk") || table.starts_with("_sqlx");
        let is_beside = BESIDE_THE_ENTITIES.contains(&table.as_str());
        let is_of_an_entity = all().any(|entity| entity.table == table);
        assert!(is_known || is_beside || is_of_an_entity, "{engine:?}: {table} is of no entity in ALL");
    }
}

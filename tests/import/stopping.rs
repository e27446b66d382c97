//! Imports that end before their input does, and imports beside others.

use std::ops::Range;

use ccdesk::storage::db::{AdvisoryLock, Engine};
use ccdesk::storage::error::StorageError;
use futures::future::join;

use super::*;

/// Customer types, an object a line.
fn customer_types(numbers: impl Iterator<Item = u32>, name: &str) -> Vec<u8> {
    let line = |number: u32| {
        let id = format!("7b1e{number:04}-52c0-4d1f-9a3e-4f00c0de0000");
        json!({"@odata.type": "Crm_Sales_CustomerType", "Id": id, "Name": {"en": format!("{name} {number}")}})
            .to_string()
    };
    numbers.map(line).collect::<Vec<_>>().join("\n").into_bytes()
}

/// Imports, and calls `after` when the outcome of `count` objects is known. Returns how many outcomes there were.
async fn import_until(
    db: &Db,
    bytes: Vec<u8>,
    options: &Options,
    count: usize,
    mut after: impl FnMut() + Send,
) -> (Result<Summary, ImportError>, usize) {
    let mut told = 0;
    let done = import(db, &world(), Cursor::new(bytes), options, &mut |_| {
        told += 1;
        if told == count {
            after();
        }
    })
    .await;
    (done, told)
}

/// Waits for a future in a story that cannot be asynchronous.
fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(future))
}

async fn count_types(db: &Db) -> u64 {
    let types = everything(db).await;
    types.iter().filter(|record| record.entity.is(&customer_type::CUSTOMER_TYPE)).count() as u64
}

const ALL: Range<u32> = 0..500;

pub(crate) async fn an_import_that_the_database_ends_says_what_was_kept(store: Store) {
    let db = new_draft(&store.url).await;
    let input = customer_types(ALL, "Type");
    let (done, told) = import_until(&db, input.clone(), &options(), 200, || wait_for(db.close())).await;
    let Err(ImportError { cause: cause @ Cause::Storage(_), done }) = done else { panic!("{done:?}") };
    assert!(!cause.to_string().contains("nothing was saved"), "{cause}");
    assert_eq!((done.added, done.through, done.kept, told), (200, 200, true, 200));
    let again = &new_draft(&store.url).await;
    assert_eq!(count_types(again).await, 200);
    let (done, _) = import_bytes(again, input, &options()).await;
    let done = done.unwrap();
    assert_eq!((done.unchanged, done.added), (200, 300));
}

pub(crate) async fn an_import_that_is_asked_to_stop_ends_at_a_whole_object(store: Store) {
    let db = &new_draft(&store.url).await;
    let options = options();
    let stop = options.stop.clone();
    let (done, told) = import_until(db, customer_types(ALL, "Type"), &options, 200, || stop.request()).await;
    let Err(ImportError { cause: Cause::Stopped, done }) = done else { panic!("{done:?}") };
    assert_eq!((done.added, done.through, told), (200, 200, 200));
    assert_eq!(count_types(db).await, 200);
}

pub(crate) async fn an_import_of_all_objects_or_none_that_ends_early_keeps_nothing(store: Store) {
    let db = &new_draft(&store.url).await;
    let objects: Vec<Json> = String::from_utf8(customer_types(ALL, "Type"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let input = json!({"transaction": "all-objects", "objects": objects}).to_string().into_bytes();
    let options = options();
    let stop = options.stop.clone();
    let (done, _) = import_until(db, input, &options, 200, || stop.request()).await;
    let Err(ImportError { cause: Cause::Stopped, done }) = done else { panic!("{done:?}") };
    assert!(!done.kept, "{done:?}");
    assert_eq!(count_types(db).await, 0);
}

pub(crate) async fn during_a_dry_run_others_write(store: Store) {
    let db = &new_draft(&store.url).await;
    // Everything that another import could wait for: the rows, the numbers, and the lock of what may move.
    let objects = json!([
        {"@odata.type": "General_Contacts_Person", "Id": "66666666-0000-4000-8000-000000000001", "FirstName": "Ann"},
        {"@odata.type": "General_Contacts_Person", "Id": "66666666-0000-4000-8000-000000000002", "FirstName": "Bob",
            "ParentParty": {"@odata.id": "General_Contacts_Persons(66666666-0000-4000-8000-000000000001)"}},
        {"@odata.type": "General_Contacts_Person", "Id": "66666666-0000-4000-8000-000000000003", "FirstName": "Cid"},
    ]);
    import_json(db, objects.clone()).await.0.unwrap();
    let mut moved = objects;
    for person in moved.as_array_mut().unwrap() {
        person["LastName"] = json!("Moved");
    }
    moved[2]["ParentParty"] = moved[1]["ParentParty"].clone();
    let new = json!({"@odata.type": "General_Contacts_Person", "FirstName": "New"});
    moved.as_array_mut().unwrap().push(new);
    let dry = Options { dry_run: true, ..options() };
    let bytes = moved.to_string().into_bytes();
    let (done, told) = import_until(db, bytes.clone(), &dry, 4, || {
        let (done, outcomes) = wait_for(import_bytes(db, bytes.clone(), &options()));
        assert_eq!(states(&outcomes).iter().flatten().count(), 4, "{outcomes:#?}");
        assert_eq!(done.unwrap().failed, 0);
    })
    .await;
    let done = done.unwrap();
    assert_eq!((done.modified, done.added, done.kept, told), (3, 1, false, 4));
}

pub(crate) async fn a_dry_run_needs_no_right_to_write(store: Store) {
    let db = new_draft(&store.url).await;
    import_bytes(&db, customer_types(0..1, "Old"), &options()).await.0.unwrap();
    let read_only = match db.engine() {
        Engine::Sqlite => {
            db.close().await;
            let file = store.url.trim_start_matches("sqlite:");
            std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o400)).unwrap();
            store.url.clone()
        }
        Engine::Postgres => {
            let join = if store.url.contains('?') { '&' } else { '?' };
            format!("{}{join}options=-c%20default_transaction_read_only%3Don", store.url)
        }
    };
    let db = &Db::open(&read_only, Create::MustExist).await.unwrap();
    let dry = Options { dry_run: true, ..options() };
    let (done, outcomes) = import_bytes(db, customer_types(0..2, "New"), &dry).await;
    assert_eq!(states(&outcomes), [State::Modified, State::Added].map(Some), "{outcomes:#?}");
    assert!(!done.unwrap().kept);
}

pub(crate) async fn two_imports_of_the_same_objects_in_opposite_orders_both_end_well(store: Store) {
    let db = &new_draft(&store.url).await;
    import_bytes(db, customer_types(ALL, "Type"), &options()).await.0.unwrap();
    let (there, back) = (customer_types(ALL, "There"), customer_types(ALL.rev(), "Back"));
    let options = options();
    let ((there, _), (back, _)) =
        join(import_bytes(db, there, &options), import_bytes(db, back, &options)).await;
    for done in [there.unwrap(), back.unwrap()] {
        assert_eq!((done.modified, done.failed), (500, 0));
    }
}

pub(crate) async fn objects_that_the_server_aborts_are_imported_again(store: Store) {
    let db = &new_draft(&store.url).await;
    import_bytes(db, customer_types(0..2, "Type"), &options()).await.0.unwrap();
    let touch = |number: u32| {
        let id = RecordId(format!("7b1e{number:04}-52c0-4d1f-9a3e-4f00c0de0000").parse().unwrap());
        ("UPDATE crm_customer_types SET creation_user = 'other' WHERE id = $1", vec![id.into()])
    };
    let mut other = db.begin().await.unwrap();
    // It is the import that the server aborts.
    for patience in ["SET LOCAL deadlock_timeout = '1min'", "SET LOCAL lock_timeout = 0"] {
        other.execute(patience, vec![]).await.unwrap();
    }
    let (sql, binds) = touch(1);
    other.execute(sql, binds).await.unwrap();
    let options = options();
    let importing = import_bytes(db, customer_types(0..2, "New"), &options);
    let blocking = async {
        // The import has the first row, and waits for the second.
        let mut conn = db.read().await.unwrap();
        let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
        while conn.fetch_one(waits, vec![]).await.unwrap().int(0).unwrap() == 0 {
            tokio::task::yield_now().await;
        }
        let (sql, binds) = touch(0);
        other.execute(sql, binds).await.unwrap();
        other.commit().await.unwrap();
    };
    let ((done, outcomes), ()) = join(importing, blocking).await;
    assert_eq!(states(&outcomes), [Some(State::Modified); 2], "{outcomes:#?}");
    assert_eq!(done.unwrap().failed, 0);
}

pub(crate) async fn a_dry_run_leaves_an_older_schema_as_it_is(store: Store) {
    let db = new_draft(&store.url).await;
    import_bytes(&db, customer_types(0..1, "Old"), &options()).await.0.unwrap();
    let mut tx = db.begin().await.unwrap();
    for undone in [
        "DROP INDEX cm_persons_first_name_sort",
        "DROP INDEX cm_persons_last_name_sort",
        "DROP INDEX crm_customer_types_name_sort",
        "DELETE FROM ccdesk_migrations WHERE version = 13",
    ] {
        tx.execute(undone, vec![]).await.unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;
    let opened = database::open(&store.url, Create::Unchanged, &world()).await;
    if store.url.starts_with("postgres") {
        let said = opened.unwrap_err().to_string();
        assert!(said.contains("made by an older ccdesk, and a dry run leaves it as it is"), "{said}");
        return;
    }
    let file = store.url.trim_start_matches("sqlite:");
    let before = std::fs::read(file).unwrap();
    let db = opened.unwrap();
    let dry = Options { dry_run: true, ..options() };
    // The longer notes are of the newer schema.
    let site = json!({"@odata.type": "Systems_Config_WebSite", "RelativeUrl": "notes", "WebSiteType": "CC",
        "Notes": "n".repeat(4000)});
    let (done, outcomes) = import_bytes(&db, site.to_string().into_bytes(), &dry).await;
    assert_eq!(states(&outcomes), [Some(State::Added)], "{outcomes:#?}");
    assert!(!done.unwrap().kept);
    db.close().await;
    assert!(std::fs::read(file).unwrap() == before, "the file was changed");
}

pub(crate) async fn a_database_that_is_removed_meanwhile_is_not_said_to_keep_what_was_imported(store: Store) {
    let db = new_draft(&store.url).await;
    if db.engine() == Engine::Postgres {
        // The server keeps its files.
        return;
    }
    let file = store.url.trim_start_matches("sqlite:");
    // In the middle, and behind the last commit.
    for (count, added) in [(200, 200), (500, 500)] {
        let store = format!("{}-{count}", store.url);
        let db = new_draft(&store).await;
        let (done, _) = import_until(&db, customer_types(ALL, "Type"), &options(), count, || {
            std::fs::remove_file(format!("{file}-{count}")).unwrap();
        })
        .await;
        let Err(ImportError { cause: Cause::Storage(error), done }) = done else { panic!("{done:?}") };
        assert_eq!((error, done.added), (StorageError::Moved, added));
    }
}

pub(crate) async fn an_import_of_all_objects_or_none_waits_for_another(store: Store) {
    let db = &new_draft(&store.url).await;
    let objects: Vec<Json> = String::from_utf8(customer_types(0..2, "Type"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let input = json!({"transaction": "all-objects", "objects": objects});
    let mut other = db.begin().await.unwrap();
    other.lock(AdvisoryLock::Managers).await.unwrap();
    let waiting = async {
        let mut conn = db.read().await.unwrap();
        let sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let mut waits = async || conn.fetch_one(sql, vec![]).await.unwrap().int(0).unwrap() > 0;
        while !waits().await {}
        // The server gives up the first try.
        while waits().await {}
        other.commit().await.unwrap();
    };
    let ((done, outcomes), ()) = join(import_json(db, input), waiting).await;
    assert_eq!(states(&outcomes), [Some(State::Added); 2], "{outcomes:#?}");
    assert!(done.unwrap().kept);
}

//! The SQLite file itself: what is refused without touching it, who may read it, what survives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::{fs, thread};

use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::error::StorageError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tempfile::TempDir;

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

async fn open(path: &Path) -> Result<Db, StorageError> {
    Db::open(&url(path), Create::IfMissing).await
}

/// Runs statements on a file as any other program would.
async fn otherwise(path: &Path, statements: &str) {
    let mut connection =
        SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.expect("a file");
    connection.execute(AssertSqlSafe(statements.to_owned())).await.expect("statements");
    connection.close().await.expect("closed");
}

/// A file of ours, closed.
async fn ours(path: &Path) {
    let db = open(path).await.expect("a new database");
    add(&db, "INSERT INTO next_numbers (name, last) VALUES ('customers', 41)").await.expect("a row");
    db.close().await;
}

async fn add(db: &Db, statement: &'static str) -> Result<(), StorageError> {
    let mut tx = db.begin().await?;
    tx.execute(statement, vec![]).await?;
    tx.commit().await
}

async fn last_number(db: &Db) -> i64 {
    let mut reading = db.read().await.expect("a connection");
    reading.fetch_one("SELECT last FROM next_numbers", vec![]).await.expect("a row").int(0).expect("a number")
}

/// Everything in a directory: names and bytes.
fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.map(|path| (path.clone(), fs::read(&path).unwrap_or_default())).collect()
}

#[tokio::test]
async fn promise_19_what_cannot_be_opened_is_said_in_one_sentence_and_left_as_it_was() {
    let directory = TempDir::new().expect("a directory");
    let at = |name: &str| directory.path().join(name);

    fs::write(at("letter.txt"), "Dear Живко,\n".repeat(400)).expect("a file");
    fs::create_dir(at("directory")).expect("a directory");
    fs::write(at("byte"), "x").expect("a file");
    fs::write(at("note"), "Tuesday").expect("a file");
    std::os::unix::fs::symlink(at("nothing"), at("link")).expect("a link");
    otherwise(&at("foreign.db"), "CREATE TABLE notes (words TEXT); INSERT INTO notes VALUES ('x')").await;
    otherwise(&at("foreign-wal.db"), "PRAGMA journal_mode = WAL; CREATE TABLE notes (words TEXT)").await;
    ours(&at("newer.db")).await;
    otherwise(&at("newer.db"), "INSERT INTO ccdesk_migrations SELECT 9999, description, installed_on, success, checksum, 0 FROM ccdesk_migrations LIMIT 1").await;
    ours(&at("damaged.db")).await;
    let mut bytes = fs::read(at("damaged.db")).expect("the file");
    bytes[100..4096].fill(0xff);
    fs::write(at("damaged.db"), bytes).expect("the file");
    ours(&at("cut.db")).await;
    let half = fs::metadata(at("cut.db")).expect("the file").len() / 2;
    fs::File::options().write(true).open(at("cut.db")).and_then(|file| file.set_len(half)).expect("a cut");
    ours(&at("read-only.db")).await;
    make_read_only(&at("read-only.db"));

    let before = contents(directory.path());
    for (name, sentence) in [
        ("letter.txt", "this file is not a database, and was left as it is; name another file"),
        ("directory", "this is a directory; name the database file in it"),
        ("byte", "this file is not a database, and was left as it is; name another file"),
        ("note", "this file is not a database, and was left as it is; name another file"),
        (
            "link",
            "this link leads to a file that is not there; mend the link, or name the database file itself",
        ),
        (
            "foreign.db",
            "this database belongs to another program, and was left as it is; name another database",
        ),
        (
            "foreign-wal.db",
            "this database belongs to another program, and was left as it is; name another database",
        ),
        (
            "newer.db",
            "this database was made by a newer ccdesk, and was left as it is; open it with that version",
        ),
        ("damaged.db", "the database is damaged; restore it from a backup"),
        ("cut.db", "the database is damaged; restore it from a backup"),
        ("read-only.db", "the database can only be read, not changed; nothing was saved"),
        (
            "letter.txt/ccdesk.db",
            "there is no ccdesk database here; check the name, or make one with `ccdesk` or `ccdesk import`",
        ),
    ] {
        let path = at(name);
        let said = open(&path).await.expect_err(name).to_string();
        assert_eq!(said, format!("{}: {sentence}", path.display()));
    }
    let missing = Db::open(&url(&at("missing.db")), Create::MustExist).await.expect_err("nothing is there");
    assert!(
        missing.to_string().ends_with("check the name, or make one with `ccdesk` or `ccdesk import`"),
        "{missing}"
    );
    assert!(contents(directory.path()) == before, "something was changed or left behind");
}

#[tokio::test]
async fn promise_19_a_read_only_copy_can_be_read_and_nothing_is_written_beside_it() {
    let directory = TempDir::new().expect("a directory");
    let copies = TempDir::new().expect("a directory");
    let path = directory.path().join("ccdesk.db");
    let db = open(&path).await.expect("a new database");
    add(&db, "INSERT INTO next_numbers (name, last) VALUES ('a', 7)").await.expect("a row");
    db.close().await;
    let copy = copies.path().join("copy.db");
    fs::copy(&path, &copy).expect("a copy");
    make_read_only(&copy);

    let before = contents(copies.path());
    let found = Db::open(&url(&copy), Create::MustExist).await.expect("it opens");
    assert_eq!(last_number(&found).await, 7);
    assert_eq!(add(&found, "UPDATE next_numbers SET last = 8").await, Err(StorageError::ReadOnly));
    found.close().await;
    assert!(contents(copies.path()) == before, "something was changed or left behind");
}

#[tokio::test]
async fn promise_19_a_read_only_copy_of_an_older_schema_is_said_to_be_one() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("older.db");
    ours(&path).await;
    otherwise(
        &path,
        "DELETE FROM ccdesk_migrations WHERE version = (SELECT max(version) FROM ccdesk_migrations)",
    )
    .await;
    make_read_only(&path);
    let said = Db::open(&url(&path), Create::MustExist).await.expect_err("a step is missing").to_string();
    assert!(
        said.ends_with("made by an older ccdesk and can only be read; open it once where it can be changed"),
        "{said}"
    );
}

fn make_read_only(path: &Path) {
    let mut permissions = fs::metadata(path).expect("the file").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(path, permissions).expect("permissions");
}

#[cfg(unix)]
#[tokio::test]
async fn promise_12_the_file_and_its_companions_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let directory = TempDir::new().expect("a directory");
    let home = directory.path().join("new/ccdesk");
    let path = home.join("ccdesk.db");
    let db = open(&path).await.expect("a new database");
    add(&db, "INSERT INTO next_numbers (name, last) VALUES ('a', 1)").await.expect("a row");
    assert_eq!(mode(&home), 0o700);
    assert_eq!(mode(&directory.path().join("new")), 0o700);
    let files: Vec<_> = contents(&home).into_keys().map(|file| (mode(&file), file)).collect();
    assert_eq!(files.len(), 3, "the file, its log and its index: {files:?}");
    assert!(files.iter().all(|(mode, _)| *mode == 0o600), "{files:?}");

    let given = directory.path().join("given.db");
    fs::write(&given, "").expect("an empty file");
    fs::set_permissions(&given, fs::Permissions::from_mode(0o644)).expect("permissions");
    open(&given).await.expect("an empty file becomes a database");
    assert_eq!(mode(&given), 0o600);
}

#[tokio::test]
async fn promise_15_what_was_saved_survives_in_the_files_as_they_lie() {
    let directory = TempDir::new().expect("a directory");
    let (path, copy) = (directory.path().join("ccdesk.db"), directory.path().join("copy.db"));
    let db = open(&path).await.expect("a new database");
    add(&db, "INSERT INTO next_numbers (name, last) VALUES ('a', 7)").await.expect("a row");
    let mut unsaved = db.begin().await.expect("a transaction");
    unsaved.execute("UPDATE next_numbers SET last = 8", vec![]).await.expect("a change");

    // What a process that is killed here leaves behind.
    for companion in ["", "-wal"] {
        let of = |path: &Path| format!("{}{companion}", path.display());
        fs::copy(of(&path), of(&copy)).expect("a copy");
    }
    let found = Db::open(&url(&copy), Create::MustExist).await.expect("it opens");
    assert_eq!(last_number(&found).await, 7);
}

#[tokio::test]
async fn promise_19_a_full_disk_changes_nothing_and_the_next_save_works() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("ccdesk.db");
    let db = open(&path).await.expect("a new database");
    add(&db, "INSERT INTO next_numbers (name, last) VALUES ('a', 7)").await.expect("a row");
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute("PRAGMA max_page_count = 1", vec![]).await.expect("a limit: the pages there are");
    tx.execute("UPDATE next_numbers SET last = 8", vec![]).await.expect("there is room for this");
    let large = "INSERT INTO next_numbers (name, last) VALUES (hex(zeroblob(100000)), 1)";
    assert_eq!(tx.execute(large, vec![]).await, Err(StorageError::Full));
    drop(tx);
    assert_eq!(last_number(&db).await, 7);
    add(&db, "UPDATE next_numbers SET last = 9").await.expect("a save");
    assert_eq!(last_number(&db).await, 9);
}

#[tokio::test]
async fn promise_19_a_locked_file_is_busy() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("ccdesk.db");
    let (one, other) = (open(&path).await.expect("a new database"), open(&path).await.expect("the same"));
    let mut impatient = other.begin().await.expect("a transaction");
    impatient.execute("PRAGMA busy_timeout = 0", vec![]).await.expect("no patience");
    drop(impatient);
    let _writing = one.begin().await.expect("a transaction");
    assert_eq!(other.begin().await.err(), Some(StorageError::Busy));
    last_number_is_readable(&other).await;
}

/// A writer never keeps readers out.
async fn last_number_is_readable(db: &Db) {
    let mut reading = db.read().await.expect("a connection");
    reading.fetch_optional("SELECT last FROM next_numbers", vec![]).await.expect("an answer");
}

#[tokio::test]
async fn a_reading_connection_cannot_write() {
    let directory = TempDir::new().expect("a directory");
    let db = open(&directory.path().join("ccdesk.db")).await.expect("a new database");
    let mut reading = db.read().await.expect("a connection");
    let refused = reading.execute("DELETE FROM next_numbers", vec![]).await;
    assert_eq!(refused, Err(StorageError::ReadOnly));
}

#[cfg(unix)]
#[tokio::test]
async fn promise_19_what_is_no_regular_file_is_neither_waited_for_nor_changed() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;
    let directory = TempDir::new().expect("a directory");
    let (pipe, socket) = (directory.path().join("pipe"), directory.path().join("socket"));
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o644.into(), 0).expect("a pipe");
    let _listener = UnixListener::bind(&socket).expect("a socket");
    let link = directory.path().join("link");
    std::os::unix::fs::symlink("/dev/null", &link).expect("a link to a device");
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode();
    for path in [&pipe, &socket, &link] {
        let before = mode(path);
        let said = open(path).await.expect_err("no file").to_string();
        let sentence = "this is not a regular file, and was left as it is; name another file";
        assert_eq!(said, format!("{}: {sentence}", path.display()));
        assert_eq!(mode(path), before);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_leads_to_the_database_with_its_log() {
    let directory = TempDir::new().expect("a directory");
    let (path, link) = (directory.path().join("acme.db"), directory.path().join("elsewhere/link.db"));
    fs::create_dir(directory.path().join("elsewhere")).expect("a directory");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    let db = open(&path).await.expect("a new database");
    add(&db, "INSERT INTO next_numbers (name, last) VALUES ('a', 7)").await.expect("a row");
    let linked = Db::open(&url(&link), Create::MustExist).await.expect("it is there");
    assert_eq!(last_number(&linked).await, 7, "what stands in the log only is read");
    assert_eq!(contents(link.parent().expect("a directory")).len(), 1, "nothing lies beside the link");

    otherwise(&path, "INSERT INTO ccdesk_migrations SELECT 9999, description, installed_on, success, checksum, 0 FROM ccdesk_migrations LIMIT 1").await;
    let newer = Db::open(&url(&link), Create::MustExist).await.expect_err("it is newer by now").to_string();
    assert!(newer.contains("made by a newer ccdesk"), "{newer}");
}

#[tokio::test]
async fn promise_36_nothing_is_called_saved_that_went_into_a_file_that_is_gone() {
    type Loss = fn(&Path, &Path);
    let replaced: Loss = |path, spare| fs::rename(spare, path).expect("replaced");
    let moved: Loss = |path, spare| fs::rename(path, spare.with_extension("away")).expect("moved");
    let removed: Loss = |path, _| fs::remove_file(path).expect("removed");
    let log_removed: Loss = |path, _| fs::remove_file(format!("{}-wal", path.display())).expect("removed");
    for lose in [replaced, moved, removed, log_removed] {
        let directory = TempDir::new().expect("a directory");
        let (path, spare) = (directory.path().join("acme.db"), directory.path().join("spare.db"));
        ours(&spare).await;
        let db = open(&path).await.expect("a new database");
        add(&db, "INSERT INTO next_numbers (name, last) VALUES ('a', 7)").await.expect("a row");
        lose(&path, &spare);
        let lost = add(&db, "UPDATE next_numbers SET last = 8").await;
        assert_eq!(lost, Err(StorageError::Moved));
    }
}

#[test]
fn promise_20_all_who_make_a_database_at_once_open_the_same_one() {
    for _ in 0..4 {
        let directory = TempDir::new().expect("a directory");
        let path = directory.path().join("acme.db");
        let (start, path) = (&Barrier::new(16), &path);
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                    start.wait();
                    runtime.expect("a runtime").block_on(async {
                        let db = open(path).await.expect("each of them opens it");
                        db.read().await.expect("a connection");
                        db.close().await;
                    });
                });
            }
        });
    }
}

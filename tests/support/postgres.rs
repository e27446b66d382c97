//! A PostgreSQL server that lives as long as the test process.
//!
//! With `CCDESK_TEST_POOLER=1` the stories reach their databases through pgbouncer, which gives them a connection of the
//! server for a transaction only.
//!
//! `CCDESK_TEST_POSTGRES` may name a server to use instead (a `postgres://` address with the right to create
//! databases). Without that and without an installed PostgreSQL the tests on PostgreSQL are skipped with one
//! printed line; with `CCDESK_REQUIRE_POSTGRES=1` they fail.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use ccdesk::storage::db::{Create, Db};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::pooler::Pooler;
use super::{Store, Story, run};

/// A script that starts the server with further options, waits until the test process closes its end of the pipe or ends,
/// and then stops the server and removes its directory. A server that a story has stopped by a signal goes on first, or it
/// would not hear that it is to end.
const KEEPER: &str = r#"
    "$1/pg_ctl" start -w -s -D "$2/data" -l "$2/log" \
        -o "-k '$2' $3 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200" \
        && echo ready
    read -r _
    server=$(head -n 1 "$2/data/postmaster.pid")
    kill -CONT "$server" $(ps -A -o pid=,ppid= | awk -v server="$server" '$2 == server { print $1 }')
    "$1/pg_ctl" stop -s -m immediate -D "$2/data"
    rm -rf "$2"
"#;

/// Not a secret: the server listens on a socket in a directory of its own and is gone in a minute.
pub(crate) const PASSWORD: &str = "only-for-this-test";

/// The migrated database that each story gets a copy of.
const TEMPLATE: &str = "ccdesk_test_template";

struct Server {
    /// The address without the database's name, and what follows the name.
    address: (String, String),
    /// The process of [`KEEPER`].
    _keeper: Option<Keeper>,
    /// What is between the stories and the server.
    pooler: Option<Pooler>,
}

/// Whether stories reach their databases through a pooler.
pub(crate) fn is_pooled() -> bool {
    env::var("CCDESK_TEST_POOLER").as_deref() == Ok("1")
}

/// Tells every story, each in a database of its own, and fails with the names of those that failed.
pub(crate) fn tell(stories: &[Story]) {
    let Some(server) = server() else { return };
    run(async {
        server.create(TEMPLATE, "template0").await;
        Db::open(&server.url(TEMPLATE), Create::IfMissing).await.expect("the template opens").close().await;
        let mut failed = Vec::new();
        for (name, story) in stories {
            let [database, empty] = databases_of(STORIES.fetch_add(1, Ordering::SeqCst) + 1);
            server.create(&database, TEMPLATE).await;
            let store = Store::open(server.url_for_stories(&database)).await;
            if tokio::spawn(story(store)).await.is_err() {
                failed.push(*name);
            }
            server.drop(&database).await;
            server.drop(&empty).await;
        }
        server.drop(TEMPLATE).await;
        assert!(failed.is_empty(), "on PostgreSQL these stories fail: {}", failed.join(", "));
    });
}

/// The address of a database with nothing in it. A story has one.
pub(crate) async fn empty_database() -> String {
    let server = server().expect("a story on PostgreSQL has a server");
    let [_, empty] = databases_of(STORIES.load(Ordering::SeqCst));
    server.create(&empty, "template0").await;
    server.url_for_stories(&empty)
}

/// The number of stories that have begun.
static STORIES: AtomicUsize = AtomicUsize::new(0);

/// The databases of a story: the one that it works on, and an empty one. No other story has databases of these names,
/// because a pooler may still hold connections to them.
fn databases_of(story: usize) -> [String; 2] {
    [format!("ccdesk_test_story_{story}"), format!("ccdesk_test_empty_{story}")]
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match env::var("CCDESK_TEST_POSTGRES") {
        Ok(url) => Some(Server { address: split(&url), _keeper: None, pooler: None }),
        Err(_) => installed().map(|programs| {
            let installation = Installation::make(&programs);
            let keeper = installation.start("-c listen_addresses=''");
            let query = format!("?host={}", installation.directory.display());
            let address = (format!("postgres://ccdesk:{PASSWORD}@localhost"), query);
            let pooler = is_pooled().then(|| Pooler::start(&installation, 6432, ""));
            Server { address, _keeper: Some(keeper), pooler }
        }),
    });
    if server.is_none() {
        leave_out("PostgreSQL is neither installed nor named by CCDESK_TEST_POSTGRES");
    }
    server.as_ref()
}

/// Prints why something is not tested; with `CCDESK_REQUIRE_POSTGRES=1` it fails instead.
pub(crate) fn leave_out(why: &str) {
    let is_required = env::var("CCDESK_REQUIRE_POSTGRES").as_deref() == Ok("1");
    assert!(!is_required, "CCDESK_REQUIRE_POSTGRES=1, but {why}");
    println!("left out: {why}");
}

/// Splits an address around the name of its database.
fn split(url: &str) -> (String, String) {
    let (base, query) =
        url.split_once('?').map_or((url, String::new()), |(base, query)| (base, format!("?{query}")));
    let host = base.find("://").map_or(0, |at| at + 3);
    let end = base[host..].find('/').map_or(base.len(), |at| host + at);
    (base[..end].to_owned(), query)
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!("{}/{database}{}", self.address.0, self.address.1)
    }

    fn url_for_stories(&self, database: &str) -> String {
        self.pooler.as_ref().map_or_else(|| self.url(database), |pooler| pooler.url(database))
    }

    async fn create(&self, database: &str, template: &str) {
        self.drop(database).await;
        self.run(format!("CREATE DATABASE {database} TEMPLATE {template} ENCODING 'UTF8'")).await;
    }

    async fn drop(&self, database: &str) {
        self.run(format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await;
    }

    async fn run(&self, statement: String) {
        let mut connection = PgConnection::connect(&self.url("postgres")).await.expect("the server answers");
        connection.execute(AssertSqlSafe(statement)).await.expect("the server obeys");
    }
}

/// Where `initdb` and `pg_ctl` are: on the path, or where Debian puts the newest.
pub(crate) fn installed() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_unstable();
    env::split_paths(&path)
        .chain(versions.into_iter().rev().map(|(_, programs)| programs))
        .find(|programs| programs.join("initdb").exists() && programs.join("pg_ctl").exists())
}

/// The files of a server, which are removed once it has run.
pub(crate) struct Installation {
    programs: PathBuf,
    /// The directory of its Unix socket and its data, which belongs to the account that runs it.
    pub(crate) directory: PathBuf,
    account: Option<(u32, u32)>,
}

impl Installation {
    /// Makes the files of a server, with these programs.
    pub(crate) fn make(programs: &Path) -> Self {
        let directory =
            tempfile::Builder::new().prefix("ccdesk-pg-").tempdir().expect("a temporary directory").keep();
        let account = account(&directory);
        if let Some((user, group)) = account {
            chown(&directory, Some(user), Some(group)).expect("root may give a directory away");
        }
        let made = Self { programs: programs.to_owned(), directory, account };
        let password_file = made.directory.join("password");
        fs::write(&password_file, PASSWORD).expect("the directory takes a file");
        let done = made
            .command(programs.join("initdb"))
            .args(["--username=ccdesk", "--auth=password", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg(format!("--pwfile={}", password_file.display()))
            .arg("--pgdata")
            .arg(made.directory.join("data"))
            .stdout(Stdio::null())
            .status()
            .expect("initdb runs");
        assert!(done.success(), "initdb: {done}");
        made
    }

    /// A program that runs in the directory, by the account of the server.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command.current_dir(&self.directory).env("LC_ALL", "C");
        command
    }

    /// Starts the server with these options besides the usual ones. It ends with what is returned.
    pub(crate) fn start(&self, options: &str) -> Keeper {
        let mut keeper = self
            .command("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .args([&self.programs, &self.directory])
            .arg(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell runs");
        let mut said = String::new();
        let output = keeper.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut said).expect("the keeper speaks");
        assert_eq!(said.trim(), "ready", "PostgreSQL did not start");
        Keeper(keeper)
    }
}

/// A shell that ends what it has started once its standard input is closed: when this is dropped, or the test process
/// ends.
pub(crate) struct Keeper(pub(crate) Child);

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // Where it cannot be waited for, it has ended.
        let _ = self.0.wait();
    }
}

/// PostgreSQL refuses to run as root: then the account made for it, or the one that owns nothing.
fn account(own: &Path) -> Option<(u32, u32)> {
    if fs::metadata(own).expect("just made").uid() != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |name: &str| {
        let mut fields =
            accounts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody"))
}

//! Databases for stories, on both engines.

pub(crate) mod pooler;
pub(crate) mod postgres;

use std::future::Future;
use std::pin::Pin;

use ccdesk::storage::db::{Create, Db, Engine};
use tempfile::TempDir;

/// An empty, migrated database that nobody else uses.
pub(crate) struct Store {
    /// The open database.
    pub(crate) db: Db,
    /// The address of the database, to open it again.
    pub(crate) url: String,
}

impl Store {
    async fn open(url: String) -> Self {
        let db = Db::open(&url, Create::IfMissing).await.expect("a fresh database opens");
        Self { db, url }
    }

    /// The address of another database on the same engine: one that is not there yet, or is empty.
    pub(crate) async fn empty_database(&self) -> String {
        match self.db.engine() {
            Engine::Sqlite => format!("{}-empty", self.url),
            Engine::Postgres => postgres::empty_database().await,
        }
    }
}

/// A story: its name, and what happens in it.
pub(crate) type Story = (&'static str, fn(Store) -> Pin<Box<dyn Future<Output = ()> + Send>>);

/// Tells stories on both engines: each as a test of its own on SQLite (`sqlite::name`), and all of them one
/// after the other as the test `postgresql`, which names those that fail. One server serves them all. Stories of what
/// only a server has follow after `; on_postgres_only:`.
#[macro_export]
macro_rules! on_both_engines {
    ($($story:ident),+ $(,)? $(; on_postgres_only: $($of_a_server:ident),+ $(,)?)?) => {
        mod sqlite {
            $(
                #[test]
                fn $story() {
                    $crate::support::on_sqlite(super::$story);
                }
            )+
        }

        #[test]
        fn postgresql() {
            $crate::support::postgres::tell(&[
                $((stringify!($story), |store| Box::pin($story(store))),)+
                $($((stringify!($of_a_server), |store| Box::pin($of_a_server(store))),)+)?
            ]);
        }
    };
}

/// Tells one story on a fresh SQLite file.
pub(crate) fn on_sqlite<F: Future<Output = ()>>(story: impl FnOnce(Store) -> F) {
    run(async {
        let directory = TempDir::new().expect("a temporary directory");
        let file = directory.path().join("ccdesk.db");
        story(Store::open(format!("sqlite:{}", file.display())).await).await;
    });
}

/// Runs one test's asynchronous part, on as many threads as the program itself would.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(test)
}

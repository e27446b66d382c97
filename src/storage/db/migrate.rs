//! Migrations: the steps that create a database's schema and bring it up to date (`docs/promises.md`, 20).
//!
//! Steps are numbered in one sequence over three folders. A number is either one file in `migrations/`, which both
//! engines run, or a pair of files in `migrations/sqlite/` and `migrations/postgres/`, for what the engines express
//! differently. All steps that a database lacks run in one transaction, so that the schema is up to date afterwards or
//! unchanged. When two programs start at once, the second waits for the first and finds no step missing.

use sqlx::PgConnection;
use sqlx::migrate::{Migrate, Migration, Migrator};

use super::super::error::StorageError;

static SHARED: Migrator = sqlx::migrate!("./migrations");
static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

/// The table of the applied steps. Its existence also identifies a PostgreSQL database of this program.
pub(super) const TABLE: &str = "ccdesk_migrations";

/// All steps of the schema for one engine, ordered by number.
pub(super) struct Steps(Vec<&'static Migration>);

impl Steps {
    /// The steps for SQLite.
    pub(super) fn of_sqlite() -> Self {
        Self::with(&SQLITE)
    }

    /// The steps for PostgreSQL.
    pub(super) fn of_postgres() -> Self {
        Self::with(&POSTGRES)
    }

    fn with(engine: &'static Migrator) -> Self {
        let mut steps: Vec<_> = SHARED.iter().chain(engine.iter()).collect();
        steps.sort();
        Self(steps)
    }

    /// The steps that a database of this program lacks. It only reads the database.
    ///
    /// # Errors
    /// [`StorageError::Newer`] when the database has a step that this program does not know, and
    /// [`StorageError::Altered`] when it has a step with another text.
    pub(super) async fn missing<C: Migrate>(
        &self,
        connection: &mut C,
    ) -> Result<Vec<&Migration>, StorageError> {
        let mut missing = self.0.clone();
        for applied in connection.list_applied_migrations(TABLE).await? {
            let known = missing.iter().position(|step| step.version == applied.version);
            let step = missing.remove(known.ok_or(StorageError::Newer)?);
            if step.checksum != applied.checksum {
                return Err(StorageError::Altered(step.version));
            }
        }
        Ok(missing)
    }

    /// Applies the missing steps. The caller runs this in a transaction that keeps other programs from migrating.
    pub(super) async fn apply_missing<C: Migrate>(&self, connection: &mut C) -> Result<(), StorageError> {
        connection.ensure_migrations_table(TABLE).await?;
        for step in self.missing(connection).await? {
            connection.apply(TABLE, step).await?;
        }
        Ok(())
    }
}

/// The statement that gives new text columns the collation `C`. It runs after the steps that create the columns.
const COLLATION: &str = include_str!("../../../migrations/postgres/collation.sql");

/// Applies the steps that are missing where a PostgreSQL connection creates tables. The caller runs this in a transaction.
pub(super) async fn apply_to_postgres(connection: &mut PgConnection) -> Result<(), StorageError> {
    Steps::of_postgres().apply_missing(&mut *connection).await?;
    sqlx::raw_sql(COLLATION).execute(&mut *connection).await?;
    Ok(())
}

/// Creates the tables of the newest schema where a PostgreSQL connection creates tables, without noting the steps. There
/// are none yet. The caller runs this in a transaction.
pub(super) async fn create_tables(connection: &mut PgConnection) -> Result<(), StorageError> {
    for step in Steps::of_postgres().0 {
        sqlx::raw_sql(step.sql.clone()).execute(&mut *connection).await?;
    }
    sqlx::raw_sql(COLLATION).execute(&mut *connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_have_the_same_steps() {
        let names = |steps: Steps| -> Vec<_> {
            steps.0.iter().map(|step| (step.version, step.description.clone())).collect()
        };
        let sqlite = names(Steps::of_sqlite());
        assert_eq!(sqlite, names(Steps::of_postgres()));
        assert!(sqlite.windows(2).all(|pair| pair[0].0 < pair[1].0), "a number was used twice: {sqlite:?}");
    }
}

//! Bringing a database's schema up to date.
//!
//! Steps are numbered in one sequence over three folders. A number is either one portable file in
//! `migrations/`, or a pair, one file in `migrations/sqlite/` and one in `migrations/postgres/`, for what each
//! engine must be told in its own words. All steps that a database lacks run in one transaction: it ends up
//! wholly up to date or wholly as it was, and of two programs that start at once the second finds nothing left
//! to do.

use sqlx::migrate::{Migrate, Migration, Migrator};

use super::super::error::StorageError;

static PORTABLE: Migrator = sqlx::migrate!("./migrations");
static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

/// Where the applied steps are written down. The name is also how a PostgreSQL database is known to be ours.
pub(super) const TABLE: &str = "ccdesk_migrations";

/// Every step an engine takes, in order.
pub(super) struct Steps(Vec<&'static Migration>);

impl Steps {
    /// Those of SQLite.
    pub(super) fn of_sqlite() -> Self {
        Self::with(&SQLITE)
    }

    /// Those of PostgreSQL.
    pub(super) fn of_postgres() -> Self {
        Self::with(&POSTGRES)
    }

    fn with(engine: &'static Migrator) -> Self {
        let mut steps: Vec<_> = PORTABLE.iter().chain(engine.iter()).collect();
        steps.sort();
        Self(steps)
    }

    /// The steps a database of ours lacks. Only reads.
    ///
    /// # Errors
    /// [`StorageError::Newer`] and [`StorageError::Altered`] when it has steps this program does not know.
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

    /// Takes the missing steps. The caller's transaction makes them one, and keeps others out meanwhile.
    pub(super) async fn take<C: Migrate>(&self, connection: &mut C) -> Result<(), StorageError> {
        connection.ensure_migrations_table(TABLE).await?;
        for step in self.missing(connection).await? {
            connection.apply(TABLE, step).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_take_the_same_steps() {
        let names = |steps: Steps| -> Vec<_> {
            steps.0.iter().map(|step| (step.version, step.description.clone())).collect()
        };
        let sqlite = names(Steps::of_sqlite());
        assert_eq!(sqlite, names(Steps::of_postgres()));
        assert!(sqlite.windows(2).all(|pair| pair[0].0 < pair[1].0), "a number was used twice: {sqlite:?}");
    }
}

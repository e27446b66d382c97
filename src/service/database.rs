//! Opening a database, and filling a new one.

use crate::service::{World, unfinished};
use crate::storage::db::{AdvisoryLock, Create, Db};
use crate::storage::error::StorageError;
use crate::storage::seed;

/// Opens a database. With [`Create::IfMissing`] a missing one is created, and filled with currencies and countries
/// (`docs/domain.md`, Other entities).
///
/// # Errors
/// See [`Db::open`]; an existing database is then unchanged.
pub async fn open(url: &str, create: Create, world: &World) -> Result<Db, StorageError> {
    let db = Db::open(url, create).await?;
    if create == Create::IfMissing && !seed::is_done(&mut *db.read().await?).await? {
        let mut tx = db.begin().await?;
        tx.lock(AdvisoryLock::Seeding).await?;
        seed::seed(&mut tx, (world.now)()).await?;
        tx.commit().await?;
    }
    if create == Create::Unchanged {
        return Ok(db);
    }
    if let Err(error) = unfinished::finish(&db, world).await {
        // The database is usable without, and the work is still noted.
        tracing::warn!("what an update of the database leaves to do could not be done yet: {error}");
    }
    Ok(db)
}

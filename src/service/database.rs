//! Opening a database for work.

use crate::service::World;
use crate::storage::db::{AdvisoryLock, Create, Db};
use crate::storage::error::StorageError;
use crate::storage::seed;

/// Opens a database. Where one may be made, a new one begins with the currencies and countries of the world
/// (`domain.md`).
///
/// # Errors
/// See [`Db::open`]; what was there before is as it was.
pub async fn open(url: &str, create: Create, world: &World) -> Result<Db, StorageError> {
    let db = Db::open(url, create).await?;
    if create == Create::IfMissing && !seed::is_done(&mut *db.read().await?).await? {
        let mut tx = db.begin().await?;
        tx.lock(AdvisoryLock::Seeding).await?;
        seed::seed(&mut tx, (world.now)()).await?;
        tx.commit().await?;
    }
    Ok(db)
}

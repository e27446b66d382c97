//! Opening the database that the settings name.

use anyhow::Context;
use secrecy::ExposeSecret;

use crate::config::Config;
use crate::private;
use crate::service::{World, database};
use crate::storage::db::{Create, Db};

/// Opens it, and makes the directory of the usual one when that is to be made.
///
/// # Errors
/// One sentence; what is there was not touched.
pub(super) async fn open(config: &Config, create: Create, world: &World) -> anyhow::Result<Db> {
    if let Some(directory) = config.database_directory.as_deref().filter(|_| create == Create::IfMissing) {
        private::create_dir(directory).with_context(|| {
            format!("{} cannot be made; name another place with --db", directory.display())
        })?;
    }
    Ok(database::open(config.database.expose_secret(), create, world).await?)
}

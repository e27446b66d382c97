//! `ccdesk client-center`: the sign-in of a Client Center.

use std::process::ExitCode;

use super::{open, require_terminal, settings, status};
use crate::config::Config;
use crate::service::{World, client_center};
use crate::storage::db::Create;
use crate::tui::{self, Start};

/// Open a Client Center, as those who visit it do
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The relative URL of its web site, or else its host
    #[arg(value_name = "URL", default_value = "cc")]
    url: String,
}

/// Runs `ccdesk client-center`: opens the console as the visitors of one Client Center see it.
pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    require_terminal()?;
    let world = World::real(config.policy);
    let db = open(config, Create::MustExist, &world).await?;
    let center = client_center::client_center(&db, &args.url).await?;
    let settings = settings(config, config.database_name(), Vec::new());
    Ok(status(tui::run(db, world, Start::ClientCenter(center), settings).await?))
}

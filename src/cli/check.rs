//! `ccdesk check`: who cannot enter a Client Center, and why (`docs/codes.md`, Command line).

mod report;

use std::io::Write;
use std::process::ExitCode;

use super::open;
use super::report::{Format, Report, output};
use crate::config::Config;
use crate::service::World;
use crate::service::back_office::check::{Check, Finding};
use crate::storage::db::Create;

/// Says who cannot enter a Client Center, and why
///
/// Exit status: 0 when nothing failed, 1 when something failed, 2 when the check itself could not run.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whom to judge; without any, every external user
    #[arg(value_name = "LOGIN")]
    logins: Vec<String>,
    /// At which Client Center site, by its relative URL or else its host; without one, at every active site
    #[arg(long, value_name = "URL")]
    site: Option<String>,
    /// Only those whose sign-in would show a code
    #[arg(long)]
    failing: bool,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The exit status when a code failed for somebody.
const SOMETHING_FAILED: u8 = 1;

/// Runs `ccdesk check`: judges users at the Client Center sites. The exit status says whether a code failed for anybody.
pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let world = World::real(config.policy);
    let db = open(config, Create::MustExist, &world).await?;
    let mut check = Check::begin(&db, &world, &args.logins, args.site.as_deref()).await?;
    let mut report = Report::new(args.format, output());
    let mut something_failed = false;
    loop {
        let mut findings = check.next_page().await?;
        if findings.is_empty() {
            break;
        }
        let fails = |finding: &Finding| !finding.diagnosis.all_ok();
        something_failed |= findings.iter().any(fails);
        if args.failing {
            findings.retain(fails);
        }
        report.write(&findings)?;
    }
    report.finish::<Finding>()?.flush()?;
    db.close().await;
    Ok(if something_failed { SOMETHING_FAILED.into() } else { ExitCode::SUCCESS })
}

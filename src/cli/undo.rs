//! `ccdesk undo`: takes an operation back (`docs/domain.md`, History).

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context as _;

use super::report::output;
use super::{open, refused};
use crate::config::Config;
use crate::domain::model::history::{OperationId, Undoes};
use crate::domain::model::text::clean;
use crate::domain::rules::Issue;
use crate::service::back_office::BackOffice;
use crate::service::{ServiceError, World};
use crate::storage::db::Create;

/// Takes an operation back, as a new operation: all of it or nothing
///
/// What it created is removed, what it removed comes back, and what it changed gets its old values. An undo is undone in
/// the same way. It prints each step. Exit status: 0 when it was done, 1 when a rule refused it, 2 when it could not run.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which one, as `ccdesk history` lists it
    operation: String,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Do it also where a save would ask first
    #[arg(long)]
    anyway: bool,
    /// Why; an owner's access is changed with a reason alone. History keeps it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Runs `ccdesk undo`: undoes an operation, or says what that would do.
pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let typed = args.operation.trim();
    let operation: OperationId =
        typed.parse().with_context(|| format!("“{typed}” is no operation; `ccdesk history` lists them"))?;
    let world = World::real(config.policy);
    let db = open(config, Create::MustExist, &world).await?;
    let back_office = BackOffice::for_command_line(&db, &world);
    let undoes = Undoes { operation, entry: None };
    let done = if args.dry_run {
        back_office.plan_undo(undoes, args.reason.as_deref()).await
    } else {
        back_office.undo(undoes, args.anyway, args.reason.as_deref()).await
    };
    db.close().await;
    let done = match done {
        Ok(done) => done,
        Err(ServiceError::Invalid(issues)) if issues.iter().all(Issue::only_asks) => {
            let way_out = "Nothing was done; do it all the same with --anyway.";
            let issues = issues.into_iter().chain([Issue::whole(way_out)]).collect();
            return refused(ServiceError::Invalid(issues));
        }
        Err(error) => return refused(error),
    };
    let mut out = output();
    for step in &done.steps {
        writeln!(out, "{}", clean(step))?;
    }
    if !args.dry_run {
        writeln!(out, "{} (operation {})", clean(&done.purpose), done.operation)?;
    }
    out.flush()?;
    for question in &done.questions {
        // Where nobody reads it, the command has done its work.
        let _ = writeln!(io::stderr(), "ccdesk: {}", clean(question));
    }
    Ok(ExitCode::SUCCESS)
}

//! `ccdesk demo`: the console on an invented company.

use std::fs::{self, Permissions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};
use uuid::uuid;

use super::{origin, require_terminal, status};
use crate::domain::entities::user;
use crate::domain::model::value::{RecordId, Value};
use crate::service::back_office::{BackOffice, open_without_password};
use crate::service::exchange::{self, Options};
use crate::service::{Policy, World, database};
use crate::storage::db::{Create, Db};
use crate::storage::records::{self, FindBy};
use crate::tui::layout_store::LayoutStore;
use crate::tui::{self, Settings, Start};

/// The invented company, as an Import payload.
const COMPANY: &[u8] = include_bytes!("../../assets/demo/company.json");

/// The login that is signed in.
const OPERATOR: &str = "mkoleva";

/// The id of its user in the company's file.
const OPERATOR_ID: RecordId = RecordId(uuid!("018f2a34-6b1c-7007-8000-000000000001"));

/// Open the console on an invented company, signed in
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many generated users to add
    #[arg(long, value_name = "N", default_value_t = 0)]
    users: u64,
    /// The same seed gives the same users
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Keep the company in this file, and open it again when it is there already
    #[arg(long, value_name = "PATH")]
    keep: Option<PathBuf>,
}

/// Runs `ccdesk demo`: opens the console on the demo company, creating its database when it is missing.
pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    require_terminal()?;
    let world = World::real(Policy::default());
    let (scratch, file) = tokio::select! {
        made = file(args, &world) => made?,
        () = interrupted() => bail!("stopped before the demo company was complete; nothing is left of it"),
    };
    let db = open(&file, Create::MustExist, &world).await?;
    let back_office = back_office(&db, &world).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // Kept beside the database, so that the operator's own layouts stay as they are.
    let layouts = LayoutStore::new(file.with_extension("layouts.toml"));
    let settings = Settings {
        database: name,
        warnings: db.warnings(),
        keyboard: None,
        layouts,
        from: origin(),
        lock_after: None,
    };
    let done = tui::run(db, world, Start::At(Box::new(back_office)), settings).await;
    drop(scratch);
    Ok(status(done?))
}

/// The file with the demo company, created when it is missing. Without `--keep` it is in a temporary directory, which
/// is deleted when the first value is dropped.
async fn file(args: &Args, world: &World) -> anyhow::Result<(Option<TempDir>, PathBuf)> {
    let Some(kept) = &args.keep else {
        let scratch = scratch_in(&std::env::temp_dir())?;
        let file = scratch.path().join("demo.db");
        fill(&file, args, world).await?;
        return Ok((Some(scratch), file));
    };
    if kept.exists() {
        ensure!(
            args.users == 0,
            "{} is there already; leave --users out to open it, or name another file",
            kept.display()
        );
    } else {
        // Created under another name and then moved, so that nobody finds half a company.
        let parent = kept.parent().filter(|parent| !parent.as_os_str().is_empty());
        let scratch = scratch_in(parent.unwrap_or(Path::new(".")))?;
        let file = scratch.path().join("demo.db");
        fill(&file, args, world).await?;
        fs::rename(&file, kept).with_context(|| format!("{} cannot be made", kept.display()))?;
    }
    Ok((None, kept.clone()))
}

fn scratch_in(directory: &Path) -> anyhow::Result<TempDir> {
    let private = Permissions::from_mode(0o700);
    let made = tempfile::Builder::new().prefix("ccdesk-demo-").permissions(private).tempdir_in(directory);
    made.with_context(|| format!("nothing can be made in {}; make room there", directory.display()))
}

/// Creates the company, and the generated users.
async fn fill(file: &Path, args: &Args, world: &World) -> anyhow::Result<()> {
    let db = open(file, Create::IfMissing, world).await?;
    let options = Options {
        login: OPERATOR.to_owned(),
        purpose: "Import of the demo company".to_owned(),
        ..Options::default()
    };
    let done = exchange::import(&db, world, COMPANY, &options, &mut |_| {}).await?;
    ensure!(done.failed == 0, "the demo company is incomplete: {} records were refused", done.failed);
    if args.users > 0 {
        let mut progress = Progress::new(args.users);
        back_office(&db, world).await?.generate(args.users, args.seed, |made| progress.show(made)).await?;
    }
    db.close().await;
    Ok(())
}

async fn open(file: &Path, create: Create, world: &World) -> anyhow::Result<Db> {
    let path = file
        .to_str()
        .with_context(|| format!("{} is not UTF-8 text; name another file or directory", file.display()))?;
    Ok(database::open(&format!("sqlite:{path}"), create, world).await?)
}

async fn back_office(db: &Db, world: &World) -> anyhow::Result<BackOffice> {
    let login = Value::text(OPERATOR);
    let found =
        records::find(&mut *db.read().await?, &user::USER, FindBy::Field(&user::LOGIN.def, &login)).await?;
    // A login of the same name in another company's database is not signed in without its password.
    let operator = found.filter(|found| *found == OPERATOR_ID);
    let operator = operator.context("this is no demo company; open it with --db, or name another file")?;
    Ok(open_without_password(db, world, operator).await?)
}

/// Shows the number of users generated so far, on one line of a terminal.
struct Progress {
    of: u64,
    shown: bool,
}

impl Progress {
    fn new(of: u64) -> Self {
        Self { of, shown: io::stderr().is_terminal() }
    }

    fn show(&mut self, made: u64) {
        if self.shown {
            let end = if made == self.of { "\n" } else { "" };
            let _ = write!(io::stderr(), "\r{made} of {} users{end}", self.of);
        }
    }
}

/// Completes when SIGINT or SIGTERM asks the program to end.
async fn interrupted() {
    let wanted = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = wanted else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

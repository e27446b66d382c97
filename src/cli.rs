//! The command line: its commands, its global options, and how each command is run.

mod access;
mod check;
mod client_center;
mod demo;
mod export;
mod history;
pub mod import;
mod log;
mod operator;
mod password;
mod propose;
mod report;
mod request;
mod sign_in_preview;
mod signals;
mod undo;

use std::env;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand};
use secrecy::{ExposeSecret, SecretString};

use report::WhileRead;

use crate::config::{Config, Directories, Given};
use crate::domain::model::text;
use crate::service::auth::Origin;
use crate::service::{ServiceError, World, database};
use crate::storage::db::{Create, Db};
use crate::tui::event_loop::Ending;
use crate::tui::layout_store::LayoutStore;
use crate::tui::{self, Settings, Start, terminal};

const EXAMPLES: &str = "\
Examples:
  ccdesk demo                                  try it on an invented company; nothing is kept
  ccdesk demo --users 1000000 --seed 7         the same, with a million generated users
  ccdesk import dump.json --dry-run            what an import would do
  ccdesk import users.json parties.jsonl       take over a dump of the Domain API
  ccdesk export --out all.json                 everything, for importing it elsewhere
  ccdesk export users --view Pending --out pending.xlsx
  ccdesk                                       the console, on the usual database
  ccdesk --db sqlite:acme.db                   the console, on another database
  ccdesk --db sqlite:acme.db client-center cc  the Client Center at cc, as its visitors see it
  ccdesk check --failing                       everybody who cannot enter, and why
  ccdesk check chris_armstrong@mail.com --site cc --format json
  ccdesk sign-in-preview admin@olivia-green.example --site cc26
  ccdesk access list --customer 00028          who may see that customer's data, and how far back
  ccdesk access grant chris_armstrong@mail.com 00028 00003 --role Billing --days unlimited
  ccdesk access revoke chris_armstrong@mail.com 00028
  ccdesk request add --email ann@mail.com --name 'Ann Lee' --phone 5550100
  ccdesk operator add ivan --name 'Ivan Petrov'  an operator, who chooses a password with the code
  ccdesk request list                          who waits for a decision, the oldest first
  ccdesk propose --pending --format json       which person and company each may be, and why
  ccdesk request reject ann@mail.com --reason 'nobody knows her'
  ccdesk history --operator mkoleva --since 2024-04-01  what she did, the newest first
  ccdesk undo 01926b7e-3d4c-7a51-9c1e-2f6a1b0c9d8e --dry-run  what taking it back would do

Settings come from ~/.config/ccdesk/config.toml (database, log,
shortest_password, lock_after_minutes), then from the environment
(CCDESK_DATABASE_URL, CCDESK_LOG), then from the command line; the later wins.
Everybody on this machine can see a command line: give an address with a
password by the file or the environment.";

const DATABASE_HELP: &str = "The database: sqlite:PATH or postgres://USER@HOST/NAME";

/// The longest that closing the database may take after an import (`docs/promises.md`, 32).
const CLOSING: Duration = Duration::from_secs(1);

/// The login under which history keeps what was imported.
const IMPORTER: &str = "import";

/// Decides who may enter a company's Client Center.
///
/// Without a command it opens the console, in which back-office staff turn a pending login into a working one.
#[derive(Debug, Parser)]
#[command(name = "ccdesk", version, after_help = EXAMPLES)]
pub struct Cli {
    // As a doc comment, the address would be a link.
    #[arg(long, global = true, value_name = "URL", help = DATABASE_HELP)]
    db: Option<SecretString>,
    /// Another configuration file than the usual one
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Check(check::Args),
    ClientCenter(client_center::Args),
    Import(import::Import),
    Export(export::Args),
    Access(access::Args),
    Request(request::Args),
    Propose(propose::Args),
    History(history::Args),
    Undo(undo::Args),
    Operator(operator::Args),
    SignInPreview(sign_in_preview::Args),
}

/// Runs the command that the command line asks for.
///
/// # Errors
/// When the command could not be carried out. The error is one sentence that says what to do about it.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let directories = Directories::of_this_user()?;
    let flags = Given { database: cli.db, ..Given::default() };
    let db_flag = flags.database.is_some();
    let config = Config::settle(directories, cli.config.as_deref(), Given::by_environment()?, flags)?;
    log::begin(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the machine gives no threads; try again when it has less to do")?;
    let done = runtime.block_on(async {
        match cli.command {
            None => console(&config).await,
            Some(Command::Demo(_)) if db_flag => {
                anyhow::bail!("demo makes a database of its own; leave --db out, or keep it with --keep PATH")
            }
            Some(Command::Demo(args)) => demo::run(&args).await,
            Some(Command::Check(args)) => check::run(&args, &config).await,
            Some(Command::ClientCenter(args)) => client_center::run(&args, &config).await,
            Some(Command::Import(args)) => import_files(&args, &config).await,
            Some(Command::Export(args)) => export::run(&args, &config).await,
            Some(Command::Access(args)) => access::run(&args, &config).await,
            Some(Command::Request(args)) => request::run(&args, &config).await,
            Some(Command::Propose(args)) => propose::run(&args, &config).await,
            Some(Command::History(args)) => history::run(&args, &config).await,
            Some(Command::Undo(args)) => undo::run(&args, &config).await,
            Some(Command::Operator(args)) => operator::run(&args, &config).await,
            Some(Command::SignInPreview(args)) => sign_in_preview::run(&args, &config).await,
        }
    });
    // A thread that waits for a key would never end.
    runtime.shutdown_background();
    done
}

async fn console(config: &Config) -> anyhow::Result<ExitCode> {
    require_terminal()?;
    let world = World::real(config.policy);
    let db = database::open(config.database.expose_secret(), Create::IfMissing, &world).await?;
    let settings = settings(config, config.database_name(), db.warnings());
    Ok(status(tui::run(db, world, Start::SignIn, settings).await?))
}

/// Checks for a terminal before anything is created that only the console would use.
fn require_terminal() -> anyhow::Result<()> {
    ensure!(terminal::is_there(env::var("TERM").ok().as_deref()), terminal::NO_TERMINAL);
    Ok(())
}

async fn import_files(args: &import::Import, config: &Config) -> anyhow::Result<ExitCode> {
    // A dry run keeps nothing, not even a new database.
    let create = if args.dry_run { Create::Unchanged } else { Create::IfMissing };
    let world = World::real(config.policy);
    // Before the database is opened, which would make a new one.
    let report = args.begin_report(&Db::files_of(config.database.expose_secret()))?;
    let db = open(config, create, &world).await;
    let db = if args.dry_run { db.map_err(import::without_advice_to_import)? } else { db? };
    let ended = import::run(args, &db, &world, IMPORTER, report, &mut WhileRead::new(io::stderr())).await;
    // A server that does not answer is not waited for.
    let _ = tokio::time::timeout(CLOSING, db.close()).await;
    Ok(ended?.into())
}

/// Opens the database for a command that prints: what has to be known of it is printed on standard error.
async fn open(config: &Config, create: Create, world: &World) -> anyhow::Result<Db> {
    let db = database::open(config.database.expose_secret(), create, world).await?;
    for warning in db.warnings() {
        // Where nobody reads it, the command goes on.
        let _ = writeln!(io::stderr(), "ccdesk: {}", text::clean(&warning));
    }
    Ok(db)
}

fn settings(config: &Config, database: String, warnings: Vec<String>) -> Settings {
    Settings {
        database,
        warnings,
        keyboard: config.keyboard,
        layouts: LayoutStore::new(config.directories.layouts_file()),
        from: origin(),
        lock_after: Some(config.lock_after),
    }
}

/// The exit status of a command that a rule refused.
const REFUSED: u8 = 1;

/// Prints each thing that a rule refused, one line each; any other error is returned.
fn refused(error: ServiceError) -> anyhow::Result<ExitCode> {
    let sentences = match error {
        ServiceError::Invalid(issues) => issues.into_iter().map(|issue| issue.message).collect(),
        ServiceError::Denied(sentence) => vec![sentence],
        ServiceError::Conflict(conflict) => vec![conflict.to_string()],
        other => return Err(other.into()),
    };
    for sentence in sentences {
        // Where nobody reads it, the exit status still says it.
        let _ = writeln!(io::stderr(), "ccdesk: {}", text::clean(&sentence));
    }
    Ok(REFUSED.into())
}

/// The machine and account that sign-ins on this terminal come from.
fn origin() -> Origin {
    let machine = rustix::system::uname();
    Origin(format!("{}@{}", rustix::process::getuid().as_raw(), machine.nodename().to_string_lossy()))
}

/// The exit status for how the console ended; for a signal it is 128 and the signal's number, and otherwise 1 when a
/// change that was being saved is not saved, or not known to be.
fn status(ended: tui::Ended) -> ExitCode {
    match ended.ending {
        Ending::Quit | Ending::TerminalGone if ended.has_unsaved => ExitCode::FAILURE,
        Ending::Quit | Ending::TerminalGone => ExitCode::SUCCESS,
        Ending::Signal(number) => u8::try_from(128 + number).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}

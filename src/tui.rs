//! The console. Only [`runtime`] asks the service, through a [`ServiceSession`]; everything else is plain state, plain
//! events and plain effects.

pub mod command;
pub mod component;
pub mod console;
pub mod event_loop;
pub mod input;
pub mod layout_store;
pub mod message;
pub mod places;
pub mod runtime;
pub mod screens;
pub mod terminal;
#[doc(hidden)]
pub mod testing;
pub mod theme;
pub mod widgets;

use std::io::{self, Write};
use std::time::Duration;

use crate::domain::account_request::Source;
use crate::domain::model::text;
use crate::service::World;
use crate::service::api::ServiceSession;
use crate::service::auth::Origin;
use crate::service::back_office::BackOffice;
use crate::service::client_center::ClientCenter;
use crate::storage::db::Db;
use console::Console;
use event_loop::{Ending, Left};
use layout_store::LayoutStore;
use message::Screen;
use runtime::{Runtime, WriteOutcome};
use terminal::Terminal;
use theme::Theme;

/// How long typing pauses before the codes of a draft are asked for.
const PAUSE: Duration = Duration::from_millis(150);

/// Who is there when the console opens.
pub enum Start {
    /// Nobody: it asks for login and password, or for the first administrator.
    SignIn,
    /// Somebody at the desk.
    At(Box<BackOffice>),
    /// Nobody: it asks for login and password of this Client Center.
    ClientCenter(ClientCenter),
}

/// What the console is told about its surroundings.
pub struct Settings {
    /// What the frame calls the database.
    pub database: String,
    /// Where layouts are kept.
    pub layouts: LayoutStore,
    /// From where people sign in.
    pub from: Origin,
    /// How long nobody may touch a key before the console locks; `None` where there is no password to unlock it.
    pub lock_after: Option<Duration>,
}

/// How long closing the database may take when the console is left. SQLite then folds its log into the file, which
/// the next opening does as well.
const CLOSING: Duration = Duration::from_secs(1);

/// Runs the console until the operator leaves, the terminal is closed or a signal ends it; closes the database. What
/// became of writes under way is said on standard error. Once it is to end, it does so within five seconds.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(db: Db, world: World, start: Start, settings: Settings) -> anyhow::Result<Ending> {
    let theme = Theme::of_environment(std::env::var_os("NO_COLOR").as_deref());
    let mut console = Console::new(screens::open, theme, settings.database.clone());
    console.set_today(world.today());
    let session = match start {
        Start::SignIn => {
            console.begin(Screen::SignIn);
            ServiceSession::new(db.clone(), world.clone(), settings.from.clone(), Source::Console)
        }
        Start::At(back_office) => {
            console.sign_in(back_office.who.clone());
            ServiceSession::of_operator(*back_office, settings.from.clone(), Source::Console)
        }
        Start::ClientCenter(center) => {
            console.begin(Screen::ClientCenterSignIn(center));
            ServiceSession::new(db.clone(), world.clone(), settings.from.clone(), Source::Console)
        }
    };
    let mut runtime = Runtime::new(session.into(), PAUSE);
    let mut terminal = Terminal::enter()?;
    let left = event_loop::run(&mut console, &mut runtime, &mut terminal, &world, &settings).await;
    drop(terminal);
    let commits = db.unanswered_commits();
    for sentence in sentences(&left, commits) {
        // Without standard error there is nobody left to tell.
        let _ = writeln!(io::stderr(), "ccdesk: {}", text::clean(&sentence));
    }
    let _ = tokio::time::timeout(CLOSING, db.close()).await;
    Ok(left.ending?)
}

/// What there is to say after the console, in whole sentences. `unanswered_commits` is how many transactions were at
/// their commit when their writes were given up: a write that was given up before that did not happen.
fn sentences(left: &Left, unanswered_commits: usize) -> Vec<String> {
    let of_write = |outcome: &WriteOutcome| match outcome {
        WriteOutcome::Saved => "What was being saved as you left is saved.".to_owned(),
        WriteOutcome::NotSaved(why) => format!("What was being saved as you left is not saved: {why}"),
        WriteOutcome::Unknown(why) => {
            format!("It is not known whether what was being saved as you left is saved: {why}")
        }
        WriteOutcome::GivenUp if unanswered_commits == 0 => {
            "What was being saved as you left is not saved: the database did not answer in time.".to_owned()
        }
        WriteOutcome::GivenUp | WriteOutcome::LeftBehind => {
            "It is not known whether what was being saved as you left is saved: the database did \
            not answer in time; look whether the change is there before repeating it."
                .to_owned()
        }
    };
    left.writes.iter().map(of_write).chain(left.layouts.iter().map(ToString::to_string)).collect()
}

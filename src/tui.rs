//! The console. Only [`runtime`] calls the service, through a [`ServiceSession`]; everything else is plain state,
//! events and effects.

pub mod command;
pub mod component;
pub mod console;
pub mod event_loop;
pub mod input;
pub mod keyboard;
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
use crate::domain::model::history::OperationId;
use crate::domain::model::text;
use crate::service::World;
use crate::service::api::ServiceSession;
use crate::service::auth::Origin;
use crate::service::back_office::BackOffice;
use crate::service::client_center::ClientCenter;
use crate::storage::db::Db;
use console::Console;
use event_loop::{Ending, Left};
use keyboard::Keyboard;
use layout_store::LayoutStore;
use message::{Notice, Screen, Tone};
use runtime::{Runtime, WriteOutcome};
use terminal::Terminal;
use theme::Theme;

/// The pause in typing after which the codes of a draft are asked for.
const PAUSE: Duration = Duration::from_millis(150);

/// What the console opens with.
pub enum Start {
    /// The sign-in of the back office; on the first run it creates the administrator.
    SignIn,
    /// The Home of an operator who is signed in already, as in the demo.
    At(Box<BackOffice>),
    /// The sign-in of this Client Center.
    ClientCenter(ClientCenter),
}

/// What the console needs to know of its surroundings.
pub struct Settings {
    /// The name of the database on the screen.
    pub database: String,
    /// What whoever uses the database has to know, in whole sentences; said when the console opens.
    pub warnings: Vec<String>,
    /// The keyboard that the configuration names; without one, the one that was chosen last is used.
    pub keyboard: Option<Keyboard>,
    /// Where layouts are kept.
    pub layouts: LayoutStore,
    /// The machine and account from which people sign in; sign-ins are slowed down and kept in history by it.
    pub from: Origin,
    /// The idle time after which the console locks; `None` where the operator has no password to unlock it with.
    pub lock_after: Option<Duration>,
}

/// The longest that closing the database may take at the end. On SQLite, closing folds the write-ahead log into the
/// file; where that is cut short, the next opening does it.
const CLOSING: Duration = Duration::from_secs(1);

/// Runs the console until the operator quits, the terminal is closed or a signal ends it, and closes the database.
/// What became of writes that were under way is printed on standard error. From the moment it is to end, it takes at
/// most five seconds (`docs/promises.md`, 32).
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(db: Db, world: World, start: Start, settings: Settings) -> anyhow::Result<Ended> {
    let theme = Theme::of_environment(std::env::var_os("NO_COLOR").as_deref());
    let mut console = Console::new(screens::open, theme, settings.database.clone());
    console.set_keyboard(settings.keyboard.or_else(|| settings.layouts.keyboard()));
    console.set_now((world.now)());
    console.set_shortest_password(world.policy.min_password_length);
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
    for warning in &settings.warnings {
        console.notify(Notice { tone: Tone::Bad, text: warning.clone() });
    }
    let mut runtime = Runtime::new(session.into(), PAUSE);
    let mut terminal = Terminal::enter()?;
    let left = event_loop::run(&mut console, &mut runtime, &mut terminal, &world, &settings).await;
    drop(terminal);
    if let Some(path) = console.exporting() {
        let sentence = format!("{} was not exported to its end; there is no such file.", path.display());
        let _ = writeln!(io::stderr(), "ccdesk: {}", text::clean(&sentence));
    }
    let is_unanswered = db.unanswered_commits() > 0;
    for sentence in sentences(&left, is_unanswered, &db.unanswered_operations()) {
        // Where standard error cannot be written, there is nowhere left to say it.
        let _ = writeln!(io::stderr(), "ccdesk: {}", text::clean(&sentence));
    }
    let _ = tokio::time::timeout(CLOSING, db.close()).await;
    let has_unsaved = left.writes.iter().any(|outcome| *outcome != WriteOutcome::Saved);
    Ok(Ended { ending: left.ending?, has_unsaved })
}

/// How the console ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// What ended it.
    pub ending: Ending,
    /// Whether a write that was under way is not saved, or not known to be.
    pub has_unsaved: bool,
}

/// What is printed after the console has ended, in whole sentences. `is_unanswered` says that a COMMIT was sent and not
/// answered when its write was given up, of these operations; a write that was given up earlier did not take place.
fn sentences(left: &Left, is_unanswered: bool, operations: &[OperationId]) -> Vec<String> {
    let operations: Vec<String> = operations.iter().map(ToString::to_string).collect();
    let named = match &operations[..] {
        [] => String::new(),
        [operation] => format!(" (operation {operation})"),
        operations => format!(" (operations {})", operations.join(", ")),
    };
    let of_write = |outcome: &WriteOutcome| match outcome {
        WriteOutcome::Saved => "What was being saved as you left is saved.".to_owned(),
        WriteOutcome::NotSaved(why) => format!("What was being saved as you left is not saved: {why}"),
        WriteOutcome::Unknown(why) => {
            format!("It is not known whether what was being saved as you left is saved: {why}")
        }
        WriteOutcome::GivenUp if !is_unanswered => {
            "What was being saved as you left is not saved: the database did not answer in time.".to_owned()
        }
        WriteOutcome::GivenUp | WriteOutcome::LeftBehind => {
            format!(
                "It is not known whether what was being saved as you left is saved: the database did not answer in \
                 time; look whether the change is there before repeating it{named}."
            )
        }
    };
    left.writes.iter().map(of_write).chain(left.layouts.iter().map(ToString::to_string)).collect()
}

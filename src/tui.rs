//! The console. Only [`runtime`] talks to the service; everything else is plain state, plain events and
//! plain effects.

pub mod command;
pub mod component;
pub mod console;
pub mod event_loop;
pub mod layout_store;
pub mod message;
pub mod office;
pub mod runtime;
pub mod screens;
pub mod terminal;
#[doc(hidden)]
pub mod testing;
pub mod theme;
pub mod widgets;

use crate::service::{Desk, World};
use crate::storage::db::Db;
use console::Console;
use event_loop::Ending;
use layout_store::LayoutStore;
use message::Screen;
use office::Office;
use runtime::Runtime;
use terminal::Terminal;
use theme::Theme;

/// Who is there when the console opens.
pub enum Start {
    /// Nobody: it asks for login and password, or for the first administrator.
    SignIn,
    /// Somebody at the desk.
    At(Box<Desk>),
}

/// What the console is told about its surroundings.
pub struct Settings {
    /// What the frame calls the database.
    pub database: String,
    /// Where layouts are kept.
    pub layouts: LayoutStore,
}

/// Runs the console until the operator leaves, the terminal is closed or a signal ends it.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(db: Db, world: World, start: Start, settings: Settings) -> anyhow::Result<Ending> {
    let theme = Theme::of_environment(std::env::var_os("NO_COLOR").as_deref());
    let mut console = Console::new(screens::open, theme, settings.database);
    let office = match start {
        Start::SignIn => {
            console.push(Screen::SignIn);
            Office::new(db, world)
        }
        Start::At(desk) => {
            console.sign_in(desk.who.clone());
            Office::at(*desk)
        }
    };
    let mut runtime = Runtime::new(office.into());
    let mut terminal = Terminal::enter()?;
    let ending = event_loop::run(&mut console, &mut runtime, &mut terminal, &settings.layouts).await;
    Ok(ending?)
}

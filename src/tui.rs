//! The console. Only [`runtime`] talks to the service; everything else is plain state, plain events and
//! plain effects.

pub mod command;
pub mod component;
pub mod console;
pub mod event_loop;
pub mod message;
pub mod office;
pub mod runtime;
pub mod screens;
pub mod terminal;
#[doc(hidden)]
pub mod testing;
pub mod theme;
pub mod widgets;

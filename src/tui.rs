//! The console. Only [`runtime`] talks to the service; everything else is plain state, plain events and
//! plain effects.

pub mod command;
pub mod component;
pub mod message;
pub mod screens;
pub mod widgets;

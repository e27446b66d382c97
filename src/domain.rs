//! The field's own rules. Pure: no database, no screen, no clock, no randomness.

pub mod access;
pub mod change;
pub mod entry;
pub mod navigate;
pub mod record;
pub mod request;
pub mod rights;
pub mod rules;
pub mod schema;
pub mod text;
pub mod value;

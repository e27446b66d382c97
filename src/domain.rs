//! The field's own rules. Pure: no database, no screen, no clock, no randomness.

pub mod access;
pub mod text;
pub mod value;

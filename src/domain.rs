//! The field's own rules. Pure: no database, no screen, no clock, no randomness.

pub mod account_request;
pub mod codes;
pub mod entities;
pub mod model;
pub mod rights;
pub mod rules;

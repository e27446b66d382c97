//! The business rules: entities, their fields and checks, the codes CC002 to CC010, persons and
//! companies proposed for requests, and rights. Every function is pure:
//! it uses no database, screen, clock or randomness.

pub mod account_request;
pub mod codes;
pub mod entities;
pub mod matching;
pub mod model;
pub mod rights;
pub mod rules;

#[cfg(test)]
mod tests;

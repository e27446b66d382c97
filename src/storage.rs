//! Access to the database, SQLite or PostgreSQL. No other module uses `sqlx` or contains SQL.

pub mod accounts;
pub mod bulk;
pub mod candidates;
pub mod claims;
pub mod columns;
pub mod credentials;
pub mod db;
pub mod error;
pub mod facts;
pub mod failures;
pub mod history;
pub mod last_customer;
pub mod last_use;
pub mod list;
pub mod look_alikes;
pub mod match_keys;
pub mod operations;
pub mod records;
pub mod seed;
mod statement;
pub mod unfinished;

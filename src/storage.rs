//! The only place that names `sqlx` or holds SQL.

pub mod db;
pub mod error;

//! The types that all entities share: values, records, entity descriptions, list queries, history entries and text.

pub mod amount;
pub mod choice;
pub mod code;
pub mod field;
pub mod format;
pub mod history;
pub mod history_text;
pub mod instant;
pub mod json_keys;
pub mod language;
pub mod limits;
pub mod mail_domain;
pub mod match_key;
pub mod normal;
pub mod person_name;
pub mod query;
pub mod record;
pub mod request_state;
pub mod rules;
pub mod schema;
pub mod text;
pub mod value;

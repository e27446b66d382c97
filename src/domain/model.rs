//! What every entity is made of: values, records, their descriptions, list queries, history, and text.

pub mod choice;
pub mod code;
pub mod field;
pub mod format;
pub mod history;
pub mod history_text;
pub mod limits;
pub mod query;
pub mod record;
pub mod request_state;
pub mod rules;
pub mod schema;
pub mod text;
pub mod value;

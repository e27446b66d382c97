//! What every entity is made of: values, records, their descriptions, list queries, history, and text.

pub mod format;
pub mod history;
pub mod history_text;
pub mod query;
pub mod record;
pub mod schema;
pub mod text;
pub mod value;

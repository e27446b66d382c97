//! What an editor of a field answers to a key or a paste.

use crate::domain::model::value::Value;
use crate::tui::widgets::text_box::Refused;

/// What a key did to an editor.
pub enum Edited {
    /// The editor does not use it.
    NotMine,
    /// Nothing changed, or only the cursor.
    Nothing,
    /// The text has changed, and has to be read.
    Typed(String),
    /// The value has changed.
    Value(Value),
    /// This text was typed over the value, to find another one in the list.
    Searched(String),
    /// Not all of it had room; this is the text now.
    Refused(Refused, String),
}

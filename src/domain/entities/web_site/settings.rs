//! Parsing of a web site's `SettingsJson` and its checks (`docs/codes.md`, The table, CC008 and CC009).

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use uuid::Uuid;

use crate::domain::model::value::RecordId;

#[cfg(test)]
mod tests;

/// The key with the Id of the document type of new orders (CC009).
pub const NEW_ORDER_DOCUMENT_TYPE: &str = "NewOrderDocumentType";
/// The key with the switch of new orders (CC009).
pub const IS_NEW_ORDER_ENABLED: &str = "IsNewOrderEnabled";

/// The properties of a web site's settings that CC009 depends on; both are `None` for blank settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The property `NewOrderDocumentType`, where it is present.
    pub new_order_document_type: Option<Property>,
    /// The property `IsNewOrderEnabled`, where it is present.
    pub is_new_order_enabled: Option<Property>,
}

/// The value of a property of the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property {
    /// A JSON string.
    Text(String),
    /// Any other JSON value, also `null`.
    Other,
}

/// Why new orders are not set up properly (CC009).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewOrderProblem {
    /// `IsNewOrderEnabled` is present without `NewOrderDocumentType`.
    #[error("NewOrderDocumentType is missing")]
    NoDocumentType,
    /// `NewOrderDocumentType` is present without `IsNewOrderEnabled`.
    #[error("IsNewOrderEnabled is missing")]
    NoSwitch,
    /// `NewOrderDocumentType` is not the Id of a document type for sales orders.
    #[error("NewOrderDocumentType is no sales order document type")]
    NoSalesOrderType,
}

/// An error in the text of the settings with its position (CC008).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SettingsError {
    /// The line of the error, from 1.
    pub line: usize,
    /// The column of the error in characters, from 1.
    pub column: usize,
    /// One sentence that says what is wrong. It can quote the text: clean it before it is shown.
    pub message: String,
}

/// Parses the text of `SettingsJson`. Blank text is valid and has no properties.
///
/// # Errors
/// When the text is not one JSON object, an object in it has a property twice, or text follows the object.
pub fn check_settings(text: &str) -> Result<Settings, SettingsError> {
    if text.trim().is_empty() {
        return Ok(Settings::default());
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let settings = json.deserialize_map(SettingsVisitor).and_then(|settings| json.end().map(|()| settings));
    settings.map_err(|error| SettingsError::at(text, &error))
}

impl Settings {
    /// The problem with the settings for new orders (CC009), if any. `sales_order_types` are the ids of all document
    /// types for sales orders.
    pub fn problem(&self, sales_order_types: &[RecordId]) -> Option<NewOrderProblem> {
        let document_type = match (&self.new_order_document_type, &self.is_new_order_enabled) {
            (None, None) => return None,
            (None, Some(_)) => return Some(NewOrderProblem::NoDocumentType),
            (Some(_), None) => return Some(NewOrderProblem::NoSwitch),
            (Some(document_type), Some(_)) => document_type.record(),
        };
        let known = document_type.is_some_and(|id| sales_order_types.contains(&id));
        (!known).then_some(NewOrderProblem::NoSalesOrderType)
    }
}

impl Property {
    fn record(&self) -> Option<RecordId> {
        match self {
            Self::Text(text) => Uuid::parse_str(text).ok().map(RecordId),
            Self::Other => None,
        }
    }
}

/// The line and column, both from 1, of `NewOrderDocumentType` in the settings, else of `IsNewOrderEnabled`, else of
/// the start of the text: where the cursor is placed to repair CC009.
pub fn new_order_position(text: &str) -> (usize, usize) {
    let quoted = |name| text.find(&format!("\"{name}\""));
    let offset = quoted(NEW_ORDER_DOCUMENT_TYPE).or_else(|| quoted(IS_NEW_ORDER_ENABLED)).unwrap_or_default();
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

impl SettingsError {
    fn at(text: &str, error: &serde_json::Error) -> Self {
        let line = error.line().max(1);
        // The column of serde_json counts bytes, that of the cursor counts characters.
        let bytes = text.split('\n').nth(line - 1).unwrap_or_default().as_bytes();
        let upto = &bytes[..error.column().min(bytes.len())];
        let column = String::from_utf8_lossy(upto).chars().count().max(1);
        let full = error.to_string();
        let reason = full.rsplit_once(" at line ").map_or(full.as_str(), |(reason, _position)| reason);
        let message = match reason {
            _ if error.is_eof() => "The text ends before the object does.".to_owned(),
            "trailing characters" => "Nothing may follow the object.".to_owned(),
            reason => format!("Not a well-formed JSON object: {reason}."),
        };
        Self { line, column, message }
    }
}

/// Calls `found` with the name and value of each property of an object; a property that occurs twice is an error.
fn properties<'de, A: MapAccess<'de>>(
    mut object: A,
    mut found: impl FnMut(&str, Property),
) -> Result<(), A::Error> {
    let mut names = HashSet::new();
    while let Some(name) = object.next_key::<String>()? {
        if names.contains(&name) {
            return Err(A::Error::custom(format_args!("the property {name:?} stands twice")));
        }
        found(&name, object.next_value()?);
        names.insert(name);
    }
    Ok(())
}

/// Parses the outermost object into [`Settings`].
struct SettingsVisitor;

impl<'de> Visitor<'de> for SettingsVisitor {
    type Value = Settings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object in braces")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Settings, A::Error> {
        let mut settings = Settings::default();
        properties(object, |name, value| match name {
            NEW_ORDER_DOCUMENT_TYPE => settings.new_order_document_type = Some(value),
            IS_NEW_ORDER_ENABLED => settings.is_new_order_enabled = Some(value),
            _ => {}
        })?;
        Ok(settings)
    }
}

impl<'de> Deserialize<'de> for Property {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(PropertyVisitor)
    }
}

/// Parses any value into a [`Property`]; the contents of lists and objects are visited only to refuse duplicate
/// properties.
struct PropertyVisitor;

impl<'de> Visitor<'de> for PropertyVisitor {
    type Value = Property;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Property, E> {
        Ok(Property::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Property, E> {
        Ok(Property::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Property, E> {
        Ok(Property::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Property, E> {
        Ok(Property::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Property, E> {
        Ok(Property::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Property, E> {
        Ok(Property::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Property, A::Error> {
        while list.next_element::<Property>()?.is_some() {}
        Ok(Property::Other)
    }

    /// Visits an object, or a number that no machine type can hold: with arbitrary precision, `serde_json` passes such
    /// a number as a map.
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Property, A::Error> {
        properties(object, |_, _| {})?;
        Ok(Property::Other)
    }
}

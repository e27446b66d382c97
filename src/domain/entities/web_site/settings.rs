//! A web site's `SettingsJson` (CC008, CC009): read strictly, with the position of an error.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use uuid::Uuid;

use crate::domain::model::value::RecordId;

#[cfg(test)]
mod tests;

const DOCUMENT_TYPE: &str = "NewOrderDocumentType";
const IS_ENABLED: &str = "IsNewOrderEnabled";

/// What CC009 needs of a web site's settings. Without settings nothing is present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `NewOrderDocumentType`.
    pub new_order_document_type: Option<Property>,
    /// `IsNewOrderEnabled`.
    pub is_new_order_enabled: Option<Property>,
}

/// The value of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property {
    /// A text.
    Text(String),
    /// Anything else, `null` too.
    Other,
}

/// Why new orders are not set up properly (CC009).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewOrderProblem {
    /// `IsNewOrderEnabled` stands alone.
    #[error("NewOrderDocumentType is missing")]
    NoDocumentType,
    /// `NewOrderDocumentType` stands alone.
    #[error("IsNewOrderEnabled is missing")]
    NoSwitch,
    /// `NewOrderDocumentType` is not the Id of a document type for sales orders.
    #[error("NewOrderDocumentType is no sales order document type")]
    NoSalesOrderType,
}

/// Why a text is no settings (CC008), and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SettingsError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong, in one sentence. May quote the text, so it is as hostile as that.
    pub message: String,
}

/// Reads the text of `SettingsJson`; a blank text is no settings and is fine.
///
/// # Errors
/// The text is not one JSON object, an object in it has a property twice, or something follows it.
pub fn check_settings(text: &str) -> Result<Settings, SettingsError> {
    if text.trim().is_empty() {
        return Ok(Settings::default());
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let settings = json.deserialize_map(SettingsVisitor).and_then(|settings| json.end().map(|()| settings));
    settings.map_err(|error| SettingsError::at(text, &error))
}

impl Settings {
    /// What is wrong with new orders, where `sales_order_types` are the document types for sales orders.
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

/// The line and column, both from 1, of the first property that CC009 is about; the start when there is none.
pub fn new_order_position(text: &str) -> (usize, usize) {
    let quoted = |name| text.find(&format!("\"{name}\""));
    let offset = quoted(DOCUMENT_TYPE).or_else(|| quoted(IS_ENABLED)).unwrap_or_default();
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

impl SettingsError {
    fn at(text: &str, error: &serde_json::Error) -> Self {
        let line = error.line().max(1);
        // serde_json counts bytes, a cursor counts characters.
        let bytes = text.split('\n').nth(line - 1).unwrap_or_default().as_bytes();
        let upto = &bytes[..error.column().min(bytes.len())];
        let column = String::from_utf8_lossy(upto).chars().count().max(1);
        let full = error.to_string();
        let reason = full.rsplit_once(" at line ").map_or(full.as_str(), |(reason, _place)| reason);
        let message = match reason {
            _ if error.is_eof() => "The text ends before the object does.".to_owned(),
            "trailing characters" => "Nothing may follow the object.".to_owned(),
            reason => format!("Not a well-formed JSON object: {reason}."),
        };
        Self { line, column, message }
    }
}

/// Hands each property of an object to `found`, and refuses one that stands twice.
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

/// Reads the outermost object.
struct SettingsVisitor;

impl<'de> Visitor<'de> for SettingsVisitor {
    type Value = Settings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object in braces")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Settings, A::Error> {
        let mut settings = Settings::default();
        properties(object, |name, value| match name {
            DOCUMENT_TYPE => settings.new_order_document_type = Some(value),
            IS_ENABLED => settings.is_new_order_enabled = Some(value),
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

/// Reads any value; looks into it only to refuse what stands twice.
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

    /// An object, or a number too long for a machine's: with arbitrary precision that arrives as a map.
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Property, A::Error> {
        properties(object, |_, _| {})?;
        Ok(Property::Other)
    }
}

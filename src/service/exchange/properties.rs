//! The properties of an object of the input, each with its value as JSON text: a value takes no more memory than in the
//! input, whatever it holds, until it is asked for.

use std::collections::HashSet;
use std::fmt::{self, Write as _};

use serde::de::{Deserialize, DeserializeSeed, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Deserializer, Value as Json};

use crate::service::exchange::password::{HIDDEN, PASSWORD, PASSWORD_FORMAT, hash_format};

/// The key under which `serde_json` (with `arbitrary_precision`) passes a visitor the digits of a number that is no
/// small integer.
pub(super) const DIGITS: &str = "$serde_json::private::Number";

/// A key of a JSON object that is being read.
pub(super) enum ObjectKey {
    /// It is no object, but a number: [`DIGITS`] with its digits.
    Digits,
    /// A key that stands in the input, [`DIGITS`] among them.
    Written(String),
}

impl<'de> Deserialize<'de> for ObjectKey {
    fn deserialize<D: serde::Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = ObjectKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<ObjectKey, E> {
        // What is written in a stream is never borrowed, the key of a number always.
        Ok(if key == DIGITS { ObjectKey::Digits } else { ObjectKey::Written(key.to_owned()) })
    }

    fn visit_str<E>(self, key: &str) -> Result<ObjectKey, E> {
        Ok(ObjectKey::Written(key.to_owned()))
    }
}

/// Properties in input order, each with its value as JSON text without blanks. A number keeps all its digits. A password
/// that is no hash is not among the values, at any depth (`docs/promises.md`, 3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(Vec<(String, String)>);

impl Properties {
    /// The properties of an object that is given as JSON text.
    ///
    /// # Errors
    /// When the text is not the JSON of an object, or a key stands twice in one.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let mut json = Deserializer::from_str(text);
        let properties = Object.deserialize(&mut json)?;
        json.end()?;
        Ok(properties)
    }

    /// The properties of each object of a list that is given as JSON text.
    ///
    /// # Errors
    /// When the text is not the JSON of a list of objects, or a key stands twice in one.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, serde_json::Error> {
        Deserializer::from_str(text).deserialize_seq(List)
    }

    /// Reads the properties of a JSON object from its keys on.
    ///
    /// # Errors
    /// When it is not JSON, or a key stands twice.
    pub(super) fn read<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut copy = PropertiesCopy::default();
        while let Some(key) = map.next_key()? {
            copy.read_value(key, &mut map)?;
        }
        Ok(copy.take())
    }

    /// Takes a property out, and returns its value as JSON text.
    pub fn take_text(&mut self, name: &str) -> Option<String> {
        let index = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(index).1)
    }

    /// Takes a property out, and returns its value.
    pub fn take(&mut self, name: &str) -> Option<Json> {
        self.take_text(name).and_then(|text| serde_json::from_str(&text).ok())
    }

    /// The value of a property.
    pub fn get(&self, name: &str) -> Option<Json> {
        let (_, text) = self.0.iter().find(|(key, _)| key == name)?;
        serde_json::from_str(text).ok()
    }

    /// Sets a property to a value, given as JSON text, and returns whether it had another one.
    pub fn set(&mut self, name: &str, value: &str) -> bool {
        match self.0.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) if old == value => return false,
            Some((_, old)) => *old = value.to_owned(),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
        true
    }

    /// Keeps the properties with these names.
    pub fn retain(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| is_kept(name));
    }

    /// Whether a key in them, at any depth, is `DIGITS`, which would be read as a number.
    pub fn have_digits_key(&self) -> bool {
        let as_key = format!("\"{DIGITS}\":");
        self.0.iter().any(|(name, value)| name == DIGITS || value.contains(&as_key))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names and the values as JSON text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The bytes that the names and values take.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.len()).sum()
    }

    /// The object as JSON text.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.bytes() + 6 * self.0.len() + 2);
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        text.push('{');
        for (index, (name, value)) in self.0.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            write_quoted(name, text);
            text.push(':');
            text.push_str(value);
        }
        text.push('}');
    }
}

fn write_quoted(value: &str, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{}", Json::from(value));
}

/// Properties that are being read.
#[derive(Default)]
pub(super) struct PropertiesCopy {
    read: Properties,
    keys: HashSet<String>,
}

impl PropertiesCopy {
    /// Reads the value of `key`. A repeated key is an error, since one of its values would be lost.
    pub(super) fn read_value<'de, A: MapAccess<'de>>(
        &mut self,
        key: String,
        map: &mut A,
    ) -> Result<(), A::Error> {
        self.note_key(&key)?;
        let mut value = String::new();
        map.next_value_seed(Copied(&mut value))?;
        value.shrink_to_fit();
        self.read.0.push((key, value));
        Ok(())
    }

    /// Notes a key whose value is read elsewhere. A repeated key is an error, since one of its values would be lost.
    pub(super) fn note_key<E: serde::de::Error>(&mut self, key: &str) -> Result<(), E> {
        if self.keys.insert(key.to_owned()) {
            return Ok(());
        }
        Err(E::custom(format!("“{key}” stands twice in one object")))
    }

    /// Whether a property that was read says of which record an object is.
    pub(super) fn names_an_object(&self) -> bool {
        self.read.iter().any(|(name, value)| names_an_object(name, value))
    }

    /// The properties that were read since the last call, without passwords that are no hash.
    pub(super) fn take(&mut self) -> Properties {
        let format = self.read.get(PASSWORD_FORMAT);
        let format = format.as_ref().and_then(Json::as_str);
        for (name, value) in &mut self.read.0 {
            if name.eq_ignore_ascii_case(PASSWORD) && value != "null" {
                let text: Option<String> = serde_json::from_str(value).ok();
                if text.is_none_or(|text| hash_format(&text, format).is_none()) {
                    *value = Json::from(HIDDEN).to_string();
                }
            }
        }
        std::mem::take(&mut self.read)
    }
}

/// Whether a property, with its value as JSON text, is that of an object, and of no list of objects.
pub(super) fn names_an_object(name: &str, value: &str) -> bool {
    match name {
        "@odata.type" => !value.contains("Collection("),
        "@odata.id" | "@odata.etag" => true,
        name => name.starts_with("@erpnet."),
    }
}

/// Deserializes an object.
pub(super) struct Object;

impl<'de> DeserializeSeed<'de> for Object {
    type Value = Properties;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Properties, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object {
    type Value = Properties;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Properties, A::Error> {
        Properties::read(map)
    }
}

/// Deserializes a list of objects.
struct List;

impl<'de> Visitor<'de> for List {
    type Value = Vec<Properties>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut objects = Vec::new();
        while let Some(properties) = list.next_element_seed(Object)? {
            objects.push(properties);
        }
        Ok(objects)
    }
}

/// Deserializes any JSON value, and appends it to a text.
struct Copied<'a>(&'a mut String);

impl Copied<'_> {
    fn push<E>(self, value: impl fmt::Display) -> Result<(), E> {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{value}");
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Copied<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Copied<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.push("null")
    }

    fn visit_bool<E>(self, yes: bool) -> Result<(), E> {
        self.push(yes)
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.push(number)
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.push(number)
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        write_quoted(text, self.0);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.push('[');
        let mut end = self.0.len();
        while list.next_element_seed(Copied(self.0))?.is_some() {
            end = self.0.len();
            self.0.push(',');
        }
        self.0.truncate(end);
        self.0.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut copy = PropertiesCopy::default();
        while let Some(key) = map.next_key()? {
            match key {
                ObjectKey::Digits => return self.push(map.next_value::<String>()?),
                ObjectKey::Written(key) => copy.read_value(key, &mut map)?,
            }
        }
        copy.take().write(self.0);
        Ok(())
    }
}

//! A streaming parser of the input: it recognises the four forms of `docs/interchange.md` by their content and yields
//! one object after the other.
//!
//! Memory holds only the object being read. An object, or what lies between two objects, has at most
//! [`LARGEST_OBJECT`] bytes and 128 levels (the limit of `serde_json`), so that neither a text of a gigabyte nor a
//! million brackets exhaust memory. Every error names line and column.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Deserializer, Value};

use crate::service::exchange::encoding;
use crate::service::exchange::properties::{self, ObjectKey, Properties, PropertiesCopy, names_an_object};
use crate::service::exchange::surrogates::WithoutLoneSurrogates;

/// The most bytes of one object of the input.
pub const LARGEST_OBJECT: usize = 4 << 20;

/// The most characters of an error message; a longer one is cut, since it may quote the input.
const LONGEST_MESSAGE: usize = 200;

/// A part of the input, in input order.
#[derive(Debug, PartialEq)]
pub enum Piece {
    /// The `transaction` of an import payload.
    Transaction(Transaction),
    /// The `@odata.context` of a query response, which names the entity of its objects:
    /// `…/$metadata#Systems_Security_Users`.
    Context(String),
    /// One object.
    Object(Object),
    /// The query response has further pages (`@odata.nextLink`), which are not fetched.
    MorePages,
}

/// What is done with the valid objects of an input when others fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transaction {
    /// The valid objects are committed.
    #[default]
    PerObject,
    /// Nothing is committed.
    AllObjects,
}

/// One object of the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The line on which the object begins, counted from 1.
    pub line: u64,
    /// The properties.
    pub properties: Properties,
    /// Whether a text or a key of it has a lone surrogate, which is replaced by U+FFFD.
    pub has_lone_surrogate: bool,
}

/// The position from which on the input is unreadable, and the cause. Objects before it were passed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct Unreadable {
    /// The line, counted from 1.
    pub line: usize,
    /// The bytes of the line read so far; 0 at its start.
    pub column: usize,
    /// The cause, in at most 200 characters.
    pub message: String,
}

/// Parses `input` and calls `sink` with each piece. Stops, without an error, when `sink` returns `false`.
///
/// # Errors
/// [`Unreadable`] at the first position that is not JSON, is no object, or exceeds a limit.
pub fn read(input: impl Read, mut sink: impl FnMut(Piece) -> bool) -> Result<(), Unreadable> {
    let meter = Rc::new(Meter::default());
    let mut feed = Feed { meter: Rc::clone(&meter), sink: &mut sink, has_begun: false, stopped: false };
    let done = read_all(input, &mut feed);
    if feed.stopped { Ok(()) } else { done.map_err(|error| meter.unreadable(&error)) }
}

fn read_all(input: impl Read, feed: &mut Feed<'_>) -> Result<(), serde_json::Error> {
    let input = encoding::as_utf8(input).map_err(serde_json::Error::io)?;
    let input = WithoutLoneSurrogates::new(input, Rc::clone(&feed.meter.lone_surrogate));
    let metered = Metered { input, meter: Rc::clone(&feed.meter) };
    let mut json = Deserializer::from_reader(metered);
    loop {
        let form = TopLevel(feed).deserialize(&mut json)?;
        // `end` peeks at the next character without consuming it: with JSON Lines it begins the next object.
        match json.end() {
            Err(more) if form == Form::Line && more.classify() == Category::Syntax => feed.meter.refill(),
            end => return end,
        }
    }
}

/// The position in the input, how many bytes (`left`) the current object may still have, and whether it has a lone
/// surrogate. [`Metered`] advances the meter; [`Feed`] refills it after each piece.
struct Meter {
    line: Cell<usize>,
    column: Cell<usize>,
    left: Cell<usize>,
    lone_surrogate: Rc<Cell<bool>>,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            line: Cell::new(1),
            column: Cell::new(0),
            left: Cell::new(LARGEST_OBJECT),
            lone_surrogate: Rc::default(),
        }
    }
}

impl Meter {
    fn refill(&self) {
        self.left.set(LARGEST_OBJECT);
    }

    fn line(&self) -> u64 {
        self.line.get() as u64
    }

    /// The object that was read from this line on.
    fn object(&self, line: u64, properties: Properties) -> Object {
        Object { line, properties, has_lone_surrogate: self.lone_surrogate.take() }
    }

    fn advance(&self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                self.line.set(self.line.get() + 1);
                self.column.set(0);
            } else {
                self.column.set(self.column.get() + 1);
            }
        }
        self.left.set(self.left.get().saturating_sub(bytes.len()));
    }

    /// Converts an error of `serde_json`, without the position that `serde_json` appends to its message.
    fn unreadable(&self, error: &serde_json::Error) -> Unreadable {
        let (line, column) = match error.line() {
            0 => (self.line.get(), self.column.get()),
            line => (line, error.column()),
        };
        let words = error.to_string();
        let words = words.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&words);
        let message = match error.classify() {
            Category::Eof => format!("the input ends too early: {words}"),
            Category::Syntax => format!("this is not JSON: {words}"),
            Category::Data | Category::Io => words.to_owned(),
        };
        let message = message.chars().take(LONGEST_MESSAGE).collect();
        Unreadable { line, column, message }
    }
}

/// A reader that advances the meter, and fails when an object exceeds [`LARGEST_OBJECT`].
struct Metered<R> {
    input: R,
    meter: Rc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.meter.left.get() == 0 {
            let limit = LARGEST_OBJECT >> 20;
            return Err(io::Error::other(format!("an object is larger than {limit} MiB")));
        }
        let count = self.input.read(buffer)?;
        self.meter.advance(&buffer[..count]);
        Ok(count)
    }
}

/// The receiver of the pieces.
struct Feed<'a> {
    meter: Rc<Meter>,
    sink: &'a mut dyn FnMut(Piece) -> bool,
    /// Whether an object was sent.
    has_begun: bool,
    /// Whether the sink has returned `false`.
    stopped: bool,
}

impl Feed<'_> {
    fn send<E: serde::de::Error>(&mut self, piece: Piece) -> Result<(), E> {
        self.meter.refill();
        match piece {
            Piece::Transaction(_) if self.has_begun => {
                return Err(E::custom("“transaction” must stand before the objects it is about"));
            }
            Piece::Object(_) => self.has_begun = true,
            _ => {}
        }
        if (self.sink)(piece) {
            return Ok(());
        }
        self.stopped = true;
        Err(E::custom("nobody reads on"))
    }
}

/// The form of a top-level value.
#[derive(PartialEq)]
enum Form {
    /// One object; others may follow (JSON Lines).
    Line,
    /// A list, or an envelope around one; nothing may follow.
    List,
}

/// Deserializes a top-level value, and sends its objects and the properties of an envelope.
struct TopLevel<'f, 'a>(&'f mut Feed<'a>);

impl<'de> DeserializeSeed<'de> for TopLevel<'_, '_> {
    type Value = Form;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Form, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TopLevel<'_, '_> {
    type Value = Form;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Form, A::Error> {
        Objects(self.0).visit_seq(list)?;
        Ok(Form::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Form, A::Error> {
        let line = self.0.meter.line();
        let mut read = PropertiesCopy::default();
        let mut form = Form::Line;
        while let Some(key) = map.next_key()? {
            let key = match key {
                ObjectKey::Digits => {
                    return Err(A::Error::custom("an object or a list of objects is expected here"));
                }
                ObjectKey::Written(key) => key,
            };
            if LISTS.contains(&key.as_str()) && (form == Form::List || !read.names_an_object()) {
                read.note_key(&key)?;
                send_envelope(read.take(), self.0)?;
                map.next_value_seed(Objects(self.0))?;
                form = Form::List;
            } else {
                read.read_value(key, &mut map)?;
            }
        }
        let properties = read.take();
        match form {
            Form::Line => {
                let object = self.0.meter.object(line, properties);
                self.0.send(Piece::Object(object))?;
            }
            Form::List => send_envelope(properties, self.0)?,
        }
        Ok(form)
    }
}

/// The properties of an envelope that hold its objects.
const LISTS: [&str; 2] = ["objects", "value"];

/// Sends what the properties of an envelope say about its objects: context, transaction, further pages. A property that
/// belongs to no envelope is an error, since it would be lost.
fn send_envelope<E: serde::de::Error>(mut properties: Properties, feed: &mut Feed<'_>) -> Result<(), E> {
    feed.meter.refill();
    if feed.meter.lone_surrogate.take() {
        return Err(E::custom("beside a list of objects stands a lone surrogate, which is no character"));
    }
    if let Some(Value::String(context)) = properties.take("@odata.context") {
        feed.send(Piece::Context(context))?;
    }
    match properties.take("transaction").as_ref().map(Value::as_str) {
        None => {}
        Some(Some("per-object")) => feed.send(Piece::Transaction(Transaction::PerObject))?,
        Some(Some("all-objects")) => feed.send(Piece::Transaction(Transaction::AllObjects))?,
        Some(_) => return Err(E::custom("“transaction” is either “per-object” or “all-objects”")),
    }
    if properties.take("@odata.nextLink").is_some_and(|link| !link.is_null()) {
        feed.send(Piece::MorePages)?;
    }
    match properties.iter().find(|(name, value)| !name.starts_with("@odata.") || names_an_object(name, value))
    {
        Some((name, _)) => Err(E::custom(format!(
            "“{name}” stands beside a list of objects, where only “transaction” and what begins with “@odata.” may"
        ))),
        None => Ok(()),
    }
}

/// Deserializes a list of objects, and sends each.
struct Objects<'f, 'a>(&'f mut Feed<'a>);

impl<'de> DeserializeSeed<'de> for Objects<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Objects<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(object) = list.next_element_seed(One(&self.0.meter))? {
            self.0.send(Piece::Object(object))?;
        }
        Ok(())
    }
}

/// Deserializes one object of a list.
struct One<'a>(&'a Meter);

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = Object;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Object, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        properties::Object.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object, A::Error> {
        let line = self.0.line();
        let properties = Properties::read(map)?;
        Ok(self.0.object(line, properties))
    }
}

#[cfg(test)]
mod tests;

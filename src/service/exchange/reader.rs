//! From bytes to objects, one at a time: the four forms of `interchange.md`, told apart by what stands there.
//!
//! Nothing is held but the object being read. An object, or anything between two of them, may be
//! [`LARGEST_OBJECT`] long and as deep as `serde_json` goes (128), so that neither a text of a gigabyte nor a
//! million brackets cost memory. Every error names line and column.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Deserializer, Map, Number, Value};

/// The most bytes one object of the input may have.
pub const LARGEST_OBJECT: usize = 4 << 20;

/// The most characters of a message, which may quote the input.
const LONGEST_MESSAGE: usize = 200;

/// What marks the input as UTF-8, for programs that cannot tell; it is passed over.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The key under which `serde_json` hands a visitor the digits of a number that is no small integer (its
/// `arbitrary_precision`).
const DIGITS: &str = "$serde_json::private::Number";

/// A piece of the input, in the order in which it stands there.
#[derive(Debug, PartialEq)]
pub enum Piece {
    /// What a payload says about its transaction.
    Transaction(Transaction),
    /// What the objects of a query response are: `…/$metadata#Systems_Security_Users`.
    Context(String),
    /// One object.
    Object(Object),
    /// The query response has further pages; they are not fetched.
    MorePages,
}

/// What becomes of the good objects when there are bad ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transaction {
    /// The good ones are kept.
    #[default]
    PerObject,
    /// Nothing is kept.
    AllObjects,
}

/// One object and the line on which it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Counted from 1.
    pub line: u64,
    /// How much of the input it takes.
    pub bytes: usize,
    /// In their order, numbers digit by digit.
    pub properties: Map<String, Value>,
}

/// Why the input cannot be read any further. Everything before that place was handed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct Unreadable {
    /// Counted from 1.
    pub line: usize,
    /// Bytes into the line; 0 when the line has not begun.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// Reads the whole input and hands each piece to `sink`, until it answers `false`.
///
/// # Errors
/// [`Unreadable`] at the first place that is not JSON, is no object, or is too large.
pub fn read(input: impl Read, mut sink: impl FnMut(Piece) -> bool) -> Result<(), Unreadable> {
    let meter = Rc::new(Meter::default());
    let mut feed = Feed { meter: Rc::clone(&meter), sink: &mut sink, stopped: false };
    let done = read_all(input, &mut feed);
    if feed.stopped { Ok(()) } else { done.map_err(|error| meter.unreadable(&error)) }
}

fn read_all(input: impl Read, feed: &mut Feed<'_>) -> Result<(), serde_json::Error> {
    let mut input = BufReader::with_capacity(64 << 10, input);
    let mut start = Vec::with_capacity(BYTE_ORDER_MARK.len());
    input
        .by_ref()
        .take(BYTE_ORDER_MARK.len() as u64)
        .read_to_end(&mut start)
        .map_err(serde_json::Error::io)?;
    if start == BYTE_ORDER_MARK {
        start.clear();
    }
    let metered = Metered { input: Cursor::new(start).chain(input), meter: Rc::clone(&feed.meter) };
    let mut json = Deserializer::from_reader(metered);
    loop {
        let form = Whole(feed).deserialize(&mut json)?;
        // `end` looks for the next character and leaves it there: with JSON Lines it begins the next object.
        match json.end() {
            Err(more) if form == Form::Line && more.classify() == Category::Syntax => feed.meter.refill(),
            end => return end,
        }
    }
}

/// Where the reading stands, shared by whoever takes the bytes and whoever makes objects of them.
struct Meter {
    line: Cell<usize>,
    column: Cell<usize>,
    left: Cell<usize>,
}

impl Default for Meter {
    fn default() -> Self {
        Self { line: Cell::new(1), column: Cell::new(0), left: Cell::new(LARGEST_OBJECT) }
    }
}

impl Meter {
    fn refill(&self) {
        self.left.set(LARGEST_OBJECT);
    }

    fn taken(&self) -> usize {
        LARGEST_OBJECT - self.left.get()
    }

    fn line(&self) -> u64 {
        self.line.get() as u64
    }

    fn token(&self, bytes: &[u8]) {
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

    /// The error in our words, without the place that `serde_json` puts behind its own.
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

/// Counts what passes, and refuses more than one object may have.
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
        self.meter.token(&buffer[..count]);
        Ok(count)
    }
}

/// Where pieces go.
struct Feed<'a> {
    meter: Rc<Meter>,
    sink: &'a mut dyn FnMut(Piece) -> bool,
    stopped: bool,
}

impl Feed<'_> {
    fn send<E: serde::de::Error>(&mut self, piece: Piece) -> Result<(), E> {
        self.meter.refill();
        if (self.sink)(piece) {
            return Ok(());
        }
        self.stopped = true;
        Err(E::custom("nobody reads on"))
    }
}

/// What a value at the top of the input turned out to be.
#[derive(PartialEq)]
enum Form {
    /// One object, perhaps with others behind it.
    Line,
    /// A list, or an object around one; nothing may follow.
    List,
}

/// A value at the top of the input.
struct Whole<'f, 'a>(&'f mut Feed<'a>);

impl<'de> DeserializeSeed<'de> for Whole<'_, '_> {
    type Value = Form;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Form, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_, '_> {
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
        let mut properties = Map::new();
        let mut form = Form::Line;
        while let Some(key) = map.next_key::<String>()? {
            if key == DIGITS {
                return Err(A::Error::custom("an object or a list of objects is expected here"));
            }
            if matches!(key.as_str(), "objects" | "value") && form == Form::Line {
                around(&mut properties, self.0)?;
                map.next_value_seed(Objects(self.0))?;
                form = Form::List;
            } else {
                put(&mut properties, key, &mut map)?;
            }
        }
        if form == Form::Line {
            let bytes = self.0.meter.taken();
            self.0.send(Piece::Object(Object { line, bytes, properties }))?;
            return Ok(form);
        }
        if properties.contains_key("transaction") {
            return Err(A::Error::custom("“transaction” must stand before the objects it is about"));
        }
        around(&mut properties, self.0)?;
        Ok(form)
    }
}

/// Hands on what an envelope says about the objects in it.
fn around<E: serde::de::Error>(properties: &mut Map<String, Value>, feed: &mut Feed<'_>) -> Result<(), E> {
    feed.meter.refill();
    if let Some(Value::String(context)) = properties.remove("@odata.context") {
        feed.send(Piece::Context(context))?;
    }
    match properties.remove("transaction").as_ref().map(Value::as_str) {
        None => {}
        Some(Some("per-object")) => feed.send(Piece::Transaction(Transaction::PerObject))?,
        Some(Some("all-objects")) => feed.send(Piece::Transaction(Transaction::AllObjects))?,
        Some(_) => return Err(E::custom("“transaction” is either “per-object” or “all-objects”")),
    }
    if properties.remove("@odata.nextLink").is_some_and(|link| !link.is_null()) {
        feed.send(Piece::MorePages)?;
    }
    Ok(())
}

/// A list of objects.
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

/// One object of a list.
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
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let line = self.0.line();
        let mut properties = Map::new();
        while let Some(key) = map.next_key()? {
            put(&mut properties, key, &mut map)?;
        }
        Ok(Object { line, bytes: self.0.taken(), properties })
    }
}

/// Adds the value of a key just read. A key that stands twice would hide one of its values.
fn put<'de, A: MapAccess<'de>>(
    properties: &mut Map<String, Value>,
    key: String,
    map: &mut A,
) -> Result<(), A::Error> {
    if properties.contains_key(&key) {
        return Err(A::Error::custom(format!("“{key}” stands twice in one object")));
    }
    let value = map.next_value_seed(Anything)?;
    properties.insert(key, value);
    Ok(())
}

/// Any value, its objects without a key twice.
struct Anything;

impl<'de> DeserializeSeed<'de> for Anything {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Value, E> {
        Ok(Value::Bool(yes))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut properties = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == DIGITS {
                let number: Number = map.next_value::<String>()?.parse().map_err(A::Error::custom)?;
                return Ok(Value::Number(number));
            }
            put(&mut properties, key, &mut map)?;
        }
        Ok(Value::Object(properties))
    }
}

#[cfg(test)]
mod tests;

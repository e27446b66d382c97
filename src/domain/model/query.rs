//! The query of a list: which records, in which order and which page; and the page that answers it.

use std::fmt;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::choice::Choice;
use super::code::Code;
use super::format;
use super::instant::Instant;
use super::request_state::RequestState;
use super::schema::{EntityDef, FieldDef, Kind};
use super::text::fold;
use super::value::{RecordId, Value, Version};

/// The query of a list of records, for a navigator, a panel, a look-up or a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery {
    /// The entity of the records.
    pub entity: &'static EntityDef,
    /// The fields whose values each row has, in order.
    pub columns: Vec<&'static FieldDef>,
    /// The conditions; a record must meet all of them.
    pub filters: Vec<Filter>,
    /// Text that one of the entity's search fields must contain; empty text excludes nothing.
    pub search: String,
    /// The sort order, the most significant field first; records equal in all fields are ordered by id.
    pub sort: Vec<Sort>,
    /// The Client Center web site at which users are judged: each row then has the lowest failed code
    /// ([`Row::access`]).
    pub judged_at: Option<RecordId>,
}

impl ListQuery {
    /// The query of all records of an entity with its default columns, sorted by the first column.
    pub fn all(entity: &'static EntityDef) -> Self {
        Self {
            entity,
            columns: entity.columns.to_vec(),
            filters: Vec::new(),
            search: String::new(),
            sort: entity.columns.first().map(|field| Sort { field, descending: false }).into_iter().collect(),
            judged_at: None,
        }
    }

    /// The query of the records of an entity that are in use ([`EntityDef::in_use`]), otherwise as [`Self::all`].
    pub fn in_use(entity: &'static EntityDef) -> Self {
        let only = entity.in_use.map(|field| Filter::OneOf(field, vec![Value::Bool(true)]));
        Self { filters: only.into_iter().collect(), ..Self::all(entity) }
    }
}

/// One condition on the records of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// The text, or the display text of a reference, contains this text, ignoring case and accents.
    Contains(&'static FieldDef, String),
    /// The value is one of these values: codes of an enumeration, yes or no, or references.
    OneOf(&'static FieldDef, Vec<Value>),
    /// The value lies between these values, both included; `None` is no limit.
    Between(&'static FieldDef, Option<Value>, Option<Value>),
    /// The value is empty.
    Empty(&'static FieldDef),
    /// The record that the reference refers to meets the condition, which is about the fields of that record.
    Through(&'static FieldDef, Box<Self>),
    /// The user's request for an account is in this state; a user with a pending one is also active.
    Request(RequestState),
    /// The record has one of these ids.
    Ids(Vec<RecordId>),
    /// The record was created or changed at this time or later.
    ChangedSince(Timestamp),
    /// The lowest failed code is one of these; `None` means that no code fails. Requires [`ListQuery::judged_at`].
    Access(Vec<Option<Code>>),
}

/// A named view of a navigator: a set of filters.
pub struct View {
    /// The name on screen: `Pending`.
    pub name: &'static str,
    /// What the view shows, without its name: `users whose request waits for a decision`.
    pub shows: &'static str,
    /// Returns the filters of the view on a day, which is the day of the reader.
    pub filters: fn(today: Date) -> Vec<Filter>,
    /// How the view shows its rows, where it is otherwise than the list does.
    pub arrangement: Option<&'static Arrangement>,
}

/// The columns and the order of a view.
#[derive(Debug, PartialEq)]
pub struct Arrangement {
    /// The columns, in order.
    pub columns: &'static [&'static FieldDef],
    /// The instant that the rows are ordered by, the oldest first; its column shows the age.
    pub oldest_first: &'static FieldDef,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// One field of a sort order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The field; references are sorted by their display text.
    pub field: &'static FieldDef,
    /// Whether the greatest value comes first.
    pub descending: bool,
}

impl fmt::Debug for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.field.property)
    }
}

/// Which page of a list to read.
#[derive(Clone, Debug, PartialEq)]
pub enum PageCursor {
    /// The page that begins with the first row.
    First,
    /// The page that ends with the last row.
    Last,
    /// The page after the row with this key.
    After(Key),
    /// The page before the row with this key.
    Before(Key),
    /// The page that begins with this record, at its current position; the first page when the list has it no longer.
    From(RecordId),
}

/// The position of a row in the sort order: its sort values and its id. Only the storage interprets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The sort values, one for each [`Sort`] of the query.
    pub values: Vec<KeyPart>,
    /// The id of the record.
    pub id: RecordId,
}

/// One sort value in the form in which the database compares it.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyPart {
    /// Folded text, a code or a date; empty text sorts first.
    Text(String),
    /// A number, an amount, an instant, or yes or no, as an integer; `None` sorts first.
    Int(Option<i64>),
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The id of the record.
    pub id: RecordId,
    /// The version of the record when it was read.
    pub version: Version,
    /// The values, one for each column of the query.
    pub values: Vec<Value>,
    /// The position of the row in the sort order.
    pub key: Key,
    /// The entity of the record: for a base entity the subtype, otherwise the entity of the query.
    pub entity: &'static EntityDef,
    /// The lowest failed code with [`ListQuery::judged_at`]; `None` when no code fails or nothing was judged.
    pub access: Option<Code>,
    /// Whether the record is one that is judged and is switched off, so that no sign-in succeeds whatever the codes say.
    pub is_off: bool,
    /// The state of a user's last request for an account; `None` without a request and for other entities.
    pub request: Option<RequestState>,
    /// How many times a user has asked for the account again.
    pub repeated: i64,
    /// Whether the record, or the one that its title refers to, looks like another ([`FieldDef::look_alikes`]). Always
    /// `false` when the query has no column for the title.
    pub look_alike: bool,
}

/// One page of a list, in the sort order of the query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The rows of the page.
    pub rows: Vec<Row>,
    /// Whether there are rows before the page.
    pub more_before: bool,
    /// Whether there are rows after the page.
    pub more_after: bool,
}

/// The word that is typed into a filter box to find empty values.
pub const EMPTY_WORD: &str = "(empty)";

impl Filter {
    /// Parses the text typed into the filter box of a column; `None` for blank text, which excludes nothing.
    ///
    /// For text and references the filter is [`Self::Contains`]. Values of an enumeration, yes and no are found by the
    /// beginning of their names. Numbers, amounts, dates and instants take one value or a range `from..thru`, of which
    /// either end may be left out; amounts are read as texts of `language`, that of the operator, have them.
    ///
    /// # Errors
    /// One sentence that says what the filter box takes.
    pub fn read(field: &'static FieldDef, typed: &str, language: &str) -> Result<Option<Self>, String> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        if typed.eq_ignore_ascii_case(EMPTY_WORD) {
            return Ok(Some(Self::Empty(field)));
        }
        let filter = match field.kind {
            Kind::Text { .. } | Kind::Lines { .. } | Kind::Multi { .. } | Kind::Ref(_) => {
                Self::Contains(field, typed.to_owned())
            }
            Kind::Bool => Self::OneOf(field, vec![Value::Bool(read_bool_start(typed)?)]),
            Kind::Choice(choices) => Self::OneOf(field, choices_starting(field, choices, typed)?),
            Kind::Int { .. } if field.empty_word.starts_with(&typed.to_lowercase()) => Self::Empty(field),
            Kind::Int { .. } | Kind::Amount | Kind::Date | Kind::Instant => {
                read_range(field, typed, language)?
            }
            Kind::Json | Kind::Secret => return Err(format!("{} cannot be filtered.", field.label)),
        };
        Ok(Some(filter))
    }
}

fn read_bool_start(typed: &str) -> Result<bool, String> {
    let typed = typed.to_lowercase();
    let begins = |words: [&str; 3]| words.iter().any(|word| word.starts_with(&typed));
    match (begins(["yes", "true", "1"]), begins(["no", "false", "0"])) {
        (true, false) => Ok(true),
        (false, true) => Ok(false),
        _ => Err("Type yes or no.".to_owned()),
    }
}

fn choices_starting(field: &FieldDef, choices: &'static [Choice], typed: &str) -> Result<Vec<Value>, String> {
    let typed = fold(typed);
    let matching: Vec<Value> = choices
        .iter()
        .filter(|choice| {
            [choice.label, choice.code, choice.api].iter().any(|name| fold(name).starts_with(&typed))
        })
        .map(|choice| Value::Code(choice.code))
        .collect();
    if matching.is_empty() {
        let labels: Vec<&str> = choices.iter().map(|choice| choice.label).collect();
        return Err(format!("{} is one of: {}.", field.label, labels.join(", ")));
    }
    Ok(matching)
}

fn read_range(field: &'static FieldDef, typed: &str, language: &str) -> Result<Filter, String> {
    let (from, thru) = typed.split_once("..").unwrap_or((typed, typed));
    let end = |text: &str| match format::read(field, text, &Value::Empty, language) {
        Ok(Value::Empty) => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(sentence) => Err(format!("{sentence} A range is written from..thru.")),
    };
    let (first, last) = (end(from)?, end(thru)?);
    let last = match last {
        Some(Value::Instant(first)) => Some(Value::Instant(last_instant(thru, first))),
        last => last,
    };
    Ok(Filter::Between(field, first, last))
}

/// The last microsecond that the end of a range includes: of the day that begins at `first`, or of the minute when a
/// time was typed.
fn last_instant(typed: &str, first: Instant) -> Instant {
    let span =
        if typed.contains(':') { SignedDuration::from_secs(60) } else { SignedDuration::from_hours(24) };
    first.saturating_add(span - SignedDuration::from_micros(1))
}

//! What an operator asks of a list: which records, in which order, which stretch of them.

use std::fmt;

use super::choice::Choice;
use super::code::Code;
use super::format;
use super::request_state::RequestState;
use super::schema::{EntityDef, FieldDef, Kind};
use super::text::fold;
use super::value::{RecordId, Value, Version};

/// A list of records as a navigator, a panel, a lookup or a report asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery {
    /// What is listed.
    pub entity: &'static EntityDef,
    /// The fields each row carries, in order.
    pub columns: Vec<&'static FieldDef>,
    /// Conditions that all must hold.
    pub filters: Vec<Filter>,
    /// Text that one of the entity's search fields must contain; empty asks nothing.
    pub search: String,
    /// The order; what is equal in all of them is ordered by id.
    pub sort: Vec<Sort>,
    /// The Client Center site for which rows are judged: each row then carries its first failing code.
    pub judged_at: Option<RecordId>,
}

impl ListQuery {
    /// All records of an entity with its own columns, in the order of the first of them.
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

    /// All records of an entity that are in use.
    pub fn in_use(entity: &'static EntityDef) -> Self {
        let only = entity.in_use.map(|field| Filter::OneOf(field, vec![Value::Bool(true)]));
        Self { filters: only.into_iter().collect(), ..Self::all(entity) }
    }
}

/// One condition on a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// The text, or the shown text of a reference, contains this, ignoring case and accents.
    Contains(&'static FieldDef, String),
    /// The value is one of these: codes of an enumeration, yes or no, or references.
    OneOf(&'static FieldDef, Vec<Value>),
    /// The value lies between these, both included; a missing end is open.
    Between(&'static FieldDef, Option<Value>, Option<Value>),
    /// Nothing was entered.
    Empty(&'static FieldDef),
    /// The user has asked for the account and is switched on, and nobody has decided yet.
    RequestPending,
    /// The first failing code is one of these; `None` means nothing fails. Needs [`ListQuery::judged_at`].
    Access(Vec<Option<Code>>),
}

/// A named view of a navigator.
pub struct View {
    /// What it is called: `Pending`.
    pub name: &'static str,
    /// What it shows, in a sentence that begins with its name: `users who wait for a decision`.
    pub shows: &'static str,
    /// What its rows satisfy.
    pub filters: fn() -> Vec<Filter>,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// One column of an order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what; references by the text they are shown with.
    pub field: &'static FieldDef,
    /// From the end of the alphabet.
    pub descending: bool,
}

impl fmt::Debug for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.field.property)
    }
}

/// Which stretch of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum PageCursor {
    /// From the first row on.
    First,
    /// Up to the last row.
    Last,
    /// The rows behind the one with this key.
    After(Key),
    /// The rows before the one with this key.
    Before(Key),
    /// This row and those behind it, wherever it stands now; from the first when it is gone.
    From(RecordId),
}

/// Where a row stands in its order: its sort values and its id. Opaque to everybody but the storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// One for each [`Sort`].
    pub values: Vec<KeyPart>,
    /// The row.
    pub id: RecordId,
}

/// One sort value as the engines compare it.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyPart {
    /// Folded text, a code or a date; empty stands first.
    Text(String),
    /// A number, an amount, a moment, yes or no; `None` stands first.
    Int(Option<i64>),
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The record.
    pub id: RecordId,
    /// Its version when it was read.
    pub version: Version,
    /// One value for each column.
    pub values: Vec<Value>,
    /// Where it stands.
    pub key: Key,
    /// For a base entity: what the record really is.
    pub entity: &'static EntityDef,
    /// With [`ListQuery::judged_at`]: the first failing code, or `None` when nothing fails.
    pub access: Option<Code>,
    /// Of a user: what has become of the last request for the account, where there was one.
    pub request: Option<RequestState>,
}

/// A stretch of a list, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether the list goes on before the first of them.
    pub more_before: bool,
    /// Whether the list goes on behind the last of them.
    pub more_after: bool,
}

/// What stands for "nothing was entered" in a filter box.
pub const EMPTY_WORD: &str = "(empty)";

impl Filter {
    /// Reads what was typed into the filter box of a column. Text and references are looked through for it,
    /// values of a list are found by the beginning of their name, numbers and dates take one value or a range
    /// `from..thru` with either end left out. Blank text asks nothing.
    ///
    /// # Errors
    /// One sentence that says what the box takes.
    pub fn read(field: &'static FieldDef, typed: &str) -> Result<Option<Self>, String> {
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
            Kind::Int { .. } | Kind::Amount | Kind::Date | Kind::Instant => read_range(field, typed)?,
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

fn read_range(field: &'static FieldDef, typed: &str) -> Result<Filter, String> {
    let (from, thru) = typed.split_once("..").unwrap_or((typed, typed));
    let end = |text: &str| match format::read(field, text, &Value::Empty, "") {
        Ok(Value::Empty) => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(sentence) => Err(format!("{sentence} A range is written from..thru.")),
    };
    let (first, last) = (end(from)?, end(thru)?);
    let last = match last {
        Some(Value::Instant(moment)) => Some(Value::Instant(last_moment(thru, moment))),
        last => last,
    };
    Ok(Filter::Between(field, first, last))
}

/// A day alone, as the end of a range, means all of that day; a minute means all of that minute.
fn last_moment(typed: &str, moment: jiff::Timestamp) -> jiff::Timestamp {
    let span = if typed.contains(':') {
        jiff::SignedDuration::from_secs(60)
    } else {
        jiff::SignedDuration::from_hours(24)
    };
    moment
        .checked_add(span)
        .and_then(|end| end.checked_sub(jiff::SignedDuration::from_micros(1)))
        .unwrap_or(moment)
}

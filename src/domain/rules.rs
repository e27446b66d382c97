//! What a draft must satisfy before it is written, and what follows from one field to another.

use email_address::{EmailAddress, Options};

use crate::domain::codes::MOST_DAYS_BACK;
use crate::domain::model::format;
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::schema::{Field, FieldDef, Kind, Text};
use crate::domain::model::value::Value;

/// One thing that is wrong with a draft, said where it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The field it belongs to; `None` when it concerns the record as a whole.
    pub property: Option<&'static str>,
    /// One sentence that says what to do.
    pub message: String,
    /// Whether the save is refused or only asked about.
    pub weight: Weight,
}

/// What an [`Issue`] does to a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The save is refused.
    Refuse,
    /// It is refused because nobody may do that, whatever was typed: history says so too (`promises.md`, 9).
    Forbid,
    /// The save goes on when the operator says so.
    Ask,
}

impl Issue {
    /// A reason to refuse, at a field.
    pub fn at(field: &FieldDef, message: impl Into<String>) -> Self {
        Self { property: Some(field.property), message: message.into(), weight: Weight::Refuse }
    }

    /// The same, but because nobody may do that.
    #[must_use]
    pub fn forbidding(self) -> Self {
        Self { weight: Weight::Forbid, ..self }
    }

    /// Whether the save goes on when the operator says so.
    pub fn only_asks(&self) -> bool {
        self.weight == Weight::Ask
    }

    /// A reason to ask, at a field.
    pub fn ask(field: &FieldDef, message: impl Into<String>) -> Self {
        Self { property: Some(field.property), message: message.into(), weight: Weight::Ask }
    }

    /// A reason to refuse that no single field carries.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { property: None, message: message.into(), weight: Weight::Refuse }
    }
}

/// Everything wrong with a draft that can be known without the database, in the order of the fields.
pub fn check(draft: &Draft) -> Vec<Issue> {
    let mut issues: Vec<Issue> =
        draft.entity.all_fields().filter_map(|field| check_field(draft, field)).collect();
    (draft.entity.rules.check)(draft, &mut issues);
    issues
}

fn check_field(draft: &Draft, field: &'static FieldDef) -> Option<Issue> {
    let value = draft.value(field);
    if value.is_empty() {
        if field.required && field.read_only {
            return Some(Issue::at(
                field,
                format!("{} follows from other fields; fill those in.", field.label),
            ));
        }
        if field.required && !field.numbered {
            return Some(Issue::at(field, format!("{} is required.", field.label)));
        }
        if draft.entity.critical.contains(&field) {
            return Some(Issue::ask(field, format!("{} is empty.", field.label)));
        }
        return None;
    }
    if let Err(sentence) = fits(field, value) {
        return Some(Issue::at(field, sentence));
    }
    None
}

/// Whether a value is one the field can hold, or one sentence that says why not.
///
/// Lengths count code points, as the schema and both engines do.
pub fn fits(field: &FieldDef, value: &Value) -> Result<(), String> {
    match (&field.kind, value) {
        (_, Value::Empty) => Ok(()),
        (Kind::Text { max } | Kind::Lines { max }, Value::Text(text)) => fits_length(field, text, *max),
        (Kind::Multi { max }, Value::Multi(text)) => {
            text.iter().try_for_each(|(_, text)| fits_length(field, text, *max))
        }
        (Kind::Int { min }, Value::Int(number)) if number < min => {
            Err(format!("{} must be {min} or more.", field.label))
        }
        (Kind::DaysBack, Value::Int(days)) if !(0..=MOST_DAYS_BACK).contains(days) => {
            Err(format::takes_days_back(field))
        }
        (Kind::Amount, Value::Amount(amount)) => {
            if amount.scale() > crate::domain::model::value::AMOUNT_PLACES {
                Err(format!("{} takes at most two places after the point.", field.label))
            } else if amount.abs() >= rust_decimal::Decimal::from(10_i64.pow(16)) {
                Err(format!("{} takes at most 16 digits before the point.", field.label))
            } else {
                Ok(())
            }
        }
        (Kind::Choice(choices), Value::Code(code)) if choices.iter().any(|choice| choice.code == *code) => {
            Ok(())
        }
        // A date is stored and compared as text of ten characters.
        (Kind::Date, Value::Date(date)) if date.year() < 1 => {
            Err(format!("{} takes a date from the year 1 on.", field.label))
        }
        (Kind::Json, Value::Text(text)) => fits_characters(field, text),
        (Kind::Int { .. } | Kind::DaysBack, Value::Int(_))
        | (Kind::Bool, Value::Bool(_))
        | (Kind::Date, Value::Date(_))
        | (Kind::Instant, Value::Instant(_))
        | (Kind::Ref(_), Value::Ref(_)) => Ok(()),
        _ => Err(format!("{} cannot hold such a value.", field.label)),
    }
}

fn fits_length(field: &FieldDef, text: &str, max: usize) -> Result<(), String> {
    let length = text.chars().count();
    if length > max {
        return Err(format!("{} takes at most {max} characters; this has {length}.", field.label));
    }
    fits_characters(field, text)
}

/// PostgreSQL takes no NUL in a text, and SQLite counts none of what follows one.
fn fits_characters(field: &FieldDef, text: &str) -> Result<(), String> {
    if text.contains('\0') {
        return Err(format!("{} must not contain the character NUL; remove it.", field.label));
    }
    Ok(())
}

/// Adds an issue when the field holds something that is no e-mail address.
pub fn check_email(draft: &Draft, field: &Field<Text>, issues: &mut Vec<Issue>) {
    let bare = Options::default().without_display_text();
    if let Some(email) = draft.get(field)
        && EmailAddress::parse_with_options(email, bare).is_err()
    {
        issues.push(Issue::at(
            &field.def,
            format!("{} must be an address such as name@example.com.", field.def.label),
        ));
    }
}

/// Adds an issue when a later date stands before an earlier one.
pub fn check_order(
    draft: &Draft,
    from: &Field<crate::domain::model::schema::Date>,
    thru: &Field<crate::domain::model::schema::Date>,
    issues: &mut Vec<Issue>,
) {
    if let (Some(first), Some(last)) = (draft.get(from), draft.get(thru))
        && last < first
    {
        issues.push(Issue::at(
            &thru.def,
            format!("{} must not be before {} ({first}).", thru.def.label, from.def.label),
        ));
    }
}

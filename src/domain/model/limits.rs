//! The limits of a field's values: lengths, ranges, decimal places (`docs/domain.md`, Notation).

use rust_decimal::Decimal;

use super::schema::{FieldDef, Kind};
use super::value::{AMOUNT_PLACES, Value};

/// Checks that a field can hold a value. An empty value always fits; required fields are checked elsewhere.
///
/// Lengths count code points, as the database schema does on both engines (`docs/promises.md`, 11).
///
/// # Errors
/// One sentence that says which values the field takes.
pub fn fits(field: &FieldDef, value: &Value) -> Result<(), String> {
    match (&field.kind, value) {
        (_, Value::Empty) => Ok(()),
        (Kind::Text { max } | Kind::Lines { max }, Value::Text(text)) => fits_length(field, text, *max),
        (Kind::Multi { max }, Value::Multi(text)) => {
            text.iter().try_for_each(|(_, text)| fits_length(field, text, *max))
        }
        (Kind::Int { min, max: i64::MAX }, Value::Int(number)) if number < min => {
            Err(format!("{} must be {min} or more.", field.label))
        }
        (Kind::Int { min, max }, Value::Int(number)) if !(min..=max).contains(&number) => {
            Err(takes_int(field, *min, *max))
        }
        (Kind::Amount, Value::Amount(amount)) => {
            if amount.scale() > AMOUNT_PLACES {
                Err(format!("{} takes at most two places after the point.", field.label))
            } else if amount.abs() >= Decimal::from(10_i64.pow(16)) {
                Err(format!("{} takes at most 16 digits before the point.", field.label))
            } else {
                Ok(())
            }
        }
        (Kind::Choice(choices), Value::Code(code)) if choices.iter().any(|choice| choice.code == *code) => {
            Ok(())
        }
        // A date is stored as ten characters and compared as text, which has no order for years before 1.
        (Kind::Date, Value::Date(date)) if date.year() < 1 => {
            Err(format!("{} takes a date from the year 1 on.", field.label))
        }
        (Kind::Json, Value::Text(text)) => fits_characters(field, text),
        (Kind::Int { .. }, Value::Int(_))
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

/// Refuses NUL: PostgreSQL cannot store it, and SQLite counts no character after it.
fn fits_characters(field: &FieldDef, text: &str) -> Result<(), String> {
    if text.contains('\0') {
        return Err(format!("{} must not contain the character NUL; remove it.", field.label));
    }
    Ok(())
}

/// The sentence that says which numbers a field takes, for a text that is no number or one out of range.
pub(super) fn takes_int(field: &FieldDef, min: i64, max: i64) -> String {
    if max == i64::MAX {
        return format!("{} takes a whole number.", field.label);
    }
    let what = if field.days_back { "days" } else { "numbers" };
    let empty = match field.empty_word {
        "" => String::new(),
        word => format!(", or nothing for {word}"),
    };
    format!("{} takes whole {what} from {min} to {max}{empty}.", field.label)
}

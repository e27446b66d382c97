//! Conversion between the JSON values of the Domain API and the values of fields (`docs/interchange.md`, Values).

use rust_decimal::Decimal;
use serde_json::{Map, Number, Value as Json};

use crate::domain::model::format;
use crate::domain::model::normal::normalised;
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::text;
use crate::domain::model::value::{AMOUNT_PLACES, FALLBACK_LANGUAGE, MultiLang, Value};

/// The most characters of a language tag (`docs/domain.md`, Notation).
const LONGEST_TAG: usize = 15;

/// What an object sets a field to that is no reference.
#[derive(Debug)]
pub enum Plain {
    /// A value.
    Value(Value),
    /// Texts by lower-case language tag. An empty text removes the translation; languages not listed keep theirs.
    Translations(Vec<(String, String)>),
}

impl Plain {
    /// The new value of a field whose value is `was`.
    pub fn merged(&self, was: &Value) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Translations(texts) => {
                let mut merged = match was {
                    Value::Multi(text) => text.clone(),
                    _ => MultiLang::default(),
                };
                for (language, text) in texts {
                    merged.set(language, text.as_str());
                }
                Value::multi(merged)
            }
        }
    }
}

/// Converts the value of a property that is no reference.
///
/// # Errors
/// One sentence that says what the field takes.
pub fn read(field: &FieldDef, json: Json) -> Result<Plain, String> {
    let name = field.property;
    let json = match (&field.kind, json) {
        (Kind::Text { .. } | Kind::Lines { .. } | Kind::Multi { .. } | Kind::Json, json) => json,
        (_, Json::String(text)) if text::trim(&text).is_empty() => Json::Null,
        (_, Json::String(text)) => Json::String(text::trim(&text).to_owned()),
        (_, json) => json,
    };
    let value = match (&field.kind, json) {
        (_, Json::Null) => Value::Empty,
        (Kind::Multi { .. }, Json::Object(texts)) => {
            return translations(name, texts).map(Plain::Translations);
        }
        (Kind::Multi { .. }, Json::String(text)) => {
            let text = without_nul(name, text)?;
            return Ok(Plain::Translations(vec![(FALLBACK_LANGUAGE.to_owned(), text)]));
        }
        (Kind::Text { .. } | Kind::Lines { .. } | Kind::Json, Json::String(text)) => {
            normalised(field, Value::text(without_nul(name, text)?))
        }
        (Kind::Json, settings @ Json::Object(_)) => Value::Text(settings.to_string()),
        (Kind::Bool, Json::Bool(yes)) => Value::Bool(yes),
        (Kind::Int { .. }, Json::Number(number)) => {
            number.as_i64().map(Value::Int).ok_or_else(|| wrong(field))?
        }
        (Kind::Amount, Json::Object(mut amount)) => match amount.remove("Value") {
            Some(Json::Null) => Value::Empty,
            Some(json) => read_amount(&json).map(Value::Amount).ok_or_else(|| wrong(field))?,
            None => return Err(wrong(field)),
        },
        (Kind::Amount, json) => read_amount(&json).map(Value::Amount).ok_or_else(|| wrong(field))?,
        (Kind::Date, Json::String(text)) => {
            format::read_date(&text).map(Value::Date).ok_or_else(|| quoted(field, &text))?
        }
        (Kind::Instant, Json::String(text)) => {
            text.parse().map(Value::Instant).map_err(|_| quoted(field, &text))?
        }
        (Kind::Choice(choices), Json::String(text)) => {
            let choice = choices.iter().find(|choice| choice.api == text || choice.code == text);
            choice.map(|choice| Value::Code(choice.code)).ok_or_else(|| quoted(field, &text))?
        }
        _ => return Err(wrong(field)),
    };
    Ok(Plain::Value(value))
}

/// The JSON of a value as [`read`] takes it, and for a reference the id as
/// [`Pointer::read`](super::object::Pointer::read) does; `null` for an empty value. `currency` is the sign of the currency
/// of an amount, where it is known.
pub fn written(field: &FieldDef, value: &Value, currency: Option<&str>) -> Json {
    match value {
        Value::Empty => Json::Null,
        Value::Bool(yes) => Json::Bool(*yes),
        Value::Int(number) => Json::from(*number),
        Value::Amount(amount) => {
            let mut json = Map::new();
            json.insert("Value".to_owned(), Json::Number(exact(*amount)));
            json.extend(currency.map(|sign| ("Currency".to_owned(), Json::from(sign))));
            Json::Object(json)
        }
        Value::Text(text) => Json::from(text.as_str()),
        Value::Multi(texts) => {
            Json::Object(texts.iter().map(|(tag, text)| (tag.to_owned(), Json::from(text))).collect())
        }
        Value::Date(date) => Json::from(date.to_string()),
        Value::Instant(instant) => Json::from(instant.to_string()),
        Value::Code(code) => Json::from(format::choice(field, code).map_or(*code, |choice| choice.api)),
        Value::Ref(reference) => {
            let set = field.target().map_or("", |target| target.set);
            serde_json::json!({"@odata.id": format!("{set}({})", reference.id)})
        }
    }
}

/// A JSON number with all digits of a decimal.
fn exact(amount: Decimal) -> Number {
    amount.to_string().parse().unwrap_or_else(|_| Number::from(0))
}

/// An exact decimal from a JSON number, or a text that would be one. Zeros at the end do not count as decimal places.
fn read_amount(json: &Json) -> Option<Decimal> {
    let text = match json {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.clone(),
        _ => return None,
    };
    // What a person would write, such as 1,250, can be read in two ways; a Decimal also takes 1_250.
    let is_plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-' | b'e' | b'E');
    if !text.bytes().all(is_plain) {
        return None;
    }
    let amount = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()?;
    Some(if amount.scale() > AMOUNT_PLACES { amount.normalize() } else { amount })
}

fn translations(name: &str, texts: Map<String, Json>) -> Result<Vec<(String, String)>, String> {
    let mut read: Vec<(String, String)> = Vec::with_capacity(texts.len());
    for (tag, text) in texts {
        let language = tag.to_lowercase();
        let is_tag = !tag.is_empty()
            && tag.len() <= LONGEST_TAG
            && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_tag {
            return Err(format!("{name}: {tag} is not a language such as en."));
        }
        if read.iter().any(|(other, _)| *other == language) {
            return Err(format!("{name}: the language {language} stands twice."));
        }
        let text = match text {
            Json::Null => String::new(),
            Json::String(text) => without_nul(name, text)?,
            _ => return Err(format!("{name}: the language {language} takes a text.")),
        };
        read.push((language, text));
    }
    Ok(read)
}

/// Refuses a text with the character NUL, which PostgreSQL cannot store.
fn without_nul(name: &str, text: String) -> Result<String, String> {
    if text.contains('\0') { Err(format!("{name} contains a NUL character.")) } else { Ok(text) }
}

/// [`wrong`], with the first 40 characters of the refused text.
fn quoted(field: &FieldDef, text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    format!("{}, not “{short}”.", wrong(field).trim_end_matches('.'))
}

/// The sentence that says what values a field takes.
fn wrong(field: &FieldDef) -> String {
    let takes = match field.kind {
        Kind::Text { .. } | Kind::Lines { .. } => "a text",
        Kind::Multi { .. } => "a text, or texts by language",
        Kind::Bool => "true or false",
        Kind::Int { .. } => "a whole number",
        Kind::Amount => "an amount such as {\"Value\": \"3.55\", \"Currency\": \"EUR\"}",
        Kind::Date => "a date such as 2024-04-01",
        Kind::Instant => "a time such as 2024-04-01T13:25:00Z",
        Kind::Choice(_) => "one of its values",
        Kind::Ref(_) => "a reference",
        Kind::Json => "a JSON object as text",
        Kind::Secret => "nothing",
    };
    format!("{} takes {takes}.", field.property)
}

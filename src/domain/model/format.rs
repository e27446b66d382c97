//! Conversion between values and text: formatting for the screen, and parsing of what an operator types.

use std::borrow::Cow;

use jiff::Span;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::amount;
use super::choice::Choice;
use super::instant::Instant;
use super::limits::{fits, takes_int};
use super::normal::normalised;
use super::record::{Fields, Record};
use super::schema::{EntityDef, FieldDef, Kind, Part};
use super::text;
use super::value::{MultiLang, Value};

/// The text of a field's value for a reader of `language`; a secret is `*******`, an empty value the field's word for
/// it.
///
/// The text is not cleaned: the caller cleans it before it is shown ([`clean`](super::text::clean)).
pub fn shown<'a>(field: &FieldDef, value: &'a Value, language: &str) -> Cow<'a, str> {
    match value {
        Value::Empty => Cow::Borrowed(match field.kind {
            Kind::Secret => "*******",
            _ => field.empty_word,
        }),
        Value::Code(code) => Cow::Borrowed(choice(field, code).map_or(code, |choice| choice.label)),
        value => shown_without_field(value, language),
    }
}

/// The text of a value without its field, for history entries on a field that no longer exists: as [`shown`], but a
/// value of an enumeration is its code and an empty value an empty text.
pub fn shown_without_field<'a>(value: &'a Value, language: &str) -> Cow<'a, str> {
    match value {
        Value::Empty => Cow::Borrowed(""),
        Value::Code(code) => Cow::Borrowed(code),
        Value::Bool(yes) => Cow::Borrowed(if *yes { "Yes" } else { "No" }),
        Value::Int(number) => Cow::Owned(number.to_string()),
        Value::Amount(amount) => Cow::Owned(format!("{amount:.2}")),
        Value::Text(text) => Cow::Borrowed(text),
        Value::Multi(text) => Cow::Borrowed(text.text(language)),
        Value::Date(date) => Cow::Owned(date.to_string()),
        Value::Instant(instant) => Cow::Owned(shown_instant(*instant)),
        Value::Ref(reference) => Cow::Borrowed(&reference.shown),
    }
}

/// The text of a field's value as [`shown`] has it, except that a text in several languages is given in all of them, so
/// that a change in any language is visible: `bg: Крис; en: Chris`.
pub fn shown_in_all_languages<'a>(field: &FieldDef, value: &'a Value, language: &str) -> Cow<'a, str> {
    match value {
        Value::Multi(all) => {
            let texts: Vec<String> = all.iter().map(|(tag, text)| format!("{tag}: {text}")).collect();
            Cow::Owned(texts.join("; "))
        }
        value => shown(field, value, language),
    }
}

/// The text of a field's value as [`shown`] has it; a number of days before `today` is followed by the date of that
/// day: `30 since 2026-06-01`. A last day before `today` is `ended 2026-05-31`.
pub fn shown_on<'a>(field: &FieldDef, value: &'a Value, language: &str, today: Date) -> Cow<'a, str> {
    let text = shown(field, value, language);
    match (oldest(field, value, today), value) {
        (Some(oldest), _) => Cow::Owned(format!("{text} since {oldest}")),
        (None, Value::Date(last)) if field.last_day && *last < today => Cow::Owned(format!("ended {last}")),
        _ => text,
    }
}

/// The display text of a record, one line, as [`EntityDef::display`] describes it. `value` returns the value of a
/// field.
pub fn line<'a>(entity: &EntityDef, value: impl Fn(&FieldDef) -> &'a Value, language: &str) -> String {
    let piece = |part: &Part| match part {
        Part::Literal(text) => Cow::Borrowed(*text),
        Part::Shown(field) => shown(field, value(field), language),
        Part::FirstShown(fields) => {
            let filled = fields.iter().find(|field| !value(field).is_empty());
            filled.map_or(Cow::Borrowed(""), |field| shown(field, value(field), language))
        }
        Part::Code(field) => match value(field) {
            Value::Code(code) => Cow::Borrowed(*code),
            _ => Cow::Borrowed(""),
        },
    };
    entity.display.iter().map(piece).collect()
}

/// The text of a record in the history of another record, to which the field `reference` refers: the display texts of
/// its other references, then its other values, such as `Chris Armstrong: Orders, 30 days back since 2026-06-01`.
///
/// Days back are counted from `today`.
pub fn line_in_history_of(reference: &FieldDef, record: &Record, language: &str, today: Date) -> String {
    let (mut references, mut values) = (Vec::new(), Vec::new());
    for field in record.entity.all_fields().filter(|field| *field != reference) {
        let value = record.value(field);
        match (&field.kind, value) {
            (Kind::Ref(_), Value::Ref(other)) => references.push(other.shown.clone()),
            _ if field.days_back => {
                let days = if *value == Value::Int(1) { "day" } else { "days" };
                let since = oldest(field, value, today).map(|oldest| format!(" since {oldest}"));
                values.push(format!(
                    "{} {days} back{}",
                    shown(field, value, language),
                    since.unwrap_or_default()
                ));
            }
            (_, Value::Empty) => {}
            _ => values.push(shown(field, value, language).into_owned()),
        }
    }
    format!("{}: {}", references.join(", "), values.join(", "))
}

/// The fields that the display text of a record ([`line()`]) is made of.
pub fn line_fields(entity: &EntityDef) -> impl Iterator<Item = &'static FieldDef> {
    entity
        .display
        .iter()
        .flat_map(|part| match part {
            Part::Literal(_) => &[],
            Part::Shown(field) | Part::Code(field) => std::slice::from_ref(field),
            Part::FirstShown(fields) => *fields,
        })
        .copied()
}

/// The text of an instant in UTC, as ERP.net writes it: `2024-04-01 13:25Z`, with seconds only when they are not zero.
pub fn shown_instant(instant: impl Into<Instant>) -> String {
    let civil = instant.into().civil();
    let form = if civil.second() == 0 && civil.subsec_nanosecond() == 0 {
        "%Y-%m-%d %H:%MZ"
    } else {
        "%Y-%m-%d %H:%M:%SZ"
    };
    civil.strftime(form).to_string()
}

/// The value of a field's enumeration with this database code; `None` for an unknown code and for a field of another
/// kind.
pub fn choice(field: &FieldDef, code: &str) -> Option<&'static Choice> {
    match field.kind {
        Kind::Choice(choices) => choices.iter().find(|choice| choice.code == code),
        _ => None,
    }
}

/// Parses the text typed into a field. Blanks at either end are ignored, and blank text is [`Value::Empty`].
///
/// `previous` is the field's value before. Of a text in several languages, only the translation in `language`, that of
/// the operator, is replaced; an amount is read as that language writes it ([`amount::read`]).
///
/// # Errors
/// One sentence that says which values the field takes.
pub fn read(field: &FieldDef, typed: &str, previous: &Value, language: &str) -> Result<Value, String> {
    let line = text::trim(typed);
    let value = match field.kind {
        Kind::Text { .. } | Kind::Lines { .. } | Kind::Json => normalised(field, Value::text(typed)),
        Kind::Multi { .. } => {
            let mut text = match previous {
                Value::Multi(text) => text.clone(),
                _ => MultiLang::default(),
            };
            text.set(language, line);
            Value::multi(text)
        }
        _ if line.is_empty() => Value::Empty,
        Kind::Bool => {
            Value::Bool(read_bool(line).ok_or_else(|| format!("{} takes yes or no.", field.label))?)
        }
        // The whole word is required: one letter typed by mistake must not remove the limit.
        Kind::Int { .. } if line.eq_ignore_ascii_case(field.empty_word) => Value::Empty,
        Kind::Int { min, max } => Value::Int(line.parse().map_err(|_| takes_int(field, min, max))?),
        Kind::Amount => Value::Amount(read_amount(field, line, language)?),
        Kind::Date => Value::Date(read_date(line).ok_or_else(|| takes_date(field))?),
        Kind::Instant => Value::Instant(line.parse().map_err(|_| takes_time(field))?),
        Kind::Choice(choices) => Value::Code(
            read_choice(choices, line)
                .ok_or_else(|| format!("{} takes one of: {}.", field.label, labels(choices)))?
                .code,
        ),
        Kind::Ref(_) | Kind::Secret => return Err(format!("{} cannot be typed.", field.label)),
    };
    fits(field, &value)?;
    Ok(value)
}

/// What a field takes, in sentences to be read before something is typed; `None` for a field that takes anything, and
/// for one whose values are chosen.
pub fn rule(field: &FieldDef) -> Option<String> {
    let kind = match field.kind {
        Kind::Int { min, max } => takes_int(field, min, max),
        Kind::Amount => takes_amount(field),
        Kind::Date => takes_date(field),
        Kind::Instant => takes_time(field),
        Kind::Text { max } | Kind::Lines { max } | Kind::Multi { max } => {
            format!("{} takes at most {max} characters.", field.label)
        }
        Kind::Bool | Kind::Choice(_) | Kind::Ref(_) | Kind::Secret | Kind::Json => return None,
    };
    let sentence = |holds: bool, sentence: &str| holds.then(|| sentence.to_owned());
    let sentences = [
        Some(kind),
        sentence(field.required && !field.numbered, "It is required."),
        sentence(field.unique, "No two records share it."),
        sentence(field.numbered, "Left empty, it takes the next number."),
    ];
    Some(sentences.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

fn takes_amount(field: &FieldDef) -> String {
    format!("{} takes an amount such as 1250.00.", field.label)
}

fn takes_date(field: &FieldDef) -> String {
    format!("{} takes a date such as 2024-04-01.", field.label)
}

fn takes_time(field: &FieldDef) -> String {
    format!("{} takes a time such as 2024-04-01 13:25Z.", field.label)
}

/// The date that lies the value's number of days before `today`; `None` for a field that counts no days back, and for
/// an empty value.
pub fn oldest(field: &FieldDef, value: &Value, today: Date) -> Option<Date> {
    match value {
        Value::Int(days) if field.days_back => days_before(today, *days),
        _ => None,
    }
}

/// The date that lies `days` before `date`; `None` when that is out of the calendar's range.
pub fn days_before(date: Date, days: i64) -> Option<Date> {
    date.checked_sub(Span::new().try_days(days).ok()?).ok()
}

fn labels(choices: &[Choice]) -> String {
    choices.iter().map(|choice| choice.label).collect::<Vec<_>>().join(", ")
}

/// Parses `yes`, `true` and `1` as true, `no`, `false` and `0` as false, ignoring case.
pub fn read_bool(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// Finds the value of an enumeration by its label, code or API name, ignoring (ASCII) case.
pub fn read_choice(choices: &'static [Choice], text: &str) -> Option<&'static Choice> {
    let is = |name: &str| name.eq_ignore_ascii_case(text);
    choices.iter().find(|choice| is(choice.label) || is(choice.code) || is(choice.api))
}

/// Reads an amount typed by an operator of `language`; an error is one sentence.
fn read_amount(field: &FieldDef, typed: &str, language: &str) -> Result<Decimal, String> {
    amount::read(typed, language).map_err(|why| match why {
        amount::NotRead::NoAmount => takes_amount(field),
        amount::NotRead::Ambiguous(decimals, thousands) => {
            format!(
                "{}: {typed} can be {decimals:.2} or {thousands:.2}; type the one that is meant.",
                field.label
            )
        }
    })
}

/// Parses a date, `2024-04-01` or `01.04.2024`. A valid time after the date is ignored.
pub fn read_date(text: &str) -> Option<Date> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    if time.is_some() {
        text.parse::<Instant>().ok()?;
    }
    date.parse().ok().or_else(|| Date::strptime("%d.%m.%Y", date).ok())
}

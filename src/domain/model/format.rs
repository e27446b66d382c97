//! Between a value and the text an operator types or reads.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rust_decimal::Decimal;

use super::choice::Choice;
use super::limits::{fits, takes_int};
use super::record::{Fields, Record};
use super::schema::{EntityDef, FieldDef, Kind, Part};
use super::value::{AMOUNT_PLACES, MultiLang, Value};

/// How a value is shown to an operator of `language`. The text is *not* cleaned: that is the screen's last
/// step (`text::clean`).
pub fn shown<'a>(field: &FieldDef, value: &'a Value, language: &str) -> Cow<'a, str> {
    match value {
        Value::Empty => Cow::Borrowed(match field.kind {
            Kind::Secret => "*******",
            _ => field.empty_word,
        }),
        Value::Code(code) => Cow::Borrowed(choice(field, code).map_or(code, |choice| choice.label)),
        value => shown_alone(value, language),
    }
}

/// How a value is shown of which the field is not known any more: a choice by its code.
pub fn shown_alone<'a>(value: &'a Value, language: &str) -> Cow<'a, str> {
    match value {
        Value::Empty => Cow::Borrowed(""),
        Value::Code(code) => Cow::Borrowed(code),
        Value::Bool(yes) => Cow::Borrowed(if *yes { "Yes" } else { "No" }),
        Value::Int(number) => Cow::Owned(number.to_string()),
        Value::Amount(amount) => Cow::Owned(format!("{amount:.2}")),
        Value::Text(text) => Cow::Borrowed(text),
        Value::Multi(text) => Cow::Borrowed(text.text(language)),
        Value::Date(date) => Cow::Owned(date.to_string()),
        Value::Instant(moment) => Cow::Owned(shown_moment(*moment)),
        Value::Ref(reference) => Cow::Borrowed(&reference.shown),
    }
}

/// As [`shown`], but of a text in several languages all of them, so that a change of any can be seen:
/// `bg: Крис; en: Chris`.
pub fn shown_whole<'a>(field: &FieldDef, value: &'a Value, language: &str) -> Cow<'a, str> {
    match value {
        Value::Multi(all) => {
            let texts: Vec<String> = all.iter().map(|(tongue, text)| format!("{tongue}: {text}")).collect();
            Cow::Owned(texts.join("; "))
        }
        value => shown(field, value, language),
    }
}

/// As [`shown`], and a number of days before today with the date that it reaches back to: `30 since 2026-06-01`.
pub fn shown_on<'a>(field: &FieldDef, value: &'a Value, language: &str, today: Date) -> Cow<'a, str> {
    let text = shown(field, value, language);
    match oldest(field, value, today) {
        Some(oldest) => Cow::Owned(format!("{text} since {oldest}")),
        None => text,
    }
}

/// The single line in which a record is shown ([`EntityDef::display`]), from the values of its fields.
pub fn line<'a>(entity: &EntityDef, value: impl Fn(&FieldDef) -> &'a Value, language: &str) -> String {
    let piece = |part: &Part| match part {
        Part::Literal(text) => Cow::Borrowed(*text),
        Part::Shown(field) => shown(field, value(field), language),
        Part::Code(field) => match value(field) {
            Value::Code(code) => Cow::Borrowed(*code),
            _ => Cow::Borrowed(""),
        },
    };
    entity.display.iter().map(piece).collect()
}

/// What a record says of itself in the history of the record that its reference `from` points at: whom else it
/// refers to, and then everything it holds `today`.
pub fn line_seen_from(from: &FieldDef, record: &Record, language: &str, today: Date) -> String {
    let (mut others, mut held) = (Vec::new(), Vec::new());
    for field in record.entity.all_fields().filter(|field| *field != from) {
        let value = record.value(field);
        match (&field.kind, value) {
            (Kind::Ref(_), Value::Ref(reference)) => others.push(reference.shown.clone()),
            _ if field.days_back => {
                let days = if *value == Value::Int(1) { "day" } else { "days" };
                let since = oldest(field, value, today).map(|oldest| format!(" since {oldest}"));
                held.push(format!(
                    "{} {days} back{}",
                    shown(field, value, language),
                    since.unwrap_or_default()
                ));
            }
            (_, Value::Empty) => {}
            _ => held.push(shown(field, value, language).into_owned()),
        }
    }
    format!("{}: {}", others.join(", "), held.join(", "))
}

/// The fields that [`line()`] shows.
pub fn line_fields(entity: &EntityDef) -> impl Iterator<Item = &'static FieldDef> {
    entity.display.iter().filter_map(|part| match part {
        Part::Literal(_) => None,
        Part::Shown(field) | Part::Code(field) => Some(*field),
    })
}

/// A moment as the original shows it: `2024-04-01 13:25Z`, with seconds only when there are any.
pub fn shown_moment(moment: Timestamp) -> String {
    let civil = TimeZone::UTC.to_datetime(moment);
    let form = if civil.second() == 0 && civil.subsec_nanosecond() == 0 {
        "%Y-%m-%d %H:%MZ"
    } else {
        "%Y-%m-%d %H:%M:%SZ"
    };
    civil.strftime(form).to_string()
}

/// The choice of that code.
pub fn choice(field: &FieldDef, code: &str) -> Option<&'static Choice> {
    match field.kind {
        Kind::Choice(choices) => choices.iter().find(|choice| choice.code == code),
        _ => None,
    }
}

/// Reads what was typed into a field. `was` keeps the translations of a multi-language text that
/// `language` does not touch.
///
/// # Errors
/// One sentence that says what the field takes.
pub fn read(field: &FieldDef, typed: &str, was: &Value, language: &str) -> Result<Value, String> {
    let line = typed.trim();
    let value = match field.kind {
        Kind::Text { .. } => Value::text(line),
        Kind::Lines { .. } | Kind::Json => Value::text(typed.trim_end()),
        Kind::Multi { .. } => {
            let mut text = match was {
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
        // All of the word: a letter by mistake must not open everything.
        Kind::Int { .. } if line.eq_ignore_ascii_case(field.empty_word) => Value::Empty,
        Kind::Int { min, max } => Value::Int(line.parse().map_err(|_| takes_int(field, min, max))?),
        Kind::Amount => Value::Amount(
            read_amount(line).ok_or_else(|| format!("{} takes an amount such as 1250.00.", field.label))?,
        ),
        Kind::Date => Value::Date(
            read_date(line).ok_or_else(|| format!("{} takes a date such as 2024-04-01.", field.label))?,
        ),
        Kind::Instant => Value::Instant(
            read_moment(line)
                .ok_or_else(|| format!("{} takes a time such as 2024-04-01 13:25Z.", field.label))?,
        ),
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

/// The date that a number of days before today reaches back to; `None` for every other field and value.
pub fn oldest(field: &FieldDef, value: &Value, today: Date) -> Option<Date> {
    match value {
        Value::Int(days) if field.days_back => days_before(today, *days),
        _ => None,
    }
}

/// The date that many days before another; `None` when the calendar does not reach so far.
pub fn days_before(date: Date, days: i64) -> Option<Date> {
    date.checked_sub(Span::new().try_days(days).ok()?).ok()
}

fn labels(choices: &[Choice]) -> String {
    choices.iter().map(|choice| choice.label).collect::<Vec<_>>().join(", ")
}

/// `yes`, `no`, `true`, `false`, `1`, `0`, ignoring case.
pub fn read_bool(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// An enumeration's value by label, code or API name, ignoring case.
pub fn read_choice(choices: &'static [Choice], text: &str) -> Option<&'static Choice> {
    let is = |name: &str| name.eq_ignore_ascii_case(text);
    choices.iter().find(|choice| is(choice.label) || is(choice.code) || is(choice.api))
}

/// An exact decimal; a comma may stand for the point, spaces between digits are passed over.
pub fn read_amount(text: &str) -> Option<Decimal> {
    let plain: String =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| if c == ',' { '.' } else { c }).collect();
    let mut amount = Decimal::from_str_exact(&plain).ok()?;
    if amount.scale() > AMOUNT_PLACES {
        amount = amount.normalize();
    }
    Some(amount)
}

/// A date, `2024-04-01` or `01.04.2024`; a time behind it is passed over.
pub fn read_date(text: &str) -> Option<Date> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    if time.is_some() {
        read_moment(text)?;
    }
    date.parse().ok().or_else(|| Date::strptime("%d.%m.%Y", date).ok())
}

/// A moment; without a zone it is UTC, without a time it is midnight.
pub fn read_moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let zoned = text.parse::<Timestamp>().ok();
    let civil = || {
        let plain = text.strip_suffix(['Z', 'z']).unwrap_or(text);
        let civil = plain.parse::<DateTime>().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    let moment = zoned.or_else(civil)?;
    Timestamp::from_microsecond(moment.as_microsecond()).ok()
}

//! An entry of history in the words and the language of whoever reads it.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::model::format;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry, Part};
use crate::domain::model::record::{FieldMap, Fields, Origin, Record};
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::Value;

/// When it was, what was done by whom, and why: `2024-04-01 13:25Z  mkoleva changed it (version 3)`.
pub fn heading(entry: &HistoryEntry) -> String {
    let at = format::shown_moment(entry.at);
    let why = entry.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{at}  {}{why}", action(entry))
}

/// One line for each field, with its value before and after; for what another record tells here, one line in all.
pub fn lines(entry: &HistoryEntry, language: &str) -> Vec<String> {
    match entry.part {
        Some(part) => vec![part_line(entry, part, language)],
        None => entry.fields.iter().map(|change| field_line(entry, change, language)).collect(),
    }
}

/// What was done, in words.
fn action(entry: &HistoryEntry) -> String {
    let HistoryEntry { who, version, .. } = entry;
    match entry.action {
        HistoryAction::Created => format!("{who} created it (version {version})"),
        HistoryAction::Changed => match entry.part {
            Some(part) => format!("{who} changed {}", part.entity.plural),
            None => format!("{who} changed it (version {version})"),
        },
        HistoryAction::Deleted => format!("{who} removed it"),
        HistoryAction::Requested => "somebody asked for the account".to_owned(),
        HistoryAction::RequestedAgain => "somebody asked for the account again".to_owned(),
        HistoryAction::Configured => format!("{who} settled the request: nothing is missing any more"),
        HistoryAction::Rejected => format!("{who} rejected the request"),
        HistoryAction::Reopened => format!("{who} opened the request again"),
        HistoryAction::PasswordChosen => format!("{who} chose a password"),
        HistoryAction::ResetIssued => format!("{who} issued a one-time code"),
        HistoryAction::SignInFailed => "a sign-in failed".to_owned(),
        HistoryAction::Refused => format!("{who} was refused"),
    }
}

/// A field's value before and after.
fn field_line(entry: &HistoryEntry, change: &FieldChange, language: &str) -> String {
    let field = entry.entity.field(&change.field);
    let label = field.map_or(change.field.as_str(), |field| field.label);
    let text = |value: &Value, whole: bool| {
        let text = shown(entry, field, value, language, whole);
        if text.is_empty() { "empty".to_owned() } else { text }
    };
    let (before, after) = (text(&change.before, false), text(&change.after, false));
    match entry.action {
        HistoryAction::Created => format!("{label}: {after}"),
        HistoryAction::Deleted => format!("{label}: {before}"),
        // What changed is in a language that the reader does not read.
        _ if before == after => {
            format!("{label}: {} → {}", text(&change.before, true), text(&change.after, true))
        }
        _ => format!("{label}: {before} → {after}"),
    }
}

/// A value as it was shown then, days back with the oldest date of that day; `whole` with every language. Of an entry
/// without an operation it is the text that was kept.
fn shown(
    entry: &HistoryEntry,
    field: Option<&FieldDef>,
    value: &Value,
    language: &str,
    whole: bool,
) -> String {
    let Some(field) = field else { return format::shown_alone(value, language).into_owned() };
    match value {
        Value::Text(text) if field.days_back => match format::read(field, text, &Value::Empty, language) {
            Ok(days) => format::shown_on(field, &days, language, day_of(entry)).into_owned(),
            Err(_) => text.clone(),
        },
        Value::Empty if field.days_back && entry.operation.is_none() => String::new(),
        _ if whole => format::shown_whole(field, value, language).into_owned(),
        _ => format::shown_on(field, value, language, day_of(entry)).into_owned(),
    }
}

fn day_of(entry: &HistoryEntry) -> Date {
    TimeZone::UTC.to_datetime(entry.at).date()
}

/// What became of a record that tells its changes here.
fn part_line(entry: &HistoryEntry, part: Part, language: &str) -> String {
    let line = |value: fn(&FieldChange) -> &Value| match &entry.fields[..] {
        // Without an operation: the lines themselves, under the name of the entity.
        [kept] if kept.field == part.entity.set => format::shown_alone(value(kept), language).into_owned(),
        fields => line_of(entry, part, fields, value, language),
    };
    match (line(|change| &change.before), line(|change| &change.after)) {
        (before, after) if before.is_empty() => format!("added: {after}"),
        (before, after) if after.is_empty() => format!("removed: {before}"),
        (before, after) => format!("{before} → {after}"),
    }
}

/// The line that the other record is seen as from here, made of the values before or those after; empty when it had
/// none.
fn line_of(
    entry: &HistoryEntry,
    part: Part,
    fields: &[FieldChange],
    value: fn(&FieldChange) -> &Value,
    language: &str,
) -> String {
    let Part { entity, record } = part;
    let held = |change: &FieldChange| {
        let field = entity.field(&change.field)?;
        Some((field.property, value(change).clone())).filter(|(_, value)| !value.is_empty())
    };
    let values: FieldMap = fields.iter().filter_map(held).collect();
    let record = Record { entity, id: record, version: 0, values, origin: Origin::default() };
    let points_here =
        |from: &&&FieldDef| matches!(record.value(from), Value::Ref(to) if to.id == entry.record);
    match entity.also_in_history_of.iter().find(points_here) {
        Some(from) => format::line_seen_from(from, &record, language, day_of(entry)),
        None => String::new(),
    }
}

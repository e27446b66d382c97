//! Formatting of a history entry as text in the language of its reader.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::model::format;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry, Part, beside};
use crate::domain::model::instant::utc_date;
use crate::domain::model::record::{FieldMap, Fields, Origin, Record};
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::Value;

/// A time as a reader types it: `2024-04-01T13:25:00Z`, or `2024-04-01` for the first moment of the day, UTC. `None` for any
/// other text.
pub fn read_time(typed: &str) -> Option<Timestamp> {
    if let Ok(at) = typed.parse() {
        return Some(at);
    }
    let date: Date = typed.parse().ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The heading of an entry: time, login, action and reason, such as `2024-04-01 13:25Z  mkoleva changed it (version
/// 3)`.
pub fn heading(entry: &HistoryEntry) -> String {
    let at = format::shown_instant(entry.at);
    let why = entry.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{at}  {}{why}", action(entry))
}

/// The lines below the heading: one for each field, with the values before and after; one in all for an entry on a
/// related record ([`HistoryEntry::part`]).
pub fn lines(entry: &HistoryEntry, language: &str) -> Vec<String> {
    match entry.part {
        Some(part) => vec![part_line(entry, part, language)],
        None => {
            let seen = entry.fields.iter().filter(|change| is_seen(&change.field));
            seen.map(|change| field_line(entry, change, language)).collect()
        }
    }
}

/// Whether a reader sees this change: what only an undo reads is hidden.
fn is_seen(field: &str) -> bool {
    !beside::is_one(field) || beside::label(field).is_some()
}

/// The action of an entry in words, with the login: `mkoleva rejected the request`.
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
        HistoryAction::Waiting => format!("{who} put the request off"),
        HistoryAction::Noted => format!("{who} wrote a note"),
        HistoryAction::Reopened => format!("{who} opened the request again"),
        HistoryAction::PasswordChosen => format!("{who} chose a password"),
        HistoryAction::ResetIssued => format!("{who} issued a one-time code"),
        HistoryAction::SignInFailed => "a sign-in failed".to_owned(),
        HistoryAction::Refused => format!("{who} was refused"),
    }
}

/// The line of one field: its label, and the values before and after.
fn field_line(entry: &HistoryEntry, change: &FieldChange, language: &str) -> String {
    let field = entry.entity.field(&change.field);
    let name = || beside::label(&change.field).unwrap_or(&change.field);
    let label = field.map_or_else(name, |field| field.label);
    let text = |value: &Value, all_languages: bool| {
        let text = shown(entry, field, value, language, all_languages);
        if text.is_empty() { "empty".to_owned() } else { text }
    };
    let (before, after) = (text(&change.before, false), text(&change.after, false));
    match entry.action {
        HistoryAction::Created => format!("{label}: {after}"),
        HistoryAction::Deleted => format!("{label}: {before}"),
        // The translation that changed is not the one that the reader sees: show all of them.
        _ if before == after => {
            format!("{label}: {} → {}", text(&change.before, true), text(&change.after, true))
        }
        _ => format!("{label}: {before} → {after}"),
    }
}

/// The text of a field's value in an entry. Days back are counted from the day of the entry; with `all_languages`, a
/// text in several languages is given in all of them. An entry without an operation holds the text itself.
fn shown(
    entry: &HistoryEntry,
    field: Option<&FieldDef>,
    value: &Value,
    language: &str,
    all_languages: bool,
) -> String {
    let Some(field) = field else { return format::shown_without_field(value, language).into_owned() };
    match value {
        Value::Text(text) if field.days_back => match format::read(field, text, &Value::Empty, language) {
            Ok(days) => format::shown_on(field, &days, language, day_of(entry)).into_owned(),
            Err(_) => text.clone(),
        },
        Value::Empty if field.days_back && entry.operation.is_none() => String::new(),
        _ if all_languages => format::shown_in_all_languages(field, value, language).into_owned(),
        _ => format::shown_on(field, value, language, day_of(entry)).into_owned(),
    }
}

fn day_of(entry: &HistoryEntry) -> Date {
    utc_date(entry.at)
}

/// The line of an entry on a related record: added, removed, or its text before and after.
fn part_line(entry: &HistoryEntry, part: Part, language: &str) -> String {
    let line = |value: fn(&FieldChange) -> &Value| match &entry.fields[..] {
        // An entry without an operation holds the formatted line itself, under the entity set instead of a field.
        [only] if only.field == part.entity.set => {
            format::shown_without_field(value(only), language).into_owned()
        }
        fields => line_of(entry, part, fields, value, language),
    };
    match (line(|change| &change.before), line(|change| &change.after)) {
        (before, after) if before.is_empty() => format!("added: {after}"),
        (before, after) if after.is_empty() => format!("removed: {before}"),
        (before, after) => format!("{before} → {after}"),
    }
}

/// The text of a related record from the values that `value` selects, those before or those after; empty when none of
/// its references in [`also_in_history_of`](crate::domain::model::schema::EntityDef::also_in_history_of) refers to the
/// entry's record.
fn line_of(
    entry: &HistoryEntry,
    part: Part,
    fields: &[FieldChange],
    value: fn(&FieldChange) -> &Value,
    language: &str,
) -> String {
    let Part { entity, record } = part;
    let property_value = |change: &FieldChange| {
        let field = entity.field(&change.field)?;
        Some((field.property, value(change).clone())).filter(|(_, value)| !value.is_empty())
    };
    let values: FieldMap = fields.iter().filter_map(property_value).collect();
    let record = Record { entity, id: record, version: 0, values, origin: Origin::default() };
    let refers_to_entry =
        |field: &&&FieldDef| matches!(record.value(field), Value::Ref(to) if to.id == entry.record);
    match entity.also_in_history_of.iter().find(refers_to_entry) {
        Some(field) => format::line_in_history_of(field, &record, language, day_of(entry)),
        None => String::new(),
    }
}

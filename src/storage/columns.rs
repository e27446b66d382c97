//! The columns in which a table stores a field, and the conversion of values to and from them.
//!
//! Beside the column of a text there are derived columns, called its *twins*. The program computes them, because the
//! engines fold case differently and SQLite folds ASCII letters only:
//!
//! - `…_fold`: the text without case and accents, in which filters search and by which lists are ordered;
//! - `…_sort`: the first 100 characters of `…_fold`, by which lists are ordered where the whole is too long for an
//!   index;
//! - `…_key`: the text without case and outer blanks, which the unique index compares;
//! - `…_skeleton`: the text with look-alike characters made equal, which finds logins and e-mails that look the same.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::db::{Bind, Row, instant_of_field};
use super::error::StorageError;
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{AMOUNT_PLACES, FALLBACK_LANGUAGE, MultiLang, Reference, Value};
use crate::domain::model::{format, text};

/// Separates the translations in a `_fold` column. Folding removes this character from texts, so no searched text
/// matches across two translations.
const TRANSLATION_SEPARATOR: &str = "\u{1f}";

/// The length in characters of a `_sort` column. PostgreSQL refuses index entries of more than 2,700 bytes, and the
/// number of translations has no limit.
const SORTED_LENGTH: usize = 100;

/// Whether the field has a `_sort` column: only a text in several languages has one.
fn has_sort(field: &FieldDef) -> bool {
    matches!(field.kind, Kind::Multi { .. })
}

/// The suffix of the twin by which lists are ordered.
pub(super) fn sort_suffix(field: &FieldDef) -> &'static str {
    if has_sort(field) { "_sort" } else { "_fold" }
}

/// The names of all columns of a field: its own first, then its twins. A secret has none.
pub(super) fn names(field: &FieldDef) -> Vec<String> {
    if matches!(field.kind, Kind::Secret) {
        return Vec::new();
    }
    let twins = [
        (has_sort(field), "_sort"),
        (field.is_folded(), "_fold"),
        (field.keyed, "_key"),
        (field.look_alikes, "_skeleton"),
    ];
    let twins = twins.into_iter().filter(|(has_twin, _)| *has_twin);
    [""].into_iter()
        .chain(twins.map(|(_, suffix)| suffix))
        .map(|suffix| field.column.to_owned() + suffix)
        .collect()
}

/// Appends to `values` what each column of the field stores for a value, in the order of [`names`].
///
/// # Errors
/// [`StorageError::Other`] when the value is not of the field's kind or exceeds the range of an amount.
pub(super) fn add_values(
    field: &FieldDef,
    value: &Value,
    values: &mut Vec<Bind>,
) -> Result<(), StorageError> {
    if matches!(field.kind, Kind::Secret) {
        return Ok(());
    }
    values.push(bind(field, value)?);
    if field.is_folded() {
        if has_sort(field) {
            values.push(sorted(value).into());
        }
        values.push(folded(value).into());
    }
    if field.keyed {
        values.push(key(value).into());
    }
    if field.look_alikes {
        values.push(skeleton(value).into());
    }
    Ok(())
}

/// The value to bind for the field's own column; an empty value is a NULL of the column's type.
///
/// # Errors
/// [`StorageError::Other`] when the value is not of the field's kind or exceeds the range of an amount.
pub(super) fn bind(field: &FieldDef, value: &Value) -> Result<Bind, StorageError> {
    Ok(match (&field.kind, value) {
        (Kind::Bool, Value::Empty) => Bind::Bool(None),
        (Kind::Int { .. } | Kind::Amount | Kind::Instant, Value::Empty) => Bind::Int(None),
        (Kind::Ref(_), Value::Empty) => Bind::Uuid(None),
        (_, Value::Empty) => Bind::Text(None),
        (Kind::Bool, Value::Bool(yes)) => (*yes).into(),
        (Kind::Int { .. }, Value::Int(number)) => (*number).into(),
        (Kind::Amount, Value::Amount(amount)) => hundredths(*amount)?.into(),
        (Kind::Instant, Value::Instant(moment)) => (*moment).into(),
        (Kind::Ref(_), Value::Ref(reference)) => reference.id.into(),
        (Kind::Date, Value::Date(date)) => date.to_string().into(),
        (Kind::Choice(_), Value::Code(code)) => (*code).into(),
        (Kind::Text { .. } | Kind::Lines { .. } | Kind::Json, Value::Text(text)) => text.as_str().into(),
        (Kind::Multi { .. }, Value::Multi(text)) => translations(text).into(),
        _ => return Err(StorageError::Other(format!("{} cannot hold such a value", field.label))),
    })
}

/// The value of a field, read from its own column at position `column` of a row. A reference has an empty `shown` text,
/// which the caller fills in.
///
/// # Errors
/// [`StorageError::Other`] when the column holds something that is no value of the field.
pub(super) fn read(field: &FieldDef, row: &Row, column: usize) -> Result<Value, StorageError> {
    let unknown = || StorageError::Other(format!("{} holds something unknown", field.column));
    Ok(match field.kind {
        Kind::Secret => Value::Empty,
        Kind::Bool => row.opt_bool(column)?.map_or(Value::Empty, Value::Bool),
        Kind::Int { .. } => row.opt_int(column)?.map_or(Value::Empty, Value::Int),
        Kind::Amount => row
            .opt_int(column)?
            .map_or(Value::Empty, |stored| Value::Amount(Decimal::new(stored, AMOUNT_PLACES))),
        Kind::Instant => match row.opt_int(column)? {
            Some(stored) => Value::Instant(instant_of_field(stored)?),
            None => Value::Empty,
        },
        Kind::Ref(_) => {
            row.opt_id(column)?.map_or(Value::Empty, |id| Value::Ref(Reference { id, shown: String::new() }))
        }
        Kind::Date => match row.opt_text(column)? {
            Some(stored) => Value::Date(stored.parse().map_err(|_| unknown())?),
            None => Value::Empty,
        },
        Kind::Choice(_) => match row.opt_text(column)? {
            Some(stored) => Value::Code(format::choice(field, &stored).ok_or_else(unknown)?.code),
            None => Value::Empty,
        },
        Kind::Multi { .. } => match row.opt_text(column)? {
            Some(stored) => {
                let read: BTreeMap<String, String> = serde_json::from_str(&stored).map_err(|_| unknown())?;
                Value::multi(read.into_iter().collect())
            }
            None => Value::Empty,
        },
        Kind::Text { .. } | Kind::Lines { .. } | Kind::Json => {
            row.opt_text(column)?.map_or(Value::Empty, Value::text)
        }
    })
}

/// The content of the `_fold` column: the folded text, or all folded translations with a separator between them. The
/// English translation comes first, as lists are ordered by it.
pub(super) fn folded(value: &Value) -> String {
    match value {
        Value::Multi(translated) => {
            let english = translated.iter().filter(|(language, _)| *language == FALLBACK_LANGUAGE);
            let others = translated.iter().filter(|(language, _)| *language != FALLBACK_LANGUAGE);
            let texts: Vec<String> = english.chain(others).map(|(_, text)| text::fold(text)).collect();
            texts.join(TRANSLATION_SEPARATOR)
        }
        other => text::fold(plain(other)),
    }
}

/// The content of the `_sort` column: the beginning of the folded text.
pub(super) fn sorted(value: &Value) -> String {
    folded(value).chars().take(SORTED_LENGTH).collect()
}

/// The content of the `_key` column, which the unique index compares. An empty value has `None`, stored as NULL, so
/// that any number of records may leave the field empty.
pub(super) fn key(value: &Value) -> Option<String> {
    (!value.is_empty()).then(|| text::key(plain(value)))
}

/// The content of the `_skeleton` column, by which look-alikes are found; `None`, stored as NULL, for an empty value.
pub(super) fn skeleton(value: &Value) -> Option<String> {
    (!value.is_empty()).then(|| text::skeleton(plain(value)))
}

/// The text of a value: of a text in several languages the English one; empty for a value that is no text.
fn plain(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        Value::Multi(text) => text.text(FALLBACK_LANGUAGE),
        _ => "",
    }
}

/// A text in several languages as it is stored: a JSON object of the texts by language.
fn translations(text: &MultiLang) -> String {
    let pairs: serde_json::Map<String, serde_json::Value> =
        text.iter().map(|(language, text)| (language.to_owned(), text.into())).collect();
    serde_json::Value::Object(pairs).to_string()
}

/// An amount as it is stored: a whole number of hundredths.
fn hundredths(amount: Decimal) -> Result<i64, StorageError> {
    let mut exact = amount;
    exact.rescale(AMOUNT_PLACES);
    i64::try_from(exact.mantissa())
        .map_err(|_| StorageError::Other(format!("{amount} is more than an amount can be")))
}

/// The name of the unique index over fields of one table: `<table>_<columns joined by _>_key`. A text that is unique
/// ignoring case contributes the name of its `_key` column.
pub fn unique_index(home: &EntityDef, fields: &[&FieldDef]) -> String {
    let twin = |field: &&FieldDef| field.column.to_owned() + if field.keyed { "_key" } else { "" };
    format!("{}_{}_key", home.table, fields.iter().map(twin).collect::<Vec<_>>().join("_"))
}

/// The fields of the unique index of that name, as [`StorageError::Unique`] reports it. Empty for a primary key and for
/// an index of no field.
pub(super) fn fields_of_index(entity: &'static EntityDef, index: &str) -> Vec<&'static FieldDef> {
    for home in [Some(entity), entity.base_entity()].into_iter().flatten() {
        for (mut fields, also_without) in home.unique_fields() {
            if unique_index(home, &fields) == index {
                return fields;
            }
            if also_without {
                fields.pop();
                if unique_index(home, &fields) == index {
                    return fields;
                }
            }
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entities::{company, customer, external_access, party, person, user};

    #[test]
    fn a_unique_index_names_its_fields() {
        let named = |entity, index| {
            fields_of_index(entity, index).iter().map(|field| field.property).collect::<Vec<_>>()
        };
        assert_eq!(named(&user::USER, "sec_users_login_key_key"), ["Login"]);
        assert_eq!(named(&person::PERSON, "gen_parties_party_code_key_key"), ["PartyCode"]);
        assert_eq!(
            named(&company::COMPANY, "cm_companies_name_key_branch_number_key"),
            ["Name", "BranchNumber"]
        );
        assert_eq!(named(&customer::CUSTOMER, "crm_customers_party_key"), ["Party"]);
        assert_eq!(
            named(&customer::CUSTOMER, "crm_customers_party_enterprise_company_key"),
            ["Party", "EnterpriseCompany"]
        );
        assert_eq!(
            named(&external_access::EXTERNAL_ACCESS, "crm_customer_external_access_customer_user_id_key"),
            ["Customer", "User"]
        );
        assert_eq!(named(&party::PARTY, "gen_parties_pkey"), [] as [&str; 0]);
    }

    #[test]
    fn the_fold_column_holds_every_translation_and_english_first() {
        let name: MultiLang = [("bg", "Крис"), ("en", "Chris")]
            .map(|(language, text)| (language.to_owned(), text.to_owned()))
            .into_iter()
            .collect();
        assert_eq!(folded(&Value::multi(name)), "chris\u{1f}крис");
        assert_eq!(folded(&Value::Empty), "");
    }

    #[test]
    fn amounts_are_stored_to_the_hundredth() {
        for (text, stored) in
            [("0", 0), ("1250", 125_000), ("-0.5", -50), ("9999999999999999.99", 999_999_999_999_999_999)]
        {
            let amount: Decimal = text.parse().expect("an amount");
            assert_eq!(hundredths(amount), Ok(stored), "{text}");
        }
    }
}

//! How a field stands in its table: its column, the twins beside it, and its way in and out.
//!
//! Text has twins, because the engines fold case differently and SQLite hardly at all:
//! `…_fold` is what filters look into and orders compare, `…_sort` is the beginning of it that orders compare
//! where all of it is too much for an index, `…_key` is what unique indexes compare, and `…_skeleton` finds
//! logins that look alike.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::db::{Bind, Row, instant};
use super::error::StorageError;
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{AMOUNT_PLACES, FALLBACK_LANGUAGE, MultiLang, Reference, Value};
use crate::domain::model::{format, text};

/// Stands between the translations in a folded twin. Folding removes it from texts, so no search spans two.
const BETWEEN_TRANSLATIONS: &str = "\u{1f}";

/// How many characters of a text in several languages an order compares. PostgreSQL refuses index entries
/// of more than 2,700 bytes, and translations have no end.
const SORTED_LENGTH: usize = 100;

/// Whether the table keeps the beginning of the folded text beside it.
fn has_sort(field: &FieldDef) -> bool {
    matches!(field.kind, Kind::Multi { .. })
}

/// The twin that orders compare.
pub(super) fn sort_suffix(field: &FieldDef) -> &'static str {
    if has_sort(field) { "_sort" } else { "_fold" }
}

/// The columns of a field: none for a secret, else its own and its twins.
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
    let twins = twins.into_iter().filter(|(is_kept, _)| *is_kept);
    [""].into_iter()
        .chain(twins.map(|(_, suffix)| suffix))
        .map(|suffix| field.column.to_owned() + suffix)
        .collect()
}

/// Adds what the columns of a field hold for this value, in the order of their [`names`].
///
/// # Errors
/// When the field cannot hold such a value.
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
        let folded = folded(value);
        if has_sort(field) {
            values.push(folded.chars().take(SORTED_LENGTH).collect::<String>().into());
        }
        values.push(folded.into());
    }
    if field.keyed {
        values.push(key(value).into());
    }
    if field.look_alikes {
        values.push(text::skeleton(plain(value)).into());
    }
    Ok(())
}

/// A value as the field's column holds it.
///
/// # Errors
/// When the field cannot hold such a value.
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

/// The value in a column of a row; a reference is not yet shown as anything.
///
/// # Errors
/// When the column holds what the field cannot.
pub(super) fn read(field: &FieldDef, row: &Row, column: usize) -> Result<Value, StorageError> {
    let foreign = || StorageError::Other(format!("{} holds something unknown", field.column));
    Ok(match field.kind {
        Kind::Secret => Value::Empty,
        Kind::Bool => row.opt_bool(column)?.map_or(Value::Empty, Value::Bool),
        Kind::Int { .. } => row.opt_int(column)?.map_or(Value::Empty, Value::Int),
        Kind::Amount => row
            .opt_int(column)?
            .map_or(Value::Empty, |stored| Value::Amount(Decimal::new(stored, AMOUNT_PLACES))),
        Kind::Instant => match row.opt_int(column)? {
            Some(stored) => Value::Instant(instant(stored)?),
            None => Value::Empty,
        },
        Kind::Ref(_) => {
            row.opt_id(column)?.map_or(Value::Empty, |id| Value::Ref(Reference { id, shown: String::new() }))
        }
        Kind::Date => match row.opt_text(column)? {
            Some(stored) => Value::Date(stored.parse().map_err(|_| foreign())?),
            None => Value::Empty,
        },
        Kind::Choice(_) => match row.opt_text(column)? {
            Some(stored) => Value::Code(format::choice(field, &stored).ok_or_else(foreign)?.code),
            None => Value::Empty,
        },
        Kind::Multi { .. } => match row.opt_text(column)? {
            Some(stored) => {
                let read: BTreeMap<String, String> = serde_json::from_str(&stored).map_err(|_| foreign())?;
                Value::multi(read.into_iter().collect())
            }
            None => Value::Empty,
        },
        Kind::Text { .. } | Kind::Lines { .. } | Kind::Json => {
            row.opt_text(column)?.map_or(Value::Empty, Value::text)
        }
    })
}

/// What filters look into: the folded text, or every translation, the English one first.
pub(super) fn folded(value: &Value) -> String {
    match value {
        Value::Multi(translated) => {
            let english = translated.iter().filter(|(language, _)| *language == FALLBACK_LANGUAGE);
            let others = translated.iter().filter(|(language, _)| *language != FALLBACK_LANGUAGE);
            let texts: Vec<String> = english.chain(others).map(|(_, text)| text::fold(text)).collect();
            texts.join(BETWEEN_TRANSLATIONS)
        }
        other => text::fold(plain(other)),
    }
}

/// What unique indexes compare; nothing is like nothing else.
pub(super) fn key(value: &Value) -> Option<String> {
    (!value.is_empty()).then(|| text::key(plain(value)))
}

fn plain(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        Value::Multi(text) => text.text(FALLBACK_LANGUAGE),
        _ => "",
    }
}

fn translations(text: &MultiLang) -> String {
    let pairs: serde_json::Map<String, serde_json::Value> =
        text.iter().map(|(language, text)| (language.to_owned(), text.into())).collect();
    serde_json::Value::Object(pairs).to_string()
}

fn hundredths(amount: Decimal) -> Result<i64, StorageError> {
    let mut exact = amount;
    exact.rescale(AMOUNT_PLACES);
    i64::try_from(exact.mantissa())
        .map_err(|_| StorageError::Other(format!("{amount} is more than an amount can be")))
}

/// The name of the unique index of a table over these fields: `<table>_<columns>_key`, where a keyed text stands by the
/// twin that is compared.
pub fn unique_index(home: &EntityDef, fields: &[&FieldDef]) -> String {
    let twin = |field: &&FieldDef| field.column.to_owned() + if field.keyed { "_key" } else { "" };
    format!("{}_{}_key", home.table, fields.iter().map(twin).collect::<Vec<_>>().join("_"))
}

/// The fields that a unique index is about, by its name (see [`StorageError::Unique`]). None for a primary key.
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
    fn every_translation_can_be_found_and_english_orders() {
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

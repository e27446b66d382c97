//! What a new database begins with: the currencies of ISO 4217 and the countries of ISO 3166-1. Their ids
//! follow from their codes, so that every database has the same ones.

use std::collections::HashSet;

use iso_currency::{Currency, IntoEnumIterator};
use jiff::Timestamp;
use uuid::Uuid;

use super::db::{Session, Tx};
use super::error::StorageError;
use super::records::{self, SaveError};
use crate::domain::entities::{country, currency};
use crate::domain::model::record::Draft;
use crate::domain::model::schema::EntityDef;
use crate::domain::model::text;
use crate::domain::model::value::{FALLBACK_LANGUAGE, MultiLang, RecordId, Value};

/// The login that made them.
const MAKER: &str = "ccdesk";

/// Whether the database has been filled already.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_done(s: &mut Session) -> Result<bool, StorageError> {
    Ok(s.fetch_optional("SELECT id FROM gen_countries LIMIT 1", vec![]).await?.is_some())
}

/// Adds the countries and currencies whose code no record has yet; quick when none is missing.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub async fn seed(tx: &mut Tx, now: Timestamp) -> Result<(), StorageError> {
    let known = codes(tx, "SELECT currency_sign_key FROM gen_currencies").await?;
    add(tx, &currency::CURRENCY, currencies(&known), now).await?;
    let known = codes(tx, "SELECT code_key FROM gen_countries").await?;
    add(tx, &country::COUNTRY, countries(&known), now).await
}

async fn codes(tx: &mut Tx, sql: &'static str) -> Result<HashSet<String>, StorageError> {
    let rows = tx.fetch_all(sql, vec![]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

async fn add(
    tx: &mut Tx,
    entity: &'static EntityDef,
    missing: Vec<(RecordId, Draft)>,
    now: Timestamp,
) -> Result<(), StorageError> {
    records::insert_many(tx, entity, missing, now, MAKER).await.map_err(|error| match error {
        SaveError::Storage(error) => error,
        other => StorageError::Other(other.to_string()),
    })
}

fn currencies(known: &HashSet<String>) -> Vec<(RecordId, Draft)> {
    let missing = Currency::iter().filter(|currency| !known.contains(&text::key(currency.code())));
    missing
        .map(|iso| {
            let mut draft = Draft::new(&currency::CURRENCY);
            draft.set(&currency::CURRENCY_SIGN.def, Value::text(iso.code()));
            draft.set(&currency::NAME.def, Value::text(shortened(iso.name())));
            (id_of(&currency::CURRENCY, iso.code()), draft)
        })
        .collect()
}

fn countries(known: &HashSet<String>) -> Vec<(RecordId, Draft)> {
    let missing = rust_iso3166::ALL.iter().filter(|iso| !known.contains(&text::key(iso.alpha2)));
    missing
        .map(|iso| {
            let mut draft = Draft::new(&country::COUNTRY);
            draft.set(&country::CODE.def, Value::text(iso.alpha2));
            draft.set(&country::NAME.def, Value::multi(MultiLang::new(FALLBACK_LANGUAGE, iso.name)));
            (id_of(&country::COUNTRY, iso.alpha2), draft)
        })
        .collect()
}

/// The id of the record of a code: the same in every database.
fn id_of(entity: &EntityDef, code: &str) -> RecordId {
    RecordId(Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}({code})", entity.set).as_bytes()))
}

/// A currency's name as far as the field takes it. ISO's longest explain themselves in brackets.
fn shortened(name: &str) -> String {
    let longest = currency::NAME.def.max_length().unwrap_or(usize::MAX);
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    let plain = name.split(" (").next().unwrap_or(name);
    plain.chars().take(longest).collect()
}

//! The initial records of a new database: the currencies of ISO 4217, the countries of ISO 3166-1 (`docs/domain.md`,
//! Other entities), and the first reasons for rejecting a request. The id of a record is computed from its code, so it is the same in every database.

use std::collections::HashSet;

use iso_currency::{Currency, IntoEnumIterator};
use jiff::Timestamp;
use uuid::Uuid;

use super::db::{Session, Tx};
use super::error::StorageError;
use super::records::{self, SaveError};
use crate::domain::entities::rejection_reason::{self, REJECTION_REASON};
use crate::domain::entities::{country, currency};
use crate::domain::model::record::Draft;
use crate::domain::model::schema::EntityDef;
use crate::domain::model::text;
use crate::domain::model::value::{FALLBACK_LANGUAGE, MultiLang, RecordId, Value};

/// The login in `creation_user` of the initial records.
const AUTHOR: &str = "ccdesk";

/// Whether the database has been filled already: it has a country.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn is_done(s: &mut Session) -> Result<bool, StorageError> {
    Ok(s.fetch_optional("SELECT id FROM gen_countries LIMIT 1", vec![]).await?.is_some())
}

/// Inserts the countries and currencies whose code no record has yet. When none is missing, this costs two reads.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub async fn seed(tx: &mut Tx, now: Timestamp) -> Result<(), StorageError> {
    let known = codes(tx, "SELECT currency_sign_key FROM gen_currencies").await?;
    add(tx, &currency::CURRENCY, currencies(&known), now).await?;
    let known = codes(tx, "SELECT code_key FROM gen_countries").await?;
    add(tx, &country::COUNTRY, countries(&known), now).await
}

/// Inserts the first reasons for rejecting a request.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub async fn rejection_reasons(tx: &mut Tx, now: Timestamp) -> Result<(), StorageError> {
    let reasons = rejection_reason::FIRST.map(|(english, bulgarian)| {
        let mut reason = MultiLang::new(FALLBACK_LANGUAGE, english);
        reason.set("bg", bulgarian);
        let mut draft = Draft::new(&REJECTION_REASON);
        draft.set(&rejection_reason::REASON.def, Value::multi(reason));
        draft.set(&rejection_reason::IS_ACTIVE.def, Value::Bool(true));
        (id_of(&REJECTION_REASON, english), draft)
    });
    add(tx, &REJECTION_REASON, reasons.into(), now).await
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
    records::insert_many(tx, entity, missing, now, AUTHOR).await.map_err(|error| match error {
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

/// The id of the record with this code: a UUID of version 5 over the entity set and the code.
fn id_of(entity: &EntityDef, code: &str) -> RecordId {
    RecordId(Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}({code})", entity.set).as_bytes()))
}

/// The name of a currency, shortened to the length of the field. A name that is too long loses its explanation in
/// brackets, as the longest names of ISO 4217 have one, and is then cut off.
fn shortened(name: &str) -> String {
    let max_length = currency::NAME.def.max_length().unwrap_or(usize::MAX);
    if name.chars().count() <= max_length {
        return name.to_owned();
    }
    let without_brackets = name.split(" (").next().unwrap_or(name);
    without_brackets.chars().take(max_length).collect()
}

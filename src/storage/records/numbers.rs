//! Series of numbers for numbered fields (`docs/domain.md`, Notation): `00126` after `00125`.
//!
//! The table `next_numbers` has one row for each series, with the last number given. A transaction that takes a number
//! locks the row until it ends, so that no two records receive the same number (`docs/promises.md`, 14). A number that
//! is entered by hand advances the series when it is larger than the last one.

use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::Value;
use crate::storage::db::Tx;
use crate::storage::error::StorageError;

/// The most digits of a code that counts as a number of a series. A longer code comes from another system, and must not
/// advance the series.
const MAX_DIGITS: usize = 12;

/// Fills the empty numbered fields of drafts with the next numbers of their series, and first advances each series past
/// the numbers that other drafts have already. All drafts must be of one entity.
pub(super) async fn fill(tx: &mut Tx, drafts: &mut [Draft]) -> Result<(), StorageError> {
    let Some(entity) = drafts.first().map(|draft| draft.entity) else { return Ok(()) };
    for field in entity.all_fields().filter(|field| field.numbered) {
        let series = series(entity, field);
        let entered = drafts.iter().filter_map(|draft| match draft.changed.get(field.property) {
            Some(Value::Text(code)) => number(code),
            _ => None,
        });
        if let Some(highest) = entered.max() {
            advance(tx, &series, highest).await?;
        }
        let mut empty: Vec<&mut Draft> =
            drafts.iter_mut().filter(|draft| draft.value(field).is_empty()).collect();
        if !empty.is_empty() {
            let first = take(tx, &series, i64::try_from(empty.len()).unwrap_or(i64::MAX)).await?;
            for (next, draft) in (first..).zip(&mut empty) {
                draft.set(field, Value::Text(format!("{next:05}")));
            }
        }
    }
    Ok(())
}

/// The name of the series of a numbered field: `<table>.<column>`.
fn series(entity: &'static EntityDef, field: &FieldDef) -> String {
    format!("{}.{}", entity.declaring_entity(field).table, field.column)
}

/// The number of a code that consists of at most [`MAX_DIGITS`] ASCII digits; `None` for any other code.
fn number(code: &str) -> Option<i64> {
    let is_number = code.len() <= MAX_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { code.parse().ok() } else { None }
}

/// Takes the next `count` numbers of a series and returns the first of them.
async fn take(tx: &mut Tx, series: &str, count: i64) -> Result<i64, StorageError> {
    let row = tx
        .fetch_one(
            "INSERT INTO next_numbers (name, last) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET last = next_numbers.last + excluded.last
             RETURNING last",
            vec![series.into(), count.into()],
        )
        .await?;
    Ok(row.int(0)? - count + 1)
}

/// Advances a series so that its next number is greater than `number`.
async fn advance(tx: &mut Tx, series: &str, number: i64) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO next_numbers (name, last) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET last = excluded.last WHERE next_numbers.last < excluded.last",
        vec![series.into(), number.into()],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_of_few_digits_advance_a_series() {
        for (code, expected) in [
            ("00126", Some(126)),
            ("126", Some(126)),
            ("999999999999", Some(999_999_999_999)),
            ("1000000000000", None),
            ("A1", None),
            ("-1", None),
            ("١٢", None),
            ("", None),
        ] {
            assert_eq!(number(code), expected, "{code}");
        }
    }
}

//! Next numbers: `00126` after `00125`.
//!
//! The last number of each series stands in a row that a writer locks until its transaction ends, so that
//! two never receive the same one. A number typed by hand moves the series on when it is larger.

use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::Value;
use crate::storage::db::Tx;
use crate::storage::error::StorageError;

/// Codes of more digits are somebody else's numbers and do not move a series on.
const MOST_DIGITS: usize = 12;

/// Fills the numbered fields of drafts of one entity that were left empty, and moves the series on past
/// those that were typed.
pub(super) async fn fill(tx: &mut Tx, drafts: &mut [Draft]) -> Result<(), StorageError> {
    let Some(entity) = drafts.first().map(|draft| draft.entity) else { return Ok(()) };
    for field in entity.all_fields().filter(|field| field.numbered) {
        let series = series(entity, field);
        let typed = drafts.iter().filter_map(|draft| match draft.changed.get(field.property) {
            Some(Value::Text(code)) => number(code),
            _ => None,
        });
        if let Some(highest) = typed.max() {
            pass(tx, &series, highest).await?;
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

fn series(entity: &'static EntityDef, field: &FieldDef) -> String {
    format!("{}.{}", entity.declaring_entity(field).table, field.column)
}

/// The number that a code of digits is.
fn number(code: &str) -> Option<i64> {
    let is_number = code.len() <= MOST_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { code.parse().ok() } else { None }
}

/// Takes the next numbers of a series; gives the first of them.
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

/// Moves a series on so that it will never give this number.
async fn pass(tx: &mut Tx, series: &str, number: i64) -> Result<(), StorageError> {
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
    fn only_plain_numbers_move_a_series_on() {
        for (code, moved) in [
            ("00126", Some(126)),
            ("126", Some(126)),
            ("999999999999", Some(999_999_999_999)),
            ("1000000000000", None),
            ("A1", None),
            ("-1", None),
            ("١٢", None),
            ("", None),
        ] {
            assert_eq!(number(code), moved, "{code}");
        }
    }
}

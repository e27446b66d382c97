//! Series of numbers for numbered fields (`docs/domain.md`, Notation): `00126` after `00125`.
//!
//! The table `next_numbers` has one row for each series, with the last number given. A transaction that takes a number
//! locks the row until it ends, so that no two records receive the same number (`docs/promises.md`, 14). A number that
//! is entered by hand advances the series when it is larger than the last one.

use std::collections::BTreeSet;

use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::Value;
use crate::storage::db::{Sql, Tx};
use crate::storage::error::StorageError;
use crate::storage::statement::Binds;

/// The most digits of a code that counts as a number of a series. A longer code comes from another system, and must not
/// advance the series.
const MAX_DIGITS: usize = 12;

/// The most numbers that one statement looks for among the stored codes.
const MAX_LOOKED_FOR: usize = 5000;

/// Fills the empty numbered fields of drafts with the next numbers of their series, and first advances each series past
/// the numbers that other drafts have already. All drafts must be of one entity.
pub(super) async fn fill(tx: &mut Tx, drafts: &mut [Draft]) -> Result<(), StorageError> {
    let Some(entity) = drafts.first().map(|draft| draft.entity) else { return Ok(()) };
    for field in entity.all_fields().filter(|field| field.numbered) {
        let series = Series { entity: entity.declaring_entity(field), field };
        let entered = drafts.iter().filter_map(|draft| match draft.changed.get(field.property) {
            // A longer code locks the series all the same: a number that is given meanwhile could be that code.
            Some(Value::Text(code)) => is_digits(code).then(|| number(code).unwrap_or(0)),
            _ => None,
        });
        if let Some(highest) = entered.max() {
            series.advance(tx, highest).await?;
        }
        let empty: Vec<&mut Draft> =
            drafts.iter_mut().filter(|draft| draft.value(field).is_empty()).collect();
        let codes = series.next(tx, empty.len()).await?;
        for (draft, code) in empty.into_iter().zip(codes) {
            draft.set(field, Value::Text(code));
        }
    }
    Ok(())
}

/// The series of a numbered field.
struct Series {
    /// The entity that declares the field.
    entity: &'static EntityDef,
    field: &'static FieldDef,
}

impl Series {
    /// The name of the series: `<table>.<column>`.
    fn name(&self) -> String {
        format!("{}.{}", self.entity.table, self.field.column)
    }

    /// Takes the next `count` numbers that no record has as its code, and returns their codes.
    ///
    /// A stored code may lie before the series without having advanced it: one from another system with more than
    /// [`MAX_DIGITS`] digits, or one that an older version stored with blanks around it.
    async fn next(&self, tx: &mut Tx, count: usize) -> Result<Vec<String>, StorageError> {
        let mut free = Vec::with_capacity(count);
        let mut looked_for = count;
        while free.len() < count {
            let first = self.take(tx, looked_for).await?;
            let codes: Vec<(i64, String)> =
                (first..).take(looked_for).map(|number| (number, format!("{number:05}"))).collect();
            let stored = self.stored(tx, &codes).await?;
            free.extend(codes.into_iter().filter(|(_, code)| !stored.contains(code)));
            // Twice as many each time: a series may lie far behind what is stored.
            looked_for = (2 * looked_for).min(MAX_LOOKED_FOR);
        }
        if free.len() > count {
            free.truncate(count);
            if let Some((last, _)) = free.last() {
                self.give_back_after(tx, *last).await?;
            }
        }
        Ok(free.into_iter().map(|(_, code)| code).collect())
    }

    /// Those of these codes that a record has already.
    async fn stored(&self, tx: &mut Tx, codes: &[(i64, String)]) -> Result<BTreeSet<String>, StorageError> {
        let mut stored = BTreeSet::new();
        for codes in codes.chunks(MAX_LOOKED_FOR) {
            let mut binds = Binds::default();
            let keys: Vec<String> = codes.iter().map(|(_, code)| binds.add(code.as_str())).collect();
            let (column, table) = (self.field.column, self.entity.table);
            let sql = format!("SELECT {column}_key FROM {table} WHERE {column}_key IN ({})", keys.join(", "));
            for row in tx.fetch_all(Sql::built(sql), binds.into_values()).await? {
                stored.insert(row.text(0)?);
            }
        }
        Ok(stored)
    }

    /// Takes the next `count` numbers and returns the first of them.
    async fn take(&self, tx: &mut Tx, count: usize) -> Result<i64, StorageError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let row = tx
            .fetch_one(
                "INSERT INTO next_numbers (name, last) VALUES ($1, $2)
                 ON CONFLICT (name) DO UPDATE SET last = next_numbers.last + excluded.last
                 RETURNING last",
                vec![self.name().into(), count.into()],
            )
            .await?;
        Ok(row.int(0)? - count + 1)
    }

    /// Advances the series so that its next number is greater than `number`.
    async fn advance(&self, tx: &mut Tx, number: i64) -> Result<(), StorageError> {
        tx.execute(
            "INSERT INTO next_numbers (name, last) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET last = excluded.last WHERE next_numbers.last < excluded.last",
            vec![self.name().into(), number.into()],
        )
        .await?;
        Ok(())
    }

    /// Gives back the numbers after `last`, which this transaction took and did not use.
    async fn give_back_after(&self, tx: &mut Tx, last: i64) -> Result<(), StorageError> {
        tx.execute(
            "UPDATE next_numbers SET last = $2 WHERE name = $1",
            vec![self.name().into(), last.into()],
        )
        .await?;
        Ok(())
    }
}

/// The number of a code that consists of at most [`MAX_DIGITS`] ASCII digits; `None` for any other code.
fn number(code: &str) -> Option<i64> {
    if code.len() <= MAX_DIGITS && is_digits(code) { code.parse().ok() } else { None }
}

fn is_digits(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_digit())
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

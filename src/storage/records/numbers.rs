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

/// How far a save has advanced the series of a numbered field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advanced {
    /// The numbered field.
    pub field: &'static FieldDef,
    /// The last number of the series before the save; 0 when none was given.
    pub before: i64,
    /// The last number after it.
    pub after: i64,
}

/// Fills the empty numbered fields of drafts with the next numbers of their series, and first advances each series past
/// the numbers that other drafts have already. All drafts must be of one entity. Returns how far the series advanced
/// that did.
pub(super) async fn fill(tx: &mut Tx, drafts: &mut [Draft]) -> Result<Vec<Advanced>, StorageError> {
    let mut advanced = Vec::new();
    let Some(entity) = drafts.first().map(|draft| draft.entity) else { return Ok(advanced) };
    for field in entity.all_fields().filter(|field| field.numbered) {
        let series = Series { entity: entity.declaring_entity(field), field };
        let entered = drafts.iter().filter_map(|draft| match draft.changed.get(field.property) {
            // A longer code locks the series all the same: a number that is given meanwhile could be that code.
            Some(Value::Text(code)) => is_digits(code).then(|| number(code).unwrap_or(0)),
            _ => None,
        });
        let highest = entered.max();
        let empty: Vec<&mut Draft> =
            drafts.iter_mut().filter(|draft| draft.value(field).is_empty()).collect();
        if highest.is_none() && empty.is_empty() {
            continue;
        }
        let entered = match highest {
            Some(highest) => Some(series.advance(tx, highest).await?),
            None => None,
        };
        let (codes, taken) = series.next(tx, empty.len()).await?;
        for (draft, code) in empty.into_iter().zip(codes) {
            draft.set(field, Value::Text(code));
        }
        let first = entered.or(taken);
        if let (Some((before, _)), Some((_, after))) = (first, taken.or(entered))
            && before != after
        {
            advanced.push(Advanced { field, before, after });
        }
    }
    Ok(advanced)
}

/// Takes back how saves of an entity's records have advanced the series of a numbered field, given newest first, as far
/// as nobody took a number since: a number that was taken back is given again.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn give_back(
    tx: &mut Tx,
    entity: &'static EntityDef,
    newest_first: &[Advanced],
) -> Result<(), StorageError> {
    let Some(field) = newest_first.first().map(|advanced| advanced.field) else { return Ok(()) };
    let series = Series { entity: entity.declaring_entity(field), field };
    let last = series.last(tx).await?;
    let given_back = newest_first
        .iter()
        .fold(last, |last, advanced| if advanced.after == last { advanced.before } else { last });
    if given_back != last {
        series.set(tx, given_back).await?;
    }
    Ok(())
}

/// The last number of a series before and after a step.
type Moved = (i64, i64);

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

    /// Takes the next `count` numbers that no record has as its code; returns their codes, and how the series moved,
    /// `None` for no number.
    ///
    /// A stored code may lie before the series without having advanced it: one from another system with more than
    /// [`MAX_DIGITS`] digits, or one that an older version stored with blanks around it.
    async fn next(&self, tx: &mut Tx, count: usize) -> Result<(Vec<String>, Option<Moved>), StorageError> {
        let mut free: Vec<(i64, String)> = Vec::with_capacity(count);
        let mut looked_for = count;
        let mut before = None;
        while free.len() < count {
            let first = self.take(tx, looked_for).await?;
            before.get_or_insert(first - 1);
            let codes: Vec<(i64, String)> =
                (first..).take(looked_for).map(|number| (number, format!("{number:05}"))).collect();
            let stored = self.stored(tx, &codes).await?;
            free.extend(codes.into_iter().filter(|(_, code)| !stored.contains(code)));
            // Twice as many each time: a series may lie far behind what is stored.
            looked_for = (2 * looked_for).min(MAX_LOOKED_FOR);
        }
        let is_more = free.len() > count;
        free.truncate(count);
        let moved = before.zip(free.last().map(|(last, _)| *last));
        if let (true, Some((_, last))) = (is_more, moved) {
            self.set(tx, last).await?;
        }
        Ok((free.into_iter().map(|(_, code)| code).collect(), moved))
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

    /// Advances the series so that its next number is greater than `number`; returns how it moved.
    async fn advance(&self, tx: &mut Tx, number: i64) -> Result<Moved, StorageError> {
        let before = self.last(tx).await?;
        if number <= before {
            return Ok((before, before));
        }
        self.set(tx, number).await?;
        Ok((before, number))
    }

    /// The last number that was given, 0 when none was. It stays so until this transaction ends.
    async fn last(&self, tx: &mut Tx) -> Result<i64, StorageError> {
        let row = tx
            .fetch_one(
                "INSERT INTO next_numbers (name, last) VALUES ($1, 0)
                 ON CONFLICT (name) DO UPDATE SET last = next_numbers.last
                 RETURNING last",
                vec![self.name().into()],
            )
            .await?;
        row.int(0)
    }

    /// Sets the last number of the series, whose row this transaction has locked.
    async fn set(&self, tx: &mut Tx, last: i64) -> Result<(), StorageError> {
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

//! Looking up the record of an object (`docs/interchange.md`, How a record is found).

use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Value};
use crate::service::exchange::object::Key;
use crate::service::exchange::trouble::Trouble;
use crate::storage::db::Tx;
use crate::storage::error::StorageError;
use crate::storage::records::{self, FindBy};

/// The most records that are compared with an object without keys.
const MOST_ALIKE: u32 = 100;

/// The record found by the first of `keys` that finds one; of several records the first if `takes_first`.
///
/// # Errors
/// [`Trouble::Wrong`] when one key finds several records and the first will not do.
pub(super) async fn by_keys(
    tx: &mut Tx,
    entity: &'static EntityDef,
    keys: &[Key],
    takes_first: bool,
) -> Result<Option<RecordId>, Trouble> {
    for key in keys {
        match by_key(tx, entity, key).await?[..] {
            [] => {}
            [_, _, ..] if !takes_first => {
                let plural = entity.plural.to_lowercase();
                return Err(Trouble::Wrong(format!(
                    "Several {plural} are found; say by its id which one is meant."
                )));
            }
            [id, ..] => return Ok(Some(id)),
        }
    }
    Ok(None)
}

/// The first two records that a key finds.
async fn by_key(tx: &mut Tx, entity: &'static EntityDef, key: &Key) -> Result<Vec<RecordId>, StorageError> {
    let by = match key {
        Key::Id(id) => {
            return Ok(records::exists(tx, entity, *id).await?.then_some(*id).into_iter().collect());
        }
        Key::External(id, None) => FindBy::ExternalId(id),
        Key::External(id, Some(system)) => FindBy::ExternalIdIn(id, system),
        Key::Field(field, value) => FindBy::Field(field, value),
        Key::Contains(field, text) => FindBy::Contains(field, text),
        Key::DisplayText(text) => FindBy::DisplayText(text),
    };
    records::find_up_to(tx, entity, by, 2).await
}

/// The records that may have these values.
///
/// # Errors
/// [`Trouble::Wrong`] when there are too many to compare.
pub(super) async fn alike(
    tx: &mut Tx,
    entity: &'static EntityDef,
    values: &[(&'static FieldDef, Value)],
) -> Result<Vec<RecordId>, Trouble> {
    let found = records::find_alike(tx, entity, values, MOST_ALIKE).await?;
    if found.len() == MOST_ALIKE as usize {
        let plural = entity.plural.to_lowercase();
        return Err(Trouble::Wrong(format!("Too many {plural} are like this object; give it an id.")));
    }
    Ok(found)
}

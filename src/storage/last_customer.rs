//! The customer that a visitor of a Client Center chose last (`docs/codes.md`, Sign-in).

use super::db::{Session, Tx};
use super::error::StorageError;
use crate::domain::model::value::RecordId;

/// Reads the customer that a user chose last at a site; `None` when the user has not chosen one there.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn last_customer(
    s: &mut Session,
    user: RecordId,
    site: RecordId,
) -> Result<Option<RecordId>, StorageError> {
    let row = s
        .fetch_optional(
            "SELECT customer_id FROM sec_last_customers WHERE user_id = $1 AND site_id = $2",
            vec![user.into(), site.into()],
        )
        .await?;
    row.map(|row| row.id(0)).transpose()
}

/// Stores the customer that a user has chosen at a site.
///
/// # Errors
/// [`StorageError::ForeignKey`] when the user, the site or the customer does not exist.
pub async fn remember_customer(
    tx: &mut Tx,
    user: RecordId,
    site: RecordId,
    customer: RecordId,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO sec_last_customers (user_id, site_id, customer_id) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, site_id) DO UPDATE SET customer_id = excluded.customer_id",
        vec![user.into(), site.into(), customer.into()],
    )
    .await?;
    Ok(())
}

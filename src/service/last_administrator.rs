//! The rule that the last administrator who can sign in to the back office stays (`docs/promises.md`, 7).

use jiff::Timestamp;

use crate::domain::entities::user::{self, USER};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::EntityDef;
use crate::service::ServiceError;
use crate::storage::credentials;
use crate::storage::db::{AdvisoryLock, Tx};

/// Whether a change of records of `entity` can take away the last administrator. A transaction that changes several of
/// them, or locks one before it is written, takes [`AdvisoryLock::Administrators`] before it locks any row; otherwise
/// two transactions could deadlock.
pub fn concerns(entity: &EntityDef) -> bool {
    entity.is(&USER)
}

/// Why a user cannot be changed to `after`, or deleted if that is `None`: it is the last administrator who can sign in
/// at `now`. One sentence that says what to do instead; `None` when the change is allowed.
///
/// # Errors
/// When the database cannot be read.
pub async fn objection_to(
    tx: &mut Tx,
    row: &Record,
    after: Option<&Draft>,
    now: Timestamp,
) -> Result<Option<String>, ServiceError> {
    let was = concerns(row.entity) && user::is_able_administrator(row, now);
    if !was || after.is_some_and(|after| user::is_able_administrator(after, now)) {
        return Ok(None);
    }
    // Otherwise two transactions could each take away the administrator on whom the other relies.
    tx.lock(AdvisoryLock::Administrators).await?;
    if credentials::has_other_administrator(tx, row.id, now).await? {
        return Ok(None);
    }
    let login = row.get(&user::LOGIN).unwrap_or_default();
    Ok(Some(format!(
        "“{login}” is the last administrator who can sign in; make somebody else an administrator first."
    )))
}

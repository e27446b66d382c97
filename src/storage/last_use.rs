//! When users signed in last, and when they last used an access (`docs/domain.md`, Users and Customers - External
//! Access). Neither is a save: the version and the history of the record stay as they are.

use jiff::{SignedDuration, Timestamp};

use super::db::{Engine, Sql, Tx};
use super::error::StorageError;
use crate::domain::model::text;
use crate::domain::model::value::RecordId;

/// How old a stored time may be before it is written again, so that many sign-ins write little.
const RENEWED_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// Stores that a user signs in at the site with this name at `now`, unless a time of the same minute and the same site
/// is stored. On PostgreSQL it does not wait for somebody who is saving the user, but stores nothing then.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn note_sign_in(
    tx: &mut Tx,
    user: RecordId,
    site: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    let sql = format!(
        "UPDATE sec_users SET last_sign_in = $1, last_sign_in_site = $2, last_sign_in_site_fold = $3 \
          WHERE id = (SELECT id FROM sec_users WHERE id = $4 \
                         AND (last_sign_in IS NULL OR last_sign_in NOT BETWEEN $5 AND $1 \
                              OR last_sign_in_site IS DISTINCT FROM $2){})",
        unless_locked(tx.engine())
    );
    let binds =
        vec![now.into(), site.into(), text::fold(site).into(), user.into(), (now - RENEWED_AFTER).into()];
    tx.execute(Sql::built(sql), binds).await.map(drop)
}

/// Stores that a user works for a customer at `now`, if an external access lets the user do so, unless a time of the
/// same minute is stored. On PostgreSQL it does not wait for somebody who is saving the access, but stores nothing then.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn note_use(
    tx: &mut Tx,
    user: RecordId,
    customer: RecordId,
    now: Timestamp,
) -> Result<(), StorageError> {
    let sql = format!(
        "UPDATE crm_customer_external_access SET last_used = $1 \
          WHERE id = (SELECT id FROM crm_customer_external_access WHERE customer = $2 AND user_id = $3 \
                         AND (last_used IS NULL OR last_used NOT BETWEEN $4 AND $1){})",
        unless_locked(tx.engine())
    );
    let binds = vec![now.into(), customer.into(), user.into(), (now - RENEWED_AFTER).into()];
    tx.execute(Sql::built(sql), binds).await.map(drop)
}

/// The clause at the end of a `SELECT` that leaves out rows which another transaction has locked. Empty on SQLite, where
/// only one transaction writes at a time.
fn unless_locked(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "",
        Engine::Postgres => " FOR NO KEY UPDATE SKIP LOCKED",
    }
}

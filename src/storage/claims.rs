//! Claims on requests for accounts: which operator works on which (`docs/domain.md`, Requests). They are no history and
//! block nothing.

use jiff::Timestamp;

use super::db::{Row, Session, Sql, Tx, instant};
use super::error::StorageError;
use super::statement::{Binds, is_in_set};
use crate::domain::account_request::Claim;
use crate::domain::model::value::RecordId;

/// Notes that an operator works on the requests of a user at `now`. A claim of the same operator goes on; that of
/// another ends when its last sign of work is before `stale`, or when it is taken over. Returns `false`, and changes
/// nothing, when the claim of another stands.
///
/// # Errors
/// [`StorageError::ForeignKey`] when the user or the operator does not exist.
pub async fn take(
    tx: &mut Tx,
    user: RecordId,
    operator: RecordId,
    now: Timestamp,
    stale: Timestamp,
    take_over: bool,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "INSERT INTO sec_request_claims (user_id, operator, since, last_at) VALUES ($1, $2, $3, $3)
             ON CONFLICT (user_id) DO UPDATE
                SET operator = excluded.operator, last_at = excluded.last_at,
                    since = CASE WHEN sec_request_claims.operator = excluded.operator
                                      AND sec_request_claims.last_at >= $4
                                 THEN sec_request_claims.since ELSE excluded.since END
              WHERE sec_request_claims.operator = excluded.operator OR sec_request_claims.last_at < $4 OR $5",
            vec![user.into(), operator.into(), now.into(), stale.into(), take_over.into()],
        )
        .await?;
    Ok(changed > 0)
}

/// Ends the claim of an operator on the requests of a user, if there is one.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn release(tx: &mut Tx, user: RecordId, operator: RecordId) -> Result<(), StorageError> {
    let ended = "DELETE FROM sec_request_claims WHERE user_id = $1 AND operator = $2";
    tx.execute(ended, vec![user.into(), operator.into()]).await.map(drop)
}

/// The claims on the requests of these users whose last sign of work is not before `stale`.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn of_users(
    s: &mut Session,
    users: &[RecordId],
    stale: Timestamp,
) -> Result<Vec<(RecordId, Claim)>, StorageError> {
    let mut binds = Binds::default();
    let stale = binds.add(stale);
    let sql = format!(
        "SELECT c.user_id, c.operator, o.login, c.since
           FROM sec_request_claims c JOIN sec_users o ON o.id = c.operator
          WHERE c.last_at >= {stale} AND {}",
        is_in_set("c.user_id", users, s.engine(), &mut binds)
    );
    let rows = s.fetch_all(Sql::built(sql), binds.into_values()).await?;
    let claim = |row: &Row| {
        Ok((row.id(0)?, Claim { operator: row.id(1)?, login: row.text(2)?, since: instant(row.int(3)?)? }))
    };
    rows.iter().map(claim).collect()
}

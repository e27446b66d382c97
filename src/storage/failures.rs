//! Attempts to sign in that failed, counted by bucket, and from where each login has signed in before.
//!
//! A bucket and a source are hashes of what they stand for: what is typed into the box of a login may be a
//! password.

use jiff::Timestamp;

use super::db::{Session, Tx, instant};
use super::error::StorageError;
use crate::domain::model::value::RecordId;

/// What a bucket holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: i64,
    /// The last.
    pub last_at: Timestamp,
    /// Until then nobody of this bucket is judged.
    pub waits_until: Timestamp,
}

/// The failures of a bucket.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn of(s: &mut Session, bucket: &str) -> Result<Option<Failures>, StorageError> {
    let sql = "SELECT failures, last_at, waits_until FROM sec_sign_in_failures WHERE bucket = $1";
    let Some(row) = s.fetch_optional(sql, vec![bucket.into()]).await? else { return Ok(None) };
    Ok(Some(Failures {
        count: row.int(0)?,
        last_at: instant(row.int(1)?)?,
        waits_until: instant(row.int(2)?)?,
    }))
}

/// Writes down the failures of a bucket.
///
/// # Errors
/// [`StorageError`] when they cannot be written.
pub async fn set(tx: &mut Tx, bucket: &str, failures: &Failures) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO sec_sign_in_failures (bucket, failures, last_at, waits_until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (bucket) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at,
                waits_until = excluded.waits_until",
        vec![bucket.into(), failures.count.into(), failures.last_at.into(), failures.waits_until.into()],
    )
    .await
    .map(drop)
}

/// Forgets the failures of a bucket.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn forget(tx: &mut Tx, bucket: &str) -> Result<(), StorageError> {
    tx.execute("DELETE FROM sec_sign_in_failures WHERE bucket = $1", vec![bucket.into()]).await.map(drop)
}

/// Forgets the buckets without a failure since then.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn forget_before(tx: &mut Tx, then: Timestamp) -> Result<(), StorageError> {
    tx.execute("DELETE FROM sec_sign_in_failures WHERE last_at < $1", vec![then.into()]).await.map(drop)
}

/// Whether a user has signed in from a source before.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn knows_source(s: &mut Session, user: RecordId, source: &str) -> Result<bool, StorageError> {
    let sql = "SELECT user_id FROM sec_known_sources WHERE user_id = $1 AND source = $2";
    Ok(s.fetch_optional(sql, vec![user.into(), source.into()]).await?.is_some())
}

/// Writes down that a user has signed in from a source.
///
/// # Errors
/// [`StorageError::ForeignKey`] when there is no such user.
pub async fn note_source(
    tx: &mut Tx,
    user: RecordId,
    source: &str,
    at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO sec_known_sources (user_id, source, last_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, source) DO UPDATE SET last_at = excluded.last_at",
        vec![user.into(), source.into(), at.into()],
    )
    .await
    .map(drop)
}

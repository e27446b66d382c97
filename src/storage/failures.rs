//! Counters of failed sign-ins, of account requests and of look-ups by e-mail, and the sources from which each login has
//! signed in before (`docs/promises.md`, 4).
//!
//! Each counter belongs to a *bucket*: a login, a source, a login at a source, the requests of a source, or the look-ups
//! of a user. The name of a bucket, and that of a source, is a hash of what it identifies, because what was typed as the
//! login may be a password.

use jiff::Timestamp;

use super::db::{Session, Tx, instant};
use super::error::StorageError;
use crate::domain::model::value::RecordId;

/// The counter of one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// The number of failures that are not forgiven.
    pub count: i64,
    /// The time of the last failure.
    pub last_at: Timestamp,
    /// The end of the wait: an attempt of this bucket before this moment is refused without checking the password.
    pub waits_until: Timestamp,
}

/// Reads the counter of a bucket; `None` when no failure is counted.
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

/// Stores the counter of a bucket in place of the one it had.
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

/// Deletes the counter of a bucket.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn forget(tx: &mut Tx, bucket: &str) -> Result<(), StorageError> {
    tx.execute("DELETE FROM sec_sign_in_failures WHERE bucket = $1", vec![bucket.into()]).await.map(drop)
}

/// Deletes the counters of all buckets whose last failure was before `cutoff`.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn forget_before(tx: &mut Tx, cutoff: Timestamp) -> Result<(), StorageError> {
    tx.execute("DELETE FROM sec_sign_in_failures WHERE last_at < $1", vec![cutoff.into()]).await.map(drop)
}

/// Whether a user has signed in from a source since a moment.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn knows_source(
    s: &mut Session,
    user: RecordId,
    source: &str,
    since: Timestamp,
) -> Result<bool, StorageError> {
    let sql = "SELECT user_id FROM sec_known_sources WHERE user_id = $1 AND source = $2 AND last_at >= $3";
    Ok(s.fetch_optional(sql, vec![user.into(), source.into(), since.into()]).await?.is_some())
}

/// Deletes the sources from which a user has last signed in before `cutoff`.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn forget_sources_before(
    tx: &mut Tx,
    user: RecordId,
    cutoff: Timestamp,
) -> Result<(), StorageError> {
    let sql = "DELETE FROM sec_known_sources WHERE user_id = $1 AND last_at < $2";
    tx.execute(sql, vec![user.into(), cutoff.into()]).await.map(drop)
}

/// Stores that a user has signed in from a source at this time.
///
/// # Errors
/// [`StorageError::ForeignKey`] when the user does not exist.
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

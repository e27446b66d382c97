//! Waits after wrong passwords, for each login and each source (`docs/promises.md`, 4).
//!
//! An attempt is counted as a failure before it is judged, and no longer counted once it proves right. Attempts that
//! run at the same time are therefore all counted.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::entities::user;
use crate::domain::model::history::{HistoryAction, HistoryEntry};
use crate::domain::model::text;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId};
use crate::service::auth::{NOT_SIGNED_IN, Origin};
use crate::service::write::{self, WriteContext};
use crate::service::{ServiceError, World};
use crate::storage::credentials::{self, Account};
use crate::storage::db::{AdvisoryLock, Db, Tx};
use crate::storage::error::StorageError;
use crate::storage::failures::{self, Failures};
use crate::storage::history;

/// The failures of a login without a wait.
const FREE_OF_LOGIN: i64 = 3;
/// The failures of a source without a wait; several people may sign in from one source.
const FREE_OF_SOURCE: i64 = 10;

/// The wait after the first failure that is not free; each further one doubles it.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(1);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// The time since the last failure after which one failure is forgiven, so that occasional typing errors cause no
/// wait.
const FORGIVEN_EVERY: SignedDuration = LONGEST_WAIT;

/// The time since the last failure after which all are forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The record id under which history keeps failed sign-ins with unknown logins, and refused requests for accounts.
/// What was typed is not kept (`docs/domain.md`, History).
pub const UNKNOWN_LOGIN: RecordId = RecordId(Uuid::from_u128(0x6c0b_1a52_95a4_5d0e_9a43_2f6c_6e2f_8d11));

/// An attempt to sign in, or to choose a password, with a password or one-time code.
pub(super) struct Attempt<'a> {
    world: &'a World,
    /// The account of the login that was typed; `None` for an unknown one.
    pub account: Option<Account>,
    /// The time of the attempt.
    pub now: Timestamp,
    /// Whether the attempt comes during a wait; it then fails whatever was typed.
    pub waits: bool,
    from: &'a Origin,
    /// The [`bucket`] of the login: for this source alone if the user has signed in from it before, else for all
    /// others.
    of_login: String,
    /// The [`bucket`] of the source.
    of_source: String,
    /// The failures of the source before this attempt.
    source_before: Option<Failures>,
    /// The failures of the source with this attempt.
    source_with: Failures,
    /// Whether the attempt is counted and recorded; not in a database that can only be read.
    is_recorded: bool,
}

impl<'a> Attempt<'a> {
    /// Counts an attempt with a login.
    pub(super) async fn at_login(
        db: &Db,
        world: &'a World,
        from: &'a Origin,
        login: &str,
    ) -> Result<Self, ServiceError> {
        let mut tx = begin(db).await?;
        let account = credentials::account_of(&mut tx, login).await?;
        Self::count(tx, world, from, account, &text::key(login)).await
    }

    /// Counts an attempt of a user who is signed in.
    pub(super) async fn of_user(
        db: &Db,
        world: &'a World,
        from: &'a Origin,
        user: RecordId,
    ) -> Result<Self, ServiceError> {
        let mut tx = begin(db).await?;
        let account = credentials::account(&mut tx, user).await?;
        let key = account.as_ref().map(|account| text::key(&account.login)).unwrap_or_default();
        Self::count(tx, world, from, account, &key).await
    }

    async fn count(
        mut tx: Tx,
        world: &'a World,
        from: &'a Origin,
        account: Option<Account>,
        key: &str,
    ) -> Result<Self, ServiceError> {
        let now = (world.now)();
        let of_source = bucket("source", &[&from.0]);
        let known = match &account {
            Some(account) => failures::knows_source(&mut tx, account.user, &of_source).await?,
            None => false,
        };
        let of_login =
            if known { bucket("login and source", &[key, &from.0]) } else { bucket("login", &[key]) };
        let login_before = failures::of(&mut tx, &of_login).await?;
        let source_before = failures::of(&mut tx, &of_source).await?;
        let source_with = one_more(source_before, FREE_OF_SOURCE, now);
        let waits = [login_before, source_before].iter().flatten().any(|before| before.waits_until > now);
        let counted = async {
            if !waits {
                failures::set(&mut tx, &of_login, &one_more(login_before, FREE_OF_LOGIN, now)).await?;
                failures::set(&mut tx, &of_source, &source_with).await?;
            }
            tx.commit().await
        };
        // Whoever signs in to a database that can only be read can look, and nothing more.
        let is_recorded = match counted.await {
            Err(StorageError::ReadOnly) => false,
            counted => counted.map(|()| true)?,
        };
        Ok(Self {
            world,
            account,
            now,
            waits,
            from,
            of_login,
            of_source,
            source_before,
            source_with,
            is_recorded,
        })
    }

    /// Records in the history of the user that the attempt failed, and `why`; returns the error for whoever tried.
    /// `is_wrong` says that password or code is wrong, which counts in the user's Access Failed Count unless the
    /// attempt comes during a wait.
    pub(super) async fn failed(self, db: &Db, why: &str, is_wrong: bool) -> ServiceError {
        let noted = write::unless_read_only(self.note(db, why, is_wrong && !self.waits).await);
        noted.err().unwrap_or_else(|| ServiceError::Denied(NOT_SIGNED_IN.to_owned()))
    }

    async fn note(&self, db: &Db, why: &str, counts: bool) -> Result<(), ServiceError> {
        let mut tx = db.begin().await?;
        let (record, version, login) = match &self.account {
            Some(account) => (account.user, account.version, account.login.clone()),
            None => (UNKNOWN_LOGIN, 0, String::new()),
        };
        if self.account.is_some() && counts {
            credentials::count_failure(&mut tx, record).await?;
        }
        let context =
            WriteContext { now: self.now, ..WriteContext::new(self.world, &login, FALLBACK_LANGUAGE) };
        let entry = HistoryEntry {
            reason: Some(format!("{why} From {}.", self.from.0)),
            ..context.entry(&user::USER, record, version, HistoryAction::SignInFailed)
        };
        history::append(&mut tx, [&entry]).await?;
        write::commit(tx, db, context.operation).await
    }

    /// Begins the transaction of what follows from a right password or code; `None` in a database that can only be read,
    /// where nothing can follow. The failures of the login are forgotten,
    /// this attempt no longer counts for the source, and the source is known for the user from now on.
    pub(super) async fn succeeded(&self, db: &Db, account: &Account) -> Result<Option<Tx>, ServiceError> {
        if !self.is_recorded {
            return Ok(None);
        }
        let mut tx = begin(db).await?;
        failures::forget(&mut tx, &self.of_login).await?;
        match (failures::of(&mut tx, &self.of_source).await?, self.source_before) {
            // Other attempts from this source were counted meanwhile.
            (Some(counted), _) if counted != self.source_with => {
                let fewer = Failures { count: counted.count - 1, waits_until: self.now, ..counted };
                failures::set(&mut tx, &self.of_source, &fewer).await?;
            }
            (_, Some(before)) => failures::set(&mut tx, &self.of_source, &before).await?,
            (_, None) => failures::forget(&mut tx, &self.of_source).await?,
        }
        failures::forget_before(&mut tx, self.now - FORGOTTEN_AFTER).await?;
        failures::note_source(&mut tx, account.user, &self.of_source, self.now).await?;
        if account.failed_count != 0 {
            credentials::set_failures(&mut tx, account.user, 0).await?;
        }
        Ok(Some(tx))
    }
}

/// Counts a request for an account; requests from one source cause the waits that failures of a source do.
///
/// # Errors
/// [`ServiceError::Denied`] during a wait.
pub(crate) async fn count_request(db: &Db, world: &World, from: &Origin) -> Result<(), ServiceError> {
    let now = (world.now)();
    let bucket = bucket("request", &[&from.0]);
    let mut tx = begin(db).await?;
    let before = failures::of(&mut tx, &bucket).await?;
    if let Some(until) = before.map(|before| before.waits_until).filter(|until| *until > now) {
        let minutes = until.duration_since(now).as_secs() / 60 + 1;
        let wait = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
        let sentence = format!("Too many accounts were asked for from here; try again in {wait}.");
        let context = WriteContext { now, ..WriteContext::new(world, "", FALLBACK_LANGUAGE) };
        let entry = HistoryEntry {
            reason: Some(format!("Too many accounts were asked for. From {}.", from.0)),
            ..context.entry(&user::USER, UNKNOWN_LOGIN, 0, HistoryAction::Refused)
        };
        history::append(&mut tx, [&entry]).await?;
        write::commit(tx, db, context.operation).await?;
        return Err(ServiceError::Denied(sentence));
    }
    failures::set(&mut tx, &bucket, &one_more(before, FREE_OF_SOURCE, now)).await?;
    Ok(tx.commit().await?)
}

async fn begin(db: &Db) -> Result<Tx, ServiceError> {
    let mut tx = db.begin().await?;
    tx.lock(AdvisoryLock::SignIn).await?;
    Ok(tx)
}

/// The failures in a bucket after one more; the first `free` cause no wait.
fn one_more(before: Option<Failures>, free: i64, now: Timestamp) -> Failures {
    let before = before.filter(|before| before.last_at > now - FORGOTTEN_AFTER);
    let count = before.map_or(0, |before| {
        let forgiven = now.duration_since(before.last_at).as_secs() / FORGIVEN_EVERY.as_secs();
        (before.count - forgiven).max(0)
    }) + 1;
    Failures { count, last_at: now, waits_until: now + wait_after(count - free) }
}

/// The wait after so many failures that are not free.
fn wait_after(failures: i64) -> SignedDuration {
    if failures < 1 {
        return SignedDuration::ZERO;
    }
    let factor = u32::try_from(failures - 1).ok().and_then(|doublings| 2_i32.checked_pow(doublings));
    factor.and_then(|factor| FIRST_WAIT.checked_mul(factor)).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
}

/// The key under which failures are counted: a hash, because what was typed as a login may be a password.
fn bucket(kind: &str, of: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in ["ccdesk sign-in", kind].iter().chain(of) {
        // The length before each part keeps `ab`, `c` apart from `a`, `bc`.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promise_4_waits_double_from_a_second_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=16).map(|count| wait_after(count - FREE_OF_LOGIN).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(wait_after(i64::MAX), LONGEST_WAIT);
    }

    #[test]
    fn promise_4_failures_are_forgiven_one_by_one_and_after_a_day_all() {
        let then: Timestamp = "2026-06-01T08:00:00Z".parse().expect("a moment");
        let before = Some(Failures { count: 200, last_at: then, waits_until: then });
        let after = |passed| one_more(before, FREE_OF_LOGIN, then + passed).count;
        assert_eq!(after(SignedDuration::from_mins(14)), 201);
        assert_eq!(after(SignedDuration::from_mins(15)), 200);
        assert_eq!(after(SignedDuration::from_hours(2)), 193);
        assert_eq!(after(FORGOTTEN_AFTER), 1);
    }

    #[test]
    fn promise_4_whoever_tries_as_often_as_the_longest_wait_lets_them_never_waits_less() {
        let mut now: Timestamp = "2026-06-01T08:00:00Z".parse().expect("a moment");
        let mut counted = None;
        for _ in 0..40 {
            let failures = one_more(counted, FREE_OF_LOGIN, now);
            now = failures.waits_until;
            counted = Some(failures);
        }
        let last = counted.expect("forty failures");
        assert_eq!(last.waits_until.duration_since(last.last_at), LONGEST_WAIT);
    }

    #[test]
    fn promise_3_a_bucket_tells_nothing_of_what_was_typed() {
        assert_eq!(bucket("login", &["canary"]).len(), 64);
        assert_ne!(bucket("login", &["ab", "c"]), bucket("login", &["a", "bc"]));
        assert_ne!(bucket("login", &["a"]), bucket("source", &["a"]));
    }
}

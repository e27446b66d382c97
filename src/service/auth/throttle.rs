//! Waits after wrong passwords (`docs/promises.md`, 4).
//!
//! Nobody waits for what others do elsewhere. What is counted, each under a [`bucket`]:
//!
//! - the failures of a login at a source, after which this login waits at this source;
//! - the failures of a login at all sources from which it has never signed in. They make nobody wait, but the more
//!   there are, the longer the wait after a failure at one of these sources;
//! - the different logins that failed at a source. After many, a login that has never signed in from there waits.
//!
//! An attempt is counted as a failure before it is judged, and no longer counted once it proves right. Attempts that
//! run at the same time are therefore all counted. Whether there is such a login makes no difference.

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
use crate::storage::db::{AdvisoryLock, Db, Session, Tx};
use crate::storage::error::StorageError;
use crate::storage::failures::{self, Failures};
use crate::storage::history;

/// The failures of a login at a source without a wait.
const FREE_OF_LOGIN: i64 = 3;
/// The failures of a login at sources unknown to it without a longer wait there.
const FREE_OF_STRANGERS: i64 = 10;
/// The different logins that fail at a source without a wait; many people may sign in from one source.
const FREE_OF_SOURCE: i64 = 20;
/// The requests for accounts from a source without a wait.
const FREE_REQUESTS: i64 = 10;
/// The look-ups by e-mail of a visitor without a wait.
const FREE_LOOK_UPS: i64 = 30;

/// The wait after the first failure that is not free; each further one doubles it.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(1);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// The time since the last failure after which one failure is forgiven, so that occasional typing errors cause no
/// wait.
const FORGIVEN_EVERY: SignedDuration = LONGEST_WAIT;

/// The time since the last failure after which all are forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The time since the last sign-in from a source after which the source is unknown to the login again.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The record id under which history keeps failed sign-ins with unknown logins, and refused requests for accounts.
/// What was typed is not kept (`docs/domain.md`, History).
pub const UNKNOWN_LOGIN: RecordId = RecordId(Uuid::from_u128(0x6c0b_1a52_95a4_5d0e_9a43_2f6c_6e2f_8d11));

/// The counters that an attempt concerns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    /// Of the login at the source.
    pair: Option<Failures>,
    /// Of the login at all sources that are unknown to it.
    strangers: Option<Failures>,
    /// Of the different logins at the source.
    logins: Option<Failures>,
}

impl Counted {
    /// Whether an attempt waits. `is_known` says that the login has signed in from the source before.
    fn waits(&self, is_known: bool, now: Timestamp) -> bool {
        let of_source = self.logins.filter(|_| !is_known);
        [self.pair, of_source].iter().flatten().any(|counted| counted.waits_until > now)
    }

    /// The counters with an attempt that does not wait.
    fn with_one_more(&self, is_known: bool, now: Timestamp) -> Self {
        let pair = self.pair.filter(|pair| !is_forgotten(pair, now));
        if is_known {
            return Self { pair: Some(one_more(pair, FREE_OF_LOGIN, now)), ..*self };
        }
        let strangers = one_more(self.strangers, i64::MAX, now);
        let under_attack = (strangers.count - 1 - FREE_OF_STRANGERS).max(0);
        Self {
            pair: Some(one_more(pair, FREE_OF_LOGIN - under_attack, now)),
            strangers: Some(strangers),
            logins: match pair {
                Some(_) => self.logins,
                None => Some(one_more(self.logins, FREE_OF_SOURCE, now)),
            },
        }
    }
}

/// The buckets of the [`Counted`] of one attempt.
struct Buckets {
    pair: String,
    strangers: String,
    source: String,
}

impl Buckets {
    fn of(login: &str, from: &Origin) -> Self {
        Self {
            pair: bucket("login and source", &[login, &from.0]),
            strangers: bucket("login", &[login]),
            source: bucket("source", &[&from.0]),
        }
    }

    async fn read(&self, s: &mut Session) -> Result<Counted, ServiceError> {
        Ok(Counted {
            pair: failures::of(s, &self.pair).await?,
            strangers: failures::of(s, &self.strangers).await?,
            logins: failures::of(s, &self.source).await?,
        })
    }
}

/// An attempt to sign in, or to choose a password, with a password or one-time code.
pub(super) struct Attempt<'a> {
    world: &'a World,
    /// The account of the login that was typed; `None` for an unknown one.
    pub account: Option<Account>,
    /// The time of the attempt.
    pub now: Timestamp,
    /// Whether the attempt comes during a wait: only a right one-time code succeeds then.
    pub waits: bool,
    /// Whether the database holds password hashes in older formats.
    pub with_older: bool,
    from: &'a Origin,
    buckets: Buckets,
    /// The counters before this attempt.
    before: Counted,
    /// The counters with this attempt: those before it if it waits.
    with: Counted,
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
        let buckets = Buckets::of(key, from);
        let is_known = match &account {
            Some(account) => {
                failures::knows_source(&mut tx, account.user, &buckets.source, now - KNOWN_FOR).await?
            }
            None => false,
        };
        let before = buckets.read(&mut tx).await?;
        let waits = before.waits(is_known, now);
        let with = if waits { before } else { before.with_one_more(is_known, now) };
        let with_older = credentials::older_exist(&mut tx).await?;
        // Whoever signs in to a database that can only be read can look, and nothing more.
        let is_recorded = match write_counters(tx, &buckets, before, with, now).await {
            Err(StorageError::ReadOnly) => false,
            counted => counted.map(|()| true)?,
        };
        Ok(Self { world, account, now, waits, with_older, from, buckets, before, with, is_recorded })
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
        write::commit(tx, db, &context, "Failed sign-in").await
    }

    /// Begins the transaction of what follows from a right password or code; `None` in a database that can only be read,
    /// where nothing can follow. The failures of the login at the source are forgotten, this attempt counts nowhere, and
    /// the source is known to the login from now on.
    pub(super) async fn succeeded(&self, db: &Db, account: &Account) -> Result<Option<Tx>, ServiceError> {
        if !self.is_recorded {
            return Ok(None);
        }
        let mut tx = begin(db).await?;
        failures::forget(&mut tx, &self.buckets.pair).await?;
        let (strangers, source) = (&self.buckets.strangers, &self.buckets.source);
        take_back(&mut tx, strangers, self.before.strangers, self.with.strangers).await?;
        take_back(&mut tx, source, self.before.logins, self.with.logins).await?;
        failures::note_source(&mut tx, account.user, source, self.now).await?;
        failures::forget_sources_before(&mut tx, account.user, self.now - KNOWN_FOR).await?;
        if account.failed_count != 0 {
            credentials::set_failures(&mut tx, account.user, 0).await?;
        }
        Ok(Some(tx))
    }
}

/// Stores the counters that an attempt has changed from `before` to `with`, and forgets old ones.
async fn write_counters(
    mut tx: Tx,
    buckets: &Buckets,
    before: Counted,
    with: Counted,
    now: Timestamp,
) -> Result<(), StorageError> {
    replace(&mut tx, &buckets.pair, before.pair, with.pair).await?;
    replace(&mut tx, &buckets.strangers, before.strangers, with.strangers).await?;
    replace(&mut tx, &buckets.source, before.logins, with.logins).await?;
    failures::forget_before(&mut tx, now - FORGOTTEN_AFTER).await?;
    tx.commit().await
}

/// Stores a counter if it has changed.
async fn replace(
    tx: &mut Tx,
    bucket: &str,
    before: Option<Failures>,
    with: Option<Failures>,
) -> Result<(), StorageError> {
    match with {
        Some(with) if before != Some(with) => failures::set(tx, bucket, &with).await,
        _ => Ok(()),
    }
}

/// Takes a right attempt, which changed a counter from `before` to `with`, out of it again.
async fn take_back(
    tx: &mut Tx,
    bucket: &str,
    before: Option<Failures>,
    with: Option<Failures>,
) -> Result<(), ServiceError> {
    if before == with {
        return Ok(());
    }
    match (failures::of(tx, bucket).await?, before) {
        (None, _) => {}
        // Other attempts were counted meanwhile.
        (Some(counted), _) if Some(counted) != with => {
            failures::set(tx, bucket, &Failures { count: counted.count - 1, ..counted }).await?;
        }
        (Some(_), Some(before)) => failures::set(tx, bucket, &before).await?,
        (Some(_), None) => failures::forget(tx, bucket).await?,
    }
    Ok(())
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
    if let Some(wait) = wait_of(before, now) {
        let sentence = format!("Too many accounts were asked for from here; try again in {wait}.");
        let context = WriteContext { now, ..WriteContext::new(world, "", FALLBACK_LANGUAGE) };
        let entry = HistoryEntry {
            reason: Some(format!("Too many accounts were asked for. From {}.", from.0)),
            ..context.entry(&user::USER, UNKNOWN_LOGIN, 0, HistoryAction::Refused)
        };
        history::append(&mut tx, [&entry]).await?;
        write::commit(tx, db, &context, "Refused").await?;
        return Err(ServiceError::Denied(sentence));
    }
    failures::set(&mut tx, &bucket, &one_more(before, FREE_REQUESTS, now)).await?;
    Ok(tx.commit().await?)
}

/// Counts a look-up by e-mail of a visitor, before it is answered. After [`FREE_LOOK_UPS`] that led to no access the
/// next ones wait, as failures do.
///
/// # Errors
/// [`ServiceError::Denied`] during a wait.
pub(crate) async fn count_look_up(db: &Db, world: &World, visitor: RecordId) -> Result<(), ServiceError> {
    let now = (world.now)();
    let bucket = look_ups_of(visitor);
    let mut tx = begin(db).await?;
    let before = failures::of(&mut tx, &bucket).await?;
    if let Some(wait) = wait_of(before, now) {
        let sentence = format!("You have looked for many users; look for the next one in {wait}.");
        return Err(ServiceError::Denied(sentence));
    }
    failures::set(&mut tx, &bucket, &one_more(before, FREE_LOOK_UPS, now)).await?;
    Ok(tx.commit().await?)
}

/// No longer counts the look-ups of a visitor for a user who has got access: the one that showed the user, and the one
/// of the grant itself.
pub(crate) async fn take_back_look_ups(tx: &mut Tx, visitor: RecordId) -> Result<(), ServiceError> {
    let bucket = look_ups_of(visitor);
    let Some(counted) = failures::of(tx, &bucket).await? else { return Ok(()) };
    let count = (counted.count - 2).max(0);
    Ok(failures::set(tx, &bucket, &Failures { count, ..counted }).await?)
}

fn look_ups_of(visitor: RecordId) -> String {
    bucket("look-up", &[&visitor.to_string()])
}

/// How long a counter makes wait, in whole minutes such as `3 minutes`, rounded up; `None` when it does not.
fn wait_of(counted: Option<Failures>, now: Timestamp) -> Option<String> {
    const MINUTE: i128 = SignedDuration::from_mins(1).as_millis();
    let until = counted.map(|counted| counted.waits_until).filter(|until| *until > now)?;
    let minutes = (until.duration_since(now).as_millis() + MINUTE - 1).max(MINUTE) / MINUTE;
    Some(if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") })
}

async fn begin(db: &Db) -> Result<Tx, ServiceError> {
    let mut tx = db.begin().await?;
    tx.lock(AdvisoryLock::SignIn).await?;
    Ok(tx)
}

/// Whether the failures of a counter are so long ago that they are all forgotten.
fn is_forgotten(counted: &Failures, now: Timestamp) -> bool {
    counted.last_at <= now - FORGOTTEN_AFTER
}

/// The failures in a bucket after one more; the first `free` cause no wait.
fn one_more(before: Option<Failures>, free: i64, now: Timestamp) -> Failures {
    let before = before.filter(|before| !is_forgotten(before, now));
    let count = before.map_or(0, |before| {
        let forgiven = now.duration_since(before.last_at).as_secs() / FORGIVEN_EVERY.as_secs();
        (before.count - forgiven).max(0)
    }) + 1;
    Failures { count, last_at: now, waits_until: now + wait_after(count.saturating_sub(free)) }
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
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    fn then() -> Timestamp {
        "2026-06-01T08:00:00Z".parse().expect("a moment")
    }

    #[test]
    fn promise_4_waits_double_from_a_second_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=16).map(|count| wait_after(count - FREE_OF_LOGIN).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(wait_after(i64::MAX), LONGEST_WAIT);
    }

    #[test]
    fn promise_4_failures_are_forgiven_one_by_one_and_after_a_day_all() {
        let then = then();
        let before = Some(Failures { count: 200, last_at: then, waits_until: then });
        let after = |passed| one_more(before, FREE_OF_LOGIN, then + passed).count;
        assert_eq!(after(SignedDuration::from_mins(14)), 201);
        assert_eq!(after(SignedDuration::from_mins(15)), 200);
        assert_eq!(after(SignedDuration::from_hours(2)), 193);
        assert_eq!(after(FORGOTTEN_AFTER), 1);
    }

    #[test]
    fn promise_4_whoever_tries_as_often_as_the_longest_wait_lets_them_never_waits_less() {
        let mut now = then();
        let mut counted = None;
        for _ in 0..40 {
            let failures = one_more(counted, FREE_OF_LOGIN, now);
            now = failures.waits_until;
            counted = Some(failures);
        }
        let last = counted.expect("forty failures");
        assert_eq!(last.waits_until.duration_since(last.last_at), LONGEST_WAIT);
    }

    /// The counters of many logins and sources, as the database holds them; and who has signed in from where.
    #[derive(Default)]
    struct Model {
        counters: BTreeMap<(Option<u8>, Option<u8>), Failures>,
        known: BTreeSet<(u8, u8)>,
    }

    impl Model {
        fn counted(&self, login: u8, source: u8) -> Counted {
            let counter = |key| self.counters.get(&key).copied();
            Counted {
                pair: counter((Some(login), Some(source))),
                strangers: counter((Some(login), None)),
                logins: counter((None, Some(source))),
            }
        }

        fn waits(&self, login: u8, source: u8, now: Timestamp) -> bool {
            self.counted(login, source).waits(self.known.contains(&(login, source)), now)
        }

        /// A wrong password.
        fn fail(&mut self, login: u8, source: u8, now: Timestamp) {
            if self.waits(login, source, now) {
                return;
            }
            let is_known = self.known.contains(&(login, source));
            let with = self.counted(login, source).with_one_more(is_known, now);
            let keys = [(Some(login), Some(source)), (Some(login), None), (None, Some(source))];
            for (key, counter) in keys.into_iter().zip([with.pair, with.strangers, with.logins]) {
                self.counters.extend(counter.map(|counter| (key, counter)));
            }
        }
    }

    const OWNER: u8 = 0;
    const HER_SOURCE: u8 = 0;

    fn failures_of_others() -> impl Strategy<Value = Vec<(u8, u8, i64)>> {
        prop::collection::vec((0..4_u8, 0..4_u8, 0..2000_i64), 0..200)
    }

    proptest! {
        #[test]
        fn promise_4_nobody_waits_for_what_others_do_at_other_sources(failed in failures_of_others()) {
            let (mut model, mut now) = (Model::default(), then());
            for (login, source, seconds) in failed {
                now += SignedDuration::from_secs(seconds);
                model.fail(login, source + 1, now);
                prop_assert!(!model.waits(OWNER, HER_SOURCE, now));
            }
            // One wrong password of her own costs her no more than the longest wait, whatever the others go on to do.
            model.fail(OWNER, HER_SOURCE, now);
            for second in 0..900 {
                model.fail(OWNER, 1, now + SignedDuration::from_secs(second));
            }
            prop_assert!(!model.waits(OWNER, HER_SOURCE, now + LONGEST_WAIT));
        }

        #[test]
        fn promise_4_who_has_signed_in_from_a_source_does_not_wait_for_tries_at_other_logins_there(
            failed in failures_of_others(),
        ) {
            let (mut model, mut now) = (Model::default(), then());
            model.known.insert((OWNER, HER_SOURCE));
            for (login, source, seconds) in failed {
                now += SignedDuration::from_secs(seconds);
                model.fail(login + 1, source, now);
                prop_assert!(!model.waits(OWNER, HER_SOURCE, now));
            }
        }

        #[test]
        fn promise_4_a_login_at_a_source_is_judged_no_more_often_than_its_waits_allow(
            pauses in prop::collection::vec(0..40_i64, 100..400),
            known: bool,
        ) {
            let (mut model, mut now) = (Model::default(), then());
            model.known.extend(known.then_some((OWNER, HER_SOURCE)));
            let (mut judged, begun) = (0, now);
            for seconds in pauses {
                now += SignedDuration::from_secs(seconds);
                judged += i64::from(!model.waits(OWNER, HER_SOURCE, now));
                model.fail(OWNER, HER_SOURCE, now);
            }
            // Three are free, nine double the wait to the longest, and each quarter of an hour gives two more at most.
            let quarters = now.duration_since(begun).as_secs() / LONGEST_WAIT.as_secs();
            prop_assert!(judged <= 14 + 2 * quarters, "{judged}");
        }
    }

    #[test]
    fn promise_4_the_more_strangers_fail_the_longer_each_of_them_waits() {
        let (mut model, now) = (Model::default(), then());
        let mut wait = |source| {
            model.fail(OWNER, source, now);
            let pair = model.counted(OWNER, source).pair.expect("it is counted");
            pair.waits_until.duration_since(now).as_secs()
        };
        let waits: Vec<i64> = (1..=26).map(&mut wait).collect();
        let expected = [0; 13].into_iter().chain([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(waits, expected.collect::<Vec<_>>());
    }

    #[test]
    fn promise_4_many_different_logins_at_a_source_slow_down_whoever_is_new_there() {
        let (mut model, now) = (Model::default(), then());
        for login in 1..=20 {
            model.fail(login, HER_SOURCE, now);
            // The same one again is no other login.
            model.fail(login, HER_SOURCE, now);
        }
        assert!(!model.waits(OWNER, HER_SOURCE, now));
        model.fail(21, HER_SOURCE, now);
        assert!(model.waits(OWNER, HER_SOURCE, now));
        assert!(!model.waits(OWNER, HER_SOURCE, now + FIRST_WAIT));
        assert!(!model.waits(OWNER, 1, now));
    }

    #[test]
    fn promise_4_whoever_has_signed_in_from_a_source_is_no_stranger_there() {
        let (mut model, mut now) = (Model::default(), then());
        model.known.insert((OWNER, HER_SOURCE));
        for _ in 0..40 {
            model.fail(OWNER, HER_SOURCE, now);
            now += SignedDuration::from_mins(14);
        }
        let counted = model.counted(OWNER, HER_SOURCE);
        assert_eq!((counted.strangers, counted.logins), (None, None));
        assert!(counted.pair.is_some_and(|pair| pair.count > 1));
    }

    #[test]
    fn promise_4_a_login_whose_failures_are_forgotten_is_another_one_at_its_source() {
        let (mut model, begun) = (Model::default(), then());
        model.fail(OWNER, HER_SOURCE, begun);
        model.fail(1, HER_SOURCE, begun + SignedDuration::from_secs(1));
        let a_day_later = begun + FORGOTTEN_AFTER;
        model.fail(OWNER, HER_SOURCE, a_day_later);
        let logins = model.counted(OWNER, HER_SOURCE).logins.expect("it is counted");
        assert_eq!(logins.last_at, a_day_later);
        // The other one's failure is remembered for another second.
        model.fail(1, HER_SOURCE, a_day_later);
        let logins_then = model.counted(OWNER, HER_SOURCE).logins.expect("it is counted");
        assert_eq!(logins_then, logins);
    }

    #[test]
    fn promise_4_a_wait_is_told_in_minutes_that_are_long_enough() {
        let told = |millis| {
            let waits_until = then() + SignedDuration::from_millis(millis);
            wait_of(Some(Failures { count: 1, last_at: then(), waits_until }), then())
        };
        let expected = [
            (-1, None),
            (0, None),
            (1, Some("a minute")),
            (60_000, Some("a minute")),
            (60_001, Some("2 minutes")),
            (900_000, Some("15 minutes")),
        ];
        for (millis, words) in expected {
            assert_eq!(told(millis).as_deref(), words, "{millis}");
        }
        assert_eq!(wait_of(None, then()), None);
    }

    #[test]
    fn promise_3_a_bucket_tells_nothing_of_what_was_typed() {
        assert_eq!(bucket("login", &["canary"]).len(), 64);
        assert_ne!(bucket("login", &["ab", "c"]), bucket("login", &["a", "bc"]));
        assert_ne!(bucket("login", &["a"]), bucket("source", &["a"]));
    }
}

//! The check of login and password at every sign-in: to the back office, to a Client Center, and to unlock the screen.

use jiff::Timestamp;

use crate::domain::codes::UserType;
use crate::domain::entities::user;
use crate::domain::entities::user::PasswordFormat;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry};
use crate::domain::model::instant::Instant;
use crate::domain::model::value::{FALLBACK_LANGUAGE, Value};
use crate::service::auth::hashes::{self, Checked, NEW_FORMAT};
use crate::service::auth::throttle::Attempt;
use crate::service::auth::{Origin, Secret, SessionToken, one_time_code};
use crate::service::write::{self, WriteContext};
use crate::service::{ServiceError, World};
use crate::storage::credentials::{self, Account};
use crate::storage::db::{Db, Tx};
use crate::storage::{history, last_use};

/// The outcome of a successful check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PasswordCheck {
    /// The password is right.
    Passed(SessionToken),
    /// The typed text is the login's one-time code, with which its owner has to choose a password.
    OneTimeCode,
}

/// Checks login and password: the password is right, and the user is active, not locked, and of an `allowed` type. An
/// older or weak hash is then replaced (`docs/promises.md`, 2). In a database that can only be read, nothing is counted,
/// recorded or replaced, and who has the right password is let in.
///
/// `site` is what is stored as the site of the last sign-in ([`user::LAST_SIGN_IN_SITE`]) after the right password;
/// `None` when this is no sign-in, or when it is not decided yet.
///
/// # Errors
/// [`ServiceError::Denied`], with the same message and after about the same time whatever is wrong
/// (`docs/promises.md`, 4).
pub(crate) async fn verify_sign_in(
    db: &Db,
    world: &World,
    from: &Origin,
    login: &str,
    password: &Secret,
    allowed: &[UserType],
    site: Option<&str>,
) -> Result<PasswordCheck, ServiceError> {
    let attempt = Attempt::at_login(db, world, from, login).await?;
    let hash = attempt.account.as_ref().and_then(|account| account.password.as_ref());
    let checked =
        hashes::check(password, hash.map(|password| password.hash.clone()), attempt.with_older).await;
    let by_code =
        attempt.account.as_ref().is_some_and(|account| one_time_code::opens(account, password, attempt.now));
    let typed = Typed::of(checked, by_code);
    if let Some(why) = objection(&attempt, allowed, typed) {
        return Err(attempt.failed(db, why, !typed.is_right()).await);
    }
    let Some(account) = &attempt.account else { return Err(attempt.failed(db, UNKNOWN, true).await) };
    // Not before the sign-in is granted: the work of a refused one is the same whatever is stored.
    let renewed = match checked {
        Checked::Right { is_current: false } => hashes::hashed(password.clone()).await.ok(),
        _ => None,
    };
    let context = context_of(world, account, attempt.now);
    let transaction = attempt.succeeded(db, account).await?;
    let proof = match (&account.password, checked) {
        (Some(password), Checked::Right { .. }) => {
            let token =
                SessionToken { user: account.user, serial: Some(password.serial), since: attempt.now };
            PasswordCheck::Passed(token)
        }
        _ => PasswordCheck::OneTimeCode,
    };
    if let Some(mut tx) = transaction {
        if let (Some(site), PasswordCheck::Passed(token)) = (site, &proof) {
            last_use::note_sign_in(&mut tx, token.user, site, attempt.now).await?;
        }
        match (&account.password, renewed) {
            (Some(was), Some(hash)) => {
                renew(&mut tx, &context, account, &was.hash, &hash).await?;
                write::commit(tx, db, &context, "Renew the hash of a password").await?;
            }
            _ => tx.commit().await?,
        }
    }
    Ok(proof)
}

/// What was typed for the password, as it was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// The right password.
    Password,
    /// The right one-time code.
    OneTimeCode,
    /// Neither.
    Wrong,
    /// No one-time code; the stored hash of the password takes too much work to be verified.
    Unverified,
}

impl Typed {
    /// The outcome of a password check; `is_code` says that the one-time code was typed.
    pub(super) fn of(checked: Checked, is_code: bool) -> Self {
        match checked {
            Checked::Right { .. } => Self::Password,
            Checked::Wrong | Checked::TooCostly if is_code => Self::OneTimeCode,
            Checked::Wrong => Self::Wrong,
            Checked::TooCostly => Self::Unverified,
        }
    }

    /// Whether it lets the owner of the login in.
    pub(super) fn is_right(self) -> bool {
        matches!(self, Self::Password | Self::OneTimeCode)
    }
}

/// The reason that history records for an unknown login.
const UNKNOWN: &str = "There is no such login.";

/// The reason to refuse an attempt; `None` when it is good. Only history records the reason: whoever tried to sign in
/// must not learn it (`docs/promises.md`, 4).
pub(super) fn objection(attempt: &Attempt<'_>, allowed: &[UserType], typed: Typed) -> Option<&'static str> {
    let is_locked = |until: Instant| until > attempt.now.into();
    match &attempt.account {
        _ if attempt.waits && typed != Typed::OneTimeCode => Some("Too soon after other wrong passwords."),
        None => Some(UNKNOWN),
        Some(account) if !account.active => Some("The login is switched off."),
        Some(account) if account.locked_until.is_some_and(is_locked) => Some("The login is locked."),
        Some(account) if !allowed.contains(&account.user_type) => {
            Some("A login of this user type cannot sign in here.")
        }
        Some(_) if typed == Typed::Wrong => Some("The password is wrong."),
        Some(_) if typed == Typed::Unverified => Some(
            "The stored hash of the password takes too much work to be verified; an administrator has to issue a \
             one-time code.",
        ),
        Some(_) => None,
    }
}

/// Replaces the hash `was` of a password by a new one. The password is the same, and so sessions go on. Another hash
/// format is recorded in history.
async fn renew(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    account: &Account,
    was: &str,
    hash: &str,
) -> Result<(), ServiceError> {
    let is_renewed = credentials::renew_hash(tx, account.user, was, hash).await?;
    if is_renewed && account.format.as_deref() != Some(NEW_FORMAT) {
        credentials::set_format(tx, account.user, NEW_FORMAT).await?;
        let format = |code: &str| {
            PasswordFormat::from_code(code).map_or(Value::Empty, |format| Value::Code(format.code()))
        };
        let change = FieldChange {
            field: user::PASSWORD_FORMAT.def.property.to_owned(),
            before: account.format.as_deref().map_or(Value::Empty, format),
            after: format(NEW_FORMAT),
        };
        note(tx, context, account, HistoryAction::Changed, vec![change]).await?;
    }
    Ok(())
}

/// The context of a write by the owner of an account at `now`, in a new operation.
pub(super) fn context_of<'a>(world: &'a World, account: &'a Account, now: Timestamp) -> WriteContext<'a> {
    WriteContext { now, ..WriteContext::new(world, &account.login, FALLBACK_LANGUAGE) }
}

/// Appends an entry to the history of an account's user.
pub(super) async fn note(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    account: &Account,
    action: HistoryAction,
    fields: Vec<FieldChange>,
) -> Result<(), ServiceError> {
    let entry = context.entry(&user::USER, account.user, account.version, action);
    Ok(history::append(tx, [&HistoryEntry { fields, ..entry }]).await?)
}

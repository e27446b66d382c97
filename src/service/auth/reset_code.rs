//! Choosing a password, with a one-time code that an administrator issued or with the current password. Nobody chooses
//! another's (`docs/promises.md`, 5).

use crate::domain::codes::UserType;
use crate::domain::entities::user;
use crate::domain::model::history::HistoryAction;
use crate::domain::rules::Issue;
use crate::service::auth::hashes::{self, Checked, NEW_FORMAT};
use crate::service::auth::one_time_code::{hash_of, new_code, opens};
use crate::service::auth::passwords::check_password;
use crate::service::auth::throttle::Attempt;
use crate::service::auth::verify::{Typed, context_of, note, objection};
use crate::service::auth::{NOT_SIGNED_IN, Origin, Secret, SessionToken, session_token};
use crate::service::write::{self, WriteContext};
use crate::service::{ServiceError, World};
use crate::storage::credentials::{self, Account, ResetCode};
use crate::storage::db::{Db, Tx};
use crate::storage::error::StorageError;

/// The user types that can sign in, to the back office or to a Client Center.
const EVERYBODY: [UserType; 2] = [UserType::InternalUser, UserType::ExternalCommunityUser];

/// Issues a one-time code within the caller's transaction, with an entry in the user's history. It replaces the user's
/// earlier code.
pub(crate) async fn issue(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    account: &Account,
) -> Result<Secret, ServiceError> {
    let code = new_code(context.world);
    let ends_at = context.now + context.world.policy.reset_code;
    let kept = ResetCode { hash: hash_of(account.user, &code), ends_at };
    credentials::set_reset(tx, account.user, &kept, context.now, context.login).await?;
    note(tx, context, account, HistoryAction::ResetIssued, Vec::new()).await?;
    Ok(code)
}

/// Chooses a new password with a one-time code, which is then used up.
///
/// # Errors
/// [`ServiceError::Invalid`] at the password; [`ServiceError::Denied`] with the message of a failed sign-in.
pub async fn choose_password(
    db: &Db,
    world: &World,
    from: &Origin,
    login: &str,
    code: &Secret,
    new: &Secret,
) -> Result<(), ServiceError> {
    let attempt = Attempt::at_login(db, world, from, login).await?;
    // As much work whether or not the code is right, and nothing is said of the new password before it is.
    let hash = hashes::hashed(new.clone()).await?;
    let is_code = attempt.account.as_ref().is_some_and(|account| opens(account, code, attempt.now));
    let typed = Typed::of(Checked::Wrong, is_code);
    if let Some(why) = objection(&attempt, &EVERYBODY, typed) {
        return Err(attempt.failed(db, why, !typed.is_right()).await);
    }
    let (Some(account), Some(used)) =
        (&attempt.account, attempt.account.as_ref().and_then(|account| account.reset.clone()))
    else {
        return Err(denied());
    };
    let issue = judge_new(db, world, account, new).await?;
    let mut tx = attempt.succeeded(db, account).await?.ok_or(StorageError::ReadOnly)?;
    if let Some(issue) = issue {
        tx.commit().await?;
        return Err(ServiceError::Invalid(vec![issue]));
    }
    if !credentials::use_reset(&mut tx, account.user, &used.hash).await? {
        drop(tx);
        return Err(attempt.failed(db, "The one-time code was used meanwhile.", true).await);
    }
    let context = context_of(world, account, attempt.now);
    choose(&mut tx, &context, account, &hash).await?;
    write::commit(tx, db, &context, "Choose a password with a one-time code").await
}

/// Changes the password of the token's user, who gives the current one (`so_far`). Returns the session token to use
/// from now on; every other session of the user ends.
///
/// # Errors
/// [`ServiceError::Invalid`] at the new password; [`ServiceError::Denied`] when the current one is wrong, or came too
/// soon after other wrong ones; [`ServiceError::SignedOut`] when the session has ended.
pub async fn change_password(
    db: &Db,
    world: &World,
    from: &Origin,
    token: &SessionToken,
    so_far: &Secret,
    new: &Secret,
) -> Result<SessionToken, ServiceError> {
    session_token::principal(&mut *db.read().await?, world, token).await?;
    let attempt = Attempt::of_user(db, world, from, token.user).await?;
    let kept = attempt.account.as_ref().and_then(|account| account.password.clone());
    let checked = hashes::check(so_far, kept.map(|kept| kept.hash), attempt.with_older).await;
    let typed = Typed::of(checked, false);
    if let Some(why) = objection(&attempt, &EVERYBODY, typed) {
        return Err(match attempt.failed(db, why, !typed.is_right()).await {
            ServiceError::Denied(_) => ServiceError::Denied(
                "The password so far is wrong, or came too soon after others.".to_owned(),
            ),
            other => other,
        });
    }
    let Some(account) = &attempt.account else { return Err(denied()) };
    let issue = if so_far == new {
        Some(Issue::at(&user::PASSWORD.def, "This is the password so far; choose another."))
    } else {
        judge_new(db, world, account, new).await?
    };
    let hash = hashes::hashed(new.clone()).await?;
    let mut tx = attempt.succeeded(db, account).await?.ok_or(StorageError::ReadOnly)?;
    if let Some(issue) = issue {
        tx.commit().await?;
        return Err(ServiceError::Invalid(vec![issue]));
    }
    // Again in this transaction: a password that was chosen meanwhile has ended the session.
    session_token::principal(&mut tx, world, token).await?;
    let context = context_of(world, account, attempt.now);
    let serial = choose(&mut tx, &context, account, &hash).await?;
    credentials::end_reset(&mut tx, account.user).await?;
    write::commit(tx, db, &context, "Change the own password").await?;
    Ok(SessionToken { serial: Some(serial), ..token.clone() })
}

/// Stores the hash of a new password, with an entry in the user's history; returns the serial number of the password.
async fn choose(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    account: &Account,
    hash: &str,
) -> Result<i64, ServiceError> {
    let serial = credentials::set_credential(tx, account.user, hash).await?;
    credentials::set_format(tx, account.user, NEW_FORMAT).await?;
    note(tx, context, account, HistoryAction::PasswordChosen, Vec::new()).await?;
    Ok(serial)
}

/// [`check_password`] for a new password of an account's owner.
async fn judge_new(
    db: &Db,
    world: &World,
    account: &Account,
    new: &Secret,
) -> Result<Option<Issue>, ServiceError> {
    let known = credentials::personal_texts(&mut *db.read().await?, account.user).await?;
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Ok(check_password(&world.policy, new, &known).await)
}

fn denied() -> ServiceError {
    ServiceError::Denied(NOT_SIGNED_IN.to_owned())
}

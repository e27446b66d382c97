//! Signing in, sessions, passwords and one-time codes, for operators and for visitors of a Client Center.

mod hashes;
mod one_time_code;
mod passwords;
mod reset_code;
mod secret;
mod session_token;
mod throttle;
mod verify;

use crate::domain::codes::UserType;
use crate::service::{ServiceError, World};
use crate::storage::db::Db;

pub use reset_code::{change_password, choose_password};
pub use secret::Secret;
pub use session_token::SessionToken;
pub use throttle::UNKNOWN_LOGIN;

pub(crate) use hashes::{NEW_FORMAT, format_of, hashed};
pub(crate) use passwords::check_password;
pub(crate) use reset_code::issue;
pub(crate) use session_token::{COMMAND_LINE, Principal, principal, principal_and_site};
pub(crate) use throttle::{count_look_up, count_request, take_back_look_ups};
pub(crate) use verify::{PasswordCheck, verify_sign_in};

/// The one sentence for every refused sign-in: it does not tell whether login, password or user type was wrong.
const NOT_SIGNED_IN: &str =
    "Login or password is wrong, or this login cannot sign in here; after several tries, wait a while.";

/// Fills bytes with random ones of the operating system.
pub(super) fn machine_random(bytes: &mut [u8]) {
    // Without them no secret is safe: there is no way to go on.
    getrandom::fill(bytes).expect("random bytes of the operating system");
}

/// The source of a sign-in: the machine and the account there, as one text. Wrong passwords are counted for each source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(pub String);

/// The outcome of a sign-in with a right password or a right one-time code.
#[derive(Clone, Debug, PartialEq)]
pub enum SignInOutcome<T> {
    /// Signed in.
    Granted(T),
    /// A one-time code was given instead of a password: a password has to be chosen with it ([`choose_password`]).
    ChoosePassword,
}

/// A new session token for an operator who types the password again, to unlock the screen or because the session
/// has expired.
///
/// # Errors
/// [`ServiceError::Denied`] as at a sign-in.
pub async fn unlock(
    db: &Db,
    world: &World,
    from: &Origin,
    login: &str,
    password: &Secret,
) -> Result<SessionToken, ServiceError> {
    match verify_sign_in(db, world, from, login, password, &[UserType::InternalUser], None).await? {
        PasswordCheck::Passed(token) => Ok(token),
        PasswordCheck::OneTimeCode => Err(ServiceError::Denied(NOT_SIGNED_IN.to_owned())),
    }
}

//! Sessions: each step of one is judged anew (`docs/promises.md` 6).

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::codes::{SiteFacts, UserType};
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId};
use crate::service::{ServiceError, World};
use crate::storage::credentials::{self, SessionAccount};
use crate::storage::db::Session;
use crate::storage::facts;

/// The proof of a sign-in. It is judged at every step of the session and ends when the login is switched off, is
/// locked or has another password, or when the session has lasted too long (`docs/promises.md` 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionToken {
    /// The user who signed in.
    pub user: RecordId,
    /// The serial number of the password signed in with; `None` for commands and the demo, which ask for no password.
    pub serial: Option<i64>,
    /// When the session began.
    pub since: Timestamp,
}

/// The login that history names for what a command did.
pub(crate) const COMMAND_LINE: &str = "command line";

/// The user of the session token of a command: no user has this id.
const NOBODY: RecordId = RecordId(Uuid::nil());

/// The user of a session as the account is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    /// The name signed in with.
    pub login: String,
    /// The name shown, in the language of the login.
    pub name: String,
    /// The language of texts.
    pub language: String,
    /// What the login is for.
    pub user_type: UserType,
    /// Whether the operator may do everything in the back office.
    pub is_admin: bool,
}

impl Principal {
    fn of(account: SessionAccount) -> Self {
        Self {
            login: account.login,
            name: account.name.text(&account.language).to_owned(),
            language: account.language,
            user_type: account.user_type,
            is_admin: account.is_admin,
        }
    }

    fn for_command_line() -> Self {
        Self {
            login: COMMAND_LINE.to_owned(),
            name: COMMAND_LINE.to_owned(),
            language: FALLBACK_LANGUAGE.to_owned(),
            user_type: UserType::InternalUser,
            is_admin: true,
        }
    }
}

/// The user of a session as the account is now.
///
/// # Errors
/// [`ServiceError::SignedOut`], with the reason, when the session has ended.
pub(crate) async fn principal(
    s: &mut Session,
    world: &World,
    token: &SessionToken,
) -> Result<Principal, ServiceError> {
    if token.is_of_command_line() {
        return Ok(Principal::for_command_line());
    }
    judge(world, token, credentials::session_account(s, token.user).await?)
}

/// [`principal`] and, in the same statement, the facts of a Client Center site; `None` when there is no such site.
///
/// # Errors
/// [`ServiceError::SignedOut`], with the reason, when the session has ended.
pub(crate) async fn principal_and_site(
    s: &mut Session,
    world: &World,
    token: &SessionToken,
    site: RecordId,
) -> Result<(Principal, Option<SiteFacts>), ServiceError> {
    if token.is_of_command_line() {
        return Ok((Principal::for_command_line(), facts::site(s, site, FALLBACK_LANGUAGE).await?));
    }
    let (account, site) = credentials::session_account_and_site(s, token.user, site).await?.unzip();
    Ok((judge(world, token, account)?, site.flatten()))
}

impl SessionToken {
    /// The token of a command. Whoever can open the database may do everything with it, so no user is behind the token.
    pub(in crate::service) fn of_command_line(now: Timestamp) -> Self {
        Self { user: NOBODY, serial: None, since: now }
    }

    /// The user who is signed in; `None` for a command.
    pub(in crate::service) fn person(&self) -> Option<RecordId> {
        (!self.is_of_command_line()).then_some(self.user)
    }

    fn is_of_command_line(&self) -> bool {
        self.user == NOBODY && self.serial.is_none()
    }
}

/// Judges a session by the account as it is now.
fn judge(
    world: &World,
    token: &SessionToken,
    account: Option<SessionAccount>,
) -> Result<Principal, ServiceError> {
    let signed_out = |sentence: &str| Err(ServiceError::SignedOut(sentence.to_owned()));
    let Some(account) = account else {
        return signed_out("This login is not there any more.");
    };
    if !account.active {
        return signed_out("This login was switched off.");
    }
    if account.locked_until.is_some_and(|until| until > (world.now)().into()) {
        return signed_out("This login was locked.");
    }
    if !account.user_type.can_sign_in() {
        return signed_out("This login is of a type that cannot sign in any more.");
    }
    if let Some(serial) = token.serial {
        if account.serial != Some(serial) {
            return signed_out("The password was changed; sign in again.");
        }
        let session = world.policy.session;
        if (world.now)() >= token.since + session {
            let hours = session.as_hours();
            return signed_out(&format!("The session has lasted {hours} hours; sign in again."));
        }
    }
    Ok(Principal::of(account))
}

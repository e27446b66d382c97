//! Signing in, sessions, passwords and one-time codes, for operators and for visitors of a Client Center.

mod hashes;
mod one_time_code;
mod operators;
mod passwords;
mod reset_code;
mod secret;
mod session_token;
mod throttle;
mod verify;

use crate::domain::codes::{SiteFacts, UserType};
use crate::domain::model::value::{RecordId, Reference};
use crate::service::back_office::{BackOffice, SignedIn};
use crate::service::{ServiceError, World};
use crate::storage::db::{Db, Session};
use crate::storage::facts;

pub use operators::{Operator, first_operator, operators_exist};
pub use reset_code::{change_password, choose_password};
pub use secret::Secret;
pub use session_token::SessionToken;
pub use throttle::UNKNOWN_LOGIN;

pub(crate) use hashes::{NEW_FORMAT, format_of, hashed};
pub(crate) use passwords::check_password;
pub(crate) use session_token::{COMMAND_LINE, Principal, principal, principal_and_site};
pub(crate) use throttle::count_request;
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

/// Signs in to the back office.
///
/// # Errors
/// [`ServiceError::Denied`] with the same sentence for everything that can be wrong.
pub async fn sign_in(
    db: &Db,
    world: &World,
    from: &Origin,
    login: &str,
    password: &Secret,
) -> Result<SignInOutcome<BackOffice>, ServiceError> {
    match verify_sign_in(db, world, from, login, password, &[UserType::InternalUser]).await? {
        PasswordCheck::Passed(token) => open_back_office(db, world, token).await.map(SignInOutcome::Granted),
        PasswordCheck::OneTimeCode => Ok(SignInOutcome::ChoosePassword),
    }
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
    match verify_sign_in(db, world, from, login, password, &[UserType::InternalUser]).await? {
        PasswordCheck::Passed(token) => Ok(token),
        PasswordCheck::OneTimeCode => Err(ServiceError::Denied(NOT_SIGNED_IN.to_owned())),
    }
}

/// Opens the back office without a password; only for the demo company, which has no secrets.
///
/// # Errors
/// [`ServiceError::SignedOut`] when there is no such user, or it is switched off.
pub async fn open_without_password(
    db: &Db,
    world: &World,
    operator: RecordId,
) -> Result<BackOffice, ServiceError> {
    open_back_office(db, world, SessionToken { user: operator, serial: None, since: (world.now)() }).await
}

/// Opens the back office for the principal of a session token.
async fn open_back_office(db: &Db, world: &World, token: SessionToken) -> Result<BackOffice, ServiceError> {
    let who = signed_in(&mut *db.read().await?, world, &token).await?;
    Ok(BackOffice { db: db.clone(), world: world.clone(), who, token })
}

/// The operator of a session token, at the first active Client Center site that has an enterprise company.
async fn signed_in(s: &mut Session, world: &World, token: &SessionToken) -> Result<SignedIn, ServiceError> {
    let principal = principal(s, world, token).await?;
    let sites = facts::client_center_sites(s, &principal.language).await?;
    let first = sites.into_iter().find(|site| site.active && site.enterprise_company.is_some());
    Ok(SignedIn {
        operator: token.user,
        login: principal.login,
        name: principal.name,
        language: principal.language,
        is_admin: principal.is_admin,
        enterprise_company: first.as_ref().and_then(|site| site.enterprise_company.clone()),
        site: first.map(|site| Reference { id: site.id, shown: site.relative_url }),
    })
}

impl BackOffice {
    /// The Client Center sites for which users can be judged.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sites(&self) -> Result<Vec<SiteChoice>, ServiceError> {
        let mut conn = self.read().await?;
        let sites = facts::client_center_sites(&mut conn, &self.who.language).await?;
        Ok(sites.into_iter().map(SiteChoice::of).collect())
    }
}

/// A site that can be chosen for judging users, and its enterprise company.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteChoice {
    /// The site, shown by its relative URL.
    pub site: Reference,
    /// Its enterprise company.
    pub enterprise_company: Option<Reference>,
    /// Whether the site is active.
    pub active: bool,
}

impl SiteChoice {
    fn of(site: SiteFacts) -> Self {
        Self {
            site: Reference { id: site.id, shown: site.relative_url },
            enterprise_company: site.enterprise_company,
            active: site.active,
        }
    }
}

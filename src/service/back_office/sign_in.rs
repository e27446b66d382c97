//! Signing in to the back office, and the sites that an operator can judge users at.

use super::{BackOffice, SignedIn};
use crate::domain::codes::{SiteFacts, UserType};
use crate::domain::entities::user;
use crate::domain::model::value::{RecordId, Reference};
use crate::service::auth::{
    Origin, PasswordCheck, Secret, SessionToken, SignInOutcome, principal, verify_sign_in,
};
use crate::service::{ServiceError, World};
use crate::storage::db::{Db, Session};
use crate::storage::facts;

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
    let site = Some(user::BACK_OFFICE);
    match verify_sign_in(db, world, from, login, password, &[UserType::InternalUser], site).await? {
        PasswordCheck::Passed(token) => open_back_office(db, world, token).await.map(SignInOutcome::Granted),
        PasswordCheck::OneTimeCode => Ok(SignInOutcome::ChoosePassword),
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
    let back_office = BackOffice { db: db.clone(), world: world.clone(), who, token };
    if let Err(error) = back_office.resume_due().await {
        // Nobody has to stay outside for it.
        tracing::warn!("requests whose day has come could not be made pending: {error}");
    }
    Ok(back_office)
}

/// The operator of a session token, at the first active Client Center site that has an enterprise company.
pub(super) async fn signed_in(
    s: &mut Session,
    world: &World,
    token: &SessionToken,
) -> Result<SignedIn, ServiceError> {
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
        site: first.map(|site| Reference { id: site.id, shown: site.name }),
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
            site: Reference { id: site.id, shown: site.name },
            enterprise_company: site.enterprise_company,
            active: site.active,
        }
    }
}

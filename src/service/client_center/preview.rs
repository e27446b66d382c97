//! The sign-in preview: what a user's sign-in to each Client Center would show. Nothing is written.

use std::sync::Arc;

use super::{Client, ClientCenter, gate};
use crate::domain::codes::{Code, SiteFacts, UserFacts, Warning};
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId};
use crate::service::back_office::check::{self, CheckError};
use crate::service::back_office::{BackOffice, diagnosis};
use crate::service::{ServiceError, World, auth};
use crate::storage::db::{Db, Session};
use crate::storage::{credentials, facts, last_customer};

/// The expected outcome of a user's sign-in at one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The site.
    pub center: ClientCenter,
    /// What stops the sign-in before the codes are judged, such as a login that is switched off.
    pub refused: Option<String>,
    /// The code that the sign-in would show.
    pub code: Option<Code>,
    /// The customers to choose from, also when `refused` or `code` stops the sign-in.
    pub clients: Vec<Client>,
    /// The customer of `clients` that the user chose at the last visit of this site, and gets again without being asked.
    pub last_customer: Option<RecordId>,
}

impl Preview {
    /// Whether a sign-in with the right password would succeed.
    pub fn gets_in(&self) -> bool {
        self.refused.is_none() && self.code.is_none()
    }
}

impl BackOffice {
    /// The expected outcome of a user's sign-in at every active Client Center, or at `site` alone, active or not.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such user.
    pub async fn sign_in_preview(
        &self,
        user: RecordId,
        site: Option<RecordId>,
    ) -> Result<Vec<Preview>, ServiceError> {
        let mut conn = self.read().await?;
        let mut sites = facts::client_center_sites(&mut conn, &self.who.language).await?;
        sites.retain(|known| site.map_or(known.active, |site| known.id == site));
        let sites = sites.into_iter().map(Arc::new).collect();
        previews(&mut conn, &self.world, user, sites, &self.who.language).await
    }
}

/// [`BackOffice::sign_in_preview`] for the command line: by login and relative URL, and without a session.
///
/// # Errors
/// [`CheckError`] for an unknown login or site, and when no site is active.
pub async fn sign_in_preview(
    db: &Db,
    world: &World,
    login: &str,
    site: Option<&str>,
) -> Result<Vec<Preview>, CheckError> {
    let mut conn = db.read().await?;
    let sites = check::sites(&mut conn, site).await?;
    let user = check::user_of(&mut conn, login).await?;
    Ok(previews(&mut conn, world, user, sites, FALLBACK_LANGUAGE).await?)
}

async fn previews(
    s: &mut Session,
    world: &World,
    user: RecordId,
    sites: Vec<Arc<SiteFacts>>,
    language: &str,
) -> Result<Vec<Preview>, ServiceError> {
    let user = facts::users(s, &[user], language).await?.pop().ok_or(ServiceError::NotFound)?;
    let password = credentials::account(s, user.id).await?.and_then(|account| account.password);
    let why_not = match password {
        None => Some("no password yet"),
        Some(password) if auth::format_of(&password.hash).is_none() => {
            Some("the password cannot be verified, a one-time code is needed")
        }
        Some(_) => None,
    };
    let mut previews = Vec::with_capacity(sites.len());
    for site in sites {
        let id = site.id;
        let mut preview = preview(world, &user, why_not, site);
        // Nobody is asked about an only customer.
        if preview.clients.len() > 1 {
            let last = last_customer::last_customer(s, user.id, id).await?;
            let is_open = |last: &RecordId| preview.clients.iter().any(|client| client.customer.id == *last);
            preview.last_customer = last.filter(is_open);
        }
        previews.push(preview);
    }
    Ok(previews)
}

fn preview(world: &World, user: &UserFacts, no_password: Option<&str>, site: Arc<SiteFacts>) -> Preview {
    let judged = diagnosis::judge(world, user.clone(), site);
    let stops = |warning: &&Warning| {
        matches!(
            warning,
            Warning::UserInactive
                | Warning::LockedUntil(_)
                | Warning::CannotSignIn(_)
                | Warning::SiteInactive
        )
    };
    let mut refused: Vec<String> =
        judged.diagnosis.warnings.iter().filter(stops).map(ToString::to_string).collect();
    refused.extend(no_password.map(str::to_owned));
    Preview {
        center: ClientCenter::of(&judged.facts.site),
        refused: (!refused.is_empty()).then(|| refused.join("; ")),
        code: judged.diagnosis.sign_in(),
        clients: gate::clients(&judged.facts),
        last_customer: None,
    }
}

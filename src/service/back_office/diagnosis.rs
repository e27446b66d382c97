//! The codes CC002 to CC010 (`docs/codes.md`): of one user, saved or not, and counted over all users.

use std::sync::Arc;

use crate::domain::account_request::{Repeated, RequestState};
use crate::domain::codes::{Code, Diagnosis, Facts, SiteFacts, UserFacts, diagnose};
use crate::domain::entities::{self, user};
use crate::domain::model::query::ListQuery;
use crate::domain::model::record::Draft;
use crate::service::back_office::BackOffice;
use crate::service::{ServiceError, World};
use crate::storage::list::{self, JudgedAt};
use crate::storage::{accounts, facts};

impl BackOffice {
    /// The codes of a user at the operator's site, judged as if the draft were saved, and the user's request; `None`
    /// when there is no Client Center site.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn codes(&self, user: &Draft) -> Result<Option<Judged>, ServiceError> {
        let Some(site) = &self.who.site else { return Ok(None) };
        let (mut conn, site) = self.read_at(Some(site.id)).await?;
        let Some(site) = site else { return Ok(None) };
        let (request, repeated) = match user.stored_id() {
            Some(id) => accounts::last_and_repeated_of(&mut conn, id).await?,
            None => (None, None),
        };
        let user = facts::of_draft(&mut conn, user, &self.who.language).await?;
        let judged = judge(&self.world, user, Arc::new(site));
        let reason = request.as_ref().and_then(|request| request.reason.clone());
        Ok(Some(Judged { request: request.map(|request| request.state), reason, repeated, ..judged }))
    }

    /// The number of users in the view Blocked by their lowest failed code, at the operator's site; empty without a
    /// site.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn blocked_by_code(&self) -> Result<Vec<(Code, i64)>, ServiceError> {
        let (Some(site), Some(view)) = (&self.who.site, entities::view_of(&user::USER, user::BLOCKED)) else {
            return Ok(Vec::new());
        };
        let today = self.world.today();
        let blocked = ListQuery {
            filters: (view.filters)(today),
            judged_at: Some(site.id),
            ..ListQuery::all(&user::USER)
        };
        let (mut conn, Some(site)) = self.read_at(blocked.judged_at).await? else { return Ok(Vec::new()) };
        let stopped = list::by_code(&mut conn, &blocked, JudgedAt { site: &site, today }).await?;
        Ok(stopped.into_iter().filter_map(|(code, users)| Some((code?, users))).collect())
    }
}

/// A diagnosis with the facts behind it and the user's request for the account.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The user, the records that the codes look at, and the site.
    pub facts: Facts,
    /// The codes and warnings.
    pub diagnosis: Diagnosis,
    /// The state of the user's last request; `None` when there was none.
    pub request: Option<RequestState>,
    /// The reason for which that request was rejected.
    pub reason: Option<String>,
    /// Later requests with the e-mail or login of the user.
    pub repeated: Option<Repeated>,
}

/// Judges a user at a site now, without looking up the user's request.
pub fn judge(world: &World, user: UserFacts, site: Arc<SiteFacts>) -> Judged {
    let facts = Facts { now: (world.now)(), today: world.today(), user, site };
    let diagnosis = diagnose(&facts);
    Judged { facts, diagnosis, request: None, reason: None, repeated: None }
}

//! The queue of requests for accounts: everything that deciding one needs, and who works on which (`docs/domain.md`,
//! Requests).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::account_request::{Claim, Note, Repeated, Request};
use crate::domain::codes::{Warning, identity_warnings};
use crate::domain::entities::user;
use crate::domain::matching::Proposals;
use crate::domain::model::record::{Draft, Record};
use crate::domain::model::value::RecordId;
use crate::service::ServiceError;
use crate::service::back_office::BackOffice;
use crate::service::back_office::diagnosis::{Judged, judge};
use crate::service::write;
use crate::storage::{accounts, claims, facts, history, records};

/// How long a claim lasts after the last sign of work on the request.
const CLAIM_LASTS: SignedDuration = SignedDuration::from_mins(15);

/// How many notes are read, the newest ones.
const NOTES: usize = 20;

/// What an operator has to know for deciding the request of a user.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestDetails {
    /// The user as stored.
    pub user: Arc<Record>,
    /// The newest request; `None` for a user who never asked.
    pub request: Option<Request>,
    /// Later requests with the e-mail or login of the user.
    pub repeated: Option<Repeated>,
    /// The notes about the request, the newest first.
    pub notes: Vec<Note>,
    /// Who works on the request.
    pub claim: Option<Claim>,
    /// The codes at the operator's site; `None` without a site.
    pub judged: Option<Box<Judged>>,
    /// The persons and companies proposed for the user.
    pub proposals: Proposals,
    /// What is suspicious or unusual: the warnings of the codes, or without a site those about who the user is.
    pub warnings: Vec<Warning>,
}

impl BackOffice {
    /// What an operator has to know for deciding the request of a user.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the user does not exist, or when the database cannot be read.
    pub async fn request_details(&self, id: RecordId) -> Result<RequestDetails, ServiceError> {
        let language = &self.who.language;
        let (mut conn, site) = self.read_at(self.who.site.as_ref().map(|site| site.id)).await?;
        let user = records::load(&mut conn, &user::USER, id, language).await?;
        let user = Arc::new(user.ok_or(ServiceError::NotFound)?);
        let (request, repeated) = accounts::last_and_repeated_of(&mut conn, id).await?;
        let notes = history::notes_of(&mut conn, id, NOTES).await?;
        let claim = claims::of_users(&mut conn, &[id], self.stale()).await?.pop().map(|(_, claim)| claim);
        let known = facts::of_draft(&mut conn, &Draft::of(Arc::clone(&user)), language).await?;
        let (judged, warnings) = match site {
            Some(site) => {
                let judged = judge(&self.world, known, Arc::new(site));
                let warnings = judged.diagnosis.warnings.clone();
                (Some(Box::new(judged)), warnings)
            }
            None => (None, identity_warnings(&known)),
        };
        drop(conn);
        let proposed = self.proposals(&[id]).await?.pop();
        let proposals = proposed.map(|proposed| proposed.proposals).unwrap_or_default();
        Ok(RequestDetails { user, request, repeated, notes, claim, judged, proposals, warnings })
    }

    /// Notes that the operator works on the request of a user now, and returns who does: the operator, or another whose
    /// claim stands. A claim ends when it is released, when another takes it over (`take_over`), or 15 minutes after its
    /// last renewal.
    ///
    /// # Errors
    /// When the database cannot be read or written, or the user does not exist.
    pub async fn claim(&self, user: RecordId, take_over: bool) -> Result<Option<Claim>, ServiceError> {
        let context = self.context();
        let mut tx = self.begin().await?;
        let stale = self.stale();
        if claims::take(&mut tx, user, self.who.operator, context.now, stale, take_over).await? {
            let held = claims::of_users(&mut tx, &[user], stale).await?.pop();
            write::commit(tx, &self.db, &context, "Claim a request").await?;
            return Ok(held.map(|(_, claim)| claim));
        }
        Ok(claims::of_users(&mut tx, &[user], stale).await?.pop().map(|(_, claim)| claim))
    }

    /// Ends the operator's claim on the request of a user, if there is one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn release(&self, user: RecordId) -> Result<(), ServiceError> {
        let context = self.context();
        let mut tx = self.begin().await?;
        claims::release(&mut tx, user, self.who.operator).await?;
        write::commit(tx, &self.db, &context, "Release a request").await
    }

    /// Who works on the requests of these users.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn claims(&self, users: &[RecordId]) -> Result<Vec<(RecordId, Claim)>, ServiceError> {
        Ok(claims::of_users(&mut *self.read().await?, users, self.stale()).await?)
    }

    /// A claim whose last sign of work is before this time has ended.
    fn stale(&self) -> Timestamp {
        (self.world.now)().saturating_sub(CLAIM_LASTS).unwrap_or(Timestamp::MIN)
    }
}

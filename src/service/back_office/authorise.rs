//! What each step of an operator begins with: whether the session is still good, and whether the operator may do it.

use crate::domain::codes::{SiteFacts, UserType};
use crate::domain::entities::user;
use crate::domain::model::history::HistoryAction;
use crate::domain::model::record::Draft;
use crate::domain::model::schema::EntityDef;
use crate::domain::model::text;
use crate::domain::model::value::RecordId;
use crate::domain::rights::{self, OwnRecords};
use crate::domain::rules::{Grantee, Issue};
use crate::service::ServiceError;
use crate::service::auth::{Principal, principal, principal_and_site};
use crate::service::back_office::BackOffice;
use crate::service::write::{self, Exception, WriteContext};
use crate::storage::db::{Conn, Session, Snapshot, Tx};
use crate::storage::facts;

impl BackOffice {
    /// A connection to read from, if the operator is still signed in.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`], or when the database cannot be read.
    pub(crate) async fn read(&self) -> Result<Conn, ServiceError> {
        let mut conn = self.db.read().await?;
        self.principal(&mut conn).await?;
        Ok(conn)
    }

    /// [`BackOffice::read`] and, in the same statement, the facts of the Client Center site that users are judged at;
    /// `None` when there is no such site.
    ///
    /// # Errors
    /// As [`BackOffice::read`].
    pub(crate) async fn read_at(
        &self,
        site: Option<RecordId>,
    ) -> Result<(Conn, Option<SiteFacts>), ServiceError> {
        let Some(site) = site else { return Ok((self.read().await?, None)) };
        let mut conn = self.db.read().await?;
        let (principal, site) = principal_and_site(&mut conn, &self.world, &self.token, site).await?;
        of_back_office(principal)?;
        Ok((conn, site))
    }

    /// A snapshot to read from, as [`BackOffice::read_at`] gives a connection.
    ///
    /// # Errors
    /// As [`BackOffice::read`].
    pub(crate) async fn snapshot_at(
        &self,
        site: Option<RecordId>,
    ) -> Result<(Snapshot, Option<SiteFacts>), ServiceError> {
        let mut snapshot = self.db.snapshot().await?;
        let Some(site) = site else {
            self.principal(&mut snapshot).await?;
            return Ok((snapshot, None));
        };
        let (principal, site) = principal_and_site(&mut snapshot, &self.world, &self.token, site).await?;
        of_back_office(principal)?;
        Ok((snapshot, site))
    }

    /// A transaction for the next change, if the operator is still signed in.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`], or when the database cannot be written.
    pub(crate) async fn begin(&self) -> Result<Tx, ServiceError> {
        Ok(self.begin_as().await?.0)
    }

    /// [`BackOffice::begin`], and the operator's account as it is stored now: the operator may be an administrator by
    /// now, or none any more.
    ///
    /// # Errors
    /// As [`BackOffice::begin`].
    pub(crate) async fn begin_as(&self) -> Result<(Tx, Principal), ServiceError> {
        let mut tx = self.db.begin().await?;
        let principal = self.principal(&mut tx).await?;
        Ok((tx, principal))
    }

    /// A transaction for what only administrators may do to the record `id`; `None` for a new record.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] with the sentence for every other operator, and as [`BackOffice::begin`].
    pub(crate) async fn begin_as_admin(
        &self,
        sentence: &'static str,
        entity: &'static EntityDef,
        id: Option<RecordId>,
    ) -> Result<Tx, ServiceError> {
        let (tx, principal) = self.begin_as().await?;
        if principal.is_admin {
            return Ok(tx);
        }
        drop(tx);
        Err(self.refused(entity, id, sentence).await)
    }

    /// Refuses a draft that the operator may not save: administrators may save everything but an external access of
    /// their own login, other operators what belongs to reviewing and repairing, unless it opens Client Centers to their
    /// own login (`docs/promises.md`, 7). The draft has to be on top of the stored record. Returns the transaction, which
    /// a refusal ends.
    ///
    /// # Errors
    /// [`ServiceError::Denied`].
    pub(super) async fn authorise(
        &self,
        mut tx: Tx,
        who: &Principal,
        draft: &Draft,
    ) -> Result<Tx, ServiceError> {
        let Some(barred) = self.denial(&mut tx, who, draft).await? else { return Ok(tx) };
        drop(tx);
        Err(self.refused(draft.entity, draft.stored_id(), barred).await)
    }

    /// The sentence with which [`BackOffice::authorise`] refuses a draft; `None` when the operator may save it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn denial(
        &self,
        s: &mut Session,
        who: &Principal,
        draft: &Draft,
    ) -> Result<Option<&'static str>, ServiceError> {
        let barred = rights::draft_denial(draft).filter(|_| !who.is_admin);
        match (barred, rights::granted_to(draft)) {
            (None, Some(grantee)) => self.own_grant_denial(s, who, grantee).await,
            (barred, _) => Ok(barred),
        }
    }

    /// The refusal for an operator who opens a Client Center to `grantee`; `None` when that is somebody else, or an
    /// administrator does it otherwise than by an external access.
    async fn own_grant_denial(
        &self,
        s: &mut Session,
        who: &Principal,
        grantee: Grantee,
    ) -> Result<Option<&'static str>, ServiceError> {
        let user = self.token.user;
        let own = match grantee {
            Grantee::User(_) => OwnRecords { user, person: None, parent_party: None },
            Grantee::Person(_) | Grantee::Party(_) if who.is_admin => return Ok(None),
            Grantee::Person(_) | Grantee::Party(_) => facts::own_records(s, user).await?,
        };
        Ok(rights::own_grant_denial(grantee, &own))
    }

    async fn principal(&self, s: &mut Session) -> Result<Principal, ServiceError> {
        of_back_office(principal(s, &self.world, &self.token).await?)
    }

    /// Writes a refusal into the history of the record concerned, or of the operator's user for a new record (`id` is
    /// `None`), and returns [`ServiceError::Denied`] with the sentence. It uses a transaction of its own: the caller
    /// drops its transaction before, or both would wait for each other.
    pub(crate) async fn refused(
        &self,
        entity: &'static EntityDef,
        id: Option<RecordId>,
        sentence: impl Into<String>,
    ) -> ServiceError {
        let sentence = sentence.into();
        self.note_refusal(entity, id, &sentence).await;
        ServiceError::Denied(sentence)
    }

    /// Runs a step and returns its result. A refusal that holds for everybody is written into the history of the record
    /// (`docs/promises.md`, 9).
    pub(crate) async fn recording_refusals<T>(
        &self,
        entity: &'static EntityDef,
        id: Option<RecordId>,
        step: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, ServiceError> {
        let result = step.await;
        if let Err(refused) = &result
            && let Some(why) = refused.forbids()
        {
            self.note_refusal(entity, id, why).await;
        }
        result
    }

    /// Writes a refusal into history. It stays a refusal when that fails, which the log then says.
    async fn note_refusal(&self, entity: &'static EntityDef, id: Option<RecordId>, sentence: &str) {
        if let Err(error) = self.write_refusal(entity, id, sentence).await {
            tracing::warn!("a refusal could not be written into history: {error}");
        }
    }

    async fn write_refusal(
        &self,
        entity: &'static EntityDef,
        id: Option<RecordId>,
        sentence: &str,
    ) -> Result<(), ServiceError> {
        let (entity, id) = id.map_or((&user::USER, self.who.operator), |id| (entity, id));
        let mut tx = self.db.begin().await?;
        // An operation of its own: the refused one wrote nothing.
        let context = WriteContext::new(&self.world, &self.who.login, &self.who.language);
        write::note(&mut tx, &context, entity, id, HistoryAction::Refused, sentence).await?;
        write::commit(tx, &self.db, &context, "Refused").await
    }
}

/// The most characters of a reason.
const LONGEST_REASON: usize = 254;

/// The reason without blanks at either end.
///
/// # Errors
/// [`ServiceError::Invalid`] for a reason that is too long or cannot be stored, and with the sentence `none` for an
/// empty one.
pub(super) fn checked_reason<'a>(reason: &'a str, none: &str) -> Result<&'a str, ServiceError> {
    let reason = text::trim(reason);
    let sentence = match reason.chars().count() {
        0 => none.to_owned(),
        length if length > LONGEST_REASON => {
            format!("The reason takes at most {LONGEST_REASON} characters; this has {length}.")
        }
        _ if reason.contains('\0') => "The reason must not contain the character NUL; remove it.".to_owned(),
        _ => return Ok(reason),
    };
    Err(ServiceError::Invalid(vec![Issue::whole(sentence)]))
}

/// What becomes of a change that needs an administrator and a reason.
///
/// # Errors
/// [`ServiceError::Invalid`] for a reason that is empty, too long or cannot be stored.
pub(super) fn exception<'a>(who: &Principal, reason: Option<&'a str>) -> Result<Exception<'a>, ServiceError> {
    Ok(match reason {
        _ if !who.is_admin => Exception::Refused,
        None => Exception::WantsReason,
        Some(reason) => Exception::Made(checked_reason(reason, "Say why the owner's access changes.")?),
    })
}

/// The principal, who has to be an internal user still.
///
/// # Errors
/// [`ServiceError::SignedOut`].
fn of_back_office(principal: Principal) -> Result<Principal, ServiceError> {
    if principal.user_type == UserType::InternalUser {
        return Ok(principal);
    }
    let sentence = "This login is not one of the back office any more.";
    Err(ServiceError::SignedOut(sentence.to_owned()))
}

//! Sessions: each step of one is judged anew (`docs/promises.md` 6).

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::codes::{SiteFacts, UserType};
use crate::domain::entities::user;
use crate::domain::model::history::HistoryAction;
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId};
use crate::service::back_office::{BackOffice, COMMAND_LINE};
use crate::service::write::{self, WriteContext};
use crate::service::{ServiceError, World};
use crate::storage::credentials::{self, SessionAccount};
use crate::storage::db::{Conn, Session, Tx};
use crate::storage::facts;

/// What a signed-in person holds. It is judged at every step of the session and ends when the login is switched off or
/// has another password, or when the session has lasted too long (`docs/promises.md` 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionToken {
    /// The user who signed in.
    pub user: RecordId,
    /// The serial number of the password signed in with; `None` where none was asked for: for commands, which whoever
    /// holds the database may run, and in the demo company.
    pub serial: Option<i64>,
    /// When the session began.
    pub since: Timestamp,
}

/// The user of the commands' token ([`BackOffice::for_command_line`]): none, as no login stands behind them.
pub(in crate::service) const NOBODY: RecordId = RecordId(Uuid::nil());

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
    /// May do everything in the back office.
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

    /// A transaction for the next change, if the operator is still signed in.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`], or when the database cannot be written.
    pub(crate) async fn begin(&self) -> Result<Tx, ServiceError> {
        Ok(self.begin_as().await?.0)
    }

    /// [`BackOffice::begin`], with what the operator is now: who is an administrator may have changed.
    pub(crate) async fn begin_as(&self) -> Result<(Tx, Principal), ServiceError> {
        let mut tx = self.db.begin().await?;
        let principal = self.principal(&mut tx).await?;
        Ok((tx, principal))
    }

    /// A transaction for what only administrators may do to a record; everybody else is told the sentence.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] for everybody else.
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

    async fn principal(&self, s: &mut Session) -> Result<Principal, ServiceError> {
        of_back_office(principal(s, &self.world, &self.token).await?)
    }

    /// Refuses something, and writes that into the history of the record concerned; of a new one, into that of
    /// the operator. A transaction of the caller has to be given up before.
    pub(crate) async fn refused(
        &self,
        entity: &'static EntityDef,
        id: Option<RecordId>,
        sentence: impl Into<String>,
    ) -> ServiceError {
        let sentence = sentence.into();
        match self.note_refusal(entity, id, &sentence).await {
            Ok(()) => ServiceError::Denied(sentence),
            Err(error) => error,
        }
    }

    /// Takes a step; when it is refused because nobody may do that, the history of the record says so (promise 9).
    pub(crate) async fn recording_refusals<T>(
        &self,
        entity: &'static EntityDef,
        id: Option<RecordId>,
        step: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, ServiceError> {
        let taken = step.await;
        if let Err(refused) = &taken
            && let Some(why) = refused.forbids()
        {
            self.note_refusal(entity, id, why).await?;
        }
        taken
    }

    async fn note_refusal(
        &self,
        entity: &'static EntityDef,
        id: Option<RecordId>,
        sentence: &str,
    ) -> Result<(), ServiceError> {
        let (entity, id) = id.map_or((&user::USER, self.who.operator), |id| (entity, id));
        let mut tx = self.db.begin().await?;
        // Not the operation that was refused, which wrote nothing.
        let context = WriteContext::new(&self.world, &self.who.login, &self.who.language);
        write::note(&mut tx, &context, entity, id, HistoryAction::Refused, sentence).await?;
        write::commit(tx, &self.db, context.operation).await
    }
}

/// Refuses whoever is no operator any more.
fn of_back_office(principal: Principal) -> Result<Principal, ServiceError> {
    if principal.user_type == UserType::InternalUser {
        return Ok(principal);
    }
    let sentence = "This login is not one of the back office any more.";
    Err(ServiceError::SignedOut(sentence.to_owned()))
}

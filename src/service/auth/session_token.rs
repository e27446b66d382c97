//! What a session is worth at each of its steps (promise 6).

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::codes::UserType;
use crate::domain::entities::user;
use crate::domain::model::history::HistoryAction;
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId};
use crate::service::back_office::{BackOffice, COMMAND_LINE};
use crate::service::write::{self, WriteContext};
use crate::service::{ServiceError, World};
use crate::storage::credentials::{self, Account};
use crate::storage::db::{Conn, Session, Tx};

/// What somebody holds who has come in. Every step shows it again: it is worth nothing once the login is switched
/// off, has another password, or the time is over (promise 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionToken {
    /// Whose.
    pub user: RecordId,
    /// Which of the login's passwords opened the door; `None` where whoever holds the database needs none.
    pub serial: Option<i64>,
    /// Since when.
    pub since: Timestamp,
}

/// Whose pass commands show ([`BackOffice::for_command_line`]): nobody's, as no user stands behind them.
pub(in crate::service) const NOBODY: RecordId = RecordId(Uuid::nil());

/// Who stands behind a pass, as of now.
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
    fn of(account: &Account) -> Self {
        // In lower case, as the languages of texts are.
        let language = account.language.as_deref().unwrap_or(FALLBACK_LANGUAGE).to_lowercase();
        Self {
            login: account.login.clone(),
            name: account.name.text(&language).to_owned(),
            language,
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

/// Who stands behind a pass.
///
/// # Errors
/// [`ServiceError::SignedOut`] when it is worth nothing any more.
pub(crate) async fn principal(
    s: &mut Session,
    world: &World,
    token: &SessionToken,
) -> Result<Principal, ServiceError> {
    if token.user == NOBODY && token.serial.is_none() {
        return Ok(Principal::for_command_line());
    }
    let signed_out = |sentence: &str| Err(ServiceError::SignedOut(sentence.to_owned()));
    let Some(account) = credentials::account(s, token.user).await? else {
        return signed_out("This login is not there any more.");
    };
    if !account.active {
        return signed_out("This login was switched off.");
    }
    if !account.user_type.can_sign_in() {
        return signed_out("This login is of a type that cannot sign in any more.");
    }
    if let Some(serial) = token.serial {
        if account.password.as_ref().map(|password| password.serial) != Some(serial) {
            return signed_out("The password was changed; sign in again.");
        }
        let session = world.policy.session;
        if (world.now)() >= token.since + session {
            let hours = session.as_hours();
            return signed_out(&format!("The session has lasted {hours} hours; sign in again."));
        }
    }
    Ok(Principal::of(&account))
}

impl BackOffice {
    /// A connection for the next look, if the operator is still signed in.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`], or when the database cannot be read.
    pub(crate) async fn read(&self) -> Result<Conn, ServiceError> {
        let mut conn = self.db.read().await?;
        self.principal(&mut conn).await?;
        Ok(conn)
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
        let principal = principal(s, &self.world, &self.token).await?;
        if principal.user_type != UserType::InternalUser {
            let sentence = "This login is not one of the back office any more.";
            return Err(ServiceError::SignedOut(sentence.to_owned()));
        }
        Ok(principal)
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
        Ok(tx.commit().await?)
    }
}

//! A front's session with the service: who is signed in; answers requests.

use std::sync::{PoisonError, RwLock};

use crate::domain::account_request::Source;
use crate::domain::codes::Code;
use crate::service::auth::{self, Origin, Secret, SessionToken, SignInOutcome};
use crate::service::back_office::requests::{self, AccountForm};
use crate::service::back_office::{self, BackOffice, SignedIn, SiteChoice};
use crate::service::client_center::{self, ClientCenter, GateOutcome, Visit, Visitor};
use crate::service::{ServiceError, World};
use crate::storage::db::Db;

/// The result of a Client Center sign-in with a right password.
#[derive(Clone, Debug, PartialEq)]
pub enum GateAnswer {
    /// The visitor is let in.
    Admitted(Box<Visitor>),
    /// The account is not active: the lowest code that failed, and nothing else.
    NotActive(Code),
}

/// One front's session. Shared between the requests that are answered at the same time: each works with the state
/// as it was when the request came, and changes it only if the session is still that of the same token.
pub struct ServiceSession {
    db: Db,
    world: World,
    origin: Origin,
    source: Source,
    state: RwLock<SessionState>,
}

/// Who is signed in.
#[derive(Clone)]
enum SessionState {
    SignedOut,
    BackOffice(Box<BackOffice>),
    Visit(Box<Visit>),
}

impl SessionState {
    fn token(&mut self) -> Option<&mut SessionToken> {
        match self {
            Self::SignedOut => None,
            Self::BackOffice(back_office) => Some(&mut back_office.token),
            Self::Visit(visit) => Some(&mut visit.token),
        }
    }
}

impl ServiceSession {
    /// A session in which nobody is signed in, of a front of the kind `source`. Wrong passwords are counted for
    /// `origin`.
    pub fn new(db: Db, world: World, origin: Origin, source: Source) -> Self {
        Self { db, world, origin, source, state: RwLock::new(SessionState::SignedOut) }
    }

    /// A session in which an operator is signed in already.
    pub fn of_operator(back_office: BackOffice, origin: Origin, source: Source) -> Self {
        let (db, world) = (back_office.db.clone(), back_office.world.clone());
        Self {
            db,
            world,
            origin,
            source,
            state: RwLock::new(SessionState::BackOffice(Box::new(back_office))),
        }
    }

    /// Chooses the site for which users are judged.
    pub fn choose_site(&self, choice: &SiteChoice) {
        if let SessionState::BackOffice(back_office) =
            &mut *self.state.write().unwrap_or_else(PoisonError::into_inner)
        {
            back_office.who.site = Some(choice.site.clone());
            back_office.who.enterprise_company.clone_from(&choice.enterprise_company);
        }
    }

    fn state(&self) -> SessionState {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_state(&self, state: SessionState) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Changes the state if it is still that of this token: an answer that comes after a sign-out changes nothing,
    /// also when somebody else has signed in meanwhile.
    fn change_state(&self, of: &SessionToken, change: impl FnOnce(&mut SessionState)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.token().is_some_and(|held| held == of) {
            change(&mut state);
        }
    }

    fn renew_token(&self, of: &SessionToken, token: SessionToken) {
        self.change_state(of, |state| {
            if let Some(held) = state.token() {
                *held = token;
            }
        });
    }

    /// The back office of the operator who is signed in.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] when none is.
    pub(super) fn back_office(&self) -> Result<Box<BackOffice>, ServiceError> {
        match self.state() {
            SessionState::BackOffice(back_office) => Ok(back_office),
            SessionState::SignedOut => Err(sign_in_first()),
            SessionState::Visit(_) => {
                Err(ServiceError::Denied("This can be done in the back office only.".to_owned()))
            }
        }
    }

    /// The visit of the visitor who is signed in.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] when none is.
    pub(super) fn visit(&self) -> Result<Box<Visit>, ServiceError> {
        match self.state() {
            SessionState::Visit(visit) => Ok(visit),
            SessionState::SignedOut => Err(sign_in_first()),
            SessionState::BackOffice(_) => {
                Err(ServiceError::Denied("This can be done in a Client Center only.".to_owned()))
            }
        }
    }

    /// Stores the customer the visitor has chosen, if the session still has this token.
    pub(super) fn visitor_chose(&self, of: &SessionToken, visitor: Visitor) {
        self.change_state(of, |state| {
            if let SessionState::Visit(visit) = state {
                visit.who = visitor;
            }
        });
    }

    fn signed_in(&self, back_office: BackOffice) -> SignedIn {
        let who = back_office.who.clone();
        self.set_state(SessionState::BackOffice(Box::new(back_office)));
        who
    }

    /// Ends the session; nothing but a sign-in is answered after it.
    pub(super) fn sign_out(&self) -> Result<(), ServiceError> {
        self.set_state(SessionState::SignedOut);
        Ok(())
    }

    /// Whether the database has an operator; without one, the first administrator is to be created.
    pub(super) async fn operators_exist(&self) -> Result<bool, ServiceError> {
        back_office::operators_exist(&self.db).await
    }

    /// The active Client Center sites.
    pub(super) async fn client_centers(&self) -> Result<Vec<ClientCenter>, ServiceError> {
        client_center::client_centers(&self.db).await
    }

    /// Creates the first administrator and signs in as that user.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] with what is wrong with login, name or password; [`ServiceError::Denied`] when there is an
    /// operator already.
    pub(super) async fn create_first_operator(
        &self,
        login: &str,
        name: &str,
        password: &Secret,
    ) -> Result<SignedIn, ServiceError> {
        let back_office = back_office::first_operator(&self.db, &self.world, login, name, password).await?;
        Ok(self.signed_in(back_office))
    }

    /// Signs an operator in to the back office.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] with one sentence, whatever was wrong.
    pub(super) async fn sign_in(
        &self,
        login: &str,
        password: &Secret,
    ) -> Result<SignInOutcome<SignedIn>, ServiceError> {
        Ok(match back_office::sign_in(&self.db, &self.world, &self.origin, login, password).await? {
            SignInOutcome::Granted(back_office) => SignInOutcome::Granted(self.signed_in(back_office)),
            SignInOutcome::ChoosePassword => SignInOutcome::ChoosePassword,
        })
    }

    /// Signs a user in to a Client Center site; the codes CC002 to CC010 decide.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] with one sentence, whatever was wrong.
    pub(super) async fn enter(
        &self,
        center: &ClientCenter,
        login: &str,
        password: &Secret,
    ) -> Result<SignInOutcome<GateAnswer>, ServiceError> {
        let site = center.site.id;
        let entered =
            client_center::enter(&self.db, &self.world, &self.origin, site, login, password).await?;
        Ok(match entered {
            SignInOutcome::Granted(GateOutcome::Admitted(visit)) => {
                let visitor = Box::new(visit.who.clone());
                self.set_state(SessionState::Visit(visit));
                SignInOutcome::Granted(GateAnswer::Admitted(visitor))
            }
            SignInOutcome::Granted(GateOutcome::NotActive(code)) => {
                SignInOutcome::Granted(GateAnswer::NotActive(code))
            }
            SignInOutcome::ChoosePassword => SignInOutcome::ChoosePassword,
        })
    }

    /// Submits a request for an account.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] with what is wrong with the form.
    pub(super) async fn create_account(&self, form: &AccountForm) -> Result<(), ServiceError> {
        requests::create_account(&self.db, &self.world, &self.origin, self.source, form).await
    }

    /// Sets a new password with a one-time code.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] for a wrong code, [`ServiceError::Invalid`] for a password that is not allowed.
    pub(super) async fn choose_password(
        &self,
        login: &str,
        code: &Secret,
        new: &Secret,
    ) -> Result<(), ServiceError> {
        auth::choose_password(&self.db, &self.world, &self.origin, login, code, new).await
    }

    /// Changes the password of whoever is signed in, and renews the session.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] for a wrong current password, [`ServiceError::Invalid`] for a new one that is not allowed.
    pub(super) async fn change_password(&self, current: &Secret, new: &Secret) -> Result<(), ServiceError> {
        let token = self.state().token().cloned().ok_or_else(sign_in_first)?;
        let renewed =
            auth::change_password(&self.db, &self.world, &self.origin, &token, current, new).await?;
        self.renew_token(&token, renewed);
        Ok(())
    }

    /// Checks the password of whoever is signed in again, and renews the session.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] for a wrong password.
    pub(super) async fn unlock(&self, password: &Secret) -> Result<(), ServiceError> {
        let back_office = self.back_office()?;
        let renewed =
            auth::unlock(&self.db, &self.world, &self.origin, &back_office.who.login, password).await?;
        if renewed.user != back_office.token.user {
            let sentence = "This login is somebody else's by now; leave, and sign in anew.";
            return Err(ServiceError::Denied(sentence.to_owned()));
        }
        self.renew_token(&back_office.token, renewed);
        Ok(())
    }
}

fn sign_in_first() -> ServiceError {
    ServiceError::Denied("Sign in first.".to_owned())
}

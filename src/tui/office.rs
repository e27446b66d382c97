//! The service behind the console: each [`Request`] is one call of it.

use std::sync::{PoisonError, RwLock};

use crate::domain::account_request::Source;
use crate::service::auth::{self, Origin, SessionToken, SignInOutcome, SiteChoice};
use crate::service::back_office::{BackOffice, requests};
use crate::service::client_center::{self, GateOutcome, Visit};
use crate::service::{ServiceError, World};
use crate::storage::db::Db;
use crate::tui::message::{Reply, Request};
use crate::tui::runtime::Answer;

/// How many entries of a record's history are read at once.
const HISTORY_PAGE: usize = 100;

/// The database, and the place of whoever has come in.
pub struct Office {
    db: Db,
    world: World,
    from: Origin,
    seat: RwLock<Seat>,
}

/// Who is served.
#[derive(Clone)]
enum Seat {
    Empty,
    BackOffice(Box<BackOffice>),
    Visit(Box<Visit>),
}

impl Seat {
    fn token(&mut self) -> Option<&mut SessionToken> {
        match self {
            Self::Empty => None,
            Self::BackOffice(back_office) => Some(&mut back_office.token),
            Self::Visit(visit) => Some(&mut visit.token),
        }
    }
}

impl Office {
    /// With nobody signed in; sign-ins come from there.
    pub fn new(db: Db, world: World, from: Origin) -> Self {
        Self { db, world, from, seat: RwLock::new(Seat::Empty) }
    }

    /// With somebody at the desk already.
    pub fn at(back_office: BackOffice, from: Origin) -> Self {
        Self {
            db: back_office.db.clone(),
            world: back_office.world.clone(),
            from,
            seat: RwLock::new(Seat::BackOffice(Box::new(back_office))),
        }
    }

    fn seat(&self) -> Seat {
        self.seat.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take_seat(&self, seat: Seat) {
        *self.seat.write().unwrap_or_else(PoisonError::into_inner) = seat;
    }

    /// Changes the seat of whoever holds this pass. Whoever has left meanwhile does not come back by it, and
    /// whoever came after is not put in their place.
    fn change_seat(&self, of: &SessionToken, change: impl FnOnce(&mut Seat)) {
        let mut seat = self.seat.write().unwrap_or_else(PoisonError::into_inner);
        if seat.token().is_some_and(|held| held == of) {
            change(&mut seat);
        }
    }

    fn renew(&self, of: &SessionToken, token: SessionToken) {
        self.change_seat(of, |seat| {
            if let Some(held) = seat.token() {
                *held = token;
            }
        });
    }

    fn back_office(&self) -> Result<BackOffice, ServiceError> {
        match self.seat() {
            Seat::BackOffice(back_office) => Ok(*back_office),
            Seat::Empty | Seat::Visit(_) => Err(sign_in_first()),
        }
    }

    fn sit_down(&self, back_office: BackOffice) -> Reply {
        let reply = Reply::SignedIn(back_office.who.clone());
        self.take_seat(Seat::BackOffice(Box::new(back_office)));
        reply
    }

    /// What a visitor of a Client Center asks.
    async fn at_the_client_center(&self, visit: &Visit, request: Request) -> Result<Reply, ServiceError> {
        Ok(match request {
            Request::Rows(query, page_cursor, limit) => {
                Reply::Rows(visit.rows(&query, &page_cursor, usize::from(limit)).await?)
            }
            Request::Count(query) => Reply::Count(visit.count(&query).await?),
            Request::ChooseClient(customer) => {
                let who = visit.choose(customer).await?;
                let reply = Reply::Visits(Box::new(who.clone()));
                self.change_seat(&visit.token, |seat| {
                    if let Seat::Visit(visit) = seat {
                        visit.who = who;
                    }
                });
                reply
            }
            // The choice stays where it is: another one may be under way.
            Request::CurrentVisitor => Reply::VisitorUpdated(Box::new(visit.principal().await?)),
            Request::Profile => Reply::Profile(visit.profile().await?),
            Request::FindUser(email) => Reply::FoundUser(visit.find_user(&email).await?),
            Request::Manage(managing, asked) => visit.manage(&managing, asked).await.map(|()| Reply::Done)?,
            _ => return Err(ServiceError::Denied("This can be done in the back office only.".to_owned())),
        })
    }
}

/// What an operator asks.
async fn at_the_desk(back_office: &BackOffice, request: Request) -> Result<Reply, ServiceError> {
    Ok(match request {
        Request::Rows(query, page_cursor, limit) => {
            Reply::Rows(back_office.rows(&query, &page_cursor, usize::from(limit)).await?)
        }
        Request::Count(query) => Reply::Count(back_office.count(&query).await?),
        Request::Record(entity, id) => Reply::Record(back_office.record(entity, id).await?),
        Request::NewDraft(draft) => Reply::Draft(back_office.new_draft(draft).await?),
        Request::Consequences(draft, field) => Reply::Draft(back_office.consequences(draft, field).await?),
        Request::Choices(draft, field, text) => Reply::Rows(back_office.choices(&draft, field, &text).await?),
        Request::ChoicesQuery(draft, field) => {
            Reply::ChoicesQuery(back_office.choices_query(&draft, field).await?)
        }
        Request::Sites => Reply::Sites(back_office.sites().await?),
        Request::Codes(draft) => Reply::Codes(back_office.codes(&draft).await?.map(Box::new)),
        Request::History(entity, id, before) => {
            Reply::History(back_office.history(entity, id, before, HISTORY_PAGE).await?)
        }
        Request::Save(draft, asked) => Reply::Saved(back_office.save(&draft, asked).await?),
        Request::IssueReset(user, login) => Reply::ResetCode(login, back_office.issue_reset(user).await?),
        Request::SignInPreview(user) => Reply::SignInPreview(back_office.sign_in_preview(user, None).await?),
        Request::Grant(grants, asked) => back_office.grant(&grants, asked).await.map(|_| Reply::Done)?,
        Request::Remove(entity, id, version) => {
            back_office.remove(entity, id, version).await.map(|()| Reply::Done)?
        }
        Request::Reject(user, reason) => Reply::Saved(back_office.reject(user, &reason).await?),
        Request::Reopen(user) => Reply::Saved(back_office.reopen(user).await?),
        Request::Waiting => Reply::Count(back_office.waiting().await?),
        Request::Blocked => Reply::Blocked(back_office.blocked_by_code().await?),
        _ => return Err(ServiceError::Denied("This can be done in a Client Center only.".to_owned())),
    })
}

/// Nobody is served.
fn sign_in_first() -> ServiceError {
    ServiceError::Denied("Sign in first.".to_owned())
}

impl Answer for Office {
    async fn answer(&self, request: Request) -> Result<Reply, ServiceError> {
        let Self { db, world, from, .. } = self;
        Ok(match request {
            Request::Begin => Reply::Begin { operators_exist: auth::operators_exist(db).await? },
            Request::FirstOperator { login, name, password } => {
                self.sit_down(auth::first_operator(db, world, &login, &name, &password).await?)
            }
            Request::SignIn { login, password } => {
                match auth::sign_in(db, world, from, &login, &password).await? {
                    SignInOutcome::Granted(back_office) => self.sit_down(back_office),
                    SignInOutcome::ChoosePassword => Reply::ChoosePassword,
                }
            }
            Request::ChoosePassword { login, code, new } => {
                auth::choose_password(db, world, from, &login, &code, &new).await?;
                Reply::PasswordChosen
            }
            Request::ClientCenters => Reply::ClientCenters(client_center::client_centers(db).await?),
            Request::Enter { center, login, password } => {
                match client_center::enter(db, world, from, center.site.id, &login, &password).await? {
                    SignInOutcome::Granted(GateOutcome::Admitted(visit)) => {
                        let reply = Reply::Visits(Box::new(visit.who.clone()));
                        self.take_seat(Seat::Visit(visit));
                        reply
                    }
                    SignInOutcome::Granted(GateOutcome::NotActive(code)) => Reply::NotActive(code),
                    SignInOutcome::ChoosePassword => Reply::ChoosePassword,
                }
            }
            Request::CreateAccount(form) => {
                requests::create_account(db, world, from, Source::Console, &form).await?;
                Reply::AccountRequested
            }
            Request::Unlock(password) => {
                let BackOffice { who, token, .. } = self.back_office()?;
                let renewed = auth::unlock(db, world, from, &who.login, &password).await?;
                if renewed.user != token.user {
                    let sentence = "This login is somebody else's by now; leave, and sign in anew.";
                    return Err(ServiceError::Denied(sentence.to_owned()));
                }
                self.renew(&token, renewed);
                Reply::Unlocked
            }
            Request::ChangePassword { so_far, new } => {
                let token = self.seat().token().cloned().ok_or_else(sign_in_first)?;
                self.renew(&token, auth::change_password(db, world, from, &token, &so_far, &new).await?);
                Reply::PasswordChosen
            }
            Request::SignOut => {
                self.take_seat(Seat::Empty);
                Reply::SignedOut
            }
            request => match self.seat() {
                Seat::Empty => return Err(sign_in_first()),
                Seat::BackOffice(back_office) => at_the_desk(&back_office, request).await?,
                Seat::Visit(visit) => self.at_the_client_center(&visit, request).await?,
            },
        })
    }

    fn move_to(&self, site: &SiteChoice) {
        if let Seat::BackOffice(back_office) = &mut *self.seat.write().unwrap_or_else(PoisonError::into_inner)
        {
            back_office.who.site = Some(site.site.clone());
            back_office.who.enterprise_company.clone_from(&site.enterprise_company);
        }
    }
}

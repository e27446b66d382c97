//! The service behind the console: each [`Request`] is one call of it.

use std::sync::{PoisonError, RwLock};

use crate::domain::request::Source;
use crate::service::client_center::{self, Visit, Welcome};
use crate::service::requests;
use crate::service::session::{self, Entered, Origin, SiteChoice};
use crate::service::{Desk, Pass, ServiceError, World};
use crate::storage::db::Db;
use crate::tui::message::{Reply, Request};
use crate::tui::runtime::Answer;

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
    Desk(Box<Desk>),
    Visit(Box<Visit>),
}

impl Seat {
    fn pass(&mut self) -> Option<&mut Pass> {
        match self {
            Self::Empty => None,
            Self::Desk(desk) => Some(&mut desk.pass),
            Self::Visit(visit) => Some(&mut visit.pass),
        }
    }
}

impl Office {
    /// With nobody signed in; sign-ins come from there.
    pub fn new(db: Db, world: World, from: Origin) -> Self {
        Self { db, world, from, seat: RwLock::new(Seat::Empty) }
    }

    /// With somebody at the desk already.
    pub fn at(desk: Desk, from: Origin) -> Self {
        Self {
            db: desk.db.clone(),
            world: desk.world.clone(),
            from,
            seat: RwLock::new(Seat::Desk(Box::new(desk))),
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
    fn change_seat(&self, of: &Pass, change: impl FnOnce(&mut Seat)) {
        let mut seat = self.seat.write().unwrap_or_else(PoisonError::into_inner);
        if seat.pass().is_some_and(|held| held == of) {
            change(&mut seat);
        }
    }

    fn renew(&self, of: &Pass, pass: Pass) {
        self.change_seat(of, |seat| {
            if let Some(held) = seat.pass() {
                *held = pass;
            }
        });
    }

    fn desk(&self) -> Result<Desk, ServiceError> {
        match self.seat() {
            Seat::Desk(desk) => Ok(*desk),
            Seat::Empty | Seat::Visit(_) => Err(sign_in_first()),
        }
    }

    fn sit_down(&self, desk: Desk) -> Reply {
        let reply = Reply::SignedIn(desk.who.clone());
        self.take_seat(Seat::Desk(Box::new(desk)));
        reply
    }

    /// What a visitor of a Client Center asks.
    async fn at_the_client_center(&self, visit: &Visit, request: Request) -> Result<Reply, ServiceError> {
        Ok(match request {
            Request::Rows(query, stretch, limit) => {
                Reply::Rows(visit.rows(&query, &stretch, usize::from(limit)).await?)
            }
            Request::Count(query) => Reply::Count(visit.count(&query).await?),
            Request::ChooseClient(customer) => {
                let who = visit.choose(customer).await?;
                let reply = Reply::Visits(Box::new(who.clone()));
                self.change_seat(&visit.pass, |seat| {
                    if let Seat::Visit(visit) = seat {
                        visit.who = who;
                    }
                });
                reply
            }
            // The choice stays where it is: another one may be under way.
            Request::Standing => Reply::Stands(Box::new(visit.standing().await?)),
            Request::Profile => Reply::Profile(visit.profile().await?),
            Request::FindUser(email) => Reply::FoundUser(visit.find_user(&email).await?),
            Request::Manage(managing, asked) => visit.manage(&managing, asked).await.map(|()| Reply::Done)?,
            _ => return Err(ServiceError::Denied("This can be done in the back office only.".to_owned())),
        })
    }
}

/// What an operator asks.
async fn at_the_desk(desk: &Desk, request: Request) -> Result<Reply, ServiceError> {
    Ok(match request {
        Request::Rows(query, stretch, limit) => {
            Reply::Rows(desk.rows(&query, &stretch, usize::from(limit)).await?)
        }
        Request::Count(query) => Reply::Count(desk.count(&query).await?),
        Request::Record(entity, id) => Reply::Record(desk.record(entity, id).await?),
        Request::Begun(draft) => Reply::Draft(desk.begun(draft).await?),
        Request::Consequences(draft, field) => Reply::Draft(desk.consequences(draft, field).await?),
        Request::Choices(draft, field, text) => Reply::Rows(desk.choices(&draft, field, &text).await?),
        Request::ChoicesQuery(draft, field) => Reply::ChoicesQuery(desk.choices_query(&draft, field).await?),
        Request::Sites => Reply::Sites(desk.sites().await?),
        Request::Codes(draft) => Reply::Codes(desk.codes(&draft).await?.map(Box::new)),
        Request::History(entity, id) => Reply::History(desk.history(entity, id).await?),
        Request::Save(draft, asked) => Reply::Saved(desk.save(&draft, asked).await?),
        Request::IssueReset(user, login) => Reply::ResetCode(login, desk.issue_reset(user).await?),
        Request::SignInPreview(user) => Reply::SignInPreview(desk.sign_in_preview(user, None).await?),
        Request::Grant(grants, asked) => desk.grant(&grants, asked).await.map(|_| Reply::Done)?,
        Request::Remove(entity, id, version) => {
            desk.remove(entity, id, version).await.map(|()| Reply::Done)?
        }
        Request::Reject(user, reason) => Reply::Saved(desk.reject(user, &reason).await?),
        Request::Reopen(user) => Reply::Saved(desk.reopen(user).await?),
        Request::Waiting => Reply::Count(desk.waiting().await?),
        Request::Blocked => Reply::Blocked(desk.blocked_by_code().await?),
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
            Request::Begin => Reply::Begin { operators_exist: session::operators_exist(db).await? },
            Request::FirstOperator { login, name, password } => {
                self.sit_down(session::first_operator(db, world, &login, &name, &password).await?)
            }
            Request::SignIn { login, password } => {
                match session::sign_in(db, world, from, &login, &password).await? {
                    Entered::In(desk) => self.sit_down(desk),
                    Entered::ChoosePassword => Reply::ChoosePassword,
                }
            }
            Request::ChoosePassword { login, code, new } => {
                session::choose_password(db, world, from, &login, &code, &new).await?;
                Reply::PasswordChosen
            }
            Request::ClientCenters => Reply::ClientCenters(client_center::client_centers(db).await?),
            Request::Enter { center, login, password } => {
                match client_center::enter(db, world, from, center.site.id, &login, &password).await? {
                    Entered::In(Welcome::In(visit)) => {
                        let reply = Reply::Visits(Box::new(visit.who.clone()));
                        self.take_seat(Seat::Visit(visit));
                        reply
                    }
                    Entered::In(Welcome::NotActive(code)) => Reply::NotActive(code),
                    Entered::ChoosePassword => Reply::ChoosePassword,
                }
            }
            Request::CreateAccount(form) => {
                requests::create_account(db, world, from, Source::Console, &form).await?;
                Reply::AccountRequested
            }
            Request::Unlock(password) => {
                let Desk { who, pass, .. } = self.desk()?;
                let renewed = session::unlock(db, world, from, &who.login, &password).await?;
                if renewed.user != pass.user {
                    let sentence = "This login is somebody else's by now; leave, and sign in anew.";
                    return Err(ServiceError::Denied(sentence.to_owned()));
                }
                self.renew(&pass, renewed);
                Reply::Unlocked
            }
            Request::ChangePassword { so_far, new } => {
                let pass = self.seat().pass().cloned().ok_or_else(sign_in_first)?;
                self.renew(&pass, session::change_password(db, world, from, &pass, &so_far, &new).await?);
                Reply::PasswordChosen
            }
            Request::SignOut => {
                self.take_seat(Seat::Empty);
                Reply::SignedOut
            }
            request => match self.seat() {
                Seat::Empty => return Err(sign_in_first()),
                Seat::Desk(desk) => at_the_desk(&desk, request).await?,
                Seat::Visit(visit) => self.at_the_client_center(&visit, request).await?,
            },
        })
    }

    fn move_to(&self, site: &SiteChoice) {
        if let Seat::Desk(desk) = &mut *self.seat.write().unwrap_or_else(PoisonError::into_inner) {
            desk.who.site = Some(site.site.clone());
            desk.who.enterprise_company.clone_from(&site.enterprise_company);
        }
    }
}

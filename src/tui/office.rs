//! The service behind the console: each [`Request`] is one call of it.

use std::sync::{PoisonError, RwLock};

use crate::service::session::{self, SiteChoice};
use crate::service::{Desk, ServiceError, World};
use crate::storage::db::Db;
use crate::tui::message::{Reply, Request};
use crate::tui::runtime::Answer;

/// The database, and the desk of whoever has signed in.
pub struct Office {
    db: Db,
    world: World,
    desk: RwLock<Option<Desk>>,
}

impl Office {
    /// With nobody signed in.
    pub fn new(db: Db, world: World) -> Self {
        Self { db, world, desk: RwLock::new(None) }
    }

    /// With somebody at the desk already.
    pub fn at(desk: Desk) -> Self {
        Self { db: desk.db.clone(), world: desk.world.clone(), desk: RwLock::new(Some(desk)) }
    }

    fn desk(&self) -> Result<Desk, ServiceError> {
        let desk = self.desk.read().unwrap_or_else(PoisonError::into_inner).clone();
        desk.ok_or_else(|| ServiceError::Denied("Sign in first.".to_owned()))
    }

    fn seat(&self, desk: Desk) -> Reply {
        let reply = Reply::SignedIn(desk.who.clone());
        *self.desk.write().unwrap_or_else(PoisonError::into_inner) = Some(desk);
        reply
    }
}

impl Answer for Office {
    async fn answer(&self, request: Request) -> Result<Reply, ServiceError> {
        Ok(match request {
            Request::Begin => Reply::Begin { operators_exist: session::operators_exist(&self.db).await? },
            Request::FirstOperator { login, name, password } => {
                self.seat(session::first_operator(&self.db, &self.world, &login, &name, &password).await?)
            }
            Request::SignIn { login, password } => {
                self.seat(session::sign_in(&self.db, &self.world, &login, &password).await?)
            }
            Request::Rows(query, stretch, limit) => {
                Reply::Rows(self.desk()?.rows(&query, &stretch, usize::from(limit)).await?)
            }
            Request::Count(query) => Reply::Count(self.desk()?.count(&query).await?),
            Request::Record(entity, id) => Reply::Record(self.desk()?.record(entity, id).await?),
            Request::Begun(draft) => Reply::Draft(self.desk()?.begun(draft).await?),
            Request::Consequences(draft, field) => {
                Reply::Draft(self.desk()?.consequences(draft, field).await?)
            }
            Request::Choices(draft, field, text) => {
                Reply::Rows(self.desk()?.choices(&draft, field, &text).await?)
            }
            Request::ChoicesQuery(draft, field) => {
                Reply::ChoicesQuery(self.desk()?.choices_query(&draft, field).await?)
            }
            Request::Sites => Reply::Sites(self.desk()?.sites().await?),
            Request::Codes(draft) => Reply::Codes(self.desk()?.codes(&draft).await?.map(Box::new)),
            Request::History(entity, id) => Reply::History(self.desk()?.history(entity, id).await?),
            Request::Save(draft, asked) => Reply::Saved(self.desk()?.save(&draft, asked).await?),
        })
    }

    fn move_to(&self, site: &SiteChoice) {
        if let Some(desk) = self.desk.write().unwrap_or_else(PoisonError::into_inner).as_mut() {
            desk.who.site = Some(site.site.clone());
            desk.who.enterprise_company.clone_from(&site.enterprise_company);
        }
    }
}

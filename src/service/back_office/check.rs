//! The codes of many users for `ccdesk check` (`docs/codes.md`, Command line).

use std::sync::Arc;

use thiserror::Error;

use crate::domain::codes::{Diagnosis, SiteFacts, UserFacts};
use crate::domain::entities::user;
use crate::domain::entities::user::UserType;
use crate::domain::model::query::{Filter, Key, ListQuery, PageCursor, Sort};
use crate::domain::model::text;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Value};
use crate::service::back_office::diagnosis::judge;
use crate::service::{ServiceError, World};
use crate::storage::db::{Db, Session};
use crate::storage::error::StorageError;
use crate::storage::records::{self, FindBy};
use crate::storage::{facts, list};

/// The most users that are judged at a time.
const PAGE: usize = 500;

/// The diagnosis of one user at one site.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The user's login.
    pub login: String,
    /// The site.
    pub site: Arc<SiteFacts>,
    /// The codes and warnings.
    pub diagnosis: Diagnosis,
}

/// Why a check could not run.
#[derive(Debug, Error)]
pub enum CheckError {
    /// No user has that login.
    #[error("no user has the login “{0}”; check its spelling")]
    UnknownLogin(String),
    /// No Client Center site has that relative URL.
    #[error("there is no Client Center site “{site}”; there are: {known}")]
    UnknownSite {
        /// The URL that was given.
        site: String,
        /// The URLs that exist, joined by commas, or `none`.
        known: String,
    },
    /// No site was named, and none is active.
    #[error("there is no active Client Center site; name another one with --site")]
    NoSite,
    /// The database could not be read.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StorageError> for CheckError {
    fn from(error: StorageError) -> Self {
        Self::Service(error.into())
    }
}

/// A cursor over the users to be judged. Memory holds one page, however many there are.
pub struct Check {
    db: Db,
    world: World,
    sites: Vec<Arc<SiteFacts>>,
    rest: Rest,
}

/// The users who are not judged yet.
enum Rest {
    /// These users.
    Listed(Vec<RecordId>),
    /// Every external user after this position in the order of logins.
    External(PageCursor),
    Nobody,
}

impl Check {
    /// Begins a check of the users of `logins`, or of every external user if there are none, at the Client Center with
    /// the name `site`, or at every active one.
    ///
    /// # Errors
    /// [`CheckError`] for an unknown login or site, and when no site is active.
    pub async fn begin(
        db: &Db,
        world: &World,
        logins: &[String],
        site: Option<&str>,
    ) -> Result<Self, CheckError> {
        let mut conn = db.read().await?;
        let sites = sites(&mut conn, site).await?;
        let mut listed = Vec::with_capacity(logins.len());
        for login in logins {
            listed.push(user_of(&mut conn, login).await?);
        }
        let rest = if logins.is_empty() { Rest::External(PageCursor::First) } else { Rest::Listed(listed) };
        Ok(Self { db: db.clone(), world: world.clone(), sites, rest })
    }

    /// The findings of the next 500 users at most, each at every site; empty at the end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next_page(&mut self) -> Result<Vec<Finding>, ServiceError> {
        let users = self.next_users().await?;
        let mut findings = Vec::with_capacity(users.len() * self.sites.len());
        for user in users {
            for site in &self.sites {
                let judged = judge(&self.world, user.clone(), Arc::clone(site));
                let (login, site) = (user.login.clone(), Arc::clone(site));
                findings.push(Finding { login, site, diagnosis: judged.diagnosis });
            }
        }
        Ok(findings)
    }

    async fn next_users(&mut self) -> Result<Vec<UserFacts>, ServiceError> {
        let mut conn = self.db.read().await?;
        let ids: Vec<RecordId> = match &mut self.rest {
            Rest::Nobody => Vec::new(),
            Rest::Listed(ids) => ids.drain(..ids.len().min(PAGE)).collect(),
            Rest::External(page_cursor) => {
                let page =
                    list::page(&mut conn, &external_users(), None, page_cursor, PAGE, FALLBACK_LANGUAGE)
                        .await?;
                let last: Option<Key> = page.rows.last().map(|row| row.key.clone());
                self.rest = match last.filter(|_| page.more_after) {
                    Some(key) => Rest::External(PageCursor::After(key)),
                    None => Rest::Nobody,
                };
                page.rows.iter().map(|row| row.id).collect()
            }
        };
        Ok(facts::users(&mut conn, &ids, FALLBACK_LANGUAGE).await?)
    }
}

fn external_users() -> ListQuery {
    ListQuery {
        columns: Vec::new(),
        filters: vec![Filter::OneOf(&user::USER_TYPE.def, vec![UserType::ExternalCommunityUser.into()])],
        sort: vec![Sort { field: &user::LOGIN.def, descending: false }],
        ..ListQuery::all(&user::USER)
    }
}

/// The user of a login, ignoring case.
pub(crate) async fn user_of(s: &mut Session, login: &str) -> Result<RecordId, CheckError> {
    let value = Value::text(login);
    let found = records::find(s, &user::USER, FindBy::Field(&user::LOGIN.def, &value)).await?;
    found.ok_or_else(|| CheckError::UnknownLogin(login.to_owned()))
}

/// The Client Center site with the name `named` (a relative URL, or the host of a site without one), active or not;
/// without it, every active Client Center site.
pub(crate) async fn sites(s: &mut Session, named: Option<&str>) -> Result<Vec<Arc<SiteFacts>>, CheckError> {
    let mut all = facts::client_center_sites(s, FALLBACK_LANGUAGE).await?;
    let known: Vec<String> = all.iter().map(|site| site.name.clone()).collect();
    match named.map(text::key) {
        Some(key) => all.retain(|site| text::key(&site.name) == key),
        None => all.retain(|site| site.active),
    }
    match named {
        _ if !all.is_empty() => Ok(all.into_iter().map(Arc::new).collect()),
        None => Err(CheckError::NoSite),
        Some(named) => {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Err(CheckError::UnknownSite { site: named.to_owned(), known })
        }
    }
}

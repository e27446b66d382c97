//! Judging many users at once, for reports: page by page, so that a million take no more memory than one.

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

/// How many users are read at a time.
const PAGE: usize = 500;

/// One user at one site.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The login.
    pub login: String,
    /// Where it would sign in.
    pub site: Arc<SiteFacts>,
    /// What is missing.
    pub diagnosis: Diagnosis,
}

/// Why nothing could be judged.
#[derive(Debug, Error)]
pub enum CheckError {
    /// No user has that login.
    #[error("no user has the login “{0}”; check its spelling")]
    UnknownLogin(String),
    /// There is no such site, or it is none of a Client Center.
    #[error("there is no Client Center site “{site}”; there are: {known}")]
    UnknownSite {
        /// What was asked for.
        site: String,
        /// Those that exist.
        known: String,
    },
    /// No site to judge for.
    #[error("there is no active Client Center site; name another one with --site")]
    NoSite,
    /// The database could not answer.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StorageError> for CheckError {
    fn from(error: StorageError) -> Self {
        Self::Service(error.into())
    }
}

/// Users still to be judged.
pub struct Check {
    db: Db,
    world: World,
    sites: Vec<Arc<SiteFacts>>,
    rest: Rest,
}

enum Rest {
    /// These.
    Listed(Vec<RecordId>),
    /// Every external user behind this place in the order of logins.
    External(PageCursor),
    Nobody,
}

impl Check {
    /// Looks up who is to be judged, and where: without logins every external user, without a site every
    /// active one of a Client Center.
    ///
    /// # Errors
    /// [`CheckError`]: then nothing is judged at all.
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

    /// The next users, each at every site; empty when all are judged.
    ///
    /// # Errors
    /// When the database cannot be read any further.
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

/// The Client Center site of that relative URL, active or not; without one, every active site.
pub(crate) async fn sites(s: &mut Session, named: Option<&str>) -> Result<Vec<Arc<SiteFacts>>, CheckError> {
    let mut all = facts::client_center_sites(s, FALLBACK_LANGUAGE).await?;
    let known: Vec<String> = all.iter().map(|site| site.relative_url.clone()).collect();
    match named.map(text::key) {
        Some(key) => all.retain(|site| text::key(&site.relative_url) == key),
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

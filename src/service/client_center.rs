//! The Client Center as an external user has it: the gate, the customer that was chosen, and who else may see its
//! data (`codes.md`, Sign-in; `domain.md`, roles).

use jiff::civil::Date;

use crate::domain::access::{Code, Place, Role, Rules};
use crate::domain::navigate::{Page, Query, Stretch};
use crate::domain::value::{RecordId, Reference, Version};
use crate::service::session::{Entered, Origin, Secret};
use crate::service::{Desk, Pass, ServiceError, World};
use crate::storage::db::Db;

/// A Client Center as its sign-in shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCenter {
    /// The web site, shown by its relative URL.
    pub site: Reference,
    /// The name of its enterprise company; empty when it has none.
    pub company: String,
    /// Its rule set.
    pub rules: Rules,
}

/// A customer whose data a visitor may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The customer, shown as `Olivia Green #00028`.
    pub customer: Reference,
    /// What the visitor may do; `None` at a site of version 24, which knows no roles.
    pub role: Option<Role>,
    /// How many days back the visitor sees; `None` is unlimited.
    pub days_back: Option<i64>,
    /// The oldest date that this shows today; `None` is unlimited.
    pub oldest: Option<Date>,
}

impl Client {
    /// The places that are open here, in the order of the menu.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        Place::ALL.into_iter().filter(|place| place.is_open_to(self.role))
    }
}

/// Who visits a Client Center.
#[derive(Clone, Debug, PartialEq)]
pub struct Visitor {
    /// The name signed in with.
    pub login: String,
    /// The name shown.
    pub name: String,
    /// The language of texts.
    pub language: String,
    /// Where.
    pub center: ClientCenter,
    /// The customers to choose from; never empty.
    pub clients: Vec<Client>,
    /// The customer whose data are shown; `None` until one of several is chosen.
    pub client: Option<Client>,
}

/// What comes of a right password at a Client Center.
pub enum Welcome {
    /// Account not active: the lowest code that failed, and nothing else.
    NotActive(Code),
    /// In.
    In(Box<Visit>),
}

/// The service as one visitor of a Client Center has it. Every step judges anew whether the visitor is still let
/// in, and to what: nothing here is trusted because it was true at the sign-in.
#[derive(Clone)]
pub struct Visit {
    /// Where the records are.
    pub db: Db,
    /// The time and new identities.
    pub world: World,
    /// Who visits.
    pub who: Visitor,
    /// With what right.
    pub pass: Pass,
}

/// The Client Centers that answer.
///
/// # Errors
/// When the database cannot be read.
pub async fn client_centers(_db: &Db) -> Result<Vec<ClientCenter>, ServiceError> {
    Ok(Vec::new())
}

/// The Client Center of that relative URL.
///
/// # Errors
/// [`ServiceError::Denied`] when there is none that answers, with those that do.
pub async fn client_center(_db: &Db, url: &str) -> Result<ClientCenter, ServiceError> {
    Err(ServiceError::Denied(format!("There is no Client Center “{url}”.")))
}

/// Signs in to a Client Center (`codes.md`, Sign-in).
///
/// # Errors
/// [`ServiceError::Denied`] with one and the same sentence, whatever was wrong with login or password.
pub async fn enter(
    _db: &Db,
    _world: &World,
    _from: &Origin,
    _site: RecordId,
    _login: &str,
    _password: &Secret,
) -> Result<Entered<Welcome>, ServiceError> {
    Err(ServiceError::Denied(String::new()))
}

/// A user found by exact e-mail, to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundUser {
    /// As the user is shown: `Catherine Carter <CC> [EXT]`.
    pub shown: String,
    /// The access that the user has to the customer already.
    pub access: Option<RecordId>,
    /// Worth knowing before the save: switched off.
    pub warning: Option<String>,
}

/// What User Management is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Managing {
    /// Add the user of that exact e-mail.
    Add {
        /// As it was typed.
        email: String,
        /// What the user may do.
        role: Role,
        /// How many days back; `None` is unlimited.
        days_back: Option<i64>,
        /// Notes.
        notes: String,
    },
    /// Change an access.
    Change {
        /// Which.
        access: RecordId,
        /// The version that was read.
        version: Version,
        /// What the user may do.
        role: Role,
        /// How many days back; `None` is unlimited.
        days_back: Option<i64>,
        /// Notes.
        notes: String,
    },
    /// End an access; the user stays.
    Remove {
        /// Which.
        access: RecordId,
        /// The version that was read.
        version: Version,
    },
}

impl Visit {
    /// The visitor at another of the customers, who is remembered for the next time.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`] when the visitor is not let in any more, [`ServiceError::Denied`] for a customer
    /// that is not the visitor's.
    pub async fn choose(&self, _customer: RecordId) -> Result<Visitor, ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }

    /// A stretch of User Management: of the accesses to the customer that was chosen, whatever else is asked for.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`], [`ServiceError::Denied`] without the role or for anything else than the four
    /// columns.
    pub async fn rows(
        &self,
        _query: &Query,
        _stretch: &Stretch,
        _limit: usize,
    ) -> Result<Page, ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }

    /// How many rows [`Visit::rows`] has.
    ///
    /// # Errors
    /// As [`Visit::rows`].
    pub async fn count(&self, _query: &Query) -> Result<i64, ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }

    /// The user of exactly that e-mail, blanks around it and case aside.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] at the e-mail when there is none.
    pub async fn find_user(&self, _email: &str) -> Result<FoundUser, ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }

    /// Adds, changes or ends an access. `asked` goes on where it would otherwise only ask.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] at the fields, [`ServiceError::Conflict`], [`ServiceError::Denied`].
    pub async fn manage(&self, _managing: &Managing, _asked: bool) -> Result<(), ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }

    /// What the customer's profile shows: each label with its text, in order.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`], [`ServiceError::Denied`].
    pub async fn profile(&self) -> Result<Vec<(&'static str, String)>, ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }
}

/// What a sign-in of a user at one site would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The site.
    pub center: ClientCenter,
    /// What the login or its site lacks before any code is judged, such as being switched off; `None` for nothing.
    pub refused: Option<String>,
    /// The code that would be shown.
    pub code: Option<Code>,
    /// The customers to choose from, also when something stops the sign-in before.
    pub clients: Vec<Client>,
}

impl Desk {
    /// What a sign-in of a user would come to, site by site; `site` asks for one only. Nothing is written.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] without such a user.
    pub async fn sign_in_preview(
        &self,
        _user: RecordId,
        _site: Option<RecordId>,
    ) -> Result<Vec<Preview>, ServiceError> {
        Err(ServiceError::NotFound)
    }
}

//! The use cases of a visitor, a user who is signed in to a Client Center: sign-in, choosing a customer, Customer
//! Profile and User Management (`docs/codes.md`, Sign-in; `docs/domain.md`, Roles).

mod gate;
mod preview;
mod profile;
mod users;
mod visit;

use jiff::civil::Date;

use crate::domain::codes::{AccessRules, Code, Place, Role, SiteFacts};
use crate::domain::entities::user;
use crate::domain::model::history::HistoryAction;
use crate::domain::model::text;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Reference, Version};
use crate::service::auth::{self, Origin, PasswordCheck, Principal, Secret, SessionToken, SignInOutcome};
use crate::service::write::{self, WriteContext};
use crate::service::{ServiceError, World};
use crate::storage::db::{Db, Tx};
use crate::storage::{facts, last_customer, last_use};

pub use preview::{Preview, sign_in_preview};

/// A Client Center, as its sign-in screen shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCenter {
    /// The web site, shown by its relative URL.
    pub site: Reference,
    /// The name of its enterprise company; empty when it has none.
    pub company: String,
    /// The rule set of its codes.
    pub rules: AccessRules,
}

/// A customer whose data a visitor may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The customer, shown as `Olivia Green #00028`.
    pub customer: Reference,
    /// The visitor's role; `None` at a site of version 24, which knows no roles.
    pub role: Option<Role>,
    /// How many days back the visitor sees the customer's data; `None` is unlimited.
    pub days_back: Option<i64>,
    /// The oldest date that `days_back` opens today; `None` is unlimited.
    pub oldest: Option<Date>,
    /// The last day on which the visitor may see the customer's data; `None` when that has no end.
    pub valid_until: Option<Date>,
}

impl ClientCenter {
    fn of(site: &SiteFacts) -> Self {
        Self {
            site: Reference { id: site.id, shown: site.name.clone() },
            company: site.enterprise_company.as_ref().map_or_else(String::new, |own| own.shown.clone()),
            rules: site.rules,
        }
    }
}

impl Client {
    /// What the role opens, in the order of the menu.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        Place::ALL.into_iter().filter(|place| place.is_open_to(self.role))
    }
}

/// A user who is signed in to a Client Center.
#[derive(Clone, Debug, PartialEq)]
pub struct Visitor {
    /// The login.
    pub login: String,
    /// The user's name, in the user's language.
    pub name: String,
    /// The language in which texts are shown.
    pub language: String,
    /// The Client Center.
    pub center: ClientCenter,
    /// The customers to choose from, by name; never empty.
    pub clients: Vec<Client>,
    /// The chosen customer; `None` until one of several is chosen.
    pub client: Option<Client>,
}

/// The outcome of a sign-in to a Client Center with a right password.
pub enum GateOutcome {
    /// Refused by the lowest code that failed; the visitor learns nothing else (`docs/codes.md`, Sign-in).
    NotActive(Code),
    /// Signed in.
    Admitted(Box<Visit>),
}

/// The service for one visitor of a Client Center. Each method judges anew whether the visitor is still admitted and
/// to which customers; what was true at the sign-in is not relied on.
#[derive(Clone)]
pub struct Visit {
    /// The database.
    pub db: Db,
    /// The clock, new ids and randomness.
    pub world: World,
    /// The visitor as last returned to the caller.
    pub who: Visitor,
    /// The session token, judged by each method.
    pub token: SessionToken,
}

/// The active Client Centers, by relative URL.
///
/// # Errors
/// When the database cannot be read.
pub async fn client_centers(db: &Db) -> Result<Vec<ClientCenter>, ServiceError> {
    let sites = facts::client_center_sites(&mut *db.read().await?, FALLBACK_LANGUAGE).await?;
    Ok(sites.iter().filter(|site| site.active).map(ClientCenter::of).collect())
}

/// The active Client Center of a relative URL, ignoring case and the blanks around it.
///
/// # Errors
/// [`ServiceError::Denied`] when there is none; the message lists those that exist.
pub async fn client_center(db: &Db, url: &str) -> Result<ClientCenter, ServiceError> {
    let mut centers = client_centers(db).await?;
    let wanted = text::key(url);
    if let Some(index) = centers.iter().position(|center| text::key(&center.site.shown) == wanted) {
        return Ok(centers.swap_remove(index));
    }
    let known: Vec<&str> = centers.iter().map(|center| center.site.shown.as_str()).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(ServiceError::Denied(format!("No Client Center “{}” answers; there are: {known}.", url.trim())))
}

/// Signs in to a Client Center (`docs/codes.md`, Sign-in). Chooses the visitor's only customer, or of several the one
/// chosen last at this site.
///
/// # Errors
/// [`ServiceError::Denied`] with the same message whatever is wrong with login or password, and with another one when
/// the Client Center is not active.
pub async fn enter(
    db: &Db,
    world: &World,
    from: &Origin,
    site: RecordId,
    login: &str,
    password: &Secret,
) -> Result<SignInOutcome<GateOutcome>, ServiceError> {
    let token = match auth::verify_sign_in(db, world, from, login, password, &gate::VISITORS, None).await? {
        PasswordCheck::Passed(token) => token,
        PasswordCheck::OneTimeCode => return Ok(SignInOutcome::ChoosePassword),
    };
    let mut tx = db.begin().await?;
    let principal = auth::principal(&mut tx, world, &token).await?;
    let Some(site) = gate::answering(&mut tx, site, &principal.language).await? else {
        note_failed(db, tx, world, &principal, token.user, gate::CLOSED).await?;
        return Err(ServiceError::Denied(gate::CLOSED.to_owned()));
    };
    let center = ClientCenter::of(&site);
    let clients = match gate::judge(&mut tx, world, token.user, site, &principal.language).await? {
        Ok(clients) => clients,
        Err(code) => {
            let why = format!("Account not active at {}: {code}.", center.site.shown);
            note_failed(db, tx, world, &principal, token.user, &why).await?;
            return Ok(SignInOutcome::Granted(GateOutcome::NotActive(code)));
        }
    };
    let last = last_customer::last_customer(&mut tx, token.user, center.site.id).await?;
    let client = match clients.as_slice() {
        [only] => Some(only),
        several => several.iter().find(|client| Some(client.customer.id) == last),
    };
    let noted = async {
        last_use::note_sign_in(&mut tx, token.user, &center.site.shown, (world.now)()).await?;
        if let Some(client) = client {
            note_choice(&mut tx, world, token.user, center.site.id, client, last).await?;
        }
        Ok(tx.commit().await?)
    };
    write::unless_read_only(noted.await)?;
    let client = client.cloned();
    let (login, name, language) = (principal.login, principal.name, principal.language);
    let who = Visitor { login, name, language, center, clients, client };
    Ok(SignInOutcome::Granted(GateOutcome::Admitted(Box::new(Visit {
        db: db.clone(),
        world: world.clone(),
        who,
        token,
    }))))
}

/// Stores that a user works for a customer at a site: as the customer that the next sign-in there chooses, unless it is
/// `last`, the one that is stored, and as the last use of the access. A site of version 24 asks for no access.
async fn note_choice(
    tx: &mut Tx,
    world: &World,
    user: RecordId,
    site: RecordId,
    client: &Client,
    last: Option<RecordId>,
) -> Result<(), ServiceError> {
    let customer = client.customer.id;
    if last != Some(customer) {
        last_customer::remember_customer(tx, user, site, customer).await?;
    }
    if client.role.is_some() {
        last_use::note_use(tx, user, customer, (world.now)()).await?;
    }
    Ok(())
}

/// Records in the history of a user why a sign-in with the right password failed, and commits.
async fn note_failed(
    db: &Db,
    mut tx: Tx,
    world: &World,
    principal: &Principal,
    user: RecordId,
    why: &str,
) -> Result<(), ServiceError> {
    let context = WriteContext::new(world, &principal.login, &principal.language);
    let noted = async {
        write::note(&mut tx, &context, &user::USER, user, HistoryAction::SignInFailed, why).await?;
        write::commit(tx, db, &context, "Failed sign-in").await
    };
    write::unless_read_only(noted.await)
}

/// The user of an e-mail, to whom an access can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundUser {
    /// The user's display text: `Catherine Carter <CC> [EXT]`.
    pub shown: String,
    /// The access that the user has to the chosen customer already.
    pub access: Option<RecordId>,
    /// What a save would ask about: the user is switched off, or login or e-mail mixes scripts.
    pub warnings: Vec<String>,
}

/// A change in User Management.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Managing {
    /// Give an access to the user of an e-mail.
    Add {
        /// The e-mail as typed.
        email: String,
        /// The role.
        role: Role,
        /// The days back; `None` is unlimited.
        days_back: Option<i64>,
        /// Notes on the access.
        notes: String,
    },
    /// Change an access.
    Change {
        /// The access.
        access: RecordId,
        /// The version of the access that the visitor read.
        version: Version,
        /// The new role.
        role: Role,
        /// The new days back; `None` is unlimited.
        days_back: Option<i64>,
        /// The new notes.
        notes: String,
    },
    /// Remove an access; the user stays.
    Remove {
        /// The access.
        access: RecordId,
        /// The version of the access that the visitor read.
        version: Version,
    },
}

impl Managing {
    /// What the operation does, for its purpose.
    fn verb(&self) -> &'static str {
        match self {
            Self::Add { .. } => "Grant access",
            Self::Change { .. } => "Change access",
            Self::Remove { .. } => "End access",
        }
    }
}

//! The Client Center as an external user has it: the gate, the customer that was chosen, and who else may see its
//! data (`codes.md`, Sign-in; `domain.md`, roles).

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
use crate::storage::{facts, last_customer};

pub use preview::{Preview, sign_in_preview};

/// A Client Center as its sign-in shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCenter {
    /// The web site, shown by its relative URL.
    pub site: Reference,
    /// The name of its enterprise company; empty when it has none.
    pub company: String,
    /// Its rule set.
    pub rules: AccessRules,
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

impl ClientCenter {
    fn of(site: &SiteFacts) -> Self {
        Self {
            site: Reference { id: site.id, shown: site.relative_url.clone() },
            company: site.enterprise_company.as_ref().map_or_else(String::new, |own| own.shown.clone()),
            rules: site.rules,
        }
    }
}

impl Client {
    /// The places that are open here, in the order of the menu.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        Place::ALL.into_iter().filter(|index| index.is_open_to(self.role))
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
    /// The customers to choose from, by name; never empty.
    pub clients: Vec<Client>,
    /// The customer whose data are shown; `None` until one of several is chosen.
    pub client: Option<Client>,
}

/// What comes of a right password at a Client Center.
pub enum GateOutcome {
    /// Account not active: the lowest code that failed, and nothing else.
    NotActive(Code),
    /// In.
    Admitted(Box<Visit>),
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
    pub token: SessionToken,
}

/// The Client Centers that answer, by their relative URLs.
///
/// # Errors
/// When the database cannot be read.
pub async fn client_centers(db: &Db) -> Result<Vec<ClientCenter>, ServiceError> {
    let sites = facts::client_center_sites(&mut *db.read().await?, FALLBACK_LANGUAGE).await?;
    Ok(sites.iter().filter(|site| site.active).map(ClientCenter::of).collect())
}

/// The Client Center of that relative URL, blanks around it and case aside.
///
/// # Errors
/// [`ServiceError::Denied`] when there is none that answers, with those that do.
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

/// Signs in to a Client Center (`codes.md`, Sign-in). The customer chosen last is chosen again while it is there
/// to choose; the only one is chosen at once.
///
/// # Errors
/// [`ServiceError::Denied`] with one and the same sentence, whatever was wrong with login or password, and with
/// another when the Client Center does not answer.
pub async fn enter(
    db: &Db,
    world: &World,
    from: &Origin,
    site: RecordId,
    login: &str,
    password: &Secret,
) -> Result<SignInOutcome<GateOutcome>, ServiceError> {
    let token = match auth::verify_sign_in(db, world, from, login, password, &gate::VISITORS).await? {
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
    if let Some(client) = client.filter(|client| Some(client.customer.id) != last) {
        last_customer::remember_customer(&mut tx, token.user, center.site.id, client.customer.id).await?;
    }
    tx.commit().await?;
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

/// Says in the history of a user why the right password did not let them in, and ends the transaction.
async fn note_failed(
    db: &Db,
    mut tx: Tx,
    world: &World,
    principal: &Principal,
    user: RecordId,
    why: &str,
) -> Result<(), ServiceError> {
    let context = WriteContext::new(world, &principal.login, &principal.language);
    write::note(&mut tx, &context, &user::USER, user, HistoryAction::SignInFailed, why).await?;
    write::commit(tx, db, context.operation).await
}

/// A user found by exact e-mail, to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundUser {
    /// As the user is shown: `Catherine Carter <CC> [EXT]`.
    pub shown: String,
    /// The access that the user has to the customer already.
    pub access: Option<RecordId>,
    /// Worth knowing before the save: it is switched off, or looks like another.
    pub warnings: Vec<String>,
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

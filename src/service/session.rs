//! Who works here: the first administrator, signing in to the back office, and the secrets it takes.

use std::fmt;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::domain::access::SiteFacts;
use crate::domain::record::{Draft, Fields};
use crate::domain::rules::{self, Issue};
use crate::domain::schema::user;
use crate::domain::text;
use crate::domain::value::{FALLBACK_LANGUAGE, MultiLang, RecordId, Reference, Value};
use crate::service::records::{self, door};
use crate::service::{Desk, Pass, ServiceError, SignedIn, World};
use crate::storage::db::{Db, Turn};
use crate::storage::{accounts, facts};

/// The fewest characters of a new password (promise 1).
pub const SHORTEST_PASSWORD: usize = 15;

/// The one answer to everything that is wrong at a sign-in, so that nobody learns which part it was.
const NOT_SIGNED_IN: &str = "Login or password is wrong, or this login cannot sign in here.";

/// A password while somebody types it or the service checks it. It zeroes itself and prints as `[secret]`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over what was typed.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The characters themselves. Only what checks or hashes a password asks for them.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is hashed: the same characters however the keyboard composes them (NIST 800-63B-4, 3.1.1.2: NFKC).
    fn normalised(&self) -> Zeroizing<String> {
        // Room for the longest that NFKC makes of anything: a text that grows leaves copies of itself behind.
        let mut text = Zeroizing::new(String::with_capacity(self.0.len() * 11));
        text.extend(self.0.nfkc());
        text
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Whether anybody can sign in to this database. If not, the first administrator is to be created.
///
/// # Errors
/// When the database cannot be read.
pub async fn operators_exist(db: &Db) -> Result<bool, ServiceError> {
    Ok(accounts::operators_exist(&mut *db.read().await?).await?)
}

/// Creates the first administrator and signs in. Refused once an operator exists.
///
/// # Errors
/// [`ServiceError::Invalid`] with the fields that are wrong, [`ServiceError::Denied`] when somebody was quicker.
pub async fn first_operator(
    db: &Db,
    world: &World,
    login: &str,
    name: &str,
    password: &Secret,
) -> Result<Desk, ServiceError> {
    let mut draft = begin_operator(login, name);
    let mut issues = rules::check(&draft);
    issues.extend(check_password(password, &[login, name]));
    if !issues.is_empty() {
        return Err(ServiceError::Invalid(issues));
    }
    draft.set(&user::PASSWORD_FORMAT.def, Value::Code("AR2"));
    let hash = hashed(password.clone()).await?;
    let mut tx = db.begin().await?;
    tx.wait_for(Turn::FirstOperator).await?;
    if accounts::operators_exist(&mut tx).await? {
        return Err(ServiceError::Denied(
            "Somebody has created the administrator already; sign in instead.".into(),
        ));
    }
    let stamp = door::Stamp::new(world, login, FALLBACK_LANGUAGE);
    let written = door::write(&mut tx, &stamp, &draft).await?;
    accounts::set_credential(&mut tx, written.id, &hash).await?;
    tx.commit().await?;
    at_desk(db, world, written.id).await
}

fn begin_operator(login: &str, name: &str) -> Draft {
    let mut draft = records::with_defaults(Draft::new(&user::USER), None, None);
    draft.set(&user::LOGIN.def, Value::text(login.trim()));
    draft.set(&user::NAME.def, Value::multi(MultiLang::new(FALLBACK_LANGUAGE, name.trim())));
    draft.set(&user::IS_ADMIN.def, Value::Bool(true));
    draft.set(&user::USER_TYPE.def, Value::Code("INT"));
    draft
}

/// Bytes from the machine's source of chance.
pub(super) fn machine_random(bytes: &mut [u8]) {
    // A machine without chance cannot keep secrets, and must not pretend to.
    getrandom::fill(bytes).expect("the machine's source of chance");
}

/// From where somebody signs in: the machine, and the account there. Wrong passwords are counted for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(pub String);

/// What a right password, or a right one-time code, opens.
#[derive(Clone, Debug, PartialEq)]
pub enum Entered<T> {
    /// The door.
    In(T),
    /// It was a one-time code: its owner has to choose a password with it ([`choose_password`]).
    ChoosePassword,
}

/// Chooses a new password with a one-time code, which is used up by it.
///
/// # Errors
/// [`ServiceError::Invalid`] at the password, [`ServiceError::Denied`] in the same words as at a sign-in.
pub async fn choose_password(
    _db: &Db,
    _world: &World,
    _from: &Origin,
    _login: &str,
    _code: &Secret,
    _new: &Secret,
) -> Result<(), ServiceError> {
    Err(ServiceError::Denied(String::new()))
}

/// Chooses another password for whoever holds the pass, by the one so far; gives the pass that is good from now on.
/// Every other session of the login ends.
///
/// # Errors
/// [`ServiceError::Invalid`] at the password, [`ServiceError::Denied`] when the one so far is wrong.
pub async fn change_password(
    _db: &Db,
    _world: &World,
    _from: &Origin,
    _pass: &Pass,
    _so_far: &Secret,
    _new: &Secret,
) -> Result<Pass, ServiceError> {
    Err(ServiceError::Denied(String::new()))
}

/// The pass of an operator who gives the password again, after a while or at the end of a session.
///
/// # Errors
/// [`ServiceError::Denied`] as at a sign-in.
pub async fn unlock(
    _db: &Db,
    _world: &World,
    _from: &Origin,
    _login: &str,
    _password: &Secret,
) -> Result<Pass, ServiceError> {
    Err(ServiceError::Denied(String::new()))
}

impl Desk {
    /// Issues a one-time code with which the owner of a login chooses a password. The code before it ends; the
    /// password so far stays good until then.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] for whoever is no administrator.
    pub async fn issue_reset(&self, _user: RecordId) -> Result<Secret, ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }
}

/// Signs in to the back office.
///
/// # Errors
/// [`ServiceError::Denied`] with one and the same sentence, whatever was wrong.
pub async fn sign_in(
    db: &Db,
    world: &World,
    _from: &Origin,
    login: &str,
    password: &Secret,
) -> Result<Entered<Desk>, ServiceError> {
    let denied = || ServiceError::Denied(NOT_SIGNED_IN.to_owned());
    let account = accounts::credential_of(&mut *db.read().await?, login).await?;
    let stored = account.as_ref().map(|account| account.hash.clone());
    let right = verified(password.clone(), stored).await;
    let Some(account) = account.filter(|_| right) else { return Err(denied()) };
    let locked = account.locked_until.is_some_and(|until| until > (world.now)());
    if !account.active || locked || account.user_type != "INT" {
        return Err(denied());
    }
    at_desk(db, world, account.user).await.map(Entered::In)
}

/// The desk of an operator who needs no password: in the demo company, and for commands that whoever may
/// read the database file gives.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such user.
pub async fn at_desk(db: &Db, world: &World, operator: RecordId) -> Result<Desk, ServiceError> {
    let mut conn = db.read().await?;
    let found = crate::storage::records::load(&mut conn, &user::USER, operator, FALLBACK_LANGUAGE).await?;
    let record = found.ok_or(ServiceError::NotFound)?;
    // In lower case, as the languages of texts are.
    let language = record.get(&user::DEFAULT_LANGUAGE).unwrap_or(FALLBACK_LANGUAGE).to_lowercase();
    let sites = facts::client_center_sites(&mut conn, &language).await?;
    let first = sites.into_iter().find(|site| site.active && site.enterprise_company.is_some());
    let who = SignedIn {
        operator,
        login: record.get(&user::LOGIN).unwrap_or_default().to_owned(),
        name: record.get(&user::NAME).map(|name| name.text(&language).to_owned()).unwrap_or_default(),
        is_admin: record.is(&user::IS_ADMIN),
        language,
        enterprise_company: first.as_ref().and_then(|site| site.enterprise_company.clone()),
        site: first.map(|site| Reference { id: site.id, shown: site.relative_url }),
    };
    let pass = Pass { user: operator, serial: None, since: (world.now)() };
    Ok(Desk { db: db.clone(), world: world.clone(), who, pass })
}

/// What is wrong with a new password: too short, or made of what everybody knows about its owner.
pub(super) fn check_password(password: &Secret, known: &[&str]) -> Option<Issue> {
    let typed = password.expose();
    let length = typed.chars().count();
    if length < SHORTEST_PASSWORD {
        return Some(Issue::at(
            &user::PASSWORD.def,
            format!("A password needs at least {SHORTEST_PASSWORD} characters; this has {length}."),
        ));
    }
    let folded = text::fold(typed);
    let made_of = known.iter().any(|word| {
        !word.is_empty() && {
            let word = text::fold(word);
            folded.replace(&word, "").trim().chars().count() < 4
        }
    });
    made_of.then(|| Issue::at(&user::PASSWORD.def, "The password must not be made of the login or the name."))
}

/// A new Argon2id hash, with the crate's parameters, which are OWASP's. Off the async threads: it is slow on
/// purpose.
pub(super) async fn hashed(password: Secret) -> Result<String, ServiceError> {
    let hash = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.normalised().as_bytes()).map(|hash| hash.to_string())
    });
    hash.await.map_err(|_| not_hashed())?.map_err(|_| not_hashed())
}

/// Whether the password is the one of the stored hash. Without one, it takes as long and says no.
async fn verified(password: Secret, stored: Option<String>) -> bool {
    let right = tokio::task::spawn_blocking(move || {
        let argon = Argon2::default();
        let Some(parsed) = stored.as_deref().and_then(|stored| PasswordHash::new(stored).ok()) else {
            drop(argon.hash_password(password.normalised().as_bytes()));
            return false;
        };
        argon.verify_password(password.normalised().as_bytes(), &parsed).is_ok()
    });
    right.await.unwrap_or(false)
}

fn not_hashed() -> ServiceError {
    ServiceError::Denied("The password could not be kept; nothing was created. Try again.".to_owned())
}

impl Desk {
    /// The Client Center sites for which users can be judged.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sites(&self) -> Result<Vec<SiteChoice>, ServiceError> {
        let mut conn = self.db.read().await?;
        let sites = facts::client_center_sites(&mut conn, &self.who.language).await?;
        Ok(sites.into_iter().map(SiteChoice::of).collect())
    }
}

/// A site to choose, and the enterprise company it makes current.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteChoice {
    /// The site, shown by its relative URL.
    pub site: Reference,
    /// Its enterprise company.
    pub enterprise_company: Option<Reference>,
    /// Whether it answers.
    pub active: bool,
}

impl SiteChoice {
    fn of(site: SiteFacts) -> Self {
        Self {
            site: Reference { id: site.id, shown: site.relative_url },
            enterprise_company: site.enterprise_company,
            active: site.active,
        }
    }
}

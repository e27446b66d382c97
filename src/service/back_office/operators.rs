//! Operators of the back office. The first administrator is created with a password; each later operator gets a
//! one-time code with which to choose one (`docs/promises.md`, 5).

use crate::domain::entities::user;
use crate::domain::entities::user::UserType;
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::value::{FALLBACK_LANGUAGE, MultiLang, RecordId, Value};
use crate::domain::rights;
use crate::domain::rules::{self, Issue};
use crate::service::auth::{self, NEW_FORMAT, Secret, SessionToken, check_password};
use crate::service::back_office::sign_in::signed_in;
use crate::service::back_office::{BackOffice, records};
use crate::service::{ServiceError, World, write};
use crate::storage::credentials::{self, Account};
use crate::storage::db::{AdvisoryLock, Db};

/// Whether any internal user has a password or a one-time code. If not, the first administrator is to be created.
///
/// # Errors
/// When the database cannot be read.
pub async fn operators_exist(db: &Db) -> Result<bool, ServiceError> {
    Ok(credentials::operators_exist(&mut *db.read().await?).await?)
}

/// Creates the first administrator and signs in.
///
/// # Errors
/// [`ServiceError::Invalid`] at the fields, [`ServiceError::Denied`] once an operator exists.
pub async fn first_operator(
    db: &Db,
    world: &World,
    login: &str,
    name: &str,
    password: &Secret,
) -> Result<BackOffice, ServiceError> {
    let mut draft = begin_operator(world, login, name, true);
    let mut issues = rules::check(&draft);
    issues.extend(check_password(&world.policy, password, &[login, name]).await);
    if !issues.is_empty() {
        return Err(ServiceError::Invalid(issues));
    }
    draft.set(&user::PASSWORD_FORMAT.def, Value::Code(NEW_FORMAT));
    let hash = auth::hashed(password.clone()).await?;
    let mut tx = db.begin().await?;
    tx.lock(AdvisoryLock::FirstOperator).await?;
    if credentials::operators_exist(&mut tx).await? {
        return Err(ServiceError::Denied(
            "Somebody has created the administrator already; sign in instead.".into(),
        ));
    }
    let login = draft.get(&user::LOGIN).unwrap_or_default();
    let context = write::WriteContext::new(world, login, FALLBACK_LANGUAGE);
    let written = write::write(&mut tx, &context, &draft).await?;
    let serial = credentials::set_credential(&mut tx, written.id, &hash).await?;
    let token = SessionToken { user: written.id, serial: Some(serial), since: context.now };
    // Before the commit: after it, nothing may fail and be taken for a save that failed.
    let who = signed_in(&mut tx, world, &token).await?;
    write::commit(tx, db, &context, "Create the first administrator").await?;
    Ok(BackOffice { db: db.clone(), world: world.clone(), who, token })
}

fn begin_operator(world: &World, login: &str, name: &str, is_admin: bool) -> Draft {
    let mut draft = records::with_defaults(Draft::new(&user::USER), Some((world.now)()), None);
    draft.set(&user::LOGIN.def, Value::text(login));
    draft.set(&user::NAME.def, Value::multi(MultiLang::new(FALLBACK_LANGUAGE, name)));
    draft.set(&user::IS_ADMIN.def, Value::Bool(is_admin));
    draft.set(&user::USER_TYPE.def, UserType::InternalUser.into());
    draft
}

/// A row in the list of operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The operator's user.
    pub user: RecordId,
    /// The login.
    pub login: String,
    /// The name, in the language of whoever lists the operators.
    pub name: String,
    /// Whether the operator is an administrator.
    pub is_admin: bool,
    /// Whether the user is active.
    pub active: bool,
    /// Whether the operator has a password.
    pub has_password: bool,
    /// Whether the operator has a one-time code that can still be used.
    pub has_code: bool,
}

impl BackOffice {
    /// Creates an operator without a password; returns the one-time code with which the operator chooses one.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] at the fields, [`ServiceError::Denied`] unless the caller is an administrator.
    pub async fn add_operator(
        &self,
        login: &str,
        name: &str,
        is_admin: bool,
    ) -> Result<Secret, ServiceError> {
        let mut tx = self.begin_as_admin(user::OPERATORS, &user::USER, None).await?;
        let draft = begin_operator(&self.world, login, name, is_admin);
        let context = self.context();
        let written = write::write(&mut tx, &context, &draft).await?;
        let account = credentials::account(&mut tx, written.id).await?.ok_or(ServiceError::NotFound)?;
        let code = auth::issue(&mut tx, &context, &account).await?;
        write::commit(tx, &self.db, &context, &format!("Add operator {}", account.login)).await?;
        Ok(code)
    }

    /// All operators, by login.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn operators(&self) -> Result<Vec<Operator>, ServiceError> {
        let now = (self.world.now)();
        let mut conn = self.read().await?;
        let shown = |account: Account| Operator {
            user: account.user,
            login: account.login,
            name: account.name.text(&self.who.language).to_owned(),
            is_admin: account.is_admin,
            active: account.active,
            has_password: account.password.is_some(),
            has_code: account.reset.is_some_and(|code| code.ends_at > now),
        };
        Ok(credentials::operators(&mut conn).await?.into_iter().map(shown).collect())
    }

    /// Issues a one-time code with which a user chooses a password. It replaces the user's earlier code; the current
    /// password stays valid until another is chosen.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] unless the caller is an administrator, and for the caller's own login;
    /// [`ServiceError::Invalid`] for a user type that cannot sign in.
    pub async fn issue_reset(&self, user: RecordId) -> Result<Secret, ServiceError> {
        let mut tx = self.begin_as_admin(rights::ONE_TIME_CODES, &user::USER, Some(user)).await?;
        let account = credentials::account(&mut tx, user).await?.ok_or(ServiceError::NotFound)?;
        if user == self.who.operator {
            drop(tx);
            let sentence = "Nobody resets their own password; change it by the one so far, or ask another \
                            administrator.";
            return Err(self.refused(&user::USER, Some(user), sentence).await);
        }
        if !account.user_type.can_sign_in() {
            let sentence = "Only internal and external users sign in; this one needs no password.";
            return Err(ServiceError::Invalid(vec![Issue::at(&user::USER_TYPE.def, sentence)]));
        }
        let context = self.context();
        let code = auth::issue(&mut tx, &context, &account).await?;
        write::commit(tx, &self.db, &context, &format!("Issue a one-time code for {}", account.login))
            .await?;
        Ok(code)
    }
}

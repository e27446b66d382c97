//! The credentials of a login: the hash of its password and the hash of its one-time code. They are in tables of their
//! own, so that reading a user record reads neither (`docs/domain.md`, Users).

use std::fmt;

use jiff::Timestamp;

use super::columns;
use super::db::{Row, Session, Sql, Tx, instant, instant_of_field};
use super::error::StorageError;
use super::facts::{self, SelectedSites};
use super::statement::literal;
use crate::domain::codes::{SiteFacts, UserType};
use crate::domain::entities::{party, user};
use crate::domain::model::instant::Instant;
use crate::domain::model::value::{FALLBACK_LANGUAGE, MultiLang, RecordId, Value, Version};
use crate::domain::model::{language, text};

/// A user with everything that signing in looks at, the credentials included.
pub struct Account {
    /// The id of the user record.
    pub user: RecordId,
    /// The version of the user record.
    pub version: Version,
    /// The field Login.
    pub login: String,
    /// The field Name.
    pub name: MultiLang,
    /// The field Default Language, as it is stored; `None` when it is empty.
    pub language: Option<String>,
    /// The field User Type, which decides where the login can sign in.
    pub user_type: UserType,
    /// The field Is Admin: whether the user is an administrator of the back office.
    pub is_admin: bool,
    /// The field Active: an inactive user cannot sign in.
    pub active: bool,
    /// The field Lockout End Utc: until this moment the login cannot sign in.
    pub locked_until: Option<Instant>,
    /// The number of wrong passwords since the last right one.
    pub failed_count: i64,
    /// The code in the user's field Password Format, such as `AR2`.
    pub format: Option<String>,
    /// The password; `None` until one is chosen.
    pub password: Option<Password>,
    /// The one-time code that was issued last; `None` when it was used or ended, or none was issued.
    pub reset: Option<ResetCode>,
}

/// A stored password.
#[derive(Clone)]
pub struct Password {
    /// The hash, with its format and parameters in it.
    pub hash: String,
    /// The number of this password: 1 for the login's first, one more for each password chosen after it.
    pub serial: i64,
}

/// A stored one-time code.
#[derive(Clone)]
pub struct ResetCode {
    /// The hash of the code.
    pub hash: String,
    /// The moment from which the code is refused.
    pub ends_at: Timestamp,
}

/// Prints the id of the user only, so that no hash gets into a log.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Whether any operator (an internal user) has a password or a one-time code. While none has, the console asks for a
/// first administrator (`docs/promises.md`, 5).
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn operators_exist(s: &mut Session) -> Result<bool, StorageError> {
    let sql = format!(
        "SELECT u.id FROM sec_users u
          WHERE {}
            AND (EXISTS (SELECT 1 FROM sec_credentials c WHERE c.user_id = u.id)
                 OR EXISTS (SELECT 1 FROM sec_reset_codes r WHERE r.user_id = u.id))
          LIMIT 1",
        is_operator()
    );
    Ok(s.fetch_optional(Sql::built(sql), vec![]).await?.is_some())
}

/// The SQL condition that the user `u` is an operator.
fn is_operator() -> String {
    format!("u.user_type = {}", literal(UserType::InternalUser.code()))
}

/// The SQL condition that a user has a password or a one-time code that has not ended. `user` is the user's id in SQL,
/// `now` the placeholder of the time.
fn has_secret(user: &str, now: &str) -> String {
    format!(
        "(EXISTS (SELECT 1 FROM sec_credentials c WHERE c.user_id = {user}) \
          OR EXISTS (SELECT 1 FROM sec_reset_codes r WHERE r.user_id = {user} AND r.ends_at > {now}))"
    )
}

/// Whether there is an administrator besides this user who can sign in at `now`: active, not locked out, and with a
/// password or a one-time code that has not ended. Others without either count only while this user has neither.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn has_other_administrator(
    s: &mut Session,
    user: RecordId,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let sql = format!(
        "SELECT u.id FROM sec_users u
          WHERE {} AND u.is_admin AND {} AND u.id <> $1 AND ({} OR NOT {})
          LIMIT 1",
        is_operator(),
        facts::may_sign_in("$2"),
        has_secret("u.id", "$2"),
        has_secret("$1", "$2")
    );
    Ok(s.fetch_optional(Sql::built(sql), vec![user.into(), now.into()]).await?.is_some())
}

/// Reads the account of a login, compared ignoring case; `None` when no user has this login.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn account_of(s: &mut Session, login: &str) -> Result<Option<Account>, StorageError> {
    let row = s.fetch_optional(select_accounts("u.login_key = $1"), vec![text::key(login).into()]).await?;
    row.as_ref().map(read).transpose()
}

/// Reads the account of a user; `None` when the user does not exist.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn account(s: &mut Session, user: RecordId) -> Result<Option<Account>, StorageError> {
    let row = s.fetch_optional(select_accounts("u.id = $1"), vec![user.into()]).await?;
    row.as_ref().map(read).transpose()
}

/// Whether any password is kept as a hash that is not in the PHC string format, which begins with `$`.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn older_exist(s: &mut Session) -> Result<bool, StorageError> {
    let sql = "SELECT user_id FROM sec_credentials WHERE substr(hash, 1, 1) <> '$' LIMIT 1";
    Ok(s.fetch_optional(sql, vec![]).await?.is_some())
}

/// Reads the accounts of all operators (internal users), ordered by login.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn operators(s: &mut Session) -> Result<Vec<Account>, StorageError> {
    let all = select_accounts(&format!("{} ORDER BY u.login_key", is_operator()));
    let rows = s.fetch_all(all, vec![]).await?;
    rows.iter().map(read).collect()
}

fn select_accounts(condition: &str) -> Sql {
    Sql::built(format!(
        "SELECT u.id, u.object_version, u.login, u.name, u.default_language, u.user_type, u.is_admin,
                u.active, u.lockout_end_utc, u.access_failed_count, u.password_format, c.hash, c.serial,
                r.hash, r.ends_at
           FROM sec_users u
           LEFT JOIN sec_credentials c ON c.user_id = u.id
           LEFT JOIN sec_reset_codes r ON r.user_id = u.id
          WHERE {condition}"
    ))
}

fn read(row: &Row) -> Result<Account, StorageError> {
    let password = row.opt_text(11)?.zip(row.opt_int(12)?);
    let reset = row.opt_text(13)?.zip(row.opt_int(14)?);
    Ok(Account {
        user: row.id(0)?,
        version: row.int(1)?,
        login: row.text(2)?,
        name: read_name(row, 3)?,
        language: row.opt_text(4)?,
        user_type: read_user_type(row, 5)?,
        is_admin: row.bool(6)?,
        active: row.bool(7)?,
        locked_until: row.opt_int(8)?.map(instant_of_field).transpose()?,
        failed_count: row.int(9)?,
        format: row.opt_text(10)?,
        password: password.map(|(hash, serial)| Password { hash, serial }),
        reset: match reset {
            Some((hash, ends_at)) => Some(ResetCode { hash, ends_at: instant(ends_at)? }),
            None => None,
        },
    })
}

fn read_name(row: &Row, column: usize) -> Result<MultiLang, StorageError> {
    match columns::read(&user::NAME.def, row, column)? {
        Value::Multi(name) => Ok(name),
        _ => Err(StorageError::Other("a user has no name".to_owned())),
    }
}

fn read_user_type(row: &Row, column: usize) -> Result<UserType, StorageError> {
    let unknown = || StorageError::Other("a user holds an unknown type".to_owned());
    UserType::from_code(&row.text(column)?).ok_or_else(unknown)
}

/// The part of an account that is checked at every step of a session (`docs/promises.md`, 6). It holds no secret.
#[derive(Clone, Debug)]
pub struct SessionAccount {
    /// The field Login.
    pub login: String,
    /// The field Name.
    pub name: MultiLang,
    /// The field Default Language in lower case; [`FALLBACK_LANGUAGE`] when it is empty.
    pub language: String,
    /// The field User Type, which decides where the login can sign in.
    pub user_type: UserType,
    /// The field Is Admin: whether the user is an administrator of the back office.
    pub is_admin: bool,
    /// The field Active: the session of an inactive user ends.
    pub active: bool,
    /// The field Lockout End Utc, which an operator or an import sets, never a wrong password: until this moment the
    /// session has ended.
    pub locked_until: Option<Instant>,
    /// The number of the current password ([`Password::serial`]); `None` until one is chosen. A session ends when it
    /// differs from the number at sign-in.
    pub serial: Option<i64>,
}

/// The columns of a [`SessionAccount`], in the order in which `read_session_account` reads them.
const SESSION_COLUMNS: [&str; 8] = [
    "u.login",
    "u.name",
    "u.default_language",
    "u.user_type",
    "u.is_admin",
    "u.active",
    "u.lockout_end_utc",
    "c.serial",
];

/// Reads the account that a user's session is checked against; `None` when the user does not exist any more.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn session_account(
    s: &mut Session,
    user: RecordId,
) -> Result<Option<SessionAccount>, StorageError> {
    let sql = format!(
        "SELECT {} FROM sec_users u LEFT JOIN sec_credentials c ON c.user_id = u.id WHERE u.id = $1",
        SESSION_COLUMNS.join(", ")
    );
    let row = s.fetch_optional(Sql::built(sql), vec![user.into()]).await?;
    row.as_ref().map(read_session_account).transpose()
}

/// Reads, with one statement, what [`session_account`] reads and the facts of a Client Center site as [`facts::site`]
/// gives them, in the language of the account. The site is `None` when it does not exist or is no Client Center.
///
/// [`facts::site`]: super::facts::site
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn session_account_and_site(
    s: &mut Session,
    user: RecordId,
    site: RecordId,
) -> Result<Option<(SessionAccount, Option<SiteFacts>)>, StorageError> {
    let sites = SelectedSites::after(SESSION_COLUMNS.map(str::to_owned).into());
    let sql = format!(
        "SELECT {} FROM sec_users u LEFT JOIN sec_credentials c ON c.user_id = u.id \
         LEFT JOIN sys_web_sites t0 ON t0.id = $2 AND {}{} WHERE u.id = $1 ORDER BY d.id",
        sites.columns(),
        SelectedSites::is_client_center(),
        sites.joins()
    );
    let rows = s.fetch_all(Sql::built(sql), vec![user.into(), site.into()]).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let account = read_session_account(first)?;
    let site = sites.read(&rows, &account.language)?.pop();
    Ok(Some((account, site)))
}

fn read_session_account(row: &Row) -> Result<SessionAccount, StorageError> {
    Ok(SessionAccount {
        login: row.text(0)?,
        name: read_name(row, 1)?,
        language: language::without_region(&row.opt_text(2)?.unwrap_or_else(|| FALLBACK_LANGUAGE.to_owned())),
        user_type: read_user_type(row, 3)?,
        is_admin: row.bool(4)?,
        active: row.bool(5)?,
        locked_until: row.opt_int(6)?.map(instant_of_field).transpose()?,
        serial: row.opt_int(7)?,
    })
}

/// Stores the hash of a new password of the user and returns the [`Password::serial`] of that password.
///
/// # Errors
/// [`StorageError::ForeignKey`] when the user does not exist.
pub async fn set_credential(tx: &mut Tx, user: RecordId, hash: &str) -> Result<i64, StorageError> {
    tx.fetch_one(
        "INSERT INTO sec_credentials (user_id, hash) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, serial = sec_credentials.serial + 1
         RETURNING serial",
        vec![user.into(), hash.into()],
    )
    .await?
    .int(0)
}

/// Replaces the hash `previous` of the user's password by another hash of the same password; the serial stays. Returns
/// `false`, and writes nothing, when the stored hash is another one: a new password was chosen meanwhile.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn renew_hash(
    tx: &mut Tx,
    user: RecordId,
    previous: &str,
    hash: &str,
) -> Result<bool, StorageError> {
    let renewed = tx
        .execute(
            "UPDATE sec_credentials SET hash = $1 WHERE user_id = $2 AND hash = $3",
            vec![hash.into(), user.into(), previous.into()],
        )
        .await?;
    Ok(renewed == 1)
}

/// Sets the user's field Password Format to a code such as `AR2`. The version of the user record does not change.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn set_format(tx: &mut Tx, user: RecordId, format: &'static str) -> Result<(), StorageError> {
    let sql = "UPDATE sec_users SET password_format = $1 WHERE id = $2";
    tx.execute(sql, vec![format.into(), user.into()]).await.map(drop)
}

/// Sets the user's number of wrong passwords since the last right one. The version of the user record does not change.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn set_failures(tx: &mut Tx, user: RecordId, count: i64) -> Result<(), StorageError> {
    let sql = "UPDATE sec_users SET access_failed_count = $1 WHERE id = $2";
    tx.execute(sql, vec![count.into(), user.into()]).await.map(drop)
}

/// Adds one to the user's number of wrong passwords, of which no more than two thousand million are counted. The version of the user record does not change.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn count_failure(tx: &mut Tx, user: RecordId) -> Result<(), StorageError> {
    let sql = "UPDATE sec_users SET access_failed_count = access_failed_count + 1 \
               WHERE id = $1 AND access_failed_count < 2000000000";
    tx.execute(sql, vec![user.into()]).await.map(drop)
}

/// Stores a one-time code of the user, issued at `at` by the login `by`. It replaces an earlier one, which is refused
/// from then on.
///
/// # Errors
/// [`StorageError::ForeignKey`] when the user does not exist.
pub async fn set_reset(
    tx: &mut Tx,
    user: RecordId,
    code: &ResetCode,
    at: Timestamp,
    by: &str,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO sec_reset_codes (user_id, hash, issued_at, issued_by, ends_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, issued_at = excluded.issued_at,
                issued_by = excluded.issued_by, ends_at = excluded.ends_at",
        vec![user.into(), code.hash.as_str().into(), at.into(), by.into(), code.ends_at.into()],
    )
    .await
    .map(drop)
}

/// Deletes the user's one-time code of this hash; returns whether it existed. When several transactions use one code at
/// the same time, the result is `true` for one of them only.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn use_reset(tx: &mut Tx, user: RecordId, hash: &str) -> Result<bool, StorageError> {
    let sql = "DELETE FROM sec_reset_codes WHERE user_id = $1 AND hash = $2";
    Ok(tx.execute(sql, vec![user.into(), hash.into()]).await? == 1)
}

/// Deletes the user's one-time code, if the user has one.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn end_reset(tx: &mut Tx, user: RecordId) -> Result<(), StorageError> {
    tx.execute("DELETE FROM sec_reset_codes WHERE user_id = $1", vec![user.into()]).await.map(drop)
}

/// Reads the texts of a user that a password must not be made of (`docs/promises.md`, 1): the name in each language,
/// the name of the person's parent party in each language, login, e-mail, and the claimed company. Empty when the user
/// does not exist.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn personal_texts(s: &mut Session, user: RecordId) -> Result<Vec<String>, StorageError> {
    let row = s
        .fetch_optional(
            "SELECT u.name, company.party_name, u.login, u.email, u.company_name
               FROM sec_users u
               LEFT JOIN gen_parties person ON person.id = u.person
               LEFT JOIN gen_parties company ON company.id = person.parent_party
              WHERE u.id = $1",
            vec![user.into()],
        )
        .await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    let mut texts = Vec::new();
    for (column, field) in [(0, &user::NAME.def), (1, &party::PARTY_NAME.def)] {
        if let Value::Multi(name) = columns::read(field, &row, column)? {
            texts.extend(name.iter().map(|(_, text)| text.to_owned()));
        }
    }
    for column in 2..5 {
        texts.extend(row.opt_text(column)?);
    }
    Ok(texts)
}

//! What a login is proved by: the hash of its password, and its one-time code. Neither is read with the user.

use std::fmt;

use jiff::Timestamp;

use super::columns;
use super::db::{Row, Session, Sql, Tx, instant};
use super::error::StorageError;
use super::facts::SelectedSites;
use super::statement::literal;
use crate::domain::codes::{SiteFacts, UserType};
use crate::domain::entities::{party, user};
use crate::domain::model::text;
use crate::domain::model::value::{FALLBACK_LANGUAGE, MultiLang, RecordId, Value, Version};

/// A login as a sign-in sees it.
pub struct Account {
    /// The user.
    pub user: RecordId,
    /// The version of the user.
    pub version: Version,
    /// The name signed in with.
    pub login: String,
    /// The name shown.
    pub name: MultiLang,
    /// The language of texts, where one was chosen.
    pub language: Option<String>,
    /// What the login is for.
    pub user_type: UserType,
    /// May do everything in the back office.
    pub is_admin: bool,
    /// Whether the user is switched on.
    pub active: bool,
    /// Until then the login cannot sign in.
    pub locked_until: Option<Timestamp>,
    /// Wrong passwords since the last right one.
    pub failed_count: i64,
    /// The code of the password's format, such as `AR2`, as it stands on the user.
    pub format: Option<String>,
    /// The password; `None` until one is chosen.
    pub password: Option<Password>,
    /// The one-time code that was issued last and not used yet.
    pub reset: Option<ResetCode>,
}

/// A password as it is kept.
#[derive(Clone)]
pub struct Password {
    /// Its hash.
    pub hash: String,
    /// Counts the login's passwords.
    pub serial: i64,
}

/// A one-time code as it is kept.
#[derive(Clone)]
pub struct ResetCode {
    /// Its hash.
    pub hash: String,
    /// From then on it is worth nothing.
    pub ends_at: Timestamp,
}

/// Without the hashes.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Whether there is an internal user with a password or a one-time code: until then the console is run for the first
/// time.
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

/// The condition that the user `u` is an operator.
fn is_operator() -> String {
    format!("u.user_type = {}", literal(UserType::InternalUser.code()))
}

/// The account of a login, which is found ignoring case.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn account_of(s: &mut Session, login: &str) -> Result<Option<Account>, StorageError> {
    let row = s.fetch_optional(select_accounts("u.login_key = $1"), vec![text::key(login).into()]).await?;
    row.as_ref().map(read).transpose()
}

/// The account of a user.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn account(s: &mut Session, user: RecordId) -> Result<Option<Account>, StorageError> {
    let row = s.fetch_optional(select_accounts("u.id = $1"), vec![user.into()]).await?;
    row.as_ref().map(read).transpose()
}

/// The accounts of every operator, by login.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn operators(s: &mut Session) -> Result<Vec<Account>, StorageError> {
    let all = select_accounts(&format!("{} ORDER BY u.login_key", is_operator()));
    let rows = s.fetch_all(all, vec![]).await?;
    rows.iter().map(read).collect()
}

fn select_accounts(which: &str) -> Sql {
    Sql::built(format!(
        "SELECT u.id, u.object_version, u.login, u.name, u.default_language, u.user_type, u.is_admin,
                u.active, u.lockout_end_utc, u.access_failed_count, u.password_format, c.hash, c.serial,
                r.hash, r.ends_at
           FROM sec_users u
           LEFT JOIN sec_credentials c ON c.user_id = u.id
           LEFT JOIN sec_reset_codes r ON r.user_id = u.id
          WHERE {which}"
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
        locked_until: row.opt_int(8)?.map(instant).transpose()?,
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

/// What a session is judged by at each of its steps. No secret is among it.
#[derive(Clone, Debug)]
pub struct SessionAccount {
    /// The name signed in with.
    pub login: String,
    /// The name shown.
    pub name: MultiLang,
    /// The language of texts, in lower case; the fallback where none was chosen.
    pub language: String,
    /// What the login is for.
    pub user_type: UserType,
    /// May do everything in the back office.
    pub is_admin: bool,
    /// Whether the user is switched on.
    pub active: bool,
    /// Counts the login's passwords; `None` until one is chosen.
    pub serial: Option<i64>,
}

/// The columns of a [`SessionAccount`].
const SESSION_COLUMNS: [&str; 7] =
    ["u.login", "u.name", "u.default_language", "u.user_type", "u.is_admin", "u.active", "c.serial"];

/// What the session of a user is judged by; `None` when the user is gone.
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

/// [`session_account`] and, in the same statement, the facts of a Client Center site as [`facts::site`] gives them, in
/// the language of the login.
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
        language: row.opt_text(2)?.unwrap_or_else(|| FALLBACK_LANGUAGE.to_owned()).to_lowercase(),
        user_type: read_user_type(row, 3)?,
        is_admin: row.bool(4)?,
        active: row.bool(5)?,
        serial: row.opt_int(6)?,
    })
}

/// Sets the hash of a user's password; gives its serial number.
///
/// # Errors
/// [`StorageError::ForeignKey`] when there is no such user.
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

/// Keeps the same password by another hash, unless another password was chosen meanwhile; tells whether it did.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn renew_hash(tx: &mut Tx, user: RecordId, was: &str, hash: &str) -> Result<bool, StorageError> {
    let renewed = tx
        .execute(
            "UPDATE sec_credentials SET hash = $1 WHERE user_id = $2 AND hash = $3",
            vec![hash.into(), user.into(), was.into()],
        )
        .await?;
    Ok(renewed == 1)
}

/// Writes down on the user how the password is kept. The user's version stays.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn set_format(tx: &mut Tx, user: RecordId, format: &'static str) -> Result<(), StorageError> {
    let sql = "UPDATE sec_users SET password_format = $1 WHERE id = $2";
    tx.execute(sql, vec![format.into(), user.into()]).await.map(drop)
}

/// Writes down how many wrong passwords there were since the last right one. The user's version stays.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn set_failures(tx: &mut Tx, user: RecordId, count: i64) -> Result<(), StorageError> {
    let sql = "UPDATE sec_users SET access_failed_count = $1 WHERE id = $2";
    tx.execute(sql, vec![count.into(), user.into()]).await.map(drop)
}

/// One wrong password more. The user's version stays.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn count_failure(tx: &mut Tx, user: RecordId) -> Result<(), StorageError> {
    let sql = "UPDATE sec_users SET access_failed_count = access_failed_count + 1 WHERE id = $1";
    tx.execute(sql, vec![user.into()]).await.map(drop)
}

/// Keeps a one-time code; the one before it ends.
///
/// # Errors
/// [`StorageError::ForeignKey`] when there is no such user.
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

/// Uses up a one-time code; tells whether it was still there. Of several who use one at once, one is told so.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn use_reset(tx: &mut Tx, user: RecordId, hash: &str) -> Result<bool, StorageError> {
    let sql = "DELETE FROM sec_reset_codes WHERE user_id = $1 AND hash = $2";
    Ok(tx.execute(sql, vec![user.into(), hash.into()]).await? == 1)
}

/// Ends the one-time code of a user, if there is one.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn end_reset(tx: &mut Tx, user: RecordId) -> Result<(), StorageError> {
    tx.execute("DELETE FROM sec_reset_codes WHERE user_id = $1", vec![user.into()]).await.map(drop)
}

/// What everybody knows of a user: login, e-mail, the name in each language, the claimed company, and the company
/// of the person. No password is made of it.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn known_of(s: &mut Session, user: RecordId) -> Result<Vec<String>, StorageError> {
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
    let mut known = Vec::new();
    for (column, field) in [(0, &user::NAME.def), (1, &party::PARTY_NAME.def)] {
        if let Value::Multi(name) = columns::read(field, &row, column)? {
            known.extend(name.iter().map(|(_, text)| text.to_owned()));
        }
    }
    for column in 2..5 {
        known.extend(row.opt_text(column)?);
    }
    Ok(known)
}

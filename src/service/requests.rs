//! Requests for accounts: asking for one, turning it down, opening it again (`domain.md`, Requests).

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::record::Record;
use crate::domain::request::Source;
use crate::domain::value::RecordId;
use crate::service::session::{Origin, Secret};
use crate::service::{Desk, ServiceError, World};
use crate::storage::db::Db;

/// What an applicant fills in (Create Local Account).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountForm {
    /// E-mail, required; it becomes the login.
    pub email: String,
    /// Full Name, required.
    pub full_name: String,
    /// Phone number.
    pub phone: String,
    /// The tag of the default language, one of [`LANGUAGES`]; empty means English.
    pub language: String,
    /// The company the applicant claims to work for.
    pub company: String,
    /// The message to the registration operator.
    pub message: String,
    /// Password, required.
    pub password: Secret,
}

/// The languages an applicant can choose, each by its tag and its own name.
pub const LANGUAGES: [(&str, &str); 4] =
    [("en", "English"), ("bg", "Български"), ("de", "Deutsch"), ("fr", "Français")];

/// Asks for an account. The answer is the same whether or not the e-mail has one already: nobody learns who has.
///
/// # Errors
/// [`ServiceError::Invalid`] at the fields, by the properties of the user that is made.
pub async fn create_account(
    _db: &Db,
    _world: &World,
    _from: &Origin,
    _source: Source,
    _form: &AccountForm,
) -> Result<(), ServiceError> {
    Err(ServiceError::Denied(String::new()))
}

/// Requests that came again for an account that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// How many.
    pub times: i64,
    /// When the last one came.
    pub last_at: Timestamp,
}

impl Desk {
    /// Turns a user's pending request down: the user is switched off, and the reason is kept.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] without a reason or a pending request, [`ServiceError::Denied`].
    pub async fn reject(&self, _user: RecordId, _reason: &str) -> Result<Arc<Record>, ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }

    /// Takes a rejection back: the request is pending again, and the user switched on.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when the user's last request was not rejected.
    pub async fn reopen(&self, _user: RecordId) -> Result<Arc<Record>, ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }

    /// How many requests wait to be decided.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn waiting(&self) -> Result<i64, ServiceError> {
        Ok(0)
    }
}

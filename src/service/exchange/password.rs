//! Passwords in the input: only a hash that a sign-in here can verify is taken over (`docs/promises.md`, 3).

use crate::domain::entities::user;
use crate::domain::model::choice::Choices;
use crate::domain::model::format;
use crate::service::auth;

/// The property that holds a password.
pub const PASSWORD: &str = "Password";

/// The property that names the hash format of the password.
pub const PASSWORD_FORMAT: &str = "PasswordFormat";

/// The text that replaces a password which is no hash.
pub const HIDDEN: &str = "[secret]";

/// The format code of `text` if it is a hash that a sign-in here can verify. An Argon2id hash is recognised by its
/// prefix. For any other format the object has to name it in `named`, since a password may look like a hash.
pub fn hash_format(text: &str, named: Option<&str>) -> Option<&'static str> {
    let named = || format::read_choice(user::PasswordFormat::CHOICES, named?);
    let format = auth::format_of(text)?;
    let is_named = named().is_some_and(|named| named.code == format);
    (format == auth::NEW_FORMAT || is_named).then_some(format)
}

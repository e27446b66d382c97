//! What an operator of the back office does: records and lists, requests for accounts, access to customers.

mod authorise;
pub mod check;
pub mod diagnosis;
pub mod exports;
pub mod grants;
mod operations;
mod operators;
pub mod proposals;
pub mod queue;
pub mod records;
pub mod requests;
pub mod reviews;
mod sign_in;
pub mod undo;

use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Reference};
use crate::service::World;
use crate::service::auth::{COMMAND_LINE, SessionToken};
use crate::storage::db::Db;

pub use operations::OperationEntry;
pub use operators::{Operator, first_operator, operators_exist};
pub use sign_in::{SiteChoice, open_without_password, sign_in};

/// An operator who is signed in, with the site chosen for judging users.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedIn {
    /// The operator's user.
    pub operator: RecordId,
    /// The name signed in with; history names it.
    pub login: String,
    /// The name shown.
    pub name: String,
    /// The language of texts.
    pub language: String,
    /// May do everything.
    pub is_admin: bool,
    /// The enterprise company worked for: that of the site.
    pub enterprise_company: Option<Reference>,
    /// The Client Center site for which users are judged.
    pub site: Option<Reference>,
}

/// The service as one signed-in operator has it.
#[derive(Clone)]
pub struct BackOffice {
    /// The database.
    pub db: Db,
    /// The time and new identities.
    pub world: World,
    /// The operator.
    pub who: SignedIn,
    /// The session token, which every step judges anew.
    pub token: SessionToken,
}

impl BackOffice {
    /// The back office of a command. Whoever can open the database may do everything with it; the principal is no user.
    pub fn for_command_line(db: &Db, world: &World) -> Self {
        let token = SessionToken::of_command_line((world.now)());
        let who = SignedIn {
            operator: token.user,
            login: COMMAND_LINE.to_owned(),
            name: COMMAND_LINE.to_owned(),
            language: FALLBACK_LANGUAGE.to_owned(),
            is_admin: true,
            enterprise_company: None,
            site: None,
        };
        Self { db: db.clone(), world: world.clone(), who, token }
    }
}

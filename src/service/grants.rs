//! Who may see which customer's data: granted and ended by the back office (`domain.md`, Customers - External Access).

use std::sync::Arc;

use crate::domain::access::Role;
use crate::domain::record::Record;
use crate::domain::schema::EntityDef;
use crate::domain::value::{RecordId, Version};
use crate::service::{Desk, ServiceError};

/// One access for each of several customers, all alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// Who is let in.
    pub user: RecordId,
    /// To whose data.
    pub customers: Vec<RecordId>,
    /// What the user may do.
    pub role: Role,
    /// How many days back; `None` is unlimited.
    pub days_back: Option<i64>,
    /// Notes.
    pub notes: String,
}

impl Desk {
    /// Grants them all or none. `asked` goes on where it would otherwise only ask.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] at the fields, [`ServiceError::Denied`].
    pub async fn grant(&self, _grants: &Grants, _asked: bool) -> Result<Vec<Arc<Record>>, ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }

    /// Removes a record of a kind that can be removed ([`EntityDef::removal`]).
    ///
    /// # Errors
    /// [`ServiceError::Invalid`], [`ServiceError::Conflict`] when it was saved meanwhile, [`ServiceError::Denied`].
    pub async fn remove(
        &self,
        _entity: &'static EntityDef,
        _id: RecordId,
        _version: Version,
    ) -> Result<(), ServiceError> {
        Err(ServiceError::Denied(String::new()))
    }
}

//! Why an object of the input is not applied.

use std::sync::Arc;

use uuid::Uuid;

use crate::domain::model::value::RecordId;
use crate::service::ServiceError;
use crate::storage::error::StorageError;

/// Why an object was not applied; texts are one sentence. The caller rolls back to the savepoint before the object.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The object needs a record that does not exist, or does not exist yet.
    Missing(Missing),
    /// The object is invalid by itself; nothing of it was written.
    Wrong(String),
    /// The database refused the object, or a rule that needs the database did.
    Refused(String),
    /// The database failed, and the import ends.
    Broken(StorageError),
}

impl Trouble {
    /// Whether the database refused the object, or a rule that needs the database did.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// What an object waits for.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Missing {
    /// The sentence that says what is missing.
    pub sentence: String,
    /// The reference to a record that does not exist, if it is one with an id.
    pub reference: Option<MissingReference>,
}

/// A reference to a record that does not exist.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct MissingReference {
    /// The property and the reference as the input writes it: `Person: General_Contacts_Persons(…)`.
    pub written: String,
    /// The id of the record.
    pub id: Uuid,
}

impl Missing {
    /// What is missing is no reference.
    pub(super) fn whole(sentence: String) -> Self {
        Self { sentence, reference: None }
    }

    /// A reference that finds no record, as [`MissingReference::written`].
    pub(super) fn reference(written: String, id: Option<RecordId>) -> Self {
        let sentence = format!("{written} is not there.");
        Self { sentence, reference: id.map(|id| MissingReference { written, id: id.0 }) }
    }
}

impl From<Missing> for Trouble {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Unique { .. }
            | StorageError::ForeignKey
            | StorageError::Required { .. }
            | StorageError::Check { .. }
            | StorageError::Refused(_)
            | StorageError::Other(_) => Self::Refused(error.to_string()),
            other => Self::Broken(other),
        }
    }
}

impl From<ServiceError> for Trouble {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Storage(error) => Arc::unwrap_or_clone(error).into(),
            ServiceError::Invalid(issues) => {
                Self::Refused(issues.into_iter().map(|issue| issue.message).collect::<Vec<_>>().join(" "))
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

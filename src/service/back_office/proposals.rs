//! Persons and companies proposed for requests for accounts (`docs/domain.md`, Proposals).

use crate::domain::matching::{Proposals, propose};
use crate::domain::model::value::RecordId;
use crate::service::ServiceError;
use crate::service::back_office::BackOffice;
use crate::storage::candidates::{self, Request};

/// The most requests that are compared at once.
const BATCH: usize = 20;

/// What is proposed for one login.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    /// The login.
    pub login: String,
    /// The persons and companies; none for a login whose person belongs to a party.
    pub proposals: Proposals,
}

impl BackOffice {
    /// What is proposed for each of these users: persons and companies for a login without person, companies for one whose
    /// person belongs to no party. In the order of the ids; those of no user are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn proposals(&self, users: &[RecordId]) -> Result<Vec<Proposed>, ServiceError> {
        let mut conn = self.read().await?;
        let mut proposed = Vec::with_capacity(users.len());
        for users in users.chunks(BATCH) {
            let requests = candidates::requests(&mut conn, users).await?;
            let asked: Vec<_> = requests.iter().filter_map(|request| request.asked.as_ref()).collect();
            let known = candidates::known(&mut conn, &asked, &self.who.language).await?;
            proposed.extend(requests.into_iter().map(|Request { login, asked }| {
                let proposals = asked.map_or_else(Proposals::default, |asked| propose(&asked, &known));
                Proposed { login, proposals }
            }));
        }
        Ok(proposed)
    }
}

//! Generated users for the demo company, in any number, to try lists and reports at full size.
//!
//! The same number and seed give the same records. Most users can sign in to a Client Center; among the others every
//! code of a user occurs.

mod names;
mod population;

use std::collections::BTreeMap;

pub use population::{Batch, Population};

use crate::domain::codes::AccessRules;
use crate::domain::entities::{country, customer};
use crate::domain::model::record::Draft;
use crate::domain::model::value::{Reference, Value};
use crate::service::ServiceError;
use crate::service::back_office::BackOffice;
use crate::storage::error::StorageError;
use crate::storage::records::{self, FindBy, SaveError};
use crate::storage::{accounts, bulk, facts};

/// What generated records take from the database: templates of customers, and countries.
#[derive(Clone, Debug, Default)]
pub struct Market {
    /// A new customer of the first active site with the rule set `Person`; `None` without such a site.
    pub by_person: Option<Draft>,
    /// A new customer of the first active site with the rule set `ExternalAccess`; `None` without such a site.
    pub by_access: Option<Draft>,
    /// Countries by their ISO 3166-1 code.
    pub countries: BTreeMap<&'static str, Reference>,
}

impl BackOffice {
    /// Adds generated users with their persons, companies and customers in one transaction, without history. Calls
    /// `progress` after each batch with the number of users so far.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] when the database has generated users already, or when it cannot be written.
    pub async fn generate(
        &self,
        users: u64,
        seed: u64,
        mut progress: impl FnMut(u64),
    ) -> Result<(), ServiceError> {
        let population = Population::new(users, seed, self.market().await?);
        let now = (self.world.now)();
        // One transaction: given up half way, it must not leave the database without its indexes.
        let mut tx = self.begin().await?;
        let indexes = bulk::drop_indexes(&mut tx).await?;
        let mut made = 0;
        for batch in population {
            made += batch.users();
            for (entity, drafts) in batch.records {
                records::insert_many(&mut tx, entity, drafts, now, &self.who.login).await.map_err(refused)?;
            }
            accounts::add_requests(&mut tx, &batch.requests).await?;
            progress(made);
        }
        bulk::recreate_indexes(&mut tx, indexes).await.map_err(|error| refused(error.into()))?;
        Ok(tx.commit().await?)
    }

    async fn market(&self) -> Result<Market, ServiceError> {
        let mut market = Market::default();
        let mut conn = self.read().await?;
        let sites = facts::client_center_sites(&mut conn, &self.who.language).await?;
        for site in sites.into_iter().filter(|site| site.active) {
            let Some(company) = site.enterprise_company else { continue };
            let mut draft = Draft::new(&customer::CUSTOMER);
            draft.set(&customer::ENTERPRISE_COMPANY.def, Value::Ref(company));
            let agreement = match site.rules {
                AccessRules::Person => &mut market.by_person,
                AccessRules::ExternalAccess => &mut market.by_access,
            };
            if agreement.is_none() {
                *agreement = Some(self.new_draft(draft).await?);
            }
        }
        for culture in &names::CULTURES {
            let code = Value::text(culture.country);
            let by_code = FindBy::Field(&country::CODE.def, &code);
            if let Some(id) = records::find(&mut conn, &country::COUNTRY, by_code).await? {
                market.countries.insert(culture.country, Reference { id, shown: String::new() });
            }
        }
        Ok(market)
    }
}

fn refused(error: SaveError) -> ServiceError {
    match error {
        SaveError::Storage(error) if !matches!(error, StorageError::Unique { .. }) => error.into(),
        _ => {
            ServiceError::Denied("There are generated users here already; begin with a new database.".into())
        }
    }
}

//! Admission to a Client Center once login and password are right (`docs/codes.md`, Sign-in, 2 to 4).

use std::sync::Arc;

use jiff::civil::Date;

use super::Client;
use crate::domain::codes::{
    AccessRules, Code, CustomerFacts, Facts, GrantFacts, SiteFacts, UserType, oldest_visible,
};
use crate::domain::model::text;
use crate::domain::model::value::{RecordId, Reference};
use crate::service::back_office::diagnosis;
use crate::service::{ServiceError, World};
use crate::storage::db::Session;
use crate::storage::facts;

/// The user types that can sign in to Client Centers (`docs/domain.md`, Users).
pub(super) const VISITORS: [UserType; 2] = [UserType::InternalUser, UserType::ExternalCommunityUser];

/// The message when a Client Center is not active any more.
pub(super) const CLOSED: &str = "This Client Center does not answer any more; ask the company it belongs to.";

/// The site, if it is an active Client Center.
pub(super) async fn answering(
    s: &mut Session,
    site: RecordId,
    language: &str,
) -> Result<Option<SiteFacts>, ServiceError> {
    Ok(facts::site(s, site, language).await?.filter(|site| site.active))
}

/// The customers whose data a user may see at a site, or the lowest code that failed.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such user.
pub(super) async fn judge(
    s: &mut Session,
    world: &World,
    user: RecordId,
    site: SiteFacts,
    language: &str,
) -> Result<Result<Vec<Client>, Code>, ServiceError> {
    let user = facts::users(s, &[user], language).await?.pop().ok_or(ServiceError::NotFound)?;
    let judged = diagnosis::judge(world, user, Arc::new(site));
    Ok(judged.diagnosis.sign_in().map_or_else(|| Ok(clients(&judged.facts)), Err))
}

/// The customers that a user may choose at a site, by name: those that a location serves (`docs/codes.md`, Sign-in,
/// 4).
pub(super) fn clients(facts: &Facts) -> Vec<Client> {
    let mut clients: Vec<Client> = match facts.site.rules {
        AccessRules::Person => {
            facts.agreement().filter(|own| is_served(own)).map(by_person).into_iter().collect()
        }
        AccessRules::ExternalAccess => facts
            .granted()
            .filter(|grant| is_served(&grant.customer))
            .map(|grant| by_grant(grant, facts.today))
            .collect(),
    };
    clients.sort_by_cached_key(|client| (text::fold(&client.customer.shown), client.customer.id));
    clients
}

fn is_served(customer: &CustomerFacts) -> bool {
    customer.location.is_some()
}

fn reference(customer: &CustomerFacts) -> Reference {
    Reference { id: customer.id, shown: customer.label() }
}

fn by_person(agreement: &CustomerFacts) -> Client {
    Client { customer: reference(agreement), role: None, days_back: None, oldest: None, valid_until: None }
}

fn by_grant(grant: &GrantFacts, today: Date) -> Client {
    Client {
        customer: reference(&grant.customer),
        role: Some(grant.role),
        days_back: grant.days_back,
        oldest: oldest_visible(grant.days_back, today),
        valid_until: grant.valid_until,
    }
}

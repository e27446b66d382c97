//! A customer whose users somebody manages never loses the last who can (promise 8).

use crate::domain::codes::Role;
use crate::domain::entities::external_access::{self, EXTERNAL_ACCESS};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::EntityDef;
use crate::service::ServiceError;
use crate::storage::db::{AdvisoryLock, Tx};
use crate::storage::facts;

/// Whether changing records of that kind can take the last one away. Several of them in one transaction take the turn of
/// [`AdvisoryLock::Managers`] before they hold any row, as User Management does, or the two would each wait for the other.
pub fn concerns(entity: &EntityDef) -> bool {
    entity.is(&EXTERNAL_ACCESS)
}

/// Why a row of External Access cannot become what `after` makes of it, or go where there is none: it is the last
/// through which somebody who can sign in manages the customer's users. One sentence that names the way out; `None`
/// when nothing is lost. (That an owner stays is a rule of its own.)
///
/// # Errors
/// When the database cannot be read.
pub async fn objection_to(
    tx: &mut Tx,
    row: &Record,
    after: Option<&Draft>,
) -> Result<Option<String>, ServiceError> {
    let manages = |role: Option<Role>| role.is_some_and(Role::manages_users);
    let stays = after.is_some_and(|after| manages(after.get(&external_access::ROLE)));
    let managed = row.entity.is(&EXTERNAL_ACCESS) && manages(row.get(&external_access::ROLE));
    if !managed || stays || external_access::is_owner(row) {
        return Ok(None);
    }
    let (Some(customer), Some(user)) = (row.get(&external_access::CUSTOMER), row.get(&external_access::USER))
    else {
        return Ok(None);
    };
    // Two who end each other's access at once would each count on the other.
    tx.lock(AdvisoryLock::Managers).await?;
    let is_last = facts::managers(tx, customer.id).await? == [row.id];
    Ok(is_last.then(|| {
        format!(
            "{} is the last who can manage the users of {}; make somebody else Admin first, or switch this login off.",
            user.shown, customer.shown
        )
    }))
}

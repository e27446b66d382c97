//! The rule that a customer keeps the last user who can manage its users (`docs/promises.md`, 8).

use jiff::Timestamp;

use crate::domain::codes::Role;
use crate::domain::entities::external_access::{self, EXTERNAL_ACCESS, has_ended};
use crate::domain::model::instant::utc_date;
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::EntityDef;
use crate::service::ServiceError;
use crate::storage::db::{AdvisoryLock, Tx};
use crate::storage::facts;

/// Whether a change of records of `entity` can take the last manager from a customer. A transaction that changes
/// several of them takes [`AdvisoryLock::Managers`] before it locks any row, as User Management does; otherwise two
/// transactions could deadlock.
pub fn concerns(entity: &EntityDef) -> bool {
    entity.is(&EXTERNAL_ACCESS)
}

/// Why a row of External Access cannot be changed to `after`, or deleted if that is `None`: it is the last through
/// which a user who can sign in at `now` manages the customer's users. One sentence that says what to do instead;
/// `None` when the change is allowed.
///
/// # Errors
/// When the database cannot be read.
pub async fn objection_to(
    tx: &mut Tx,
    row: &Record,
    after: Option<&Draft>,
    now: Timestamp,
) -> Result<Option<String>, ServiceError> {
    let managed = row.entity.is(&EXTERNAL_ACCESS) && manages(row, now);
    if !managed || after.is_some_and(|after| manages(after, now)) {
        return Ok(None);
    }
    let (Some(customer), Some(user)) = (row.get(&external_access::CUSTOMER), row.get(&external_access::USER))
    else {
        return Ok(None);
    };
    // Otherwise two transactions could each end the access on which the other relies.
    tx.lock(AdvisoryLock::Managers).await?;
    let is_last = facts::managers(tx, customer.id, now).await? == [row.id];
    Ok(is_last.then(|| {
        format!(
            "{} is the last who can manage the users of {}; make somebody else Admin first, or switch this login off.",
            user.shown, customer.shown
        )
    }))
}

/// Whether the customer's users can be managed through an external access at `now`, as far as its own fields say.
fn manages(access: &impl Fields, now: Timestamp) -> bool {
    let manages_users = access.get(&external_access::ROLE).is_some_and(Role::manages_users);
    manages_users && !has_ended(access.get(&external_access::VALID_UNTIL), utc_date(now))
}

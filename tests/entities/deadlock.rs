//! Transactions that wait for each other.

use ccdesk::domain::codes::Role;
use ccdesk::domain::entities::customer::CUSTOMER;
use ccdesk::domain::entities::external_access::{EXTERNAL_ACCESS, ROLE};
use ccdesk::domain::entities::user::{self, USER};
use ccdesk::domain::model::record::Fields;
use ccdesk::domain::model::value::Value;
use ccdesk::storage::accounts;
use ccdesk::storage::db::{AdvisoryLock, Create, Db};
use ccdesk::storage::records;

use crate::back_office::{back_office, changed, read};
use crate::company::{id, pending_request, save, user_draft};
use crate::grants::{FIRST, access, add_user, two_customers};
use crate::settings::set_default;
use crate::support::{Store, postgres};

/// Waits until a transaction waits for another one's row.
async fn somebody_waits(db: &Db) {
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    loop {
        let mut reading = db.read().await.expect("a connection");
        if reading.fetch_one(waiting, vec![]).await.expect("a count").int(0).expect("a number") > 0 {
            return;
        }
    }
}

pub(crate) async fn a_save_that_a_deadlock_has_undone_is_made_again(Store { db, url }: Store) {
    // The connections that a pooler holds keep the settings with which they were made.
    if postgres::is_pooled() {
        return;
    }
    two_customers(&db).await;
    let user = add_user(&db, 1).await;
    let access = save(&db, &access(id(FIRST), user, Role::Basic), id(2)).await.id;
    // The server looks for a deadlock once in each wait: the save's, when the other waits too by then.
    set_default(&db, "deadlock_timeout = '3s'").await;
    let db = Db::open(&url, Create::MustExist).await.expect("it opens");
    let saving = back_office(&db, "zoe", true).await;
    let mut other = db.begin().await.expect("a transaction");
    records::lock(&mut other, &CUSTOMER, id(FIRST)).await.expect("the customer");
    let raised = changed(&db, &EXTERNAL_ACCESS, access, &ROLE.def, Value::Code(Role::Billing.code())).await;
    let saved = tokio::spawn(async move { saving.save(&raised, true).await });
    somebody_waits(&db).await;
    let locked = records::lock(&mut other, &EXTERNAL_ACCESS, access).await;
    assert_eq!(locked, Ok(()), "the server has undone the save");
    other.commit().await.expect("nothing else was to be done");
    let saved = saved.await.expect("it ends").expect("it was made again");
    assert_eq!(saved.version, 2);
    assert_eq!(*read(&db, &EXTERNAL_ACCESS, access).await, *saved);
}

pub(crate) async fn a_rejection_waits_for_the_administrators_before_it_holds_the_user(
    Store { db, .. }: Store,
) {
    let admin = back_office(&db, "zoe", true).await;
    let mut asking = user_draft("maria", "Maria", None);
    asking.set(&user::USER_TYPE.def, Value::Code("INT"));
    asking.set(&user::IS_ADMIN.def, Value::Bool(true));
    save(&db, &asking, id(1)).await;
    let mut other = db.begin().await.expect("a transaction");
    accounts::add_request(&mut other, &pending_request(id(2), id(1))).await.expect("a request");
    other.commit().await.expect("it stays");
    let mut other = db.begin().await.expect("a transaction");
    other.lock(AdvisoryLock::Administrators).await.expect("nobody holds it");
    let rejected = tokio::spawn(async move { admin.reject(id(1), "nobody knows her").await });
    somebody_waits(&db).await;
    // As a save that takes away an administrator: the row after the lock, which has to be free.
    let row = "SELECT id FROM sec_users WHERE login = 'maria' FOR UPDATE NOWAIT";
    assert!(other.fetch_optional(row, vec![]).await.is_ok(), "the rejection holds the user already");
    other.commit().await.expect("nothing else was to be done");
    let rejected = rejected.await.expect("it ends").expect("it is rejected");
    assert!(!rejected.is(&user::ACTIVE));
}

pub(crate) async fn records_are_locked_in_one_order_whatever_order_is_asked_for(Store { db, .. }: Store) {
    for number in 1..=3 {
        save(&db, &user_draft(&format!("user{number}"), "Chris", None), id(number)).await;
    }
    let mut first = db.begin().await.expect("a transaction");
    records::lock_all(&mut first, [(&USER, id(1)), (&USER, id(9))]).await.expect("one is there");
    let waiting = db.clone();
    let second = tokio::spawn(async move {
        let mut tx = waiting.begin().await.expect("a transaction");
        records::lock_all(&mut tx, [3, 2, 1].map(|number| (&USER, id(number)))).await
    });
    somebody_waits(&db).await;
    // Of the three the second transaction holds none: it waits for the one with the lowest id.
    records::lock_all(&mut first, [(&USER, id(3)), (&USER, id(2))]).await.expect("nobody holds them");
    first.commit().await.expect("nothing else was to be done");
    assert_eq!(second.await.expect("it ends"), Ok(()));
}

//! The history of all records, by operation.

use ccdesk::domain::entities::{customer_type, user};
use ccdesk::domain::model::history::{HistoryAction, OperationFilter};
use ccdesk::domain::model::value::Value;
use ccdesk::storage::error::StorageError;

use crate::company::{draft, english, id, save, user_draft};
use crate::support::Store;
use crate::{back_office, last, operations, saved};

pub(crate) async fn operations_are_listed_newest_first_by_whatever_they_are_filtered(
    Store { db, .. }: Store,
) {
    let (ann, bob) = (back_office(&db, "ann", true).await, back_office(&db, "bob", true).await);
    save(&db, &user_draft("chris", "Chris", None), id(1)).await;
    for number in 0..5 {
        let kind = draft(&customer_type::CUSTOMER_TYPE, &[(&customer_type::NAME.def, english("Retail"))]);
        saved(if number % 2 == 0 { &ann } else { &bob }, &kind).await;
    }
    saved(&bob, &user_draft("dora", "Dora", None)).await;
    let by_bob = last(&ann).await;
    ann.undo(by_bob, true, None).await.expect("it is undone");
    let all = operations(&ann).await;
    assert!(all.windows(2).all(|pair| pair[0].at > pair[1].at), "newest first");
    let none = OperationFilter::default();
    let found = async |filter: OperationFilter| {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = ann.operations(&filter, after, 2).await.expect("a page");
            found.extend(page.operations);
            after = page.more_before;
            if after.is_none() {
                return found;
            }
        }
    };
    assert_eq!(found(none.clone()).await, all, "page by page as at once");
    let of_bob = OperationFilter { who: Some("bob".to_owned()), ..none.clone() };
    assert_eq!(found(of_bob.clone()).await.len(), 3);
    let of_users = OperationFilter { entity: Some(&user::USER), ..none.clone() };
    assert_eq!(found(of_users.clone()).await, all[..2]);
    let removed = OperationFilter { action: Some(HistoryAction::Deleted), ..none.clone() };
    assert_eq!(found(removed).await, all[..1]);
    let made = OperationFilter { action: Some(HistoryAction::Created), ..of_users };
    assert_eq!(found(made).await, all[1..2]);
    let types = OperationFilter { entity: Some(&customer_type::CUSTOMER_TYPE), ..of_bob };
    assert_eq!(found(types).await.len(), 2);
    let (from, before) = (Some(all[3].at), Some(all[1].at));
    let between = OperationFilter { from, before, ..none.clone() };
    assert_eq!(found(between).await, all[2..4]);
    let record = ann.entries_of_operation(by_bob.operation, 0, 1).await.expect("an entry")[0].entry.record;
    let of_dora = OperationFilter { record: Some((&user::USER, record)), ..none.clone() };
    assert_eq!(found(of_dora).await, all[..2]);
    let nobody = OperationFilter { who: Some("nobody".to_owned()), ..none };
    assert_eq!(found(nobody).await, []);
}

pub(crate) async fn operations_can_only_grow(Store { db, .. }: Store) {
    let ann = back_office(&db, "ann", true).await;
    let mut made = user_draft("chris", "Chris", None);
    made.set(&user::NOTES.def, Value::text("new"));
    saved(&ann, &made).await;
    for statement in [
        "UPDATE operations SET login = 'somebody else'",
        "DELETE FROM operations",
        "UPDATE operation_actions SET action = 'refused'",
        "DELETE FROM operation_actions",
    ] {
        let mut tx = db.begin().await.expect("a transaction");
        let refused = tx.execute(statement, vec![]).await;
        assert!(matches!(refused, Err(StorageError::Refused(_))), "{statement}: {refused:?}");
    }
}

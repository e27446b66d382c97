//! Undo of operations (`docs/promises.md`, 34): a property over random operations of every kind, and a story for each
//! refusal. Everything is told on both engines.

#[expect(dead_code, reason = "shared with tests/entities, which needs all of it")]
#[path = "../entities/company.rs"]
mod company;
mod listing;
mod property;
mod refusals;
#[expect(dead_code, reason = "shared with tests/storage.rs, which needs all of it")]
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use ccdesk::domain::entities::user;
use ccdesk::domain::model::history::{Operation, OperationFilter, Undoes};
use ccdesk::domain::model::record::{Draft, Record};
use ccdesk::domain::model::value::Value;
use ccdesk::service::back_office::{BackOffice, open_without_password};
use ccdesk::service::{Policy, ServiceError, World};
use ccdesk::storage::db::Db;
use ccdesk::storage::records::{self, FindBy};
use company::{id, now};
use jiff::SignedDuration;
use listing::*;
use property::*;
use refusals::*;

on_both_engines! {
    promise_34_operations_undone_in_reverse_leave_every_row_as_it_was,
    promise_34_an_operation_of_thousands_of_records_is_undone,
    what_an_undo_would_do_is_said_in_words_and_not_done,
    an_operation_is_undone_once_and_redone_by_undoing_the_undo,
    one_change_of_an_operation_is_undone_alone,
    promise_34_what_has_moved_on_is_named_with_who_moved_it,
    a_record_that_others_refer_to_by_now_stays,
    what_holds_a_secret_or_was_asked_for_by_an_applicant_is_not_undone,
    promise_07_an_undo_takes_the_rights_of_a_save,
    an_undo_asks_and_refuses_as_a_save_does,
    a_number_is_given_again_unless_another_was_given_since,
    every_operation_has_its_purpose,
    operations_are_listed_newest_first_by_whatever_they_are_filtered,
    operations_can_only_grow,
}

/// Identities never come twice, however many worlds there are.
static NEXT: AtomicU64 = AtomicU64::new(0xF000);

/// Each moment is asked for once, so that times tell which operation is newer.
static SECONDS: AtomicI64 = AtomicI64::new(0);

pub(crate) fn world() -> World {
    World {
        now: Arc::new(|| now() + SignedDuration::from_secs(SECONDS.fetch_add(1, Ordering::Relaxed) % 20_000)),
        new_id: Arc::new(|| id(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))),
        random: Arc::new(|bytes| bytes.fill(7)),
        policy: Policy { session: SignedDuration::from_hours(24), ..Policy::default() },
    }
}

/// The back office of an operator who needs no password, and is added at the first call.
pub(crate) async fn back_office(db: &Db, login: &str, is_admin: bool) -> BackOffice {
    let operator = match user_of(db, login).await {
        Some(operator) => operator.id,
        None => {
            let mut operator = company::user_draft(login, login, None);
            operator.set(&user::USER_TYPE.def, Value::Code("INT"));
            operator.set(&user::IS_ADMIN.def, Value::Bool(is_admin));
            company::save(db, &operator, (world().new_id)()).await.id
        }
    };
    open_without_password(db, &world(), operator).await.expect("a back office")
}

/// The user of that login.
pub(crate) async fn user_of(db: &Db, login: &str) -> Option<Record> {
    let mut conn = db.read().await.expect("a connection");
    let login = Value::text(login);
    let by = FindBy::Field(&user::LOGIN.def, &login);
    let id = records::find(&mut conn, &user::USER, by).await.expect("an answer")?;
    records::load(&mut conn, &user::USER, id, "en").await.expect("an answer")
}

/// Saves a draft, whatever is asked; a new one with what a form would begin with.
pub(crate) async fn saved(back_office: &BackOffice, draft: &Draft) -> Arc<Record> {
    let draft = match draft.base {
        None => back_office.new_draft(draft.clone()).await.expect("a new draft"),
        Some(_) => draft.clone(),
    };
    back_office.save(&draft, true).await.expect("it is saved")
}

/// All operations, newest first.
pub(crate) async fn operations(back_office: &BackOffice) -> Vec<Operation> {
    back_office.operations(&OperationFilter::default(), None, 10_000).await.expect("a list").operations
}

/// The last operation, as a whole.
pub(crate) async fn last(back_office: &BackOffice) -> Undoes {
    Undoes { operation: operations(back_office).await[0].id, entry: None }
}

/// The sentence of a refusal.
pub(crate) fn sentence<T: std::fmt::Debug>(refused: Result<T, ServiceError>) -> String {
    match refused {
        Err(error @ (ServiceError::Invalid(_) | ServiceError::Denied(_))) => error.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

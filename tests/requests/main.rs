//! Requests for accounts, the views in which they wait, and who may decide what. Every story is told on both
//! engines.

mod asking;
#[expect(dead_code, reason = "shared with tests/entities, which needs all of it")]
#[path = "../entities/company.rs"]
mod company;
mod deciding;
mod operators;
mod queue;
mod secrets;
#[expect(dead_code, reason = "shared with tests/storage.rs, which needs all of it")]
#[path = "../support/mod.rs"]
mod support;
mod views;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use asking::*;
use ccdesk::domain::entities::user;
use ccdesk::domain::model::history::{HistoryAction, HistoryEntry};
use ccdesk::domain::model::record::Record;
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::auth::{Origin, Secret};
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::back_office::open_without_password;
use ccdesk::service::back_office::requests::AccountForm;
use ccdesk::service::{Policy, World};
use ccdesk::storage::db::Db;
use ccdesk::storage::{history, records};
use company::{id, now};
use deciding::*;
use operators::*;
use queue::*;
use secrets::*;
use views::*;

on_both_engines! {
    a_request_makes_an_external_user_who_waits,
    what_is_wrong_with_a_request_is_said_where_it_was_typed,
    the_longest_request_is_kept_as_it_was_typed,
    a_look_alike_is_another_login_and_is_flagged,
    whoever_has_an_account_stays_as_they_are_when_somebody_asks_again,
    two_who_ask_at_once_get_one_account_and_one_answer,
    a_flood_from_one_source_slows_down_and_others_do_not,
    a_request_is_rejected_and_opened_again,
    only_what_is_pending_is_rejected_and_only_what_was_rejected_opened_again,
    two_who_decide_at_once_decide_once,
    a_request_waits_until_its_day_and_is_pending_again_by_itself,
    whoever_is_switched_off_stays_so_when_a_request_waits_or_is_reopened,
    a_waiting_request_is_configured_by_the_last_repair_and_can_be_rejected,
    a_claim_is_seen_by_all_renewed_taken_over_and_ends_by_itself,
    the_details_of_a_request_hold_what_deciding_it_needs,
    the_first_reasons_for_rejecting_come_once,
    of_a_last_repair_and_a_rejection_at_once_one_decides,
    who_was_switched_off_is_never_settled_and_never_waits,
    a_request_opened_again_when_nothing_is_missing_any_more_is_configured,
    the_views_of_the_demo_company_count_as_its_readme_says,
    promise_07_every_field_of_every_entity_is_for_who_it_is_for,
    promise_07_every_command_is_for_who_it_is_for,
    promise_07_nobody_grants_to_their_own_login,
    promise_07_no_clerk_opens_a_client_center_of_version_24_to_the_own_login,
    promise_07_what_a_draft_says_was_read_is_not_believed,
    promise_09_a_refusal_is_told,
    promise_03_a_password_is_found_in_no_text_of_the_database,
}

/// A password that may be chosen.
const PASSWORD: &str = "korrekt pferd batterie klammer";

/// Identities never come twice, however many worlds there are.
static NEXT: AtomicU64 = AtomicU64::new(0xF000);

fn world() -> World {
    World {
        now: Arc::new(now),
        new_id: Arc::new(|| id(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))),
        random: Arc::new(|bytes| bytes.fill(7)),
        policy: Policy::default(),
    }
}

fn origin() -> Origin {
    Origin("terminal@tests".to_owned())
}

/// The back office of an operator who needs no password, and is added at the first call.
async fn back_office(db: &Db, login: &str, is_admin: bool) -> BackOffice {
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

fn form(email: &str) -> AccountForm {
    AccountForm {
        email: email.to_owned(),
        full_name: "Chris Armstrong".to_owned(),
        password: Secret::new(PASSWORD.to_owned()),
        ..AccountForm::default()
    }
}

/// The user of that login.
async fn user_of(db: &Db, login: &str) -> Option<Record> {
    let mut conn = db.read().await.expect("a connection");
    let login = Value::text(login);
    let by = records::FindBy::Field(&user::LOGIN.def, &login);
    let id = records::find(&mut conn, &user::USER, by).await.expect("an answer")?;
    records::load(&mut conn, &user::USER, id, "en").await.expect("an answer")
}

/// What was done to a user, the oldest first.
async fn told(db: &Db, id: RecordId) -> Vec<HistoryEntry> {
    let mut conn = db.read().await.expect("a connection");
    let mut told =
        history::of_record(&mut conn, &user::USER, id, None, 100).await.expect("the history").entries;
    told.reverse();
    told
}

/// The actions on a user, the oldest first.
async fn actions(db: &Db, id: RecordId) -> Vec<HistoryAction> {
    told(db, id).await.into_iter().map(|change| change.action).collect()
}

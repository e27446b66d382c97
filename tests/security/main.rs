//! Who comes in, with what, and until when (promises 1 to 6). Every story is told on both engines.

#[expect(dead_code, reason = "shared with tests/entities, which needs all of it")]
#[path = "../entities/company.rs"]
mod company;
mod operators;
mod passwords;
mod read_only;
mod resets;
mod session_tokens;
#[path = "../support/settings.rs"]
mod settings;
#[expect(dead_code, reason = "shared with tests/storage.rs, which needs all of it")]
#[path = "../support/mod.rs"]
mod support;
mod throttling;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ccdesk::domain::entities::user;
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::record::{Draft, Record};
use ccdesk::domain::model::schema::FieldDef;
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::auth::{Origin, Secret, SignInOutcome};
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::back_office::sign_in;
use ccdesk::service::{Policy, ServiceError, World};
use ccdesk::storage::credentials::{self, Account};
use ccdesk::storage::db::Db;
use ccdesk::storage::history;
use company::{id, load, now, save, user_draft};
use jiff::SignedDuration;
use operators::*;
use passwords::*;
use read_only::*;
use resets::*;
use session_tokens::*;
use throttling::*;

on_both_engines! {
    promise_1_a_new_password_is_judged_wherever_it_is_chosen,
    promise_2_an_older_hash_is_replaced_at_the_sign_in,
    promise_2_a_weak_hash_of_the_same_format_is_replaced_and_sessions_go_on,
    promise_2_a_hash_that_takes_too_much_work_needs_a_one_time_code,
    promise_3_no_secret_stands_in_any_text_of_the_database,
    promise_4_every_refusal_says_the_same_and_is_in_the_history,
    promise_4_wrong_passwords_slow_down_and_the_wait_ends_by_itself,
    promise_4_the_right_password_is_let_in_however_long_others_try,
    promise_4_a_right_one_time_code_is_let_in_at_any_time,
    promise_4_a_source_that_tries_many_logins_slows_down_who_is_new_there,
    promise_4_an_unknown_login_slows_down_as_a_known_one_does,
    promise_4_counters_are_kept_for_a_day_and_sources_for_a_year,
    promise_4_whoever_mistypes_once_a_day_never_waits,
    promise_4_of_right_and_wrong_ones_at_once_only_the_wrong_are_counted,
    promise_4_of_many_at_once_only_the_free_ones_are_judged,
    promise_5_whoever_was_given_a_code_is_the_first_operator,
    promise_5_operators_choose_their_own_passwords,
    promise_5_a_code_is_used_once_and_in_time,
    promise_5_of_two_who_use_a_code_at_once_one_chooses,
    promise_5_only_administrators_issue_codes_and_not_for_themselves,
    promise_6_a_pass_ends_with_what_it_stands_on,
    promise_6_wrong_passwords_of_somebody_else_end_no_session,
    promise_6_a_password_that_changed_ends_the_other_sessions,
    promise_6_who_is_no_administrator_any_more_is_told_so_at_the_next_step,
    promise_7_the_last_administrator_stays,
    promise_7_an_administrator_without_a_password_takes_nobodys_place,
    promise_7_of_two_administrators_who_take_away_one_another_one_stays,
    promise_7_a_dangerous_save_says_what_it_does_and_asks,
    promise_9_a_refusal_stands_in_the_history_of_the_record,
    ;
    on_postgres_only:
    a_database_that_can_only_be_read_lets_operators_in_to_look,
}

const PASSWORD: &str = "nine green bottles";
const WRONG: &str = "nine green bottless";

/// Identities never come twice, however many worlds there are.
static NEXT: AtomicU64 = AtomicU64::new(0xF000);

/// A world whose clock stands until it is told to go on.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn wait(&self, time: SignedDuration) {
        let seconds = time.as_secs();
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    fn world(&self) -> World {
        let seconds = Arc::clone(&self.0);
        let chance = Arc::new(RwLock::new(0_u8));
        World {
            now: Arc::new(move || now() + SignedDuration::from_secs(seconds.load(Ordering::Relaxed))),
            new_id: Arc::new(|| id(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))),
            random: Arc::new(move |bytes| {
                let mut last = chance.write().unwrap_or_else(PoisonError::into_inner);
                *last = last.wrapping_add(1);
                bytes.fill(*last);
            }),
            policy: Policy::default(),
        }
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn from(place: &str) -> Origin {
    Origin(place.to_owned())
}

/// The hash of [`PASSWORD`], made once: that is slow on purpose.
const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$HwAPUTmFo1DwuPY7EN1Rz87VFW+DGjSAXLo/ARCY2tg";

/// An operator with [`PASSWORD`].
async fn add_operator(db: &Db, number: u128, login: &str, is_admin: bool) -> RecordId {
    let mut draft = user_draft(login, login, None);
    draft.set(&user::USER_TYPE.def, Value::Code("INT"));
    draft.set(&user::IS_ADMIN.def, Value::Bool(is_admin));
    draft.set(&user::PASSWORD_FORMAT.def, Value::Code("AR2"));
    add(db, number, &draft, HASH).await
}

/// A user with a hash.
async fn add(db: &Db, number: u128, draft: &Draft, hash: &str) -> RecordId {
    let made = save(db, draft, id(number)).await.id;
    let mut tx = db.begin().await.expect("a transaction");
    credentials::set_credential(&mut tx, made, hash).await.expect("the hash is kept");
    tx.commit().await.expect("it stays");
    made
}

async fn stored(db: &Db, user: RecordId) -> Record {
    load(&mut db.read().await.expect("a connection"), &user::USER, user).await
}

async fn account(db: &Db, user: RecordId) -> Account {
    let mut conn = db.read().await.expect("a connection");
    credentials::account(&mut conn, user).await.expect("an answer").expect("the user")
}

/// Changes one field of a user, whoever does it.
async fn set(db: &Db, user: RecordId, field: &'static FieldDef, value: Value) {
    let mut draft = Draft::of(Arc::new(stored(db, user).await));
    draft.set(field, value);
    save(db, &draft, user).await;
}

/// The back office of an operator who signs in with the right password.
async fn signed_in(db: &Db, world: &World, place: &str, login: &str, password: &str) -> BackOffice {
    match sign_in(db, world, &from(place), login, &secret(password)).await {
        Ok(SignInOutcome::Granted(back_office)) => back_office,
        Ok(SignInOutcome::ChoosePassword) => panic!("{login} has to choose a password"),
        Err(refused) => panic!("{login} is refused: {refused}"),
    }
}

async fn refused(db: &Db, world: &World, place: &str, login: &str, password: &str) -> String {
    match sign_in(db, world, &from(place), login, &secret(password)).await {
        Err(ServiceError::Denied(sentence)) => sentence,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{login} is let in from {place}"),
    }
}

/// What history tells of a user, the newest first: the action and its reason.
async fn told(db: &Db, user: RecordId) -> Vec<(HistoryAction, Option<String>)> {
    let mut conn = db.read().await.expect("a connection");
    let told =
        history::of_record(&mut conn, &user::USER, user, None, 100).await.expect("the history").entries;
    told.into_iter().map(|change| (change.action, change.reason)).collect()
}

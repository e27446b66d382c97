//! The queue: requests that wait for something, notes, and who works on which request.

use std::sync::Arc;

use ccdesk::domain::account_request::{Claim, RequestState, Source};
use ccdesk::domain::codes::Warning;
use ccdesk::domain::entities::rejection_reason::{self, REJECTION_REASON};
use ccdesk::domain::entities::user;
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::query::{Filter, ListQuery, PageCursor};
use ccdesk::domain::model::record::{Draft, Fields, Record};
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::auth::Origin;
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::back_office::open_without_password;
use ccdesk::service::back_office::requests::{AccountForm, create_account};
use ccdesk::service::database;
use ccdesk::service::{ServiceError, World};
use ccdesk::storage::accounts;
use ccdesk::storage::db::{Create, Db};
use jiff::{SignedDuration, Timestamp};

use crate::company::{id, now, to};
use crate::deciding::all_but_the_person;
use crate::support::Store;
use crate::{actions, back_office, form, told, user_of, world};

/// A user who has asked for an account.
async fn applicant(db: &Db, email: &str) -> Record {
    let form = AccountForm {
        company: "Balkan Trade".to_owned(),
        message: "Please let me in".to_owned(),
        ..form(email)
    };
    create_account(db, &world(), &Origin(email.to_owned()), Source::Web, &form)
        .await
        .expect("it is asked for");
    user_of(db, email).await.expect("the user")
}

/// The back office as it is after some time has passed.
fn later(back_office: &BackOffice, passed: SignedDuration) -> BackOffice {
    let at: Timestamp = now() + passed;
    let world = World { now: Arc::new(move || at), ..back_office.world.clone() };
    BackOffice { world, ..back_office.clone() }
}

async fn in_state(back_office: &BackOffice, state: RequestState) -> Vec<RecordId> {
    let query = ListQuery { filters: vec![Filter::Request(state)], ..ListQuery::all(&user::USER) };
    let page = back_office.rows(&query, &PageCursor::First, 50).await.expect("a page");
    page.rows.into_iter().map(|row| row.id).collect()
}

async fn state_of(db: &Db, user: RecordId) -> (RequestState, Option<String>, Option<String>) {
    let request = accounts::last_of(&mut db.read().await.expect("a connection"), user).await;
    let request = request.expect("an answer").expect("a request");
    (request.state, request.reason, request.waiting_until.map(|day| day.to_string()))
}

fn sentence<T: std::fmt::Debug>(refused: Result<T, ServiceError>) -> String {
    match refused {
        Err(ServiceError::Invalid(issues)) if issues.len() == 1 => issues[0].message.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

pub(crate) async fn a_request_waits_until_its_day_and_is_pending_again_by_itself(Store { db, .. }: Store) {
    let chris = applicant(&db, "chris@mail.com").await;
    let back_office = back_office(&db, "dpetrov", false).await;
    let tomorrow = back_office.world.today().tomorrow().expect("a day");
    let waits = back_office.wait(chris.id, " an answer of the company ", Some(tomorrow)).await;
    assert!(waits.expect("it waits").is(&user::ACTIVE));
    let (state, reason, until) = state_of(&db, chris.id).await;
    assert_eq!(
        (state, reason.as_deref(), until),
        (RequestState::Waiting, Some("an answer of the company"), Some(tomorrow.to_string()))
    );
    assert_eq!(in_state(&back_office, RequestState::Pending).await, []);
    assert_eq!(in_state(&back_office, RequestState::Waiting).await, [chris.id]);
    assert_eq!(back_office.waiting().await, Ok(0));
    back_office.wait(chris.id, "a second answer", Some(tomorrow)).await.expect("it waits for something else");

    back_office.resume_due().await.expect("nothing is due");
    assert_eq!(in_state(&back_office, RequestState::Waiting).await, [chris.id]);
    let then = later(&back_office, SignedDuration::from_hours(24));
    open_without_password(&db, &then.world, then.who.operator).await.expect("a sign-in on that day");
    assert_eq!(in_state(&back_office, RequestState::Pending).await, [chris.id]);
    assert_eq!(state_of(&db, chris.id).await, (RequestState::Pending, None, None));
    use HistoryAction::{Created, Reopened, Requested, Waiting};
    assert_eq!(actions(&db, chris.id).await, [Created, Requested, Waiting, Waiting, Reopened]);
    let told = told(&db, chris.id).await;
    assert_eq!((told[4].who.as_str(), told[4].reason.as_deref()), ("ccdesk", Some("a second answer")));

    let today = Some(back_office.world.today());
    assert_eq!(
        sentence(back_office.wait(chris.id, "an answer", today).await),
        "The day until which a request waits comes after today; choose a later one."
    );
    assert_eq!(sentence(back_office.wait(chris.id, " ", None).await), "Say what the request waits for.");
    back_office.reject(chris.id, "unknown").await.expect("it is rejected");
    assert_eq!(
        sentence(back_office.wait(chris.id, "an answer", None).await),
        "This user has no request to decide; there is nothing that can wait."
    );
}

pub(crate) async fn whoever_is_switched_off_stays_so_when_a_request_waits_or_is_reopened(
    Store { db, .. }: Store,
) {
    let chris = applicant(&db, "chris@mail.com").await;
    let back_office = back_office(&db, "dpetrov", false).await;
    let mut off = Draft::of(Arc::new(chris.clone()));
    off.set(&user::ACTIVE.def, Value::Bool(false));
    back_office.save(&off, true).await.expect("switched off on purpose");
    let waits = back_office.wait(chris.id, "an answer", None).await.expect("it waits");
    assert!(!waits.is(&user::ACTIVE));
    let reopened = back_office.reopen(chris.id).await.expect("it is open again");
    assert!(!reopened.is(&user::ACTIVE));
    assert_eq!(in_state(&back_office, RequestState::Pending).await, []);
}

pub(crate) async fn a_waiting_request_is_configured_by_the_last_repair_and_can_be_rejected(
    Store { db, .. }: Store,
) {
    all_but_the_person(&db).await;
    let chris = applicant(&db, "chris@mail.com").await;
    let back_office = back_office(&db, "dpetrov", false).await;
    back_office.wait(chris.id, "the right person", None).await.expect("it waits");
    let mut draft = Draft::of(Arc::new(chris.clone()));
    draft.set(&user::PERSON.def, to(id(1)));
    back_office.save(&draft, true).await.expect("nothing is missing any more");
    assert_eq!(state_of(&db, chris.id).await, (RequestState::Configured, None, None));

    let ann = applicant(&db, "ann@mail.com").await;
    back_office.wait(ann.id, "an answer", None).await.expect("it waits");
    back_office.reject(ann.id, "unknown").await.expect("it is rejected");
    assert_eq!(state_of(&db, ann.id).await, (RequestState::Rejected, Some("unknown".to_owned()), None));
}

pub(crate) async fn a_claim_is_seen_by_all_renewed_taken_over_and_ends_by_itself(Store { db, .. }: Store) {
    let chris = applicant(&db, "chris@mail.com").await;
    let (one, other) = (back_office(&db, "one", false).await, back_office(&db, "other", false).await);
    let held_by = |who: &BackOffice, minutes: i64| Claim {
        operator: who.who.operator,
        login: who.who.login.clone(),
        since: now() + SignedDuration::from_mins(minutes),
    };
    let minutes = |back_office: &BackOffice, minutes| later(back_office, SignedDuration::from_mins(minutes));
    assert_eq!(one.claim(chris.id, false).await, Ok(Some(held_by(&one, 0))));
    assert_eq!(other.claim(chris.id, false).await, Ok(Some(held_by(&one, 0))), "it is told who works on it");
    assert_eq!(other.claims(&[chris.id]).await, Ok(vec![(chris.id, held_by(&one, 0))]));
    // Renewed, it goes on from its beginning.
    assert_eq!(minutes(&one, 10).claim(chris.id, false).await, Ok(Some(held_by(&one, 0))));
    assert_eq!(minutes(&other, 20).claim(chris.id, false).await, Ok(Some(held_by(&one, 0))));
    assert_eq!(minutes(&other, 21).claim(chris.id, true).await, Ok(Some(held_by(&other, 21))));
    one.release(chris.id).await.expect("it has none any more");
    assert_eq!(minutes(&one, 22).claims(&[chris.id]).await, Ok(vec![(chris.id, held_by(&other, 21))]));
    // Fifteen minutes after the last sign of work it has ended.
    assert_eq!(minutes(&one, 37).claims(&[chris.id]).await, Ok(vec![]));
    assert_eq!(minutes(&one, 37).claim(chris.id, false).await, Ok(Some(held_by(&one, 37))));
    minutes(&one, 38).release(chris.id).await.expect("it is released");
    assert_eq!(minutes(&other, 38).claims(&[chris.id]).await, Ok(vec![]));
    // A claim blocks nothing.
    one.claim(chris.id, false).await.expect("it is held");
    other.reject(chris.id, "unknown").await.expect("it is rejected all the same");
}

pub(crate) async fn the_details_of_a_request_hold_what_deciding_it_needs(Store { db, .. }: Store) {
    let chris = applicant(&db, "chris@gmail.com").await;
    let back_office = back_office(&db, "dpetrov", false).await;
    back_office.add_note(chris.id, " phoned them ").await.expect("a note");
    back_office.add_note(chris.id, "no answer yet").await.expect("another");
    back_office.claim(chris.id, false).await.expect("a claim");
    create_account(&db, &world(), &Origin("x".to_owned()), Source::Web, &form("chris@gmail.com"))
        .await
        .expect("asked again");
    let details = back_office.request_details(chris.id).await.expect("the details");
    assert_eq!(details.user.id, chris.id);
    assert_eq!(details.request.as_ref().map(|request| request.state), Some(RequestState::Pending));
    assert_eq!(details.repeated.map(|repeated| repeated.times), Some(1));
    let notes: Vec<_> = details.notes.iter().map(|note| (note.login.as_str(), note.text.as_str())).collect();
    assert_eq!(notes, [("dpetrov", "no answer yet"), ("dpetrov", "phoned them")]);
    assert_eq!(details.claim.map(|claim| claim.login).as_deref(), Some("dpetrov"));
    assert!(details.judged.is_none(), "there is no site");
    assert_eq!(details.warnings, [Warning::FreeMail]);
    assert_eq!(back_office.request_details(id(404)).await, Err(ServiceError::NotFound));
    let sentence = sentence(back_office.add_note(back_office.who.operator, "x").await);
    assert_eq!(sentence, "This user has not asked for an account; notes are about requests.");
}

pub(crate) async fn the_first_reasons_for_rejecting_come_once(Store { db, url }: Store) {
    db.close().await;
    let db = database::open(&url, Create::MustExist, &world()).await.expect("the database");
    let back_office = back_office(&db, "admin", true).await;
    let all = ListQuery::all(&REJECTION_REASON);
    let reasons = back_office.rows(&all, &PageCursor::First, 50).await.expect("the reasons").rows;
    assert_eq!(reasons.len(), rejection_reason::FIRST.len());
    let first = back_office.record(&REJECTION_REASON, reasons[0].id).await.expect("a reason");
    let mut renamed = Draft::of(first);
    renamed.set(&rejection_reason::IS_ACTIVE.def, Value::Bool(false));
    back_office.save(&renamed, true).await.expect("it is not offered any more");
    db.close().await;
    let db = database::open(&url, Create::MustExist, &world()).await.expect("the database again");
    let back_office = crate::back_office(&db, "admin", true).await;
    let again = back_office.rows(&all, &PageCursor::First, 50).await.expect("the reasons").rows;
    assert_eq!(again.len(), reasons.len());
    let kept = back_office.record(&REJECTION_REASON, reasons[0].id).await.expect("the reason");
    assert!(!kept.is(&rejection_reason::IS_ACTIVE));
}

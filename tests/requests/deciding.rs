//! Rejecting a request and opening it again.

use ccdesk::domain::account_request::{Request, RequestState, Source};
use ccdesk::domain::entities::{customer, user, web_site};
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::record::{Draft, Fields, Record};
use ccdesk::domain::model::value::Value;
use ccdesk::service::ServiceError;
use ccdesk::service::auth::Origin;
use ccdesk::service::back_office::requests::create_account;
use ccdesk::storage::accounts;
use ccdesk::storage::db::Db;

use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, customer_draft, draft, found, id, now, person_draft, save, to,
};
use crate::support::Store;
use crate::{actions, back_office, form, told, user_of, world};

/// How often two do something at once, so that every order of their steps comes up.
const ROUNDS: usize = 10;

async fn confirmed(db: &Db, email: &str) -> Record {
    let from = Origin(email.to_owned());
    create_account(db, &world(), &from, Source::Web, &form(email)).await.expect("it is asked for");
    user_of(db, email).await.expect("the user")
}

async fn request_of(db: &Db, user: &Record) -> Request {
    let found = accounts::last_of(&mut db.read().await.expect("a connection"), user.id).await;
    found.expect("an answer").expect("a request")
}

fn sentence<T: std::fmt::Debug>(refused: Result<T, ServiceError>) -> String {
    match refused {
        Err(ServiceError::Invalid(issues)) if issues.len() == 1 => issues[0].message.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

pub(crate) async fn a_request_is_rejected_and_opened_again(Store { db, .. }: Store) {
    let chris = confirmed(&db, "chris@mail.com").await;
    let back_office = back_office(&db, "dpetrov", false).await;
    assert_eq!(back_office.waiting().await, Ok(1));
    let rejected = back_office.reject(chris.id, " nobody knows them ").await.expect("it is rejected");
    assert!(!rejected.is(&user::ACTIVE));
    let request = request_of(&db, &chris).await;
    assert_eq!(
        (request.state, request.decided_at, request.decided_by.as_deref(), request.reason.as_deref()),
        (RequestState::Rejected, Some(now()), Some("dpetrov"), Some("nobody knows them"))
    );
    assert_eq!(back_office.waiting().await, Ok(0));
    let reopened = back_office.reopen(chris.id).await.expect("it is opened again");
    assert!(reopened.is(&user::ACTIVE));
    let request = request_of(&db, &chris).await;
    assert_eq!(
        (request.state, request.decided_at, request.decided_by, request.reason),
        (RequestState::Pending, None, None, None)
    );
    assert_eq!(back_office.waiting().await, Ok(1));
    use HistoryAction::{Changed, Created, Rejected, Reopened, Requested};
    assert_eq!(actions(&db, chris.id).await, [Created, Requested, Changed, Rejected, Reopened, Changed]);
    let told = told(&db, chris.id).await;
    for (one, other) in [(0, 1), (2, 3), (4, 5)] {
        assert_eq!(told[one].operation, told[other].operation, "what one action did is one operation");
    }
    assert_ne!(told[3].operation, told[4].operation);
    let rejection = &told[3];
    assert_eq!((rejection.who.as_str(), rejection.reason.as_deref()), ("dpetrov", Some("nobody knows them")));
    assert_eq!((rejection.version, reopened.version), (2, 3));
}

pub(crate) async fn only_what_is_pending_is_rejected_and_only_what_was_rejected_opened_again(
    Store { db, .. }: Store,
) {
    let chris = confirmed(&db, "chris@mail.com").await;
    let back_office = back_office(&db, "dpetrov", false).await;
    let nothing_to_reopen = "This user has no request that was decided or waits; there is nothing to reopen.";
    assert_eq!(sentence(back_office.reopen(chris.id).await), nothing_to_reopen);
    for (reason, why) in [
        ("  ".to_owned(), "Say why the request is rejected."),
        ("я".repeat(255), "The reason takes at most 254 characters; this has 255."),
        ("a\0b".to_owned(), "The reason must not contain the character NUL; remove it."),
    ] {
        assert_eq!(sentence(back_office.reject(chris.id, &reason).await), why);
    }
    back_office.reject(chris.id, &"я".repeat(254)).await.expect("the longest reason");
    let nothing_to_reject = "This user has no request to decide; there is nothing to reject.";
    assert_eq!(sentence(back_office.reject(chris.id, "again").await), nothing_to_reject);
    let stored = crate::company::user_draft("ann", "Ann", None);
    save(&db, &stored, id(1)).await;
    assert_eq!(sentence(back_office.reject(id(1), "no request").await), nothing_to_reject);
    assert_eq!(back_office.reject(id(404), "nobody").await, Err(ServiceError::NotFound));
}

pub(crate) async fn two_who_decide_at_once_decide_once(Store { db, .. }: Store) {
    for round in 0..ROUNDS {
        let chris = confirmed(&db, &format!("chris{round}@mail.com")).await;
        let (one, other) = (back_office(&db, "one", false).await, back_office(&db, "other", false).await);
        let [one, other] = [one, other].map(|back_office| {
            let user = chris.id;
            tokio::spawn(async move { back_office.reject(user, "unknown").await })
        });
        let decided = [one.await, other.await].map(|answer| answer.expect("an answer").is_ok());
        assert_eq!(decided.into_iter().filter(|decided| *decided).count(), 1, "round {round}");
        let rejections =
            actions(&db, chris.id).await.into_iter().filter(|action| *action == HistoryAction::Rejected);
        assert_eq!(rejections.count(), 1, "round {round}");
    }
}

/// Chris may come in once the user has the person and a location serves the customer. Whichever is saved last settles
/// the request, and somebody rejects it at that moment.
pub(crate) async fn of_a_last_repair_and_a_rejection_at_once_one_decides(Store { db, .. }: Store) {
    found(&db).await;
    let site = draft(&web_site::WEB_SITE, &[(&web_site::ENTERPRISE_COMPANY.def, to(id(KK_SELLS)))]);
    save(&db, &site, id(0x50)).await;
    save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), None), id(2)).await;
    save(&db, &person_draft("Chris", "Armstrong", Some(id(KK_LTD))), id(1)).await;
    let back_office = back_office(&db, "dpetrov", false).await;
    let repaired = async |entity, id, field, value| {
        let mut draft = Draft::of(back_office.record(entity, id).await.expect("the record"));
        draft.set(field, value);
        draft
    };
    for round in 0..2 * ROUNDS {
        let chris = confirmed(&db, &format!("chris{round}@mail.com")).await;
        let unserved = repaired(&customer::CUSTOMER, id(2), &customer::SERVICED_BY.def, Value::Empty).await;
        back_office.save(&unserved, true).await.expect("nobody is let in");
        let user = repaired(&user::USER, chris.id, &user::PERSON.def, to(id(1))).await;
        let customer = repaired(&customer::CUSTOMER, id(2), &customer::SERVICED_BY.def, to(id(KK_HQ))).await;
        let (first, last) = if round % 2 == 0 { (customer, user) } else { (user, customer) };
        back_office.save(&first, true).await.expect("it is saved");
        let (one, other) = (back_office.clone(), back_office.clone());
        let rejection = tokio::spawn(async move { one.reject(chris.id, "unknown").await.map(drop) });
        let repair = tokio::spawn(async move { other.save(&last, true).await.map(drop) });
        for answer in [rejection.await, repair.await] {
            let answer = answer.expect("an answer");
            assert!(!matches!(answer, Err(ServiceError::Storage(_))), "round {round}: {answer:?}");
        }
        let decided = actions(&db, chris.id).await.into_iter();
        let decided: Vec<_> = decided
            .filter(|action| [HistoryAction::Rejected, HistoryAction::Configured].contains(action))
            .collect();
        let became = match request_of(&db, &chris).await.state {
            RequestState::Rejected => HistoryAction::Rejected,
            RequestState::Configured => HistoryAction::Configured,
            RequestState::Pending | RequestState::Waiting => panic!("round {round}: nobody decided"),
        };
        assert_eq!(decided, [became], "round {round}");
    }
}

/// A site, a served customer and its person: a user lacks only the person.
/// Everything that a user needs at the site but the person, who is `id(1)`.
pub(crate) async fn all_but_the_person(db: &Db) {
    found(db).await;
    let site = draft(&web_site::WEB_SITE, &[(&web_site::ENTERPRISE_COMPANY.def, to(id(KK_SELLS)))]);
    save(db, &site, id(0x50)).await;
    save(db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ))), id(2)).await;
    save(db, &person_draft("Chris", "Armstrong", Some(id(KK_LTD))), id(1)).await;
}

pub(crate) async fn a_request_opened_again_when_nothing_is_missing_any_more_is_configured(
    Store { db, .. }: Store,
) {
    all_but_the_person(&db).await;
    let chris = confirmed(&db, "chris@mail.com").await;
    let back_office = back_office(&db, "dpetrov", false).await;
    let rejected = back_office.reject(chris.id, "unknown").await.expect("it is rejected");
    let mut repaired = Draft::of(rejected);
    repaired.set(&user::ACTIVE.def, Value::Bool(true));
    repaired.set(&user::PERSON.def, to(id(1)));
    back_office.save(&repaired, true).await.expect("switched on by hand");
    assert_eq!(request_of(&db, &chris).await.state, RequestState::Rejected);
    back_office.reopen(chris.id).await.expect("it is opened again");
    assert_eq!(request_of(&db, &chris).await.state, RequestState::Configured);
    assert_eq!(actions(&db, chris.id).await.last(), Some(&HistoryAction::Configured));
}

pub(crate) async fn who_was_switched_off_is_never_settled_and_never_waits(Store { db, .. }: Store) {
    all_but_the_person(&db).await;
    let chris = confirmed(&db, "chris@mail.com").await;
    let back_office = back_office(&db, "dpetrov", false).await;
    let mut off = Draft::of(chris.clone().into());
    off.set(&user::ACTIVE.def, Value::Bool(false));
    off.set(&user::PERSON.def, to(id(1)));
    let off = back_office.save(&off, true).await.expect("the user is switched off");
    assert_eq!(request_of(&db, &chris).await.state, RequestState::Pending);
    assert_eq!(back_office.waiting().await, Ok(0));
    let mut on = Draft::of(off);
    on.set(&user::ACTIVE.def, Value::Bool(true));
    back_office.save(&on, true).await.expect("the user is switched on");
    assert_eq!(request_of(&db, &chris).await.state, RequestState::Configured);
}

//! The life of an access: its last day, its last use, and the last sign-in of its user (`docs/domain.md`, Customers -
//! External Access).

use std::sync::Arc;

use ccdesk::domain::codes::{Code, Role};
use ccdesk::domain::entities::external_access::{EXTERNAL_ACCESS, LAST_USED, USER, VALID_UNTIL};
use ccdesk::domain::entities::user::{LAST_SIGN_IN, LAST_SIGN_IN_SITE, NOTES};
use ccdesk::domain::entities::{customer, user};
use ccdesk::domain::model::record::{Draft, Fields};
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::auth::{Secret, SignInOutcome};
use ccdesk::service::client_center::{GateOutcome, Managing, Visit, enter};
use ccdesk::service::{ServiceError, World};
use ccdesk::storage::db::{Db, Engine};
use ccdesk::storage::records;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, ToSpan};

use crate::company::{id, now, person_draft, save};
use crate::fixture::*;
use crate::support::Store;

const TODAY: Date = date(2024, 4, 1);

/// Changes the last day of an access directly.
async fn ends(db: &Db, access: RecordId, last: Date) {
    set(db, &EXTERNAL_ACCESS, access, &VALID_UNTIL.def, Value::Date(last)).await;
}

pub(crate) async fn an_access_opens_its_customer_until_its_last_day(Store { db, .. }: Store) {
    build(&db).await;
    add_user(&db, id(1), "olivia").await;
    give_password(&db, id(1)).await;
    grant(&db, id(2), OLIVIA, id(1), Role::Admin).await;
    ends(&db, id(2), TODAY).await;
    let visit = visit(&db, CC26, "olivia").await;
    assert_eq!(visit.who.client.as_ref().and_then(|own| own.valid_until), Some(TODAY));
    let profile = visit.profile().await.expect("the profile");
    assert_eq!(profile.last(), Some(&("Valid Until", "2024-04-01".to_owned())));

    ends(&db, id(2), TODAY - 1.day()).await;
    let over = visit.profile().await;
    assert!(matches!(over, Err(ServiceError::SignedOut(_))), "the visit ends with it: {over:?}");
    let refused = sign_in(&db, CC26, "olivia").await;
    assert!(matches!(refused, Ok(GateOutcome::NotActive(Code::CC010))));

    grant(&db, id(3), NIMERO, id(1), Role::Basic).await;
    let over = visit.profile().await.expect_err("another customer does not open this one");
    assert_eq!(over.to_string(), "Your access to Olivia Green #00028 has ended; sign in again to go on.");
    let again = crate::fixture::visit(&db, CC26, "olivia").await;
    let offered: Vec<_> = again.who.clients.iter().map(|client| client.customer.id).collect();
    assert_eq!(offered, [id(NIMERO)], "what has ended is not offered");
}

pub(crate) async fn promise_08_an_access_for_a_while_lets_nobody_in_for_longer(Store { db, .. }: Store) {
    build(&db).await;
    for (number, name) in [(1, "admin"), (2, "new"), (3, "owner")] {
        add_user(&db, id(number), name).await;
        give_password(&db, id(number)).await;
    }
    grant(&db, id(4), OLIVIA, id(1), Role::Admin).await;
    grant(&db, id(5), OLIVIA, id(3), Role::Owner).await;
    ends(&db, id(4), TODAY).await;
    let add = |name| Managing::Add {
        email: email(name),
        role: Role::Admin,
        days_back: Some(1),
        notes: String::new(),
    };
    visit(&db, CC26, "admin").await.manage(&add("new"), true).await.expect("the user is added");
    let of = async |user: u128| {
        let rows = accesses(&db, OLIVIA).await;
        rows.into_iter()
            .find(|row| row.get(&USER).is_some_and(|whose| whose.id == id(user)))
            .expect("an access")
    };
    assert_eq!(of(2).await.get(&VALID_UNTIL), Some(TODAY));

    let (row, owner) = (of(2).await, visit(&db, CC26, "owner").await);
    let (access, version) = (row.id, row.version);
    owner.manage(&Managing::Remove { access, version }, true).await.expect("it is removed");
    owner.manage(&add("new"), true).await.expect("the user is added again");
    assert_eq!(of(2).await.get(&VALID_UNTIL), None, "the owner's access has no end");
}

/// Signs in some seconds after the beginning.
async fn sign_in_after(db: &Db, seconds: i64, site: u128, name: &str) -> Visit {
    let later = World { now: Arc::new(move || now() + SignedDuration::from_secs(seconds)), ..world() };
    let password = Secret::new(PASSWORD.to_owned());
    match enter(db, &later, &here(), id(site), &email(name), &password).await {
        Ok(SignInOutcome::Granted(GateOutcome::Admitted(visit))) => *visit,
        _ => panic!("{name} is let in"),
    }
}

/// The last sign-in of a user in seconds after the beginning, and its site; and the last use of two accesses.
async fn noted(db: &Db, of: RecordId, accesses: [u128; 2]) -> (Option<i64>, String, [Option<i64>; 2]) {
    let since = |micros: i64| (micros - now().as_microsecond()) / 1_000_000;
    let user = read(db, &user::USER, of).await;
    let mut used = [None, None];
    for (used, access) in used.iter_mut().zip(accesses) {
        let access = read(db, &EXTERNAL_ACCESS, id(access)).await;
        *used = access.get(&LAST_USED).map(|at| since(at.as_microsecond()));
    }
    let at = user.get(&LAST_SIGN_IN).map(|at| since(at.as_microsecond()));
    (at, user.get(&LAST_SIGN_IN_SITE).unwrap_or_default().to_owned(), used)
}

pub(crate) async fn sign_ins_and_uses_are_noted_once_a_minute_and_without_a_save(Store { db, .. }: Store) {
    build(&db).await;
    add_user(&db, id(1), "olivia").await;
    give_password(&db, id(1)).await;
    save(&db, &person_draft("Olivia", "Green", Some(id(OLIVIA_GREEN))), id(9)).await;
    set(&db, &user::USER, id(1), &user::PERSON.def, crate::company::to(id(9))).await;
    grant(&db, id(2), OLIVIA, id(1), Role::Admin).await;
    let open = Draft::of(Arc::new(read(&db, &user::USER, id(1)).await));
    let access = read(&db, &EXTERNAL_ACCESS, id(2)).await;
    let customer = read(&db, &customer::CUSTOMER, id(OLIVIA)).await;
    let histories = async || {
        let (user, access) = (told(&db, &user::USER, id(1)).await, told(&db, &EXTERNAL_ACCESS, id(2)).await);
        (user.len(), access.len())
    };
    sign_in_after(&db, 0, CC26, "olivia").await;
    let before = histories().await;
    grant(&db, id(3), NIMERO, id(1), Role::Basic).await;
    let all = async || noted(&db, id(1), [2, 3]).await;
    assert_eq!(all().await, (Some(0), "cc26".to_owned(), [Some(0), None]));
    let visit = sign_in_after(&db, 59, CC26, "olivia").await;
    assert_eq!(all().await, (Some(0), "cc26".to_owned(), [Some(0), None]), "not twice in a minute");
    visit.choose(id(NIMERO)).await.expect("it is one of them");
    assert_eq!(all().await, (Some(0), "cc26".to_owned(), [Some(0), Some(59)]));
    sign_in_after(&db, 60, CC, "olivia").await;
    let elsewhere = (Some(60), "cc".to_owned(), [Some(0), Some(59)]);
    assert_eq!(all().await, elsewhere, "another site at once; and version 24 uses no access");
    sign_in_after(&db, 120, CC26, "olivia").await;
    assert_eq!(all().await, (Some(120), "cc26".to_owned(), [Some(0), Some(120)]));

    assert_eq!(histories().await, before, "nothing of it stands in history");
    assert_eq!(read(&db, &EXTERNAL_ACCESS, id(2)).await.version, access.version);
    assert_eq!(read(&db, &customer::CUSTOMER, id(OLIVIA)).await.version, customer.version);
    let mut typed = open;
    typed.set(&NOTES.def, Value::text("called"));
    let saved = save(&db, &typed, id(1)).await;
    assert_eq!(saved.version, typed.base.expect("a record").version + 1, "a form that was open is saved");
    assert_eq!(all().await.0, Some(120), "and keeps what was noted meanwhile");
}

pub(crate) async fn a_sign_in_waits_for_nobody_who_saves(Store { db, .. }: Store) {
    build(&db).await;
    add_user(&db, id(1), "olivia").await;
    give_password(&db, id(1)).await;
    grant(&db, id(2), OLIVIA, id(1), Role::Admin).await;
    sign_in_after(&db, 0, CC26, "olivia").await;
    if db.engine() == Engine::Sqlite {
        // There the whole sign-in waits for its turn to write, as each has to.
        return;
    }
    let mut saving = db.begin().await.expect("a transaction");
    for (entity, record) in [(&user::USER, id(1)), (&EXTERNAL_ACCESS, id(2))] {
        records::lock(&mut saving, entity, record).await.expect("it is locked");
    }
    sign_in_after(&db, 3600, CC26, "olivia").await;
    drop(saving);
    assert_eq!(noted(&db, id(1), [2, 2]).await, (Some(0), "cc26".to_owned(), [Some(0), Some(0)]));
}

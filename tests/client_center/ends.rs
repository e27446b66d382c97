//! A visit ends at its next step when anything that it depends on is gone (promise 6).

use std::sync::Arc;

use ccdesk::domain::codes::Role;
use ccdesk::domain::entities::external_access::{EXTERNAL_ACCESS, ROLE};
use ccdesk::domain::entities::{customer, user, web_site};
use ccdesk::domain::model::query::{ListQuery, PageCursor};
use ccdesk::domain::model::record::Fields;
use ccdesk::domain::model::schema::{EntityDef, FieldDef};
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::client_center::{Managing, Visit};
use ccdesk::service::{ServiceError, World};
use jiff::SignedDuration;

use crate::company::{KK_SELLS, id, now, to};
use crate::fixture::*;
use crate::support::Store;

/// Each question about the chosen customer, by name, with its outcome.
async fn steps(visit: &Visit) -> Vec<(&'static str, Result<(), ServiceError>)> {
    let all = ListQuery { columns: vec![], sort: vec![], ..ListQuery::all(&EXTERNAL_ACCESS) };
    let add =
        Managing::Add { email: email("new"), role: Role::Basic, days_back: Some(1), notes: String::new() };
    vec![
        ("rows", visit.rows(&all, &PageCursor::First, 10).await.map(drop)),
        ("count", visit.count(&all).await.map(drop)),
        ("find", visit.find_user(&email("new")).await.map(drop)),
        ("manage", visit.manage(&add, true).await),
        ("profile", visit.profile().await.map(drop)),
    ]
}

pub(crate) async fn promise_06_a_visit_ends_with_what_it_rested_on(Store { db, .. }: Store) {
    build(&db).await;
    for (number, name) in [(1, "admin"), (2, "other"), (3, "new")] {
        add_user(&db, id(number), name).await;
        give_password(&db, id(number)).await;
    }
    grant(&db, id(5), OLIVIA, id(1), Role::Owner).await;
    grant(&db, id(6), OLIVIA, id(2), Role::Owner).await;
    let visit = visit(&db, CC26, "admin").await;
    let tomorrow = now() + SignedDuration::from_hours(24);
    let endings: [(&'static EntityDef, RecordId, &'static FieldDef, Value); 7] = [
        (&user::USER, id(1), &user::ACTIVE.def, Value::Bool(false)),
        (&user::USER, id(1), &user::LOCKOUT_END_UTC.def, Value::Instant(tomorrow.into())),
        (&user::USER, id(1), &user::USER_TYPE.def, Value::Code("VIR")),
        (&web_site::WEB_SITE, id(CC26), &web_site::IS_ACTIVE.def, Value::Bool(false)),
        (&web_site::WEB_SITE, id(CC26), &web_site::WEB_SITE_TYPE.def, Value::Code("EC")),
        (&web_site::WEB_SITE, id(CC26), &web_site::ENTERPRISE_COMPANY.def, to(id(KK_SELLS))),
        (&customer::CUSTOMER, id(OLIVIA), &customer::SERVICED_BY.def, Value::Empty),
    ];
    for (entity, record, field, gone) in endings {
        let before = read(&db, entity, record).await.value(field).clone();
        set(&db, entity, record, field, gone).await;
        for (step, taken) in steps(&visit).await {
            assert!(matches!(taken, Err(ServiceError::SignedOut(_))), "{field:?} {step}: {taken:?}");
        }
        let chosen = visit.choose(id(OLIVIA)).await;
        assert!(matches!(chosen, Err(ServiceError::SignedOut(_))), "{field:?}: {chosen:?}");
        set(&db, entity, record, field, before).await;
    }
    assert_eq!(accesses(&db, OLIVIA).await.len(), 2, "nothing was done");
    let half_a_day =
        World { now: Arc::new(|| now() + SignedDuration::from_hours(12)), ..visit.world.clone() };
    let too_long = Visit { world: half_a_day, ..visit.clone() };
    assert!(matches!(too_long.profile().await, Err(ServiceError::SignedOut(_))), "12 hours are over");
    assert!(visit.profile().await.is_ok(), "what is given back lets in again");
    // Of several customers, the one that was lost ends the visit, and another can be chosen.
    grant(&db, id(7), NIMERO, id(1), Role::Basic).await;
    remove(&db, &EXTERNAL_ACCESS, id(5)).await;
    for (step, taken) in steps(&visit).await {
        let sentence = "Your access to Olivia Green #00028 has ended; sign in again to go on.";
        assert_eq!(taken, Err(ServiceError::SignedOut(sentence.to_owned())), "{step}");
    }
    assert!(visit.choose(id(NIMERO)).await.is_ok());
    give_password(&db, id(1)).await;
    let chosen = visit.choose(id(NIMERO)).await;
    assert!(matches!(chosen, Err(ServiceError::SignedOut(_))), "another password: {chosen:?}");
}

pub(crate) async fn a_lower_role_closes_its_places_at_once(Store { db, .. }: Store) {
    build(&db).await;
    for (number, name) in [(1, "admin"), (3, "new")] {
        add_user(&db, id(number), name).await;
        give_password(&db, id(number)).await;
    }
    grant(&db, id(5), OLIVIA, id(1), Role::Admin).await;
    let visit = visit(&db, CC26, "admin").await;
    set(&db, &EXTERNAL_ACCESS, id(5), &ROLE.def, Value::Code("L40")).await;
    for (step, taken) in steps(&visit).await {
        let sentence = "User Management is not open to the role Billing.".to_owned();
        let expected = if step == "profile" { Ok(()) } else { Err(ServiceError::Denied(sentence)) };
        assert_eq!(taken, expected, "{step}");
    }
    assert_eq!(accesses(&db, OLIVIA).await.len(), 1);
}

//! Until when a session is worth something.

use ccdesk::domain::model::query::ListQuery;
use ccdesk::service::auth::{SessionToken, change_password, unlock};

use super::*;
use crate::support::Store;

/// What the next step of a session says.
async fn step(back_office: &BackOffice) -> Result<i64, ServiceError> {
    back_office.count(&ListQuery::all(&user::USER)).await
}

fn signed_out(sentence: &str) -> Result<i64, ServiceError> {
    Err(ServiceError::SignedOut(sentence.to_owned()))
}

pub(crate) async fn promise_6_a_pass_ends_with_what_it_stands_on(Store { db, .. }: Store) {
    let clock = Clock::default();
    let world = clock.world();
    let ivan = add_operator(&db, 1, "ivan", false).await;
    let chris = save(&db, &user_draft("chris", "Chris", None), id(2)).await.id;
    let back_office = signed_in(&db, &world, "terminal", "ivan", PASSWORD).await;
    assert_eq!(step(&back_office).await, Ok(2));

    for (field, ended, back, sentence) in [
        (&user::ACTIVE.def, Value::Bool(false), Value::Bool(true), "This login was switched off."),
        (
            &user::LOCKOUT_END_UTC.def,
            Value::Instant((now() + SignedDuration::from_secs(1)).into()),
            Value::Instant(now().into()),
            "This login was locked.",
        ),
        (
            &user::USER_TYPE.def,
            Value::Code("EXT"),
            Value::Code("INT"),
            "This login is not one of the back office any more.",
        ),
        (
            &user::USER_TYPE.def,
            Value::Code("VIR"),
            Value::Code("INT"),
            "This login is of a type that cannot sign in any more.",
        ),
    ] {
        set(&db, ivan, field, ended).await;
        assert_eq!(step(&back_office).await, signed_out(sentence));
        let draft = Draft::of(Arc::new(stored(&db, chris).await));
        assert_eq!(back_office.save(&draft, true).await.map(|_| 0), signed_out(sentence));
        set(&db, ivan, field, back).await;
        assert_eq!(step(&back_office).await, Ok(2));
    }

    clock.wait(SignedDuration::from_hours(12) - SignedDuration::from_secs(1));
    assert_eq!(step(&back_office).await, Ok(2));
    clock.wait(SignedDuration::from_secs(1));
    assert_eq!(step(&back_office).await, signed_out("The session has lasted 12 hours; sign in again."));
    let token = unlock(&db, &world, &from("terminal"), "ivan", &secret(PASSWORD)).await.expect("a session");
    assert_eq!(step(&BackOffice { token, ..back_office.clone() }).await, Ok(2));
    let refused = unlock(&db, &world, &from("terminal"), "ivan", &secret(WRONG)).await;
    assert!(matches!(refused, Err(ServiceError::Denied(_))));
}

pub(crate) async fn promise_6_wrong_passwords_of_somebody_else_end_no_session(Store { db, .. }: Store) {
    let world = Clock::default().world();
    add_operator(&db, 1, "ivan", false).await;
    let back_office = signed_in(&db, &world, "here", "ivan", PASSWORD).await;
    for place in ["here", "there", "elsewhere"] {
        for _ in 0..6 {
            refused(&db, &world, place, "ivan", WRONG).await;
        }
    }
    // Not even the right password is judged from there now.
    refused(&db, &world, "there", "ivan", PASSWORD).await;
    assert_eq!(step(&back_office).await, Ok(1));
}

pub(crate) async fn promise_6_a_password_that_changed_ends_the_other_sessions(Store { db, .. }: Store) {
    const NEW: &str = "seven silver spoons";
    let world = Clock::default().world();
    let ivan = add_operator(&db, 1, "ivan", false).await;
    let here = signed_in(&db, &world, "here", "ivan", PASSWORD).await;
    let there = signed_in(&db, &world, "there", "ivan", PASSWORD).await;
    let change = async |token: &SessionToken, so_far: &str| {
        change_password(&db, &world, &from("here"), token, &secret(so_far), &secret(NEW)).await
    };
    assert!(matches!(change(&here.token, WRONG).await, Err(ServiceError::Denied(_))));
    assert_eq!(step(&there).await, Ok(1));
    let token = change(&here.token, PASSWORD).await.expect("another pass");
    let changed = signed_out("The password was changed; sign in again.");
    assert_eq!((step(&here).await, step(&there).await), (changed.clone(), changed.clone()));
    assert_eq!(step(&BackOffice { token, ..here }).await, Ok(1));
    assert_eq!(change(&there.token, NEW).await.map(|_| 0), changed);
    assert_eq!(told(&db, ivan).await[0].0, HistoryAction::PasswordChosen);
    refused(&db, &world, "here", "ivan", PASSWORD).await;
    signed_in(&db, &world, "here", "ivan", NEW).await;
}

pub(crate) async fn promise_6_who_is_no_administrator_any_more_is_told_so_at_the_next_step(
    Store { db, .. }: Store,
) {
    let world = Clock::default().world();
    let maria = add_operator(&db, 1, "maria", true).await;
    let ivan = add_operator(&db, 2, "ivan", false).await;
    let back_office = signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    let mut draft = Draft::of(Arc::new(stored(&db, ivan).await));
    draft.set(&user::NOTES.def, Value::text("seen"));
    set(&db, maria, &user::IS_ADMIN.def, Value::Bool(false)).await;
    assert!(matches!(back_office.save(&draft, true).await, Err(ServiceError::Denied(_))));
    set(&db, maria, &user::IS_ADMIN.def, Value::Bool(true)).await;
    back_office.save(&draft, true).await.expect("an administrator again");
}

//! Wrong passwords.

use ccdesk::service::auth::UNKNOWN_LOGIN;

use super::*;
use crate::support::Store;

const SENTENCE: &str =
    "Login or password is wrong, or this login cannot sign in here; after several tries, wait a while.";

pub(crate) async fn promise_4_every_refusal_says_the_same_and_is_in_the_history(Store { db, .. }: Store) {
    let world = Clock::default().world();
    let wrong = add_operator(&db, 1, "wrong", false).await;
    let off = add_operator(&db, 2, "off", false).await;
    set(&db, off, &user::ACTIVE.def, Value::Bool(false)).await;
    let locked = add_operator(&db, 3, "locked", false).await;
    let later = now() + SignedDuration::from_mins(1);
    set(&db, locked, &user::LOCKOUT_END_UTC.def, Value::Instant(later.into())).await;
    let outside = add(&db, 4, &user_draft("outside", "Outside", None), HASH).await;
    let none = save(&db, &user_draft("none", "None", None), id(5)).await.id;
    set(&db, none, &user::USER_TYPE.def, Value::Code("INT")).await;
    for (login, password, user, why) in [
        ("wrong", WRONG, wrong, "The password is wrong."),
        ("off", PASSWORD, off, "The login is switched off."),
        ("locked", PASSWORD, locked, "The login is locked."),
        ("outside", PASSWORD, outside, "A login of this user type cannot sign in here."),
        ("none", "", none, "The password is wrong."),
        ("nobody", PASSWORD, UNKNOWN_LOGIN, "There is no such login."),
    ] {
        assert_eq!(refused(&db, &world, "7@terminal", login, password).await, SENTENCE);
        assert_eq!(
            told(&db, user).await[0],
            (HistoryAction::SignInFailed, Some(format!("{why} From 7@terminal.")))
        );
    }
    assert_eq!(account(&db, wrong).await.failed_count, 1);
    signed_in(&db, &world, "7@terminal", "wrong", PASSWORD).await;
    assert_eq!(account(&db, wrong).await.failed_count, 0);
    assert_eq!(account(&db, locked).await.locked_until, Some(later.into()));
}

pub(crate) async fn promise_4_wrong_passwords_slow_down_and_the_wait_ends_by_itself(Store { db, .. }: Store) {
    let clock = Clock::default();
    let world = clock.world();
    let maria = add_operator(&db, 1, "maria", false).await;
    for _ in 0..4 {
        refused(&db, &world, "terminal", "maria", WRONG).await;
    }
    // Within the second that follows, the right one is no better, and nothing gets longer.
    for _ in 0..5 {
        assert_eq!(refused(&db, &world, "terminal", "Maria", PASSWORD).await, SENTENCE);
    }
    assert_eq!(account(&db, maria).await.failed_count, 4);
    clock.wait(SignedDuration::from_secs(1));
    refused(&db, &world, "terminal", "maria", WRONG).await;
    clock.wait(SignedDuration::from_secs(1));
    refused(&db, &world, "terminal", "maria", PASSWORD).await;
    clock.wait(SignedDuration::from_secs(1));
    signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    // It is forgiven.
    for _ in 0..3 {
        refused(&db, &world, "terminal", "maria", WRONG).await;
    }
    signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
}

pub(crate) async fn promise_4_strangers_do_not_lock_out_who_is_known(Store { db, .. }: Store) {
    let world = Clock::default().world();
    add_operator(&db, 1, "maria", false).await;
    signed_in(&db, &world, "her terminal", "maria", PASSWORD).await;
    for stranger in 0..6 {
        refused(&db, &world, &format!("stranger {stranger}"), "maria", WRONG).await;
    }
    refused(&db, &world, "another terminal", "maria", PASSWORD).await;
    signed_in(&db, &world, "her terminal", "maria", PASSWORD).await;
}

pub(crate) async fn promise_4_a_source_that_tries_many_logins_slows_down(Store { db, .. }: Store) {
    let clock = Clock::default();
    let world = clock.world();
    add_operator(&db, 1, "maria", false).await;
    for login in 0..11 {
        refused(&db, &world, "terminal", &format!("login {login}"), WRONG).await;
    }
    refused(&db, &world, "terminal", "maria", PASSWORD).await;
    signed_in(&db, &world, "another terminal", "maria", PASSWORD).await;
    clock.wait(SignedDuration::from_secs(1));
    signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    // Who has signed in does not make it free for others.
    refused(&db, &world, "terminal", "one more", WRONG).await;
    refused(&db, &world, "terminal", "maria", PASSWORD).await;
}

pub(crate) async fn promise_4_of_many_at_once_only_the_free_ones_are_judged(Store { db, .. }: Store) {
    let world = Clock::default().world();
    let maria = add_operator(&db, 1, "maria", false).await;
    let attempts: Vec<_> = (0..8)
        .map(|number| {
            let (db, world) = (db.clone(), world.clone());
            tokio::spawn(
                async move { refused(&db, &world, &format!("terminal {number}"), "maria", WRONG).await },
            )
        })
        .collect();
    for attempt in attempts {
        assert_eq!(attempt.await.expect("an answer"), SENTENCE);
    }
    assert_eq!(account(&db, maria).await.failed_count, 4);
}

pub(crate) async fn promise_4_whoever_mistypes_once_a_day_never_waits(Store { db, .. }: Store) {
    let clock = Clock::default();
    let world = clock.world();
    add_operator(&db, 1, "maria", false).await;
    for _ in 0..30 {
        refused(&db, &world, "terminal", "maria", WRONG).await;
        signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
        clock.wait(SignedDuration::from_hours(12));
        signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
        clock.wait(SignedDuration::from_hours(11));
    }
}

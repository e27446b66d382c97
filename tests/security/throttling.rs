//! Wrong passwords.

use ccdesk::service::auth::{UNKNOWN_LOGIN, choose_password};

use super::*;
use crate::support::Store;

const SENTENCE: &str =
    "Login or password is wrong, or this login cannot sign in here; after several tries, wait a while.";

pub(crate) async fn promise_4_every_refusal_says_the_same_and_is_in_the_history(Store { db, .. }: Store) {
    let clock = Clock::default();
    let world = clock.world();
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
    clock.wait(SignedDuration::from_mins(1));
    signed_in(&db, &world, "7@terminal", "locked", PASSWORD).await;
}

pub(crate) async fn promise_4_of_right_and_wrong_ones_at_once_only_the_wrong_are_counted(
    Store { db, .. }: Store,
) {
    let world = Clock::default().world();
    let right = ["maria", "ivan", "vera"];
    for (number, login) in (1..).zip(right) {
        add_operator(&db, number, login, false).await;
    }
    let wrong = ["eve", "mallory", "oscar", "trudy"];
    let attempts: Vec<_> = right
        .map(|login| (login, PASSWORD))
        .into_iter()
        .chain(wrong.map(|login| (login, WRONG)))
        .map(|(login, password)| {
            let (db, world) = (db.clone(), world.clone());
            tokio::spawn(async move {
                sign_in(&db, &world, &from("terminal"), login, &secret(password)).await.is_ok()
            })
        })
        .collect();
    let mut let_in = 0;
    for attempt in attempts {
        let_in += usize::from(attempt.await.expect("an answer"));
    }
    assert_eq!(let_in, right.len());
    let mut conn = db.read().await.expect("a connection");
    let counted = "SELECT failures FROM sec_sign_in_failures ORDER BY failures";
    let rows = conn.fetch_all(counted, vec![]).await.expect("the counters");
    let counts: Vec<i64> = rows.iter().map(|row| row.int(0).expect("a number")).collect();
    // One for each wrong login, one for each of them at the source, and the four of the source.
    assert_eq!(counts, [1, 1, 1, 1, 1, 1, 1, 1, 4]);
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

pub(crate) async fn promise_4_the_right_password_is_let_in_however_long_others_try(Store { db, .. }: Store) {
    let clock = Clock::default();
    let world = clock.world();
    add_operator(&db, 1, "maria", false).await;
    signed_in(&db, &world, "her terminal", "maria", PASSWORD).await;
    for stranger in 0..15 {
        refused(&db, &world, &format!("stranger {stranger}"), "maria", WRONG).await;
    }
    for quarter in 0..8 {
        refused(&db, &world, "stranger", "maria", WRONG).await;
        signed_in(&db, &world, "her terminal", "maria", PASSWORD).await;
        signed_in(&db, &world, &format!("new terminal {quarter}"), "maria", PASSWORD).await;
        clock.wait(SignedDuration::from_mins(15));
    }
    // One wrong password of her own costs her no more than the longest wait, whatever the others go on to do.
    refused(&db, &world, "another terminal", "maria", WRONG).await;
    refused(&db, &world, "another terminal", "maria", PASSWORD).await;
    for _ in 0..15 {
        clock.wait(SignedDuration::from_mins(1));
        refused(&db, &world, "stranger", "maria", WRONG).await;
    }
    signed_in(&db, &world, "another terminal", "maria", PASSWORD).await;
}

pub(crate) async fn promise_4_a_right_one_time_code_is_let_in_at_any_time(Store { db, .. }: Store) {
    let world = Clock::default().world();
    add_operator(&db, 1, "maria", true).await;
    let ivan = add_operator(&db, 2, "ivan", false).await;
    let admin = signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    for _ in 0..5 {
        refused(&db, &world, "here", "ivan", WRONG).await;
    }
    for login in 0..22 {
        refused(&db, &world, "here", &format!("login {login}"), WRONG).await;
    }
    refused(&db, &world, "here", "ivan", PASSWORD).await;
    let code = admin.issue_reset(ivan).await.expect("a code");
    let entered = sign_in(&db, &world, &from("here"), "ivan", &code).await.expect("it is the code");
    assert!(matches!(entered, SignInOutcome::ChoosePassword));
    for _ in 0..5 {
        refused(&db, &world, "here", "ivan", WRONG).await;
    }
    let new = secret("seven silver spoons");
    let wrong = secret("ABCDE-FGHJK-LMNPQ-RSTUV");
    choose_password(&db, &world, &from("here"), "ivan", &wrong, &new).await.expect_err("another code");
    choose_password(&db, &world, &from("here"), "ivan", &code, &new).await.expect("the code is right");
    // From now on the flood of other logins is none of his business.
    signed_in(&db, &world, "here", "ivan", "seven silver spoons").await;
}

pub(crate) async fn promise_4_a_source_that_tries_many_logins_slows_down_who_is_new_there(
    Store { db, .. }: Store,
) {
    let clock = Clock::default();
    let world = clock.world();
    for (number, login) in [(1, "maria"), (2, "ivan"), (3, "vera")] {
        add_operator(&db, number, login, false).await;
    }
    signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    for login in 0..21 {
        refused(&db, &world, "terminal", &format!("login {login}"), WRONG).await;
    }
    signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    refused(&db, &world, "terminal", "ivan", PASSWORD).await;
    signed_in(&db, &world, "another terminal", "ivan", PASSWORD).await;
    clock.wait(SignedDuration::from_secs(1));
    signed_in(&db, &world, "terminal", "ivan", PASSWORD).await;
    // Who has signed in does not make it free for others.
    refused(&db, &world, "terminal", "one more", WRONG).await;
    refused(&db, &world, "terminal", "vera", PASSWORD).await;
    signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
}

pub(crate) async fn promise_4_an_unknown_login_slows_down_as_a_known_one_does(Store { db, .. }: Store) {
    let clock = Clock::default();
    let world = clock.world();
    let maria = add_operator(&db, 1, "maria", false).await;
    let mut waited = Vec::new();
    for (login, user) in [("maria", maria), ("nobody", UNKNOWN_LOGIN)] {
        for attempt in 0..40 {
            let source = format!("{login} {}", attempt % 4);
            assert_eq!(refused(&db, &world, &source, login, WRONG).await, SENTENCE);
            clock.wait(SignedDuration::from_secs(attempt));
        }
        let reasons = told(&db, user).await.into_iter().filter_map(|(_, reason)| reason);
        waited.push(reasons.map(|reason| reason.starts_with("Too soon")).collect::<Vec<_>>());
    }
    let (known, unknown) = (&waited[0], &waited[1]);
    assert_eq!(known[..40], unknown[..40]);
    assert!(known.contains(&true) && known.contains(&false));
}

pub(crate) async fn promise_4_counters_are_kept_for_a_day_and_sources_for_a_year(Store { db, .. }: Store) {
    let clock = Clock::default();
    let world = clock.world();
    add_operator(&db, 1, "maria", false).await;
    let kept = async |table: &'static str| {
        let mut conn = db.read().await.expect("a connection");
        conn.fetch_all(table, vec![]).await.expect("the rows").len()
    };
    let (counters, sources) =
        ("SELECT bucket FROM sec_sign_in_failures", "SELECT source FROM sec_known_sources");
    for login in 0..5 {
        refused(&db, &world, "terminal", &format!("login {login}"), WRONG).await;
    }
    // One for each login, one for each login at the source, and one for the source.
    assert_eq!(kept(counters).await, 11);
    clock.wait(SignedDuration::from_hours(25));
    refused(&db, &world, "terminal", "login 0", WRONG).await;
    assert_eq!(kept(counters).await, 3);
    signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    assert_eq!((kept(counters).await, kept(sources).await), (3, 1));
    clock.wait(SignedDuration::from_hours(24 * 366));
    signed_in(&db, &world, "another terminal", "maria", PASSWORD).await;
    assert_eq!((kept(counters).await, kept(sources).await), (0, 1));
}

pub(crate) async fn promise_4_of_many_at_once_only_the_free_ones_are_judged(Store { db, .. }: Store) {
    let world = Clock::default().world();
    let maria = add_operator(&db, 1, "maria", false).await;
    let attempts: Vec<_> = (0..8)
        .map(|_| {
            let (db, world) = (db.clone(), world.clone());
            tokio::spawn(async move { refused(&db, &world, "terminal", "maria", WRONG).await })
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

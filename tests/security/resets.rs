//! One-time codes.

use ccdesk::service::auth::choose_password;
use ccdesk::service::back_office::first_operator;

use super::*;
use crate::support::Store;

const NEW: &str = "seven silver spoons";

pub(crate) async fn promise_5_operators_choose_their_own_passwords(Store { db, .. }: Store) {
    let world = Clock::default().world();
    let admin =
        first_operator(&db, &world, "maria", "Maria", &secret(PASSWORD)).await.expect("a back office");
    let code = admin.add_operator("ivan", "Ivan Petrov", false).await.expect("a code");
    let groups: Vec<usize> = code.expose().split('-').map(str::len).collect();
    assert_eq!(groups, [5, 5, 5, 5]);
    let ivan = admin.operators().await.expect("the operators")[0].clone();
    assert_eq!((ivan.login.as_str(), ivan.has_password, ivan.has_code), ("ivan", false, true));
    // As somebody types it.
    let typed = Secret::new(code.expose().to_lowercase().replace('-', " "));
    let entered = sign_in(&db, &world, &from("terminal"), "ivan", &typed).await.expect("it is the code");
    assert!(matches!(entered, SignInOutcome::ChoosePassword));
    choose_password(&db, &world, &from("terminal"), "ivan", &typed, &secret(NEW))
        .await
        .expect("it is chosen");
    signed_in(&db, &world, "terminal", "ivan", NEW).await;
    let actions: Vec<HistoryAction> =
        told(&db, ivan.user).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, [HistoryAction::PasswordChosen, HistoryAction::ResetIssued, HistoryAction::Created]);
    // The password so far stays good until the next code is used.
    let code = admin.issue_reset(ivan.user).await.expect("a code");
    signed_in(&db, &world, "terminal", "ivan", NEW).await;
    choose_password(&db, &world, &from("terminal"), "ivan", &code, &secret(PASSWORD)).await.expect("chosen");
    refused(&db, &world, "terminal", "ivan", NEW).await;
    signed_in(&db, &world, "terminal", "ivan", PASSWORD).await;
}

pub(crate) async fn promise_5_a_code_is_used_once_and_in_time(Store { db, .. }: Store) {
    let clock = Clock::default();
    let world = clock.world();
    add_operator(&db, 1, "maria", true).await;
    let ivan = add_operator(&db, 2, "ivan", false).await;
    let admin = signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    let choose = async |code: &Secret| {
        choose_password(&db, &world, &from("terminal"), "ivan", code, &secret(NEW)).await.is_ok()
    };
    let first = admin.issue_reset(ivan).await.expect("a code");
    let second = admin.issue_reset(ivan).await.expect("a code");
    assert_ne!(first, second);
    assert!(!choose(&first).await, "the code before the last");
    assert!(choose(&second).await);
    assert!(!choose(&second).await, "used up");
    let third = admin.issue_reset(ivan).await.expect("a code");
    clock.wait(SignedDuration::from_hours(24));
    assert!(!choose(&third).await, "too late");
    refused(&db, &world, "terminal", "ivan", third.expose()).await;
}

pub(crate) async fn promise_5_of_two_who_use_a_code_at_once_one_chooses(Store { db, .. }: Store) {
    let world = Clock::default().world();
    add_operator(&db, 1, "maria", true).await;
    let admin = signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    for round in 2..6 {
        let login = format!("ivan{round}");
        let ivan = add_operator(&db, round, &login, false).await;
        let code = admin.issue_reset(ivan).await.expect("a code");
        let choose = |place: &'static str| {
            let (db, world, login, code) = (db.clone(), world.clone(), login.clone(), code.clone());
            tokio::spawn(async move {
                choose_password(&db, &world, &from(place), &login, &code, &secret(NEW)).await.is_ok()
            })
        };
        let (one, other) = (choose("one terminal"), choose("another terminal"));
        let chosen = [one.await, other.await].map(|chosen| chosen.expect("an answer"));
        assert_eq!(chosen.into_iter().filter(|chosen| *chosen).count(), 1, "round {round}");
        assert_eq!(account(&db, ivan).await.password.expect("a password").serial, 2);
        let failed =
            told(&db, ivan).await.into_iter().filter(|(action, _)| *action == HistoryAction::SignInFailed);
        assert_eq!(failed.count(), 1, "round {round}");
    }
}

pub(crate) async fn promise_5_only_administrators_issue_codes_and_not_for_themselves(
    Store { db, .. }: Store,
) {
    let world = Clock::default().world();
    let maria = add_operator(&db, 1, "maria", true).await;
    add_operator(&db, 2, "ivan", false).await;
    let chris = save(&db, &user_draft("chris", "Chris", None), id(3)).await.id;
    let mut draft = user_draft("jobs", "Jobs", None);
    draft.set(&user::USER_TYPE.def, Value::Code("SYS"));
    let jobs = save(&db, &draft, id(4)).await.id;
    let clerk = signed_in(&db, &world, "terminal", "ivan", PASSWORD).await;
    let refused = clerk.issue_reset(chris).await.expect_err("a clerk");
    let sentence = "Only an administrator may issue one-time codes; ask one.";
    assert_eq!(refused, ServiceError::Denied(sentence.to_owned()));
    assert_eq!(told(&db, chris).await, [(HistoryAction::Refused, Some(sentence.to_owned()))]);
    let admin = signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    assert!(matches!(admin.issue_reset(maria).await, Err(ServiceError::Denied(_))));
    assert!(matches!(admin.issue_reset(jobs).await, Err(ServiceError::Invalid(_))));
    assert_eq!(admin.issue_reset(id(99)).await, Err(ServiceError::NotFound));
    admin.issue_reset(chris).await.expect("an external user chooses one too");
}

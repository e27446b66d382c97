//! What operators may not.

use ccdesk::domain::entities::web_site;
use ccdesk::domain::rules::Weight;
use ccdesk::service::auth::choose_password;
use ccdesk::service::back_office::{first_operator, operators_exist};

use super::*;
use crate::support::Store;

pub(crate) async fn promise_9_a_refusal_stands_in_the_history_of_the_record(Store { db, .. }: Store) {
    let world = Clock::default().world();
    let maria = add_operator(&db, 1, "maria", true).await;
    let ivan = add_operator(&db, 2, "ivan", false).await;
    let back_office = signed_in(&db, &world, "terminal", "ivan", PASSWORD).await;
    let mut draft = Draft::of(Arc::new(stored(&db, maria).await));
    draft.set(&user::IS_ADMIN.def, Value::Bool(false));
    let sentence = "Only an administrator may change operators; ask one.";
    assert_eq!(back_office.save(&draft, true).await, Err(ServiceError::Denied(sentence.to_owned())));
    assert_eq!(told(&db, maria).await, [(HistoryAction::Refused, Some(sentence.to_owned()))]);
    assert_eq!(stored(&db, maria).await.version, 1);
    // Where there is no record yet, it stands with whoever tried.
    let sentence = "Only an administrator may change these records; ask one.";
    let refused = back_office.save(&Draft::new(&web_site::WEB_SITE), true).await;
    assert_eq!(refused, Err(ServiceError::Denied(sentence.to_owned())));
    let refused = back_office.add_operator("eve", "Eve", true).await;
    assert!(matches!(refused, Err(ServiceError::Denied(_))));
    assert_eq!(told(&db, ivan).await[1], (HistoryAction::Refused, Some(sentence.to_owned())));
}

pub(crate) async fn promise_5_whoever_was_given_a_code_is_the_first_operator(Store { db, .. }: Store) {
    let world = Clock::default().world();
    assert_eq!(operators_exist(&db).await, Ok(false));
    let code =
        BackOffice::for_command_line(&db, &world).add_operator("vera", "Vera", true).await.expect("a code");
    // Whoever opens the console meanwhile is asked to sign in, and makes nobody an administrator.
    assert_eq!(operators_exist(&db).await, Ok(true));
    let refused = first_operator(&db, &world, "eve", "Eve", &secret(PASSWORD)).await;
    assert!(matches!(refused, Err(ServiceError::Denied(_))));
    choose_password(&db, &world, &from("terminal"), "vera", &code, &secret(PASSWORD)).await.expect("chosen");
    assert!(signed_in(&db, &world, "terminal", "vera", PASSWORD).await.who.is_admin);
}

const LAST: &str =
    "“maria” is the last administrator who can sign in; make somebody else an administrator first.";

/// What takes away an administrator: a field and its value. (The type of one changes only when Is Admin is cleared.)
fn takes_away() -> [(&'static FieldDef, Value); 3] {
    let for_good: jiff::Timestamp = "9999-12-30T00:00:00Z".parse().expect("a moment");
    [
        (&user::IS_ADMIN.def, Value::Bool(false)),
        (&user::ACTIVE.def, Value::Bool(false)),
        (&user::LOCKOUT_END_UTC.def, Value::Instant(for_good.into())),
    ]
}

pub(crate) async fn promise_7_the_last_administrator_stays(Store { db, .. }: Store) {
    let world = Clock::default().world();
    let maria = add_operator(&db, 1, "maria", true).await;
    // None of these could take her place.
    let off = add_operator(&db, 2, "off", true).await;
    set(&db, off, &user::ACTIVE.def, Value::Bool(false)).await;
    let locked = add_operator(&db, 3, "locked", true).await;
    let later = now() + SignedDuration::from_hours(1);
    set(&db, locked, &user::LOCKOUT_END_UTC.def, Value::Instant(later.into())).await;
    add_operator(&db, 4, "clerk", false).await;
    let back_office = signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    let command_line = BackOffice::for_command_line(&db, &world);
    for (field, value) in takes_away() {
        let mut draft = Draft::of(Arc::new(stored(&db, maria).await));
        draft.set(field, value);
        for (by, confirmed) in [(&back_office, false), (&back_office, true), (&command_line, true)] {
            let Err(ServiceError::Invalid(issues)) = by.save(&draft, confirmed).await else {
                panic!("{} is taken away", field.label)
            };
            assert_eq!(
                (issues.len(), issues[0].message.as_str(), issues[0].weight),
                (1, LAST, Weight::Forbid)
            );
        }
    }
    assert_eq!(stored(&db, maria).await.version, 1);
    assert_eq!(told(&db, maria).await[0], (HistoryAction::Refused, Some(LAST.to_owned())));
    // With another one she may.
    let vera = add_operator(&db, 5, "vera", true).await;
    let mut draft = Draft::of(Arc::new(stored(&db, maria).await));
    draft.set(&user::IS_ADMIN.def, Value::Bool(false));
    back_office.save(&draft, true).await.expect("there is another administrator");
    let mut draft = Draft::of(Arc::new(stored(&db, vera).await));
    draft.set(&user::ACTIVE.def, Value::Bool(false));
    command_line.save(&draft, true).await.expect_err("she is the last by now");
}

pub(crate) async fn promise_7_an_administrator_without_a_password_takes_nobodys_place(
    Store { db, .. }: Store,
) {
    let clock = Clock::default();
    let world = clock.world();
    let command_line = BackOffice::for_command_line(&db, &world);
    let without_password = async |number, login| {
        let mut draft = user_draft(login, login, None);
        draft.set(&user::USER_TYPE.def, Value::Code("INT"));
        draft.set(&user::IS_ADMIN.def, Value::Bool(true));
        save(&db, &draft, id(number)).await.id
    };
    let switched = async |user, on| {
        let mut draft = Draft::of(Arc::new(stored(&db, user).await));
        draft.set(&user::ACTIVE.def, Value::Bool(on));
        command_line.save(&draft, true).await
    };
    let is_kept = async |user| {
        let Err(ServiceError::Invalid(issues)) = switched(user, false).await else { panic!("taken away") };
        assert!(issues[0].message.contains("is the last administrator who can sign in"), "{issues:?}");
    };
    // While nobody has a password, one of them stays.
    let (vera, zoe) = (without_password(1, "vera").await, without_password(2, "zoe").await);
    switched(zoe, false).await.expect("there is vera");
    is_kept(vera).await;
    switched(zoe, true).await.expect("on again");
    // Who has a password relies on nobody who has none, nor on a one-time code that has ended.
    let maria = add_operator(&db, 3, "maria", true).await;
    is_kept(maria).await;
    switched(zoe, false).await.expect("she could not sign in");
    command_line.issue_reset(vera).await.expect("a code");
    switched(maria, false).await.expect("vera can sign in with the code");
    switched(maria, true).await.expect("on again");
    clock.wait(SignedDuration::from_hours(24));
    is_kept(maria).await;
    command_line.issue_reset(vera).await.expect("another code");
    switched(maria, false).await.expect("vera can sign in again");
    is_kept(vera).await;
}

pub(crate) async fn promise_7_of_two_administrators_who_take_away_one_another_one_stays(
    Store { db, .. }: Store,
) {
    let world = Clock::default().world();
    for round in 0..6_u128 {
        let (maria, vera) = (2 * round + 1, 2 * round + 2);
        for number in [maria, vera] {
            add_operator(&db, number, &format!("operator {number}"), true).await;
        }
        let (mut drafts, mut saves) = (Vec::new(), Vec::new());
        for (own, other) in [(maria, vera), (vera, maria)] {
            let back_office = signed_in(&db, &world, "terminal", &format!("operator {own}"), PASSWORD).await;
            let (field, value) = takes_away()[usize::try_from(round % 3).expect("a number")].clone();
            let mut draft = Draft::of(Arc::new(stored(&db, id(other)).await));
            draft.set(field, value);
            drafts.push((back_office, draft));
        }
        for (back_office, draft) in drafts {
            saves.push(tokio::spawn(async move { back_office.save(&draft, true).await.is_ok() }));
        }
        for save in saves {
            save.await.expect("an answer");
        }
        let mut able = 0;
        for number in [maria, vera] {
            let user = stored(&db, id(number)).await;
            able += i32::from(user::is_able_administrator(&user, now()));
            // The next round begins without them.
            set(&db, id(number), &user::IS_ADMIN.def, Value::Bool(false)).await;
        }
        assert_eq!(able, 1, "round {round}");
    }
}

pub(crate) async fn promise_7_a_dangerous_save_says_what_it_does_and_asks(Store { db, .. }: Store) {
    let world = Clock::default().world();
    let maria = add_operator(&db, 1, "maria", true).await;
    let ivan = add_operator(&db, 2, "ivan", false).await;
    let vera = add_operator(&db, 3, "vera", true).await;
    let back_office = signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    let changed = async |user, field: &'static FieldDef, value| {
        let mut draft = Draft::of(Arc::new(stored(&db, user).await));
        draft.set(field, value);
        draft
    };
    let (is_admin, active) = (&user::IS_ADMIN.def, &user::ACTIVE.def);
    let (locked, later) = (&user::LOCKOUT_END_UTC.def, now() + SignedDuration::from_hours(1));
    for (user, field, value, says) in [
        (ivan, is_admin, Value::Bool(true), "This makes “ivan” an administrator"),
        (vera, is_admin, Value::Bool(false), "“vera” is then no administrator any more."),
        (maria, active, Value::Bool(false), "This switches off your own login"),
        (maria, locked, Value::Instant(later.into()), "This locks your own login"),
    ] {
        let draft = changed(user, field, value).await;
        let Err(ServiceError::Invalid(issues)) = back_office.save(&draft, false).await else {
            panic!("nothing is asked: {says}")
        };
        assert!(
            issues.iter().all(ccdesk::domain::rules::Issue::only_asks) && issues[0].message.starts_with(says)
        );
        assert_eq!((issues.len(), issues[0].property), (1, Some(field.property)));
        assert_eq!(stored(&db, user).await.version, 1);
    }
    let draft = changed(vera, active, Value::Bool(false)).await;
    back_office
        .save(&draft, false)
        .await
        .expect("whoever is somebody else is switched off without a question");
    // A command says it in so many words already.
    let draft = changed(ivan, is_admin, Value::Bool(true)).await;
    BackOffice::for_command_line(&db, &world).save(&draft, false).await.expect("it is made");
    let draft = changed(maria, active, Value::Bool(false)).await;
    back_office.save(&draft, true).await.expect("she has said yes");
}

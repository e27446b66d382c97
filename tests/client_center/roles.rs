//! What a visitor may do to whom in User Management: every pair of roles, days back, and the last one who manages
//! users.

use std::sync::Arc;

use ccdesk::domain::codes::Role;
use ccdesk::domain::entities::external_access::{DAYS_BACK_ACCESS, EXTERNAL_ACCESS, NOTES, ROLE};
use ccdesk::domain::entities::{customer, user};
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::history_text;
use ccdesk::domain::model::record::Fields;
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::domain::rules::{Issue, Weight};
use ccdesk::service::ServiceError;
use ccdesk::service::client_center::{Managing, Visit};
use ccdesk::storage::db::Db;
use jiff::SignedDuration;

use crate::company::{id, now, save};
use crate::fixture::*;
use crate::support::Store;

/// How often two do something at once, so that every order of their steps comes up.
const ROUNDS: u128 = 10;

fn add(name: &str, role: Role, days_back: Option<i64>) -> Managing {
    Managing::Add { email: email(name), role, days_back, notes: String::new() }
}

async fn change(db: &Db, access: RecordId, role: Role, days_back: Option<i64>) -> Managing {
    let version = read(db, &EXTERNAL_ACCESS, access).await.version;
    Managing::Change { access, version, role, days_back, notes: String::new() }
}

async fn remove_it(db: &Db, access: RecordId) -> Managing {
    Managing::Remove { access, version: read(db, &EXTERNAL_ACCESS, access).await.version }
}

/// The outcome as a word; for an invalid value also the field.
fn word(answer: &Result<(), ServiceError>) -> (&'static str, Option<&'static str>) {
    match answer {
        Ok(()) => ("done", None),
        Err(ServiceError::Denied(_)) => ("denied", None),
        Err(ServiceError::Invalid(issues)) => ("invalid", issues[0].property),
        Err(ServiceError::Conflict(_)) => ("conflict", None),
        Err(ServiceError::NotFound) => ("not found", None),
        Err(other) => panic!("{other:?}"),
    }
}

/// A visit of an owner and one of an admin of Olivia Green, both of whom see everything.
async fn managers(db: &Db) -> [(Role, Visit); 2] {
    build(db).await;
    for (number, role) in [(1, Role::Owner), (2, Role::Admin)] {
        add_user(db, id(number), role.code()).await;
        save(db, &access(id(OLIVIA), id(number), role, None), id(number + 4)).await;
    }
    [(Role::Owner, forged(db, CC26, id(1), OLIVIA)), (Role::Admin, forged(db, CC26, id(2), OLIVIA))]
}

/// A user `u<number>` with an access of that role to Olivia Green, whose id is one more.
async fn somebody(db: &Db, number: &mut u128, role: Role) -> RecordId {
    *number += 2;
    add_user(db, id(*number), &format!("u{number}")).await;
    grant(db, id(*number + 1), OLIVIA, id(*number), role).await;
    id(*number + 1)
}

pub(crate) async fn promise_08_nobody_grants_changes_or_ends_above_the_own_role(Store { db, .. }: Store) {
    let mut number = 0x100;
    for (own, visit) in managers(&db).await {
        for theirs in Role::ALL {
            for wanted in Role::ALL {
                let them = somebody(&db, &mut number, theirs).await;
                let changed = visit.manage(&change(&db, them, wanted, Some(30)).await, true).await;
                let expected = if theirs > own || wanted > own {
                    ("denied", None)
                } else if theirs == Role::Owner && wanted != Role::Owner {
                    ("invalid", Some("Role"))
                } else {
                    ("done", None)
                };
                assert_eq!(word(&changed), expected, "{own:?} makes {theirs:?} {wanted:?}");
                let became = read(&db, &EXTERNAL_ACCESS, them).await.get(&ROLE);
                assert_eq!(became, Some(if changed.is_ok() { wanted } else { theirs }));
            }
            let them = somebody(&db, &mut number, theirs).await;
            let ended = visit.manage(&remove_it(&db, them).await, true).await;
            let expected = if theirs > own {
                "denied"
            } else if theirs == Role::Owner {
                "invalid"
            } else {
                "done"
            };
            assert_eq!(word(&ended).0, expected, "{own:?} ends {theirs:?}");
            assert_eq!(has_access(&db, them).await, ended.is_err());
            number += 2;
            add_user(&db, id(number), &format!("u{number}")).await;
            let added = visit.manage(&add(&format!("u{number}"), theirs, Some(30)), true).await;
            let expected = if theirs > own { "denied" } else { "done" };
            assert_eq!(word(&added).0, expected, "{own:?} grants {theirs:?}");
        }
    }
}

pub(crate) async fn promise_08_nobody_gives_more_days_back_than_the_own(Store { db, .. }: Store) {
    managers(&db).await;
    let field = &DAYS_BACK_ACCESS.def;
    set(&db, &EXTERNAL_ACCESS, id(6), field, Value::Int(90)).await;
    let admin = forged(&db, CC26, id(2), OLIVIA);
    let mut number = 0x100;
    // The days back so far, the new role and days back, and whether an admin with 90 days may set them.
    for (was, role, wanted, may) in [
        (Some(30), Role::Basic, Some(0), true),
        (Some(30), Role::Basic, Some(90), true),
        (Some(30), Role::Basic, Some(91), false),
        (Some(30), Role::Basic, None, false),
        (Some(365), Role::Basic, Some(365), true),
        (Some(365), Role::Basic, Some(364), false),
        (Some(365), Role::Orders, Some(365), false),
        (None, Role::Basic, None, true),
        (None, Role::Basic, Some(36_500), false),
        (None, Role::Orders, None, false),
        (None, Role::Orders, Some(90), true),
    ] {
        let them = somebody(&db, &mut number, Role::Basic).await;
        set(&db, &EXTERNAL_ACCESS, them, field, was.map_or(Value::Empty, Value::Int)).await;
        let changed = admin.manage(&change(&db, them, role, wanted).await, true).await;
        let expected = if may { ("done", None) } else { ("invalid", Some("DaysBackAccess")) };
        assert_eq!(word(&changed), expected, "{was:?} to {role:?} {wanted:?}");
        let visitor_updated = read(&db, &EXTERNAL_ACCESS, them).await.get(&DAYS_BACK_ACCESS);
        assert_eq!(visitor_updated, if may { wanted } else { was });
    }
    for (wanted, may) in [(Some(90), true), (Some(91), false), (None, false)] {
        number += 2;
        add_user(&db, id(number), &format!("u{number}")).await;
        let added = admin.manage(&add(&format!("u{number}"), Role::Basic, wanted), true).await;
        assert_eq!(added.is_ok(), may, "{wanted:?}: {added:?}");
    }
    let own = admin.manage(&change(&db, id(6), Role::Admin, None).await, true).await;
    assert_eq!(word(&own), ("invalid", Some("DaysBackAccess")), "nobody raises themselves");
    let owner = forged(&db, CC26, id(1), OLIVIA);
    for days in [-1, 36_501, i64::MAX] {
        let changed = owner.manage(&change(&db, id(6), Role::Admin, Some(days)).await, true).await;
        assert_eq!(word(&changed), ("invalid", Some("DaysBackAccess")), "{days}");
    }
}

pub(crate) async fn promise_08_somebody_who_can_manage_users_stays(Store { db, .. }: Store) {
    build(&db).await;
    for (number, name) in [(1, "admin"), (2, "off"), (3, "other")] {
        add_user(&db, id(number), name).await;
    }
    grant(&db, id(5), OLIVIA, id(1), Role::Admin).await;
    grant(&db, id(6), OLIVIA, id(2), Role::Admin).await;
    set(&db, &user::USER, id(2), &user::ACTIVE.def, Value::Bool(false)).await;
    let admin = forged(&db, CC26, id(1), OLIVIA);
    let lowered = change(&db, id(5), Role::Billing, Some(30)).await;
    assert_eq!(word(&admin.manage(&lowered, true).await), ("invalid", Some("Role")));
    let removed = remove_it(&db, id(5)).await;
    assert_eq!(word(&admin.manage(&removed, true).await), ("invalid", None));
    admin.manage(&add("other", Role::Admin, Some(30)), false).await.expect("another one comes");
    let removed = remove_it(&db, id(5)).await;
    assert_eq!(admin.manage(&removed, true).await, Ok(()));
    let next = admin.manage(&add("other", Role::Basic, None), true).await;
    assert!(matches!(next, Err(ServiceError::SignedOut(_))), "{next:?}");
}

pub(crate) async fn promise_08_who_is_locked_is_no_manager_to_rely_on(Store { db, .. }: Store) {
    build(&db).await;
    for (number, name) in [(1, "admin"), (2, "locked")] {
        add_user(&db, id(number), name).await;
        grant(&db, id(number + 4), OLIVIA, id(number), Role::Admin).await;
    }
    let (field, later) = (&user::LOCKOUT_END_UTC.def, now() + SignedDuration::from_secs(1));
    set(&db, &user::USER, id(2), field, Value::Instant(later.into())).await;
    let admin = forged(&db, CC26, id(1), OLIVIA);
    let lowered = change(&db, id(5), Role::Billing, Some(30)).await;
    assert_eq!(word(&admin.manage(&lowered, true).await), ("invalid", Some("Role")));
    let removed = remove_it(&db, id(5)).await;
    assert_eq!(word(&admin.manage(&removed, true).await), ("invalid", None));
    // A lock that has ended is none.
    set(&db, &user::USER, id(2), field, Value::Instant(now().into())).await;
    assert_eq!(admin.manage(&lowered, true).await, Ok(()));
    set(&db, &EXTERNAL_ACCESS, id(5), &ROLE.def, Value::Code(Role::Admin.code())).await;
    // Whoever is locked manages nobody, and can be removed.
    set(&db, &user::USER, id(2), field, Value::Instant(later.into())).await;
    assert_eq!(admin.manage(&remove_it(&db, id(6)).await, true).await, Ok(()));
}

pub(crate) async fn promise_08_an_owner_is_lowered_by_nobody_and_asked_about_nothing(
    Store { db, .. }: Store,
) {
    managers(&db).await;
    add_user(&db, id(0x10), "other").await;
    grant(&db, id(0x11), OLIVIA, id(0x10), Role::Owner).await;
    let owner = forged(&db, CC26, id(1), OLIVIA);
    // The own access sees everything, and the other owner's 30 days.
    for (access, kept, lower) in [(id(5), None, Some(36_500)), (id(0x11), Some(30), Some(29))] {
        for (lowering, property) in [
            (change(&db, access, Role::Owner, lower).await, Some("DaysBackAccess")),
            (change(&db, access, Role::Admin, kept).await, Some("Role")),
            (remove_it(&db, access).await, None),
        ] {
            for confirmed in [false, true] {
                let refused = issue(owner.manage(&lowering, confirmed).await);
                assert_eq!((refused.property, refused.weight), (property, Weight::Forbid), "{lowering:?}");
            }
        }
        assert_eq!(read(&db, &EXTERNAL_ACCESS, access).await.version, 1);
    }
    let raised = change(&db, id(0x11), Role::Owner, Some(31)).await;
    assert_eq!(owner.manage(&raised, true).await, Ok(()));
}

pub(crate) async fn promise_08_an_e_mail_that_is_not_confirmed_is_asked_about(Store { db, .. }: Store) {
    managers(&db).await;
    let owner = forged(&db, CC26, id(1), OLIVIA);
    add_user(&db, id(0x10), "chris").await;
    set(&db, &user::USER, id(0x10), &user::EMAIL_CONFIRMED.def, Value::Bool(false)).await;
    let sentence = "The e-mail of chris <chris@mail.example> [EXT] is not confirmed; make sure who asked for this account.";
    assert_eq!(owner.find_user(&email("chris")).await.expect("found").warnings, [sentence]);
    let asked = owner.manage(&add("chris", Role::Basic, None), false).await;
    let Err(ServiceError::Invalid(issues)) = asked else { panic!("{asked:?}") };
    assert!(issues.iter().all(|issue| issue.weight == Weight::Ask), "{issues:?}");
    let said: Vec<_> = issues.iter().map(|issue| issue.message.as_str()).collect();
    assert_eq!(said, ["This opens the customer's data without any limit of days back.", sentence]);
    let asked = issue(owner.manage(&add("chris", Role::Basic, Some(30)), false).await);
    assert_eq!(asked, Issue::ask(&user::EMAIL.def, sentence));
    assert_eq!(accesses(&db, OLIVIA).await.len(), 2, "it waits for the answer");
    owner.manage(&add("chris", Role::Basic, Some(30)), true).await.expect("it was meant");
    // What is refused is not asked about.
    let again = issue(owner.manage(&add("chris", Role::Basic, Some(30)), false).await);
    assert_eq!(again.weight, Weight::Refuse);
}

pub(crate) async fn promise_08_of_two_admins_who_remove_one_another_one_stays(Store { db, .. }: Store) {
    build(&db).await;
    for round in 1..=ROUNDS {
        let (one, other) = (round * 0x10, round * 0x10 + 1);
        for user in [one, other] {
            add_user(&db, id(user), &format!("u{user}")).await;
            grant(&db, id(user << 32), OLIVIA, id(user), Role::Admin).await;
        }
        let removals = [remove_it(&db, id(other << 32)).await, remove_it(&db, id(one << 32)).await];
        let begin = |(by, removal): (u128, Managing)| {
            let visit = forged(&db, CC26, id(by), OLIVIA);
            tokio::spawn(async move { visit.manage(&removal, true).await })
        };
        let mut both = [one, other].into_iter().zip(removals).map(begin);
        let (Some(a), Some(b)) = (both.next(), both.next()) else { panic!("two begin") };
        let answers = [a.await.expect("an answer"), b.await.expect("an answer")];
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "round {round}: {answers:?}");
        let shown_out =
            |answer: &&Result<(), ServiceError>| matches!(answer, Err(ServiceError::SignedOut(_)));
        assert_eq!(answers.iter().filter(shown_out).count(), 1, "round {round}: {answers:?}");
        let left = accesses(&db, OLIVIA).await;
        assert_eq!(left.len(), 1, "round {round}");
        remove(&db, &EXTERNAL_ACCESS, left[0].id).await;
    }
}

fn issue(answer: Result<(), ServiceError>) -> Issue {
    match answer {
        Err(ServiceError::Invalid(mut issues)) => issues.remove(0),
        other => panic!("not invalid: {other:?}"),
    }
}

pub(crate) async fn what_is_wrong_is_said_where_it_was_typed(Store { db, .. }: Store) {
    managers(&db).await;
    let owner = forged(&db, CC26, id(1), OLIVIA);
    add_user(&db, id(0x10), "chris").await;
    add_user(&db, id(0x11), "off").await;
    set(&db, &user::USER, id(0x11), &user::ACTIVE.def, Value::Bool(false)).await;
    add_user_of(&db, id(0x12), "nightly", "SYS").await;
    add_user_of(&db, id(0x13), "operator", "INT").await;
    add_user_of(&db, id(0x14), "former", "INT").await;
    set(&db, &user::USER, id(0x14), &user::ACTIVE.def, Value::Bool(false)).await;
    let email = |typed: &str| Managing::Add {
        email: typed.to_owned(),
        role: Role::Basic,
        days_back: Some(30),
        notes: String::new(),
    };
    let unknown =
        "No user was found with this e-mail; check it, or ask the user to create an account with it first.";
    let long = format!("{}@mail.example", "a".repeat(242));
    for (typed, sentence) in [
        ("", "Email is required."),
        ("nobody@mail.example", unknown),
        ("chr", unknown),
        ("chris@mail.exampl", unknown),
        ("сhris@mail.example", unknown),
        ("chris @mail.example", unknown),
        ("*", unknown),
        ("%", unknown),
        (&long, "Email takes at most 254 characters; this has 255."),
        ("chris\0@mail.example", "Email must not contain the character NUL; remove it."),
        // Of users who are nobody's customer a visitor learns nothing: not that they exist, nor that they are off.
        ("nightly@mail.example", unknown),
        ("operator@mail.example", unknown),
        ("former@mail.example", unknown),
    ] {
        let expected = Issue::at(&user::EMAIL.def, sentence);
        assert_eq!(issue(owner.manage(&email(typed), true).await), expected, "{typed}");
        assert_eq!(issue(owner.find_user(typed).await.map(drop)), expected, "{typed}");
    }
    for typed in ["chris@mail.example", "  CHRIS@Mail.Example "] {
        let found = owner.find_user(typed).await.expect("the user is found");
        assert_eq!(found.shown, "chris <chris@mail.example> [EXT]");
        assert_eq!((found.access, found.warnings), (None, vec![]));
    }
    let warning = owner.find_user("off@mail.example").await.expect("found").warnings.remove(0);
    let confirmed = issue(owner.manage(&email("off@mail.example"), false).await);
    assert_eq!(
        (confirmed.property, &confirmed.message, confirmed.weight),
        (Some("Email"), &warning, Weight::Ask)
    );
    assert_eq!(owner.manage(&email("off@mail.example"), true).await, Ok(()));
    assert_eq!(owner.manage(&email(" Chris@MAIL.example"), false).await, Ok(()));
    let again = issue(owner.manage(&email("chris@mail.example"), true).await);
    assert_eq!(again.property, Some("Email"));
    assert!(again.message.ends_with("has access already; edit it instead."), "{}", again.message);
    let access = owner.find_user("chris@mail.example").await.expect("found").access.expect("there now");
    assert_eq!(read(&db, &EXTERNAL_ACCESS, access).await.get(&ROLE), Some(Role::Basic));
    let long_notes =
        Managing::Change { access, version: 1, role: Role::Basic, days_back: None, notes: "n".repeat(4001) };
    assert_eq!(issue(owner.manage(&long_notes, true).await).property, Some("Notes"));
}

pub(crate) async fn promise_08_after_many_look_ups_by_e_mail_the_next_ones_wait(Store { db, .. }: Store) {
    managers(&db).await;
    let mut owner = forged(&db, CC26, id(1), OLIVIA);
    add_user(&db, id(0x10), "chris").await;
    for number in 0..31 {
        let found = owner.find_user(&email(&format!("nobody{number}"))).await;
        assert_eq!(issue(found.map(drop)).property, Some("Email"), "{number}");
    }
    let wait = "You have looked for many users; look for the next one in a minute.";
    let denied = Err(ServiceError::Denied(wait.to_owned()));
    assert_eq!(owner.find_user(&email("chris")).await.map(drop), denied);
    assert_eq!(owner.manage(&add("chris", Role::Basic, Some(30)), true).await, denied);
    assert_eq!(refusals(&db, id(1)).await[0], wait);
    // Another session of the same user is no way around; another user is not concerned.
    let again = forged(&db, CC26, id(1), OLIVIA);
    assert_eq!(again.find_user(&email("chris")).await.map(drop), denied);
    // The wait ends by itself. Whoever finds a user and lets that user in does not come nearer to the next.
    owner.world.now = Arc::new(|| now() + SignedDuration::from_secs(2));
    owner.manage(&add("chris", Role::Basic, Some(30)), true).await.expect("the wait is over");
    owner.find_user(&email("nobody")).await.expect_err("nobody");
    owner.find_user(&email("nobody")).await.expect_err("nobody");
    assert_eq!(owner.find_user(&email("chris")).await.map(drop), denied);
}

pub(crate) async fn promise_08_an_owner_and_unlimited_days_back_are_asked_about(Store { db, .. }: Store) {
    managers(&db).await;
    let owner = forged(&db, CC26, id(1), OLIVIA);
    for (number, name, role, days_back, property) in
        [(0x10, "chris", Role::Owner, Some(30), "Role"), (0x11, "zoe", Role::Basic, None, "DaysBackAccess")]
    {
        add_user(&db, id(number), name).await;
        let asked = issue(owner.manage(&add(name, role, days_back), false).await);
        assert_eq!((asked.property, asked.weight), (Some(property), Weight::Ask));
        owner.manage(&add(name, role, days_back), true).await.expect("it was meant");
    }
}

pub(crate) async fn a_save_in_between_is_not_lost(Store { db, .. }: Store) {
    managers(&db).await;
    let owner = forged(&db, CC26, id(1), OLIVIA);
    add_user(&db, id(0x10), "chris").await;
    grant(&db, id(0x11), OLIVIA, id(0x10), Role::Basic).await;
    let (changed, removed) =
        (change(&db, id(0x11), Role::Orders, None).await, remove_it(&db, id(0x11)).await);
    set(&db, &EXTERNAL_ACCESS, id(0x11), &NOTES.def, Value::text("theirs")).await;
    for managing in [changed, removed] {
        let Err(ServiceError::Conflict(conflict)) = owner.manage(&managing, true).await else {
            panic!("{managing:?} passes over what was saved meanwhile");
        };
        assert_eq!(conflict.login, None, "an operator's login is not for visitors");
    }
    let now = read(&db, &EXTERNAL_ACCESS, id(0x11)).await;
    assert_eq!((now.version, now.get(&NOTES), now.get(&ROLE)), (2, Some("theirs"), Some(Role::Basic)));
}

pub(crate) async fn history_tells_of_every_grant_change_and_removal(Store { db, .. }: Store) {
    managers(&db).await;
    let owner = forged(&db, CC26, id(1), OLIVIA);
    add_user(&db, id(0x10), "chris").await;
    owner.manage(&add("chris", Role::OrdersWithPrices, Some(30)), false).await.expect("added");
    let access = owner.find_user(&email("chris")).await.expect("found").access.expect("there");
    owner.manage(&change(&db, access, Role::Billing, None).await, true).await.expect("changed");
    owner.manage(&remove_it(&db, access).await, false).await.expect("ended");
    let told_of_row: Vec<HistoryAction> =
        told(&db, &EXTERNAL_ACCESS, access).await.iter().map(|change| change.action).collect();
    assert_eq!(told_of_row, [HistoryAction::Deleted, HistoryAction::Changed, HistoryAction::Created]);
    let at_customer = told(&db, &customer::CUSTOMER, id(OLIVIA)).await;
    let of_chris = at_customer
        .iter()
        .filter(|change| history_text::lines(change, "en").iter().any(|line| line.contains("chris")));
    assert_eq!(of_chris.clone().count(), 3);
    assert!(of_chris.into_iter().all(|change| change.who == email("L90")), "by whose visit it was");
    assert_eq!(told(&db, &user::USER, id(0x10)).await.len(), 3);
    assert!(read(&db, &user::USER, id(0x10)).await.is(&user::ACTIVE), "the user stays");
}

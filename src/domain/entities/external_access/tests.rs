//! Tests of the rules of external accesses (`docs/domain.md`, Customers - External Access).

use std::sync::Arc;

use jiff::civil::date;

use super::*;
use crate::domain::model::rules::Weight;
use crate::domain::model::value::Value;
use crate::domain::tests::{Values, changed, id, new, stored, to};

fn role(role: Role) -> (&'static FieldDef, Value) {
    (&ROLE.def, role.into())
}

fn days(days: i64) -> (&'static FieldDef, Value) {
    (&DAYS_BACK_ACCESS.def, Value::Int(days))
}

fn unlimited() -> (&'static FieldDef, Value) {
    (&DAYS_BACK_ACCESS.def, Value::Empty)
}

fn until(last_day: Day) -> (&'static FieldDef, Value) {
    (&VALID_UNTIL.def, Value::Date(last_day))
}

fn note() -> (&'static FieldDef, Value) {
    (&NOTES.def, Value::text("Asked by phone."))
}

/// The access of a user, 5, to a customer, 6.
fn access(values: Values) -> Arc<Record> {
    stored(&EXTERNAL_ACCESS, &[&[(&USER.def, to(5)), (&CUSTOMER.def, to(6))], values].concat())
}

fn weights(issues: &[Issue]) -> Vec<(&'static str, Weight)> {
    issues.iter().filter_map(|issue| Some((issue.property?, issue.weight))).collect()
}

#[test]
fn promise_08_an_owner_is_lowered_for_a_reason_alone() {
    let admin = access(&[role(Role::Admin), days(30)]);
    let owner = access(&[role(Role::Owner), days(30)]);
    let boundless = access(&[role(Role::Owner)]);
    let elsewhere = || [(&CUSTOMER.def, to(8)), (&USER.def, to(9))];
    let both = |weight| vec![("Customer", weight), ("User", weight)];
    let for_a_reason = |field| vec![(field, Weight::NeedsReason)];
    let table = [
        ("new", new(&EXTERNAL_ACCESS, &elsewhere()), vec![]),
        ("unchanged", changed(&owner, &[]), vec![]),
        ("of others", changed(&admin, &elsewhere()), both(Weight::Refuse)),
        ("an admin lowered", changed(&admin, &[role(Role::Basic), days(1)]), vec![]),
        ("an admin made owner", changed(&admin, &[role(Role::Owner)]), vec![]),
        ("an owner of others", changed(&owner, &elsewhere()), both(Weight::Forbid)),
        ("an owner noted", changed(&owner, &[note()]), vec![]),
        ("an owner lowered", changed(&owner, &[role(Role::Admin)]), for_a_reason("Role")),
        ("fewer days", changed(&owner, &[days(29)]), for_a_reason("DaysBackAccess")),
        ("more days", changed(&owner, &[days(31)]), vec![]),
        ("all days", changed(&owner, &[unlimited()]), vec![]),
        ("a limit", changed(&boundless, &[days(30)]), for_a_reason("DaysBackAccess")),
        ("an end", changed(&boundless, &[until(date(2026, 7, 1))]), for_a_reason("ValidUntil")),
        ("an end of an admin", changed(&admin, &[until(date(2026, 7, 1))]), vec![]),
    ];
    for (what, draft, expected) in table {
        let mut issues = Vec::new();
        (RULES.check)(&draft, &mut issues);
        assert_eq!(weights(&issues), expected, "{what}");
    }
}

#[test]
fn promise_08_an_owners_access_is_ended_for_a_reason_alone() {
    for each in Role::ALL {
        let row = access(&[role(each)]);
        assert_eq!((RULES.guard_removal)(&row), (each == Role::Owner).then_some(OWNERS), "{each:?}");
    }
}

#[test]
fn who_is_let_in_can_sign_in_and_is_who_it_seems() {
    let user = |user_type: Option<UserType>, is_active, login: &str, email: &str| {
        let user_type = user_type.map_or(Value::Empty, Value::from);
        let (login, email) = (Value::text(login), Value::text(email));
        let active = (&user::ACTIVE.def, Value::Bool(is_active));
        stored(
            &USER_ENTITY,
            &[
                (&user::USER_TYPE.def, user_type),
                active,
                (&user::LOGIN.def, login),
                (&user::EMAIL.def, email),
            ],
        )
    };
    let (external, virtual_user) =
        (Some(UserType::ExternalCommunityUser), Some(UserType::VirtualUserNoLogin));
    // The second of each has a Cyrillic а.
    let (login, mixed_login) = ("lea", "leа");
    let (email, mixed_email) = ("lea@cove.example", "leа@cove.example");
    let table: [(Arc<Record>, &[Weight]); 8] = [
        (user(external, true, login, email), &[]),
        (user(external, true, login, ""), &[]),
        (user(virtual_user, true, login, email), &[Weight::Refuse]),
        (user(virtual_user, false, login, email), &[Weight::Refuse]),
        (user(None, true, login, email), &[Weight::Refuse]),
        (user(external, false, login, email), &[Weight::Ask]),
        (user(external, true, mixed_login, email), &[Weight::Ask]),
        (user(external, false, login, mixed_email), &[Weight::Ask, Weight::Ask]),
    ];
    for (target, expected) in table {
        let mut issues = Vec::new();
        (RULES.check_reference)(&USER.def, &target, &mut issues);
        let expected: Vec<_> = expected.iter().map(|weight| ("User", *weight)).collect();
        assert_eq!(weights(&issues), expected, "{target:?}");
    }
}

#[test]
fn a_customer_that_no_location_serves_is_warned_about() {
    let number = (&customer::NUMBER.def, Value::text("00028"));
    let party = (&customer::PARTY.def, to(7));
    let unserved = stored(&CUSTOMER_ENTITY, &[number, party]);
    let served = stored(&CUSTOMER_ENTITY, &[(&customer::SERVICED_BY.def, to(8))]);
    let warning = "No location serves Record 7 #00028: a sign-in stops at CC007 until one is chosen.";
    for (target, expected) in [(served, vec![]), (unserved, vec![Issue::warn(&CUSTOMER.def, warning)])] {
        let mut issues = Vec::new();
        (RULES.check_reference)(&CUSTOMER.def, &target, &mut issues);
        assert_eq!(issues, expected);
    }
}

#[test]
fn promise_07_an_owner_and_days_without_limit_are_asked_about() {
    let admin = access(&[role(Role::Admin), days(30)]);
    let owner = access(&[role(Role::Owner)]);
    let table: [(&str, Draft, &[&str]); 8] = [
        ("a new admin", new(&EXTERNAL_ACCESS, &[role(Role::Admin), days(30)]), &[]),
        ("a new owner", new(&EXTERNAL_ACCESS, &[role(Role::Owner), days(30)]), &["Role"]),
        ("made an owner", changed(&admin, &[role(Role::Owner)]), &["Role"]),
        ("an owner still", changed(&owner, &[note()]), &[]),
        ("new without limit", new(&EXTERNAL_ACCESS, &[role(Role::Basic)]), &["DaysBackAccess"]),
        ("the limit taken away", changed(&admin, &[unlimited()]), &["DaysBackAccess"]),
        ("a limit given", changed(&owner, &[days(30)]), &[]),
        ("a wider limit", changed(&admin, &[days(MOST_DAYS_BACK)]), &[]),
    ];
    for (what, draft, asked) in table {
        let mut issues = Vec::new();
        (RULES.dangers)(&draft, id(9), &mut issues);
        let asked: Vec<_> = asked.iter().map(|field| (*field, Weight::Ask)).collect();
        assert_eq!(weights(&issues), asked, "{what}");
    }
}

#[test]
fn days_back_are_compared_without_limit_as_the_most() {
    let table = [
        (Some(29), Some(30), true),
        (Some(30), Some(30), false),
        (Some(31), Some(30), false),
        (Some(MOST_DAYS_BACK), None, true),
        (None, Some(MOST_DAYS_BACK), false),
        (None, None, false),
    ];
    for (given, than, less) in table {
        assert_eq!(is_less(given, than), less, "{given:?}, {than:?}");
    }
}

#[test]
fn an_access_ends_with_its_last_day() {
    let (yesterday, today, tomorrow) = (date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 2));
    let table = [
        // The last day; whether the access has ended today, and whether it ends before one that goes on until today.
        (Some(yesterday), true, true),
        (Some(today), false, false),
        (Some(tomorrow), false, false),
        (None, false, false),
    ];
    for (last, ended, earlier) in table {
        assert_eq!(has_ended(last, today), ended, "{last:?}");
        assert_eq!(is_earlier(last, Some(today)), earlier, "{last:?}");
        assert_eq!(is_earlier(last, None), last.is_some(), "{last:?}");
    }
}

#[test]
fn an_access_is_long_unused_after_ninety_whole_days() {
    let view = VIEWS.iter().find(|view| view.name == "Not used for 90 days").expect("the view");
    let last = "2026-04-01T23:59:59.999999Z".parse().expect("an instant");
    let before_april_2 = Filter::Between(&LAST_USED.def, None, Some(Value::Instant(last)));
    assert_eq!((view.filters)(date(2026, 7, 1)), [before_april_2]);
}

#[test]
fn days_back_are_shown_with_the_oldest_date_that_they_open() {
    let today = date(2026, 7, 1);
    let table = [
        (Some(0), Some(today), "0 since 2026-07-01"),
        (Some(30), Some(date(2026, 6, 1)), "30 since 2026-06-01"),
        (None, None, "unlimited"),
    ];
    for (days, oldest, shown) in table {
        assert_eq!(oldest_visible(days, today), oldest, "{days:?}");
        assert_eq!(shown_days_back(days, oldest), shown);
    }
    assert_eq!(shown_days_back(Some(30), None::<jiff::civil::Date>), "30", "where today is not known");
}

//! Tests of the rules of users (`docs/domain.md`, Users and Rights in the back office).

use super::*;
use crate::domain::model::rules::Weight;
use crate::domain::tests::{changed as changed_from, english, id, multi, new, stored};

fn of_type(user_type: UserType) -> (&'static FieldDef, Value) {
    (&USER_TYPE.def, user_type.into())
}

fn yes(field: &'static Field<Bool>) -> (&'static FieldDef, Value) {
    (&field.def, Value::Bool(true))
}

fn no(field: &'static Field<Bool>) -> (&'static FieldDef, Value) {
    (&field.def, Value::Bool(false))
}

fn text(field: &'static Field<Text>, text: &str) -> (&'static FieldDef, Value) {
    (&field.def, Value::text(text))
}

fn note() -> (&'static FieldDef, Value) {
    text(&NOTES, "Called back.")
}

fn locked_until(end: &str) -> (&'static FieldDef, Value) {
    (&LOCKOUT_END_UTC.def, Value::Instant(end.parse().expect("an instant")))
}

/// The fields with issues, all of this weight.
fn fields_of(issues: &[Issue], weight: Weight) -> Vec<&'static str> {
    assert!(issues.iter().all(|issue| issue.weight == weight), "{issues:?}");
    issues.iter().filter_map(|issue| issue.property).collect()
}

#[test]
fn only_internal_and_external_users_sign_in() {
    let signing_in = UserType::ALL.into_iter().filter(|user_type| user_type.can_sign_in());
    assert_eq!(Vec::from_iter(signing_in), [UserType::InternalUser, UserType::ExternalCommunityUser]);
}

#[test]
fn another_email_is_not_confirmed_and_fills_a_login_that_was_never_saved() {
    let (old, other) = ("lea@cove.example", "marsh@cove.example");
    let row = stored(&USER, &[text(&LOGIN, "lea"), text(&EMAIL, old), yes(&EMAIL_CONFIRMED)]);
    let email = |email| text(&EMAIL, email);
    let table = [
        // What is entered, one after the other; then the Login, and whether the e-mail is confirmed.
        ("a new user", new(&USER, &[]), vec![email(other)], Some(other), false),
        ("with a login", new(&USER, &[]), vec![text(&LOGIN, "lm"), email(other)], Some("lm"), false),
        ("another address", changed_from(&row, &[]), vec![email(other)], Some("lea"), false),
        ("there and back", changed_from(&row, &[]), vec![email(other), email(old)], Some("lea"), true),
        ("a login taken away", changed_from(&row, &[]), vec![text(&LOGIN, ""), email(other)], None, false),
        ("another field", changed_from(&row, &[]), vec![note()], Some("lea"), true),
    ];
    for (what, mut draft, entered, login, is_confirmed) in table {
        for (field, value) in entered {
            draft.set(field, value);
            (RULES.changed)(&mut draft, field, "en");
        }
        assert_eq!(draft.get(&LOGIN), login, "{what}");
        assert_eq!(draft.is(&EMAIL_CONFIRMED), is_confirmed, "{what}");
    }
}

#[test]
fn the_name_of_a_user_follows_the_chosen_person() {
    let person = stored(&PERSON_ENTITY, &[(&party::PARTY_NAME.def, english("Lea Marsh"))]);
    let typed = || new(&USER, &[(&NAME.def, english("L. M."))]);
    for (field, target, name) in [
        (&PERSON.def, Some(&*person), english("Lea Marsh")),
        (&PERSON.def, None, Value::Empty),
        (&NOTES.def, Some(&*person), english("L. M.")),
    ] {
        let mut draft = typed();
        (RULES.chosen)(&mut draft, field, target);
        assert_eq!(draft.value(&NAME.def), &name, "{field:?}, {target:?}");
    }
}

#[test]
fn only_an_internal_user_becomes_an_administrator_and_an_administrator_stays_one() {
    use UserType::{
        ExternalCommunityUser as External, InternalUser as Internal, VirtualUserNoLogin as Virtual,
    };
    let operator = stored(&USER, &[of_type(Internal), yes(&IS_ADMIN)]);
    // An older database may hold such a user.
    let wrong = stored(&USER, &[of_type(External), yes(&IS_ADMIN)]);
    let table: [(&str, Draft, &[&str]); 10] = [
        ("a new administrator", new(&USER, &[of_type(Internal), yes(&IS_ADMIN)]), &[]),
        ("an external one", new(&USER, &[of_type(External), yes(&IS_ADMIN)]), &["IsAdmin"]),
        ("one of no type", new(&USER, &[yes(&IS_ADMIN)]), &["IsAdmin"]),
        ("an external user", new(&USER, &[of_type(External), no(&IS_ADMIN)]), &[]),
        ("another type", changed_from(&operator, &[of_type(External)]), &["UserType"]),
        ("no administrator any more", changed_from(&operator, &[of_type(External), no(&IS_ADMIN)]), &[]),
        ("a wrong one, noted", changed_from(&wrong, &[note()]), &[]),
        ("a wrong one, of another type", changed_from(&wrong, &[of_type(Virtual)]), &["UserType"]),
        ("a wrong one, put right by the type", changed_from(&wrong, &[of_type(Internal)]), &[]),
        ("a wrong one, put right by the right", changed_from(&wrong, &[no(&IS_ADMIN)]), &[]),
    ];
    for (what, draft, refused) in table {
        let mut issues = Vec::new();
        (RULES.check)(&draft, &mut issues);
        assert_eq!(fields_of(&issues, Weight::Refuse), refused, "{what}");
    }
}

#[test]
fn a_new_default_language_and_every_email_are_checked() {
    let row = stored(&USER, &[text(&DEFAULT_LANGUAGE, "klingon")]);
    let table: [(Draft, &[&str]); 7] = [
        (new(&USER, &[text(&DEFAULT_LANGUAGE, "en-GB")]), &[]),
        (new(&USER, &[text(&DEFAULT_LANGUAGE, "en-XX")]), &["DefaultLanguage"]),
        (changed_from(&row, &[note()]), &[]),
        (changed_from(&row, &[text(&DEFAULT_LANGUAGE, "bg")]), &[]),
        (changed_from(&row, &[text(&DEFAULT_LANGUAGE, "")]), &[]),
        (changed_from(&row, &[text(&DEFAULT_LANGUAGE, "elvish")]), &["DefaultLanguage"]),
        (new(&USER, &[text(&EMAIL, "nobody")]), &["Email"]),
    ];
    for (draft, refused) in table {
        let mut issues = Vec::new();
        (RULES.check)(&draft, &mut issues);
        assert_eq!(fields_of(&issues, Weight::Refuse), refused, "{draft:?}");
    }
}

#[test]
fn promise_07_an_administrator_is_able_while_active_internal_and_not_locked_out() {
    let now: Timestamp = "2026-02-03T10:00:00Z".parse().expect("a timestamp");
    let able = || vec![yes(&IS_ADMIN), yes(&ACTIVE), of_type(UserType::InternalUser)];
    let table = [
        ("able", vec![], true),
        ("an operator", vec![no(&IS_ADMIN)], false),
        ("switched off", vec![no(&ACTIVE)], false),
        ("of another type", vec![of_type(UserType::SystemUserNoLogin)], false),
        ("locked out", vec![locked_until("2026-02-03T10:00:01Z")], false),
        ("locked out until now", vec![locked_until("2026-02-03T10:00:00Z")], true),
        ("locked out once", vec![locked_until("2026-02-02T10:00:00Z")], true),
    ];
    for (what, besides, is_able) in table {
        let user = new(&USER, &[able(), besides].concat());
        assert_eq!(is_able_administrator(&user, now), is_able, "{what}");
    }
}

#[test]
fn promise_07_what_nobody_does_to_rights_by_accident_is_asked_about() {
    let (own, other) = (id(1), id(2));
    let external = || of_type(UserType::ExternalCommunityUser);
    let lock = || locked_until("2026-02-04T10:00:00Z");
    let row = stored(&USER, &[text(&LOGIN, "lea"), yes(&ACTIVE), of_type(UserType::InternalUser)]);
    let admin = stored(&USER, &[yes(&ACTIVE), yes(&IS_ADMIN)]);
    let off = stored(&USER, &[no(&ACTIVE), lock()]);
    let table: [(&str, Draft, RecordId, &[&str]); 15] = [
        ("a new user", new(&USER, &[no(&ACTIVE), external()]), other, &[]),
        ("a new administrator", new(&USER, &[yes(&IS_ADMIN)]), other, &["IsAdmin"]),
        ("made an administrator", changed_from(&row, &[yes(&IS_ADMIN)]), other, &["IsAdmin"]),
        ("no administrator any more", changed_from(&admin, &[no(&IS_ADMIN)]), other, &["IsAdmin"]),
        ("an administrator still", changed_from(&admin, &[note()]), own, &[]),
        ("another one switched off", changed_from(&row, &[no(&ACTIVE)]), other, &[]),
        ("oneself switched off", changed_from(&row, &[no(&ACTIVE)]), own, &["Active"]),
        ("another one locked", changed_from(&row, &[lock()]), other, &[]),
        ("oneself locked", changed_from(&row, &[lock()]), own, &["LockoutEndUtc"]),
        ("another one's type", changed_from(&row, &[external()]), other, &[]),
        ("one's own type", changed_from(&row, &[external()]), own, &["UserType"]),
        ("notes on oneself", changed_from(&row, &[note()]), own, &[]),
        ("off and locked already", changed_from(&off, &[note()]), own, &[]),
        ("unlocked", changed_from(&off, &[(&LOCKOUT_END_UTC.def, Value::Empty)]), own, &[]),
        ("switched on", changed_from(&off, &[yes(&ACTIVE)]), own, &[]),
    ];
    for (what, draft, by, asked) in table {
        let mut issues = Vec::new();
        (RULES.dangers)(&draft, by, &mut issues);
        assert_eq!(fields_of(&issues, Weight::Ask), asked, "{what}");
    }
}

#[test]
fn a_person_made_for_a_user_has_the_users_names_in_each_language() {
    let name = || (&NAME.def, multi(&[("en", "Lea Ann van der Marsh"), ("bg", "Леа Марш")]));
    let row = stored(&USER, &[name()]);
    let named: [(&'static FieldDef, Value); 4] = [
        (&FIRST_NAME.def, multi(&[("en", "Lea"), ("bg", "Леа")])),
        (&MIDDLE_NAME.def, english("Ann")),
        (&LAST_NAME.def, multi(&[("en", "van der Marsh"), ("bg", "Марш")])),
        (&party::PARTY_NAME.def, multi(&[("en", "Lea Ann van der Marsh"), ("bg", "Леа Ann Марш")])),
    ];
    let table = [
        ("from the draft", new(&USER, &[name()]), &PERSON.def, &named[..]),
        ("from the record", changed_from(&row, &[(&NAME.def, Value::Empty)]), &PERSON.def, &named),
        ("of no name", new(&USER, &[]), &PERSON.def, &[]),
        ("for another field", new(&USER, &[name()]), &NOTES.def, &[]),
    ];
    for (what, from, field, named) in table {
        let mut person = new(&PERSON_ENTITY, &[]);
        (RULES.fill_new)(&mut person, &from, field, "en");
        assert_eq!(person, new(&PERSON_ENTITY, named), "{what}");
    }
}

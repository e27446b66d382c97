//! Create Local Account: what it makes, what it refuses, and what it keeps to itself.

use ccdesk::domain::account_request::{RequestState, Source};
use ccdesk::domain::entities::user;
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::record::Fields;
use ccdesk::domain::model::value::Value;
use ccdesk::service::ServiceError;
use ccdesk::service::auth::{Origin, Secret, UNKNOWN_LOGIN};
use ccdesk::service::back_office::requests::{AccountForm, Repeated, create_account};
use ccdesk::storage::{accounts, credentials, facts};

use crate::company::{id, now, save, user_draft};
use crate::support::Store;
use crate::{actions, form, origin, told, user_of, world};

/// How often two do something at once, so that every order of their steps comes up.
const ROUNDS: usize = 10;

pub(crate) async fn a_request_makes_an_external_user_who_waits(Store { db, .. }: Store) {
    let confirmed = AccountForm {
        full_name: " Chris Armstrong ".to_owned(),
        phone: "+44 20 7946 0000".to_owned(),
        language: "bg".to_owned(),
        company: "Offroad Monsters Den".to_owned(),
        message: "Please let me see invoices\nthank you".to_owned(),
        ..form(" Chris@Mail.com ")
    };
    create_account(&db, &world(), &origin(), Source::Console, &confirmed).await.expect("it is asked for");
    let made = user_of(&db, "chris@mail.COM").await.expect("the user");
    assert_eq!(
        (made.get(&user::LOGIN), made.get(&user::EMAIL)),
        (Some("Chris@Mail.com"), Some("Chris@Mail.com"))
    );
    assert_eq!(made.get(&user::NAME).map(|name| name.text("en")), Some("Chris Armstrong"));
    assert_eq!(made.get(&user::PHONE_NUMBER), Some("+44 20 7946 0000"));
    assert_eq!(made.get(&user::DEFAULT_LANGUAGE), Some("bg"));
    assert_eq!(made.get(&user::COMPANY_NAME), Some("Offroad Monsters Den"));
    assert_eq!(made.get(&user::REGISTRATION_MESSAGE), Some("Please let me see invoices\nthank you"));
    assert_eq!(
        (made.get(&user::USER_TYPE), made.get(&user::PASSWORD_FORMAT)),
        (Some(user::UserType::ExternalCommunityUser), Some(user::PasswordFormat::Argon2id))
    );
    assert_eq!(
        (made.is(&user::ACTIVE), made.is(&user::EMAIL_CONFIRMED), made.is(&user::IS_ADMIN)),
        (true, false, false)
    );
    assert_eq!((made.get(&user::PERSON), made.get(&user::CREATION_TIME_UTC)), (None, Some(now().into())));
    assert_eq!(made.origin.creation_user.as_deref(), Some("Chris@Mail.com"));
    let waiting = accounts::pending_of(&mut db.read().await.expect("a connection"), made.id).await;
    let waiting = waiting.expect("an answer").expect("a request");
    assert_eq!(
        (waiting.source, waiting.state, waiting.submitted_at),
        (Source::Console, RequestState::Pending, now())
    );
    assert_eq!(actions(&db, made.id).await, [HistoryAction::Created, HistoryAction::Requested]);
}

pub(crate) async fn what_is_wrong_with_a_request_is_said_where_it_was_typed(Store { db, .. }: Store) {
    let long = |count| "a".repeat(count);
    let email = |email: &str| form(email);
    let with = |change: fn(&mut AccountForm)| {
        let mut confirmed = form("chris@mail.com");
        change(&mut confirmed);
        confirmed
    };
    let address = "Email must be an address such as name@example.com.";
    let table = [
        (email(" "), "Email", "Email is required."),
        (email("chris"), "Email", address),
        (email("chris armstrong@mail.com"), "Email", address),
        (email("Chris <chris@mail.com>"), "Email", address),
        (
            email(&format!("{}@mail.com", long(56))),
            "Email",
            "Email becomes the login, which takes at most 64 characters; this has 65.",
        ),
        (
            email(&format!("{}@mail.com", long(246))),
            "Email",
            "Email becomes the login, which takes at most 64 characters; this has 255.",
        ),
        (with(|confirmed| confirmed.full_name = " ".into()), "Name", "Full Name is required."),
        (
            with(|confirmed| confirmed.full_name = "a".repeat(255)),
            "Name",
            "Name takes at most 254 characters; this has 255.",
        ),
        (
            with(|confirmed| confirmed.phone = "1".repeat(65)),
            "PhoneNumber",
            "Phone Number takes at most 64 characters; this has 65.",
        ),
        (
            with(|confirmed| confirmed.company = "a".repeat(65)),
            "CompanyName",
            "Company Name takes at most 64 characters; this has 65.",
        ),
        (
            with(|confirmed| confirmed.message = "a".repeat(255)),
            "RegistrationMessage",
            "Registration Message takes at most 254 characters; this has 255.",
        ),
        (
            with(|confirmed| confirmed.message = "a\0b".into()),
            "RegistrationMessage",
            "Registration Message must not contain the character NUL; remove it.",
        ),
        (
            with(|confirmed| confirmed.language = "xx".into()),
            "DefaultLanguage",
            "Default Language is one of: en, bg, de, fr.",
        ),
        (with(|confirmed| confirmed.password = Secret::default()), "Password", "Password is required."),
    ];
    for (confirmed, property, sentence) in table {
        let answer = create_account(&db, &world(), &origin(), Source::Console, &confirmed).await;
        let Err(ServiceError::Invalid(issues)) = answer else { panic!("{sentence}: {answer:?}") };
        let issues: Vec<_> = issues.iter().map(|issue| (issue.property, issue.message.as_str())).collect();
        assert_eq!(issues, [(Some(property), sentence)]);
    }
    let made_of = |password: &str| AccountForm {
        password: Secret::new(password.to_owned()),
        ..form("chris_armstrong@mail.com")
    };
    for password in ["short", "chris_armstrong@mail.com", "Chris Armstrong"] {
        let answer = create_account(&db, &world(), &origin(), Source::Console, &made_of(password)).await;
        let Err(ServiceError::Invalid(issues)) = answer else { panic!("{password}: {answer:?}") };
        assert_eq!(issues.iter().map(|issue| issue.property).collect::<Vec<_>>(), [Some("Password")]);
    }
    assert_eq!(user_of(&db, "chris@mail.com").await, None);
}

pub(crate) async fn the_longest_request_is_kept_as_it_was_typed(Store { db, .. }: Store) {
    let hostile = "\u{1b}]0;owned\u{7}\u{202e}<b>'; DROP TABLE sec_users; --";
    let filled = |count: usize| format!("{hostile}{}", "я".repeat(count - hostile.chars().count()));
    let email = format!("{}@mail.example", "a".repeat(51));
    let confirmed = AccountForm {
        full_name: filled(254),
        phone: filled(64),
        company: filled(64),
        message: filled(254),
        ..form(&email)
    };
    create_account(&db, &world(), &origin(), Source::Web, &confirmed).await.expect("it is asked for");
    let made = user_of(&db, &email).await.expect("the user");
    assert_eq!(made.get(&user::NAME).map(|name| name.text("en")), Some(confirmed.full_name.as_str()));
    assert_eq!(made.get(&user::PHONE_NUMBER), Some(confirmed.phone.as_str()));
    assert_eq!(made.get(&user::COMPANY_NAME), Some(confirmed.company.as_str()));
    assert_eq!(made.get(&user::REGISTRATION_MESSAGE), Some(confirmed.message.as_str()));
}

pub(crate) async fn a_look_alike_is_another_login_and_is_flagged(Store { db, .. }: Store) {
    for email in ["paul.baker@mail.com", "pаul.baker@mail.com"] {
        create_account(&db, &world(), &origin(), Source::Web, &form(email)).await.expect("it is asked for");
    }
    let cyrillic = user_of(&db, "pаul.baker@mail.com").await.expect("the second user");
    let facts = facts::users(&mut db.read().await.expect("a connection"), &[cyrillic.id], "en").await;
    assert_eq!(
        facts.expect("the facts")[0].resembles.as_ref().map(|other| other.text.as_str()),
        Some("paul.baker@mail.com")
    );
}

pub(crate) async fn whoever_has_an_account_stays_as_they_are_when_somebody_asks_again(
    Store { db, .. }: Store,
) {
    let first = create_account(&db, &world(), &origin(), Source::Console, &form("chris@mail.com")).await;
    let mut other = user_draft("ann", "Ann", None);
    other.set(&user::EMAIL.def, Value::text("ann@mail.com"));
    save(&db, &other, id(1)).await;
    let again = |email: &str, message: &str| AccountForm {
        full_name: "Somebody Else".to_owned(),
        message: message.to_owned(),
        password: Secret::new("something else altogether".to_owned()),
        ..form(email)
    };
    let hash = |login: &'static str| {
        let db = db.clone();
        async move {
            let mut conn = db.read().await.expect("a connection");
            credentials::account_of(&mut conn, login)
                .await
                .expect("an answer")?
                .password
                .map(|kept| kept.hash)
        }
    };
    let kept = hash("chris@mail.com").await;
    assert!(kept.as_ref().is_some_and(|hash| hash.starts_with("$argon2id$")));
    let apart =
        [("chris@mail.com", again("CHRIS@Mail.com", "let me in")), ("ann", again("Ann@mail.com", ""))];
    for (login, confirmed) in apart {
        let before = user_of(&db, login).await.expect("the user");
        let answer = create_account(&db, &world(), &origin(), Source::Web, &confirmed).await;
        assert_eq!(answer, first);
        let after = user_of(&db, login).await.expect("the user");
        assert_eq!(after, before);
        let mut conn = db.read().await.expect("a connection");
        let (_, repeated) = accounts::last_and_repeated_of(&mut conn, after.id).await.expect("an answer");
        assert_eq!(repeated, Some(Repeated { times: 1, last_at: now() }));
        let last = told(&db, after.id).await.pop().expect("an entry");
        assert_eq!((last.action, last.version), (HistoryAction::RequestedAgain, after.version));
        assert_eq!(last.reason.unwrap_or_default(), confirmed.message);
    }
    assert_eq!((hash("chris@mail.com").await, hash("ann").await), (kept, None));
}

pub(crate) async fn two_who_ask_at_once_get_one_account_and_one_answer(Store { db, .. }: Store) {
    let world = world();
    for round in 0..ROUNDS {
        let ask = |email: String| {
            let (db, world, from) = (db.clone(), world.clone(), Origin(format!("round {round}")));
            tokio::spawn(async move { create_account(&db, &world, &from, Source::Web, &form(&email)).await })
        };
        let (one, other) = (ask(format!("chris{round}@mail.com")), ask(format!("CHRIS{round}@mail.com")));
        let answers = [one.await, other.await].map(|answer| answer.expect("an answer"));
        assert_eq!(answers, [Ok(()), Ok(())], "round {round}");
        let made = user_of(&db, &format!("chris{round}@mail.com")).await.expect("the user");
        let actions = actions(&db, made.id).await;
        assert_eq!(
            actions,
            [HistoryAction::Created, HistoryAction::Requested, HistoryAction::RequestedAgain],
            "round {round}"
        );
    }
}

pub(crate) async fn a_flood_from_one_source_slows_down_and_others_do_not(Store { db, .. }: Store) {
    let ask = |number: usize, from: Origin, source| {
        let db = db.clone();
        async move {
            let confirmed = form(&format!("chris{number}@mail.com"));
            create_account(&db, &world(), &from, source, &confirmed).await
        }
    };
    let answers: Vec<_> = {
        let mut answers = Vec::new();
        for number in 0..20 {
            answers.push(ask(number, origin(), Source::Web).await.is_ok());
        }
        answers
    };
    let allowed = answers.iter().take_while(|allowed| **allowed).count();
    assert!((5..20).contains(&allowed), "{answers:?}");
    // An e-mail that has an account is not told apart.
    let refused = ask(0, origin(), Source::Web).await;
    assert!(matches!(refused, Err(ServiceError::Denied(_))), "{refused:?}");
    assert_eq!(refused, ask(30, origin(), Source::Web).await);
    assert_eq!(actions(&db, UNKNOWN_LOGIN).await, vec![HistoryAction::Refused; 20 - allowed + 2]);
    assert_eq!(ask(31, Origin("elsewhere".to_owned()), Source::Web).await, Ok(()));
    assert_eq!(ask(32, origin(), Source::CommandLine).await, Ok(()));
}

//! What a password must be, and how it is kept.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use ccdesk::domain::model::record::Fields;
use ccdesk::service::auth::{change_password, choose_password};
use ccdesk::service::back_office::first_operator;
use ccdesk::storage::db::Session;

use super::*;
use crate::support::Store;

/// What no operator may find anywhere.
const CANARY: &str = "canary sings at midnight";

fn at_password(refused: Result<impl Sized, ServiceError>) -> String {
    match refused {
        Err(ServiceError::Invalid(issues)) if issues[0].property == Some("Password") => {
            issues[0].message.clone()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was taken"),
    }
}

pub(crate) async fn promise_1_a_new_password_is_judged_wherever_it_is_chosen(Store { db, .. }: Store) {
    let world = Clock::default().world();
    let (too_short, known) = ("at least 15 characters; this has 9", "made of the login");
    for (password, said) in [("too short", too_short), ("olivia.green2026", known)] {
        let refused = first_operator(&db, &world, "olivia.green", "Olivia Green", &secret(password)).await;
        assert!(at_password(refused).contains(said), "{password}");
    }
    let olivia = add_operator(&db, 1, "olivia.green", true).await;
    set(&db, olivia, &user::COMPANY_NAME.def, Value::text("Nimero Ltd.")).await;
    let back_office = signed_in(&db, &world, "terminal", "olivia.green", PASSWORD).await;
    let other = add_operator(&db, 2, "dimitar.petrov", false).await;
    let code = back_office.issue_reset(other).await.expect("a code");
    for (password, said) in [
        ("too short", too_short),
        ("passwordpassword", "easily guessed"),
        (PASSWORD, "This is the password so far"),
        ("Nimero Nimero 2026", known),
    ] {
        let new = secret(password);
        let refused =
            change_password(&db, &world, &from("terminal"), &back_office.token, &secret(PASSWORD), &new)
                .await;
        assert!(at_password(refused).contains(said), "{password}");
    }
    let new = secret("dimitar petrov 26");
    let refused = choose_password(&db, &world, &from("terminal"), "dimitar.petrov", &code, &new).await;
    assert!(at_password(refused).contains(known));
    choose_password(&db, &world, &from("terminal"), "dimitar.petrov", &code, &secret(CANARY))
        .await
        .expect("a refused password uses no code up");
}

pub(crate) async fn promise_2_an_older_hash_is_replaced_at_the_sign_in(Store { db, .. }: Store) {
    let world = Clock::default().world();
    for (number, login, format, hash) in [
        (1, "md5", "MD5", "e47548ed24feb93049d7d37705fd27b0"),
        (
            2,
            "identity",
            "AN3",
            "AQAAAAEAACcQAAAAEAECAwQFBgcICQoLDA0ODxBgDrwZ/HG+ox0SSWzOuCCdu1872sJhhd86F105/ezJWA==",
        ),
    ] {
        let mut draft = user_draft(login, login, None);
        draft.set(&user::USER_TYPE.def, Value::Code("INT"));
        draft.set(&user::PASSWORD_FORMAT.def, Value::Code(format));
        let user = add(&db, number, &draft, hash).await;
        refused(&db, &world, "terminal", login, WRONG).await;
        assert_eq!(account(&db, user).await.password.expect("a password").hash, hash);
        let back_office = signed_in(&db, &world, "terminal", login, PASSWORD).await;
        let kept = account(&db, user).await.password.expect("a password");
        assert!(kept.hash.starts_with("$argon2id$"), "{login}");
        let record = stored(&db, user).await;
        assert_eq!(
            (record.get(&user::PASSWORD_FORMAT), record.version),
            (Some(user::PasswordFormat::Argon2id), 1)
        );
        assert_eq!(told(&db, user).await[0].0, HistoryAction::Changed);
        signed_in(&db, &world, "terminal", login, PASSWORD).await;
        assert_eq!(account(&db, user).await.password.expect("a password").hash, kept.hash);
        back_office
            .count(&ccdesk::domain::model::query::ListQuery::all(&user::USER))
            .await
            .expect("the session goes on");
    }
}

pub(crate) async fn promise_2_a_weak_hash_of_the_same_format_is_replaced_and_sessions_go_on(
    Store { db, .. }: Store,
) {
    let world = Clock::default().world();
    let ivan = add_operator(&db, 1, "ivan", false).await;
    let back_office = signed_in(&db, &world, "terminal", "ivan", PASSWORD).await;
    assert_eq!(account(&db, ivan).await.password.expect("a password").hash, HASH, "it is strong enough");
    let quick = Params::new(Params::MIN_M_COST, 1, 1, None).expect("parameters");
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, quick);
    let weak = argon.hash_password(PASSWORD.as_bytes()).expect("a hash").to_string();
    let mut tx = db.begin().await.expect("a transaction");
    assert_eq!(credentials::renew_hash(&mut tx, ivan, HASH, &weak).await, Ok(true));
    tx.commit().await.expect("it stays");
    let before = told(&db, ivan).await;
    signed_in(&db, &world, "terminal", "ivan", PASSWORD).await;
    let kept = account(&db, ivan).await.password.expect("a password");
    assert!(kept.hash.starts_with("$argon2id$v=19$m=19456,t=2"), "{}", kept.hash);
    assert_eq!(told(&db, ivan).await, before, "the format is the same");
    back_office
        .count(&ccdesk::domain::model::query::ListQuery::all(&user::USER))
        .await
        .expect("the session goes on");
}

pub(crate) async fn promise_2_a_hash_that_takes_too_much_work_needs_a_one_time_code(Store { db, .. }: Store) {
    let world = Clock::default().world();
    add_operator(&db, 1, "maria", true).await;
    let costly = HASH.replace("m=19456", "m=65536");
    let ivan = add(&db, 2, &user_draft("ivan", "Ivan", None), &costly).await;
    set(&db, ivan, &user::USER_TYPE.def, Value::Code("INT")).await;
    refused(&db, &world, "terminal", "ivan", PASSWORD).await;
    let why = "The stored hash of the password takes too much work to be verified; an administrator has to issue a \
               one-time code. From terminal.";
    assert_eq!(told(&db, ivan).await[0], (HistoryAction::SignInFailed, Some(why.to_owned())));
    let admin = signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    let code = admin.issue_reset(ivan).await.expect("a code");
    choose_password(&db, &world, &from("terminal"), "ivan", &code, &secret(CANARY)).await.expect("chosen");
    signed_in(&db, &world, "terminal", "ivan", CANARY).await;
}

pub(crate) async fn promise_3_no_secret_stands_in_any_text_of_the_database(Store { db, .. }: Store) {
    let world = Clock::default().world();
    add_operator(&db, 1, "maria", true).await;
    let other = add_operator(&db, 2, "ivan", false).await;
    // Typed into the box of the login, as happens.
    refused(&db, &world, CANARY_PLACE, CANARY, CANARY).await;
    refused(&db, &world, CANARY_PLACE, "maria", CANARY).await;
    let back_office = signed_in(&db, &world, "terminal", "maria", PASSWORD).await;
    let code = back_office.issue_reset(other).await.expect("a code");
    refused(&db, &world, "terminal", code.expose(), code.expose()).await;
    choose_password(&db, &world, &from("terminal"), "ivan", &code, &secret(CANARY))
        .await
        .expect("it is chosen");
    let later = back_office.issue_reset(other).await.expect("a code");
    let kept = everything(&mut db.read().await.expect("a connection")).await;
    assert!(kept.contains("maria") && kept.contains(CANARY_PLACE));
    for secret in [CANARY, PASSWORD, code.expose(), later.expose(), &later.expose().replace('-', "")] {
        assert!(!kept.contains(secret));
    }
}

const CANARY_PLACE: &str = "7@reception";

/// Every text of every table that a sign-in or a user touches.
async fn everything(s: &mut Session) -> String {
    let mut all = String::new();
    for table in [
        "SELECT login || name || coalesce(notes, '') FROM sec_users",
        "SELECT login || action || changes || coalesce(reason, '') FROM history",
        "SELECT hash FROM sec_credentials",
        "SELECT hash || issued_by FROM sec_reset_codes",
        "SELECT bucket FROM sec_sign_in_failures",
        "SELECT source FROM sec_known_sources",
    ] {
        for row in s.fetch_all(table, vec![]).await.expect("the rows") {
            all.push_str(&row.text(0).expect("a text"));
            all.push('\n');
        }
    }
    all
}

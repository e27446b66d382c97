//! What operators may not.

use ccdesk::domain::entities::web_site;
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

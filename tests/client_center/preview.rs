//! The sign-in preview: what a sign-in would answer, without signing in.

use ccdesk::domain::codes::{Code, Role};
use ccdesk::domain::entities::{customer, user, web_site};
use ccdesk::domain::model::value::Value;
use ccdesk::service::ServiceError;
use ccdesk::service::back_office::open_without_password;
use ccdesk::service::client_center::{Preview, sign_in_preview};
use ccdesk::storage::credentials;
use ccdesk::storage::db::Db;

use crate::company::{id, now, person_draft, save, to};
use crate::fixture::*;
use crate::support::Store;

async fn previews(db: &Db, name: &str) -> Vec<Preview> {
    sign_in_preview(db, &world(), &email(name), None).await.expect("the user is there")
}

/// The preview at cc26, of a user who is in order at cc26 and lacks a person at cc.
async fn at_cc26(db: &Db, name: &str) -> Preview {
    let mut found = previews(db, name).await;
    assert_eq!((found.len(), found[0].code), (2, Some(Code::CC002)));
    assert!(found[0].clients.is_empty());
    found.remove(1)
}

pub(crate) async fn a_preview_says_what_a_sign_in_would_come_to(Store { db, .. }: Store) {
    build(&db).await;
    add_user_of(&db, id(9), "operator", "INT").await;
    add_user(&db, id(1), "chris").await;
    assert_eq!(at_cc26(&db, "chris").await.code, Some(Code::CC010));
    grant(&db, id(2), OLIVIA, id(1), Role::Admin).await;
    grant(&db, id(3), NIMERO, id(1), Role::Basic).await;
    assert_eq!(at_cc26(&db, "chris").await.refused.as_deref(), Some("no password yet"));
    let mut tx = db.begin().await.expect("a transaction");
    let costly =
        "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$HwAPUTmFo1DwuPY7EN1Rz87VFW+DGjSAXLo/ARCY2tg";
    credentials::set_credential(&mut tx, id(1), costly).await.expect("the hash is kept");
    tx.commit().await.expect("it stays");
    let needs_code = "the password cannot be verified, a one-time code is needed";
    assert_eq!(at_cc26(&db, "chris").await.refused.as_deref(), Some(needs_code));
    give_password(&db, id(1)).await;
    let found = at_cc26(&db, "chris").await;
    assert!(found.gets_in());
    // Exactly what the visitor gets.
    let visit = visit(&db, CC26, "chris").await;
    let before = told(&db, &user::USER, id(1)).await;
    assert_eq!((&found.center, &found.clients), (&visit.who.center, &visit.who.clients));
    let locked = Value::Instant((now() + jiff::SignedDuration::from_hours(1)).into());
    for (field, value, words) in [
        (&user::ACTIVE.def, Value::Bool(false), "user inactive"),
        (&user::USER_TYPE.def, Value::Code("SYS"), "user inactive; type SYS cannot sign in"),
        (
            &user::LOCKOUT_END_UTC.def,
            locked,
            "user inactive; locked until 2024-04-01 14:25 UTC; type SYS cannot sign in",
        ),
    ] {
        set(&db, &user::USER, id(1), field, value).await;
        let found = at_cc26(&db, "chris").await;
        assert_eq!((found.refused.as_deref(), found.code), (Some(words), None));
        assert_eq!(found.clients.len(), 2, "the customers are shown all the same");
    }
    set(&db, &customer::CUSTOMER, id(NIMERO), &customer::SERVICED_BY.def, Value::Empty).await;
    assert_eq!(at_cc26(&db, "chris").await.clients.len(), 1);
    set(&db, &web_site::WEB_SITE, id(CC26), &web_site::IS_ACTIVE.def, Value::Bool(false)).await;
    assert_eq!(previews(&db, "chris").await.len(), 1, "a site that does not answer is shown when asked for");
    let back_office = open_without_password(&db, &world(), id(9)).await.expect("a back office");
    let confirmed = back_office.sign_in_preview(id(1), Some(id(CC26))).await.expect("the preview");
    assert_eq!(confirmed.len(), 1);
    assert!(confirmed[0].refused.as_deref().is_some_and(|words| words.ends_with("site inactive")));
    let by_url = sign_in_preview(&db, &world(), &email("chris"), Some("CC26")).await.expect("the preview");
    assert_eq!(by_url, confirmed);
    assert_eq!(back_office.sign_in_preview(id(404), None).await, Err(ServiceError::NotFound));
    let unknown = sign_in_preview(&db, &world(), "nobody", None).await.expect_err("nobody");
    assert_eq!(unknown.to_string(), "no user has the login “nobody”; check its spelling");
    let unknown = sign_in_preview(&db, &world(), &email("chris"), Some("shop")).await.expect_err("no site");
    assert_eq!(unknown.to_string(), "there is no Client Center site “shop”; there are: cc, cc26");
    assert_eq!(told(&db, &user::USER, id(1)).await, before, "nothing is written");
}

pub(crate) async fn a_preview_offers_no_customer_that_no_location_serves(Store { db, .. }: Store) {
    build(&db).await;
    add_user(&db, id(1), "olivia").await;
    save(&db, &person_draft("Olivia", "Green", Some(id(OLIVIA_GREEN))), id(2)).await;
    set(&db, &user::USER, id(1), &user::PERSON.def, to(id(2))).await;
    grant(&db, id(3), OLIVIA, id(1), Role::Basic).await;
    let offered = async || {
        let [cc, cc26] = <[Preview; 2]>::try_from(previews(&db, "olivia").await).expect("two sites");
        [(cc.code, cc.clients.len()), (cc26.code, cc26.clients.len())]
    };
    assert_eq!(offered().await, [(None, 1), (None, 1)]);
    for customer in [OLIVIA_AT_KK, OLIVIA] {
        set(&db, &customer::CUSTOMER, id(customer), &customer::SERVICED_BY.def, Value::Empty).await;
    }
    assert_eq!(offered().await, [(Some(Code::CC007), 0); 2]);
}

//! Choosing and changing a password, and one-time codes.

use std::sync::Arc;

use uuid::Uuid;

use super::scripted::{answer, at, at_back_office, center, drawn_again, operator, started};
use crate::domain::entities::user;
use crate::domain::model::record::{FieldMap, Origin, Record};
use crate::domain::model::value::{RecordId, Value};
use crate::service::api::back_office::OneTimeCode;
use crate::service::api::{BackOfficeRequest, Question as _, Request, back_office};
use crate::service::auth::Secret;
use crate::tui::message::{Opening, Screen};
use crate::tui::testing::Script;

#[tokio::test]
async fn with_a_one_time_code_a_password_is_chosen_and_the_sign_in_tried_again() {
    for (screen, login, inside) in [
        (Screen::SignIn, "mkoleva", "mkoleva"),
        (Screen::ClientCenterSignIn(center()), "one", "for Olivia Green #00028"),
    ] {
        let (mut story, asked) = at(screen).await;
        story.keys(login).await.keys("<Tab> codecanary <Enter>").await.sees("Choose a password for");
        story.keys("short <Tab> short <Enter>").await.sees("✗ It is too short.");
        story.keys("<C-u> rightcanary <Tab> <C-u> rightcanary <Enter>").await.sees(inside).sees_no("canary");
        assert!(!format!("{asked:?} {:?}", story.host_effects).contains("canary"));
    }
}

#[tokio::test]
async fn the_own_password_is_changed_by_the_one_so_far() {
    let (mut back_office, asked) = at_back_office().await;
    back_office.keys("<C-g> W").await.sees("Password so far").sees("New password").sees("Confirm password");
    back_office.keys("wrongcanary <Tab> short <Tab> short <Enter>").await.sees("✗ It is too short.");
    back_office.keys("<C-u> rightcanary <Tab> <C-u> rightcanary <Enter>").await;
    back_office.sees("✗ That is not the password so far.");
    back_office
        .keys("rightcanary <C-s>")
        .await
        .sees("✓ The password is changed")
        .sees_no("so far")
        .sees_no("canary");
    assert!(!format!("{asked:?} {:?}", back_office.host_effects).contains("canary"));
}

#[tokio::test]
async fn a_one_time_code_is_seen_once_and_kept_nowhere() {
    let (mut back_office, _) = at_back_office().await;
    let code = Secret::new("K7QM-2XPD-9RTF".to_owned());
    back_office.console.push(Screen::ResetCode("chris@mail.example".to_owned(), code));
    drawn_again(&mut back_office).sees("chris@mail.example").sees("K7QM-2XPD-9RTF").sees("shown only now");
    back_office.keys("<C-A-c> <Esc>").await.sees_no("K7QM").keys("<C-g> M").await.sees_no("K7QM");
    assert!(!format!("{:?}", back_office.host_effects).contains("K7QM"));
}

#[tokio::test]
async fn a_one_time_code_is_shown_although_its_form_was_left_meanwhile() {
    let code = || Secret::new("K7QM-2XPD-9RTF".to_owned());
    let user = Record {
        entity: &user::USER,
        id: RecordId(Uuid::from_u128(7)),
        version: 1,
        values: FieldMap::from([("Login", Value::text("chris")), ("UserType", Value::Code("EXT"))]),
        origin: Origin::default(),
    };
    let service = move |request: Request| match request {
        Request::BackOffice(BackOfficeRequest::LoadRecord(_)) => {
            Ok(back_office::LoadRecord::reply(Arc::new(user.clone())))
        }
        Request::BackOffice(BackOfficeRequest::IssueReset(it)) => {
            Ok(back_office::IssueReset::reply(OneTimeCode { login: it.login, code: code() }))
        }
        request => answer(request),
    };
    for leaves in ["<Esc>", "<C-n>", "<C-g> k"] {
        let mut back_office = started(Script(service.clone()), |console| {
            console.sign_in(operator("mkoleva"));
            console.push(Screen::Form(Opening::record(&user::USER, RecordId(Uuid::from_u128(7)), false)));
        });
        back_office
            .resize(120, 40)
            .keys("<C-g> I")
            .await
            .sees("Issue one-time code")
            .keys_at_once("i")
            .keys_at_once(leaves);
        back_office.settle().await.sees("One-time code for chris").sees("K7QM-2XPD-9RTF");
    }
}

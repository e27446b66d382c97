//! Create Local Account.

use super::scripted::{at, center};
use crate::service::api::{Request, SignInRequest, sign_in};
use crate::tui::message::Screen;

#[tokio::test]
async fn an_applicant_asks_for_an_account_and_comes_back_with_the_e_mail() {
    let (mut story, asked) = at(Screen::ClientCenterSignIn(center())).await;
    story.keys("<A-n> oliver@company.example <Tab>").await.types("Oliver Steward").await;
    story.keys("<Tab> 123 <Tab> <Down> <Enter> Offroad <Enter> one <Enter> two <Tab>").await;
    story.sees("Български ▾").sees("one").sees("two");
    story.paste("right,canary\n").keys("<Tab>").await.paste("right,canary");
    story
        .keys("<Enter>")
        .await
        .sees("Your request was taken.")
        .sees("Whoever decides about access at Lagerta Ltd.");
    story.keys("<Enter>").await.sees("oliver@company.example").sees("E-mail or login").sees_no("•");
    let asked = asked.lock().unwrap();
    let Some(Request::SignIn(SignInRequest::CreateAccount(sign_in::CreateAccount { form }))) = asked.last()
    else {
        panic!("{asked:?}")
    };
    let filled = [&form.full_name, &form.phone, &form.language, &form.company, &form.message];
    assert_eq!(filled, ["Oliver Steward", "123", "bg", "Offroad", "one\ntwo"]);
    assert_eq!(form.password.expose(), "right,canary");
    assert!(!format!("{asked:?} {:?}", story.host_effects).contains("canary"));
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_said_at_each_field_and_nothing_is_lost() {
    let (mut story, _) = at(Screen::CreateAccount).await;
    story.keys("<C-s>").await.sees("✗ E-mail is required.").sees("✗ Full Name is required.");
    story.sees("✗ Password is required.");
    story.keys("oliver <Tab> Oliver <S-Tab> <S-Tab> shirt <S-Tab> short <C-s>").await;
    story.sees("✗ The two passwords differ.").keys("<C-u> short <Enter>").await;
    story.sees("✗ This is no e-mail address.").sees("✗ It is too short.").sees("Oliver").sees("•••••");
    // The cursor stands at the first of them.
    story.keys("@company.example").await.sees("oliver@company.example").sees_no("✗ This is");
    story.sees("✗ It is too short.");
}

#[tokio::test]
async fn a_half_filled_account_is_not_left_without_a_question() {
    let (mut story, _) = at(Screen::ClientCenterSignIn(center())).await;
    story.keys("<A-n> <Esc>").await.sees("E-mail or login");
    story.keys("<A-n> oliver <Esc>").await.sees("Create Local Account has changes that are not saved.");
    story.keys("c").await.sees("oliver").keys("<Esc> d").await.sees("E-mail or login");
}

#[tokio::test]
async fn the_language_is_chosen_from_a_list() {
    let (mut story, _) = at(Screen::CreateAccount).await;
    story.keys("<Tab> <Tab> <Tab>").await.sees("English ▾").sees("F4 List");
    story.keys("<F4>").await.sees("Deutsch").keys("<Down> <Down> <Enter>").await.sees("Deutsch ▾");
}

#[tokio::test]
async fn the_form_scrolls_where_it_has_no_room() {
    let (mut story, _) = at(Screen::CreateAccount).await;
    story.resize(60, 16).sees("E-mail").sees_no("Confirm password").sees("▾");
    story.keys("<S-Tab>").await.sees("Confirm password").sees_no("E-mail ").sees("▴");
    story.keys("<Tab>").await.sees("E-mail");
}

//! Signing in to the demo company: Client Centers, requests for accounts, one-time codes, the lock.

use std::time::Duration;

use ccdesk::domain::entities::user;
use ccdesk::domain::model::value::Value;

use crate::company::{Company, OPERATOR, QUAY, SCREEN};

const CANARY: &str = "canary in a brass cage";

#[tokio::test]
async fn an_applicant_asks_for_an_account_and_reads_that_it_is_not_active() {
    let company = Company::demo().await;
    let mut story = company.sign_in((80, 24)).await;
    story.keys("<A-c>").await.sees("cc26  Lagerta Ltd.");
    let mut story = company.client_center("cc26", (80, 24)).await;
    for again in [false, true] {
        story.keys("<A-n> Oliver@Company.Example <Tab>").await.types("Oliver Steward").await;
        story
            .keys("<S-Tab> <S-Tab> <S-Tab>")
            .await
            .types(CANARY)
            .await
            .keys("<Tab>")
            .await
            .types(CANARY)
            .await;
        story.sees_no("canary").keys("<Enter>").await;
        story.sees("Your request was taken.").sees("Whoever decides about access at Lagerta Ltd.");
        story.keys("<Enter>").await.sees("Oliver@Company.Example");
        if !again {
            story.types(CANARY).await.keys("<Enter>").await.sees("Account not active").sees("Error CC010");
            story.keys("<Esc>").await.sees("E-mail or login");
        }
    }
    assert!(!format!("{:?}", story.host_effects).contains("canary"));
}

#[tokio::test]
async fn the_customer_chosen_is_remembered_at_the_next_sign_in() {
    let company = Company::demo().await;
    let mut story = company.client_center("cc26", SCREEN).await;
    story.keys("admin@olivia-green.example <Tab>").await.types(QUAY).await.keys("<Enter>").await;
    story.sees("Select Client").sees("Nimero Ltd. #00003  Admin").sees("Sign out");
    story.keys("/ <Home> <Enter>").await.sees_no("Select Client").sees("#000");
    story.keys("<C-g> Q").await.sees("E-mail or login").sees_no("#000");
    story.keys("admin@olivia-green.example <Tab>").await.types(QUAY).await.keys("<Enter>").await;
    story.sees_no("Select Client").keys("<C-o>").await.sees("Select Client").sees_no("Sign out ");
}

#[tokio::test]
async fn a_one_time_code_is_changed_for_a_new_password() {
    let company = Company::demo().await;
    let id = company.find(&user::USER, &user::LOGIN.def, "dpetrov").await;
    let code = company.back_office(OPERATOR).await.issue_reset(id).await.expect("a code");
    let mut story = company.sign_in(SCREEN).await;
    story.keys("dpetrov <Tab>").await.types(code.expose()).await.keys("<Enter>").await;
    story.sees("Choose a password for dpetrov");
    story
        .types("short")
        .await
        .keys("<Tab>")
        .await
        .types("short")
        .await
        .keys("<Enter>")
        .await
        .sees("at least 15");
    story.keys("<C-u>").await.types(CANARY).await.keys("<Tab> <C-u>").await.types(CANARY).await;
    story.keys("<Enter>").await.sees("Signed in as").sees("dpetrov").sees_no("canary");

    let mut again = company.sign_in(SCREEN).await;
    again.keys("dpetrov <Tab>").await.types(CANARY).await.keys("<Enter>").await.sees("Signed in as");
}

#[tokio::test]
async fn promise_6_unlocking_comes_back_to_the_same_draft_and_a_switched_off_login_does_not() {
    let company = Company::demo().await;
    let mut story = company.sign_in(SCREEN).await;
    story.keys("dpetrov <Tab>").await.types(QUAY).await.keys("<Enter>").await.sees("Signed in as");
    story.keys("<C-g> W half").await.sees("••••");
    let before = story.screen();
    story.console.nobody_touched(Duration::from_secs(900));
    story.types("not the password").await.keys("<Enter>").await.sees("✗ Login or password is wrong");
    story.types(QUAY).await.keys("<Enter>").await;
    assert_eq!(story.screen(), before);

    company.meanwhile(OPERATOR, "dpetrov", |draft| draft.set(&user::ACTIVE.def, Value::Bool(false))).await;
    story.keys("<C-o>").await.sees("Locked").sees("switched off").sees_no("Menu");
    story.types(QUAY).await.keys("<Enter>").await.sees("Locked").sees("✗ Login or password is wrong");
}

#[tokio::test]
async fn promise_6_a_visitor_whose_login_is_switched_off_is_back_at_the_sign_in() {
    let company = Company::demo().await;
    let mut story = company.client_center("cc26", SCREEN).await;
    story.keys("admin@olivia-green.example <Tab>").await.types(QUAY).await.keys("<Enter>").await;
    let off =
        |draft: &mut ccdesk::domain::model::record::Draft| draft.set(&user::ACTIVE.def, Value::Bool(false));
    company.meanwhile(OPERATOR, "admin@olivia-green.example", off).await;
    story.keys("<Enter>").await.sees("E-mail or login").sees("switched off").sees_no("#000");
}

#[tokio::test]
async fn what_is_typed_ahead_of_an_answer_goes_where_it_was_meant_for() {
    let company = Company::demo().await;
    let mut story = company.client_center("cc26", SCREEN).await;
    story.keys("<A-n> oliver@company.example <Tab>").await.types("Oliver Steward").await;
    story.keys("<S-Tab> <S-Tab> <S-Tab>").await.types(CANARY).await.keys("<Tab>").await.types(CANARY).await;
    // The request, the answer to its message and the password are all typed before the service has answered.
    let password = CANARY.replace(' ', "<Space>");
    story.keys_at_once(&format!("<Enter> <Enter> {password} <Enter>")).settle().await.sees("Error CC010");
}

#[tokio::test]
async fn promise_3_a_password_typed_ahead_is_not_shown_where_the_answer_is_no() {
    let company = Company::demo().await;
    let mut story = company.client_center("cc26", SCREEN).await;
    story.keys("<A-n> no-address <Tab>").await.types("Oliver Steward").await;
    story.keys("<S-Tab> <S-Tab> <S-Tab>").await.types(CANARY).await.keys("<Tab>").await.types(CANARY).await;
    let password = CANARY.replace(' ', "<Space>");
    story.keys_at_once(&format!("<Enter> <Enter> {password} <Enter>")).settle().await.sees("✗ ");
    story.sees("no-address").sees("Oliver Steward").sees_no("canary").sees_no("brass");
}

#[tokio::test]
async fn a_form_that_was_scrolled_shows_all_of_itself_when_there_is_room_again() {
    let company = Company::demo().await;
    let mut story = company.client_center("cc26", (60, 16)).await;
    story.keys("<A-n> <S-Tab>").await.sees_no("E-mail").resize(120, 40);
    story.sees("•E-mail").sees("•Confirm password");
}

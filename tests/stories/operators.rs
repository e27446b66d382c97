//! Promise 7 on the screen: what only administrators may do is said before anything is typed.

use ccdesk::domain::entities::{user, web_site};
use ccdesk::domain::model::record::Fields;
use ccdesk::domain::model::schema::{EntityDef, FieldDef};
use ccdesk::tui::layout_store::Layouts;
use ccdesk::tui::message::{Opening, Screen};

use crate::StorySteps;
use crate::company::{CHRIS, Company, SCREEN, Story};

/// A console of an operator who is not an administrator.
async fn clerk(company: &Company) -> Story {
    company.console_of("dpetrov", SCREEN, Layouts::new()).await
}

async fn reads(company: &Company, entity: &'static EntityDef, field: &'static FieldDef, text: &str) -> Story {
    let id = company.find(entity, field, text).await;
    let mut story = clerk(company).await;
    story.opens(Screen::Form(Opening::record(entity, id, false))).await;
    story
}

#[tokio::test]
async fn web_sites_are_looked_at_and_not_edited() {
    let company = Company::demo().await;
    let mut story = clerk(&company).await;
    story.opens(Screen::Navigator(&web_site::WEB_SITE)).await.sees("(Edit)").sees("(New)");
    story.keys("e").await.sees("· Only an administrator may change these records; ask one.");
    story.keys("<Enter>").await.sees("WEB SITE").sees("(Edit)").keys("<F2>").await;
    story.sees("Only an administrator may change these records").sees_no("editing");
}

#[tokio::test]
async fn f8_shows_the_web_site_that_somebody_else_has_to_repair() {
    let company = Company::demo().await;
    let mut story = clerk(&company).await;
    let id = company.find(&web_site::WEB_SITE, &web_site::RELATIVE_URL.def, "cc").await;
    let filled = vec![(&web_site::NOTES.def, ccdesk::domain::model::value::Value::text("never typed"))];
    let opening =
        Opening::Record { entity: &web_site::WEB_SITE, id, edit: true, at: None, filled, repairs: true };
    story.opens(Screen::Form(opening)).await;
    story.sees("✗ Only an administrator may change these records").sees_no("editing").sees_no("never typed");
    story.keys("<Esc>").await.sees_no("Discard changes").sees_no("WEB SITE");
}

#[tokio::test]
async fn of_a_user_only_what_may_be_changed_is_edited() {
    let company = Company::demo().await;
    let mut story = reads(&company, &user::USER, &user::LOGIN.def, CHRIS).await;
    story.keys("<F2> <Down> <Down> <Down>").await;
    assert_eq!(story.focused(), "Is Admin");
    story.keys("<Space>").await.shows("Is Admin", "[ ]");
    story.keys("<Right> <PageDown> <PageDown> <PageDown> <Up> <Up>").await;
    assert_eq!(story.focused(), "User Type");
    story.keys("i").await.sees("External (Community) User").sees_no("* changed");
    story.to("Phone Number").await.keys("5 <C-s>").await.sees("✓ User saved: ");
}

#[tokio::test]
async fn operators_are_changed_by_administrators() {
    let company = Company::demo().await;
    let mut story = reads(&company, &user::USER, &user::LOGIN.def, "mkoleva").await;
    story
        .keys("<F2>")
        .await
        .sees("· Only an administrator may change operators; ask one.")
        .sees_no("editing");
}

#[tokio::test]
async fn one_time_codes_are_issued_by_administrators() {
    let company = Company::demo().await;
    let mut story = reads(&company, &user::USER, &user::LOGIN.def, CHRIS).await;
    story
        .keys("<C-g>")
        .await
        .sees("I Issue one-time code")
        .sees("Only an administrator may issue one-time codes");
    story.keys("I").await.sees_no("stays good until then");
}

#[tokio::test]
async fn promise_07_a_blank_typed_on_the_way_makes_nobody_an_administrator() {
    let company = Company::demo().await;
    let id = company.find(&user::USER, &user::LOGIN.def, CHRIS).await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, true))).await;
    let mut stops = Vec::new();
    for _ in 0..12 {
        stops.push(story.focused());
        story.keys("<Tab>").await;
    }
    assert!(stops.contains(&"Notes".to_owned()) && !stops.contains(&"Is Admin".to_owned()), "{stops:?}");
}

#[tokio::test]
async fn promise_07_who_makes_an_administrator_is_asked_and_the_safe_answer_comes_first() {
    let company = Company::demo().await;
    let id = company.find(&user::USER, &user::LOGIN.def, "dpetrov").await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, true))).await;
    story.keys("<Down> <Down> <Down>").await;
    assert_eq!(story.focused(), "Is Admin");
    story.keys("<Space> <C-s>").await.sees("This makes “dpetrov” an administrator, who may do everything.");
    story.keys("<Enter>").await.sees("editing").sees_no("✓ User saved: ");
    assert!(!company.user("dpetrov").await.is(&user::IS_ADMIN));
    story.keys("<C-s>").await.keys("s").await.sees("✓ User saved: ");
    assert!(company.user("dpetrov").await.is(&user::IS_ADMIN));
}

#[tokio::test]
async fn promise_07_nobody_is_offered_to_grant_to_their_own_login() {
    let company = Company::demo().await;
    let id = company.find(&user::USER, &user::LOGIN.def, "mkoleva").await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, false))).await;
    story.keys("<C-g> g").await.sees("Nobody grants anything to their own login; ask another operator.");
}

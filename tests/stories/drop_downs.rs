//! Drop-downs: the list of a reference field or an enumeration, what is typed into it, and what is taken from it.

use ccdesk::domain::codes::Role;
use ccdesk::domain::entities::external_access::{self, EXTERNAL_ACCESS};
use ccdesk::domain::entities::{person, user, web_site};
use ccdesk::domain::model::record::{Draft, Fields};
use ccdesk::domain::model::value::{MultiLang, Value};
use ccdesk::tui::message::{Opening, Screen};

use crate::StorySteps;
use crate::company::{CHRIS, Company, OPERATOR, Story};

const PAUL: &str = "paul.baker@trailhead.example";

/// The form of an external access with the role Billing, to edit, with the cursor at Role.
async fn billing(company: &Company) -> Story {
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&EXTERNAL_ACCESS)).await;
    story.keys("/").await;
    while story.focused() != "Role" {
        story.keys("<Tab>").await;
    }
    story
        .keys("bil <Enter> <F2>")
        .await
        .sees("EXTERNAL ACCESS · editing")
        .to("Role")
        .await
        .shows("Role", "Billing");
    story
}

/// The marked line under the cursor of an open list.
fn under_cursor(story: &Story) -> String {
    let screen = story.screen();
    let line = screen.lines().find_map(|line| line.split_once('▸').map(|(_, line)| line.trim().to_owned()));
    line.unwrap_or_else(|| panic!("no line has the cursor:\n{screen}"))
}

#[tokio::test]
async fn a_list_opens_with_the_present_value_under_the_cursor() {
    let company = Company::demo().await;
    let mut story = billing(&company).await;
    story.keys("<F4>").await.sees("▸• Billing").sees("Basic");
    story.keys("<Enter>").await.shows("Role", "Billing").sees_no("changed, not saved");
    story.keys("<F4> <Up> <Enter>").await.sees("changed, not saved");

    let mut story = company.editing(PAUL).await;
    story.to("Person").await.keys("<F4>").await.sees("▸• Paul Baker");
    story.keys("<Enter>").await.shows("Person", "Paul Baker").sees_no("changed, not saved");
}

#[tokio::test]
async fn f4_closes_a_list_and_keeps_what_was_typed() {
    let company = Company::demo().await;
    let mut story = company.editing(PAUL).await;
    story.to("Person").await.keys("<F4> <F4> <Enter> <C-s>").await.shows("Person", "Paul Baker");

    let mut story = company.editing(PAUL).await;
    story.to("Person").await.keys("olivia <F4>").await.shows("Person", "olivia").sees_no("▸  Olivia");
    story.keys("<F4>").await.sees("▸  Olivia Green");
    story.keys("<Enter>").await.shows("Person", "Olivia Green");

    let mut story = billing(&company).await;
    story.keys("own <F4>").await.shows("Role", "own").sees_no("▸  Owner");
    story.keys("<F4> <Enter>").await.shows("Role", "Owner");
}

#[tokio::test]
async fn esc_gives_the_value_back() {
    let company = Company::demo().await;
    let mut story = company.editing(PAUL).await;
    story.to("Person").await.keys("olivia").await.sees("▸  Olivia Green");
    story
        .keys("<Esc>")
        .await
        .shows("Person", "Paul Baker")
        .sees("USER · editing")
        .sees_no("changed, not saved");

    let mut story = billing(&company).await;
    story
        .keys("own")
        .await
        .sees("▸  Owner")
        .keys("<Esc>")
        .await
        .shows("Role", "Billing")
        .sees_no("changed, not saved");
    story.keys("<F4> <Down> <Esc>").await.shows("Role", "Billing").sees_no("changed, not saved");
}

#[tokio::test]
async fn typed_text_narrows_an_enumeration_and_tab_takes_what_is_under_the_cursor() {
    let company = Company::demo().await;
    let mut story = billing(&company).await;
    story.types("prices").await.sees("▸  Orders with Prices").sees_no("Basic");
    story.keys("<Tab>").await.shows("Role", "Orders with Prices");
    assert_ne!(story.focused(), "Role");
    // Nothing was typed: Tab only goes on.
    let mut story = billing(&company).await;
    story.keys("<F4> <Up> <Tab>").await.shows("Role", "Billing").sees_no("changed, not saved");
    // The whole name, or the code, needs no list.
    let mut story = billing(&company).await;
    story.types("Owner").await.keys("<F4> <C-s>").await.sees("Owner");
    assert!(!story.screen().contains("not chosen yet"), "{}", story.screen());
    // A part of a name that nothing was taken for is said, and nothing is lost.
    let mut story = billing(&company).await;
    story.types("ow").await.keys("<C-s>").await.sees("“ow” is not chosen yet").shows("Role", "ow");
}

#[tokio::test]
async fn words_may_stand_in_any_order() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Person").await.types("harper lucy").await.sees("▸  Lucy Harper").keys("<Enter>").await;
    story.shows("Person", "Lucy Harper").shows("Name", "Lucy Harper");

    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await.keys("/").await;
    while story.focused() != "Name" {
        story.keys("<Tab>").await;
    }
    story.types("harper lucy").await.sees("USERS  1 of 43").sees("Lucy Harper");
    story.keys("<C-u> <F3>").await.types("example harper").await.sees("USERS  1 of 43").sees("Lucy Harper");
}

#[tokio::test]
async fn a_choice_that_is_typed_over_keeps_what_followed_it_until_another_is_taken() {
    let company = Company::demo().await;
    let mut story = company.editing(PAUL).await;
    story.to("Person").await.keys("o").await.shows("Name", "Paul Baker").keys("<BS>").await;
    story.shows("Name", "Paul Baker").sees("✓ CC002").keys("<Esc>").await.shows("Person", "Paul Baker");
    story.keys("<BS> <BS>").await.shows("Name", "Paul Baker");
    // Left empty, it is empty, and so is what followed it.
    story.keys("<Tab>").await.sees("✗ CC002");
    assert!(!story.line("*Name").contains("Paul Baker"));

    let mut story = company.editing(PAUL).await;
    story.to("Person").await.types("olivia").await.shows("Name", "Paul Baker").keys("<Tab>").await;
    story.shows("Person", "Olivia Green").shows("Name", "Olivia Green");
}

#[tokio::test]
async fn records_of_one_name_are_told_apart_by_what_else_is_known_of_them() {
    let company = Company::demo().await;
    let back_office = company.back_office(OPERATOR).await;
    for (city, active) in [("Varna", true), ("Ruse", false)] {
        let mut twin = Draft::new(&person::PERSON);
        twin.set(&person::FIRST_NAME.def, Value::multi(MultiLang::new("en", "Twin")));
        twin.set(&person::LAST_NAME.def, Value::multi(MultiLang::new("en", "Twain")));
        (person::RULES.changed)(&mut twin, &person::FIRST_NAME.def, "en");
        twin.set(&person::CITY.def, Value::multi(MultiLang::new("en", city)));
        twin.set(&ccdesk::domain::entities::party::IS_ACTIVE.def, Value::Bool(active));
        let twin = back_office.new_draft(twin).await.expect("a draft");
        back_office.save(&twin, true).await.expect("saved");
    }
    let mut story = company.editing(CHRIS).await;
    story.to("Person").await.types("twain twin").await.sees("Varna").sees("inactive").sees("Ruse");
    let lines: Vec<String> =
        story.screen().lines().filter(|line| line.contains("Twin Twain")).map(str::to_owned).collect();
    let [varna, ruse] = lines.as_slice() else { panic!("{}", story.screen()) };
    let (off, on) = if varna.contains("inactive") { (varna, ruse) } else { (ruse, varna) };
    assert!(off.contains("Ruse") && on.contains("Varna"), "{}", story.screen());
    // The columns stand below one another.
    let column = |line: &str, of: &str| line.split_once(of).map(|(before, _)| before.chars().count());
    assert_eq!(column(off, "Ruse"), column(on, "Varna"), "{}", story.screen());
}

#[tokio::test]
async fn a_list_is_as_wide_as_its_text_and_the_screen_allows() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    let site = company.find(&web_site::WEB_SITE, &web_site::RELATIVE_URL.def, "cc").await;
    story.resize(80, 24).opens(Screen::Form(Opening::record(&web_site::WEB_SITE, site, true))).await;
    story.to("Enterprise Company").await.keys("<F4>").await;
    assert!(under_cursor(&story).starts_with("• KK Ltd."), "{}", story.screen());
}

#[tokio::test]
async fn grant_access_takes_a_role_from_its_list() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    let paul = company.find(&user::USER, &user::LOGIN.def, PAUL).await;
    story.opens(Screen::Form(Opening::record(&user::USER, paul, false))).await.keys("<C-g> g").await;
    story
        .sees("GRANT ACCESS")
        .keys("<F6>")
        .await
        .types("bill")
        .await
        .sees("▸  L40  Billing")
        .keys("<Tab>")
        .await;
    let billing = format!("{} - Billing", Role::Billing.code());
    story.shows("Role", &billing).keys("<S-Tab> <F4>").await.sees("▸• L40  Billing");
    story.keys("<Enter>").await.shows("Role", &billing).keys("ow <Esc>").await.shows("Role", &billing);
    story.sees("GRANT ACCESS");
    assert_eq!(external_access::ROLE.def.label, story.focused());
}

#[tokio::test]
async fn a_menu_of_values_begins_at_the_one_in_effect() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await.keys("] v").await.sees("•Pending");
    story.keys("<Enter>").await.sees("▸Pending").keys("v <Down> <Enter>").await.sees("▸Waiting");
}

#[tokio::test]
async fn a_user_has_a_user_type_and_keeps_it() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("User Type").await.keys("<BS> <Tab>").await.shows("User Type", "External (Community) User");
    assert!(company.user(CHRIS).await.get(&user::USER_TYPE).is_some());
}

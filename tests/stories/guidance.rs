//! What a place says about itself: the footer, an empty list, the marks before fields, help, and what others have written.

use ccdesk::domain::entities::user;
use ccdesk::domain::model::value::Value;
use ccdesk::tui::layout_store::Layouts;
use ccdesk::tui::message::{Opening, Screen};

use crate::StorySteps;
use crate::company::{CHRIS, Company, OPERATOR, Story};

/// The smallest usual screen.
const SMALL: (u16, u16) = (80, 24);

fn footer(story: &Story) -> String {
    story.screen().lines().last().unwrap_or_default().trim().to_owned()
}

/// Asserts that the footer has these, one behind the other.
#[track_caller]
fn has(footer: &str, entries: &[&str]) {
    let mut rest = footer;
    for entry in entries {
        let Some((_, behind)) = rest.split_once(entry) else {
            panic!("{entry} is not in its place: {footer}")
        };
        rest = behind;
    }
}

#[tokio::test]
async fn the_footer_begins_with_what_the_place_is_for() {
    let company = Company::demo().await;
    let chris = company.find(&user::USER, &user::LOGIN.def, CHRIS).await;
    let mut story = company.console_of(OPERATOR, SMALL, Layouts::new()).await;
    story.opens(Screen::Navigator(&user::USER)).await;
    has(&footer(&story), &["Enter Open", "F2 Edit", "v Views", "/ Filter", "Esc", "F1 Help"]);
    story.opens(Screen::Form(Opening::record(&user::USER, chris, true))).await;
    has(&footer(&story), &["Ctrl+S Save", "F8 Next problem", "Esc Cancel", "F1 Help"]);
    story.to("Notes").await.keys("x <Esc>").await;
    has(&footer(&story), &["c Cancel", "s Save changes", "d Discard changes"]);
    story.keys("d").await;

    let mut story = company.console_of(OPERATOR, (240, 40), Layouts::new()).await;
    story.opens(Screen::Navigator(&user::USER)).await;
    let wide = footer(&story);
    has(
        &wide,
        &["Enter Open", "v Views", "s Sort", "Esc Back", "Ctrl+G Menu", "F1 Help", "Ctrl+Q Quit", "9"],
    );
}

#[tokio::test]
async fn a_filter_that_leaves_nothing_says_so_and_ctrl_u_clears_it() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story
        .opens(Screen::Navigator(&user::USER))
        .await
        .keys("/ nobodyatall")
        .await
        .sees("Nothing matches the filter.");
    story.keys("<Enter>").await.sees("Nothing matches the filter. Ctrl+U clears it.").sees_no("No data");
    story.keys("<C-u>").await.sees("USERS  43").sees("admin@olivia").keys("<C-u>").await.sees("USERS  43");
}

#[tokio::test]
async fn the_marks_before_fields_are_explained() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.sees("• required").to("Person").await.keys("<C-n>").await.sees("! access depends on it");
    story.keys("<F1>").await.sees("! before it: whether somebody gets into a Client Center depends on it.");
}

#[tokio::test]
async fn help_again_shows_every_key_that_works_here_and_is_searched() {
    let company = Company::demo().await;
    for again in ["<F1>", "?"] {
        let mut story = company.editing(CHRIS).await;
        story
            .to("Phone Number")
            .await
            .keys("<F1>")
            .await
            .sees("The telephone number.")
            .sees("Every key here");
        story.keys(again).await.sees("Save and reload").sees("Next problem");
        story.types("panel next").await.sees("Next panel").sees_no("Next problem");
        story.keys("<Esc>").await.sees("USER · editing");
    }
}

#[tokio::test]
async fn home_follows_what_others_write_with_f5() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.settle().await.sees("9 requests waiting").sees("20 users blocked");
    company.meanwhile("dpetrov", CHRIS, |draft| draft.set(&user::ACTIVE.def, Value::Bool(false))).await;
    story.keys("<F5>").await.sees("8 requests waiting").sees("19 users blocked");
}

#[tokio::test]
async fn editing_begins_on_the_newest_version() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    let chris = company.find(&user::USER, &user::LOGIN.def, CHRIS).await;
    story.opens(Screen::Form(Opening::record(&user::USER, chris, false))).await;
    company.meanwhile("dpetrov", CHRIS, |draft| draft.set(&user::NOTES.def, Value::text("theirs"))).await;
    story.keys("<F2>").await.sees("USER · editing").shows("Notes", "theirs").to("Phone Number").await;
    story.keys("555 <C-s>").await.sees("✓ User saved.").shows("Notes", "theirs").shows("Phone Number", "555");
    // Keys typed ahead wait for it.
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&user::USER, chris, false))).await;
    company.meanwhile("dpetrov", CHRIS, |draft| draft.set(&user::NOTES.def, Value::text("again"))).await;
    story.keys_at_once("<F2> <Tab> <Tab> <End> s <C-s>").settle().await.sees("✓ User saved.");
}

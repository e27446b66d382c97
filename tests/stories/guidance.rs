//! What a place says about itself: the footer, an empty list, the marks before fields, help, and what others have written.

use ccdesk::domain::entities::external_access::EXTERNAL_ACCESS;
use ccdesk::domain::entities::user;
use ccdesk::domain::model::value::Value;
use ccdesk::tui::layout_store::Layouts;
use ccdesk::tui::message::{Opening, Screen};

use crate::StorySteps;
use crate::company::{CHRIS, Company, OPERATOR, SCREEN, Story};

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
    story
        .keys("555 <C-s>")
        .await
        .sees("✓ User saved: ")
        .shows("Notes", "theirs")
        .shows("Phone Number", "555");
    // Keys typed ahead wait for it.
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&user::USER, chris, false))).await;
    company.meanwhile("dpetrov", CHRIS, |draft| draft.set(&user::NOTES.def, Value::text("again"))).await;
    story.keys_at_once("<F2> <Tab> <Tab> <End> s <C-s>").settle().await.sees("✓ User saved: ");
}

#[tokio::test]
async fn the_footer_shows_the_keys_of_an_open_list_and_each_does_what_it_says() {
    const PAUL: &str = "paul.baker@trailhead.example";
    let company = Company::demo().await;
    let person = async |keys: &str| {
        let mut story = company.editing(PAUL).await;
        story.resize(SMALL.0, SMALL.1).to("Person").await.keys(keys).await;
        story
    };
    let keys = ["Enter Take", "↑↓ Choose", "Tab Go on", "F4 Close list", "Esc Keep value", "F1 Help"];
    has(&footer(&person("<F4>").await), &keys);
    person("<F4> <Down> <Enter>").await.sees("*Person").sees_no("▸");
    person("<F4> <Tab>").await.shows("Person", "Paul Baker").sees_no("▸");
    let mut typed = person("olivia").await;
    has(&footer(&typed), &["Enter Take", "Tab Take and go on", "F4 Close list", "Esc Keep value"]);
    typed.keys("<F4>").await.sees_no("▸  Olivia");
    let closed = footer(&typed);
    has(&closed, &["F4 List", "Esc Keep value"]);
    assert!(!closed.contains("Enter Take"), "{closed}");
    typed.keys("<Esc>").await.shows("Person", "Paul Baker").sees("Esc Cancel");
}

#[tokio::test]
async fn space_is_shown_where_it_drops_a_list_or_switches_a_box() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Person").await.sees("Space Drop down").keys("<Space>").await.sees_no("Space Drop down");
    story.keys("<Esc>").await.to("Active").await.sees("Space Yes or no").shows("Active", "[x]");
    story.keys("<Space>").await.shows("Active", "[ ]");
}

#[tokio::test]
async fn a_key_for_a_text_where_none_is_typed_is_answered() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Active").await.keys("<C-a>").await.sees("· Active is no text: Space switches it.");
    story.to("Person").await.keys("<C-e>").await.sees("· Person is no text: Space drops its list");
    let mut story = company.client_center("cc26", SMALL).await;
    story
        .keys("<A-n> <Tab> <Tab> <Tab> x")
        .await
        .sees("· Default Language is no text: Space drops its list.");
    story.keys("<Space>").await.sees("┌ Default Language");
}

#[tokio::test]
async fn the_help_lists_the_keys_of_a_text_and_no_key_twice() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.resize(SCREEN.0, 90).to("Notes").await.keys("<F1> <F1>").await;
    for key in ["Ctrl+A", "Ctrl+K", "Ctrl+W", "Ctrl+Z", "Ctrl+Y", "Backspace", "A new line"] {
        story.sees(key);
    }
    let screen = story.screen();
    let lines = screen.lines().filter(|line| line.contains("Shift+F")).collect::<Vec<_>>();
    assert_eq!(lines.len(), 2, "{screen}");
    for (line, key) in lines.iter().zip(["Shift+F8", "Shift+F6"]) {
        assert_eq!(line.matches(key).count(), 1, "{line}");
    }
}

#[tokio::test]
async fn a_search_without_a_hit_keeps_what_was_typed_and_says_so() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.keys("<F1> nosuchkey").await.sees("nosuchkey").sees("Nothing found");
    story.keys("<C-u>").await.sees("Quit").sees_no("Nothing found");
    story.keys("<Esc> <C-g> M nosuchkey").await.sees("nosuchkey").sees("Nothing found");
}

#[tokio::test]
async fn an_error_is_a_line_across_the_form_and_a_mark_at_its_field() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.keys("<C-u> <C-s>").await.sees("✗Login");
    let across = story.line("✗ Login");
    assert!(across.trim_end_matches([' ', '│']).ends_with('.'), "{across}");
    // The field with the cursor comes first, and the others are still said.
    story.to("Phone Number").await.types(&"5".repeat(200)).await.sees("✗ Phone Number takes at most");
    let screen = story.screen();
    let wrong: Vec<&str> = screen.lines().filter(|line| line.contains("│ ✗ ")).collect();
    assert!(wrong[0].contains("✗ Phone Number") && wrong[1].contains("✗ Login"), "{screen}");
}

#[tokio::test]
async fn labels_are_as_wide_as_the_widest_of_their_column() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&EXTERNAL_ACCESS)).await.keys("<Enter>").await;
    story.sees(" Customer         Balkan Trade Ltd. #00008").sees(" Days Back Access 180 since 2026-01-02");
}

#[tokio::test]
async fn what_a_field_takes_is_said_before_anything_is_refused() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.sees("Login takes at most 64 characters. It is required. No two records share it.");
    story.to("Lockout End Utc").await.sees("Lockout End Utc takes a time such as 2024-04-01 13:25Z.");
    story.keys("never <Tab>").await.sees("✗ Lockout End Utc takes a time such as 2024-04-01 13:25Z.");
}

#[tokio::test]
async fn the_length_of_a_new_password_is_said_before_it_is_refused() {
    let company = Company::empty().await;
    company.sign_in(SMALL).await.sees("At least 15 characters");
    let company = Company::demo().await;
    let mut story = company.sign_in(SMALL).await;
    story.sees_no("At least");
    let mut story = company.client_center("cc26", SMALL).await;
    story.console.set_shortest_password(20);
    story.keys("<A-n>").await.sees("At least 20 characters");
    let mut story = company.console().await;
    story.keys("<C-g> W").await.sees("At least 15 characters");
}

#[tokio::test]
async fn a_message_names_its_record_and_the_log_its_time() {
    const SAVED: &str = "✓ User saved: Chris Armstrong <chris_armstrong@mail.com> [EXT].";
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Phone Number").await.keys("555 <C-s>").await.sees(SAVED);
    story.keys("<C-g> M").await.sees("✓ 2026-07-01 09:00Z User saved: Chris Armstrong");
}

#[tokio::test]
async fn a_message_longer_than_the_line_is_read_to_its_end() {
    for size in [SMALL, (60, 16)] {
        let company = Company::demo().await;
        let mut story = company.console_of(OPERATOR, size, Layouts::new()).await;
        story.keys("<C-g> K 1").await.sees("✓ Commands answer to the keyboard").sees("changes it.");
        story.keys("<F7>").await.sees_no("changes it.").sees("└");
    }
}

//! Text from outside never reaches the terminal as anything but text (promise 10), however much there is.

use ccdesk::domain::entities::{all, user};
use ccdesk::domain::model::record::Fields;
use ccdesk::tui::keyboard::Keyboard;
use ccdesk::tui::message::{Opening, Screen};
use unicode_segmentation::UnicodeSegmentation;

use crate::StorySteps;
use crate::company::{CHRIS, Company, Story};

/// Hidden characters: controls, bidirectional controls and those without a width of their own.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[track_caller]
fn is_harmless(story: &Story, place: &str) {
    for cell in &story.buffer().content {
        let symbol = cell.symbol();
        assert!(!symbol.chars().any(is_hidden), "{place}: {symbol:?} on\n{}", story.screen());
        assert!(symbol.graphemes(true).count() <= 1, "{place}: {symbol:?} is several characters");
    }
}

#[tokio::test]
async fn promise_10_every_form_of_every_record_is_harmless() {
    let company = Company::demo().await;
    for size in [(120, 40), (80, 24)] {
        let mut story = company.console_of("mkoleva", size, Default::default()).await;
        for entity in all().filter(|entity| entity.menu.is_some()) {
            story.opens(Screen::Navigator(entity)).await;
            is_harmless(&story, entity.plural);
            let mut seen = String::new();
            while seen != story.screen() {
                seen = story.screen();
                story.keys("<Enter>").await;
                is_harmless(&story, entity.name);
                if entity.is(&user::USER) {
                    story.keys("<F6> <F6> <F6> <PageDown>").await;
                    is_harmless(&story, "the panels of a user");
                }
                story.keys("<Esc> <Down>").await;
            }
            story.keys("<Esc>").await;
        }
    }
}

#[tokio::test]
async fn promise_10_a_hostile_message_is_shown_with_visible_marks() {
    let company = Company::demo().await;
    let id = company.find(&user::USER, &user::LOGIN.def, "visitor@night-market.example").await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, false))).await.sees("␛[31m");
    is_harmless(&story, "viewed");
    // After editing without a change it is stored as before.
    let written = company.user("visitor@night-market.example").await;
    story.keys("<F2>").await.to("Registration Message").await.keys("<Tab>").await;
    is_harmless(&story, "edited");
    story.to("Phone Number").await.keys("555 <C-s>").await.sees("✓ User saved: ");
    let kept = company.user("visitor@night-market.example").await;
    assert_eq!(kept.get(&user::REGISTRATION_MESSAGE), written.get(&user::REGISTRATION_MESSAGE));
}

#[tokio::test]
async fn a_hostile_paste_is_text_without_commands() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Company Name").await;
    story.keys("<C-u>").await.paste("Den\u{1b}[2J\u{202e}\r\n\u{13}Ltd\u{200b}.\u{3}");
    story.settle().await;
    is_harmless(&story, "pasted");
    story.sees("USER · editing").keys("<C-s>").await.sees("✓ User saved: ");
    let kept = company.user(CHRIS).await;
    let text = kept.get(&user::COMPANY_NAME).unwrap_or_default();
    assert!(text.starts_with("Den") && text.contains("Ltd") && !text.contains(char::is_control), "{text:?}");
}

#[tokio::test]
async fn a_paste_of_a_megabyte_is_cut_at_the_limit_and_said() {
    let company = Company::demo().await;
    let megabyte = "Щ\n".repeat((1 << 20) / 3);
    for field in ["Company Name", "Notes", "Person", "Lockout End Utc"] {
        let mut story = company.editing(CHRIS).await;
        story.to(field).await;
        story.paste(&megabyte).settle().await;
        is_harmless(&story, field);
        story.keys("<Tab> <S-Tab>").await.sees("✗").sees("USER · editing");
    }
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await.keys("/").await.paste(&megabyte).settle().await;
    is_harmless(&story, "a filter box");
    story.sees("USERS  0 of 43").keys("<C-u>").await.sees("USERS  43");
}

#[tokio::test]
async fn cyrillic_is_typed_saved_and_found() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.console.set_keyboard(Some(Keyboard::Russian));
    story.to("Company Name").await;
    // Ctrl+U and Ctrl+S as a terminal under a Cyrillic layout sends them.
    story.keys("<C-г>").await.types("Офроуд ЕООД").await.shows("Company Name", "Офроуд ЕООД");
    story.keys("<C-ы>").await.sees("✓ User saved: ");
    let mut story = company.console().await;
    story.console.set_keyboard(Some(Keyboard::Russian));
    // On that layout `/` is a full stop; F3 is the same.
    story.opens(Screen::Navigator(&user::USER)).await.keys("<C-а>").await.types("chris").await;
    story.sees("USERS  2 of 43").keys("<Enter> <Down> у").await.sees("USER · editing");
}

#[tokio::test]
async fn a_storm_of_resizes_keeps_what_was_typed() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Phone Number").await;
    for (step, letter) in "555-0100".chars().enumerate() {
        let step = u16::try_from(step).expect("a few");
        story.types(&letter.to_string()).await;
        for size in [(1, 1), (59, 16), (60, 15), (60, 16), (80 + step, 24), (300, 100), (120, 3), (99, 40)] {
            story.resize(size.0, size.1);
            is_harmless(&story, "resized");
        }
    }
    story.resize(1, 1).keys("xyz <C-s>").await;
    story.resize(120, 40).sees("USER · editing").shows("Phone Number", "555-0100");
}

//! Promise 33: keys are carried out in order at any latency. A story typed in one burst, or with answers that come late,
//! ends as the same story typed slowly.

use ccdesk::domain::entities::user::USER;
use ccdesk::tui::console::HostEffect;
use ccdesk::tui::message::Screen;
use ccdesk::tui::testing::parse_keys;
use crossterm::event::Event as Input;

use crate::StorySteps as _;
use crate::company::{Company, Story};

/// How late answers come: after all keys (`None`), or the oldest after so many keys.
const LATE: [Option<usize>; 4] = [None, Some(1), Some(2), Some(5)];

/// Types keys without waiting; answers come late.
async fn type_ahead(story: &mut Story, keys: &str, late: Option<usize>) {
    for (typed, key) in parse_keys(keys).into_iter().enumerate() {
        story.input(Input::Key(key));
        if late.is_some_and(|late| typed % late == late - 1) {
            story.is_answered().await;
        }
    }
    story.settle().await;
}

/// The screen at the end of a story, typed slowly, and its host effects.
async fn slowly(keys: &str) -> (String, Vec<HostEffect>) {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.keys(keys).await;
    (story.screen(), std::mem::take(&mut story.host_effects))
}

#[track_caller]
fn same(ends: &str, slow: &str, keys: &str, late: Option<usize>) {
    assert!(ends == slow, "`{keys}` with answers after {late:?} ends with\n{ends}\ninstead of\n{slow}");
}

/// Asserts that the story ends the same however late the answers come, and that `sees` is on the screen then.
async fn ends_the_same(keys: &str, sees: &str) {
    let (slow, effects) = slowly(keys).await;
    assert!(slow.contains(sees), "“{sees}” is not at the end of `{keys}`:\n{slow}");
    for late in LATE {
        let company = Company::demo().await;
        let mut story = company.console().await;
        type_ahead(&mut story, keys, late).await;
        same(&story.screen(), &slow, keys, late);
        assert_eq!(story.host_effects, effects, "`{keys}` with answers after {late:?}");
    }
}

const TO_CHRIS: &str = "m <End> <Enter> / <Tab> chris <Enter> <Down>";

#[tokio::test]
async fn promise_33_a_filter_and_what_is_opened_behind_it() {
    ends_the_same(&format!("{TO_CHRIS} <F2>"), "chris_armstrong@mail.com").await;
    ends_the_same("m <End> <Enter> / <Tab> chris <Enter> <Enter>", "as saved").await;
}

#[tokio::test]
async fn promise_33_the_walkthrough_by_hand() {
    let keys = "<F2> <Tab> <Tab> <Tab> <Tab> <C-g> n <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> offroad <Enter> <C-s> \
                <C-s> <F12> <Tab> <Enter> <C-g> k <Space> <Enter> <F6> <C-n> 2 <C-s> <A-b> 5";
    ends_the_same(&format!("{TO_CHRIS} {keys}"), "request configured").await;
}

#[tokio::test]
async fn promise_33_the_walk_from_problem_to_problem() {
    ends_the_same(&format!("{TO_CHRIS} <F2> <F8> <Enter> <F8> <F8> <C-s>"), "request configured").await;
}

#[tokio::test]
async fn promise_33_a_choice_and_its_save_in_one_burst_bring_what_follows() {
    let person = "<F2> <Tab> <Tab> <Tab> <Tab> olivia <Enter> <C-s>";
    ends_the_same(&format!("{TO_CHRIS} {person}"), "User saved.").await;
}

#[tokio::test]
async fn promise_33_requests_are_decided_on_the_row_that_is_meant() {
    let pending = "m <End> <Enter> [ [ [ [ [";
    ends_the_same(&format!("{pending} <Down> a"), "CC002").await;
    ends_the_same(&format!("{pending} <Down> x no,thanks <Enter>"), "Request rejected").await;
    ends_the_same(&format!("{pending} x no,thanks <Enter> x neither <Enter>"), "Request rejected").await;
}

#[tokio::test]
async fn promise_33_two_hundred_downs_are_two_hundred_rows() {
    let company = Company::demo().await;
    company.back_office("mkoleva").await.generate(400, 1, |_| {}).await.expect("generated");
    let downs = "<Down>".repeat(200);
    let mut slow = company.console().await;
    slow.opens(Screen::Navigator(&USER)).await;
    slow.keys(&downs).await;
    for late in LATE {
        let mut story = company.console().await;
        story.opens(Screen::Navigator(&USER)).await;
        type_ahead(&mut story, &downs, late).await;
        same(&story.at_cursor(), &slow.at_cursor(), "200 × Down", late);
    }
    for keys in [
        "<End> <Up> <Up> <PageUp> <Up>",
        "<PageDown> <PageDown> <PageDown> <PageDown> <Home> <Down>",
        "s <End> <F5> <Up>",
    ] {
        let mut slow = company.console().await;
        slow.opens(Screen::Navigator(&USER)).await.keys(keys).await;
        for late in LATE {
            let mut story = company.console().await;
            story.opens(Screen::Navigator(&USER)).await;
            type_ahead(&mut story, keys, late).await;
            same(&story.screen(), &slow.screen(), keys, late);
        }
    }
}

#[tokio::test]
async fn promise_33_a_save_and_leaving_in_one_burst_save_and_leave() {
    let keys = format!("{TO_CHRIS} <F2> <Tab> <Tab> <Tab> note <C-s> <C-q>");
    for late in LATE {
        let company = Company::demo().await;
        let mut story = company.console().await;
        type_ahead(&mut story, &keys, late).await;
        assert_eq!(story.host_effects.last(), Some(&HostEffect::Quit), "{}", story.screen());
        let mut again = company.console().await;
        again.keys(&format!("{TO_CHRIS} <Enter>")).await.shows("Notes", "note");
    }
}

#[tokio::test]
async fn promise_32_a_second_quit_leaves_whatever_is_awaited() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.keys(&format!("{TO_CHRIS} <F2> <Tab> <Tab> <Tab> note")).await.keys_at_once("<C-s> <C-q>");
    story.sees("Ctrl+Q again leaves at once.");
    assert!(!story.host_effects.contains(&HostEffect::Quit));
    story.keys_at_once("<C-q>");
    assert_eq!(story.host_effects.last(), Some(&HostEffect::QuitAtOnce));
}

#[tokio::test]
async fn promise_33_what_was_typed_behind_a_refusal_is_dropped_and_that_is_said() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    // For a person without a last name a question is asked: the letter that would answer it was typed for something
    // else.
    story
        .keys("<C-p> persons <Enter> <C-n>")
        .await
        .to("First Name")
        .await
        .types("Solo")
        .await
        .keys_at_once("<C-s> s <Down>")
        .settle()
        .await;
    story.sees("Save anyway?").sees("What was typed ahead was dropped: 2 keys.");
    story.keys("s").await.sees("Person saved.");
}

//! Promise 33: keys are carried out in order at any latency. A story typed in one burst, or with answers that come late,
//! ends as the same story typed slowly.

use ccdesk::domain::entities::user::USER;
use ccdesk::domain::entities::{party, person};
use ccdesk::domain::model::record::Draft;
use ccdesk::domain::model::value::{MultiLang, Value};
use ccdesk::service::api::BackOfficeRequest;
use ccdesk::storage::error::StorageError;
use ccdesk::tui::console::HostEffect;
use ccdesk::tui::message::{Opening, Screen};
use ccdesk::tui::testing::parse_keys;
use crossterm::event::Event as Input;

use crate::StorySteps as _;
use crate::company::{Company, OPERATOR, Story};
use crate::unreliable::Line;

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
    let keys = "<F2> <Tab> <Tab> <Tab> <C-g> n offroad <Enter> <C-s> \
                <C-s> <F12> <Tab> <Enter> <C-g> k <Space> <Enter> <F6> <C-n> 2 <C-s> <A-b> 5";
    ends_the_same(&format!("{TO_CHRIS} {keys}"), "request configured").await;
}

#[tokio::test]
async fn promise_33_the_walk_from_problem_to_problem() {
    ends_the_same(&format!("{TO_CHRIS} <F2> <F8> <Enter> <F8> <F8> <C-s>"), "request configured").await;
}

#[tokio::test]
async fn promise_33_a_choice_and_its_save_in_one_burst_bring_what_follows() {
    let person = "<F2> <Tab> <Tab> <Tab> olivia <Enter> <C-s>";
    ends_the_same(&format!("{TO_CHRIS} {person}"), "User saved: ").await;
}

#[tokio::test]
async fn promise_33_requests_are_decided_on_the_row_that_is_meant() {
    let pending = "m <End> <Enter> [ [ [ [ [ [";
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
    let keys = format!("{TO_CHRIS} <F2> <Tab> <Tab> note <C-s> <C-q>");
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
    story.keys(&format!("{TO_CHRIS} <F2> <Tab> <Tab> note")).await.keys_at_once("<C-s> <C-q>");
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
    story.keys("s").await.sees("Person saved: ");
}

#[tokio::test]
async fn keys_typed_after_a_reading_that_failed_are_not_carried_out_when_it_is_repeated() {
    let company = Company::demo().await;
    let (mut story, line) = Line::of(&company).await;
    story.keys(TO_CHRIS).await;
    line.breaks(StorageError::Unreachable, |request| matches!(request, BackOfficeRequest::LoadRecord(_)));
    story.keys_at_once("<Enter> <F2> <Tab> <Tab> <Tab> x").settle().await;
    story.sees("✗ ").sees("What was typed ahead was dropped: 5 keys.");
    story.keys("<F2> x").await.sees("This record could not be read; F5 tries again, Esc goes back.");
    line.works();
    story.keys("<F5>").await.sees("chris_armstrong@mail.com").sees("as saved").sees_no("editing");
}

#[tokio::test]
async fn a_panel_that_could_not_be_read_is_read_by_f5_also_while_the_record_is_edited() {
    let company = Company::demo().await;
    let (mut story, line) = Line::of(&company).await;
    line.breaks(StorageError::Unreachable, |request| matches!(request, BackOfficeRequest::History(_)));
    story
        .keys(&format!("{TO_CHRIS} <Enter>"))
        .await
        .sees("HISTORY")
        .sees("could not be read; F5 tries again.")
        .sees_no("reading…");
    line.works();
    story.keys("<F2> <Tab> <Tab> note <F5>").await.sees("HISTORY").sees_no("reading…").sees("note");
}

#[tokio::test]
async fn end_pressed_before_the_count_has_come_still_gets_it() {
    let company = Company::demo().await;
    company.back_office(OPERATOR).await.generate(200, 1, |_| {}).await.expect("generated");
    let mut story = company.console().await;
    story.keys_at_once("m <End> <Enter> <End>").settle().await.sees("USERS  243").sees_no("USERS  …");
}

#[tokio::test]
async fn a_conflict_is_read_again_and_saved_with_what_follows_from_both_changes() {
    let company = Company::demo().await;
    let id = company.find(&party::PARTY, &party::PARTY_CODE.def, "00104").await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&party::PARTY, id, true))).await;
    story.to("First Name").await.keys("<C-u> Kris").await;
    let back_office = company.back_office(OPERATOR).await;
    let mut theirs = Draft::of(back_office.record(&party::PARTY, id).await.expect("a person"));
    theirs.set(&person::LAST_NAME.def, Value::multi(MultiLang::new("en", "Strong")));
    (person::RULES.changed)(&mut theirs, &person::LAST_NAME.def, "en");
    back_office.save(&theirs, true).await.expect("saved meanwhile");
    story.keys("<C-s>").await.sees("has changed this record meanwhile");
    story.keys("<F5> <C-s>").await.sees("Person saved: ").shows("Party Name", "Kris Strong");
    story.sees_no("was refused");
}

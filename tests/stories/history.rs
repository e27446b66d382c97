//! The history of all records: who did what, and taking it back.

use ccdesk::domain::entities::user;
use ccdesk::tui::message::Screen;

use crate::StorySteps;
use crate::company::{Company, Story};

/// A rejected request, and the history in front.
async fn rejected(company: &Company) -> Story {
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await;
    story.keys("/ chris_arm <Enter> x nobody <Enter>").await;
    story.opens(Screen::History).await;
    story
}

#[tokio::test]
async fn an_operation_is_undone_after_a_question_and_done_again() {
    let company = Company::demo().await;
    let mut story = rejected(&company).await;
    story.sees("Everything that was done").sees("Reject request of chris_armstrong@mail.com");
    story.keys("u").await.sees("Undo: Reject request of chris_armstrong@mail.com").sees("Undo it");
    story.keys("<Esc>").await.sees_no("undone by");
    story.keys("u").await;
    story
        .keys("u")
        .await
        .sees("Undo: Reject request of chris_armstrong@mail.com.")
        .sees("undone by mkoleva: ");
    story.keys("u").await.sees("Redo: Reject request of chris_armstrong@mail.com");
    story
        .keys("u")
        .await
        .sees("Redo: Reject request of chris_armstrong@mail.com.")
        .sees_no("undone by mkoleva: Reject");
}

#[tokio::test]
async fn the_list_is_filtered_and_leads_to_the_records() {
    let company = Company::demo().await;
    let mut story = rejected(&company).await;
    story.keys("/ <Down> <Down> <Enter>").await.sees("rejected");
    story.keys("<Esc>").await.sees("Everything that was done");
    story.keys("/ <Enter> nobody <Enter>").await.sees("by nobody").sees("Nothing was done so.");
    story.keys("<C-g> u").await.sees("Everything that was done");
    story.keys("/ <Down> <Down> <Down> <Enter> yesterday <Enter>").await.sees("“yesterday” is no time");
    story.keys("<Enter>").await.sees("User “Chris Armstrong <chris_armstrong@mail.com> [EXT]” rejected");
    story.keys("<Enter>").await.sees("chris_armstrong@mail.com").sees("History");
}

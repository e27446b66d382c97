//! The queue of requests: its preview, putting a request off, and notes.

use ccdesk::domain::entities::user;
use ccdesk::tui::layout_store::Layouts;
use ccdesk::tui::message::Screen;

use crate::StorySteps;
use crate::company::{Company, OPERATOR, Story};

/// The view Pending on a screen of this size.
async fn queue(company: &Company, size: (u16, u16)) -> Story {
    let mut story = company.console_of(OPERATOR, size, Layouts::new()).await;
    story.opens(Screen::View(&user::USER, user::PENDING)).await;
    story
}

#[tokio::test]
async fn the_queue_shows_the_oldest_request_first_and_beside_it_all_that_deciding_takes() {
    let company = Company::demo().await;
    let mut story = queue(&company, (160, 40)).await;
    story.sees("Age ▲").sees("Chris Armstrong · Offroad Monsters Den ·").sees("(not confirmed)");
    story.sees("“Please let me see invoices").sees("CC002 Person").sees("e-mail not confirmed");
    story.sees("00102 Chris Armstrong (possible)").sees("00005 Offroad Monsters Den");
    // A request claimed in Cyrillic proposes the company; nobody like the person is known.
    story.keys("<Down>").await.sees("Ivan Georgiev · Балкан Трейд").sees("nobody like this is known");
    story.sees("00010 Balkan Trade Ltd. (certain)").sees_no("Please let me see invoices");
    // A letter hides it and shows it again.
    story.keys("p").await.sees_no("nobody like this is known").keys("p").await.sees("(certain)");
}

#[tokio::test]
async fn the_preview_is_below_a_narrow_list_and_asked_for_where_there_is_little_room() {
    let company = Company::demo().await;
    let mut story = queue(&company, (100, 40)).await;
    story.sees("Chris Armstrong · Offroad Monsters Den");
    let mut story = queue(&company, (80, 24)).await;
    story.sees_no("Chris Armstrong · Offroad").keys("p").await.sees("Chris Armstrong · Offroad Monsters Den");
    // Other views have none.
    story.keys("v 7").await.sees("▸All").sees_no("Chris Armstrong · Offroad");
}

#[tokio::test]
async fn a_request_is_put_off_until_a_day_and_has_notes() {
    let company = Company::demo().await;
    let mut story = queue(&company, (120, 40)).await;
    story.keys("<Down> n").await.sees("What is to be noted about the request of Ivan Georgiev");
    story.types("phoned him").await.keys("<Enter>").await.sees("✓ Note added: Ivan Georgiev");
    story.sees("mkoleva: phoned him");
    story.keys("w").await.sees("What does the request of Ivan Georgiev");
    story.types("an answer until 2999-01-01").await.keys("<Enter>").await;
    story.sees("✓ Request put off: Ivan Georgiev").sees("Pending 8 · Waiting 1").sees("8 requests waiting");
    story.keys("]").await.sees("▸Waiting 1").sees("waits until 2999-01-01: an answer");
    story.keys("w").await.types("nothing 2001-01-01").await.keys("<Enter>").await;
    story.sees("The day until which a request waits comes after today");
    story.keys("<C-g> R").await.sees("It is to be decided again.").keys("r").await;
    story.sees("✓ Request open again: Ivan Georgiev").sees("Pending 9 · ▸Waiting 0");
}

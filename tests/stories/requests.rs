//! Requests and views: who waits, who is rejected and reopened, and what the counts then are.

use ccdesk::domain::entities::{external_access, user};
use ccdesk::tui::keyboard::Keyboard;
use ccdesk::tui::layout_store::Layouts;
use ccdesk::tui::message::{Opening, Screen};

use crate::StorySteps;
use crate::company::{CHRIS, Company, OPERATOR, Story};

async fn users(company: &Company) -> Story {
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await;
    story
}

#[tokio::test]
async fn each_view_shows_who_it_says_and_counts_them() {
    let company = Company::demo().await;
    let mut story = users(&company).await;
    story.sees("Pending 9 · Waiting 0 · Blocked 20 · External 35 · Internal 3 · Inactive 2 · ▸All 43");
    for (view, count, there, gone) in [
        ("▸Pending 9", "USERS  9", CHRIS, "Mira Koleva  "),
        ("▸Waiting 0", "USERS  0", "Nothing here: Waiting shows", "Mira Koleva  "),
        ("▸Blocked 20", "USERS  20", "ruth.cole", "hans.mueller"),
        ("▸External 35", "USERS  35", "hans.mueller", "Dimitar Petrov"),
        ("▸Internal 3", "USERS  3", "Dimitar Petrov", "hans.mueller"),
        ("▸Inactive 2", "USERS  2", "Frank Dunn", "ruth.cole"),
        ("▸All 43", "USERS  43", "chris.armstrong", "zzz"),
    ] {
        story.keys("]").await.sees(view).sees(count).sees(there).sees_no(gone);
    }
    story.keys("[").await.sees("▸Inactive 2");
    // The same keys under a Cyrillic layout.
    story.console.set_keyboard(Some(Keyboard::Russian));
    story.keys("ъ").await.sees("▸All 43").keys("х").await.sees("▸Inactive 2");
}

#[tokio::test]
async fn a_filter_narrows_the_view_and_clearing_filters_keeps_it() {
    let company = Company::demo().await;
    let mut story = users(&company).await;
    story.keys("v").await.sees("1 Pending 9").keys("1").await.sees("USERS  9");
    story.keys("/").await.types("armstrong").await.sees("USERS  1 of 9").sees("▸Pending 9");
    story.keys("<Esc> v 5").await.sees("USERS  0 of 3").sees("Nothing matches the filter.");
    story.keys("<C-g> u").await.sees("USERS  3").sees("▸Internal 3");
}

#[tokio::test]
async fn an_empty_view_says_what_it_means() {
    let nobody = Company::empty().await;
    let mut story = nobody.sign_in((120, 40)).await;
    story.keys("admin <Tab> Ada <Tab>").await.types("correct horse battery").await.keys("<Tab>").await;
    story.types("correct horse battery").await.keys("<Enter>").await.sees("No request waits");
    story.opens(Screen::Navigator(&user::USER)).await.keys("]").await;
    story.sees("Nothing here: Pending shows users whose request waits for a decision.");
    // Without a site nobody is judged: there is no view of users who are blocked.
    story.sees("▸Pending 0 · Waiting 0 · External 0 · Internal 1").sees_no("Blocked");
    for key in ["a", "x"] {
        story.keys(key).await.sees("There is no row here.");
    }
}

#[tokio::test]
async fn the_views_give_way_where_there_is_no_room() {
    let company = Company::demo().await;
    company.back_office(OPERATOR).await.generate(3000, 1, |_| {}).await.expect("generated");
    let mut story = company.console_of(OPERATOR, (62, 20), Layouts::new()).await;
    story.opens(Screen::Navigator(&user::USER)).await.sees("▸All 3043").sees_no("Pending");
    story.keys("]").await.sees("▸Pending ").sees("· Waiting · Blocked").sees_no("All");
    story.resize(120, 20).sees("▸Pending ").sees("· All 3043");
}

#[tokio::test]
async fn scrolling_counts_nothing() {
    let company = Company::demo().await;
    company.back_office(OPERATOR).await.generate(300, 1, |_| {}).await.expect("generated");
    let mut story = users(&company).await;
    let asked = story.asked.len();
    story.keys(&"<PageDown>".repeat(6)).await;
    // Rows only: two more windows of eighty.
    let scrolled = &story.asked[asked..];
    assert!(scrolled.len() <= 3, "{scrolled:?}");
}

#[tokio::test]
async fn a_request_is_rejected_with_a_reason_and_reopened() {
    let company = Company::demo().await;
    let mut story = users(&company).await;
    story.sees("9 requests waiting").keys("] x").await;
    story.sees("Why is the request of Chris Armstrong").sees("[EXT] rejected?");
    story.keys("<Enter>").await.sees("✗ Type an answer; Esc leaves everything as it is.");
    story.paste("Непознат\nна фирмата").settle().await;
    story.sees("Непознат на фирмата").sees_no("✗ Type");
    story.keys("<Enter>").await.sees("✓ Request rejected, login switched off: Chris Armstrong");
    story.sees("▸Pending 8").sees("USERS  8").sees("8 requests waiting").sees("Inactive 3");
    // The cursor stays where it was, on what is there now.
    assert!(story.at_cursor().contains("Ivan Georgiev"), "{}", story.at_cursor());

    // A rejected request cannot be rejected again, but reopened.
    story
        .keys("[ / chris_ <Enter> x")
        .await
        .sees("· This user has no request to decide.")
        .sees_no("rejected?");
    story.keys("<C-g> R").await.sees("switched on").keys("<Enter>").await.sees("8 requests waiting");
    story.keys("<C-g> R r").await.sees("✓ Request open again: Chris Armstrong");
    story.sees("9 requests waiting").sees("Pending 9").sees("Inactive 2");
}

#[tokio::test]
async fn a_reason_too_long_is_cut_and_said_where_it_is_typed() {
    let company = Company::demo().await;
    let mut story = users(&company).await;
    story.keys("] x").await.paste(&"ы".repeat(300)).settle().await;
    story.sees("✗ At most 254 characters; 46 characters left out.");
    story.keys("<Enter>").await.sees("✓ Request rejected");
}

#[tokio::test]
async fn a_request_is_approved_from_the_list_through_the_first_problem() {
    let company = Company::demo().await;
    let mut story = users(&company).await;
    story.keys("] a").await.sees("/ New Person").sees("CC002: Give the login a person.");
    story.keys("<Enter> <F8>").await.sees("/ New Customer").keys("<F8> <C-s>").await;
    story.sees("request configured").sees("8 requests waiting");
    story.keys("<Esc>").await.sees("▸Pending 8").sees("USERS  8").sees_no(CHRIS);
}

#[tokio::test]
async fn deciding_where_no_request_waits_says_so() {
    let company = Company::demo().await;
    let mut story = users(&company).await;
    story.keys("/").await.types("chris.armstrong").await.keys("<Enter> a").await;
    story.sees("· This user has no request to decide.").sees("(Approve request)").keys("x").await;
    story.sees("USERS  1 of 43").sees_no("rejected?");
}

#[tokio::test]
async fn the_form_decides_too() {
    let company = Company::demo().await;
    let id = company.find(&user::USER, &user::LOGIN.def, CHRIS).await;
    let mut story = users(&company).await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, false))).await;
    story.sees("Approve request  Reject request").sees_no("Reopen");
    story.keys("x").await.types("Unknown there").await.keys("<Enter>").await;
    story
        .sees("✓ Request rejected")
        .sees("request rejected")
        .sees("Reopen request")
        .sees("8 requests waiting");
    story.shows("Active", "[ ]");
    story.keys("<C-g> R r").await.sees("request pending").shows("Active", "[x]");
    // What is typed and not saved is not overtaken by a decision.
    story.keys("<F2> <Tab> X <C-g> X").await.sees("Save or cancel the changes first.");
    story.keys("<Esc> <Esc> d a").await.sees("/ New Person");
    story.keys("<Esc> <Esc> <Esc> <Esc>").await.sees("USERS  43").sees("Pending 9");
}

#[tokio::test]
async fn home_opens_who_waits_and_who_is_blocked() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.settle().await.sees("▸ 9 requests waiting").sees("20 users blocked").sees("CC002 10");
    story.keys("<Enter>").await.sees("/ Setup / Security / Users").sees("USERS  9").sees("▸Pending 9");
    story.keys("x").await.types("no").await.keys("<Enter> <A-b> 1").await;
    story.sees("▸ 8 requests waiting").sees("19 users blocked").sees("CC002 9");
    story.keys("<Down> <Enter>").await.sees("USERS  19").sees("▸Blocked 19");
}

#[tokio::test]
async fn an_access_is_removed_from_its_list_and_from_the_customer() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&external_access::EXTERNAL_ACCESS)).await.sees("EXTERNAL ACCESS  19");
    // Esc and Enter keep it.
    story.keys("<Del>").await.sees("This only ends the access; the user stays.").keys("<Esc>").await;
    story.keys("<Del> <Enter>").await.sees("EXTERNAL ACCESS  19");
    story.keys("<Del> r").await.sees("✓ External Access removed: Balkan Trade Ltd. #00008");
    story.sees("EXTERNAL ACCESS  18").sees_no("180 since");
    // An owner's access is ended with a reason alone; without one nothing is gone.
    story.keys("<Down> <Down> <Del>").await.sees("Why is").sees("removed?");
    story.keys("<Enter>").await.sees("Type an answer").keys("<Esc>").await.sees("EXTERNAL ACCESS  18");

    let hans = company.find(&user::USER, &user::LOGIN.def, "hans.mueller@mueller-soehne.example").await;
    story.opens(Screen::Form(Opening::record(&user::USER, hans, false))).await.keys("<F6> <F6>").await;
    story
        .sees("Del Remove")
        .keys("<Del>")
        .await
        .sees("Nimero Ltd. #00003: Hans Müller <hans.mueller@mueller-soehne.example>");
    story.keys("r").await.sees("✓ External Access removed").sees("CUSTOMERS - EXTERNAL ACCESS  1");
    story.keys("<Esc>").await.sees("EXTERNAL ACCESS  17");
}

#[tokio::test]
async fn another_site_judges_and_counts_anew() {
    let company = Company::demo().await;
    let mut story = users(&company).await;
    story.sees("Blocked 20").keys("<C-o> <Down> <Down> <Enter>").await.sees("site cc-broken-settings ▾");
    story.sees("Blocked 33").keys("] ] ]").await.sees("▸Blocked 33").sees("USERS  33").sees("CC008");
}

#[tokio::test]
async fn approving_opens_a_person_with_the_name_of_whoever_asked() {
    let company = Company::demo().await;
    for row in 0..9 {
        let mut story = company.console().await;
        story.opens(Screen::View(&user::USER, user::PENDING)).await.keys(&"<Down>".repeat(row)).await;
        story.keys("a").await.sees("/ New Person");
        let name = story.line("First Name");
        let name = name
            .split_once("First Name")
            .map(|(_, name)| name.trim_start_matches(['│', ' ']))
            .unwrap_or_default();
        assert!(name.starts_with(char::is_alphabetic), "row {row}:\n{}", story.screen());
    }
}

#[tokio::test]
async fn a_person_is_named_after_the_user_also_when_another_one_was_taken_away() {
    let company = Company::demo().await;
    let mut story = company.editing("paul.baker@trailhead.example").await;
    story.to("Person").await.keys("<C-u>").await.sees("✗ CC002").keys("<F8>").await.sees("/ New Person");
    story.shows("First Name", "Paul").shows("Last Name", "Baker");
}

#[tokio::test]
async fn a_name_of_three_parts_is_split_and_create_new_starts_where_something_is_missing() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Name").await.keys("<C-u>").await.types("van der Berg, Jan Willem").await;
    story
        .to("Person")
        .await
        .keys("<C-n>")
        .await
        .sees("/ New Person")
        .shows("Party Name", "Jan Willem van der Berg");
    story.shows("First Name", "Jan").shows("Middle Name", "Willem").shows("Last Name", "van der Berg");
    assert_eq!(story.focused(), "Parent Party");
    story.keys("<Esc>").await.keys("<Esc>").await;

    // What was typed names the new record.
    let mut story = company.editing(CHRIS).await;
    story
        .to("Person")
        .await
        .types("Olga van Dam")
        .await
        .keys("<C-g>")
        .await
        .sees("Create new “Olga van Dam”")
        .keys("n")
        .await;
    story.shows("First Name", "Olga").shows("Last Name", "van Dam").shows("Party Name", "Olga van Dam");

    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await.keys("<C-n>").await;
    assert_eq!(story.focused(), "Login");
}

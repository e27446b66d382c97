//! External Access in the back office: days back, granting access to customers, and the sign-in preview.

use ccdesk::domain::codes::Role;
use ccdesk::domain::entities::{external_access, user};
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::record::Fields;
use ccdesk::domain::model::value::{RecordId, Reference};
use ccdesk::tui::layout_store::Layouts;
use ccdesk::tui::message::{Opening, Screen};

use crate::StorySteps;
use crate::company::{CHRIS, Company, OPERATOR, Story};

/// The notes of Emma Wright's access, which ends 30 days back.
const EMMAS: &str = "Given before the request was looked at.";

async fn access_of_emma(company: &Company) -> RecordId {
    company.find(&external_access::EXTERNAL_ACCESS, &external_access::NOTES.def, EMMAS).await
}

async fn editing_days_back(company: &Company) -> Story {
    let id = access_of_emma(company).await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&external_access::EXTERNAL_ACCESS, id, true))).await;
    story.to("Days Back Access").await;
    story
}

#[tokio::test]
async fn the_oldest_date_stands_beside_the_days_while_they_are_typed() {
    let company = Company::demo().await;
    let mut story = editing_days_back(&company).await;
    story.shows("Days Back Access", "30 since 2026-06-01").keys("0").await;
    story.shows("Days Back Access", "300 since 2025-09-04").keys("<BS> <BS> <BS>").await;
    story
        .shows("Days Back Access", "unlimited")
        .keys("7")
        .await
        .shows("Days Back Access", "7 since 2026-06-24");
    story.keys("<C-u>").await.shows("Days Back Access", "unlimited").keys("<C-s>").await;
    story.sees("Save anyway?").sees("without any limit of days back.").keys("s").await;
    story.sees("✓ External Access saved: ").shows("Days Back Access", "unlimited");
    story.sees("Days Back Access: 30 since 2026-06-01 → unlimited");
    let id = access_of_emma(&company).await;
    let record = company.back_office("mkoleva").await.record(&external_access::EXTERNAL_ACCESS, id).await;
    assert_eq!(record.expect("a record").get(&external_access::DAYS_BACK_ACCESS), None);
}

#[tokio::test]
async fn days_back_that_cannot_be_say_so_at_the_field_and_stay() {
    let company = Company::demo().await;
    let mut story = editing_days_back(&company).await;
    for typed in ["-1", "3.5", "9999999999", "36501", "many", "u"] {
        story.keys("<C-u>").await.types(typed).await.shows("Days Back Access", typed);
        story.sees_no(&format!("{typed} since"));
        story
            .keys("<C-s>")
            .await
            .sees("Days Back Access takes whole days from 0 to 36500, or nothing for unlimited.");
        story.shows("Days Back Access", typed).sees("EXTERNAL ACCESS · editing");
    }
    story.keys("<C-u>").await.types("36500").await.keys("<C-s>").await;
    story.sees("✓ External Access saved: ").shows("Days Back Access", "36500 since 1926-07-26");
}

#[tokio::test]
async fn a_list_finds_the_unlimited_and_ranges_of_days_back() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&external_access::EXTERNAL_ACCESS)).await;
    story.sees("1000 since 2023-10-05").sees("unlimited").keys("<Right> <Right> <Right> /").await;
    for (typed, found) in [("unlimited", 3), ("(empty)", 3), ("90..200", 2), ("1000..", 2), ("0", 1)] {
        story.keys("<C-u>").await.types(typed).await;
        story.sees(&format!("CUSTOMERS - EXTERNAL ACCESS  {found} of 19"));
    }
}

/// A user's form, judged at the Client Center of version 26.
async fn at_cc26(company: &Company, login: &str) -> Story {
    let id = company.find(&user::USER, &user::LOGIN.def, login).await;
    let mut story = company.console().await;
    story.keys("<C-o> <Down> <Enter>").await.sees("site cc26");
    story.opens(Screen::Form(Opening::record(&user::USER, id, false))).await;
    story
}

#[tokio::test]
async fn f8_lets_a_pending_user_in_to_one_of_the_sites_customers() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, CHRIS).await;
    story.sees("✗ CC010 External access  no access to a customer of Lagerta Ltd.");
    story.sees("· CC007 Location").sees("after CC010").sees_no("CC002").sees("sign-in now shows CC010");
    story.keys("<F8>").await.sees("/ New External Access").sees("CC010: Add the user to External Access");
    // Only customers of the site's enterprise company are offered.
    assert_eq!(story.focused(), "Customer");
    story.sees("Trailhead Outfitters Ltd. #00002").sees_no("#00001").sees_no("#00004");
    story.types("nimero").await.sees("Nimero Ltd. #00003").sees_no("#00002").keys("<Enter>").await;
    story.shows("Role", "Orders with Prices").shows("Days Back Access", "30 since 2026-06-01");
    story.shows("User", "Chris Armstrong <chris");
    story.keys("<F8>").await.sees("Nothing is missing.").sees("✓ CC010").sees("sign-in lets this user in");
    story.sees("CUSTOMERS - EXTERNAL ACCESS  1").sees("Nimero Ltd. #00003").sees("30 since 2026-06-01");
}

#[tokio::test]
async fn the_agreement_of_the_parent_party_is_the_customer_proposed() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, "olga.petrova@trailhead.example").await;
    story.sees("✗ CC010").keys("<F8>").await.sees("/ New External Access");
    story.sees("•Customer         Trailhead Outfitters Ltd");
    assert_eq!(story.focused(), "Role");
    story.keys("<F8>").await.sees("✓ CC010").sees("Nothing is missing.");
}

#[tokio::test]
async fn a_customer_without_its_location_is_named_although_another_lets_the_user_in() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, "hans.mueller@mueller-soehne.example").await;
    story.sees("✓ CC007").sees("! no location serves Tbilisi Wine House LLC #00018");
    story.sees("sign-in lets this user in");
    story
        .keys("<F6> <Down> <Down> <Enter>")
        .await
        .sees("CUSTOMER · editing")
        .sees("CC007: Choose the location");
    // The list is open over the label's second line.
    assert_eq!(story.focused(), "Serviced By Location");
    story.keys("<Enter> <F8>").await.sees("Nothing is missing.").sees_no("no location serves");
}

#[tokio::test]
async fn f8_on_a_customer_without_its_location_opens_it() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, "hans.mueller@mueller-soehne.example").await;
    story.keys("<F8>").await.sees("Nothing is missing.").keys("<F6> <Down> <Down> <F8>").await;
    story.sees("CUSTOMER · editing").shows("Number", "00018");
}

#[tokio::test]
async fn every_customer_without_its_location_fails_where_there_is_no_other() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, "nino.beridze@tbilisi-wine.example").await;
    story.sees("✗ CC007").sees("✗ no location serves Tbilisi Wine House LLC #00018");
    story
        .keys("<F8>")
        .await
        .sees("CUSTOMER · editing")
        .keys("<Enter> <F8>")
        .await
        .sees("Nothing is missing.");
    story.sees("✓ CC007").sees("sign-in lets this user in");
}

/// The label of the field with the cursor, even where a message is shown at it.
fn cursors_line(story: &mut Story) -> String {
    let (_, y) = story.cursor();
    let screen = story.screen();
    let line = screen.lines().nth(y.into()).and_then(|line| line.split_once('✗'));
    line.map(|(_, label)| label[..16].to_owned()).unwrap_or_default()
}

/// The customers that a user may see, each with the role and the days.
async fn accesses_of(company: &Company, login: &str) -> Vec<(String, Role, Option<i64>, String)> {
    let user = company.find(&user::USER, &user::LOGIN.def, login).await;
    let mut accesses = company.back_office(OPERATOR).await.accesses(None, Some(user));
    let page = accesses.next_page().await.expect("readable");
    page.into_iter().map(|access| (access.number, access.role, access.days_back, access.notes)).collect()
}

#[tokio::test]
async fn several_customers_are_granted_in_one_step() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, CHRIS).await;
    story.keys("<C-g> g").await.sees("GRANT ACCESS  to Chris Armstrong <chris_armstrong@mail.com> [EXT]");
    story.sees("CUSTOMERS OF LAGERTA LTD.  10 · 0 marked").shows("Role", "L30 - Orders with Prices");
    story.shows("Days Back Access", "30 since 2026-06-01").sees("✗ empty");
    // Marks stay while the list shows something else.
    story.keys("/ nimero <Enter> <Space>").await.sees("CUSTOMERS OF LAGERTA LTD.  1 · 1 marked");
    story.keys("/ <C-u> trail <Enter> <Space>").await.sees("  1 · 2 marked").keys("/ <C-u> <Enter>").await;
    story.sees("CUSTOMERS OF LAGERTA LTD.  10 · 2 marked");
    story.keys("<Tab> bill <Tab> 0 <Tab> both").await.shows("Role", "L40 - Billing");
    story.shows("Days Back Access", "300 since 2025-09-04").keys("<C-s>").await;
    story.sees(" has access to 2 customers more.").sees("CUSTOMERS - EXTERNAL ACCESS  2").sees("✓ CC010");
    story
        .sees("300 since 2025-09-04")
        .sees("added: Nimero Ltd. #00003: Billing, 300 days back since 2025-09-04");
    let both =
        ["00003", "00002"].map(|number| (number.to_owned(), Role::Billing, Some(300), "both".to_owned()));
    assert_eq!(accesses_of(&company, CHRIS).await, both);
}

#[tokio::test]
async fn keys_pressed_ahead_mark_no_other_customer_and_are_not_typed_over() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, CHRIS).await;
    story.keys_at_once("<C-g> g <Tab> bill <Tab> <C-u> 7").settle().await.shows("Role", "L40 - Billing");
    story.shows("Days Back Access", "7 since 2026-06-24");
    // The customers shown are still those from before the search.
    story.keys_at_once("<F6> / trail <Enter> <Space>").sees("0 marked").settle().await.sees("1 · 1 marked");
}

#[tokio::test]
async fn customers_of_every_company_can_be_listed() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, CHRIS).await;
    story.keys("<C-g> g <C-g> u").await.sees("CUSTOMERS  24 · 0 marked").keys("<C-g> u").await;
    story.sees("CUSTOMERS OF LAGERTA LTD.  10 ·");
}

#[tokio::test]
async fn nothing_is_granted_before_customers_are_marked_and_fields_can_be_read() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, CHRIS).await;
    story.keys("<C-g> g <C-s>").await.sees("✗ Mark the customers first: Space marks the one in front.");
    story.keys("<Space> <Tab> <Tab> <C-u>").await.shows("Days Back Access", "unlimited");
    story.types("3.5").await.keys("<C-s>").await;
    story.sees("takes whole days from 0 to 36500, or nothing for unlimited.");
    assert_eq!(cursors_line(&mut story), "Days Back Access");
    // Leaving asks, because somebody has marked something.
    story.keys("<Esc>").await.sees("Grant access has changes that are not saved.").keys("c").await;
    story.sees("1 marked").keys("<Esc> d").await.sees("CLIENT CENTER ACCESS");
    assert_eq!(accesses_of(&company, CHRIS).await, []);
}

#[tokio::test]
async fn one_customer_that_cannot_be_granted_is_named_and_none_is() {
    let company = Company::demo().await;
    let login = "hans.mueller@mueller-soehne.example";
    let before = accesses_of(&company, login).await;
    let mut story = at_cc26(&company, login).await;
    story.keys("<C-g> g <Space> <Space> <Space> <C-s>").await.sees("3 marked");
    story.sees("has access to Nimero Ltd. #00003");
    assert_eq!(accesses_of(&company, login).await, before);
    story.keys("<Up> <Space> <C-s>").await.sees(" has access to 2 customers more.");
    assert_eq!(accesses_of(&company, login).await.len(), before.len() + 2);
}

#[tokio::test]
async fn granting_a_login_that_is_switched_off_asks_first() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, "frank.dunn@northgate-tools.example").await;
    story.keys("<C-g> g <Space> <C-s>").await.sees("Grant anyway?").sees("is switched off");
    story
        .keys("b")
        .await
        .sees("1 marked")
        .keys("<C-s>")
        .await
        .keys("g")
        .await
        .sees(" has access to 1 customer more.");
}

#[tokio::test]
async fn a_type_that_cannot_sign_in_is_granted_nothing() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, "sales-desk").await;
    story.keys("<C-g>").await.sees("Users of this type never sign in.");
    story.keys("g").await.sees_no("GRANT ACCESS").keys("<Esc>").await;
    let id = company.find(&user::USER, &user::LOGIN.def, "sales-desk").await;
    let user = Reference { id, shown: "sales-desk".to_owned() };
    story.opens(Screen::Grant(user)).await.keys("<Space> <C-s>").await;
    story.sees("“sales-desk” is of a type that cannot sign in").sees("1 marked");
    assert_eq!(accesses_of(&company, "sales-desk").await, []);
}

#[tokio::test]
async fn a_preview_says_what_a_sign_in_would_come_to() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, "admin@olivia-green.example").await;
    story.keys("<C-g> i").await.sees("/ Sign-in preview").sees("Judged as saved, now");
    story.sees("cc · KK Ltd. · version 24, by the user's person").sees("✗ shows CC00");
    story.sees("cc26 · Lagerta Ltd. · version 26, by external access");
    story.sees("✓ lets in, and asks which of 2 customers");
    story.sees("Nimero Ltd. #00003").sees("Admin (L80) · 365 days back: since 2025-07-01");
    story.sees("· User Management").keys("<Esc>").await.sees("CLIENT CENTER ACCESS");
}

#[tokio::test]
async fn a_preview_says_why_a_login_is_refused_and_what_would_be_shown_then() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, "sales-desk").await;
    story.keys("<C-g> i").await.sees("✗ refused: type VIR cannot sign in");
    story.sees("then CC010 would be shown: Add the user to External Access with a role.");
}

/// The actions on the pending user that the back office's history has.
async fn actions_on_chris(company: &Company) -> Vec<HistoryAction> {
    let id = company.find(&user::USER, &user::LOGIN.def, CHRIS).await;
    let changes = company
        .back_office(OPERATOR)
        .await
        .history(&user::USER, id, None, 100)
        .await
        .expect("readable")
        .entries;
    changes.into_iter().map(|change| change.action).collect()
}

#[tokio::test]
async fn a_one_time_code_is_issued_only_after_a_question() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, CHRIS).await;
    story.keys("<C-g> I").await.sees("Issue one-time code").sees("stays good until then").keys("l").await;
    assert!(!actions_on_chris(&company).await.contains(&HistoryAction::ResetIssued));
    story.keys("<C-g> I i").await;
    assert_eq!(actions_on_chris(&company).await.first(), Some(&HistoryAction::ResetIssued));
    story.keys("<Esc>").await.sees("mkoleva issued a one-time code");
}

#[tokio::test]
async fn on_the_smallest_screen_no_customer_is_marked_unseen() {
    let company = Company::demo().await;
    let id = company.find(&user::USER, &user::LOGIN.def, CHRIS).await;
    let mut story = company.console_of(OPERATOR, (60, 16), Layouts::new()).await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, false))).await.keys("<C-g> g").await;
    story.keys("<Tab> <Tab> <C-u> x <Tab>").await.sees("CUSTOMERS OF");
    story.keys("<Tab> <Tab> <Down> <Space>").await.sees("1 marked").sees("[x] Harbour Lights");
    // What is wrong is shown at its field.
    story.keys("<C-s>").await.sees("✗ Days Back Access takes");
    assert_eq!(cursors_line(&mut story), "Days Back Access");
}

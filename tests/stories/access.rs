//! External Access in the back office: how far back somebody sees, who is let in to what, and what a sign-in
//! would come to.

use ccdesk::domain::record::Fields;
use ccdesk::domain::schema::{external_access, user};
use ccdesk::domain::value::RecordId;
use ccdesk::tui::message::{Opening, Screen};

use crate::Told;
use crate::company::{Company, Story};

/// Emma Wright's access, which ends 30 days back.
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
    story.sees("✓ External Access saved.").shows("Days Back Access", "unlimited");
    story.sees("Days Back Access: 30 since 2026-06-01 → unlimited");
    let id = access_of_emma(&company).await;
    let record = company.desk("mkoleva").await.record(&external_access::EXTERNAL_ACCESS, id).await;
    assert_eq!(record.expect("a record").get(&external_access::DAYS_BACK_ACCESS), None);
}

#[tokio::test]
async fn days_back_that_cannot_be_say_so_at_the_field_and_stay() {
    let company = Company::demo().await;
    let mut story = editing_days_back(&company).await;
    for typed in ["-1", "3.5", "9999999999", "36501", "many"] {
        story.keys("<C-u>").await.types(typed).await.shows("Days Back Access", typed);
        story.sees_no(&format!("{typed} since"));
        story
            .keys("<C-s>")
            .await
            .sees("Days Back Access takes whole days from 0 to 36500, or nothing for unlimited.");
        story.shows("Days Back Access", typed).sees("EXTERNAL ACCESS · editing");
    }
    story.keys("<C-u>").await.types("36500").await.keys("<C-s>").await;
    story.sees("✓ External Access saved.").shows("Days Back Access", "36500 since 1926-07-26");
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

/// A user's form at the Client Center of version 26.
async fn at_cc26(company: &Company, login: &str) -> Story {
    let id = company.find(&user::USER, &user::LOGIN.def, login).await;
    let mut story = company.console().await;
    story.keys("<C-o> <End> <Enter>").await.sees("site cc26");
    story.opens(Screen::Form(Opening::record(&user::USER, id, false))).await;
    story
}

#[tokio::test]
async fn f8_lets_a_pending_user_in_to_one_of_the_sites_customers() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, "chris_armstrong@mail.com").await;
    story.sees("✗ CC010 External access  no access to a customer of Lagerta Ltd.");
    story.sees("· CC007 Location").sees("after CC010").sees_no("CC002").sees("sign-in now shows CC010");
    story.keys("<F8>").await.sees("/ New External Access").sees("CC010: Add the user to External Access");
    // Only customers of the site's enterprise company are offered.
    assert_eq!(story.focused(), "Customer");
    story.sees("Trailhead Outfitters Ltd. #00002").sees_no("#00001").sees_no("#00004");
    story.types("nimero").await.sees("Nimero Ltd. #00003").sees_no("#00002").keys("<Enter>").await;
    story.shows("Role", "Orders with Prices").shows("Days Back Access", "30 since 2026-06-01");
    story.sees("•User               Chris Armstrong <chris");
    story.keys("<F8>").await.sees("Nothing is missing.").sees("✓ CC010").sees("sign-in lets this user in");
    story.sees("CUSTOMERS - EXTERNAL ACCESS  1").sees("Nimero Ltd. #00003").sees("30 since 2026-06-01");
}

#[tokio::test]
async fn the_agreement_of_the_parent_party_is_the_customer_proposed() {
    let company = Company::demo().await;
    let mut story = at_cc26(&company, "olga.petrova@trailhead.example").await;
    story.sees("✗ CC010").keys("<F8>").await.sees("/ New External Access");
    story.sees("•Customer           Trailhead Outfitters Ltd");
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
    assert_eq!(story.focused(), "Serviced By Enter…");
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

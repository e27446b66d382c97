//! The walkthrough of the version 24 guide: a pending login becomes one that may enter.

use ccdesk::domain::entities::user::USER;
use ccdesk::tui::layout_store::Layouts;
use ccdesk::tui::message::Screen;

use crate::StorySteps;
use crate::client_center::version_26;
use crate::company::{CHRIS, Company, OPERATOR, QUAY, SCREEN, Story};
use crate::support::{self, Store};

/// Setup → Security → Users, filtered for the pending login; the cursor stands on it.
async fn finds_chris(story: &mut Story) {
    story.keys("<A-m> <End> <Enter>").await.sees("⌂ / Setup / Security / Users");
    story.keys("/ <Tab> chris").await.sees("USERS  2 of ");
    assert!(story.line("chris.armstrong@").contains("✓ "), "{}", story.screen());
    assert!(story.line(CHRIS).contains("CC002"), "{}", story.screen());
    story.keys("<Enter> <Down>").await;
}

/// Asserts that the user's form shows no problem.
fn configured(story: &mut Story) {
    story.sees("CLIENT CENTER ACCESS · site cc · as saved · request configured");
    for code in ["CC002", "CC003", "CC004", "CC005", "CC006", "CC007", "CC008", "CC009"] {
        story.sees(&format!("✓ {code}"));
    }
    story.sees("sign-in lets this user in").sees_no("✗");
    story.shows("Person", "Chris Armstrong");
}

/// Asserts that a console opened later on the same database shows the same.
async fn still_there(company: &Company) {
    let later = company.opened_again().await;
    let mut story = later.console_of(OPERATOR, SCREEN, Layouts::new()).await;
    story.keys("<A-m> <End> <Enter> / <Tab> chris").await.sees("USERS  2 of ");
    assert!(!story.line(CHRIS).contains("CC00"), "{}", story.screen());
    story.keys("<Enter> <Down> <Enter>").await;
    configured(&mut story);
}

async fn by_hand(company: &Company, next_party: &str) {
    let mut story = company.console().await;
    finds_chris(&mut story).await;

    // Edit; the Person field's menu; Create new, filled from the full name.
    story.keys("e").await.sees("USER · editing").sees("request pending");
    story.to("Person").await.keys("<C-g>").await.sees("n Create new “Chris Armstrong”");
    story.keys("n").await.sees("/ New Person");
    story.shows("First Name", "Chris").shows("Last Name", "Armstrong").shows("Party Name", "Chris Armstrong");
    story
        .to("Parent Party")
        .await
        .types("offroad")
        .await
        .sees("▸  Offroad Monsters Den Ltd.  Company  00005");
    story.keys("<Enter>").await.shows("Parent Party", "Offroad Monsters Den");

    // Saving goes back to the user, with the person filled in and Name following it.
    story.keys("<C-s>").await.sees("✓ Person saved: ").sees("USER · editing · * changed");
    story.shows("Person", "Chris Armstrong").shows("Name", "Chris Armstrong");
    story.sees("before saving").sees("✓ CC002").sees("✗ CC004");
    story.keys("<C-s>").await.sees("✓ User saved: ").sees("· as saved · request pending");
    story.sees("sign-in now shows CC004");

    // The parent party, through the person; its Customers panel is added with Customize form.
    story.keys("<Enter>").await.sees("PERSON").shows("Party Code", next_party);
    story.to("Parent Party").await.keys("<Enter>").await.sees("COMPANY").sees_no("CUSTOMERS");
    story.sees("⌂ / … / ").shows("Party Code", "00005");
    story.keys("<C-g> k").await.sees("[ ] ▤ Customers panel");
    story.keys("<Space> <Enter>").await.sees("CUSTOMERS  0");

    // New ▸ Wholesale proposes both company fields.
    story.keys("<F6>").await.sees("New Customer ▸");
    story.keys("<C-n>").await.sees("2 Wholesale").sees("3 Customer");
    story.keys("2").await.sees("/ New Customer - Wholesale");
    story.shows("Party", "Offroad Monsters Den").shows("Customer Type", "Wholesale");
    story
        .shows("Enterprise Company", "KK Ltd.")
        .shows("Serviced By Enterprise Company Location", "KK Ltd., KK - HQ");
    story.keys("<C-s>").await.sees("✓ Customer saved: ");

    // Back by breadcrumb.
    story.keys("<A-b>").await.sees(&format!("5 {CHRIS}"));
    story.keys("5").await;
    configured(&mut story);
    story.keys("<Esc>").await.sees("USERS  2 of ");
    assert!(!story.line(CHRIS).contains("CC00"), "{}", story.screen());
    still_there(company).await;
}

/// Walks by F8: it opens every screen of repair; the operator chooses what is on offer there.
async fn by_f8(company: &Company) {
    let mut story = company.console().await;
    finds_chris(&mut story).await;
    story.keys("<Enter> <F8>").await.sees("/ New Person").sees("CC002: Give the login a person.");
    story.shows("First Name", "Chris").shows("Last Name", "Armstrong");
    story.sees("▸  Offroad Monsters Den Ltd.  Company  00005");
    assert_eq!(story.focused(), "Parent Party");
    story.keys("<Enter> <F8>").await.sees("/ New Customer").sees("CC004: Make the parent party a customer.");
    story.shows("Party", "Offroad Monsters Den").shows("Enterprise Company", "KK Ltd.");
    story.shows("Serviced By Enterprise Company Location", "KK Ltd., KK - HQ");
    story.keys("<F8>").await.sees("Nothing is missing: save to keep it (Ctrl+S).").sees("before saving");
    story.keys("<C-s>").await.sees("✓ User saved: ");
    configured(&mut story);
    still_there(company).await;
}

#[tokio::test]
async fn the_walkthrough_by_keys() {
    by_hand(&Company::demo().await, "00126").await;
}

#[tokio::test]
async fn the_walkthrough_by_f8() {
    by_f8(&Company::demo().await).await;
}

#[test]
fn the_walkthroughs_on_postgresql() {
    // A console has to stay on the thread that made it.
    macro_rules! story {
        ($name:literal, $company:ident => $story:expr) => {
            ($name, |Store { url, .. }| {
                let run = move || {
                    support::run(async {
                        let $company = Company::demo_at(url).await;
                        $story.await
                    })
                };
                Box::pin(async { tokio::task::spawn_blocking(run).await.expect("run to its end") })
            })
        };
    }
    support::postgres::tell(&[
        story!("version 24 by keys", company => by_hand(&company, "00126")),
        story!("version 24 by F8", company => by_f8(&company)),
        story!("version 26", company => version_26(&company)),
    ]);
}

/// At a Client Center of version 24 the person, the company and the customer are judged, and the repair lets the user
/// in.
#[tokio::test]
async fn whoever_was_repaired_gets_in_at_a_site_of_version_24() {
    let company = Company::demo().await;
    let enters = async |sees: &str| {
        let mut story = company.client_center("cc", SCREEN).await;
        story.keys("chris_armstrong@mail.com <Tab>").await.types(QUAY).await.keys("<Enter>").await.sees(sees);
        story
    };
    enters("Error CC002").await;
    by_f8(&company).await;
    let mut home = enters("WHAT IS OPEN TO YOU").await;
    home.sees("KK Ltd. - Client Center")
        .sees("Offroad Monsters Den Ltd.")
        .sees("none; this Client Center knows no");
}

#[tokio::test]
async fn the_walkthrough_on_an_imported_dump() {
    by_hand(&Company::imported().await, "00126").await;
}

#[tokio::test]
async fn the_walkthrough_by_f8_on_an_imported_dump() {
    by_f8(&Company::imported().await).await;
}

#[tokio::test]
async fn every_code_of_the_demo_users_has_a_place_of_repair() {
    let company = Company::demo().await;
    for (login, place) in [
        ("lena.schmidt@mueller-soehne.example", "PERSON · editing"),
        ("tom.hughes@northgate-tools.example", "CUSTOMER · new"),
        ("ruth.cole@northgate-tools.example", "CUSTOMER · editing · * changed, not saved"),
        ("stoyan.dimitrov@balkan-trade.example", "CUSTOMER · editing"),
    ] {
        let mut story = company.console().await;
        story.opens(Screen::Navigator(&USER)).await.keys("/").await.types(login).await;
        story.keys("<Enter> <Enter> <F8>").await.sees(place);
    }
}

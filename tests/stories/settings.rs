//! The settings of a web site: what the console knows of their keys.

use ccdesk::domain::entities::user::USER;
use ccdesk::domain::entities::web_site::{RELATIVE_URL, WEB_SITE};
use ccdesk::tui::message::{Opening, Screen};

use crate::StorySteps;
use crate::company::{Company, Story};

/// The form of the site with this relative URL, being edited, with the cursor in Settings.
async fn settings(company: &Company, url: &str) -> Story {
    let site = company.find(&WEB_SITE, &RELATIVE_URL.def, url).await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&WEB_SITE, site, true))).await.to("Settings").await;
    story
}

#[tokio::test]
async fn new_orders_are_repaired_by_choosing_a_document_type() {
    let company = Company::demo().await;
    for site in ["cc-half-settings", "cc-wrong-document-type"] {
        let mut story = company.console().await;
        story.opens(Screen::Navigator(&USER)).await.keys("<C-o>").await;
        let screen = story.screen();
        let row = |text: &str| screen.lines().position(|line| line.contains(text)).expect("a site");
        for _ in row("cc  KK Ltd.")..row(site) {
            story.keys("<Down>").await;
        }
        story.keys("<Enter>").await.sees(&format!("site {site} ▾"));
        story.keys("/").await.types("greta.olsen").await.keys("<Enter> <Enter>").await;
        story.sees("✗ CC009");
        // From problem to problem until the site's.
        for _ in 0..4 {
            if story.screen().contains("DOCUMENT TYPES") {
                break;
            }
            story.keys("<F8>").await;
        }
        story.sees("Sales Order").sees_no("Invoice");
        story.keys("<Enter>").await.sees("\"NewOrderDocumentType\": \"").sees("\"IsNew");
        story.keys("<C-s>").await.sees("Restart the site in the Instance Manager");
        story.keys("<Esc>").await.sees("✓ CC009");
    }
}

#[tokio::test]
async fn keys_are_explained_and_completed_while_they_are_typed() {
    let company = Company::demo().await;
    let mut story = settings(&company, "cc26").await;
    story.keys("<C-u>").await.types("{\"isn").await.keys("<F4>").await;
    story.sees("{\"IsNewOrderEnabled\":").sees("IsNewOrderEnabled: Whether users can place new orders");
    story.keys("<F4>").await.sees("true").sees("false").keys("<Down> <Enter>").await;
    story.sees("{\"IsNewOrderEnabled\": false").types(", \"OrderDocumentTypes\": [").await.keys("<F4>").await;
    story.sees("DOCUMENT TYPES").sees("Invoice").keys("<Enter>").await.types("]}").await;
    story.sees("OrderDocumentTypes: The document types of the orders that are shown.");
    story.sees_no("is not known").sees_no("! ");
}

#[tokio::test]
async fn what_looks_wrong_is_warned_about_and_saved_all_the_same() {
    let company = Company::demo().await;
    let mut story = settings(&company, "cc26").await;
    story.keys("<C-u>").await.types("{\"HideLine\": true, \"AvailabilityMax\": \"many\"}").await;
    story.sees("! HideLine is not known; is it HideLines?").sees("! AvailabilityMax takes a whole number.");
    story.keys("<C-s>").await.sees("Restart the site in the Instance Manager");
}

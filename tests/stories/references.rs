//! The reference field and its menu: Copy, Paste, Clear, Select by navigator, Create new, Open.

use ccdesk::domain::entities::{customer, person, user};
use ccdesk::domain::model::record::Fields;
use ccdesk::tui::console::HostEffect;
use ccdesk::tui::message::{Opening, Screen};

use crate::StorySteps;
use crate::company::{CHRIS, Company};

#[tokio::test]
async fn select_by_navigator_chooses_a_row() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Person").await.keys("<F9>").await.sees("/ Persons").sees("Enter Choose");
    story.keys("/ paul <Enter> <Enter>").await.sees("USER · editing").shows("Person", "Paul Baker");
    story.shows("Name", "Paul Baker").sees("✓ CC004");
    story.keys("<F9> <Esc>").await.shows("Person", "Paul Baker");
}

#[tokio::test]
async fn clear_takes_the_person_and_the_name_that_followed_it() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Person").await.types("paul baker").await.keys("<Enter>").await.shows("Person", "Paul Baker");
    story.keys("<C-u>").await.sees("✗ CC002").sees("once saved, sign-in shows CC002");
    // Clearing the person clears the name (`docs/domain.md`, Users); a name is required, so saving says so.
    story.keys("<C-s>").await.sees("✗Name");
}

#[tokio::test]
async fn a_reference_copied_in_one_form_is_pasted_in_another() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    let paul = company.find(&user::USER, &user::LOGIN.def, "paul.baker@trailhead.example").await;
    story.opens(Screen::Form(Opening::record(&user::USER, paul, false))).await;
    story.keys("<Tab> <C-g> y").await.sees("Person copied.");
    assert!(
        story.host_effects.contains(&HostEffect::Copy("Paul Baker".to_owned())),
        "{:?}",
        story.host_effects
    );

    let chris = company.find(&user::USER, &user::LOGIN.def, CHRIS).await;
    story.opens(Screen::Form(Opening::record(&user::USER, chris, true))).await;
    story.to("Person").await.keys("<C-g> v").await.shows("Person", "Paul Baker").sees("✓ CC002");
    story.keys("<C-s>").await.sees("✓ User saved: ");
    assert!(company.user(CHRIS).await.get(&user::PERSON).is_some());
}

#[tokio::test]
async fn the_list_drops_down_whole_and_by_what_is_typed() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Person").await.keys("<F4>").await.sees("… more: type on, or F9");
    story.keys("<Esc>").await.sees_no("… more").sees("USER · editing");
    story.keys("<C-g> l").await.sees("… more").keys("<Esc>").await;
    story.types("zzz").await.sees("Nothing found").keys("<Esc>").await.sees_no("zzz");
}

#[tokio::test]
async fn only_locations_of_the_enterprise_company_are_offered() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&customer::CUSTOMER)).await.keys("e").await;
    story.to("Enterprise Company").await.types("KK").await.keys("<Enter>").await;
    story.to("Serviced By Enterprise Company Location").await.keys("<F4>").await;
    story.sees("KK - HQ").sees("KK - Warehouse").sees_no("Lagerta Ltd., ");
}

#[tokio::test]
async fn in_view_mode_a_reference_is_a_link() {
    let company = Company::demo().await;
    let paul = company.find(&user::USER, &user::LOGIN.def, "paul.baker@trailhead.example").await;
    for key in ["<Enter>", "<F12>"] {
        let mut story = company.console().await;
        story.opens(Screen::Form(Opening::record(&user::USER, paul, false))).await;
        story.keys("<Tab>").await.keys(key).await.sees("PERSON").keys("<Esc>").await.sees("USER");
    }
}

#[tokio::test]
async fn what_was_typed_becomes_the_name_of_a_new_record() {
    let company = Company::demo().await;
    let draft = ccdesk::domain::model::record::Draft::new(&person::PERSON);
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::new(draft))).await.to("Parent Party").await;
    story.types("Brand New Ltd.").await.keys("<C-n>").await.sees("/ New Company");
    story.shows("Name", "Brand New Ltd.").keys("<C-s>").await.sees("✓ Company saved: ");
    story.sees("PERSON · new").shows("Parent Party", "Brand New Ltd.");
}

#[tokio::test]
async fn nothing_is_chosen_before_its_list_is_seen() {
    use ccdesk::domain::entities::{company, party};
    let company = Company::demo().await;
    let id = company.find(&company::COMPANY, &party::PARTY_CODE.def, "00005").await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&company::COMPANY, id, true))).await.to("Parent Party").await;
    story.keys_at_once("offroad <Enter>").settle().await.sees("Offroad Monsters Den");
    assert_eq!(story.focused(), "Parent Party");
    story.keys("<Enter>").await.shows("Parent Party", "Offroad Monsters Den");
    // A blank begins no search, and a key without a meaning removes nothing.
    story.keys("<Space> <C-a>").await.shows("Parent Party", "Offroad Monsters Den");
}

//! Saving and closing: what is typed is never lost, and never saved by accident.

use ccdesk::domain::entities::{company, party, person, user};
use ccdesk::domain::model::history::OperationId;
use ccdesk::domain::model::record::Fields;
use ccdesk::domain::model::value::Value;
use ccdesk::service::ServiceError;
use ccdesk::service::api::BackOfficeRequest;
use ccdesk::storage::error::StorageError;
use ccdesk::tui::console::HostEffect;
use ccdesk::tui::message::{Opening, Screen};
use uuid::Uuid;

use crate::StorySteps;
use crate::company::{CHRIS, Company, Story};
use crate::unreliable::Line;

/// The form of a user in edit mode.
async fn editing(company: &Company, login: &str) -> Story {
    let id = company.find(&user::USER, &user::LOGIN.def, login).await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, false))).await.keys("<F2>").await;
    story
}

async fn phone(company: &Company, login: &str) -> String {
    company.user(login).await.get(&user::PHONE_NUMBER).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn closing_with_changes_asks() {
    let company = Company::demo().await;
    let mut story = editing(&company, CHRIS).await;
    story.to("Phone Number").await.keys("55501 <Esc>").await.sees("has changes that are not saved.");
    story.sees("Cancel").sees("Save changes").sees("Discard changes");

    story.keys("c").await.sees("USER · editing · * changed").shows("Phone Number", "55501");
    story.keys("<Esc> <Esc>").await.shows("Phone Number", "55501");
    story.keys("<Esc> d").await.sees_no("editing").sees_no("55501");
    assert_eq!(phone(&company, CHRIS).await, "");

    story.keys("<F2>").await.to("Phone Number").await.keys("55502 <Esc> s").await.sees("✓ User saved: ");
    assert_eq!(phone(&company, CHRIS).await, "55502");
    assert_eq!(story.console.take_host_effects(), []);
}

#[tokio::test]
async fn leaving_by_breadcrumb_menu_or_quit_asks_too() {
    let company = Company::demo().await;
    for way in ["<A-b> 1", "<A-m> <End> <Enter>", "<C-q>"] {
        let mut story = editing(&company, CHRIS).await;
        story.to("Phone Number").await.keys("555").await.keys(way).await;
        story.sees("has changes that are not saved.").keys("c").await.shows("Phone Number", "555");
        story.keys(way).await.keys("d").await;
        if way == "<C-q>" {
            assert_eq!(story.host_effects.last(), Some(&HostEffect::Quit));
        } else {
            story.sees_no("editing");
        }
    }
    assert_eq!(phone(&company, CHRIS).await, "");
}

#[tokio::test]
async fn save_and_close_goes_back_to_the_list() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await.keys("/ chris_ <Enter> e").await;
    story.to("Company Name").await.keys("<C-u> Nobody <C-g> x").await.sees("USERS  1 of 43");
    let record = company.user(CHRIS).await;
    assert_eq!(record.get(&user::COMPANY_NAME), Some("Nobody"));
}

#[tokio::test]
async fn a_value_too_long_is_refused_at_the_limit_visibly() {
    let company = Company::demo().await;
    let mut story = editing(&company, CHRIS).await;
    story.to("Company Name").await.keys("<C-u>").await;
    story.paste(&"x".repeat(65));
    story
        .sees("✗ Company Name takes at")
        .sees("most 64 characters; one")
        .keys("<C-s>")
        .await
        .sees("✓ User saved: ");
    let record = company.user(CHRIS).await;
    assert_eq!(record.get(&user::COMPANY_NAME).map(str::len), Some(64));
}

#[tokio::test]
async fn a_required_field_left_empty_is_marked_and_gets_the_cursor() {
    let company = Company::demo().await;
    let mut story = editing(&company, CHRIS).await;
    story.to("Login").await.keys("<C-u>").await.to("Phone Number").await.keys("555 <C-s>").await;
    story.sees("✗Login").sees("✗ Login").shows("Phone Number", "555");
    story.keys("x@mail.com").await;
    story.shows("Login", "x@mail.com").keys("<C-s>").await.sees("✓ User saved: ");
}

#[tokio::test]
async fn a_login_that_is_taken_is_refused_at_its_field() {
    let company = Company::demo().await;
    let mut story = editing(&company, CHRIS).await;
    story.to("Login").await.keys("<C-u> MKOLEVA <C-s>").await.sees("✗Login").shows("Login", "MKOLEVA");
    story.keys("2 <C-s>").await.sees("✓ User saved: ");
    company.find(&user::USER, &user::LOGIN.def, "MKOLEVA2").await;
}

#[tokio::test]
async fn a_name_that_was_never_chosen_is_no_reference() {
    let company = Company::demo().await;
    let mut story = editing(&company, CHRIS).await;
    story.to("Person").await.types("Nobody At All").await.sees("Nothing found");
    story.keys("<C-s>").await.sees("“Nobody At All” is not chosen yet").sees("✗Person");
    story.shows("Person", "Nobody At All").keys("<C-u> <C-s>").await.sees_no("✗Person");
}

#[tokio::test]
async fn a_wrong_date_says_what_a_date_looks_like() {
    let company = Company::demo().await;
    let mut story = editing(&company, CHRIS).await;
    story
        .to("Lockout End Utc")
        .await
        .keys("soon <C-s>")
        .await
        .shows("✗Lockout End Utc", "soon")
        .sees("takes a");
    story.keys("<C-u>").await.types("2099-01-01 00:00Z").await.keys("<C-s>").await.sees("✓ User saved: ");
}

#[tokio::test]
async fn promise_13_a_save_over_a_newer_version_says_who_changed_what() {
    let company = Company::demo().await;
    let mut story = editing(&company, CHRIS).await;
    story.to("Phone Number").await.keys("555").await;
    company
        .meanwhile("dpetrov", CHRIS, |draft| draft.set(&user::COMPANY_NAME.def, Value::text("Den Ltd.")))
        .await;
    story.keys("<C-s>").await.sees("dpetrov has changed this record meanwhile: Company Name from");
    story.sees("“Offroad Monsters Den” to “Den").shows("Phone Number", "555").sees("editing");
    assert_eq!(phone(&company, CHRIS).await, "");

    story.keys("<F5>").await.sees("Read again; your changes are on top.");
    story.shows("Company Name", "Den Ltd.").shows("Phone Number", "555").sees_no("meanwhile");
    story.keys("<C-s>").await.sees("✓ User saved: ");
    assert_eq!(phone(&company, CHRIS).await, "555");
    assert_eq!(company.user(CHRIS).await.get(&user::COMPANY_NAME), Some("Den Ltd."));
}

#[tokio::test]
async fn create_new_cancelled_changes_nothing() {
    let company = Company::demo().await;
    let mut story = editing(&company, CHRIS).await;
    story.to("Person").await.keys("<C-n>").await.sees("/ New Person").to("City").await.keys("Leeds").await;
    story.keys("<Esc> d").await.sees("USER · editing").sees_no("changed, not saved").sees("✗ CC002");
    story.keys("<Esc>").await.sees_no("editing");
    // No number was taken: the next person is the first new one.
    story.opens(Screen::Navigator(&person::PERSON)).await.sees("PERSONS  27").sees_no("00126");
}

#[tokio::test]
async fn a_person_without_its_critical_fields_is_asked_about_first() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    let draft = ccdesk::domain::model::record::Draft::new(&person::PERSON);
    story.opens(Screen::Form(Opening::new(draft))).await.to("First Name").await.keys("Ada <C-s>").await;
    story.sees("Save anyway?").sees("Last Name").sees("Parent Party");
    story.keys("b").await.sees("PERSON · new").shows("First Name", "Ada");
    story.keys("<C-s>").await.keys("s").await.sees("✓ Person saved: ").sees_no("editing");
    company.find(&person::PERSON, &party::PARTY_CODE.def, "00126").await;
}

#[tokio::test]
async fn a_parent_that_is_its_own_child_is_refused() {
    let company = Company::demo().await;
    let id = company.find(&company::COMPANY, &party::PARTY_CODE.def, "00005").await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&company::COMPANY, id, true))).await;
    story.to("Parent Party").await.types("offroad").await.keys("<Enter> <C-s>").await;
    story.sees("✗").sees("editing").sees_no("Company saved");
}

#[tokio::test]
async fn a_save_asked_for_twice_is_made_once() {
    let company = Company::demo().await;
    let id = company.find(&user::USER, &user::LOGIN.def, CHRIS).await;
    let mut story = company.console().await;
    story
        .opens(Screen::Form(Opening::Record {
            entity: &user::USER,
            id,
            edit: true,
            at: None,
            filled: Vec::new(),
            repairs: true,
        }))
        .await;
    story.to("Phone Number").await.keys("555").await;
    story.keys_at_once("<F8> <F8>").settle().await.sees_no("editing").sees_no("meanwhile");
    assert_eq!(phone(&company, CHRIS).await, "555");
}

#[tokio::test]
async fn what_is_pasted_during_a_save_does_not_get_into_it() {
    let company = Company::demo().await;
    let mut story = editing(&company, CHRIS).await;
    story.to("Phone Number").await.keys("555").await;
    story.keys_at_once("<C-s>").paste("666");
    story
        .settle()
        .await
        .sees_no("666")
        .sees_no("saving…")
        .sees("Nothing was pasted; go to where text can be");
    assert_eq!(phone(&company, CHRIS).await, "555");
}

#[tokio::test]
async fn promise_32_a_save_whose_outcome_is_unknown_is_not_called_unsaved_and_never_made_twice() {
    let company = Company::demo().await;
    let (mut story, line) = Line::of(&company).await;
    let operation = OperationId(Uuid::from_u128(7));
    line.loses_answers(ServiceError::OutcomeUnknown(operation), |request| {
        matches!(request, BackOfficeRequest::Save(_))
    });
    story.keys("<C-p> users <Enter> / chris_ <Enter> e").await;
    story.to("Phone Number").await.keys("555 <C-s>").await;
    story
        .sees("The database did not confirm the save; look whether the change is there")
        .sees(&operation.to_string());
    story
        .sees("Whether it was saved is not known; what you typed is still here.")
        .shows("Phone Number", "555");
    line.works();
    story.keys("<C-s>").await.sees("✓ User saved: ").sees_no("broke");
    let user = company.user(CHRIS).await;
    assert_eq!((user.get(&user::PHONE_NUMBER), user.version), (Some("555"), 2));

    line.breaks(StorageError::NotCommitted, |request| matches!(request, BackOfficeRequest::Save(_)));
    story
        .keys("<F2> <C-u> 777 <C-s>")
        .await
        .sees("the database did not confirm the save; nothing was saved, try again");
    story.sees("Nothing was saved; what you typed is still here.");
    assert_eq!(phone(&company, CHRIS).await, "555");
}

#[tokio::test]
async fn promise_32_a_new_record_whose_first_save_was_unknown_can_be_changed_and_saved() {
    let company = Company::demo().await;
    let (mut story, line) = Line::of(&company).await;
    line.loses_answers(ServiceError::OutcomeUnknown(OperationId(Uuid::from_u128(7))), |request| {
        matches!(request, BackOfficeRequest::Save(_))
    });
    story.keys("<C-p> persons <Enter> <C-n>").await;
    story.to("First Name").await.types("Zoe").await.to("Last Name").await.types("Quay").await;
    story.keys("<C-s>").await.keys("s").await.sees("Whether it was saved is not known").sees_no("not saved");
    line.works();
    // What is typed now differs from what the first save has written.
    story
        .to("Last Name")
        .await
        .types("side")
        .await
        .keys("<C-s> s")
        .await
        .sees("has changed this record meanwhile");
    story.keys("<F5>").await.sees("Read again; your changes are on top.").sees_no("meanwhile");
    story
        .shows("Last Name", "Quayside")
        .keys("<C-s>")
        .await
        .keys("s")
        .await
        .sees("✓ Person saved: ")
        .sees("Zoe Quayside");
    story.keys("<Esc> / quay").await.sees("PERSONS  1 of");
}

#[tokio::test]
async fn what_could_not_be_read_is_no_longer_said_once_it_is_read() {
    let company = Company::demo().await;
    let (mut story, line) = Line::of(&company).await;
    story.keys("<C-p> users <Enter> / chris_ <Enter> <Enter>").await.sees("USER");
    line.breaks(StorageError::Unreachable, |request| matches!(request, BackOfficeRequest::LoadRecord(_)));
    story.keys("<F5>").await.sees("✗ the database server does not answer");
    line.works();
    story.keys("<F5> <F2>").await.sees_no("✗ the database server does not answer");
}

#[tokio::test]
async fn a_paste_that_goes_nowhere_is_said() {
    let company = Company::demo().await;
    let nowhere = "Nothing was pasted; go to where text can be typed";
    let mut story = company.console().await;
    story.paste("x").settle().await.sees(nowhere);
    story.opens(Screen::Navigator(&user::USER)).await.paste("x").settle().await.sees(nowhere);
    let mut story = editing(&company, CHRIS).await;
    story.to("Active").await.paste("x").settle().await.sees(nowhere);
    story.keys("<Tab>").await.sees_no(nowhere);
    story.keys("<C-g> c").await.sees("Customize form").paste("x").settle().await.sees(nowhere);
    story.keys("<Esc> <A-m>").await.paste("x").settle().await.sees(nowhere);
    story.keys("<Esc>").await.to("Phone Number").await.paste("555\n").settle().await.sees_no(nowhere);
    story.shows("Phone Number", "555");
}

//! Fields of each kind, and Customize form.

use ccdesk::domain::entities::{company, customer, party, user, web_site};
use ccdesk::domain::model::history::{HistoryAction, HistoryEntry, OperationId};
use ccdesk::domain::model::record::Fields;
use ccdesk::storage::history;
use ccdesk::tui::console::HostEffect;
use ccdesk::tui::layout_store::{LayoutStore, Layouts};
use ccdesk::tui::message::{Opening, Screen, Slot, When};
use uuid::Uuid;

use crate::StorySteps;
use crate::company::{CHRIS, Company, OPERATOR, SCREEN, Story};

#[tokio::test]
async fn the_pane_follows_what_is_typed_and_not_yet_saved() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.sees("· as saved ·").sees("✗ CC002").sees_no("user inactive");
    story.to("Active").await.keys("<Space>").await.sees("· before saving ·").sees("! user inactive");
    story.keys("<Space>").await.sees("· as saved ·").sees_no("user inactive");
}

#[tokio::test]
async fn the_codes_are_asked_for_after_a_pause_in_typing_and_never_by_moving() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Phone Number").await;
    story.asked.clear();
    story.keys("5 5 5 <BS>").await;
    assert_eq!(story.asked, [(Slot::Codes, When::AfterPause); 4]);
    story.asked.clear();
    story.keys("<Tab> <Tab> <S-Tab> <Down> <Up>").await;
    assert_eq!(story.asked, []);
    story.to("Active").await.keys("<Space>").await;
    assert_eq!(story.asked, [(Slot::Codes, When::AfterPause)]);
}

#[tokio::test]
async fn a_choice_is_typed_or_taken_from_the_list() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("User Type").await.keys("int <Enter>").await.shows("User Type", "Internal User");
    // It is required: there is no empty value to choose.
    story.keys("<F4>").await.sees("▸• Internal User").sees("Virtual User (No Login)").sees_no("(empty)");
    story
        .keys("<Down> <Down> <Enter>")
        .await
        .shows("User Type", "Virtual User")
        .sees("! type VIR cannot sign in");
    story.keys("<C-s>").await.sees("✓ User saved: ");
    assert_eq!(company.user(CHRIS).await.get(&user::USER_TYPE), Some(user::UserType::VirtualUserNoLogin));
}

#[tokio::test]
async fn an_amount_shows_at_once_how_it_was_understood_and_one_of_two_readings_is_asked_for() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&customer::CUSTOMER)).await.keys("e").await.to("Credit Limit").await;
    story.keys("<C-u> 1 , 2 5 0").await.sees("1,250 = 1250.00");
    story.keys("<C-u> 1 . 2 5 0 , 7 5").await.sees("1.250,75 = 1250.75");
    story.keys("<C-u> 1 . 2 5").await.sees("1.25").sees_no("=");
    story.keys("0 <Tab>").await.sees("be 1.25 or 1250.00");
    story.keys("<C-s>").await.sees("be 1.25 or 1250.00");
    story.keys("<C-u> 1 ’ 2 5 0 <C-s>").await.sees("✓ Customer saved: ").sees("1250.00");
}

#[tokio::test]
async fn text_of_several_lines_takes_enter() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Notes").await.keys("one <Enter> two <C-s>").await.sees("✓ User saved: ");
    assert_eq!(company.user(CHRIS).await.get(&user::NOTES), Some("one\ntwo"));
}

#[tokio::test]
async fn changing_the_email_clears_that_it_was_confirmed() {
    let company = Company::demo().await;
    let mut story = company.editing("hans.mueller@mueller-soehne.example").await;
    story.shows("Email Confirmed", "[x]").to("Email").await.keys("m").await.shows("Email Confirmed", "[ ]");
    story.sees("e-mail not confirmed").keys("<BS> <C-s>").await;
}

#[tokio::test]
async fn every_translation_of_a_name_survives_an_edit() {
    let company = Company::demo().await;
    let mut story = company.editing("elena.ivanova@uni-sofia.example").await;
    story.to("Name").await.keys("a <C-s>").await.sees("✓ User saved: ");
    let name = company.user("elena.ivanova@uni-sofia.example").await;
    let name = name.get(&user::NAME).expect("a name");
    assert_eq!((name.text("en"), name.text("bg")), ("Elena Ivanovaa", "Елена Иванова"));
}

#[tokio::test]
async fn broken_settings_open_with_the_cursor_on_the_error() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.keys("<C-o>").await.sees("cc-broken-settings");
    while !story.at_cursor().starts_with("cc-broken-settings") {
        story.keys("<Down>").await;
    }
    story.keys("<Enter>").await.sees("site cc-broken-settings");
    let id = company.find(&user::USER, &user::LOGIN.def, "chris.armstrong@mail.com").await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, false))).await.sees("✗ CC008");
    story.keys("<F8>").await.sees("WEB SITE").sees("CC008: ");
    assert_eq!(story.focused(), "Settings");
    // The brace behind a comma too many, in line 4.
    assert!(story.at_cursor().starts_with('}'), "{}\n{}", story.at_cursor(), story.screen());
}

#[tokio::test]
async fn settings_that_are_no_json_can_be_kept_and_are_judged_then() {
    let company = Company::demo().await;
    let id = company.find(&web_site::WEB_SITE, &web_site::RELATIVE_URL.def, "cc-closed").await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&web_site::WEB_SITE, id, true))).await;
    story.to("Settings").await.keys("<C-u> { <C-s>").await.sees("✗Settings").sees("shown CC008");
    story.keys("s").await.sees("✓ Web Site saved: ");
    story.keys("<C-o>").await;
    while !story.at_cursor().starts_with("cc-closed") {
        story.keys("<Down>").await;
    }
    story.keys("<Enter> <A-m> <End> <Enter>").await.sees("CC008    ayse.sahin");
}

#[tokio::test]
async fn customize_form_is_kept_and_reset() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let store = LayoutStore::new(directory.path().join("layouts.toml"));
    let keep = |story: &Story| {
        for host_effect in story.host_effects.clone() {
            if let HostEffect::KeepLayout { login, name, items } = host_effect {
                store.keep(&login, &name, items).expect("kept");
            }
        }
    };
    let company = Company::demo().await;
    let id = company.find(&company::COMPANY, &party::PARTY_CODE.def, "00005").await;
    let form = || Screen::Form(Opening::record(&company::COMPANY, id, false));

    let mut story = company.console().await;
    story.opens(form()).await.sees_no("CUSTOMERS").keys("<C-g> k <Space> <Enter>").await.sees("CUSTOMERS  0");
    keep(&story);

    let kept = store.load(OPERATOR).expect("readable");
    let mut later = company.console_of(OPERATOR, SCREEN, kept).await;
    later.opens(form()).await.sees("CUSTOMERS  0");
    later.keys("<C-g> k r <Enter>").await.sees_no("CUSTOMERS");
    keep(&later);

    let kept = store.load(OPERATOR).expect("readable");
    company.console_of(OPERATOR, SCREEN, kept).await.opens(form()).await.sees_no("CUSTOMERS");
    let mut others = company.console_of("dpetrov", SCREEN, Layouts::new()).await;
    others.sees("Димитър Петров");
}

#[tokio::test]
async fn a_field_is_hidden_and_moved() {
    let company = Company::demo().await;
    let id = company.find(&user::USER, &user::LOGIN.def, CHRIS).await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, false))).await.sees("Windows User Name");
    story.keys("<C-g> k <Home>").await;
    while !story.at_cursor().contains("Windows User Name") {
        story.keys("<Down>").await;
    }
    story.keys("<Space> <Enter>").await.sees_no("Windows User Name").sees("Voice Extension");
    story.keys("<C-g> k <Home> + <Enter>").await;
    let lines: Vec<String> = story.screen().lines().map(str::to_owned).collect();
    let at = |label: &str| lines.iter().position(|line| line.contains(label)).expect("shown");
    assert!(at(" Name    ") < at(" Login    "), "{}", story.screen());
}

#[tokio::test]
async fn a_problem_that_lives_in_a_hidden_panel_shows_it_by_itself() {
    let company = Company::demo().await;
    let id = company.find(&user::USER, &user::LOGIN.def, "stoyan.dimitrov@balkan-trade.example").await;
    let mut story = company.console().await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, false))).await;
    story.keys("<Tab> <Enter>").await.sees("PERSON").keys("<Tab> <Enter>").await.sees("COMPANY");
    story.sees("CUSTOMERS  ").sees("✗ empty");
}

#[tokio::test]
async fn history_says_who_changed_what() {
    let company = Company::demo().await;
    let mut story = company.editing(CHRIS).await;
    story.to("Phone Number").await.keys("555 <C-s>").await.sees("HISTORY");
    story.resize(120, 50);
    story
        .keys(&"<PageDown>".repeat(6))
        .await
        .sees("2026-07-01 09:00")
        .sees("mkoleva changed it (version 2)")
        .sees("empty → 555");
}

#[tokio::test]
async fn a_long_history_is_read_on_to_its_end() {
    let company = Company::demo().await;
    let chris = company.user(CHRIS).await;
    let entry = |version| HistoryEntry {
        operation: Some(OperationId(Uuid::from_u128(7))),
        at: "2026-07-01T09:00:00Z".parse().expect("a moment"),
        who: OPERATOR.to_owned(),
        action: HistoryAction::Changed,
        entity: &user::USER,
        record: chris.id,
        version,
        part: None,
        fields: Vec::new(),
        reason: None,
    };
    let entries: Vec<HistoryEntry> = (2..=230).map(entry).collect();
    let mut tx = company.db.begin().await.expect("a transaction");
    history::append(&mut tx, &entries).await.expect("the entries");
    tx.commit().await.expect("they stay");
    let mut conn = company.db.read().await.expect("a connection");
    let all = history::of_record(&mut conn, &user::USER, chris.id, None, 1000).await.expect("the history");
    let mut story = company.editing(CHRIS).await;
    story.to("HISTORY").await.sees("changed it (version 230)").sees_no("changes.");
    let end = format!("These are all {} changes.", all.entries.len());
    for _ in 0..300 {
        if story.screen().contains(&end) {
            story.sees("Two Factor Enabled: No");
            return;
        }
        story.keys("<Down>").await;
    }
    panic!("the end was never reached:\n{}", story.screen());
}

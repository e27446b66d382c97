//! Stories of a visitor, with scripted answers.

use std::sync::{Arc, Mutex};

use jiff::civil::date;
use uuid::Uuid;

use crate::domain::codes::{AccessRules, Place, Role};
use crate::domain::entities::external_access::{DAYS_BACK_ACCESS, EXTERNAL_ACCESS, ROLE};
use crate::domain::entities::user::EMAIL;
use crate::domain::model::query::{Key, Page, Row};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::domain::rules::Issue;
use crate::service::api::{Question, Reply, Request, VisitRequest, visit};
use crate::service::client_center::{Client, ClientCenter, FoundUser, Managing, Visitor};
use crate::service::{Conflict, ServiceError};
use crate::tui::console::Console;
use crate::tui::keyboard::Keyboard;
use crate::tui::message::Screen;
use crate::tui::runtime::Answer;
use crate::tui::screens;
use crate::tui::testing::{Harness, Script};
use crate::tui::theme::Theme;

/// The writes that the service was asked for.
type Asked = Arc<Mutex<Vec<(Managing, bool)>>>;

fn id(number: u128) -> RecordId {
    RecordId(Uuid::from_u128(number))
}

fn reference(number: u128, shown: &str) -> Reference {
    Reference { id: id(number), shown: shown.to_owned() }
}

fn client(role: Option<Role>, days_back: Option<i64>) -> Client {
    let customer = reference(28, "Olivia Green #00028");
    Client { customer, role, days_back, oldest: days_back.map(|_| date(2026, 6, 1)), valid_until: None }
}

fn visitor(clients: Vec<Client>) -> Visitor {
    let rules = AccessRules::ExternalAccess;
    Visitor {
        login: "admin@olivia-green.example".to_owned(),
        name: "Jacob Turner".to_owned(),
        language: "en".to_owned(),
        center: ClientCenter { site: reference(1, "cc26"), company: "Lagerta Ltd.".to_owned(), rules },
        client: clients.first().cloned(),
        clients,
    }
}

fn row(number: u128, user: &str, role: Role, days_back: Option<i64>) -> Row {
    let values = vec![
        Value::Ref(reference(100 + number, user)),
        Value::Code(role.code()),
        days_back.map_or(Value::Empty, Value::Int),
        Value::Empty,
        Value::Empty,
    ];
    let key = Key { values: Vec::new(), id: id(number) };
    Row {
        id: id(number),
        version: 1,
        values,
        key,
        entity: &EXTERNAL_ACCESS,
        access: None,
        is_off: false,
        request: None,
        repeated: 0,
        look_alike: false,
    }
}

fn rows() -> Vec<Row> {
    vec![
        row(1, "Catherine Carter <CC> [EXT]", Role::Billing, Some(1000)),
        row(2, "ERP.NET <aloe> [INT]", Role::Owner, None),
        row(3, "Liam Logan <LL> [EXT]", Role::OrdersWithPrices, Some(90)),
    ]
}

/// Finds the user of an e-mail: Chris can be added; Liam is there already; Old is switched off; nobody else has an
/// account.
fn find_user(email: &str, rows: &[Row]) -> Result<Reply, ServiceError> {
    let (shown, number, warnings) = match email {
        "chris@mail.example" => ("Chris Armstrong <chris.armstrong> [EXT]", 4, vec![]),
        "liam@mail.example" => ("Liam Logan <LL> [EXT]", 3, vec![]),
        "old@mail.example" => ("Old <old> [EXT]", 5, vec!["This user is switched off.".to_owned()]),
        _ => {
            let sentence = "No user was found with this email. Please check it.";
            return Err(ServiceError::Invalid(vec![Issue::at(&EMAIL.def, sentence)]));
        }
    };
    let access = rows.iter().find(|row| row.id == id(number)).map(|row| row.id);
    Ok(visit::FindUser::reply(FoundUser { shown: shown.to_owned(), access, warnings }))
}

fn manage(managing: &Managing, confirmed: bool, rows: &mut Vec<Row>) -> Result<Reply, ServiceError> {
    match managing {
        Managing::Add { email, .. } if email == "old@mail.example" && !confirmed => {
            let sentence = "This user is switched off and cannot sign in.";
            return Err(ServiceError::Invalid(vec![Issue::ask(&EMAIL.def, sentence)]));
        }
        Managing::Add { role, days_back, .. } => {
            rows.insert(1, row(4, "Chris Armstrong <chris.armstrong> [EXT]", *role, *days_back));
        }
        Managing::Change { days_back: Some(7), .. } => {
            let conflict = Conflict { login: Some("CC".to_owned()), at: None, fields: Vec::new() };
            rows[2] = Row { version: 2, ..row(3, "Liam Logan <LL> [EXT]", Role::Basic, Some(91)) };
            return Err(ServiceError::Conflict(Box::new(conflict)));
        }
        Managing::Change { days_back: Some(5000), .. } => {
            let sentence = "Not more days back than your own.";
            return Err(ServiceError::Invalid(vec![Issue::at(&DAYS_BACK_ACCESS.def, sentence)]));
        }
        Managing::Change { access, role, days_back, .. } => {
            let row = rows.iter_mut().find(|row| row.id == *access).expect("an access");
            row.values[1] = Value::Code(role.code());
            row.values[2] = days_back.map_or(Value::Empty, Value::Int);
            row.version += 1;
        }
        Managing::Remove { access, .. } if *access == id(2) => {
            return Err(ServiceError::Denied("An owner's access is never ended.".to_owned()));
        }
        Managing::Remove { access, .. } => rows.retain(|row| row.id != *access),
    }
    Ok(visit::ManageAccess::reply(()))
}

/// A console at this visitor's Home, on a screen of this size.
fn center(visitor: Visitor, (columns, lines): (u16, u16)) -> (Harness<impl Answer>, Asked) {
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    let visitor_updated = visitor.clone();
    let rows = Mutex::new(rows());
    let service = Script(move |request: Request| {
        let mut rows = rows.lock().unwrap();
        let Request::Visit(request) = request else { panic!("a visitor does not ask {request:?}") };
        match request {
            VisitRequest::Rows(_) => Ok(visit::Rows::reply(Page { rows: rows.clone(), ..Page::default() })),
            VisitRequest::FindUser(it) => find_user(&it.email, &rows),
            VisitRequest::ManageAccess(it) => {
                heard.lock().unwrap().push((it.change.clone(), it.confirmed));
                manage(&it.change, it.confirmed, &mut rows)
            }
            VisitRequest::Profile(_) => Ok(visit::Profile::reply(profile())),
            VisitRequest::CurrentVisitor(_) => {
                Ok(visit::CurrentVisitor::reply(Box::new(visitor_updated.clone())))
            }
            other => panic!("these screens do not ask {other:?}"),
        }
    });
    let mut console = Console::new(screens::open, Theme::plain(), "acme.db");
    console.set_now("2026-07-01T09:00:00Z".parse().unwrap());
    console.welcome(visitor);
    (Harness::new(console, Arc::new(service), columns, lines), asked)
}

fn profile() -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Party", "Olivia Green".to_owned()),
        ("Number", String::new()),
        ("Notes", "first line\nsecond \u{1b}[31mline".to_owned()),
    ];
    rows.extend((0..40).map(|number| ("Contact", format!("contact {number}"))));
    rows
}

fn admin() -> Visitor {
    visitor(vec![client(Some(Role::Admin), Some(2000)), client(Some(Role::Basic), None)])
}

/// A console in User Management of an Admin, reached from Home.
async fn managing(size: (u16, u16)) -> (Harness<impl Answer>, Asked) {
    let (mut story, asked) = center(admin(), size);
    story.keys("<Enter>").await;
    (story, asked)
}

fn asked_of(asked: &Asked) -> Vec<(Managing, bool)> {
    asked.lock().unwrap().clone()
}

fn adding(email: &str, role: Role, days_back: Option<i64>, notes: &str) -> Managing {
    Managing::Add { email: email.to_owned(), role, days_back, notes: notes.to_owned() }
}

fn changing(version: i64, role: Role, days_back: Option<i64>) -> Managing {
    Managing::Change { access: id(3), version, role, days_back, notes: String::new() }
}

#[tokio::test]
async fn the_frame_of_a_visitor_says_where_and_for_whom() {
    let (mut story, _) = managing((120, 40)).await;
    story.sees("Lagerta Ltd. - Client Center / User Management");
    story.sees("Olivia Green #00028 ▾  admin@olivia-green.example").sees_no("acme.db").sees_no("⌂");
    let one = visitor(vec![client(Some(Role::Basic), None)]);
    let (mut story, _) = center(one, (80, 24));
    story.sees("Lagerta Ltd. - Client Center").sees("Olivia Green #00028").sees_no("#00028 ▾");
}

#[tokio::test]
async fn the_menu_and_the_palette_have_the_places_that_are_open_and_no_others() {
    for (role, places) in [
        (Some(Role::Basic), &[Place::Home, Place::CustomerProfile][..]),
        (Some(Role::Billing), &[Place::Home, Place::CustomerProfile]),
        (Some(Role::Admin), &[Place::Home, Place::UserManagement, Place::CustomerProfile]),
        (Some(Role::Owner), &[Place::Home, Place::UserManagement, Place::CustomerProfile]),
        (None, &[Place::Home, Place::CustomerProfile]),
    ] {
        let (mut story, _) = center(visitor(vec![client(role, None)]), (120, 40));
        story.keys("m").await;
        let screen = story.screen();
        let menu = screen.lines().filter_map(|line| line.strip_prefix('│')).map(|line| &line[..20]);
        let menu: Vec<&str> = menu.map(str::trim).take_while(|line| !line.is_empty()).collect();
        assert_eq!(menu, places.iter().map(|place| place.label()).collect::<Vec<_>>(), "{role:?}");
        story.keys("<Esc> <C-p> go<Space>to<Space>").await;
        for place in Place::ALL {
            let is_offered = story.screen().contains(&format!("Go to {}", place.label()));
            assert_eq!(is_offered, places.contains(&place), "{role:?} {place:?}");
        }
    }
}

#[tokio::test]
async fn the_menu_goes_to_each_place_and_home_again() {
    let (mut story, _) = center(admin(), (80, 24));
    story.console.set_keyboard(Some(Keyboard::Russian));
    story.keys("m <End> <Enter>").await.sees("Client Center / Customer Profile");
    story.keys("ь <Up> <Enter>").await.sees("/ … / User Management").sees_no("/ Customer Profile");
    story.keys("m <Home> <Enter>").await.sees("WHAT IS OPEN TO YOU").sees_no("/ User Management");
    story.keys("<End> <Enter>").await.sees("/ Customer Profile").keys("<Esc>").await.sees("WHAT IS OPEN");
    story.keys("<C-p> profile <Enter>").await.sees("Client Center / Customer Profile");
}

#[tokio::test]
async fn home_says_what_the_role_opens_and_how_far_back() {
    let (mut story, _) = center(visitor(vec![client(Some(Role::OrdersWithPrices), Some(30))]), (80, 24));
    story.sees("Jacob Turner · admin@olivia-green.example").sees("Olivia Green #00028");
    story.sees("Orders with Prices · L30").sees("30 days back: since 2026-06-01");
    story.sees("✓ Prices, discounts and amounts     open in the Client Center");
    story.sees("– Invoices                          not open");
    story.sees("– User Management                   not open");
    story.keys("<Up> <Enter>").await.sees("This is not open to you.");
    story.keys("<Home> <Enter>").await.sees("You are here already.");
    story.keys("<Down> <Enter>").await.sees("This is in the Client Center, not in this console.");
    let (mut story, _) = center(visitor(vec![client(None, None)]), (80, 24));
    story.sees("none; this Client Center knows no roles").sees("unlimited").sees("✓ Invoices");
    story.sees("– User Management");
}

#[tokio::test]
async fn home_scrolls_where_there_is_little_room() {
    let (mut story, _) = center(admin(), (60, 16));
    story.sees("User Management").sees_no("– ").keys("<Home>").await.sees("✓ Home").sees("✓ Orders");
    story.keys("<End> <Enter>").await.sees("Customer Profile");
}

#[tokio::test]
async fn a_place_asked_for_before_a_customer_is_chosen_is_home() {
    let nobody = Visitor { client: None, ..admin() };
    let (mut story, _) = center(nobody, (80, 24));
    story.console.push(Screen::ClientPlace(Place::UserManagement));
    story.resize(80, 24).sees_no("Access Back");
}

#[tokio::test]
async fn the_profile_is_read_and_scrolled() {
    let (mut story, _) = center(admin(), (80, 24));
    story.keys("<End> <Enter>").await.sees("Party    Olivia Green").sees("Number").sees_no("contact 30");
    story.sees("Notes    first line").sees("         second ␛[31mline");
    story.keys("<End>").await.sees("contact 39").sees_no("Olivia Green\n");
    story.keys("<Home>").await.sees("Party    Olivia Green").keys("<F5>").await.sees("first line");
}

#[tokio::test]
async fn user_management_is_a_list_like_every_other() {
    let (mut story, _) = managing((120, 40)).await;
    story.sees("USER MANAGEMENT  3").sees("User").sees("Role").sees("Access Back (days)").sees("Notes");
    story.sees("Catherine Carter").sees("Orders with Prices").sees_no("Customer  ");
    story.sees("Add User  Edit  Remove  Reload").sees("Search User ").sees("Ctrl+N Add User");
    story.keys("/ <Tab> owner").await.keys("<Esc> <C-g> u").await.sees("USER MANAGEMENT  3");
}

#[tokio::test]
async fn a_user_is_added_by_e_mail_alone() {
    let (mut story, asked) = managing((120, 40)).await;
    story.keys("<C-n>").await.sees("ADD USER").sees("User Email").sees("follows from the e-mail");
    story.sees("L30 - Orders with Prices").sees("30 since 2026-06-01");
    story.types("chris@mail.example").await.sees("ADD USER · not saved");
    story.keys("<Enter>").await.sees("Chris Armstrong <chris.armstrong> [EXT]");
    story.keys("<C-s>").await.sees(" has access now.").sees_no("ADD USER").sees("USER MANAGEMENT  4");
    let added = adding("chris@mail.example", Role::OrdersWithPrices, Some(30), "");
    assert_eq!(asked_of(&asked), [(added, false)]);
    // The cursor stands on the new row.
    assert!(story.at_cursor().starts_with("Chris Armstrong"), "{}", story.screen());
}

#[tokio::test]
async fn keys_pressed_ahead_of_the_answers_are_kept() {
    let (mut story, asked) = managing((120, 40)).await;
    let keys = "<C-n> chris@mail.example <Enter> bil <Tab> <C-u> 90 <Tab> for<Space>Nimero <C-s>";
    story.keys_at_once(keys).settle().await.sees(" has access now.");
    let added = adding("chris@mail.example", Role::Billing, Some(90), "for Nimero");
    assert_eq!(asked_of(&asked), [(added, false)]);
}

#[tokio::test]
async fn what_was_added_is_listed_also_when_the_next_one_is_begun_at_once() {
    let (mut story, _) = managing((120, 40)).await;
    story.keys("<C-n> chris@mail.example <Enter>").await.keys_at_once("<C-s>");
    // The save is answered; whose the new access is, not yet.
    assert!(story.is_answered().await);
    story.keys_at_once("<C-n> li <Esc> d").settle().await.sees("USER MANAGEMENT  4");
    // An e-mail that is given up brings nobody to the front.
    story.keys("<Home>").await.keys_at_once("<C-n> liam@mail.example <Esc> d").settle().await;
    assert!(story.at_cursor().starts_with("Catherine"), "{}", story.screen());
}

#[tokio::test]
async fn promise_33_what_is_removed_is_the_row_that_stands_in_front_once_it_has_come() {
    let (mut slow, _) = managing((120, 40)).await;
    slow.keys("s <Del>").await.sees("End the access of");
    let (mut story, asked) = managing((120, 40)).await;
    story.keys_at_once("s <Del>").sees_no("End the access").settle().await;
    assert_eq!(story.screen(), slow.screen());
    assert_eq!(asked_of(&asked), []);
}

#[tokio::test]
async fn nobody_is_offered_more_than_they_have() {
    let own = client(Some(Role::Admin), Some(14));
    let (mut story, _) = center(visitor(vec![own]), (120, 40));
    story.keys("<Enter> <C-n>").await.sees("14 since 2026-06-17");
    story.keys("<Tab> <F4>").await.sees("L10  Basic").sees("L80  Admin").sees_no("L90");
    story.keys("<Up> <Up> <Enter>").await.sees("L10 - Basic").sees_no("L80");
}

#[tokio::test]
async fn an_unknown_e_mail_is_said_at_the_field_and_nothing_is_lost() {
    let (mut story, asked) = managing((80, 24)).await;
    story.keys("<C-n>").await.paste("who@mail.examp").keys("le <Tab>").await;
    story.sees("✗ No user was found with this email.").sees("  follows from the e-mail");
    // The cursor came back to the e-mail; but nobody is kept there.
    story.keys("<BS> e <Tab> <BS> <Tab> <Tab> <Tab> <C-u> 90").await;
    story.sees("who@mail.exampl").sees("since 2026-04-02");
    story.keys("<C-s>").await.sees("✗ No user was found");
    assert_eq!(asked_of(&asked), []);
    // A save that finds nobody goes there too.
    story.keys("<C-u> <C-s>").await.sees("✗ Type the e-mail of the user to add.");
    story.types(" chris@mail.example ").await.keys("<C-s>").await.sees(" has access now.");
    assert_eq!(
        asked_of(&asked),
        [(adding("chris@mail.example", Role::OrdersWithPrices, Some(90), ""), false)]
    );
}

#[tokio::test]
async fn somebody_who_is_there_already_is_edited_instead() {
    let (mut story, asked) = managing((120, 40)).await;
    story.keys("<C-n> liam@mail.example <C-s>").await;
    story.sees("Liam Logan <LL> [EXT] has access already. Edit that one instead?");
    story.keys("<Esc>").await.sees("ADD USER").sees("liam@mail.example");
    story.keys("<Tab>").await.keys("<S-Tab>").await.keys("<BS> e <Tab> e").await;
    story.sees("EDIT ACCESS").sees("90 since 2026-04-02").sees_no("User Email");
    assert_eq!(asked_of(&asked), []);
}

#[tokio::test]
async fn a_user_who_is_switched_off_is_asked_about() {
    let (mut story, asked) = managing((120, 40)).await;
    story.keys("<C-n> old@mail.example <Tab>").await.sees("! This user is switched off.");
    story.keys("<C-s>").await.sees("Save anyway?").sees("cannot sign in");
    story.keys("<Esc>").await.sees("ADD USER").keys("<C-s> s").await.sees(" has access now.");
    let added = adding("old@mail.example", Role::OrdersWithPrices, Some(30), "");
    assert_eq!(asked_of(&asked), [(added.clone(), false), (added.clone(), false), (added, true)]);
}

#[tokio::test]
async fn an_access_is_changed_and_an_empty_number_is_unlimited() {
    let (mut story, asked) = managing((120, 40)).await;
    story.console.set_keyboard(Some(Keyboard::Russian));
    // `у` is on the key of `e`, `ы` on that of `s`.
    story.keys("<End> у").await.sees("EDIT ACCESS").sees("Liam Logan <LL> [EXT]");
    story.keys("<Tab> <C-u>").await.sees("unlimited").sees("EDIT ACCESS · not saved").sees("*Days Back");
    story.keys("<S-Tab> bil <Tab> <C-ы>").await.sees(" was saved.").sees_no("EDIT ACCESS");
    assert_eq!(asked_of(&asked), [(changing(1, Role::Billing, None), false)]);
    assert!(story.at_cursor().starts_with("Liam Logan"), "{}", story.screen());
    story.keys("<F2> <C-s>").await.sees("There is nothing to save.").sees_no("EDIT ACCESS");
}

#[tokio::test]
async fn bad_days_are_said_at_the_field_and_are_not_sent() {
    for size in [(60, 16), (80, 24), (120, 40)] {
        for bad in ["-1", "3.5", "9999999999", "letters", "36501"] {
            let (mut story, asked) = managing(size).await;
            story.keys("<End> <Enter> <Tab> <C-u>").await.types(bad).await.sees(bad);
            let screen = story.screen();
            let field = screen.lines().find(|line| line.contains("Days Back Access")).expect("the field");
            assert!(!field.contains("since"), "{field}");
            story.keys("<Tab> <C-s>").await.sees("✗ Days Back Access takes").sees(bad);
            assert!(story.at_cursor().starts_with(' '), "{bad}: {}", story.screen());
            assert_eq!(asked_of(&asked), []);
            story.keys("<C-u> 36500 <C-s>").await.sees(" was saved.");
        }
    }
}

#[tokio::test]
async fn what_the_service_refuses_is_said_at_its_field() {
    let (mut story, _) = managing((120, 40)).await;
    story.keys("<End> <Enter> <Tab> <C-u> 5000 <C-s>").await;
    story.sees("✗ Not more days back than your own.").sees("EDIT ACCESS · not saved");
    story.keys("<C-u> 7 <C-s>").await.sees("✗ CC has changed this record meanwhile");
    story.sees("Nothing was saved; what you typed is still here.");
    // Reload puts what was typed on top of theirs.
    story.keys("<F5>").await.sees("L10 - Basic").sees("7 since").sees_no("meanwhile");
    story.keys("<C-u> 8 <C-s>").await.sees(" was saved.");
}

#[tokio::test]
async fn what_was_typed_is_not_left_behind_without_a_question() {
    let (mut story, asked) = managing((80, 24)).await;
    story.keys("<C-n> <Esc>").await.sees_no("ADD USER");
    story.keys("<C-n> x <Esc>").await.sees("Add User has changes that are not saved.");
    story.keys("<Esc>").await.sees("ADD USER").keys("<A-m> <Home> <Enter>").await.sees("not saved");
    story.keys("c <Esc> d").await.sees_no("ADD USER").sees("USER MANAGEMENT  3");
    assert_eq!(asked_of(&asked), []);
}

#[tokio::test]
async fn notes_take_4000_characters_in_lines() {
    let (mut story, _) = managing((80, 24)).await;
    story.keys("<End> <Enter> <Tab> <Tab> one <Enter> two").await.sees("one").sees("two");
    story.paste(&"x".repeat(4046)).keys("<Tab>").await;
    story.sees("✗ Notes takes at most 4000 characters; 53 were left out.");
}

#[tokio::test]
async fn an_access_is_ended_only_when_that_was_meant() {
    let (mut story, asked) = managing((80, 24)).await;
    story.keys("<Del>").await.sees("End the access of Catherine Carter <CC> [EXT]?");
    story.sees("This only ends the access; the user stays.");
    story.keys("<Enter>").await.sees("USER MANAGEMENT  3");
    assert_eq!(asked_of(&asked), []);
    story.keys("<Del> e").await.sees(" was ended; the user stays.").sees("USER MANAGEMENT  2");
    assert_eq!(asked_of(&asked), [(Managing::Remove { access: id(1), version: 1 }, false)]);
}

#[tokio::test]
async fn somebody_above_ones_own_role_cannot_be_touched() {
    let (mut story, asked) = managing((80, 24)).await;
    for keys in ["<Down> e", "<Del>", "<Enter>", "<F2>"] {
        story.keys(keys).await.sees("This role is above your own.").sees("(Edit)  (Remove)");
    }
    assert_eq!(asked_of(&asked), []);
    let (mut story, _) = center(visitor(vec![client(Some(Role::Owner), None)]), (80, 24));
    story.keys("<Enter> <Down> <Del> e").await.sees("✗ An owner's access is never ended.");
    story.keys("e").await.sees("L90 - Owner").keys("<F1>").await.sees(ROLE.def.help);
}

#[tokio::test]
async fn one_write_at_a_time_and_each_is_answered() {
    let (mut story, asked) = managing((120, 40)).await;
    story.keys_at_once("<Del> e <Down> <Del> e <C-n> liam").settle().await;
    story.sees("USER MANAGEMENT  1").sees("ADD USER · not saved").sees("liam");
    let removed = [id(1), id(3)].map(|access| (Managing::Remove { access, version: 1 }, false));
    assert_eq!(asked_of(&asked), removed);
}

#[tokio::test]
async fn promise_33_what_was_typed_behind_an_e_mail_that_is_wrong_is_dropped_and_that_is_said() {
    let (mut story, _) = managing((120, 40)).await;
    story.keys_at_once("<C-n> who@nowhere.example <Tab> <F4> <Down>").settle().await;
    story.sees("✗ No user was found").sees("What was typed ahead was dropped: 2 keys.");
    story.keys("x").await.sees("who@nowhere.examplex");
}

#[tokio::test]
async fn a_letter_with_control_or_alt_chooses_nothing() {
    let (mut story, _) = managing((120, 40)).await;
    story
        .keys("<Down> <Down> e <C-a> <A-o> <C-b>")
        .await
        .sees("L30 - Orders with Prices")
        .sees_no("not saved");
    story.keys("bil <Enter>").await.sees("L40 - Billing").sees("not saved");
}

#[tokio::test]
async fn promise_33_a_save_in_one_burst_is_a_save_and_what_follows_goes_to_what_it_leaves() {
    let (mut story, asked) = managing((120, 40)).await;
    story.keys_at_once("<C-n> chris@mail.example <C-s> <C-n> li").settle().await;
    story.sees("USER MANAGEMENT  4").sees("ADD USER · not saved").sees("li");
    assert_eq!(asked_of(&asked).len(), 1);
    story.keys("<Esc> d").await.sees_no("ADD USER").sees("USER MANAGEMENT  4");
}

//! Stories of the frame: layers, breadcrumb, overlays, menu, keys, and a screen that is too small.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::*;
use crate::domain::entities::user::USER;
use crate::domain::model::query::ListQuery;
use crate::domain::model::record::{Draft, FieldMap, Origin, Record};
use uuid::Uuid;

use crate::domain::model::value::{RecordId, Reference};
use crate::service::api::{BackOfficeRequest, back_office};
use crate::service::back_office::SignedIn;
use crate::tui::command::{Action, Command};
use crate::tui::component::DrawCx;
use crate::tui::runtime::Answer;
use crate::tui::screens;
use crate::tui::testing::{Harness, Script, parse_keys};
use crate::tui::widgets::text::draw_text;
use crate::tui::widgets::text_box::TextBox;

/// A place that shows the events it receives. A list opens a sheet with Edit; a sheet takes text and then has
/// changes.
struct Paper {
    name: &'static str,
    sheet: Option<TextBox>,
    received: Vec<String>,
}

impl Component for Paper {
    fn title(&self) -> String {
        self.name.to_owned()
    }

    fn takes_text(&self) -> bool {
        self.sheet.is_some()
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Edit).ribbon().only_if(self.sheet.is_none(), "It is edited already."));
        out.push(Command::of(Action::SaveAndReload).ribbon());
        out.push(Command::of(Action::SaveAndClose));
        out.push(Command::of(Action::Copy));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        let sheet = self.sheet.as_mut();
        match event {
            Event::Command(Action::Edit) => cx.push(Effect::Push(Screen::Pick(ListQuery::all(&USER)))),
            Event::Command(Action::SaveAndReload) => {
                let question = back_office::Save { draft: Draft::new(&USER), confirmed: false, reason: None };
                cx.ask(Slot::Write, question, |paper: &mut Self, _, _| {
                    paper.received.push("answer to Write".to_owned());
                });
            }
            Event::Command(Action::SaveAndClose) => cx.push(Effect::Pop(Outcome::Answer(7))),
            Event::Command(Action::Copy) => {
                cx.push(Effect::Copy("a\u{1b}b".to_owned(), Value::text("a")));
                self.received.push(format!("copied before: {:?}", cx.copied));
            }
            Event::Key(key) => drop(sheet.map(|typed| typed.key(&key))),
            Event::Paste(text) => drop(sheet.map(|typed| typed.paste(&text))),
            Event::Returned(outcome) => self.received.push(format!("returned: {outcome:?}")),
            Event::Command(_) | Event::VisitorChanged => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        for (y, line) in (area.top() + 1..area.bottom()).zip(&self.received) {
            draw_text(frame.buffer_mut(), area.x, y, area.width, line, cx.theme.value);
        }
        if let Some(typed) = &mut self.sheet {
            let cursor = typed.draw(frame.buffer_mut(), Rect { height: 1, ..area }, cx.theme.input);
            frame.set_cursor_position(cursor);
        }
    }

    fn has_changes(&self) -> bool {
        self.sheet.as_ref().is_some_and(|typed| !typed.is_empty())
    }
}

/// Opens lists and forms as papers, and every other screen as itself.
fn open(screen: Screen, cx: &mut Cx<'_>) -> Box<dyn Component> {
    let paper = |name, sheet| Box::new(Paper { name, sheet, received: Vec::new() });
    match screen {
        Screen::Navigator(entity) => paper(entity.plural, None),
        Screen::Pick(_) => paper("Sheet", Some(TextBox::default())),
        other => screens::open(other, cx),
    }
}

fn who() -> SignedIn {
    let company = Reference { id: RecordId(Uuid::from_u128(2)), shown: "KK Ltd.".to_owned() };
    let site = Reference { id: RecordId(Uuid::from_u128(3)), shown: "cc".to_owned() };
    SignedIn {
        operator: RecordId(Uuid::nil()),
        login: "mkoleva".to_owned(),
        name: "Maria Koleva".to_owned(),
        language: "en".to_owned(),
        is_admin: true,
        enterprise_company: Some(company),
        site: Some(site),
    }
}

fn saved() -> Reply {
    let id = RecordId(Uuid::from_u128(1));
    let (values, origin) = (FieldMap::new(), Origin::default());
    back_office::Save::reply(Arc::new(Record { entity: &USER, id, version: 1, values, origin }))
}

fn sites() -> Reply {
    let site = |number, shown: &str, company: &str| SiteChoice {
        site: Reference { id: RecordId(Uuid::from_u128(number)), shown: shown.to_owned() },
        enterprise_company: Some(Reference { id: RecordId(Uuid::from_u128(9)), shown: company.to_owned() }),
        active: true,
    };
    back_office::Sites::reply(vec![site(3, "cc", "KK Ltd."), site(4, "shop", "Bikes Ltd.")])
}

fn answer(request: &Request) -> Result<Reply, ServiceError> {
    match request {
        Request::BackOffice(BackOfficeRequest::Sites(_)) => Ok(sites()),
        Request::BackOffice(BackOfficeRequest::Save(_)) => Ok(saved()),
        _ => Err(ServiceError::NotFound),
    }
}

/// A console at Home, on a screen of this size.
fn back_office(columns: u16, lines: u16) -> Harness<impl Answer> {
    let mut console = Console::new(open, Theme::plain(), "acme.db");
    console.sign_in(who());
    Harness::new(console, Arc::new(Script(|request: Request| answer(&request))), columns, lines)
}

/// A console in the list of users, reached through the menu.
async fn at_users(columns: u16, lines: u16) -> Harness<impl Answer> {
    let mut back_office = back_office(columns, lines);
    back_office.keys("m <End> <Enter>").await;
    back_office
}

/// The ticket of the newest write, which is not answered yet.
fn newest_write<A: Answer>(back_office: &Harness<A>) -> Ticket {
    let newest = &back_office.console.newest;
    let (&(layer, slot), &serial) = newest.iter().find(|((_, slot), _)| *slot == Slot::Write).unwrap();
    Ticket { layer, slot, serial }
}

#[tokio::test]
async fn the_frame_says_where_one_is_and_what_works() {
    let mut back_office = at_users(120, 40).await;
    back_office.sees("⌂ / Setup / Security / Users").sees("KK Ltd. ▾  site cc ▾  mkoleva  acme.db");
    back_office.sees("┌ Menu ──").sees("  Security").sees("Edit  Save and reload");
    back_office.sees(" Ctrl+S Save  F2 Edit").sees("Esc Back  F1 Help  Ctrl+G Menu  Ctrl+P Commands");
}

#[tokio::test]
async fn every_level_of_the_breadcrumb_can_be_gone_back_to() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("<A-b>").await.sees("Go back to").sees("3 Security");
    back_office.keys("3").await.sees("⌂ / Setup / Security").sees_no("/ Users").sees("User logins.");
    // Nobody has been to the level of Setup.
    back_office.keys("<Esc>").await.sees("Signed in as Maria Koleva");
    // At the first level Esc has nothing to go back to, and the footer does not promise it.
    back_office.keys("<Esc>").await.sees("Signed in as Maria Koleva").sees_no("Esc");
}

#[tokio::test]
async fn cards_open_what_they_name() {
    let mut back_office = back_office(80, 24);
    back_office.keys("<Enter>").await.sees("⌂ / Setup / Security / Users");
    back_office.keys("<Esc> <Enter>").await.sees("⌂ / Setup / Security / Users");
    let mut back_office = self::back_office(80, 24);
    back_office.keys("<End> <Enter>").await.sees("/ Security / Rejection Reasons");
}

#[tokio::test]
async fn the_menu_can_be_hidden_and_drops_over_a_narrow_screen() {
    let mut back_office = back_office(120, 40);
    back_office.sees("┌ Menu");
    back_office.keys("<C-b>").await.sees_no("┌ Menu");
    back_office.keys("m").await.sees("┌ Menu");
    back_office.keys("<Esc>").await.sees_no("┌ Menu");
    back_office.resize(80, 24).keys("<A-m>").await.sees("┌ Menu");
    assert!(back_office.at_cursor().starts_with("CRM"), "{}", back_office.screen());
}

#[tokio::test]
async fn a_disabled_command_says_why_and_a_command_in_a_text_is_text() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("e").await.sees("/ Sheet");
    back_office.keys("e ? : m <F2>").await.sees("e?:m").sees("It is edited already.").sees("(Edit)");
}

#[tokio::test]
async fn commands_answer_to_the_same_keys_under_a_cyrillic_layout() {
    let mut back_office = at_users(80, 24).await;
    back_office.console.set_keyboard(Some(Keyboard::Russian));
    back_office.keys("<C-з>").await.sees("type to find");
    back_office.keys("<Esc> <C-п> у").await.sees("/ Sheet");
    // In a text a letter is text.
    back_office.keys("у").await.sees("│у");
}

#[tokio::test]
async fn until_the_keyboard_is_known_a_cyrillic_letter_does_nothing_but_ask() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("у").await.sees("┌ Keyboard").sees("1 Bulgarian (BDS): у is the key W");
    back_office.sees("4 Russian: у is the key E").sees_no("Greek").sees_no("/ Sheet");
    // In the question too, which is asked once.
    back_office.keys("у у").await.sees("┌ Keyboard").keys("<Esc>").await.sees_no("┌ Keyboard");
    back_office.keys("у 4").await.sees("✓ Commands answer to the keyboard Russian now").sees_no("/ Sheet");
    assert_eq!(back_office.host_effects.last(), Some(&HostEffect::KeepKeyboard(Keyboard::Russian)));
    back_office.keys("у").await.sees("/ Sheet").keys("<Esc>").await;
    // A letter that is not on this keyboard asks again; one that is on none is said to be no command.
    back_office
        .keys("ј")
        .await
        .sees("Serbian (Cyrillic): ј is the key J")
        .sees_no("Russian")
        .keys("<Esc>")
        .await;
    back_office.keys("ѣ").await.sees("ѣ is no command; nothing was done.").sees_no("┌ Keyboard");
    back_office.keys("<C-g> K").await.sees("to Russian.").keys("8").await.sees("the keyboard Greek now");
}

#[tokio::test]
async fn under_every_keyboard_a_command_answers_to_its_key_and_to_no_other() {
    let mut back_office = at_users(80, 24).await;
    for keyboard in Keyboard::ALL {
        back_office.console.set_keyboard(Some(keyboard));
        for letter in '\u{370}'..='\u{52f}' {
            let given = |typed: char, modifiers| {
                back_office.console.action_of(&KeyEvent::new(KeyCode::Char(typed), modifiers))
            };
            for modifiers in [KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT] {
                let own = keyboard.latin(letter).and_then(|key| given(key, modifiers));
                assert_eq!(given(letter, modifiers), own, "{keyboard:?}: {modifiers} {letter}");
            }
        }
    }
}

#[tokio::test]
async fn a_letter_with_ctrl_or_alt_is_not_the_letter() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("<C-g>").await.sees("e Edit");
    back_office.keys("<A-e> <C-e> <C-A-e>").await.sees("e Edit").keys("e").await.sees("/ Sheet");
}

#[tokio::test]
async fn the_whole_screen_is_sent_again_wherever_one_is() {
    let mut back_office = at_users(80, 24).await;
    for keys in ["<C-l>", "<C-g> <C-l>", "<Esc> e <C-l>"] {
        back_office.host_effects.clear();
        back_office.keys(keys).await;
        assert_eq!(back_office.host_effects, [HostEffect::Repaint], "{keys}");
    }
    back_office.resize(40, 10).keys("<C-l>").await;
    assert_eq!(back_office.host_effects.last(), Some(&HostEffect::Repaint));
}

#[tokio::test]
async fn the_menu_of_what_is_focused_gives_commands_by_letter_and_by_enter() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("<C-g>").await.sees("e Edit").sees("w Save and reload").sees("Ctrl+S");
    back_office.keys("e").await.sees("/ Sheet");
    back_office.keys("<F10>").await.sees("It is edited already.");
    back_office.keys("<Down> <Enter>").await.sees("returned: Answer(7)");
}

#[tokio::test]
async fn the_palette_finds_commands_by_any_part_of_their_names() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("<C-p>").await;
    back_office.types("MENU hide").await.sees("Show or hide menu").sees_no("Ctrl+S");
    back_office.keys("<Esc>").await.sees_no("type to find");
    back_office.keys("<C-p>").await;
    back_office.types("edit").await;
    back_office.keys("<Enter>").await.sees("/ Sheet");
    back_office.keys("<C-p>").await;
    back_office.types("edit").await.keys("<Enter>").await.sees("It is edited already.").sees("type to find");
}

#[tokio::test]
async fn help_lists_the_keys_that_work_here() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("<F1>").await.sees("F2  e  Ctrl+G e").sees("Ctrl+Q");
    back_office.keys("<Esc>").await.sees_no("Ctrl+G e");
}

#[tokio::test]
async fn changes_are_not_left_behind_without_a_question() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("e abc <Esc>").await.sees("Sheet has changes that are not saved.");
    // Esc is the safe answer.
    back_office.keys("<Esc>").await.sees_no("not saved").sees("abc");
    for leaving in ["<C-q>", "<A-b>1", "<A-m><Enter>"] {
        back_office.keys(leaving).await.sees("not saved");
        back_office.keys("c").await.sees("abc");
    }
    back_office.keys("<C-c>").await.sees("Ctrl+Q leaves the program.").sees("abc");
    back_office.keys("<Esc> d").await.sees_no("/ Sheet").sees("returned: Cancelled");
    assert!(!back_office.host_effects.contains(&HostEffect::Quit));
    back_office.keys("<C-q>").await;
    assert_eq!(back_office.host_effects.last(), Some(&HostEffect::Quit));
}

#[tokio::test]
async fn what_lies_below_a_write_reads_again_when_it_is_in_front() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("e <C-s>").await.sees("answer to Write");
    back_office.keys("<Esc>").await.sees("returned: Written").sees_no("Cancelled");
    // Another outcome is delivered besides, and once.
    back_office.keys("e <C-s> <C-g> x").await.sees("returned: Answer(7)");
    assert_eq!(back_office.screen().matches("returned: Written").count(), 2);
    back_office.keys("e <Esc>").await.sees("returned: Cancelled");
}

#[tokio::test]
async fn an_answer_that_is_not_the_newest_is_dropped() {
    let mut back_office = at_users(80, 24).await;
    let older = newest_write(back_office.keys_at_once("<C-s>"));
    let newest = newest_write(back_office.keys_at_once("<C-s>"));
    assert!(older.serial < newest.serial);
    back_office.console.reply(older, Err(ServiceError::NotFound));
    back_office.resize(81, 24).sees_no("answer to").sees_no("not there any more");
    back_office.console.reply(newest, Err(ServiceError::NotFound));
    back_office.resize(80, 24).sees("answer to Write");
    // What the service itself answers to both comes too late by now.
    back_office.settle().await;
    assert_eq!(back_office.screen().matches("answer to Write").count(), 1);
}

#[tokio::test]
async fn a_write_that_fails_after_its_form_was_closed_is_still_said() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("e").await.keys_at_once("<C-s> <Esc>");
    let write = newest_write(&back_office);
    back_office.console.reply(write, Err(ServiceError::NotFound));
    back_office.resize(81, 24).sees("This record is not there any more");
}

#[tokio::test]
async fn what_is_being_saved_is_not_called_discarded() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("e abc").await.keys_at_once("<C-s> <Esc>");
    let write = newest_write(&back_office);
    back_office.sees("Sheet is being saved; leaving does not stop that.").sees_no("Discard").sees("Leave");
    back_office.keys_at_once("l").sees_no("/ Sheet");
    back_office.console.reply(write, Ok(saved()));
    back_office.resize(81, 24).sees("✓ What was being saved when you left is saved.");
}

#[tokio::test]
async fn another_site_is_chosen_from_the_list_of_sites() {
    let mut back_office = at_users(100, 30).await;
    back_office.keys("<C-o>").await.sees("shop  Bikes Ltd.");
    back_office.keys("<Down> <Enter>").await.sees("Bikes Ltd. ▾  site shop ▾").sees("returned: Written");
}

#[tokio::test]
async fn what_is_copied_is_clean_on_the_clipboard_and_whole_for_pasting_here() {
    let mut back_office = at_users(80, 24).await;
    back_office.keys("<C-A-c> <C-A-c>").await;
    assert_eq!(back_office.host_effects.last(), Some(&HostEffect::Copy("a␛b".to_owned())));
    back_office.sees("copied before: None").sees("copied before: Some((");
}

#[tokio::test]
async fn a_screen_too_small_loses_nothing_and_acts_on_nothing_unseen() {
    let mut back_office = at_users(60, 16).await;
    back_office.keys("e abc").await.sees("abc");
    back_office.resize(59, 15).sees("ccdesk needs 60x16 characters; here are 59x15.");
    back_office.keys("xyz <Esc>").await.paste("no").sees("ccdesk needs");
    back_office.resize(60, 16).sees("abc").sees_no("abcx").sees_no("no");
}

#[tokio::test]
async fn a_screen_too_small_says_the_question_that_waits() {
    let mut back_office = at_users(60, 16).await;
    back_office.keys("e abc <Esc>").await.sees("Discard changes").resize(59, 15);
    back_office.sees_no("Discard").sees("A question waits for a larger window: Sheet has");
    back_office
        .keys("d <Enter>")
        .await
        .resize(60, 16)
        .sees("Discard changes")
        .keys("<Esc>")
        .await
        .sees("abc");
    back_office.resize(40, 8).sees_no("A question waits");
    // The lock covers it.
    back_office.resize(60, 16).keys("<Esc>").await;
    back_office.console.lock("Nobody has touched a key.".to_owned());
    back_office.resize(40, 8).sees_no("A question waits");
}

#[tokio::test]
async fn promise_17_a_storm_of_sizes_is_survived() {
    let mut back_office = at_users(120, 40).await;
    back_office.keys("<C-g>").await;
    for columns in (0..200).step_by(3) {
        for lines in (0..60).step_by(7) {
            back_office.resize(columns, lines);
        }
    }
    back_office.resize(120, 40).sees("e Edit");
}

#[tokio::test]
async fn a_paste_is_text_and_a_million_characters_are_no_trouble() {
    let mut back_office = at_users(80, 24).await;
    back_office.paste("e").sees_no("/ Sheet");
    back_office.keys("e").await.paste(&"<Esc>\u{1b}q\n".repeat(1 << 17)).sees("/ Sheet");
}

#[tokio::test]
async fn messages_stay_readable() {
    let mut back_office = at_users(80, 24).await;
    back_office
        .console
        .notify(Notice { tone: Tone::Bad, text: "The database is \u{1b}[31mlocked.".to_owned() });
    back_office.resize(80, 24).sees("✗ The database is ␛[31mlocked.");
    back_office.keys("<F5>").await.sees_no("locked");
    back_office.keys("<C-g> M").await.sees("✗ 1970-01-01 00:00Z  The database is ␛[31mlocked.");
    for number in 0..300 {
        back_office.console.notify(Notice { tone: Tone::Plain, text: number.to_string() });
    }
    assert_eq!(back_office.console.log.len(), LOG);
}

#[test]
fn nothing_is_to_be_drawn_when_nothing_happened() {
    let mut console = Console::new(open, Theme::plain(), "acme.db");
    console.sign_in(who());
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| console.draw(frame)).unwrap();
    assert!(!console.is_dirty());
    console.handle_input(Input::FocusGained);
    console.show_waiting(false);
    assert!(!console.is_dirty());
    console.handle_input(Input::Key(parse_keys("<Down>")[0]));
    assert!(console.is_dirty());
}

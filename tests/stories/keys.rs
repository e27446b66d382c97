//! Keys: every key shown works, every function key has a twin, help has an answer, and idle means idle.

use std::collections::HashSet;

use ccdesk::domain::codes::Code;
use ccdesk::domain::entities::{all, user};
use ccdesk::tui::command::{Action, Command};
use ccdesk::tui::layout_store::Layouts;
use ccdesk::tui::message::{HelpTopic, Opening, Screen};
use ccdesk::tui::testing::parse_keys;
use crossterm::event::Event as Input;

use crate::StorySteps;
use crate::company::{CHRIS, Company, OPERATOR, SCREEN, Story};
use crate::places::{PLACES, Place, assert_each_component_is_seen, on_two_threads};

/// Small, to be quick, but with room for the menu as on the widest screen.
const SMALL: (u16, u16) = (100, 20);
/// So wide that the footer has room for every key that works.
const ALL_KEYS: (u16, u16) = (700, 40);

/// The keys that the footer shows, in the harness's notation, each with its command.
fn shown_keys(story: &Story) -> Vec<(String, String)> {
    let screen = story.screen();
    let footer = screen.lines().last().unwrap_or_default().trim();
    footer
        .split("  ")
        .filter(|entry| !entry.ends_with(" waiting"))
        .filter_map(|entry| entry.trim().split_once(' '))
        .map(|(key, label)| (written(key), label.to_owned()))
        .collect()
}

/// `Ctrl+Alt+C` as `<C-A-c>`; of keys that belong together, the one that goes on.
fn written(shown: &str) -> String {
    if shown == "↑↓" {
        return "<Down>".to_owned();
    }
    let mut parts: Vec<&str> = shown.split('+').collect();
    let key = parts.pop().unwrap_or_default();
    if parts.is_empty() && key.chars().count() == 1 {
        return key.to_owned();
    }
    let modifiers: String = parts.iter().map(|part| format!("{}-", &part[..1])).collect();
    let control = !parts.is_empty() && key.chars().count() == 1;
    let key = if control { key.to_lowercase() } else { key.to_owned() };
    format!("<{modifiers}{key}>")
}

#[test]
fn a_shown_key_always_works() {
    let failures = on_two_threads(PLACES, async |places| {
        let mut failures = Vec::new();
        for place in places {
            failures.extend(shown_keys_that_do_nothing(place).await);
        }
        failures
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn each_screen_stands_among_the_places() {
    let seen = on_two_threads(PLACES, async |places| {
        let mut seen = Vec::new();
        for place in places {
            let (_company, story) = place.reach(SMALL).await;
            seen.extend(story.console.type_in_front());
        }
        seen
    });
    assert_each_component_is_seen(&seen.into_iter().collect(), "PLACES of tests/stories/places.rs");
}

async fn shown_keys_that_do_nothing(place: &Place) -> Vec<String> {
    let (_company, mut story) = place.reach(SMALL).await;
    story.resize(ALL_KEYS.0, ALL_KEYS.1);
    let keys = shown_keys(&story);
    assert!(!keys.is_empty(), "{} shows no keys", place.name);
    let (mut failures, mut unused) = (Vec::new(), None);
    for (key, label) in keys {
        let nothing = nothing_follows(place, &key, &mut unused).await;
        failures.extend(nothing.map(|screen| format!("{key} {label} {screen}")));
    }
    failures
}

/// A console at a place, where no key has been pressed since, and the company that it needs.
type Unused = (Company, Story);

/// Presses keys in a place; where nothing happens, says where, with what is on the screen. Where Esc leads back to the
/// same screen, the console is left in `unused` for the next keys, since reaching a place takes most of the time.
async fn nothing_follows(place: &Place, keys: &str, unused: &mut Option<Unused>) -> Option<String> {
    // A key that nobody wants takes the message away that the same key may say again.
    const UNWANTED: &str = "<F7>";
    let (company, mut story) = match unused.take() {
        Some(unused) => unused,
        None => {
            let (company, mut story) = place.reach(SMALL).await;
            story.keys(UNWANTED).await;
            (company, story)
        }
    };
    let before = (story.buffer().clone(), story.cursor());
    let effects = story.host_effects.len() + story.asked.len();
    story.keys(keys).await;
    let changed = (story.buffer().clone(), story.cursor()) != before;
    let acted = changed || story.host_effects.len() + story.asked.len() > effects;
    let nothing = (!acted).then(|| format!("does nothing in “{}”, on\n{}", place.name, story.screen()));
    story.keys("<Esc>").await.keys(UNWANTED).await;
    if (story.buffer().clone(), story.cursor()) == before {
        *unused = Some((company, story));
    }
    nothing
}

#[test]
fn a_menu_entry_always_leads_somewhere() {
    let failures = on_two_threads(PLACES, async |places| {
        let (mut frames, mut failures) = (HashSet::new(), Vec::new());
        for place in places {
            let (_company, story) = place.reach(SMALL).await;
            let offer = story.console.offer();
            let (frame, own) = offer.commands.split_at(offer.frame);
            if !frame.iter().any(|command| command.action == Action::Menu) {
                continue;
            }
            failures.extend(
                letters_given_twice(&offer.commands).map(|twice| format!("{twice} in “{}”", place.name)),
            );
            // The frame's entries lead to the same wherever the same of them are offered.
            let of_frame = entries_of(frame);
            let is_known = !frames.insert(of_frame.clone());
            let entries = entries_of(own).into_iter().chain(if is_known { Vec::new() } else { of_frame });
            let mut unused = None;
            for (letter, label) in entries {
                let nothing = nothing_follows(place, &format!("<C-g> {letter}"), &mut unused).await;
                failures.extend(nothing.map(|found| format!("{label} {found}")));
            }
        }
        failures
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The commands whose letter another one has in the same menu.
fn letters_given_twice(commands: &[Command]) -> impl Iterator<Item = String> {
    let mut known = HashSet::new();
    let all = commands.iter().filter_map(|command| Some((command.action.about().letter?, command.label())));
    all.filter(move |(letter, _)| !known.insert(*letter))
        .map(|(letter, label)| format!("{letter} {label} is given twice"))
}

/// The commands that a menu gives by a letter, as it shows them.
fn entries_of(commands: &[Command]) -> Vec<(char, String)> {
    let can_be_given = commands.iter().filter(|command| command.disabled.is_none());
    can_be_given
        .filter_map(|command| Some((command.action.about().letter?, command.label().to_owned())))
        .collect()
}

#[tokio::test]
async fn every_function_key_has_a_twin_that_plain_terminals_send() {
    // The place, the function key, and its twins.
    for (place, function, twins) in [
        ("users", "<F1>", &["?"][..]),
        ("user", "<F2>", &["<C-g>e"]),
        ("users", "<F2>", &["e", "<C-g>e"]),
        ("users", "<F3>", &["/", "<C-g>f"]),
        ("user field menu", "<Esc><F4>", &["<Esc><A-Down>", "l"]),
        ("user", "<F5>", &["<C-r>", "<C-g>r"]),
        ("user", "<S-F6>", &["<F18>"]),
        ("user", "<F8>", &["<C-g>p"]),
        ("user", "<S-F8>", &["<F20>", "<C-g>P"]),
        ("user field menu", "<Esc><F9>", &["s"]),
        ("user", "<F10>", &["<C-g>"]),
        ("users", "<F12>", &["<Enter>", "<C-g>d"]),
    ] {
        let place = PLACES.iter().find(|known| known.name == place).expect("a place");
        let (_company, mut by_function_key) = place.reach((120, 40)).await;
        by_function_key.keys(function).await;
        for twin in twins {
            let (_company, mut by_twin) = place.reach((120, 40)).await;
            by_twin.keys(twin).await;
            let (one, other) = (by_twin.screen(), by_function_key.screen());
            let differ = one.lines().zip(other.lines()).find(|(one, other)| one != other);
            assert_eq!(differ, None, "{}: {function} {twin}", place.name);
        }
    }
}

#[tokio::test]
async fn help_has_an_answer_for_every_field_of_every_form() {
    let company = Company::demo().await;
    let mut story = company.console_of(OPERATOR, (120, 60), Layouts::new()).await;
    for entity in all() {
        for field in entity.form.iter().copied().flatten() {
            story.opens(Screen::Help(HelpTopic::Field(field))).await;
            story.sees(field.label);
            assert!(field.help.len() > 10, "{} {} has no help", entity.name, field.label);
            let first = field.help.split(' ').next().unwrap_or_default();
            story.sees(first).keys("<Esc>").await;
        }
    }
}

#[tokio::test]
async fn help_on_a_code_says_what_it_means_and_what_to_do() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    for code in Code::ALL {
        story.opens(Screen::Help(HelpTopic::Code(code))).await;
        story.sees(code.as_str()).sees(code.title());
        for text in [code.advice(), code.help()] {
            // The first words stand on one line.
            let beginning: Vec<&str> = text.split(' ').take(4).collect();
            story.sees(&beginning.join(" "));
        }
        story.keys("<Esc>").await;
    }
}

#[tokio::test]
async fn promise_24_idle_means_idle() {
    for place in PLACES {
        let (_company, mut story) = place.reach((80, 24)).await;
        story.settle().await;
        assert!(!story.console.is_dirty(), "{} wants to be drawn", place.name);
        assert_eq!(story.console.take_host_effects(), [], "{} wants something", place.name);
    }
}

#[tokio::test]
async fn keys_pressed_faster_than_anybody_answers_all_count() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.keys("<A-m> <End> <Enter>").await;
    story.keys_at_once("/ <Tab> chris_").settle().await;
    story.sees("chris_");
    let id = company.find(&user::USER, &user::LOGIN.def, CHRIS).await;
    story.opens(Screen::Form(Opening::record(&user::USER, id, true))).await.to("Phone Number").await;
    story.keys_at_once("555-0100 <C-s>").settle().await;
    story.sees("✓ User saved: ").shows("Phone Number", "555-0100");
}

#[tokio::test]
async fn the_mouse_and_the_focus_of_the_window_do_nothing() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    let before = story.screen();
    for input in [Input::FocusLost, Input::FocusGained] {
        story.input(input);
    }
    let mut released = parse_keys("x")[0];
    released.kind = crossterm::event::KeyEventKind::Release;
    story.input(Input::Key(released));
    assert_eq!(story.screen(), before);
}

#[tokio::test]
async fn the_menu_is_shown_and_hidden_only_where_there_is_room_beside_it() {
    let home = PLACES.iter().find(|known| known.name == "home").expect("a place");
    let (_company, mut story) = home.reach((120, 40)).await;
    story.sees("Ctrl+B Show or hide menu").keys("<C-b>").await.sees_no("┌ Menu");
    story.keys("<C-b>").await.sees("┌ Menu");
    let (_company, mut story) = home.reach((99, 24)).await;
    story.sees_no("Ctrl+B").keys("<C-b>").await.sees("Alt+M opens it here.");
    story.keys("<A-m>").await.sees("┌ Menu");
}

#[tokio::test]
async fn keys_pressed_before_the_form_is_read_are_not_lost() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await.keys("/").await.types("chris_arm").await;
    story.keys("<Enter>").await;
    story.keys_at_once("<Enter> <F2> <Tab> X").settle().await;
    story.sees("USER · editing · * changed").shows("Name", "Chris ArmstrongX");
    story.keys("<Esc> d <Esc>").await;
    story.keys_at_once("<Enter> <F8>").settle().await;
    story.sees("/ New Person").shows("First Name", "Chris");
    // It is a link only once the record has been read.
    story.keys("<Esc> <Esc> <Esc>").await;
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await.keys("/").await.types("chris.arm").await;
    story.keys("<Enter> <Enter>").await.to("Person").await;
    story.keys_at_once("<F12> <Tab> <Enter>").settle().await;
    story.sees("COMPANY");
}

#[tokio::test]
async fn enter_behind_a_filter_opens_what_the_filter_finds() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await.keys("/").await;
    story.keys_at_once("chris_arm <Enter> <Enter>").settle().await;
    story.sees("/ chris_armstrong@mail.com");
}

#[tokio::test]
async fn help_and_palette_name_no_key_that_would_be_text() {
    let company = Company::demo().await;
    let mut story = company.sign_in(SCREEN).await;
    story.keys("<F1>").await.sees("F1").sees_no("F1  ?");
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await;
    story.keys("<C-p> next<Space>view").await.sees("]").keys("<Esc> / <C-p> next<Space>view").await;
    story.sees("Next view").sees_no("]");
}

#[tokio::test]
async fn the_palette_goes_to_every_place_and_the_menu_tree_has_no_keys_of_the_place_below() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story.keys("<C-p> web <Enter>").await.sees("WEB SITES").sees("/ Core / Web Sites");
    story.keys("<A-m>").await.sees("Esc Leave menu").sees_no("Ctrl+P").sees_no("Ctrl+G");
    story.keys("<C-p> <C-g>").await.sees("Esc Leave menu").sees_no("type to find");
}

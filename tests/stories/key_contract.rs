//! The key contract: a reviewed table of every key in every place. Users know these keys by heart; a key that changes
//! its meaning or loses it is a change of `tests/key_contract.md` for everybody to see.

use std::collections::{BTreeSet, HashSet};
use std::{env, fs};

use ccdesk::domain::entities::{customer, external_access, user};
use ccdesk::tui::command::{Action, Command, Key, given_by, keys_of};
use ccdesk::tui::console::HostEffect;
use ccdesk::tui::message::Offer;
use ccdesk::tui::testing::{lines, parse_keys};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::StorySteps as _;
use crate::company::{CHRIS, Story};
use crate::places::{Place, Start, assert_each_component_is_seen, on_two_threads, place, quay};

/// Small, to be quick, but with room for the menu as on the widest screen.
const SIZE: (u16, u16) = (100, 30);

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/key_contract.md");

const HEAD: &str = "\
# The key contract

Every key in every place of the console: the commands it gives, with the reason where it cannot be given there, and what
other keys do. *A letter* stands for everything that is typed; *goes on* is to another part of the same place.
`tests/stories/key_contract.rs` writes this table and fails when a key differs from it.

| Place | Keys | Command, or what they do |
|---|---|---|
";

const PENDING: Start = Start::User(CHRIS);
const EDITED: Start = Start::EditUser(CHRIS);
const ACCESS: Start = Start::EditAccess("Given before the request was looked at.");
const COMPANY: Start = Start::Party("00005");
const VISIT: Start = Start::Visit("Nimero Ltd. #00003");

/// Every place in which keys have meanings of their own, in the order of the table.
const PLACES: &[Place] = &[
    place("first administrator", Start::FirstRun, "ada"),
    place("sign in: login", Start::BackOffice, "mkoleva"),
    place("sign in: password", Start::BackOffice, "mkoleva <Tab> secret"),
    place("choose a password", Start::WithCode, "secret"),
    place("client centers", Start::BackOffice, "<A-c>"),
    place("client center sign in", Start::ClientCenter, "oliver"),
    place("create account: text", Start::ClientCenter, "<A-n> oliver"),
    place("create account: language", Start::ClientCenter, "<A-n> <Tab> <Tab> <Tab>"),
    place("create account: list of languages", Start::ClientCenter, "<A-n> <Tab> <Tab> <Tab> <F4>"),
    place("create account: message", Start::ClientCenter, "<A-n> <S-Tab> <S-Tab> <S-Tab> please"),
    place(
        "account asked for",
        Start::ClientCenter,
        "<A-n> oliver@company.example <Tab> Oliver <S-Tab> <S-Tab> <S-Tab> brass<Space>kettle,tin<Space>roof <Tab> \
         brass<Space>kettle,tin<Space>roof <Enter>",
    ),
    place("lock", Start::Locked, "secret"),
    place("home", Start::Home, "<Down>"),
    place("menu tree", Start::Home, "<A-m> <Down>"),
    place("section", Start::Home, "<A-m> <End> <Up> <Up> <Up> <Enter>"),
    place("history", Start::Home, "<A-m> <End> <Up> <Up> <Enter>"),
    place("history: operation", Start::Home, "<A-m> <End> <Up> <Up> <Enter> <Enter>"),
    place("list", Start::List(&user::USER), "<Right> <Down>"),
    place("list: request rejected", Start::List(&user::USER), "/ chris_arm <Enter> x nobody <Enter>"),
    place("form: request rejected", PENDING, "x nobody <Enter>"),
    place("list: request pending", Start::List(&user::USER), "]"),
    place("list: removable", Start::List(&external_access::EXTERNAL_ACCESS), ""),
    place("list: filter row", Start::List(&user::USER), "/ <Tab> chris"),
    place("list: values of a filter", Start::List(&user::USER), "/ <S-Tab> <F4>"),
    place("list: search box", Start::List(&user::USER), "<C-f> arm"),
    place("list: views", Start::List(&user::USER), "v"),
    place("list: reason for a rejection", Start::List(&user::USER), "] x nobody"),
    place("list: file of an export", Start::List(&user::USER), "<C-g> E <C-u> users"),
    place("picking navigator", EDITED, "<Tab> <Tab> <Tab> <F9> <Down>"),
    place("picking navigator: filter row", EDITED, "<Tab> <Tab> <Tab> <F9> / a"),
    place("form: field", PENDING, "<Down> <Down>"),
    place("form: reference", Start::User("chris.armstrong@mail.com"), "<Tab>"),
    place("form: codes", PENDING, "<F6> <Down>"),
    place("form: codes of a site with external access", PENDING, "<C-o> <Down> <Enter> <F6> <Down>"),
    place("form: records of a panel", Start::Customer("00003"), "<F6>"),
    place("form: history", PENDING, "<C-g> 4"),
    place("form edited: text", EDITED, "<Tab>"),
    place("form edited: yes or no", EDITED, "<Tab> <Tab> <Tab> <Tab>"),
    place("form edited: reference", EDITED, "<Tab> <Tab> <Tab>"),
    place("form edited: records of a reference", EDITED, "<Tab> <Tab> <Tab> <F4> <Down>"),
    place(
        "form edited: text of several lines",
        Start::EditSite("cc-broken-settings"),
        "<Tab> <Tab> <Tab> <Tab> <PageDown>",
    ),
    place("form edited: choice", ACCESS, "<Tab> <Tab>"),
    place("form edited: list of choices", ACCESS, "<Tab> <Tab> <F4>"),
    place("form edited: number", ACCESS, "<Tab> <Tab> <Tab>"),
    place("form edited: changed", EDITED, "<Tab> X"),
    place("form edited: codes", EDITED, "<F6> <Down>"),
    place("form new", Start::List(&customer::CUSTOMER), "<C-n>"),
    place("form to which a repair has led", PENDING, "<F8> <Enter>"),
    place("kinds of a new record", COMPANY, "<C-g> k <Space> <Enter> <F6> <C-n>"),
    place("menu of what is focused", PENDING, "<C-g>"),
    place("question", EDITED, "<Tab> X <Esc>"),
    place("help", Start::Home, "<F1>"),
    place("commands", PENDING, "<C-p> re"),
    place("messages", Start::Home, "<C-g> M"),
    place("customize form", PENDING, "<C-g> k"),
    place("levels of the breadcrumb", PENDING, "<A-b>"),
    place("sites", Start::Home, "<C-o>"),
    place("sign-in preview", PENDING, "<C-g> i"),
    place("one-time code", PENDING, "<C-g> I i"),
    place("grant: customers", PENDING, "<C-o> <Down> <Enter> <C-g> g <Space>"),
    place("grant: filter", PENDING, "<C-o> <Down> <Enter> <C-g> g / t"),
    place("grant: role", PENDING, "<C-o> <Down> <Enter> <C-g> g <Tab>"),
    place("grant: days back", PENDING, "<C-o> <Down> <Enter> <C-g> g <Tab> <Tab>"),
    place("change password", Start::Home, "<C-g> W half"),
    place("account not active", Start::ClientCenter, quay!("chris_armstrong@mail.com")),
    place("select client", Start::ClientCenter, quay!("admin@olivia-green.example")),
    place("client center home", VISIT, "<Down>"),
    place("client center menu tree", VISIT, "m <Down>"),
    place("user management", VISIT, "<Enter> <Down>"),
    place("user management: filter row", VISIT, "<Enter> / a"),
    place("user management: e-mail", VISIT, "<Enter> <C-n> ann"),
    place("user management: role", VISIT, "<Enter> e"),
    place("user management: days back", VISIT, "<Enter> e <Tab>"),
    place("customer profile", VISIT, "<End> <Enter>"),
];

#[test]
fn every_key_in_every_place_does_what_was_agreed() {
    let all = on_two_threads(PLACES, read_keys);
    for action in Action::ALL {
        assert!(all.iter().any(|here| here.given.contains(action)), "{action:?} can be given in no place");
    }
    let seen = all.iter().filter_map(|here| here.component).collect();
    assert_each_component_is_seen(&seen, "PLACES of tests/stories/key_contract.rs");
    let now = table_of(&all);
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(FILE, &now).expect("the table is written");
    }
    let agreed = fs::read_to_string(FILE).unwrap_or_default();
    assert!(agreed == now, "{}", differences(&agreed, &now));
}

/// The commands of lists that are for operators alone.
const NOT_FOR_VISITORS: [Action; 10] = [
    Action::Preview,
    Action::Wait,
    Action::AddNote,
    Action::Approve,
    Action::Reject,
    Action::Reopen,
    Action::Views,
    Action::NextView,
    Action::PreviousView,
    Action::Export,
];

#[tokio::test]
async fn user_management_has_each_command_of_a_list_or_it_is_not_for_visitors() {
    let of_operators = offered_in("list").await;
    let of_visitors = offered_in("user management").await;
    for action in &of_operators {
        assert_ne!(
            of_visitors.contains(action),
            NOT_FOR_VISITORS.contains(action),
            "{action:?} is a command of lists: it stands in OF_THE_LIST of user_management.rs, or in NOT_FOR_VISITORS"
        );
    }
    assert!(NOT_FOR_VISITORS.iter().all(|action| of_operators.contains(action)));
}

/// The commands of a list's own, in the table's places of that name in which the list has the keys.
async fn offered_in(list: &str) -> HashSet<Action> {
    let mut offered = HashSet::new();
    let in_rows_or_boxes =
        ["", ": request rejected", ": request pending", ": removable", ": filter row", ": search box"];
    let names = in_rows_or_boxes.map(|part| format!("{list}{part}"));
    for place in PLACES.iter().filter(|place| names.iter().any(|name| name == place.name)) {
        let (_company, story) = place.reach(SIZE).await;
        let offer = story.console.offer();
        offered.extend(offer.commands[offer.frame..].iter().map(|command| command.action));
    }
    offered
}

/// The lines that only one of two tables has, and how the first is renewed.
fn differences(agreed: &str, now: &str) -> String {
    let [before, after] = [agreed, now].map(|table| table.lines().collect::<BTreeSet<_>>());
    let gone = agreed.lines().filter(|line| !after.contains(line)).map(|line| format!("- {line}\n"));
    let new = now.lines().filter(|line| !before.contains(line)).map(|line| format!("+ {line}\n"));
    let lines: String = gone.chain(new).collect();
    format!(
        "tests/key_contract.md is no longer so:\n{lines}\nIf this is meant, renew it and look at the difference:\n  \
         INSTA_UPDATE=always cargo test --test stories key_contract; git diff tests/key_contract.md\n"
    )
}

/// The keys that move the cursor, each after one that leaves it room.
const MOVING: [&str; 12] = [
    "Left", "Right", "C-Left", "C-Right", "End", "Home", "C-End", "C-Home", "Down", "Up", "PageDown",
    "PageUp",
];

/// The keys of one place: the rows of its own commands and keys, and those of the frame's commands.
struct PlaceKeys {
    place: &'static str,
    /// The type path of the component that has the keys.
    component: Option<&'static str>,
    own: Vec<Row>,
    frame: Vec<Row>,
    /// What can be given there.
    given: Vec<Action>,
}

/// The keys that the frame takes without a command of its own.
const FRAME_KEYS: [&str; 3] = ["`Ctrl+C`", "`Ctrl+L`", "`Ctrl+Z`"];

/// Keys, and what they do.
type Row = (String, String);

async fn read_keys(places: &'static [Place]) -> Vec<PlaceKeys> {
    let mut all = Vec::new();
    for place in places {
        let (_company, story) = place.reach(SIZE).await;
        let component = story.console.type_in_front();
        let offer = story.console.offer();
        let (frame, own) = offer.commands.split_at(offer.frame);
        let rows =
            |commands: &[Command]| commands.iter().filter_map(|command| row_of(command, &offer)).collect();
        let (mut frame, mut own): (Vec<Row>, Vec<Row>) = (rows(frame), rows(own));
        let (of_frame, others): (Vec<Row>, Vec<Row>) =
            other_keys(place).await.into_iter().partition(|(keys, _)| FRAME_KEYS.contains(&keys.as_str()));
        own.extend(others);
        frame.extend(of_frame);
        let can_be_given = offer.commands.iter().filter(|command| command.disabled.is_none());
        let given = can_be_given.map(|command| command.action).collect();
        all.push(PlaceKeys { place: place.name, component, own, frame, given });
    }
    all
}

/// The table. The frame's rows are given at the first place that has them; later places refer to it.
fn table_of(all: &[PlaceKeys]) -> String {
    let mut table = HEAD.to_owned();
    let mut frames: Vec<&PlaceKeys> = Vec::new();
    for here in all {
        let mut rows = here.own.clone();
        match frames.iter().find(|known| known.frame == here.frame) {
            _ if here.frame.is_empty() => {}
            Some(known) => {
                rows.push((String::new(), format!("and those of the frame as in {}", known.place)));
            }
            None => {
                rows.extend(here.frame.clone());
                frames.push(here);
            }
        }
        for (keys, what) in rows {
            table.push_str(&format!("| {} | {keys} | {what} |\n", here.place));
        }
    }
    table
}

/// The row of a command: its keys, with its letter in the menu, and its name; `None` for a command of the palette
/// alone.
fn row_of(command: &Command, Offer { commands, takes_text, .. }: &Offer) -> Option<Row> {
    let has_menu = commands.iter().any(|command| command.action == Action::Menu);
    let mut keys: Vec<String> =
        keys_of(command, *takes_text, commands).iter().map(|key| cell(&key.to_string())).collect();
    let letter = command.action.about().letter.filter(|_| has_menu);
    keys.dedup();
    keys.extend(letter.map(|letter| cell(&format!("Ctrl+G {letter}"))));
    let why_not = command.disabled.map(|why_not| format!(" (not now: {why_not})")).unwrap_or_default();
    (!keys.is_empty()).then(|| (keys.join(" "), format!("**{}**{why_not}", command.label())))
}

/// A key as the table shows it.
fn cell(key: &str) -> String {
    format!("`{}`", key.replace('|', "\\|"))
}

/// The keys that are no command here and still do something; those that do the same are in one row.
async fn other_keys(place: &Place) -> Vec<Row> {
    let (mut _company, mut story) = place.reach(SIZE).await;
    let mut before = Seen::of(&mut story);
    let offer = before.offer.clone();
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for key in keyboard(offer.takes_text) {
        if given_by(&parse_keys(&key)[0], offer.takes_text, &offer.commands).is_some() {
            continue;
        }
        story.keys(&key).await;
        if before.is_still(&mut story) {
            continue;
        }
        let after = Seen::of(&mut story);
        let (what, shown) = (after.since(&before, &key), cell(&shown(&key)));
        match rows.iter_mut().find(|(known, _)| *known == what) {
            Some((_, keys)) if keys.contains(&shown) => {}
            Some((_, keys)) => keys.push(shown),
            None => rows.push((what, vec![shown])),
        }
        before = if after.is_where(&before) {
            after
        } else {
            (_company, story) = place.reach(SIZE).await;
            Seen::of(&mut story)
        };
    }
    rows.into_iter().map(|(what, keys)| (keys.join(" "), what)).collect()
}

/// The keys that a terminal sends, in such an order that each finds something to do: first typing, then moving back
/// over it. Where letters are text, one stands for all.
fn keyboard(takes_text: bool) -> Vec<String> {
    const TYPED: [&str; 6] = ["z", "<BS>", "z", "<Left>", "<Del>", "<Space>"];
    let letters =
        ('0'..='9').chain('A'..='Z').chain('a'..='z').map(String::from).chain(["<Space>".to_owned()]);
    let typed: Vec<String> = if takes_text { TYPED.map(str::to_owned).into() } else { letters.collect() };
    let named = MOVING.into_iter().chain(["Tab", "S-Tab", "Enter", "Esc"]).map(|name| format!("<{name}>"));
    let with_letter = |with: &'static str| ('a'..='z').map(move |letter| format!("<{with}-{letter}>"));
    typed.into_iter().chain(named).chain(["C", "A"].into_iter().flat_map(with_letter)).collect()
}

/// A key as the console names it: `<C-z>` as `Ctrl+Z`; the letter that stands for all as `a letter`.
fn shown(key: &str) -> String {
    match key {
        "z" => "a letter".to_owned(),
        "<S-Tab>" => "Shift+Tab".to_owned(),
        key => {
            let key = parse_keys(key)[0];
            Key(key.modifiers, key.code).to_string()
        }
    }
}

/// What a user sees of a console.
struct Seen {
    /// The screen without its message line and its keys.
    buffer: Buffer,
    text: Vec<String>,
    notice: Option<String>,
    cursor: (u16, u16),
    focused: String,
    offer: Offer,
    asked: usize,
    host_effects: Vec<HostEffect>,
}

impl Seen {
    fn of(story: &mut Story) -> Self {
        let focused = story.focused();
        let focused =
            focused.split("  ").next().unwrap_or_default().trim_end_matches([' ', '▲', '▼']).to_owned();
        Self {
            buffer: place_of(story),
            text: lines(&place_of(story)),
            notice: notice_of(story),
            cursor: story.cursor(),
            focused,
            offer: story.console.offer(),
            asked: story.asked.len(),
            host_effects: story.host_effects.clone(),
        }
    }

    /// Whether nothing has happened since, except that a message may have gone.
    fn is_still(&self, story: &mut Story) -> bool {
        notice_of(story).is_none()
            && story.host_effects == self.host_effects
            && story.asked.len() == self.asked
            && story.cursor() == self.cursor
            && place_of(story) == self.buffer
    }

    /// What a key has done since `before`.
    fn since(&self, before: &Self, key: &str) -> String {
        let moved = self.cursor != before.cursor;
        let is_moving = MOVING.contains(&key.trim_matches(['<', '>']));
        let takes_text = before.offer.takes_text;
        let known = before.titles();
        // An overlay may cover a part of a heading.
        let is_new = |title: &&str| !known.iter().any(|known| known.starts_with(title));
        let new_title = self.titles().into_iter().find(is_new);
        let is_typed = takes_text && moved && (key == "z" || (key == "<Space>" && new_title.is_none()));
        if let Some(host_effect) = self.host_effects.get(before.host_effects.len()) {
            match host_effect {
                HostEffect::Repaint => "sends the whole screen again".to_owned(),
                HostEffect::Suspend => "suspends the program".to_owned(),
                HostEffect::Copy(_) => "copies".to_owned(),
                HostEffect::KeepLayout { .. } => "keeps the layout".to_owned(),
                other => format!("{other:?}"),
            }
        } else if is_typed {
            "types it".to_owned()
        } else if let Some(title) = new_title {
            format!("goes to {title}")
        } else if let Some(notice) = &self.notice {
            format!("says “{notice}”")
        } else if self.focused != before.focused && !self.focused.is_empty() {
            format!("goes to {}", self.focused)
        } else if !self.is_where(before) {
            "goes on".to_owned()
        } else if key == "<Enter>" && self.asked > before.asked {
            "sends it".to_owned()
        } else if self.text == before.text || (moved && (!takes_text || is_moving)) {
            "moves".to_owned()
        } else if takes_text {
            "changes it".to_owned()
        } else {
            "changes what is shown".to_owned()
        }
    }

    /// Whether it is at the same place as `before`: the next key means the same there.
    fn is_where(&self, before: &Self) -> bool {
        let labels = |seen: &Self| -> Vec<String> {
            seen.offer.commands.iter().map(|command| command.label().to_owned()).collect()
        };
        self.focused == before.focused
            && self.offer.takes_text == before.offer.takes_text
            && self.titles() == before.titles()
            && self.text.first() == before.text.first()
            && labels(self) == labels(before)
    }

    /// The headings of the place and of the overlays above it.
    fn titles(&self) -> Vec<&str> {
        let edges = self.text.iter().flat_map(|line| line.split('┌').skip(1));
        edges.filter_map(|edge| edge.split('─').next()).map(str::trim).collect()
    }
}

/// The message line, if it shows a message.
fn notice_of(story: &Story) -> Option<String> {
    let screen = story.screen();
    let line = screen.lines().rev().nth(1).unwrap_or_default().trim();
    line.starts_with(['·', '✓', '✗']).then(|| line.to_owned())
}

/// The screen without its last two lines: the message line and the footer.
fn place_of(story: &Story) -> Buffer {
    let mut buffer = story.buffer().clone();
    buffer.resize(Rect { height: buffer.area.height - 2, ..buffer.area });
    buffer
}

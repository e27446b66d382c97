//! The console: the stack of layers, and the frame around them.
//!
//! It takes input and answers, and leaves [`Errand`]s for what it cannot do itself. It does no I/O and knows
//! no clock, so a test can hold it in its hand.

mod frame;
pub mod menu_tree;
mod presence;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use jiff::civil::Date;
use ratatui::layout::Size;

use crate::domain::text::clean;
use crate::domain::value::Value;
use crate::service::ServiceError;
use crate::service::session::SiteChoice;
use crate::tui::command::{Action, Command, given_by};
use crate::tui::component::{Component, Cx, Who};
use crate::tui::layout_store::Layouts;
use crate::tui::message::{
    ChoosePassword, Effect, Event, HelpTopic, LayerId, MenuEntry, MenuScreen, Notice, Outcome, Question,
    Reply, Request, Screen, Slot, Ticket, Tone,
};
use crate::tui::theme::Theme;
use crate::tui::widgets::menu::entries_of;
use menu_tree::MenuTree;

/// The least room the console works in.
pub const LEAST: Size = Size::new(60, 16);

/// The most notices kept in the message log.
const LOG: usize = 200;

/// Stands for the frame itself where it asks something: no layer has this number.
const FRAME: LayerId = LayerId(0);

/// Makes the component of a screen.
pub type Open = fn(Screen, &mut Cx<'_>) -> Box<dyn Component>;

/// What the console wants done outside of itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Errand {
    /// Ask the service.
    Run(Ticket, Request),
    /// Nobody waits for what this layer has asked any more; its writes go on.
    Forget(LayerId),
    /// Another site became the current one.
    AtSite(SiteChoice),
    /// Put text on the terminal's clipboard.
    Copy(String),
    /// Somebody of that login works here now, whose layouts are wanted: [`Console::lay_out`].
    SignedIn(String),
    /// Keep a layout of that login under this name.
    KeepLayout {
        /// Whose.
        login: String,
        /// The form or list.
        name: String,
        /// What it shows, in order.
        items: Vec<String>,
    },
    /// Give the terminal back to the shell until it says go on.
    Suspend,
    /// Leave the program.
    Quit,
}

struct Layer {
    id: LayerId,
    component: Box<dyn Component>,
    /// For overlays that the frame itself has put there.
    asks: Option<FrameAsks>,
    /// Something was written since this layer was in front.
    is_stale: bool,
}

/// What an overlay of the frame is about.
enum FrameAsks {
    /// Whether changes may be lost.
    Discard(Leaving),
    /// Which level of the breadcrumb to go back to.
    Level,
}

/// Where to go from the layers in front.
#[derive(Clone)]
enum Leaving {
    Quit,
    Close,
    BackTo(usize),
    Go(Vec<Screen>),
    SwitchCustomer,
    SignOut,
}

/// The commands in front; the first `frame` of them are the frame's own.
struct InFront {
    commands: Vec<Command>,
    frame: usize,
    takes_text: bool,
}

/// Everything on the screen.
pub struct Console {
    layers: Vec<Layer>,
    /// The sign-in that the console began with.
    door: Screen,
    /// What covers everything until the operator gives the password again.
    lock: Option<Layer>,
    open: Open,
    who: Who,
    today: Date,
    database: String,
    layouts: Layouts,
    copied: Option<(String, Value)>,
    theme: Theme,
    tree: MenuTree,
    tree_is_hidden: bool,
    tree_has_keys: bool,
    notice: Option<Notice>,
    log: VecDeque<Notice>,
    newest: HashMap<(LayerId, Slot), u64>,
    last_serial: u64,
    last_layer: u64,
    errands: Vec<Errand>,
    size: Size,
    is_waiting: bool,
    /// How many requests for accounts wait to be decided, once known to an operator.
    requests: Option<i64>,
    is_dirty: bool,
}

impl Console {
    /// An empty console for a database of that name. Begin with [`Console::begin`] or [`Console::sign_in`].
    pub fn new(open: Open, theme: Theme, database: impl Into<String>) -> Self {
        Self {
            layers: Vec::new(),
            door: Screen::SignIn,
            lock: None,
            open,
            who: Who::Nobody,
            today: Date::constant(1970, 1, 1),
            database: database.into(),
            layouts: Layouts::new(),
            copied: None,
            theme,
            tree: MenuTree::of(&Who::Nobody),
            tree_is_hidden: false,
            tree_has_keys: false,
            notice: None,
            log: VecDeque::new(),
            newest: HashMap::new(),
            last_serial: 0,
            last_layer: 0,
            errands: Vec::new(),
            size: LEAST,
            is_waiting: false,
            requests: None,
            is_dirty: true,
        }
    }

    /// The date, UTC, as the clock outside has it.
    pub fn set_today(&mut self, today: Date) {
        self.is_dirty |= self.today != today;
        self.today = today;
    }

    /// How whoever works here has laid out forms and lists.
    pub fn lay_out(&mut self, layouts: Layouts) {
        self.layouts = layouts;
    }

    /// Opens a layer on top.
    pub fn push(&mut self, screen: Screen) {
        self.push_for(screen, None);
    }

    fn push_for(&mut self, screen: Screen, asks: Option<FrameAsks>) {
        self.tree_has_keys = false;
        let (layer, effects) = self.made(screen, asks);
        let id = layer.id;
        self.layers.push(layer);
        self.apply(id, effects);
    }

    /// The layer of a screen, and what it wants done at once.
    fn made(&mut self, screen: Screen, asks: Option<FrameAsks>) -> (Layer, Vec<Effect>) {
        self.last_layer += 1;
        let id = LayerId(self.last_layer);
        let mut effects = Vec::new();
        let mut cx = Cx {
            layer: id,
            who: &self.who,
            today: self.today,
            effects: &mut effects,
            next_serial: &mut self.last_serial,
            layouts: &self.layouts,
            copied: &self.copied,
        };
        let component = (self.open)(screen, &mut cx);
        (Layer { id, component, asks, is_stale: false }, effects)
    }

    /// What is to be done outside, in order. Take it after each input and each answer.
    pub fn take_errands(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.errands)
    }

    /// Whether something may look different since the last drawing.
    pub fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Wants a drawing although nothing has changed: the screen was lost.
    pub fn redraw(&mut self) {
        self.is_dirty = true;
    }

    /// Says in the frame that an answer takes long, or takes it back.
    pub fn show_waiting(&mut self, waiting: bool) {
        self.is_dirty |= self.is_waiting != waiting;
        self.is_waiting = waiting;
    }

    /// Whether the frame says that an answer takes long.
    pub fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Says something in the message line and the log.
    pub fn notify(&mut self, notice: Notice) {
        self.is_dirty = true;
        if self.log.len() == LOG {
            self.log.pop_front();
        }
        self.log.push_back(notice.clone());
        self.notice = Some(notice);
    }

    /// Takes what the terminal sent.
    pub fn handle_input(&mut self, input: Input) {
        match input {
            Input::Key(key) if key.kind != KeyEventKind::Release => {
                self.is_dirty = true;
                self.notice_was_read();
                self.key(&key);
            }
            Input::Paste(text) if !self.is_too_small() && !self.is_in_tree() => {
                self.is_dirty = true;
                self.notice_was_read();
                self.tell_front(Event::Paste(text));
            }
            Input::Resize(width, height) => {
                self.is_dirty = true;
                self.size = Size::new(width, height);
            }
            Input::Key(_) | Input::Paste(_) | Input::Mouse(_) | Input::FocusGained | Input::FocusLost => {}
        }
    }

    /// Takes an answer of the service. A stale one is dropped.
    pub fn reply(&mut self, ticket: Ticket, result: Result<Reply, ServiceError>) {
        if matches!(result, Ok(Reply::Saved(_) | Reply::Done)) {
            for layer in self.layers.iter_mut().filter(|layer| layer.id != ticket.layer) {
                layer.is_stale = true;
            }
            self.count_requests();
        }
        if self.newest.get(&(ticket.layer, ticket.slot)) != Some(&ticket.serial) {
            return;
        }
        self.is_dirty = true;
        let ended = match &result {
            Err(ServiceError::SignedOut(sentence)) => Some(sentence.clone()),
            _ => None,
        };
        match (self.is_open(ticket.layer), result) {
            (false, Ok(Reply::Count(requests))) if ticket.layer == FRAME => self.requests = Some(requests),
            // The number in the footer is worth no message of its own.
            (false, Err(_)) if ticket.layer == FRAME => self.requests = None,
            (true, result) => self.tell(ticket.layer, Event::Reply(ticket.slot, result)),
            // Nobody is left to say it, and a write that failed must not pass unsaid.
            (false, Err(error)) => self.say(Tone::Bad, error.to_string()),
            (false, Ok(_)) => self.returned(Outcome::Written),
        }
        if let Some(sentence) = ended {
            self.session_ended(ticket.layer, sentence);
        }
    }

    fn key(&mut self, key: &KeyEvent) {
        let front = self.in_front();
        let given = given_by(key, front.takes_text, &front.commands).map(|command| command.action);
        if self.is_too_small() {
            // What cannot be seen is not acted upon.
            if given == Some(Action::Quit) {
                self.give(Action::Quit);
            }
            return;
        }
        let control = key.modifiers == KeyModifiers::CONTROL;
        match (given, key.code) {
            (Some(action), _) => self.give(action),
            (None, KeyCode::Char('z')) if control => self.errands.push(Errand::Suspend),
            (None, KeyCode::Char('c')) if control && self.lock.is_none() => {
                self.say(Tone::Plain, "Ctrl+Q leaves the program.");
            }
            (None, _) if self.is_in_tree() => self.tree.key(key),
            (None, _) => self.tell_front(Event::Key(*key)),
        }
    }

    /// What can be done now. An overlay takes everything; the menu tree leaves only the frame's commands.
    fn in_front(&self) -> InFront {
        if let Some(lock) = &self.lock {
            let mut commands = Vec::new();
            lock.component.commands(&mut commands);
            return InFront { commands, frame: 0, takes_text: lock.component.takes_text() };
        }
        let Some(top) = self.layers.last() else {
            return InFront { commands: vec![Command::of(Action::Quit)], frame: 1, takes_text: false };
        };
        let mut commands = Vec::new();
        if !top.component.is_overlay() {
            self.frame_commands(&mut commands);
        }
        if self.tree_has_keys {
            // Before the frame's own, because the footer shows them in this order.
            let own = [Command::of(Action::Open), Command::of(Action::Back).called("Leave menu")];
            commands.splice(0..0, own);
            return InFront { frame: commands.len(), commands, takes_text: false };
        }
        let mut own = Vec::new();
        top.component.commands(&mut own);
        commands.retain(|command| !own.iter().any(|other| other.action == command.action));
        let frame = commands.len();
        commands.extend(own);
        InFront { commands, frame, takes_text: top.component.takes_text() }
    }

    fn frame_commands(&self, out: &mut Vec<Command>) {
        let deep = self.layers.len() > 1;
        out.extend([Action::Help, Action::Messages, Action::Menu].map(Command::of));
        if deep && !self.tree_has_keys {
            out.push(Command::of(Action::Back));
        }
        out.push(Command::of(Action::Quit));
        if self.who != Who::Nobody {
            let beside = self.size.width >= frame::WIDE;
            out.extend([
                Command::of(Action::Palette),
                Command::of(Action::ToggleMenu).only_if(beside, "Alt+M opens it here."),
            ]);
            out.extend(self.switch_command());
            out.extend([
                Command::of(Action::Breadcrumb).only_if(deep, "This is the first level."),
                Command::of(Action::ChangePassword),
                Command::of(Action::SignOut),
            ]);
            if !self.tree_has_keys {
                out.push(Command::of(Action::GoToMenu));
            }
        }
    }

    /// Does what a command says, or says why not.
    fn give(&mut self, action: Action) {
        let front = self.in_front();
        let Some(at) = front.commands.iter().rposition(|command| command.action == action) else { return };
        match front.commands[at].disabled {
            Some(why_not) => self.say(Tone::Plain, why_not),
            None if at >= front.frame => self.tell_front(Event::Command(action)),
            None => self.perform(action, front),
        }
    }

    fn perform(&mut self, action: Action, front: InFront) {
        match action {
            Action::Help => self.push(Screen::Help(HelpTopic::Keys(front.commands))),
            Action::Palette => self.push(Screen::Palette(front.commands)),
            Action::Messages => self.push(Screen::Messages(self.log.iter().cloned().collect())),
            Action::SwitchSite if self.who.visitor().is_some() => self.leave(Leaving::SwitchCustomer),
            Action::SwitchSite => self.push(Screen::Sites),
            Action::ChangePassword => self.push(Screen::ChoosePassword(ChoosePassword::Change)),
            Action::SignOut => self.leave(Leaving::SignOut),
            Action::Menu => {
                let title = self.layers.last().map(|top| top.component.title()).unwrap_or_default();
                let (frame, own) = front.commands.split_at(front.frame);
                let lettered = frame.iter().filter(|command| command.action.about().letter.is_some());
                let commands: Vec<Command> = own.iter().chain(lettered).cloned().collect();
                let entries = entries_of(&commands, front.takes_text);
                self.push(Screen::Menu(MenuScreen { title, entries }));
            }
            Action::GoToMenu => self.tree_has_keys = true,
            Action::ToggleMenu => self.tree_is_hidden = !self.tree_is_hidden,
            Action::Open => {
                if let Some(node) = self.tree.current() {
                    self.leave(Leaving::Go(node.path()));
                }
            }
            Action::Back if self.tree_has_keys => self.tree_has_keys = false,
            Action::Back => self.leave(Leaving::Close),
            Action::Breadcrumb => self.ask_level(),
            Action::Quit => self.leave(Leaving::Quit),
            _ => {}
        }
    }

    fn ask_level(&mut self) {
        let last = self.layers.len() - 1;
        let entry = |(at, layer): (usize, &Layer)| MenuEntry {
            letter: u32::try_from(at + 1).ok().and_then(|number| char::from_digit(number, 10)),
            label: layer.component.title(),
            note: if at == last { "here".to_owned() } else { String::new() },
            enabled: at != last,
            choice: Outcome::Answer(at),
        };
        let entries = self.layers.iter().enumerate().map(entry).collect();
        let menu = MenuScreen { title: "Go back to".to_owned(), entries };
        self.push_for(Screen::Menu(menu), Some(FrameAsks::Level));
    }

    /// Goes, unless a layer that would close has changes: then it asks first.
    fn leave(&mut self, leaving: Leaving) {
        let kept = match &leaving {
            Leaving::Quit | Leaving::SwitchCustomer | Leaving::SignOut => 0,
            Leaving::Close => self.layers.len() - 1,
            Leaving::BackTo(level) => level + 1,
            Leaving::Go(_) => 1,
        };
        let changed: Vec<String> = self
            .layers
            .iter()
            .skip(kept)
            .filter(|layer| layer.component.has_changes())
            .map(|layer| format!("{} has changes that are not saved.", layer.component.title()))
            .collect();
        // A question would tell what the lock covers.
        if changed.is_empty() || self.lock.is_some() {
            return self.go(leaving);
        }
        let question = Question {
            title: "Changes".to_owned(),
            lines: changed,
            answers: vec![('c', "Cancel".to_owned()), ('d', "Discard changes".to_owned())],
        };
        self.push_for(Screen::Question(question), Some(FrameAsks::Discard(leaving)));
    }

    fn go(&mut self, leaving: Leaving) {
        match leaving {
            Leaving::Quit => self.errands.push(Errand::Quit),
            Leaving::SwitchCustomer => self.push(Screen::SelectClient),
            Leaving::SignOut => self.sign_out(self.who.visitor().map(|visitor| visitor.center.clone())),
            Leaving::Close => {
                self.truncate(self.layers.len() - 1);
                self.returned(Outcome::Cancelled);
            }
            Leaving::BackTo(level) => {
                self.truncate(level + 1);
                self.returned(Outcome::Cancelled);
            }
            Leaving::Go(path) => {
                self.tree_has_keys = false;
                self.truncate(1);
                if path.is_empty() {
                    return self.returned(Outcome::Cancelled);
                }
                path.into_iter().for_each(|screen| self.push(screen));
            }
        }
    }

    fn apply(&mut self, by: LayerId, effects: Vec<Effect>) {
        let opens = self.uncover(by, &effects);
        for effect in effects {
            match effect {
                Effect::Run(ticket, request) => {
                    self.newest.insert((ticket.layer, ticket.slot), ticket.serial);
                    self.errands.push(Errand::Run(ticket, request));
                }
                Effect::Push(screen) if opens => self.push(screen),
                // It came too late: another place is in front by now.
                Effect::Push(_) => {}
                Effect::Pop(outcome) => self.close(by, outcome),
                Effect::BackTo(level) => self.leave(Leaving::BackTo(level)),
                Effect::Notify(notice) => self.notify(notice),
                Effect::Copy(text, value) => {
                    self.errands.push(Errand::Copy(clean(&text).into_owned()));
                    self.copied = Some((text, value));
                }
                Effect::SignedIn(who) => self.sign_in(who),
                Effect::Visits(visitor) => self.welcome(visitor),
                Effect::SignOut(to) => self.sign_out(to),
                Effect::AtSite(site) => self.move_to(site),
                Effect::KeepLayout(name, items) => {
                    self.layouts.insert(name.clone(), items.clone());
                    let login = self.who.login().to_owned();
                    self.errands.push(Errand::KeepLayout { login, name, items });
                }
                Effect::Quit => self.leave(Leaving::Quit),
            }
        }
    }

    /// Whether a layer may open another one. What merely lies over it, such as help, is closed for that, or
    /// its outcome would be told to the wrong layer.
    fn uncover(&mut self, id: LayerId, effects: &[Effect]) -> bool {
        let Some(at) = self.index_of(id) else { return true };
        let above = &self.layers[at + 1..];
        let only_overlays = above.iter().all(|layer| layer.component.is_overlay());
        if only_overlays && !above.is_empty() && effects.iter().any(|it| matches!(it, Effect::Push(_))) {
            self.truncate(at + 1);
        }
        only_overlays
    }

    /// Another site: every place shows what it did for the one before.
    fn move_to(&mut self, site: SiteChoice) {
        if let Who::Operator(operator) = &mut self.who {
            operator.site = Some(site.site.clone());
            operator.enterprise_company.clone_from(&site.enterprise_company);
        }
        for layer in &mut self.layers {
            layer.is_stale = true;
        }
        self.errands.push(Errand::AtSite(site));
    }

    /// Closes a layer and what lies over it, and tells whoever asked.
    fn close(&mut self, id: LayerId, outcome: Outcome) {
        if self.lock.as_ref().is_some_and(|lock| lock.id == id) {
            return self.unlock();
        }
        let Some(at) = self.index_of(id) else { return };
        if at == 0 {
            return self.leave(Leaving::Quit);
        }
        let asks = self.layers[at].asks.take();
        self.truncate(at);
        match (asks, outcome) {
            (Some(FrameAsks::Discard(leaving)), Outcome::Answer(1)) => self.go(leaving),
            (Some(FrameAsks::Level), Outcome::Answer(level)) => self.leave(Leaving::BackTo(level)),
            (Some(_), _) => {}
            (None, Outcome::Command(action)) => self.give(action),
            (None, outcome) => self.returned(outcome),
        }
    }

    /// Tells the layer now in front how the one above it ended, and whether to read again.
    fn returned(&mut self, outcome: Outcome) {
        let Some(top) = self.layers.last_mut() else { return };
        let id = top.id;
        let was_written = std::mem::take(&mut top.is_stale);
        let told_apart = !matches!(outcome, Outcome::Cancelled | Outcome::Written);
        if told_apart || !was_written {
            self.tell_top(Event::Returned(outcome));
        }
        if was_written {
            self.tell(id, Event::Returned(Outcome::Written));
        }
    }

    fn truncate(&mut self, kept: usize) {
        self.tree_has_keys = false;
        for layer in self.layers.drain(kept.min(self.layers.len())..) {
            self.newest.retain(|(id, slot), _| *id != layer.id || *slot == Slot::Write);
            self.errands.push(Errand::Forget(layer.id));
        }
    }

    /// Tells whatever has the keys.
    fn tell_front(&mut self, event: Event) {
        match &self.lock {
            Some(lock) => self.tell(lock.id, event),
            None => self.tell_top(event),
        }
    }

    fn tell_top(&mut self, event: Event) {
        if let Some(top) = self.layers.last() {
            self.tell(top.id, event);
        }
    }

    /// Tells a layer, if it is still open.
    fn tell(&mut self, id: LayerId, event: Event) {
        let Some(layer) = self.layers.iter_mut().chain(&mut self.lock).find(|layer| layer.id == id) else {
            return;
        };
        let mut effects = Vec::new();
        let mut cx = Cx {
            layer: id,
            who: &self.who,
            today: self.today,
            effects: &mut effects,
            next_serial: &mut self.last_serial,
            layouts: &self.layouts,
            copied: &self.copied,
        };
        layer.component.handle(event, &mut cx);
        self.apply(id, effects);
    }

    fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.notify(Notice { tone, text: text.into() });
    }

    fn index_of(&self, id: LayerId) -> Option<usize> {
        self.layers.iter().position(|layer| layer.id == id)
    }

    fn is_open(&self, id: LayerId) -> bool {
        self.layers.iter().chain(&self.lock).any(|layer| layer.id == id)
    }

    /// Whether the menu tree has the keys.
    fn is_in_tree(&self) -> bool {
        self.tree_has_keys && self.lock.is_none()
    }

    fn is_too_small(&self) -> bool {
        self.size.width < LEAST.width || self.size.height < LEAST.height
    }
}

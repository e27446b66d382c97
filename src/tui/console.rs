//! The console: the stack of layers, and the frame around them.
//!
//! It takes input and answers, and returns [`HostEffect`]s for what it cannot do itself. It does no I/O and reads no
//! clock, so a test can drive it directly.

mod commands;
mod exporting;
mod frame;
mod keyboards;
mod menu_tree;
mod navigation;
mod session;
#[cfg(test)]
mod tests;
mod typed_ahead;

use std::collections::{HashMap, VecDeque};

use crossterm::event::{Event as Input, KeyEventKind};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::layout::Size;

use crate::domain::model::text::clean;
use crate::domain::model::value::Value;
use crate::service::ServiceError;
use crate::service::api::{BackOfficeReply, Question, Reply, Request};
use crate::service::back_office::SiteChoice;
use crate::tui::component::{Component, Cx, Handler, Handlers, Who};
use crate::tui::keyboard::Keyboard;
use crate::tui::layout_store::Layouts;
use crate::tui::message::{
    Effect, Event, LayerId, LogEntry, Notice, Outcome, Screen, Slot, Ticket, Tone, When,
};
use crate::tui::theme::Theme;
use exporting::Exporting;
use menu_tree::MenuTree;
use navigation::{FrameAsks, Leaving};
use typed_ahead::Typed;

/// The smallest terminal the console works in, in columns and lines.
pub const LEAST: Size = Size::new(60, 16);

/// The columns from which on the menu stands beside the screen; below, it drops over it.
const WIDE: u16 = 100;

/// The most notices kept in the message log.
const LOG: usize = 200;

/// The id under which the frame itself asks questions; no layer has it.
const FRAME: LayerId = LayerId(0);

/// Makes the component of a screen.
pub type Open = fn(Screen, &mut Cx<'_>) -> Box<dyn Component>;

/// What the console wants done outside of itself. [`event_loop`](crate::tui::event_loop) does it.
#[derive(Clone, Debug, PartialEq)]
pub enum HostEffect {
    /// Ask the service.
    Run(Ticket, Request, When),
    /// Ask the service now what waits for a pause in typing: the keys typed ahead wait for the answers.
    Hurry,
    /// Give up the reads of this layer, which is closed; its writes go on.
    Forget(LayerId),
    /// This site is the current one from now on.
    AtSite(SiteChoice),
    /// Put text on the terminal's clipboard.
    Copy(String),
    /// An operator with this login has signed in; the layouts are to be loaded and given to [`Console::lay_out`].
    SignedIn(String),
    /// Save a layout of an operator.
    KeepLayout {
        /// The operator's login.
        login: String,
        /// The name of the form or list.
        name: String,
        /// The items that it shows, in order.
        items: Vec<String>,
    },
    /// Remember this keyboard at the next start too.
    KeepKeyboard(Keyboard),
    /// Send the whole screen to the terminal anew (Ctrl+L).
    Repaint,
    /// Suspend the program (Ctrl+Z): the shell has the terminal until it resumes the program.
    Suspend,
    /// End the program once the writes under way are answered.
    Quit,
    /// End the program now, whatever is under way.
    QuitAtOnce,
}

/// Handles the answer to a question of the frame itself.
type FrameHandler = Box<dyn FnOnce(&mut Console, Result<Reply, ServiceError>)>;

struct Layer {
    id: LayerId,
    component: Box<dyn Component>,
    /// What the overlay asks for the frame, when the frame has opened it.
    asks: Option<FrameAsks>,
    /// A record was written since this layer was last in front: it reads again when it comes back.
    is_stale: bool,
    /// The screen, when it was opened as a place of the menu or on the way to one.
    place: Option<Screen>,
    /// It is a level of the breadcrumb that nobody has been to: Esc passes over it.
    is_passed: bool,
}

/// The console: its layers, the frame around them, who is signed in, and the questions that are not answered yet.
pub struct Console {
    layers: Vec<Layer>,
    /// The sign-in that the console began with and returns to when somebody signs out.
    start_screen: Screen,
    /// The lock, which covers everything until the operator gives the password again.
    lock: Option<Layer>,
    open: Open,
    who: Who,
    now: Timestamp,
    today: Date,
    /// The fewest characters of a new password, once known.
    shortest_password: Option<usize>,
    database: String,
    layouts: Layouts,
    copied: Option<(String, Value)>,
    keyboard: Option<Keyboard>,
    theme: Theme,
    tree: MenuTree,
    tree_is_hidden: bool,
    tree_has_keys: bool,
    notice: Option<Notice>,
    log: VecDeque<LogEntry>,
    /// The serial of the newest question of each slot that is not answered yet.
    newest: HashMap<(LayerId, Slot), u64>,
    handlers: Handlers,
    frame_handlers: HashMap<u64, FrameHandler>,
    last_serial: u64,
    last_layer: u64,
    host_effects: Vec<HostEffect>,
    /// Input that waits for answers ([`Component::takes_now`]), in order.
    typed_ahead: VecDeque<Typed>,
    size: Size,
    is_waiting: bool,
    /// The export under way, of which there is one at a time.
    exporting: Option<Exporting>,
    /// The number of pending requests for accounts, once an operator knows it.
    requests: Option<i64>,
    is_dirty: bool,
}

impl Console {
    /// An empty console; `database` is the name it shows. Start it with [`Console::begin`] or [`Console::sign_in`].
    pub fn new(open: Open, theme: Theme, database: impl Into<String>) -> Self {
        Self {
            layers: Vec::new(),
            start_screen: Screen::SignIn,
            lock: None,
            open,
            who: Who::Nobody,
            now: Timestamp::UNIX_EPOCH,
            today: Date::constant(1970, 1, 1),
            shortest_password: None,
            database: database.into(),
            layouts: Layouts::new(),
            copied: None,
            keyboard: None,
            theme,
            tree: MenuTree::of(&Who::Nobody),
            tree_is_hidden: false,
            tree_has_keys: false,
            notice: None,
            log: VecDeque::new(),
            newest: HashMap::new(),
            handlers: Handlers::new(),
            frame_handlers: HashMap::new(),
            last_serial: 0,
            last_layer: 0,
            host_effects: Vec::new(),
            typed_ahead: VecDeque::new(),
            size: LEAST,
            is_waiting: false,
            exporting: None,
            requests: None,
            is_dirty: true,
        }
    }

    /// Sets the time, and with it the date, UTC.
    pub fn set_now(&mut self, now: Timestamp) {
        let today = TimeZone::UTC.to_datetime(now).date();
        self.is_dirty |= self.today != today;
        (self.now, self.today) = (now, today);
    }

    /// Sets the fewest characters of a new password, which is said where one is chosen.
    pub fn set_shortest_password(&mut self, characters: usize) {
        self.shortest_password = Some(characters);
    }

    /// Sets the layouts of the operator who has signed in.
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

    /// Opens the last of these screens, which are the levels of a place in the menu from the first one down. The others
    /// are levels of the breadcrumb, which Esc passes over; those that are in front already are not opened again.
    fn push_path(&mut self, path: Vec<Screen>) {
        let front = self.layers.last().and_then(|top| top.place.as_ref());
        let known = path.iter().position(|screen| Some(screen) == front).map_or(0, |at| at + 1);
        let last = path.len().saturating_sub(1);
        for (at, screen) in path.into_iter().enumerate().skip(known) {
            self.push(screen.clone());
            if let Some(top) = self.layers.last_mut() {
                (top.place, top.is_passed) = (Some(screen), at < last);
            }
        }
    }

    /// Makes the layer of a screen. Also returns its first effects.
    fn made(&mut self, screen: Screen, asks: Option<FrameAsks>) -> (Layer, Vec<Effect>) {
        self.last_layer += 1;
        let id = LayerId(self.last_layer);
        let mut effects = Vec::new();
        let open = self.open;
        let (_, mut cx) = self.layer_and_cx(id, &mut effects);
        let component = open(screen, &mut cx);
        (Layer { id, component, asks, is_stale: false, place: None, is_passed: false }, effects)
    }

    /// Takes the effects to be carried out outside, in order. Call it after each input and each answer.
    pub fn take_host_effects(&mut self) -> Vec<HostEffect> {
        std::mem::take(&mut self.host_effects)
    }

    /// Whether something on the screen may have changed since the last drawing.
    pub fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Asks for a drawing although nothing has changed: the terminal has lost its content.
    pub fn redraw(&mut self) {
        self.is_dirty = true;
    }

    /// Shows in the frame that an answer takes long, or no longer shows it.
    pub fn show_waiting(&mut self, waiting: bool) {
        self.is_dirty |= self.is_waiting != waiting;
        self.is_waiting = waiting;
    }

    /// Whether the frame shows that an answer takes long.
    pub fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Shows a notice in the message line and keeps it in the log.
    pub fn notify(&mut self, notice: Notice) {
        self.is_dirty = true;
        if self.log.len() == LOG {
            self.log.pop_front();
        }
        self.log.push_back(LogEntry { at: self.now, notice: notice.clone() });
        self.notice = Some(notice);
    }

    /// Handles one input from the terminal.
    pub fn handle_input(&mut self, input: Input) {
        match input {
            Input::Key(key) if key.kind != KeyEventKind::Release => {
                self.is_dirty = true;
                self.typed(Typed::Key(key));
            }
            Input::Paste(text) if !self.is_too_small() => {
                self.is_dirty = true;
                self.typed(Typed::Paste(text));
            }
            Input::Resize(width, height) => {
                self.is_dirty = true;
                self.size = Size::new(width, height);
            }
            Input::Key(_) | Input::Paste(_) | Input::Mouse(_) | Input::FocusGained | Input::FocusLost => {}
        }
    }

    /// Handles an answer of the service. A stale one is dropped.
    pub fn reply(&mut self, ticket: Ticket, result: Result<Reply, ServiceError>) {
        let has_changed = result.as_ref().is_ok_and(Reply::may_change_records);
        if has_changed {
            for layer in self.layers.iter_mut().filter(|layer| layer.id != ticket.layer) {
                layer.is_stale = true;
            }
            self.count_requests();
        }
        let may_have_changed = has_changed || matches!(result, Err(ServiceError::Denied(_)));
        if may_have_changed && ticket.slot != Slot::CurrentVisitor {
            self.ask_current_visitor();
        }
        let has_failed = result.is_err();
        let last_layer = self.last_layer;
        let handler = self.handlers.remove(&ticket);
        let frame_handler = self.frame_handlers.remove(&ticket.serial);
        if self.newest.get(&(ticket.layer, ticket.slot)) != Some(&ticket.serial) {
            return;
        }
        self.newest.remove(&(ticket.layer, ticket.slot));
        self.is_dirty = true;
        // A one-time code is shown only once, so also when the form that asked for it is covered or closed by now.
        if let Ok(Reply::BackOffice(BackOfficeReply::IssueReset(issued))) = &result {
            self.push(Screen::ResetCode(issued.login.clone(), issued.code.clone()));
        }
        let ended = match &result {
            Err(ServiceError::SignedOut(sentence)) => Some(sentence.clone()),
            _ => None,
        };
        if let Some(handler) = frame_handler {
            handler(self, result);
        } else {
            self.hand_over(ticket, handler, result);
        }
        if let Some(sentence) = ended {
            self.session_ended(ticket.layer, sentence);
        }
        self.release(ticket, has_failed, last_layer);
    }

    /// Gives an answer to the layer that asked.
    fn hand_over(&mut self, ticket: Ticket, handler: Option<Handler>, result: Result<Reply, ServiceError>) {
        match (handler, result) {
            (Some(handler), result) if self.is_open(ticket.layer) => {
                self.with(ticket.layer, |component, cx| handler(component, result, cx));
            }
            // The layer is closed; what became of a write must be said all the same.
            (_, Err(error)) => self.say(Tone::Bad, error.to_string()),
            (_, Ok(_)) => {
                if ticket.slot == Slot::Write {
                    self.say(Tone::Good, "What was being saved when you left is saved.");
                }
                self.returned(Outcome::Written);
            }
        }
    }

    /// Asks the service a question of the frame itself; `then` handles the answer, unless a newer question of the
    /// slot is asked.
    fn ask<Q: Question>(
        &mut self,
        slot: Slot,
        question: Q,
        then: impl FnOnce(&mut Self, Result<Q::Answer, ServiceError>) + 'static,
    ) {
        self.last_serial += 1;
        let ticket = Ticket { layer: FRAME, slot, serial: self.last_serial };
        if let Some(older) = self.newest.insert((FRAME, slot), ticket.serial) {
            self.frame_handlers.remove(&older);
        }
        let handler = move |console: &mut Self, reply: Result<Reply, ServiceError>| {
            then(
                console,
                reply.map(|reply| Q::answer(reply).expect("a question gets the reply of its own type")),
            );
        };
        self.frame_handlers.insert(ticket.serial, Box::new(handler));
        self.host_effects.push(HostEffect::Run(ticket, question.into(), When::Now));
    }

    fn apply(&mut self, by: LayerId, effects: Vec<Effect>) {
        let opens = self.uncover(by, &effects);
        for effect in effects {
            match effect {
                Effect::Run(ticket, request, when) => {
                    let older = self.newest.insert((ticket.layer, ticket.slot), ticket.serial);
                    if let Some(serial) = older {
                        self.handlers.remove(&Ticket { serial, ..ticket });
                    }
                    self.host_effects.push(HostEffect::Run(ticket, request, when));
                }
                Effect::Push(screen) if opens => self.push(screen),
                Effect::PushPath(path) if opens => self.push_path(path),
                // Another place is in front by now, so the screen is not opened.
                Effect::Push(_) | Effect::PushPath(_) => {}
                Effect::Pop(outcome) => self.close(by, outcome),
                Effect::Notify(notice) => self.notify(notice),
                Effect::Copy(text, value) => {
                    self.host_effects.push(HostEffect::Copy(clean(&text).into_owned()));
                    self.copied = Some((text, value));
                }
                Effect::SignedIn(who) => self.sign_in(who),
                Effect::Visits(visitor) => self.welcome(visitor),
                Effect::VisitorUpdated(visitor) => self.visitor_updated(visitor),
                Effect::SignOut(to) => self.sign_out(to),
                Effect::AtSite(site) => self.move_to(site),
                Effect::Export(order) => self.export(*order),
                Effect::KeepLayout(name, items) => {
                    self.layouts.insert(name.clone(), items.clone());
                    let login = self.who.login().to_owned();
                    self.host_effects.push(HostEffect::KeepLayout { login, name, items });
                }
                Effect::Quit => self.leave(Leaving::Quit),
            }
        }
    }

    /// Whether a layer may open another one. A mere overlay above it, such as help, is closed for that; otherwise its
    /// outcome would be delivered to the wrong layer.
    fn uncover(&mut self, id: LayerId, effects: &[Effect]) -> bool {
        let Some(at) = self.index_of(id) else { return true };
        let above = &self.layers[at + 1..];
        let only_overlays = above.iter().all(|layer| layer.component.is_overlay());
        if only_overlays
            && !above.is_empty()
            && effects.iter().any(|it| matches!(it, Effect::Push(_) | Effect::PushPath(_)))
        {
            self.truncate(at + 1);
        }
        only_overlays
    }

    /// Changes the site; all layers are marked stale.
    fn move_to(&mut self, site: SiteChoice) {
        if let Who::Operator(operator) = &mut self.who {
            operator.site = Some(site.site.clone());
            operator.enterprise_company.clone_from(&site.enterprise_company);
        }
        for layer in &mut self.layers {
            layer.is_stale = true;
        }
        self.host_effects.push(HostEffect::AtSite(site));
    }

    /// Delivers an event to the layer that has the keys: the lock, or the top layer.
    fn deliver_to_front(&mut self, event: Event) {
        match &self.lock {
            Some(lock) => self.deliver(lock.id, event),
            None => self.deliver_to_top(event),
        }
    }

    fn deliver_to_top(&mut self, event: Event) {
        if let Some(top) = self.layers.last() {
            self.deliver(top.id, event);
        }
    }

    /// Delivers an event to a layer, if it is still open.
    fn deliver(&mut self, id: LayerId, event: Event) {
        self.with(id, |component, cx| component.handle(event, cx));
    }

    /// Calls `act` with a layer, if it is still open, and carries out its effects.
    fn with(&mut self, id: LayerId, act: impl FnOnce(&mut dyn Component, &mut Cx<'_>)) {
        let mut effects = Vec::new();
        let (layer, mut cx) = self.layer_and_cx(id, &mut effects);
        let Some(layer) = layer else { return };
        act(layer.component.as_mut(), &mut cx);
        self.apply(id, effects);
    }

    /// The layer of this id, if it is open, and what its component can use; its effects go to `effects`.
    fn layer_and_cx<'a>(
        &'a mut self,
        id: LayerId,
        effects: &'a mut Vec<Effect>,
    ) -> (Option<&'a mut Layer>, Cx<'a>) {
        let cx = Cx {
            layer: id,
            who: &self.who,
            today: self.today,
            effects,
            last_serial: &mut self.last_serial,
            handlers: &mut self.handlers,
            layouts: &self.layouts,
            copied: &self.copied,
        };
        (self.layers.iter_mut().chain(&mut self.lock).find(|layer| layer.id == id), cx)
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

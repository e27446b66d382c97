//! The console: the stack of layers, and the frame around them.
//!
//! It takes input and answers, and leaves [`HostEffect`]s for what it cannot do itself. It does no I/O and knows
//! no clock, so a test can hold it in its hand.

mod commands;
mod frame;
mod menu_tree;
mod navigation;
mod session;
#[cfg(test)]
mod tests;
mod typed_ahead;

use std::collections::{HashMap, VecDeque};

use crossterm::event::{Event as Input, KeyEventKind};
use jiff::civil::Date;
use ratatui::layout::Size;

use crate::domain::model::text::clean;
use crate::domain::model::value::Value;
use crate::service::ServiceError;
use crate::service::api::{BackOfficeReply, Question, Reply, Request};
use crate::service::auth::SiteChoice;
use crate::tui::component::{Component, Cx, Handler, Handlers, Who};
use crate::tui::layout_store::Layouts;
use crate::tui::message::{Effect, Event, LayerId, Notice, Outcome, Screen, Slot, Ticket, Tone, When};
use crate::tui::theme::Theme;
use menu_tree::MenuTree;
use navigation::{FrameAsks, Leaving};
use typed_ahead::Typed;

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
pub enum HostEffect {
    /// Ask the service.
    Run(Ticket, Request, When),
    /// Put the questions that wait for a pause to the service now: what is typed waits for their answers.
    Hurry,
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
    /// Leave the program once the writes under way are answered.
    Quit,
    /// Leave the program now, whatever is under way.
    QuitAtOnce,
}

/// What the frame itself does with the answer to a question of its own.
type FrameHandler = Box<dyn FnOnce(&mut Console, Result<Reply, ServiceError>)>;

struct Layer {
    id: LayerId,
    component: Box<dyn Component>,
    /// For overlays that the frame itself has put there.
    asks: Option<FrameAsks>,
    /// Something was written since this layer was in front.
    is_stale: bool,
}

/// Everything on the screen.
pub struct Console {
    layers: Vec<Layer>,
    /// The sign-in that the console began with.
    start_screen: Screen,
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
    /// The serial of the newest question of each slot that is not answered yet.
    newest: HashMap<(LayerId, Slot), u64>,
    handlers: Handlers,
    frame_handlers: HashMap<u64, FrameHandler>,
    last_serial: u64,
    last_layer: u64,
    host_effects: Vec<HostEffect>,
    /// What was typed and waits for answers ([`Component::takes_now`]), in order.
    typed_ahead: VecDeque<Typed>,
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
            start_screen: Screen::SignIn,
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
            handlers: Handlers::new(),
            frame_handlers: HashMap::new(),
            last_serial: 0,
            last_layer: 0,
            host_effects: Vec::new(),
            typed_ahead: VecDeque::new(),
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
            last_serial: &mut self.last_serial,
            handlers: &mut self.handlers,
            layouts: &self.layouts,
            copied: &self.copied,
        };
        let component = (self.open)(screen, &mut cx);
        (Layer { id, component, asks, is_stale: false }, effects)
    }

    /// What is to be done outside, in order. Take it after each input and each answer.
    pub fn take_host_effects(&mut self) -> Vec<HostEffect> {
        std::mem::take(&mut self.host_effects)
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
                self.typed(Typed::Key(key));
            }
            Input::Paste(text) if !self.is_too_small() && !self.is_in_tree() => {
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

    /// Takes an answer of the service. A stale one is dropped.
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
        // Shown this once, also when its form is covered or closed by now.
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

    /// Hands an answer to the layer that asked.
    fn hand_over(&mut self, ticket: Ticket, handler: Option<Handler>, result: Result<Reply, ServiceError>) {
        match (handler, result) {
            (Some(handler), result) if self.is_open(ticket.layer) => {
                self.with(ticket.layer, |component, cx| handler(component, result, cx));
            }
            // Nobody is left to say it, and a write that failed must not pass unsaid.
            (_, Err(error)) => self.say(Tone::Bad, error.to_string()),
            (_, Ok(_)) => self.returned(Outcome::Written),
        }
    }

    /// Asks the service for the frame itself; `then` takes the answer, unless a newer question of the slot is asked.
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
                // It came too late: another place is in front by now.
                Effect::Push(_) => {}
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
                Effect::KeepLayout(name, items) => {
                    self.layouts.insert(name.clone(), items.clone());
                    let login = self.who.login().to_owned();
                    self.host_effects.push(HostEffect::KeepLayout { login, name, items });
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
        self.host_effects.push(HostEffect::AtSite(site));
    }

    /// Tells whatever has the keys.
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

    /// Tells a layer, if it is still open.
    fn deliver(&mut self, id: LayerId, event: Event) {
        self.with(id, |component, cx| component.handle(event, cx));
    }

    /// Has a layer do something, if it is still open, and carries out what it wants done.
    fn with(&mut self, id: LayerId, act: impl FnOnce(&mut dyn Component, &mut Cx<'_>)) {
        let Some(layer) = self.layers.iter_mut().chain(&mut self.lock).find(|layer| layer.id == id) else {
            return;
        };
        let mut effects = Vec::new();
        let mut cx = Cx {
            layer: id,
            who: &self.who,
            today: self.today,
            effects: &mut effects,
            last_serial: &mut self.last_serial,
            handlers: &mut self.handlers,
            layouts: &self.layouts,
            copied: &self.copied,
        };
        act(layer.component.as_mut(), &mut cx);
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

//! The interface of every layer of the console.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};

use crossterm::event::{KeyCode, KeyEvent};
use jiff::civil::Date;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::model::value::{FALLBACK_LANGUAGE, Reference, Value};
use crate::service::ServiceError;
use crate::service::api::{Question, Reply};
use crate::service::back_office::SignedIn;
use crate::service::client_center::Visitor;
use crate::tui::command::{Command, OwnKey};
use crate::tui::message::{Effect, Event, LayerId, Notice, Slot, Ticket, Tone, When};
use crate::tui::theme::Theme;
use crate::tui::widgets::text_box;

/// A layer of the console: a place of the breadcrumb, or an overlay above one.
///
/// `handle` and `draw` do no I/O. A layer gets only events that are meant for it: commands that its
/// [`Component::commands`] lists as enabled, keys that are no command, and answers to its newest questions.
pub trait Component: Any {
    /// Its name in the breadcrumb, or in the frame of an overlay.
    fn title(&self) -> String;

    /// The path of its type: `ccdesk::tui::screens::home::Home`.
    fn type_name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Whether it is an overlay: drawn over the screen below. While it is open it gets all input.
    fn is_overlay(&self) -> bool {
        false
    }

    /// The question that an overlay asks, in a sentence, for a window that is too small to show it; `None` for a layer
    /// that asks none.
    fn question(&self) -> Option<String> {
        None
    }

    /// The rule of the field with the cursor in a sentence: what it takes is said before anything is refused. Shown in
    /// the message line while there is no message.
    fn rule(&self) -> Option<String> {
        None
    }

    /// Whether a typed letter is text, and not a command.
    fn takes_text(&self) -> bool;

    /// The answers that it waits for, each with its letter: the footer shows them first.
    fn answers(&self) -> Vec<(char, String)> {
        Vec::new()
    }

    /// Adds the commands that can be given now, and those that cannot with the reason.
    fn commands(&self, out: &mut Vec<Command>);

    /// The keys that it handles itself, for the footer and the help. By default those of a text where it takes one.
    fn own_keys(&self) -> Vec<OwnKey> {
        if self.takes_text() { text_box::KEYS.to_vec() } else { Vec::new() }
    }

    /// Handles one event; what it wants done goes to `cx`.
    fn handle(&mut self, event: Event, cx: &mut Cx<'_>);

    /// Draws itself into `area`, and sets the position of the terminal's cursor on `frame`.
    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>);

    /// Whether an event can be handled now. One that cannot waits, with all that is typed after it, until the answers
    /// that decide its meaning have come, so that keys mean the same at any latency (`docs/promises.md`, 33).
    fn takes_now(&self, _event: &Event, _awaited: &Awaited<'_>) -> bool {
        true
    }

    /// Whether waiting keys are dropped when this layer opens on an answer, or stays open after its form was answered:
    /// they were typed for another screen, and a password may be among them.
    fn drops_typed_ahead(&self) -> bool {
        false
    }

    /// A component within this one that asks questions of its own, if there is one.
    fn part(&mut self) -> Option<&mut dyn Component> {
        None
    }

    /// Called after the [part](Component::part) has handled the answer to one of its questions.
    fn part_was_answered(&mut self, _cx: &mut Cx<'_>) {}

    /// Whether closing this layer would lose something that was entered. Asked before the breadcrumb or Quit closes
    /// it.
    fn has_changes(&self) -> bool {
        false
    }
}

/// Who is signed in.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Who {
    /// Nobody has signed in.
    #[default]
    Nobody,
    /// An operator of the back office.
    Operator(Box<SignedIn>),
    /// A visitor of a Client Center.
    Visitor(Box<Visitor>),
}

impl Who {
    /// The language of texts: a code such as `en`.
    pub fn language(&self) -> &str {
        match self {
            Self::Nobody => FALLBACK_LANGUAGE,
            Self::Operator(operator) => &operator.language,
            Self::Visitor(visitor) => &visitor.language,
        }
    }

    /// The login; empty when nobody is signed in.
    pub fn login(&self) -> &str {
        match self {
            Self::Nobody => "",
            Self::Operator(operator) => &operator.login,
            Self::Visitor(visitor) => &visitor.login,
        }
    }

    /// The operator, when one is signed in.
    pub fn operator(&self) -> Option<&SignedIn> {
        match self {
            Self::Operator(operator) => Some(operator),
            Self::Nobody | Self::Visitor(_) => None,
        }
    }

    /// The visitor, when one is signed in.
    pub fn visitor(&self) -> Option<&Visitor> {
        match self {
            Self::Visitor(visitor) => Some(visitor),
            Self::Nobody | Self::Operator(_) => None,
        }
    }

    /// Whether an administrator is signed in, as far as the console knows; the service decides.
    pub fn is_administrator(&self) -> bool {
        self.operator().is_some_and(|operator| operator.is_admin)
    }

    /// The Client Center site at which the operator judges users, once one is chosen.
    pub fn site(&self) -> Option<&Reference> {
        self.operator().and_then(|operator| operator.site.as_ref())
    }
}

/// The questions of one layer that are not answered yet.
#[derive(Clone, Copy)]
pub struct Awaited<'a> {
    layer: LayerId,
    newest: &'a HashMap<(LayerId, Slot), u64>,
}

impl<'a> Awaited<'a> {
    /// The unanswered questions of a layer; `newest` holds those of all layers, with the serial of the newest in each
    /// slot.
    pub fn of(layer: LayerId, newest: &'a HashMap<(LayerId, Slot), u64>) -> Self {
        Self { layer, newest }
    }

    /// Whether the question of this slot is not answered yet.
    pub fn has(&self, slot: Slot) -> bool {
        self.newest.contains_key(&(self.layer, slot))
    }

    /// Whether a question of one of these slots is not answered yet.
    pub fn any(&self, is_one: impl Fn(Slot) -> bool) -> bool {
        self.newest.keys().any(|(layer, slot)| *layer == self.layer && is_one(*slot))
    }
}

/// Handles the answer to a question of the component.
pub type Handler = Box<dyn FnOnce(&mut dyn Component, Result<Reply, ServiceError>, &mut Cx<'_>)>;

/// The handlers of the questions that are not answered yet.
pub type Handlers = HashMap<Ticket, Handler>;

/// What a component can use while it handles an event.
pub struct Cx<'a> {
    /// The layer of the component.
    pub layer: LayerId,
    /// Who is signed in.
    pub who: &'a Who,
    /// Today, UTC.
    pub today: Date,
    /// Where effects go; they are carried out in order.
    pub effects: &'a mut Vec<Effect>,
    /// The serial of the last question; the next one is one higher.
    pub last_serial: &'a mut u64,
    /// The handlers of the questions that are not answered yet.
    pub handlers: &'a mut Handlers,
    /// The layouts of the operator, by the names given to [`Effect::KeepLayout`].
    pub layouts: &'a BTreeMap<String, Vec<String>>,
    /// What was copied last in this console: its text on the screen, and its value.
    pub copied: &'a Option<(String, Value)>,
}

impl Cx<'_> {
    /// Asks the service. `then` handles the answer, unless a newer question of the slot is asked before it comes. It
    /// gets the component of type `C` in this layer: the layer itself, or a [part](Component::part) of it.
    pub fn ask<Q: Question, C: Component>(
        &mut self,
        slot: Slot,
        question: Q,
        then: impl FnOnce(&mut C, Result<Q::Answer, ServiceError>, &mut Cx<'_>) + 'static,
    ) {
        *self.last_serial += 1;
        let ticket = Ticket { layer: self.layer, slot, serial: *self.last_serial };
        let handler =
            move |component: &mut dyn Component, reply: Result<Reply, ServiceError>, cx: &mut Cx<'_>| {
                let answer =
                    reply.map(|reply| Q::answer(reply).expect("a question gets the reply of its own type"));
                hand_to(component, answer, then, cx);
            };
        self.handlers.insert(ticket, Box::new(handler));
        self.effects.push(Effect::Run(ticket, question.into(), When::Now));
    }

    /// As [`Cx::ask`], but only after a pause in typing: a question asked at every letter would be superseded by the
    /// next.
    pub fn ask_after_pause<Q: Question, C: Component>(
        &mut self,
        slot: Slot,
        question: Q,
        then: impl FnOnce(&mut C, Result<Q::Answer, ServiceError>, &mut Cx<'_>) + 'static,
    ) {
        self.ask(slot, question, then);
        if let Some(Effect::Run(_, _, when)) = self.effects.last_mut() {
            *when = When::AfterPause;
        }
    }

    /// Adds an effect.
    pub fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Shows a message in the message line, and keeps it in the log.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.effects.push(Effect::Notify(Notice { tone, text: text.into() }));
    }

    /// Says in the message line what a save that ended in this error means for what was typed. The error itself belongs
    /// beside the fields.
    pub fn say_not_saved(&mut self, error: &ServiceError) {
        let sentence = if error.is_outcome_unknown() {
            "Whether it was saved is not known; what you typed is still here."
        } else {
            "Nothing was saved; what you typed is still here."
        };
        self.say(Tone::Bad, sentence);
    }

    /// Says in the message line that pasted text went nowhere.
    pub fn say_not_pasted(&mut self) {
        self.say(Tone::Plain, NOT_PASTED);
    }

    /// Says in the message line that a key was pressed in the field `label`, where no text is typed, and how its value
    /// is set.
    pub fn say_no_text(&mut self, label: &str, how: &str) {
        self.say(Tone::Plain, format!("{label} is no text: {how}."));
    }

    /// The language of texts: a code such as `en`.
    pub fn language(&self) -> &str {
        self.who.language()
    }
}

/// Whether a key types, deletes or moves where a text is typed.
pub fn is_for_text(key: &KeyEvent) -> bool {
    use KeyCode::{Backspace, Char, Delete, End, Home, Left, Right};
    matches!(key.code, Char(_) | Backspace | Delete | Left | Right | Home | End)
}

/// The message when text was pasted where none can be typed.
pub const NOT_PASTED: &str = "Nothing was pasted; go to where text can be typed, then paste again.";

/// Gives an answer to the component that asked: this one, or one of its parts.
fn hand_to<C: Component, A>(
    component: &mut dyn Component,
    answer: A,
    then: impl FnOnce(&mut C, A, &mut Cx<'_>),
    cx: &mut Cx<'_>,
) {
    let any: &mut dyn Any = component;
    if let Some(asker) = any.downcast_mut::<C>() {
        then(asker, answer, cx);
    } else if let Some(part) = component.part() {
        hand_to(part, answer, then, cx);
        component.part_was_answered(cx);
    }
}

/// What a component can use while it draws.
pub struct DrawCx<'a> {
    /// Who is signed in.
    pub who: &'a Who,
    /// Today, UTC.
    pub today: Date,
    /// Whether this layer gets the keys.
    pub focused: bool,
    /// The fewest characters of a new password, once known.
    pub shortest_password: Option<usize>,
    /// The number of pending requests for accounts, once known.
    pub requests: Option<i64>,
    /// The colours and marks.
    pub theme: &'a Theme,
}

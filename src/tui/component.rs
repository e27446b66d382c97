//! What every layer of the console can do.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::model::value::{FALLBACK_LANGUAGE, Reference, Value};
use crate::service::ServiceError;
use crate::service::api::{Question, Reply};
use crate::service::back_office::SignedIn;
use crate::service::client_center::Visitor;
use crate::tui::command::Command;
use crate::tui::message::{Effect, Event, LayerId, Notice, Slot, Ticket, Tone, When};

/// A layer: a place of the breadcrumb, or something that lies over it.
///
/// `handle` and `draw` do no I/O. A layer is told only what is meant for it: commands that its
/// [`Component::commands`] lists as enabled, keys that are no command, and answers to its newest questions.
pub trait Component: Any {
    /// The name in the breadcrumb or the frame's title.
    fn title(&self) -> String;

    /// Whether it lies over the place below instead of taking its room. It then gets all input.
    fn is_overlay(&self) -> bool {
        false
    }

    /// Whether a letter is text here, and no command.
    fn takes_text(&self) -> bool;

    /// What can be done here now.
    fn commands(&self, out: &mut Vec<Command>);

    /// Takes one event.
    fn handle(&mut self, event: Event, cx: &mut Cx<'_>);

    /// Draws itself; the place where the cursor stands is set on the frame.
    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>);

    /// Whether an event can be carried out now. One that cannot waits, and all that is typed after it, until the
    /// answers that decide what it means have come: so keys mean the same at any latency (`docs/promises.md`, 33).
    fn takes_now(&self, _event: &Event, _awaited: &Awaited<'_>) -> bool {
        true
    }

    /// Whether what was typed ahead is dropped when an answer brings this layer to the front, or leaves a form of this
    /// kind in front that was sent: it was meant for something else, and a password may be among it.
    fn drops_typed_ahead(&self) -> bool {
        false
    }

    /// A component within this one that asks questions of its own.
    fn part(&mut self) -> Option<&mut dyn Component> {
        None
    }

    /// The part has taken the answer to one of its questions.
    fn part_was_answered(&mut self, _cx: &mut Cx<'_>) {}

    /// Asked before the layer is closed by the breadcrumb or by quitting: whether something would be lost.
    fn has_changes(&self) -> bool {
        false
    }
}

/// Who is here.
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
    /// The language of texts.
    pub fn language(&self) -> &str {
        match self {
            Self::Nobody => FALLBACK_LANGUAGE,
            Self::Operator(operator) => &operator.language,
            Self::Visitor(visitor) => &visitor.language,
        }
    }

    /// The name signed in with; empty before.
    pub fn login(&self) -> &str {
        match self {
            Self::Nobody => "",
            Self::Operator(operator) => &operator.login,
            Self::Visitor(visitor) => &visitor.login,
        }
    }

    /// The operator of the back office.
    pub fn operator(&self) -> Option<&SignedIn> {
        match self {
            Self::Operator(operator) => Some(operator),
            Self::Nobody | Self::Visitor(_) => None,
        }
    }

    /// The visitor of a Client Center.
    pub fn visitor(&self) -> Option<&Visitor> {
        match self {
            Self::Visitor(visitor) => Some(visitor),
            Self::Nobody | Self::Operator(_) => None,
        }
    }

    /// Whether it is an operator who may do everything, as far as the console knows: the service has the last word.
    pub fn is_administrator(&self) -> bool {
        self.operator().is_some_and(|operator| operator.is_admin)
    }

    /// The site at which an operator judges users.
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
    /// Those of a layer, among the newest questions of all layers.
    pub fn of(layer: LayerId, newest: &'a HashMap<(LayerId, Slot), u64>) -> Self {
        Self { layer, newest }
    }

    /// Whether the answer to the question of this slot is still to come.
    pub fn has(&self, slot: Slot) -> bool {
        self.newest.contains_key(&(self.layer, slot))
    }

    /// Whether an answer is still to come for one of these slots.
    pub fn any(&self, is_one: impl Fn(Slot) -> bool) -> bool {
        self.newest.keys().any(|(layer, slot)| *layer == self.layer && is_one(*slot))
    }
}

/// What a component does with the answer to a question of its own.
pub type Handler = Box<dyn FnOnce(&mut dyn Component, Result<Reply, ServiceError>, &mut Cx<'_>)>;

/// The handlers of the questions that are not answered yet.
pub type Handlers = HashMap<Ticket, Handler>;

/// What a component can reach while it handles an event.
pub struct Cx<'a> {
    /// The layer itself.
    pub layer: LayerId,
    /// Who is here.
    pub who: &'a Who,
    /// The date, UTC.
    pub today: Date,
    /// What is to be done, in order.
    pub effects: &'a mut Vec<Effect>,
    /// The serial of the last question.
    pub last_serial: &'a mut u64,
    /// What is done with the answers that are still to come.
    pub handlers: &'a mut Handlers,
    /// How this operator has laid out forms and lists, by the names given to [`Effect::KeepLayout`].
    pub layouts: &'a BTreeMap<String, Vec<String>>,
    /// What was copied last here: the text it was shown as, and the value.
    pub copied: &'a Option<(String, Value)>,
}

impl Cx<'_> {
    /// Asks the service. `then` takes the answer, unless a newer question of the slot is asked before: it is
    /// handed the component of type `C` in this layer, which is the layer itself or a [part](Component::part) of it.
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

    /// As [`Cx::ask`], but only after a pause in what is typed: what is asked at every letter would be superseded by
    /// the next.
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

    /// Wants something done.
    pub fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Says something in the message line.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.effects.push(Effect::Notify(Notice { tone, text: text.into() }));
    }

    /// The language of texts.
    pub fn language(&self) -> &str {
        self.who.language()
    }
}

/// Hands an answer to the component that asked: this one, or one of its parts.
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

/// What a component can reach while it draws.
pub struct DrawCx<'a> {
    /// Who is here.
    pub who: &'a Who,
    /// The date, UTC.
    pub today: Date,
    /// Whether it is the layer that gets the keys.
    pub focused: bool,
    /// How many requests for accounts wait to be decided, once known.
    pub requests: Option<i64>,
    /// The colours and marks.
    pub theme: &'a crate::tui::theme::Theme,
}

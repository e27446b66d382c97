//! What every layer of the console can do.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::model::value::{FALLBACK_LANGUAGE, Reference, Value};
use crate::service::back_office::SignedIn;
use crate::service::client_center::Visitor;
use crate::tui::command::Command;
use crate::tui::message::{Effect, Event, LayerId, Notice, Request, Slot, Ticket, Tone};

/// A layer: a place of the breadcrumb, or something that lies over it.
///
/// `handle` and `draw` do no I/O. A layer is told only what is meant for it: commands that its
/// [`Component::commands`] lists as enabled, keys that are no command, and answers to its newest questions.
pub trait Component {
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

    /// Whether keys wait now for the answer that is awaited: whoever knows them blind types ahead. They go to what
    /// follows this layer; where the answer keeps it open they are dropped, since a password may be among them.
    fn holds_keys(&self) -> bool {
        false
    }

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
    /// How this operator has laid out forms and lists, by the names given to [`Effect::KeepLayout`].
    pub layouts: &'a BTreeMap<String, Vec<String>>,
    /// What was copied last here: the text it was shown as, and the value.
    pub copied: &'a Option<(String, Value)>,
}

impl Cx<'_> {
    /// Asks the service; the answer comes back as [`Event::Reply`] with this slot, unless a newer question of
    /// the slot is asked before.
    pub fn ask(&mut self, slot: Slot, request: Request) {
        *self.last_serial += 1;
        let ticket = Ticket { layer: self.layer, slot, serial: *self.last_serial };
        self.effects.push(Effect::Run(ticket, request));
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

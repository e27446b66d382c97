//! What every layer of the console can do.

use std::collections::BTreeMap;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::value::Value;
use crate::service::SignedIn;
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

    /// Asked before the layer is closed by the breadcrumb or by quitting: whether something would be lost.
    fn has_changes(&self) -> bool {
        false
    }
}

/// What a component can reach while it handles an event.
pub struct Cx<'a> {
    /// The layer itself.
    pub layer: LayerId,
    /// Who works here, and where.
    pub who: &'a SignedIn,
    /// What is to be done, in order.
    pub effects: &'a mut Vec<Effect>,
    /// The serial of the next question.
    pub next_serial: &'a mut u64,
    /// How this operator has laid out forms and lists, by the names given to [`Effect::KeepLayout`].
    pub layouts: &'a BTreeMap<String, Vec<String>>,
    /// What was copied last here: the text it was shown as, and the value.
    pub copied: &'a Option<(String, Value)>,
}

impl Cx<'_> {
    /// Asks the service; the answer comes back as [`Event::Reply`] with this slot, unless a newer question of
    /// the slot is asked before.
    pub fn ask(&mut self, slot: Slot, request: Request) {
        *self.next_serial += 1;
        let ticket = Ticket { layer: self.layer, slot, serial: *self.next_serial };
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
        &self.who.language
    }
}

/// What a component can reach while it draws.
pub struct DrawCx<'a> {
    /// Who works here, and where.
    pub who: &'a SignedIn,
    /// Whether it is the layer that gets the keys.
    pub focused: bool,
    /// The colours and marks.
    pub theme: &'a crate::tui::theme::Theme,
}

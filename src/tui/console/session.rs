//! Signing in and out, and the lock between (`docs/promises.md`, 6).

use std::time::Duration;

use crate::domain::codes::Place;
use crate::service::api::back_office::PendingRequests;
use crate::service::api::sign_in::SignOut;
use crate::service::api::visit::CurrentVisitor;
use crate::service::back_office::SignedIn;
use crate::service::client_center::{ClientCenter, Visitor};
use crate::tui::command::{Action, Command};
use crate::tui::component::Who;
use crate::tui::console::menu_tree::MenuTree;
use crate::tui::console::{Console, FRAME, HostEffect};
use crate::tui::message::{Event, LayerId, Outcome, Screen, Slot, Ticket, Tone, When};

impl Console {
    /// An operator has signed in: closes all layers and opens Home.
    pub fn sign_in(&mut self, who: SignedIn) {
        self.truncate(0);
        self.is_here(Who::Operator(Box::new(who)));
        self.host_effects.push(HostEffect::SignedIn(self.who.login().to_owned()));
        self.push(Screen::Home);
    }

    /// A visitor has signed in: closes all layers and opens the Home of the chosen customer, or Select Client when
    /// none is chosen.
    pub fn welcome(&mut self, visitor: Visitor) {
        self.truncate(0);
        let chosen = visitor.client.is_some();
        self.is_here(Who::Visitor(Box::new(visitor)));
        self.push(Screen::ClientPlace(Place::Home));
        if !chosen {
            self.push(Screen::SelectClient);
        }
    }

    /// Starts the console with this sign-in, which it returns to when somebody signs out.
    pub fn begin(&mut self, start_screen: Screen) {
        self.start_screen = start_screen.clone();
        self.push(start_screen);
    }

    /// Signs out: closes all layers and opens the sign-in that the console began with, and above it that of the
    /// Client Center in `to`. Messages, what was copied and all questions are forgotten, so that the next person
    /// finds nothing of them.
    pub fn sign_out(&mut self, to: Option<ClientCenter>) {
        self.truncate(0);
        self.typed_ahead.clear();
        self.give_export_up();
        self.newest.clear();
        self.handlers.clear();
        self.frame_handlers.clear();
        self.layouts.clear();
        self.copied = None;
        self.notice = None;
        self.log.clear();
        self.is_here(Who::Nobody);
        self.last_serial += 1;
        // The answer is dropped: its serial is not the newest of any slot.
        let ticket = Ticket { layer: FRAME, slot: Slot::Write, serial: self.last_serial };
        self.host_effects.push(HostEffect::Run(ticket, SignOut {}.into(), When::Now));
        self.push(self.start_screen.clone());
        let on = to.map(Screen::ClientCenterSignIn).filter(|on| *on != self.start_screen);
        on.into_iter().for_each(|on| self.push(on));
    }

    fn is_here(&mut self, who: Who) {
        self.tree = MenuTree::of(&who);
        self.who = who;
        self.count_requests();
    }

    /// Asks for the number of pending requests, when an operator is signed in.
    pub(super) fn count_requests(&mut self) {
        self.requests = self.requests.filter(|_| self.who.operator().is_some());
        if let Some(older) = self.newest.remove(&(FRAME, Slot::Waiting)) {
            self.frame_handlers.remove(&older);
        }
        if self.who.operator().is_some() {
            // Without an answer the number is just not shown; that is worth no message.
            self.ask(Slot::Waiting, PendingRequests {}, |console, count| console.requests = count.ok());
        }
    }

    /// Asks for the visitor's customers and role anew: a write may have changed them, or was refused because somebody
    /// else has.
    pub(super) fn ask_current_visitor(&mut self) {
        if self.who.visitor().is_some_and(|visitor| visitor.client.is_some()) {
            self.ask(Slot::CurrentVisitor, CurrentVisitor {}, |console, visitor| {
                if let Ok(visitor) = visitor {
                    console.visitor_updated(*visitor);
                }
            });
        }
    }

    /// Takes the visitor as stored now. An answer about another customer than the one in front is dropped: it came
    /// late.
    pub(super) fn visitor_updated(&mut self, now: Visitor) {
        let chosen = |visitor: &Visitor| visitor.client.as_ref().map(|client| client.customer.id);
        let is_same = self.who.visitor().is_some_and(|was| chosen(was) == chosen(&now) && *was != now);
        if is_same {
            self.is_here(Who::Visitor(Box::new(now)));
            let layers: Vec<LayerId> = self.layers.iter().map(|layer| layer.id).collect();
            layers.into_iter().for_each(|layer| self.deliver(layer, Event::VisitorChanged));
        }
    }

    /// Locks the console until the operator gives the password again; `reason` is one sentence. Answers still reach
    /// the layers below, and are seen once it is unlocked.
    pub fn lock(&mut self, reason: String) {
        if self.lock.is_some() || self.who.operator().is_none() {
            return;
        }
        self.is_dirty = true;
        self.typed_ahead.clear();
        let (layer, effects) = self.made(Screen::Lock(reason), None);
        let id = layer.id;
        self.lock = Some(layer);
        self.apply(id, effects);
    }

    /// Unlocks the console; what was open is as it was. What could not be read because the session had ended is read
    /// again.
    pub(super) fn unlock(&mut self) {
        self.host_effects.extend(self.lock.take().map(|lock| HostEffect::Forget(lock.id)));
        self.count_requests();
        if let Some(top) = self.layers.last_mut()
            && std::mem::take(&mut top.is_stale)
        {
            self.deliver_to_top(Event::Returned(Outcome::Written));
        }
    }

    /// Whether somebody is signed in and the console not locked: only then can it be left open for others to see.
    pub fn is_attended(&self) -> bool {
        self.who != Who::Nobody && self.lock.is_none()
    }

    /// Handles that no key was pressed for `idle`: an operator's console is locked, a visitor is signed out.
    pub fn nobody_touched(&mut self, idle: Duration) {
        let minutes = idle.as_secs().div_ceil(60);
        let minutes = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
        match &self.who {
            Who::Nobody => {}
            Who::Operator(_) => self.lock(format!("Nobody has touched a key for {minutes}.")),
            Who::Visitor(visitor) => {
                self.sign_out(Some(visitor.center.clone()));
                self.say(Tone::Plain, format!("Nobody has touched a key for {minutes}; you are signed out."));
            }
        }
    }

    /// Handles that the service refuses the session of whoever is signed in; `sentence` says why.
    pub(super) fn session_ended(&mut self, asked_by: LayerId, sentence: String) {
        match &self.who {
            Who::Nobody => {}
            Who::Operator(_) => {
                if let Some(at) = self.index_of(asked_by) {
                    self.layers[at].is_stale = true;
                }
                self.lock(sentence);
            }
            Who::Visitor(visitor) => {
                self.sign_out(Some(visitor.center.clone()));
                self.say(Tone::Bad, sentence);
            }
        }
    }

    /// The command that switches the site, or the customer where a visitor has several.
    pub(super) fn switch_command(&self) -> Option<Command> {
        match &self.who {
            Who::Nobody => None,
            Who::Operator(_) => Some(Command::of(Action::SwitchSite)),
            Who::Visitor(visitor) => {
                let several = visitor.clients.len() > 1;
                several.then(|| Command::of(Action::SwitchSite).labelled("Switch customer"))
            }
        }
    }

    /// Removes the notice, at the next key; under the lock it stays.
    pub(super) fn notice_was_read(&mut self) {
        if self.lock.is_none() {
            self.notice = None;
        }
    }
}

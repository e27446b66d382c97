//! Who is there: coming in, going out, and the lock between (promise 6).

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
    /// An operator works here from now on: closes everything and goes Home.
    pub fn sign_in(&mut self, who: SignedIn) {
        self.truncate(0);
        self.is_here(Who::Operator(Box::new(who)));
        self.host_effects.push(HostEffect::SignedIn(self.who.login().to_owned()));
        self.push(Screen::Home);
    }

    /// A visitor is here from now on: closes everything and goes to the Home of the customer that was chosen, or
    /// asks which.
    pub fn welcome(&mut self, visitor: Visitor) {
        self.truncate(0);
        let chosen = visitor.client.is_some();
        self.is_here(Who::Visitor(Box::new(visitor)));
        self.push(Screen::ClientPlace(Place::Home));
        if !chosen {
            self.push(Screen::SelectClient);
        }
    }

    /// Opens the console with that sign-in, to which it goes back when somebody signs out.
    pub fn begin(&mut self, start_screen: Screen) {
        self.start_screen = start_screen.clone();
        self.push(start_screen);
    }

    /// Nobody is here from now on: closes everything and goes back to where the console began, or on to the sign-in
    /// of that Client Center. Whoever comes next finds nothing of what was said, copied or asked for.
    pub fn sign_out(&mut self, to: Option<ClientCenter>) {
        self.truncate(0);
        self.typed_ahead.clear();
        self.newest.clear();
        self.handlers.clear();
        self.frame_handlers.clear();
        self.layouts.clear();
        self.copied = None;
        self.notice = None;
        self.log.clear();
        self.is_here(Who::Nobody);
        self.last_serial += 1;
        // Nobody waits for the answer: it is the newest of nothing.
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

    /// Asks how many requests wait; nobody but an operator learns it.
    pub(super) fn count_requests(&mut self) {
        self.requests = self.requests.filter(|_| self.who.operator().is_some());
        if let Some(older) = self.newest.remove(&(FRAME, Slot::Waiting)) {
            self.frame_handlers.remove(&older);
        }
        if self.who.operator().is_some() {
            // The number in the footer is worth no message of its own.
            self.ask(Slot::Waiting, PendingRequests {}, |console, count| console.requests = count.ok());
        }
    }

    /// Asks who the visitor is by now: something was written, by which roles may have changed, or refused because one
    /// has.
    pub(super) fn ask_current_visitor(&mut self) {
        if self.who.visitor().is_some_and(|visitor| visitor.client.is_some()) {
            self.ask(Slot::CurrentVisitor, CurrentVisitor {}, |console, visitor| {
                if let Ok(visitor) = visitor {
                    console.visitor_updated(*visitor);
                }
            });
        }
    }

    /// The visitor as things stand now. An answer about another customer than the one in front is late.
    pub(super) fn visitor_updated(&mut self, now: Visitor) {
        let chosen = |visitor: &Visitor| visitor.client.as_ref().map(|client| client.customer.id);
        let is_same = self.who.visitor().is_some_and(|was| chosen(was) == chosen(&now) && *was != now);
        if is_same {
            self.is_here(Who::Visitor(Box::new(now)));
            let layers: Vec<LayerId> = self.layers.iter().map(|layer| layer.id).collect();
            layers.into_iter().for_each(|layer| self.deliver(layer, Event::VisitorChanged));
        }
    }

    /// Covers everything until the operator gives the password again; `reason` is one sentence. Answers still
    /// reach what lies below, and are seen when it is uncovered.
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

    /// Uncovers what lay below, just as it was. What could not be read when the session ended is read again.
    pub(super) fn unlock(&mut self) {
        self.host_effects.extend(self.lock.take().map(|lock| HostEffect::Forget(lock.id)));
        self.count_requests();
        if let Some(top) = self.layers.last_mut()
            && std::mem::take(&mut top.is_stale)
        {
            self.deliver_to_top(Event::Returned(Outcome::Written));
        }
    }

    /// Whether somebody is here who could leave the console open for others to see.
    pub fn is_attended(&self) -> bool {
        self.who != Who::Nobody && self.lock.is_none()
    }

    /// Nobody has touched anything for so long: an operator's console locks, a visitor is signed out.
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

    /// The service does not take orders from whoever is here any more; this sentence says why.
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

    /// What can be switched to: another site, or another customer where there are several.
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

    /// The notice goes with the next key, unless the lock covers it.
    pub(super) fn notice_was_read(&mut self) {
        if self.lock.is_none() {
            self.notice = None;
        }
    }
}

//! Going back, going elsewhere, and closing. Nothing with changes is left without a question.

use crate::tui::console::{Console, HostEffect, Layer};
use crate::tui::keyboard::Keyboard;
use crate::tui::message::{
    Event, HelpTopic, LayerId, MenuEntry, MenuScreen, Outcome, Question, Screen, Slot,
};

/// What an overlay that the frame has opened asks.
pub(super) enum FrameAsks {
    /// Whether changes may be lost.
    Discard(Leaving),
    /// Which level of the breadcrumb to go back to.
    Level,
    /// Which of these keyboards is used; the answers after the first one.
    Keyboard(Vec<Keyboard>),
}

/// Where to go from the layers in front, closing some of them.
#[derive(Clone)]
pub(super) enum Leaving {
    Quit,
    Close,
    BackTo(usize),
    Go(Vec<Screen>),
    SwitchCustomer,
    SignOut,
}

impl Console {
    /// Shows the open layers, to go back to one of them.
    pub(super) fn ask_level(&mut self) {
        let last = self.layers.len() - 1;
        let entry = |(at, layer): (usize, &Layer)| MenuEntry {
            letter: u32::try_from(at + 1).ok().and_then(|number| char::from_digit(number, 10)),
            label: layer.component.title(),
            note: if at == last { "here".to_owned() } else { String::new() },
            enabled: at != last,
            choice: Outcome::Answer(at),
        };
        let entries = self.layers.iter().enumerate().map(entry).collect();
        let menu = MenuScreen { title: "Go back to".to_owned(), entries, current: None };
        self.push_for(Screen::Menu(menu), Some(FrameAsks::Level));
    }

    /// Goes there; when a layer that would be closed has changes, asks first. A place of the menu opens above what is in
    /// front, so that Esc leads back there; only layers with changes are closed for it.
    pub(super) fn leave(&mut self, leaving: Leaving) {
        let kept = match &leaving {
            Leaving::Quit | Leaving::SwitchCustomer | Leaving::SignOut => 0,
            Leaving::Close => self.layers.len() - 1,
            Leaving::BackTo(level) => level + 1,
            Leaving::Go(_) => 1,
        };
        let changed = self.layers.iter().skip(kept).filter(|layer| layer.component.has_changes());
        let is_saving = |layer: &&Layer| self.newest.contains_key(&(layer.id, Slot::Write));
        let (saving, changed): (Vec<&Layer>, Vec<&Layer>) = changed.partition(is_saving);
        // A save that is under way is not stopped: whoever leaves is told what became of it.
        let leave = match (saving.is_empty(), changed.is_empty()) {
            (true, _) => ('d', "Discard changes"),
            (false, true) => ('l', "Leave"),
            (false, false) => ('d', "Leave, and discard the other changes"),
        };
        let line = |layer: &Layer, state| format!("{} {state}", layer.component.title());
        let saving =
            saving.into_iter().map(|layer| line(layer, "is being saved; leaving does not stop that."));
        let changed = changed.into_iter().map(|layer| line(layer, "has changes that are not saved."));
        let changed: Vec<String> = saving.chain(changed).collect();
        // Under the lock no question is asked: it would show what the lock covers.
        if changed.is_empty() || self.lock.is_some() {
            return self.go(leaving);
        }
        let question = Question {
            title: "Changes".to_owned(),
            lines: changed,
            answers: [('c', "Cancel"), leave].map(|(letter, label)| (letter, label.to_owned())).to_vec(),
        };
        self.push_for(Screen::Question(question), Some(FrameAsks::Discard(leaving)));
    }

    fn go(&mut self, leaving: Leaving) {
        match leaving {
            Leaving::Quit => self.host_effects.push(HostEffect::Quit),
            Leaving::SwitchCustomer => self.push(Screen::SelectClient),
            Leaving::SignOut => self.sign_out(self.who.visitor().map(|visitor| visitor.center.clone())),
            Leaving::Close => {
                self.close_from(self.layers.len() - 1);
                self.returned(Outcome::Cancelled);
            }
            Leaving::BackTo(level) => self.go_back_to(level),
            Leaving::Go(path) => {
                self.tree_has_keys = false;
                let Some(place) = path.last() else { return self.go_back_to(0) };
                if let Some(level) = self.layers.iter().position(|layer| layer.place.as_ref() == Some(place))
                {
                    return self.go_back_to(level);
                }
                if let Some(changed) =
                    self.layers.iter().skip(1).position(|layer| layer.component.has_changes())
                {
                    self.close_from(changed + 1);
                }
                self.push_path(path);
            }
        }
    }

    /// Closes the layers above this level, which has been visited then.
    fn go_back_to(&mut self, level: usize) {
        self.truncate(level + 1);
        if let Some(top) = self.layers.last_mut() {
            top.is_passed = false;
        }
        self.returned(Outcome::Cancelled);
    }

    /// Closes the layers from this index on, and below them those that were only passed on the way.
    fn close_from(&mut self, at: usize) {
        let passed = self.layers[1..at.max(1)].iter().rev().take_while(|layer| layer.is_passed).count();
        self.truncate(at - passed);
    }

    /// Closes a layer with the overlays above it, and delivers its outcome to whoever opened it.
    pub(super) fn close(&mut self, id: LayerId, outcome: Outcome) {
        if self.lock.as_ref().is_some_and(|lock| lock.id == id) {
            return self.unlock();
        }
        let Some(at) = self.index_of(id) else { return };
        if at == 0 {
            return self.leave(Leaving::Quit);
        }
        let asks = self.layers[at].asks.take();
        self.close_from(at);
        match (asks, outcome) {
            (Some(FrameAsks::Discard(leaving)), Outcome::Answer(1)) => self.go(leaving),
            (Some(FrameAsks::Level), Outcome::Answer(level)) => self.leave(Leaving::BackTo(level)),
            (Some(FrameAsks::Keyboard(keyboards)), Outcome::Answer(number @ 1..)) => {
                keyboards.get(number - 1).into_iter().for_each(|keyboard| self.keep_keyboard(*keyboard));
            }
            (Some(_), _) => {}
            (None, Outcome::Command(action)) => self.give(action),
            (None, Outcome::AllKeys) => self.push(Screen::Help(HelpTopic::Keys(self.offer()))),
            (None, outcome) => self.returned(outcome),
        }
    }

    /// Delivers to the layer now in front how the one above it ended, and whether it has to read again.
    pub(super) fn returned(&mut self, outcome: Outcome) {
        let Some(top) = self.layers.last_mut() else { return };
        let id = top.id;
        let was_written = std::mem::take(&mut top.is_stale);
        let has_outcome = !matches!(outcome, Outcome::Cancelled | Outcome::Written);
        if has_outcome || !was_written {
            self.deliver_to_top(Event::Returned(outcome));
        }
        if was_written {
            self.deliver(id, Event::Returned(Outcome::Written));
        }
    }

    /// Closes all layers but the first `kept`, and forgets what they asked for, except writes.
    pub(super) fn truncate(&mut self, kept: usize) {
        self.tree_has_keys = false;
        for layer in self.layers.drain(kept.min(self.layers.len())..) {
            self.newest.retain(|(id, slot), _| *id != layer.id || *slot == Slot::Write);
            self.handlers.retain(|ticket, _| ticket.layer != layer.id);
            self.host_effects.push(HostEffect::Forget(layer.id));
        }
    }
}

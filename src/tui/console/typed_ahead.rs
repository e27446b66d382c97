//! Keys typed ahead: input that comes before the answers which decide its meaning waits, in order, so that a story
//! typed in one burst ends as one typed slowly (`docs/promises.md`, 33).

use crossterm::event::KeyEvent;

use crate::tui::command::Action;
use crate::tui::component::{Awaited, NOT_PASTED};
use crate::tui::console::{Console, HostEffect};
use crate::tui::message::{Event, Slot, Ticket, Tone};

/// The most inputs that wait; those beyond are dropped, with a message.
const MOST: usize = 10_000;

/// One input that can wait.
pub(super) enum Typed {
    Key(KeyEvent),
    Paste(String),
}

impl Console {
    /// Carries out an input, or puts it behind those that wait already.
    pub(super) fn typed(&mut self, typed: Typed) {
        if self.typed_ahead.is_empty() && self.takes_now(&typed) {
            self.carry_out(typed);
        } else if self.asks_to_quit(&typed) {
            self.quit_while_waiting(typed);
        } else if self.typed_ahead.len() < MOST {
            self.typed_ahead.push_back(typed);
            self.host_effects.push(HostEffect::Hurry);
        } else {
            self.say(Tone::Bad, "Too much was typed ahead; wait for the answer.");
        }
    }

    /// The first Ctrl+Q waits for its turn like every key; a second one ends the program whatever is awaited.
    fn quit_while_waiting(&mut self, typed: Typed) {
        if self.typed_ahead.iter().any(|waiting| self.asks_to_quit(waiting)) {
            self.host_effects.push(HostEffect::QuitAtOnce);
        } else {
            self.typed_ahead.push_back(typed);
            self.say(Tone::Plain, "An answer of the database is awaited; Ctrl+Q again leaves at once.");
        }
    }

    fn carry_out(&mut self, typed: Typed) {
        if let Typed::Paste(_) = typed
            && !self.takes_text()
        {
            // What was said may not be read yet: the paste may have waited for it.
            return self.say_too(NOT_PASTED);
        }
        self.notice_was_read();
        match typed {
            Typed::Key(key) => self.key(&key),
            Typed::Paste(text) => self.deliver_to_front(Event::Paste(text)),
        }
    }

    /// Whether typed or pasted text has a place to go to.
    fn takes_text(&self) -> bool {
        let front = self.lock.as_ref().or(self.layers.last());
        !self.is_too_small() && !self.is_in_tree() && front.is_some_and(|front| front.component.takes_text())
    }

    fn asks_to_quit(&self, typed: &Typed) -> bool {
        matches!(typed, Typed::Key(key) if self.action_of(key) == Some(Action::Quit))
    }

    /// Whether an input can be carried out now. The menu tree and the notice of a window that is too small wait for
    /// no answer.
    fn takes_now(&self, typed: &Typed) -> bool {
        if self.is_too_small() || self.is_in_tree() {
            return true;
        }
        let Some(front) = self.lock.as_ref().or(self.layers.last()) else { return true };
        let event = match typed {
            Typed::Key(key) => match self.action_of(key) {
                Some(action) => Event::Command(action),
                None => Event::Key(self.on_latin(key, front.component.takes_text()).unwrap_or(*key)),
            },
            Typed::Paste(text) => Event::Paste(text.clone()),
        };
        front.component.takes_now(&event, &Awaited::of(front.id, &self.newest))
    }

    /// Carries out what waited, as far as that is possible now that a layer has got an answer. After an answer that
    /// failed or opened a question, all that was typed would mean something else: it is dropped, with a message.
    /// `last_layer` is the newest layer that was open before the answer.
    pub(super) fn release(&mut self, answered: Ticket, has_failed: bool, last_layer: u64) {
        if self.typed_ahead.is_empty() {
            return;
        }
        let front = self.lock.as_ref().or(self.layers.last());
        let is_dropped = front.is_some_and(|front| {
            let is_asker = front.id == answered.layer;
            let is_new = front.id.0 > last_layer;
            let was_sent = is_asker && answered.slot == Slot::Write;
            (has_failed && is_asker) || ((is_new || was_sent) && front.component.drops_typed_ahead())
        });
        if is_dropped {
            return self.drop_typed_ahead();
        }
        while let Some(typed) = self.typed_ahead.front() {
            if !self.takes_now(typed) {
                self.host_effects.push(HostEffect::Hurry);
                break;
            }
            if let Some(typed) = self.typed_ahead.pop_front() {
                self.carry_out(typed);
            }
        }
    }

    fn drop_typed_ahead(&mut self) {
        let dropped = self.typed_ahead.len();
        self.typed_ahead.clear();
        self.say_too(&match dropped {
            1 => "What was typed ahead was dropped: 1 key.".to_owned(),
            dropped => format!("What was typed ahead was dropped: {dropped} keys."),
        });
    }

    /// Says something behind the message that is shown already.
    fn say_too(&mut self, sentence: &str) {
        let shown = self.notice.as_ref().filter(|notice| !notice.text.ends_with(sentence));
        let tone = shown.map_or(Tone::Plain, |notice| notice.tone);
        let text = shown.map_or_else(|| sentence.to_owned(), |notice| format!("{} {sentence}", notice.text));
        self.say(tone, text);
    }
}

//! Commands under a Cyrillic or Greek keyboard: a letter counts as the key it lies on. While the keyboard is not known,
//! such a letter does nothing but ask for it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::console::navigation::FrameAsks;
use crate::tui::console::{Console, HostEffect};
use crate::tui::keyboard::{Keyboard, is_foreign};
use crate::tui::message::{Question, Screen, Tone};

/// A letter that would be a command, if it were known on which key it lies.
pub(super) struct UnknownLetter(pub(super) char);

impl Console {
    /// Sets the keyboard by which Cyrillic and Greek letters are commands; `None` while it is not known.
    pub fn set_keyboard(&mut self, keyboard: Option<Keyboard>) {
        self.keyboard = keyboard;
    }

    /// The key with the Latin letter of the same key, where it may be a command: with Ctrl or Alt, or where letters are
    /// no text.
    pub(super) fn on_latin(&self, key: &KeyEvent, takes_text: bool) -> Result<KeyEvent, UnknownLetter> {
        let commanding = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let KeyCode::Char(typed) = key.code else { return Ok(*key) };
        if takes_text && !commanding {
            return Ok(*key);
        }
        match self.keyboard.and_then(|keyboard| keyboard.latin(typed)) {
            Some(latin) => Ok(KeyEvent { code: KeyCode::Char(latin), ..*key }),
            None if is_foreign(typed) => Err(UnknownLetter(typed)),
            None => Ok(*key),
        }
    }

    /// Asks on which keyboard a letter was typed that is on no key of the one that is known. Nothing is asked under the
    /// lock, in a window that is too small, or while it is being asked.
    pub(super) fn ask_keyboard_of(&mut self, UnknownLetter(typed): UnknownLetter) {
        let is_asked = self.layers.last().is_some_and(|top| matches!(top.asks, Some(FrameAsks::Keyboard(_))));
        if is_asked || self.lock.is_some() || self.is_too_small() {
            return;
        }
        let key_of = |keyboard: &Keyboard| keyboard.latin(typed);
        let keyboards: Vec<Keyboard> =
            Keyboard::ALL.into_iter().filter(|keyboard| key_of(keyboard).is_some()).collect();
        if keyboards.is_empty() {
            return self.say(Tone::Plain, format!("{typed} is no command; nothing was done."));
        }
        let line = format!("{typed} lies on different keys. Which keyboard is this? Nothing is done yet.");
        let answer = |keyboard: &Keyboard| {
            let key = key_of(keyboard).unwrap_or(typed).to_uppercase();
            format!("{}: {typed} is the key {key}", keyboard.label())
        };
        self.ask_keyboard(line, keyboards, answer);
    }

    /// Asks which keyboard is used, of all there are.
    pub(super) fn choose_keyboard(&mut self) {
        let line = match self.keyboard {
            Some(keyboard) => format!("Commands answer to a Latin keyboard and to {}.", keyboard.label()),
            None => "Commands answer to a Latin keyboard. Which other one is used?".to_owned(),
        };
        self.ask_keyboard(line, Keyboard::ALL.to_vec(), |keyboard| keyboard.label().to_owned());
    }

    fn ask_keyboard(&mut self, line: String, keyboards: Vec<Keyboard>, answer: impl Fn(&Keyboard) -> String) {
        let numbered = keyboards.iter().zip('1'..).map(|(keyboard, number)| (number, answer(keyboard)));
        let answers = std::iter::once(('c', "Cancel".to_owned())).chain(numbered).collect();
        let question = Question { title: "Keyboard".to_owned(), lines: vec![line], answers };
        self.push_for(Screen::Question(question), Some(FrameAsks::Keyboard(keyboards)));
    }

    /// The keyboard was chosen: it is kept for everybody who uses this account of the machine.
    pub(super) fn keep_keyboard(&mut self, keyboard: Keyboard) {
        self.keyboard = Some(keyboard);
        self.host_effects.push(HostEffect::KeepKeyboard(keyboard));
        let label = keyboard.label();
        self.say(
            Tone::Good,
            format!("Commands answer to the keyboard {label} now; press the key again. Ctrl+G K changes it."),
        );
    }
}

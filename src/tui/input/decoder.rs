//! The bytes that a terminal sends, decoded to keys and pastes.
//!
//! A terminal sends more than keys: answers to questions of programs that ran before, late ones too. By the structure
//! of control sequences (ECMA-48) each has an end, so what is no known key is passed over whole, and nothing of it
//! becomes text or a command. ESC begins both a key by itself and a sequence; which of them it is shows in what follows
//! within [`Decoder::patience`].

mod sequence;

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use sequence::{Numbers, csi_key, ss3_key};

/// How long after ESC, alone or with the character that begins a sequence, the rest of a sequence may come.
const AFTER_ESC: Duration = Duration::from_millis(50);

/// How long a sequence that has begun may pause; what is unfinished then is passed over.
const AFTER_PART: Duration = Duration::from_millis(500);

/// How long a paste may pause; what came of it until then is all there is.
const AFTER_PASTE: Duration = Duration::from_secs(3);

/// The most bytes of a control sequence that are kept; a longer one is no known key.
const MOST: usize = 64;

/// What ends a bracketed paste.
const PASTE_END: &[u8] = b"\x1b[201~";

/// What the bytes so far are the beginning of.
#[derive(Debug, Default)]
enum State {
    /// Nothing.
    #[default]
    Ground,
    /// A character of several bytes.
    Character { bytes: Vec<u8>, modifiers: KeyModifiers },
    /// ESC; after another ESC when `is_second`.
    Esc { is_second: bool },
    /// `ESC [` and the bytes after it; `alt` when another ESC came before, as rxvt sends Alt.
    Csi { bytes: Vec<u8>, alt: bool },
    /// `ESC O` and the digits after it.
    Ss3 { bytes: Vec<u8>, alt: bool },
    /// A string (OSC, DCS, APC), by the character after ESC that began it. It ends with ST or BEL.
    Text { begun_by: char, is_empty: bool, is_after_esc: bool },
    /// The three bytes of a mouse report of the oldest kind.
    Mouse(u8),
    /// A bracketed paste.
    Paste(Vec<u8>),
}

/// Decodes what a terminal sends, byte by byte and over the borders of reads.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    events: Vec<Event>,
}

impl Decoder {
    /// Takes bytes; returns the keys and pastes that are complete with them.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Event> {
        bytes.iter().for_each(|&byte| self.byte(byte));
        std::mem::take(&mut self.events)
    }

    /// How long to wait for the next byte before [`Decoder::give_up`]; `None` when nothing is begun.
    pub fn patience(&self) -> Option<Duration> {
        match &self.state {
            State::Ground => None,
            State::Esc { .. } | State::Text { is_empty: true, .. } => Some(AFTER_ESC),
            State::Csi { bytes, .. } | State::Ss3 { bytes, .. } if bytes.is_empty() => Some(AFTER_ESC),
            State::Paste(_) => Some(AFTER_PASTE),
            State::Character { .. } | State::Csi { .. } | State::Ss3 { .. } => Some(AFTER_PART),
            State::Text { .. } | State::Mouse(_) => Some(AFTER_PART),
        }
    }

    /// Nothing more came: returns the keys that the bytes so far are, or the paste so far.
    pub fn give_up(&mut self) -> Vec<Event> {
        match std::mem::take(&mut self.state) {
            State::Esc { is_second } => {
                (0..=u8::from(is_second)).for_each(|_| self.press(KeyCode::Esc, KeyModifiers::NONE));
            }
            State::Csi { bytes, .. } if bytes.is_empty() => self.alt('['),
            State::Ss3 { bytes, .. } if bytes.is_empty() => self.alt('O'),
            State::Text { begun_by, is_empty: true, .. } => self.alt(begun_by),
            State::Paste(bytes) => self.paste(&bytes),
            State::Ground
            | State::Character { .. }
            | State::Csi { .. }
            | State::Ss3 { .. }
            | State::Text { .. }
            | State::Mouse(_) => {}
        }
        std::mem::take(&mut self.events)
    }

    fn byte(&mut self, byte: u8) {
        match std::mem::take(&mut self.state) {
            State::Ground => self.ground(byte, KeyModifiers::NONE),
            State::Character { bytes, modifiers } => self.character(bytes, byte, modifiers),
            State::Esc { is_second } => self.after_esc(byte, is_second),
            State::Csi { bytes, alt } => self.csi(bytes, byte, alt),
            State::Ss3 { bytes, alt } => self.ss3(bytes, byte, alt),
            State::Text { begun_by, is_empty: true, .. } if !begins_answer(begun_by, byte) => {
                self.alt(begun_by);
                self.byte(byte);
            }
            State::Text { begun_by, is_after_esc, .. } => self.text(begun_by, is_after_esc, byte),
            State::Mouse(left @ 1..) => self.state = State::Mouse(left - 1),
            State::Mouse(0) => {}
            State::Paste(bytes) => self.pasted(bytes, byte),
        }
    }

    fn ground(&mut self, byte: u8, modifiers: KeyModifiers) {
        match byte {
            0x1b => self.state = State::Esc { is_second: false },
            b'\r' => self.press(KeyCode::Enter, modifiers),
            b'\t' => self.press(KeyCode::Tab, modifiers),
            0x7f => self.press(KeyCode::Backspace, modifiers),
            0 => self.press(KeyCode::Char(' '), modifiers | KeyModifiers::CONTROL),
            control @ 0x01..=0x1f => {
                let letter = char::from(control | 0x40).to_ascii_lowercase();
                self.press(KeyCode::Char(letter), modifiers | KeyModifiers::CONTROL);
            }
            b' '..=b'~' => self.press(KeyCode::Char(byte.into()), modifiers),
            0xc2..=0xf4 => self.state = State::Character { bytes: vec![byte], modifiers },
            _ => {}
        }
    }

    fn character(&mut self, mut bytes: Vec<u8>, byte: u8, modifiers: KeyModifiers) {
        if !(0x80..=0xbf).contains(&byte) {
            // The character was cut off.
            return self.byte(byte);
        }
        bytes.push(byte);
        match std::str::from_utf8(&bytes) {
            Ok(text) => {
                let visible = text.chars().filter(|c| !c.is_control());
                visible.for_each(|c| self.press(KeyCode::Char(c), modifiers));
            }
            Err(error) if error.error_len().is_none() => {
                self.state = State::Character { bytes, modifiers };
            }
            Err(_) => {}
        }
    }

    fn after_esc(&mut self, byte: u8, alt: bool) {
        match byte {
            0x1b if alt => {
                self.press(KeyCode::Esc, KeyModifiers::NONE);
                self.state = State::Esc { is_second: true };
            }
            0x1b => self.state = State::Esc { is_second: true },
            b'[' => self.state = State::Csi { bytes: Vec::new(), alt },
            b'O' => self.state = State::Ss3 { bytes: Vec::new(), alt },
            b']' | b'P' | b'_' => {
                self.state = State::Text { begun_by: byte.into(), is_empty: true, is_after_esc: false };
            }
            _ => {
                if alt {
                    self.press(KeyCode::Esc, KeyModifiers::NONE);
                }
                self.ground(byte, KeyModifiers::ALT);
            }
        }
    }

    fn csi(&mut self, mut bytes: Vec<u8>, byte: u8, alt: bool) {
        match byte {
            // A function key of the Linux console: `ESC [ [ A`.
            b'[' if bytes.is_empty() => self.state = State::Csi { bytes: vec![b'['], alt },
            b' '..=b'?' => {
                let is_key_of_rxvt = byte == b'$' && Numbers::of(&bytes).is_some_and(|of| of.is_single());
                if is_key_of_rxvt {
                    return self.csi_ends(&bytes, byte, alt);
                }
                if bytes.len() < MOST {
                    bytes.push(byte);
                }
                self.state = State::Csi { bytes, alt };
            }
            b'@'..=b'~' => self.csi_ends(&bytes, byte, alt),
            // The sequence was cut off.
            0x18 | 0x1a => {}
            _ => self.byte(byte),
        }
    }

    fn csi_ends(&mut self, bytes: &[u8], last: u8, alt: bool) {
        match (bytes, last) {
            (b"200", b'~') => self.state = State::Paste(Vec::new()),
            (b"", b'M') => self.state = State::Mouse(2),
            _ => match csi_key(bytes, last) {
                Some(key) => self.press_key(key, alt),
                // Alt and `[`, and then a letter: no terminal answers so.
                None if bytes.is_empty() && !matches!(last, b'I' | b'O') => {
                    self.alt('[');
                    self.ground(last, KeyModifiers::NONE);
                }
                None => {}
            },
        }
    }

    fn ss3(&mut self, mut bytes: Vec<u8>, byte: u8, alt: bool) {
        match byte {
            b'0'..=b'9' | b';' => {
                if bytes.len() < MOST {
                    bytes.push(byte);
                }
                self.state = State::Ss3 { bytes, alt };
            }
            _ => match ss3_key(&bytes, byte) {
                Some(key) => self.press_key(key, alt),
                None if bytes.is_empty() => {
                    self.alt('O');
                    self.byte(byte);
                }
                None => {}
            },
        }
    }

    fn text(&mut self, begun_by: char, is_after_esc: bool, byte: u8) {
        match byte {
            0x07 | 0x18 | 0x1a => {}
            b'\\' if is_after_esc => {}
            // Another sequence begins, so this one was cut off.
            _ if is_after_esc => self.after_esc(byte, false),
            _ => {
                self.state = State::Text { begun_by, is_empty: false, is_after_esc: byte == 0x1b };
            }
        }
    }

    fn pasted(&mut self, mut bytes: Vec<u8>, byte: u8) {
        bytes.push(byte);
        match bytes.strip_suffix(PASTE_END) {
            Some(text) => self.paste(text),
            None => self.state = State::Paste(bytes),
        }
    }

    fn paste(&mut self, bytes: &[u8]) {
        self.events.push(Event::Paste(String::from_utf8_lossy(bytes).into_owned()));
    }

    fn alt(&mut self, letter: char) {
        self.press(KeyCode::Char(letter), KeyModifiers::ALT);
    }

    fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        self.events.push(Event::Key(KeyEvent::new(code, modifiers)));
    }

    fn press_key(&mut self, mut key: KeyEvent, alt: bool) {
        if alt {
            key.modifiers |= KeyModifiers::ALT;
        }
        self.events.push(Event::Key(key));
    }
}

/// Whether a string that begins so can be the answer of a terminal: a number, or a letter for a title, after `ESC ]`
/// (OSC); no letter after `ESC P` (DCS); `G` after `ESC _` (APC). Otherwise somebody pressed Alt and that letter.
fn begins_answer(begun_by: char, byte: u8) -> bool {
    match begun_by {
        ']' => matches!(byte, b'0'..=b'9' | b'l' | b'L' | b'I'),
        'P' => matches!(byte, b'!'..=b'?'),
        _ => byte == b'G',
    }
}

#[cfg(test)]
mod tests;

//! The control sequences that are keys, as xterm, rxvt, the Linux console and others send them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The numbers of a control sequence.
pub(super) struct Numbers(Vec<u32>);

impl Numbers {
    /// Reads `1;5`; what follows a colon is more than a key. `None` when there is anything but numbers.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self(Vec::new()));
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let number = |part: &str| {
            let number = part.split(':').next().unwrap_or_default();
            if number.is_empty() { Some(1) } else { number.parse().ok() }
        };
        text.split(';').map(number).collect::<Option<_>>().map(Self)
    }

    /// Whether there is one number alone.
    pub(super) fn is_single(&self) -> bool {
        self.0.len() == 1
    }

    fn first(&self) -> u32 {
        self.0.first().copied().unwrap_or(1)
    }

    /// The modifiers that a number says: one more than the sum of Shift 1, Alt 2 and Ctrl 4.
    fn modifiers(&self, index: usize) -> KeyModifiers {
        let bits = self.0.get(index).copied().unwrap_or(1).saturating_sub(1);
        let of = [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)];
        of.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, modifier)| modifier).collect()
    }
}

/// The key of `ESC [`, these bytes and the last one; `None` when it is no key.
pub(super) fn csi_key(bytes: &[u8], last: u8) -> Option<KeyEvent> {
    if bytes == b"[" {
        let number = matches!(last, b'A'..=b'E').then(|| last - b'A' + 1)?;
        return Some(KeyCode::F(number).into());
    }
    let numbers = Numbers::of(bytes)?;
    let modifiers = numbers.modifiers(1);
    let code = match last {
        // Without numbers only: `ESC [ 24 ; 80 R` answers where the cursor is.
        b'R' if bytes.is_empty() => KeyCode::F(3),
        b'P' | b'Q' | b'S' => KeyCode::F(last - b'P' + 1),
        b'A'..=b'H' => pad_key(last)?,
        b'Z' => return Some(KeyEvent::new(KeyCode::BackTab, modifiers | KeyModifiers::SHIFT)),
        b'a'..=b'd' if bytes.is_empty() => {
            return Some(KeyEvent::new(pad_key(last.to_ascii_uppercase())?, KeyModifiers::SHIFT));
        }
        b'~' if numbers.first() == 27 && numbers.0.len() == 3 => {
            return Some(KeyEvent::new(typed(numbers.0[2])?, modifiers));
        }
        b'u' if !bytes.is_empty() => typed(numbers.first())?,
        b'~' if !bytes.is_empty() => numbered_key(numbers.first())?,
        b'^' | b'$' | b'@' if numbers.is_single() => {
            let modifiers = match last {
                b'^' => KeyModifiers::CONTROL,
                b'$' => KeyModifiers::SHIFT,
                _ => KeyModifiers::CONTROL | KeyModifiers::SHIFT,
            };
            return Some(KeyEvent::new(numbered_key(numbers.first())?, modifiers));
        }
        _ => return None,
    };
    Some(KeyEvent::new(code, modifiers))
}

/// The key of `ESC O`, these digits and the last byte; `None` when it is no key.
pub(super) fn ss3_key(bytes: &[u8], last: u8) -> Option<KeyEvent> {
    let numbers = Numbers::of(bytes)?;
    let modifiers = numbers.modifiers(numbers.0.len().saturating_sub(1));
    let code = match last {
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        b'A'..=b'H' => pad_key(last)?,
        b'a'..=b'd' => {
            return Some(KeyEvent::new(pad_key(last.to_ascii_uppercase())?, KeyModifiers::CONTROL));
        }
        b'M' => KeyCode::Enter,
        b'I' => KeyCode::Tab,
        b' ' => KeyCode::Char(' '),
        b'X' => KeyCode::Char('='),
        // The keypad: `*` to `9` are 0x40 below.
        b'j'..=b'y' => KeyCode::Char(char::from(last - 0x40)),
        _ => return None,
    };
    Some(KeyEvent::new(code, modifiers))
}

/// The arrows, and the keys around them, by their letter.
fn pad_key(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::KeypadBegin,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        _ => return None,
    })
}

/// The keys that are sent by number.
fn numbered_key(number: u32) -> Option<KeyCode> {
    let function = |number: u32| u8::try_from(number).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => function(number - 10),
        17..=21 => function(number - 11),
        23..=26 => function(number - 12),
        28..=29 => function(number - 13),
        31..=34 => function(number - 14),
        _ => None,
    }
}

/// The key that types this code point, where a terminal sends it by its number.
fn typed(number: u32) -> Option<KeyCode> {
    match char::from_u32(number)? {
        '\r' => Some(KeyCode::Enter),
        '\t' => Some(KeyCode::Tab),
        '\u{1b}' => Some(KeyCode::Esc),
        '\u{7f}' | '\u{8}' => Some(KeyCode::Backspace),
        character if !character.is_control() => Some(KeyCode::Char(character)),
        _ => None,
    }
}

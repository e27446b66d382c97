//! A text box for a password.
//!
//! Not made of [`TextBox`](super::text_box::TextBox), which keeps copies of what was typed and deleted (invariant 9).

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use zeroize::Zeroizing;

use crate::service::auth::Secret;
use crate::tui::command::OwnKey;
use crate::tui::widgets::edit_buffer::{Edit, Refused};
use crate::tui::widgets::text::draw_text;

/// The keys of a password, as the help names them.
pub const KEYS: [OwnKey; 1] = [OwnKey::of("Backspace", "Remove the last character")];

/// A password being typed: zeroed when it is dropped, never printed, drawn as dots.
pub struct SecretBox {
    typed: Zeroizing<String>,
}

impl Default for SecretBox {
    /// An empty box. All memory is allocated at once: growing would leave copies behind.
    fn default() -> Self {
        Self { typed: Zeroizing::new(String::with_capacity(Secret::LONGEST * 4)) }
    }
}

impl fmt::Debug for SecretBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl SecretBox {
    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }

    /// The password, for the service.
    pub fn secret(&self) -> Secret {
        Secret::new(self.typed.as_str().to_owned())
    }

    /// Whether both contain the same password.
    pub fn is_same(&self, other: &Self) -> bool {
        self.typed == other.typed
    }

    /// Empties the box, and zeroes what was typed.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Handles a key: characters, Backspace, and Ctrl+U to begin anew.
    pub fn key(&mut self, key: &KeyEvent) -> Edit {
        let control = key.modifiers == KeyModifiers::CONTROL;
        match key.code {
            KeyCode::Char(typed) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => {
                return self.insert(std::iter::once(typed));
            }
            _ if self.is_empty() => return Edit::Ignored,
            KeyCode::Backspace if key.modifiers.is_empty() => drop(self.typed.pop()),
            KeyCode::Char('h') if control => drop(self.typed.pop()),
            KeyCode::Char('u') if control => self.clear(),
            _ => return Edit::Ignored,
        }
        Edit::Changed
    }

    /// Inserts pasted text as it is, without the line end that copying often adds.
    pub fn paste(&mut self, text: &str) -> Edit {
        self.insert(text.trim_end_matches(['\r', '\n']).chars())
    }

    fn insert(&mut self, typed: impl Iterator<Item = char>) -> Edit {
        let mut room = Secret::LONGEST.saturating_sub(self.typed.chars().count());
        let mut left_out = 0;
        for character in typed {
            if room == 0 {
                left_out += 1;
            } else {
                room -= 1;
                self.typed.push(character);
            }
        }
        if left_out == 0 {
            Edit::Changed
        } else {
            Edit::Refused(Refused { limit: Secret::LONGEST, left_out })
        }
    }

    /// Draws a dot for each character. Returns the position of the cursor.
    pub fn draw(&self, buf: &mut Buffer, area: Rect, style: Style) -> Position {
        let room = area.width.saturating_sub(1);
        let dots = u16::try_from(self.typed.chars().count()).unwrap_or(room).min(room);
        buf.set_style(Rect { height: area.height.min(1), ..area }, style);
        draw_text(buf, area.x, area.y, dots, &"•".repeat(dots.into()), style);
        Position::new(area.x + dots, area.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::parse_keys;

    #[test]
    fn promise_3_a_secret_is_neither_drawn_nor_printed() {
        let mut secret = SecretBox::default();
        secret.paste("canary horse\r\n");
        let area = Rect::new(0, 0, 20, 1);
        let mut buf = Buffer::empty(area);
        let cursor = secret.draw(&mut buf, area, Style::new());
        let line: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!((line.trim_end(), cursor.x), ("••••••••••••", 12));
        assert_eq!(format!("{secret:?} {:?}", secret.secret()), "[secret] [secret]");
        assert_eq!(secret.secret().expose(), "canary horse");
    }

    #[test]
    fn what_was_typed_can_be_taken_back() {
        let mut secret = SecretBox::default();
        for key in parse_keys("abcж<BS>D") {
            secret.key(&key);
        }
        assert_eq!(secret.secret().expose(), "abcD");
        secret.clear();
        assert!(secret.is_empty());
    }

    #[test]
    fn a_key_with_alt_or_a_control_letter_of_other_boxes_changes_no_password() {
        let mut secret = SecretBox::default();
        secret.paste("abc");
        for key in parse_keys("<A-h><A-BS><C-w><C-k><C-z><Del><A-u><C-A-h>") {
            assert_eq!(secret.key(&key), Edit::Ignored, "{key:?}");
        }
        assert_eq!(secret.secret().expose(), "abc");
        assert_eq!(secret.key(&parse_keys("<C-u>")[0]), Edit::Changed);
        assert!(secret.is_empty());
    }

    #[test]
    fn a_password_is_never_cut_in_silence() {
        let mut secret = SecretBox::default();
        assert_eq!(secret.paste(&"я".repeat(Secret::LONGEST)), Edit::Changed);
        assert_eq!(secret.paste("x"), Edit::Refused(Refused { limit: Secret::LONGEST, left_out: 1 }));
    }
}

//! The type that holds passwords and one-time codes in memory.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password or one-time code. Its memory is zeroed when it is dropped, and it prints as `[secret]`
/// (`docs/promises.md`, 3).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The most code points of a password, in every field where one is typed (`docs/promises.md`, 1).
    pub const LONGEST: usize = 1024;

    /// Holds `text`.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for code that checks or hashes it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text in NFKC (NIST 800-63B-4, 3.1.1.2), which is hashed: it is the same however a keyboard composes
    /// characters.
    pub(super) fn normalised(&self) -> Zeroizing<String> {
        // Capacity for the longest possible NFKC: a text that grows is reallocated, and leaves a copy in freed memory.
        let mut text = Zeroizing::new(String::with_capacity(self.0.len() * 11));
        text.extend(self.0.nfkc());
        text
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

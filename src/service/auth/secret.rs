//! What nobody but its owner knows, while it is in memory.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password while somebody types it or the service checks it. It zeroes itself and prints as `[secret]`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The most code points of a password, wherever one is typed (promise 1: at least 128). Nobody types more, and
    /// hashing is work.
    pub const LONGEST: usize = 1024;

    /// Takes over what was typed.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The characters themselves. Only what checks or hashes a password asks for them.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is hashed: the same characters however the keyboard composes them (NIST 800-63B-4, 3.1.1.2: NFKC).
    pub(super) fn normalised(&self) -> Zeroizing<String> {
        // Room for the longest that NFKC makes of anything: a text that grows leaves copies of itself behind.
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

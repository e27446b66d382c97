//! The names of the codes CC002 to CC010. Lists carry and filter them; what they mean is said in
//! [`codes`](crate::domain::codes).

use std::fmt;
use std::str::FromStr;

/// A code of `docs/codes.md`, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The login has no person.
    CC002,
    /// The person belongs to no party.
    CC003,
    /// The party is no customer.
    CC004,
    /// The web site has no enterprise company.
    CC005,
    /// The party has no agreement with the site's enterprise company.
    CC006,
    /// No location serves the customer.
    CC007,
    /// The web site's settings are not well formed.
    CC008,
    /// The web site's settings for new orders do not fit together.
    CC009,
    /// The user has no external access to a customer of the site's enterprise company.
    CC010,
}

/// A text that names no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not one of the codes CC002 to CC010")]
pub struct UnknownCode(String);

impl Code {
    /// Every code, in order.
    pub const ALL: [Self; 9] = [
        Self::CC002,
        Self::CC003,
        Self::CC004,
        Self::CC005,
        Self::CC006,
        Self::CC007,
        Self::CC008,
        Self::CC009,
        Self::CC010,
    ];

    /// The code as it is shown, such as `CC002`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CC002 => "CC002",
            Self::CC003 => "CC003",
            Self::CC004 => "CC004",
            Self::CC005 => "CC005",
            Self::CC006 => "CC006",
            Self::CC007 => "CC007",
            Self::CC008 => "CC008",
            Self::CC009 => "CC009",
            Self::CC010 => "CC010",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    /// Reads a code in capitals, such as `CC002`.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL.into_iter().find(|code| code.as_str() == text).ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

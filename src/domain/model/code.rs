//! The names of the codes CC002 to CC010, for lists that show and filter them. Their definition is
//! [`diagnose`](crate::domain::codes::diagnose).

use std::fmt;
use std::str::FromStr;

/// A code that says why a user cannot enter a Client Center (`docs/codes.md`, The table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The user has no person.
    CC002,
    /// The person has no parent party.
    CC003,
    /// The parent party is no customer.
    CC004,
    /// The web site has no enterprise company.
    CC005,
    /// The parent party is no customer of the site's enterprise company.
    CC006,
    /// No location serves the customer for whom the user enters.
    CC007,
    /// The settings of the web site are not one well-formed JSON object.
    CC008,
    /// The settings of the web site for new orders are incomplete or name no sales order document type.
    CC009,
    /// The user has no external access to a customer of the site's enterprise company.
    CC010,
}

/// The error for a text that names no code; it holds that text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not one of the codes CC002 to CC010")]
pub struct UnknownCode(String);

impl Code {
    /// Every code, in ascending order.
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

    /// The name of the code, such as `CC002`.
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

    /// Parses the name of a code in capitals, such as `CC002`.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL.into_iter().find(|code| code.as_str() == text).ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

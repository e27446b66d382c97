//! The state of a request for an account.

/// The state of a request for an account (`docs/domain.md`, Requests).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// The request waits for a decision of an operator.
    Pending,
    /// An operator waits for something before deciding, such as an answer of the company.
    Waiting,
    /// A save left the active user without failed codes at one active Client Center or more.
    Configured,
    /// An operator rejected the request.
    Rejected,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Waiting, Self::Configured, Self::Rejected];

    /// The word for the state in the database and in reports, such as `pending`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waiting => "waiting",
            Self::Configured => "configured",
            Self::Rejected => "rejected",
        }
    }

    /// Whether the request is still to be decided.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Waiting)
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

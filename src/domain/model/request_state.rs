//! How far a request for an account has come (`docs/domain.md`, Requests).

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Something is still missing.
    Pending,
    /// The user can enter.
    Configured,
    /// An operator turned it down.
    Rejected,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Configured, Self::Rejected];

    /// The word for it in the database and in reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Configured => "configured",
            Self::Rejected => "rejected",
        }
    }

    /// The one that has this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

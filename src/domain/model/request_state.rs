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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_as_the_word_that_is_stored_for_it() {
        let words = RequestState::ALL.map(RequestState::code);
        assert_eq!(words, ["pending", "waiting", "configured", "rejected"]);
        assert_eq!(words.map(RequestState::from_code), RequestState::ALL.map(Some));
        assert_eq!(RequestState::from_code("lost"), None);
    }

    #[test]
    fn a_request_that_was_put_off_is_still_to_be_decided() {
        let open = RequestState::ALL.into_iter().filter(|state| state.is_open());
        assert_eq!(Vec::from_iter(open), [RequestState::Pending, RequestState::Waiting]);
    }
}

//! Requests for an account (`docs/domain.md`, Requests).

use jiff::Timestamp;
use jiff::civil::Date;

pub use crate::domain::model::request_state::RequestState;
use crate::domain::model::value::RecordId;

/// A request for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The id of the request.
    pub id: RecordId,
    /// The user that was created for the request.
    pub user: RecordId,
    /// When the request was submitted.
    pub submitted_at: Timestamp,
    /// Where the request was submitted.
    pub source: Source,
    /// The state of the request.
    pub state: RequestState,
    /// When the request came into its state; `None` while it is pending.
    pub decided_at: Option<Timestamp>,
    /// The login that brought the request into its state; `None` while it is pending.
    pub decided_by: Option<String>,
    /// Why the request was rejected, or what a waiting request waits for, at most 254 characters; `None` in the other
    /// states.
    pub reason: Option<String>,
    /// The day on which a waiting request is pending again; `None` when it waits without end, and in the other states.
    pub waiting_until: Option<Date>,
}

impl Request {
    /// A request that waits for its first decision.
    pub fn pending(id: RecordId, user: RecordId, submitted_at: Timestamp, source: Source) -> Self {
        Self {
            id,
            user,
            submitted_at,
            source,
            state: RequestState::Pending,
            decided_at: None,
            decided_by: None,
            reason: None,
            waiting_until: None,
        }
    }
}

/// Which operator works on a user's request. A claim is for the others to see; it blocks nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The user of the operator.
    pub operator: RecordId,
    /// The login of the operator.
    pub login: String,
    /// Since when the operator has worked on the request.
    pub since: Timestamp,
}

/// An internal note about a user's request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When it was written.
    pub at: Timestamp,
    /// The login of the operator who wrote it.
    pub login: String,
    /// The note, at most 254 characters.
    pub text: String,
}

/// Repeated requests for an account that exists already. They change nothing and wait for no decision
/// (`docs/domain.md`, Requests).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The number of repetitions, 1 or more.
    pub times: i64,
    /// When the last repetition was submitted.
    pub last_at: Timestamp,
}

/// The number of pending requests as text: `1 request waiting`, `2 requests waiting`.
pub fn waiting(requests: i64) -> String {
    let noun = if requests == 1 { "request" } else { "requests" };
    format!("{requests} {noun} waiting")
}

/// Where a request was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The console's form Create Local Account.
    Console,
    /// The command `ccdesk request add`.
    CommandLine,
    /// A user in an imported file.
    Import,
    /// A web form.
    Web,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 4] = [Self::Console, Self::CommandLine, Self::Import, Self::Web];

    /// The word for the source in the database and in reports, such as `command line`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::CommandLine => "command line",
            Self::Import => "import",
            Self::Web => "web",
        }
    }

    /// The source with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_is_told_from_several() {
        let told = [0, 1, 2, 11].map(waiting);
        assert_eq!(
            told,
            ["0 requests waiting", "1 request waiting", "2 requests waiting", "11 requests waiting"]
        );
    }

    #[test]
    fn a_source_is_read_as_the_word_that_is_stored_for_it() {
        assert_eq!(Source::ALL.map(Source::code), ["console", "command line", "import", "web"]);
        assert_eq!(Source::ALL.map(|source| Source::from_code(source.code())), Source::ALL.map(Some));
        assert_eq!(Source::from_code("fax"), None);
    }
}

//! The life of a request for an account (`docs/domain.md`, Requests).

use jiff::Timestamp;

pub use crate::domain::model::request_state::RequestState;
use crate::domain::model::value::RecordId;

/// A request for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The request.
    pub id: RecordId,
    /// The user that was made for it.
    pub user: RecordId,
    /// When it came.
    pub submitted_at: Timestamp,
    /// Where it came from.
    pub source: Source,
    /// What has become of it.
    pub state: RequestState,
    /// When that was decided.
    pub decided_at: Option<Timestamp>,
    /// By which login.
    pub decided_by: Option<String>,
    /// Why it was rejected.
    pub reason: Option<String>,
}

/// Requests that came again for an account that is there. They wait for no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// How many; never 0.
    pub times: i64,
    /// When the last one came.
    pub last_at: Timestamp,
}

/// How many requests wait, in words: `2 requests waiting`.
pub fn waiting(requests: i64) -> String {
    let noun = if requests == 1 { "request" } else { "requests" };
    format!("{requests} {noun} waiting")
}

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Somebody typed it into the console.
    Console,
    /// `ccdesk request`.
    CommandLine,
    /// A user in an imported file.
    Import,
    /// A web form.
    Web,
}

impl Source {
    /// Every origin.
    pub const ALL: [Self; 4] = [Self::Console, Self::CommandLine, Self::Import, Self::Web];

    /// The word for it in the database and in reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::CommandLine => "command line",
            Self::Import => "import",
            Self::Web => "web",
        }
    }

    /// The one that has this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

//! The life of a request for an account (`domain.md`, Requests).

use jiff::Timestamp;

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

macro_rules! coded {
    ($kind:ty: $($name:ident = $code:literal),+) => {
        impl $kind {
            /// The word for it in the database and in reports.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            /// The one that has this word.
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

coded!(Source: Console = "console", CommandLine = "command line", Import = "import", Web = "web");
coded!(RequestState: Pending = "pending", Configured = "configured", Rejected = "rejected");

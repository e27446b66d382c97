//! What is done to a record besides editing it: removing it, deciding the request of a user, giving one a code. Lists and forms
//! ask the same questions about it and say the same.

use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::{RecordId, Version};
use crate::tui::message::{AskScreen, Outcome, Question, Request, Screen};

/// The most characters of a reason, as the database keeps it.
const REASON: usize = 254;

/// What is to be done, and how the record is shown in a single line.
#[derive(Clone, Debug, PartialEq)]
pub enum RowAction {
    /// The record is removed, by the version that was read.
    Remove {
        /// What it is.
        entity: &'static EntityDef,
        /// Which one.
        id: RecordId,
        /// As it was read.
        version: Version,
        /// How it is shown.
        line: String,
    },
    /// The user's request is turned down.
    Reject(RecordId, String),
    /// The user's request, turned down before, is open again.
    Reopen(RecordId, String),
    /// The user gets a one-time code, to choose another password with.
    IssueCode {
        /// Who.
        user: RecordId,
        /// The name to sign in with.
        login: String,
        /// How the user is shown.
        line: String,
    },
}

impl RowAction {
    /// What has to be answered first.
    pub fn question(&self) -> Screen {
        let ask = |title: String, lines: [&str; 2], safe: (char, &str), other: (char, &str)| {
            let answers = [safe, other].map(|(letter, label)| (letter, label.to_owned())).to_vec();
            Screen::Question(Question { title, lines: lines.map(str::to_owned).to_vec(), answers })
        };
        match self {
            Self::Remove { entity, line, .. } => {
                let ends = entity.removal.unwrap_or_default();
                ask(format!("Remove {}", entity.name), [line, ends], ('k', "Keep it"), ('r', "Remove it"))
            }
            Self::Reject(_, line) => Screen::Ask(AskScreen {
                title: "Reject request".to_owned(),
                question: format!("Why is the request of {line} rejected? It also switches the login off."),
                most: REASON,
            }),
            Self::Reopen(_, line) => ask(
                "Reopen request".to_owned(),
                [line, "The request waits again, and the login is switched on."],
                ('l', "Leave it rejected"),
                ('r', "Reopen it"),
            ),
            Self::IssueCode { line, .. } => ask(
                "Issue one-time code".to_owned(),
                [
                    line,
                    "Whoever types it at a sign-in in place of the password chooses a new password with it; the \
                     one so far stays good until then.",
                ],
                ('l', "Leave it"),
                ('i', "Issue it"),
            ),
        }
    }

    /// What to ask of the service once the question was answered so; nothing where it is not to be done.
    pub fn request(&self, answer: Outcome) -> Option<Request> {
        match (self, answer) {
            (Self::Remove { entity, id, version, .. }, Outcome::Answer(1)) => {
                Some(Request::Remove(entity, *id, *version))
            }
            (Self::Reject(user, _), Outcome::Words(reason)) => Some(Request::Reject(*user, reason)),
            (Self::Reopen(user, _), Outcome::Answer(1)) => Some(Request::Reopen(*user)),
            (Self::IssueCode { user, login, .. }, Outcome::Answer(1)) => {
                Some(Request::IssueReset(*user, login.clone()))
            }
            _ => None,
        }
    }

    /// What to say when it is done.
    pub fn done(&self) -> String {
        match self {
            Self::Remove { entity, line, .. } => format!("{} removed: {line}.", entity.name),
            Self::Reject(_, line) => format!("Request rejected, login switched off: {line}."),
            Self::Reopen(_, line) => format!("Request open again, login switched on: {line}."),
            Self::IssueCode { line, .. } => format!("One-time code issued: {line}."),
        }
    }
}

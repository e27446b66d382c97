//! Row actions: what is done to a record besides editing it, such as removing it, deciding a user's request, and
//! issuing a one-time code. Lists and forms ask the same questions about them and show the same messages.

use std::sync::Arc;

use jiff::civil::Date;

use crate::domain::entities;
use crate::domain::model::record::Record;
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::{RecordId, Version};
use crate::service::ServiceError;
use crate::service::api::{Question, back_office};
use crate::tui::component::{Component, Cx};
use crate::tui::message::{self, AskScreen, Outcome, Screen, Slot};

/// The most characters of a reason, as the database stores it.
pub const LONGEST_REASON: usize = 254;

/// A row action, with the text by which its record is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum RowAction {
    /// Removes the record, by the version that was read.
    Remove {
        /// The entity.
        entity: &'static EntityDef,
        /// The record.
        id: RecordId,
        /// The version that was read.
        version: Version,
        /// The record in a single line.
        line: String,
        /// Whether it needs a reason.
        needs_reason: bool,
    },
    /// Rejects the user's request.
    Reject(RecordId, String),
    /// Reopens the user's request, which was rejected, configured or put off.
    Reopen(RecordId, String),
    /// Puts the user's request off until something has happened.
    Wait(RecordId, String),
    /// Writes a note about the user's request.
    Note(RecordId, String),
    /// Issues a one-time code with which the user chooses another password.
    IssueCode {
        /// The user.
        user: RecordId,
        /// The login.
        login: String,
        /// The user in a single line.
        line: String,
    },
}

/// What a component does when a row action was carried out or failed. The record is as stored now; `None` where it is
/// gone or was not read.
pub type Done<C> = fn(&mut C, &RowAction, Result<Option<Arc<Record>>, ServiceError>, &mut Cx<'_>);

impl RowAction {
    /// Removing a record, which is shown so.
    pub fn remove(record: &Record, line: String) -> Self {
        let needs_reason = (entities::rules_of(record.entity).guard_removal)(record).is_some();
        Self::Remove { entity: record.entity, id: record.id, version: record.version, line, needs_reason }
    }

    /// Why the record is not removed by this operator; `None` when it may be.
    pub fn removal_denial(record: &Record, is_administrator: bool) -> Option<&'static str> {
        (entities::rules_of(record.entity).guard_removal)(record).filter(|_| !is_administrator)
    }

    /// What has to be answered first.
    pub fn question(&self) -> Screen {
        let ask = |title: String, lines: [&str; 2], safe: (char, &str), other: (char, &str)| {
            let answers = [safe, other].map(|(letter, label)| (letter, label.to_owned())).to_vec();
            Screen::Question(message::Question { title, lines: lines.map(str::to_owned).to_vec(), answers })
        };
        match self {
            Self::Remove { entity, line, needs_reason: true, .. } => Screen::Ask(AskScreen {
                title: format!("Remove {}", entity.name),
                question: format!("Why is {line} removed? {}", entity.removal.unwrap_or_default()),
                most: LONGEST_REASON,
            }),
            Self::Remove { entity, line, .. } => {
                let ends = entity.removal.unwrap_or_default();
                ask(format!("Remove {}", entity.name), [line, ends], ('k', "Keep it"), ('r', "Remove it"))
            }
            Self::Reject(_, line) => Screen::Ask(AskScreen {
                title: "Reject request".to_owned(),
                question: format!("Why is the request of {line} rejected? It also switches the login off."),
                most: LONGEST_REASON,
            }),
            Self::Wait(_, line) => Screen::Ask(AskScreen {
                title: "Put request off".to_owned(),
                question: format!(
                    "What does the request of {line} wait for? A day at the end, such as 2026-12-24, makes it pending \
                     again on that day."
                ),
                most: LONGEST_REASON,
            }),
            Self::Note(_, line) => Screen::Ask(AskScreen {
                title: "Add note".to_owned(),
                question: format!(
                    "What is to be noted about the request of {line}? Every operator can read it."
                ),
                most: LONGEST_REASON,
            }),
            Self::Reopen(_, line) => ask(
                "Reopen request".to_owned(),
                [line, "It is to be decided again. A login that rejecting it switched off is switched on."],
                ('l', "Leave it as it is"),
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

    /// Carries the action out if the question was answered so, and returns whether it is. `done` then gets the record
    /// as it is stored now, where it still exists and was read.
    pub fn carry_out<C: Component>(self, answer: Outcome, done: Done<C>, cx: &mut Cx<'_>) -> bool {
        match (&self, answer) {
            (Self::Remove { entity, id, version, needs_reason: false, .. }, Outcome::Answer(1)) => {
                let question = back_office::Remove { entity, id: *id, version: *version, reason: None };
                self.ask(question, |()| None, done, cx);
            }
            (Self::Remove { entity, id, version, .. }, Outcome::Words(reason)) => {
                let reason = Some(reason);
                let question = back_office::Remove { entity, id: *id, version: *version, reason };
                self.ask(question, |()| None, done, cx);
            }
            (Self::Reject(user, _), Outcome::Words(reason)) => {
                let question = back_office::Reject { user: *user, reason };
                self.ask(question, Some, done, cx);
            }
            (Self::Wait(user, _), Outcome::Words(words)) => {
                let (what_for, until) = with_day(&words);
                let question = back_office::Wait { user: *user, what_for, until };
                self.ask(question, Some, done, cx);
            }
            (Self::Note(user, _), Outcome::Words(text)) => {
                let question = back_office::AddNote { user: *user, text };
                self.ask(question, |()| None, done, cx);
            }
            (Self::Reopen(user, _), Outcome::Answer(1)) => {
                let question = back_office::Reopen { user: *user };
                self.ask(question, Some, done, cx);
            }
            (Self::IssueCode { user, login, .. }, Outcome::Answer(1)) => {
                let question = back_office::IssueReset { user: *user, login: login.clone() };
                self.ask(question, |_| None, done, cx);
            }
            (
                Self::Remove { .. }
                | Self::Reject(..)
                | Self::Reopen(..)
                | Self::Wait(..)
                | Self::Note(..)
                | Self::IssueCode { .. },
                _,
            ) => return false,
        }
        true
    }

    fn ask<C: Component, Q: Question>(
        self,
        question: Q,
        record: fn(Q::Answer) -> Option<Arc<Record>>,
        done: Done<C>,
        cx: &mut Cx<'_>,
    ) {
        cx.ask(Slot::Write, question, move |asker: &mut C, answer, cx| {
            done(asker, &self, answer.map(record), cx);
        });
    }

    /// The message when it is done.
    pub fn done(&self) -> String {
        match self {
            Self::Remove { entity, line, .. } => format!("{} removed: {line}.", entity.name),
            Self::Reject(_, line) => format!("Request rejected, login switched off: {line}."),
            Self::Wait(_, line) => format!("Request put off: {line}."),
            Self::Note(_, line) => format!("Note added: {line}."),
            Self::Reopen(_, line) => format!("Request open again: {line}."),
            Self::IssueCode { line, .. } => format!("One-time code issued: {line}."),
        }
    }
}

/// What a request waits for, and the day at the end of it, with or without `until` before it.
fn with_day(words: &str) -> (String, Option<Date>) {
    let words = words.trim();
    let (before, last) = words.rsplit_once(char::is_whitespace).unwrap_or(("", words));
    let Some(day) = last.parse().ok().filter(|_| !before.is_empty()) else { return (words.to_owned(), None) };
    let before = before.trim_end();
    (before.strip_suffix("until").unwrap_or(before).trim_end().to_owned(), Some(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_at_the_end_of_what_a_request_waits_for_is_its_end() {
        let day = Some(jiff::civil::date(2026, 12, 24));
        for (words, what_for, until) in [
            ("an answer", "an answer", None),
            ("an answer 2026-12-24", "an answer", day),
            (" an answer  until 2026-12-24 ", "an answer", day),
            ("the list of 2026-12-24 by mail", "the list of 2026-12-24 by mail", None),
            ("an answer 2026-13-24", "an answer 2026-13-24", None),
            ("2026-12-24", "2026-12-24", None),
        ] {
            assert_eq!(with_day(words), (what_for.to_owned(), until), "{words}");
        }
    }
}

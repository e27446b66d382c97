//! What is done to the row in front besides opening it: removing it, and deciding the request of a user.

use std::sync::Arc;

use crate::domain::account_request::RequestState;
use crate::domain::entities;
use crate::domain::model::record::Record;
use crate::domain::model::value::Value;
use crate::service::ServiceError;
use crate::tui::command::{Action, Command};
use crate::tui::component::Cx;
use crate::tui::message::{Effect, Outcome, Screen, Tone};
use crate::tui::screens::row_action::RowAction;

use super::{Asking, Navigator, Purpose};

impl Navigator {
    pub(super) fn row_action_commands(&self, out: &mut Vec<Command>) {
        if self.purpose != Purpose::Works {
            return;
        }
        let why_not = if self.is_acting { "The answer is still to come." } else { "There is no row here." };
        let possible = !self.is_acting && self.current().is_some();
        let command = |action: Action| Command::of(action).only_if(possible, why_not);
        if self.entity().judged {
            let request = self.current().and_then(|row| row.request);
            let when = |action: Action, state: RequestState, otherwise: &'static str| {
                command(action).unless((possible && request != Some(state)).then_some(otherwise))
            };
            let none_waits = "This user has no pending request.";
            out.push(when(Action::Approve, RequestState::Pending, none_waits).ribbon());
            out.push(when(Action::Reject, RequestState::Pending, none_waits).ribbon());
            out.push(when(Action::Reopen, RequestState::Rejected, "This user's request was not rejected."));
        }
        if self.entity().removal.is_some() {
            let kept = self
                .current()
                .and_then(|row| (entities::rules_of(row.entity).deny_removal)(&self.record_of(row)));
            out.push(command(Action::Remove).ribbon().unless(kept));
        }
    }

    /// Begins with the row in front: the question first.
    pub(super) fn begin(&mut self, action: Action, cx: &mut Cx<'_>) {
        let Some(row) = self.current() else { return };
        let line = self.grid.line(row, |_| &Value::Empty, cx.language());
        let row_action = match action {
            Action::Approve => return cx.push(Effect::Push(Screen::Approve(row.entity, row.id))),
            Action::Reject => RowAction::Reject(row.id, line),
            Action::Reopen => RowAction::Reopen(row.id, line),
            _ => RowAction::Remove { entity: row.entity, id: row.id, version: row.version, line },
        };
        cx.push(Effect::Push(row_action.question()));
        self.asking = Some(Asking::RowAction(row_action));
    }

    pub(super) fn answered(&mut self, row_action: RowAction, answer: Outcome, cx: &mut Cx<'_>) {
        self.is_acting |= row_action.carry_out(answer, Self::acted, cx);
    }

    /// Takes the answer. A refusal too may mean that the row is not what it was.
    fn acted(
        &mut self,
        row_action: &RowAction,
        result: Result<Option<Arc<Record>>, ServiceError>,
        cx: &mut Cx<'_>,
    ) {
        self.is_acting = false;
        match result {
            Err(error) => cx.say(Tone::Bad, error.to_string()),
            Ok(_) => {
                if let RowAction::Remove { id, .. } = row_action {
                    self.grid.take_out(*id);
                }
                cx.say(Tone::Good, row_action.done());
            }
        }
        self.reload(cx);
    }
}

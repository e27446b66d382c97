//! What is done to the row in front besides opening it: removing it, and deciding the request of a user.

use std::sync::Arc;

use crate::domain::account_request::RequestState;
use crate::domain::model::record::Record;
use crate::domain::model::value::Value;
use crate::service::ServiceError;
use crate::tui::command::{Action, Command};
use crate::tui::component::Cx;
use crate::tui::message::{Effect, Outcome, Screen, Tone};
use crate::tui::screens::row_action::RowAction;

use super::{Asking, Navigator, Purpose};

impl Navigator {
    /// Adds the commands for the current row.
    pub(super) fn row_action_commands(&self, out: &mut Vec<Command>) {
        if self.purpose != Purpose::Works {
            return;
        }
        let why_not = if self.is_acting { "The answer is still to come." } else { "There is no row here." };
        let possible = !self.is_acting && self.current().is_some();
        let command = |action: Action| Command::of(action).only_if(possible, why_not);
        if self.entity().judged {
            let request = self.current().and_then(|row| row.request);
            let when = |action: Action, suits: fn(RequestState) -> bool, otherwise: &'static str| {
                command(action).unless((possible && !request.is_some_and(suits)).then_some(otherwise))
            };
            let none_is_open = "This user has no request to decide.";
            out.push(when(Action::Approve, RequestState::is_open, none_is_open).ribbon());
            out.push(when(Action::Reject, RequestState::is_open, none_is_open).ribbon());
            out.push(when(Action::Wait, RequestState::is_open, none_is_open));
            out.push(when(Action::AddNote, |_| true, "This user has not asked for an account."));
            let is_decided = |state| state != RequestState::Pending;
            out.push(when(Action::Reopen, is_decided, "This user has no request that was decided or waits."));
        }
        if self.entity().removal.is_some() {
            let kept = self
                .current()
                .and_then(|row| RowAction::removal_denial(&self.record_of(row), self.is_administrator));
            out.push(command(Action::Remove).ribbon().unless(kept));
        }
    }

    /// Opens the user whose request is approved.
    pub(super) fn approve(&self, cx: &mut Cx<'_>) {
        if let Some(row) = self.current() {
            cx.push(Effect::Push(Screen::Approve(row.entity, row.id)));
        }
    }

    /// Asks what has to be answered before the action on the row in front, which `make` makes of its record and of how
    /// it is shown in a single line.
    pub(super) fn begin(&mut self, make: fn(&Record, String) -> RowAction, cx: &mut Cx<'_>) {
        let Some(row) = self.current() else { return };
        let row_action = make(&self.record_of(row), self.grid.line(row, |_| &Value::Empty, cx.language()));
        cx.push(Effect::Push(row_action.question()));
        self.asking = Some(Asking::RowAction(row_action));
    }

    /// Takes the answer to the question that precedes an action, and carries the action out if it is a yes.
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

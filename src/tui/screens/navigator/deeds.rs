//! What is done to the row in front besides opening it: removing it, and deciding the request of a user.

use crate::domain::request::RequestState;
use crate::domain::value::Value;
use crate::service::ServiceError;
use crate::tui::command::{Action, Command};
use crate::tui::component::Cx;
use crate::tui::message::{Effect, Outcome, Reply, Screen, Slot, Tone};
use crate::tui::screens::deed::Deed;

use super::{Asking, Navigator, Purpose};

impl Navigator {
    pub(super) fn deed_commands(&self, out: &mut Vec<Command>) {
        if self.purpose != Purpose::Works {
            return;
        }
        let why_not =
            if self.doing.is_some() { "The answer is still to come." } else { "There is no row here." };
        let possible = self.doing.is_none() && self.current().is_some();
        let command = |action: Action| Command::of(action).only_if(possible, why_not);
        if self.entity().is_judged() {
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
            let kept = self.current().and_then(|row| (row.entity.rules.keeps)(&self.record_of(row)));
            out.push(command(Action::Remove).ribbon().unless(kept));
        }
    }

    /// Begins with the row in front: the question first.
    pub(super) fn begin(&mut self, action: Action, cx: &mut Cx<'_>) {
        let Some(row) = self.current() else { return };
        let line = self.grid.line(row, |_| &Value::Empty, cx.language());
        let deed = match action {
            Action::Approve => return cx.push(Effect::Push(Screen::Approve(row.entity, row.id))),
            Action::Reject => Deed::Reject(row.id, line),
            Action::Reopen => Deed::Reopen(row.id, line),
            _ => Deed::Remove { entity: row.entity, id: row.id, version: row.version, line },
        };
        cx.push(Effect::Push(deed.question()));
        self.asking = Some(Asking::Deed(deed));
    }

    pub(super) fn answered(&mut self, deed: Deed, answer: Outcome, cx: &mut Cx<'_>) {
        if let Some(request) = deed.request(answer) {
            cx.ask(Slot::Write, request);
            self.doing = Some(deed);
        }
    }

    /// Takes the answer. A refusal too may mean that the row is not what it was.
    pub(super) fn done(&mut self, result: Result<Reply, ServiceError>, cx: &mut Cx<'_>) {
        let Some(deed) = self.doing.take() else { return };
        match (result, &deed) {
            (Err(error), _) => cx.say(Tone::Bad, error.to_string()),
            (Ok(_), deed) => {
                if let Deed::Remove { id, .. } = deed {
                    self.grid.take_out(*id);
                }
                cx.say(Tone::Good, deed.done());
            }
        }
        self.reload(cx);
    }
}

//! Deciding the request of a user on the user's form, and removing rows of its panels.

use crate::domain::account_request::RequestState;
use crate::domain::model::format;
use std::sync::Arc;

use crate::domain::model::record::{Fields, Record};
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::service::ServiceError;
use crate::tui::command::{Action, Command};
use crate::tui::component::Cx;
use crate::tui::message::{Effect, Opening, Outcome, Tone};
use crate::tui::screens::row_action::RowAction;

use super::panels::PanelState;
use super::{Asking, Focus, Form, WAITING};

/// Why a request cannot be decided yet, or a row removed.
const UNSAVED: &str = "Save or cancel the changes first.";

impl Form {
    /// Opens a user whose request is to be seen through: once the codes are known, it goes to the first problem.
    pub fn approve(entity: &'static EntityDef, user: RecordId, cx: &mut Cx<'_>) -> Self {
        let mut form = Self::open(Opening::record(entity, user, false), false, cx);
        form.walk.goes_on = true;
        form
    }

    /// Adds the commands for the row of a panel that has the focus.
    pub(super) fn row_action_commands(&self, out: &mut Vec<Command>) {
        let why_not = if self.is_ready() { UNSAVED } else { WAITING };
        let possible = self.is_ready() && !self.has_unsaved();
        let command = |action: Action| Command::of(action).only_if(possible, why_not);
        let request = self.walk.judged.as_ref().and_then(|judged| judged.request);
        if request.is_some_and(RequestState::is_open) {
            out.push(Command::of(Action::Approve).only_if(self.is_ready(), WAITING).ribbon());
            out.push(command(Action::Reject).ribbon());
        }
        match request {
            Some(RequestState::Waiting | RequestState::Rejected) => {
                out.push(command(Action::Reopen).ribbon());
            }
            // Seldom wanted, and in the way of what comes next.
            Some(RequestState::Configured) => out.push(command(Action::Reopen)),
            Some(RequestState::Pending) | None => {}
        }
        if self.removal().is_some() {
            out.push(command(Action::Remove).ribbon().unless(self.removal_denial()));
        }
    }

    /// Sees the user's request through: goes to the first problem.
    pub(super) fn approve_here(&mut self, cx: &mut Cx<'_>) {
        self.leave_field(cx);
        self.walk.last = None;
        self.walk(true, cx);
    }

    /// Asks what has to be answered before a decision about the user's request is carried out.
    pub(super) fn decide(&mut self, decision: fn(RecordId, String) -> RowAction, cx: &mut Cx<'_>) {
        if let Some(user) = self.record.draft().stored_id() {
            self.begin(decision(user, self.line()), cx);
        }
    }

    /// Asks whether to remove the row of the panel in front.
    pub(super) fn remove_row(&mut self, cx: &mut Cx<'_>) {
        if let Some(removal) = self.removal() {
            self.begin(removal, cx);
        }
    }

    /// Asks what has to be answered before the action is carried out.
    pub(super) fn begin(&mut self, row_action: RowAction, cx: &mut Cx<'_>) {
        cx.push(Effect::Push(row_action.question()));
        self.asking = Some(Asking::RowAction(row_action));
    }

    /// How the record is shown in a single line.
    fn line(&self) -> String {
        format::line(self.entity(), |field| self.record.draft().value(field), &self.operator.language)
    }

    /// Removing the row in front, where rows of its kind are ever removed.
    fn removal(&self) -> Option<RowAction> {
        let Focus::Panel(index) = self.cursor.focus else { return None };
        let (related, grid) = self.panel_at(index).and_then(PanelState::related_ref)?;
        let row = grid.current().filter(|row| row.entity.removal.is_some())?;
        // The panel has no column for the record it belongs to.
        let own = Value::Ref(Reference { id: self.record.draft().stored_id()?, shown: self.line() });
        let other = |field: &_| if *related.by == *field { &own } else { &Value::Empty };
        let line = grid.line(row, other, &self.operator.language);
        Some(RowAction::remove(&grid.record_of(row), line))
    }

    /// Why the row in front is not removed by this operator.
    fn removal_denial(&self) -> Option<&'static str> {
        let Focus::Panel(index) = self.cursor.focus else { return None };
        let (_, grid) = self.panel_at(index).and_then(PanelState::related_ref)?;
        let row = grid.current()?;
        RowAction::removal_denial(&grid.record_of(row), self.operator.is_administrator)
    }

    /// Takes the answer to the question that precedes an action, and carries the action out if it is a yes.
    pub(super) fn answered(&mut self, row_action: RowAction, answer: Outcome, cx: &mut Cx<'_>) {
        if row_action.carry_out(answer, Self::acted, cx) {
            self.record.begin_action();
        }
    }

    fn acted(
        &mut self,
        row_action: &RowAction,
        result: Result<Option<Arc<Record>>, ServiceError>,
        cx: &mut Cx<'_>,
    ) {
        self.record.end_action();
        match result {
            Ok(Some(record)) => {
                self.show(record, cx);
                cx.say(Tone::Good, row_action.done());
            }
            Ok(None) => {
                self.refresh(cx);
                cx.say(Tone::Good, row_action.done());
            }
            Err(error) => {
                self.refresh(cx);
                cx.say(Tone::Bad, error.to_string());
            }
        }
    }
}

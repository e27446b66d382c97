//! The walk from problem to problem: F8 goes to the next failed code and opens the screen on which it is repaired.

use crate::domain::codes::{Code, State};
use crate::domain::entities::user;
use crate::service::back_office::diagnosis::Judged;
use crate::tui::command::{Action, Command};
use crate::tui::component::Cx;
use crate::tui::message::{Effect, Event, Tone};

use super::record_state::Then;
use super::repair::{self, Step};
use super::{Focus, Form, Mode, WAITING, pane};

/// What is known about the codes, and the problem that the walk is at.
#[derive(Default)]
pub(super) struct Walk {
    /// The codes of the draft, once known.
    pub(super) judged: Option<Box<Judged>>,
    /// The problem the walk went to last.
    pub(super) last: Option<Code>,
    /// Whether the walk goes on as soon as the codes are known again.
    pub(super) goes_on: bool,
}

impl Form {
    /// Whether what an event does depends on the codes.
    pub(super) fn needs_codes(&self, event: &Event) -> bool {
        let is_in_pane = matches!(self.cursor.focus, Focus::Pane(_));
        match event {
            Event::Command(
                Action::NextProblem
                | Action::PreviousProblem
                | Action::Approve
                | Action::Reject
                | Action::Reopen
                | Action::Menu
                | Action::Palette,
            ) => self.entity().judged,
            Event::Key(_) | Event::Command(Action::Open | Action::Help) => is_in_pane,
            _ => false,
        }
    }

    /// Adds the commands that go from problem to problem.
    pub(super) fn problem_commands(&self, out: &mut Vec<Command>) {
        let ready = self.is_ready();
        if self.opened.repairs || self.opened.returns {
            let saves = self.record.is_unsaved();
            let label = if saves { "Save and go on" } else { "Go on" };
            let go_on = Command::of(Action::NextProblem).labelled(label);
            out.push(go_on.only_if(ready, WAITING));
        } else if self.entity().judged {
            let why_not = if ready { "Nothing is missing." } else { WAITING };
            let is_fine = self.walk.judged.as_ref().is_some_and(|judged| judged.diagnosis.all_ok());
            let fails = ready && (!is_fine || self.is_at_unserved());
            out.push(Command::of(Action::NextProblem).only_if(fails, why_not));
            out.push(Command::of(Action::PreviousProblem).only_if(fails, why_not));
        }
    }

    /// F8: on a form with codes, goes to the next problem; on a form that repairs one, goes back and on from there.
    pub(super) fn next_problem(&mut self, forward: bool, cx: &mut Cx<'_>) {
        if self.opened.repairs || self.opened.returns {
            if self.record.is_unsaved() {
                self.save(Then::GoOn, cx);
            } else {
                self.after_save(Then::GoOn, cx);
            }
            return;
        }
        self.leave_field(cx);
        if let Focus::Pane(line) = self.cursor.focus
            && self.is_at_unserved()
        {
            self.repair_at(line, cx);
            return;
        }
        self.walk(forward, cx);
    }

    /// Opens the repair of the next failed code, or shows that nothing is missing.
    pub(super) fn walk(&mut self, forward: bool, cx: &mut Cx<'_>) {
        let Some(judged) = &self.walk.judged else {
            self.walk.goes_on = true;
            return;
        };
        let failed: Vec<Code> = judged.diagnosis.failed().collect();
        let Some(code) = next_code(&failed, self.walk.last, forward) else {
            self.walk.last = None;
            let unsaved = self.has_unsaved();
            let done = "Nothing is missing";
            cx.say(
                Tone::Good,
                if unsaved { format!("{done}: save to keep it (Ctrl+S).") } else { format!("{done}.") },
            );
            return;
        };
        self.repair(code, cx);
    }

    /// Opens the repair of a line of the pane; returns whether there is something to repair.
    pub(super) fn repair_at(&mut self, line: usize, cx: &mut Cx<'_>) -> bool {
        let at = self.walk.judged.as_deref().and_then(|judged| pane::line_at(judged, line));
        match at {
            Some(pane::Line::Code(code, State::Failed)) => self.repair(code, cx),
            Some(pane::Line::Unserved(customer)) => {
                let screen = repair::location_of(customer.id);
                self.walk.last = Some(Code::CC007);
                cx.push(Effect::Push(screen));
                cx.say(Tone::Plain, format!("{}: {}", Code::CC007, Code::CC007.advice()));
            }
            Some(pane::Line::Code(..)) | None => return false,
        }
        true
    }

    /// Whether the cursor is on a line of the pane about a customer that no location serves.
    fn is_at_unserved(&self) -> bool {
        let Focus::Pane(line) = self.cursor.focus else { return false };
        let at = self.walk.judged.as_deref().and_then(|judged| pane::line_at(judged, line));
        matches!(at, Some(pane::Line::Unserved(_)))
    }

    /// Opens the repair of a failed code.
    fn repair(&mut self, code: Code, cx: &mut Cx<'_>) {
        let Some(judged) = &self.walk.judged else { return };
        self.walk.last = Some(code);
        match repair::step(code, judged, self.record.draft()) {
            Step::Open(screen) => cx.push(Effect::Push(screen)),
            Step::CreatePerson(field_area) => {
                self.mode = Mode::Editing;
                let index = self.index_of_field(&user::PERSON.def);
                self.go_to(Focus::Field(index), cx);
                self.create_new(Some(field_area), cx);
            }
            Step::Say(sentence) => cx.say(Tone::Plain, sentence),
        }
        cx.say(Tone::Plain, format!("{code}: {}", code.advice()));
    }
}

/// The first failed code behind (or before) the last one that the walk was at, in a circle. A code that was repaired
/// and still fails comes again only after the others.
fn next_code(failed: &[Code], last: Option<Code>, forward: bool) -> Option<Code> {
    let Some(last) = last else {
        return if forward { failed.first().copied() } else { failed.last().copied() };
    };
    if forward {
        failed.iter().find(|code| **code > last).or(failed.first()).copied()
    } else {
        failed.iter().rev().find(|code| **code < last).or(failed.last()).copied()
    }
}

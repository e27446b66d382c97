//! Saving a form, closing it, and walking from problem to problem.

use crate::domain::codes::{Code, State};
use crate::domain::model::format;
use crate::domain::model::record::Fields;
use crate::domain::model::value::Reference;
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::tui::command::{Action, Command};
use crate::tui::component::Cx;
use crate::tui::message::{Effect, Outcome, Question, Reply, Request, Screen, Slot, Tone};

use super::repair::{self, Step};
use super::{Asking, Focus, Form, Mode, Then, WAITING, pane};

impl Form {
    /// Saves, unless something typed could not be read: then the cursor goes there.
    pub(super) fn save(&mut self, then: Then, cx: &mut Cx<'_>) {
        self.leave_field(cx);
        let unread: Vec<Issue> = self.unread_issues(cx.language());
        if !unread.is_empty() {
            self.refuse(unread, cx);
            return;
        }
        if !self.draft.is_changed() && self.draft.id().is_some() {
            cx.say(Tone::Plain, "There is nothing to save.");
            self.mode = Mode::Viewing;
            self.editor = None;
            return self.after_save(then, cx);
        }
        self.write(then, false, cx);
    }

    pub(super) fn write(&mut self, then: Then, confirmed: bool, cx: &mut Cx<'_>) {
        self.issues.clear();
        self.banner = None;
        self.saving = Some(then);
        cx.ask(Slot::Write, Request::Save(self.draft.clone(), confirmed));
    }

    /// Takes the answer to a save.
    pub(super) fn saved(&mut self, reply: Result<Reply, ServiceError>, cx: &mut Cx<'_>) {
        let Some(then) = self.saving.take() else { return };
        match reply {
            Ok(Reply::Saved(record)) => {
                self.unread.clear();
                self.mode = Mode::Viewing;
                self.opened_in = Mode::Viewing;
                self.editor = None;
                cx.say(Tone::Good, format!("{} saved.", record.entity.name));
                self.show(record, cx);
                self.after_save(then, cx);
            }
            Ok(_) => {}
            Err(ServiceError::Invalid(issues)) if issues.iter().all(Issue::only_asks) => {
                self.ask_to_save(issues, then, cx);
            }
            Err(ServiceError::Invalid(issues)) => self.refuse(issues, cx),
            Err(error) => {
                self.banner = Some(error.to_string());
                cx.say(Tone::Bad, "Nothing was saved; what you typed is still here.");
            }
        }
    }

    fn after_save(&mut self, then: Then, cx: &mut Cx<'_>) {
        let saved = self.draft.base.as_ref().filter(|_| self.returns).map(|base| {
            let shown = format::line(base.entity, |field| base.value(field), cx.language());
            Reference { id: base.id, shown }
        });
        match (then, saved) {
            (Then::GoOn, saved) => cx.push(Effect::Pop(Outcome::GoOn(saved))),
            (_, Some(reference)) => cx.push(Effect::Pop(Outcome::Chosen(reference))),
            (Then::Close, None) => cx.push(Effect::Pop(Outcome::Cancelled)),
            (Then::Stay, None) => {}
        }
    }

    fn ask_to_save(&mut self, issues: Vec<Issue>, then: Then, cx: &mut Cx<'_>) {
        self.focus_on_issue(&issues, cx);
        self.asking = Some(Asking::SaveAnyway(then));
        cx.push(Effect::Push(Screen::Question(Question::save_anyway(&issues))));
        self.issues = issues;
    }

    /// Marks what is wrong and goes to the first of it.
    fn refuse(&mut self, issues: Vec<Issue>, cx: &mut Cx<'_>) {
        self.banner = issues.iter().find(|issue| issue.property.is_none()).map(|issue| issue.message.clone());
        self.focus_on_issue(&issues, cx);
        if let Some(first) = issues.first() {
            cx.say(Tone::Bad, first.message.clone());
        }
        self.issues = issues;
    }

    fn focus_on_issue(&mut self, issues: &[Issue], cx: &mut Cx<'_>) {
        let properties = issues.iter().filter_map(|issue| issue.property);
        let wrong = properties.filter_map(|property| self.entity().field(property)).collect::<Vec<_>>();
        let places = wrong.into_iter().map(|field| self.index_of_field(field));
        if let Some(first) = places.min() {
            self.go_to(Focus::Field(first), cx);
        }
    }

    /// Back one level; with changes it asks first.
    pub(super) fn back(&mut self, cx: &mut Cx<'_>) {
        if self.close_list(cx) {
            return;
        }
        if self.has_unsaved() {
            self.asking = Some(Asking::Close);
            let title = crate::tui::component::Component::title(self);
            cx.push(Effect::Push(Screen::Question(Question::closing(&title))));
        } else if self.is_editing() && self.opened_in == Mode::Viewing {
            self.discard(cx);
        } else {
            cx.push(Effect::Pop(Outcome::Cancelled));
        }
    }

    /// Takes the changes back: to view mode, or away when the form was opened to edit.
    pub(super) fn discard(&mut self, cx: &mut Cx<'_>) {
        self.draft.changed.clear();
        self.unread.clear();
        self.issues.clear();
        self.banner = None;
        self.editor = None;
        self.followed.clear();
        if self.opened_in == Mode::Viewing {
            self.mode = Mode::Viewing;
            self.judge(cx);
        } else {
            cx.push(Effect::Pop(Outcome::Cancelled));
        }
    }

    pub(super) fn problem_commands(&self, out: &mut Vec<Command>) {
        let ready = self.is_ready();
        if self.repairs || self.returns {
            let saves = self.has_unsaved() || self.draft.id().is_none();
            let label = if saves { "Save and go on" } else { "Go on" };
            let go_on = Command::of(Action::NextProblem).labelled(label);
            out.push(go_on.only_if(ready, WAITING));
        } else if self.entity().judged {
            let why_not = if ready { "Nothing is missing." } else { WAITING };
            let is_fine = self.judged.as_ref().is_some_and(|judged| judged.diagnosis.all_ok());
            let fails = ready && (!is_fine || self.is_at_unserved());
            out.push(Command::of(Action::NextProblem).only_if(fails, why_not));
            out.push(Command::of(Action::PreviousProblem).only_if(fails, why_not));
        }
    }

    /// F8: on a judged form to the next problem; on a form that repairs one, back to that form and on.
    pub(super) fn next_problem(&mut self, forward: bool, cx: &mut Cx<'_>) {
        if self.repairs || self.returns {
            if self.has_unsaved() || self.draft.id().is_none() {
                self.save(Then::GoOn, cx);
            } else {
                self.after_save(Then::GoOn, cx);
            }
            return;
        }
        self.leave_field(cx);
        if let Focus::Pane(line) = self.focus
            && self.is_at_unserved()
        {
            self.repair_at(line, cx);
            return;
        }
        self.walk(forward, cx);
    }

    /// Opens the place of repair of the next failed code, or says that nothing is missing.
    pub(super) fn walk(&mut self, forward: bool, cx: &mut Cx<'_>) {
        let Some(judged) = &self.judged else {
            self.walks = true;
            return;
        };
        let failed: Vec<Code> = judged.diagnosis.failed().collect();
        let Some(code) = next_code(&failed, self.problem, forward) else {
            self.problem = None;
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

    /// Opens the place of repair of a line of the pane; tells whether there is something to repair.
    pub(super) fn repair_at(&mut self, line: usize, cx: &mut Cx<'_>) -> bool {
        let at = self.judged.as_deref().and_then(|judged| pane::line_at(judged, line));
        match at {
            Some(pane::Line::Code(code, State::Failed)) => self.repair(code, cx),
            Some(pane::Line::Unserved(customer)) => {
                let screen = repair::location_of(customer.id);
                self.problem = Some(Code::CC007);
                cx.push(Effect::Push(screen));
                cx.say(Tone::Plain, format!("{}: {}", Code::CC007, Code::CC007.advice()));
            }
            Some(pane::Line::Code(..)) | None => return false,
        }
        true
    }

    /// Whether the cursor is on a line of the pane about a customer that no location serves.
    fn is_at_unserved(&self) -> bool {
        let Focus::Pane(line) = self.focus else { return false };
        let at = self.judged.as_deref().and_then(|judged| pane::line_at(judged, line));
        matches!(at, Some(pane::Line::Unserved(_)))
    }

    /// Opens the place where a failed code is repaired.
    fn repair(&mut self, code: Code, cx: &mut Cx<'_>) {
        let Some(judged) = &self.judged else { return };
        self.problem = Some(code);
        match repair::step(code, judged, &self.draft) {
            Step::Open(screen) => cx.push(Effect::Push(screen)),
            Step::CreatePerson(field_area) => {
                self.mode = Mode::Editing;
                let index = self.index_of_field(&crate::domain::entities::user::PERSON.def);
                self.go_to(Focus::Field(index), cx);
                self.create_new(Some(field_area), cx);
            }
            Step::Say(sentence) => cx.say(Tone::Plain, sentence),
        }
        cx.say(Tone::Plain, format!("{code}: {}", code.advice()));
    }
}

/// The first failed code behind (or before) the last one seen to, going round; a code that was seen to and
/// still fails comes again only after the others.
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

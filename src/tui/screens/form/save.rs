//! Saving a form, and closing it.

use std::sync::Arc;

use crate::domain::model::format;
use crate::domain::model::record::{Fields, Record};
use crate::domain::model::value::Reference;
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::tui::component::{Component, Cx};
use crate::tui::message::{AskScreen, Effect, Outcome, Question, Screen, Slot, Tone};

use crate::tui::screens::row_action::LONGEST_REASON;

use super::record_state::{SaveStep, Then};
use super::{Asking, Focus, Form, Mode};

impl Form {
    /// Saves, unless something typed cannot be read: then the cursor goes there.
    pub(super) fn save(&mut self, then: Then, cx: &mut Cx<'_>) {
        self.leave_field(cx);
        match self.record.save_step(cx.language()) {
            SaveStep::Refuse(issues) => self.refuse(issues, cx),
            SaveStep::Nothing => {
                cx.say(Tone::Plain, "There is nothing to save.");
                self.mode = Mode::Viewing;
                self.cursor.editor = None;
                self.after_save(then, cx);
            }
            SaveStep::Write => self.write(then, false, None, cx),
        }
    }

    /// Saves the draft; `then` follows when it is saved, and `confirmed` says that its warnings were answered with yes.
    /// `reason` is that of an administrator for what is otherwise refused.
    pub(super) fn write(&mut self, then: Then, confirmed: bool, reason: Option<String>, cx: &mut Cx<'_>) {
        self.banner = None;
        self.record.begin_save(then);
        let question = back_office::Save { draft: self.record.draft().clone(), confirmed, reason };
        cx.ask(Slot::Write, question, Self::saved);
    }

    /// Takes the answer to a save.
    fn saved(&mut self, result: Result<Arc<Record>, ServiceError>, cx: &mut Cx<'_>) {
        let error = match result {
            Ok(record) => {
                let after = self.entity().all_fields().find(|field| {
                    !field.after_change.is_empty() && self.record.draft().is_field_changed(field)
                });
                let Some(then) = self.record.saved(Arc::clone(&record)) else { return };
                self.mode = Mode::Viewing;
                self.opened.mode = Mode::Viewing;
                self.cursor.editor = None;
                let after = after.map(|field| format!(" {}", field.after_change)).unwrap_or_default();
                let line = format::line(record.entity, |field| record.value(field), cx.language());
                cx.say(Tone::Good, format!("{} saved: {line}.{after}", record.entity.name));
                self.show(record, cx);
                return self.after_save(then, cx);
            }
            Err(error) => error,
        };
        let Some(then) = self.record.end_save() else { return };
        match error {
            ServiceError::Invalid(issues) if issues.iter().all(Issue::only_asks) => {
                self.ask_to_save(issues, then, cx);
            }
            ServiceError::Invalid(issues)
                if issues.iter().all(|issue| issue.only_asks() || issue.needs_reason()) =>
            {
                self.ask_for_reason(issues, then, cx);
            }
            ServiceError::Invalid(issues) => self.refuse(issues, cx),
            error => {
                if let ServiceError::Conflict(_) = error {
                    self.record.conflicts();
                }
                if error.is_outcome_unknown() {
                    self.record.outcome_is_unknown();
                }
                self.banner = Some(error.to_string());
                cx.say_not_saved(&error);
            }
        }
    }

    /// Does what was to follow the save: stay, return to the caller with the record, or begin another.
    pub(super) fn after_save(&mut self, then: Then, cx: &mut Cx<'_>) {
        let saved = self.record.base().filter(|_| self.opened.returns).map(|base| {
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
        self.record.set_issues(issues);
    }

    /// Asks for the reason without which the draft is not saved.
    fn ask_for_reason(&mut self, issues: Vec<Issue>, then: Then, cx: &mut Cx<'_>) {
        self.focus_on_issue(&issues, cx);
        self.asking = Some(Asking::Reason(then));
        let sentences: Vec<&str> = issues.iter().map(|issue| issue.message.as_str()).collect();
        cx.push(Effect::Push(Screen::Ask(AskScreen {
            title: "Save".to_owned(),
            question: format!("{} Why is it changed?", sentences.join(" ")),
            most: LONGEST_REASON,
        })));
        self.record.set_issues(issues);
    }

    /// Shows the issues at their fields, and goes to the first.
    fn refuse(&mut self, issues: Vec<Issue>, cx: &mut Cx<'_>) {
        self.banner = issues.iter().find(|issue| issue.property.is_none()).map(|issue| issue.message.clone());
        self.focus_on_issue(&issues, cx);
        if let Some(first) = issues.first() {
            cx.say(Tone::Bad, first.message.clone());
        }
        self.record.set_issues(issues);
    }

    fn focus_on_issue(&mut self, issues: &[Issue], cx: &mut Cx<'_>) {
        let properties = issues.iter().filter_map(|issue| issue.property);
        let wrong = properties.filter_map(|property| self.entity().field(property)).collect::<Vec<_>>();
        let indexes = wrong.into_iter().map(|field| self.index_of_field(field));
        if let Some(first) = indexes.min() {
            self.go_to(Focus::Field(first), cx);
        }
    }

    /// Goes back one level; with changes it asks first.
    pub(super) fn back(&mut self, cx: &mut Cx<'_>) {
        if self.close_list(cx) {
            return;
        }
        if self.has_unsaved() {
            self.asking = Some(Asking::Close);
            let title = self.title();
            cx.push(Effect::Push(Screen::Question(Question::closing(&title))));
        } else if self.is_editing() && self.opened.mode == Mode::Viewing {
            self.discard(cx);
        } else {
            cx.push(Effect::Pop(Outcome::Cancelled));
        }
    }

    /// Takes back the changes: the form goes to view mode, or closes when it was opened to edit.
    pub(super) fn discard(&mut self, cx: &mut Cx<'_>) {
        self.record.discard();
        self.banner = None;
        self.cursor.editor = None;
        if self.opened.mode == Mode::Viewing {
            self.mode = Mode::Viewing;
            self.judge(cx);
        } else {
            cx.push(Effect::Pop(Outcome::Cancelled));
        }
    }
}

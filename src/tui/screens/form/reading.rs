//! What a form reads: its record, what follows from it, and the outcomes of the layers above.

use std::sync::Arc;

use crate::domain::entities;
use crate::domain::model::history::HistoryPage;
use crate::domain::model::json_keys;
use crate::domain::model::query::Page;
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::{FieldDef, Panel};
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::service::back_office::diagnosis::Judged;
use crate::tui::component::Cx;
use crate::tui::message::{Outcome, Slot, Tone};
use crate::tui::widgets::grid::HasGrids;

use super::layout::FormLayout;
use super::panels::PanelState;
use super::{Asking, Focus, Form, Mode, Then};

impl Form {
    /// Shows a record that was read or written.
    pub(super) fn show(&mut self, record: Arc<Record>, cx: &mut Cx<'_>) {
        let same = self.record.is_read() && self.entity().is(record.entity);
        self.record.load(record);
        self.banner = None;
        if !same {
            self.view.layout = FormLayout::of(self.entity(), cx.layouts);
        }
        self.begin_panels(cx);
        let filled = std::mem::take(&mut self.opened.filled);
        match self.barred().filter(|_| self.is_editing()) {
            Some(sentence) => {
                (self.mode, self.opened.mode) = (Mode::Viewing, Mode::Viewing);
                cx.say(Tone::Bad, sentence);
            }
            None => filled.into_iter().for_each(|(field, value)| self.put(field, value, cx)),
        }
        self.arrive(cx);
    }

    /// Makes the panels of the record, and reads those that are shown.
    pub(super) fn begin_panels(&mut self, cx: &mut Cx<'_>) {
        let Some(id) = self.record.draft().stored_id() else { return };
        let entity = self.entity();
        let mut before = std::mem::take(&mut self.panels).into_iter();
        let made = |(index, panel): (usize, &&'static Panel)| {
            // The focused panel stays, even when what it showed itself for was repaired.
            let shown = self.cursor.focus == Focus::Panel(index)
                || self
                    .view
                    .layout
                    .panels
                    .iter()
                    .any(|(known, shown)| std::ptr::eq(*known, *panel) && *shown);
            let kept = before.next().flatten().filter(|kept| kept.is_of(panel, entity, id));
            let again = |mut kept: PanelState| {
                kept.shown = shown;
                kept
            };
            kept.map(again).or_else(|| PanelState::new(panel, index, (entity, id), shown))
        };
        self.panels = entities::panels_of(entity).iter().enumerate().map(made).collect();
        for panel in self.panels.iter_mut().flatten() {
            panel.read(cx);
        }
    }

    /// Puts the cursor on the position that the form was opened at, and asks for the codes.
    pub(super) fn arrive(&mut self, cx: &mut Cx<'_>) {
        let position = self.opened.position.take();
        if let Some(position) = &position {
            self.cursor.focus = Focus::Field(self.index_of_field(position.field));
        } else if self.is_editing() && self.record.draft().base.is_none() {
            self.cursor.focus = Focus::Field(self.first_to_fill());
        } else if self.is_editing() && self.field().is_none_or(|field| !self.can_edit(field)) {
            let first = self.fields().position(|field| self.can_edit(field)).unwrap_or_default();
            self.cursor.focus = Focus::Field(first);
        }
        self.open_editor(cx);
        if let (Some(position), Some(editor)) = (position, &mut self.cursor.editor) {
            if let Some((line, column)) = position.text_at {
                editor.go_to(line, column);
            }
            self.cursor.offered = position.among.map(|among| (position.field, among));
            if let Some(key) = position.key.and_then(|name| json_keys::known(position.field.known_keys, name))
            {
                self.choose_id(key, cx);
            }
            if let Some(text) = position.look_up {
                self.begin_look_up(position.field, &text, cx);
            }
        }
        self.judge(cx);
    }

    /// The index of the first field of a new record that is empty and matters: it must be filled in, or somebody's access
    /// depends on it. Without one, that of the first field that can be edited.
    fn first_to_fill(&self) -> usize {
        let draft = self.record.draft();
        let matters = |field: &FieldDef| self.asks_for(field) || self.entity().critical.contains(&field);
        let to_fill = self.fields().position(|field| {
            self.can_edit(field)
                && matters(field)
                && draft.value(field).is_empty()
                && self.record.unread(field).is_none()
        });
        to_fill.or_else(|| self.fields().position(|field| self.can_edit(field))).unwrap_or_default()
    }

    /// Asks for the codes of the draft as it stands.
    pub(super) fn judge(&self, cx: &mut Cx<'_>) {
        if self.entity().judged && self.record.is_read() {
            cx.ask(Slot::Codes, back_office::Codes { draft: self.record.draft().clone() }, Self::codes_read);
        }
    }

    /// As [`Form::judge`], after a pause in typing.
    pub(super) fn judge_after_pause(&self, cx: &mut Cx<'_>) {
        if self.entity().judged && self.record.is_read() {
            let question = back_office::Codes { draft: self.record.draft().clone() };
            cx.ask_after_pause(Slot::Codes, question, Self::codes_read);
        }
    }

    /// Reads the record and its panels again; changes are kept and applied to the newer record.
    pub(super) fn reload(&mut self, cx: &mut Cx<'_>) {
        if let Some(id) = self.record.readable_id() {
            cx.ask(Slot::Record, back_office::LoadRecord { entity: self.entity(), id }, Self::record_read);
        }
    }

    /// Begins to edit the newest version: it is read first, and keys wait for it.
    pub(super) fn begin_to_edit(&mut self, cx: &mut Cx<'_>) {
        if let Some(id) = self.record.readable_id() {
            let question = back_office::LoadRecord { entity: self.entity(), id };
            cx.ask(Slot::Record, question, Self::edit_read);
        }
    }

    fn edit_read(&mut self, record: Result<Arc<Record>, ServiceError>, cx: &mut Cx<'_>) {
        match record {
            Ok(record) => {
                self.mode = Mode::Editing;
                if self.record.base().is_some_and(|base| base.version == record.version) {
                    self.banner = None;
                    return self.arrive(cx);
                }
                self.show(record, cx);
            }
            Err(error) => self.read_failed(&error, cx),
        }
    }

    /// Takes a record that was read again while it is edited: the changes are applied to it.
    fn rebase(&mut self, record: Arc<Record>, cx: &mut Cx<'_>) {
        let focused = self.field();
        let before = focused.map(|field| self.record.draft().value(field).clone());
        self.record.rebase(record, cx.language());
        self.banner = None;
        if focused.map(|field| self.record.draft().value(field)) != before.as_ref() {
            self.open_editor(cx);
        }
        self.read_panels(cx);
        self.judge(cx);
        cx.say(Tone::Plain, "Read again; your changes are on top.");
    }

    /// Takes the record, or the reason why it could not be read.
    pub(super) fn record_read(&mut self, record: Result<Arc<Record>, ServiceError>, cx: &mut Cx<'_>) {
        match record {
            Ok(record) if self.record.is_read() && self.has_unsaved() => self.rebase(record, cx),
            Ok(record) => self.show(record, cx),
            Err(error) => self.read_failed(&error, cx),
        }
    }

    /// Takes the draft of a new record, with its defaults.
    pub(super) fn draft_begun(&mut self, draft: Result<Draft, ServiceError>, cx: &mut Cx<'_>) {
        match draft {
            Ok(draft) => {
                self.record.begin(draft);
                self.arrive(cx);
            }
            Err(error) => self.read_failed(&error, cx),
        }
    }

    fn read_failed(&mut self, error: &ServiceError, cx: &mut Cx<'_>) {
        self.record.read_failed();
        self.banner = Some(error.to_string());
        self.failed(error, cx);
    }

    /// Shows why something could not be read.
    pub(super) fn failed(&mut self, error: &ServiceError, cx: &mut Cx<'_>) {
        self.walk.goes_on = false;
        cx.say(Tone::Bad, error.to_string());
    }

    fn codes_read(&mut self, judged: Result<Option<Box<Judged>>, ServiceError>, cx: &mut Cx<'_>) {
        match judged {
            Ok(judged) => {
                self.walk.judged = judged;
                if std::mem::take(&mut self.walk.goes_on) {
                    self.walk(true, cx);
                }
            }
            Err(error) => self.failed(&error, cx),
        }
    }

    /// Takes a page of the history.
    pub(super) fn history_read(&mut self, page: Result<HistoryPage, ServiceError>, cx: &mut Cx<'_>) {
        let panel = self.panels.iter_mut().flatten().find(|panel| panel.is_history());
        match (page, panel) {
            (Ok(page), Some(panel)) => panel.take_history(&page, cx.language()),
            (Ok(_), None) => {}
            (Err(error), panel) => {
                panel.into_iter().for_each(PanelState::give_up);
                self.failed(&error, cx);
            }
        }
    }

    /// Takes the outcome of a screen that the form opened.
    pub(super) fn returned(&mut self, outcome: Outcome, cx: &mut Cx<'_>) {
        match (self.asking.take(), outcome) {
            (Some(Asking::Close), Outcome::Answer(1)) => self.save(Then::Close, cx),
            (Some(Asking::Close), Outcome::Answer(2)) => self.discard(cx),
            (Some(Asking::SaveAnyway(then)), Outcome::Answer(1)) => self.write(then, true, None, cx),
            (Some(Asking::Reason(then)), Outcome::Words(reason)) => self.write(then, true, Some(reason), cx),
            (Some(Asking::Reference(field)), Outcome::Chosen(reference)) => {
                self.choose(field, reference, cx);
            }
            (Some(asked @ (Asking::Word(_) | Asking::Id(_))), outcome) => self.completed(asked, outcome, cx),
            (Some(Asking::Kind(panel, kinds)), Outcome::Answer(index)) => {
                self.new_related(panel, kinds.get(index).cloned(), cx);
            }
            (Some(Asking::RowAction(row_action)), answer @ (Outcome::Answer(_) | Outcome::Words(_))) => {
                self.answered(row_action, answer, cx);
            }
            (_, Outcome::Customized(items)) => self.customize(items, cx),
            (asking, Outcome::GoOn(created)) => {
                if let (Some(Asking::Reference(field)), Some(reference)) = (asking, created) {
                    self.choose(field, reference, cx);
                }
                self.walk.goes_on = true;
                self.refresh(cx);
            }
            (_, Outcome::Written) => self.refresh(cx),
            _ => {}
        }
    }

    /// Reads again what is shown, after a record was saved elsewhere.
    pub(super) fn refresh(&mut self, cx: &mut Cx<'_>) {
        if self.record.draft().stored_id().is_some() && !self.has_unsaved() {
            return self.reload(cx);
        }
        self.read_panels(cx);
        self.judge(cx);
    }

    fn read_panels(&mut self, cx: &mut Cx<'_>) {
        for panel in self.panels.iter_mut().flatten() {
            panel.read(cx);
        }
    }
}

impl HasGrids for Form {
    fn rows_read(&mut self, grid: usize, rows: Result<Page, ServiceError>, cx: &mut Cx<'_>) {
        let Some(panel) = self.panels.get_mut(grid).and_then(Option::as_mut) else { return };
        match rows {
            Ok(page) => panel.take_rows(page, cx),
            Err(error) => {
                panel.give_up();
                self.failed(&error, cx);
            }
        }
    }

    fn rows_counted(&mut self, grid: usize, count: Result<i64, ServiceError>, cx: &mut Cx<'_>) {
        let Some(panel) = self.panels.get_mut(grid).and_then(Option::as_mut) else { return };
        match count {
            Ok(count) => panel.take_count(count),
            Err(error) => self.failed(&error, cx),
        }
    }
}

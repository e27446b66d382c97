//! What a form reads: its record, what follows from it, and what comes back from the layers above.

use std::sync::Arc;

use crate::domain::entities;
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::Kind;
use crate::domain::model::value::Value;
use crate::service::ServiceError;
use crate::tui::command::given_by;
use crate::tui::component::{Component, Cx};
use crate::tui::message::{Event, Outcome, Reply, Request, Slot, Tone};

use super::editor::Editor;
use super::layout::FormLayout;
use super::panels::PanelState;
use super::{Asking, Focus, Form, Mode, Then};

impl Form {
    /// Takes a record that was read or written.
    pub(super) fn show(&mut self, record: Arc<Record>, cx: &mut Cx<'_>) {
        let same = self.is_read && self.entity().is(record.entity);
        self.draft = Draft::of(record);
        self.new_draft.clear();
        self.is_read = true;
        self.followed.clear();
        if !same {
            self.layout = FormLayout::of(self.entity(), cx.layouts);
        }
        self.begin_panels(cx);
        let filled = std::mem::take(&mut self.filled);
        match self.barred().filter(|_| self.is_editing()) {
            Some(sentence) => {
                (self.mode, self.opened_in) = (Mode::Viewing, Mode::Viewing);
                cx.say(Tone::Bad, sentence);
            }
            None => filled.into_iter().for_each(|(field, value)| self.put(field, value, cx)),
        }
        self.arrive(cx);
    }

    pub(super) fn begin_panels(&mut self, cx: &mut Cx<'_>) {
        let Some(id) = self.draft.id() else { return };
        let entity = self.entity();
        let made = |(index, panel): (usize, &&'static crate::domain::model::schema::Panel)| {
            // The panel in front stays, also when what it showed itself for was repaired.
            let shown = self.focus == Focus::Panel(index)
                || self.layout.panels.iter().any(|(known, shown)| std::ptr::eq(*known, *panel) && *shown);
            PanelState::new(panel, index, (entity, id), shown)
        };
        self.panels = entities::panels_of(entity).iter().enumerate().map(made).collect();
        for panel in self.panels.iter_mut().flatten() {
            panel.read(id, cx);
        }
    }

    /// Puts the cursor where the form was asked to open, and judges.
    pub(super) fn arrive(&mut self, cx: &mut Cx<'_>) {
        let field_area = self.at.take();
        if let Some(field_area) = &field_area {
            self.focus = Focus::Field(self.index_of_field(field_area.field));
        } else if self.is_editing() && self.field().is_none_or(|field| !self.can_edit(field)) {
            let first = self.fields().position(|field| self.can_edit(field)).unwrap_or_default();
            self.focus = Focus::Field(first);
        }
        self.open_editor(cx);
        if let (Some(field_area), Some(editor)) = (field_area, &mut self.editor) {
            if let Some((line, column)) = field_area.text_at {
                editor.go_to(line, column);
            }
            self.among = field_area.among.map(|among| (field_area.field, among));
            if let Some(text) = field_area.look_up {
                self.begin_look_up(field_area.field, &text, cx);
            }
        }
        self.judge(cx);
    }

    /// Asks for the codes of the draft as it stands.
    pub(super) fn judge(&self, cx: &mut Cx<'_>) {
        if self.entity().judged && self.is_read {
            cx.ask(Slot::Codes, Request::Codes(self.draft.clone()));
        }
    }

    pub(super) fn reload(&mut self, cx: &mut Cx<'_>) {
        if let Some(id) = self.draft.id() {
            cx.ask(Slot::Record, Request::Record(self.entity(), id));
        }
    }

    /// A record read again while it is edited goes under the changes: the base is theirs, the changes mine.
    pub(super) fn rebase(&mut self, record: Arc<Record>, cx: &mut Cx<'_>) {
        let mine = std::mem::take(&mut self.draft.changed);
        let mut draft = Draft::of(record);
        for field in draft.entity.all_fields() {
            if let Some(value) = mine.get(field.property) {
                draft.set(field, value.clone());
            }
        }
        let before = std::mem::replace(&mut self.draft, draft);
        self.banner = None;
        if self.field().is_some_and(|field| before.value(field) != self.draft.value(field)) {
            self.open_editor(cx);
        }
        self.judge(cx);
        cx.say(Tone::Plain, "Read again; your changes are on top.");
    }

    /// Takes what was pressed before the record was read: people know their keys blind.
    pub(super) fn catch_up(&mut self, cx: &mut Cx<'_>) {
        for event in std::mem::take(&mut self.early) {
            let event = match event {
                // Which command a key gives is known only now: Enter opens a link once there is one.
                Event::Key(key) => {
                    let commands = self.list_commands();
                    let given = given_by(&key, self.takes_text(), &commands);
                    let live = given.filter(|command| command.disabled.is_none());
                    live.map_or(Event::Key(key), |command| Event::Command(command.action))
                }
                event => event,
            };
            self.handle(event, cx);
        }
    }

    pub(super) fn reply(&mut self, slot: Slot, reply: Result<Reply, ServiceError>, cx: &mut Cx<'_>) {
        match (slot, reply) {
            (Slot::Record, Ok(Reply::Record(record))) if self.is_read && self.has_unsaved() => {
                self.rebase(record, cx);
            }
            (Slot::Record, Ok(Reply::Record(record))) => {
                self.show(record, cx);
                self.catch_up(cx);
            }
            (Slot::Record, Ok(Reply::Draft(draft))) => {
                self.new_draft = draft.changed.clone();
                self.draft = draft;
                self.is_read = true;
                self.arrive(cx);
                self.catch_up(cx);
            }
            (Slot::Consequences(property), Ok(Reply::Draft(draft))) => self.follow(property, &draft, cx),
            (Slot::Choices, Ok(Reply::Rows(page))) => self.take_choices(page, cx),
            (Slot::ChoicesQuery(property), Ok(Reply::ChoicesQuery(query))) => self.pick(property, query, cx),
            (Slot::Kinds(panel), Ok(Reply::Rows(page))) => self.ask_kind(panel, &page, cx),
            (Slot::Codes, Ok(Reply::Codes(judged))) => {
                self.judged = judged;
                if std::mem::take(&mut self.walks) {
                    self.walk(true, cx);
                }
            }
            (Slot::Write, reply) => match self.doing.take() {
                Some(row_action) => self.done(&row_action, reply, cx),
                None => self.saved(reply, cx),
            },
            (Slot::Rows(index) | Slot::Count(index), Ok(reply)) => {
                if let Some(panel) = self.panels.get_mut(index).and_then(Option::as_mut) {
                    panel.take(reply, cx);
                }
            }
            (Slot::History, Ok(reply)) => {
                if let Some(panel) = self.panels.iter_mut().flatten().find(|panel| panel.is_history()) {
                    panel.take(reply, cx);
                }
            }
            (slot, Err(error)) => {
                self.walks = false;
                if let (Slot::Choices, Some(Editor::Lookup(lookup))) = (slot, &mut self.editor) {
                    lookup.awaits = false;
                }
                if slot == Slot::Record {
                    self.banner = Some(error.to_string());
                }
                cx.say(Tone::Bad, error.to_string());
            }
            _ => {}
        }
    }

    pub(super) fn returned(&mut self, outcome: Outcome, cx: &mut Cx<'_>) {
        match (self.asking.take(), outcome) {
            (Some(Asking::Close), Outcome::Answer(1)) => self.save(Then::Close, cx),
            (Some(Asking::Close), Outcome::Answer(2)) => self.discard(cx),
            (Some(Asking::SaveAnyway(then)), Outcome::Answer(1)) => self.write(then, true, cx),
            (Some(Asking::Choice(field)), Outcome::Answer(index)) => {
                if let Kind::Choice(choices) = field.kind {
                    let value =
                        index.checked_sub(1).map_or(Value::Empty, |index| Value::Code(choices[index].code));
                    self.put(field, value, cx);
                    self.open_editor(cx);
                }
            }
            (Some(Asking::Reference(field)), Outcome::Chosen(reference)) => {
                self.choose(field, reference, cx);
            }
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
                self.walks = true;
                self.refresh(cx);
            }
            (_, Outcome::Written) => self.refresh(cx),
            _ => {}
        }
    }

    /// Something this form shows was saved elsewhere.
    pub(super) fn refresh(&mut self, cx: &mut Cx<'_>) {
        if let Some(id) = self.draft.id() {
            if !self.has_unsaved() {
                self.reload(cx);
                return;
            }
            for panel in self.panels.iter_mut().flatten() {
                panel.read(id, cx);
            }
        }
        self.judge(cx);
    }
}

//! The form of a record, to view or edit, with its panels below. Every entity has one.

pub(super) mod edited;
mod editing;
pub(super) mod editor;
mod known_keys;
pub mod layout;
mod lookup;
mod moving;
mod pane;
mod panels;
mod reading;
mod record_state;
mod repair;
mod row_actions;
mod save;
mod user_actions;
mod view;
mod walk;

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::model::format;
use crate::domain::model::query::Filter;
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::domain::rights;
use crate::service::api::back_office;
use crate::tui::command::{Action, Command, OwnKey};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{
    CustomizeScreen, Effect, Event, FormPosition, HelpTopic, Opening, Screen, Slot, Tone,
};
use crate::tui::screens::row_action::RowAction;
use crate::tui::widgets::drop_down::KEEP_VALUE;

use editor::Editor;
use layout::FormLayout;
use panels::PanelState;
use record_state::{RecordState, Then};
use view::View;
use walk::Walk;

/// The reason why a command is not available yet.
const WAITING: &str = "The form is still being read or saved.";

/// Whether the record is viewed or edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Viewing,
    Editing,
}

/// What has the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Focus {
    /// A field, by its index: left column first.
    Field(usize),
    /// A line of the validation pane, by its index.
    Pane(usize),
    /// A panel, by its index among the entity's.
    Panel(usize),
}

/// What was asked for with the layer above, so that its outcome can be understood.
#[derive(Clone, Debug, PartialEq)]
enum Asking {
    /// Whether to save before closing.
    Close,
    /// Whether to save despite warnings.
    SaveAnyway(Then),
    /// Why a save is made that only an administrator may make.
    Reason(Then),
    /// One of these words, to complete what the cursor is in.
    Word(Vec<&'static str>),
    /// A record whose id the known key of this name gets.
    Id(&'static str),
    /// A record for a reference.
    Reference(&'static FieldDef),
    /// Which kind of record to create in a panel.
    Kind(usize, Vec<Reference>),
    /// Whether a row action is to be carried out, or why.
    RowAction(RowAction),
}

/// What a form reads first.
#[derive(Clone)]
enum First {
    Record(&'static EntityDef, RecordId),
    NewDraft(Draft),
}

impl First {
    fn read(&self, cx: &mut Cx<'_>) {
        match self {
            Self::Record(entity, id) => {
                let question = back_office::LoadRecord { entity, id: *id };
                cx.ask(Slot::Record, question, Form::record_read);
            }
            Self::NewDraft(draft) => {
                cx.ask(Slot::Record, back_office::NewDraft { draft: draft.clone() }, Form::draft_begun);
            }
        }
    }
}

/// How a form was opened.
struct Opened {
    first: First,
    /// The mode it was opened in. When changes are cancelled, a form opened to edit closes.
    mode: Mode,
    /// Values that are put in once the record is read; and the position that the cursor then goes to.
    filled: Vec<(&'static FieldDef, Value)>,
    position: Option<FormPosition>,
    /// Whether the saved record becomes the choice of the form below.
    returns: bool,
    /// Whether it repairs a problem of the form below.
    repairs: bool,
    /// The kind of a new record, for its title.
    kind: Option<String>,
}

/// What has the cursor, and how it is edited.
struct Cursor {
    focus: Focus,
    /// The editor of the field with the cursor, while it can be edited.
    editor: Option<Editor>,
    /// A field, and a filter on the records offered for it besides the field's own.
    offered: Option<(&'static FieldDef, Filter)>,
}

/// The operator who works with the form.
struct Operator {
    id: Option<RecordId>,
    is_administrator: bool,
    language: String,
}

/// The form of one record.
pub struct Form {
    record: RecordState,
    opened: Opened,
    mode: Mode,
    cursor: Cursor,
    view: View,
    panels: Vec<Option<PanelState>>,
    walk: Walk,
    operator: Operator,
    asking: Option<Asking>,
    /// One sentence about the form as a whole.
    banner: Option<String>,
}

impl Form {
    /// Opens a form; `returns` makes the saved record the choice of the form below.
    pub fn open(opening: Opening, returns: bool, cx: &mut Cx<'_>) -> Self {
        match opening {
            Opening::Record { entity, id, edit, at: position, filled, repairs } => {
                let first = First::Record(entity, id);
                let mode = if edit { Mode::Editing } else { Mode::Viewing };
                let opened = Opened { first, mode, filled, position, returns, repairs, kind: None };
                Self::reading(Draft::new(entity), opened, cx)
            }
            Opening::New { draft, at: position, kind, repairs } => {
                let (first, mode, filled) = (First::NewDraft(draft.clone()), Mode::Editing, Vec::new());
                Self::reading(draft, Opened { first, mode, filled, position, returns, repairs, kind }, cx)
            }
        }
    }

    /// A form that asks for its record, and shows nothing until it has come.
    fn reading(draft: Draft, opened: Opened, cx: &mut Cx<'_>) -> Self {
        opened.first.read(cx);
        Self {
            view: View::new(FormLayout::of(draft.entity, cx.layouts)),
            record: RecordState::reading(draft),
            mode: opened.mode,
            opened,
            cursor: Cursor { focus: Focus::Field(0), editor: None, offered: None },
            panels: Vec::new(),
            walk: Walk::default(),
            operator: Operator {
                id: cx.who.operator().map(|operator| operator.operator),
                is_administrator: cx.who.is_administrator(),
                language: cx.language().to_owned(),
            },
            asking: None,
            banner: None,
        }
    }

    fn entity(&self) -> &'static EntityDef {
        self.record.entity()
    }

    /// The shown fields, left column first.
    fn fields(&self) -> impl Iterator<Item = &'static FieldDef> + '_ {
        self.view.layout.columns.iter().flatten().copied()
    }

    /// The field that has the cursor.
    fn field(&self) -> Option<&'static FieldDef> {
        match self.cursor.focus {
            Focus::Field(index) => self.fields().nth(index),
            Focus::Pane(_) | Focus::Panel(_) => None,
        }
    }

    /// The index of a field among those shown. A hidden field is shown from now on: there is something to do about
    /// it.
    fn index_of_field(&mut self, field: &'static FieldDef) -> usize {
        let index = self.fields().position(|shown| shown == field);
        index.unwrap_or_else(|| {
            self.view.layout.columns[1].push(field);
            self.fields().count() - 1
        })
    }

    /// Whether commands can be given: no write is under way that would replace the record.
    fn is_ready(&self) -> bool {
        self.record.is_ready()
    }

    fn is_editing(&self) -> bool {
        self.mode == Mode::Editing
    }

    fn can_edit(&self, field: &FieldDef) -> bool {
        let barred = !self.operator.is_administrator && rights::field_denial(field).is_some();
        let kept = field.fixed.is_some() && self.record.base().is_some();
        self.is_editing() && !barred && !kept && !field.read_only && !matches!(field.kind, Kind::Secret)
    }

    /// Why this operator may not change a record of an entity: the stored record `kept`, or a new one
    /// (`docs/promises.md`, 7). `None` when it is allowed.
    fn bars(&self, entity: &'static EntityDef, kept: Option<&Record>) -> Option<&'static str> {
        rights::record_denial(entity, kept).filter(|_| !self.operator.is_administrator)
    }

    /// Why this operator may not change this record; `None` when it is allowed.
    fn barred(&self) -> Option<&'static str> {
        self.bars(self.entity(), self.record.base())
    }

    fn panel(&mut self) -> Option<&mut PanelState> {
        match self.cursor.focus {
            Focus::Panel(index) => self.panels.get_mut(index)?.as_mut(),
            Focus::Field(_) | Focus::Pane(_) => None,
        }
    }

    /// Whether closing would lose something that was entered. What a new record begins with does not count.
    fn has_unsaved(&self) -> bool {
        self.is_editing() && self.record.has_changes()
    }

    fn customize(&mut self, items: Vec<String>, cx: &mut Cx<'_>) {
        let key = layout::key(self.entity());
        let kept = BTreeMap::from([(key.clone(), items.clone())]);
        self.view.layout = FormLayout::of(self.entity(), &kept);
        cx.push(Effect::KeepLayout(key, items));
        self.cursor.focus = Focus::Field(0);
        self.begin_panels(cx);
        self.arrive(cx);
    }

    fn perform(&mut self, action: Action, cx: &mut Cx<'_>) {
        match action {
            Action::Edit => self.begin_to_edit(cx),
            Action::Reload => self.reload(cx),
            Action::SaveAndReload => self.save(Then::Stay, cx),
            Action::SaveAndClose => self.save(Then::Close, cx),
            Action::CancelChanges | Action::Back => self.back(cx),
            Action::Open => self.open_current(cx),
            Action::New => self.new_here(cx),
            Action::CreateNew => self.create_new(None, cx),
            Action::SelectByNavigator => self.select_by_navigator(cx),
            Action::DropDown => self.drop_down(cx),
            Action::Clear => self.clear(cx),
            Action::Copy => self.copy(cx),
            Action::PasteValue => self.paste_value(cx),
            Action::NextPanel => self.next_panel(true, cx),
            Action::PreviousPanel => self.next_panel(false, cx),
            Action::Panel(number) => self.go_to_panel(number, cx),
            Action::NextProblem => self.next_problem(true, cx),
            Action::PreviousProblem => self.next_problem(false, cx),
            Action::CustomizeForm => {
                let items = FormLayout::items(self.entity(), cx.layouts);
                let screen = CustomizeScreen { entity: self.entity(), items };
                cx.push(Effect::Push(Screen::Customize(screen)));
            }
            Action::Approve => self.approve_here(cx),
            Action::Reject => self.decide(RowAction::Reject, cx),
            Action::Reopen => self.decide(RowAction::Reopen, cx),
            Action::Remove => self.remove_row(cx),
            Action::GrantSeveral => self.open_for_user(Screen::Grant, cx),
            Action::SignInPreview => self.open_for_user(Screen::SignInPreview, cx),
            Action::IssueReset => self.issue_code(cx),
            Action::Help => self.help(cx),
            _ => {}
        }
    }

    fn help(&self, cx: &mut Cx<'_>) {
        cx.effects.extend(self.help_topic().map(|topic| Effect::Push(Screen::Help(topic))));
    }

    /// What the help of the form explains; `None` where it is left to the frame, which lists the keys.
    fn help_topic(&self) -> Option<HelpTopic> {
        match self.cursor.focus {
            Focus::Pane(line) => {
                self.walk.judged.as_ref().and_then(|judged| pane::code_at(judged, line)).map(HelpTopic::Code)
            }
            Focus::Field(_) | Focus::Panel(_) => self.field().map(HelpTopic::Field),
        }
    }

    /// Opens the record that the link or row with the cursor refers to.
    fn open_current(&mut self, cx: &mut Cx<'_>) {
        if let Some((_, grid)) = self.panel().and_then(|panel| panel.related()) {
            if let Some(row) = grid.current() {
                cx.push(Effect::Push(Screen::Form(Opening::record(row.entity, row.id, false))));
            }
            return;
        }
        if let Focus::Pane(line) = self.cursor.focus {
            if !self.repair_at(line, cx) {
                self.help(cx);
            }
            return;
        }
        let Some(field) = self.field() else { return };
        if let (Some(target), Value::Ref(reference)) = (field.target(), self.record.draft().value(field)) {
            cx.push(Effect::Push(Screen::Form(Opening::record(target, reference.id, false))));
        }
    }

    fn is_link(&self) -> bool {
        match self.cursor.focus {
            Focus::Field(_) => {
                self.field().is_some_and(|field| matches!(self.record.draft().value(field), Value::Ref(_)))
            }
            Focus::Pane(_) => true,
            Focus::Panel(index) => {
                let panel = self.panels.get(index).and_then(Option::as_ref);
                panel.and_then(PanelState::related_ref).is_some_and(|(_, grid)| grid.current().is_some())
            }
        }
    }

    /// Handles a key in view mode, or outside of the fields.
    fn view_key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        match key.code {
            KeyCode::Down => self.step(1, cx),
            KeyCode::Up => self.step(-1, cx),
            KeyCode::Tab => self.next_stop(true, cx),
            KeyCode::BackTab => self.next_stop(false, cx),
            KeyCode::Left | KeyCode::Right => self.sideways(key.code == KeyCode::Right, cx),
            KeyCode::PageDown => self.step(8, cx),
            KeyCode::PageUp => self.step(-8, cx),
            KeyCode::Home => self.go_to(Focus::Field(0), cx),
            _ => self.say_no_text(key, cx),
        }
    }
}

/// Whether an event only edits the text of a field, or goes back.
fn is_text(event: &Event) -> bool {
    match event {
        Event::Key(key) => matches!(
            key.code,
            KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete | KeyCode::Left | KeyCode::Right
        ),
        Event::Paste(_) | Event::Command(Action::Back | Action::CancelChanges) => true,
        _ => false,
    }
}

impl Component for Form {
    fn title(&self) -> String {
        if let Some(base) = self.record.base() {
            // The stored name: while another one is typed, the record is still found under the old one.
            let title = base.entity.title;
            if base.value(title).is_empty() {
                return format::line(base.entity, |field| base.value(field), &self.operator.language);
            }
            return format::shown(title, base.value(title), &self.operator.language).into_owned();
        }
        if !self.record.is_read() && self.opened.mode == Mode::Viewing {
            return self.entity().name.to_owned();
        }
        match &self.opened.kind {
            Some(kind) => format!("New {} - {kind}", self.entity().name),
            None => format!("New {}", self.entity().name),
        }
    }

    fn takes_text(&self) -> bool {
        self.is_editing() && matches!(self.cursor.focus, Focus::Field(_))
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let ready = self.is_ready();
        let when_ready = |action: Action| Command::of(action).only_if(ready, WAITING);
        let first = if self.is_editing() { Action::SaveAndReload } else { Action::Edit };
        let first = when_ready(first).ribbon().unless(self.barred());
        if self.opened.repairs || self.opened.returns {
            self.problem_commands(out);
            out.push(first);
        } else {
            out.push(first);
            self.problem_commands(out);
        }
        if ready && self.record.is_read() {
            self.field_commands(out);
        }
        self.row_action_commands(out);
        if self.is_editing() {
            let list = self.cursor.editor.as_ref().and_then(Editor::list_ref);
            let is_choosing = list.is_some_and(|list| list.is_open() || list.is_typed());
            let cancel = Command::of(Action::CancelChanges).ribbon().only_if(ready, WAITING);
            out.push(if is_choosing { cancel.labelled(KEEP_VALUE) } else { cancel });
            out.push(when_ready(Action::SaveAndClose).ribbon());
            if self.record.readable_id().is_some() || !self.record.is_read() {
                out.push(when_ready(Action::Reload));
            }
        } else {
            out.push(Command::of(Action::Back));
            out.push(when_ready(Action::Reload).ribbon());
            if !matches!(self.cursor.focus, Focus::Panel(_)) {
                out.push(Command::of(Action::New).ribbon().unless(self.bars(self.entity(), None)));
            }
        }
        self.user_commands(out);
        out.push(when_ready(Action::CustomizeForm));
        let others = self.panel_stops().len() > 1;
        let alone = "There is no other panel.";
        out.push(Command::of(Action::NextPanel).only_if(others, alone));
        out.push(Command::of(Action::PreviousPanel).only_if(others, alone));
        self.panel_commands(out);
        out.extend(self.help_topic().map(|_| Command::of(Action::Help)));
    }

    fn rule(&self) -> Option<String> {
        self.field().filter(|field| self.can_edit(field)).and_then(format::rule)
    }

    fn own_keys(&self) -> Vec<OwnKey> {
        self.cursor.editor.as_ref().map(Editor::own_keys).unwrap_or_default()
    }

    fn takes_now(&self, event: &Event, awaited: &Awaited<'_>) -> bool {
        if !self.record.is_read() {
            let leaves = matches!(event, Event::Command(Action::Back | Action::CancelChanges));
            return leaves || self.record.is_unreadable();
        }
        // The answers to these decide what the next key is meant for.
        let opens = |slot| matches!(slot, Slot::Record | Slot::Kinds(_) | Slot::ChoicesQuery(_));
        self.record.is_settled()
            && !awaited.any(opens)
            && !self.walk.goes_on
            && (!awaited.has(Slot::Choices) || is_text(event))
            && (!awaited.has(Slot::Codes) || !self.needs_codes(event))
            && self.panels_take(event, awaited)
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Back | Action::CancelChanges) if !self.record.is_read() => self.back(cx),
            Event::Command(Action::Reload) if !self.record.is_read() => {
                self.banner = None;
                self.record.read_again();
                self.opened.first.read(cx);
            }
            Event::Command(_) | Event::Key(_) | Event::Paste(_) if !self.record.is_read() => {
                cx.say(Tone::Plain, "This record could not be read; F5 tries again, Esc goes back.");
            }
            Event::Command(action) => self.perform(action, cx),
            Event::Key(key) if self.cursor.editor.is_some() => self.edit_key(&key, cx),
            Event::Key(key) => self.view_key(&key, cx),
            Event::Paste(text) => self.paste(&text, cx),
            Event::Returned(outcome) => self.returned(outcome, cx),
            Event::VisitorChanged => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        self.draw_form(frame, area, cx);
    }

    fn has_changes(&self) -> bool {
        self.has_unsaved()
    }
}

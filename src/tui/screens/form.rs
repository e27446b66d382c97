//! The form: one record, looked at or edited, with what belongs to it below. Every entity has one.

mod drawing;
mod editing;
pub(super) mod editor;
pub mod layout;
mod lookup;
mod moving;
mod pane;
mod panels;
mod reading;
mod repair;
mod requests;
mod saving;
mod user_actions;

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::codes::Code;
use crate::domain::model::format;
use crate::domain::model::query::Filter;
use crate::domain::model::record::{Draft, FieldMap, Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::domain::rights;
use crate::domain::rules::Issue;
use crate::service::back_office::diagnosis::Judged;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{
    Effect, Event, FormPosition, HelpTopic, Offer, Opening, Request, Screen, Slot, Tone,
};
use crate::tui::screens::row_action::RowAction;

use editor::Editor;
use layout::FormLayout;
use panels::PanelState;

/// Why a command has to wait.
const WAITING: &str = "The form is still being read or saved.";

/// Looked at, or edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Viewing,
    Editing,
}

/// What has the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Focus {
    /// A field, by its place: left column first.
    Field(usize),
    /// A line of the validation pane.
    Pane(usize),
    /// A panel, by its place among the entity's.
    Panel(usize),
}

/// What follows a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The form stays.
    Stay,
    /// The form closes.
    Close,
    /// The form closes and the walk from problem to problem goes on.
    GoOn,
}

/// What the layer above was opened for, so that its outcome is understood.
#[derive(Clone, Debug, PartialEq)]
enum Asking {
    /// Whether to save before closing.
    Close,
    /// Whether to save although something is missing.
    SaveAnyway(Then),
    /// A value of an enumeration.
    Choice(&'static FieldDef),
    /// A record for a reference.
    Reference(&'static FieldDef),
    /// Which kind of record to create in a panel.
    Kind(usize, Vec<Reference>),
    /// Whether, or why, something is to be done.
    RowAction(RowAction),
}

/// One record.
pub struct Form {
    draft: Draft,
    /// What is asked for first: the record, or what a new one begins with.
    first: Request,
    /// Whether that has been read.
    is_read: bool,
    /// What was pressed before that, in order.
    early: Vec<Event>,
    mode: Mode,
    /// The mode to go back to when changes are cancelled: a form opened in edit mode closes.
    opened_in: Mode,
    layout: FormLayout,
    focus: Focus,
    editor: Option<Editor>,
    /// Typed text that is no value of its field yet.
    unread: BTreeMap<&'static str, String>,
    issues: Vec<Issue>,
    panels: Vec<Option<PanelState>>,
    judged: Option<Box<Judged>>,
    /// The problem the walk went to last.
    problem: Option<Code>,
    /// The walk goes on as soon as the codes are known again.
    walks: bool,
    saving: Option<Then>,
    /// What is being done to the record, or to a row of a panel.
    doing: Option<RowAction>,
    asking: Option<Asking>,
    /// The drafts whose consequences are under way, by the property of the field that was chosen in.
    followed: BTreeMap<&'static str, Draft>,
    /// What is put in, and where the cursor goes, once the record is read.
    filled: Vec<(&'static FieldDef, Value)>,
    at: Option<FormPosition>,
    /// What the records on offer for a field satisfy besides what the field itself asks.
    among: Option<(&'static FieldDef, Filter)>,
    /// Saved, it goes back as the choice of the form below.
    returns: bool,
    repairs: bool,
    /// One sentence about the form as a whole.
    banner: Option<String>,
    top: u16,
    is_wide: bool,
    /// The columns of a label.
    label: u16,
    /// The operator, and whether that is one who may do everything.
    operator: Option<RecordId>,
    is_administrator: bool,
    /// The operator's, for titles.
    language: String,
    /// What kind of record a new one is.
    kind: Option<String>,
    /// What a new record begins with.
    new_draft: FieldMap,
}

impl Form {
    /// Opens a record or a new one; `returns` makes a saved record the choice of the form below.
    pub fn open(opening: Opening, returns: bool, cx: &mut Cx<'_>) -> Self {
        match opening {
            Opening::Record { entity, id, edit, at, filled, repairs } => {
                let first = Request::Record(entity, id);
                let mode = if edit { Mode::Editing } else { Mode::Viewing };
                Self { at, filled, repairs, returns, ..Self::blank(Draft::new(entity), mode, first, cx) }
            }
            Opening::New { draft, at, kind, repairs } => {
                let first = Request::NewDraft(draft.clone());
                Self { at, kind, repairs, returns, ..Self::blank(draft, Mode::Editing, first, cx) }
            }
        }
    }

    /// A form that asks for its record and waits for it.
    fn blank(draft: Draft, mode: Mode, first: Request, cx: &mut Cx<'_>) -> Self {
        cx.ask(Slot::Record, first.clone());
        Self {
            first,
            layout: FormLayout::of(draft.entity, cx.layouts),
            draft,
            is_read: false,
            early: Vec::new(),
            mode,
            opened_in: mode,
            focus: Focus::Field(0),
            editor: None,
            unread: BTreeMap::new(),
            issues: Vec::new(),
            panels: Vec::new(),
            judged: None,
            problem: None,
            walks: false,
            saving: None,
            doing: None,
            asking: None,
            followed: BTreeMap::new(),
            filled: Vec::new(),
            at: None,
            among: None,
            returns: false,
            repairs: false,
            banner: None,
            top: 0,
            is_wide: true,
            label: 0,
            operator: cx.who.operator().map(|operator| operator.operator),
            is_administrator: cx.who.is_administrator(),
            language: cx.language().to_owned(),
            kind: None,
            new_draft: FieldMap::new(),
        }
    }

    fn entity(&self) -> &'static EntityDef {
        self.draft.entity
    }

    /// The fields shown, left column first.
    fn fields(&self) -> impl Iterator<Item = &'static FieldDef> + '_ {
        self.layout.columns.iter().flatten().copied()
    }

    /// The field that has the cursor.
    fn field(&self) -> Option<&'static FieldDef> {
        match self.focus {
            Focus::Field(index) => self.fields().nth(index),
            Focus::Pane(_) | Focus::Panel(_) => None,
        }
    }

    /// Where a field stands. A hidden one shows itself: there is something to do about it.
    fn index_of_field(&mut self, field: &'static FieldDef) -> usize {
        let index = self.fields().position(|shown| shown == field);
        index.unwrap_or_else(|| {
            self.layout.columns[1].push(field);
            self.fields().count() - 1
        })
    }

    /// Whether it can be worked with: nothing is written that would take the place of what is there. What is
    /// pressed before the record is read waits for it.
    fn is_ready(&self) -> bool {
        self.saving.is_none() && self.doing.is_none()
    }

    fn is_editing(&self) -> bool {
        self.mode == Mode::Editing
    }

    fn can_edit(&self, field: &FieldDef) -> bool {
        let barred = !self.is_administrator && rights::bars_field(field).is_some();
        self.is_editing() && !barred && !field.read_only && !matches!(field.kind, Kind::Secret)
    }

    /// Why this operator may not change a record of that kind: one that is `kept`, or a new one.
    fn bars(&self, entity: &'static EntityDef, kept: Option<&Record>) -> Option<&'static str> {
        rights::bars_record(entity, kept).filter(|_| !self.is_administrator)
    }

    /// Why this operator may not change this record.
    fn barred(&self) -> Option<&'static str> {
        self.bars(self.entity(), self.draft.base.as_deref())
    }

    fn panel(&mut self) -> Option<&mut PanelState> {
        match self.focus {
            Focus::Panel(index) => self.panels.get_mut(index)?.as_mut(),
            Focus::Field(_) | Focus::Pane(_) => None,
        }
    }

    /// Whether closing would lose something that somebody entered: what a new record begins with is not.
    fn has_unsaved(&self) -> bool {
        self.is_editing() && (self.draft.changed != self.new_draft || !self.unread.is_empty())
    }

    fn customize(&mut self, items: Vec<String>, cx: &mut Cx<'_>) {
        let key = layout::key(self.entity());
        let kept = BTreeMap::from([(key.clone(), items.clone())]);
        self.layout = FormLayout::of(self.entity(), &kept);
        cx.push(Effect::KeepLayout(key, items));
        self.focus = Focus::Field(0);
        self.begin_panels(cx);
        self.arrive(cx);
    }

    fn perform(&mut self, action: Action, cx: &mut Cx<'_>) {
        match action {
            Action::Edit => {
                self.mode = Mode::Editing;
                self.arrive(cx);
            }
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
                let screen = crate::tui::message::CustomizeScreen { entity: self.entity(), items };
                cx.push(Effect::Push(Screen::Customize(screen)));
            }
            Action::Approve | Action::Reject | Action::Reopen | Action::Remove => self.begin(action, cx),
            Action::GrantSeveral | Action::SignInPreview | Action::IssueReset => self.about_user(action, cx),
            Action::Help => self.help(cx),
            _ => {}
        }
    }

    fn help(&self, cx: &mut Cx<'_>) {
        let topic = match self.focus {
            Focus::Pane(line) => {
                self.judged.as_ref().and_then(|judged| pane::code_at(judged, line)).map(HelpTopic::Code)
            }
            Focus::Field(_) | Focus::Panel(_) => self.field().map(HelpTopic::Field),
        };
        match topic {
            Some(topic) => cx.push(Effect::Push(Screen::Help(topic))),
            None => {
                let offer = Offer { commands: self.list_commands(), frame: 0, takes_text: self.takes_text() };
                cx.push(Effect::Push(Screen::Help(HelpTopic::Keys(offer))));
            }
        }
    }

    fn list_commands(&self) -> Vec<Command> {
        let mut commands = Vec::new();
        self.commands(&mut commands);
        commands
    }

    /// Opens the record a link or a row points at.
    fn open_current(&mut self, cx: &mut Cx<'_>) {
        if let Some((_, grid)) = self.panel().and_then(|panel| panel.related()) {
            if let Some(row) = grid.current() {
                cx.push(Effect::Push(Screen::Form(Opening::record(row.entity, row.id, false))));
            }
            return;
        }
        if let Focus::Pane(line) = self.focus {
            if !self.repair_at(line, cx) {
                self.help(cx);
            }
            return;
        }
        let Some(field) = self.field() else { return };
        if let (Some(target), Value::Ref(reference)) = (field.target(), self.draft.value(field)) {
            cx.push(Effect::Push(Screen::Form(Opening::record(target, reference.id, false))));
        }
    }

    fn is_link(&self) -> bool {
        match self.focus {
            Focus::Field(_) => {
                self.field().is_some_and(|field| matches!(self.draft.value(field), Value::Ref(_)))
            }
            Focus::Pane(_) => true,
            Focus::Panel(index) => {
                let panel = self.panels.get(index).and_then(Option::as_ref);
                panel.and_then(PanelState::related_ref).is_some_and(|(_, grid)| grid.current().is_some())
            }
        }
    }

    /// A key in view mode, or outside the fields.
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
            _ => {}
        }
    }
}

impl Component for Form {
    fn title(&self) -> String {
        if let Some(base) = &self.draft.base {
            // As it is kept: while its name is being typed, the record is still found under the old one.
            let title = base.entity.title;
            return format::shown(title, base.value(title), &self.language).into_owned();
        }
        if !self.is_read && self.opened_in == Mode::Viewing {
            return self.entity().name.to_owned();
        }
        match &self.kind {
            Some(kind) => format!("New {} - {kind}", self.entity().name),
            None => format!("New {}", self.entity().name),
        }
    }

    fn takes_text(&self) -> bool {
        self.is_editing() && matches!(self.focus, Focus::Field(_))
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let ready = self.is_ready();
        let when_ready = |action: Action| Command::of(action).only_if(ready, WAITING);
        let first = if self.is_editing() { Action::SaveAndReload } else { Action::Edit };
        let first = when_ready(first).ribbon().unless(self.barred());
        if self.repairs || self.returns {
            self.problem_commands(out);
            out.push(first);
        } else {
            out.push(first);
            self.problem_commands(out);
        }
        if ready && self.is_read {
            self.field_commands(out);
        }
        self.row_action_commands(out);
        if self.is_editing() {
            out.push(Command::of(Action::CancelChanges).ribbon().only_if(ready, WAITING));
            out.push(when_ready(Action::SaveAndClose).ribbon());
            if self.draft.stored_id().is_some() || !self.is_read {
                out.push(when_ready(Action::Reload));
            }
        } else {
            out.push(Command::of(Action::Back));
            out.push(when_ready(Action::Reload).ribbon());
            if !matches!(self.focus, Focus::Panel(_)) {
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
        out.push(Command::of(Action::Help));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Back | Action::CancelChanges) if !self.is_read => self.back(cx),
            Event::Command(Action::Reload) if !self.is_read => {
                self.banner = None;
                cx.ask(Slot::Record, self.first.clone());
            }
            Event::Command(_) | Event::Key(_) | Event::Paste(_) if !self.is_read => self.early.push(event),
            Event::Command(action) => self.perform(action, cx),
            // The answer would take the place of what is typed now.
            Event::Key(_) | Event::Paste(_) if !self.is_ready() => {
                cx.say(Tone::Plain, "The save is under way; wait for its answer.");
            }
            Event::Key(key) if self.editor.is_some() => self.edit_key(&key, cx),
            Event::Key(key) => self.view_key(&key, cx),
            Event::Paste(text) => self.paste(&text, cx),
            Event::Reply(slot, reply) => self.reply(slot, reply, cx),
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

//! Editing the fields of a form, and moving among them.

use crossterm::event::{KeyCode, KeyEvent};

use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::query::{ListQuery, Page, PageCursor, Row};
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{Reference, Value};
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::service::back_office::records::choice_columns;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Cx, is_for_text};
use crate::tui::message::{
    Effect, FormPosition, MenuEntry, MenuScreen, Opening, Outcome, Screen, Slot, Tone,
};
use crate::tui::widgets::drop_down::DropDown;

use super::edited::Edited;
use super::editor::{Editor, left_out};
use super::lookup;
use super::panels::PanelState;
use super::record_state::Put;
use super::{Asking, Focus, Form};

/// The most choices in the list of a reference field, as the service gives them.
const MOST_CHOICES: u16 = 20;

/// The most kinds of record that New offers.
const MOST_KINDS: u16 = 30;

impl Form {
    /// Sets the value of a field, and asks for what follows from it.
    pub(super) fn put(&mut self, field: &'static FieldDef, value: Value, cx: &mut Cx<'_>) {
        let put = self.record.put(field, value, cx.language());
        self.after_put(field, put, cx);
    }

    /// Reads the text that was typed into a field, and asks for what follows from it.
    pub(super) fn typed(&mut self, field: &'static FieldDef, text: String, cx: &mut Cx<'_>) {
        let put = self.record.type_text(field, text, cx.language());
        self.after_put(field, put, cx);
    }

    fn after_put(&mut self, field: &'static FieldDef, put: Put, cx: &mut Cx<'_>) {
        match put {
            Put::Same => {}
            Put::Changed => self.judge_after_pause(cx),
            Put::AsksConsequences => {
                let question = back_office::Consequences { draft: self.record.draft().clone(), field };
                let then = move |form: &mut Self, draft, cx: &mut Cx<'_>| form.follow(field, draft, cx);
                cx.ask(Slot::Consequences(field.property), question, then);
            }
        }
    }

    /// Takes what follows from the choice in a field. An editor whose field has not changed keeps its cursor and its
    /// list.
    fn follow(&mut self, field: &'static FieldDef, draft: Result<Draft, ServiceError>, cx: &mut Cx<'_>) {
        match draft {
            Ok(draft) => {
                let Some(followed) = self.record.follow(field, &draft) else { return };
                if self.field().is_some_and(|focused| followed.contains(&focused)) {
                    self.open_editor(cx);
                }
                self.judge(cx);
            }
            Err(error) => {
                self.record.follow_failed(field);
                self.failed(&error, cx);
            }
        }
    }

    /// Empties the current field.
    pub(super) fn clear(&mut self, cx: &mut Cx<'_>) {
        if let Some(field) = self.field().filter(|field| self.can_edit(field)) {
            let value = match self.record.draft().value(field) {
                Value::Multi(text) => {
                    let mut text = text.clone();
                    text.set(cx.language(), "");
                    Value::multi(text)
                }
                _ => Value::Empty,
            };
            self.put(field, value, cx);
            if !self.cursor.editor.as_mut().is_some_and(Editor::clear) {
                self.open_editor(cx);
            }
        }
    }

    /// Copies the current field to the clipboard.
    pub(super) fn copy(&self, cx: &mut Cx<'_>) {
        if let Some(field) = self.field() {
            let value = self.record.draft().value(field).clone();
            let text = format::shown(field, &value, cx.language()).into_owned();
            cx.push(Effect::Copy(text, value));
            cx.say(Tone::Plain, format!("{} copied.", field.label));
        }
    }

    /// Pastes what was copied in this console: a record into a reference field, its text into any other.
    pub(super) fn paste_value(&mut self, cx: &mut Cx<'_>) {
        let Some((text, value)) = cx.copied.clone() else {
            return cx.say(Tone::Plain, "Nothing was copied yet.");
        };
        let Some(field) = self.field().filter(|field| self.can_edit(field)) else { return };
        match (&field.kind, value) {
            (Kind::Ref(_), Value::Ref(reference)) => self.choose(field, reference, cx),
            _ => self.paste(&text, cx),
        }
    }

    /// Opens the editor of the field with the cursor, if it can be edited.
    pub(super) fn open_editor(&mut self, cx: &mut Cx<'_>) {
        let field = self.field().filter(|field| self.record.is_read() && self.can_edit(field));
        self.cursor.editor = field
            .map(|field| Editor::open(field, self.record.draft(), self.record.unread(field), cx.language()));
    }

    /// Gives a key to the editor of the current field, or to the form where the editor does not use it.
    pub(super) fn edit_key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        if key.code == KeyCode::Enter && self.take_from_list(cx) {
            return;
        }
        let Some(editor) = &mut self.cursor.editor else { return };
        let done = editor.key(key);
        if matches!(done, Edited::NotMine) {
            return self.leaving_key(key, cx);
        }
        self.after(done, cx);
    }

    /// Inserts pasted text into the current field.
    pub(super) fn paste(&mut self, text: &str, cx: &mut Cx<'_>) {
        match self.cursor.editor.as_mut().map(|editor| editor.paste(text)) {
            Some(Edited::NotMine) | None => cx.say_not_pasted(),
            Some(done) => self.after(done, cx),
        }
    }

    fn after(&mut self, done: Edited, cx: &mut Cx<'_>) {
        let Some(field) = self.field() else { return };
        match done {
            Edited::NotMine | Edited::Nothing => {}
            Edited::Typed(text) => self.typed(field, text, cx),
            Edited::Value(value) => self.put(field, value, cx),
            Edited::Searched(text) => {
                self.record.keep_unread(field, text.clone());
                self.ask_choices(field, text, cx);
            }
            Edited::Refused(refused, text) => {
                self.typed(field, text, cx);
                self.record.mark(field, left_out(field, refused));
            }
        }
    }

    /// Handles a key that the editor does not use.
    fn leaving_key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        match key.code {
            KeyCode::Enter => self.next_stop(true, cx),
            KeyCode::Tab => {
                if self.list().is_some_and(|list| list.is_typed()) {
                    self.take_from_list(cx);
                }
                self.next_stop(true, cx);
            }
            KeyCode::BackTab => self.next_stop(false, cx),
            KeyCode::Down => self.step(1, cx),
            KeyCode::Up => self.step(-1, cx),
            KeyCode::PageDown => self.step(8, cx),
            KeyCode::PageUp => self.step(-8, cx),
            KeyCode::Char(' ') if key.modifiers.is_empty() => self.drop_down(cx),
            _ => self.say_no_text(key, cx),
        }
    }

    /// Says why a key for a text does nothing in a field where none is typed.
    pub(super) fn say_no_text(&self, key: &KeyEvent, cx: &mut Cx<'_>) {
        let Some(field) = self.field().filter(|_| is_for_text(key) && self.is_editing()) else { return };
        match &self.cursor.editor {
            Some(editor) => editor.no_text().into_iter().for_each(|how| cx.say_no_text(field.label, how)),
            None => cx.say(Tone::Plain, format!("{} cannot be changed here; F1 says why.", field.label)),
        }
    }

    /// Sets the value of a reference field.
    pub(super) fn choose(&mut self, field: &'static FieldDef, reference: Reference, cx: &mut Cx<'_>) {
        self.put(field, Value::Ref(reference), cx);
        self.open_editor(cx);
    }

    /// The drop-down of the field with the cursor, while it can be edited.
    fn list(&mut self) -> Option<&mut DropDown> {
        self.cursor.editor.as_mut().and_then(Editor::list)
    }

    /// Takes the value under the cursor of an open list. Returns whether there was one.
    fn take_from_list(&mut self, cx: &mut Cx<'_>) -> bool {
        let Some(value) = self.list().and_then(|list| list.under_cursor().cloned()) else { return false };
        let Some(field) = self.field() else { return false };
        self.put(field, value, cx);
        self.open_editor(cx);
        true
    }

    /// Takes the value that the text typed into a drop-down names in full, when the field is left.
    pub(super) fn take_named(&mut self, cx: &mut Cx<'_>) {
        if let Some(value) = self.list().and_then(|list| list.named())
            && let Some(field) = self.field()
        {
            self.put(field, value, cx);
            self.open_editor(cx);
        }
    }

    /// Opens the list of a reference field with this text, and looks it up without choosing.
    pub(super) fn begin_look_up(&mut self, field: &'static FieldDef, text: &str, cx: &mut Cx<'_>) {
        if let Some(list) = self.list() {
            if !text.is_empty() {
                list.type_over(text);
                self.record.keep_unread(field, text.to_owned());
            }
            self.open_list(field, cx);
        }
    }

    fn open_list(&mut self, field: &'static FieldDef, cx: &mut Cx<'_>) {
        let Some(list) = self.list() else { return };
        list.open();
        let text = list.text().to_owned();
        self.ask_choices(field, text, cx);
    }

    /// Asks for the records that a reference field can refer to and that contain this text.
    fn ask_choices(&mut self, field: &'static FieldDef, text: String, cx: &mut Cx<'_>) {
        if !self.list().is_some_and(|list| list.awaits()) {
            return;
        }
        match self.offered(field) {
            Some(offered) => {
                let columns = choice_columns(offered.entity);
                let query = ListQuery { search: text, columns, ..offered };
                let question = back_office::Rows { query, cursor: PageCursor::First, limit: MOST_CHOICES };
                cx.ask(Slot::Choices, question, Self::choices_read);
            }
            None => {
                let question = back_office::Choices { draft: self.record.draft().clone(), field, text };
                cx.ask(Slot::Choices, question, Self::choices_read);
            }
        }
    }

    fn choices_read(&mut self, page: Result<Page, ServiceError>, cx: &mut Cx<'_>) {
        let target = self.field().and_then(FieldDef::target);
        let (Some(target), Some(list)) = (target, self.list()) else { return };
        match page {
            Ok(page) => {
                let lines = lookup::lines_of(target, &page.rows, cx.language());
                list.take(lines, page.more_before || page.more_after);
            }
            Err(error) => {
                list.give_up();
                self.failed(&error, cx);
            }
        }
    }

    /// The records offered for a reference field, where the form was opened to offer only some.
    fn offered(&self, field: &FieldDef) -> Option<ListQuery> {
        let (_, among) = self.cursor.offered.as_ref().filter(|(narrowed, _)| *narrowed == field)?;
        Some(ListQuery { filters: vec![among.clone()], ..ListQuery::all(field.target()?) })
    }

    /// Opens the list of values of the current field, or closes it and keeps what was typed.
    pub(super) fn drop_down(&mut self, cx: &mut Cx<'_>) {
        let Some(field) = self.field() else { return };
        match self.list() {
            Some(list) if list.is_open() => list.close(),
            Some(_) => self.open_list(field, cx),
            None => self.complete(cx),
        }
    }

    /// Closes an open list and gives the field the text of its value back. Returns whether there was either to do.
    pub(super) fn close_list(&mut self, cx: &mut Cx<'_>) -> bool {
        let busy = self.list().is_some_and(|list| list.is_open() || list.is_typed());
        if let Some(field) = self.field().filter(|_| busy) {
            self.record.forget_unread(field);
            self.open_editor(cx);
        }
        busy
    }

    /// Opens the navigator of the records that the current reference field may point to, to choose one.
    pub(super) fn select_by_navigator(&mut self, cx: &mut Cx<'_>) {
        let Some(field) = self.field().filter(|field| field.target().is_some()) else { return };
        if let Some(offered) = self.offered(field) {
            self.pick(field.property, Some(offered), cx);
        } else {
            let question = back_office::ChoicesQuery { draft: self.record.draft().clone(), field };
            cx.ask(
                Slot::ChoicesQuery(field.property),
                question,
                move |form: &mut Self, query, cx| match query {
                    Ok(query) => form.pick(field.property, query, cx),
                    Err(error) => form.failed(&error, cx),
                },
            );
        }
    }

    /// Opens the list of the records that the field of this property can refer to.
    pub(super) fn pick(&mut self, property: &str, query: Option<ListQuery>, cx: &mut Cx<'_>) {
        match query {
            Some(query) => {
                self.asking = self.entity().field(property).map(Asking::Reference);
                cx.push(Effect::Push(Screen::Pick(query)));
            }
            None => cx.say(Tone::Plain, "Nothing can be chosen yet; fill in the field it depends on first."),
        }
    }

    /// Creates a record for the reference field.
    pub(super) fn create_new(&mut self, at: Option<FormPosition>, cx: &mut Cx<'_>) {
        let Some(field) = self.field() else { return };
        let Some(draft) = self.new_for(field) else { return };
        self.close_list(cx);
        self.asking = Some(Asking::Reference(field));
        cx.push(Effect::Push(Screen::New(Opening::New { draft, at, kind: None, repairs: false })));
    }

    /// A new record for a reference field: filled from this record, and named by what was typed into the field.
    fn new_for(&self, field: &'static FieldDef) -> Option<Draft> {
        let language = &self.operator.language;
        let mut new = Draft::new(creatable(field.target()?));
        (entities::rules_of(self.entity()).fill_new)(&mut new, self.record.draft(), field, language);
        if let Some(typed) = self.record.unread(field).filter(|typed| !typed.trim().is_empty()) {
            let rules = entities::rules_of(new.entity);
            (rules.name_new)(&mut new, typed.trim(), language);
            let filled: Vec<_> =
                new.entity.fields.iter().filter(|field| new.is_field_changed(field)).collect();
            filled.into_iter().for_each(|field| (rules.changed)(&mut new, field, language));
        }
        Some(new)
    }

    /// The label of Create new for the field with the cursor: `Create new “Chris Armstrong”`.
    fn create_label(&self, field: &'static FieldDef) -> Option<String> {
        let draft = self.new_for(field)?;
        let title = format::line(draft.entity, |field| draft.value(field), &self.operator.language);
        // A title made of separators alone, as of an empty record, names nothing.
        title.contains(char::is_alphanumeric).then(|| format!("Create new “{title}”"))
    }

    /// New: in a panel a record of the chosen kind, otherwise another record of this entity.
    pub(super) fn new_here(&mut self, cx: &mut Cx<'_>) {
        let Focus::Panel(index) = self.cursor.focus else {
            let opening = Opening::new(Draft::new(creatable(self.entity())));
            return cx.push(Effect::Push(Screen::Form(opening)));
        };
        let kinds =
            self.panel_at(index).and_then(PanelState::related_ref).and_then(|(related, _)| related.kinds);
        match kinds.and_then(FieldDef::target) {
            Some(target) => {
                let page_cursor = PageCursor::First;
                let query = ListQuery::in_use(target);
                let question = back_office::Rows { query, cursor: page_cursor, limit: MOST_KINDS };
                cx.ask(Slot::Kinds(index), question, move |form: &mut Self, page, cx| match page {
                    Ok(page) => form.ask_kind(index, &page, cx),
                    Err(error) => form.failed(&error, cx),
                });
            }
            None => self.new_related(index, None, cx),
        }
    }

    /// The panel of that index; `None` when the user may not see it.
    pub(super) fn panel_at(&self, index: usize) -> Option<&PanelState> {
        self.panels.get(index).and_then(Option::as_ref)
    }

    /// Asks which kind of record to create in a panel; `page` has the kinds.
    pub(super) fn ask_kind(&mut self, panel: usize, page: &Page, cx: &mut Cx<'_>) {
        let Some((related, _)) = self.panel_at(panel).and_then(PanelState::related_ref) else { return };
        let Some(target) = related.kinds.and_then(FieldDef::target) else { return };
        let line = |row: &Row| {
            let value = |field: &FieldDef| {
                static EMPTY: Value = Value::Empty;
                target
                    .columns
                    .iter()
                    .position(|column| *column == field)
                    .map_or(&EMPTY, |index| &row.values[index])
            };
            Reference { id: row.id, shown: format::line(target, value, cx.language()) }
        };
        let kinds: Vec<Reference> = page.rows.iter().map(line).collect();
        let labels = kinds.iter().map(|kind| kind.shown.as_str()).chain([related.entity.name]);
        let entries = labels.enumerate().map(|(index, label)| answer(index, label, true)).collect();
        let title = format!("New {}", related.entity.name);
        cx.push(Effect::Push(Screen::Menu(MenuScreen { title, entries, current: None })));
        self.asking = Some(Asking::Kind(panel, kinds));
    }

    /// Opens the form of a new record of a panel's entity that refers to this record, of that kind.
    pub(super) fn new_related(&mut self, panel: usize, kind: Option<Reference>, cx: &mut Cx<'_>) {
        let Some((related, _)) = self.panel_at(panel).and_then(PanelState::related_ref) else { return };
        let Some(id) = self.record.draft().stored_id() else { return };
        let mut draft = Draft::new(related.entity);
        let shown = format::line(self.entity(), |field| self.record.draft().value(field), cx.language());
        draft.set(related.by, Value::Ref(Reference { id, shown }));
        let title = kind.as_ref().map(|kind| kind.shown.clone());
        if let (Some(field), Some(kind)) = (related.kinds, kind) {
            draft.set(field, Value::Ref(kind));
        }
        cx.push(Effect::Push(Screen::Form(Opening::New { draft, at: None, kind: title, repairs: false })));
    }

    /// Adds the commands for the field or row with the cursor.
    pub(super) fn field_commands(&self, out: &mut Vec<Command>) {
        if let Focus::Panel(index) = self.cursor.focus
            && let Some((related, _)) = self.panel_at(index).and_then(PanelState::related_ref)
        {
            let more = if related.kinds.is_some() { " ▸" } else { "" };
            let new =
                Command::of(Action::New).labelled(format!("New {}{more}", related.entity.name)).ribbon();
            out.push(new.unless(self.bars(related.entity, None)));
        }
        if self.is_link() {
            out.push(Command::of(Action::Open));
        }
        let Some(field) = self.field() else { return };
        if self.can_edit(field) {
            self.edit_commands(field, out);
        }
        let filled = !self.record.draft().value(field).is_empty();
        out.push(Command::of(Action::Copy).only_if(filled, "The field is empty."));
    }

    fn drop_down_command(&self) -> Command {
        let list = self.cursor.editor.as_ref().and_then(Editor::list_ref);
        list.map_or(Command::of(Action::DropDown), DropDown::command)
    }

    fn edit_commands(&self, field: &'static FieldDef, out: &mut Vec<Command>) {
        match field.kind {
            Kind::Ref(target) => {
                out.push(self.drop_down_command());
                let made_here = target.menu.is_some() || entities::subtypes(target).next().is_some();
                let label = self.create_label(field);
                let label = label.unwrap_or_else(|| format!("Create new {}", creatable(target).name));
                let create = Command::of(Action::CreateNew).labelled(label);
                let create = create.only_if(made_here, "These come with the program.");
                out.push(create.unless(self.bars(creatable(target), None)));
                out.push(Command::of(Action::SelectByNavigator));
            }
            Kind::Choice(_) => out.push(self.drop_down_command()),
            Kind::Json => out.extend(self.offer().map(|offer| offer.command())),
            _ => {}
        }
        let filled = !self.record.draft().value(field).is_empty() || self.record.unread(field).is_some();
        out.push(Command::of(Action::Clear).only_if(filled, "The field is empty."));
        out.push(Command::of(Action::PasteValue));
    }
}

fn answer(index: usize, label: &str, enabled: bool) -> MenuEntry {
    let letter = char::from_digit(u32::try_from(index).unwrap_or(99) + 1, 10);
    let note = if enabled { String::new() } else { "This field is required.".to_owned() };
    MenuEntry { letter, label: label.to_owned(), note, enabled, choice: Outcome::Answer(index) }
}

/// The entity that Create new creates for a reference; for a party that is a company, since people belong to
/// companies.
fn creatable(target: &'static EntityDef) -> &'static EntityDef {
    if target.subtype_field.is_some() { &entities::company::COMPANY } else { target }
}

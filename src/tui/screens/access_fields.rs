//! The fields of an external access outside of a form: what is typed into them, and what is wrong with it. User
//! Management and Grant access use them.

mod drawing;

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent};
use jiff::civil::Date;

use crate::domain::codes::Role;
use crate::domain::entities::external_access::{DAYS_BACK_ACCESS, NOTES, ROLE, USER, VALID_UNTIL};
use crate::domain::model::choice::{Choice, Choices};
use crate::domain::model::format;
use crate::domain::model::record::{Draft, FieldMap, Fields};
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::Value;
use crate::domain::rules::Issue;
use crate::tui::command::{Command, OwnKey};
use crate::tui::component::is_for_text;
use crate::tui::screens::form::edited::Edited;
use crate::tui::screens::form::editor::{Editor, left_out};
use crate::tui::widgets::drop_down::{DropDown, Line, not_taken};

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// The text or value of the field has changed.
    Changed,
    /// Nothing changed, or only the cursor.
    Kept,
    /// The key is for a text, and none is typed in the field; says how its value is set.
    NoText(&'static str),
    /// The cursor is to leave the field.
    Leaves {
        /// Whether to the next field; otherwise to the one before.
        forward: bool,
    },
}

/// Whom the access is for, where the user field is not typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The user of the draft.
    Kept,
    /// Nobody yet; the text says why.
    Nobody(&'static str),
    /// A user who was found, as shown.
    Found(String),
}

/// The fields, and which of them has the cursor.
pub struct AccessFields {
    draft: Draft,
    /// The changed fields of the draft at the beginning.
    initial: FieldMap,
    /// All fields, in order.
    fields: &'static [&'static FieldDef],
    /// The roles that may be given, from the lowest up.
    roles: &'static [Choice],
    whose: Whose,
    /// A field with a label of its own here.
    labelled: Option<(&'static FieldDef, &'static str)>,
    field: &'static FieldDef,
    editor: Editor,
    /// Typed text that cannot be read as a value of its field, by property.
    unread: BTreeMap<&'static str, String>,
    issues: Vec<Issue>,
    /// The line of the field with the cursor, as drawn last.
    focus_line: u16,
}

impl AccessFields {
    /// The fields of a draft. The cursor is in the first one that is typed; roles can be chosen up to `highest`.
    pub fn new(
        draft: Draft,
        fields: &'static [&'static FieldDef],
        highest: Option<Role>,
        language: &str,
    ) -> Self {
        let given = Role::ALL.iter().filter(|role| Some(**role) <= highest).count();
        let roles = &Role::CHOICES[..given];
        let field = fields.iter().copied().find(|field| is_typed(field)).unwrap_or(&ROLE.def);
        Self {
            initial: draft.changed.clone(),
            editor: editor_of(field, &draft, None, roles, language),
            draft,
            fields,
            roles,
            whose: Whose::Kept,
            labelled: None,
            field,
            unread: BTreeMap::new(),
            issues: Vec::new(),
            focus_line: 0,
        }
    }

    /// What was entered so far.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The role that was chosen.
    pub fn role(&self) -> Option<Role> {
        self.draft.get(&ROLE)
    }

    /// The days back that were typed; `None` is unlimited.
    pub fn days_back(&self) -> Option<i64> {
        self.draft.get(&DAYS_BACK_ACCESS)
    }

    /// The last day that was typed; `None` is no end.
    pub fn valid_until(&self) -> Option<Date> {
        self.draft.get(&VALID_UNTIL)
    }

    /// The notes that were typed.
    pub fn notes(&self) -> String {
        self.draft.get(&NOTES).unwrap_or_default().to_owned()
    }

    /// Gives a field another label than its description does.
    pub fn call(&mut self, field: &'static FieldDef, label: &'static str) {
        self.labelled = Some((field, label));
    }

    /// Sets whom the access is for.
    pub fn belongs_to(&mut self, whose: Whose) {
        self.whose = whose;
    }

    /// The field with the cursor.
    pub fn field(&self) -> &'static FieldDef {
        self.field
    }

    /// Whether something was entered that giving up would lose.
    pub fn has_changes(&self) -> bool {
        self.draft.changed != self.initial || !self.unread.is_empty()
    }

    /// Whether the field with the cursor is not empty.
    pub fn is_filled(&self) -> bool {
        !self.draft.value(self.field).is_empty() || self.is_unread(self.field)
    }

    /// Whether the text typed into a field cannot be read as a value of it.
    pub fn is_unread(&self, field: &FieldDef) -> bool {
        self.unread.contains_key(field.property)
    }

    /// The fields that the cursor can go to.
    fn stops(&self) -> impl DoubleEndedIterator<Item = &'static FieldDef> + use<> {
        self.fields.iter().copied().filter(|field| is_typed(field))
    }

    /// Handles a key.
    pub fn key(&mut self, key: &KeyEvent, language: &str) -> Pressed {
        if key.code == KeyCode::Enter && self.take_from_list(language) {
            return Pressed::Changed;
        }
        let done = self.editor.key(key);
        match (done, key.code) {
            (Edited::NotMine, KeyCode::Enter | KeyCode::Tab | KeyCode::Down) => {
                if key.code == KeyCode::Tab && self.editor.list_ref().is_some_and(DropDown::is_typed) {
                    self.take_from_list(language);
                }
                Pressed::Leaves { forward: true }
            }
            (Edited::NotMine, KeyCode::BackTab | KeyCode::Up) => Pressed::Leaves { forward: false },
            (Edited::NotMine, KeyCode::Char(' ')) if key.modifiers.is_empty() => {
                self.drop_down();
                Pressed::Kept
            }
            (Edited::NotMine, _) => {
                self.editor.no_text().filter(|_| is_for_text(key)).map_or(Pressed::Kept, Pressed::NoText)
            }
            (done, _) => self.after(done, language),
        }
    }

    /// Takes the value under the cursor of an open list. Returns whether there was one.
    fn take_from_list(&mut self, language: &str) -> bool {
        let Some(value) = self.editor.list_ref().and_then(|list| list.under_cursor().cloned()) else {
            return false;
        };
        self.put(self.field, value);
        self.open_editor(language);
        true
    }

    /// The command that opens or closes the list of the field with the cursor; `None` for a field without a list.
    pub fn list_command(&self) -> Option<Command> {
        self.editor.list_ref().map(DropDown::command)
    }

    /// The keys that the field with the cursor handles itself.
    pub fn own_keys(&self) -> Vec<OwnKey> {
        self.editor.own_keys()
    }

    /// Opens the list of the field with the cursor, or closes it and keeps what was typed.
    pub fn drop_down(&mut self) {
        match self.editor.list() {
            Some(list) if list.is_open() => list.close(),
            Some(list) => list.open(),
            None => {}
        }
    }

    /// Whether a list is open, or text was typed to find a line of it.
    pub fn is_choosing(&self) -> bool {
        self.editor.list_ref().is_some_and(|list| list.is_open() || list.is_typed())
    }

    /// Closes an open list and gives the field the text of its value back. Returns whether there was either to do.
    pub fn close_list(&mut self, language: &str) -> bool {
        let busy = self.is_choosing();
        if busy {
            self.forget(self.field);
            self.open_editor(language);
        }
        busy
    }

    /// Inserts pasted text into the field with the cursor.
    pub fn paste(&mut self, text: &str, language: &str) {
        let done = self.editor.paste(text);
        self.after(done, language);
    }

    fn after(&mut self, done: Edited, language: &str) -> Pressed {
        match done {
            Edited::NotMine | Edited::Nothing => return Pressed::Kept,
            Edited::Searched(text) => {
                self.forget(self.field);
                self.unread.insert(self.field.property, text);
            }
            Edited::Typed(text) => self.typed(text, language),
            Edited::Value(value) => self.put(self.field, value),
            Edited::Refused(refused, text) => {
                self.typed(text, language);
                self.mark(Issue::at(self.field, left_out(self.field, refused)));
            }
        }
        Pressed::Changed
    }

    fn typed(&mut self, text: String, language: &str) {
        match format::read(self.field, &text, self.draft.value(self.field), language) {
            Ok(value) => self.put(self.field, value),
            Err(_) => {
                self.forget(self.field);
                self.unread.insert(self.field.property, text);
            }
        }
    }

    fn put(&mut self, field: &'static FieldDef, value: Value) {
        self.forget(field);
        self.draft.set(field, value);
    }

    /// Removes the messages at a field.
    fn forget(&mut self, field: &FieldDef) {
        self.unread.remove(field.property);
        self.issues.retain(|issue| issue.property != Some(field.property));
    }

    /// Shows an issue at its field, in place of earlier ones.
    pub fn mark(&mut self, issue: Issue) {
        self.issues.retain(|other| other.property != issue.property);
        self.issues.push(issue);
    }

    /// Shows these warnings, in place of earlier ones.
    pub fn warn(&mut self, warnings: impl IntoIterator<Item = Issue>) {
        self.issues.retain(|issue| !issue.only_asks());
        self.issues.extend(warnings);
    }

    /// Empties the field with the cursor; of a text, so that Ctrl+Z takes it back.
    pub fn clear(&mut self, language: &str) {
        self.put(self.field, Value::Empty);
        if !self.editor.clear() {
            self.open_editor(language);
        }
    }

    fn open_editor(&mut self, language: &str) {
        let unread = self.unread.get(self.field.property).map(String::as_str);
        self.editor = editor_of(self.field, &self.draft, unread, self.roles, language);
    }

    /// Goes to a field.
    pub fn go_to(&mut self, field: &'static FieldDef, language: &str) {
        self.field = field;
        self.open_editor(language);
    }

    /// Goes to the first field, or with `forward` unset to the last.
    pub fn enter(&mut self, forward: bool, language: &str) {
        let stop = if forward { self.stops().next() } else { self.stops().next_back() };
        self.go_to(stop.unwrap_or(self.field), language);
    }

    /// Checks the field that is left, and goes to the next one or the one before. Returns whether there is one.
    pub fn step(&mut self, forward: bool, language: &str) -> bool {
        self.leave(language);
        let here = self.field;
        let is_here = |field: &&'static FieldDef| **field != *here;
        let next = if forward {
            self.stops().skip_while(is_here).nth(1)
        } else {
            self.stops().rev().skip_while(is_here).nth(1)
        };
        next.into_iter().for_each(|field| self.go_to(field, language));
        next.is_some()
    }

    /// Takes what was typed into a drop-down in full, checks the field with the cursor, and shows what is wrong with it.
    pub fn leave(&mut self, language: &str) {
        if let Some(value) = self.editor.list_ref().and_then(DropDown::named) {
            self.put(self.field, value);
            self.open_editor(language);
        }
        self.unread_issue(self.field, language).into_iter().for_each(|issue| self.mark(issue));
    }

    fn unread_issue(&self, field: &'static FieldDef, language: &str) -> Option<Issue> {
        let text = self.unread.get(field.property)?;
        if *field == ROLE.def {
            return Some(Issue::at(field, not_taken(text)));
        }
        let sentence = format::read(field, text, self.draft.value(field), language).err()?;
        Some(Issue::at(field, sentence))
    }

    /// What keeps it from being saved: texts that cannot be read as values.
    pub fn unread_issues(&self, language: &str) -> Vec<Issue> {
        self.stops().filter_map(|field| self.unread_issue(field, language)).collect()
    }

    /// Shows the issues at their fields, in place of earlier ones, and goes to the first field that is wrong. Returns
    /// the issues that belong to none of the fields.
    pub fn refuse(&mut self, issues: Vec<Issue>, language: &str) -> Vec<Issue> {
        let is_own = |issue: &Issue| self.stops().any(|field| issue.property == Some(field.property));
        let (own, others): (Vec<Issue>, Vec<Issue>) = issues.into_iter().partition(is_own);
        // Warnings stay.
        self.issues.retain(Issue::only_asks);
        self.issues.extend(own);
        let is_wrong = |field: &&FieldDef| self.issues.iter().any(|it| it.property == Some(field.property));
        if let Some(first) = self.stops().find(is_wrong) {
            self.go_to(first, language);
        }
        others
    }

    /// Removes all messages.
    pub fn forgive(&mut self) {
        self.issues.clear();
    }

    /// Applies what was typed to another draft.
    pub fn rebase(&mut self, draft: Draft, language: &str) {
        let typed = std::mem::replace(&mut self.draft, draft).changed;
        for field in self.fields {
            if let Some(value) = typed.get(field.property) {
                self.draft.set(field, value.clone());
            }
        }
        self.open_editor(language);
    }
}

/// Whether the field is typed; the user follows from something else.
fn is_typed(field: &FieldDef) -> bool {
    *field != USER.def
}

/// `L30 - Orders with Prices`.
fn shown_role(choice: &Choice) -> String {
    format!("{} - {}", choice.code, choice.label)
}

fn editor_of(
    field: &'static FieldDef,
    draft: &Draft,
    unread: Option<&str>,
    roles: &'static [Choice],
    language: &str,
) -> Editor {
    if *field == ROLE.def {
        let line = |choice: &Choice| Line {
            value: Value::Code(choice.code),
            cells: vec![choice.code.to_owned(), choice.label.to_owned()],
        };
        let lines = roles.iter().map(line).collect();
        let value = draft.value(field);
        let role = roles.iter().find(|choice| *value == Value::Code(choice.code));
        let shown = role.map(shown_role).unwrap_or_default();
        return Editor::DropDown(Box::new(DropDown::of(lines, value.clone(), shown, unread)));
    }
    Editor::open(field, draft, unread, language)
}

//! User Management: who else may see the customer's data. A list like every other, with the fields of an access
//! above its rows while one is added or changed.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::codes::Place;
use crate::domain::entities::external_access::{
    DAYS_BACK_ACCESS, EXTERNAL_ACCESS, NOTES, ROLE, USER, VALID_UNTIL,
};
use crate::domain::model::format;
use crate::domain::model::query::{ListQuery, Row, Sort};
use crate::domain::model::record::Fields;
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::RecordId;
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::service::api::visit;
use crate::service::client_center::{Client, FoundUser, Managing};
use crate::tui::command::{Action, Command, OwnKey};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, HelpTopic, Outcome, Question, Screen, Slot, Tone};
use crate::tui::screens::client_center::access_editor::{AccessEditor, Save};
use crate::tui::screens::navigator::Navigator;
use crate::tui::widgets::drop_down::KEEP_VALUE;
use crate::tui::widgets::grid::Heading;

static COLUMNS: [&FieldDef; 5] = [&USER.def, &ROLE.def, &DAYS_BACK_ACCESS.def, &NOTES.def, &VALID_UNTIL.def];

/// The list's own names and widths: whole roles, and as much of a user as the screen has room for.
static HEADINGS: [Heading; 3] = [
    Heading { field: &USER.def, label: "User", width: 30 },
    Heading { field: &ROLE.def, label: "Role", width: 18 },
    Heading { field: &DAYS_BACK_ACCESS.def, label: "Access Back (days)", width: 22 },
];

/// Why a command has to wait.
const WAITING: &str = "A save is under way.";

/// Why nobody can be removed yet.
const READING: &str = "The users are still being read.";

/// The commands of a list that visitors give as operators do. What else a list offers is not for visitors, or is done
/// here in another way.
const OF_THE_LIST: [Action; 10] = [
    Action::Back,
    Action::Clear,
    Action::ClearFilters,
    Action::DropDown,
    Action::FilterRow,
    Action::Help,
    Action::Reload,
    Action::Search,
    Action::Sort,
    Action::SortAlso,
];

/// The users of the customer that was chosen.
pub struct UserManagement {
    own: Client,
    list: Navigator,
    editor: Option<AccessEditor>,
    /// What is being written.
    writing: Option<Managing>,
    asking: Option<Asking>,
    /// What waits for the rows that were asked for.
    next: Option<Next>,
}

/// What the question in front is about.
enum Asking {
    /// Whether to lose what was typed.
    Close,
    /// Whether to change the access of somebody who was to be added.
    EditInstead(RecordId),
    /// Whether to end an access.
    Remove(Managing),
    /// Whether to go on although something should be looked at.
    Anyway(Managing),
}

/// What follows when rows have come.
enum Next {
    /// Change that access, if it is there.
    EditOf(RecordId),
    /// Put what was typed on top of the access as it is now.
    Rebase,
}

impl UserManagement {
    /// Asks for the users of the customer that was chosen, which the service knows; `own` is what the visitor may do
    /// there.
    pub fn open(own: Client, cx: &mut Cx<'_>) -> Self {
        let query = ListQuery {
            columns: COLUMNS.to_vec(),
            sort: vec![Sort { field: &USER.def, descending: false }],
            ..ListQuery::all(&EXTERNAL_ACCESS)
        };
        let list = Navigator::within(Place::UserManagement.label(), query, &HEADINGS, cx);
        Self { own, list, editor: None, writing: None, asking: None, next: None }
    }

    /// Why the access in front cannot be changed.
    fn refused(&self) -> Option<&'static str> {
        if self.writing.is_some() {
            return Some(WAITING);
        }
        let Some(row) = self.list.current() else {
            return (!self.list.is_waiting()).then_some("There is no row here.");
        };
        self.is_above(row).then_some("This role is above your own.")
    }

    fn is_above(&self, row: &Row) -> bool {
        let role = self.list.record_of(row).get(&ROLE);
        role > self.own.role
    }

    fn perform(&mut self, action: Action, cx: &mut Cx<'_>) {
        if self.editor.is_some() {
            return self.perform_in_editor(action, cx);
        }
        match action {
            Action::Open | Action::Edit => self.edit(cx),
            Action::New => self.editor = Some(AccessEditor::adding(&self.own, find_user, cx)),
            Action::Remove => self.ask_to_remove(cx),
            action => self.list.handle(Event::Command(action), cx),
        }
    }

    fn perform_in_editor(&mut self, action: Action, cx: &mut Cx<'_>) {
        let Some(editor) = &mut self.editor else { return };
        editor.stays();
        match action {
            Action::SaveAndReload => self.save(cx),
            Action::CancelChanges | Action::Back => self.cancel(cx),
            Action::Clear => editor.clear(cx),
            Action::DropDown => editor.drop_down(),
            Action::Help => cx.push(Effect::Push(Screen::Help(HelpTopic::Field(editor.fields().field())))),
            Action::Reload => {
                if let Some(access) = editor.id() {
                    self.next = Some(Next::Rebase);
                    self.list.show(access, cx);
                }
            }
            _ => {}
        }
    }

    fn edit(&mut self, cx: &mut Cx<'_>) {
        let Some(row) = self.list.current() else { return };
        match self.refused() {
            Some(sentence) => cx.say(Tone::Plain, sentence),
            None => {
                self.editor =
                    Some(AccessEditor::changing(self.list.record_of(row), &self.own, find_user, cx));
            }
        }
    }

    fn ask(&mut self, asking: Asking, screen: Screen, cx: &mut Cx<'_>) {
        self.asking = Some(asking);
        cx.push(Effect::Push(screen));
    }

    fn ask_to_remove(&mut self, cx: &mut Cx<'_>) {
        let Some(row) = self.list.current() else { return };
        let removing = Managing::Remove { access: row.id, version: row.version };
        let record = self.list.record_of(row);
        let user = format::shown(&USER.def, record.value(&USER.def), cx.language());
        let lines = std::iter::once(format!("End the access of {user}?"));
        let question = ending(lines.chain(EXTERNAL_ACCESS.removal.map(str::to_owned)));
        self.ask(Asking::Remove(removing), Screen::Question(question), cx);
    }

    fn cancel(&mut self, cx: &mut Cx<'_>) {
        if self.editor.as_mut().is_some_and(|editor| editor.close_list(cx)) {
            return;
        }
        match &mut self.editor {
            Some(editor) if editor.fields().has_changes() => {
                // Or it would be saved behind the question whether to.
                editor.saves_no_more();
                let question = Question::closing(editor.title());
                self.ask(Asking::Close, Screen::Question(question), cx);
            }
            _ => self.editor = None,
        }
    }

    fn save(&mut self, cx: &mut Cx<'_>) {
        let Some(editor) = &mut self.editor else { return };
        match editor.save(cx) {
            Save::Write(managing) => self.write(managing, false, cx),
            Save::NotYet => {}
            Save::Nothing => {
                self.editor = None;
                cx.say(Tone::Plain, "There is nothing to save.");
            }
        }
    }

    fn write(&mut self, managing: Managing, confirmed: bool, cx: &mut Cx<'_>) {
        let question = visit::ManageAccess { change: managing.clone(), confirmed };
        cx.ask(Slot::Write, question, Self::written);
        self.writing = Some(managing);
    }

    fn written(&mut self, result: Result<(), ServiceError>, cx: &mut Cx<'_>) {
        let Some(managing) = self.writing.take() else { return };
        match (result, &mut self.editor) {
            (Ok(()), _) => self.follow(managing, cx),
            (Err(ServiceError::Invalid(issues)), _) if issues.iter().all(Issue::only_asks) => {
                let question = match &managing {
                    Managing::Remove { .. } => ending(issues.into_iter().map(|issue| issue.message)),
                    Managing::Add { .. } | Managing::Change { .. } => Question::save_anyway(&issues),
                };
                self.ask(Asking::Anyway(managing), Screen::Question(question), cx);
            }
            (Err(ServiceError::Invalid(issues)), Some(editor)) => editor.refuse(issues, cx),
            // Somebody else may have changed or ended it meanwhile: the list shows what is there now.
            (Err(error), editor) => {
                self.list.handle(Event::Command(Action::Reload), cx);
                match editor {
                    Some(editor) => editor.fail(&error, cx),
                    None => cx.say(Tone::Bad, error.to_string()),
                }
            }
        }
    }

    /// Closes the fields and goes to the row that was written.
    fn follow(&mut self, managing: Managing, cx: &mut Cx<'_>) {
        self.editor = None;
        match managing {
            Managing::Add { email, .. } => {
                cx.say(Tone::Good, format!("{email} has access now."));
                self.list.handle(Event::Command(Action::Reload), cx);
                // The new access has a name only now.
                cx.ask(Slot::Record, visit::FindUser { email }, Self::added_user_found);
            }
            Managing::Change { access, .. } => {
                cx.say(Tone::Good, format!("The access of {} was saved.", self.user_of(access, cx)));
                self.list.show(access, cx);
            }
            Managing::Remove { access, .. } => {
                let user = self.user_of(access, cx);
                cx.say(Tone::Good, format!("The access of {user} was ended; the user stays."));
                self.list.handle(Event::Command(Action::Reload), cx);
            }
        }
    }

    /// The user of the access in the list's current row, as shown.
    fn user_of(&self, access: RecordId, cx: &Cx<'_>) -> String {
        let row = self.list.current().filter(|row| row.id == access);
        let user = row.map(|row| self.list.record_of(row).value(&USER.def).clone());
        user.map_or_else(
            || "the user".to_owned(),
            |user| format::shown(&USER.def, &user, cx.language()).into_owned(),
        )
    }

    /// The own role may be another one by now; without one that manages users there is nothing to do here.
    fn stands_anew(&mut self, cx: &mut Cx<'_>) {
        let Some(own) = cx.who.visitor().and_then(|visitor| visitor.client.clone()) else { return };
        if !Place::UserManagement.is_open_to(own.role) {
            cx.say(Tone::Bad, format!("{} is not open to you any more.", Place::UserManagement.label()));
            cx.push(Effect::Pop(Outcome::Cancelled));
        }
        self.own = own;
    }

    /// Goes to the access of the user who was added.
    fn added_user_found(&mut self, found: Result<FoundUser, ServiceError>, cx: &mut Cx<'_>) {
        match found {
            Ok(FoundUser { access: Some(added), .. }) if self.editor.is_none() => self.list.show(added, cx),
            Ok(_) => {}
            Err(error) => cx.say(Tone::Bad, error.to_string()),
        }
    }

    /// Takes the user of an e-mail that was typed.
    pub(super) fn take_user(&mut self, found: Result<FoundUser, ServiceError>, cx: &mut Cx<'_>) {
        let Some(editor) = &mut self.editor else { return };
        let access = found.as_ref().ok().and_then(|found| found.access);
        let saves = editor.take_user(found, cx);
        if let Some((found, access)) = editor.found().zip(access) {
            let question = Question {
                title: "Added already".to_owned(),
                lines: vec![format!("{} has access already. Edit that one instead?", found.shown)],
                answers: vec![('b', "Back to the e-mail".to_owned()), ('e', "Edit that access".to_owned())],
            };
            self.ask(Asking::EditInstead(access), Screen::Question(question), cx);
        } else if saves {
            self.save(cx);
        }
    }

    fn answered(&mut self, asking: Asking, outcome: &Outcome, cx: &mut Cx<'_>) {
        let answer = if let Outcome::Answer(index) = outcome { *index } else { 0 };
        match (asking, answer, &mut self.editor) {
            (Asking::Close, 1, _) => self.save(cx),
            (Asking::Close, 2, _) => self.editor = None,
            (Asking::EditInstead(access), 1, _) => {
                self.editor = None;
                // It may be none of the rows that a filter leaves.
                self.list.handle(Event::Command(Action::ClearFilters), cx);
                self.next = Some(Next::EditOf(access));
                self.list.show(access, cx);
            }
            (Asking::EditInstead(_), _, Some(editor)) => editor.back_to_email(cx),
            (Asking::Remove(managing), 1, _) => self.write(managing, false, cx),
            (Asking::Anyway(managing), 1, _) => self.write(managing, true, cx),
            _ => {}
        }
    }

    /// Rows have come: does what waited for them.
    fn go_on(&mut self, cx: &mut Cx<'_>) {
        if self.list.is_waiting() {
            return;
        }
        let row = self.list.current();
        match (self.next.take(), row, &mut self.editor) {
            (Some(Next::EditOf(access)), Some(row), None) if row.id == access => self.edit(cx),
            (Some(Next::Rebase), Some(row), Some(editor)) if editor.id() == Some(row.id) => {
                editor.rebase(self.list.record_of(row), cx);
            }
            (Some(Next::Rebase), _, Some(_)) => {
                cx.say(
                    Tone::Bad,
                    "This access is not in the list any more: it has ended, or a filter hides it.",
                );
            }
            _ => {}
        }
    }

    fn editor_commands(&self, editor: &AccessEditor, out: &mut Vec<Command>) {
        let ready = self.writing.is_none();
        out.push(Command::of(Action::SaveAndReload).labelled("Save").ribbon().only_if(ready, WAITING));
        let cancel = if editor.fields().is_choosing() { KEEP_VALUE } else { "Cancel" };
        out.push(Command::of(Action::CancelChanges).labelled(cancel).ribbon().only_if(ready, WAITING));
        if let Some(list) = editor.fields().list_command() {
            out.push(list.only_if(ready, WAITING));
        } else {
            let clear =
                Command::of(Action::Clear).only_if(editor.fields().is_filled(), "The field is empty.");
            out.push(clear.only_if(ready, WAITING));
        }
        if editor.id().is_some() {
            out.push(Command::of(Action::Reload).only_if(ready, WAITING));
        }
        out.push(Command::of(Action::Help));
    }

    fn list_commands(&self, out: &mut Vec<Command>) {
        let refused = self.refused();
        let ready = self.writing.is_none();
        let mut list = Vec::new();
        self.list.commands(&mut list);
        list.retain(|command| OF_THE_LIST.contains(&command.action));
        if !self.list.takes_text() {
            out.push(Command::of(Action::Open).labelled("Edit access").unless(refused));
        }
        out.push(Command::of(Action::New).labelled("Add User").ribbon().only_if(ready, WAITING));
        out.push(Command::of(Action::Edit).ribbon().unless(refused));
        if !self.list.takes_text() {
            let remove = Command::of(Action::Remove).only_if(self.list.current().is_some(), READING);
            out.push(remove.unless(refused).ribbon());
        }
        out.append(&mut list);
    }
}

/// Asks for the user of an e-mail that was typed.
fn find_user(email: String, cx: &mut Cx<'_>) {
    cx.ask(Slot::User, visit::FindUser { email }, UserManagement::take_user);
}

/// Whether to end an access.
fn ending(lines: impl Iterator<Item = String>) -> Question {
    Question {
        title: "Remove".to_owned(),
        lines: lines.collect(),
        answers: vec![('k', "Keep the access".to_owned()), ('e', "End the access".to_owned())],
    }
}

impl Component for UserManagement {
    fn title(&self) -> String {
        self.list.title()
    }

    fn takes_text(&self) -> bool {
        self.editor.is_some() || self.list.takes_text()
    }

    fn commands(&self, out: &mut Vec<Command>) {
        match &self.editor {
            Some(editor) => self.editor_commands(editor, out),
            None => self.list_commands(out),
        }
    }

    fn rule(&self) -> Option<String> {
        self.editor.as_ref().and_then(|editor| format::rule(editor.fields().field()))
    }

    fn own_keys(&self) -> Vec<OwnKey> {
        match &self.editor {
            Some(editor) => editor.fields().own_keys(),
            None => self.list.own_keys(),
        }
    }

    fn takes_now(&self, event: &Event, awaited: &Awaited<'_>) -> bool {
        let is_settled = self.next.is_none()
            && !awaited.any(|slot| matches!(slot, Slot::Write | Slot::User | Slot::Record));
        is_settled && (self.editor.is_some() || self.list.takes_now(event, awaited))
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match (event, &mut self.editor) {
            (Event::Command(action), _) => self.perform(action, cx),
            // The answer would take the place of what is typed now.
            (Event::Key(_) | Event::Paste(_), Some(_)) if self.writing.is_some() => {
                cx.say(Tone::Plain, WAITING);
            }
            (Event::Key(key), Some(editor)) => editor.key(&key, cx),
            (Event::Paste(text), Some(editor)) => editor.paste(&text, cx),
            (Event::VisitorChanged, _) => self.stands_anew(cx),
            (Event::Returned(outcome), _) => match self.asking.take() {
                Some(asking) => self.answered(asking, &outcome, cx),
                None => self.list.handle(Event::Returned(outcome), cx),
            },
            (event, _) => self.list.handle(event, cx),
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let Some(editor) = &mut self.editor else { return self.list.draw(frame, area, cx) };
        let behind = DrawCx { focused: false, ..*cx };
        let lines = editor.height(area.width.saturating_sub(2));
        let room = self.list.draw_around(frame, area, lines, &behind);
        editor.draw(frame, room, cx);
        editor.draw_list(frame, room, area, cx);
    }

    fn part(&mut self) -> Option<&mut dyn Component> {
        Some(&mut self.list)
    }

    fn part_was_answered(&mut self, cx: &mut Cx<'_>) {
        match self.list.take_rows_read() {
            Some(true) => self.go_on(cx),
            Some(false) => self.next = None,
            None => {}
        }
    }

    fn has_changes(&self) -> bool {
        self.editor.as_ref().is_some_and(|editor| editor.fields().has_changes())
    }
}

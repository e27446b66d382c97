//! Adding a user, or changing an access: the fields that stand above the rows of User Management.

mod drawing;

use std::collections::BTreeMap;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};

use crate::domain::access::Role;
use crate::domain::entry;
use crate::domain::record::{Draft, FieldMap, Fields, Record};
use crate::domain::rules::Issue;
use crate::domain::schema::external_access::{DAYS_BACK_ACCESS, EXTERNAL_ACCESS, NOTES, ROLE, ROLES, USER};
use crate::domain::schema::user::EMAIL;
use crate::domain::schema::{Choice, FieldDef, Initial};
use crate::domain::value::{RecordId, Value};
use crate::service::ServiceError;
use crate::service::client_center::{Client, FoundUser, Managing};
use crate::tui::component::Cx;
use crate::tui::message::{MenuScreen, Request, Slot, Tone};
use crate::tui::screens::form::editor::{Done, Editor, left_out};

/// What becomes of a save.
pub enum Save {
    /// It is ready to be written.
    Write(Managing),
    /// Nothing was changed.
    Nothing,
    /// It goes on when the user of the e-mail is known, or something is marked.
    NotYet,
}

/// Whose the e-mail is.
enum Owner {
    /// Nobody has asked since it was changed.
    NotAsked,
    /// The answer is under way.
    Asked,
    /// There is nobody, or it could not be told.
    Unknown,
    /// A user.
    Found(FoundUser),
}

/// The fields, and which of them has the cursor.
pub struct AccessEditor {
    /// The access; while one is added, with the e-mail besides.
    draft: Draft,
    /// What adding begins with.
    begun: FieldMap,
    owner: Owner,
    /// It is to be saved as soon as the user is found.
    saves: bool,
    /// Nothing was pressed since the e-mail was left: the cursor can go back to it.
    just_left: bool,
    /// The roles that whoever works here may give.
    roles: &'static [Choice],
    field: &'static FieldDef,
    editor: Editor,
    /// Typed text that is no value of its field yet.
    unread: BTreeMap<&'static str, String>,
    issues: Vec<Issue>,
    /// One sentence about all of it.
    banner: Option<String>,
    /// The first line in view.
    top: u16,
}

impl AccessEditor {
    /// Adding a user. Nobody gives more than they have (`domain.md`, roles).
    pub fn adding(own: &Client, cx: &Cx<'_>) -> Self {
        let mut draft = Draft::new(&EXTERNAL_ACCESS);
        let role = Role::default().min(own.role.unwrap_or_default());
        draft.set(&ROLE.def, Value::Code(role.code()));
        if let Initial::Int(days) = DAYS_BACK_ACCESS.def.default {
            let days = own.days_back.map_or(days, |most| most.min(days));
            draft.set(&DAYS_BACK_ACCESS.def, Value::Int(days));
        }
        Self::with(draft, &EMAIL.def, own, cx)
    }

    /// Changing an access.
    pub fn changing(access: Record, own: &Client, cx: &Cx<'_>) -> Self {
        Self::with(Draft::of(Arc::new(access)), &ROLE.def, own, cx)
    }

    fn with(draft: Draft, field: &'static FieldDef, own: &Client, cx: &Cx<'_>) -> Self {
        let given = Role::ALL.iter().filter(|role| Some(**role) <= own.role).count();
        let roles = &ROLES[..given];
        Self {
            begun: draft.changed.clone(),
            editor: editor_of(field, &draft, None, roles, cx.language()),
            draft,
            owner: Owner::NotAsked,
            saves: false,
            just_left: false,
            roles,
            field,
            unread: BTreeMap::new(),
            issues: Vec::new(),
            banner: None,
            top: 0,
        }
    }

    /// The access that is changed.
    pub fn id(&self) -> Option<RecordId> {
        self.draft.id()
    }

    /// What is being done, for titles.
    pub fn title(&self) -> &'static str {
        if self.id().is_some() { "Edit access" } else { "Add User" }
    }

    /// Whether closing would lose something that was typed.
    pub fn has_changes(&self) -> bool {
        self.draft.changed != self.begun || !self.unread.is_empty()
    }

    /// The field with the cursor.
    pub fn field(&self) -> &'static FieldDef {
        self.field
    }

    /// The user of the e-mail, once known.
    pub fn found(&self) -> Option<&FoundUser> {
        if let Owner::Found(found) = &self.owner { Some(found) } else { None }
    }

    /// Whether there is something to clear in the field with the cursor.
    pub fn is_filled(&self) -> bool {
        !self.draft.value(self.field).is_empty() || self.unread.contains_key(self.field.property)
    }

    /// The fields, in order.
    fn fields(&self) -> &'static [&'static FieldDef] {
        static ADDING: [&FieldDef; 5] = [&EMAIL.def, &USER.def, &ROLE.def, &DAYS_BACK_ACCESS.def, &NOTES.def];
        if self.id().is_some() { &ADDING[1..] } else { &ADDING }
    }

    /// The fields that the cursor goes to.
    fn stops(&self) -> impl DoubleEndedIterator<Item = &'static FieldDef> + Clone + use<> {
        self.fields().iter().copied().filter(|field| **field != USER.def)
    }

    /// Takes a key. Tells whether it had a use for it.
    pub fn key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) -> bool {
        self.just_left = false;
        let done = self.editor.key(key);
        match (done, key.code) {
            (Done::NotMine, KeyCode::Enter | KeyCode::Tab | KeyCode::Down) => self.step(true, cx),
            (Done::NotMine, KeyCode::BackTab | KeyCode::Up) => self.step(false, cx),
            (Done::NotMine, _) => return false,
            (done, _) => self.after(done, cx.language()),
        }
        true
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str, cx: &Cx<'_>) {
        let done = self.editor.paste(text);
        self.after(done, cx.language());
    }

    fn after(&mut self, done: Done, language: &str) {
        self.just_left = false;
        match done {
            Done::NotMine | Done::Nothing | Done::LookUp(_) => {}
            Done::Typed(text) => self.typed(text, language),
            Done::Value(value) => self.put(value),
            Done::Refused(refused, text) => {
                self.typed(text, language);
                self.mark(Issue::at(self.field, left_out(self.field, refused)));
            }
        }
    }

    fn typed(&mut self, text: String, language: &str) {
        match entry::read(self.field, &text, self.draft.value(self.field), language) {
            Ok(value) => self.put(value),
            Err(_) => {
                self.forget(self.field.property);
                self.unread.insert(self.field.property, text);
            }
        }
    }

    fn put(&mut self, value: Value) {
        self.forget(self.field.property);
        self.draft.set(self.field, value);
    }

    /// What was said of a field does not hold any more.
    fn forget(&mut self, property: &str) {
        self.unread.remove(property);
        self.issues.retain(|issue| issue.property != Some(property));
        if property == EMAIL.def.property {
            self.owner = Owner::NotAsked;
            self.saves = false;
        }
    }

    fn mark(&mut self, issue: Issue) {
        self.issues.retain(|other| other.property != issue.property);
        self.issues.push(issue);
    }

    /// Makes the field with the cursor empty.
    pub fn clear(&mut self, cx: &Cx<'_>) {
        self.just_left = false;
        self.put(Value::Empty);
        self.open_editor(cx.language());
    }

    /// The roles to choose from, when the cursor is there.
    pub fn choices(&self) -> Option<MenuScreen> {
        let labels = self.roles.iter().map(shown_role);
        (*self.field == ROLE.def).then(|| MenuScreen::choices(ROLE.def.label, labels))
    }

    /// Takes the role of that place among the choices.
    pub fn choose(&mut self, place: usize, cx: &Cx<'_>) {
        if let Some(choice) = self.roles.get(place) {
            self.put(Value::Code(choice.code));
            self.open_editor(cx.language());
        }
    }

    fn open_editor(&mut self, language: &str) {
        let unread = self.unread.get(self.field.property).map(String::as_str);
        self.editor = editor_of(self.field, &self.draft, unread, self.roles, language);
    }

    fn go_to(&mut self, field: &'static FieldDef, language: &str) {
        self.field = field;
        self.open_editor(language);
    }

    /// Goes to the next field or the one before, round and round.
    fn step(&mut self, forward: bool, cx: &mut Cx<'_>) {
        self.leave(cx);
        let here = self.field;
        let stops = self.stops();
        let next = if forward {
            stops.clone().chain(stops).skip_while(|field| *field != here).nth(1)
        } else {
            stops.clone().rev().chain(stops.rev()).skip_while(|field| *field != here).nth(1)
        };
        self.go_to(next.unwrap_or(here), cx.language());
    }

    /// Says what is wrong with a field that is left, and looks for whom an e-mail belongs to.
    fn leave(&mut self, cx: &mut Cx<'_>) {
        match self.unread_issue(self.field, cx.language()) {
            Some(issue) => self.mark(issue),
            None if *self.field == EMAIL.def && matches!(self.owner, Owner::NotAsked) => {
                self.look_up(cx);
                self.just_left = true;
            }
            None => {}
        }
    }

    fn unread_issue(&self, field: &'static FieldDef, language: &str) -> Option<Issue> {
        let text = self.unread.get(field.property)?;
        let sentence = entry::read(field, text, self.draft.value(field), language).err()?;
        Some(Issue::at(field, sentence))
    }

    fn email(&self) -> Option<&str> {
        self.draft.get(&EMAIL)
    }

    fn look_up(&mut self, cx: &mut Cx<'_>) {
        if let Some(email) = self.email().map(str::to_owned) {
            cx.ask(Slot::User, Request::FindUser(email));
            self.owner = Owner::Asked;
        }
    }

    /// Takes the user of the e-mail, or what is wrong with it. Tells whether to save now.
    pub fn take_user(&mut self, found: Result<FoundUser, ServiceError>, cx: &mut Cx<'_>) -> bool {
        // Otherwise the e-mail is another one by now.
        if !matches!(self.owner, Owner::Asked) {
            return false;
        }
        let saves = std::mem::take(&mut self.saves);
        match found {
            Ok(found) => {
                self.owner = Owner::Found(found);
                return saves;
            }
            Err(error) => {
                self.owner = Owner::Unknown;
                self.mark(Issue::at(&EMAIL.def, error.to_string()));
                cx.say(Tone::Bad, error.to_string());
            }
        }
        if saves || self.just_left {
            self.back_to_email(cx);
        }
        false
    }

    /// Goes back to the e-mail: it has to be another one.
    pub fn back_to_email(&mut self, cx: &Cx<'_>) {
        self.go_to(&EMAIL.def, cx.language());
    }

    /// What saving comes to. What is wrong is marked, and the cursor goes there.
    pub fn save(&mut self, cx: &mut Cx<'_>) -> Save {
        let unread = self.stops().filter_map(|field| self.unread_issue(field, cx.language()));
        let mut issues: Vec<Issue> = unread.collect();
        let adds = self.id().is_none();
        if adds && self.email().is_none() && !self.unread.contains_key(EMAIL.def.property) {
            issues.push(Issue::at(&EMAIL.def, "Type the e-mail of the user to add."));
        }
        if !issues.is_empty() {
            self.refuse(issues, cx);
            return Save::NotYet;
        }
        if !adds && !self.draft.is_changed() {
            return Save::Nothing;
        }
        if adds && self.found().is_none() {
            self.saves = true;
            if !matches!(self.owner, Owner::Asked) {
                self.look_up(cx);
            }
            return Save::NotYet;
        }
        self.banner = None;
        Save::Write(self.managing())
    }

    fn managing(&self) -> Managing {
        let role = self.draft.get(&ROLE).and_then(Role::from_code).unwrap_or_default();
        let days_back = self.draft.get(&DAYS_BACK_ACCESS);
        let notes = self.draft.get(&NOTES).unwrap_or_default().to_owned();
        match &self.draft.base {
            Some(base) => Managing::Change { access: base.id, version: base.version, role, days_back, notes },
            None => {
                let email = self.email().unwrap_or_default().to_owned();
                Managing::Add { email, role, days_back, notes }
            }
        }
    }

    /// Marks what is wrong and goes to the first of it. What belongs to none of the fields is said of the e-mail,
    /// where there is one.
    pub fn refuse(&mut self, issues: Vec<Issue>, cx: &mut Cx<'_>) {
        if let Some(first) = issues.first() {
            cx.say(Tone::Bad, first.message.clone());
        }
        let email = self.fields().first().filter(|field| ***field == EMAIL.def).map(|field| field.property);
        let stops = self.stops();
        let own = |property: &str| stops.clone().any(|field| field.property == property);
        let at = |issue: &Issue| issue.property.filter(|property| own(property)).or(email);
        self.issues = issues.into_iter().map(|issue| Issue { property: at(&issue), ..issue }).collect();
        self.banner = self.issues.iter().find(|issue| issue.property.is_none()).map(|it| it.message.clone());
        let is_wrong = |field: &&FieldDef| self.issues.iter().any(|it| it.property == Some(field.property));
        if let Some(first) = stops.clone().find(is_wrong) {
            self.go_to(first, cx.language());
        }
    }

    /// Says what could not be done at all.
    pub fn fail(&mut self, error: &ServiceError, cx: &mut Cx<'_>) {
        self.banner = Some(error.to_string());
        cx.say(Tone::Bad, "Nothing was saved; what you typed is still here.");
    }

    /// Puts what was typed on top of the access as it is now.
    pub fn rebase(&mut self, access: Record, cx: &Cx<'_>) {
        let typed = std::mem::take(&mut self.draft.changed);
        self.draft = Draft::of(Arc::new(access));
        for field in self.fields() {
            if let Some(value) = typed.get(field.property) {
                self.draft.set(field, value.clone());
            }
        }
        self.banner = None;
        self.open_editor(cx.language());
    }
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
        return Editor::Choice(roles, draft.get(&ROLE));
    }
    Editor::open(field, draft, unread, language)
}

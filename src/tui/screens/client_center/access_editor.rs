//! The editor above the rows of User Management: adding a user, or changing an access.

use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::codes::Role;
use crate::domain::entities::external_access::{DAYS_BACK_ACCESS, EXTERNAL_ACCESS, NOTES, ROLE, USER};
use crate::domain::entities::user::EMAIL;
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::{FieldDef, Initial};
use crate::domain::model::value::{RecordId, Value};
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::service::client_center::{Client, FoundUser, Managing};
use crate::tui::component::{Cx, DrawCx};
use crate::tui::message::Tone;
use crate::tui::screens::access_fields::{AccessFields, Pressed, Whose};
use crate::tui::theme::FAILED;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::text::{draw_text, wrap};

/// The fields for adding a user; for changing an access, all but the first.
static ADDING: [&FieldDef; 5] = [&EMAIL.def, &USER.def, &ROLE.def, &DAYS_BACK_ACCESS.def, &NOTES.def];

/// What is shown for the user until one is found.
const FOLLOWS: Whose = Whose::Nobody("follows from the e-mail");

/// The next step of a save.
pub enum Save {
    /// The access is to be written.
    Write(Managing),
    /// Nothing was changed.
    Nothing,
    /// It goes on once the user of the e-mail is known; or something was wrong and is marked.
    NotYet,
}

/// What is known about the user of the e-mail.
enum Owner {
    /// Not asked since the e-mail was changed.
    NotAsked,
    /// Asked; the answer is awaited.
    Asked,
    /// No user has it, or that could not be found out.
    Unknown,
    /// This user.
    Found(FoundUser),
}

/// Asks for the user of an e-mail; the answer is given to [`AccessEditor::take_user`].
pub type FindUser = fn(String, &mut Cx<'_>);

/// The fields, and what is known about the user of the e-mail.
pub struct AccessEditor {
    /// The fields of the access, with the e-mail before them while a user is added.
    fields: AccessFields,
    owner: Owner,
    /// Whether it is saved as soon as the user is found.
    saves: bool,
    /// Whether nothing was typed since the cursor left the e-mail.
    just_left: bool,
    /// One sentence about the editor as a whole.
    banner: Option<String>,
    /// The first line in view.
    top: u16,
    find_user: FindUser,
}

impl AccessEditor {
    /// An editor for adding a user. Nobody gives more than they have themselves (`docs/domain.md`, Roles).
    pub fn adding(own: &Client, find_user: FindUser, cx: &Cx<'_>) -> Self {
        let mut draft = Draft::new(&EXTERNAL_ACCESS);
        let role = Role::default().min(own.role.unwrap_or_default());
        draft.set(&ROLE.def, Value::Code(role.code()));
        if let Initial::Int(days) = DAYS_BACK_ACCESS.def.default {
            let days = own.days_back.map_or(days, |most| most.min(days));
            draft.set(&DAYS_BACK_ACCESS.def, Value::Int(days));
        }
        let mut fields = AccessFields::new(draft, &ADDING, own.role, cx.language());
        fields.belongs_to(FOLLOWS);
        fields.call(&EMAIL.def, "User Email");
        Self::with(fields, find_user)
    }

    /// An editor for changing an access.
    pub fn changing(access: Record, own: &Client, find_user: FindUser, cx: &Cx<'_>) -> Self {
        let draft = Draft::of(Arc::new(access));
        Self::with(AccessFields::new(draft, &ADDING[1..], own.role, cx.language()), find_user)
    }

    fn with(fields: AccessFields, find_user: FindUser) -> Self {
        let owner = Owner::NotAsked;
        Self { fields, owner, saves: false, just_left: false, banner: None, top: 0, find_user }
    }

    /// The fields themselves.
    pub fn fields(&self) -> &AccessFields {
        &self.fields
    }

    /// The id of the access that is changed; `None` while a user is added.
    pub fn id(&self) -> Option<RecordId> {
        self.fields.draft().stored_id()
    }

    /// What the editor does, for titles.
    pub fn title(&self) -> &'static str {
        if self.id().is_some() { "Edit access" } else { "Add User" }
    }

    /// The user of the e-mail, once known.
    pub fn found(&self) -> Option<&FoundUser> {
        if let Owner::Found(found) = &self.owner { Some(found) } else { None }
    }

    /// Handles a key.
    pub fn key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        self.stays();
        match self.fields.key(key, cx.language()) {
            Pressed::Leaves { forward } => self.step(forward, cx),
            Pressed::Changed => self.changed(),
            Pressed::NoText(how) => cx.say_no_text(self.fields.field().label, how),
            Pressed::Kept => {}
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str, cx: &Cx<'_>) {
        self.stays();
        self.fields.paste(text, cx.language());
        self.changed();
    }

    /// Makes the field with the cursor empty.
    pub fn clear(&mut self, cx: &Cx<'_>) {
        self.fields.clear(cx.language());
        self.changed();
    }

    /// Opens the list of the field with the cursor, or closes it and keeps what was typed.
    pub fn drop_down(&mut self) {
        self.fields.drop_down();
    }

    /// Closes an open list and gives the field the text of its value back. Returns whether there was either to do.
    pub fn close_list(&mut self, cx: &Cx<'_>) -> bool {
        self.fields.close_list(cx.language())
    }

    /// Notes that something was done, so that the cursor does not go back to the e-mail by itself.
    pub fn stays(&mut self) {
        self.just_left = false;
    }

    /// Cancels a save that waits for the user.
    pub fn saves_no_more(&mut self) {
        self.saves = false;
    }

    fn changed(&mut self) {
        if *self.fields.field() == EMAIL.def {
            self.saves = false;
            self.belongs(Owner::NotAsked);
        }
    }

    fn belongs(&mut self, owner: Owner) {
        self.fields.warn([]);
        self.fields.belongs_to(match &owner {
            Owner::NotAsked | Owner::Unknown => FOLLOWS,
            Owner::Asked => Whose::Nobody("looking…"),
            Owner::Found(found) => Whose::Found(found.shown.clone()),
        });
        if let Owner::Found(FoundUser { warnings, .. }) = &owner {
            self.fields.warn(warnings.iter().map(|sentence| Issue::ask(&USER.def, sentence.clone())));
        }
        self.owner = owner;
    }

    /// Goes to the next field or the one before, from the last on to the first. Leaving the e-mail asks for its user.
    fn step(&mut self, forward: bool, cx: &mut Cx<'_>) {
        let left = self.fields.field();
        if !self.fields.step(forward, cx.language()) {
            self.fields.enter(forward, cx.language());
        }
        if *left == EMAIL.def && matches!(self.owner, Owner::NotAsked) && !self.fields.is_unread(left) {
            self.look_up(cx);
            self.just_left = true;
        }
    }

    fn email(&self) -> Option<&str> {
        self.fields.draft().get(&EMAIL)
    }

    fn look_up(&mut self, cx: &mut Cx<'_>) {
        if let Some(email) = self.email().map(str::to_owned) {
            (self.find_user)(email, cx);
            self.belongs(Owner::Asked);
        }
    }

    /// Takes the user of the e-mail, or why there is none. Returns whether to save now.
    pub fn take_user(&mut self, found: Result<FoundUser, ServiceError>, cx: &mut Cx<'_>) -> bool {
        // Otherwise the e-mail was changed since it was asked about.
        if !matches!(self.owner, Owner::Asked) {
            return false;
        }
        let saves = std::mem::take(&mut self.saves);
        match found {
            Ok(found) => {
                self.belongs(Owner::Found(found));
                return saves;
            }
            Err(error) => {
                self.belongs(Owner::Unknown);
                self.fields.mark(Issue::at(&EMAIL.def, error.to_string()));
                cx.say(Tone::Bad, error.to_string());
            }
        }
        if saves || self.just_left {
            self.back_to_email(cx);
        }
        false
    }

    /// Puts the cursor into the e-mail, which has to be changed.
    pub fn back_to_email(&mut self, cx: &Cx<'_>) {
        self.fields.go_to(&EMAIL.def, cx.language());
    }

    /// Begins to save. What is wrong is marked, and the cursor goes there.
    pub fn save(&mut self, cx: &mut Cx<'_>) -> Save {
        self.fields.leave(cx.language());
        let mut issues = self.fields.unread_issues(cx.language());
        let adds = self.id().is_none();
        if adds && self.email().is_none() && !self.fields.is_unread(&EMAIL.def) {
            issues.push(Issue::at(&EMAIL.def, "Type the e-mail of the user to add."));
        }
        if !issues.is_empty() {
            self.refuse(issues, cx);
            return Save::NotYet;
        }
        if !adds && !self.fields.draft().is_changed() {
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
        let role = self.fields.role().unwrap_or_default();
        let (days_back, notes) = (self.fields.days_back(), self.fields.notes());
        match &self.fields.draft().base {
            Some(base) => Managing::Change { access: base.id, version: base.version, role, days_back, notes },
            None => {
                let email = self.email().unwrap_or_default().to_owned();
                Managing::Add { email, role, days_back, notes }
            }
        }
    }

    /// Shows the issues at their fields and goes to the first. Those of no field are shown at the e-mail, where there
    /// is one.
    pub fn refuse(&mut self, issues: Vec<Issue>, cx: &mut Cx<'_>) {
        if let Some(first) = issues.first() {
            cx.say(Tone::Bad, first.message.clone());
        }
        let others = self.fields.refuse(issues, cx.language());
        let others: Vec<String> = others.into_iter().map(|issue| issue.message).collect();
        self.banner = (!others.is_empty()).then(|| others.join(" "));
        if self.id().is_none()
            && let Some(sentence) = self.banner.take()
        {
            self.fields.mark(Issue::at(&EMAIL.def, sentence));
            self.back_to_email(cx);
        }
    }

    /// Shows an error in the banner.
    pub fn fail(&mut self, error: &ServiceError, cx: &mut Cx<'_>) {
        self.banner = Some(error.to_string());
        cx.say_not_saved(error);
    }

    /// Applies what was typed to the access as it is stored now.
    pub fn rebase(&mut self, access: Record, cx: &Cx<'_>) {
        self.fields.rebase(Draft::of(Arc::new(access)), cx.language());
        self.banner = None;
    }

    /// The number of lines it takes in so many columns: the heading, the fields, the line below.
    pub fn height(&self, columns: u16) -> u16 {
        let banner = u16::try_from(self.banner_lines(columns).len()).unwrap_or_default();
        1 + banner + self.fields.height(columns) + 1
    }

    /// Draws as much of it as has room, with the cursor in view.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let columns = area.width;
        let mut canvas = Canvas::new(columns, self.height(columns));
        let state = if self.fields.has_changes() { " · not saved" } else { "" };
        let heading = format!("{}{state}", self.title().to_uppercase());
        draw_text(&mut canvas.buf, 0, 0, columns, &heading, cx.theme.title);
        let mut y = 1;
        for line in self.banner_lines(columns) {
            draw_text(&mut canvas.buf, 0, y, columns, &line, cx.theme.bad);
            y += 1;
        }
        self.fields.draw(&mut canvas, y, true, cx);
        let last = canvas.buf.area.bottom() - 1;
        draw_text(&mut canvas.buf, 0, last, columns, &"─".repeat(columns.into()), cx.theme.border);
        self.top = canvas.top_for(self.top, area.height).min(canvas.last_top(area.height));
        canvas.show(frame, area, self.top);
        if cx.focused {
            canvas.set_cursor(frame, area, self.top);
        }
    }

    /// Draws the open list of the field with the cursor over what is below; `area` is that of [`AccessEditor::draw`].
    pub fn draw_list(&mut self, frame: &mut Frame<'_>, area: Rect, bounds: Rect, cx: &DrawCx<'_>) {
        self.fields.draw_list(frame, (area, self.top), bounds, cx);
    }

    fn banner_lines(&self, columns: u16) -> Vec<String> {
        let sentence = self.banner.as_ref().map(|sentence| format!("{FAILED} {sentence}"));
        sentence.map_or_else(Vec::new, |sentence| wrap(&sentence, columns.into()))
    }
}

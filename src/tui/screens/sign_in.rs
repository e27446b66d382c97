//! Signing in, and on the first run creating the administrator.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use zeroize::Zeroizing;

use crate::domain::rules::Issue;
use crate::domain::schema::user;
use crate::service::ServiceError;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Reply, Request, Slot, Tone};
use crate::tui::theme::FAILED;
use crate::tui::widgets::cells::{draw_text, draw_wrapped};
use crate::tui::widgets::secret_box::SecretBox;
use crate::tui::widgets::text_box::{Edit, TextBox};

/// The columns of the labels.
const LABELS: u16 = 18;
/// The widest the boxes get.
const BOXES: u16 = 40;

/// What the screen is for, which the database says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// Nobody has said yet.
    Unknown,
    SignIn,
    FirstOperator,
}

/// One box of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Login,
    Name,
    Password,
    Repeated,
}

impl Field {
    const fn label(self) -> &'static str {
        match self {
            Self::Login => "Login",
            Self::Name => "Name",
            Self::Password => "Password",
            Self::Repeated => "Password again",
        }
    }

    /// The property by which the service names it in an issue.
    fn of_property(property: &str) -> Self {
        if property == user::NAME.def.property {
            Self::Name
        } else if property == user::PASSWORD.def.property {
            Self::Password
        } else {
            Self::Login
        }
    }
}

/// The boxes and where the cursor is.
pub struct SignIn {
    purpose: Purpose,
    focus: Field,
    login: TextBox,
    name: TextBox,
    password: SecretBox,
    repeated: SecretBox,
    /// What is wrong, and where.
    wrong: Option<(Field, String)>,
    is_waiting: bool,
}

impl SignIn {
    /// Asks whether anybody can sign in yet.
    pub fn open(cx: &mut Cx<'_>) -> Self {
        cx.ask(Slot::Record, Request::Begin);
        Self {
            purpose: Purpose::Unknown,
            focus: Field::Login,
            login: TextBox::new("", user::LOGIN.def.max_length()),
            name: TextBox::new("", user::NAME.def.max_length()),
            password: SecretBox::default(),
            repeated: SecretBox::default(),
            wrong: None,
            is_waiting: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        match self.purpose {
            Purpose::Unknown => &[],
            Purpose::SignIn => &[Field::Login, Field::Password],
            Purpose::FirstOperator => &[Field::Login, Field::Name, Field::Password, Field::Repeated],
        }
    }

    fn at(&self) -> usize {
        self.fields().iter().position(|field| *field == self.focus).unwrap_or(0)
    }

    fn is_last(&self) -> bool {
        self.fields().last() == Some(&self.focus)
    }

    fn go(&mut self, forward: bool) {
        let count = self.fields().len();
        if count > 0 {
            let step = if forward { 1 } else { count - 1 };
            self.focus = self.fields()[(self.at() + step) % count];
        }
    }

    fn key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        match key.code {
            KeyCode::Tab | KeyCode::Down => self.go(true),
            KeyCode::BackTab | KeyCode::Up => self.go(false),
            KeyCode::Enter if self.is_last() => self.submit(cx),
            KeyCode::Enter => self.go(true),
            _ if self.is_waiting => {}
            _ => {
                let edit = match self.focus {
                    Field::Login => self.login.key(key),
                    Field::Name => self.name.key(key),
                    Field::Password => self.password.key(key),
                    Field::Repeated => self.repeated.key(key),
                };
                self.edited(edit);
            }
        }
    }

    fn paste(&mut self, text: &str) {
        let edit = match self.focus {
            Field::Login => self.login.paste(text),
            Field::Name => self.name.paste(text),
            Field::Password => self.password.paste(text),
            Field::Repeated => self.repeated.paste(text),
        };
        self.edited(edit);
    }

    fn edited(&mut self, edit: Edit) {
        match edit {
            Edit::Refused(refused) => self.wrong = Some((self.focus, refused.to_string())),
            Edit::Changed => self.wrong = None,
            Edit::Ignored | Edit::Moved => {}
        }
    }

    /// What can be said without asking the service.
    fn check(&self) -> Option<(Field, String)> {
        let empty = |field: &Field| match field {
            Field::Login => self.login.text().trim().is_empty(),
            Field::Name => self.name.text().trim().is_empty(),
            Field::Password => self.password.is_empty(),
            Field::Repeated => false,
        };
        if let Some(field) = self.fields().iter().find(|field| empty(field)) {
            return Some((*field, format!("{} is required.", field.label())));
        }
        let differs = self.purpose == Purpose::FirstOperator && !self.password.is_same(&self.repeated);
        differs.then(|| (Field::Repeated, "The two passwords differ.".to_owned()))
    }

    fn submit(&mut self, cx: &mut Cx<'_>) {
        if self.is_waiting || self.purpose == Purpose::Unknown {
            return;
        }
        if let Some(wrong) = self.check() {
            return self.mark(wrong);
        }
        let login = self.login.text().trim().to_owned();
        let password = self.password.secret();
        self.wrong = None;
        self.is_waiting = true;
        let request = match self.purpose {
            Purpose::FirstOperator => {
                Request::FirstOperator { login, name: self.name.text().trim().to_owned(), password }
            }
            Purpose::Unknown | Purpose::SignIn => Request::SignIn { login, password },
        };
        cx.ask(Slot::Write, request);
    }

    fn mark(&mut self, wrong: (Field, String)) {
        self.focus = wrong.0;
        self.wrong = Some(wrong);
    }

    /// Says what was refused; a password that did not open the door is typed anew.
    fn refused(&mut self, error: ServiceError, cx: &mut Cx<'_>) {
        let first = |issues: Vec<Issue>| issues.into_iter().next();
        match error {
            ServiceError::Invalid(issues) => {
                let Some(issue) = first(issues) else { return };
                self.mark((issue.property.map_or(Field::Login, Field::of_property), issue.message));
            }
            ServiceError::Denied(sentence) => {
                self.password.clear();
                self.repeated.clear();
                self.mark((Field::Password, sentence));
            }
            error => cx.say(Tone::Bad, error.to_string()),
        }
    }

    fn replied(&mut self, result: Result<Reply, ServiceError>, cx: &mut Cx<'_>) {
        self.is_waiting = false;
        match result {
            Ok(Reply::Begin { operators_exist: true }) => self.purpose = Purpose::SignIn,
            Ok(Reply::Begin { operators_exist: false }) => self.purpose = Purpose::FirstOperator,
            Ok(Reply::SignedIn(who)) => cx.push(Effect::SignedIn(who)),
            Ok(_) => {}
            Err(error) => self.refused(error, cx),
        }
    }

    fn draw_field(&mut self, frame: &mut Frame<'_>, line: Rect, field: Field, cx: &DrawCx<'_>) {
        let focused = self.focus == field;
        let buf = frame.buffer_mut();
        let label = if focused { cx.theme.focused_label } else { cx.theme.label };
        draw_text(buf, line.x, line.y, LABELS, field.label(), label);
        let spot = Rect { x: line.x + LABELS, width: BOXES.min(line.width.saturating_sub(LABELS)), ..line };
        let cursor = match field {
            Field::Login => self.login.draw(buf, spot, cx.theme.input),
            Field::Name => self.name.draw(buf, spot, cx.theme.input),
            Field::Password => self.password.draw(buf, spot, cx.theme.input),
            Field::Repeated => self.repeated.draw(buf, spot, cx.theme.input),
        };
        if focused && cx.focused {
            frame.set_cursor_position(cursor);
        }
    }
}

impl Component for SignIn {
    fn title(&self) -> String {
        match self.purpose {
            Purpose::Unknown | Purpose::SignIn => "Sign in".to_owned(),
            Purpose::FirstOperator => "Create the administrator".to_owned(),
        }
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let label = match self.purpose {
            Purpose::FirstOperator => "Create and sign in",
            Purpose::Unknown | Purpose::SignIn => "Sign in",
        };
        let ready = self.purpose != Purpose::Unknown && !self.is_waiting;
        out.push(
            Command::of(Action::SaveAndReload).called(label).only_if(ready, "Waiting for the database."),
        );
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::SaveAndReload) => self.submit(cx),
            Event::Key(key) => self.key(&key, cx),
            Event::Paste(text) if !self.is_waiting => self.paste(&Zeroizing::new(text)),
            Event::Reply(_, result) => self.replied(result, cx),
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let room = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        let said = match self.purpose {
            Purpose::Unknown => "Opening the database…",
            Purpose::SignIn => "Sign in to the back office.",
            Purpose::FirstOperator => {
                "Nobody can sign in to this database yet. Create its administrator: \
                 a password has at least 15 characters."
            }
        };
        let said_room = Rect { y: room.y + 1, height: 2, ..room };
        draw_wrapped(frame.buffer_mut(), said_room, said, cx.theme.value);
        let mut y = room.y + 4;
        for field in self.fields() {
            self.draw_field(frame, Rect { y, height: 1, ..room }, *field, cx);
            y += 1;
            if let Some((_, sentence)) = self.wrong.as_ref().filter(|(at, _)| at == field) {
                let line =
                    Rect { x: room.x + LABELS, y, width: room.width.saturating_sub(LABELS), height: 2 };
                let sentence = format!("{FAILED} {sentence}");
                y += draw_wrapped(frame.buffer_mut(), line, &sentence, cx.theme.bad);
            }
        }
        if self.is_waiting {
            draw_text(frame.buffer_mut(), room.x, y + 1, room.width, "Checking…", cx.theme.dim);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use uuid::Uuid;

    use super::*;
    use crate::domain::value::RecordId;
    use crate::service::SignedIn;
    use crate::tui::console::Console;
    use crate::tui::message::Screen;
    use crate::tui::runtime::Answer;
    use crate::tui::testing::{Harness, Script};
    use crate::tui::theme::Theme;

    type Asked = Arc<Mutex<Vec<Request>>>;

    /// A console at sign-in; the passwords `right…` are right, and `short` is none.
    async fn at_the_door(operators_exist: bool) -> (Harness<impl Answer>, Asked) {
        let asked = Asked::default();
        let heard = Arc::clone(&asked);
        let service = Script(move |request: Request| {
            heard.lock().unwrap().push(request.clone());
            match request {
                Request::Begin => Ok(Reply::Begin { operators_exist }),
                Request::FirstOperator { password, .. } if password.expose() == "short" => {
                    Err(ServiceError::Invalid(vec![Issue::at(&user::PASSWORD.def, "It is too short.")]))
                }
                Request::SignIn { login, password } | Request::FirstOperator { login, password, .. }
                    if password.expose().starts_with("right") =>
                {
                    Ok(Reply::SignedIn(SignedIn {
                        operator: RecordId(Uuid::nil()),
                        name: format!("Operator {login}"),
                        login,
                        language: "en".to_owned(),
                        is_admin: true,
                        enterprise_company: None,
                        site: None,
                    }))
                }
                _ => Err(ServiceError::Denied("Login or password is wrong.".to_owned())),
            }
        });
        let mut console = Console::new(crate::tui::screens::open, Theme::plain(), "acme.db");
        console.push(Screen::SignIn);
        let mut door = Harness::new(console, Arc::new(service), 80, 24);
        door.settle().await;
        (door, asked)
    }

    #[tokio::test]
    async fn an_operator_signs_in() {
        let (mut door, _) = at_the_door(true).await;
        door.sees("Sign in to the back office.").sees_no("Password again").sees_no("Menu");
        door.keys("mkoleva <Tab> right? <Enter>").await.sees("Signed in as Operator mkoleva.");
    }

    #[tokio::test]
    async fn a_wrong_password_is_said_at_the_field_and_typed_anew() {
        let (mut door, _) = at_the_door(true).await;
        door.keys("mkoleva <Enter> wrong <Enter>").await;
        door.sees("✗ Login or password is wrong.").sees("mkoleva").sees_no("•");
        door.keys("right! <C-s>").await.sees("Signed in as");
    }

    #[tokio::test]
    async fn what_is_missing_is_said_at_its_field_and_the_cursor_goes_there() {
        let (mut door, asked) = at_the_door(true).await;
        door.keys("<Tab> right <Enter>").await.sees("✗ Login is required.").sees("•••••");
        door.keys("mk").await.sees("mk").sees_no("✗");
        assert_eq!(*asked.lock().unwrap(), [Request::Begin]);
    }

    #[tokio::test]
    async fn the_first_run_creates_the_administrator() {
        let (mut door, _) = at_the_door(false).await;
        door.sees("Create the administrator").sees("Password again");
        door.keys("admin <Tab> Ada <Tab> short <Tab> shirt <Enter>")
            .await
            .sees("✗ The two passwords differ.");
        door.keys("<C-u> short <Enter>").await.sees("✗ It is too short.").sees("Ada");
        door.keys("<C-u> right,long <Tab> <C-u>").await;
        door.paste("right,long\n").keys("<Enter>").await.sees("Signed in as Operator admin.");
    }

    #[tokio::test]
    async fn promise_3_a_password_is_neither_shown_nor_printed() {
        let (mut door, asked) = at_the_door(true).await;
        door.keys("mkoleva <Tab> rightcanary").await.sees("•••").sees_no("canary");
        door.keys("<Enter>").await.sees_no("canary");
        assert!(!format!("{asked:?} {:?}", door.errands).contains("canary"));
    }
}

//! Signing in: to the back office, or to a Client Center; on the first run creating the administrator.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::entities::user;
use crate::service::ServiceError;
use crate::service::auth::Secret;
use crate::service::client_center::ClientCenter;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{
    ChoosePassword, Effect, Event, Outcome, Question, Reply, Request, Screen, Slot, Tone,
};
use crate::tui::places::heading;
use crate::tui::widgets::input_form::{InputField, InputForm, WAITING};

const LOGIN: &str = user::LOGIN.def.property;
const NAME: &str = user::NAME.def.property;
const PASSWORD: &str = user::PASSWORD.def.property;

/// Where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Door {
    /// The database has not said yet.
    Unknown,
    BackOffice,
    /// The back office, for whoever comes first.
    FirstOperator,
    ClientCenter(ClientCenter),
}

impl Door {
    fn inputs(&self) -> InputForm {
        let login = |label| InputField::text(&user::LOGIN.def, label).required();
        let password = || InputField::secret(PASSWORD, "Password");
        InputForm::new(match self {
            Self::Unknown => Vec::new(),
            Self::BackOffice => vec![login("Login"), password()],
            Self::ClientCenter(_) => vec![login("E-mail or login"), password()],
            Self::FirstOperator => vec![
                login("Login"),
                InputField::text(&user::NAME.def, "Name").required(),
                password(),
                InputField::repeated(PASSWORD, "Password again"),
            ],
        })
    }
}

/// The boxes of a door.
pub struct SignIn {
    door: Door,
    inputs: InputForm,
}

impl SignIn {
    /// The back office; asks whether anybody can sign in yet.
    pub fn open(cx: &mut Cx<'_>) -> Self {
        cx.ask(Slot::Record, Request::Begin);
        Self::at(Door::Unknown)
    }

    /// A Client Center.
    pub fn client_center(center: ClientCenter) -> Self {
        Self::at(Door::ClientCenter(center))
    }

    fn at(door: Door) -> Self {
        Self { inputs: door.inputs(), door }
    }

    fn send(&self, password: Secret, cx: &mut Cx<'_>) {
        let login = self.inputs.text(LOGIN);
        let request = match &self.door {
            Door::Unknown | Door::BackOffice => Request::SignIn { login, password },
            Door::FirstOperator => Request::FirstOperator { login, name: self.inputs.text(NAME), password },
            Door::ClientCenter(center) => Request::Enter { center: center.clone(), login, password },
        };
        cx.ask(Slot::Write, request);
    }

    fn replied(&mut self, result: Result<Reply, ServiceError>, cx: &mut Cx<'_>) {
        self.inputs.answered();
        match result {
            Ok(Reply::Begin { operators_exist: true }) => *self = Self::at(Door::BackOffice),
            Ok(Reply::Begin { operators_exist: false }) => *self = Self::at(Door::FirstOperator),
            Ok(Reply::SignedIn(who)) => cx.push(Effect::SignedIn(who)),
            Ok(Reply::Visits(visitor)) => cx.push(Effect::Visits(*visitor)),
            Ok(Reply::NotActive(code)) => {
                self.inputs.forget();
                if let Door::ClientCenter(center) = &self.door {
                    cx.push(Effect::Push(Screen::NotActive(center.clone(), code)));
                }
            }
            Ok(Reply::ChoosePassword) => {
                let (login, code) = (self.inputs.text(LOGIN), self.inputs.secret(PASSWORD));
                self.inputs.forget();
                let choose = ChoosePassword::WithCode { login, code };
                cx.push(Effect::Push(Screen::ChoosePassword(choose)));
            }
            Ok(_) => {}
            Err(ServiceError::Invalid(issues)) => self.inputs.mark(issues),
            Err(ServiceError::Denied(sentence)) => self.inputs.refuse(PASSWORD, sentence),
            Err(error) => {
                if matches!(self.door, Door::Unknown) {
                    // Whoever is known can still try; the first administrator has to start anew.
                    *self = Self::at(Door::BackOffice);
                }
                cx.say(Tone::Bad, error.to_string());
            }
        }
    }

    /// Goes on after another layer: with the password that was chosen, or with the e-mail of the account that was
    /// asked for.
    fn returned(&mut self, outcome: Outcome, cx: &mut Cx<'_>) {
        match outcome {
            Outcome::PasswordChosen(password) => {
                self.inputs.wait();
                self.send(password, cx);
            }
            Outcome::Words(email) => {
                self.inputs.fill(LOGIN, email);
                cx.push(Effect::Push(Screen::Question(self.request_taken())));
            }
            _ => {}
        }
    }

    /// The same words whatever came of the request: nobody learns here who has an account.
    fn request_taken(&self) -> Question {
        let whose = match &self.door {
            Door::ClientCenter(center) if !center.company.is_empty() => format!(" at {}", center.company),
            _ => String::new(),
        };
        Question {
            title: "Create Local Account".to_owned(),
            lines: vec![
                "Your request was taken.".to_owned(),
                format!(
                    "Whoever decides about access{whose} sees it now. Once you are let in, sign in here."
                ),
            ],
            answers: vec![('b', "Back to the sign-in".to_owned())],
        }
    }
}

impl Component for SignIn {
    fn title(&self) -> String {
        match &self.door {
            Door::Unknown | Door::BackOffice => "Sign in".to_owned(),
            Door::FirstOperator => "Create the administrator".to_owned(),
            Door::ClientCenter(center) => heading(center),
        }
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let first = self.door == Door::FirstOperator;
        self.inputs.commands(if first { "Create and sign in" } else { "Sign in" }, out);
        let elsewhere = match self.door {
            Door::Unknown | Door::FirstOperator => return,
            Door::BackOffice => Action::ClientCenter,
            Door::ClientCenter(_) => Action::CreateAccount,
        };
        // One door at a time: whoever comes in by this one is whom the console shows.
        out.push(Command::of(elsewhere).only_if(!self.inputs.is_waiting(), WAITING));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match (event, &self.door) {
            (Event::Reply(_, result), _) => self.replied(result, cx),
            (Event::Returned(outcome), _) => self.returned(outcome, cx),
            (Event::Command(Action::ClientCenter), _) => cx.push(Effect::Push(Screen::ClientCenters)),
            (Event::Command(Action::CreateAccount), _) => cx.push(Effect::Push(Screen::CreateAccount)),
            (event, _) => {
                if self.inputs.take(event, cx) && self.inputs.send() {
                    self.send(self.inputs.secret(PASSWORD), cx);
                }
            }
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let said = match &self.door {
            Door::Unknown => "Opening the database…",
            Door::BackOffice => "Sign in to the back office.",
            Door::ClientCenter(_) => "Sign in. Without an account yet, create one.",
            Door::FirstOperator => {
                "Nobody can sign in to this database yet. Create its administrator, with a long password: \
                 several words that have nothing to do with one another."
            }
        };
        self.inputs.draw(frame, area, said, cx);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use uuid::Uuid;

    use super::*;
    use crate::domain::model::value::RecordId;
    use crate::domain::rules::Issue;
    use crate::service::back_office::SignedIn;
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
        door.sees("Sign in to the back office.").sees_no("Password again").sees_no("┌ Menu");
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
        assert!(!format!("{asked:?} {:?}", door.host_effects).contains("canary"));
    }
}

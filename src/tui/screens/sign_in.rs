//! Signing in: to the back office, or to a Client Center; on the first run creating the administrator.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::entities::user;
use crate::service::ServiceError;
use crate::service::api::{GateAnswer, sign_in};
use crate::service::auth::{Secret, SignInOutcome};
use crate::service::back_office::SignedIn;
use crate::service::client_center::ClientCenter;
use crate::tui::command::{Action, Command, OwnKey};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{ChoosePassword, Effect, Event, Outcome, Question, Screen, Slot, Tone};
use crate::tui::places::heading;
use crate::tui::widgets::input_form::{InputField, InputForm, WAITING};

const LOGIN: &str = user::LOGIN.def.property;
const NAME: &str = user::NAME.def.property;
const PASSWORD: &str = user::PASSWORD.def.property;

/// What is signed in to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// Not known yet: the database has not answered whether operators exist.
    Unknown,
    BackOffice,
    /// The back office without operators: the first one is created.
    FirstOperator,
    ClientCenter(ClientCenter),
}

impl Target {
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
                InputField::new_secret(PASSWORD, "Password"),
                InputField::repeated(PASSWORD, "Password again"),
            ],
        })
    }
}

/// The sign-in form.
pub struct SignIn {
    target: Target,
    inputs: InputForm,
}

impl SignIn {
    /// The sign-in of the back office; asks whether operators exist.
    pub fn open(cx: &mut Cx<'_>) -> Self {
        cx.ask(Slot::Record, sign_in::OperatorsExist {}, Self::operators_exist);
        Self::at(Target::Unknown)
    }

    /// The sign-in of a Client Center.
    pub fn client_center(center: ClientCenter) -> Self {
        Self::at(Target::ClientCenter(center))
    }

    fn at(target: Target) -> Self {
        Self { inputs: target.inputs(), target }
    }

    fn send(&self, password: Secret, cx: &mut Cx<'_>) {
        let login = self.inputs.text(LOGIN);
        match &self.target {
            Target::Unknown | Target::BackOffice => {
                cx.ask(Slot::Write, sign_in::SignIn { login, password }, Self::signed_in);
            }
            Target::FirstOperator => {
                let name = self.inputs.text(NAME);
                cx.ask(Slot::Write, sign_in::CreateFirstOperator { login, name, password }, Self::created);
            }
            Target::ClientCenter(center) => {
                let center = center.clone();
                cx.ask(Slot::Write, sign_in::EnterClientCenter { center, login, password }, Self::entered);
            }
        }
    }

    fn operators_exist(&mut self, exist: Result<bool, ServiceError>, cx: &mut Cx<'_>) {
        match exist {
            Ok(true) => *self = Self::at(Target::BackOffice),
            Ok(false) => *self = Self::at(Target::FirstOperator),
            Err(error) => {
                // A login that exists can still be tried; creating the first administrator has to begin again.
                *self = Self::at(Target::BackOffice);
                cx.say(Tone::Bad, error.to_string());
            }
        }
    }

    fn created(&mut self, signed_in: Result<SignedIn, ServiceError>, cx: &mut Cx<'_>) {
        self.signed_in(signed_in.map(SignInOutcome::Granted), cx);
    }

    fn signed_in(&mut self, outcome: Result<SignInOutcome<SignedIn>, ServiceError>, cx: &mut Cx<'_>) {
        self.inputs.answered();
        match outcome {
            Ok(SignInOutcome::Granted(who)) => cx.push(Effect::SignedIn(who)),
            Ok(SignInOutcome::ChoosePassword) => self.choose_password(cx),
            Err(error) => self.refused(error, cx),
        }
    }

    fn entered(&mut self, outcome: Result<SignInOutcome<GateAnswer>, ServiceError>, cx: &mut Cx<'_>) {
        self.inputs.answered();
        match outcome {
            Ok(SignInOutcome::Granted(GateAnswer::Admitted(visitor))) => cx.push(Effect::Visits(*visitor)),
            Ok(SignInOutcome::Granted(GateAnswer::NotActive(code))) => {
                self.inputs.forget();
                if let Target::ClientCenter(center) = &self.target {
                    cx.push(Effect::Push(Screen::NotActive(center.clone(), code)));
                }
            }
            Ok(SignInOutcome::ChoosePassword) => self.choose_password(cx),
            Err(error) => self.refused(error, cx),
        }
    }

    /// Handles that the password was a one-time code: opens the screen to choose a password.
    fn choose_password(&mut self, cx: &mut Cx<'_>) {
        let (login, code) = (self.inputs.text(LOGIN), self.inputs.secret(PASSWORD));
        self.inputs.forget();
        cx.push(Effect::Push(Screen::ChoosePassword(ChoosePassword::WithCode { login, code })));
    }

    fn refused(&mut self, error: ServiceError, cx: &mut Cx<'_>) {
        match error {
            ServiceError::Invalid(issues) => self.inputs.mark(issues),
            ServiceError::Denied(sentence) => self.inputs.refuse(PASSWORD, sentence),
            error => cx.say(Tone::Bad, error.to_string()),
        }
    }

    /// Goes on after another layer: signs in with the password that was chosen, or fills in the e-mail of the account
    /// that was asked for.
    fn returned(&mut self, outcome: Outcome, cx: &mut Cx<'_>) {
        match outcome {
            Outcome::PasswordChosen(password) => {
                self.inputs.wait();
                self.send(password, cx);
            }
            Outcome::Words(email) => {
                self.inputs.fill(LOGIN, &email);
                cx.push(Effect::Push(Screen::Question(self.request_taken())));
            }
            _ => {}
        }
    }

    /// The message after a request for an account. It is the same whatever came of it: nobody learns here who has an
    /// account.
    fn request_taken(&self) -> Question {
        let whose = match &self.target {
            Target::ClientCenter(center) if !center.company.is_empty() => format!(" at {}", center.company),
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
        match &self.target {
            Target::Unknown | Target::BackOffice => "Sign in".to_owned(),
            Target::FirstOperator => "Create the administrator".to_owned(),
            Target::ClientCenter(center) => heading(center),
        }
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn takes_now(&self, event: &Event, awaited: &Awaited<'_>) -> bool {
        // Leaving waits for the answer of a write by itself, and says so.
        matches!(event, Event::Command(Action::Quit))
            || (!self.inputs.is_waiting() && !awaited.has(Slot::Record))
    }

    fn drops_typed_ahead(&self) -> bool {
        true
    }

    fn own_keys(&self) -> Vec<OwnKey> {
        self.inputs.own_keys()
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let first = self.target == Target::FirstOperator;
        self.inputs.commands(if first { "Create and sign in" } else { "Sign in" }, out);
        let elsewhere = match self.target {
            Target::Unknown | Target::FirstOperator => return,
            Target::BackOffice => Action::ClientCenter,
            Target::ClientCenter(_) => Action::CreateAccount,
        };
        // Not while a sign-in is under way: the console must show whoever it signs in.
        out.push(Command::of(elsewhere).only_if(!self.inputs.is_waiting(), WAITING));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Returned(outcome) => self.returned(outcome, cx),
            Event::Command(Action::ClientCenter) => cx.push(Effect::Push(Screen::ClientCenters)),
            Event::Command(Action::CreateAccount) => cx.push(Effect::Push(Screen::CreateAccount)),
            event => {
                if self.inputs.take(event, cx) && self.inputs.send() {
                    self.send(self.inputs.secret(PASSWORD), cx);
                }
            }
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let said = match &self.target {
            Target::Unknown => "Opening the database…",
            Target::BackOffice => "Sign in to the back office.",
            Target::ClientCenter(_) => "Sign in. Without an account yet, create one.",
            Target::FirstOperator => {
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
    use crate::service::api::{Question, Request, SignInRequest};
    use crate::tui::console::Console;
    use crate::tui::message::Screen;
    use crate::tui::runtime::Answer;
    use crate::tui::screens;
    use crate::tui::testing::{Harness, Script};
    use crate::tui::theme::Theme;

    type Asked = Arc<Mutex<Vec<Request>>>;

    fn right(password: &Secret) -> bool {
        password.expose().starts_with("right")
    }

    fn operator(login: String) -> SignedIn {
        SignedIn {
            operator: RecordId(Uuid::nil()),
            name: format!("Operator {login}"),
            login,
            language: "en".to_owned(),
            is_admin: true,
            enterprise_company: None,
            site: None,
        }
    }

    /// A console at the sign-in; passwords that begin with `right` are right, and `short` is refused as a new one.
    async fn at_sign_in(operators_exist: bool) -> (Harness<impl Answer>, Asked) {
        let asked = Asked::default();
        let heard = Arc::clone(&asked);
        let service = Script(move |request: Request| {
            heard.lock().unwrap().push(request.clone());
            match request {
                Request::SignIn(SignInRequest::OperatorsExist(_)) => {
                    Ok(sign_in::OperatorsExist::reply(operators_exist))
                }
                Request::SignIn(SignInRequest::CreateFirstOperator(it))
                    if it.password.expose() == "short" =>
                {
                    Err(ServiceError::Invalid(vec![Issue::at(&user::PASSWORD.def, "It is too short.")]))
                }
                Request::SignIn(SignInRequest::CreateFirstOperator(it)) if right(&it.password) => {
                    Ok(sign_in::CreateFirstOperator::reply(operator(it.login)))
                }
                Request::SignIn(SignInRequest::SignIn(it)) if right(&it.password) => {
                    Ok(sign_in::SignIn::reply(SignInOutcome::Granted(operator(it.login))))
                }
                _ => Err(ServiceError::Denied("Login or password is wrong.".to_owned())),
            }
        });
        let mut console = Console::new(screens::open, Theme::plain(), "acme.db");
        console.push(Screen::SignIn);
        let mut harness = Harness::new(console, Arc::new(service), 80, 24);
        harness.settle().await;
        (harness, asked)
    }

    #[tokio::test]
    async fn an_operator_signs_in() {
        let (mut console, _) = at_sign_in(true).await;
        console.sees("Sign in to the back office.").sees_no("Password again").sees_no("┌ Menu");
        console.keys("mkoleva <Tab> right? <Enter>").await.sees("Signed in as Operator mkoleva.");
    }

    #[tokio::test]
    async fn a_wrong_password_is_said_at_the_field_and_typed_anew() {
        let (mut console, _) = at_sign_in(true).await;
        console.keys("mkoleva <Enter> wrong <Enter>").await;
        console.sees("✗ Login or password is wrong.").sees("mkoleva").sees_no("•");
        console.keys("right! <C-s>").await.sees("Signed in as");
    }

    #[tokio::test]
    async fn what_is_missing_is_said_at_its_field_and_the_cursor_goes_there() {
        let (mut console, asked) = at_sign_in(true).await;
        console.keys("<Tab> right <Enter>").await.sees("✗ Login is required.").sees("•••••");
        console.keys("mk").await.sees("mk").sees_no("✗");
        assert_eq!(*asked.lock().unwrap(), [sign_in::OperatorsExist {}.into()]);
    }

    #[tokio::test]
    async fn the_first_run_creates_the_administrator() {
        let (mut console, _) = at_sign_in(false).await;
        console.sees("Create the administrator").sees("Password again");
        console
            .keys("admin <Tab> Ada <Tab> short <Tab> shirt <Enter>")
            .await
            .sees("✗ The two passwords differ.");
        console.keys("<C-u> short <Enter>").await.sees("✗ It is too short.").sees("Ada");
        console.keys("<C-u> right,long <Tab> <C-u>").await;
        console.paste("right,long\n").keys("<Enter>").await.sees("Signed in as Operator admin.");
    }

    #[tokio::test]
    async fn promise_3_a_password_is_neither_shown_nor_printed() {
        let (mut console, asked) = at_sign_in(true).await;
        console.keys("mkoleva <Tab> rightcanary").await.sees("•••").sees_no("canary");
        console.keys("<Enter>").await.sees_no("canary");
        assert!(!format!("{asked:?} {:?}", console.host_effects).contains("canary"));
    }
}

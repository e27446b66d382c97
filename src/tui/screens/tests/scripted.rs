//! A console of papers and a service that answers from a script, for the stories of these screens.

use std::sync::{Arc, Mutex};

use ratatui::Frame;
use ratatui::layout::Rect;
use uuid::Uuid;

use crate::domain::codes::{AccessRules, Code, Role};
use crate::domain::entities::user;
use crate::domain::model::value::{RecordId, Reference};
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::service::api::{
    BackOfficeRequest, GateAnswer, Question as _, Reply, Request, SignInRequest, VisitRequest, back_office,
    sign_in, visit,
};
use crate::service::auth::{Secret, SignInOutcome};
use crate::service::back_office::SignedIn;
use crate::service::back_office::SiteChoice;
use crate::service::client_center::{Client, ClientCenter, Visitor};
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::console::Console;
use crate::tui::message::{Event, Screen, Slot, Tone};
use crate::tui::runtime::Answer;
use crate::tui::screens::open;
use crate::tui::testing::{Harness, Script};
use crate::tui::theme::Theme;
use crate::tui::widgets::text::draw_text;
use crate::tui::widgets::text_box::TextBox;

const NEUTRAL: &str =
    "Login or password is wrong, or this login cannot sign in here; after several tries, wait a while.";

/// A place with a line that can be typed into; Ctrl+R asks the service.
#[derive(Default)]
struct Paper {
    typed: TextBox,
    received: Vec<String>,
}

impl Paper {
    fn answered(&mut self, sites: Result<Vec<SiteChoice>, ServiceError>, cx: &mut Cx<'_>) {
        let answer = sites.map_or_else(|error| error.to_string(), |_| "well".to_owned());
        cx.say(Tone::Plain, format!("said {answer}"));
        self.received.push(format!("answered {answer}"));
    }
}

impl Component for Paper {
    fn title(&self) -> String {
        "Paper".to_owned()
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Reload));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(_) => cx.ask(Slot::Record, back_office::Sites {}, Self::answered),
            Event::Key(key) => drop(self.typed.key(&key)),
            Event::Returned(outcome) => self.received.push(format!("returned {outcome:?}")),
            Event::Paste(_) | Event::VisitorChanged => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let cursor = self.typed.draw(frame.buffer_mut(), Rect { height: 1, ..area }, cx.theme.input);
        let client = cx.who.visitor().and_then(|visitor| visitor.client.as_ref());
        let client = client.map(|client| format!("for {}", client.customer.shown));
        for (y, line) in (area.top() + 1..area.bottom()).zip(client.iter().chain(&self.received)) {
            draw_text(frame.buffer_mut(), area.x, y, area.width, line, cx.theme.value);
        }
        frame.set_cursor_position(cursor);
    }

    fn has_changes(&self) -> bool {
        !self.typed.is_empty()
    }
}

/// Opens places as papers, and every other screen as itself.
fn open_papers(screen: Screen, cx: &mut Cx<'_>) -> Box<dyn Component> {
    match screen {
        Screen::ClientPlace(_) | Screen::Home => Box::new(Paper::default()),
        other => open(other, cx),
    }
}

/// A reference to the record of this number.
pub(super) fn reference(number: u128, shown: &str) -> Reference {
    Reference { id: RecordId(Uuid::from_u128(number)), shown: shown.to_owned() }
}

/// The Client Center `cc26` of Lagerta Ltd.
pub(super) fn center() -> ClientCenter {
    ClientCenter {
        site: reference(1, "cc26"),
        company: "Lagerta Ltd.".to_owned(),
        rules: AccessRules::ExternalAccess,
    }
}

fn client(number: u128, shown: &str, role: Role) -> Client {
    Client {
        customer: reference(number, shown),
        role: Some(role),
        days_back: Some(30),
        oldest: None,
        valid_until: None,
    }
}

/// A visitor of two customers, with the one of this index chosen.
pub(super) fn visitor(chosen: Option<usize>) -> Visitor {
    let clients = vec![
        client(28, "Olivia Green #00028", Role::Admin),
        client(3, "Nimero Ltd. #00003", Role::OrdersWithPrices),
    ];
    Visitor {
        login: "oliver@company.example".to_owned(),
        name: "Oliver".to_owned(),
        language: "en".to_owned(),
        center: center(),
        client: chosen.map(|at| clients[at].clone()),
        clients,
    }
}

/// An administrator with this login, as signed in.
pub(super) fn operator(login: &str) -> SignedIn {
    SignedIn {
        operator: RecordId(Uuid::nil()),
        name: login.to_owned(),
        login: login.to_owned(),
        language: "en".to_owned(),
        is_admin: true,
        enterprise_company: None,
        site: None,
    }
}

fn denied<T>(sentence: &str) -> Result<T, ServiceError> {
    Err(ServiceError::Denied(sentence.to_owned()))
}

/// Answers every question of a sign-in, and of the others those that the screens here ask.
pub(super) fn answer(request: Request) -> Result<Reply, ServiceError> {
    match request {
        Request::SignIn(request) => answer_sign_in(request),
        Request::BackOffice(BackOfficeRequest::Sites(_)) => Ok(back_office::Sites::reply(Vec::new())),
        Request::Visit(VisitRequest::ChooseCustomer(it)) => {
            let at = visitor(None).clients.iter().position(|client| client.customer.id == it.customer);
            Ok(visit::ChooseCustomer::reply(Box::new(visitor(at))))
        }
        Request::Visit(VisitRequest::CurrentVisitor(_)) => {
            Ok(visit::CurrentVisitor::reply(Box::new(visitor(None))))
        }
        _ => denied(NEUTRAL),
    }
}

/// The login decides the outcome; a password is right when it begins with `right`, a code with `code`.
fn answer_sign_in(request: SignInRequest) -> Result<Reply, ServiceError> {
    let right = |password: &Secret| password.expose().starts_with("right");
    let is_code = |password: &Secret| password.expose().starts_with("code");
    let too_short = || ServiceError::Invalid(vec![Issue::at(&user::PASSWORD.def, "It is too short.")]);
    match request {
        SignInRequest::OperatorsExist(_) => Ok(sign_in::OperatorsExist::reply(true)),
        SignInRequest::ClientCenters(_) => Ok(sign_in::ClientCenters::reply(vec![center()])),
        SignInRequest::SignIn(it) if is_code(&it.password) => {
            Ok(sign_in::SignIn::reply(SignInOutcome::ChoosePassword))
        }
        SignInRequest::SignIn(it) if right(&it.password) => {
            Ok(sign_in::SignIn::reply(SignInOutcome::Granted(operator(&it.login))))
        }
        SignInRequest::EnterClientCenter(it) if is_code(&it.password) => {
            Ok(sign_in::EnterClientCenter::reply(SignInOutcome::ChoosePassword))
        }
        SignInRequest::EnterClientCenter(it) if right(&it.password) => {
            let answer = match it.login.as_str() {
                "new" => GateAnswer::NotActive(Code::CC010),
                "one" => GateAnswer::Admitted(Box::new(visitor(Some(0)))),
                _ => GateAnswer::Admitted(Box::new(visitor(None))),
            };
            Ok(sign_in::EnterClientCenter::reply(SignInOutcome::Granted(answer)))
        }
        SignInRequest::CreateAccount(it) if !right(&it.form.password) => Err(ServiceError::Invalid(vec![
            Issue::at(&user::PASSWORD.def, "It is too short."),
            Issue::at(&user::LOGIN.def, "This is no e-mail address."),
        ])),
        SignInRequest::CreateAccount(_) => Ok(sign_in::CreateAccount::reply(())),
        SignInRequest::ChoosePassword(it) if !right(&it.new) => Err(too_short()),
        SignInRequest::ChoosePassword(_) => Ok(sign_in::ChoosePassword::reply(())),
        SignInRequest::ChangePassword(it) if !right(&it.new) => Err(too_short()),
        SignInRequest::ChangePassword(it) if !right(&it.current) => {
            denied("That is not the password so far.")
        }
        SignInRequest::ChangePassword(_) => Ok(sign_in::ChangePassword::reply(())),
        SignInRequest::Unlock(it) if right(&it.password) => Ok(sign_in::Unlock::reply(())),
        SignInRequest::SignOut(_) => Ok(sign_in::SignOut::reply(())),
        _ => denied(NEUTRAL),
    }
}

/// What the service was asked, in order.
pub(super) type Asked = Arc<Mutex<Vec<Request>>>;

/// A console with this service, started like this, on a screen of 80×24.
pub(super) fn started<A: Answer>(service: A, begin: impl FnOnce(&mut Console)) -> Harness<A> {
    let mut console = Console::new(open_papers, Theme::plain(), "acme.db");
    begin(&mut console);
    Harness::new(console, Arc::new(service), 80, 24)
}

/// A console started like this, and a list of what the service is asked.
async fn console(begin: impl FnOnce(&mut Console)) -> (Harness<impl Answer>, Asked) {
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    let service = Script(move |request: Request| {
        heard.lock().unwrap().push(request.clone());
        answer(request)
    });
    let mut console = started(service, begin);
    console.settle().await;
    (console, asked)
}

/// A console that begins at this screen.
pub(super) async fn at(screen: Screen) -> (Harness<impl Answer>, Asked) {
    console(|console| console.push(screen)).await
}

/// A console at an operator's Home.
pub(super) async fn at_back_office() -> (Harness<impl Answer>, Asked) {
    console(|console| console.sign_in(operator("mkoleva"))).await
}

/// A console of a visitor, with the customer of this index chosen.
pub(super) async fn visiting(chosen: Option<usize>) -> (Harness<impl Answer>, Asked) {
    console(move |console| console.welcome(visitor(chosen))).await
}

/// Draws again after something that was no input of the terminal.
pub(super) fn drawn_again<A: Answer>(console: &mut Harness<A>) -> &mut Harness<A> {
    console.resize(80, 24)
}

/// A service that fails at the first question of a screen, and answers it when it is asked again.
pub(super) fn fails_at_first()
-> Script<impl Fn(Request) -> Result<Reply, ServiceError> + Send + Sync + 'static> {
    let is_asked = Mutex::new(false);
    Script(move |request: Request| match request {
        Request::SignIn(SignInRequest::OperatorsExist(_))
        | Request::BackOffice(BackOfficeRequest::NewDraft(_))
            if !std::mem::replace(&mut is_asked.lock().unwrap(), true) =>
        {
            Err(ServiceError::NotFound)
        }
        Request::BackOffice(BackOfficeRequest::NewDraft(it)) => Ok(back_office::NewDraft::reply(it.draft)),
        request => answer(request),
    })
}

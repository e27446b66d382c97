//! Stories of signing in: Client Centers, Create Local Account, Account not active, Select Client, the lock, and
//! passwords. The answers are scripted.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use uuid::Uuid;

use super::*;
use crate::domain::codes::{AccessRules, Code, Role};
use crate::domain::entities::user;
use crate::domain::model::record::{Draft, FieldMap, Origin, Record};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::service::api::GateAnswer;
use crate::service::api::back_office::OneTimeCode;
use crate::service::api::{
    BackOfficeRequest, Question, Reply, Request, SignInRequest, VisitRequest, back_office, sign_in, visit,
};
use crate::service::auth::{Secret, SignInOutcome, SiteChoice};
use crate::service::back_office::SignedIn;
use crate::service::client_center::{Client, ClientCenter, Visitor};
use crate::tui::command::Command;
use crate::tui::component::DrawCx;
use crate::tui::console::{Console, HostEffect};
use crate::tui::message::{Event, Notice, Opening, Slot, Tone};
use crate::tui::runtime::Answer;
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
        out.push(Command::of(crate::tui::command::Action::Reload));
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

fn reference(number: u128, shown: &str) -> Reference {
    Reference { id: RecordId(Uuid::from_u128(number)), shown: shown.to_owned() }
}

fn center() -> ClientCenter {
    ClientCenter {
        site: reference(1, "cc26"),
        company: "Lagerta Ltd.".to_owned(),
        rules: AccessRules::ExternalAccess,
    }
}

fn client(number: u128, shown: &str, role: Role) -> Client {
    Client { customer: reference(number, shown), role: Some(role), days_back: Some(30), oldest: None }
}

/// A visitor of two customers, with the one of this index chosen.
fn visitor(chosen: Option<usize>) -> Visitor {
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

fn operator(login: &str) -> SignedIn {
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
fn answer(request: Request) -> Result<Reply, ServiceError> {
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

type Asked = Arc<Mutex<Vec<Request>>>;

/// A console started like this, and a list of what the service is asked.
async fn console(begin: impl FnOnce(&mut Console)) -> (Harness<impl Answer>, Asked) {
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    let service = Script(move |request: Request| {
        heard.lock().unwrap().push(request.clone());
        answer(request)
    });
    let mut console = Console::new(open_papers, Theme::plain(), "acme.db");
    begin(&mut console);
    let mut console = Harness::new(console, Arc::new(service), 80, 24);
    console.settle().await;
    (console, asked)
}

async fn at(screen: Screen) -> (Harness<impl Answer>, Asked) {
    console(|console| console.push(screen)).await
}

async fn at_back_office() -> (Harness<impl Answer>, Asked) {
    console(|console| console.sign_in(operator("mkoleva"))).await
}

async fn visiting(chosen: Option<usize>) -> (Harness<impl Answer>, Asked) {
    console(move |console| console.welcome(visitor(chosen))).await
}

/// Draws again after something that was no key.
fn seen<A: Answer>(console: &mut Harness<A>) -> &mut Harness<A> {
    console.resize(80, 24)
}

#[tokio::test]
async fn the_only_client_center_opens_at_once_and_esc_goes_back() {
    let (mut story, _) = at(Screen::SignIn).await;
    story.sees("Alt+C Client Center").sees_no("Esc");
    story
        .keys("<A-c>")
        .await
        .sees("Lagerta Ltd. - Client Center")
        .sees("Create local account")
        .sees("Esc Back");
    story.keys("<Esc>").await.sees("Sign in to the back office.");
    let (mut story, _) = at(Screen::ClientCenterSignIn(center())).await;
    story.sees_no("Esc");
    story.keys("<Esc>").await.sees("Lagerta Ltd. - Client Center");
}

#[tokio::test]
async fn one_of_several_client_centers_is_chosen() {
    let another = ClientCenter { site: reference(2, "shop"), ..center() };
    let service = Script(move |request: Request| match request {
        Request::SignIn(SignInRequest::ClientCenters(_)) => {
            Ok(sign_in::ClientCenters::reply(vec![center(), another.clone()]))
        }
        other => answer(other),
    });
    let mut console = Console::new(open, Theme::plain(), "acme.db");
    console.push(Screen::SignIn);
    let mut story = Harness::new(console, Arc::new(service), 80, 24);
    story.keys("<A-c>").await.sees("cc26  Lagerta Ltd.").sees("shop  Lagerta Ltd.");
    story.keys("<Down> <Enter>").await.sees("Lagerta Ltd. - Client Center");
}

#[tokio::test]
async fn a_refusal_is_neutral_and_keeps_the_login() {
    let (mut story, _) = at(Screen::ClientCenterSignIn(center())).await;
    story.keys("one <Enter> wrongcanary <Enter>").await.sees("✗ Login or password is wrong").sees("one");
    story.sees_no("•").sees_no("canary");
    story.keys("right <Enter>").await.sees("for Olivia Green #00028");
}

#[tokio::test]
async fn an_account_that_is_not_active_reads_its_code_and_nothing_else() {
    let (mut story, _) = at(Screen::ClientCenterSignIn(center())).await;
    story.keys("new <Tab> right <Enter>").await;
    story.sees("Account not active").sees("not activated by the ERP administrator").sees("Error CC010");
    story.sees_no("External access").keys("<Enter>").await.sees("new").sees_no("•").sees("E-mail or login");
    story.keys("<Tab> right <Enter> <Esc>").await.sees("E-mail or login");
}

#[tokio::test]
async fn an_applicant_asks_for_an_account_and_comes_back_with_the_e_mail() {
    let (mut story, asked) = at(Screen::ClientCenterSignIn(center())).await;
    story.keys("<A-n> oliver@company.example <Tab>").await.types("Oliver Steward").await;
    story.keys("<Tab> 123 <Tab> <Down> <Enter> Offroad <Enter> one <Enter> two <Tab>").await;
    story.sees("Български ▾").sees("one").sees("two");
    story.paste("right,canary\n").keys("<Tab>").await.paste("right,canary");
    story
        .keys("<Enter>")
        .await
        .sees("Your request was taken.")
        .sees("Whoever decides about access at Lagerta Ltd.");
    story.keys("<Enter>").await.sees("oliver@company.example").sees("E-mail or login").sees_no("•");
    let asked = asked.lock().unwrap();
    let Some(Request::SignIn(SignInRequest::CreateAccount(sign_in::CreateAccount { form }))) = asked.last()
    else {
        panic!("{asked:?}")
    };
    let filled = [&form.full_name, &form.phone, &form.language, &form.company, &form.message];
    assert_eq!(filled, ["Oliver Steward", "123", "bg", "Offroad", "one\ntwo"]);
    assert_eq!(form.password.expose(), "right,canary");
    assert!(!format!("{asked:?} {:?}", story.host_effects).contains("canary"));
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_said_at_each_field_and_nothing_is_lost() {
    let (mut story, _) = at(Screen::CreateAccount).await;
    story.keys("<C-s>").await.sees("✗ E-mail is required.").sees("✗ Full Name is required.");
    story.sees("✗ Password is required.");
    story.keys("oliver <Tab> Oliver <S-Tab> <S-Tab> shirt <S-Tab> short <C-s>").await;
    story.sees("✗ The two passwords differ.").keys("<C-u> short <Enter>").await;
    story.sees("✗ This is no e-mail address.").sees("✗ It is too short.").sees("Oliver").sees("•••••");
    // The cursor stands at the first of them.
    story.keys("@company.example").await.sees("oliver@company.example").sees_no("✗ This is");
    story.sees("✗ It is too short.");
}

#[tokio::test]
async fn a_half_filled_account_is_not_left_without_a_question() {
    let (mut story, _) = at(Screen::ClientCenterSignIn(center())).await;
    story.keys("<A-n> <Esc>").await.sees("E-mail or login");
    story.keys("<A-n> oliver <Esc>").await.sees("Create Local Account has changes that are not saved.");
    story.keys("c").await.sees("oliver").keys("<Esc> d").await.sees("E-mail or login");
}

#[tokio::test]
async fn the_language_is_chosen_from_a_list() {
    let (mut story, _) = at(Screen::CreateAccount).await;
    story.keys("<Tab> <Tab> <Tab>").await.sees("English ▾").sees("F4 Drop down");
    story.keys("<F4>").await.sees("Deutsch").keys("<Down> <Down> <Enter>").await.sees("Deutsch ▾");
}

#[tokio::test]
async fn the_form_scrolls_where_it_has_no_room() {
    let (mut story, _) = at(Screen::CreateAccount).await;
    story.resize(60, 16).sees("E-mail").sees_no("Confirm password").sees("▾");
    story.keys("<S-Tab>").await.sees("Confirm password").sees_no("E-mail ").sees("▴");
    story.keys("<Tab>").await.sees("E-mail");
}

#[tokio::test]
async fn a_client_is_selected_before_anything_is_seen() {
    let (mut center, _) = visiting(None).await;
    center.sees("Select Client").sees("Olivia Green #00028  Admin").sees("Nimero Ltd. #00003");
    center.sees("Orders with Prices").sees_no("Esc Close");
    center.keys("<Esc>").await.sees("Select Client");
    center.keys("<Down> <Enter>").await.sees("for Nimero Ltd. #00003").sees_no("Select Client");
}

#[tokio::test]
async fn the_customer_shown_is_the_one_who_is_served_also_when_keys_are_pressed_ahead() {
    let (mut center, _) = visiting(Some(0)).await;
    center.keys("<C-o> <Down>").await.keys_at_once("<Enter> <Esc>").sees("Select Client");
    center.settle().await.sees("for Nimero Ltd. #00003");
    let (mut center, asked) = visiting(None).await;
    center.keys_at_once("<Enter> <End> <Enter>").settle().await.sees("for Olivia Green #00028");
    assert!(!asked.lock().unwrap().contains(&sign_in::SignOut {}.into()));
}

#[tokio::test]
async fn nobody_leaves_a_form_at_which_a_sign_in_is_under_way() {
    let (mut story, asked) = at(Screen::SignIn).await;
    story.keys("mkoleva <Tab> right").await.keys_at_once("<Enter> <A-c>").sees("Sign in to the back office.");
    story.settle().await.sees("⌂");
    assert!(!asked.lock().unwrap().contains(&sign_in::ClientCenters {}.into()));
    let (mut story, _) = at(Screen::SignIn).await;
    story.keys("<A-c> one <Tab> right").await.keys_at_once("<Enter> <Esc>").sees("E-mail or login");
    story.settle().await.sees("for Olivia Green #00028");
    // A sign-in that goes on by itself is one too.
    let (mut story, asked) = at(Screen::ClientCenterSignIn(center())).await;
    story.keys("one <Tab> code <Enter> right <Tab> right").await.keys_at_once("<Enter>");
    story.settle().await.sees("for Olivia Green #00028");
    let enters = |it: &&Request| matches!(it, Request::SignIn(SignInRequest::EnterClientCenter(_)));
    let entered = asked.lock().unwrap().iter().filter(enters).count();
    assert_eq!(entered, 2);
}

#[tokio::test]
async fn a_box_is_emptied_under_a_cyrillic_layout_too() {
    let (mut story, _) = at(Screen::ClientCenterSignIn(center())).await;
    story.sees_no("Ctrl+U").keys("oliver").await.sees("Ctrl+U Clear").keys("<C-г>").await.sees_no("oliver");
    story.keys("<Tab> canary").await.sees("••••••").keys("<C-г>").await.sees_no("•");
}

#[tokio::test]
async fn what_a_sign_in_says_is_read_whole_on_the_smallest_screen() {
    let first = Script(|_| Ok(sign_in::OperatorsExist::reply(false)));
    let mut console = Console::new(open, Theme::plain(), "acme.db");
    console.push(Screen::SignIn);
    let mut story = Harness::new(console, Arc::new(first), 60, 16);
    story.settle().await.sees("nothing to do with one").sees("another.").sees("Password again");
}

#[tokio::test]
async fn whoever_selects_no_client_can_sign_out_or_leave() {
    let (mut center, asked) = visiting(None).await;
    center.keys("<C-q>").await;
    assert_eq!(center.host_effects, [HostEffect::Quit]);
    center.keys("<End> <Enter>").await.sees("E-mail or login").sees_no("Select Client");
    assert!(asked.lock().unwrap().contains(&sign_in::SignOut {}.into()));
}

#[tokio::test]
async fn the_customer_is_switched_and_nothing_typed_is_lost_in_silence() {
    let (mut center, _) = visiting(Some(0)).await;
    center.keys("<C-o>").await.sees("Select Client").sees("Esc Close");
    center.keys("<Esc> draft <C-o>").await.sees("Paper has changes that are not saved.");
    center.keys("d").await.sees("Select Client").keys("<Esc>").await.sees("draft");
    center.keys("<C-o> d <Down> <Enter>").await.sees("for Nimero Ltd. #00003").sees_no("draft");
}

#[tokio::test]
async fn signing_out_asks_about_changes_and_leaves_nothing_behind() {
    let (mut back_office, asked) = at_back_office().await;
    back_office.console.notify(Notice { tone: Tone::Plain, text: "A customer's secret.".to_owned() });
    back_office.keys("draft <C-g> Q").await.sees("Paper has changes that are not saved.");
    back_office.keys("c").await.sees("draft").keys("<C-g> Q d").await.sees("Sign in to the back office.");
    assert!(asked.lock().unwrap().contains(&sign_in::SignOut {}.into()));
    back_office.keys("<C-g> M").await.sees("Nothing was said yet.").sees_no("secret").sees_no("mkoleva");
    let (mut center, _) = visiting(Some(0)).await;
    center.keys("<C-p>").await.types("sign out").await.keys("<Enter>").await.sees("E-mail or login");
}

#[tokio::test]
async fn promise_6_the_lock_shows_nothing_and_comes_back_to_the_same_draft() {
    let (mut back_office, asked) = at_back_office().await;
    back_office.keys("draft").await;
    let (before, cursor) = (back_office.screen(), back_office.cursor());
    back_office.console.nobody_touched(Duration::from_secs(15 * 60));
    assert!(!back_office.console.is_attended());
    seen(&mut back_office).sees("Locked").sees("Nobody has touched a key for 15 minutes. mkoleva goes on");
    back_office.sees_no("draft").sees_no("Paper").sees_no("⌂").sees_no("acme.db").sees_no("F1");
    back_office.keys("<F1> <C-g> <C-p> <A-m> <Esc> <C-c> :").await.sees("Locked").sees_no("Commands");
    back_office
        .keys("<C-u> wrongcanary <Enter>")
        .await
        .sees("✗ Login or password is wrong")
        .sees_no("canary");
    back_office.keys("right <Enter>").await.sees_no("Locked");
    assert_eq!((back_office.screen(), back_office.cursor()), (before, cursor));
    assert!(!format!("{asked:?}").contains("canary"));
}

#[tokio::test]
async fn answers_that_come_while_it_is_locked_are_seen_afterwards() {
    let (mut back_office, _) = at_back_office().await;
    back_office.keys_at_once("<C-r>");
    back_office.console.lock("Locked by hand.".to_owned());
    back_office.settle().await.sees("Locked by hand.").sees_no("well");
    back_office.keys("right <Enter>").await.sees("answered well").sees("said well");
}

#[tokio::test]
async fn leaving_from_the_lock_is_asked_for_twice() {
    let (mut back_office, _) = at_back_office().await;
    back_office.keys("draft").await;
    back_office.console.lock("Locked by hand.".to_owned());
    back_office.keys("<C-q>").await.sees("Ctrl+Q again ends it.").keys("x <C-q>").await.sees("Ctrl+Q again");
    assert!(!back_office.host_effects.contains(&HostEffect::Quit));
    back_office.resize(50, 10).sees("ccdesk needs 60x16");
    back_office.resize(80, 24).keys("<C-q>").await;
    assert_eq!(back_office.host_effects.last(), Some(&HostEffect::Quit));
}

#[tokio::test]
async fn a_visitor_whom_nobody_sees_is_signed_out() {
    let (mut center, _) = visiting(Some(0)).await;
    center.console.nobody_touched(Duration::from_secs(60));
    seen(&mut center)
        .sees("E-mail or login")
        .sees("· Nobody has touched a key for a minute; you are signed out.");
    assert!(!center.console.is_attended());
}

#[tokio::test]
async fn promise_6_an_ended_session_locks_the_back_office_and_signs_a_visitor_out() {
    let ended = |request: Request| match request {
        Request::BackOffice(BackOfficeRequest::Sites(_)) => {
            Err(ServiceError::SignedOut("The login is switched off.".to_owned()))
        }
        other => answer(other),
    };
    let mut console = Console::new(open_papers, Theme::plain(), "acme.db");
    console.sign_in(operator("mkoleva"));
    let mut back_office = Harness::new(console, Arc::new(Script(ended)), 80, 24);
    back_office.keys("draft <C-r>").await.sees("Locked").sees("The login is switched off.").sees_no("draft");
    back_office.keys("right <Enter>").await.sees("draft").sees("returned Written").sees_no("Locked");

    let mut console = Console::new(open_papers, Theme::plain(), "acme.db");
    console.welcome(visitor(Some(0)));
    let mut center = Harness::new(console, Arc::new(Script(ended)), 80, 24);
    center.keys("draft <C-r>").await.sees("E-mail or login").sees("✗ The login is switched off.");
    center.sees_no("draft");
}

#[tokio::test]
async fn with_a_one_time_code_a_password_is_chosen_and_the_sign_in_tried_again() {
    for (screen, login, inside) in [
        (Screen::SignIn, "mkoleva", "mkoleva"),
        (Screen::ClientCenterSignIn(center()), "one", "for Olivia Green #00028"),
    ] {
        let (mut story, asked) = at(screen).await;
        story.keys(login).await.keys("<Tab> codecanary <Enter>").await.sees("Choose a password for");
        story.keys("short <Tab> short <Enter>").await.sees("✗ It is too short.");
        story.keys("<C-u> rightcanary <Tab> <C-u> rightcanary <Enter>").await.sees(inside).sees_no("canary");
        assert!(!format!("{asked:?} {:?}", story.host_effects).contains("canary"));
    }
}

#[tokio::test]
async fn the_own_password_is_changed_by_the_one_so_far() {
    let (mut back_office, asked) = at_back_office().await;
    back_office.keys("<C-g> W").await.sees("Password so far").sees("New password").sees("Confirm password");
    back_office.keys("wrongcanary <Tab> short <Tab> short <Enter>").await.sees("✗ It is too short.");
    back_office.keys("<C-u> rightcanary <Tab> <C-u> rightcanary <Enter>").await;
    back_office.sees("✗ That is not the password so far.");
    back_office
        .keys("rightcanary <C-s>")
        .await
        .sees("✓ The password is changed")
        .sees_no("so far")
        .sees_no("canary");
    assert!(!format!("{asked:?} {:?}", back_office.host_effects).contains("canary"));
}

#[tokio::test]
async fn a_one_time_code_is_seen_once_and_kept_nowhere() {
    let (mut back_office, _) = at_back_office().await;
    let code = Secret::new("K7QM-2XPD-9RTF".to_owned());
    back_office.console.push(Screen::ResetCode("chris@mail.example".to_owned(), code));
    seen(&mut back_office).sees("chris@mail.example").sees("K7QM-2XPD-9RTF").sees("shown only now");
    back_office.keys("<C-A-c> <Esc>").await.sees_no("K7QM").keys("<C-g> M").await.sees_no("K7QM");
    assert!(!format!("{:?}", back_office.host_effects).contains("K7QM"));
}

#[tokio::test]
async fn a_one_time_code_is_shown_although_its_form_was_left_meanwhile() {
    let code = || Secret::new("K7QM-2XPD-9RTF".to_owned());
    let user = Record {
        entity: &user::USER,
        id: RecordId(Uuid::from_u128(7)),
        version: 1,
        values: FieldMap::from([("Login", Value::text("chris")), ("UserType", Value::Code("EXT"))]),
        origin: Origin::default(),
    };
    let service = Arc::new(Script(move |request: Request| match request {
        Request::BackOffice(BackOfficeRequest::LoadRecord(_)) => {
            Ok(back_office::LoadRecord::reply(Arc::new(user.clone())))
        }
        Request::BackOffice(BackOfficeRequest::IssueReset(it)) => {
            Ok(back_office::IssueReset::reply(OneTimeCode { login: it.login, code: code() }))
        }
        request => answer(request),
    }));
    for leaves in ["<Esc>", "<C-n>", "<C-g> k"] {
        let mut console = Console::new(open_papers, Theme::plain(), "acme.db");
        console.sign_in(operator("mkoleva"));
        console.push(Screen::Form(Opening::record(&user::USER, RecordId(Uuid::from_u128(7)), false)));
        let mut back_office = Harness::new(console, Arc::clone(&service), 120, 40);
        back_office.keys("<C-g> I").await.sees("Issue one-time code").keys_at_once("i").keys_at_once(leaves);
        back_office.settle().await.sees("One-time code for chris").sees("K7QM-2XPD-9RTF");
    }
}

/// A service that cannot answer the first question of a screen.
fn late() -> Script<impl Fn(Request) -> Result<Reply, ServiceError> + Send + Sync + 'static> {
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

#[tokio::test]
async fn a_sign_in_that_could_not_ask_who_works_here_still_opens() {
    let mut console = Console::new(open_papers, Theme::plain(), "acme.db");
    console.push(Screen::SignIn);
    let mut story = Harness::new(console, Arc::new(late()), 80, 24);
    story.settle().await.sees("✗ ").sees("Sign in to the back office.");
    story.keys("mkoleva <Tab> right <Enter>").await.sees("mkoleva  acme.db");
}

#[tokio::test]
async fn a_form_that_could_not_be_read_is_read_again() {
    let mut console = Console::new(open_papers, Theme::plain(), "acme.db");
    console.sign_in(operator("mkoleva"));
    console.push(Screen::Form(Opening::new(Draft::new(&user::USER))));
    let mut back_office = Harness::new(console, Arc::new(late()), 120, 40);
    back_office.settle().await.sees("reading…").keys("<F5>").await.sees_no("reading…").sees("not saved yet");
}

//! The demo company, in a file of its own for each story, and a console for it. Clock and ids are handed in: time
//! passes with each new id, and never by reading.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use ccdesk::domain::account_request::Source;
use ccdesk::domain::entities::user;
use ccdesk::domain::model::record::{Draft, Record};
use ccdesk::domain::model::schema::{EntityDef, FieldDef};
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::api::GateAnswer;
use ccdesk::service::api::sign_in::EnterClientCenter;
use ccdesk::service::api::visit::ChooseCustomer;
use ccdesk::service::api::{Question, ServiceSession};
use ccdesk::service::auth::{Origin, Secret, SignInOutcome};
use ccdesk::service::back_office::{self, BackOffice, SignedIn};
use ccdesk::service::client_center::{Visitor, client_center};
use ccdesk::service::exchange::{self, Options};
use ccdesk::service::{Policy, World, database};
use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::records::{self, FindBy};
use ccdesk::tui::console::Console;
use ccdesk::tui::layout_store::Layouts;
use ccdesk::tui::message::{Opening, Screen};
use ccdesk::tui::screens;
use ccdesk::tui::testing::Harness;
use ccdesk::tui::theme::Theme;
use jiff::{SignedDuration, Timestamp};
use ratatui::style::{Modifier, Style};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::StorySteps as _;

/// A console over the real service.
pub(crate) type Story = Harness<ServiceSession>;

/// The usual size of the screen, in columns and lines.
pub(crate) const SCREEN: (u16, u16) = (120, 40);

/// The style of the focused label in the stories' theme; nothing else has it.
pub(crate) const FOCUS: Modifier = Modifier::SLOW_BLINK;

/// The operator of every story.
pub(crate) const OPERATOR: &str = "mkoleva";

/// The login of the demo company's user whose request for an account is pending.
pub(crate) const CHRIS: &str = "chris_armstrong@mail.com";

/// The password of the demo company's visitors.
pub(crate) const QUAY: &str = "a lantern on the quay";

const DEMO: &str = include_str!("../../assets/demo/company.json");
const DUMP: &[u8] = include_bytes!("../data/instance-dump.json");

/// The database files of the companies, each made once in a process and copied for every story.
static DEMO_FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
static DUMP_FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
static EMPTY_FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
static STAFFED_FILE: OnceCell<Vec<u8>> = OnceCell::const_new();

/// The world from 2026-07-01 09:00 UTC on: a second passes with each new id, and ids are counted from `first` on.
fn world(first: u128) -> World {
    let begin: Timestamp = "2026-07-01T09:00:00Z".parse().expect("a moment");
    let made = Arc::new(AtomicI64::new(0));
    let seen = Arc::clone(&made);
    World {
        now: Arc::new(move || begin + SignedDuration::from_secs(seen.load(Ordering::SeqCst))),
        new_id: Arc::new(move || {
            let number = u128::try_from(made.fetch_add(1, Ordering::SeqCst)).expect("counts up");
            RecordId(Uuid::from_u128(first + number))
        }),
        random: Arc::new(chance(first)),
        policy: Policy::default(),
    }
}

/// Bytes that differ for each `seed`, and are the same each time.
fn chance(seed: u128) -> impl Fn(&mut [u8]) {
    let chance = Mutex::new(fastrand::Rng::with_seed(seed as u64));
    move |bytes| chance.lock().expect("one at a time").fill(bytes)
}

/// The origin of every sign-in.
pub(crate) fn origin() -> Origin {
    Origin("clerk@stories".to_owned())
}

/// A story at a console. With the variable `CCDESK_TYPED_AHEAD` its keys do not wait for the answers to those before:
/// every story ends the same (`docs/promises.md`, 33).
fn story(console: Console, session: ServiceSession, size: (u16, u16)) -> Story {
    let mut story = Harness::new(console, Arc::new(session), size.0, size.1);
    story.types_ahead = std::env::var_os("CCDESK_TYPED_AHEAD").is_some();
    story
}

/// The theme of the stories: without colours, with a style for the focused label.
pub(crate) fn theme() -> Theme {
    Theme { focused_label: Style::new().add_modifier(FOCUS), ..Theme::plain() }
}

/// The demo company without its hashes in older formats: while a database holds one, every sign-in does the work of the
/// costliest (`docs/promises.md`, 4), for which an unoptimised build takes seconds.
fn demo() -> Vec<u8> {
    let is_older = |line: &str| line.contains("\"Password\": ") && !line.contains("$argon2id$");
    let current: Vec<&str> = DEMO.lines().filter(|line| !is_older(line)).collect();
    current.join("\n").into_bytes()
}

async fn filled(payload: Vec<u8>) -> Vec<u8> {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("company.db");
    fill(&address(&file), payload).await;
    fs::read(&file).expect("a closed database is one file")
}

/// Creates a company in the database at that address.
async fn fill(url: &str, payload: Vec<u8>) {
    let world = world(0x1_0000);
    let db = database::open(url, Create::IfMissing, &world).await.expect("it opens");
    if !payload.is_empty() {
        let options = Options { login: OPERATOR.to_owned(), ..Options::default() };
        let done = exchange::import(&db, &world, Cursor::new(payload), &options, &mut |_| {}).await;
        assert_eq!(done.expect("readable").failed, 0);
    }
    db.close().await;
}

fn address(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

/// A company. A company in a file is deleted with it.
pub(crate) struct Company {
    /// The open database.
    pub(crate) db: Db,
    world: World,
    url: String,
    directory: Option<TempDir>,
}

impl Company {
    /// The demo company.
    pub(crate) async fn demo() -> Self {
        Self::of(DEMO_FILE.get_or_init(async || filled(demo()).await).await).await
    }

    /// A company that `ccdesk import` has made from a dump of an instance.
    pub(crate) async fn imported() -> Self {
        Self::of(DUMP_FILE.get_or_init(|| filled(DUMP.to_vec())).await).await
    }

    /// A database without operators.
    pub(crate) async fn empty() -> Self {
        Self::of(EMPTY_FILE.get_or_init(|| filled(Vec::new())).await).await
    }

    /// A database with an administrator who has a password, and nothing else.
    pub(crate) async fn with_administrator() -> Self {
        let make = async {
            let company = Self::empty().await;
            let secret = Secret::new("correct horse battery".to_owned());
            back_office::first_operator(&company.db, &world(0x8_0000_0000), "ada", "Ada", &secret)
                .await
                .expect("the first");
            company.db.close().await;
            let directory = company.directory.expect("a file's");
            fs::read(directory.path().join("acme.db")).expect("a closed database is one file")
        };
        Self::of(STAFFED_FILE.get_or_init(|| make).await).await
    }

    async fn of(bytes: &[u8]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let file = directory.path().join("acme.db");
        fs::write(&file, bytes).expect("a copy");
        Self { directory: Some(directory), ..Self::at(address(&file), 0x9_0000_0000).await }
    }

    /// The demo company in the empty database at this address, on either engine.
    pub(crate) async fn demo_at(url: String) -> Self {
        fill(&url, demo()).await;
        Self::at(url, 0x9_0000_0000).await
    }

    async fn at(url: String, first: u128) -> Self {
        let world = world(first);
        let db = database::open(&url, Create::MustExist, &world).await.expect("it opens");
        Self { db, world, url, directory: None }
    }

    /// The same database, opened again later by another program.
    pub(crate) async fn opened_again(&self) -> Self {
        Self::at(self.url.clone(), 0xA_0000_0000).await
    }

    /// The id of the record whose field has this text.
    pub(crate) async fn find(
        &self,
        entity: &'static EntityDef,
        field: &'static FieldDef,
        text: &str,
    ) -> RecordId {
        let mut conn = self.db.read().await.expect("readable");
        let value = Value::text(text);
        let found = records::find(&mut conn, entity, FindBy::Field(field, &value)).await.expect("readable");
        found.unwrap_or_else(|| panic!("there is no {} {text}", entity.name))
    }

    /// The back office of the operator with this login.
    pub(crate) async fn back_office(&self, login: &str) -> BackOffice {
        let operator = self.find(&user::USER, &user::LOGIN.def, login).await;
        back_office::open_without_password(&self.db, &self.world, operator).await.expect("a back office")
    }

    /// A user's record as stored.
    pub(crate) async fn user(&self, login: &str) -> Arc<Record> {
        let id = self.find(&user::USER, &user::LOGIN.def, login).await;
        self.back_office(OPERATOR).await.record(&user::USER, id).await.expect("a record")
    }

    /// Changes a user meanwhile, as another operator.
    pub(crate) async fn meanwhile(&self, by: &str, login: &str, change: impl FnOnce(&mut Draft)) {
        let mut draft = Draft::of(self.user(login).await);
        change(&mut draft);
        self.back_office(by).await.save(&draft, false).await.expect("saved meanwhile");
    }

    /// A console at the time of the company.
    fn new_console(&self) -> Console {
        let mut console = Console::new(screens::open, theme(), "acme.db");
        console.set_now((self.world.now)());
        console.set_shortest_password(self.world.policy.min_password_length);
        console
    }

    /// A console with the operator signed in.
    pub(crate) async fn console(&self) -> Story {
        self.console_of(OPERATOR, SCREEN, Layouts::new()).await
    }

    /// A console with the form of the user with this login open in edit mode.
    pub(crate) async fn editing(&self, login: &str) -> Story {
        let id = self.find(&user::USER, &user::LOGIN.def, login).await;
        let mut story = self.console().await;
        story.opens(Screen::Form(Opening::record(&user::USER, id, true))).await;
        story
    }

    /// A console of the operator with this login, with this size and these layouts.
    pub(crate) async fn console_of(&self, login: &str, size: (u16, u16), layouts: Layouts) -> Story {
        let back_office = self.back_office(login).await;
        let mut console = self.new_console();
        console.sign_in(back_office.who.clone());
        console.lay_out(layouts);
        let session = ServiceSession::of_operator(back_office, origin(), Source::Console);
        story(console, session, size)
    }

    /// A console of the operator with no Client Center site chosen yet.
    pub(crate) async fn console_without_site(&self) -> Story {
        let back_office = self.back_office(OPERATOR).await;
        let mut console = self.new_console();
        console.sign_in(SignedIn { site: None, enterprise_company: None, ..back_office.who.clone() });
        let session = ServiceSession::of_operator(back_office, origin(), Source::Console);
        story(console, session, SCREEN)
    }

    /// A session in which nobody has signed in.
    fn session(&self) -> ServiceSession {
        ServiceSession::new(self.db.clone(), self.world.clone(), origin(), Source::Console)
    }

    /// The session of a visitor of the Client Center `cc26`, at the customer that is shown like this.
    pub(crate) async fn session_of(&self, login: &str, customer: &str) -> (ServiceSession, Visitor) {
        let session = self.session();
        let center = client_center(&self.db, "cc26").await.expect("a Client Center");
        let password = Secret::new(QUAY.to_owned());
        let entered = asks(&session, EnterClientCenter { center, login: login.to_owned(), password }).await;
        let SignInOutcome::Granted(GateAnswer::Admitted(visitor)) = entered else {
            panic!("{login} is not let in: {entered:?}")
        };
        let client = visitor.clients.iter().find(|client| client.customer.shown == customer);
        let customer = client.expect("one of the visitor's").customer.id;
        let visitor = asks(&session, ChooseCustomer { customer }).await;
        (session, *visitor)
    }

    /// A console at this visitor's Home.
    pub(crate) async fn visit(&self, login: &str, customer: &str, size: (u16, u16)) -> Story {
        let (session, visitor) = self.session_of(login, customer).await;
        let mut console = self.new_console();
        console.welcome(visitor);
        story(console, session, size)
    }

    /// A console at the sign-in of the back office.
    pub(crate) async fn sign_in(&self, size: (u16, u16)) -> Story {
        self.console_at(Screen::SignIn, size).await
    }

    /// A console at the sign-in of the Client Center with this URL.
    pub(crate) async fn client_center(&self, url: &str, size: (u16, u16)) -> Story {
        let center = client_center(&self.db, url).await.expect("a Client Center");
        self.console_at(Screen::ClientCenterSignIn(center), size).await
    }

    async fn console_at(&self, start_screen: Screen, size: (u16, u16)) -> Story {
        let mut console = self.new_console();
        console.push(start_screen);
        let mut story = story(console, self.session(), size);
        story.settle().await;
        story
    }
}

/// Asks a question that the service must answer.
async fn asks<Q: Question>(session: &ServiceSession, question: Q) -> Q::Answer {
    let reply = session.answer(question.into()).await.expect("an answer");
    Q::answer(reply).expect("the answer to this question")
}

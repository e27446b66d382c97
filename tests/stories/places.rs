//! The places of the console, as a table: where each begins, and the keys from there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use ccdesk::domain::entities::{company, customer, external_access, party, user, web_site};
use ccdesk::domain::model::schema::EntityDef;
use ccdesk::service::auth::Secret;
use ccdesk::tui::layout_store::Layouts;
use ccdesk::tui::message::{ChoosePassword, Opening, Screen};

use crate::StorySteps;
use crate::company::{CHRIS, Company, OPERATOR, Story};

/// Where the keys begin.
#[derive(Clone, Copy)]
pub(crate) enum Start {
    /// A database without operators.
    FirstRun,
    /// The sign-in of a database with an administrator and nothing else.
    SignIn,
    /// The sign-in of the demo company's back office.
    BackOffice,
    /// The sign-in of the demo company's Client Center `cc26`.
    ClientCenter,
    /// Choosing a password, after a one-time code at the sign-in of the back office.
    WithCode,
    /// The lock, after a quarter of an hour without a key.
    Locked,
    /// Home of the back office.
    Home,
    /// Home of the demo's admin of a Client Center, at the customer shown like this.
    Visit(&'static str),
    /// A list.
    List(&'static EntityDef),
    /// A user's form, by login.
    User(&'static str),
    /// A user's form in edit mode, by login.
    EditUser(&'static str),
    /// A company's form, by party code.
    Party(&'static str),
    /// A customer's form, by number.
    Customer(&'static str),
    /// An access in edit mode, by its notes.
    EditAccess(&'static str),
    /// A site's form in edit mode, by its URL.
    EditSite(&'static str),
}

/// A place: its name, and how it is reached.
pub(crate) struct Place {
    /// Its name in the suite and in its snapshot.
    pub(crate) name: &'static str,
    start: Start,
    keys: &'static str,
}

/// The keys of a request for an account, up to its password.
macro_rules! account {
    ($rest:literal) => {
        concat!(
            "<A-n> oliver@company.example <Tab> Oliver <Tab> +359 <Tab> <Tab> Offroad <Tab> ",
            "Invoices <Enter> please <Tab> ",
            $rest
        )
    };
}

/// The keys of a sign-in with a demo login.
macro_rules! quay {
    ($login:literal) => {
        concat!($login, "<Tab> a<Space>lantern<Space>on<Space>the<Space>quay <Enter>")
    };
}

pub(crate) use quay;

/// A place, with the fields of [`Place`].
pub(crate) const fn place(name: &'static str, start: Start, keys: &'static str) -> Place {
    Place { name, start, keys }
}

const FINE: &str = "chris.armstrong@mail.com";
/// A user with access to two customers, one of them without a location that serves it.
const HALF_SERVED: &str = "hans.mueller@mueller-soehne.example";
/// The notes of an access that ends 30 days back.
const ACCESS: &str = "Given before the request was looked at.";

/// The customers of the demo's admin of a Client Center.
const OLIVIA: &str = "Olivia Green #00028";
const NIMERO: &str = "Nimero Ltd. #00003";

/// Every place.
pub(crate) const PLACES: &[Place] = &[
    place("first run", Start::FirstRun, "ada"),
    place("first run refused", Start::FirstRun, "ada <Tab> Ada <Tab> short <Tab> short <Enter>"),
    place("sign in", Start::SignIn, "mkoleva <Tab> secret"),
    place("sign in refused", Start::SignIn, "mkoleva <Tab> secret <Enter>"),
    place("client centers", Start::BackOffice, "<A-c>"),
    place("client center sign in", Start::ClientCenter, "oliver"),
    place("client center sign in refused", Start::ClientCenter, "oliver <Tab> secret <Enter>"),
    place("client center not active", Start::ClientCenter, quay!("chris_armstrong@mail.com")),
    place("client center select client", Start::ClientCenter, quay!("admin@olivia-green.example")),
    place("create account", Start::ClientCenter, "<A-n>"),
    place("create account language", Start::ClientCenter, "<A-n> <Tab> <Tab> <Tab> <F4>"),
    place("create account filled", Start::ClientCenter, account!("secret <Tab> secret")),
    place("create account refused", Start::ClientCenter, account!("secret <Tab> secret <Enter>")),
    place("create account asks", Start::ClientCenter, account!("<Esc>")),
    place(
        "create account taken",
        Start::ClientCenter,
        account!("brass<Space>kettle,tin<Space>roof <Tab> brass<Space>kettle,tin<Space>roof <Enter>"),
    ),
    place("lock", Start::Locked, "secret"),
    place("lock refused", Start::Locked, "secret <Enter>"),
    place("lock left", Start::Locked, "<C-q>"),
    place("choose a password", Start::WithCode, "secret <Tab> secret"),
    place("choose a password refused", Start::WithCode, "secret <Tab> secret <Enter>"),
    place("change password", Start::Home, "<C-g> W secret <Tab> <Enter>"),
    place("home", Start::Home, ""),
    place("menu", Start::Home, "<A-m> <End>"),
    place("section Security", Start::Home, "<A-m> <End> <Up> <Up> <Up> <Enter>"),
    place("module Setup", Start::Home, "<A-m> <End> <Up> <Up> <Up> <Up> <Up> <Up> <Up> <Enter>"),
    place("history", Start::Home, "<A-m> <End> <Up> <Up> <Enter>"),
    place("history filters", Start::Home, "<A-m> <End> <Up> <Up> <Enter> /"),
    place("history filtered", Start::Home, "<A-m> <End> <Up> <Up> <Enter> / <Down> <Enter> <End> <Enter>"),
    place("history undo refused", Start::Home, "<A-m> <End> <Up> <Up> <Enter> u"),
    place(
        "history undo asks",
        Start::List(&user::USER),
        "/ chris_arm <Enter> x nobody <Enter> <A-m> <End> <Up> <Up> <Enter> u",
    ),
    place("history operation", Start::Home, "<A-m> <End> <Up> <Up> <Enter> <Enter>"),
    place("users", Start::List(&user::USER), ""),
    place("users view pending", Start::List(&user::USER), "]"),
    place("users view blocked filtered", Start::List(&user::USER), "] ] ] / cole"),
    place("users views menu", Start::List(&user::USER), "v"),
    place("users reject asks", Start::List(&user::USER), "] x"),
    place("users reject refused", Start::List(&user::USER), "] x <Space> <Enter>"),
    place("users reopen", Start::List(&user::USER), "/ chris_arm <Enter> x nobody <Enter>"),
    place("users reopen asks", Start::List(&user::USER), "/ chris_arm <Enter> x nobody <Enter> <C-g> R"),
    place("external access", Start::List(&external_access::EXTERNAL_ACCESS), ""),
    place("external access remove asks", Start::List(&external_access::EXTERNAL_ACCESS), "<Del>"),
    place("user approve", Start::List(&user::USER), "] a"),
    place("users filtered", Start::List(&user::USER), "/ <Tab> chris"),
    place("users none found", Start::List(&user::USER), "/ nobodyatall"),
    place("users wrong filter", Start::List(&user::USER), "/ <S-Tab> CC1"),
    place("users values of a filter", Start::List(&user::USER), "/ <S-Tab> <F4>"),
    place("users sorted by two", Start::List(&user::USER), "<Right> s <Left> S"),
    place("users searched", Start::List(&user::USER), "<C-f> armstrong"),
    place("customers", Start::List(&customer::CUSTOMER), ""),
    place("web sites", Start::List(&web_site::WEB_SITE), ""),
    place("user", Start::User(CHRIS), ""),
    place("user fine", Start::User(FINE), ""),
    place("user pane", Start::User(CHRIS), "<F6>"),
    place("user edited", Start::EditUser(CHRIS), ""),
    place("user field menu", Start::EditUser(CHRIS), "<Tab> <Tab> <Tab> <C-g>"),
    place("user field list", Start::EditUser(CHRIS), "<Tab> <Tab> <Tab> <F4>"),
    place("user select by navigator", Start::EditUser(CHRIS), "<Tab> <Tab> <Tab> <F9>"),
    place("user changed", Start::EditUser(CHRIS), "<Tab> X"),
    place("user refused", Start::EditUser(CHRIS), "<C-u> <C-s>"),
    place("user question", Start::EditUser(CHRIS), "<Tab> X <Esc>"),
    place("user help on a field", Start::EditUser(CHRIS), "<Tab> <Tab> <Tab> <F1>"),
    place("user help on a code", Start::User(CHRIS), "<F6> <F1>"),
    place("user customize form", Start::User(CHRIS), "<C-g> k"),
    place("user breadcrumb", Start::User(CHRIS), "<A-b>"),
    place("user F8 to a new person", Start::User(CHRIS), "<F8>"),
    place("user F8 person filled", Start::User(CHRIS), "<F8> <Enter>"),
    place("user F8 to a new customer", Start::User(CHRIS), "<F8> <Enter> <F8>"),
    place("user F8 repaired", Start::User(CHRIS), "<F8> <Enter> <F8> <F8>"),
    place("user after repair", Start::User(CHRIS), "<F8> <Enter> <F8> <F8> <C-s>"),
    place(
        "person new asks",
        Start::List(&ccdesk::domain::entities::person::PERSON),
        "<C-n> <Tab> <Tab> A <C-s>",
    ),
    place("party", Start::Party("00005"), ""),
    place("party with customers", Start::Party("00001"), "<C-g> k <Space> <Enter> <F6>"),
    place("party new customer kinds", Start::Party("00005"), "<C-g> k <Space> <Enter> <F6> <C-n>"),
    place("party new customer wholesale", Start::Party("00005"), "<C-g> k <Space> <Enter> <F6> <C-n> 2"),
    place("site with broken settings", Start::EditSite("cc-broken-settings"), ""),
    place("customer with external access", Start::Customer("00003"), "<F6>"),
    place("user at cc26", Start::User(CHRIS), "<C-o> <Down> <Enter>"),
    place("user at cc26 pane", Start::User(CHRIS), "<C-o> <Down> <Enter> <F6>"),
    place("user at cc26 F8 to external access", Start::User(CHRIS), "<C-o> <Down> <Enter> <F8>"),
    place("user at cc26 F8 repaired", Start::User(CHRIS), "<C-o> <Down> <Enter> <F8> <Enter> <F8>"),
    place("user half served", Start::User(HALF_SERVED), "<C-o> <Down> <Enter>"),
    place("user half served pane", Start::User(HALF_SERVED), "<C-o> <Down> <Enter> <F6> <Down> <Down>"),
    place("user one-time code question", Start::User(CHRIS), "<C-g> I"),
    place("user one-time code", Start::User(CHRIS), "<C-g> I i"),
    place("user menu", Start::User(CHRIS), "<C-g>"),
    place("grant", Start::User(CHRIS), "<C-o> <Down> <Enter> <C-g> g"),
    place("grant marked", Start::User(CHRIS), "<C-o> <Down> <Enter> <C-g> g <Space> <Space> / tb"),
    place(
        "grant refused",
        Start::User(HALF_SERVED),
        "<C-o> <Down> <Enter> <C-g> g / nimero <Enter> <Space> <C-s>",
    ),
    place("grant typed", Start::User(CHRIS), "<C-o> <Down> <Enter> <C-g> g <Tab> <Tab> <C-u> 3.5 <C-s>"),
    place("sign-in preview", Start::User(HALF_SERVED), "<C-g> i"),
    place("sign-in preview of nobody", Start::User("sales-desk"), "<C-g> i"),
    place("days back", Start::EditAccess(ACCESS), "<Tab> <Tab> <Tab>"),
    place("days back empty", Start::EditAccess(ACCESS), "<Tab> <Tab> <Tab> <C-u>"),
    place("days back -1", Start::EditAccess(ACCESS), "<Tab> <Tab> <Tab> <C-u> -1 <Tab>"),
    place("days back 3.5", Start::EditAccess(ACCESS), "<Tab> <Tab> <Tab> <C-u> 3.5 <Tab>"),
    place("days back too many", Start::EditAccess(ACCESS), "<Tab> <Tab> <Tab> <C-u> 9999999999 <Tab>"),
    place("days back letters", Start::EditAccess(ACCESS), "<Tab> <Tab> <Tab> <C-u> many <C-s>"),
    place("client center home", Start::Visit(OLIVIA), ""),
    place("client center menu", Start::Visit(OLIVIA), "m"),
    place("client center palette", Start::Visit(OLIVIA), "<C-p>"),
    place("client center profile", Start::Visit(OLIVIA), "<End> <Enter>"),
    place("user management", Start::Visit(OLIVIA), "<Enter>"),
    place("user management add", Start::Visit(OLIVIA), "<Enter> <C-n>"),
    place("user management add unknown", Start::Visit(OLIVIA), "<Enter> <C-n> who@nowhere.example <Tab>"),
    place("user management add found", Start::Visit(OLIVIA), "<Enter> <C-n> chris_armstrong@mail.com <Tab>"),
    place(
        "user management add again",
        Start::Visit(NIMERO),
        "<Enter> <C-n> admin@olivia-green.example <Tab>",
    ),
    place(
        "user management add switched off",
        Start::Visit(OLIVIA),
        "<Enter> <C-n> frank.dunn@northgate-tools.example <Tab>",
    ),
    place(
        "user management add anyway",
        Start::Visit(OLIVIA),
        "<Enter> <C-n> frank.dunn@northgate-tools.example <C-s>",
    ),
    place("user management roles", Start::Visit(OLIVIA), "<Enter> <C-n> <Tab> <F4>"),
    place("user management edit", Start::Visit(NIMERO), "<Enter> e"),
    place("user management bad days", Start::Visit(NIMERO), "<Enter> e <Tab> <C-u> -1 <Tab>"),
    place("user management above", Start::Visit(NIMERO), "<Enter> / <Tab> owner <Enter> <Del>"),
    place("user management remove asks", Start::Visit(OLIVIA), "<Enter> <Del>"),
    place("user management leaving asks", Start::Visit(OLIVIA), "<Enter> <C-n> x <Esc>"),
    place("sites", Start::List(&user::USER), "<C-o>"),
    place("palette", Start::User(CHRIS), "<C-p>"),
    place("palette searched", Start::User(CHRIS), "<C-p> save"),
    place("keys of a list", Start::Home, "<F1>"),
    place("messages none", Start::List(&user::USER), "<C-g> M"),
    place("messages", Start::EditUser(CHRIS), "<C-u> <C-s> <C-c> <C-g> M"),
];

/// The type paths of all components in `src/tui`, read from the lines that begin `impl Component for`; those of tests
/// are left out.
pub(crate) fn components() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.join("tui")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the source") {
            let path = entry.expect("a file of the source").path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
            {
                let module = path.strip_prefix(&src).expect("below src").with_extension("");
                let module = module.to_string_lossy().replace('/', "::");
                let text = fs::read_to_string(&path).expect("source");
                let implementing = text.lines().filter_map(|line| line.strip_prefix("impl Component for "));
                let types = implementing.map(|rest| rest.trim_end_matches([' ', '{', '}']));
                found.extend(types.map(|name| format!("ccdesk::{module}::{name}")));
            }
        }
    }
    found
}

/// Asserts that each component is in front in one of the places that were `seen`, and that each that was seen is known
/// to [`components`].
pub(crate) fn assert_each_component_is_seen(seen: &BTreeSet<&str>, table: &str) {
    let all = components();
    let missing: Vec<&str> = all.iter().map(String::as_str).filter(|name| !seen.contains(name)).collect();
    assert!(missing.is_empty(), "{table} has no place with {}", missing.join(", "));
    let unknown: Vec<&&str> = seen.iter().filter(|name| !all.contains(**name)).collect();
    assert!(unknown.is_empty(), "these are not read from the source: {unknown:?}");
}

/// Runs a story over all places on two threads, and returns what it has found in the order of the places.
pub(crate) fn on_two_threads<T: Send>(
    places: &'static [Place],
    story: impl AsyncFn(&'static [Place]) -> Vec<T> + Sync,
) -> Vec<T> {
    let run = |places| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(story(places))
    };
    let (first, second) = places.split_at(places.len() / 2);
    std::thread::scope(|scope| {
        // The usual stack of a thread is too small for an unoptimised build.
        let spawn = |places| {
            let thread = std::thread::Builder::new().stack_size(16 << 20);
            thread.spawn_scoped(scope, move || run(places)).expect("a thread")
        };
        let threads = [first, second].map(spawn);
        threads.into_iter().flat_map(|thread| thread.join().expect("run to its end")).collect()
    })
}

impl Place {
    /// Goes to the place, on a screen of this size.
    pub(crate) async fn reach(&self, size: (u16, u16)) -> (Company, Story) {
        let company = match self.start {
            Start::FirstRun => Company::empty().await,
            Start::SignIn => Company::with_administrator().await,
            _ => Company::demo().await,
        };
        let mut story = match self.start {
            Start::FirstRun | Start::SignIn | Start::BackOffice | Start::WithCode => {
                company.sign_in(size).await
            }
            Start::ClientCenter => company.client_center("cc26", size).await,
            Start::Visit(customer) => company.visit("admin@olivia-green.example", customer, size).await,
            _ => company.console_of(OPERATOR, size, Layouts::new()).await,
        };
        if let Some(screen) = self.start.screen(&company).await {
            story.opens(screen).await;
        }
        if let Start::Locked = self.start {
            story.settle().await.console.nobody_touched(Duration::from_secs(15 * 60));
        }
        story.keys(self.keys).await;
        (company, story)
    }
}

impl Start {
    async fn screen(self, company: &Company) -> Option<Screen> {
        let (entity, field, text, edit): (&EntityDef, _, _, _) = match self {
            Self::FirstRun | Self::SignIn | Self::BackOffice | Self::ClientCenter => return None,
            Self::WithCode => {
                let code = Secret::new("ABCDE-FGHJK-LMNPQ-RSTUV".to_owned());
                let choose = ChoosePassword::WithCode { login: "dpetrov".to_owned(), code };
                return Some(Screen::ChoosePassword(choose));
            }
            Self::Locked | Self::Home | Self::Visit(_) => return None,
            Self::List(entity) => return Some(Screen::Navigator(entity)),
            Self::User(login) => (&user::USER, &user::LOGIN.def, login, false),
            Self::EditUser(login) => (&user::USER, &user::LOGIN.def, login, true),
            Self::Party(code) => (&company::COMPANY, &party::PARTY_CODE.def, code, false),
            Self::Customer(number) => (&customer::CUSTOMER, &customer::NUMBER.def, number, false),
            Self::EditAccess(notes) => {
                (&external_access::EXTERNAL_ACCESS, &external_access::NOTES.def, notes, true)
            }
            Self::EditSite(url) => (&web_site::WEB_SITE, &web_site::RELATIVE_URL.def, url, true),
        };
        let id = company.find(entity, field, text).await;
        Some(Screen::Form(Opening::record(entity, id, edit)))
    }
}

//! What travels between components, the console and the runtime: plain data, so that a test can compare it.

use std::sync::Arc;

use crossterm::event::KeyEvent;

use crate::domain::access::{Code, Place};
use crate::domain::change::Change;
use crate::domain::navigate::{Filter, Page, Query, Stretch};
use crate::domain::record::{Draft, Record};
use crate::domain::rules::Issue;
use crate::domain::schema::{EntityDef, FieldDef};
use crate::domain::value::{RecordId, Reference, Value, Version};
use crate::service::access::Judged;
use crate::service::client_center::{ClientCenter, FoundUser, Managing, Preview, Visitor};
use crate::service::grants::Grants;
use crate::service::requests::AccountForm;
use crate::service::session::{Secret, SiteChoice};
use crate::service::{ServiceError, SignedIn};
use crate::tui::command::Action;

/// Identifies a layer for as long as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayerId(pub u64);

/// What a layer asks for, one answer at a time each: a new question of the same kind replaces the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Rows of the list in front, by the place of the list within the layer.
    Rows(usize),
    /// How many rows there are.
    Count(usize),
    /// The record of a form.
    Record,
    /// What follows from a choice just made in the field of that property.
    Consequences(&'static str),
    /// The choices of the reference field with the cursor.
    Choices,
    /// The list of everything that the reference field of that property may point at.
    ChoicesQuery(&'static str),
    /// The kinds of record that the panel of that place can create.
    Kinds(usize),
    /// The codes of a draft.
    Codes,
    /// The changes of a record.
    History,
    /// The sites to choose from.
    Sites,
    /// How many rows a named view has, by its place among the entity's views.
    View(usize),
    /// How many requests wait.
    Waiting,
    /// How many users each code stops.
    Blocked,
    /// The user of an e-mail.
    User,
    /// What a sign-in would come to.
    Preview,
    /// A write. Never replaced and never given up.
    Write,
}

/// Carried by each answer back to its question. An answer whose ticket is not the newest of its slot is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// Who asked.
    pub layer: LayerId,
    /// What for.
    pub slot: Slot,
    /// Which of that layer's questions.
    pub serial: u64,
}

/// What a component is told.
#[derive(Debug)]
pub enum Event {
    /// A command was given, by key, menu or palette.
    Command(Action),
    /// A key that is no command here.
    Key(KeyEvent),
    /// Pasted text; never commands.
    Paste(String),
    /// The answer to the newest question of a slot.
    Reply(Slot, Result<Reply, ServiceError>),
    /// The layer above was closed. A command chosen from a menu or the palette arrives as [`Event::Command`]
    /// instead, and where something was written meanwhile, [`Outcome::Written`] takes the place of
    /// [`Outcome::Cancelled`] or follows any other outcome.
    Returned(Outcome),
}

/// What a component wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the service.
    Run(Ticket, Request),
    /// Open a layer on top.
    Push(Screen),
    /// Close this layer and tell the one below.
    Pop(Outcome),
    /// Close every layer above this one, as when a level of the breadcrumb is chosen.
    BackTo(usize),
    /// Say something in the message line and the log.
    Notify(Notice),
    /// Copy a value: as text on the terminal's clipboard (OSC 52), and as it is for [`Cx::copied`].
    ///
    /// [`Cx::copied`]: crate::tui::component::Cx::copied
    Copy(String, Value),
    /// An operator signed in.
    SignedIn(SignedIn),
    /// A visitor was let in to a Client Center, or chose another customer there.
    Visits(Visitor),
    /// Whoever was signed in leaves; the sign-in of that Client Center opens, or that of the back office.
    SignOut(Option<ClientCenter>),
    /// Another site became the current one.
    AtSite(SiteChoice),
    /// Keep how a form or list is laid out, under this name.
    KeepLayout(String, Vec<String>),
    /// Leave the program.
    Quit,
}

/// Something to open.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// Signing in, or creating the first administrator.
    SignIn,
    /// Choosing a Client Center to sign in to.
    ClientCenters,
    /// The sign-in of a Client Center.
    ClientCenterDoor(ClientCenter),
    /// Create Local Account, from the sign-in of a Client Center.
    CreateAccount(ClientCenter),
    /// Account not active: what a sign-in to that Client Center came to.
    NotActive(ClientCenter, Code),
    /// Select Client: the customers of the visitor.
    SelectClient,
    /// A place of the Client Center.
    ClientPlace(Place),
    /// Choosing a password: with the one-time code that was typed at a sign-in, or in place of the one so far.
    ChoosePassword(ChoosePassword),
    /// Nobody sees what was open until its operator gives the password again. This says why.
    Lock(String),
    /// What a sign-in of a user would come to: the user and how it is shown.
    SignInPreview(Reference),
    /// Granting a user access to several customers in one step.
    Grant(Reference),
    /// A few words are asked for, such as a reason.
    Ask(AskScreen),
    /// A one-time code, shown this once.
    ResetCode(String, Secret),
    /// Where everything begins.
    Home,
    /// A section of the menu, as cards: module and section; an empty section is the whole module.
    Section(&'static str, &'static str),
    /// The list of an entity.
    Navigator(&'static EntityDef),
    /// The list of an entity in one of its named views.
    View(&'static EntityDef, &'static str),
    /// The list of an entity, to choose one record from for a reference field.
    Pick(Query),
    /// A record.
    Form(Opening),
    /// A user whose request is to be seen through: the form goes to the first problem.
    Approve(&'static EntityDef, RecordId),
    /// A new record, created for a field of the form below: saved, it comes back as the choice.
    New(Opening),
    /// A short list of things to do.
    Menu(MenuScreen),
    /// A question that must be answered.
    Question(Question),
    /// What F1 says.
    Help(HelpTopic),
    /// Every command there is here.
    Palette(Vec<crate::tui::command::Command>),
    /// The Client Center sites to choose the current one from.
    Sites,
    /// Which fields and panels a form shows.
    Customize(CustomizeScreen),
    /// What was said so far, oldest first.
    Messages(Vec<Notice>),
}

/// For what a password is chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum ChoosePassword {
    /// With a one-time code; then the door is tried again with the new password.
    WithCode {
        /// The name to sign in with.
        login: String,
        /// The code.
        code: Secret,
    },
    /// By the password so far.
    Change,
}

/// A question that is answered in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskScreen {
    /// Its heading.
    pub title: String,
    /// What is asked.
    pub question: String,
    /// The most characters of the answer, which is required.
    pub most: usize,
}

/// How a form is opened.
#[derive(Clone, Debug, PartialEq)]
pub enum Opening {
    /// A record that exists.
    Record {
        /// What it is.
        entity: &'static EntityDef,
        /// Which one.
        id: RecordId,
        /// In edit mode.
        edit: bool,
        /// With the cursor here.
        at: Option<Spot>,
        /// With these values put in, not yet saved.
        filled: Vec<(&'static FieldDef, Value)>,
        /// To repair a problem of the form below; F8 goes on there.
        repairs: bool,
    },
    /// A new record.
    New {
        /// With these values, besides what a new record begins with.
        draft: Draft,
        /// With the cursor here.
        at: Option<Spot>,
        /// What kind of record it is, for its title: `Wholesale`.
        kind: Option<String>,
        /// To repair a problem of the form below; F8 goes on there.
        repairs: bool,
    },
}

impl Opening {
    /// A record, to look at or to edit.
    pub fn record(entity: &'static EntityDef, id: RecordId, edit: bool) -> Self {
        Self::Record { entity, id, edit, at: None, filled: Vec::new(), repairs: false }
    }

    /// A new record with these values.
    pub fn new(draft: Draft) -> Self {
        Self::New { draft, at: None, kind: None, repairs: false }
    }
}

/// A place in a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// The field.
    pub field: &'static FieldDef,
    /// For a reference: what to look up at once, without choosing.
    pub look_up: Option<String>,
    /// For a reference: what the records on offer satisfy besides what the field itself asks.
    pub among: Option<Filter>,
    /// For text of several lines: line and column, both from 1.
    pub text_at: Option<(usize, usize)>,
}

impl Spot {
    /// A field.
    pub fn at(field: &'static FieldDef) -> Self {
        Self { field, look_up: None, among: None, text_at: None }
    }

    /// A reference field with its list down, looking for this text.
    pub fn looking_up(field: &'static FieldDef, text: &str) -> Self {
        Self { look_up: Some(text.to_owned()), ..Self::at(field) }
    }
}

/// How a layer ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing came of it.
    Cancelled,
    /// A record was chosen or created.
    Chosen(Reference, &'static EntityDef),
    /// The entry of a menu or the answer to a question, by its place.
    Answer(usize),
    /// What was answered in a few words.
    Words(String),
    /// This password was chosen with a one-time code: the door is to be tried again with it.
    PasswordChosen(Secret),
    /// A command was chosen from a menu or the palette.
    Command(Action),
    /// A form was customised: what it hides, and the panels it shows.
    Customized(Vec<String>),
    /// A record was written meanwhile: what shows it should read again.
    Written,
    /// The problem was seen to, with this record when one was created for it: go on to the next one.
    GoOn(Option<Reference>),
}

/// A pop-up list.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuScreen {
    /// Its heading.
    pub title: String,
    /// Its entries.
    pub entries: Vec<MenuEntry>,
}

impl MenuScreen {
    /// A list of values to choose one from: the choice is an [`Outcome::Answer`] with its place.
    pub fn choices(title: &str, labels: impl IntoIterator<Item = String>) -> Self {
        let entry = |(place, label): (usize, String)| MenuEntry {
            letter: None,
            label,
            note: String::new(),
            enabled: true,
            choice: Outcome::Answer(place),
        };
        Self { title: title.to_owned(), entries: labels.into_iter().enumerate().map(entry).collect() }
    }
}

/// One entry of a pop-up list.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuEntry {
    /// The letter that chooses it at once.
    pub letter: Option<char>,
    /// What it says.
    pub label: String,
    /// The key that does the same without the menu, or why it cannot be chosen.
    pub note: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// What choosing it means.
    pub choice: Outcome,
}

/// A question with a few answers; the first is the safe one.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Its heading.
    pub title: String,
    /// What is asked, one line each.
    pub lines: Vec<String>,
    /// The answers, each with its letter.
    pub answers: Vec<(char, String)>,
}

impl Question {
    /// Whether to close what has changes. The answers are Cancel, Save changes and Discard changes.
    pub fn closing(what: &str) -> Self {
        let answers = [('c', "Cancel"), ('s', "Save changes"), ('d', "Discard changes")];
        Self {
            title: "Close".to_owned(),
            lines: vec![format!("{what} has changes that are not saved.")],
            answers: answers.map(|(letter, label)| (letter, label.to_owned())).to_vec(),
        }
    }

    /// Whether to save although something should be looked at. The second answer saves.
    pub fn save_anyway(issues: &[Issue]) -> Self {
        Self {
            title: "Save anyway?".to_owned(),
            lines: issues.iter().map(|issue| issue.message.clone()).collect(),
            answers: vec![('b', "Back to the form".to_owned()), ('s', "Save anyway".to_owned())],
        }
    }
}

/// What help is about.
#[derive(Clone, Debug, PartialEq)]
pub enum HelpTopic {
    /// A field.
    Field(&'static FieldDef),
    /// A code.
    Code(Code),
    /// The keys that work here.
    Keys(Vec<crate::tui::command::Command>),
}

/// What Customize form begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomizeScreen {
    /// The form's entity.
    pub entity: &'static EntityDef,
    /// Property names and panel titles, in order, each with whether it is shown.
    pub items: Vec<(String, bool)>,
}

/// Something said to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How grave it is.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
}

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// Worth knowing.
    Plain,
    /// It did not work.
    Bad,
}

/// A question to the service.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Whether an operator exists.
    Begin,
    /// The first administrator.
    FirstOperator {
        /// The name to sign in with.
        login: String,
        /// The name shown.
        name: String,
        /// The password.
        password: Secret,
    },
    /// Sign in to the back office.
    SignIn {
        /// The name to sign in with.
        login: String,
        /// The password.
        password: Secret,
    },
    /// Choose a password with a one-time code.
    ChoosePassword {
        /// The name to sign in with.
        login: String,
        /// The code.
        code: Secret,
        /// The new password.
        new: Secret,
    },
    /// Choose another password by the one so far.
    ChangePassword {
        /// The one so far.
        so_far: Secret,
        /// The new one.
        new: Secret,
    },
    /// Go on where the operator was, by the password.
    Unlock(Secret),
    /// Leave.
    SignOut,
    /// Issue a one-time code for a user.
    IssueReset(RecordId),
    /// The Client Centers that answer.
    ClientCenters,
    /// Sign in to a Client Center.
    Enter {
        /// Which.
        center: ClientCenter,
        /// The name to sign in with.
        login: String,
        /// The password.
        password: Secret,
    },
    /// Ask for an account.
    CreateAccount(AccountForm),
    /// See another customer's data.
    ChooseClient(RecordId),
    /// The profile of the customer that was chosen.
    Profile,
    /// The user of exactly that e-mail.
    FindUser(String),
    /// Add, change or end an access in User Management; `true` goes on where it would only ask.
    Manage(Managing, bool),
    /// What a sign-in of a user would come to.
    SignInPreview(RecordId),
    /// Grant access to several customers; `true` goes on where it would only ask.
    Grant(Grants, bool),
    /// Remove a record, by the version that was read.
    Remove(&'static EntityDef, RecordId, Version),
    /// Turn a user's request down, for this reason.
    Reject(RecordId, String),
    /// Open a rejected request again.
    Reopen(RecordId),
    /// How many requests wait.
    Waiting,
    /// How many users each code stops first.
    Blocked,
    /// A stretch of a list.
    Rows(Query, Stretch, u16),
    /// How long it is.
    Count(Query),
    /// A record.
    Record(&'static EntityDef, RecordId),
    /// A new record with these values, and what a new one begins with.
    Begun(Draft),
    /// What follows from the choice made in this reference field.
    Consequences(Draft, &'static FieldDef),
    /// What a reference field of this draft may point at, containing this text.
    Choices(Draft, &'static FieldDef, String),
    /// The list of everything a reference field of this draft may point at.
    ChoicesQuery(Draft, &'static FieldDef),
    /// The sites for which users can be judged.
    Sites,
    /// The codes of a user's draft at the current site.
    Codes(Draft),
    /// The changes of a record, newest first.
    History(&'static EntityDef, RecordId),
    /// Write a draft; `true` goes on where a save would only ask.
    Save(Draft, bool),
}

/// An answer of the service.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Whether somebody can sign in already.
    Begin {
        /// An operator with a password exists.
        operators_exist: bool,
    },
    /// An operator signed in.
    SignedIn(SignedIn),
    /// The password was a one-time code: another one is to be chosen.
    ChoosePassword,
    /// A new password is in place.
    PasswordChosen,
    /// The operator goes on.
    Unlocked,
    /// Nobody is signed in any more.
    SignedOut,
    /// A one-time code.
    ResetCode(Secret),
    /// Client Centers.
    ClientCenters(Vec<ClientCenter>),
    /// A visitor was let in, or sees another customer's data.
    Visits(Box<Visitor>),
    /// Account not active.
    NotActive(Code),
    /// The request for an account was taken, whatever comes of it.
    AccountRequested,
    /// Labels and texts of the customer's profile.
    Profile(Vec<(&'static str, String)>),
    /// A user to add.
    FoundUser(FoundUser),
    /// An access was added, changed or ended, or a record removed.
    Done,
    /// What a sign-in would come to, site by site.
    SignInPreview(Vec<Preview>),
    /// Rows.
    Rows(Page),
    /// How long a list is.
    Count(i64),
    /// The codes that stop anybody, each with how many.
    Blocked(Vec<(Code, i64)>),
    /// A record.
    Record(Arc<Record>),
    /// A draft with what follows.
    Draft(Draft),
    /// Codes; `None` without a Client Center site.
    Codes(Option<Box<Judged>>),
    /// What a reference field may point at, as a list; `None` while the field that limits it is empty.
    ChoicesQuery(Option<Query>),
    /// Sites to choose from.
    Sites(Vec<SiteChoice>),
    /// Changes.
    History(Vec<Change>),
    /// Written, and read again.
    Saved(Arc<Record>),
}

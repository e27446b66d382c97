//! The screens that can be opened, what they are opened with, and how they end.

use crate::domain::codes::{Code, Place};
use crate::domain::model::history::Operation;
use crate::domain::model::query::{Filter, ListQuery};
use crate::domain::model::record::Draft;
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::domain::rules::Issue;
use crate::service::auth::Secret;
use crate::service::client_center::ClientCenter;
use crate::tui::command::{Action, Command, OwnKey};
use crate::tui::message::LogEntry;

/// A screen to open.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// Signing in, or creating the first administrator.
    SignIn,
    /// Choosing a Client Center to sign in to.
    ClientCenters,
    /// The sign-in of a Client Center.
    ClientCenterSignIn(ClientCenter),
    /// Create Local Account, from the sign-in of a Client Center.
    CreateAccount,
    /// Account not active: a sign-in to this Client Center was stopped by this code.
    NotActive(ClientCenter, Code),
    /// Select Client: the customers of the visitor.
    SelectClient,
    /// A place of the Client Center.
    ClientPlace(Place),
    /// Choosing a password.
    ChoosePassword(ChoosePassword),
    /// The lock of the console; the sentence says why it is locked.
    Lock(String),
    /// The sign-in preview of this user.
    SignInPreview(Reference),
    /// Granting a user access to several customers in one step.
    Grant(Reference),
    /// A question that is answered with a few words, such as a reason.
    Ask(AskScreen),
    /// A question that is answered with the name of a file, of which this one is proposed.
    FileName(AskScreen, String),
    /// A one-time code, shown once: the login, and the code.
    ResetCode(String, Secret),
    /// Home of the back office.
    Home,
    /// A section of the menu, as cards: module and section; an empty section is the whole module.
    Section(&'static str, &'static str),
    /// The list of an entity.
    Navigator(&'static EntityDef),
    /// The list of an entity in one of its named views.
    View(&'static EntityDef, &'static str),
    /// This list, to choose one record from for a reference field.
    Pick(ListQuery),
    /// The history of all records, by operation.
    History,
    /// The entries of an operation.
    Operation(Box<Operation>),
    /// A record.
    Form(Opening),
    /// The form of a user whose request is to be approved; the cursor goes to the first problem.
    Approve(&'static EntityDef, RecordId),
    /// A new record, created for a field of the form below: once saved, it becomes the choice there.
    New(Opening),
    /// A pop-up list to choose from.
    Menu(MenuScreen),
    /// A question that must be answered.
    Question(Question),
    /// Help on a topic.
    Help(HelpTopic),
    /// The palette: every command that can be given here.
    Palette(Offer),
    /// The list of Client Center sites, to choose the current one.
    Sites,
    /// Customize form: which fields and panels a form shows.
    Customize(CustomizeScreen),
    /// The message log, the oldest message first.
    Messages(Vec<LogEntry>),
}

/// How a password is chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum ChoosePassword {
    /// With a one-time code that was typed at a sign-in, which is then repeated with the new password.
    WithCode {
        /// The login.
        login: String,
        /// The code.
        code: Secret,
    },
    /// With the present password, by whoever is signed in.
    Change,
}

/// A question that is answered with a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskScreen {
    /// Its heading.
    pub title: String,
    /// The question.
    pub question: String,
    /// The most characters of the answer, which is required.
    pub most: usize,
}

/// How a form is opened.
#[derive(Clone, Debug, PartialEq)]
pub enum Opening {
    /// A record that exists.
    Record {
        /// The entity.
        entity: &'static EntityDef,
        /// The record.
        id: RecordId,
        /// Whether it opens in edit mode.
        edit: bool,
        /// With the cursor here.
        at: Option<FormPosition>,
        /// Values that are put in and not yet saved.
        filled: Vec<(&'static FieldDef, Value)>,
        /// Whether it repairs a problem of the form below; F8 then goes back there and on.
        repairs: bool,
    },
    /// A new record.
    New {
        /// The values that it begins with, besides those that the service fills in.
        draft: Draft,
        /// With the cursor here.
        at: Option<FormPosition>,
        /// What kind of record it is, for its title: `Wholesale`.
        kind: Option<String>,
        /// Whether it repairs a problem of the form below; F8 then goes back there and on.
        repairs: bool,
    },
}

impl Opening {
    /// A record, in view or edit mode.
    pub fn record(entity: &'static EntityDef, id: RecordId, edit: bool) -> Self {
        Self::Record { entity, id, edit, at: None, filled: Vec::new(), repairs: false }
    }

    /// A new record with these values.
    pub fn new(draft: Draft) -> Self {
        Self::New { draft, at: None, kind: None, repairs: false }
    }
}

/// A position in a form.
#[derive(Clone, Debug, PartialEq)]
pub struct FormPosition {
    /// The field.
    pub field: &'static FieldDef,
    /// For a reference: the text that is looked up at once, without choosing.
    pub look_up: Option<String>,
    /// For a reference: a filter on the records offered, besides the field's own.
    pub among: Option<Filter>,
    /// For text of several lines: line and column, both counted from 1.
    pub text_at: Option<(usize, usize)>,
    /// For a JSON object: the known key for which a record is chosen at once.
    pub key: Option<&'static str>,
}

impl FormPosition {
    /// A field.
    pub fn at(field: &'static FieldDef) -> Self {
        Self { field, look_up: None, among: None, text_at: None, key: None }
    }

    /// A reference field with its list open, looking for this text.
    pub fn looking_up(field: &'static FieldDef, text: &str) -> Self {
        Self { look_up: Some(text.to_owned()), ..Self::at(field) }
    }
}

/// How a layer ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was closed without a result.
    Cancelled,
    /// A record was chosen or created.
    Chosen(Reference),
    /// The index of the menu entry or answer that was chosen.
    Answer(usize),
    /// The answer to a question that asks for a few words.
    Words(String),
    /// The password that was chosen with a one-time code: the sign-in is repeated with it.
    PasswordChosen(Secret),
    /// A command was chosen from a menu or the palette.
    Command(Action),
    /// Customize form was saved: the items of the layout, as it is kept.
    Customized(Vec<String>),
    /// A record was written while the layer above was open.
    Written,
    /// Every key that works in the place below is asked for.
    AllKeys,
    /// The problem was repaired, by this record when one was created: go on to the next one.
    GoOn(Option<Reference>),
}

/// A pop-up list to choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuScreen {
    /// Its heading.
    pub title: String,
    /// Its entries.
    pub entries: Vec<MenuEntry>,
    /// The index of the entry that is in effect now: it is marked, and has the cursor at first.
    pub current: Option<usize>,
}

impl MenuScreen {
    /// A list of values, of which `current` is in effect; the choice is an [`Outcome::Answer`] with its index.
    pub fn choices(title: &str, labels: impl IntoIterator<Item = String>, current: Option<usize>) -> Self {
        let entry = |(index, label): (usize, String)| MenuEntry {
            letter: None,
            label,
            note: String::new(),
            enabled: true,
            choice: Outcome::Answer(index),
        };
        let entries = labels.into_iter().enumerate().map(entry).collect();
        Self { title: title.to_owned(), entries, current }
    }
}

/// One entry of a pop-up list.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuEntry {
    /// The letter that chooses it at once.
    pub letter: Option<char>,
    /// Its text.
    pub label: String,
    /// The key of the same command, or the reason why it cannot be chosen.
    pub note: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// The outcome when it is chosen.
    pub choice: Outcome,
}

/// A question with a few answers; the first is the safe one.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Its heading.
    pub title: String,
    /// The question, line by line.
    pub lines: Vec<String>,
    /// The answers, each with its letter.
    pub answers: Vec<(char, String)>,
}

impl Question {
    /// Asks whether to close something with changes. The answers are Cancel, Save changes and Discard changes.
    pub fn closing(what: &str) -> Self {
        let answers = [('c', "Cancel"), ('s', "Save changes"), ('d', "Discard changes")];
        Self {
            title: "Close".to_owned(),
            lines: vec![format!("{what} has changes that are not saved.")],
            answers: answers.map(|(letter, label)| (letter, label.to_owned())).to_vec(),
        }
    }

    /// Asks whether to save despite these warnings. The second answer saves.
    pub fn save_anyway(issues: &[Issue]) -> Self {
        Self {
            title: "Save anyway?".to_owned(),
            lines: issues.iter().map(|issue| issue.message.clone()).collect(),
            answers: vec![('b', "Back to the form".to_owned()), ('s', "Save anyway".to_owned())],
        }
    }
}

/// The commands of a place, for another layer to show.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The commands; the first `frame` of them are the frame's own.
    pub commands: Vec<Command>,
    /// The number of commands that are the frame's.
    pub frame: usize,
    /// Whether a typed letter is text in that place, and not a command.
    pub takes_text: bool,
    /// The keys that the place handles itself.
    pub own_keys: Vec<OwnKey>,
}

/// What help is about.
#[derive(Clone, Debug, PartialEq)]
pub enum HelpTopic {
    /// A field.
    Field(&'static FieldDef),
    /// A code.
    Code(Code),
    /// The keys that work here.
    Keys(Offer),
}

/// What Customize form is opened with.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomizeScreen {
    /// The form's entity.
    pub entity: &'static EntityDef,
    /// Property names and panel titles, in order, each with whether it is shown.
    pub items: Vec<(String, bool)>,
}

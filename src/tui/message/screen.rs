//! What is opened, what it begins with, and how it ends.

use crate::domain::codes::{Code, Place};
use crate::domain::model::query::{Filter, ListQuery};
use crate::domain::model::record::Draft;
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::domain::rules::Issue;
use crate::service::auth::Secret;
use crate::service::client_center::ClientCenter;
use crate::tui::command::{Action, Command};
use crate::tui::message::Notice;

/// Something to open.
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
    Pick(ListQuery),
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
    Palette(Offer),
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
        at: Option<FormPosition>,
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
        at: Option<FormPosition>,
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
pub struct FormPosition {
    /// The field.
    pub field: &'static FieldDef,
    /// For a reference: what to look up at once, without choosing.
    pub look_up: Option<String>,
    /// For a reference: what the records on offer satisfy besides what the field itself asks.
    pub among: Option<Filter>,
    /// For text of several lines: line and column, both from 1.
    pub text_at: Option<(usize, usize)>,
}

impl FormPosition {
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
    Chosen(Reference),
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
        let entry = |(index, label): (usize, String)| MenuEntry {
            letter: None,
            label,
            note: String::new(),
            enabled: true,
            choice: Outcome::Answer(index),
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

/// What can be done in a place, to be shown by another layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The commands; the first `frame` of them are the frame's own.
    pub commands: Vec<Command>,
    /// How many are the frame's.
    pub frame: usize,
    /// Whether a letter is text in that place, and no command.
    pub takes_text: bool,
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

/// What Customize form begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomizeScreen {
    /// The form's entity.
    pub entity: &'static EntityDef,
    /// Property names and panel titles, in order, each with whether it is shown.
    pub items: Vec<(String, bool)>,
}

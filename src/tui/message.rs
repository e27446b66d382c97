//! What travels between components, the console and the runtime: plain data, so that a test can compare it.

mod screen;

use crossterm::event::KeyEvent;

use crate::domain::model::value::Value;
use crate::service::api::Request;
use crate::service::auth::SiteChoice;
use crate::service::back_office::SignedIn;
use crate::service::client_center::{ClientCenter, Visitor};
use crate::tui::command::Action;

pub use screen::{
    AskScreen, ChoosePassword, CustomizeScreen, FormPosition, HelpTopic, MenuEntry, MenuScreen, Offer,
    Opening, Outcome, Question, Screen,
};

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
    /// What a visitor is by now.
    CurrentVisitor,
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
    /// The layer above was closed. A command chosen from a menu or the palette arrives as [`Event::Command`]
    /// instead, and where something was written meanwhile, [`Outcome::Written`] takes the place of
    /// [`Outcome::Cancelled`] or follows any other outcome.
    Returned(Outcome),
    /// What the visitor may see and do is something else by now.
    VisitorChanged,
}

/// When a question is put to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// After a pause in which no newer question of the slot has come.
    AfterPause,
}

/// What a component wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the service.
    Run(Ticket, Request, When),
    /// Open a layer on top.
    Push(Screen),
    /// Close this layer and tell the one below.
    Pop(Outcome),
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
    /// The visitor as things stand now, at the same customer.
    VisitorUpdated(Visitor),
    /// Whoever was signed in leaves; the sign-in of that Client Center opens, or that of the back office.
    SignOut(Option<ClientCenter>),
    /// Another site became the current one.
    AtSite(SiteChoice),
    /// Keep how a form or list is laid out, under this name.
    KeepLayout(String, Vec<String>),
    /// Leave the program.
    Quit,
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

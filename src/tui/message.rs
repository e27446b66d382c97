//! What is passed between components, console and runtime: plain data, so that a test can compare it.

mod screen;

use crossterm::event::KeyEvent;
use jiff::Timestamp;

use crate::domain::model::value::Value;
use crate::service::api::Request;
use crate::service::back_office::SignedIn;
use crate::service::back_office::SiteChoice;
use crate::service::back_office::exports::ExportOrder;
use crate::service::client_center::{ClientCenter, Visitor};
use crate::tui::command::Action;

pub use screen::{
    AskScreen, ChoosePassword, CustomizeScreen, FormPosition, HelpTopic, MenuEntry, MenuScreen, Offer,
    Opening, Outcome, Question, Screen,
};

/// Identifies a layer for as long as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayerId(pub u64);

/// What a layer asks for. Of each slot only the newest question is answered: a new one replaces the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Rows of a list, by the index of the list within the layer.
    Rows(usize),
    /// The number of rows of a list, by the same index.
    Count(usize),
    /// The record of a form.
    Record,
    /// What follows from a choice in the field of this property.
    Consequences(&'static str),
    /// The choices of the reference field with the cursor.
    Choices,
    /// The query of all records that the reference field of this property may refer to.
    ChoicesQuery(&'static str),
    /// The kinds of record that can be created in the panel of this index.
    Kinds(usize),
    /// The codes of a draft.
    Codes,
    /// The history of a record.
    History,
    /// The sites to choose from.
    Sites,
    /// The number of rows of a named view, by its index among the entity's views.
    View(usize),
    /// The number of pending requests.
    Waiting,
    /// The number of users that each code stops.
    Blocked,
    /// The user with an e-mail.
    User,
    /// What the preview of a list shows.
    Details,
    /// The outcome that a sign-in would have.
    Preview,
    /// The visitor's customers and role as stored now.
    CurrentVisitor,
    /// An export to a file. Given up when somebody signs out or leaves.
    Export,
    /// The progress of the export.
    ExportProgress,
    /// A write. Never replaced, and never given up while the console runs.
    Write,
}

/// The identity of a question, which its answer carries. An answer is stale when its ticket is not the newest of its
/// slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The layer that asks.
    pub layer: LayerId,
    /// What it asks for.
    pub slot: Slot,
    /// The number of the question; a later one has a higher number.
    pub serial: u64,
}

/// An event for a component.
#[derive(Debug)]
pub enum Event {
    /// A command was given, by key, menu or palette.
    Command(Action),
    /// A key that is no command here.
    Key(KeyEvent),
    /// Pasted text; never a command.
    Paste(String),
    /// The layer above was closed with this outcome. A command chosen from a menu or the palette arrives as
    /// [`Event::Command`] instead. Where a record was written meanwhile, [`Outcome::Written`] replaces
    /// [`Outcome::Cancelled`], or follows any other outcome.
    Returned(Outcome),
    /// What the visitor may see and do has changed.
    VisitorChanged,
}

/// When the service is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// After a pause in which no newer question of the slot is asked.
    AfterPause,
}

/// What a component wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the service.
    Run(Ticket, Request, When),
    /// Open a layer on top.
    Push(Screen),
    /// Open the last of these screens; those before it are its levels in the menu, which Esc passes over.
    PushPath(Vec<Screen>),
    /// Close this layer, and deliver the outcome to the one below.
    Pop(Outcome),
    /// Show a message in the message line and keep it in the log.
    Notify(Notice),
    /// Copy a value: as text on the terminal's clipboard (OSC 52), and as it is for [`Cx::copied`].
    ///
    /// [`Cx::copied`]: crate::tui::component::Cx::copied
    Copy(String, Value),
    /// An operator signed in.
    SignedIn(SignedIn),
    /// A visitor was let in to a Client Center, or chose another customer there.
    Visits(Visitor),
    /// The visitor's role or customers have changed; the customer in front is the same.
    VisitorUpdated(Visitor),
    /// Sign out, and open the sign-in of this Client Center, or with `None` that of the back office.
    SignOut(Option<ClientCenter>),
    /// This site is the current one from now on.
    AtSite(SiteChoice),
    /// Export records to a file, while other things are done.
    Export(Box<ExportOrder>),
    /// Save the layout of a form or list under this name: the items it shows, in order.
    KeepLayout(String, Vec<String>),
    /// End the program.
    Quit,
}

/// A message to whoever is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether it is good or bad news.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
}

/// A message of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// When it was shown.
    pub at: Timestamp,
    /// The message.
    pub notice: Notice,
}

/// The tone of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// Worth knowing.
    Plain,
    /// It did not work.
    Bad,
}

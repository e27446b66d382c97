//! What is asked of the service, and what it answers.

use std::sync::Arc;

use crate::domain::codes::Code;
use crate::domain::model::history::{HistoryPage, HistorySeq};
use crate::domain::model::query::{ListQuery, Page, PageCursor};
use crate::domain::model::record::{Draft, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Version};
use crate::service::auth::{Secret, SiteChoice};
use crate::service::back_office::SignedIn;
use crate::service::back_office::diagnosis::Judged;
use crate::service::back_office::grants::Grants;
use crate::service::back_office::requests::AccountForm;
use crate::service::client_center::{ClientCenter, FoundUser, Managing, Preview, Visitor};

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
    /// Issue a one-time code for a user of this login.
    IssueReset(RecordId, String),
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
    /// What the visitor is by now: customers, roles and days back.
    CurrentVisitor,
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
    Rows(ListQuery, PageCursor, u16),
    /// How long it is.
    Count(ListQuery),
    /// A record.
    Record(&'static EntityDef, RecordId),
    /// A new record with these values, and what a new one begins with.
    NewDraft(Draft),
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
    /// Some of a record's history, the newest first: what is older than the entry of that number, where one is named.
    History(&'static EntityDef, RecordId, Option<HistorySeq>),
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
    /// A one-time code for this login. The console shows it, wherever whoever issued it is by then.
    ResetCode(String, Secret),
    /// Client Centers.
    ClientCenters(Vec<ClientCenter>),
    /// A visitor was let in, or sees another customer's data.
    Visits(Box<Visitor>),
    /// What the visitor is by now.
    VisitorUpdated(Box<Visitor>),
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
    ChoicesQuery(Option<ListQuery>),
    /// Sites to choose from.
    Sites(Vec<SiteChoice>),
    /// Some of a record's history.
    History(HistoryPage),
    /// Written, and read again.
    Saved(Arc<Record>),
}

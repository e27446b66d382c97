//! The service as data: every question and its answer is plain data with a type, so that any front (the console,
//! a web server) can send one through a [`ServiceSession`] and needs nothing else of the service.
//!
//! There is one enumeration of questions for each audience, matched exhaustively where it is answered:
//! [`SignInRequest`] for signing in and for the session itself, [`BackOfficeRequest`] for an operator, [`VisitRequest`]
//! for a visitor of a Client Center. Each question is a struct, and [`Question::Answer`] is the type of its answer.

pub mod back_office;
mod question;
mod request;
mod session;
pub mod sign_in;
pub mod visit;

pub use back_office::{BackOfficeReply, BackOfficeRequest};
pub use question::AudienceQuestion;
pub use request::{Question, Reply, Request};
pub use session::{GateAnswer, ServiceSession};
pub use sign_in::{SignInReply, SignInRequest};
pub use visit::{VisitReply, VisitRequest};

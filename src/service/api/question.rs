//! What all questions have in common, and the macro that makes a table of questions into types.

use super::{BackOfficeReply, BackOfficeRequest, SignInReply, SignInRequest, VisitReply, VisitRequest};

/// A question to the service, of any audience.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Of somebody who signs in, or manages the session itself.
    SignIn(SignInRequest),
    /// Of an operator.
    BackOffice(BackOfficeRequest),
    /// Of a visitor of a Client Center.
    Visit(VisitRequest),
}

impl Request {
    /// Whether answering it may change the database. Such a request is never given up half-way.
    pub fn is_write(&self) -> bool {
        match self {
            Self::SignIn(request) => request.is_write(),
            Self::BackOffice(request) => request.is_write(),
            Self::Visit(request) => request.is_write(),
        }
    }
}

/// The answer to a [`Request`], of any audience.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// To a [`SignInRequest`].
    SignIn(SignInReply),
    /// To a [`BackOfficeRequest`].
    BackOffice(BackOfficeReply),
    /// To a [`VisitRequest`].
    Visit(VisitReply),
}

impl Reply {
    /// Whether what is shown of records may be another by now: an operator or a visitor has written something.
    pub fn may_change_records(&self) -> bool {
        match self {
            Self::SignIn(_) => false,
            Self::BackOffice(reply) => reply.is_write(),
            Self::Visit(reply) => reply.is_write(),
        }
    }
}

/// One question, with the type of its answer.
pub trait Question: Into<Request> {
    /// What the service answers.
    type Answer: 'static;

    /// The answer that a reply holds; `None` when the reply is to another question.
    fn answer(reply: Reply) -> Option<Self::Answer>;

    /// The reply that holds an answer: for scripts that play the service.
    fn reply(answer: Self::Answer) -> Reply;
}

/// Makes the questions of one audience: a struct for each, the enumeration of them, the enumeration of their
/// answers, and `put`, which has the service answer them.
///
/// A line is `read` or `write` (whether the database may be changed), the question with its fields, the type of
/// the answer, and the call of the service that gives it. `put` matches every question, so that one without a
/// call does not compile.
macro_rules! questions {
    (
        $(#[$request_doc:meta])* $audience:ident: $request:ident -> $reply:ident,
        asked of ($($service:ident: $service_type:ty),+);
        $(
            $(#[$doc:meta])*
            $access:ident $name:ident { $( $(#[$field_doc:meta])* $field:ident: $field_type:ty ),* $(,)? }
                -> $answer:ty = |$it:ident| $call:expr;
        )+
    ) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq)]
            pub struct $name { $( $(#[$field_doc])* pub $field: $field_type ),* }

            impl From<$name> for crate::service::api::Request {
                fn from(question: $name) -> Self {
                    Self::$audience($request::$name(question))
                }
            }

            impl crate::service::api::Question for $name {
                type Answer = $answer;

                fn answer(reply: crate::service::api::Reply) -> Option<$answer> {
                    match reply {
                        crate::service::api::Reply::$audience($reply::$name(answer)) => Some(answer),
                        _ => None,
                    }
                }

                fn reply(answer: $answer) -> crate::service::api::Reply {
                    crate::service::api::Reply::$audience($reply::$name(answer))
                }
            }
        )+

        $(#[$request_doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $request { $( $(#[$doc])* $name($name), )+ }

        impl $request {
            /// Whether answering it may change the database.
            pub fn is_write(&self) -> bool {
                match self { $( Self::$name(_) => questions!(@is_write $access), )+ }
            }

            /// Has the service answer.
            ///
            /// # Errors
            /// As the service refuses.
            pub(super) async fn put(
                self, $($service: $service_type),+
            ) -> Result<$reply, crate::service::ServiceError> {
                match self { $( Self::$name($it) => Ok($reply::$name($call.await?)), )+ }
            }
        }

        #[doc = concat!("The answers to a [`", stringify!($request), "`], each under the name of its question.")]
        #[derive(Clone, Debug, PartialEq)]
        pub enum $reply { $( #[doc = concat!("To [`", stringify!($name), "`].")] $name($answer), )+ }

        impl $reply {
            /// Whether its question may have changed the database.
            pub fn is_write(&self) -> bool {
                match self { $( Self::$name(_) => questions!(@is_write $access), )+ }
            }
        }
    };
    (@is_write read) => { false };
    (@is_write write) => { true };
}

pub(super) use questions;

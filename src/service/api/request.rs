//! A question of any audience, and its answer.

use super::question::AudienceQuestion;
use super::session::ServiceSession;
use super::{BackOfficeReply, BackOfficeRequest, SignInReply, SignInRequest, VisitReply, VisitRequest};
use crate::service::ServiceError;

/// A question to the service, of any audience.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// About signing in, or about the session itself.
    SignIn(SignInRequest),
    /// For an operator of the back office.
    BackOffice(BackOfficeRequest),
    /// For a visitor of a Client Center.
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

    /// Whether answering it saves what somebody has typed or decided: what became of it is worth a message.
    pub fn saves(&self) -> bool {
        match self {
            Self::SignIn(request) => request.saves(),
            Self::BackOffice(request) => request.saves(),
            Self::Visit(request) => request.saves(),
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
    /// Whether answering may have changed records, so that lists and forms must be read again.
    pub fn may_change_records(&self) -> bool {
        match self {
            Self::SignIn(_) => false,
            Self::BackOffice(reply) => reply.is_write(),
            Self::Visit(reply) => reply.is_write(),
        }
    }
}

/// The audiences: for each its enumeration of questions, that of the answers, and the variant of both.
macro_rules! audiences {
    ($($variant:ident: $request:ident, $reply:ident;)+) => { $(
        impl From<$request> for Request {
            fn from(request: $request) -> Self {
                Self::$variant(request)
            }
        }

        impl From<$reply> for Reply {
            fn from(reply: $reply) -> Self {
                Self::$variant(reply)
            }
        }

        impl TryFrom<Reply> for $reply {
            /// The reply, when it is for another audience.
            type Error = Reply;

            fn try_from(reply: Reply) -> Result<Self, Reply> {
                match reply {
                    Reply::$variant(reply) => Ok(reply),
                    other => Err(other),
                }
            }
        }
    )+ };
}

audiences! {
    SignIn: SignInRequest, SignInReply;
    BackOffice: BackOfficeRequest, BackOfficeReply;
    Visit: VisitRequest, VisitReply;
}

/// One question of any audience, with the type of its answer.
pub trait Question: Into<Request> {
    /// What the service answers.
    type Answer: 'static;

    /// The answer that a reply holds; `None` when the reply is to another question.
    fn answer(reply: Reply) -> Option<Self::Answer>;

    /// The reply that holds an answer: for scripts that play the service.
    fn reply(answer: Self::Answer) -> Reply;
}

impl<Q: AudienceQuestion> From<Q> for Request
where
    Self: From<Q::Request>,
{
    fn from(question: Q) -> Self {
        Q::Request::from(question).into()
    }
}

impl<Q: AudienceQuestion> Question for Q
where
    Request: From<Q::Request>,
    Reply: From<Q::Reply>,
    Q::Reply: TryFrom<Reply>,
{
    type Answer = Q::Answer;

    fn answer(reply: Reply) -> Option<Self::Answer> {
        Q::Reply::try_from(reply).ok().and_then(Q::from_reply)
    }

    fn reply(answer: Self::Answer) -> Reply {
        Q::into_reply(answer).into()
    }
}

impl ServiceSession {
    /// Answers a request.
    ///
    /// # Errors
    /// As the service refuses; [`ServiceError::Denied`] when whoever is signed in is not whom the request is for.
    pub async fn answer(&self, request: Request) -> Result<Reply, ServiceError> {
        match request {
            Request::SignIn(request) => request.put(self).await.map(Reply::SignIn),
            Request::BackOffice(request) => {
                let back_office = self.back_office()?;
                request.put(&back_office).await.map(Reply::BackOffice)
            }
            Request::Visit(request) => {
                let visit = self.visit()?;
                request.put(self, &visit).await.map(Reply::Visit)
            }
        }
    }
}

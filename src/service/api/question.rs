//! What the questions of one audience have in common, and the macro that makes a table of them into types.

/// A question within the enumeration of its audience, with the type of its answer.
pub trait AudienceQuestion: Sized {
    /// The questions of this audience.
    type Request: From<Self>;
    /// The answers to them.
    type Reply;
    /// What the service answers to this one.
    type Answer: 'static;

    /// The answer that a reply holds; `None` when the reply is to another question.
    fn from_reply(reply: Self::Reply) -> Option<Self::Answer>;

    /// The reply that holds an answer.
    fn into_reply(answer: Self::Answer) -> Self::Reply;
}

/// Makes the questions of one audience: a struct for each, the enumeration of them, the enumeration of their
/// answers, and `put`, which has the service answer them.
///
/// A line is `read`, `write` (the database may be changed) or `save` (it is changed by what somebody has typed or
/// decided), the question with its fields, the type of the answer, and the call of the service that gives it. `put`
/// matches every question, so that one without a call does not compile.
macro_rules! questions {
    (
        $(#[$request_doc:meta])* $request:ident -> $reply:ident,
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

            impl From<$name> for $request {
                fn from(question: $name) -> Self {
                    Self::$name(question)
                }
            }

            impl $crate::service::api::AudienceQuestion for $name {
                type Request = $request;
                type Reply = $reply;
                type Answer = $answer;

                fn from_reply(reply: $reply) -> Option<$answer> {
                    match reply {
                        $reply::$name(answer) => Some(answer),
                        _ => None,
                    }
                }

                fn into_reply(answer: $answer) -> $reply {
                    $reply::$name(answer)
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

            /// Whether answering it saves what somebody has typed or decided.
            pub fn saves(&self) -> bool {
                match self { $( Self::$name(_) => questions!(@saves $access), )+ }
            }

            /// Has the service answer.
            ///
            /// # Errors
            /// As the service refuses.
            pub(super) async fn put(
                self, $($service: $service_type),+
            ) -> Result<$reply, $crate::service::ServiceError> {
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
    (@is_write save) => { true };
    (@saves read) => { false };
    (@saves write) => { false };
    (@saves save) => { true };
}

pub(super) use questions;

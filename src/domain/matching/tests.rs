//! Requests and what is proposed for them.

//! Stories of the screens around a sign-in, one file each, with answers from a script.

mod create_account;
mod form;
mod lock;
mod password;
mod scripted;
mod select_client;
mod sign_in;

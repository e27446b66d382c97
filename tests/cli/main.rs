//! The command line, tested by running the built program with a home directory of its own: one file for each command,
//! with what it does, what it refuses, and its exit statuses.

mod access;
mod check;
mod client_center;
mod console;
mod demo;
mod export;
mod help;
mod history;
mod home;
mod import;
mod operator;
mod password;
mod propose;
mod request;
mod settings;
mod sign_in_preview;
mod terminal;
mod undo;

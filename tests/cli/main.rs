//! The command line, told by running the built program with a home of its own: a file for each command, which tells
//! what it does, what it refuses, and its exit statuses.

mod access;
mod check;
mod client_center;
mod console;
mod demo;
mod help;
mod home;
mod import;
mod operator;
mod password;
mod request;
mod settings;
mod sign_in_preview;
mod terminal;

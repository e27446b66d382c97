//! `ccdesk`: a console in which back-office staff decide who may enter a company's Client Center, and in which
//! those who may, enter it.
//!
//! # Where things live
//!
//! | module | what stands there |
//! |---|---|
//! | [`domain`] | the field's own rules, pure: entities ([`domain::schema`], one file each), records and drafts, the codes CC002 to CC010, roles and what they open ([`domain::access`]), what is left to administrators ([`domain::rights`]), requests for accounts ([`domain::request`]), text from outside ([`domain::text`]), what is asked of a list ([`domain::navigate`]) |
//! | [`storage`] | the only place that names `sqlx` or holds SQL: both engines behind [`storage::db`], lists read by key, the one write, facts, history, credentials and throttling, requests, visits |
//! | [`service`] | use cases: authorise, validate, write with history in one transaction: sign-in and passes ([`service::session`]), the back office at its [`service::BackOffice`], the Client Center in a [`service::client_center::Visit`], requests, grants, import; generated users |
//! | [`tui`] | the console, at the back office and at a Client Center: components that turn events into effects, a runtime that carries the effects out, the office that knows who is served |
//! | [`cli`] | the commands that work without a console, and the settings ([`config`]) |
//! | [`private`] | files that only their owner can read |
//!
//! Arrows: `domain ← storage ← service ← {tui, cli} ← main`. `tests/architecture` holds them.
//!
//! # Invariants
//!
//! 1. **Schema-driven.** Navigator, filter row, form, lookup, customise, import and history are written once
//!    and read [`domain::schema::EntityDef`]. A new entity is one file, a migration and a line in
//!    [`domain::schema::ALL`].
//! 2. **One door for writing.** Every change of a record passes [`service::records::door`]: checked,
//!    recalculated, version-checked, written with its history in one transaction. (A million generated demo
//!    users and a new database's countries and currencies are the exceptions: they have no history.)
//! 3. **The console never waits.** `handle` and `draw` do no I/O and are not async. A component returns effects
//!    as plain data; [`tui::runtime`] carries them out; an answer carries the ticket of its question, and a
//!    stale one is dropped. A newer read replaces an older one; a write is never given up.
//! 4. **Idle means idle.** No ticks. A frame is drawn when an event changed something.
//! 5. **Text from outside is hostile until shown to be harmless.** [`domain::text::clean`] is the one function
//!    that turns stored text into what may reach a terminal, a log or a file.
//! 6. **One list of commands** ([`tui::command`]) feeds ribbon, footer, menus, palette, help and dispatch.
//! 7. **One meaning of the codes**: [`domain::access::diagnose`]. Its set-based form in SQL is held to it.
//! 8. **Both engines are equal.** Every storage story runs on SQLite and on PostgreSQL.
//! 9. **Secrets** live in [`service::session::Secret`], which zeroes itself and prints as `[secret]`.
//!    What was typed into a password box goes with its layer.
//! 10. **No clock, id or randomness out of thin air**: they are handed in with [`service::World`].
//! 11. **Nobody is let in once and for all.** Whoever comes in holds a [`service::Pass`], and every step judges it
//!     anew, and in a Client Center the gate and the role too. What a menu leaves out, the service refuses.

pub mod cli;
pub mod config;
pub mod domain;
pub mod private;
pub mod service;
pub mod storage;
pub mod tui;

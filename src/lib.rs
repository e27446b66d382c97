//! `ccdesk`: a console in which back-office staff decide who may enter a company's Client Center, and in which
//! those who may, enter it.
//!
//! # Modules
//!
//! | module | what it holds |
//! |---|---|
//! | [`domain`] | the field's own rules, pure: values, records, descriptions, list queries, history and text ([`domain::model`]); the entities, one file each ([`domain::entities`]); the codes CC002 to CC010, roles and user types ([`domain::codes`]); persons and companies proposed for requests ([`domain::matching`]); what a draft must satisfy ([`domain::rules`]); what is left to administrators ([`domain::rights`]); requests for accounts ([`domain::account_request`]) |
//! | [`storage`] | the only place that names `sqlx` or holds SQL: the two engines ([`storage::db`]), lists read page by page ([`storage::list`]), records and next numbers ([`storage::records`]), history, what the codes look at ([`storage::facts`]), requests ([`storage::accounts`]), and the records that they are compared with ([`storage::candidates`]), password hashes and one-time codes ([`storage::credentials`]), failed sign-ins ([`storage::failures`]) |
//! | [`service`] | the use cases, each in one transaction: changing a record ([`service::write`]), sign-in, sessions and passwords ([`service::auth`]), an operator's work ([`service::back_office`]), a visitor's ([`service::client_center`]), import ([`service::exchange`]); requests and replies as data, and the session that answers them ([`service::api`]); generated users for the demo ([`service::generate`]) |
//! | [`tui`] | the console: components that turn events into effects, and the runtime that carries the effects out |
//! | [`cli`] | the commands that work without a console |
//! | [`config`] | settings and directories |
//! | [`private`] | files that only their owner can read |
//!
//! A module uses those to the left of it and nothing else: `domain ← storage ← service ← {tui, cli} ← main`; within
//! `domain`, `model ← entities ← {codes, matching}`. `tests/architecture/` holds this; `docs/architecture.md` says more.
//!
//! # Invariants
//!
//! 1. **Entities are described, not programmed.** Lists, filters, forms, look-ups, Customize form, import and
//!    history are written once and read [`EntityDef`](domain::model::schema::EntityDef). A new entity is one file, a
//!    migration and a line in [`domain::entities::ALL`].
//! 2. **Records change in one place**, [`service::write`]: rules are checked, versions compared, what follows is
//!    computed, and the record is written with its history in one transaction. Rights are checked by its callers, before:
//!    an operator's in `service::back_office::authorise`, a visitor's in [`service::client_center`]. The generated users of the
//!    demo and the countries and currencies of a new database are the exceptions; they have no history.
//! 3. **The console never waits.** `handle` and `draw` do no I/O and are not async. A component returns effects
//!    as plain data; [`tui::runtime`] carries them out. An answer carries the ticket of its question, and a
//!    stale one is dropped. A newer read replaces an older one; a write is never aborted but when the program ends.
//! 4. **Idle means idle.** There are no ticks. A frame is drawn when an event changed something.
//! 5. **Text from outside is not trusted.** [`domain::model::text::clean`] is the one function that turns stored text
//!    into what may reach a terminal, a log or a file.
//! 6. **One list of commands** ([`tui::command`]) feeds ribbon, footer, menus, palette, help and dispatch.
//! 7. **The codes have one definition**, [`domain::codes::diagnose`]. Its set-based form in SQL is compared with it.
//! 8. **SQLite and PostgreSQL are equals.** Every storage and service story runs on both.
//! 9. **Secrets** live in [`service::auth::Secret`], which zeroes itself and prints as `[secret]`. What was typed into
//!    a password box goes with its layer.
//! 10. **Time, ids and randomness come from outside**, with [`service::World`].
//! 11. **Nobody is let in once and for all.** Whoever signed in holds a [`service::auth::SessionToken`]; every step
//!     judges it anew, and in a Client Center the codes and the role too. The service refuses what a menu leaves out.
//! 12. **What was said is exact.** When it is not known whether a write took place, that is found out, or said.

pub mod cli;
pub mod config;
pub mod domain;
pub mod private;
pub mod service;
pub mod storage;
pub mod tui;

//! The parts from which statements are put together at run time.
//!
//! Every name in such a statement comes from the schema and every code from an enumeration of the domain, which are
//! part of this program; every other value is bound.

mod binds;
mod change;
mod condition;
mod from_clause;
mod projection;

pub(super) use binds::Binds;
pub(super) use change::{Step, delete, insert_into, update};
pub(super) use condition::{any, hold_rows, is_one_of_codes, is_one_of_ids, literal};
pub(super) use from_clause::{FromClause, JoinedRecord};
pub(super) use projection::Projection;

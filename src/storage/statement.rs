//! The parts from which statements are put together at run time: joins, selected columns, conditions and values.
//!
//! The names of tables and columns come from the descriptions of the entities, and the codes from enumerations of the
//! domain, so all of them are part of this program. Every other value is bound.

mod binds;
mod change;
mod condition;
mod from_clause;
mod projection;

pub(super) use binds::Binds;
pub(super) use change::{VersionChange, delete, insert_into, update};
pub(super) use condition::{any, contains, is_in_set, is_one_of_codes, is_one_of_ids, literal, row_lock};
pub(super) use from_clause::{FromClause, JoinedRecord};
pub(super) use projection::Projection;

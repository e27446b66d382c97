//! Answers list queries: translates a [`ListQuery`](crate::domain::model::query::ListQuery) to SQL and reads its rows.
//! Pages are read by the key of a row and never by an offset, so that a page costs the same anywhere in the list.

mod codes;
mod count;
mod filter;
mod order;
mod page;
#[cfg(test)]
mod tests;
mod whole;

pub use count::{by_code, count};
pub use page::page;
pub use whole::{Reading, Whole};

pub use codes::JudgedAt;
pub(super) use codes::nothing_fails;

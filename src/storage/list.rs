//! From what an operator asks of a list to SQL, and from rows to what is shown. Lists are walked by key and never by
//! offset, so that a page costs the same wherever it stands.

mod codes;
mod count;
mod filter;
mod order;
mod page;
#[cfg(test)]
mod tests;

pub use count::{by_code, count};
pub use page::page;

pub(super) use codes::nothing_fails;
pub(super) use filter::IS_PENDING;

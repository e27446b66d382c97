//! The values of a statement that is put together at run time.

use crate::storage::db::Bind;

/// Collects the values of a statement and gives each its placeholder.
#[derive(Default)]
pub(in crate::storage) struct Binds(Vec<Bind>);

impl Binds {
    /// Adds a value and returns its placeholder, such as `$1`.
    pub(in crate::storage) fn add(&mut self, value: impl Into<Bind>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    /// The values, in the order of their placeholders.
    pub(in crate::storage) fn into_values(self) -> Vec<Bind> {
        self.0
    }
}

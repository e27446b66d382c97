//! The values of a statement.

use crate::storage::db::Bind;

/// The values of a statement as it grows.
#[derive(Default)]
pub(in crate::storage) struct Binds(Vec<Bind>);

impl Binds {
    /// Takes a value and gives the name it has in the statement, such as `$1`.
    pub(in crate::storage) fn add(&mut self, value: impl Into<Bind>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    /// The values, in the order of their names.
    pub(in crate::storage) fn into_values(self) -> Vec<Bind> {
        self.0
    }
}

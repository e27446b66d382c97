//! The counter of the statements sent to a database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of statements sent. Clones share one counter.
#[derive(Clone, Debug, Default)]
pub struct StatementCount(Arc<AtomicU64>);

impl StatementCount {
    /// Counts one statement.
    pub(super) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of statements counted so far.
    pub(super) fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

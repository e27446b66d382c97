//! Counting the statements that a database is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many statements were sent. Clones share the total.
#[derive(Clone, Debug, Default)]
pub struct StatementCount(Arc<AtomicU64>);

impl StatementCount {
    /// One statement more.
    pub(super) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// All so far.
    pub(super) fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

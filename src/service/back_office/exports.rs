//! Exporting what an operator sees in lists.

use std::io::Write;

use crate::service::back_office::BackOffice;
use crate::service::exchange::Stop;
use crate::service::exchange::export::{ExportError, Progress, Selection, export};

impl BackOffice {
    /// Exports the selected records to `out`, and returns it once everything is written
    /// ([`export()`]). Whoever may see a list may export it; no list has passwords.
    ///
    /// # Errors
    /// [`ExportError`]; what is in `out` is then not whole.
    pub async fn export<W: Write + Send + 'static>(
        &self,
        selection: &Selection,
        stop: &Stop,
        progress: &Progress,
        out: W,
    ) -> Result<W, ExportError> {
        let judged_at = selection.lists.iter().find_map(|list| list.judged_at);
        let (mut snapshot, site) = self.snapshot_at(judged_at).await?;
        export(&mut snapshot, site, selection, stop, progress, out).await
    }
}

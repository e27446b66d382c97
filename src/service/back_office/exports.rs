//! Exporting what an operator sees in lists.

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::private::NewFile;
use crate::service::ServiceError;
use crate::service::back_office::BackOffice;
use crate::service::exchange::Stop;
use crate::service::exchange::export::{ExportError, Progress, Selection, export};

/// An export to a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportOrder {
    /// What is exported, and how.
    pub selection: Selection,
    /// The file, which must not be there yet. `~/` at its beginning is the home directory.
    pub path: PathBuf,
    /// How far it is.
    pub progress: Progress,
}

impl BackOffice {
    /// Exports the selected records to `out`, and returns it once everything is written ([`export()`]). Whoever may see a
    /// list may export it; no list has passwords.
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
        export(&mut snapshot, self.judged_at(site.as_ref()), selection, stop, progress, out).await
    }

    /// Exports to a new file that only its owner can read, and that is there only when it is whole. Returns the number of
    /// records.
    ///
    /// # Errors
    /// [`ServiceError::Denied`] when the file is there already or cannot be written, and when the records cannot be read.
    pub async fn export_to_file(&self, order: &ExportOrder) -> Result<u64, ServiceError> {
        let ExportOrder { selection, progress, .. } = order;
        let path = order.whole_path();
        let not_written = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                ServiceError::Denied(format!("{} is there already; name another file.", path.display()))
            }
            _ => ServiceError::Denied(format!("{} was not written: {error}.", path.display())),
        };
        let file = in_background(begin(path.clone(), self.db.files())).await.map_err(not_written)?;
        let file = match self.export(selection, &Stop::default(), progress, file).await {
            Ok(file) => file,
            Err(ExportError::Service(error)) => return Err(error),
            Err(ExportError::Output(error)) => return Err(not_written(error)),
            Err(ExportError::Stopped) => return Err(not_written(io::ErrorKind::Interrupted.into())),
        };
        in_background(|| file.finish()).await.map_err(not_written)?;
        Ok(progress.records())
    }
}

impl ExportOrder {
    fn whole_path(&self) -> PathBuf {
        let in_home = self.path.strip_prefix("~").ok().zip(env::home_dir());
        in_home.map_or_else(|| self.path.clone(), |(below, home)| home.join(below))
    }
}

/// Begins the file, which is never one of the database's.
fn begin(path: PathBuf, database: Vec<PathBuf>) -> impl FnOnce() -> io::Result<NewFile> {
    move || NewFile::begin(Path::new(&path), false, &database)
}

/// Runs what may wait for a disk, on a thread for that.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

//! The export under way: begun by a list, and carried out while other things are done.

use std::path::{Path, PathBuf};

use crate::service::api::back_office::{Export, ExportProgress};
use crate::service::back_office::exports::ExportOrder;
use crate::service::exchange::export::Progress;
use crate::tui::console::{Console, FRAME, HostEffect};
use crate::tui::message::{Slot, Tone};

/// An export under way.
pub(super) struct Exporting {
    path: PathBuf,
    progress: Progress,
    /// The number of records that the frame shows.
    records: u64,
}

impl Console {
    /// Begins an export, unless one is under way.
    pub(super) fn export(&mut self, order: ExportOrder) {
        if let Some(path) = self.exporting() {
            let sentence =
                format!("{} is still being written; export again when it is there.", path.display());
            return self.say(Tone::Bad, sentence);
        }
        let ExportOrder { path, progress, .. } = &order;
        self.exporting = Some(Exporting { path: path.clone(), progress: progress.clone(), records: 0 });
        self.ask(Slot::Export, Export { order }, |console, written| {
            let Some(Exporting { path, progress, .. }) = console.exporting.take() else { return };
            // Otherwise the question about it would wait for ever.
            progress.end();
            match written {
                Ok(1) => console.say(Tone::Good, format!("1 record exported to {}.", path.display())),
                Ok(records) => {
                    console.say(Tone::Good, format!("{records} records exported to {}.", path.display()));
                }
                Err(error) => console.say(Tone::Bad, error.to_string()),
            }
        });
        self.ask_export_progress();
    }

    /// The file of the export under way.
    pub fn exporting(&self) -> Option<&Path> {
        self.exporting.as_ref().map(|exporting| exporting.path.as_path())
    }

    /// What the frame shows of the export under way.
    pub(super) fn export_progress(&self) -> Option<String> {
        self.exporting.as_ref().map(|exporting| format!("exporting {}…", exporting.records))
    }

    /// Gives the export under way up. There is no file then.
    pub(super) fn give_export_up(&mut self) {
        if self.exporting.take().is_some() {
            self.host_effects.push(HostEffect::Forget(FRAME));
        }
    }

    fn ask_export_progress(&mut self) {
        let Some(Exporting { progress, records, .. }) = &self.exporting else { return };
        let question = ExportProgress { progress: progress.clone(), seen: *records };
        self.ask(Slot::ExportProgress, question, |console, records| {
            let (Some(exporting), Ok(records)) = (&mut console.exporting, records) else { return };
            // The answer that it has ended comes by itself.
            if records > exporting.records {
                exporting.records = records;
                console.ask_export_progress();
            }
        });
    }
}

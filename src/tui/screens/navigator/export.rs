//! Exporting what the list shows: the file that is asked for, and the order.

use std::path::Path;

use crate::service::back_office::exports::ExportOrder;
use crate::service::exchange::export::{Format, Progress, Selection};
use crate::tui::component::Cx;
use crate::tui::message::{AskScreen, Effect, Screen, Tone};

use super::{Asking, Navigator};

/// The most characters of the name of a file, with the folders it is in.
const LONGEST_PATH: usize = 1024;

/// The message about a name that does not say what is to be written.
const NO_FORMAT: &str = "End the name of the file with .xlsx, .csv, .json or .jsonl; nothing was written.";

impl Navigator {
    /// Asks for the file.
    pub(super) fn ask_file_name(&mut self, cx: &mut Cx<'_>) {
        self.asking = Some(Asking::FileName);
        let question = "Which file? Its ending says what is written: .xlsx and .csv the list with its filter, order and \
                        columns; .json and .jsonl its records, for an import.";
        let screen = AskScreen {
            title: "Export what is shown".to_owned(),
            question: question.to_owned(),
            most: LONGEST_PATH,
        };
        let words: Vec<&str> =
            self.title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let proposed = format!("{}.xlsx", words.join("-").to_lowercase());
        cx.push(Effect::Push(Screen::FileName(screen, proposed)));
    }

    /// Exports what is shown to the file of this name.
    pub(super) fn export(&self, name: &str, cx: &mut Cx<'_>) {
        let path = Path::new(name);
        let Some(format) = Format::of_file(path) else { return cx.say(Tone::Bad, NO_FORMAT) };
        let selection = Selection::of_list(self.grid.query.clone(), format, cx.language());
        let order = ExportOrder { selection, path: path.to_owned(), progress: Progress::default() };
        cx.push(Effect::Export(Box::new(order)));
    }
}

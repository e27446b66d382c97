//! The layouts of forms and lists that operators have chosen: one small TOML file, with one table for each login. The
//! keyboard is kept there too, in the table of no login: it is that of the machine, whoever signs in.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc;
use std::{fs, io, thread};

use thiserror::Error;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::domain::model::text;
use crate::private;
use crate::tui::keyboard::Keyboard;

/// The login under which is kept what holds for everybody; nobody has it.
const EVERYBODY: &str = "";

/// The name under which the keyboard is kept.
const KEYBOARD: &str = "Keyboard";

/// The layouts of one operator: the shown items in order, by the name of the form or list.
pub type Layouts = BTreeMap<String, Vec<String>>;

/// The file with the layouts.
#[derive(Clone, Debug)]
pub struct LayoutStore {
    file: PathBuf,
}

/// Why a layout was not read or saved. The console goes on with the layout it has.
#[derive(Debug, Error)]
pub enum LayoutError {
    /// The file is not understood.
    #[error("The layouts in {} are damaged and were put aside as {}; every form has its first layout.", .file.display(), .aside.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The name under which it was put aside.
        aside: PathBuf,
    },
    /// The file could not be read or written.
    #[error("The layouts in {} could not be read or written: {error}.", .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The error.
        error: io::Error,
    },
}

impl LayoutStore {
    /// The store in that file, which need not exist yet.
    pub fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// The layouts of an operator; empty when none were saved.
    ///
    /// # Errors
    /// [`LayoutError::Damaged`] when the file is not understood. It is then put aside, and the next call finds none.
    pub fn load(&self, login: &str) -> Result<Layouts, LayoutError> {
        Ok(self.read()?.remove(&text::key(login)).unwrap_or_default())
    }

    /// Saves an operator's layout of one form or list; an empty one restores the default.
    ///
    /// # Errors
    /// When the file cannot be written; what was saved before stays.
    pub fn keep(&self, login: &str, name: &str, layout: Vec<String>) -> Result<(), LayoutError> {
        let mut all = self.read()?;
        let own = all.entry(text::key(login)).or_default();
        if layout.is_empty() {
            own.remove(name);
        } else {
            own.insert(name.to_owned(), layout);
        }
        let written = toml::to_string_pretty(&all).map_err(io::Error::other);
        written.and_then(|written| private::replace(&self.file, written.as_bytes())).map_err(|e| self.io(e))
    }

    /// The keyboard that was chosen last, by whoever uses this file; `None` when none was. A file that is not
    /// understood is left for [`LayoutStore::load`] to report.
    pub fn keyboard(&self) -> Option<Keyboard> {
        let text = fs::read_to_string(&self.file).ok()?;
        let all: BTreeMap<String, Layouts> = toml::from_str(&text).ok()?;
        all.get(EVERYBODY)?.get(KEYBOARD)?.first().and_then(|name| Keyboard::named(name))
    }

    fn read(&self) -> Result<BTreeMap<String, Layouts>, LayoutError> {
        let bytes = match fs::read(&self.file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.io(error)),
        };
        let understood = std::str::from_utf8(&bytes).ok().and_then(|text| toml::from_str(text).ok());
        understood.map_or_else(|| Err(self.put_aside()), Ok)
    }

    fn put_aside(&self) -> LayoutError {
        let aside = self.file.with_extension("toml.damaged");
        match fs::rename(&self.file, &aside) {
            Ok(()) => LayoutError::Damaged { file: self.file.clone(), aside },
            Err(error) => self.io(error),
        }
    }

    fn io(&self, error: io::Error) -> LayoutError {
        LayoutError::Io { file: self.file.clone(), error }
    }
}

/// A layout to be saved.
#[derive(Clone)]
struct Change {
    login: String,
    name: String,
    items: Vec<String>,
}

/// Saves layouts on a thread of its own, one after the other: syncing a file takes as long as its disk does.
pub struct LayoutWriter {
    store: LayoutStore,
    changes: mpsc::Sender<Change>,
    kept: UnboundedReceiver<Result<(), LayoutError>>,
    /// Changes that may not be in the file yet, the oldest first.
    pending: VecDeque<Change>,
}

impl LayoutWriter {
    /// Starts the thread that writes to this store.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(store: LayoutStore) -> io::Result<Self> {
        let (changes, wanted) = mpsc::channel::<Change>();
        let (done, kept) = unbounded_channel();
        let writing = store.clone();
        thread::Builder::new().name("layouts".to_owned()).spawn(move || {
            for Change { login, name, items } in wanted {
                if done.send(writing.keep(&login, &name, items)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { store, changes, kept, pending: VecDeque::new() })
    }

    /// The layouts of an operator, including those that are still being written.
    ///
    /// # Errors
    /// As [`LayoutStore::load`].
    pub fn load(&self, login: &str) -> Result<Layouts, LayoutError> {
        let mut layouts = self.store.load(login)?;
        for change in self.pending.iter().filter(|change| text::key(&change.login) == text::key(login)) {
            layouts.insert(change.name.clone(), change.items.clone());
        }
        layouts.retain(|_, items| !items.is_empty());
        Ok(layouts)
    }

    /// Saves an operator's layout of one form or list in the background. [`LayoutWriter::failure`] returns what could
    /// not be saved.
    pub fn keep(&mut self, login: String, name: String, items: Vec<String>) {
        let change = Change { login, name, items };
        // The thread ends only with this writer.
        if self.changes.send(change.clone()).is_ok() {
            self.pending.push_back(change);
        }
    }

    /// Saves the keyboard in the background, for whoever uses this file.
    pub fn keep_keyboard(&mut self, keyboard: Keyboard) {
        self.keep(EVERYBODY.to_owned(), KEYBOARD.to_owned(), vec![keyboard.name().to_owned()]);
    }

    /// The error of the next layout that cannot be saved; waits for ever when there is none. Cancel safe: nothing is
    /// lost when the future is dropped.
    pub async fn failure(&mut self) -> LayoutError {
        loop {
            match self.next().await {
                Some(Err(error)) => return error,
                Some(Ok(())) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Waits until everything is written; returns the errors.
    pub async fn flush(&mut self) -> Vec<LayoutError> {
        let mut failures = Vec::new();
        while !self.pending.is_empty() {
            match self.next().await {
                Some(kept) => failures.extend(kept.err()),
                None => break,
            }
        }
        failures
    }

    async fn next(&mut self) -> Option<Result<(), LayoutError>> {
        let kept = self.kept.recv().await?;
        self.pending.pop_front();
        Some(kept)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn store() -> (tempfile::TempDir, LayoutStore) {
        let directory = tempfile::tempdir().expect("a directory");
        let store = LayoutStore::new(directory.path().join("ccdesk/layouts.toml"));
        (directory, store)
    }

    fn panels(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_layout_is_kept_for_each_operator_and_read_by_its_owner_only() {
        let (_directory, store) = store();
        assert_eq!(store.load("mkoleva").expect("nothing yet"), Layouts::new());
        store.keep("mkoleva", "Company", panels(&["Customers", "History"])).expect("kept");
        store.keep("d.petrov@kk.example", "Company", panels(&["History"])).expect("kept");
        store.keep("MKOLEVA", "User", panels(&["History"])).expect("kept");
        let mine = store.load("Mkoleva").expect("kept");
        assert_eq!(mine["Company"], ["Customers", "History"]);
        assert_eq!(mine["User"], ["History"]);
        assert_eq!(store.load("d.petrov@kk.example").expect("kept").len(), 1);
        let mode = |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&store.file), 0o600);
        assert_eq!(mode(store.file.parent().expect("a directory")), 0o700);
    }

    #[tokio::test]
    async fn the_keyboard_is_kept_whoever_signs_in() {
        let (_directory, store) = store();
        assert_eq!(store.keyboard(), None);
        let mut writer = LayoutWriter::start(store.clone()).expect("a thread");
        writer.keep("mkoleva".to_owned(), "User".to_owned(), panels(&["History"]));
        writer.keep_keyboard(Keyboard::Russian);
        writer.keep_keyboard(Keyboard::BulgarianBds);
        assert!(writer.flush().await.is_empty());
        assert_eq!(store.keyboard(), Some(Keyboard::BulgarianBds));
        assert_eq!(store.load("mkoleva").expect("kept")["User"], ["History"]);
    }

    #[test]
    fn an_empty_layout_forgets_what_was_kept() {
        let (_directory, store) = store();
        store.keep("mkoleva", "Company", panels(&["History"])).expect("kept");
        store.keep("mkoleva", "Company", Vec::new()).expect("kept");
        assert_eq!(store.load("mkoleva").expect("kept"), Layouts::new());
    }

    #[test]
    fn a_damaged_file_is_said_once_and_put_aside() {
        let (_directory, store) = store();
        for damage in [&b"\xff\xfe"[..], b"[mkoleva", b"mkoleva = 7"] {
            private::replace(&store.file, damage).expect("written");
            let said = store.load("mkoleva").expect_err("damaged").to_string();
            assert!(said.contains("layouts.toml.damaged"), "{said}");
            assert_eq!(store.load("mkoleva").expect("nothing any more"), Layouts::new());
            let aside = fs::read(store.file.with_extension("toml.damaged")).expect("kept aside");
            assert_eq!(aside, damage);
        }
    }

    #[tokio::test]
    async fn what_is_still_being_written_is_read_already_and_is_there_after_a_flush() {
        let (_directory, store) = store();
        let mut writer = LayoutWriter::start(store.clone()).expect("a thread");
        for round in 0..20 {
            let name = format!("Form {}", round % 3);
            writer.keep("mkoleva".to_owned(), name.clone(), panels(&["History"]));
            assert_eq!(writer.load("MKOLEVA").expect("kept")[&name], ["History"]);
        }
        writer.keep("mkoleva".to_owned(), "Form 1".to_owned(), Vec::new());
        let read = writer.load("mkoleva").expect("kept");
        assert!(!read.contains_key("Form 1"), "forgotten already");
        assert!(writer.flush().await.is_empty());
        assert_eq!(store.load("mkoleva").expect("kept"), read);
    }

    #[tokio::test]
    async fn a_layout_that_could_not_be_kept_is_said() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("taken");
        fs::write(&file, "").expect("a file");
        let mut writer = LayoutWriter::start(LayoutStore::new(file.join("layouts.toml"))).expect("a thread");
        writer.keep("mkoleva".to_owned(), "Company".to_owned(), panels(&["History"]));
        let sentence = writer.failure().await.to_string();
        assert!(sentence.contains("layouts.toml"), "{sentence}");
        assert!(writer.flush().await.is_empty(), "it is said once");
    }
}

//! Files and directories that only their owner can read (`docs/promises.md`, 12).

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{self, Path, PathBuf};

use tempfile::NamedTempFile;

/// Creates a directory, mode `0o700`, with its missing parents. An existing one stays as it is.
///
/// # Errors
/// When it cannot be made.
pub fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Opens a file for appending; creates it, mode `0o600`, when it is missing.
///
/// # Errors
/// When it cannot be opened.
pub fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// A new file, mode `0o600`, that gets its name when it is finished: until then there is no file of that name, or the
/// one that was there before.
pub struct NewFile {
    content: BufWriter<NamedTempFile>,
    path: PathBuf,
    replaces: bool,
}

impl NewFile {
    /// Begins a file beside `path`. A file that is there is refused, unless `replaces` allows to take its place; then it
    /// has to be a regular file and none of `kept`.
    ///
    /// # Errors
    /// One sentence when the file is refused or cannot be made; [`io::ErrorKind::AlreadyExists`] for a file that
    /// `replaces` would allow.
    pub fn begin(path: &Path, replaces: bool, kept: &[PathBuf]) -> io::Result<Self> {
        if kept.iter().any(|kept| is_same_file(kept, path)) {
            return Err(io::Error::other("it is the database or an input; name another file"));
        }
        if path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(io::Error::other("it names a folder; name a file in it"));
        }
        match fs::symlink_metadata(path) {
            Ok(_) if !replaces => {
                let sentence = "it is there already; name another file, or give --force";
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, sentence));
            }
            Ok(found) if !found.is_file() => {
                return Err(io::Error::other("it is not a regular file; name another one"));
            }
            _ => {}
        }
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let file = NamedTempFile::new_in(directory.unwrap_or(Path::new(".")))?;
        Ok(Self { content: BufWriter::new(file), path: path.to_owned(), replaces })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When it cannot be written to its end, or another file has got the name meanwhile.
    pub fn finish(self) -> io::Result<()> {
        let file = self.content.into_inner()?;
        file.as_file().sync_all()?;
        if self.replaces { file.persist(&self.path) } else { file.persist_noclobber(&self.path) }?;
        Ok(())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.content.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.content.flush()
    }
}

/// Whether two paths lead to one file, by links or otherwise; of a file that is not there, whether both would make it in
/// the same directory under the same name.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    match (identity(one), identity(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => whole_path(one).is_some_and(|one| whole_path(other) == Some(one)),
    }
}

/// The path of a file that need not be there, without links and `..` on the way to it.
fn whole_path(path: &Path) -> Option<PathBuf> {
    let absolute = path::absolute(path).ok()?;
    let (directory, name) = (absolute.parent()?, absolute.file_name()?);
    // A database makes the directories above it that are missing.
    Some(directory.canonicalize().unwrap_or_else(|_| directory.to_owned()).join(name))
}

/// Replaces the content of a file as a whole: a reader, also after a crash, finds either the old or the new content.
///
/// # Errors
/// When it cannot be written; the old content is then untouched.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    create_dir(directory)?;
    let mut new = NamedTempFile::new_in(directory)?;
    new.write_all(content)?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    Ok(())
}

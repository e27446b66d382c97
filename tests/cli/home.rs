//! The built program, run with a home directory of its own.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The built program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_ccdesk");

/// The demo company, as a file to import.
pub(crate) const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/company.json");

/// A login of the demo company that waits to be let in.
pub(crate) const PENDING: &str = "chris_armstrong@mail.com";

/// A temporary home directory, deleted at the end of the story.
pub(crate) struct Home(TempDir);

impl Home {
    /// An empty home directory.
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    /// A home directory with the demo company in the usual database.
    pub(crate) fn with_demo() -> Self {
        let home = Self::new();
        home.succeeds(&["import", DEMO]);
        home
    }

    /// A path below the home directory.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// Writes a file, and returns its whole path.
    pub(crate) fn write(&self, below: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(below);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, content).expect("a file");
        path.display().to_string()
    }

    /// A command that runs the program with these arguments, this home directory, and nothing else of the
    /// environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().env("HOME", self.0.path()).current_dir(self.0.path()).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().expect("the program runs"))
    }

    /// Runs the program to its end with this text on standard input.
    pub(crate) fn run_with_input(&self, input: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it listens");
        Ran::of(&child.wait_with_output().expect("it ends"))
    }

    /// Runs the program, which must succeed, and returns its standard output.
    pub(crate) fn succeeds(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}", ran.err);
        ran.out
    }

    /// Runs the program, which must fail with status 2, and returns the one line that it prints on standard error.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        ran.err
    }
}

/// How a run of the program ended.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The output of a run, and its exit status.
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let status = output.status.code().expect("an exit status");
        Self { status, out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// Every file below a directory.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The permission bits of a file or directory: `0o700` is its owner alone.
pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("something is there").permissions().mode() & 0o777
}

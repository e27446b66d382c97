//! The source as the rules of this test see it: files, their lines without tests and comments, and whom each uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::tokens::{Import, imports};

/// A source file.
#[derive(Clone)]
pub struct Source {
    /// The folder that it lies in: `src` or `tests`.
    pub root: &'static str,
    /// Its path below that folder, without `.rs`: `tui/widgets/values`.
    pub path: String,
    /// All of it.
    pub text: String,
    /// Its lines before the tests, without comments, each with its number.
    pub lines: Vec<(usize, String)>,
}

impl Source {
    /// Whether it is this module or lies below it.
    pub fn within(&self, module: &str) -> bool {
        is_within(&self.path, module)
    }

    /// Whether it is of the tests alone: `tests.rs`, a file below a folder `tests`, or the harness of the console.
    pub fn is_of_tests(&self) -> bool {
        self.path.split('/').any(|part| part == "tests") || self.path == "tui/testing"
    }

    /// A line of it, for a report: `src/tui/command.rs:7`.
    pub fn place(&self, line: usize) -> String {
        format!("{}/{}.rs:{line}", self.root, self.path)
    }

    /// Where it says this, for a report.
    pub fn says<'a>(&'a self, words: &'a str) -> impl Iterator<Item = String> + 'a {
        let saying = self.lines.iter().filter(move |(_, line)| has_word(line, words));
        saying.map(|(number, line)| format!("{}: {}", self.place(*number), line.trim()))
    }

    /// Its code: the lines as one text.
    pub fn code(&self) -> String {
        self.lines.iter().map(|(_, line)| format!("{line}\n")).collect()
    }

    /// The module it is, as segments: `["tui", "widgets", "values"]`; none for the crate's root.
    pub fn module(&self) -> Vec<&str> {
        if self.path == "lib" { Vec::new() } else { self.path.split('/').collect() }
    }
}

/// Whether a path is this module or lies below it.
pub fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the words stand in the line and are not a part of longer ones.
pub fn has_word(line: &str, words: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(words).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let behind = line[at + words.len()..].chars().next();
        let begins = !words.starts_with(is_part) || !before.is_some_and(is_part);
        let ends = !words.ends_with(is_part) || !behind.is_some_and(is_part);
        begins && ends
    })
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file of the crate, in order.
pub fn all() -> Vec<Source> {
    below("src")
}

/// Every source file below a folder of the repository, in order.
pub fn below(root: &'static str) -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut found = Vec::new();
    files(&folder, &mut found);
    found.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("readable");
        let name = path.strip_prefix(&folder).expect("below the folder").with_extension("");
        Source { root, path: name.to_string_lossy().into_owned(), lines: product_lines(&text), text }
    };
    found.iter().map(read).collect()
}

/// Every source file that the product is made of: without those of the tests, and without `#[cfg(test)]`.
pub fn product() -> Vec<Source> {
    all().into_iter().filter(|file| !file.is_of_tests()).collect()
}

/// Lines before the tests, without comments.
fn product_lines(text: &str) -> Vec<(usize, String)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.to_owned()));
    numbered
        .take_while(|(_, line)| line.trim() != "mod tests {")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .collect()
}

/// Who uses whom: for each file, the files whose items it names in a `use` or in a path.
pub type Uses = BTreeMap<String, BTreeSet<String>>;

/// Reads who uses whom. An item that a module passes on (`pub use facts::Facts`) counts as its own file's; what cannot
/// be found in a file of the crate is left out.
pub fn uses(product: &[Source]) -> Uses {
    let files: BTreeSet<&str> = product.iter().map(|file| file.path.as_str()).collect();
    let imports: BTreeMap<&str, Vec<Import>> =
        product.iter().map(|file| (file.path.as_str(), imports(&file.code(), &file.module()))).collect();
    let mut passed_on: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (path, of_file) in &imports {
        for import in of_file.iter().filter(|import| import.is_public) {
            passed_on.insert(((*path).to_owned(), import.name.clone()), import.path.clone());
        }
    }
    let found = |file: &str, of_file: &[Import]| {
        let used = of_file.iter().filter_map(|import| file_of(&import.path, &files, &passed_on, 0));
        used.filter(|used| used != file).collect()
    };
    imports.iter().map(|(path, of_file)| ((*path).to_owned(), found(path, of_file))).collect()
}

/// The file that a path leads to, behind everything that passes it on.
fn file_of(
    path: &[String],
    files: &BTreeSet<&str>,
    passed_on: &BTreeMap<(String, String), Vec<String>>,
    depth: usize,
) -> Option<String> {
    let module = (0..=path.len()).rev().map(|end| path[..end].join("/")).find(|module| {
        let module = if module.is_empty() { "lib" } else { module };
        files.contains(module)
    })?;
    let behind = if module.is_empty() { path } else { &path[module.split('/').count()..] };
    let module = if module.is_empty() { "lib".to_owned() } else { module };
    // A module alone: what is used of it stands in a path of its own.
    let (item, rest) = behind.split_first()?;
    match passed_on.get(&(module.clone(), item.clone())).filter(|_| depth < 4) {
        Some(own) => {
            let whole: Vec<String> = own.iter().chain(rest).cloned().collect();
            file_of(&whole, files, passed_on, depth + 1)
        }
        None => Some(module),
    }
}

/// The circles: files that use one another over however many others. A module that names its own children is none.
pub fn circles(uses: &Uses) -> Vec<BTreeSet<String>> {
    let is_own_child = |file: &str, used: &str| file == "lib" || used != file && is_within(used, file);
    let reached: BTreeMap<&str, BTreeSet<&str>> = uses
        .keys()
        .map(|start| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![start.as_str()]);
            while let Some(file) = open.pop() {
                let next = uses.get(file).into_iter().flatten();
                for used in next.filter(|used| !is_own_child(file, used)) {
                    if seen.insert(used.as_str()) {
                        open.push(used);
                    }
                }
            }
            (start.as_str(), seen)
        })
        .collect();
    let together = |one: &str, other: &str| reached[one].contains(other) && reached[other].contains(one);
    let circle = |file: &str| {
        let others =
            reached[file].iter().filter(|other| reached.contains_key(*other) && together(file, other));
        others.map(|other| (*other).to_owned()).collect::<BTreeSet<_>>()
    };
    let found: BTreeSet<BTreeSet<String>> =
        reached.keys().map(|file| circle(file)).filter(|circle| circle.len() > 1).collect();
    found.into_iter().collect()
}

//! What the documents and the comments name is there.

use std::fs;
use std::path::Path;

use crate::none;
use crate::source::all;

/// The folders of the repository that paths begin with.
const FOLDERS: [&str; 7] = ["assets/", "benches/", "docs/", "examples/", "migrations/", "src/", "tests/"];

/// The paths of this repository that a text names. Those with a placeholder (`NAME`, `…` or `*`) are left out, and so
/// are parts of other addresses.
fn paths(text: &str) -> Vec<&str> {
    let belongs = |letter: char| letter.is_alphanumeric() || "/._-*…".contains(letter);
    let named = text.split(|letter| !belongs(letter)).map(|path| path.trim_end_matches(['.', '/']));
    named
        .filter(|path| FOLDERS.iter().any(|folder| path.starts_with(folder)))
        .filter(|path| !path.contains(['*', '…']) && !path.contains("NAME"))
        .collect()
}

fn missing(text: &str) -> Vec<&str> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    paths(text).into_iter().filter(|path| !root.join(path).exists()).collect()
}

#[test]
fn every_path_that_a_document_or_a_comment_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(root.join("docs")).expect("readable");
    let mut documents: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    documents.push(root.join("README.md"));
    for document in documents {
        let text = fs::read_to_string(&document).expect("readable");
        let named = missing(&text).into_iter().map(|path| format!("{}: {path}", document.display()));
        none("documents name what is there", named);
    }
    for file in all() {
        let comments = file.text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"));
        let named = comments.flat_map(|(index, line)| {
            let missing = missing(line).into_iter();
            missing.map(move |path| (index + 1, path))
        });
        none(
            "comments name what is there",
            named.map(|(line, path)| format!("{}: {path}", file.place(line))),
        );
    }
}

#[test]
fn a_path_is_found_in_what_is_written_around_it() {
    assert_eq!(
        missing("as `src/domain/schema/` says (docs/gone.md, 8)."),
        ["src/domain/schema", "docs/gone.md"]
    );
    assert_eq!(
        missing("[the map](src/lib.rs), `tests/stories/`; migrations/NAME.sql, docs/…, src/*.rs."),
        [""; 0]
    );
    assert_eq!(missing("https://www.example.org/docs/current/index.html"), [""; 0]);
}

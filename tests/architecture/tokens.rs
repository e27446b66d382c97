//! The `use` declarations of a file, and the paths in its code, read from its tokens.

/// Something of this crate that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// From the crate's root on: `["domain", "model", "record", "Draft"]`.
    pub path: Vec<String>,
    /// What it is called in this file; behind `as` another word.
    pub name: String,
    /// Whether the file passes it on.
    pub is_public: bool,
}

/// Everything of this crate that `code` names in a `use` or in a path that begins with `crate`, `super` or `self`.
/// `module` is the module the code stands in.
pub fn imports(code: &str, module: &[&str]) -> Vec<Import> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut children: Vec<String> = Vec::new();
    for pair in tokens.windows(3) {
        if pair[0] == "mod" && pair[2] == ";" {
            children.push(pair[1].clone());
        }
    }
    let (mut at, mut elsewhere) = (0, Vec::new());
    while at < tokens.len() {
        if tokens[at] == "use" {
            let is_public = is_public(&tokens[..at]);
            let mut tree = Tree { tokens: &tokens, at: at + 1, found: Vec::new() };
            tree.read(&[]);
            at = tree.at;
            let read = tree.found.into_iter().filter_map(|(path, name)| {
                let path = rooted(&path, module, &children)?;
                Some(Import { path, name, is_public })
            });
            found.extend(read);
        } else {
            elsewhere.push(tokens[at].clone());
            at += 1;
        }
    }
    let in_code = (0..elsewhere.len()).filter_map(|at| {
        let path = path_at(&elsewhere, at)?;
        let path = match found.iter().find(|import| import.name == path[0]) {
            // `records::load` behind `use crate::storage::records`.
            Some(import) => import.path.iter().chain(&path[1..]).cloned().collect(),
            None => rooted(&path, module, &[])?,
        };
        let name = path.last().cloned().unwrap_or_default();
        Some(Import { path, name, is_public: false })
    });
    let in_code: Vec<Import> = in_code.collect();
    found.extend(in_code);
    found
}

/// The path of two names or more that begins at a token; `None` inside of one, and in `pub(in …)`.
fn path_at(tokens: &[String], at: usize) -> Option<Vec<String>> {
    let goes_on = tokens.get(at + 1).is_some_and(|next| next == "::") && tokens[at].starts_with(is_name);
    let is_inside = at > 0 && ["::", "in"].contains(&tokens[at - 1].as_str());
    let path = || tokens[at..path_end(tokens, at)].iter().filter(|token| *token != "::").cloned().collect();
    (goes_on && !is_inside).then(path)
}

/// Names, `::`, and every other character by itself; without comments, texts and characters.
pub fn tokens(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_text(rest) {
            length
        } else if first == '"' {
            text_length(rest)
        } else if first == '\'' {
            character_length(rest)
        } else if is_name(first) {
            let end = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
            found.push(rest[..end].to_owned());
            end
        } else if rest.starts_with("::") {
            found.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                found.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The length of a raw text, `r"…"` or `r#"…"#`.
fn raw_text(rest: &str) -> Option<usize> {
    let hashes = rest.strip_prefix('r')?;
    let count = hashes.len() - hashes.trim_start_matches('#').len();
    let inside = hashes[count..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(count));
    let length = inside.find(&end)?;
    Some(1 + count + 1 + length + end.len())
}

fn text_length(rest: &str) -> usize {
    let mut is_escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character such as `'x'` or `'\''`; only the quote where it begins a lifetime.
fn character_length(rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    match letters.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(1, |end| end + 4),
        Some(_) => match letters.next() {
            Some((at, '\'')) => at + 1,
            _ => 1,
        },
        None => 1,
    }
}

/// Whether what stands before a `use` passes it on: `pub`, `pub(crate)`, `pub(in …)`.
fn is_public(before: &[String]) -> bool {
    match before.last().map(String::as_str) {
        Some("pub") => true,
        Some(")") => before.iter().rev().take(8).any(|token| token == "pub"),
        _ => false,
    }
}

fn path_end(tokens: &[String], start: usize) -> usize {
    let mut end = start + 1;
    while tokens.get(end).is_some_and(|token| token == "::")
        && tokens.get(end + 1).is_some_and(|token| token.starts_with(is_name))
    {
        end += 2;
    }
    end
}

/// A path from the crate's root on; `None` when it leads out of the crate.
fn rooted(path: &[String], module: &[&str], children: &[String]) -> Option<Vec<String>> {
    let own = |up: usize| module[..module.len().saturating_sub(up)].iter().map(|part| (*part).to_owned());
    let first = path.first()?;
    Some(match first.as_str() {
        "crate" => path[1..].to_vec(),
        "self" => own(0).chain(path[1..].iter().cloned()).collect(),
        "super" => {
            let up = path.iter().take_while(|part| *part == "super").count();
            own(up).chain(path[up..].iter().cloned()).collect()
        }
        _ if children.contains(first) => own(0).chain(path.iter().cloned()).collect(),
        _ => return None,
    })
}

/// Reads the tree of one `use`: `a::{b, c::{self, d as e}}`.
struct Tree<'a> {
    tokens: &'a [String],
    at: usize,
    found: Vec<(Vec<String>, String)>,
}

impl Tree<'_> {
    fn token(&self) -> &str {
        self.tokens.get(self.at).map_or(";", String::as_str)
    }

    /// Reads one branch behind `before`, up to the comma, brace or semicolon that ends it.
    fn read(&mut self, before: &[String]) {
        let mut path = before.to_vec();
        let mut name = None;
        loop {
            match self.token() {
                "{" => {
                    self.at += 1;
                    while self.token() != "}" && self.token() != ";" {
                        self.read(&path);
                        if self.token() == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "::" => {}
                "," | "}" | ";" => break,
                "as" => {
                    self.at += 1;
                    name = Some(self.token().to_owned());
                }
                "self" if !path.is_empty() => {}
                other => path.push(other.to_owned()),
            }
            self.at += 1;
        }
        let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
        self.found.push((path, name));
    }
}

#[test]
fn every_way_to_name_something_is_read() {
    let code = r##"
        mod child;
        pub use child::Given;
        use std::fmt; // use crate::comment::Ignored;
        use crate::storage::{db::{self, Session as Open}, error::StorageError};
        use super::{sibling, other::Thing};
        pub(in crate::domain) use super::super::far::Away;
        fn f<'a>(x: &'a str) -> char { crate::service::World::new("use crate::text::T;", r#"use crate::raw::T"#); '"' }
        fn g() -> self::child::Two { let quote = '\''; super::sibling::h(quote) }
        fn h() { db::begin(); Open::<u8>::new() }
    "##;
    let found: Vec<String> = imports(code, &["domain", "model"])
        .into_iter()
        .map(|import| {
            let public = if import.is_public { "pub " } else { "" };
            format!("{public}{} as {}", import.path.join("::"), import.name)
        })
        .collect();
    assert_eq!(
        found,
        [
            "pub domain::model::child::Given as Given",
            "storage::db as db",
            "storage::db::Session as Open",
            "storage::error::StorageError as StorageError",
            "domain::sibling as sibling",
            "domain::other::Thing as Thing",
            "pub far::Away as Away",
            "service::World::new as new",
            "domain::model::child::Two as Two",
            "domain::sibling::h as h",
            "storage::db::begin as begin",
            "storage::db::Session as Session",
        ]
    );
}

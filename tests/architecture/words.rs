//! The words of the source are those of the trade: what a Rust or a database engineer, or a clerk, would look for.

use crate::none;
use crate::source::{Source, all, below, has_word};

/// Words that once stood for something else than they say. (`write`, `Action`, `ServiceSession`, `Principal`,
/// `SessionToken`, `Policy`, `WriteContext` took their place.)
const RETIRED: [&str; 22] = [
    "deed", "deeds", "desk", "desks", "door", "doors", "doorway", "errand", "errands", "house", "houses",
    "navigate", "office", "offices", "presence", "seat", "seated", "seats", "spot", "spots", "stamp",
    "standing",
];

/// Names that are retired as they stand, though their words are good ones.
const RETIRED_NAMES: [&str; 8] =
    ["Pass", "pass_of", "told_to", "points_at", "point_at", "pointed_at", "fn keeps", "asked: bool"];

/// Files that may say them: names of goods and places for generated companies, where a door is a door; and this list.
const LEFT_OUT: [(&str, &str); 2] = [("src", "service/generate/names"), ("tests", "architecture/words")];

/// Names in the demo company.
const DEMO_NAMES: [&str; 2] = ["sales-desk", "Tbilisi Wine House"];

/// The words of a line: `SignedIn` and `signed_in` are two each, lower case.
fn words(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut end = |word: &mut String| {
        if !word.is_empty() {
            found.push(std::mem::take(word));
        }
    };
    let mut was_small = false;
    for letter in line.chars() {
        if !letter.is_alphabetic() || (letter.is_uppercase() && was_small) {
            end(&mut word);
        }
        was_small = letter.is_lowercase();
        word.extend(letter.to_lowercase().filter(|_| letter.is_alphabetic()));
    }
    end(&mut word);
    found
}

/// The retired words of a line. The back office is called so by everybody.
fn retired(line: &str) -> Vec<String> {
    let words = words(&DEMO_NAMES.iter().fold(line.to_owned(), |line, name| line.replace(name, "")));
    let is_back_office = |at: usize| words[at].starts_with("office") && at > 0 && words[at - 1] == "back";
    let single = (0..words.len()).filter(|at| RETIRED.contains(&words[*at].as_str()) && !is_back_office(*at));
    let names = RETIRED_NAMES.into_iter().filter(|name| has_word(line, name));
    single.map(|at| words[at].clone()).chain(names.map(str::to_owned)).collect()
}

fn lines_with_retired(file: &Source) -> Vec<String> {
    let numbered = file.text.lines().enumerate();
    numbered
        .flat_map(|(index, line)| retired(line).into_iter().map(move |word| (index + 1, word)))
        .map(|(number, word)| format!("{}: {word}", file.place(number)))
        .collect()
}

#[test]
fn the_retired_words_are_gone() {
    let files = [all(), below("tests")].concat();
    let read = || files.iter().filter(|file| !LEFT_OUT.contains(&(file.root, file.path.as_str())));
    none("plain words", read().flat_map(lines_with_retired));
    none("plain names of files", read().flat_map(|file| retired(&file.path)));
}

#[test]
fn a_retired_word_is_found_in_whatever_it_is_part_of() {
    for (line, found) in [
        ("/// The one door through which", vec!["door"]),
        ("struct ServiceDoor; fn seat_of(&self)", vec!["door", "seat"]),
        ("the back office, a BackOffice, back_offices, and an Office", vec!["office"]),
        ("indoors: ccdesk, Timestamp, a passport, outstanding", vec![]),
        ("let Pass { user } = pass;", vec!["Pass"]),
        ("fn keeps(&self, asked: bool), fn keeps_all(asked: &str)", vec!["fn keeps", "asked: bool"]),
        ("login: sales-desk, in Tbilisi Wine House; a desk", vec!["desk"]),
    ] {
        assert_eq!(retired(line), found, "{line}");
    }
}

/// What is public in whatever measure, `pub(super)` too, and has no doc comment; modules have theirs in their file.
fn undocumented(file: &Source) -> Vec<String> {
    let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
    let is_item = |line: &str| {
        let item = line.strip_prefix("pub").map(|rest| match rest.strip_prefix('(') {
            Some(measure) => measure.split_once(')').map_or("", |(_, item)| item),
            None => rest,
        });
        item.is_some_and(|item| {
            item.starts_with(' ') && !item.starts_with(" use ") && !item.starts_with(" mod ")
        })
    };
    let is_told = |at: usize| {
        let is_doc = |line: &str| ["///", "$(#[", "#[doc"].iter().any(|doc| line.starts_with(doc));
        let is_attribute = |line: &str| line.starts_with("#[") || line.ends_with(")]");
        let above = lines[..at].iter().rev().find(|line| is_doc(line) || !is_attribute(line));
        above.is_some_and(|line| is_doc(line))
    };
    let missing = (0..lines.len()).filter(|at| is_item(lines[*at]) && !is_told(*at));
    missing.map(|at| format!("{}: {}", file.place(at + 1), lines[at])).collect()
}

#[test]
fn everything_public_is_documented() {
    let files = all();
    let product = files.iter().filter(|file| !file.is_of_tests());
    let headless = product.clone().filter(|file| !file.text.starts_with("//!"));
    none("a file says in its first line what it is", headless.map(|file| file.path.clone()));
    none("what others may use has a doc comment", product.flat_map(undocumented));
}

//! The house rules, read off the source: who may know whom, and what stands in one place only
//! (`src/lib.rs` says why).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A source file without its tests and comments.
struct Source {
    /// Its path below `src`, without `.rs`: `tui/widgets/values`.
    path: String,
    /// What is left, a line each, with its number.
    lines: Vec<(usize, String)>,
}

impl Source {
    /// Whether it is this module or lies below it.
    fn within(&self, module: &str) -> bool {
        self.path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The places where it says this, for a report.
    fn says<'a>(&'a self, words: &'a str) -> impl Iterator<Item = String> + 'a {
        let saying = self.lines.iter().filter(move |(_, line)| has_word(line, words));
        saying.map(|(number, line)| format!("src/{}.rs:{number}: {}", self.path, line.trim()))
    }
}

/// Whether the words stand in the line and are not a part of longer ones.
fn has_word(line: &str, words: &str) -> bool {
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

/// Every source file that the product is made of, without `tests.rs`, `testing.rs` and `#[cfg(test)]`.
fn product() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &mut found);
    found.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("readable");
        let name = path.strip_prefix(&src).expect("below src").with_extension("");
        Source { path: name.to_string_lossy().into_owned(), lines: product_lines(&text) }
    };
    let product = found.iter().map(read);
    product.filter(|file| !file.path.ends_with("/tests") && file.path != "tui/testing").collect()
}

/// Lines before the tests, without comments.
fn product_lines(text: &str) -> Vec<(usize, String)> {
    let numbered = text.lines().enumerate().map(|(place, line)| (place + 1, line.to_owned()));
    numbered
        .take_while(|(_, line)| line.trim() != "mod tests {")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .collect()
}

/// Nothing in `found`, or a report of it.
#[track_caller]
fn none(rule: &str, found: impl IntoIterator<Item = String>) {
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// What the files of `module` say of these words.
fn said<'a>(
    product: &'a [Source],
    module: &'a str,
    words: &'a [&'a str],
) -> impl Iterator<Item = String> + 'a {
    let files = product.iter().filter(move |file| file.within(module));
    files.flat_map(move |file| words.iter().flat_map(move |words| file.says(words)))
}

#[test]
fn the_arrows_point_inwards() {
    let product = product();
    for (module, outer) in [
        ("domain", &["crate::storage", "crate::service", "crate::tui", "crate::cli", "crate::config"][..]),
        ("storage", &["crate::service", "crate::tui", "crate::cli", "crate::config"]),
        ("service", &["crate::tui", "crate::cli", "crate::config"]),
        ("tui", &["crate::cli", "crate::config"]),
        ("private", &["crate::"]),
    ] {
        none(&format!("{module} knows nothing of what lies around it"), said(&product, module, outer));
    }
}

#[test]
fn nobody_takes_a_way_round_the_arrows() {
    // A path that climbs up to the crate would not be seen above.
    let product = product();
    for file in &product {
        let to_the_crate = "super::".repeat(file.path.split('/').count());
        none("what lies elsewhere is named from the crate on", file.says(&to_the_crate));
    }
}

#[test]
fn the_domain_is_pure() {
    let product = product();
    let outside =
        ["sqlx", "ratatui", "crossterm", "tokio", "tracing", "std::fs", "std::env", "std::io", "fastrand"];
    let chance =
        ["Timestamp::now", "Zoned::now", "SystemTime", "Instant::now", "now_v7", "new_v4", "async fn"];
    none("domain does no I/O", said(&product, "domain", &outside));
    none("domain knows neither clock nor chance", said(&product, "domain", &chance));
}

#[test]
fn only_storage_speaks_to_a_database() {
    let product = product();
    for file in product.iter().filter(|file| !file.within("storage")) {
        none("only storage names sqlx", file.says("sqlx"));
        for words in ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM"] {
            none(
                "only storage holds SQL",
                file.lines
                    .iter()
                    .filter(|(_, line)| line.contains(&format!("\"{words}")))
                    .map(|(n, line)| format!("{}:{n}: {line}", file.path)),
            );
        }
    }
    for file in product.iter().filter(|file| !file.within("storage/db")) {
        none("SQL made of pieces is let in at one place", file.says("AssertSqlSafe"));
    }
}

#[test]
fn the_console_asks_the_service_in_one_place() {
    // Besides questions and their answers, screens name types of the service and these plain functions.
    let may_be_named = [
        "service::ServiceError",
        "service::World",
        "service::api",
        "auth::{Secret, SignInOutcome}",
        "auth::Secret",
        "auth::SiteChoice",
        "back_office::SignedIn",
        "client_center::",
        "diagnosis::Judged",
        "grants::Grants",
        "records::choice_columns",
        "records::with_defaults",
        "requests::",
    ];
    let product = product();
    let tui = product.iter().filter(|file| file.within("tui"));
    for file in tui.filter(|file| !["tui/runtime", "tui"].contains(&file.path.as_str())) {
        let others = file
            .says("crate::service")
            .filter(|place| !may_be_named.iter().any(|words| place.contains(words)));
        none("screens name what is asked and answered, and ask nothing themselves", others);
        none("only the runtime holds the session with the service", file.says("ServiceSession"));
        for words in ["crate::storage", ".await", "async fn", "std::fs", "block_on"] {
            let may = ["tui/event_loop", "tui/input", "tui/layout_store"].contains(&file.path.as_str());
            none("a screen neither waits nor reads", file.says(words).filter(|_| !may));
        }
    }
}

#[test]
fn nobody_takes_time_or_identities_out_of_thin_air() {
    let sources = ["Timestamp::now", "Zoned::now", "SystemTime::now", "now_v7", "new_v4", "Instant::now"];
    // The real world, and how long an answer takes.
    let may = ["service", "tui/event_loop"];
    let product = product();
    for file in product.iter().filter(|file| !may.contains(&file.path.as_str())) {
        none("time and identities are handed in", sources.iter().flat_map(|words| file.says(words)));
    }
}

#[test]
fn promise_10_stored_text_reaches_the_screen_through_one_door() {
    let doors = ["tui/widgets/text"];
    let ways = [
        "set_string",
        "set_stringn",
        "set_line",
        "set_span",
        "set_symbol",
        "set_char",
        "Line::from",
        "Line::raw",
        "Span::raw",
        "Span::styled",
        "Text::from",
        "Text::raw",
        "Paragraph::new",
        "print!",
        "println!",
    ];
    let product = product();
    let tui = product.iter().filter(|file| file.within("tui") && !doors.contains(&file.path.as_str()));
    none("text is drawn by widgets::text", tui.flat_map(|file| ways.iter().flat_map(|way| file.says(way))));
}

/// What lies above the entities reads their descriptions. These know one by name, each for a reason.
const KNOW_AN_ENTITY: [(&str, &[&str]); 22] = [
    // The first administrator, whoever signs in or asks for an account, and the demo's operator are users.
    ("cli/demo", &["user"]),
    ("service/auth", &["user"]),
    // An imported external user without a person gets a request for the account.
    ("service/exchange/apply", &["user"]),
    ("storage/records", &["party"]),
    ("service/exchange/object", &["user"]),
    ("tui/screens/sign_in", &["user"]),
    ("tui/screens/create_account", &["user"]),
    ("tui/screens/password", &["user"]),
    ("tui/screens/lock", &["user"]),
    // Home says which users wait and which are blocked.
    ("tui/screens/home", &["user"]),
    // A role's word.
    ("tui/screens/select_client", &["external_access"]),
    // Create new for a party makes a company; F8 repairs what the codes are about.
    ("tui/screens/form/editing", &["company"]),
    ("tui/screens/form/walk", &["user"]),
    // What is done for users is offered to those who sign in.
    ("tui/screens/form/user_actions", &["user"]),
    // The fields of an access, where they are no form.
    ("tui/screens/access_fields", &["external_access"]),
    // In a Client Center a user is added by e-mail, with a role.
    ("tui/screens/client_center/home", &["external_access"]),
    ("tui/screens/client_center/user_management", &["external_access"]),
    ("tui/screens/client_center/access_editor", &["external_access", "user"]),
    ("tui/screens/form/repair", &["customer", "external_access", "party", "person", "user", "web_site"]),
    // Whom to let in to what is one place; what a role is called, another.
    ("tui/screens/grant", &["customer", "external_access"]),
    ("tui/screens/sign_in_preview", &["external_access"]),
    // The tables behind the codes, the passwords and the first data.
    ("storage/accounts", &["user"]),
];

#[test]
fn a_new_entity_is_one_file_and_one_line() {
    let entities: BTreeSet<String> =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain/entities"))
            .expect("readable")
            .map(|entry| {
                entry.expect("readable").path().file_stem().unwrap_or_default().to_string_lossy().into_owned()
            })
            .collect();
    let generic = [
        "tui",
        "storage/list",
        "storage/records",
        "storage/history",
        "service/back_office/records",
        "service/exchange",
    ];
    let product = product();
    for file in product.iter().filter(|file| generic.iter().any(|module| file.within(module))) {
        let known =
            KNOW_AN_ENTITY.iter().find(|(path, _)| *path == file.path).map_or(&[][..], |(_, known)| known);
        for entity in entities.iter().filter(|entity| !known.contains(&entity.as_str())) {
            none("entities are read, not known", file.says(&format!("entities::{entity}")));
        }
    }
    let registry = product.iter().find(|file| file.path == "domain/entities").expect("the list of entities");
    for entity in &entities {
        let lines = registry.says(&format!("&{entity}")).count();
        assert_eq!(lines, 1, "{entity} stands in one line of ALL");
    }
}

#[test]
fn nothing_is_waved_through() {
    let product = product();
    for words in
        ["#[allow", "#![allow", "todo!", "unimplemented!", "dbg!", "unsafe ", "TODO", "FIXME", "cfg!(test)"]
    {
        none("nothing is left undone", product.iter().flat_map(|file| file.says(words)));
    }
}

//! The rules of the architecture (`docs/architecture.md`), read off the source: who may use whom, and what stands in one
//! place only.

mod paths;
mod source;
mod tokens;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use source::{Source, circles, is_within, product, uses};

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

/// Each part with those it may use besides itself. A part that lies in another has its own line.
const ARROWS: [(&str, &[&str]); 13] = [
    ("private", &[]),
    ("domain/model", &[]),
    ("domain/entities", &["domain/model"]),
    ("domain/codes", &["domain/model", "domain/entities"]),
    ("domain/matching", &["domain/model", "domain/entities"]),
    ("domain", &[]),
    ("storage", &["domain", "private"]),
    ("service", &["domain", "storage", "private"]),
    ("tui", &["domain", "service", "storage", "private"]),
    ("config", &["domain", "service", "storage", "tui", "private"]),
    ("cli", &["domain", "service", "storage", "tui", "config", "private"]),
    ("main", &["lib", "cli", "config"]),
    ("lib", &[]),
];

/// Which of the parts a file belongs to, and what it may use.
fn part_of(file: &str) -> Option<(&'static str, &'static [&'static str])> {
    ARROWS.into_iter().find(|(part, _)| is_within(file, part))
}

#[test]
fn the_arrows_point_inwards() {
    let mut wrong = Vec::new();
    for (file, used) in &uses(&product()) {
        let Some((part, allowed)) = part_of(file) else { panic!("{file} belongs to no part of ARROWS") };
        let may = |other: &&String| {
            is_within(other, part) || allowed.iter().any(|allowed| is_within(other, allowed))
        };
        wrong.extend(used.iter().filter(|other| !may(other)).map(|other| format!("{file} uses {other}")));
    }
    none("domain ← storage ← service ← {tui, cli} ← main; model ← entities ← {codes, matching}", wrong);
}

#[test]
fn no_files_use_one_another() {
    let circles = circles(&uses(&product())).into_iter();
    let report = circles.map(|circle| circle.into_iter().collect::<Vec<_>>().join(" ⇄ "));
    none(
        "files that use one another cannot be read one by one; what they share has a file of its own",
        report,
    );
}

#[test]
fn a_circle_is_found_however_long_it_is() {
    let uses = |pairs: &[(&str, &str)]| {
        let mut uses = source::Uses::new();
        for (file, used) in pairs {
            uses.entry((*file).to_owned()).or_default().insert((*used).to_owned());
            uses.entry((*used).to_owned()).or_default();
        }
        circles(&uses).into_iter().map(|circle| circle.into_iter().collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    assert_eq!(uses(&[("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]), [["a", "b", "c"]]);
    assert_eq!(uses(&[("a", "a/b"), ("a/b", "a"), ("a", "c"), ("c", "a/b")]), [["a", "a/b", "c"]]);
    assert!(uses(&[("a", "a/b"), ("a/b", "a"), ("a/b", "c")]).is_empty(), "a module and its own child");
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
                    .map(|(n, line)| format!("{}: {line}", file.place(*n))),
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
        "back_office::OperationEntry",
        "back_office::SiteChoice",
        "back_office::SignedIn",
        "client_center::",
        "diagnosis::Judged",
        "export::{Format, Progress, Selection}",
        "export::Progress",
        "exports::ExportOrder",
        "grants::Grants",
        "queue::RequestDetails",
        "records::choice_columns",
        "records::with_defaults",
        "requests::",
        "undo::Undone",
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
fn promise_10_stored_text_reaches_the_screen_through_one_function() {
    let functions = ["tui/widgets/text"];
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
    let tui = product.iter().filter(|file| file.within("tui") && !functions.contains(&file.path.as_str()));
    none("text is drawn by widgets::text", tui.flat_map(|file| ways.iter().flat_map(|way| file.says(way))));
}

/// What lies above the entities reads their descriptions. These know one by name, each for a reason.
const KNOW_AN_ENTITY: [(&str, &[&str]); 19] = [
    // An imported external user without a person gets a request for the account.
    ("service/exchange/apply", &["user"]),
    ("service/exchange/object", &["user"]),
    ("service/exchange/password", &["user"]),
    ("tui/screens/sign_in", &["user"]),
    ("tui/screens/create_account", &["user"]),
    ("tui/screens/password", &["user"]),
    ("tui/screens/lock", &["user"]),
    // Home says which users wait and which are blocked.
    ("tui/screens/home", &["user"]),
    // What a request says of its user.
    ("tui/screens/navigator/preview", &["user"]),
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
    // Whom to let in to what.
    ("tui/screens/grant", &["customer", "external_access"]),
    // The tables behind the codes.
    ("storage/list/codes", &["customer", "external_access", "party", "user"]),
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
    let is_generic = |file: &&Source| generic.iter().any(|module| file.within(module));
    for (path, _) in KNOW_AN_ENTITY {
        assert!(product.iter().filter(is_generic).any(|file| file.path == path), "{path} is no generic file");
    }
    for file in product.iter().filter(is_generic) {
        let known =
            KNOW_AN_ENTITY.iter().find(|(path, _)| *path == file.path).map_or(&[][..], |(_, known)| known);
        let named: BTreeSet<String> = tokens::imports(&file.code(), &file.module())
            .into_iter()
            .filter(|import| import.path.starts_with(&["domain".to_owned(), "entities".to_owned()]))
            .filter_map(|import| import.path.get(2).cloned())
            .filter(|name| entities.contains(name))
            .collect();
        let unknown = named.iter().filter(|name| !known.contains(&name.as_str()));
        let report = unknown.map(|name| format!("{} names {name}", file.path));
        none("entities are read, not known: what generic code needs of one is said by its EntityDef", report);
        let idle = known.iter().filter(|known| !named.contains(**known));
        let report = idle.map(|name| format!("{} does not name {name} any more", file.path));
        none("KNOW_AN_ENTITY holds what is needed", report);
    }
    let registry = product.iter().find(|file| file.path == "domain/entities").expect("the list of entities");
    for entity in &entities {
        let lines = registry.says(&format!("Entity::new(&{entity}")).count();
        assert_eq!(lines, 1, "{entity} is registered once in ALL");
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

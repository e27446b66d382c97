//! `--help` and `--version`, and what a wrong command line is answered with.

use ccdesk::cli::Cli;
use clap::{Command, CommandFactory};

use crate::home::{Home, Ran};

/// Every command and subcommand, as typed; first the program without a command.
fn commands() -> Vec<Vec<String>> {
    fn below(command: &Command, typed: &[String], found: &mut Vec<Vec<String>>) {
        found.push(typed.to_vec());
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            below(inner, &[typed, &[inner.get_name().to_owned()]].concat(), found);
        }
    }
    let mut found = Vec::new();
    below(&Cli::command(), &[], &mut found);
    found
}

#[test]
fn the_whole_reference_is_as_it_was_agreed() {
    let home = Home::new();
    let mut reference = String::new();
    for typed in commands() {
        let arguments: Vec<&str> = typed.iter().map(String::as_str).chain(["--help"]).collect();
        let output = home.command(&arguments).env("COLUMNS", "100").output().expect("the program runs");
        let ran = Ran::of(&output);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{arguments:?}");
        reference.push_str(&format!("$ ccdesk {}\n\n", arguments.join(" ")));
        for line in ran.out.trim_end().lines() {
            reference.push_str(line.trim_end());
            reference.push('\n');
        }
        reference.push('\n');
    }
    let widest = reference.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|widest| (80..=100).contains(&widest)), "{widest:?} columns");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(".");
    settings.bind(|| insta::assert_snapshot!("reference", reference));
}

#[test]
fn every_command_has_its_stories() {
    let files = include_str!("main.rs");
    for name in Cli::command().get_subcommands().map(|command| command.get_name().replace('-', "_")) {
        assert!(files.contains(&format!("\nmod {name};\n")), "tests/cli/{name}.rs is not there");
    }
}

#[test]
fn every_command_says_what_its_exit_status_means_or_opens_the_console() {
    let opens_the_console = ["demo", "client-center"];
    let home = Home::new();
    for command in Cli::command().get_subcommands().map(Command::get_name) {
        let said = home.succeeds(&[command, "--help"]).contains("Exit status: 0");
        assert_eq!(said, !opens_the_console.contains(&command), "{command}");
    }
}

#[test]
fn a_command_line_that_is_none_is_said_with_what_is_near() {
    let home = Home::new();
    for (arguments, said) in [
        (&["imprt"][..], "'import'"),
        (&["check", "--sit", "cc"], "'--site'"),
        (&["check", "--format", "xml"], "[possible values: table, json, csv]"),
        (&["import"], "<FILE>"),
        (&["request", "reject", "ann"], "--reason"),
        (&["access"], "Usage: ccdesk access"),
        (&["demo", "--users", "many"], "invalid digit"),
    ] {
        let ran = home.run(arguments);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn help_shows_every_command_and_ends_with_examples() {
    let home = Home::new();
    let help = home.succeeds(&["--help"]);
    for word in ["demo", "check", "import", "--db", "--config", "CCDESK_DATABASE_URL"] {
        assert!(help.contains(word), "{word}");
    }
    let examples = help.split_once("Examples:\n").expect("examples").1;
    let commands = examples.lines().take_while(|line| !line.is_empty());
    assert!(commands.clone().count() >= 5);
    for line in commands {
        assert!(line.trim_start().starts_with("ccdesk"), "{line}");
    }
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(Home::new().succeeds(&["--version"]), concat!("ccdesk ", env!("CARGO_PKG_VERSION"), "\n"));
}

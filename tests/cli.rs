//! The command line, told by running the built program with a home of its own.

use std::fs;
use std::io::{self, Read, Write};
use std::num::NonZeroU16;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// The place of the program, and of the samples.
const PROGRAM: &str = env!("CARGO_BIN_EXE_ccdesk");
const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/company.json");
const DEMO_README: &str = include_str!("../assets/demo/README.md");

/// Somebody's home, where nothing is yet.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    /// One where the demo company is in the usual database.
    fn with_demo() -> Self {
        let home = Self::new();
        home.succeeds(&["import", DEMO]);
        home
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn write(&self, below: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(below);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, content).expect("a file");
        path.display().to_string()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().env("HOME", self.0.path()).current_dir(self.0.path()).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().expect("the program runs"))
    }

    /// Runs it with this on standard input.
    fn told(&self, input: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it listens");
        Ran::of(&child.wait_with_output().expect("it ends"))
    }

    fn succeeds(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}", ran.err);
        ran.out
    }

    /// Runs it and gives the one sentence of its refusal.
    fn refused(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        ran.err
    }
}

/// Every file below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let status = output.status.code().expect("an exit status");
        Self { status, out: text(&output.stdout), err: text(&output.stderr) }
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("something is there").permissions().mode() & 0o777
}

/// The rows of the first table under a heading, each cell without blanks and back-ticks.
fn table_under<'a>(markdown: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let after = markdown.split_once(&format!("\n## {heading}\n")).expect("the heading").1;
    let lines =
        after.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    lines
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect()
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

#[test]
fn check_finds_in_the_demo_company_what_its_readme_says() {
    let home = Home::with_demo();
    let users = table_under(DEMO_README, "Users");
    let logins: Vec<&str> = users.iter().map(|row| row[0]).collect();
    let ran = home.run(&[&["check", "--format", "json"], logins.as_slice()].concat());
    assert_eq!(ran.status, 1, "{}", ran.err);
    let found: Vec<Json> = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(found.len(), users.len() * 2);
    for (row, found) in users.iter().zip(found.chunks(2)) {
        let [login, at_cc, at_cc26, warnings, ..] = row.as_slice() else { panic!("{row:?}") };
        for (found, site, code) in [(&found[0], "cc", at_cc), (&found[1], "cc26", at_cc26)] {
            let sign_in = if *code == "✓" { Json::Null } else { json!(code) };
            assert_eq!((&found["login"], &found["site"]), (&json!(login), &json!(site)));
            assert_eq!(found["sign_in"], sign_in, "{login} at {site}");
            let expected: Vec<&str> =
                warnings.split(';').filter_map(|warning| warning_at(warning.trim(), site)).collect();
            let said: Vec<&str> =
                found["warnings"].as_array().expect("warnings").iter().filter_map(Json::as_str).collect();
            let tells = |words: &str, said: &str| words.split(' ').all(|word| said.contains(word));
            // One word of the README may stand for a warning at each of several customers.
            let all_said = expected.iter().all(|words| said.iter().any(|said| tells(words, said)));
            let all_meant = said.iter().all(|said| expected.iter().any(|words| tells(words, said)));
            assert!(all_said && all_meant, "{login} at {site}: {said:?} for {expected:?}");
        }
    }
}

/// The words that a warning of the README has in common with what is said at this site, if it is for it.
fn warning_at<'a>(warning: &'a str, site: &str) -> Option<&'a str> {
    let (words, only_at) = match warning.split_once(" (") {
        Some((words, place)) => (words, Some(place.trim_end_matches(')'))),
        None => (warning, None),
    };
    let words = match words {
        "Days Back unlimited" => "Days unlimited",
        "type that cannot sign in" => "type cannot sign in",
        "customer not yet begun" => "customer begins",
        "resembles another login" => "resembles login",
        words => words,
    };
    (!words.is_empty() && only_at.is_none_or(|place| place == site)).then_some(words)
}

#[test]
fn without_logins_check_judges_every_external_user_at_every_active_site() {
    let home = Home::with_demo();
    let ran = home.run(&["check", "--format", "csv"]);
    assert_eq!(ran.status, 1);
    let logins: Vec<&str> = ran.out.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert!(logins.contains(&"chris_armstrong@mail.com"));
    assert!(!logins.contains(&"mkoleva"), "an internal user");
    assert!(!logins.contains(&"buyer@old-mill.example"), "an invitation");
    assert!(logins.chunks(2).all(|at_two_sites| at_two_sites[0] == at_two_sites[1]));
    let failing = home.run(&["check", "--format", "csv", "--failing"]).out;
    let codes = failing.lines().skip(1).map(|line| line.split(',').nth(12).expect("sign_in"));
    assert!(codes.clone().count() > 20);
    assert!(codes.clone().all(|code| code.starts_with("CC")));
}

#[test]
fn check_writes_json_as_codes_md_shows_it() {
    let home = Home::with_demo();
    let ran = home.run(&["check", "TOM.hughes@northgate-tools.example", "--site", "CC", "--format", "json"]);
    let expected = concat!(
        r#"{"login":"tom.hughes@northgate-tools.example","site":"cc","rules":"Person","codes":{"CC002":"ok","#,
        r#""CC003":"ok","CC004":"failed","CC005":"ok","CC006":"blocked","CC007":"blocked","CC008":"ok","#,
        r#""CC009":"ok","CC010":"unused"},"blocked_by":{"CC006":"CC004","CC007":"CC004"},"sign_in":"CC004","#,
        r#""warnings":[]}"#,
        "\n"
    );
    assert_eq!(ran.out, expected);
}

#[test]
fn check_writes_a_table_whose_columns_stand_under_their_names() {
    let home = Home::with_demo();
    let ran =
        home.run(&["check", "haruto.sato@sakura-shoji.example", "chris_armstrong@mail.com", "--site", "cc"]);
    let expected = "\
Login                             Site  Sign-in  CC002  CC003  CC004  CC005  CC006  CC007  CC008  CC009  CC010  Warnings
haruto.sato@sakura-shoji.example  cc    ✓        ✓      ✓      ✓      ✓      ✓      ✓      ✓      ✓
chris_armstrong@mail.com          cc    CC002    ✗      ·      ·      ✓      ·      ·      ✓      ✓             e-mail not confirmed
";
    assert_eq!(ran.out, expected);
}

#[test]
fn the_exit_status_of_check_says_how_it_went() {
    let home = Home::with_demo();
    home.succeeds(&["check", "chris.armstrong@mail.com"]);
    assert_eq!(home.run(&["check", "chris_armstrong@mail.com"]).status, 1);
    assert_eq!(home.run(&["check", "chris.armstrong@mail.com", "--site", "cc-half-settings"]).status, 1);
    assert!(home.refused(&["check", "nobody@mail.com"]).contains("no user has the login “nobody@mail.com”"));
    assert!(home.refused(&["check", "--site", "shop"]).contains("no Client Center site “shop”"));
    let nowhere = Home::new().refused(&["check"]);
    assert!(nowhere.contains(".local/share/ccdesk/ccdesk.db: there is no ccdesk database here"), "{nowhere}");
}

const CHRIS: &str = "chris_armstrong@mail.com";

#[test]
fn a_sign_in_preview_says_who_gets_in_where_and_to_what() {
    let home = Home::with_demo();
    let lines = |ran: &Ran| -> Vec<Json> {
        ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let ran = home.run(&["sign-in-preview", "admin@olivia-green.example", "--format", "json"]);
    let found = lines(&ran);
    assert_eq!((ran.status, found.len()), (0, 2), "{}", ran.err);
    assert_eq!((&found[0]["site"], &found[0]["code"]), (&json!("cc"), &json!("CC003")));
    let keys = |of: &Json| of.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let at = &found[1];
    assert_eq!(keys(at), ["login", "site", "rules", "company", "refused", "code", "customers"]);
    assert_eq!((&at["company"], &at["rules"]), (&json!("Lagerta Ltd."), &json!("ExternalAccess")));
    assert_eq!((&at["refused"], &at["code"]), (&Json::Null, &Json::Null));
    let customers = at["customers"].as_array().expect("customers");
    let names: Vec<&Json> = customers.iter().map(|customer| &customer["customer"]).collect();
    assert_eq!(names, [&json!("Nimero Ltd. #00003"), &json!("Olivia Green #00028")]);
    let of_customer = ["customer", "role", "role_code", "days_back", "unlimited", "oldest", "places"];
    assert_eq!(keys(&customers[0]), of_customer);
    assert_eq!((&customers[0]["role"], &customers[0]["role_code"]), (&json!("Admin"), &json!("L80")));
    assert_eq!(customers[0]["places"].as_array().map(Vec::len), Some(10));

    let ran = home.run(&["sign-in-preview", "jturner", "--site", "CC26"]);
    assert_eq!((ran.status, ran.out.lines().count()), (0, 3), "{}", ran.out);
    for word in ["Days Back Access", "✓", "Olivia Green #00028", "Owner", "unlimited", "User Management"] {
        assert!(ran.out.contains(word), "{word}: {}", ran.out);
    }
    for (login, site, words) in [
        (CHRIS, "cc26", "CC010"),
        ("nightly-jobs", "cc", "type SYS cannot sign in; no password yet; CC002"),
        ("greta.olsen@mueller-soehne.example", "cc26", "locked until 2099"),
        ("frank.dunn@northgate-tools.example", "cc", "user inactive"),
        ("chris.armstrong@mail.com", "cc-closed", "site inactive"),
        ("chris.armstrong@mail.com", "cc-broken-settings", "site inactive; CC008"),
    ] {
        let ran = home.run(&["sign-in-preview", login, "--site", site]);
        assert_eq!(ran.status, 1, "{login} at {site}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(words), "{login} at {site}: {}", ran.out);
    }
    assert!(home.refused(&["sign-in-preview", "nobody"]).contains("no user has the login “nobody”"));
    assert!(home.refused(&["sign-in-preview", CHRIS, "--site", "shop"]).contains("there are: cc, "));
}

#[test]
fn access_is_granted_told_and_ended() {
    let home = Home::with_demo();
    let granted = home.succeeds(
        &[
            &[
                "access",
                "grant",
                "CHRIS_armstrong@mail.com",
                "00003",
                "--days",
                "unlimited",
                "--notes",
                "audit",
            ][..],
            &["--role", "billing", "--format", "json"],
        ]
        .concat(),
    );
    let expected = concat!(
        r#"{"customer":"Nimero Ltd. #00003","number":"00003","#,
        r#""user":"Chris Armstrong <chris_armstrong@mail.com> [EXT]","login":"chris_armstrong@mail.com","#,
        r#""role":"Billing","role_code":"L40","days_back":null,"unlimited":true,"oldest":null,"notes":"audit"}"#,
    );
    assert_eq!(granted.trim_end(), expected);

    let usual = home.succeeds(&["access", "grant", CHRIS, "00028", "00029", "00028", "--format", "json"]);
    let usual: Vec<Json> = usual.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(usual.len(), 2);
    for access in &usual {
        assert_eq!((&access["role"], &access["days_back"]), (&json!("OrdersWithPrices"), &json!(30)));
        assert!(access["oldest"].is_string() && access["unlimited"] == json!(false), "{access}");
    }

    let told = home.succeeds(&["access", "list", "--user", CHRIS, "--customer", "00003"]);
    let [heading, row] = told.lines().collect::<Vec<_>>()[..] else { panic!("{told}") };
    for word in ["Customer", "Days Back Access"] {
        assert!(heading.contains(word), "{heading}");
    }
    for word in ["Nimero Ltd. #00003", "Billing", "unlimited", "audit"] {
        assert!(row.contains(word), "{row}");
    }
    let csv = home.succeeds(&["access", "list", "--format", "csv", "--customer", "00003"]);
    assert!(csv.starts_with("customer,number,user,login,role,days_back,oldest,notes\n"), "{csv}");
    assert!(csv.contains(",chris_armstrong@mail.com,Billing,unlimited,,audit\n"), "{csv}");

    assert!(home.succeeds(&["access", "revoke", CHRIS, "00003"]).contains("Nimero Ltd. #00003"));
    let left = home.succeeds(&["access", "list", "--user", CHRIS, "--format", "json"]);
    assert_eq!(left.lines().count(), 2);
}

#[test]
fn what_a_rule_refuses_and_what_cannot_run_are_told_apart() {
    let home = Home::with_demo();
    let grant = |rest: &[&'static str]| [&["access", "grant"], rest].concat();
    let long: &str = Box::leak("x".repeat(255).into_boxed_str());
    for (arguments, status, said) in [
        (grant(&["admin@olivia-green.example", "00028"]), 1, "has access to Olivia Green #00028 already"),
        (grant(&["nightly-jobs", "00028"]), 1, "“nightly-jobs” is of a type that cannot sign in"),
        (grant(&["win.a.prize@bulk-offers.example", "00028"]), 1, "grant it all the same with --anyway"),
        (grant(&[CHRIS, "00028", "--notes", long]), 1, "Notes takes at most 254 characters"),
        (vec!["access", "revoke", "jturner", "00028"], 1, "An owner's access is never removed"),
        (
            vec!["access", "revoke", "nino.beridze@tbilisi-wine.example", "00018"],
            1,
            "make somebody else Admin",
        ),
        (vec!["access", "revoke", CHRIS, "00028"], 1, "there is nothing to end"),
        (grant(&[CHRIS, "00028", "--days", "-1"]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[CHRIS, "00028", "--days", "3.5"]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[CHRIS, "00028", "--days", "9999999999"]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[CHRIS, "00028", "--days", "many"]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[CHRIS, "00028", "--days", "u"]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[CHRIS, "00028", "--days", ""]), 2, "whole days from 0 to 36500, or unlimited"),
        (grant(&[CHRIS, "00028", "--role", "Emperor"]), 2, "Role takes one of: Basic, Orders"),
        (grant(&[CHRIS, "00028", "99999"]), 2, "no customer has the number “99999”"),
        (grant(&["nobody@mail.com", "00028"]), 2, "no user has the login “nobody@mail.com”"),
        (vec!["access", "list", "--customer", "28"], 2, "no customer has the number “28”"),
    ] {
        let ran = home.run(&arguments);
        assert_eq!((ran.status, ran.out.as_str(), ran.err.lines().count()), (status, "", 1), "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    assert_eq!(home.succeeds(&["access", "list", "--user", CHRIS]).lines().count(), 1);
    home.succeeds(&grant(&["win.a.prize@bulk-offers.example", "00028", "--anyway"]));
}

#[test]
fn no_spreadsheet_and_no_terminal_obeys_a_login() {
    let home = Home::new();
    let logins =
        ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "red\u{1b}[31m", "abc\u{202e}def", "a,\"b\""];
    let users = logins.map(|login| {
        json!({"@odata.type": "Erp.Systems_Security_User", "Login": login, "Name": login,
               "UserType": "ExternalCommunityUser"})
        .to_string()
    });
    home.write("users.jsonl", users.join("\n"));
    home.succeeds(&["import", DEMO, "users.jsonl"]);
    let all = |format| home.run(&["check", "--site", "cc", "--format", format]).out;
    for format in ["table", "json", "csv"] {
        let hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!all(format).contains(hidden), "{format}");
    }
    let csv = all("csv");
    for cell in ["'=cmd|'/C calc'!A0,", "'+1,", "'-1,", "'@SUM(A1),", "red␛[31m,", "\"a,\"\"b\"\"\","] {
        assert!(csv.contains(&format!("\n{cell}cc,")), "{cell} in {csv}");
    }
    // A machine reads the login as it is.
    let json = all("json");
    let found = json.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let found: Vec<String> = found.map(|line| line["login"].as_str().expect("a login").to_owned()).collect();
    for login in ["red\u{1b}[31m", "abc\u{202e}def"] {
        assert!(found.iter().any(|found| found == login), "{login:?}");
    }
}

#[test]
fn whoever_has_read_enough_of_an_answer_hears_no_complaint() {
    let home = Home::with_demo();
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    let output = home.command(&["check"]).stdout(writer).output().expect("the program runs");
    assert_eq!(Ran::of(&output).err, "");
}

#[test]
fn what_is_no_database_of_ours_is_said_and_left_alone() {
    let home = Home::new();
    let letter = "Dear Sir or Madam, this is a letter and not a database at all.\n".repeat(100);
    let path = home.write("letter.txt", &letter);
    for command in [&["check"][..], &["import", DEMO]] {
        let said = home.refused(&[&["--db", "sqlite:letter.txt"], command].concat());
        assert!(said.contains("letter.txt: this file is not a database"), "{said}");
        assert_eq!(fs::read_to_string(&path).expect("still there"), letter);
    }
    assert!(home.refused(&["check", "--db", "sqlite:."]).contains("this is a directory"));
    assert!(home.refused(&["check", "--db", "sqlite:new.db"]).contains("there is no ccdesk database here"));
    assert!(!home.path("new.db").exists());
    assert!(home.refused(&["import", DEMO, "--dry-run"]).contains("there is no ccdesk database here"));
}

#[test]
fn a_password_in_an_address_is_never_repeated() {
    let home = Home::new();
    for address in ["postgres://desk:geheim@127.0.0.1:1/acme", "mysql://desk:geheim@host/acme"] {
        let said = home.refused(&["check", "--db", address]);
        assert!(!said.contains("geheim"), "{said}");
    }
    let log = fs::read_to_string(home.path(".local/state/ccdesk/ccdesk.log")).expect("a log");
    assert!(!log.contains("geheim"));
}

#[test]
fn settings_come_from_the_file_then_the_environment_then_the_command_line() {
    let home = Home::new();
    home.write(".config/ccdesk/config.toml", "database = \"sqlite:by-file.db\"\n");
    home.write("other.toml", "database = \"sqlite:by-other-file.db\"\n");
    let opened = |environment: &str, arguments: &[&str]| {
        let mut command = home.command(&[&["check"], arguments].concat());
        let output = command.env("CCDESK_DATABASE_URL", environment).output().expect("the program runs");
        let said = Ran::of(&output).err;
        said.trim_start_matches("ccdesk: ").split(':').next().expect("a place").to_owned()
    };
    assert_eq!(opened("", &[]), "by-file.db");
    assert_eq!(opened("", &["--config", "other.toml"]), "by-other-file.db");
    assert_eq!(opened("sqlite:by-environment.db", &["--config", "other.toml"]), "by-environment.db");
    assert_eq!(opened("sqlite:by-environment.db", &["--db", "sqlite:by-flag.db"]), "by-flag.db");
}

#[test]
fn a_wrong_configuration_is_said_by_file_and_line() {
    let home = Home::new();
    assert!(
        home.refused(&["check", "--config", "none.toml"])
            .contains("none.toml: the configuration cannot be read")
    );
    for (content, place) in [
        ("log = \"info\"\ndatabse = \"sqlite:x.db\"\n", "own.toml, line 2: unknown field `databse`"),
        ("log = 5\n", "own.toml, line 1: invalid type"),
        ("log = \"info\"\nlog = \"warn\"\n", "own.toml, line 2: duplicate key"),
        ("log = \"=\"\n", "“=” is nothing to log"),
    ] {
        home.write("own.toml", content);
        let said = home.refused(&["check", "--config", "own.toml"]);
        assert!(said.contains(place), "{said}");
    }
}

#[test]
fn what_is_kept_can_be_read_by_its_owner_only() {
    let home = Home::with_demo();
    for (place, expected) in [
        (".local/share/ccdesk", 0o700),
        (".local/share/ccdesk/ccdesk.db", 0o600),
        (".local/state/ccdesk", 0o700),
        (".local/state/ccdesk/ccdesk.log", 0o600),
    ] {
        assert_eq!(mode(&home.path(place)), expected, "{place}");
    }
}

#[test]
fn without_a_terminal_the_console_names_what_works_without_one() {
    let home = Home::new();
    for arguments in [&[][..], &["demo"], &["--db", "sqlite:new.db"]] {
        let said = home.refused(arguments);
        assert!(said.contains("`ccdesk --help` names the commands that work without one."), "{said}");
    }
    assert!(!home.path("new.db").exists() && !home.path(".local/share").exists());
}

const ROWS: NonZeroU16 = NonZeroU16::new(40).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(120).unwrap();

/// The program in a terminal of its own.
struct InTerminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    screen: Box<dyn Read + Send>,
    parser: vt100::Parser,
}

impl InTerminal {
    fn start(home: &Home, term: &str, arguments: &[&str]) -> Self {
        let pty = native_pty_system();
        let pair = pty
            .openpty(PtySize { rows: ROWS.get(), cols: COLUMNS.get(), ..PtySize::default() })
            .expect("a terminal");
        let mut command = CommandBuilder::new(PROGRAM);
        command.env_clear();
        command.env("HOME", home.0.path());
        command.env("TMPDIR", home.path("tmp"));
        command.env("TERM", term);
        command.cwd(home.0.path());
        command.args(arguments);
        fs::create_dir_all(home.path("tmp")).expect("a directory");
        let child = pair.slave.spawn_command(command).expect("the program runs");
        let screen = pair.master.try_clone_reader().expect("a screen");
        let keys = pair.master.take_writer().expect("a keyboard");
        Self { child, keys, screen, parser: vt100::Parser::new(ROWS, COLUMNS, 0) }
    }

    /// Reads on until the screen shows this.
    fn wait_for(&mut self, text: &str) {
        let mut bytes = [0; 4096];
        while !self.parser.screen().contents().contains(text) {
            let read = self.screen.read(&mut bytes).unwrap_or(0);
            assert!(read > 0, "it ended and never showed “{text}”:\n{}", self.parser.screen().contents());
            self.parser.process(&bytes[..read]);
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("keys are taken");
    }

    fn end(mut self) -> u32 {
        // A terminal that nobody reads would hold its writer up.
        while matches!(self.screen.read(&mut [0; 4096]), Ok(read) if read > 0) {}
        self.child.wait().expect("it ends").exit_code()
    }
}

const CTRL_Q: &str = "\u{11}";

#[test]
fn the_demo_leaves_nothing_behind() {
    let home = Home::new();
    let mut demo = InTerminal::start(&home, "xterm-256color", &["demo", "--users", "100", "--seed", "7"]);
    demo.wait_for("mkoleva");
    let scratch = fs::read_dir(home.path("tmp")).expect("a directory").next().expect("a scratch directory");
    assert_eq!(mode(&scratch.expect("an entry").path()), 0o700);
    demo.press(CTRL_Q);
    assert_eq!(demo.end(), 0);
    assert_eq!(fs::read_dir(home.path("tmp")).expect("a directory").count(), 0);
    assert!(!home.path(".local/share").exists());
}

#[test]
fn a_demo_that_is_kept_is_there_again() {
    let home = Home::new();
    for arguments in [&["demo", "--keep", "own.db", "--users", "100"][..], &["demo", "--keep", "own.db"]] {
        let mut demo = InTerminal::start(&home, "xterm-256color", arguments);
        demo.wait_for("mkoleva");
        demo.press(CTRL_Q);
        assert_eq!(demo.end(), 0);
        assert_eq!(mode(&home.path("own.db")), 0o600);
        let found = home.run(&["check", "--db", "sqlite:own.db", "--site", "cc", "--format", "json"]).out;
        assert!(found.lines().count() > 100);
    }
    let mut refused =
        InTerminal::start(&home, "xterm-256color", &["demo", "--keep", "own.db", "--users", "5"]);
    refused.wait_for("own.db is there already; leave --users out to open it");
    assert_eq!(refused.end(), 2);
}

/// The dump has an administrator of the same login as the demo's operator.
#[test]
fn the_demo_seats_nobody_at_another_company() {
    let home = Home::new();
    let dump = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/instance-dump.json");
    home.succeeds(&["--db", "sqlite:other.db", "import", dump]);
    let mut refused = InTerminal::start(&home, "xterm-256color", &["demo", "--keep", "other.db"]);
    refused.wait_for("this is no demo company");
    assert_eq!(refused.end(), 2);
}

#[test]
fn a_dumb_terminal_is_none() {
    let home = Home::new();
    let mut refused = InTerminal::start(&home, "dumb", &["demo"]);
    refused.wait_for("work without one");
    assert_eq!(refused.end(), 2);
}

#[test]
fn an_account_is_asked_for_and_decided_about() {
    let home = Home::with_demo();
    let add =
        ["request", "add", "--email", "ann@mail.example", "--name", "Ann Lee", "--message", "\u{1b}[2J"];
    let asked = "The account ann@mail.example was asked for; an operator decides about it.\n";
    for _ in 0..2 {
        let ran = home.told("korrekt pferd batterie klammer\r\nnot this\n", &add);
        assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (0, asked, ""));
    }
    let refused = home.told("short\n", &["request", "add", "--email", "ann", "--name", " "]);
    assert_eq!(
        (refused.status, refused.out.as_str(), refused.err.lines().count()),
        (1, "", 3),
        "{}",
        refused.err
    );
    let list = || -> Vec<Json> {
        let lines = home.succeeds(&["request", "list", "--format", "json"]);
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let waiting = list();
    assert_eq!(waiting.len(), 10);
    let ann = waiting.iter().find(|one| one["login"] == "ann@mail.example").expect("Ann waits");
    assert_eq!((&ann["name"], &ann["message"]), (&json!("Ann Lee"), &json!("\u{1b}[2J")));
    assert!(home.succeeds(&["request", "list"]).contains("␛[2J"));
    let reject = ["request", "reject", "ann@mail.example", "--reason", "nobody knows her"];
    home.succeeds(&reject);
    let again = home.run(&reject);
    let sentence = "ccdesk: This user has no pending request; there is nothing to reject.\n";
    assert_eq!((again.status, again.err.as_str()), (1, sentence));
    assert_eq!(list().len(), 9);
    home.succeeds(&["request", "reopen", "ANN@mail.example"]);
    assert_eq!(list().len(), 10);
    assert!(home.refused(&["request", "reopen", "nobody"]).contains("“nobody”"));
}

#[test]
fn promise_03_a_password_given_to_a_command_is_in_no_file() {
    let home = Home::with_demo();
    let canary = "kanarienvogel im stollen";
    let add = ["request", "add", "--email", "ann@mail.example", "--name", "Ann Lee"];
    let ran = home.told(&format!("{canary}\n"), &add);
    assert_eq!((ran.status, (ran.out + &ran.err).contains(canary)), (0, false));
    let kept = files(&home.path(""));
    assert!(kept.iter().any(|path| path.ends_with("ccdesk.db")), "{kept:?}");
    for path in kept {
        let bytes = fs::read(&path).expect("readable");
        let found = bytes.windows(13).any(|window| window == b"kanarienvogel");
        assert!(!found, "{}", path.display());
    }
}

#[test]
fn a_password_is_asked_for_twice_and_never_shown() {
    let home = Home::with_demo();
    let add = ["request", "add", "--email", "ann@mail.example", "--name", "Ann Lee"];
    let mut asked = InTerminal::start(&home, "xterm-256color", &add);
    asked.wait_for("Password: ");
    // Ahead of the questions, and not shown for that.
    for typed in ["klammer", "hammer", "klammer", "klamner\u{7f}\u{7f}\u{7f}mer"] {
        asked.press(&format!("korrekt pferd batterie {typed}\r"));
    }
    asked.wait_for("They differ; type both again.");
    asked.wait_for("was asked for");
    assert!(!asked.parser.screen().contents().contains("pferd"));
    assert_eq!(asked.end(), 0);
}

#[test]
fn promise_5_an_operator_is_added_without_a_password() {
    let home = Home::new();
    let code = home.succeeds(&["operator", "add", "maria", "--name", "Maria Koleva", "--admin"]);
    assert_eq!(code.trim_end().split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5], "{code}");
    let next = home.succeeds(&["operator", "reset", "MARIA"]);
    assert!(next != code && next.len() == code.len());
    let listed: Json =
        serde_json::from_str(&home.succeeds(&["operator", "list", "--format", "json"])).unwrap();
    let expected = json!({"login": "maria", "name": "Maria Koleva", "admin": true, "active": true,
        "password": false, "code": true});
    assert_eq!(listed, expected);
    assert!(home.succeeds(&["operator", "list"]).contains("Maria Koleva"));
    assert!(home.refused(&["operator", "reset", "nobody"]).contains("there is no operator “nobody”"));
    for (login, said) in [("maria", "is taken"), ("  ", "Login is required")] {
        let again = home.run(&["operator", "add", login, "--name", "Maria"]);
        assert_eq!((again.status, again.err.contains(said)), (1, true), "{}", again.err);
    }
}

//! Settings and directories. A setting comes from the configuration file, the environment or a flag; of several, the
//! later in this order wins.
//!
//! The address of a database may contain a password, so it is kept as a secret, and no message repeats it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io};

use etcetera::base_strategy::{BaseStrategy, Xdg};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use thiserror::Error;

use crate::service::Policy;
use crate::tui::keyboard::Keyboard;

/// The environment variable with the address of the database: `sqlite:PATH` or `postgres://…`.
pub const DATABASE_VARIABLE: &str = "CCDESK_DATABASE_URL";

/// The environment variable with the log filter, such as `info` or `warn,ccdesk=debug`.
pub const LOG_VARIABLE: &str = "CCDESK_LOG";

/// The log filter when none is set.
const LOG_FILTER: &str = "warn";

/// The idle minutes after which the console locks when no number is set, and the largest number that can be set
/// (`docs/promises.md`, 6).
const LOCK_AFTER_MINUTES: u64 = 15;
const MOST_LOCK_AFTER_MINUTES: u64 = 24 * 60;

/// The largest number that can be set as the shortest length of a password: a password of this length must always be
/// accepted (`docs/promises.md`, 1).
const MOST_SHORTEST_PASSWORD: usize = 128;

/// The directories of this program, by the XDG base directory specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directories {
    /// `config.toml` and the operators' layouts.
    pub config: PathBuf,
    /// The database, when no other is named.
    pub data: PathBuf,
    /// The log.
    pub state: PathBuf,
}

impl Directories {
    /// The directories of the user who runs this program.
    ///
    /// # Errors
    /// When the user has no home directory, or its name is no UTF-8 text.
    pub fn of_this_user() -> Result<Self, ConfigError> {
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
            variable(name)?;
        }
        let xdg = Xdg::new().map_err(|_| ConfigError::NoHome)?;
        let state = xdg.state_dir().unwrap_or_else(|| xdg.data_dir());
        Ok(Self {
            config: xdg.config_dir().join("ccdesk"),
            data: xdg.data_dir().join("ccdesk"),
            state: state.join("ccdesk"),
        })
    }

    /// The configuration file that is read when no other is named.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The file with the layouts of forms and lists that the operators have chosen.
    pub fn layouts_file(&self) -> PathBuf {
        self.config.join("layouts.toml")
    }

    /// The log.
    pub fn log_file(&self) -> PathBuf {
        self.state.join("ccdesk.log")
    }

    fn database(&self) -> PathBuf {
        self.data.join("ccdesk.db")
    }
}

/// The settings from one source: the file, the environment or the flags. `None` where the source does not set one.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `sqlite:PATH` or `postgres://…`.
    pub database: Option<SecretString>,
    /// What is logged.
    pub log: Option<String>,
    /// The fewest characters of a new password.
    pub shortest_password: Option<usize>,
    /// After how many idle minutes the console locks.
    pub lock_after_minutes: Option<u64>,
    /// The Cyrillic or Greek keyboard under which commands answer to their keys.
    pub keyboard: Option<Keyboard>,
}

impl Given {
    /// The settings from the environment. A variable with an empty value counts as not set.
    ///
    /// # Errors
    /// [`ConfigError::NotText`] for a variable that is no UTF-8 text: it is not passed over, or another database would
    /// be used than the one that is named.
    pub fn by_environment() -> Result<Self, ConfigError> {
        Ok(Self {
            database: variable(DATABASE_VARIABLE)?.map(Into::into),
            log: variable(LOG_VARIABLE)?,
            ..Self::default()
        })
    }

    /// The settings from a configuration file.
    ///
    /// # Errors
    /// When the file cannot be read, is not TOML, or has a key that does not exist.
    pub fn by_file(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable(path.to_owned(), error.kind()))?;
        let wrong = |error: toml::de::Error| ConfigError::Wrong {
            path: path.to_owned(),
            line: error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count()),
            message: error.message().replace('\n', " "),
        };
        let file: FileContent = toml::from_str(&text).map_err(wrong)?;
        let out_of_range =
            |key, least, most| ConfigError::OutOfRange { path: path.to_owned(), key, least, most };
        let lengths = Policy::MIN_PASSWORD_LENGTH..=MOST_SHORTEST_PASSWORD;
        if file.shortest_password.is_some_and(|shortest| !lengths.contains(&shortest)) {
            return Err(out_of_range("shortest_password", *lengths.start() as u64, *lengths.end() as u64));
        }
        let minutes = 1..=MOST_LOCK_AFTER_MINUTES;
        if file.lock_after_minutes.is_some_and(|after| !minutes.contains(&after)) {
            return Err(out_of_range("lock_after_minutes", *minutes.start(), *minutes.end()));
        }
        Ok(Self {
            database: file.database.map(Into::into),
            log: file.log,
            shortest_password: file.shortest_password,
            lock_after_minutes: file.lock_after_minutes,
            keyboard: file.keyboard,
        })
    }

    /// These settings, with those of `earlier` where these have none.
    pub fn over(self, earlier: Self) -> Self {
        Self {
            database: self.database.or(earlier.database),
            log: self.log.or(earlier.log),
            shortest_password: self.shortest_password.or(earlier.shortest_password),
            lock_after_minutes: self.lock_after_minutes.or(earlier.lock_after_minutes),
            keyboard: self.keyboard.or(earlier.keyboard),
        }
    }
}

/// The text of an environment variable; `None` when it is not set, or empty.
fn variable(name: &'static str) -> Result<Option<String>, ConfigError> {
    let text = env::var_os(name).map(OsString::into_string).transpose();
    Ok(text.map_err(|_| ConfigError::NotText(name))?.filter(|text| !text.is_empty()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileContent {
    database: Option<String>,
    log: Option<String>,
    shortest_password: Option<usize>,
    lock_after_minutes: Option<u64>,
    keyboard: Option<Keyboard>,
}

/// The settings that are in force: what the sources say, and the defaults for the rest.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sqlite:PATH` or `postgres://…`.
    pub database: SecretString,
    /// What is logged, as `tracing_subscriber::EnvFilter` reads it.
    pub log: String,
    /// The limits of passwords and sessions.
    pub policy: Policy,
    /// The idle time after which the console locks.
    pub lock_after: Duration,
    /// The keyboard; `None` when it is the one that was chosen last in the console.
    pub keyboard: Option<Keyboard>,
    /// Where everything but the database is kept.
    pub directories: Directories,
}

impl Config {
    /// Computes the settings in force from all sources. A configuration file that is named must exist; the usual one
    /// need not.
    ///
    /// # Errors
    /// When the configuration file cannot be read or sets something wrong.
    pub fn settle(
        directories: Directories,
        file: Option<&Path>,
        environment: Given,
        flags: Given,
    ) -> Result<Self, ConfigError> {
        let by_file = match file {
            Some(named) => Given::by_file(named)?,
            None => match Given::by_file(&directories.config_file()) {
                Err(ConfigError::Unreadable(_, io::ErrorKind::NotFound)) => Given::default(),
                said => said?,
            },
        };
        let given = flags.over(environment).over(by_file);
        let policy = Policy::default();
        let shortest_password = given.shortest_password.unwrap_or(policy.min_password_length);
        let minutes = given.lock_after_minutes.unwrap_or(LOCK_AFTER_MINUTES);
        let usual = format!("sqlite:{}", directories.database().display());
        Ok(Self {
            database: given.database.unwrap_or_else(|| usual.into()),
            log: given.log.unwrap_or_else(|| LOG_FILTER.to_owned()),
            policy: Policy { min_password_length: shortest_password, ..policy },
            lock_after: Duration::from_secs(minutes * 60),
            keyboard: given.keyboard,
            directories,
        })
    }

    /// A short name of the database for the screen: the file name, or the name of the database on its server. It
    /// never contains a password.
    pub fn database_name(&self) -> String {
        let address = self.database.expose_secret();
        // What follows the last slash holds no password, unless the address has no path at all.
        let name = address.split('?').next().and_then(|address| address.rsplit_once('/'));
        match (name, address.strip_prefix("sqlite:")) {
            (Some((before, name)), _) if !name.contains('@') && !before.ends_with(":/") => name.to_owned(),
            (_, Some(path)) => path.trim_start_matches('/').to_owned(),
            _ => "database".to_owned(),
        }
    }
}

/// What is wrong with the configuration, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The user has no home directory.
    #[error("this user has no home directory; set HOME")]
    NoHome,
    /// An environment variable is no UTF-8 text.
    #[error("{0} is not UTF-8 text; set it anew, or unset it")]
    NotText(&'static str),
    /// The file cannot be read.
    #[error("{path}: the configuration cannot be read ({1}); correct it or name another file with --config", path = .0.display())]
    Unreadable(PathBuf, io::ErrorKind),
    /// The file is not TOML, or sets something that does not exist.
    #[error("{path}, line {line}: {message}", path = .path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong in that line.
        message: String,
    },
    /// A number is outside its limits.
    #[error("{path}: {key} takes a number from {least} to {most}", path = .path.display())]
    OutOfRange {
        /// The file.
        path: PathBuf,
        /// The key of the setting.
        key: &'static str,
        /// The smallest number that can be set.
        least: u64,
        /// The largest number that can be set.
        most: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(database: &str) -> Given {
        Given { database: Some(database.into()), ..Given::default() }
    }

    fn directories(root: &Path) -> Directories {
        Directories { config: root.join("config"), data: root.join("data"), state: root.join("state") }
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let root = tempfile::tempdir().expect("a directory");
        let file = root.path().join("own.toml");
        fs::write(&file, "database = \"sqlite:file.db\"\nlog = \"info\"\n").expect("a file");
        let settled = |environment, flags| {
            let config = Config::settle(directories(root.path()), Some(&file), environment, flags);
            let config = config.expect("a configuration");
            (config.database.expose_secret().to_owned(), config.log)
        };
        let info = "info".to_owned();
        assert_eq!(settled(Given::default(), Given::default()), ("sqlite:file.db".to_owned(), info.clone()));
        assert_eq!(
            settled(given("sqlite:env.db"), Given::default()),
            ("sqlite:env.db".to_owned(), info.clone())
        );
        assert_eq!(
            settled(given("sqlite:env.db"), given("sqlite:flag.db")),
            ("sqlite:flag.db".to_owned(), info)
        );
    }

    #[test]
    fn without_settings_everything_is_in_the_usual_directories() {
        let root = tempfile::tempdir().expect("a directory");
        let config = Config::settle(directories(root.path()), None, Given::default(), Given::default());
        let config = config.expect("a configuration");
        let database = root.path().join("data/ccdesk.db");
        assert_eq!(config.database.expose_secret(), format!("sqlite:{}", database.display()));
        assert_eq!(config.log, "warn");
    }

    #[test]
    fn an_unknown_key_is_refused_by_name_and_line() {
        let root = tempfile::tempdir().expect("a directory");
        let file = root.path().join("config.toml");
        fs::write(&file, "log = \"info\"\n\ndatabse = \"sqlite:x.db\"\n").expect("a file");
        let error = Given::by_file(&file).expect_err("an unknown key").to_string();
        assert!(error.contains("config.toml, line 3: unknown field `databse`"), "{error}");
    }

    #[test]
    fn promise_1_and_6_the_policy_is_set_by_the_file_within_reason() {
        let root = tempfile::tempdir().expect("a directory");
        let file = root.path().join("config.toml");
        let settled = |text: &str| {
            fs::write(&file, text).expect("a file");
            let config =
                Config::settle(directories(root.path()), Some(&file), Given::default(), Given::default());
            config.map(|config| (config.policy.min_password_length, config.lock_after.as_secs() / 60))
        };
        assert_eq!(settled(""), Ok((15, 15)));
        assert_eq!(settled("shortest_password = 8\nlock_after_minutes = 1"), Ok((8, 1)));
        for (text, sentence) in [
            ("shortest_password = 7", "shortest_password takes a number from 8 to 128"),
            ("shortest_password = 129", "shortest_password takes a number from 8 to 128"),
            ("lock_after_minutes = 0", "lock_after_minutes takes a number from 1 to 1440"),
        ] {
            let error = settled(text).expect_err("out of range").to_string();
            assert!(error.ends_with(sentence), "{error}");
        }
    }

    #[test]
    fn the_keyboard_is_named_by_the_file() {
        let root = tempfile::tempdir().expect("a directory");
        let file = root.path().join("config.toml");
        fs::write(&file, "keyboard = \"bulgarian-bds\"\n").expect("a file");
        let given = Given::by_file(&file).expect("a configuration");
        assert_eq!(given.keyboard, Some(Keyboard::BulgarianBds));
        fs::write(&file, "keyboard = \"dvorak\"\n").expect("a file");
        let error = Given::by_file(&file).expect_err("an unknown keyboard").to_string();
        let named = Keyboard::ALL.iter().all(|keyboard| error.contains(keyboard.name()));
        assert!(named && error.contains("line 1: unknown variant `dvorak`"), "{error}");
    }

    #[test]
    fn a_database_is_named_on_the_screen_without_its_password() {
        let root = tempfile::tempdir().expect("a directory");
        for (address, name) in [
            ("sqlite:/srv/erp/acme.db", "acme.db"),
            ("sqlite:acme.db", "acme.db"),
            ("sqlite:///srv/acme.db", "acme.db"),
            ("postgres://clerk:secret@server:5432/acme", "acme"),
            ("postgres://clerk:secret@server/acme?sslmode=require", "acme"),
            ("postgres://clerk:secret@server", "database"),
            ("postgres:///acme?host=/run/postgresql", "acme"),
            ("postgres://clerk:sec/ret@server", "database"),
        ] {
            let config = Config::settle(directories(root.path()), None, Given::default(), given(address));
            let config = config.expect("a configuration");
            assert_eq!(config.database_name(), name, "{address}");
            assert!(!format!("{config:?}").contains("secret"));
        }
    }
}

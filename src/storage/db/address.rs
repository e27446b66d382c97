//! The address of a PostgreSQL database: `postgres://[USER[:PASSWORD]@][HOST[:PORT],…][/NAME][?PARAMETER=VALUE&…]`.
//!
//! What the address leaves open comes from a service file, then from the environment variables of `psql` (`PGHOST`,
//! `PGPASSWORD`…), then from a password file. No error repeats a password or the value of a parameter.

mod files;
mod passed_over;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, net::IpAddr};

use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::super::error::StorageError;

/// A database on a PostgreSQL server, and how to reach it.
#[derive(Debug)]
pub(super) struct Address {
    /// The hosts in the order in which they are tried; at least one.
    pub(super) hosts: Vec<Host>,
    /// The user who signs in to the server.
    pub(super) user: String,
    /// The name of the database on its server.
    pub(super) database: String,
    /// Whether the connection is encrypted and the server's certificate checked. A Unix socket is never encrypted.
    pub(super) tls: PgSslMode,
    /// The files with the authorities that sign servers' certificates, with the client's certificate, and with its key.
    pub(super) certificates: Certificates,
    /// Settings of the session: names and values.
    pub(super) options: Vec<(String, String)>,
    /// The name by which the server lists the session; `None` for that of this program.
    pub(super) application: Option<String>,
    /// Whether a server that only reads is passed over.
    pub(super) read_write: bool,
    /// The time for connecting to one host; `None` leaves it to the program.
    pub(super) timeout: Option<Duration>,
}

/// A server of an [`Address`].
#[derive(Debug)]
pub(super) struct Host {
    /// A name, an IP address without brackets, or the directory of a Unix socket, which begins with `/`. Certificates and
    /// passwords are those of this name.
    pub(super) name: String,
    /// The network address, where that of the name is not to be looked up.
    pub(super) address: Option<IpAddr>,
    /// The port; for a Unix socket the number in its name.
    pub(super) port: u16,
    /// The password of the user at this host.
    pub(super) password: Option<SecretString>,
}

/// The files of an [`Address`] for TLS.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    /// `None` for the authorities that the machine knows.
    pub(super) root: Option<PathBuf>,
    /// The client's certificate and its key.
    pub(super) client: Option<(PathBuf, PathBuf)>,
}

impl Host {
    /// Whether the host is the directory of a Unix socket.
    pub(super) fn is_socket(&self) -> bool {
        self.address.is_none() && self.name.starts_with('/')
    }

    /// Whether what is sent to the host stays on this machine.
    pub(super) fn is_local(&self) -> bool {
        match self.address.or_else(|| self.name.parse().ok()) {
            Some(address) => address.is_loopback(),
            None => self.is_socket() || self.name == "localhost",
        }
    }
}

/// Every parameter that an address or a service file can give, with the environment variable that gives it otherwise;
/// those that are only [passed over](passed_over) not among them.
const PARAMETERS: [(&str, &str); 17] = [
    ("application_name", "PGAPPNAME"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("dbname", "PGDATABASE"),
    ("fallback_application_name", ""),
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("options", "PGOPTIONS"),
    ("passfile", "PGPASSFILE"),
    ("password", "PGPASSWORD"),
    ("port", "PGPORT"),
    ("service", "PGSERVICE"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("user", "PGUSER"),
];

/// The port of PostgreSQL.
const PORT: u16 = 5432;

/// The directories in which servers make their Unix socket, when none is named.
const SOCKET_DIRECTORIES: [&str; 3] = ["/run/postgresql", "/var/run/postgresql", "/tmp"];

/// What the process and the machine add to an address.
pub(super) struct Surroundings<'a> {
    /// The environment variable of a name.
    pub(super) variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// The name of the account that runs this program.
    pub(super) account: String,
    /// Whether there is a Unix socket at a path.
    pub(super) has_socket: &'a dyn Fn(&Path) -> bool,
}

/// The values of parameters by name.
type Parameters = BTreeMap<&'static str, String>;

impl Address {
    /// Reads an address with the surroundings of this process.
    ///
    /// # Errors
    /// See [`Address::read`].
    pub(super) fn of_this_process(address: &str) -> Result<Self, StorageError> {
        Self::read(
            address,
            &Surroundings {
                variable: &|name| env::var_os(name),
                account: PgConnectOptions::new_without_pgpass().get_username().to_owned(),
                has_socket: &Path::exists,
            },
        )
    }

    /// Reads an address, and the files that it or the environment names.
    ///
    /// # Errors
    /// [`StorageError::AddressPart`] with what is wrong and what to write instead.
    pub(super) fn read(address: &str, surroundings: &Surroundings<'_>) -> Result<Self, StorageError> {
        let given = parameters_of(address)?;
        Settings::new(given, surroundings)?.into_address()
    }

    /// The address for messages: without the password, and without the parameters.
    pub(super) fn location(&self) -> String {
        let Self { hosts, user, database, .. } = self;
        match &hosts[..] {
            [host] if host.is_socket() => format!("postgres://{user}@/{database} on {}", host.name),
            hosts => {
                let hosts: Vec<String> = hosts
                    .iter()
                    .map(|Host { name, port, .. }| match name.contains(':') {
                        true => format!("[{name}]:{port}"),
                        false => format!("{name}:{port}"),
                    })
                    .collect();
                format!("postgres://{user}@{}/{database}", hosts.join(","))
            }
        }
    }
}

fn wrong(sentence: impl Into<String>) -> StorageError {
    StorageError::AddressPart(sentence.into())
}

/// The error for a character that has a meaning of its own in an address.
fn unescaped(character: char) -> StorageError {
    let escaped: String = character.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    let shown = match character {
        ' ' => "a blank".to_owned(),
        character if character.is_control() || character.is_whitespace() => "a control character".to_owned(),
        character => format!("`{character}`"),
    };
    wrong(format!("in a user name, a password or a value, {shown} is written `{escaped}`"))
}

/// The parameters that the text of an address gives; user, password, hosts, ports and name of the database are among
/// them.
fn parameters_of(address: &str) -> Result<Parameters, StorageError> {
    let (_, rest) = address.split_once("://").ok_or(StorageError::Address)?;
    if let Some(character) = rest.chars().find(|c| *c == '#' || c.is_whitespace() || c.is_control()) {
        return Err(unescaped(character));
    }
    let (before_query, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, name) = before_query.split_once('/').unwrap_or((before_query, ""));
    // A password that is not escaped ends too early, and what follows has its `@`.
    if name.contains('@') {
        return Err(unescaped('/'));
    }
    let (who, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    if who.contains('@') {
        return Err(unescaped('@'));
    }
    let mut given = Parameters::new();
    let (user, password) = who.split_once(':').unwrap_or((who, ""));
    let (hosts, ports) = hosts_and_ports(hosts)?;
    let parts = [("user", user), ("password", password), ("host", &hosts), ("dbname", name)];
    for (parameter, text) in parts.into_iter().filter(|(_, text)| !text.is_empty()) {
        given.insert(parameter, decoded(text)?);
    }
    if ports.contains(|c: char| c != ',') {
        given.insert("port", ports);
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (parameter, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_of_password = who.is_empty() && query.contains('@');
        let may_follow_password = given.contains_key("password");
        let parameter = known(parameter).map_err(|error| match error {
            _ if is_of_password => unescaped('?'),
            _ if may_follow_password => unescaped('&'),
            error => error,
        })?;
        given.insert(parameter, decoded(value)?);
    }
    Ok(given)
}

/// The hosts and the ports in `HOST:PORT,HOST:PORT`, each joined by commas; an IPv6 address is in brackets.
fn hosts_and_ports(text: &str) -> Result<(String, String), StorageError> {
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for one in text.split(',') {
        let (host, port) = match one.strip_prefix('[').map(|rest| rest.split_once(']')) {
            Some(Some((host, port))) => (host, port.strip_prefix(':').unwrap_or(port)),
            Some(None) => return Err(wrong("an IPv6 address stands in brackets, as in `[::1]`")),
            None => one.split_once(':').unwrap_or((one, "")),
        };
        if port.contains(':') {
            return Err(wrong("an IPv6 address stands in brackets, as in `[::1]`"));
        }
        hosts.push(host);
        ports.push(port);
    }
    Ok((hosts.join(","), ports.join(",")))
}

/// A text without its escapes.
fn decoded(text: &str) -> Result<String, StorageError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let byte = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = byte.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        bytes
            .push(byte.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or_else(|| unescaped('%'))?);
        rest = &after[2..];
    }
    let text = String::from_utf8(bytes).map_err(|_| unescaped('%'))?;
    if text.contains('\0') { Err(wrong("`%00` cannot be in it")) } else { Ok(text) }
}

/// The settings in `-c NAME=VALUE --NAME=VALUE`; a `\\` escapes a blank in a value.
fn options(text: &str) -> Result<Vec<(String, String)>, StorageError> {
    let (mut words, mut is_escaped) = (vec![String::new()], false);
    for character in text.chars() {
        match words.last_mut() {
            _ if character == '\\' && !is_escaped => {
                is_escaped = true;
                continue;
            }
            _ if character == ' ' && !is_escaped => words.push(String::new()),
            Some(word) => word.push(character),
            None => {}
        }
        is_escaped = false;
    }
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    let mut settings = Vec::new();
    while let Some(word) = words.next() {
        let setting = match (word.strip_prefix("--"), word.strip_prefix("-c")) {
            (Some(setting), _) => Some(setting.to_owned()),
            (None, Some("")) => words.next(),
            (None, Some(setting)) => Some(setting.to_owned()),
            (None, None) => None,
        };
        let setting = setting.as_deref().and_then(|setting| setting.split_once('='));
        let (name, value) = setting.ok_or_else(|| wrong("options are settings, as in `-c NAME=VALUE`"))?;
        settings.push((name.to_owned(), value.to_owned()));
    }
    Ok(settings)
}

/// The name of a parameter that there is.
fn known(parameter: &str) -> Result<&'static str, StorageError> {
    let name = PARAMETERS.iter().find(|(name, _)| *name == parameter).map(|(name, _)| *name);
    if let Some(name) = name.or_else(|| passed_over::name_of(parameter)) {
        return Ok(name);
    }
    let is_a_name = parameter.chars().all(|c| c.is_ascii_alphanumeric() || "_-.[]".contains(c));
    Err(wrong(if is_a_name && parameter.len() < 40 {
        format!("there is no parameter `{parameter}`; leave it out")
    } else {
        "one of its parameters does not exist; leave it out".to_owned()
    }))
}

/// The parameters of an address with what completes them.
struct Settings<'a> {
    given: Parameters,
    by_service: Parameters,
    surroundings: &'a Surroundings<'a>,
}

impl<'a> Settings<'a> {
    /// Adds those of the service, if one is named.
    fn new(given: Parameters, surroundings: &'a Surroundings<'a>) -> Result<Self, StorageError> {
        let mut settings = Self { given, by_service: Parameters::new(), surroundings };
        if let Some(service) = settings.of("service")? {
            let file = settings.variable("PGSERVICEFILE")?;
            let files = [
                Some(file.map_or_else(|| settings.at_home(".pg_service.conf"), |file| Some(file.into()))),
                Some(
                    settings
                        .variable("PGSYSCONFDIR")?
                        .map(|folder| Path::new(&folder).join("pg_service.conf")),
                ),
            ];
            let files: Vec<PathBuf> = files.into_iter().flatten().flatten().collect();
            for (parameter, value) in files::service(&files, &service)? {
                settings.by_service.insert(known(&parameter)?, value);
            }
        }
        Ok(settings)
    }

    /// The value of a parameter; an empty one counts as not given.
    fn of(&self, parameter: &str) -> Result<Option<String>, StorageError> {
        let value = match (self.named(parameter), PARAMETERS.iter().find(|(name, _)| *name == parameter)) {
            (None, Some((_, variable))) if !variable.is_empty() => self.variable(variable)?,
            (given, _) => given,
        };
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// The value of a parameter in the address or the service file.
    fn named(&self, parameter: &str) -> Option<String> {
        self.given.get(parameter).or_else(|| self.by_service.get(parameter)).cloned()
    }

    /// # Errors
    /// When the variable is not UTF-8: it is not passed over, or another database would be used than the one named.
    fn variable(&self, name: &str) -> Result<Option<String>, StorageError> {
        let value = (self.surroundings.variable)(name).map(OsString::into_string).transpose();
        Ok(value.map_err(|_| wrong(format!("{name} is not UTF-8 text")))?.filter(|value| !value.is_empty()))
    }

    fn at_home(&self, file: &str) -> Option<PathBuf> {
        (self.surroundings.variable)("HOME")
            .filter(|home| !home.is_empty())
            .map(|home| Path::new(&home).join(file))
    }

    fn into_address(self) -> Result<Address, StorageError> {
        passed_over::check(|parameter, variable| match self.named(parameter) {
            None if variable.is_empty() => Ok(None),
            None => Ok(self.variable(variable)?.map(|value| (value, true))),
            Some(value) => Ok(Some((value, false)).filter(|(value, _)| !value.is_empty())),
        })?;
        let user = self.of("user")?.unwrap_or_else(|| self.surroundings.account.clone());
        let database = self.of("dbname")?.unwrap_or_else(|| user.clone());
        let tls = self.tls()?;
        let hosts = self.hosts(&user, &database)?;
        let read_write = match self.of("target_session_attrs")?.as_deref() {
            None | Some("any") => false,
            Some("read-write" | "primary") => true,
            // There is no other to be preferred to it.
            Some("prefer-standby") if hosts.len() == 1 => false,
            Some(_) => {
                let sentence =
                    "target_session_attrs is any, read-write or primary; with one host also prefer-standby";
                return Err(wrong(sentence));
            }
        };
        let timeout = self.of("connect_timeout")?.map(|seconds| seconds.trim().parse::<i64>()).transpose();
        let timeout = timeout.map_err(|_| wrong("connect_timeout is a number of seconds"))?;
        let timeout = timeout.and_then(|seconds| u64::try_from(seconds).ok());
        let application = match self.of("application_name")? {
            None => self.of("fallback_application_name")?,
            given => given,
        };
        Ok(Address {
            hosts,
            certificates: self.certificates(tls)?,
            tls,
            options: options(&self.of("options")?.unwrap_or_default())?,
            application,
            read_write,
            timeout: timeout.filter(|seconds| *seconds > 0).map(Duration::from_secs),
            user,
            database,
        })
    }

    fn hosts(&self, user: &str, database: &str) -> Result<Vec<Host>, StorageError> {
        let ports: Vec<u16> = match self.of("port")? {
            None => vec![PORT],
            Some(ports) => ports
                .split(',')
                .map(|port| if port.is_empty() { Ok(PORT) } else { port.parse() })
                .collect::<Result<_, _>>()
                .map_err(|_| {
                    wrong("a port is a number from 1 to 65535; escape a `:` in a password as `%3A`")
                })?,
        };
        let addresses = self.addresses()?;
        let names = match self.of("host")? {
            Some(names) => names,
            None if addresses.is_empty() => self.usual_host(ports[0]),
            None => vec![""; addresses.len()].join(","),
        };
        let names: Vec<&str> = names.split(',').collect();
        if ports.len() > 1 && ports.len() != names.len() {
            return Err(wrong("give one port, or one for each host"));
        }
        if !addresses.is_empty() && addresses.len() != names.len() {
            return Err(wrong("give one hostaddr for each host"));
        }
        let password = self.of("password")?;
        let file = self.of("passfile")?.map_or_else(|| self.at_home(".pgpass"), |file| Some(file.into()));
        let hosts = names.iter().enumerate().map(|(index, name)| {
            let port = ports[index % ports.len()];
            let address = addresses.get(index).copied().flatten();
            let name = match (*name, address) {
                ("", Some(address)) => address.to_string(),
                ("", None) => self.usual_host(port),
                (name, _) => name.to_owned(),
            };
            let in_file = || {
                let known_as = if SOCKET_DIRECTORIES.contains(&name.as_str()) { "localhost" } else { &name };
                files::password(file.as_deref()?, [known_as, &port.to_string(), database, user])
            };
            let password = password.clone().or_else(in_file).map(SecretString::from);
            Host { name, address, port, password }
        });
        Ok(hosts.collect())
    }

    /// The network addresses of the hosts; none when no host has one.
    fn addresses(&self) -> Result<Vec<Option<IpAddr>>, StorageError> {
        let Some(addresses) = self.of("hostaddr")? else { return Ok(Vec::new()) };
        let read = |address: &str| match address {
            "" => Ok(None),
            address => address.parse().map(Some),
        };
        let addresses: Result<_, _> = addresses.split(',').map(read).collect();
        addresses.map_err(|_| wrong("hostaddr is an IP address, as in `192.0.2.7`"))
    }

    /// The Unix socket of a server on this machine, if there is one at a usual place.
    fn usual_host(&self, port: u16) -> String {
        let socket = |folder: &&str| {
            (self.surroundings.has_socket)(&Path::new(folder).join(format!(".s.PGSQL.{port}")))
        };
        SOCKET_DIRECTORIES.into_iter().find(socket).unwrap_or("localhost").to_owned()
    }

    fn tls(&self) -> Result<PgSslMode, StorageError> {
        let root = self.of("sslrootcert")?;
        let mode = match self.of("sslmode")?.as_deref() {
            Some("disable") => PgSslMode::Disable,
            Some("allow") => PgSslMode::Allow,
            None | Some("prefer") => PgSslMode::Prefer,
            // Whoever names the authority wants it to be checked.
            Some("require") if root.is_some() || self.usual_file("root.crt").is_some() => PgSslMode::VerifyCa,
            Some("require") => PgSslMode::Require,
            Some("verify-ca") => PgSslMode::VerifyCa,
            Some("verify-full") => PgSslMode::VerifyFull,
            Some(_) => {
                return Err(wrong("sslmode is disable, allow, prefer, require, verify-ca or verify-full"));
            }
        };
        match root.as_deref() {
            Some("system") if !matches!(mode, PgSslMode::VerifyFull) => Err(wrong(
                "sslrootcert=system needs sslmode=verify-full: anybody can have a certificate of theirs",
            )),
            _ => Ok(mode),
        }
    }

    /// A file of `psql` in `~/.postgresql`, if it is there.
    fn usual_file(&self, name: &str) -> Option<PathBuf> {
        self.at_home(".postgresql").map(|folder| folder.join(name)).filter(|at| at.exists())
    }

    /// The files that are named, or `psql`'s in `~/.postgresql` as far as they are there.
    fn certificates(&self, tls: PgSslMode) -> Result<Certificates, StorageError> {
        if matches!(tls, PgSslMode::Disable) {
            return Ok(Certificates::default());
        }
        let named = |parameter, file: &str| {
            Ok::<_, StorageError>(self.of(parameter)?.map(PathBuf::from).or_else(|| self.usual_file(file)))
        };
        let root = named("sslrootcert", "root.crt")?.filter(|root| root != Path::new("system"));
        let client = match (named("sslcert", "postgresql.crt")?, named("sslkey", "postgresql.key")?) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (Some(_), None) => {
                return Err(wrong("sslcert needs the key to the certificate; name it with sslkey"));
            }
            (None, Some(_)) => {
                return Err(wrong("sslkey needs the certificate of the key; name it with sslcert"));
            }
            (None, None) => None,
        };
        Ok(Certificates { root, client })
    }
}

//! What can go wrong in a database, in words an operator can act on.
//!
//! Every engine's errors are turned into [`StorageError`] here and nowhere else, so that a rule broken on
//! SQLite looks exactly like the same rule broken on PostgreSQL. No variant ever carries a password, and none
//! carries a value from a record.

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;

/// One thing that went wrong, in one sentence. Unless the sentence says otherwise, nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// A database could not be opened: which one (never with its password), and why.
    #[error("{location}: {problem}")]
    Opening {
        /// The path, or `postgres://user@host:port/name`.
        location: String,
        /// What stands in the way.
        problem: Box<StorageError>,
    },
    /// The address names neither engine. It is not repeated, as it may hold a password.
    #[error("a database is named as sqlite:PATH or as postgres://USER@HOST/NAME")]
    Address,
    /// A part of a `postgres://` address is wrong; how to write it. It repeats no value.
    #[error("the address of the database cannot be used: {0}")]
    AddressPart(String),
    /// The connection cannot be encrypted as it should be, or the server is not the one it should be.
    #[error("no safe connection can be made: {0}")]
    Encryption(String),
    /// A pooler between the program and the server does not take the settings of a session.
    #[error(
        "a connection pooler is in between, which takes no options; set them for the user or the database on the server"
    )]
    SettingsRefused,
    /// A pooler is in between, and the server does not let it in.
    #[error("the connection pooler in between cannot sign in to the database server; look into its log")]
    PoolerLocked,
    /// There is no ccdesk database at the address.
    #[error("there is no ccdesk database here; check the name, or make one with `ccdesk` or `ccdesk import`")]
    Missing,
    /// The path is a symbolic link to a file that is not there.
    #[error("this link leads to a file that is not there; mend the link, or name the database file itself")]
    DanglingLink,
    /// The path leads to a directory.
    #[error("this is a directory; name the database file in it")]
    Directory,
    /// The path leads to a device, a pipe or a socket.
    #[error("this is not a regular file, and was left as it is; name another file")]
    NotAFile,
    /// The file is something else than a database.
    #[error("this file is not a database, and was left as it is; name another file")]
    NotADatabase,
    /// Another program's database.
    #[error("this database belongs to another program, and was left as it is; name another database")]
    NotOurs,
    /// A newer ccdesk has changed the schema.
    #[error("this database was made by a newer ccdesk, and was left as it is; open it with that version")]
    Newer,
    /// The file can only be read, and lacks steps of the schema.
    #[error(
        "this database was made by an older ccdesk and can only be read; open it once where it can be changed"
    )]
    OlderReadOnly,
    /// The database on a server lacks steps of the schema, and is to stay unchanged.
    #[error(
        "this database was made by an older ccdesk, and a dry run leaves it as it is; open it once with this one first"
    )]
    OlderOnServer,
    /// The checksum of an applied migration differs from this program's. The number is the migration's.
    #[error(
        "step {0} of this database's schema is not the one of this ccdesk; open it with the version that made it"
    )]
    Altered(i64),
    /// The server cannot carry our data: its version or its encoding.
    #[error("this server cannot be used: {0}")]
    Unsuitable(String),
    /// The operating system or the server does not allow it.
    #[error("permission was refused; ask for the right to read and write this database")]
    Forbidden,
    /// Reading is possible, writing is not.
    #[error("the database can only be read, not changed; nothing was saved")]
    ReadOnly,
    /// Two changes waited for each other, and the server ended this one.
    #[error("the database gave way to another change that waited for this one; nothing was saved, try again")]
    Deadlock,
    /// Another change made at the same time does not fit with this one.
    #[error("the database gave way to another change made at the same time; nothing was saved, try again")]
    Overtaken,
    /// A statement was prepared for tables that were changed since.
    #[error("the tables of the database were changed meanwhile; nothing was saved, try again")]
    TablesChanged,
    /// Somebody else is writing, and did not finish in time.
    #[error("the database is busy with somebody else's change; nothing was saved, try again in a moment")]
    Busy,
    /// The SQLite file that is open is not at its path any more, or its write-ahead log is not.
    #[error(
        "the database file was removed, moved or replaced; nothing was saved, put it back or start again"
    )]
    Moved,
    /// No room is left.
    #[error("the disk is full; nothing was saved, make room and try again")]
    Full,
    /// The file is corrupt.
    #[error("the database is damaged; restore it from a backup")]
    Damaged,
    /// The disk, or the network it is on, failed.
    #[error("the disk could not be read or written; nothing was saved, check it and try again")]
    Disk,
    /// No server answers, or it went away.
    #[error("the database server does not answer; try again when it is back")]
    Unreachable,
    /// The server is being stopped or started.
    #[error("the database server is being stopped or started; try again when it is back")]
    Restarting,
    /// The server takes no more connections.
    #[error(
        "the database server has too many connections; end other programs, or have max_connections raised there"
    )]
    TooManyConnections,
    /// The server ended the session, because a transaction did nothing for too long.
    #[error(
        "the database server ended a change that was not completed in time; nothing was saved, try again"
    )]
    IdleTooLong,
    /// The server was there, and has not answered for this long; or no connection to it became free.
    #[error("the database has not answered for {seconds} seconds; try again when it is back")]
    Silent {
        /// How long the program waited, in seconds.
        seconds: u64,
    },
    /// The server knows no such user or password.
    #[error("the database server refused the user name or the password")]
    LoginRefused,
    /// The server does not let this user in from here: it has no such user, or wants another kind of connection.
    #[error(
        "the database server lets nobody in by this user name from here, or only encrypted or with a client \
         certificate; check the user name, sslmode and sslcert"
    )]
    NotAdmitted,
    /// The answer to the commit does not prove that the transaction was rolled back, or none came: whether it was committed
    /// is not known.
    #[error("the database did not confirm the save; look whether the change is there before repeating it")]
    CommitUnknown,
    /// The answer to the commit was lost, and the transaction was not committed.
    #[error("the database did not confirm the save; nothing was saved, try again")]
    NotCommitted,
    /// The statement was stopped: nobody waits for it any longer, or it took longer than the server allows.
    #[error(
        "the database stopped this because it took longer than is allowed there; ask for less or try again"
    )]
    Cancelled,
    /// A unique index refused the row. Both engines name the index: `<table>_<columns joined by _>_key`, or
    /// `<table>_pkey` for the primary key.
    #[error("there is already a record with this value ({index})")]
    Unique {
        /// The unique index.
        index: String,
    },
    /// A reference to a record that is not there, or the removal of one that is referred to.
    #[error("a record that this one refers to is missing, or others still refer to it")]
    ForeignKey,
    /// A column that may not be empty is.
    #[error("{column} may not be empty")]
    Required {
        /// `table.column`.
        column: String,
    },
    /// A value the schema does not allow. Every CHECK has a name, so that both engines can say it.
    #[error("a value is not allowed ({constraint})")]
    Check {
        /// The constraint's name.
        constraint: String,
    },
    /// A trigger refused the statement; its own words.
    #[error("refused by the database: {0}")]
    Refused(String),
    /// A statement was given another number of values than it names: a mistake in this program.
    #[error("a statement names {named} values and was given {given}")]
    Binds {
        /// The highest `$N` in the statement.
        named: usize,
        /// How many values it was given.
        given: usize,
    },
    /// Anything else, in the engine's words.
    #[error("the database answered: {0}")]
    Other(String),
}

impl StorageError {
    /// Whether this answer to a commit proves that the transaction was rolled back: a constraint or a conflict refused it,
    /// or it was not begun. A broken disk proves nothing: SQLite may find the whole transaction in its log later.
    pub(super) fn shows_rollback(&self) -> bool {
        matches!(
            self,
            Self::Unique { .. }
                | Self::ForeignKey
                | Self::Required { .. }
                | Self::Check { .. }
                | Self::Refused(_)
                | Self::Deadlock
                | Self::Overtaken
                | Self::TablesChanged
                | Self::Busy
                | Self::Full
                | Self::ReadOnly
                | Self::Cancelled
                | Self::Moved
        )
    }

    /// Whether the same transaction can succeed when it is repeated from its beginning: the database rolled it back for
    /// the sake of another one, or because of what its connection had prepared.
    pub fn asks_to_repeat(&self) -> bool {
        matches!(self, Self::Deadlock | Self::Overtaken | Self::TablesChanged)
    }

    /// Whether the connection on which this was the answer to a statement cannot be used any more.
    pub(super) fn ends_session(&self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::Restarting
                | Self::TooManyConnections
                | Self::IdleTooLong
                | Self::TablesChanged
        )
    }

    /// Whether a connection may be possible a moment later.
    pub(super) fn is_of_the_moment(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Restarting | Self::TooManyConnections)
    }

    /// Wraps the error with the location that was opened.
    pub(super) fn opening(self, location: &str) -> Self {
        Self::Opening { location: location.to_owned(), problem: Box::new(self) }
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
                Some(error) => postgres(error),
                None => sqlite(&*error),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Unreachable,
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Migrate(error) => (*error).into(),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<MigrateError> for StorageError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => Self::Other(other.to_string()),
        }
    }
}

/// SQLite says everything in an extended result code and a message (<https://sqlite.org/rescode.html>).
fn sqlite(error: &dyn DatabaseError) -> StorageError {
    const TRIGGER: i32 = 1811;
    let message = error.message();
    let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
    let named = |prefix: &str| message.strip_prefix(prefix).unwrap_or(message).to_owned();
    match error.kind() {
        ErrorKind::UniqueViolation => return StorageError::Unique { index: sqlite_index(message, code) },
        ErrorKind::ForeignKeyViolation => return StorageError::ForeignKey,
        ErrorKind::NotNullViolation => {
            return StorageError::Required { column: named("NOT NULL constraint failed: ") };
        }
        ErrorKind::CheckViolation => {
            return StorageError::Check { constraint: named("CHECK constraint failed: ") };
        }
        _ if code == TRIGGER => return StorageError::Refused(message.to_owned()),
        _ => {}
    }
    match code & 0xff {
        3 | 14 | 23 => StorageError::Forbidden,
        5 | 6 => StorageError::Busy,
        8 => StorageError::ReadOnly,
        9 => StorageError::Cancelled,
        10 => StorageError::Disk,
        11 => StorageError::Damaged,
        13 => StorageError::Full,
        26 => StorageError::NotADatabase,
        _ => StorageError::Other(message.to_owned()),
    }
}

/// The name of the index PostgreSQL would have given for `UNIQUE constraint failed: users.login` or
/// `UNIQUE constraint failed: index 'users_login_key'`.
fn sqlite_index(message: &str, code: i32) -> String {
    const PRIMARY_KEY: i32 = 1555;
    let broken = message.strip_prefix("UNIQUE constraint failed: ").unwrap_or(message);
    if let Some(index) = broken.strip_prefix("index '") {
        return index.trim_end_matches('\'').to_owned();
    }
    let table = broken.split('.').next().unwrap_or(broken);
    if code == PRIMARY_KEY {
        return format!("{table}_pkey");
    }
    let columns: Vec<&str> = broken.split(", ").filter_map(|part| part.split('.').nth(1)).collect();
    format!("{table}_{}_key", columns.join("_"))
}

/// PostgreSQL's SQLSTATE codes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn postgres(error: &PgDatabaseError) -> StorageError {
    let constraint = || error.constraint().unwrap_or_default().to_owned();
    match error.code() {
        "23505" => StorageError::Unique { index: constraint() },
        "23503" => StorageError::ForeignKey,
        "23502" => StorageError::Required {
            column: format!("{}.{}", error.table().unwrap_or_default(), error.column().unwrap_or_default()),
        },
        "23514" => StorageError::Check { constraint: constraint() },
        "P0001" => StorageError::Refused(error.message().to_owned()),
        "28P01" => StorageError::LoginRefused,
        "28000" => StorageError::NotAdmitted,
        "3D000" => StorageError::Missing,
        "25006" => StorageError::ReadOnly,
        "40001" => StorageError::Overtaken,
        "40P01" => StorageError::Deadlock,
        "55P03" => StorageError::Busy,
        // The code stands for many things, and the message is in the language of the server.
        "0A000" if error.routine() == Some("RevalidateCachedQuery") => StorageError::TablesChanged,
        "42501" => StorageError::Forbidden,
        "53100" => StorageError::Full,
        "57014" => StorageError::Cancelled,
        "25P03" => StorageError::IdleTooLong,
        "53300" => StorageError::TooManyConnections,
        "57P01" | "57P02" | "57P03" => StorageError::Restarting,
        "57P05" => StorageError::Unreachable,
        "08P01" => pooler(error.message()),
        "58030" => StorageError::Disk,
        "XX001" | "XX002" => StorageError::Damaged,
        code if code.starts_with("08") => StorageError::Unreachable,
        _ => StorageError::Other(error.message().to_owned()),
    }
}

/// What a pooler (pgbouncer) says in its own words, which have one code for everything.
fn pooler(message: &str) -> StorageError {
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if says(&["startup parameter"]) {
        StorageError::SettingsRefused
    } else if says(&["server login failed", "server login has been failing"]) {
        StorageError::PoolerLocked
    } else if says(&["authentication failed", "auth failed", "no such user", "login rejected"]) {
        StorageError::LoginRefused
    } else if says(&["no such database"]) {
        StorageError::Missing
    } else if says(&["no more connections allowed"]) {
        StorageError::TooManyConnections
    } else {
        StorageError::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pooler_says_is_told_apart_by_its_words() {
        for (message, expected) in [
            ("SASL authentication failed", StorageError::LoginRefused),
            ("password authentication failed", StorageError::LoginRefused),
            ("no such user: clerk", StorageError::LoginRefused),
            ("no such database: acme", StorageError::Missing),
            ("no more connections allowed (max_client_conn)", StorageError::TooManyConnections),
            (
                "server login has been failing, try again later (server_login_retry)",
                StorageError::PoolerLocked,
            ),
            (
                "server login failed: FATAL password authentication failed for user \"x\"",
                StorageError::PoolerLocked,
            ),
            ("unsupported startup parameter: options", StorageError::SettingsRefused),
            ("server conn crashed?", StorageError::Unreachable),
        ] {
            assert_eq!(pooler(message), expected, "{message}");
        }
    }

    #[test]
    fn promise_32_only_a_refusal_proves_that_a_commit_was_rolled_back() {
        for refusal in [StorageError::ForeignKey, StorageError::Busy, StorageError::Refused(String::new())] {
            assert!(refusal.shows_rollback(), "{refusal}");
        }
        let protocol = sqlx::Error::Protocol("an answer that is none".to_owned());
        for doubt in [
            protocol.into(),
            StorageError::Unreachable,
            StorageError::Silent { seconds: 10 },
            StorageError::Disk,
            StorageError::Other("FATAL: a pooler's own words".to_owned()),
        ] {
            assert!(!doubt.shows_rollback(), "{doubt}");
        }
    }
}

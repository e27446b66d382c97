//! One row of the result of a statement, and the conversion of stored instants.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::super::error::StorageError;
use crate::domain::model::instant::Instant;
use crate::domain::model::value::RecordId;

/// One row of a result. Its columns are read by position, from 0.
pub enum Row {
    /// A row from SQLite.
    Sqlite(SqliteRow),
    /// A row from PostgreSQL.
    Postgres(PgRow),
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self::Sqlite(row)
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self::Postgres(row)
    }
}

macro_rules! readers {
    ($($(#[$doc:meta])* $name:ident, $opt:ident: $stored:ty => $given:ty, $wrap:expr;)+) => {
        /// Readers of a column, one for each type, each with a variant `opt_…` that gives `None` for NULL. An error
        /// means that a statement does not select what its reader expects, which is a fault of this program, or that
        /// the database was changed by other means.
        impl Row {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// [`StorageError::Other`] when the column does not exist, has another type, or is NULL.
            pub fn $name(&self, column: usize) -> Result<$given, StorageError> {
                // Read as an option, because SQLite gives 0 for a NULL read as a plain number.
                self.$opt(column)?.ok_or_else(|| StorageError::Other(format!("column {column} is NULL")))
            }

            $(#[$doc])*
            /// NULL gives `None`.
            ///
            /// # Errors
            /// [`StorageError::Other`] when the column does not exist or has another type.
            pub fn $opt(&self, column: usize) -> Result<Option<$given>, StorageError> {
                let stored: Option<$stored> = match self {
                    Self::Sqlite(row) => row.try_get(column)?,
                    Self::Postgres(row) => row.try_get(column)?,
                };
                Ok(stored.map($wrap))
            }
        )+}
    };
}

readers! {
    /// Reads a BIGINT.
    int, opt_int: i64 => i64, std::convert::identity;
    /// Reads a TEXT.
    text, opt_text: String => String, std::convert::identity;
    /// Reads a BOOLEAN.
    bool, opt_bool: bool => bool, std::convert::identity;
    /// Reads a UUID, as the id of a record.
    id, opt_id: Uuid => RecordId, RecordId;
}

/// The stored form of an instant: microseconds since 1970 UTC. Smaller units are cut off.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant of a field, of a number of microseconds since 1970 UTC.
///
/// # Errors
/// [`StorageError::Other`] when the instant is outside the years -9999 to 9999.
pub fn instant_of_field(micros: i64) -> Result<Instant, StorageError> {
    Instant::from_microsecond(micros).ok_or_else(|| StorageError::Other(format!("{micros} is no instant")))
}

/// The time of a number of microseconds since 1970 UTC.
///
/// # Errors
/// [`StorageError::Other`] when the instant is outside the years -9999 to 9999.
pub fn instant(micros: i64) -> Result<Timestamp, StorageError> {
    Timestamp::from_microsecond(micros).map_err(|error| StorageError::Other(error.to_string()))
}

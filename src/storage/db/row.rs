//! What comes out of a statement.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::super::error::StorageError;
use crate::domain::model::value::RecordId;

/// One row of a result, read by position.
pub enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
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
        /// Each reader has a twin for columns that may be NULL. All of them fail when the column is of
        /// another type or is not there, the plain ones also when it is NULL: a statement and its reader then
        /// disagree, which is a mistake in this program or a file changed by hand.
        impl Row {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// When the column does not hold this.
            pub fn $name(&self, column: usize) -> Result<$given, StorageError> {
                // Asked for a plain number, SQLite would give 0 for NULL.
                self.$opt(column)?.ok_or_else(|| StorageError::Other(format!("column {column} is NULL")))
            }

            $(#[$doc])*
            /// NULL is `None`.
            ///
            /// # Errors
            /// When the column does not hold this.
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
    /// A BIGINT.
    int, opt_int: i64 => i64, std::convert::identity;
    /// A TEXT.
    text, opt_text: String => String, std::convert::identity;
    /// A BOOLEAN.
    bool, opt_bool: bool => bool, std::convert::identity;
    /// A UUID that is a record's identity.
    id, opt_id: Uuid => RecordId, RecordId;
}

/// An instant as it is stored: microseconds since 1970 UTC, finer parts cut off.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant of stored microseconds.
///
/// # Errors
/// When the number lies outside the years a calendar can name (-9999 to 9999).
pub fn instant(micros: i64) -> Result<Timestamp, StorageError> {
    Timestamp::from_microsecond(micros).map_err(|error| StorageError::Other(error.to_string()))
}

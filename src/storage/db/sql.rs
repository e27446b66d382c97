//! The text of a statement ([`Sql`]) and the values bound to it ([`Bind`]).

use std::borrow::Cow;

use jiff::Timestamp;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use uuid::Uuid;

use super::micros;
use crate::domain::model::instant::Instant;
use crate::domain::model::value::RecordId;

/// The text of a statement, with the placeholders `$1`, `$2`… for its values. It never contains user input: it is a
/// `'static` string, or `Sql::built` has made it from parts of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql(Cow<'static, str>);

impl Sql {
    /// A statement put together at run time. Its parts must come from this program: names from the schema, codes from
    /// enumerations of the domain. Every other value must be a [`Bind`]. `storage/statement` has the parts that
    /// statements share.
    pub(in crate::storage) fn built(text: String) -> Self {
        Self(Cow::Owned(text))
    }

    /// The number of values that the statement expects: the highest `$N` in it. A `$` with a digit inside a literal
    /// would count too, but no statement of this program has one.
    pub(super) fn value_count(&self) -> usize {
        self.placeholders().max().unwrap_or(0)
    }

    /// The number `N` of every placeholder `$N`, in the order of the text.
    fn placeholders(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.split('$').skip(1).filter_map(|after| {
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            after[..digits].parse().ok()
        })
    }

    /// The statement with `?` in place of each placeholder, when the text has `$1`, `$2`… once each and in this order;
    /// otherwise the statement unchanged.
    pub(super) fn positional(self) -> Self {
        if !self.placeholders().eq(1..=self.value_count()) {
            return self;
        }
        let mut text = String::with_capacity(self.0.len());
        for (index, part) in self.0.split('$').enumerate() {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
            match index {
                0 => text.push_str(part),
                _ if rest.len() < part.len() => text.extend(["?", rest]),
                _ => text.extend(["$", part]),
            }
        }
        Self::built(text)
    }

    /// The text of the statement.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// The statement in the type that `sqlx` takes.
    pub(super) fn into_sqlx(self) -> SqlStr {
        AssertSqlSafe(self.0).into_sql_str()
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

/// One value bound to a statement; `None` is NULL. A NULL has a type too, because PostgreSQL requires one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bind {
    /// A BIGINT: a number, an amount in hundredths, or an instant in microseconds since 1970 UTC.
    Int(Option<i64>),
    /// A TEXT.
    Text(Option<String>),
    /// A BOOLEAN.
    Bool(Option<bool>),
    /// A UUID.
    Uuid(Option<Uuid>),
}

macro_rules! bind_from {
    ($($from:ty => $variant:ident($name:ident) $value:expr;)+) => {$(
        impl From<$from> for Bind {
            fn from($name: $from) -> Self {
                Self::$variant(Some($value))
            }
        }
        impl From<Option<$from>> for Bind {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value.map(|$name| $value))
            }
        }
    )+};
}

bind_from! {
    i64 => Int(number) number;
    Timestamp => Int(at) micros(at);
    Instant => Int(at) at.as_microsecond();
    &str => Text(text) text.to_owned();
    String => Text(text) text;
    bool => Bool(yes) yes;
    Uuid => Uuid(id) id;
    RecordId => Uuid(id) id.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_in_order_become_question_marks() {
        for (text, positional) in [
            ("SELECT 1", "SELECT 1"),
            ("UPDATE t SET a = $1 WHERE b IN ($2, $3)", "UPDATE t SET a = ? WHERE b IN (?, ?)"),
            ("SELECT '$.path', $1", "SELECT '$.path', ?"),
            ("SELECT $2, $1", "SELECT $2, $1"),
            ("SELECT $1, $1", "SELECT $1, $1"),
        ] {
            assert_eq!(Sql::from(text).positional(), Sql::built(positional.to_owned()), "{text}");
        }
    }

    #[test]
    fn the_highest_placeholder_is_the_number_of_values() {
        for (text, count) in [
            ("SELECT 1", 0),
            ("SELECT $1", 1),
            ("SELECT $2, $1, $2", 2),
            ("VALUES ($9,$10)", 10),
            ("SELECT '$', '$.path', $1", 1),
        ] {
            assert_eq!(Sql::from(text).value_count(), count, "{text}");
        }
    }
}

//! What goes into a statement: its text and its values.

use std::borrow::Cow;

use jiff::Timestamp;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use uuid::Uuid;

use super::micros;
use crate::domain::model::value::RecordId;

/// The text of a statement, with its values as `$1`, `$2`… It is written in this program, never typed by
/// anybody: text that is not `'static` has one way in, `Sql::built`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql(Cow<'static, str>);

impl Sql {
    /// Text put together at run time from parts of this program: names from the schema, codes from enumerations of
    /// the domain. Every other value is a [`Bind`]. The parts that statements share are in `storage/statement`.
    pub(in crate::storage) fn built(text: String) -> Self {
        Self(Cow::Owned(text))
    }

    /// How many values the statement names: the highest `$N` in it. (A `$` and a digit inside a literal would
    /// count too; none of our statements has one.)
    pub(super) fn named(&self) -> usize {
        self.names().map(|(number, _)| number).max().unwrap_or(0)
    }

    /// Every `$N` in the order of the text: its number, and how many digits that has.
    fn names(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.0.split('$').skip(1).filter_map(|after| {
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            Some((after[..digits].parse().ok()?, digits))
        })
    }

    /// The same with `?` for `$1`, `$2`…, if each of them is there once and in this order; else as it is.
    pub(super) fn positional(self) -> Self {
        if !self.names().map(|(number, _)| number).eq(1..=self.named()) {
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

    /// The statement.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// The statement as `sqlx` takes it.
    pub(super) fn into_sqlx(self) -> SqlStr {
        AssertSqlSafe(self.0).into_sql_str()
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

/// One value for a statement. Even nothing has a type: PostgreSQL wants to know which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bind {
    /// A BIGINT: a number, an amount in hundredths, an instant in microseconds.
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
    fn names_in_order_are_left_out() {
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
    fn the_highest_number_counts_wherever_it_stands() {
        for (text, named) in [
            ("SELECT 1", 0),
            ("SELECT $1", 1),
            ("SELECT $2, $1, $2", 2),
            ("VALUES ($9,$10)", 10),
            ("SELECT '$', '$.path', $1", 1),
        ] {
            assert_eq!(Sql::from(text).named(), named, "{text}");
        }
    }
}

//! Conditions that more than one kind of statement asks.

use super::binds::Binds;
use crate::domain::model::value::RecordId;
use crate::storage::db::Engine;

/// At least one of these; none of none.
pub(in crate::storage) fn any(ways: &[String]) -> String {
    if ways.is_empty() { "FALSE".to_owned() } else { format!("({})", ways.join(" OR ")) }
}

/// A column is one of these ids.
pub(in crate::storage) fn is_one_of_ids(column: &str, ids: &[RecordId], binds: &mut Binds) -> String {
    let ids: Vec<String> = ids.iter().map(|id| binds.add(*id)).collect();
    format!("{column} IN ({})", ids.join(", "))
}

/// A column is one of these codes of an enumeration; none of none.
pub(in crate::storage) fn is_one_of_codes(
    column: &str,
    codes: impl IntoIterator<Item = &'static str>,
) -> String {
    let codes: Vec<String> = codes.into_iter().map(literal).collect();
    if codes.is_empty() { "FALSE".to_owned() } else { format!("{column} IN ({})", codes.join(", ")) }
}

/// A code of an enumeration as it is written in a statement. It is not bound where it could be, because both engines
/// use an index over the rows of one code only for a statement that spells the code out.
pub(in crate::storage) fn literal(code: &'static str) -> String {
    format!("'{}'", code.replace('\'', "''"))
}

/// What, at the end of a query, keeps the rows of `t0` from being changed by others until the transaction ends. On
/// SQLite there are no other writers.
pub(in crate::storage) fn hold_rows(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "",
        Engine::Postgres => " FOR NO KEY UPDATE OF t0",
    }
}

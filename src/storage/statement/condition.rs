//! SQL conditions and literals that several kinds of statements use.

use super::binds::Binds;
use crate::domain::model::value::RecordId;
use crate::storage::db::Engine;

/// So many ids are bound one by one; more of them are bound as one value.
const FEW_IDS: usize = 100;

/// The condition that at least one of these conditions holds; `FALSE` when there are none.
pub(in crate::storage) fn any(conditions: &[String]) -> String {
    if conditions.is_empty() { "FALSE".to_owned() } else { format!("({})", conditions.join(" OR ")) }
}

/// The condition that an expression contains a text, which is given as its placeholder.
pub(in crate::storage) fn contains(engine: Engine, expression: &str, text: &str) -> String {
    match engine {
        Engine::Sqlite => format!("instr({expression}, {text}) > 0"),
        Engine::Postgres => format!("strpos({expression}, {text}) > 0"),
    }
}

/// The condition that a column is one of these ids, of which there is at least one.
pub(in crate::storage) fn is_one_of_ids(column: &str, ids: &[RecordId], binds: &mut Binds) -> String {
    let ids: Vec<String> = ids.iter().map(|id| binds.add(*id)).collect();
    format!("{column} IN ({})", ids.join(", "))
}

/// The condition that a column is one of these ids, however many: they are bound as one value, because an engine binds
/// a limited number of values and nests a limited number of conditions. `FALSE` when there are none.
pub(in crate::storage) fn is_in_set(
    column: &str,
    ids: &[RecordId],
    engine: Engine,
    binds: &mut Binds,
) -> String {
    if ids.len() <= FEW_IDS {
        return if ids.is_empty() { "FALSE".to_owned() } else { is_one_of_ids(column, ids, binds) };
    }
    let ids: Vec<String> = ids.iter().map(|id| id.0.simple().to_string()).collect();
    match engine {
        Engine::Sqlite => {
            let all = binds.add(format!("[\"{}\"]", ids.join("\",\"")));
            format!("{column} IN (SELECT unhex(ids.value) FROM json_each({all}) ids)")
        }
        Engine::Postgres => {
            format!("{column} = ANY (string_to_array({}, ',')::uuid[])", binds.add(ids.join(",")))
        }
    }
}

/// The condition that a column is one of these codes of an enumeration; `FALSE` when there are none.
pub(in crate::storage) fn is_one_of_codes(
    column: &str,
    codes: impl IntoIterator<Item = &'static str>,
) -> String {
    let codes: Vec<String> = codes.into_iter().map(literal).collect();
    if codes.is_empty() { "FALSE".to_owned() } else { format!("{column} IN ({})", codes.join(", ")) }
}

/// A code of an enumeration as an SQL literal. Codes are not bound, because both engines use a partial index over the
/// rows of one code only for a statement that contains the code itself.
pub(in crate::storage) fn literal(code: &'static str) -> String {
    format!("'{}'", code.replace('\'', "''"))
}

/// The clause at the end of a `SELECT` that locks the selected rows of `t0` until the transaction ends, so that no
/// other transaction changes them. Empty on SQLite, where only one transaction writes at a time.
pub(in crate::storage) fn row_lock(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "",
        Engine::Postgres => " FOR NO KEY UPDATE OF t0",
    }
}

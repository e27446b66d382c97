//! The `WHERE` condition of a list query.

use super::codes::{self, JudgedAt};
use crate::domain::model::query::{Filter, ListQuery};
use crate::domain::model::request_state::RequestState;
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::value::Value;
use crate::domain::model::{format, text};
use crate::storage::columns;
use crate::storage::db::{Engine, micros};
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause, any, contains, is_in_set, literal};

/// The condition that the user `t0` is active and has a pending request. It is spelled as in the partial index
/// `sec_users_pending`, so that both engines use that index.
const IS_PENDING: &str = "t0.active AND t0.request_pending";

/// All conditions of a query, for use after `WHERE`; `TRUE` when the query has none. Without `judged`, conditions on
/// codes are ignored.
pub(super) fn conditions(
    query: &ListQuery,
    judged: Option<JudgedAt<'_>>,
    engine: Engine,
    from: &mut FromClause,
    binds: &mut Binds,
) -> Result<String, StorageError> {
    let mut all: Vec<String> = from.is_of_entity().into_iter().collect();
    for filter in &query.filters {
        all.push(condition(filter, judged, engine, from, binds)?);
    }
    // Each word may be in another of the fields: `harper 00017` finds Lucy Harper by her name and code.
    for word in text::search_words(&query.search) {
        let placeholder = binds.add(word);
        let matches: Vec<String> = query
            .entity
            .search
            .iter()
            .map(|field| contains(engine, &searched(from, field), &placeholder))
            .collect();
        all.push(any(&matches));
    }
    Ok(if all.is_empty() { "TRUE".to_owned() } else { all.join(" AND ") })
}

fn condition(
    filter: &Filter,
    judged: Option<JudgedAt<'_>>,
    engine: Engine,
    from: &mut FromClause,
    binds: &mut Binds,
) -> Result<String, StorageError> {
    Ok(match filter {
        Filter::Contains(field, text) => {
            let searched = searched(from, field);
            let words = text::search_words(text);
            let found: Vec<String> =
                words.into_iter().map(|word| contains(engine, &searched, &binds.add(word))).collect();
            if found.is_empty() { "TRUE".to_owned() } else { found.join(" AND ") }
        }
        Filter::OneOf(field, values) => {
            let column = from.own(field);
            let mut conditions = Vec::new();
            let (mut ids, mut bound) = (Vec::new(), Vec::new());
            for value in values {
                match value {
                    Value::Ref(reference) => ids.push(reference.id),
                    Value::Empty | Value::Bool(_) | Value::Code(_) => {
                        conditions.push(equals(field, &column, value, binds)?);
                    }
                    value => bound.push(binds.add(columns::bind(field, value)?)),
                }
            }
            if !ids.is_empty() {
                conditions.push(is_in_set(&column, &ids, engine, binds));
            }
            if !bound.is_empty() {
                conditions.push(format!("{column} IN ({})", bound.join(", ")));
            }
            any(&conditions)
        }
        Filter::Between(field, first, last) => {
            let column = if field.is_folded() { searched(from, field) } else { from.own(field) };
            let mut ends = Vec::new();
            for (end, compare) in [(first, ">="), (last, "<=")] {
                if let Some(value) = end {
                    let bind = if field.is_folded() {
                        columns::folded(value).into()
                    } else {
                        columns::bind(field, value)?
                    };
                    ends.push(format!("{column} {compare} {}", binds.add(bind)));
                }
            }
            if ends.is_empty() { "TRUE".to_owned() } else { ends.join(" AND ") }
        }
        Filter::Empty(field) => match field.kind {
            Kind::Secret => "TRUE".to_owned(),
            _ => format!("{} IS NULL", from.own(field)),
        },
        Filter::Through(reference, filter) => match reference.target() {
            Some(target) => {
                let column = from.own(reference);
                let mut referenced = FromClause::of(target);
                let condition = condition(filter, None, engine, &mut referenced, binds)?;
                format!("{column} IN (SELECT t0.id FROM {} WHERE {condition})", referenced.tables())
            }
            None => "FALSE".to_owned(),
        },
        Filter::Ids(ids) => is_in_set("t0.id", ids, engine, binds),
        Filter::ChangedSince(since) => {
            format!("coalesce(t0.update_time, t0.creation_time) >= {}", binds.add(micros(*since)))
        }
        Filter::Request(RequestState::Pending) => IS_PENDING.to_owned(),
        Filter::Request(state) => {
            let state = literal(state.code());
            format!("t0.id IN (SELECT user_id FROM sec_account_requests WHERE state = {state})")
        }
        Filter::Access(codes) => match judged {
            Some(judged) => codes::is_one_of(codes, judged, from, binds),
            None => "TRUE".to_owned(),
        },
    })
}

/// The expression of a field in which a text is searched: the folded text of the field, or of the record to which a
/// reference refers.
fn searched(from: &mut FromClause, field: &FieldDef) -> String {
    let record = from.record();
    match field.kind {
        Kind::Ref(target) => {
            let referenced = from.follow(&record, field, target);
            from.shown_fold(&referenced)
        }
        Kind::Secret => "''".to_owned(),
        _ if field.is_folded() => from.column(&record, field, "_fold"),
        _ => format!("lower(CAST({} AS TEXT))", from.column(&record, field, "")),
    }
}

/// The condition that the column of a field holds this value.
fn equals(field: &FieldDef, column: &str, value: &Value, binds: &mut Binds) -> Result<String, StorageError> {
    Ok(match value {
        Value::Empty => format!("{column} IS NULL"),
        // An empty bool counts as no.
        Value::Bool(false) if !field.required => format!("coalesce({column}, FALSE) = FALSE"),
        // A literal rather than a bound value, so that a partial index over the rows of one value is used.
        Value::Bool(yes) => format!("{column} = {}", if *yes { "TRUE" } else { "FALSE" }),
        Value::Code(code) => match format::choice(field, code) {
            Some(choice) => format!("{column} = {}", literal(choice.code)),
            None => "FALSE".to_owned(),
        },
        value => format!("{column} = {}", binds.add(columns::bind(field, value)?)),
    })
}

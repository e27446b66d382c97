//! Conditions on a row.

use super::codes;
use crate::domain::codes::SiteFacts;
use crate::domain::model::query::{Filter, ListQuery};
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::value::Value;
use crate::domain::model::{format, text};
use crate::storage::columns;
use crate::storage::db::Engine;
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause, any, literal};

/// The user in `t0` waits for a decision, in the words of the index over such users.
pub(in crate::storage) const IS_PENDING: &str = "t0.active AND t0.request_pending";

/// Every condition of a query, as they follow `WHERE`: one that always holds when nothing is asked.
pub(super) fn conditions(
    query: &ListQuery,
    site: Option<&SiteFacts>,
    engine: Engine,
    from: &mut FromClause,
    binds: &mut Binds,
) -> Result<String, StorageError> {
    let mut all: Vec<String> = from.is_of_entity().into_iter().collect();
    for filter in &query.filters {
        all.push(condition(filter, site, engine, from, binds)?);
    }
    let wanted = text::fold(query.search.trim());
    if !wanted.is_empty() {
        let wanted = binds.add(wanted);
        let found: Vec<String> = query
            .entity
            .search
            .iter()
            .map(|field| contains(engine, &searched(from, field), &wanted))
            .collect();
        all.push(any(&found));
    }
    Ok(if all.is_empty() { "TRUE".to_owned() } else { all.join(" AND ") })
}

fn condition(
    filter: &Filter,
    site: Option<&SiteFacts>,
    engine: Engine,
    from: &mut FromClause,
    binds: &mut Binds,
) -> Result<String, StorageError> {
    Ok(match filter {
        Filter::Contains(field, wanted) => {
            let wanted = text::fold(wanted.trim());
            if wanted.is_empty() {
                return Ok("TRUE".to_owned());
            }
            let searched = searched(from, field);
            contains(engine, &searched, &binds.add(wanted))
        }
        Filter::OneOf(field, values) => {
            let column = from.own(field);
            let mut ways = Vec::new();
            for value in values {
                ways.push(equals(field, &column, value, binds)?);
            }
            any(&ways)
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
        Filter::RequestPending => IS_PENDING.to_owned(),
        Filter::Access(codes) => match site {
            Some(site) => codes::is_one_of(codes, site, from, binds),
            None => "TRUE".to_owned(),
        },
    })
}

/// The one place where the engines look for a text in a text.
fn contains(engine: Engine, column: &str, wanted: &str) -> String {
    match engine {
        Engine::Sqlite => format!("instr({column}, {wanted}) > 0"),
        Engine::Postgres => format!("strpos({column}, {wanted}) > 0"),
    }
}

/// The expression in which a search looks for text.
fn searched(from: &mut FromClause, field: &FieldDef) -> String {
    let record = from.record();
    match field.kind {
        Kind::Ref(target) => {
            let node = from.follow(&record, field, target);
            from.shown_fold(&node)
        }
        Kind::Secret => "''".to_owned(),
        _ if field.is_folded() => from.column(&record, field, "_fold"),
        _ => format!("lower(CAST({} AS TEXT))", from.column(&record, field, "")),
    }
}

fn equals(field: &FieldDef, column: &str, value: &Value, binds: &mut Binds) -> Result<String, StorageError> {
    Ok(match value {
        Value::Empty => format!("{column} IS NULL"),
        // An empty yes-or-no reads as no.
        Value::Bool(false) if !field.required => format!("coalesce({column}, FALSE) = FALSE"),
        // Of a few values each is written out: an index over the rows of one is found by the word for it.
        Value::Bool(yes) => format!("{column} = {}", if *yes { "TRUE" } else { "FALSE" }),
        Value::Code(code) => match format::choice(field, code) {
            Some(choice) => format!("{column} = {}", literal(choice.code)),
            None => "FALSE".to_owned(),
        },
        value => format!("{column} = {}", binds.add(columns::bind(field, value)?)),
    })
}

//! Counting the rows of a list.

use super::{JudgedAt, codes, filter};
use crate::domain::codes::Code;
use crate::domain::model::query::ListQuery;
use crate::storage::db::{Session, Sql};
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause};

/// Counts the records that pass the filters and the search of a query. `judged` has the facts of the site
/// [`ListQuery::judged_at`].
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn count(
    s: &mut Session,
    query: &ListQuery,
    judged: Option<JudgedAt<'_>>,
) -> Result<i64, StorageError> {
    let (mut from, mut binds) = (FromClause::of(query.entity), Binds::default());
    let conditions = filter::conditions(query, judged, s.engine(), &mut from, &mut binds)?;
    let sql = format!("SELECT count(*) FROM {} WHERE {conditions}", from.tables());
    s.fetch_one(Sql::built(sql), binds.into_values()).await?.int(0)
}

/// Counts the users that pass the filters and the search of a query, by the first code that fails for them at a site
/// (`docs/codes.md`). The entry of `None` counts the users for whom no code fails; a code without users has no entry.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn by_code(
    s: &mut Session,
    query: &ListQuery,
    judged: JudgedAt<'_>,
) -> Result<Vec<(Option<Code>, i64)>, StorageError> {
    let (mut from, mut binds) = (FromClause::of(query.entity), Binds::default());
    let conditions = filter::conditions(query, Some(judged), s.engine(), &mut from, &mut binds)?;
    let failed = codes::first_failed(judged, &mut from, &mut binds);
    let sql = format!(
        "SELECT code, count(*) FROM (SELECT {failed} AS code FROM {} WHERE {conditions}) judged \
         GROUP BY code ORDER BY coalesce(code, '')",
        from.tables()
    );
    let rows = s.fetch_all(Sql::built(sql), binds.into_values()).await?;
    rows.iter().map(|row| Ok((codes::read(row, 0)?, row.int(1)?))).collect()
}

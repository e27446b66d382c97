//! A stretch of a list: one statement, wherever it begins.

use super::order::Order;
use super::{codes, filter};
use crate::domain::account_request::RequestState;
use crate::domain::codes::SiteFacts;
use crate::domain::entities;
use crate::domain::model::query::{Key, ListQuery, Page, PageCursor, Row};
use crate::domain::model::value::RecordId;
use crate::storage::db::{Bind, Engine, Row as DbRow, Session, Sql};
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause, Projection};

/// A stretch of at most `limit` rows, in the order of the query; `site` are the facts of [`ListQuery::judged_at`].
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn page(
    s: &mut Session,
    query: &ListQuery,
    site: Option<&SiteFacts>,
    page_cursor: &PageCursor,
    limit: usize,
    language: &str,
) -> Result<Page, StorageError> {
    let list = List { query, site: site.filter(|_| query.entity.judged), language };
    match page_cursor {
        PageCursor::From(id) => match list.read(s, Start::Row(*id), false, limit).await? {
            // The row is gone, or nothing at all passes the filters.
            Stretch { rows, before: false, .. } if rows.is_empty() => list.first(s, limit).await,
            Stretch { rows, more, before } => Ok(Page { rows, more_before: before, more_after: more }),
        },
        PageCursor::First => list.first(s, limit).await,
        PageCursor::After(key) => {
            let Stretch { rows, more, .. } = list.read(s, Start::Behind(key), false, limit).await?;
            Ok(Page { rows, more_before: true, more_after: more })
        }
        PageCursor::Last => {
            let Stretch { rows, more, .. } = list.read(s, Start::Edge, true, limit).await?;
            Ok(Page { rows, more_before: more, more_after: false })
        }
        PageCursor::Before(key) => {
            let Stretch { rows, more, .. } = list.read(s, Start::Behind(key), true, limit).await?;
            Ok(Page { rows, more_before: more, more_after: true })
        }
    }
}

/// A query with what is needed to answer it.
pub(super) struct List<'a> {
    /// What is asked.
    pub(super) query: &'a ListQuery,
    /// The site at which rows are judged, where they are.
    pub(super) site: Option<&'a SiteFacts>,
    /// The language of the texts.
    pub(super) language: &'a str,
}

/// Where a walk along the order begins.
#[derive(Clone, Copy)]
pub(super) enum Start<'a> {
    /// At the end that the walk comes from.
    Edge,
    /// Behind the row of this key.
    Behind(&'a Key),
    /// At this row, wherever it stands now.
    Row(RecordId),
}

/// Rows in the order of the list, up to the limit.
struct Stretch {
    rows: Vec<Row>,
    /// Whether there are more in the direction walked.
    more: bool,
    /// From [`Start::Row`], whether there are rows before that one.
    before: bool,
}

/// A statement for a page, with what reads its rows.
struct Statement {
    sql: Sql,
    binds: Vec<Bind>,
    order: Order,
    projection: Projection,
}

/// In a statement, the row of [`Start::Row`] with what it is compared by.
const ROW: &str = "here";

impl List<'_> {
    async fn first(&self, s: &mut Session, limit: usize) -> Result<Page, StorageError> {
        let Stretch { rows, more, .. } = self.read(s, Start::Edge, false, limit).await?;
        Ok(Page { rows, more_before: false, more_after: more })
    }

    async fn read(
        &self,
        s: &mut Session,
        start: Start<'_>,
        backwards: bool,
        limit: usize,
    ) -> Result<Stretch, StorageError> {
        let statement = self.statement(s.engine(), start, backwards, limit.saturating_add(1))?;
        let Statement { sql, binds, order, projection } = statement;
        let (mut rows, mut before) = (Vec::new(), false);
        for found in s.fetch_all(sql, binds).await? {
            if found.bool(5)? {
                before = true;
            } else {
                rows.push(self.row(&found, &order, &projection)?);
            }
        }
        let more = rows.len() > limit;
        rows.truncate(limit);
        if backwards {
            rows.reverse();
        }
        Ok(Stretch { rows, more, before })
    }

    /// The ids of the page are found first, from the index that has the order, and only they are dressed
    /// with what is shown.
    fn statement(
        &self,
        engine: Engine,
        start: Start<'_>,
        backwards: bool,
        limit: usize,
    ) -> Result<Statement, StorageError> {
        let entity = self.query.entity;
        let mut binds = Binds::default();
        let (page, order) = self.page(engine, start, backwards, limit, &mut binds)?;
        let mut dressed = FromClause::of(entity);
        let mut columns = vec!["p.id".to_owned(), "t0.object_version".to_owned(), dressed.subtype_column()];
        columns.push(match self.site {
            Some(site) => codes::first_failed(site, &mut dressed, &mut binds),
            None => "CAST(NULL AS TEXT)".to_owned(),
        });
        columns.push(if entity.judged { LAST_REQUEST } else { "CAST(NULL AS TEXT)" }.to_owned());
        columns.push("p.before".to_owned());
        columns.extend(order.names("p"));
        let mut projection = Projection::after(columns);
        for field in &self.query.columns {
            projection.add(&mut dressed, field);
        }
        let sql = format!(
            "SELECT {} FROM ({page}) p JOIN {} t0 ON t0.id = p.id{} ORDER BY {}",
            projection.columns(),
            entity.root().table,
            dressed.joins(),
            order.by_names("p", backwards),
        );
        Ok(Statement { sql: Sql::built(sql), binds: binds.into_values(), order, projection })
    }

    /// The ids and keys of the rows of a page, and their order. Of a page from a row on, the one before it too, with
    /// `before` set.
    pub(super) fn page(
        &self,
        engine: Engine,
        start: Start<'_>,
        backwards: bool,
        limit: usize,
        binds: &mut Binds,
    ) -> Result<(String, Order), StorageError> {
        let mut from = FromClause::of(self.query.entity);
        let order = Order::of(&self.query.sort, &mut from);
        let here = format!("SELECT t0.id AS id{} FROM {}", order.columns(), from.tables());
        let conditions = filter::conditions(self.query, self.site, engine, &mut from, binds)?;
        let walk = |and: &str, before: &str, backwards: bool, limit: usize| {
            format!(
                "SELECT t0.id AS id, {before} AS before{} FROM {} WHERE {conditions}{and} ORDER BY {} LIMIT {limit}",
                order.columns(),
                from.tables(),
                order.by(backwards),
            )
        };
        let sql = match start {
            Start::Edge => walk("", "FALSE", backwards, limit),
            Start::Behind(key) => {
                let values = order.values(key, binds);
                let behind = order.behind(&values, false, backwards);
                walk(&format!(" AND {behind}"), "FALSE", backwards, limit)
            }
            Start::Row(id) => {
                let values = order.values_of(ROW);
                let at = walk(&format!(" AND {}", order.behind(&values, true, false)), "FALSE", false, limit);
                let before = walk(&format!(" AND {}", order.behind(&values, false, true)), "TRUE", true, 1);
                let id = binds.add(id);
                format!(
                    "WITH {ROW} AS ({here} WHERE t0.id = {id}) \
                     SELECT * FROM ({at}) a UNION ALL SELECT * FROM ({before}) b"
                )
            }
        };
        Ok((sql, order))
    }

    fn row(&self, row: &DbRow, order: &Order, projection: &Projection) -> Result<Row, StorageError> {
        let id = row.id(0)?;
        let subtype = row.opt_text(2)?;
        Ok(Row {
            id,
            version: row.int(1)?,
            values: projection.values(row, self.language)?,
            key: order.key(row, id, 6)?,
            entity: subtype.map_or(self.query.entity, |code| entities::subtype(self.query.entity, &code)),
            access: codes::read(row, 3)?,
            request: row.opt_text(4)?.and_then(|state| RequestState::from_code(&state)),
        })
    }
}

/// What has become of the last request of the user `t0`.
const LAST_REQUEST: &str = "(SELECT r.state FROM sec_account_requests r WHERE r.user_id = t0.id \
                             ORDER BY r.submitted_at DESC, r.id DESC LIMIT 1)";

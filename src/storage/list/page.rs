//! Reading one page of a list, with one statement.

use super::order::Order;
use super::{JudgedAt, codes, filter};
use crate::domain::account_request::RequestState;
use crate::domain::entities;
use crate::domain::model::query::{Key, ListQuery, Page, PageCursor, Row};
use crate::domain::model::text;
use crate::domain::model::value::{RecordId, Value};
use crate::storage::db::{Bind, Engine, Row as DbRow, Session, Sql};
use crate::storage::error::StorageError;
use crate::storage::look_alikes;
use crate::storage::statement::{Binds, FromClause, Projection};

/// Reads a page of at most `limit` rows, in the order of the query. `judged` has the facts of the site
/// [`ListQuery::judged_at`]; `language` is that of the shown texts. When the row of [`PageCursor::From`] does not exist
/// any more, the first page is read, with a second statement.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn page(
    s: &mut Session,
    query: &ListQuery,
    judged: Option<JudgedAt<'_>>,
    page_cursor: &PageCursor,
    limit: usize,
    language: &str,
) -> Result<Page, StorageError> {
    let list = List { query, judged: judged.filter(|_| query.entity.judged), language };
    match page_cursor {
        PageCursor::From(id) => match list.read(s, Start::At(*id), false, limit).await? {
            // The row does not exist any more, or no row passes the filters.
            RowsRead { rows, has_previous: false, .. } if rows.is_empty() => list.first(s, limit).await,
            RowsRead { rows, has_more, has_previous } => {
                Ok(Page { rows, more_before: has_previous, more_after: has_more })
            }
        },
        PageCursor::First => list.first(s, limit).await,
        PageCursor::After(key) => {
            let RowsRead { rows, has_more, .. } = list.read(s, Start::After(key), false, limit).await?;
            Ok(Page { rows, more_before: true, more_after: has_more })
        }
        PageCursor::Last => {
            let RowsRead { rows, has_more, .. } = list.read(s, Start::First, true, limit).await?;
            Ok(Page { rows, more_before: has_more, more_after: false })
        }
        PageCursor::Before(key) => {
            let RowsRead { rows, has_more, .. } = list.read(s, Start::After(key), true, limit).await?;
            Ok(Page { rows, more_before: has_more, more_after: true })
        }
    }
}

/// A list query with the site, the day and the language for its answer.
pub(super) struct List<'a> {
    /// The query.
    pub(super) query: &'a ListQuery,
    /// The site and the day for which rows are judged; `None` when they are not.
    pub(super) judged: Option<JudgedAt<'a>>,
    /// The language of the shown texts.
    pub(super) language: &'a str,
}

/// The row from which rows are read, in the order of the list, or in the reverse order when reading backwards.
#[derive(Clone, Copy)]
pub(super) enum Start<'a> {
    /// The first row in the direction of reading.
    First,
    /// The first row after the one with this key, in the direction of reading.
    After(&'a Key),
    /// The row with this id, at its current position. Reading is forwards.
    At(RecordId),
}

/// The rows that a statement has read, at most the limit, in the order of the list.
struct RowsRead {
    rows: Vec<Row>,
    /// Whether more rows follow in the direction of reading.
    has_more: bool,
    /// Whether there is a row before the one of [`Start::At`]; `false` for any other start.
    has_previous: bool,
}

/// The statement for a page, and the readers of its rows.
struct Statement {
    sql: Sql,
    binds: Vec<Bind>,
    order: Order,
    projection: Projection,
}

/// The name, in a statement, of the table expression with the key of the row of [`Start::At`].
const START_ROW: &str = "start_row";

impl List<'_> {
    async fn first(&self, s: &mut Session, limit: usize) -> Result<Page, StorageError> {
        let RowsRead { rows, has_more, .. } = self.read(s, Start::First, false, limit).await?;
        Ok(Page { rows, more_before: false, more_after: has_more })
    }

    async fn read(
        &self,
        s: &mut Session,
        start: Start<'_>,
        backwards: bool,
        limit: usize,
    ) -> Result<RowsRead, StorageError> {
        let statement = self.statement(s.engine(), start, backwards, limit.saturating_add(1))?;
        let Statement { sql, binds, order, projection } = statement;
        let (mut rows, mut has_previous) = (Vec::new(), false);
        for found in s.fetch_all(sql, binds).await? {
            if found.bool(5)? {
                has_previous = true;
            } else {
                rows.push(self.row(&found, &order, &projection)?);
            }
        }
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        if backwards {
            rows.reverse();
        }
        Ok(RowsRead { rows, has_more, has_previous })
    }

    /// The statement for a page. A subquery finds the ids and keys of the page from the index that has the order; the
    /// shown columns and their tables are joined to these rows only.
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
        let mut from = FromClause::of(entity);
        let mut columns = vec!["p.id".to_owned(), "t0.object_version".to_owned(), from.subtype_column()];
        columns.push(match self.judged {
            Some(judged) => codes::first_failed(judged, &mut from, &mut binds),
            None => "CAST(NULL AS TEXT)".to_owned(),
        });
        columns.push(if entity.judged { LAST_REQUEST } else { "CAST(NULL AS TEXT)" }.to_owned());
        columns.push("p.is_previous".to_owned());
        columns.push(match entity.in_use.filter(|_| entity.judged) {
            Some(in_use) => format!("NOT {}", from.own(in_use)),
            None => "FALSE".to_owned(),
        });
        columns.push(self.look_alike(&mut from));
        columns.push(if entity.judged { REPEATED } else { "CAST(0 AS BIGINT)" }.to_owned());
        columns.extend(order.names("p"));
        let mut projection = Projection::after(columns);
        for field in &self.query.columns {
            projection.add(&mut from, field);
        }
        let sql = format!(
            "SELECT {} FROM ({page}) p JOIN {} t0 ON t0.id = p.id{} ORDER BY {}",
            projection.columns(),
            entity.root().table,
            from.joins(),
            order.by_names("p", backwards),
        );
        Ok(Statement { sql: Sql::built(sql), binds: binds.into_values(), order, projection })
    }

    /// The subquery for the ids and keys of the rows of a page, and the order of the rows. For [`Start::At`] it also
    /// gives the row before the page, for which its column `is_previous` is true.
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
        let keys = format!("SELECT t0.id AS id{} FROM {}", order.columns(), from.tables());
        let conditions = filter::conditions(self.query, self.judged, engine, &mut from, binds)?;
        let select = |and: &str, is_previous: &str, backwards: bool, limit: usize| {
            format!(
                "SELECT t0.id AS id, {is_previous} AS is_previous{} FROM {} WHERE {conditions}{and} \
                 ORDER BY {} LIMIT {limit}",
                order.columns(),
                from.tables(),
                order.by(backwards),
            )
        };
        let sql = match start {
            Start::First => select("", "FALSE", backwards, limit),
            Start::After(key) => {
                let values = order.values(key, binds);
                let after = order.after(&values, false, backwards);
                select(&format!(" AND {after}"), "FALSE", backwards, limit)
            }
            Start::At(id) => {
                let values = order.values_of(START_ROW);
                let from_row = format!(" AND {}", order.after(&values, true, false));
                let before_row = format!(" AND {}", order.after(&values, false, true));
                let page = select(&from_row, "FALSE", false, limit);
                let previous = select(&before_row, "TRUE", true, 1);
                let id = binds.add(id);
                format!(
                    "WITH {START_ROW} AS ({keys} WHERE t0.id = {id}) \
                     SELECT * FROM ({page}) a UNION ALL SELECT * FROM ({previous}) b"
                )
            }
        };
        Ok((sql, order))
    }

    /// The expression whether the row looks like another ([`Row::look_alike`]).
    fn look_alike(&self, from: &mut FromClause) -> String {
        let entity = self.query.entity;
        let subject = look_alikes::subject(entity).filter(|_| self.query.columns.contains(&entity.title));
        let Some((reference, of)) = subject else { return "FALSE".to_owned() };
        let row = from.record();
        let record = reference.map_or_else(|| row.clone(), |reference| from.follow(&row, reference, of));
        look_alikes::condition(from, &record, of)
    }

    /// Whether a shown text by which a record can look like another mixes scripts.
    fn mixes_scripts(&self, values: &[Value]) -> bool {
        let shown = self.query.columns.iter().zip(values).filter(|(field, _)| field.look_alikes);
        shown.into_iter().any(|(_, value)| matches!(value, Value::Text(text) if text::mixes_scripts(text)))
    }

    fn row(&self, row: &DbRow, order: &Order, projection: &Projection) -> Result<Row, StorageError> {
        let id = row.id(0)?;
        let subtype = row.opt_text(2)?;
        let values = projection.values(row, self.language)?;
        Ok(Row {
            id,
            version: row.int(1)?,
            key: order.key(row, id, 9)?,
            entity: subtype.map_or(self.query.entity, |code| entities::subtype(self.query.entity, &code)),
            access: codes::read(row, 3)?,
            is_off: row.bool(6)?,
            request: row.opt_text(4)?.and_then(|state| RequestState::from_code(&state)),
            repeated: row.int(8)?,
            look_alike: row.bool(7)? || self.mixes_scripts(&values),
            values,
        })
    }
}

/// The expression for how many times the user `t0` has asked for the account again.
const REPEATED: &str = "(SELECT count(*) FROM sec_repeated_requests q WHERE q.user_id = t0.id)";

/// The expression for the state of the newest account request of the user `t0`; NULL when the user has none.
const LAST_REQUEST: &str = "(SELECT r.state FROM sec_account_requests r WHERE r.user_id = t0.id \
                             ORDER BY r.submitted_at DESC, r.id DESC LIMIT 1)";

//! From what an operator asks of a list to SQL, and from rows to records.
//!
//! This is the only module that builds statements at run time. Every name in one comes from the schema,
//! which is part of this program; every value is bound. Lists are walked by key and never by offset, so that
//! a page costs the same wherever it stands.

mod codes;
mod filter;
mod from_clause;
mod order;
mod projection;
mod statements;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use from_clause::FromClause;
use order::Order;
use projection::Projection;

use crate::domain::account_request::RequestState;
use crate::domain::codes::{Code, SiteFacts};
use crate::domain::entities::{self, user};
use crate::domain::model::query::{Key, ListQuery, Page, PageCursor, Row};
use crate::domain::model::record::{FieldMap, Origin, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{RecordId, Value};
use crate::storage::columns;
use crate::storage::db::{Bind, Engine, Row as DbRow, Session, Sql, Tx, instant};
use crate::storage::error::StorageError;
use crate::storage::facts;

pub(super) use crate::storage::list::statements::{Step, delete, insert_into, update};

/// The values of a statement as it grows.
#[derive(Default)]
struct Binds(Vec<Bind>);

impl Binds {
    /// Takes a value and gives the name it has in the statement.
    fn add(&mut self, value: impl Into<Bind>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }
}

/// A stretch of at most `limit` rows, in the order of the query.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn page(
    s: &mut Session,
    query: &ListQuery,
    page_cursor: &PageCursor,
    limit: usize,
    language: &str,
) -> Result<Page, StorageError> {
    let site = site_of(s, query).await?;
    let list = List { query, site: site.as_ref(), language };
    match page_cursor {
        PageCursor::First => list.rows(s, None, false, limit).await.map(|(rows, more)| Page {
            rows,
            more_before: false,
            more_after: more,
        }),
        PageCursor::Last => list.rows(s, None, true, limit).await.map(|(rows, more)| Page {
            rows,
            more_before: more,
            more_after: false,
        }),
        PageCursor::After(key) => list
            .rows(s, Some((key, false)), false, limit)
            .await
            .map(|(rows, more)| Page { rows, more_before: true, more_after: more }),
        PageCursor::Before(key) => list
            .rows(s, Some((key, false)), true, limit)
            .await
            .map(|(rows, more)| Page { rows, more_before: more, more_after: true }),
        PageCursor::From(id) => list.from(s, *id, limit).await,
    }
}

/// How many records pass the filters.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn count(s: &mut Session, query: &ListQuery) -> Result<i64, StorageError> {
    let site = site_of(s, query).await?;
    let (mut from, mut binds) = (FromClause::of(query.entity), Binds::default());
    let conditions = filter::conditions(query, site.as_ref(), s.engine(), &mut from, &mut binds)?;
    let sql = format!("SELECT count(*) FROM {} WHERE {conditions}", from.tables());
    s.fetch_one(Sql::built(sql), binds.0).await?.int(0)
}

/// How many of the users that pass the filters are stopped by which code first at [`ListQuery::judged_at`];
/// `None` counts those whom nothing stops. Empty when the query names no site.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn by_code(s: &mut Session, query: &ListQuery) -> Result<Vec<(Option<Code>, i64)>, StorageError> {
    let Some(site) = site_of(s, query).await? else { return Ok(Vec::new()) };
    let (mut from, mut binds) = (FromClause::of(query.entity), Binds::default());
    let conditions = filter::conditions(query, Some(&site), s.engine(), &mut from, &mut binds)?;
    let failed = codes::first_failed(&site, &mut from, &mut binds);
    let sql = format!(
        "SELECT code, count(*) FROM (SELECT {failed} AS code FROM {} WHERE {conditions}) judged \
         GROUP BY code ORDER BY coalesce(code, '')",
        from.tables()
    );
    let rows = s.fetch_all(Sql::built(sql), binds.0).await?;
    rows.iter().map(|row| Ok((read_code(row, 0)?, row.int(1)?))).collect()
}

/// Of the users that `who` describes, those who are switched on, have a pending request, and whom nothing stops at
/// the site: as they are once whoever changes them now is done, and as they stay to the end of this transaction.
/// `who` is a condition on `t0` about the one value `$1`.
pub(super) async fn let_in(
    tx: &mut Tx,
    site: &SiteFacts,
    who: &'static str,
    about: Option<RecordId>,
) -> Result<Vec<RecordId>, StorageError> {
    let mut from = FromClause::of(&user::USER);
    let mut binds = Binds(about.into_iter().map(Bind::from).collect());
    let failed = codes::first_failed(site, &mut from, &mut binds);
    let sql = format!(
        "SELECT t0.id FROM {} WHERE {who} AND {} AND {failed} IS NULL ORDER BY t0.id{}",
        from.tables(),
        filter::IS_PENDING,
        holding(tx)
    );
    let rows = tx.fetch_all(Sql::built(sql), binds.0).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Keeps a record from being changed by others to the end of the transaction.
pub(super) async fn hold(tx: &mut Tx, entity: &'static EntityDef, id: RecordId) -> Result<(), StorageError> {
    let sql = format!("SELECT t0.id FROM {} t0 WHERE t0.id = $1{}", entity.root().table, holding(tx));
    tx.fetch_optional(Sql::built(sql), vec![id.into()]).await.map(drop)
}

/// What makes a statement keep the rows of `t0` from others. On SQLite there are no other writers.
fn holding(tx: &Tx) -> &'static str {
    match tx.engine() {
        Engine::Sqlite => "",
        Engine::Postgres => " FOR NO KEY UPDATE OF t0",
    }
}

/// The most ids that one statement carries; SQLite takes 32,766 values.
const MOST_IDS: usize = 1000;

/// Which records [`records`] reads.
#[derive(Clone, Copy)]
pub(super) enum Selection<'a> {
    /// Those with these ids.
    Ids(&'a [RecordId]),
    /// Those whose reference points at one of these.
    PointingAt(&'static FieldDef, &'a [RecordId]),
}

/// Some fields of some records, in one statement and in no particular order. They carry no origin.
pub(super) async fn records(
    s: &mut Session,
    entity: &'static EntityDef,
    fields: &[&'static FieldDef],
    which: Selection<'_>,
    language: &str,
) -> Result<Vec<Record>, StorageError> {
    let (Selection::Ids(ids) | Selection::PointingAt(_, ids)) = which;
    let mut found = Vec::new();
    for ids in ids.chunks(MOST_IDS) {
        let which = match which {
            Selection::Ids(_) => Selection::Ids(ids),
            Selection::PointingAt(field, _) => Selection::PointingAt(field, ids),
        };
        found.extend(some_records(s, entity, fields, which, language).await?);
    }
    Ok(found)
}

async fn some_records(
    s: &mut Session,
    entity: &'static EntityDef,
    fields: &[&'static FieldDef],
    which: Selection<'_>,
    language: &str,
) -> Result<Vec<Record>, StorageError> {
    let (Selection::Ids(ids) | Selection::PointingAt(_, ids)) = which;
    let (mut from, mut binds) = (FromClause::of(entity), Binds::default());
    let mut projection = Projection::after(vec!["t0.id".to_owned(), "t0.object_version".to_owned()]);
    for field in fields {
        projection.add(&mut from, field);
    }
    let column = match which {
        Selection::Ids(_) => "t0.id".to_owned(),
        Selection::PointingAt(field, _) => from.own(field),
    };
    let mut condition = filter::is_one_of_ids(&column, ids, &mut binds);
    if let Some(is_of_entity) = from.is_of_entity() {
        condition = format!("{condition} AND {is_of_entity}");
    }
    let sql = format!("SELECT {} FROM {} WHERE {condition}", projection.columns(), from.tables());
    let rows = s.fetch_all(Sql::built(sql), binds.0).await?;
    rows.iter()
        .map(|row| {
            let values = fields.iter().map(|field| field.property).zip(projection.values(row, language)?);
            let values: FieldMap = values.filter(|(_, value)| !value.is_empty()).collect();
            let (id, version) = (row.id(0)?, row.int(1)?);
            Ok(Record { entity, id, version, values, origin: Origin::default() })
        })
        .collect()
}

/// The first record, by id, that another system knows by this id.
pub(super) async fn find_external(
    s: &mut Session,
    entity: &'static EntityDef,
    external_id: &str,
) -> Result<Option<RecordId>, StorageError> {
    let from = FromClause::of(entity);
    first_id(s, &from, "t0.external_id = $1", external_id.into()).await
}

/// The first record, by id, whose field has this value: as it is, or ignoring case where it is unique so.
pub(super) async fn find_by(
    s: &mut Session,
    entity: &'static EntityDef,
    field: &'static FieldDef,
    value: &Value,
) -> Result<Option<RecordId>, StorageError> {
    let mut from = FromClause::of(entity);
    let record = from.record();
    let (suffix, bind) = if field.keyed {
        ("_key", columns::key(value).into())
    } else if matches!(field.kind, Kind::Multi { .. }) {
        ("_fold", columns::folded(value).into())
    } else {
        ("", columns::bind(field, value)?)
    };
    let condition = format!("{} = $1", from.column(&record, field, suffix));
    first_id(s, &from, &condition, bind).await
}

async fn first_id(
    s: &mut Session,
    from: &FromClause,
    condition: &str,
    value: Bind,
) -> Result<Option<RecordId>, StorageError> {
    let of_entity = from.is_of_entity().map_or_else(String::new, |is_of| format!(" AND {is_of}"));
    let sql =
        format!("SELECT t0.id FROM {} WHERE {condition}{of_entity} ORDER BY t0.id LIMIT 1", from.tables());
    let row = s.fetch_optional(Sql::built(sql), vec![value]).await?;
    row.map(|row| row.id(0)).transpose()
}

/// What a record is (for a base the subtype) and where it came from.
pub(super) async fn origin(
    s: &mut Session,
    entity: &'static EntityDef,
    id: RecordId,
) -> Result<Option<(&'static EntityDef, Origin)>, StorageError> {
    let from = FromClause::of(entity);
    let of_entity = from.is_of_entity().map_or_else(String::new, |is_of| format!(" AND {is_of}"));
    let sql = format!(
        "SELECT {}, t0.external_id, t0.external_system, t0.creation_time, t0.creation_user, t0.update_time, \
         t0.update_user, t0.extra FROM {} WHERE t0.id = $1{of_entity}",
        subtype_column(entity),
        from.tables()
    );
    let Some(row) = s.fetch_optional(Sql::built(sql), vec![id.into()]).await? else { return Ok(None) };
    let subtype = row.opt_text(0)?;
    let origin = Origin {
        external_id: row.opt_text(1)?,
        external_system: row.opt_text(2)?,
        creation_time: row.opt_int(3)?.map(instant).transpose()?,
        creation_user: row.opt_text(4)?,
        update_time: row.opt_int(5)?.map(instant).transpose()?,
        update_user: row.opt_text(6)?,
        extra: row.opt_text(7)?,
    };
    Ok(Some((subtype.map_or(entity, |code| entities::subtype(entity, &code)), origin)))
}

/// Whether `id` is among the records that `from` leads to over and over by a reference to its own entity.
pub(super) async fn leads_to(
    s: &mut Session,
    field: &FieldDef,
    root: &EntityDef,
    from: RecordId,
    id: RecordId,
) -> Result<bool, StorageError> {
    let (table, column) = (root.table, field.column);
    // UNION, not UNION ALL: should there be a circle already, it is walked once.
    let sql = format!(
        "WITH RECURSIVE up (id) AS (SELECT {column} FROM {table} WHERE id = $1 \
         UNION SELECT p.{column} FROM {table} p JOIN up ON p.id = up.id) \
         SELECT up.id FROM up WHERE up.id = $2"
    );
    Ok(from == id || s.fetch_optional(Sql::built(sql), vec![from.into(), id.into()]).await?.is_some())
}

/// For each look of a login ([`skeleton`](crate::domain::model::text::skeleton)), the users whose login has it, by
/// login.
pub(super) async fn look_alikes(
    s: &mut Session,
    looks: Vec<String>,
) -> Result<BTreeMap<String, Vec<(RecordId, String)>>, StorageError> {
    let mut found: BTreeMap<String, Vec<(RecordId, String)>> = BTreeMap::new();
    if looks.is_empty() {
        return Ok(found);
    }
    let mut binds = Binds::default();
    let looks: Vec<String> = looks.into_iter().map(|look| binds.add(look)).collect();
    let sql = format!(
        "SELECT login_skeleton, id, login FROM sec_users WHERE login_skeleton IN ({}) ORDER BY login_key",
        looks.join(", ")
    );
    for row in s.fetch_all(Sql::built(sql), binds.0).await? {
        found.entry(row.text(0)?).or_default().push((row.id(1)?, row.text(2)?));
    }
    Ok(found)
}

/// Of these ids, the one that the field holds most often.
pub(super) async fn most_pointed_at(
    s: &mut Session,
    entity: &'static EntityDef,
    field: &'static FieldDef,
    candidates: &[RecordId],
) -> Result<Option<RecordId>, StorageError> {
    if candidates.is_empty() {
        return Ok(None);
    }
    let (mut from, mut binds) = (FromClause::of(entity), Binds::default());
    let column = from.own(field);
    let condition = filter::is_one_of_ids(&column, candidates, &mut binds);
    let sql = format!(
        "SELECT {column} FROM {} WHERE {condition} GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT 1",
        from.tables()
    );
    let row = s.fetch_optional(Sql::built(sql), binds.0).await?;
    row.map(|row| row.id(0)).transpose()
}

async fn site_of(s: &mut Session, query: &ListQuery) -> Result<Option<SiteFacts>, StorageError> {
    match query.judged_at.filter(|_| query.entity.judged) {
        Some(site) => facts::site(s, site, "").await,
        None => Ok(None),
    }
}

fn read_code(row: &DbRow, column: usize) -> Result<Option<Code>, StorageError> {
    let code = row.opt_text(column)?;
    code.map(|code| code.parse().map_err(|_| StorageError::Other(format!("{code} is no code")))).transpose()
}

/// What has become of the last request of the user `t0`.
const LAST_REQUEST: &str = "(SELECT r.state FROM sec_account_requests r WHERE r.user_id = t0.id \
                             ORDER BY r.submitted_at DESC, r.id DESC LIMIT 1)";

/// A query with what is needed to answer it.
struct List<'a> {
    query: &'a ListQuery,
    site: Option<&'a SiteFacts>,
    language: &'a str,
}

impl List<'_> {
    /// Up to `limit` rows in the order of the list, and whether there are more in the direction walked.
    /// `start` is where the walk begins, and whether a row at it counts.
    async fn rows(
        &self,
        s: &mut Session,
        start: Option<(&Key, bool)>,
        backwards: bool,
        limit: usize,
    ) -> Result<(Vec<Row>, bool), StorageError> {
        let statement = self.statement(s.engine(), start, backwards, limit.saturating_add(1))?;
        let Statement { sql, binds, order, projection } = statement;
        let found = s.fetch_all(sql, binds).await?;
        let more = found.len() > limit;
        let mut rows = found
            .iter()
            .take(limit)
            .map(|row| self.row(row, &order, &projection))
            .collect::<Result<Vec<_>, _>>()?;
        if backwards {
            rows.reverse();
        }
        Ok((rows, more))
    }

    /// The ids of the page are found first, from the index that has the order, and only they are dressed
    /// with what is shown.
    fn statement(
        &self,
        engine: Engine,
        start: Option<(&Key, bool)>,
        backwards: bool,
        limit: usize,
    ) -> Result<Statement, StorageError> {
        let entity = self.query.entity;
        let mut binds = Binds::default();
        let (page, order) = self.page(engine, start, backwards, limit, &mut binds)?;
        let mut dressed = FromClause::of(entity);
        let mut columns = vec!["p.id".to_owned(), "t0.object_version".to_owned(), subtype_column(entity)];
        columns.push(match self.site {
            Some(site) => codes::first_failed(site, &mut dressed, &mut binds),
            None => "CAST(NULL AS TEXT)".to_owned(),
        });
        columns.push(if entity.judged { LAST_REQUEST } else { "CAST(NULL AS TEXT)" }.to_owned());
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
        Ok(Statement { sql: Sql::built(sql), binds: binds.0, order, projection })
    }

    /// The ids and places of the rows of a page, and their order.
    fn page(
        &self,
        engine: Engine,
        start: Option<(&Key, bool)>,
        backwards: bool,
        limit: usize,
        binds: &mut Binds,
    ) -> Result<(String, Order), StorageError> {
        let mut from = FromClause::of(self.query.entity);
        let order = Order::of(&self.query.sort, &mut from);
        let mut conditions = filter::conditions(self.query, self.site, engine, &mut from, binds)?;
        if let Some((key, at)) = start {
            conditions = format!("{conditions} AND {}", order.behind(key, at, backwards, binds));
        }
        let sql = format!(
            "SELECT t0.id AS id{} FROM {} WHERE {conditions} ORDER BY {} LIMIT {limit}",
            order.columns(),
            from.tables(),
            order.by(backwards),
        );
        Ok((sql, order))
    }

    fn row(&self, row: &DbRow, order: &Order, projection: &Projection) -> Result<Row, StorageError> {
        let id = row.id(0)?;
        let subtype = row.opt_text(2)?;
        Ok(Row {
            id,
            version: row.int(1)?,
            values: projection.values(row, self.language)?,
            key: order.key(row, id, 5)?,
            entity: subtype.map_or(self.query.entity, |code| entities::subtype(self.query.entity, &code)),
            access: read_code(row, 3)?,
            request: row.opt_text(4)?.and_then(|state| RequestState::from_code(&state)),
        })
    }

    /// The row and those behind it, wherever it stands now; from the first when it is gone.
    async fn from(&self, s: &mut Session, id: RecordId, limit: usize) -> Result<Page, StorageError> {
        let mut from = FromClause::of(self.query.entity);
        let order = Order::of(&self.query.sort, &mut from);
        let sql = format!("SELECT t0.id AS id{} FROM {} WHERE t0.id = $1", order.columns(), from.tables());
        let Some(found) = s.fetch_optional(Sql::built(sql), vec![id.into()]).await? else {
            let (rows, more_after) = self.rows(s, None, false, limit).await?;
            return Ok(Page { rows, more_before: false, more_after });
        };
        let key = order.key(&found, id, 1)?;
        let (rows, more_after) = self.rows(s, Some((&key, true)), false, limit).await?;
        let (_, more_before) = self.rows(s, Some((&key, false)), true, 0).await?;
        Ok(Page { rows, more_before, more_after })
    }
}

/// A statement for a page, with what reads its rows.
struct Statement {
    sql: Sql,
    binds: Vec<Bind>,
    order: Order,
    projection: Projection,
}

/// For a base: which subtype a row is.
fn subtype_column(entity: &EntityDef) -> String {
    entity
        .subtype_field
        .map_or_else(|| "CAST(NULL AS TEXT)".to_owned(), |field| format!("t0.{}", field.column))
}

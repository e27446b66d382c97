//! The tables of account requests (`docs/domain.md`, Requests): `sec_account_requests` with the requests to decide, and
//! `sec_repeated_requests` with those that arrived for an existing account. Reading a user does not read them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::db::{Bind, Row, Session, Sql, Tx, instant};
use super::error::StorageError;
use super::statement::{Binds, FromClause, is_in_set, is_one_of_codes, is_one_of_ids, literal, row_lock};
use crate::domain::account_request::{Repeated, Request, RequestState, Source};
use crate::domain::entities::{customer, document_type, external_access, party, user, web_site};
use crate::domain::model::instant::utc_date;
use crate::domain::model::record::Record;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Version};
use crate::storage::{facts, list};

/// Inserts one request.
///
/// # Errors
/// [`StorageError::ForeignKey`] when the user does not exist.
pub async fn add_request(tx: &mut Tx, request: &Request) -> Result<(), StorageError> {
    add_requests(tx, std::slice::from_ref(request)).await
}

/// Inserts any number of requests with as few statements as [`Session::insert`] needs.
///
/// # Errors
/// [`StorageError::ForeignKey`] when one of the users does not exist.
pub async fn add_requests(tx: &mut Tx, requests: &[Request]) -> Result<(), StorageError> {
    let rows: Vec<Vec<Bind>> = requests.iter().map(binds).collect();
    tx.insert(
        "INSERT INTO sec_account_requests
             (id, user_id, submitted_at, source, state, decided_at, decided_by, reason, waiting_until)",
        9,
        rows,
    )
    .await?;
    Ok(())
}

fn binds(request: &Request) -> Vec<Bind> {
    vec![
        request.id.into(),
        request.user.into(),
        request.submitted_at.into(),
        request.source.code().into(),
        request.state.code().into(),
        request.decided_at.into(),
        request.decided_by.clone().into(),
        request.reason.clone().into(),
        day(request.waiting_until),
    ]
}

/// A day as it is stored: `2024-04-01`.
fn day(day: Option<Date>) -> Bind {
    day.map(|day| day.to_string()).into()
}

/// The columns of a request, as [`read`] reads them.
const COLUMNS: &str =
    "id, user_id, submitted_at, source, state, decided_at, decided_by, reason, waiting_until";

/// Reads the oldest pending request of a user; `None` when the user has none.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn pending_of(s: &mut Session, user: RecordId) -> Result<Option<Request>, StorageError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM sec_account_requests WHERE user_id = $1 AND {} ORDER BY submitted_at, id LIMIT 1",
        is_pending()
    );
    let row = s.fetch_optional(Sql::built(sql), vec![user.into()]).await?;
    row.as_ref().map(read).transpose()
}

/// The SQL condition that a request is pending. The code is a literal, as in the partial index
/// `sec_account_requests_pending`, because neither engine uses a partial index for a bound value.
fn is_pending() -> String {
    format!("state = {}", literal(RequestState::Pending.code()))
}

/// The SQL condition that a request is pending or waiting.
fn is_open() -> String {
    let open = RequestState::ALL.into_iter().filter(|state| state.is_open());
    is_one_of_codes("state", open.map(RequestState::code))
}

/// The SQL condition that the user `t0` is active and has an open request. Few have one, so both engines begin with
/// them.
fn is_open_of_user() -> String {
    format!("t0.active AND t0.id IN (SELECT user_id FROM sec_account_requests WHERE {})", is_open())
}

/// The users whose requests wait no longer, because their day has come.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn due(s: &mut Session, today: Date) -> Result<Vec<RecordId>, StorageError> {
    let sql = format!(
        "SELECT user_id FROM sec_account_requests WHERE state = {} AND waiting_until <= $1 ORDER BY user_id",
        literal(RequestState::Waiting.code())
    );
    let rows = s.fetch_all(Sql::built(sql), vec![today.to_string().into()]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Reads the user's newest request in any state; `None` when the user has none.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn last_of(s: &mut Session, user: RecordId) -> Result<Option<Request>, StorageError> {
    Ok(last_and_repeated_of(s, user).await?.0)
}

/// Reads the newest request of each of these users who has one, in no particular order.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn last_of_each(s: &mut Session, users: &[RecordId]) -> Result<Vec<Request>, StorageError> {
    let mut binds = Binds::default();
    let sql = format!(
        "SELECT {COLUMNS} FROM sec_account_requests r WHERE {}
            AND NOT EXISTS (SELECT 1 FROM sec_account_requests newer WHERE newer.user_id = r.user_id
                               AND (newer.submitted_at, newer.id) > (r.submitted_at, r.id))",
        is_in_set("r.user_id", users, s.engine(), &mut binds)
    );
    let rows = s.fetch_all(Sql::built(sql), binds.into_values()).await?;
    rows.iter().map(read).collect()
}

/// Reads, with one statement, the user's newest request in any state and a summary of the repeated requests. Either is
/// `None` when the user has none.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn last_and_repeated_of(
    s: &mut Session,
    user: RecordId,
) -> Result<(Option<Request>, Option<Repeated>), StorageError> {
    // The aggregate always gives one row, so the join keeps it when the user has no request.
    let sql = format!(
        "SELECT {COLUMNS}, times, last_at
           FROM (SELECT count(*) AS times, max(submitted_at) AS last_at
                   FROM sec_repeated_requests WHERE user_id = $1) repeated
           LEFT JOIN sec_account_requests ON user_id = $1
          ORDER BY submitted_at DESC, id DESC
          LIMIT 1"
    );
    let row = s.fetch_one(Sql::built(sql), vec![user.into()]).await?;
    let request = row.opt_id(0)?.map(|_| read(&row)).transpose()?;
    let repeated = match row.opt_int(10)? {
        Some(last_at) => Some(Repeated { times: row.int(9)?, last_at: instant(last_at)? }),
        None => None,
    };
    Ok((request, repeated))
}

/// Reads all requests of a user, the oldest first.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn requests_of(s: &mut Session, user: RecordId) -> Result<Vec<Request>, StorageError> {
    let sql =
        format!("SELECT {COLUMNS} FROM sec_account_requests WHERE user_id = $1 ORDER BY submitted_at, id");
    let rows = s.fetch_all(Sql::built(sql), vec![user.into()]).await?;
    rows.iter().map(read).collect()
}

/// Writes the state of a request, since when, by whom, why and until when, for a request whose stored state is still `previous`. Returns
/// `false`, and writes nothing, when the stored state is another one: somebody else has decided the request meanwhile.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn decide(tx: &mut Tx, previous: RequestState, request: &Request) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE sec_account_requests SET state = $1, decided_at = $2, decided_by = $3, reason = $4,
                    waiting_until = $5
              WHERE id = $6 AND state = $7",
            vec![
                request.state.code().into(),
                request.decided_at.into(),
                request.decided_by.clone().into(),
                request.reason.clone().into(),
                day(request.waiting_until),
                request.id.into(),
                previous.code().into(),
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// Inserts a repeated request: one that arrived for an e-mail or login that already has an account. It needs no
/// decision (`docs/domain.md`, Requests).
///
/// # Errors
/// [`StorageError::ForeignKey`] when the user does not exist.
pub async fn add_repeated(
    tx: &mut Tx,
    id: RecordId,
    user: RecordId,
    at: Timestamp,
    source: Source,
    message: Option<&str>,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO sec_repeated_requests (id, user_id, submitted_at, source, message)
         VALUES ($1, $2, $3, $4, $5)",
        vec![id.into(), user.into(), at.into(), source.code().into(), message.into()],
    )
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Request, StorageError> {
    let unknown = || StorageError::Other("a request holds an unknown word".to_owned());
    Ok(Request {
        id: row.id(0)?,
        user: row.id(1)?,
        submitted_at: instant(row.int(2)?)?,
        source: Source::from_code(&row.text(3)?).ok_or_else(unknown)?,
        state: RequestState::from_code(&row.text(4)?).ok_or_else(unknown)?,
        decided_at: row.opt_int(5)?.map(instant).transpose()?,
        decided_by: row.opt_text(6)?,
        reason: row.opt_text(7)?,
        waiting_until: row.opt_text(8)?.map(|day| day.parse().map_err(|_| unknown())).transpose()?,
    })
}

/// Sets the open requests of users, pending or waiting, to `configured` when no code fails for the user at one or more active Client
/// Center sites (`docs/domain.md`, Requests). Only the users whose codes may depend on the saved record are judged.
/// Returns those whose requests were set, ordered by id, each with the version of the user record. The requests of
/// inactive users stay as they are.
///
/// On PostgreSQL the rows of those users are locked until the transaction ends, so that nobody changes a user
/// between the judgement and the commit.
///
/// # Errors
/// [`StorageError`] when the database cannot answer or be written.
pub async fn settle(
    tx: &mut Tx,
    saved: &Record,
    now: Timestamp,
    login: &str,
) -> Result<Vec<Settled>, StorageError> {
    let Some((condition, record_id)) = affected(saved) else { return Ok(Vec::new()) };
    let mut sites = facts::client_center_sites(tx, FALLBACK_LANGUAGE).await?;
    sites.retain(|site| site.active);
    if sites.is_empty() {
        return Ok(Vec::new());
    }
    let (mut from, mut binds) = (FromClause::of(&user::USER), Binds::default());
    let is_affected = condition(&record_id.map_or_else(String::new, |id| binds.add(id)));
    let nothing_fails = list::nothing_fails(&sites, utc_date(now), &mut from, &mut binds);
    let sql = format!(
        "SELECT t0.id, t0.object_version FROM {} WHERE {is_affected} AND {} AND {nothing_fails} ORDER BY t0.id{}",
        from.tables(),
        is_open_of_user(),
        row_lock(tx.engine())
    );
    let rows = tx.fetch_all(Sql::built(sql), binds.into_values()).await?;
    let settled: Vec<(RecordId, Version)> =
        rows.iter().map(|row| Ok((row.id(0)?, row.int(1)?))).collect::<Result<_, StorageError>>()?;
    let users: Vec<RecordId> = settled.iter().map(|(user, _)| *user).collect();
    let mut before: BTreeMap<RecordId, Request> = if users.is_empty() {
        BTreeMap::new()
    } else {
        last_of_each(tx, &users).await?.into_iter().map(|request| (request.user, request)).collect()
    };
    for chunk in settled.chunks(MAX_USERS_PER_UPDATE) {
        let users: Vec<RecordId> = chunk.iter().map(|(user, _)| *user).collect();
        let mut binds = Binds::default();
        let (now, login) = (binds.add(now), binds.add(login));
        let sql = format!(
            "UPDATE sec_account_requests \
                SET state = {}, decided_at = {now}, decided_by = {login}, reason = NULL, waiting_until = NULL \
              WHERE {} AND {}",
            literal(RequestState::Configured.code()),
            is_one_of_ids("user_id", &users, &mut binds),
            is_open()
        );
        tx.execute(Sql::built(sql), binds.into_values()).await?;
    }
    let settled = settled.into_iter();
    Ok(settled.map(|(user, version)| Settled { user, version, before: before.remove(&user) }).collect())
}

/// A user whose open requests [`settle`] has set to `configured`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The user.
    pub user: RecordId,
    /// The version of the user record.
    pub version: Version,
    /// The newest request of the user as it was before.
    pub before: Option<Request>,
}

/// The most users whose requests one `UPDATE` changes; a statement of SQLite takes 32,766 values. The ids are bound
/// rather than selected by a subquery, because PostgreSQL cannot estimate how many rows that subquery gives and then
/// plans a nested loop.
const MAX_USERS_PER_UPDATE: usize = 8000;

/// Makes the SQL condition on the user `t0` that its codes may depend on a record, from the placeholder of the record's
/// id, such as `$1`.
type AffectedCondition = fn(&str) -> String;

/// The condition that selects the users whose codes may depend on the saved record, and the id to bind when the
/// condition contains one. `None` when no code depends on records of this entity.
fn affected(saved: &Record) -> Option<(AffectedCondition, Option<RecordId>)> {
    let entity = saved.entity;
    let record_id = Some(saved.id);
    if entity.is(&user::USER) {
        Some((|id| format!("t0.id = {id}"), record_id))
    } else if entity.root().is(&party::PARTY) {
        Some((|id| format!("t0.person = {id}"), record_id))
    } else if entity.is(&customer::CUSTOMER) {
        Some((
            |id| {
                format!(
                    "(t0.person IN (SELECT p.id FROM gen_parties p JOIN crm_customers c ON c.party = p.parent_party \
                      WHERE c.id = {id}) \
                      OR t0.id IN (SELECT a.user_id FROM crm_customer_external_access a WHERE a.customer = {id}))"
                )
            },
            record_id,
        ))
    } else if entity.is(&external_access::EXTERNAL_ACCESS) {
        Some((
            |id| format!("t0.id IN (SELECT a.user_id FROM crm_customer_external_access a WHERE a.id = {id})"),
            record_id,
        ))
    } else if entity.is(&web_site::WEB_SITE) || entity.is(&document_type::DOCUMENT_TYPE) {
        Some((|_| "TRUE".to_owned(), None))
    } else {
        None
    }
}

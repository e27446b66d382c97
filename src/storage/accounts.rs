//! Requests for accounts: what stands beside the users and is never read with them.

use jiff::Timestamp;

use super::db::{Bind, Row, Session, Sql, Tx, instant};
use super::error::StorageError;
use super::statement::{Binds, FromClause, hold_rows, is_one_of_ids, literal};
use crate::domain::account_request::{Repeated, Request, RequestState, Source};
use crate::domain::entities::{customer, document_type, external_access, party, user, web_site};
use crate::domain::model::record::Record;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Version};
use crate::storage::{facts, list};

/// Adds a request.
///
/// # Errors
/// [`StorageError::ForeignKey`] when there is no such user.
pub async fn add_request(tx: &mut Tx, request: &Request) -> Result<(), StorageError> {
    add_requests(tx, std::slice::from_ref(request)).await
}

/// Adds many requests at once.
///
/// # Errors
/// [`StorageError::ForeignKey`] when one of the users is not there.
pub async fn add_requests(tx: &mut Tx, requests: &[Request]) -> Result<(), StorageError> {
    let rows: Vec<Vec<Bind>> = requests.iter().map(binds).collect();
    tx.insert(
        "INSERT INTO sec_account_requests
             (id, user_id, submitted_at, source, state, decided_at, decided_by, reason)",
        8,
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
    ]
}

/// The columns of a request, as [`read`] reads them.
const COLUMNS: &str = "id, user_id, submitted_at, source, state, decided_at, decided_by, reason";

/// The oldest request of a user that is still pending.
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

/// The condition that a request is pending, in the words of the index over such requests.
fn is_pending() -> String {
    format!("state = {}", literal(RequestState::Pending.code()))
}

/// The user's last request, whatever has become of it.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn last_of(s: &mut Session, user: RecordId) -> Result<Option<Request>, StorageError> {
    Ok(last_and_repeated_of(s, user).await?.0)
}

/// The user's last request, whatever has become of it, and the requests that came again for the account; `None` when
/// none did.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn last_and_repeated_of(
    s: &mut Session,
    user: RecordId,
) -> Result<(Option<Request>, Option<Repeated>), StorageError> {
    // Of the two, the count always has its row, and the request may have none.
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
    let repeated = match row.opt_int(9)? {
        Some(last_at) => Some(Repeated { times: row.int(8)?, last_at: instant(last_at)? }),
        None => None,
    };
    Ok((request, repeated))
}

/// Writes down what has become of a request that was in another state; tells whether it still was.
///
/// # Errors
/// [`StorageError`] when it cannot be written.
pub async fn decide(tx: &mut Tx, was: RequestState, now: &Request) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE sec_account_requests SET state = $1, decided_at = $2, decided_by = $3, reason = $4
              WHERE id = $5 AND state = $6",
            vec![
                now.state.code().into(),
                now.decided_at.into(),
                now.decided_by.clone().into(),
                now.reason.clone().into(),
                now.id.into(),
                was.code().into(),
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// Adds a request that came for an account that is there.
///
/// # Errors
/// [`StorageError::ForeignKey`] when there is no such user.
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
    })
}

/// Turns pending requests into `configured` where nothing fails any more, at one or more active Client Center
/// sites, for the users whose codes a saved record may have turned; gives those users with their versions, by id. Who
/// is switched off keeps the request as it is.
///
/// On PostgreSQL the users are kept from others to the end of the transaction, so that they stay as they were judged.
///
/// # Errors
/// [`StorageError`] when the database cannot answer or be written.
pub async fn settle(
    tx: &mut Tx,
    saved: &Record,
    now: Timestamp,
    login: &str,
) -> Result<Vec<(RecordId, Version)>, StorageError> {
    let Some((who, about)) = affected(saved) else { return Ok(Vec::new()) };
    let mut sites = facts::client_center_sites(tx, FALLBACK_LANGUAGE).await?;
    sites.retain(|site| site.active);
    if sites.is_empty() {
        return Ok(Vec::new());
    }
    let (mut from, mut binds) = (FromClause::of(&user::USER), Binds::default());
    let who = who(&about.map_or_else(String::new, |id| binds.add(id)));
    let nothing_fails = list::nothing_fails(&sites, &mut from, &mut binds);
    let sql = format!(
        "SELECT t0.id, t0.object_version FROM {} WHERE {who} AND {} AND {nothing_fails} ORDER BY t0.id{}",
        from.tables(),
        list::IS_PENDING,
        hold_rows(tx.engine())
    );
    let rows = tx.fetch_all(Sql::built(sql), binds.into_values()).await?;
    let settled: Vec<(RecordId, Version)> =
        rows.iter().map(|row| Ok((row.id(0)?, row.int(1)?))).collect::<Result<_, StorageError>>()?;
    for some in settled.chunks(MOST_SETTLED) {
        let users: Vec<RecordId> = some.iter().map(|(user, _)| *user).collect();
        let mut binds = Binds::default();
        let (now, login) = (binds.add(now), binds.add(login));
        let sql = format!(
            "UPDATE sec_account_requests SET state = {}, decided_at = {now}, decided_by = {login} \
             WHERE {} AND {}",
            literal(RequestState::Configured.code()),
            is_one_of_ids("user_id", &users, &mut binds),
            is_pending()
        );
        tx.execute(Sql::built(sql), binds.into_values()).await?;
    }
    Ok(settled)
}

/// The most users whose requests one statement settles; SQLite takes 32,766 values. Not a join with the users that the
/// statement before has found: PostgreSQL cannot guess how many they are, and would compare each with each.
const MOST_SETTLED: usize = 8000;

/// Which users' codes ask for a record of this kind: a condition on `t0`, given the name of the record's id in the
/// statement.
type Affected = fn(&str) -> String;

/// The users whose codes ask for this record, and its id where the condition names it; `None` when no code does.
fn affected(saved: &Record) -> Option<(Affected, Option<RecordId>)> {
    let entity = saved.entity;
    let about = Some(saved.id);
    if entity.is(&user::USER) {
        Some((|id| format!("t0.id = {id}"), about))
    } else if entity.root().is(&party::PARTY) {
        Some((|id| format!("t0.person = {id}"), about))
    } else if entity.is(&customer::CUSTOMER) {
        Some((
            |id| {
                format!(
                    "(t0.person IN (SELECT p.id FROM gen_parties p JOIN crm_customers c ON c.party = p.parent_party \
                      WHERE c.id = {id}) \
                      OR t0.id IN (SELECT a.user_id FROM crm_customer_external_access a WHERE a.customer = {id}))"
                )
            },
            about,
        ))
    } else if entity.is(&external_access::EXTERNAL_ACCESS) {
        Some((
            |id| format!("t0.id IN (SELECT a.user_id FROM crm_customer_external_access a WHERE a.id = {id})"),
            about,
        ))
    } else if entity.is(&web_site::WEB_SITE) || entity.is(&document_type::DOCUMENT_TYPE) {
        Some((|_| "TRUE".to_owned(), None))
    } else {
        None
    }
}

//! Requests for accounts: what stands beside the users and is never read with them.

use jiff::Timestamp;

use super::db::{Bind, Row, Session, Tx, instant};
use super::error::StorageError;
use crate::domain::account_request::{Repeated, Request, RequestState, Source};
use crate::domain::entities::{customer, document_type, external_access, party, user, web_site};
use crate::domain::model::record::Record;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId};
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

/// The oldest request of a user that is still pending.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn pending_of(s: &mut Session, user: RecordId) -> Result<Option<Request>, StorageError> {
    let row = s
        .fetch_optional(
            "SELECT id, user_id, submitted_at, source, state, decided_at, decided_by, reason
               FROM sec_account_requests
              WHERE user_id = $1 AND state = 'pending'
              ORDER BY submitted_at, id
              LIMIT 1",
            vec![user.into()],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// The user's last request, whatever has become of it.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn last_of(s: &mut Session, user: RecordId) -> Result<Option<Request>, StorageError> {
    let row = s
        .fetch_optional(
            "SELECT id, user_id, submitted_at, source, state, decided_at, decided_by, reason
               FROM sec_account_requests
              WHERE user_id = $1
              ORDER BY submitted_at DESC, id DESC
              LIMIT 1",
            vec![user.into()],
        )
        .await?;
    row.as_ref().map(read).transpose()
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

/// The requests that came again for a user's account; `None` when none did.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn repeated_of(s: &mut Session, user: RecordId) -> Result<Option<Repeated>, StorageError> {
    let row = s
        .fetch_one(
            "SELECT count(*), max(submitted_at) FROM sec_repeated_requests WHERE user_id = $1",
            vec![user.into()],
        )
        .await?;
    let Some(last_at) = row.opt_int(1)? else { return Ok(None) };
    Ok(Some(Repeated { times: row.int(0)?, last_at: instant(last_at)? }))
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
/// sites, for the users whose codes a saved record may have turned; tells whose. Who is switched off keeps the
/// request as it is.
///
/// # Errors
/// [`StorageError`] when the database cannot answer or be written.
pub async fn settle(
    tx: &mut Tx,
    saved: &Record,
    now: Timestamp,
    login: &str,
) -> Result<Vec<RecordId>, StorageError> {
    match affected(saved) {
        Some((who, about)) => settle_those(tx, who, about, now, login).await,
        None => Ok(Vec::new()),
    }
}

/// The users whose codes ask for this record, as a condition on `t0` about one id; `None` when no code does.
fn affected(saved: &Record) -> Option<(&'static str, Option<RecordId>)> {
    let entity = saved.entity;
    let about = Some(saved.id);
    if entity.is(&user::USER) {
        Some(("t0.id = $1", about))
    } else if entity.root().is(&party::PARTY) {
        Some(("t0.person = $1", about))
    } else if entity.is(&customer::CUSTOMER) {
        Some((
            "(t0.person IN (SELECT p.id FROM gen_parties p JOIN crm_customers c ON c.party = p.parent_party \
              WHERE c.id = $1) \
              OR t0.id IN (SELECT a.user_id FROM crm_customer_external_access a WHERE a.customer = $1))",
            about,
        ))
    } else if entity.is(&external_access::EXTERNAL_ACCESS) {
        Some(("t0.id IN (SELECT a.user_id FROM crm_customer_external_access a WHERE a.id = $1)", about))
    } else if entity.is(&web_site::WEB_SITE) || entity.is(&document_type::DOCUMENT_TYPE) {
        Some(("TRUE", None))
    } else {
        None
    }
}

async fn settle_those(
    tx: &mut Tx,
    who: &'static str,
    about: Option<RecordId>,
    now: Timestamp,
    login: &str,
) -> Result<Vec<RecordId>, StorageError> {
    let mut settled = Vec::new();
    for site in facts::client_center_sites(tx, FALLBACK_LANGUAGE).await?.iter().filter(|site| site.active) {
        for user in list::let_in(tx, site, who, about).await? {
            tx.execute(
                "UPDATE sec_account_requests SET state = 'configured', decided_at = $1, decided_by = $2
                  WHERE user_id = $3 AND state = 'pending'",
                vec![now.into(), login.into(), user.into()],
            )
            .await?;
            settled.push(user);
        }
    }
    Ok(settled)
}

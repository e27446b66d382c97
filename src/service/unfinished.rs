//! What an update of the schema leaves to the program: values that only the program can compute, written with their
//! history. It is done once, when the database is opened after the update.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::domain::entities::company::{self, COMPANY};
use crate::domain::entities::company_location::COMPANY_LOCATION;
use crate::domain::entities::party::PARTY_NAME;
use crate::domain::entities::web_site::{WEB_HOST, WEB_SITE};
use crate::domain::model::limits;
use crate::domain::model::record::{Draft, Fields, Origin, Record};
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Value};
use crate::service::consequences::{self, Targets};
use crate::service::write::{self, WriteContext};
use crate::service::{ServiceError, World};
use crate::storage::db::{AdvisoryLock, Db, Tx};
use crate::storage::error::StorageError;
use crate::storage::unfinished::{self, MATCH_KEYS, PARTY_NAMES_AND_HOSTS, REJECTION_REASONS, SKELETONS};
use crate::storage::{look_alikes, match_keys, records, seed};

/// The login in the history of these changes.
const AUTHOR: &str = "ccdesk";

/// Does what an update has left, if anything: Party Names of branches and locations (`docs/domain.md`, Companies and
/// Company Locations), the hosts of web sites that an earlier import kept beside the fields, the skeletons by which
/// look-alikes are found, the keys by which persons and companies are proposed, and the first reasons for rejecting a
/// request. A database that can only be read stays as it is.
///
/// # Errors
/// When the database cannot be read or written; what was not finished was not written then.
pub(super) async fn finish(db: &Db, world: &World) -> Result<(), ServiceError> {
    if let Some(mut tx) = begin(db, SKELETONS).await? {
        look_alikes::fill(&mut tx).await?;
        unfinished::done(&mut tx, SKELETONS).await?;
        tx.commit().await?;
    }
    if let Some(mut tx) = begin(db, MATCH_KEYS).await? {
        match_keys::fill(&mut tx).await?;
        unfinished::done(&mut tx, MATCH_KEYS).await?;
        tx.commit().await?;
    }
    if let Some(mut tx) = begin(db, REJECTION_REASONS).await? {
        seed::rejection_reasons(&mut tx, (world.now)()).await?;
        unfinished::done(&mut tx, REJECTION_REASONS).await?;
        tx.commit().await?;
    }
    let Some(mut tx) = begin(db, PARTY_NAMES_AND_HOSTS).await? else { return Ok(()) };
    let context = WriteContext::new(world, AUTHOR, FALLBACK_LANGUAGE);
    for id in unfinished::branches(&mut tx).await? {
        let mut draft = stored(&mut tx, &COMPANY, id).await?;
        let name = company::party_name(&draft);
        draft.set(&PARTY_NAME.def, name);
        write(&mut tx, &context, draft).await?;
    }
    for id in unfinished::locations(&mut tx).await? {
        let mut draft = stored(&mut tx, &COMPANY_LOCATION, id).await?;
        consequences::compute(&mut tx, &mut draft, FALLBACK_LANGUAGE).await?;
        write(&mut tx, &context, draft).await?;
    }
    for id in unfinished::sites_with_extra(&mut tx).await? {
        take_host(&mut tx, &context, id).await?;
    }
    unfinished::done(&mut tx, PARTY_NAMES_AND_HOSTS).await?;
    write::commit(tx, db, &context, "Bring an older database up to date").await
}

/// A transaction for this work, which keeps other programs from doing it, too; `None` when none of it is left, or the
/// database can only be read.
async fn begin(db: &Db, work: &str) -> Result<Option<Tx>, StorageError> {
    if !unfinished::is_left(&mut *db.read().await?, work).await? {
        return Ok(None);
    }
    let mut tx = match db.begin().await {
        Err(StorageError::ReadOnly) => return Ok(None),
        tx => tx?,
    };
    tx.lock(AdvisoryLock::Seeding).await?;
    Ok(unfinished::is_left(&mut tx, work).await?.then_some(tx))
}

async fn stored(tx: &mut Tx, entity: &'static EntityDef, id: RecordId) -> Result<Draft, ServiceError> {
    let found = records::load(tx, entity, id, FALLBACK_LANGUAGE).await?;
    Ok(Draft::of(Arc::new(found.ok_or(ServiceError::NotFound)?)))
}

/// Writes a draft. One that a rule refuses, for whatever else it holds, stays as it is stored.
async fn write(tx: &mut Tx, context: &WriteContext<'_>, draft: Draft) -> Result<(), ServiceError> {
    let (entity, id) = (draft.entity, draft.id);
    match write::write_loaded(tx, context, draft, &mut Targets::new(context.language)).await {
        Err(refused @ ServiceError::Invalid(_)) => {
            tracing::warn!("{}({id}) was left as it is: {refused}", entity.set);
            Ok(())
        }
        written => written.map(drop),
    }
}

/// Moves the host of a site from the properties that no field holds into its field.
async fn take_host(tx: &mut Tx, context: &WriteContext<'_>, id: RecordId) -> Result<(), ServiceError> {
    let mut draft = stored(tx, &WEB_SITE, id).await?;
    let Some(origin) = draft.base.as_deref().map(|site: &Record| site.origin.clone()) else { return Ok(()) };
    let extra: Option<Map<String, Json>> =
        origin.extra.as_deref().and_then(|extra| serde_json::from_str(extra).ok());
    let Some(mut extra) = extra else { return Ok(()) };
    let host = match extra.shift_remove(WEB_HOST.def.property) {
        Some(Json::String(host)) => Value::text(host.trim()),
        Some(Json::Null) => Value::Empty,
        _ => return Ok(()),
    };
    if limits::fits(&WEB_HOST.def, &host).is_err() {
        return Ok(());
    }
    if draft.value(&WEB_HOST.def).is_empty() {
        draft.set(&WEB_HOST.def, host);
        write(tx, context, draft).await?;
    }
    let extra = (!extra.is_empty()).then(|| Json::Object(extra).to_string());
    Ok(records::set_origin(tx, &WEB_SITE, id, &Origin { extra, ..origin }).await?)
}

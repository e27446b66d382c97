//! Writes records with their history. Every change of a record goes through here (`docs/architecture.md`, Invariants,
//! 2). Rights are not checked here: the callers check them before.

mod beside;
mod commit;

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::entities;
use crate::domain::entities::{external_access, user};
use crate::domain::model::format;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry, OperationId, Part};
use crate::domain::model::record::{Draft, FieldMap, Fields, Origin, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Value, Version};
use crate::domain::rules::{self, Issue};
use crate::service::consequences::{self, Targets, limit_of, satisfies, shown_as};
use crate::service::{Conflict, ConflictField, ServiceError, World, last_administrator, last_manager};
use crate::storage::accounts::Settled;
use crate::storage::db::{AdvisoryLock, Session, Tx};
use crate::storage::error::StorageError;
use crate::storage::{accounts, credentials, history, look_alikes, records};
pub(super) use beside::{Kept, of_decision};
pub(super) use commit::{commit, commit_all, repeated, unless_read_only};

/// Who writes, when, in which operation, and whether questions are already answered.
#[derive(Clone, Copy)]
pub struct WriteContext<'a> {
    /// The time that the record and its history get.
    pub now: Timestamp,
    /// The login that the record and its history get.
    pub login: &'a str,
    /// The language of the display texts of references.
    pub language: &'a str,
    /// The operation of every history entry.
    pub operation: OperationId,
    /// Whether rules that only ask are skipped.
    pub confirmed: bool,
    /// What becomes of a change that needs a reason.
    pub exception: Exception<'a>,
    /// The user who writes, and is asked about what nobody does by accident ([`Rules::dangers`]); `None` for a command,
    /// an import, and what the program does by itself.
    ///
    /// [`Rules::dangers`]: crate::domain::model::rules::Rules::dangers
    pub by: Option<RecordId>,
    /// The source of new ids.
    pub world: &'a World,
}

impl<'a> WriteContext<'a> {
    /// The context of a confirmed write now, in a new operation, that history tells as of `login`.
    pub fn new(world: &'a World, login: &'a str, language: &'a str) -> Self {
        Self {
            now: (world.now)(),
            login,
            language,
            operation: world.new_operation(),
            confirmed: true,
            exception: Exception::Refused,
            by: None,
            world,
        }
    }

    /// The purpose of an operation that does one thing to one record, such as `Change Customer “KK Ltd. #00001”`.
    pub(super) fn purpose(&self, verb: &str, record: &Record) -> String {
        let entity = record.entity;
        let shown = format::line(entity, |field| record.value(field), self.language);
        format!("{verb} {} “{shown}”", entity.name)
    }

    /// A history entry about a record, without fields and reason.
    pub(super) fn entry(
        &self,
        entity: &'static EntityDef,
        record: RecordId,
        version: Version,
        action: HistoryAction,
    ) -> HistoryEntry {
        HistoryEntry {
            operation: Some(self.operation),
            at: self.now,
            who: self.login.to_owned(),
            action,
            entity,
            record,
            version,
            part: None,
            fields: Vec::new(),
            reason: match self.exception {
                Exception::Made(reason) => Some(reason.to_owned()),
                Exception::Refused | Exception::WantsReason => None,
            },
        }
    }
}

/// What becomes of a change that only an administrator may make, and with a reason ([`Weight::NeedsReason`]).
///
/// [`Weight::NeedsReason`]: crate::domain::rules::Weight::NeedsReason
#[derive(Clone, Copy, Debug)]
pub enum Exception<'a> {
    /// It is refused: this is no administrator of the back office.
    Refused,
    /// It is refused until the administrator gives the reason.
    WantsReason,
    /// It is made for this reason, which stands in every entry of history.
    Made(&'a str),
}

impl Exception<'_> {
    /// The issue as it is for whoever makes the change; `None` when it is made all the same.
    fn applied_to(self, issue: Issue) -> Option<Issue> {
        match self {
            _ if !issue.needs_reason() => Some(issue),
            Self::Refused => Some(issue.forbidding()),
            Self::WantsReason => Some(issue),
            Self::Made(_) => None,
        }
    }
}

/// Writes a draft within the caller's transaction: checks it, saves the record with its history, and configures the
/// account requests that it completes ([`settle`]). Returns the record as stored. A draft that changes nothing writes
/// nothing.
///
/// # Errors
/// [`ServiceError::Invalid`] at the fields, [`ServiceError::Conflict`] when the record was saved since it was read,
/// [`ServiceError::NotFound`] when it was deleted.
pub async fn write(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    draft: &Draft,
) -> Result<Arc<Record>, ServiceError> {
    let draft = on_stored(tx, draft, context.language).await?;
    write_loaded(tx, context, draft, &mut Targets::new(context.language)).await
}

/// [`write()`] for a draft whose base was loaded in this transaction. `targets` caches the records it refers to.
///
/// # Errors
/// As [`write()`].
pub(super) async fn write_loaded(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    mut draft: Draft,
    targets: &mut Targets<'_>,
) -> Result<Arc<Record>, ServiceError> {
    let base = draft.base.clone();
    if let Some(unchanged) = base.as_ref().filter(|_| !draft.is_changed()) {
        return Ok(Arc::clone(unchanged));
    }
    if draft.id == RecordId::NIL {
        draft.id = (context.world.new_id)();
    }
    consequences::compute(tx, &mut draft, context.language).await?;
    // What was typed where another record decides is computed again, and may be all that was changed.
    if let Some(unchanged) = base.as_ref().filter(|_| !draft.is_changed()) {
        return Ok(Arc::clone(unchanged));
    }
    check(tx, context, &draft, targets).await?;
    let saved = match records::save(tx, &mut draft, context.now, context.login).await {
        Ok(saved) => saved,
        Err(records::SaveError::Conflict) => {
            return Err(conflict(tx, base.as_deref(), context.language).await?);
        }
        Err(records::SaveError::Taken(fields)) => return Err(ServiceError::Invalid(taken(&draft, &fields))),
        Err(records::SaveError::Storage(error)) => return Err(error.into()),
    };
    show_references(tx, &mut draft, targets).await?;
    let record = as_stored(&draft, saved.version, context);
    let action = if base.is_some() { HistoryAction::Changed } else { HistoryAction::Created };
    let numbers = beside::of_advanced(&saved.advanced);
    append(tx, context, action, base.as_deref(), Some(&record), numbers).await?;
    settle(tx, context, &record).await?;
    if base.is_some() {
        Box::pin(compute_followers(tx, context, &draft, &record)).await?;
    }
    Ok(Arc::new(record))
}

/// Computes the fields of other records again that follow from a record whose draft is written (`docs/domain.md`,
/// Company Locations). Each is a change of its own in history, and of its version.
async fn compute_followers(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    draft: &Draft,
    written: &Record,
) -> Result<(), ServiceError> {
    let context = WriteContext { confirmed: true, ..*context };
    for follower in entities::ALL {
        let Some(follows) = follower.rules.follows else { continue };
        if !follows.is_from(written.entity) || !draft.is_field_changed(follows.source) {
            continue;
        }
        for id in records::referring(tx, follower.def, follows.reference, written.id).await? {
            records::lock(tx, follower.def, id).await?;
            let Some(stored) = records::load(tx, follower.def, id, context.language).await? else { continue };
            let mut draft = Draft::of(Arc::new(stored));
            (follows.compute)(&mut draft, written);
            Box::pin(write_loaded(tx, &context, draft, &mut Targets::new(context.language))).await?;
        }
    }
    Ok(())
}

/// The stored record, if it has the values of the draft already, because an earlier save of the same draft was written
/// and its outcome was not known. `None` when no record has the draft's id, and when the draft changes a record that
/// now has other values.
///
/// # Errors
/// [`ServiceError::Conflict`] when the draft is new and the record with its id has other values.
pub(super) async fn already_written(
    s: &mut Session,
    context: &WriteContext<'_>,
    draft: &Draft,
) -> Result<Option<Arc<Record>>, ServiceError> {
    let stored = records::load(s, draft.entity, draft.id, context.language).await?;
    let Some(stored) = stored.filter(|stored| stored.entity.is(draft.entity)) else { return Ok(None) };
    let mut given = as_stored(draft, stored.version, context);
    for field in draft.entity.all_fields().filter(|field| field.numbered) {
        given.values.entry(field.property).or_insert_with(|| stored.value(field).clone());
    }
    // What the save computed from another record need not stand in the draft.
    for field in entities::rules_of(draft.entity).follows.map_or(&[][..], |follows| follows.fields) {
        given.values.insert(field.property, stored.value(field).clone());
    }
    // The program may have written these since.
    for field in draft.entity.all_fields().filter(|field| field.untracked) {
        given.values.insert(field.property, stored.value(field).clone());
    }
    given.values.retain(|_, value| !value.is_empty());
    if given.values == stored.values {
        return Ok(Some(Arc::new(stored)));
    }
    if draft.base.is_some() {
        return Ok(None);
    }
    Err(conflict_with(&given, stored, context.language))
}

/// Sets pending account requests to `configured`, where the user fails no code at an active Client Center any more now
/// that `stored` is written. Each such user gets a history entry (`docs/domain.md`, Requests).
///
/// # Errors
/// When the database cannot be written.
pub async fn settle(tx: &mut Tx, context: &WriteContext<'_>, stored: &Record) -> Result<(), ServiceError> {
    let settled = accounts::settle(tx, stored, context.now, context.login).await?;
    let entries: Vec<HistoryEntry> = settled
        .into_iter()
        .map(|Settled { user, version, before }| HistoryEntry {
            fields: before
                .map(|before| beside::of_configured(&before, context.now, context.login))
                .unwrap_or_default(),
            ..context.entry(&user::USER, user, version, HistoryAction::Configured)
        })
        .collect();
    Ok(history::append(tx, &entries).await?)
}

/// The draft with its base loaded again from the database. Rules and rights are judged by the stored record, because
/// the base in the draft comes from the caller.
///
/// # Errors
/// [`ServiceError::Conflict`] when the stored version is not that of the draft's base, [`ServiceError::NotFound`] when
/// the record was deleted.
pub(super) async fn on_stored(s: &mut Session, draft: &Draft, language: &str) -> Result<Draft, ServiceError> {
    let Some(base) = &draft.base else { return Ok(draft.clone()) };
    match records::load(s, draft.entity, base.id, language).await? {
        Some(stored) if stored.version == base.version => Ok(draft.with_base(Arc::new(stored))),
        Some(stored) => Err(conflict_with(base, stored, language)),
        None => Err(ServiceError::NotFound),
    }
}

/// Sets the display text of each reference that the draft changes; the others were loaded with theirs.
async fn show_references(
    s: &mut Session,
    draft: &mut Draft,
    targets: &mut Targets<'_>,
) -> Result<(), ServiceError> {
    let changed: Vec<&'static FieldDef> =
        draft.entity.all_fields().filter(|field| draft.is_field_changed(field)).collect();
    for field in changed {
        if let Some(record) = targets.of(s, draft, field).await? {
            draft.set(field, shown_as(field, &record, targets.language()));
        }
    }
    Ok(())
}

/// The record that a draft becomes when it is saved in `version`, equal to what loading it returns.
fn as_stored(draft: &Draft, version: Version, context: &WriteContext<'_>) -> Record {
    let entity = draft.entity;
    let subtype = entity.base.and_then(|(base, code)| Some((base.subtype_field?, Value::Code(code))));
    let value = |field: &'static FieldDef| match (&subtype, draft.value(field)) {
        (Some((marks, code)), _) if *marks == field => code.clone(),
        (_, value) => value.clone(),
    };
    let values: FieldMap = entity
        .all_fields()
        .filter(|field| !matches!(field.kind, Kind::Secret))
        .map(|field| (field.property, value(field)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    // Both databases store times to the microsecond.
    let now = Timestamp::from_microsecond(context.now.as_microsecond()).unwrap_or(context.now);
    let by = || Some(context.login.to_owned());
    let origin = match &draft.base {
        Some(base) => base.origin.clone(),
        None => Origin { creation_time: Some(now), creation_user: by(), ..Origin::default() },
    };
    let origin = Origin { update_time: Some(now), update_user: by(), ..origin };
    Record { entity, id: draft.id, version, values, origin }
}

/// Appends the history entries of a write: one with the changed fields for the record, and one with all fields for
/// each record that it belongs to ([`EntityDef::also_in_history_of`]), where they stay readable after the record is
/// deleted. `before` is `None` for a new record, `after` for a deleted one. The entry of the record also gets `beside`
/// ([`history::beside`](crate::domain::model::history::beside)).
async fn append(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    action: HistoryAction,
    before: Option<&Record>,
    after: Option<&Record>,
    beside: Vec<FieldChange>,
) -> Result<(), ServiceError> {
    let Some(row) = after.or(before) else { return Ok(()) };
    let own = context.entry(row.entity, row.id, row.version, action);
    let fields = changed_fields(before, after).into_iter().chain(beside).collect();
    let mut entries = vec![HistoryEntry { fields, ..own }];
    for field in row.entity.also_in_history_of {
        let (Some(target), Value::Ref(owner)) = (field.target(), row.value(field)) else { continue };
        let Some((entity, version)) = records::version_of(tx, target, owner.id).await? else { continue };
        let entry = context.entry(entity, owner.id, version, HistoryAction::Changed);
        let part = Some(Part { entity: row.entity, record: row.id });
        entries.push(HistoryEntry { part, fields: field_changes(before, after), ..entry });
    }
    Ok(history::append(tx, &entries).await?)
}

/// Appends an entry without fields to the history of a record, such as a refusal, with its reason.
///
/// # Errors
/// When the database cannot be written.
pub async fn note(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    entity: &'static EntityDef,
    id: RecordId,
    action: HistoryAction,
    why: &str,
) -> Result<(), ServiceError> {
    // The history of a party is kept under its subtype.
    let (entity, version) = records::version_of(tx, entity, id).await?.unwrap_or((entity, 0));
    let entry = HistoryEntry { reason: Some(why.to_owned()), ..context.entry(entity, id, version, action) };
    Ok(history::append(tx, [&entry]).await?)
}

/// Deletes a record within the caller's transaction; its history stays, and gets an entry with all fields.
///
/// # Errors
/// [`ServiceError::Invalid`] while other records refer to it or when a rule forbids it, [`ServiceError::Conflict`]
/// when the record was saved since it was read, [`ServiceError::NotFound`] when it was deleted.
pub async fn delete(tx: &mut Tx, context: &WriteContext<'_>, record: &Record) -> Result<(), ServiceError> {
    if delete_unreferred(tx, context, record).await? {
        return Ok(());
    }
    let sentence = format!("Other records still refer to this {}.", record.entity.name);
    Err(ServiceError::Invalid(vec![Issue::whole(sentence)]))
}

/// [`delete`], which returns `false` while other records refer to the record; the transaction has to be rolled back then.
///
/// # Errors
/// As [`delete`] otherwise.
pub(super) async fn delete_unreferred(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    record: &Record,
) -> Result<bool, ServiceError> {
    if let Some(sentence) = (entities::rules_of(record.entity).guard_removal)(record)
        && let Some(issue) = context.exception.applied_to(Issue::whole(sentence).needing_reason())
    {
        return Err(ServiceError::Invalid(vec![issue]));
    }
    if let Some(issue) = objection_of_last(tx, record, None, context.now).await? {
        return Err(ServiceError::Invalid(vec![Issue { property: None, ..issue }]));
    }
    let kept = kept_of_deleted(tx, record).await?;
    match records::delete(tx, record, context.now, context.login).await {
        Ok(()) => {}
        Err(records::SaveError::Storage(StorageError::ForeignKey)) => return Ok(false),
        Err(records::SaveError::Storage(error)) => return Err(error.into()),
        Err(records::SaveError::Conflict | records::SaveError::Taken(_)) => {
            return Err(conflict(tx, Some(record), context.language).await?);
        }
    }
    append(tx, context, HistoryAction::Deleted, Some(record), None, kept).await?;
    Ok(true)
}

/// What the history of a deleted record keeps beside its fields: its origin, and of a user the account requests, and that
/// a password or a one-time code is deleted with the user.
async fn kept_of_deleted(s: &mut Session, record: &Record) -> Result<Vec<FieldChange>, ServiceError> {
    let mut kept = beside::of_deleted(&record.origin);
    if record.entity.is(&user::USER) {
        let requests = accounts::requests_of(s, record.id).await?;
        kept.extend(beside::of_deleted_user(&requests, not_kept(s, record.id).await?));
    }
    Ok(kept)
}

/// What would be deleted with a user and cannot be brought back; `None` when there is nothing.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn not_kept(s: &mut Session, user: RecordId) -> Result<Option<&'static str>, StorageError> {
    let account = credentials::account(s, user).await?;
    Ok(match account {
        Some(account) if account.password.is_some() => Some("a password"),
        Some(account) if account.reset.is_some() => Some("a one-time code"),
        _ if accounts::last_and_repeated_of(s, user).await?.1.is_some() => Some("repeated requests"),
        _ => None,
    })
}

/// Writes the external id, the external system and the extra properties of a record, with an entry in its history. The
/// version of the record stays.
///
/// # Errors
/// When the database cannot be written.
pub(super) async fn set_origin(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    record: &Record,
    origin: &Origin,
) -> Result<(), ServiceError> {
    let fields = beside::of_changed(&record.origin, origin);
    records::set_origin(tx, record.entity, record.id, origin).await?;
    let (entity, version) =
        records::version_of(tx, record.entity, record.id).await?.unwrap_or((record.entity, 0));
    let entry = context.entry(entity, record.id, version, HistoryAction::Changed);
    let reason = Some("Only its external id, or what no field holds.".to_owned());
    Ok(history::append(tx, [&HistoryEntry { fields, reason, ..entry }]).await?)
}

/// Creates a deleted record again under its id, with the origin and the account requests that its history has kept.
///
/// # Errors
/// As [`write()`].
pub(super) async fn restore(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    draft: Draft,
    kept: &Kept<'_>,
) -> Result<Arc<Record>, ServiceError> {
    let id = draft.id;
    let record = write_loaded(tx, context, draft, &mut Targets::new(context.language)).await?;
    records::restore_origin(tx, record.entity, id, &kept.origin()).await?;
    accounts::add_requests(tx, &kept.requests(id)).await?;
    Ok(record)
}

/// The fields whose value changes; of a new or deleted record, all of [`field_changes`].
fn changed_fields(before: Option<&Record>, after: Option<&Record>) -> Vec<FieldChange> {
    let mut changes = field_changes(before, after);
    if before.is_some() && after.is_some() {
        changes.retain(|change| change.before != change.after);
    }
    changes
}

/// The values before and after of every field that is not empty in both, or whose empty value has a meaning, such as
/// unlimited days back. Secrets are left out (`docs/domain.md`, History).
fn field_changes(before: Option<&Record>, after: Option<&Record>) -> Vec<FieldChange> {
    let Some(row) = after.or(before) else { return Vec::new() };
    let value =
        |record: Option<&Record>, field| record.map_or(Value::Empty, |record| record.value(field).clone());
    row.entity
        .all_fields()
        .filter(|field| !matches!(field.kind, Kind::Secret))
        .map(|field| (field, value(before, field), value(after, field)))
        .filter(|(field, before, after)| {
            !field.empty_word.is_empty() || !before.is_empty() || !after.is_empty()
        })
        .map(|(field, before, after)| FieldChange { field: field.property.to_owned(), before, after })
        .collect()
}

/// The display text of a value, with the texts of all languages, so that a change of any of them is visible.
fn full_text(field: &FieldDef, value: &Value, language: &str) -> String {
    format::shown_in_all_languages(field, value, language).into_owned()
}

/// Checks a draft against the rules of its entity, its references, and the rules about the last one.
///
/// # Errors
/// [`ServiceError::Invalid`]. Issues that only ask are left out when the context is confirmed.
async fn check(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    draft: &Draft,
    targets: &mut Targets<'_>,
) -> Result<(), ServiceError> {
    let mut issues: Vec<Issue> =
        rules::check(draft).into_iter().filter_map(|issue| context.exception.applied_to(issue)).collect();
    issues.extend(check_references(tx, context, draft, targets).await?);
    if let Some(by) = context.by {
        (entities::rules_of(draft.entity).dangers)(draft, by, &mut issues);
    }
    issues.retain(|issue| !context.confirmed || !issue.only_asks());
    let is_refused = issues.iter().any(|issue| !issue.only_asks());
    if !is_refused
        && let Some(row) = &draft.base
        && let Some(issue) = objection_of_last(tx, row, Some(draft), context.now).await?
    {
        // Nothing is asked about what is refused.
        issues = vec![issue];
    }
    if issues.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(issues)) }
}

/// The issue that refuses to change a record to `after`, or to delete it if that is `None`: the record is the last of
/// those that can manage a customer's users, or everything. `None` when the change is allowed.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn objection_of_last(
    tx: &mut Tx,
    row: &Record,
    after: Option<&Draft>,
    now: Timestamp,
) -> Result<Option<Issue>, ServiceError> {
    if let Some(sentence) = last_manager::objection_to(tx, row, after, now).await? {
        let (role, end) = (&external_access::ROLE.def, &external_access::VALID_UNTIL.def);
        let is_end = after.is_some_and(|after| after.is_field_changed(end) && !after.is_field_changed(role));
        return Ok(Some(Issue::at(if is_end { end } else { role }, sentence).forbidding()));
    }
    let objection = last_administrator::objection_to(tx, row, after, now).await?;
    Ok(objection.map(|sentence| Issue::at(&user::IS_ADMIN.def, sentence).forbidding()))
}

/// Checks the references that a draft changes: each record exists, satisfies the rules of the entity, is one that the
/// limiting field allows, and makes no circle.
async fn check_references(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    draft: &Draft,
    targets: &mut Targets<'_>,
) -> Result<Vec<Issue>, ServiceError> {
    let mut issues = Vec::new();
    for field in draft.entity.all_fields() {
        let Value::Ref(chosen) = draft.value(field) else { continue };
        let touched = draft.is_field_changed(field)
            || field.within.as_ref().is_some_and(|within| draft.is_field_changed(within.same_as));
        let Some(target) = field.target().filter(|_| touched) else { continue };
        let Some(record) = targets.get(tx, target, chosen.id).await? else {
            issues.push(Issue::at(field, format!("{} is not there any more; choose another.", field.label)));
            continue;
        };
        (entities::rules_of(draft.entity).check_reference)(field, &record, &mut issues);
        if !context.confirmed {
            issues.extend(ask_about_look_alike(tx, field, &record).await?);
        }
        if let Some(within) = &field.within {
            let limit = limit_of(tx, draft, within, targets).await?;
            if !limit.is_some_and(|limit| satisfies(&record, &limit)) {
                issues.push(Issue::at(
                    field,
                    format!(
                        "{} must belong to {}; choose one of those offered.",
                        field.label, within.same_as.label
                    ),
                ));
            }
        }
        if field.acyclic
            && let Some(id) = draft.stored_id()
        {
            // Otherwise two transactions could close a circle together, of which each sees one half.
            tx.lock(AdvisoryLock::MovingParties).await?;
            if records::is_below(tx, field, chosen.id, id).await? {
                issues.push(Issue::at(
                    field,
                    format!(
                        "{} belongs to this {} itself; choose another {}.",
                        chosen.shown,
                        target.name.to_lowercase(),
                        field.label.to_lowercase()
                    ),
                ));
            }
        }
    }
    Ok(issues)
}

/// The question about a record that is chosen for a reference and looks like another
/// ([`FieldDef::asks_about_look_alikes`]). The other one is not named: a visitor of a Client Center must not learn of
/// other users (`docs/promises.md`, 8).
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn ask_about_look_alike(
    s: &mut Session,
    field: &FieldDef,
    record: &Record,
) -> Result<Option<Issue>, StorageError> {
    let Some(target) = field.target().filter(|_| field.asks_about_look_alikes) else { return Ok(None) };
    let sought = [(record.id, look_alikes::texts_of(record, target))];
    let found = look_alikes::find(s, target, &sought).await?;
    let title = format::shown(target.title, record.value(target.title), FALLBACK_LANGUAGE);
    let sentence =
        format!("“{title}” looks like another {}; make sure who it is.", target.name.to_lowercase());
    Ok((!found.is_empty()).then(|| Issue::ask(field, sentence)))
}

/// The issue for a unique value that another record has; `fields` are those of the key. Of several fields it is at the
/// last.
fn taken(draft: &Draft, fields: &[&'static FieldDef]) -> Vec<Issue> {
    match fields {
        [] => vec![Issue::whole("Such a record exists already.")],
        [field] => {
            let value = format::shown(field, draft.value(field), FALLBACK_LANGUAGE);
            let sentence = if field.target().is_some() {
                let name = draft.entity.name;
                format!("Another {name} with this {}, “{value}”, exists already; open that one.", field.label)
            } else {
                format!("{} “{value}” is taken; choose another.", field.label)
            };
            vec![Issue::at(field, sentence)]
        }
        [.., last] => {
            let labels: Vec<&str> = fields.iter().map(|field| field.label).collect();
            let (name, labels) = (draft.entity.name, labels.join(" and "));
            let sentence = format!("Another {name} with this {labels} exists already; open that one.");
            vec![Issue::at(last, sentence)]
        }
    }
}

/// The conflict between `base` and the record as stored now; [`ServiceError::NotFound`] when it was deleted. The
/// record is loaded again, because on PostgreSQL it can be newer than what the transaction read before.
async fn conflict(
    s: &mut Session,
    base: Option<&Record>,
    language: &str,
) -> Result<ServiceError, ServiceError> {
    let Some(base) = base else { return Ok(ServiceError::NotFound) };
    let now = records::load(s, base.entity, base.id, language).await?;
    Ok(now.map_or(ServiceError::NotFound, |now| conflict_with(base, now, language)))
}

fn conflict_with(base: &Record, now: Record, language: &str) -> ServiceError {
    let fields = now
        .entity
        .all_fields()
        .filter(|field| !field.untracked && now.value(field) != base.value(field))
        .map(|field| ConflictField {
            field,
            base: full_text(field, base.value(field), language),
            theirs: full_text(field, now.value(field), language),
        })
        .collect();
    // Not from history: a save of a part, such as an external access, changes the version of this record, and its
    // entry is in the history of the part.
    let (login, at) = (now.origin.update_user, now.origin.update_time);
    ServiceError::Conflict(Box::new(Conflict { login, at, fields }))
}

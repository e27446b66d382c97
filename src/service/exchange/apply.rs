//! Applies one object: finds its record, resolves its references, and writes its draft.

use std::sync::Arc;

use secrecy::ExposeSecret;
use serde_json::{Map, Value as Json};

use crate::domain::account_request::{Request, RequestState, Source};
use crate::domain::entities;
use crate::domain::entities::user;
use crate::domain::entities::user::UserType;
use crate::domain::model::history::{HistoryAction, OperationId};
use crate::domain::model::instant::Instant;
use crate::domain::model::normal::normalised;
use crate::domain::model::record::{Draft, Fields, Origin, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::domain::rules;
use crate::service::ServiceError;
use crate::service::back_office::records::with_defaults;
use crate::service::consequences::{self, Targets};
use crate::service::exchange::object::{Action, Given, Incoming, Key, Pointer};
use crate::service::write::{self, WriteContext};
use crate::storage::db::Tx;
use crate::storage::error::StorageError;
use crate::storage::records::{self, FindBy};
use crate::storage::{accounts, credentials};

/// What was done to the record of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The record was created.
    Added,
    /// The record was changed.
    Modified,
    /// The record was deleted.
    Deleted,
    /// The record was not written: it has the object's values already, or was to be found or deleted only.
    Unchanged,
}

/// The result of an object that was applied.
#[derive(Debug)]
pub(super) struct Applied {
    /// The entity of the record.
    pub entity: &'static EntityDef,
    /// The record; `None` when an object without an id was to be deleted and has no record.
    pub id: Option<RecordId>,
    /// What was done to the record.
    pub state: State,
    /// The operation under which history has it.
    pub operation: OperationId,
}

/// Why an object was not applied; texts are one sentence. The caller rolls back to the savepoint before the object.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The object needs a record that does not exist, or does not exist yet.
    Missing(String),
    /// The object is invalid by itself; nothing of it was written.
    Wrong(String),
    /// The database refused the object, or a rule that needs the database did.
    Refused(String),
    /// The database failed, and the import ends.
    Broken(StorageError),
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Unique { .. }
            | StorageError::ForeignKey
            | StorageError::Required { .. }
            | StorageError::Check { .. }
            | StorageError::Refused(_)
            | StorageError::Other(_) => Self::Refused(error.to_string()),
            other => Self::Broken(other),
        }
    }
}

impl From<ServiceError> for Trouble {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Storage(error) => Arc::unwrap_or_clone(error).into(),
            ServiceError::Invalid(issues) => {
                Self::Refused(issues.into_iter().map(|issue| issue.message).collect::<Vec<_>>().join(" "))
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

/// What to do with a nested object whose record does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nested {
    /// Let the object around it wait, since the input may still bring the record.
    Find,
    /// Create the record, since the input does not bring it.
    Create,
}

/// Applies objects within the caller's transaction.
pub(super) struct Applier<'a> {
    /// The context of every write.
    pub context: WriteContext<'a>,
    /// What to do with nested objects whose record does not exist.
    pub nested: Nested,
    /// Whether all objects are one operation; otherwise each is one, with the records created from its nested objects.
    pub is_whole: bool,
}

impl Applier<'_> {
    /// Applies one object.
    pub(super) async fn apply(&self, tx: &mut Tx, object: &Incoming) -> Result<Applied, Trouble> {
        if self.is_whole {
            return self.applied(tx, object).await;
        }
        let context = WriteContext { operation: self.context.world.new_operation(), ..self.context };
        Applier { context, ..*self }.applied(tx, object).await
    }

    async fn applied(&self, tx: &mut Tx, object: &Incoming) -> Result<Applied, Trouble> {
        let found = find(tx, object.entity, &object.keys()).await?;
        let operation = self.context.operation;
        let applied = |id, state| Applied { entity: object.entity, id, state, operation };
        let missing = || Trouble::Missing(format!("{} is not there.", object.described()));
        match (object.action, found) {
            (Action::Find, Some(id)) => Ok(applied(Some(id), State::Unchanged)),
            (Action::Find | Action::Update, None) => Err(missing()),
            (Action::Delete, None) => Ok(applied(object.id, State::Unchanged)),
            (Action::Delete, Some(id)) => {
                let record = self.load(tx, object.entity, id).await?;
                self.wait_for_another(tx, &record, None).await?;
                write::delete(tx, &self.context, &record).await?;
                Ok(applied(Some(id), State::Deleted))
            }
            (Action::Merge | Action::Create, None) => {
                let id = self.add(tx, object).await?;
                Ok(applied(Some(id), State::Added))
            }
            (Action::Merge | Action::Update | Action::Create, Some(id)) => {
                let record = self.load(tx, object.entity, id).await?;
                let state = self.change(tx, object, record).await?;
                Ok(applied(Some(id), state))
            }
        }
    }

    async fn load(
        &self,
        tx: &mut Tx,
        entity: &'static EntityDef,
        id: RecordId,
    ) -> Result<Arc<Record>, Trouble> {
        let found = records::load(tx, entity, id, self.context.language).await?;
        found.map(Arc::new).ok_or_else(|| ServiceError::NotFound.into())
    }

    async fn write(&self, tx: &mut Tx, draft: Draft) -> Result<(), Trouble> {
        let mut targets = Targets::new(self.context.language);
        write::write_loaded(tx, &self.context, draft, &mut targets).await?;
        Ok(())
    }

    async fn add(&self, tx: &mut Tx, object: &Incoming) -> Result<RecordId, Trouble> {
        let id = object.id.unwrap_or_else(|| (self.context.world.new_id)());
        let new_draft = with_defaults(Draft::with_id(object.entity, id), Some(self.context.now), None);
        let draft = self.filled(tx, object, new_draft).await?;
        refuse_wrong(&draft)?;
        self.write(tx, draft.clone()).await?;
        if let Some(origin) = new_origin(object, id, &Origin::default()) {
            records::set_origin(tx, object.entity, id, &origin).await?;
        }
        if let Some(hash) = &object.credential {
            credentials::set_credential(tx, id, hash.expose_secret()).await?;
        }
        if is_pending(&draft) {
            accounts::add_request(tx, &self.request_of(id, &draft)).await?;
        }
        Ok(id)
    }

    /// The pending request of a new external user who is active and has no person (`docs/interchange.md`, Requests).
    fn request_of(&self, user: RecordId, draft: &Draft) -> Request {
        Request {
            id: (self.context.world.new_id)(),
            user,
            submitted_at: draft
                .get(&user::CREATION_TIME_UTC)
                .and_then(Instant::timestamp)
                .unwrap_or(self.context.now),
            source: Source::Import,
            state: RequestState::Pending,
            decided_at: None,
            decided_by: None,
            reason: None,
        }
    }

    async fn change(&self, tx: &mut Tx, object: &Incoming, record: Arc<Record>) -> Result<State, Trouble> {
        let draft = self.filled(tx, object, Draft::of(Arc::clone(&record))).await?;
        let origin = new_origin(object, record.id, &record.origin);
        if !draft.is_changed() && origin.is_none() {
            return Ok(State::Unchanged);
        }
        if object.action == Action::Create {
            return Err(Trouble::Wrong(format!("{} is there already.", object.described())));
        }
        if draft.is_changed() {
            refuse_wrong(&draft)?;
            self.wait_for_another(tx, &record, Some(&draft)).await?;
            self.write(tx, draft).await?;
        } else {
            // Where the record comes from is no field, and its history has to say that something was written.
            let (action, why) = (HistoryAction::Changed, "Only its external id, or what no field holds.");
            write::note(tx, &self.context, object.entity, record.id, action, why).await?;
        }
        if let Some(origin) = origin {
            records::set_origin(tx, object.entity, record.id, &origin).await?;
        }
        Ok(State::Modified)
    }

    /// Makes an object wait that takes from a customer the last user who can manage its users (`docs/promises.md`, 8), or
    /// the last administrator: the input may still bring another.
    async fn wait_for_another(
        &self,
        tx: &mut Tx,
        row: &Record,
        after: Option<&Draft>,
    ) -> Result<(), Trouble> {
        match write::objection_of_last(tx, row, after, self.context.now).await? {
            Some(issue) => Err(Trouble::Missing(issue.message)),
            None => Ok(()),
        }
    }

    /// The draft with the fields of the object set, in the order of the entity's description; after each field, the
    /// fields computed from it are updated.
    async fn filled(&self, tx: &mut Tx, object: &Incoming, mut draft: Draft) -> Result<Draft, Trouble> {
        for (field, given) in &object.fields {
            if is_computed(&draft, field) {
                continue;
            }
            let value = match given {
                Given::Pointer(pointer) => Value::Ref(self.resolve(tx, field, pointer).await?),
                Given::Plain(plain) => plain.merged(draft.value(field)),
            };
            // Otherwise every import of the same file would take another number.
            if field.numbered && draft.base.is_some() && normalised(field, value.clone()).is_empty() {
                continue;
            }
            draft.set(field, value);
            if draft.is_field_changed(field) || !draft.value(field).is_empty() {
                (entities::rules_of(draft.entity).changed)(&mut draft, field, self.context.language);
            }
        }
        consequences::compute(tx, &mut draft, self.context.language).await?;
        Ok(draft)
    }

    /// The record that a reference refers to; with [`Nested::Create`] a missing record of a nested object is created.
    async fn resolve(
        &self,
        tx: &mut Tx,
        field: &'static FieldDef,
        pointer: &Pointer,
    ) -> Result<Reference, Trouble> {
        let id = match &pointer.nested {
            Some(nested) => find(tx, nested.entity, &nested.keys()).await?,
            None => find(tx, field.target().unwrap_or(&user::USER), &pointer.keys()).await?,
        };
        let id = match (id, &pointer.nested) {
            (Some(id), _) => id,
            (None, Some(nested)) if self.nested == Nested::Create && nested.action != Action::Find => {
                Box::pin(self.add(tx, nested)).await?
            }
            (None, _) => {
                let message = format!("{}: {} is not there.", field.property, pointer.written);
                return Err(Trouble::Missing(message));
            }
        };
        Ok(Reference { id, shown: pointer.written.clone() })
    }
}

/// The record found by the first of `keys` that finds one.
async fn find(
    tx: &mut Tx,
    entity: &'static EntityDef,
    keys: &[Key],
) -> Result<Option<RecordId>, StorageError> {
    for key in keys {
        let found = match key {
            Key::Id(id) => records::exists(tx, entity, *id).await?.then_some(*id),
            Key::External(id) => records::find(tx, entity, FindBy::ExternalId(id)).await?,
            Key::Field(field, value) => records::find(tx, entity, FindBy::Field(field, value)).await?,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Whether an imported value of a field is ignored because the field is computed: the read-only fields that a subtype
/// has from its base. A new record ignores the subtype field alone, since the object may lack the fields from which
/// the others, such as Party Name, are computed.
fn is_computed(draft: &Draft, field: &FieldDef) -> bool {
    if *field == user::PASSWORD_FORMAT.def {
        // The format belongs to the password, which is imported for new users only.
        return draft.base.is_some();
    }
    let Some((base, _)) = draft.entity.base else { return false };
    let of_base = field.read_only && base.fields.contains(&field);
    of_base && (draft.base.is_some() || base.subtype_field == Some(field))
}

/// Refuses a draft that breaks a rule; rules that would only ask are skipped (`docs/interchange.md`, Rules).
fn refuse_wrong(draft: &Draft) -> Result<(), Trouble> {
    let issues = rules::check(draft).into_iter().filter(|issue| !issue.only_asks());
    let sentences: Vec<String> = issues.map(|issue| issue.message).collect();
    if sentences.is_empty() { Ok(()) } else { Err(Trouble::Wrong(sentences.join(" "))) }
}

fn is_pending(draft: &Draft) -> bool {
    draft.entity.is(&user::USER)
        && draft.is(&user::ACTIVE)
        && draft.get(&user::USER_TYPE) == Some(UserType::ExternalCommunityUser)
        && draft.get(&user::PERSON).is_none()
}

/// The origin of the record after the object is applied; `None` when it stays the same. When the record has another id
/// than the object, the object's id becomes its external id, so that references to the object find the record.
fn new_origin(object: &Incoming, id: RecordId, was: &Origin) -> Option<Origin> {
    let other_id = object.id.filter(|own| *own != id).map(|own| own.to_string());
    let mut now = was.clone();
    now.external_id = other_id.or_else(|| object.external_id.clone()).or(now.external_id);
    now.external_system = object.external_system.clone().or(now.external_system);
    now.extra = merged_extra(&object.extra, was.extra.as_deref()).or(now.extra);
    (now != *was).then_some(now)
}

/// The JSON text of the properties that no field holds, those of the object added to those stored; `None` when that
/// changes nothing.
fn merged_extra(given: &Map<String, Json>, was: Option<&str>) -> Option<String> {
    let was: Map<String, Json> = was.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let mut now = was.clone();
    now.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
    (now != was).then(|| Json::Object(now).to_string())
}

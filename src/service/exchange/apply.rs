//! Applies one object: finds its record, resolves its references, and writes its draft.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use secrecy::ExposeSecret;

use crate::domain::account_request::{Request, Source};
use crate::domain::entities;
use crate::domain::entities::user;
use crate::domain::entities::user::UserType;
use crate::domain::model::history::OperationId;
use crate::domain::model::instant::Instant;
use crate::domain::model::normal::normalised;
use crate::domain::model::record::{Draft, Fields, Origin, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Initial};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::domain::rules;
use crate::service::ServiceError;
use crate::service::back_office::records::with_defaults;
use crate::service::consequences::{self, Targets};
use crate::service::exchange::lookup;
use crate::service::exchange::notes::{Depth, Notes};
use crate::service::exchange::object::{Action, Given, Incoming, Pointer};
use crate::service::exchange::properties::Properties;
use crate::service::exchange::trouble::{Missing, Trouble};
use crate::service::write::{self, WriteContext};
use crate::storage::db::Tx;
use crate::storage::records;
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

/// A draft with what an object says.
struct Filled {
    draft: Draft,
    /// Whether the record of a nested object was written.
    nested_written: bool,
}

/// What to do with a nested object whose record does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nested {
    /// Let the object around it wait, since the input may still bring the record.
    Find,
    /// Create the record, or leave the reference empty, as its action says: the input does not bring it.
    Create,
}

/// Applies objects within the caller's transaction.
pub(super) struct Applier<'a> {
    context: WriteContext<'a>,
    /// What to do with nested objects whose record does not exist.
    pub nested: Nested,
    is_whole: bool,
    other_ids: &'a HashMap<RecordId, RecordId>,
    /// What is noted of the object that is being applied.
    notes: Mutex<Notes>,
}

impl<'a> Applier<'a> {
    /// An applier that writes in this context. `is_whole` says that all objects are one operation; otherwise each is one,
    /// with the records created from its nested objects. `other_ids` are ids of earlier objects that their records do not
    /// keep, each with the id of the record.
    pub(super) fn new(
        context: WriteContext<'a>,
        nested: Nested,
        is_whole: bool,
        other_ids: &'a HashMap<RecordId, RecordId>,
    ) -> Self {
        Self { context, nested, is_whole, other_ids, notes: Mutex::default() }
    }

    /// Applies one object, and returns what is noted of it.
    pub(super) async fn apply(&self, tx: &mut Tx, object: &Incoming) -> (Result<Applied, Trouble>, Notes) {
        let mut context = self.context;
        if !self.is_whole {
            context.operation = context.world.new_operation();
        }
        let applier = Applier::new(context, self.nested, self.is_whole, self.other_ids);
        let applied = applier.applied(tx, object).await;
        (applied, applier.notes.into_inner().unwrap_or_default())
    }

    /// Notes something of the object that is being applied, or of one nested in it.
    fn note(&self, note: impl FnOnce(&mut Notes)) {
        if let Ok(mut notes) = self.notes.lock() {
            note(&mut notes);
        }
    }

    async fn applied(&self, tx: &mut Tx, object: &Incoming) -> Result<Applied, Trouble> {
        let found = self.look_up(tx, object).await?;
        let operation = self.context.operation;
        let applied = |id, state| Applied { entity: object.entity, id, state, operation };
        match (object.action, found) {
            (Action::Delete, Some(id)) => {
                let record = self.load(tx, object.entity, id).await?;
                self.wait_for_another(tx, &record, None).await?;
                write::delete(tx, &self.context, &record).await?;
                Ok(applied(Some(id), State::Deleted))
            }
            (Action::Delete, None) => Ok(applied(object.id, State::Unchanged)),
            (action, Some(id)) if action.leaves_found() => {
                self.leave(tx, object, id, Depth::Top).await?;
                Ok(applied(Some(id), State::Unchanged))
            }
            (_, Some(id)) => {
                let record = self.load(tx, object.entity, id).await?;
                let state = self.change(tx, object, record, Depth::Top).await?;
                Ok(applied(Some(id), state))
            }
            (action, None) if action.creates() => {
                let id = self.add(tx, object, Depth::Top).await?;
                Ok(applied(Some(id), State::Added))
            }
            (action, None) if action.may_be_null() => Ok(applied(None, State::Unchanged)),
            (_, None) => Err(Missing::whole(format!("{} is not there.", object.described())).into()),
        }
    }

    /// The record of an object: by its keys, or without any the one that is equal to it.
    async fn look_up(&self, tx: &mut Tx, object: &Incoming) -> Result<Option<RecordId>, Trouble> {
        let keys = object.keys();
        if keys.is_empty() {
            return self.equal_record(tx, object).await;
        }
        let takes_first = object.action.takes_first();
        let found = lookup::by_keys(tx, object.entity, &keys, takes_first).await?;
        if found.is_some() || object.find_by.is_some() {
            return Ok(found);
        }
        self.by_other_id(tx, object.entity, object.id).await
    }

    /// The record that an earlier object of the import is, which has this id and whose record does not keep it.
    async fn by_other_id(
        &self,
        tx: &mut Tx,
        entity: &'static EntityDef,
        own: Option<RecordId>,
    ) -> Result<Option<RecordId>, Trouble> {
        let Some(id) = own.and_then(|own| self.other_ids.get(&own)) else { return Ok(None) };
        Ok(records::exists(tx, entity, *id).await?.then_some(*id))
    }

    /// Leaves the record that was found for an object as it is.
    async fn leave(&self, tx: &mut Tx, object: &Incoming, id: RecordId, depth: Depth) -> Result<(), Trouble> {
        if object.id.is_some_and(|own| own != id) {
            let record = self.load(tx, object.entity, id).await?;
            self.note(|notes| notes.found(object, id, &record.origin, depth));
        }
        Ok(())
    }

    /// The record that is equal to an object without keys in everything that the object says
    /// (`docs/interchange.md`, How a record is found).
    async fn equal_record(&self, tx: &mut Tx, object: &Incoming) -> Result<Option<RecordId>, Trouble> {
        // Nothing is noted of the records that it is compared with.
        let trying = Applier::new(self.context, self.nested, self.is_whole, self.other_ids);
        let wanted = Draft::with_id(object.entity, RecordId::NIL);
        let wanted = Box::pin(trying.filled(tx, object, wanted)).await?.draft;
        let said = object.fields.iter().map(|(field, _)| *field).filter(|field| !is_computed(&wanted, field));
        let said: Vec<_> = said.map(|field| (field, wanted.value(field).clone())).collect();
        let mut equal = Vec::new();
        for id in lookup::alike(tx, object.entity, &said).await? {
            let record = self.load(tx, object.entity, id).await?;
            let same = Box::pin(trying.filled(tx, object, Draft::of(Arc::clone(&record)))).await?.draft;
            if !same.is_changed() && new_origin(object, id, &record.origin).is_none() {
                equal.push(record);
            }
        }
        if equal.len() > 1 {
            // One that says nothing more is what this very object became before.
            let new = self.new_draft(object, RecordId::NIL);
            let new = Box::pin(trying.filled(tx, object, new)).await?.draft;
            let says_no_more: Vec<_> =
                equal.iter().filter(|record| is_created_by(record, &new)).cloned().collect();
            if says_no_more.len() == 1 {
                equal = says_no_more;
            }
        }
        match &equal[..] {
            [_, _, ..] if !object.action.takes_first() => {
                let plural = object.entity.plural.to_lowercase();
                let sentence =
                    format!("Several {plural} are just like this object; say by its id which one is meant.");
                Err(Trouble::Wrong(sentence))
            }
            equal => Ok(equal.first().map(|record| record.id)),
        }
    }

    /// The draft of a new record with the defaults of its fields.
    fn new_draft(&self, object: &Incoming, id: RecordId) -> Draft {
        let mut draft = with_defaults(Draft::with_id(object.entity, id), Some(self.context.now), None);
        // The default of what is unique is a proposal for one record, made to whoever fills in a form.
        for field in object.entity.all_fields().filter(|field| field.unique) {
            draft.set(field, Value::Empty);
        }
        draft
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

    async fn add(&self, tx: &mut Tx, object: &Incoming, depth: Depth) -> Result<RecordId, Trouble> {
        let id = object.id.unwrap_or_else(|| (self.context.world.new_id)());
        let new_draft = self.new_draft(object, id);
        let Filled { draft, .. } = self.filled(tx, object, new_draft).await?;
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
        self.note(|notes| notes.written(object, id, depth));
        Ok(id)
    }

    /// The pending request of a new external user who is active and has no person (`docs/interchange.md`, Requests).
    fn request_of(&self, user: RecordId, draft: &Draft) -> Request {
        let created = draft.get(&user::CREATION_TIME_UTC).and_then(Instant::timestamp);
        let id = (self.context.world.new_id)();
        Request::pending(id, user, created.unwrap_or(self.context.now), Source::Import)
    }

    async fn change(
        &self,
        tx: &mut Tx,
        object: &Incoming,
        record: Arc<Record>,
        depth: Depth,
    ) -> Result<State, Trouble> {
        let draft = Draft::of(Arc::clone(&record));
        let Filled { draft, nested_written } = self.filled(tx, object, draft).await?;
        let origin = new_origin(object, record.id, &record.origin);
        self.note(|notes| {
            let after = origin.as_ref().unwrap_or(&record.origin);
            notes.found(object, record.id, after, depth);
            notes.replaced(object, record.id, (&record.origin, after), depth);
            notes.written(object, record.id, depth);
        });
        if !draft.is_changed() && origin.is_none() {
            return Ok(if nested_written { State::Modified } else { State::Unchanged });
        }
        if object.action == Action::Create {
            return Err(Trouble::Wrong(format!("{} is there already.", object.described())));
        }
        if draft.is_changed() {
            refuse_wrong(&draft)?;
            self.wait_for_another(tx, &record, Some(&draft)).await?;
            self.write(tx, draft).await?;
        }
        if let Some(origin) = origin {
            write::set_origin(tx, &self.context, &record, &origin).await?;
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
            Some(issue) => Err(Missing::whole(issue.message).into()),
            None => Ok(()),
        }
    }

    /// The draft with the fields of the object set, in the order of the entity's description; after each field, the
    /// fields computed from it are updated.
    async fn filled(&self, tx: &mut Tx, object: &Incoming, mut draft: Draft) -> Result<Filled, Trouble> {
        let mut nested_written = false;
        for (field, given) in &object.fields {
            if is_computed(&draft, field) {
                continue;
            }
            let value = match given {
                Given::Pointer(pointer) => {
                    let (reference, written) = self.resolve(tx, field, pointer).await?;
                    nested_written |= written;
                    reference.map_or(Value::Empty, Value::Ref)
                }
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
        Ok(Filled { draft, nested_written })
    }

    /// The record that a reference refers to, `None` if its action allows that there is none, and whether the record of
    /// a nested object was written.
    async fn resolve(
        &self,
        tx: &mut Tx,
        field: &'static FieldDef,
        pointer: &Pointer,
    ) -> Result<(Option<Reference>, bool), Trouble> {
        let shown = &pointer.written;
        let refers_to = |id| Some(Reference { id, shown: shown.clone() });
        let missing = || Missing::reference(format!("{}: {shown}", field.property), pointer.id).into();
        let Some(nested) = &pointer.nested else {
            let target = field.target().unwrap_or(&user::USER);
            let found = match lookup::by_keys(tx, target, &pointer.keys(), true).await? {
                None => self.by_other_id(tx, target, pointer.id).await?,
                found => found,
            };
            return found.map(|id| (refers_to(id), false)).ok_or_else(missing);
        };
        match Box::pin(self.look_up(tx, nested)).await? {
            _ if nested.action == Action::Delete => {
                Err(Trouble::Wrong(format!("{}: a nested object cannot be deleted.", field.property)))
            }
            Some(id) if nested.action.leaves_found() || !nested.carries_data() => {
                self.leave(tx, nested, id, Depth::Nested).await?;
                Ok((refers_to(id), false))
            }
            Some(id) => {
                let record = self.load(tx, nested.entity, id).await?;
                let state = Box::pin(self.change(tx, nested, record, Depth::Nested)).await?;
                Ok((refers_to(id), state != State::Unchanged))
            }
            None if self.nested == Nested::Find => Err(missing()),
            None if nested.action.creates() => {
                Ok((refers_to(Box::pin(self.add(tx, nested, Depth::Nested)).await?), true))
            }
            None if nested.action.may_be_null() => Ok((None, false)),
            None => Err(missing()),
        }
    }
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

/// Whether a record has the values of the draft of a new one, but for those that each new record has of its own.
fn is_created_by(record: &Record, new: &Draft) -> bool {
    let mut fields = record.entity.all_fields().filter(|field| {
        !field.numbered && !is_computed(new, field) && !matches!(field.default, Initial::Now | Initial::Today)
    });
    fields.all(|field| record.value(field) == new.value(field))
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
/// than the object, the object's id becomes its external id, so that references to the object find the record. One that
/// is there already stays, so that what refers to that still finds the record.
fn new_origin(object: &Incoming, id: RecordId, was: &Origin) -> Option<Origin> {
    let other_id = object.id.filter(|own| *own != id).map(|own| own.to_string());
    let mut now = was.clone();
    let stays = other_id.is_some() && was.external_id.is_some() && was.external_id != other_id;
    if !stays {
        now.external_id = other_id.or_else(|| object.external_id.clone()).or(now.external_id);
        now.external_system = object.external_system.clone().or(now.external_system);
    }
    now.extra = merged_extra(&object.extra, was.extra.as_deref()).or(now.extra);
    (now != *was).then_some(now)
}

/// The JSON text of the properties that no field holds, those of the object added to those stored; `None` when that
/// changes nothing.
fn merged_extra(given: &Properties, was: Option<&str>) -> Option<String> {
    if given.is_empty() {
        return None;
    }
    let mut now = was.and_then(|text| Properties::parse(text).ok()).unwrap_or_default();
    let mut is_changed = false;
    for (name, value) in given.iter() {
        is_changed |= now.set(name, value);
    }
    is_changed.then(|| now.to_text())
}

//! Conversion of an object of the Domain API: to its entity, the action, the keys by which its record is found, and a
//! value for each field (`docs/interchange.md`, An object).
//!
//! Nothing here accesses the database. Every error is one sentence for the report.

use secrecy::SecretString;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::domain::entities;
use crate::domain::entities::user;
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::text;
use crate::domain::model::value::{RecordId, Value};
use crate::service::exchange::password::{PASSWORD, PASSWORD_FORMAT, hash_format};
use crate::service::exchange::properties::{DIGITS, Properties};
use crate::service::exchange::unheld::{Unheld, enumerated};
use crate::service::exchange::value::{self, Plain};

/// The most characters of `ExternalId` and `ExternalSystem` (`docs/domain.md`, Every record).
const MAX_EXTERNAL: usize = 64;

/// Properties that each database sets itself; they are not imported (`docs/interchange.md`, Values).
const NOT_IMPORTED: [&str; 5] = ["ObjectVersion", "CreationTime", "CreationUser", "UpdateTime", "UpdateUser"];

/// A property that only says which record is meant, as the code does.
const DISPLAY_TEXT: &str = "DisplayText";

/// What to do with the record of an object (`@erpnet.action`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Update the record if it exists, else create it.
    Merge,
    /// Create the record; one that exists with other values is an error.
    Create,
    /// Update the record; that it does not exist is an error.
    Update,
    /// Delete the record if it exists.
    Delete,
    /// Change nothing; that the record does not exist is an error.
    Find,
    /// Change nothing; there need be no record.
    FindOrNull,
    /// Change nothing if the record exists, else create it.
    FindOrCreate,
    /// As [`Action::Find`]; that there are several records is an error.
    FindSingle,
    /// As [`Action::FindOrNull`]; that there are several records is an error.
    FindSingleOrNull,
}

impl Action {
    /// Every action with its name in the input.
    const NAMED: [(&str, Self); 9] = [
        ("merge", Self::Merge),
        ("create", Self::Create),
        ("update", Self::Update),
        ("delete", Self::Delete),
        ("find", Self::Find),
        ("findOrNull", Self::FindOrNull),
        ("findOrCreate", Self::FindOrCreate),
        ("findSingle", Self::FindSingle),
        ("findSingleOrNull", Self::FindSingleOrNull),
    ];

    /// Whether a record that exists is left as it is.
    pub fn leaves_found(self) -> bool {
        matches!(
            self,
            Self::Find | Self::FindOrNull | Self::FindOrCreate | Self::FindSingle | Self::FindSingleOrNull
        )
    }

    /// Whether the first of several records will do.
    pub fn takes_first(self) -> bool {
        matches!(self, Self::Find | Self::FindOrNull | Self::FindOrCreate)
    }

    /// Whether there need be no record.
    pub fn may_be_null(self) -> bool {
        matches!(self, Self::FindOrNull | Self::FindSingleOrNull)
    }

    /// Whether a record that does not exist is created.
    pub fn creates(self) -> bool {
        matches!(self, Self::Merge | Self::Create | Self::FindOrCreate)
    }
}

/// One object of the input, converted to typed fields.
#[derive(Debug)]
pub struct Incoming {
    /// The entity of its record.
    pub entity: &'static EntityDef,
    /// What to do with its record.
    pub action: Action,
    /// Its id in the system that wrote it.
    pub id: Option<RecordId>,
    /// The key of `@erpnet.findBy`.
    pub find_by: Option<Key>,
    /// The fields that it sets, in the order of the entity's description.
    pub fields: Vec<(&'static FieldDef, Given)>,
    /// Its `ExternalId`, at most 64 characters.
    pub external_id: Option<String>,
    /// Its `ExternalSystem`, at most 64 characters.
    pub external_system: Option<String>,
    /// Properties that no field holds, unchanged.
    pub extra: Properties,
    /// The records of its child collections.
    pub children: Vec<Child>,
    /// Its password, as a hash that a sign-in here can verify.
    pub credential: Option<SecretString>,
    /// Whether it has a password that is not imported, because it is no such hash.
    pub password_left_out: bool,
}

/// A record of a child collection, such as an external access in `ExternalAccess` of a customer.
#[derive(Debug)]
pub struct Child {
    /// The entity of the record.
    entity: &'static EntityDef,
    /// The field in which it refers to the record that the collection belongs to.
    owner: &'static FieldDef,
    properties: Properties,
}

impl Child {
    /// The properties of the object of its own that the record is when it belongs to `parent`.
    pub fn to_properties(&self, set: &str, parent: RecordId) -> Properties {
        let owner = serde_json::json!({"@odata.id": format!("{set}({parent})")});
        let mut properties = self.properties.clone();
        properties.retain(|name| name.strip_suffix("@odata.bind") != Some(self.owner.property));
        properties.set(self.owner.property, &owner.to_string());
        if properties.get("@odata.type").is_none() {
            properties.set("@odata.type", &Json::from(self.entity.type_name).to_string());
        }
        properties
    }
}

/// What an object sets a field to.
#[derive(Debug)]
pub enum Given {
    /// A value, or texts by language.
    Plain(Plain),
    /// A reference to another record.
    Pointer(Pointer),
}

impl Given {
    /// Converts a value that is given as JSON text.
    fn read(field: &FieldDef, text: &str) -> Result<Self, String> {
        match field.target().filter(|_| text != "null") {
            Some(target) => {
                let read = Pointer::read(text, target).map(Self::Pointer);
                read.map_err(|sentence| format!("{}: {sentence}", field.property))
            }
            None => value::read(field, serde_json::from_str(text).unwrap_or_default()).map(Self::Plain),
        }
    }
}

/// A key by which a record is looked up.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// The id.
    Id(RecordId),
    /// The `ExternalId`, and the `ExternalSystem` if it is given.
    External(String, Option<String>),
    /// The value of a field.
    Field(&'static FieldDef, Value),
    /// A text that the value of the field contains, without regard to case and accents.
    Contains(&'static FieldDef, String),
    /// A text that the display text of the record contains, without regard to case and accents.
    DisplayText(String),
}

/// A reference to a record, by id or by a nested object.
#[derive(Debug)]
pub struct Pointer {
    /// The reference as the input writes it, for messages.
    pub written: String,
    /// The id of the record, if the reference has one.
    pub id: Option<RecordId>,
    /// The nested object, if it says more than an id.
    pub nested: Option<Box<Incoming>>,
}

impl Incoming {
    /// Converts an object. An object that names no entity itself belongs to `usual`, the entity of the response around
    /// it.
    ///
    /// # Errors
    /// What is wrong with the object, in one sentence.
    pub fn read(mut properties: Properties, usual: Option<&'static EntityDef>) -> Result<Self, String> {
        if properties.have_digits_key() {
            return Err(format!("{DIGITS} is no name that a property may have."));
        }
        let action = action_of(&mut properties)?;
        Self::read_as(action.unwrap_or(Action::Merge), properties, usual)
    }

    /// Converts an object inside another one. Without an action it is found if it says no more than which record is
    /// meant, and otherwise merged.
    fn read_nested(mut properties: Properties, target: &'static EntityDef) -> Result<Self, String> {
        let action = action_of(&mut properties)?;
        let read = Self::read_as(action.unwrap_or(Action::Merge), properties, Some(target))?;
        let action = action.unwrap_or(if read.carries_data() { Action::Merge } else { Action::FindSingle });
        Ok(Self { action, ..read })
    }

    fn read_as(
        action: Action,
        mut properties: Properties,
        usual: Option<&'static EntityDef>,
    ) -> Result<Self, String> {
        let written_id = take_text(&mut properties, "@odata.id")?;
        let mut entity = entity_of(&mut properties, written_id.as_deref(), usual)?;
        if let Some(field) = entity.subtype_field
            && let Some(Ok(Plain::Value(Value::Code(code)))) =
                properties.get(field.property).map(|json| value::read(field, json))
        {
            entity = entities::subtype(entity, code);
        }
        let id = id_of(&mut properties, entity, written_id.as_deref())?;
        let find_by = match properties.take("@erpnet.findBy") {
            Some(Json::Object(by)) => Some(key_of(entity, &by)?),
            None | Some(Json::Null) => None,
            Some(_) => return Err("@erpnet.findBy takes an object such as {\"Code\": \"00005\"}.".into()),
        };
        let external_id = take_short(&mut properties, "ExternalId")?;
        let external_system = take_short(&mut properties, "ExternalSystem")?;
        properties.retain(|name| !NOT_IMPORTED.contains(&name));
        let password = properties.take(PASSWORD).filter(|password| !password.is_null());
        let format = properties.get(PASSWORD_FORMAT);
        let format = format.as_ref().and_then(Json::as_str);
        let hash = password.as_ref().and_then(Json::as_str).filter(|_| entity.is(&user::USER));
        let hash = hash.and_then(|text| Some((text, hash_format(text, format)?)));
        let credential = hash.map(|(text, _)| SecretString::from(text));
        let password_left_out = password.is_some() && credential.is_none();
        let kept_as = hash.map(|(_, format)| Value::Code(format));
        let mut fields = fields_of(&mut properties, entity)?;
        if let Some(kept_as) = kept_as {
            fields.retain(|(field, _)| **field != user::PASSWORD_FORMAT.def);
            fields.push((&user::PASSWORD_FORMAT.def, Given::Plain(Plain::Value(kept_as))));
        }
        let children = children_of(&mut properties, entity)?;
        properties.retain(|name| !name.starts_with('@'));
        Ok(Self {
            entity,
            action,
            id,
            find_by,
            fields,
            external_id,
            external_system,
            extra: properties,
            children,
            credential,
            password_left_out,
        })
    }

    /// The keys by which the record is looked up, in order (`docs/interchange.md`, How a record is found).
    pub fn keys(&self) -> Vec<Key> {
        if let Some(criterion) = &self.find_by {
            return vec![criterion.clone()];
        }
        let id = self.id.map(Key::Id);
        let as_external = self.id.map(|id| Key::External(id.to_string(), None));
        let external = self.external_id.clone().map(|id| Key::External(id, self.external_system.clone()));
        let code = self.entity.code.and_then(|code| {
            let (_, given) = self.fields.iter().find(|(field, _)| *field == code)?;
            match given {
                Given::Plain(Plain::Value(value)) if !value.is_empty() => {
                    Some(Key::Field(code, value.clone()))
                }
                _ => None,
            }
        });
        let mut keys: Vec<Key> = [id, as_external, external, code].into_iter().flatten().collect();
        if keys.is_empty()
            && self.action.leaves_found()
            && !self.carries_data()
            && let Some(Json::String(shown)) = self.extra.get(DISPLAY_TEXT)
            && !shown.trim().is_empty()
        {
            keys.push(Key::DisplayText(shown));
        }
        keys
    }

    /// Whether the object says more than which record is meant.
    pub fn carries_data(&self) -> bool {
        let has_field = self.fields.iter().any(|(field, _)| Some(*field) != self.entity.code);
        let has_extra = self.extra.iter().any(|(name, _)| name != DISPLAY_TEXT);
        has_field || has_extra || self.credential.is_some() || !self.children.is_empty()
    }

    /// Whether the records of nested objects are written before its own.
    pub fn writes_nested(&self) -> bool {
        let mut nested = self.fields.iter().filter_map(|(_, given)| match given {
            Given::Pointer(pointer) => pointer.nested.as_deref(),
            Given::Plain(_) => None,
        });
        nested.any(|nested| nested.carries_data() || nested.writes_nested())
    }

    /// What there is to say of the object once it is written: which passwords are left out, and which lists no field
    /// holds.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.password_left_out {
            remarks.push("The password was left out; its owner has to set a new one.".to_owned());
        }
        let unheld = Unheld::of(&self.extra);
        if !unheld.passwords.is_empty() {
            remarks.push(format!("Left out: {}.", enumerated(&unheld.passwords)));
        }
        if !unheld.lists.is_empty() {
            remarks.push(format!("Kept as given, as no field holds it: {}.", enumerated(&unheld.lists)));
        }
        remarks
    }
}

fn take_text(properties: &mut Properties, name: &str) -> Result<Option<String>, String> {
    match properties.take(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("{name} takes a text.")),
    }
}

/// The entity of an object: by its `@odata.type`, else its `@odata.context`, else `usual`, else the set in its id.
fn entity_of(
    properties: &mut Properties,
    id: Option<&str>,
    usual: Option<&'static EntityDef>,
) -> Result<&'static EntityDef, String> {
    if let Some(name) = take_text(properties, "@odata.type")? {
        return entities::by_api_name(&name).ok_or(format!("{name} is not a type this product knows."));
    }
    let context = take_text(properties, "@odata.context")?;
    context
        .as_deref()
        .and_then(of_context)
        .or(usual)
        .or_else(|| entities::by_api_name(split_id(id?)?.0))
        .ok_or_else(|| "The object has no @odata.type.".to_owned())
}

/// The entity of an `@odata.context` such as `https://…/$metadata#Systems_Security_Users(Id,Name)/$entity`; `None`
/// when the entity is unknown.
pub fn of_context(context: &str) -> Option<&'static EntityDef> {
    let (_, set) = context.rsplit_once('#')?;
    let end = set.find(['(', '/']).unwrap_or(set.len());
    entities::by_api_name(&set[..end])
}

/// The set and the id of `Set(id)`, which may be the end of a URL.
fn split_id(written: &str) -> Option<(&str, &str)> {
    let (set, id) = written.strip_suffix(')')?.rsplit_once('(')?;
    Some((set.rsplit('/').next().unwrap_or(set), id))
}

/// The id in `Set(id)`. The set is that of `entity`, of its base, or of one of its subtypes.
fn read_id(written: &str, entity: &'static EntityDef) -> Result<RecordId, String> {
    let wrong = || format!("{written} is not an id such as {}(018f2a34-…).", entity.set);
    let (set, id) = split_id(written).ok_or_else(wrong)?;
    let named = entities::by_api_name(set).ok_or_else(wrong)?;
    let fits = named.is(entity) || named.is(entity.root()) || entity.is(named.root());
    if !fits {
        return Err(format!("{written} is not one of {}.", entity.set));
    }
    read_uuid(id).ok_or_else(wrong)
}

fn read_uuid(text: &str) -> Option<RecordId> {
    Uuid::try_parse(text).ok().map(RecordId)
}

fn id_of(
    properties: &mut Properties,
    entity: &'static EntityDef,
    written: Option<&str>,
) -> Result<Option<RecordId>, String> {
    let mut found = written.map(|written| read_id(written, entity)).transpose()?;
    for name in ["Id", "PartyId"] {
        if let Some(text) = take_text(properties, name)? {
            let id = read_uuid(&text).ok_or_else(|| format!("{name}: {text} is not an id."))?;
            found = found.or(Some(id));
        }
    }
    Ok(found)
}

fn action_of(properties: &mut Properties) -> Result<Option<Action>, String> {
    let Some(given) = take_text(properties, "@erpnet.action")? else { return Ok(None) };
    let known = Action::NAMED.iter().find(|(name, _)| *name == given);
    known.map(|(_, action)| Some(*action)).ok_or_else(|| {
        let names: Vec<&str> = Action::NAMED.iter().map(|(name, _)| *name).collect();
        format!("@erpnet.action takes one of {}, not {given}.", names.join(", "))
    })
}

/// The key of `@erpnet.findBy`: of several properties the first of `ExternalId`, `Id`, `Code`, `Name` and `DisplayText`
/// alone, or else the first in the input.
fn key_of(entity: &'static EntityDef, by: &Map<String, Json>) -> Result<Key, String> {
    let known = ["ExternalId", "Id", "Code", "Name", DISPLAY_TEXT];
    let first = known.into_iter().find_map(|name| Some((name, by.get(name)?)));
    let Some((name, wanted)) = first.or_else(|| by.iter().next().map(|(name, json)| (name.as_str(), json)))
    else {
        return Err("@erpnet.findBy is empty.".into());
    };
    let is_text = known.contains(&name);
    let text = wanted.as_str().filter(|text| !text.trim().is_empty());
    let text = text.or((!is_text).then_some("")).ok_or(format!("@erpnet.findBy: {name} takes a text."))?;
    let field = match name {
        "ExternalId" => {
            let system = by.get("ExternalSystem").and_then(Json::as_str).map(str::to_owned);
            return Ok(Key::External(text.to_owned(), system));
        }
        "Id" => return read_uuid(text).map(Key::Id).ok_or(format!("@erpnet.findBy: {text} is not an id.")),
        DISPLAY_TEXT => return Ok(Key::DisplayText(text.to_owned())),
        "Code" => entity.field("Code").or(entity.code),
        "Name" => entity.field("PartyName").or_else(|| entity.field("Name")),
        property => entity.field(property),
    };
    let field = field.ok_or_else(|| format!("@erpnet.findBy: {} has no {name}.", entity.set))?;
    if field.target().is_some() {
        return Err(format!("@erpnet.findBy cannot look for {name}."));
    }
    if name == "Name" {
        return Ok(Key::Contains(field, text.to_owned()));
    }
    Ok(Key::Field(field, value::read(field, wanted.clone())?.merged(&Value::Empty)))
}

fn take_short(properties: &mut Properties, name: &str) -> Result<Option<String>, String> {
    let text = take_text(properties, name)?.map(|text| text::trim(&text).to_owned());
    let text = text.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > MAX_EXTERNAL || text.contains('\0')) {
        return Err(format!("{name} takes a text of at most {MAX_EXTERNAL} characters."));
    }
    Ok(text)
}

fn fields_of(
    properties: &mut Properties,
    entity: &'static EntityDef,
) -> Result<Vec<(&'static FieldDef, Given)>, String> {
    let mut fields = Vec::new();
    for field in entity.all_fields() {
        let bound = properties.take_text(&format!("{}@odata.bind", field.property));
        let plain = properties.take_text(field.property);
        if let Some(text) = bound.filter(|_| field.target().is_some()).or(plain) {
            fields.push((field, Given::read(field, &text)?));
        }
    }
    Ok(fields)
}

/// The records of the child collections of an object. A collection has the name of the entity of its records without
/// that of the object's type before it.
fn children_of(properties: &mut Properties, entity: &'static EntityDef) -> Result<Vec<Child>, String> {
    let mut children = Vec::new();
    for child in entities::all() {
        let Some(owner) = child.owner.filter(|owner| owner.target().is_some_and(|of| of.is(entity))) else {
            continue;
        };
        let Some(name) = child.set.strip_prefix(entity.type_name) else { continue };
        let Some(text) = properties.take_text(name).filter(|text| text != "null") else { continue };
        let records =
            Properties::parse_list(&text).map_err(|_| format!("{name} takes a list of objects."))?;
        children.extend(records.into_iter().map(|properties| Child { entity: child, owner, properties }));
    }
    Ok(children)
}

impl Pointer {
    /// The keys by which the record is looked up when only its id is known.
    pub fn keys(&self) -> Vec<Key> {
        self.id.map_or_else(Vec::new, |id| vec![Key::Id(id), Key::External(id.to_string(), None)])
    }

    /// Converts a reference to a record of `target`, given as JSON text: a text `Set(id)`, an object with an id, or a
    /// nested object.
    ///
    /// # Errors
    /// What is wrong with the reference, in one sentence.
    pub fn read(text: &str, target: &'static EntityDef) -> Result<Self, String> {
        if let Ok(written) = serde_json::from_str::<String>(text) {
            let id = read_id(&written, target)?;
            return Ok(Self { written, id: Some(id), nested: None });
        }
        let properties = Properties::parse(text)
            .map_err(|_| format!("a reference is {{\"@odata.id\": \"{}(…)\"}}.", target.set))?;
        let written = properties.get("@odata.id").and_then(|id| id.as_str().map(str::to_owned));
        let nested = Incoming::read_nested(properties, target)?;
        let fits = nested.entity.is(target) || nested.entity.root().is(target);
        if !fits {
            return Err(format!("{} is not one of {}.", nested.entity.set, target.set));
        }
        let is_id = nested.id.is_some()
            && matches!(nested.action, Action::Find | Action::FindSingle)
            && nested.find_by.is_none()
            && nested.keys().len() == 2;
        let written = written.unwrap_or_else(|| nested.described());
        Ok(Self { written, id: nested.id, nested: (!is_id).then(|| Box::new(nested)) })
    }
}

impl Incoming {
    /// The name of the object in messages: `General_Contacts_Companies(…)` or `General_Contacts_Companies 00005`.
    pub fn described(&self) -> String {
        match self.keys().first() {
            Some(Key::Id(id)) => format!("{}({id})", self.entity.set),
            Some(Key::External(text, _) | Key::Contains(_, text) | Key::DisplayText(text)) => {
                format!("{} {text}", self.entity.set)
            }
            Some(Key::Field(_, Value::Text(code))) => format!("{} {code}", self.entity.set),
            _ => self.entity.set.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;

//! Conversion of an object of the Domain API: to its entity, the action, the keys by which its record is found, and a
//! value for each field (`docs/interchange.md`, An object).
//!
//! Nothing here accesses the database. Every error is one sentence for the report.

use secrecy::SecretString;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::domain::entities;
use crate::domain::entities::user;
use crate::domain::model::choice::Choices;
use crate::domain::model::format;
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::text;
use crate::domain::model::value::{RecordId, Value};
use crate::service::auth;
use crate::service::exchange::value::{self, Plain};

/// The most characters of `ExternalId` and `ExternalSystem` (`docs/domain.md`, Every record).
const MAX_EXTERNAL: usize = 64;

/// Properties that each database sets itself; they are not imported (`docs/interchange.md`, Values).
const NOT_IMPORTED: [&str; 5] = ["ObjectVersion", "CreationTime", "CreationUser", "UpdateTime", "UpdateUser"];

/// The property that holds a password.
const PASSWORD: &str = "Password";

/// The property that names the hash format of the password.
const PASSWORD_FORMAT: &str = "PasswordFormat";

/// The text that replaces a password which is no hash.
const HIDDEN: &str = "[secret]";

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
    pub extra: Map<String, Json>,
    /// Its password, as a hash that a sign-in here can verify.
    pub credential: Option<SecretString>,
    /// Whether it has a password that is not imported, because it is no such hash.
    pub password_left_out: bool,
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
    fn read(field: &FieldDef, json: Json) -> Result<Self, String> {
        match field.target().filter(|_| !json.is_null()) {
            Some(target) => {
                let read = Pointer::read(json, target).map(Self::Pointer);
                read.map_err(|sentence| format!("{}: {sentence}", field.property))
            }
            None => value::read(field, json).map(Self::Plain),
        }
    }
}

/// A key by which a record is looked up.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// The id.
    Id(RecordId),
    /// The `ExternalId`.
    External(String),
    /// The value of a field.
    Field(&'static FieldDef, Value),
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
    pub fn read(
        mut properties: Map<String, Json>,
        usual: Option<&'static EntityDef>,
    ) -> Result<Self, String> {
        let written_id = take_text(&mut properties, "@odata.id")?;
        let mut entity = entity_of(&mut properties, written_id.as_deref(), usual)?;
        if let Some(field) = entity.subtype_field
            && let Some(Ok(Plain::Value(Value::Code(code)))) =
                properties.get(field.property).map(|json| value::read(field, json.clone()))
        {
            entity = entities::subtype(entity, code);
        }
        let id = id_of(&mut properties, entity, written_id.as_deref())?;
        let action = action_of(&mut properties)?;
        let find_by = match properties.shift_remove("@erpnet.findBy") {
            Some(Json::Object(by)) => Some(key_of(entity, &by)?),
            None | Some(Json::Null) => None,
            Some(_) => return Err("@erpnet.findBy takes an object such as {\"Code\": \"00005\"}.".into()),
        };
        let external_id = take_short(&mut properties, "ExternalId")?;
        let external_system = take_short(&mut properties, "ExternalSystem")?;
        for name in NOT_IMPORTED {
            properties.shift_remove(name);
        }
        let password = properties.shift_remove(PASSWORD).filter(|password| !password.is_null());
        let format = properties.get(PASSWORD_FORMAT).and_then(Json::as_str);
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
        properties.retain(|name, _| !name.starts_with('@'));
        Ok(Self {
            entity,
            action,
            id,
            find_by,
            fields,
            external_id,
            external_system,
            extra: properties,
            credential,
            password_left_out,
        })
    }

    /// The keys by which the record is looked up, in order (`docs/interchange.md`, How a record is found).
    pub fn keys(&self) -> Vec<Key> {
        let id = self.id.map(Key::Id);
        let as_external = self.id.map(|id| Key::External(id.to_string()));
        let external = self.external_id.clone().map(Key::External);
        let code = self.entity.code.and_then(|code| {
            let (_, given) = self.fields.iter().find(|(field, _)| *field == code)?;
            match given {
                Given::Plain(Plain::Value(value)) if !value.is_empty() => {
                    Some(Key::Field(code, value.clone()))
                }
                _ => None,
            }
        });
        [id, as_external, external, code, self.find_by.clone()].into_iter().flatten().collect()
    }
}

/// Replaces each password that is no hash by `[secret]`, at any depth, before anything of the object is stored
/// (`docs/promises.md`, 3).
pub fn hide_passwords(properties: &mut Map<String, Json>) {
    let format = properties.get(PASSWORD_FORMAT).and_then(Json::as_str).map(str::to_owned);
    for (name, value) in properties {
        if name.eq_ignore_ascii_case(PASSWORD) {
            let is_hash = |text| hash_format(text, format.as_deref()).is_some();
            if !value.is_null() && !value.as_str().is_some_and(is_hash) {
                *value = Json::String(HIDDEN.to_owned());
            }
        } else {
            hide_within(value);
        }
    }
}

fn hide_within(value: &mut Json) {
    match value {
        Json::Object(properties) => hide_passwords(properties),
        Json::Array(values) => values.iter_mut().for_each(hide_within),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// The format code of `text` if it is a hash that a sign-in here can verify. An Argon2id hash is recognised by its
/// prefix. For any other format the object has to name it in `named`, since a password may look like a hash.
fn hash_format(text: &str, named: Option<&str>) -> Option<&'static str> {
    let named = || format::read_choice(user::PasswordFormat::CHOICES, named?);
    let format = auth::format_of(text)?;
    let is_named = named().is_some_and(|named| named.code == format);
    (format == auth::NEW_FORMAT || is_named).then_some(format)
}

fn take_text(properties: &mut Map<String, Json>, name: &str) -> Result<Option<String>, String> {
    match properties.shift_remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("{name} takes a text.")),
    }
}

/// The entity of an object: by its `@odata.type`, else its `@odata.context`, else `usual`, else the set in its id.
fn entity_of(
    properties: &mut Map<String, Json>,
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
    properties: &mut Map<String, Json>,
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

fn action_of(properties: &mut Map<String, Json>) -> Result<Action, String> {
    Ok(match take_text(properties, "@erpnet.action")?.as_deref() {
        None | Some("merge") => Action::Merge,
        Some("create") => Action::Create,
        Some("update") => Action::Update,
        Some("delete") => Action::Delete,
        Some("find") => Action::Find,
        Some(other) => {
            return Err(format!("@erpnet.action takes merge, create, update, delete or find, not {other}."));
        }
    })
}

/// The key of `@erpnet.findBy`. Of several properties it is the first of `ExternalId`, `Id`, `Code`, `Name`, or else the
/// first in the input.
fn key_of(entity: &'static EntityDef, by: &Map<String, Json>) -> Result<Key, String> {
    let known = ["ExternalId", "Id", "Code", "Name"];
    let first = known.into_iter().find_map(|name| Some((name, by.get(name)?)));
    let Some((name, wanted)) = first.or_else(|| by.iter().next().map(|(name, json)| (name.as_str(), json)))
    else {
        return Err("@erpnet.findBy is empty.".into());
    };
    let text = wanted.as_str().unwrap_or_default();
    let field = match name {
        "ExternalId" => return Ok(Key::External(text.to_owned())),
        "Id" => return read_uuid(text).map(Key::Id).ok_or(format!("@erpnet.findBy: {text} is not an id.")),
        "Code" => entity.field("Code").or(entity.code),
        "Name" => entity.field("Name").or_else(|| entity.field("PartyName")),
        property => entity.field(property),
    };
    let field = field.ok_or_else(|| format!("@erpnet.findBy: {} has no {name}.", entity.set))?;
    if field.target().is_some() {
        return Err(format!("@erpnet.findBy cannot look for {name}."));
    }
    Ok(Key::Field(field, value::read(field, wanted.clone())?.merged(&Value::Empty)))
}

fn take_short(properties: &mut Map<String, Json>, name: &str) -> Result<Option<String>, String> {
    let text = take_text(properties, name)?.map(|text| text::trim(&text).to_owned());
    let text = text.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > MAX_EXTERNAL || text.contains('\0')) {
        return Err(format!("{name} takes a text of at most {MAX_EXTERNAL} characters."));
    }
    Ok(text)
}

fn fields_of(
    properties: &mut Map<String, Json>,
    entity: &'static EntityDef,
) -> Result<Vec<(&'static FieldDef, Given)>, String> {
    let mut fields = Vec::new();
    for field in entity.all_fields() {
        let bound = properties.shift_remove(&format!("{}@odata.bind", field.property));
        let plain = properties.shift_remove(field.property);
        if let Some(json) = bound.filter(|_| field.target().is_some()).or(plain) {
            fields.push((field, Given::read(field, json)?));
        }
    }
    Ok(fields)
}

impl Pointer {
    /// The keys by which the record is looked up when only its id is known.
    pub fn keys(&self) -> Vec<Key> {
        self.id.map_or_else(Vec::new, |id| vec![Key::Id(id), Key::External(id.to_string())])
    }

    /// Converts a reference to a record of `target`: a text `Set(id)`, an object with an id, or a nested object.
    ///
    /// # Errors
    /// What is wrong with the reference, in one sentence.
    pub fn read(json: Json, target: &'static EntityDef) -> Result<Self, String> {
        match json {
            Json::String(written) => {
                let id = read_id(&written, target)?;
                Ok(Self { written, id: Some(id), nested: None })
            }
            Json::Object(properties) => {
                let written = properties.get("@odata.id").and_then(Json::as_str).map(str::to_owned);
                let nested = Incoming::read(properties, Some(target))?;
                let fits = nested.entity.is(target) || nested.entity.root().is(target);
                if !fits {
                    return Err(format!("{} is not one of {}.", nested.entity.set, target.set));
                }
                let says_more = !nested.fields.is_empty() || nested.keys().len() > 2 || nested.id.is_none();
                let written = written.unwrap_or_else(|| nested.described());
                Ok(Self { written, id: nested.id, nested: says_more.then(|| Box::new(nested)) })
            }
            _ => Err(format!("a reference is {{\"@odata.id\": \"{}(…)\"}}.", target.set)),
        }
    }
}

impl Incoming {
    /// The name of the object in messages: `General_Contacts_Companies(…)` or `General_Contacts_Companies 00005`.
    pub fn described(&self) -> String {
        match self.keys().first() {
            Some(Key::Id(id)) => format!("{}({id})", self.entity.set),
            Some(Key::External(id)) => format!("{} {id}", self.entity.set),
            Some(Key::Field(_, Value::Text(code))) => format!("{} {code}", self.entity.set),
            _ => self.entity.set.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;

//! From an object of the Domain API to what it asks for: which entity, what to do, by what to find the
//! record, and a value for each field.
//!
//! Nothing here knows the database. What is wrong with an object is one sentence.

use secrecy::SecretString;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::domain::entities;
use crate::domain::entities::user;
use crate::domain::model::choice::Choices;
use crate::domain::model::format;
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Value};
use crate::service::auth;
use crate::service::exchange::value::{self, Plain};

/// The most characters of `ExternalId` and `ExternalSystem` (`domain.md`).
const MAX_EXTERNAL: usize = 64;

/// What every record has and each instance counts for itself.
const KEPT_BY_EACH_INSTANCE: [&str; 5] =
    ["ObjectVersion", "CreationTime", "CreationUser", "UpdateTime", "UpdateUser"];

/// The property that holds a password.
const PASSWORD: &str = "Password";

/// The property that says how it is kept.
const PASSWORD_FORMAT: &str = "PasswordFormat";

/// What stands in the place of a password that was taken out.
const HIDDEN: &str = "[secret]";

/// What to do with an object (`@erpnet.action`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Update the record if it is there, else create it.
    Merge,
    /// Create it; it must not be there.
    Create,
    /// Update it; it must be there.
    Update,
    /// Remove it.
    Delete,
    /// Only look for it; it must be there.
    Find,
}

/// One object of the input, understood.
#[derive(Debug)]
pub struct Incoming {
    /// What it is.
    pub entity: &'static EntityDef,
    /// What to do with it.
    pub action: Action,
    /// The id it has where it comes from.
    pub id: Option<RecordId>,
    /// By what else to find it (`@erpnet.findBy`).
    pub find_by: Option<Key>,
    /// The fields it names, in the order of the entity's description.
    pub fields: Vec<(&'static FieldDef, Given)>,
    /// The id another system knows it by.
    pub external_id: Option<String>,
    /// That system.
    pub external_system: Option<String>,
    /// Properties that no field holds, verbatim.
    pub extra: Map<String, Json>,
    /// Its password, as a hash that this product can verify.
    pub credential: Option<SecretString>,
    /// Whether it has a password that cannot be taken over.
    pub password_left_out: bool,
}

/// What an object gives a field.
#[derive(Debug)]
pub enum Given {
    /// A value, or texts by language.
    Plain(Plain),
    /// Another record.
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

/// By what a record is looked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// Its id.
    Id(RecordId),
    /// The id another system knows it by.
    External(String),
    /// The value of a field.
    Field(&'static FieldDef, Value),
}

/// A reference: the record of an id, or one described in place.
#[derive(Debug)]
pub struct Pointer {
    /// What it was written as, for messages.
    pub written: String,
    /// The id, where it has one.
    pub id: Option<RecordId>,
    /// The object described in place, where it says more than its id.
    pub nested: Option<Box<Incoming>>,
}

impl Incoming {
    /// Reads an object; without a type of its own it is a `usual`.
    ///
    /// # Errors
    /// One sentence.
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
        for of_the_other_instance in KEPT_BY_EACH_INSTANCE {
            properties.shift_remove(of_the_other_instance);
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

    /// By what the record is looked for, in the order of `interchange.md`.
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

/// Takes every password out that is not a hash, however deep, before anything is kept of an object: clear
/// text goes no further (`promises.md`, 3).
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

/// The code of the format of a hash that a sign-in here can verify. Argon2id shows what it is; any other text may
/// be a password that looks like a hash, unless the object names the format.
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

/// The entity that the type, the id's set, the object's own context or the surrounding response names.
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

/// The entity that a context such as `https://…/$metadata#Systems_Security_Users(Id,Name)/$entity` names.
pub fn of_context(context: &str) -> Option<&'static EntityDef> {
    let (_, set) = context.rsplit_once('#')?;
    let end = set.find(['(', '/']).unwrap_or(set.len());
    entities::by_api_name(&set[..end])
}

/// `Set(id)`, perhaps as a whole address, as its set and its id.
fn split_id(written: &str) -> Option<(&str, &str)> {
    let (set, id) = written.strip_suffix(')')?.rsplit_once('(')?;
    Some((set.rsplit('/').next().unwrap_or(set), id))
}

/// The record that `Set(id)` names. A base's set stands for any of its subtypes.
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

/// The key of `@erpnet.findBy`: of several, the first in the order of the Domain API's documentation.
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
    let text = take_text(properties, name)?.filter(|text| !text.is_empty());
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
    /// By what the record is looked for when only its id is known.
    pub fn keys(&self) -> Vec<Key> {
        self.id.map_or_else(Vec::new, |id| vec![Key::Id(id), Key::External(id.to_string())])
    }

    /// Reads a reference to a `target`: an id, an object with its id, or an object described in place.
    ///
    /// # Errors
    /// One sentence.
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
    /// How messages name an object: `General_Contacts_Companies(…)` or `General_Contacts_Companies 00005`.
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

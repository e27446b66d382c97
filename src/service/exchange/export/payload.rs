//! Records as objects of the Domain API, as [`import`](super::super::import) reads them.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::Value as Json;

use crate::domain::entities;
use crate::domain::model::query::ListQuery;
use crate::domain::model::record::{Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::text;
use crate::domain::model::value::{RecordId, Value};
use crate::service::exchange::properties::Properties;
use crate::service::exchange::value;
use crate::storage::db::Session;
use crate::storage::error::StorageError;
use crate::storage::list::{Reading, Whole};

/// The most currencies whose signs are known; the world has fewer than 200.
const MOST_CURRENCIES: usize = 5000;

/// The signs of the currencies of amounts, by the id of the currency.
#[derive(Default)]
pub(super) struct Currencies(HashMap<RecordId, String>);

impl Currencies {
    /// Those of the database.
    ///
    /// # Errors
    /// [`StorageError`] when the database cannot answer.
    pub(super) async fn load(s: &mut Session) -> Result<Self, StorageError> {
        let amounts = entities::all().flat_map(EntityDef::all_fields).filter_map(|field| field.in_currency);
        let mut signs = HashMap::new();
        let mut read: Vec<&EntityDef> = Vec::new();
        for entity in amounts.filter_map(FieldDef::target) {
            if read.contains(&entity) {
                continue;
            }
            read.push(entity);
            let query = ListQuery::all(entity);
            let whole = Whole { query: &query, judged: None, entity };
            for record in whole.read(s, Reading::After(None, MOST_CURRENCIES)).await? {
                if let Some(Value::Text(sign)) = entity.code.map(|code| record.value(code)) {
                    signs.insert(record.id, sign.clone());
                }
            }
        }
        Ok(Self(signs))
    }

    /// The sign of the currency of an amount.
    fn of(&self, record: &Record, amount: &FieldDef) -> Option<&str> {
        match record.value(amount.in_currency?) {
            Value::Ref(currency) => self.0.get(&currency.id).map(String::as_str),
            _ => None,
        }
    }
}

/// The JSON text of the object that a record is: what it is, all its fields but secrets, and the properties that no field
/// holds. Hidden characters are escaped ([`text::json_escaped`]).
///
/// # Errors
/// When what is stored of the properties that no field holds is no JSON object.
pub(super) fn object(record: &Record, currencies: &Currencies) -> io::Result<String> {
    let entity = record.entity;
    let mut object = Properties::default();
    let mut add = |name: &str, json: &Json| {
        object.set(name, &json.to_string());
    };
    add("@odata.type", &format!("Erp.{}", entity.type_name).into());
    add("@odata.id", &format!("{}({})", entity.set, record.id).into());
    add("@erpnet.action", &"merge".into());
    let external =
        [("ExternalId", &record.origin.external_id), ("ExternalSystem", &record.origin.external_system)];
    for (name, id) in external {
        if let Some(id) = id {
            add(name, &id.as_str().into());
        }
    }
    for field in entity.all_fields().filter(|field| !matches!(field.kind, Kind::Secret)) {
        add(field.property, &value::written(field, record.value(field), currencies.of(record, field)));
    }
    if let Some(extra) = &record.origin.extra {
        let wrong =
            || io::Error::other(format!("what no field holds of {}({}) is damaged", entity.set, record.id));
        let extra = Properties::parse(extra).map_err(|_| wrong())?;
        for (name, json) in extra.iter().filter(|(name, _)| entity.field(name).is_none()) {
            object.set(name, json);
        }
    }
    Ok(text::json_escaped(&object.to_text()).into_owned())
}

/// Writes objects: an Import payload, or one object a line.
pub(super) struct PayloadWriter<W: Write> {
    out: W,
    currencies: Currencies,
    /// Whether the objects stand in a payload.
    is_payload: bool,
    is_first: bool,
}

impl<W: Write> PayloadWriter<W> {
    /// Begins the objects, in a payload or a line each.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn begin(mut out: W, is_payload: bool, currencies: Currencies) -> io::Result<Self> {
        if is_payload {
            out.write_all(b"{\"transaction\":\"per-object\",\"objects\":[\n")?;
        }
        Ok(Self { out, currencies, is_payload, is_first: true })
    }

    /// Writes the object of a record.
    ///
    /// # Errors
    /// When it cannot be written, and as [`object`].
    pub(super) fn write(&mut self, record: &Record) -> io::Result<()> {
        let object = object(record, &self.currencies)?;
        if self.is_payload && !std::mem::take(&mut self.is_first) {
            self.out.write_all(b",\n")?;
        }
        self.out.write_all(object.as_bytes())?;
        if self.is_payload { Ok(()) } else { self.out.write_all(b"\n") }
    }

    /// Ends the objects.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.is_payload {
            let end: &[u8] = if self.is_first { b"]}\n" } else { b"\n]}\n" };
            self.out.write_all(end)?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

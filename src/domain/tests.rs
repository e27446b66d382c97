//! Records and drafts for the tests of the business rules.

use std::sync::Arc;

use uuid::Uuid;

use super::model::record::{Draft, Origin, Record};
use super::model::schema::{EntityDef, FieldDef};
use super::model::value::{MultiLang, RecordId, Reference, Value};

/// Fields, each with a value.
pub type Values<'a> = &'a [(&'static FieldDef, Value)];

/// The id with this number.
pub fn id(number: u128) -> RecordId {
    RecordId(Uuid::from_u128(number))
}

/// A reference to the record of this number.
pub fn to(number: u128) -> Value {
    Value::Ref(Reference { id: id(number), shown: format!("Record {number}") })
}

/// A text in English.
pub fn english(text: &str) -> Value {
    Value::multi(MultiLang::new("en", text))
}

/// A text in several languages.
pub fn multi(texts: &[(&str, &str)]) -> Value {
    let texts = texts.iter().map(|(language, text)| ((*language).to_owned(), (*text).to_owned()));
    Value::multi(texts.collect())
}

/// The draft of a new record of number 1.
pub fn new(entity: &'static EntityDef, values: Values) -> Draft {
    set(Draft::with_id(entity, id(1)), values)
}

/// A stored record of number 1.
pub fn stored(entity: &'static EntityDef, values: Values) -> Arc<Record> {
    let Draft { id, changed: values, .. } = new(entity, values);
    Arc::new(Record { entity, id, version: 1, values, origin: Origin::default() })
}

/// The draft in which these values of a stored record were changed.
pub fn changed(record: &Arc<Record>, values: Values) -> Draft {
    set(Draft::of(Arc::clone(record)), values)
}

fn set(mut draft: Draft, values: Values) -> Draft {
    for (field, value) in values {
        draft.set(field, value.clone());
    }
    draft
}

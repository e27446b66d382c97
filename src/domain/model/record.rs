//! A record as it was read, and a draft of what it shall become.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::choice::Choices;
use super::field::{self, Field};
use super::schema::{EntityDef, FieldDef};
use super::value::{MultiLang, RecordId, Reference, Value, Version};

static EMPTY: Value = Value::Empty;

/// Values by the property's name.
pub type FieldMap = BTreeMap<&'static str, Value>;

/// What every record has besides its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The id another system knows the record by, at most 64 characters.
    pub external_id: Option<String>,
    /// That system, at most 64 characters.
    pub external_system: Option<String>,
    /// When it was made.
    pub creation_time: Option<Timestamp>,
    /// The login that made it.
    pub creation_user: Option<String>,
    /// When it was last changed.
    pub update_time: Option<Timestamp>,
    /// The login that changed it last.
    pub update_user: Option<String>,
    /// Properties of an imported object that no field holds, as the text of a JSON object.
    pub extra: Option<String>,
}

/// One record as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it is: for a party, the subtype it really is.
    pub entity: &'static EntityDef,
    /// Its identity.
    pub id: RecordId,
    /// The version read; a save names it.
    pub version: Version,
    /// Its values; an absent one is empty.
    pub values: FieldMap,
    /// Where it came from.
    pub origin: Origin,
}

/// What an operator has made of a record and not yet saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The record's identity. That of a new one is chosen when its draft begins, so that a save that is repeated makes
    /// no second record; it is nil until then.
    pub id: RecordId,
    /// What it is.
    pub entity: &'static EntityDef,
    /// The record as it was read; `None` for a new one.
    pub base: Option<Arc<Record>>,
    /// Only what differs from the base.
    pub changed: FieldMap,
    /// The choices whose consequences are in the draft: the value of the reference, by its property.
    followed: FieldMap,
}

impl Draft {
    /// A new record without any value or id; [`crate::service`] adds what a new record begins with.
    pub fn new(entity: &'static EntityDef) -> Self {
        Self::with_id(entity, RecordId::NIL)
    }

    /// A new record of this id, without any value.
    pub fn with_id(entity: &'static EntityDef, id: RecordId) -> Self {
        Self { id, entity, base: None, changed: FieldMap::new(), followed: FieldMap::new() }
    }

    /// A draft that changes nothing yet.
    pub fn of(record: Arc<Record>) -> Self {
        let new = Self::with_id(record.entity, record.id);
        Self { base: Some(record), ..new }
    }

    /// The identity of the stored record; `None` for a new one.
    pub fn stored_id(&self) -> Option<RecordId> {
        self.base.as_ref().map(|base| base.id)
    }

    /// Whether anything differs from what was read.
    pub fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Whether this field differs from what was read.
    pub fn is_field_changed(&self, field: &FieldDef) -> bool {
        self.changed.contains_key(field.property)
    }

    /// Sets a value; setting what was read makes the field unchanged again.
    pub fn set(&mut self, field: &FieldDef, value: Value) {
        let was = self.base.as_ref().map_or(&EMPTY, |base| base.value(field));
        if *was == value {
            self.changed.remove(field.property);
        } else {
            self.changed.insert(field.property, value);
        }
    }

    /// Whether what follows from the choice in this reference is in the draft already.
    pub fn is_followed(&self, field: &FieldDef) -> bool {
        self.followed.get(field.property) == Some(self.value(field))
    }

    /// Says that what follows from the choice in this reference is in the draft now.
    pub fn mark_followed(&mut self, field: &FieldDef) {
        self.followed.insert(field.property, self.value(field).clone());
    }

    /// The same changes on another reading of the record.
    #[must_use]
    pub fn on(&self, record: Arc<Record>) -> Self {
        let changed: Vec<&'static FieldDef> =
            self.entity.all_fields().filter(|field| self.is_field_changed(field)).collect();
        self.moved(record, &changed)
    }

    /// The changes of these fields on another reading of the record.
    #[must_use]
    pub fn moved(&self, record: Arc<Record>, fields: &[&'static FieldDef]) -> Self {
        let mut moved = Self { followed: self.followed.clone(), ..Self::of(record) };
        moved.take(self, fields);
        moved
    }

    /// Takes the values of these fields over from another draft.
    pub fn take(&mut self, from: &Self, fields: &[&'static FieldDef]) {
        for field in fields {
            self.set(field, from.value(field).clone());
        }
    }
}

/// Reading values by their field, typed or not.
pub trait Fields {
    /// The value of a field; [`Value::Empty`] when there is none.
    fn value(&self, field: &FieldDef) -> &Value;

    /// The value as the Rust type of the field; `None` when it is empty.
    fn get<'a, T: Typed>(&'a self, field: &Field<T>) -> Option<T::Out<'a>> {
        T::read(self.value(&field.def))
    }

    /// Whether a yes-or-no field is set.
    fn is(&self, field: &Field<field::Bool>) -> bool {
        self.get(field).unwrap_or_default()
    }
}

impl Fields for Record {
    fn value(&self, field: &FieldDef) -> &Value {
        self.values.get(field.property).unwrap_or(&EMPTY)
    }
}

impl Fields for Draft {
    fn value(&self, field: &FieldDef) -> &Value {
        match self.changed.get(field.property) {
            Some(value) => value,
            None => self.base.as_ref().map_or(&EMPTY, |base| base.value(field)),
        }
    }
}

/// Connects the marker of a [`Field`] with the Rust type of its values.
pub trait Typed {
    /// The Rust type.
    type Out<'a>;
    /// That type's view of a value; `None` when it is empty.
    fn read(value: &Value) -> Option<Self::Out<'_>>;
}

macro_rules! typed {
    ($($marker:ident => $out:ty, $pattern:pat => $read:expr;)*) => {$(
        impl Typed for field::$marker {
            type Out<'a> = $out;
            fn read(value: &Value) -> Option<Self::Out<'_>> {
                match value {
                    $pattern => Some($read),
                    _ => None,
                }
            }
        }
    )*};
}

typed! {
    Text => &'a str, Value::Text(text) => text;
    Multi => &'a MultiLang, Value::Multi(text) => text;
    Bool => bool, Value::Bool(yes) => *yes;
    Int => i64, Value::Int(number) => *number;
    Amount => Decimal, Value::Amount(amount) => *amount;
    Date => jiff::civil::Date, Value::Date(date) => *date;
    Instant => Timestamp, Value::Instant(moment) => *moment;
    Ref => &'a Reference, Value::Ref(reference) => reference;
}

impl<T: Choices> Typed for T {
    type Out<'a> = T;
    fn read(value: &Value) -> Option<T> {
        match value {
            Value::Code(code) => T::from_code(code),
            _ => None,
        }
    }
}

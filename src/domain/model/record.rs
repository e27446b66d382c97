//! Records as they were read, and drafts with unsaved changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::choice::Choices;
use super::field::{self, Field};
use super::instant::Instant;
use super::normal::normalised;
use super::schema::{EntityDef, FieldDef};
use super::value::{MultiLang, RecordId, Reference, Value, Version};

static EMPTY: Value = Value::Empty;

/// The values of fields by the Domain API name of the field.
pub type FieldMap = BTreeMap<&'static str, Value>;

/// The external id, times and users that every record has beside its fields (`docs/domain.md`, Every record).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The id of the record in another system, at most 64 characters.
    pub external_id: Option<String>,
    /// The name of the system that `external_id` belongs to, at most 64 characters.
    pub external_system: Option<String>,
    /// When the record was created.
    pub creation_time: Option<Timestamp>,
    /// The login that created the record.
    pub creation_user: Option<String>,
    /// When the record was last changed.
    pub update_time: Option<Timestamp>,
    /// The login that last changed the record.
    pub update_user: Option<String>,
    /// Properties of an imported object that no field holds, as the text of a JSON object.
    pub extra: Option<String>,
}

/// One record as it was read from the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The entity of the record; for a party, its subtype.
    pub entity: &'static EntityDef,
    /// The id of the record.
    pub id: RecordId,
    /// The version that was read. A save states it, so that a change made meanwhile is noticed (`docs/promises.md`,
    /// 13).
    pub version: Version,
    /// The values of the fields; an absent value is empty.
    pub values: FieldMap,
    /// The external id, times and users of the record.
    pub origin: Origin,
}

/// The unsaved changes of an existing record, or an unsaved new record.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The id of the record. The id of a new record is chosen when its draft begins, so that a repeated save creates no
    /// second record; until then it is [`RecordId::NIL`].
    pub id: RecordId,
    /// The entity of the record.
    pub entity: &'static EntityDef,
    /// The record as it was read; `None` for a new record.
    pub base: Option<Arc<Record>>,
    /// The values that differ from those of `base`.
    pub changed: FieldMap,
    /// The references whose consequences the draft contains ([`Draft::has_consequences`]), with the value at that time.
    with_consequences: FieldMap,
}

impl Draft {
    /// A draft of a new record without id and values; [`crate::service`] adds the defaults.
    pub fn new(entity: &'static EntityDef) -> Self {
        Self::with_id(entity, RecordId::NIL)
    }

    /// A draft of a new record with an id and without values.
    pub fn with_id(entity: &'static EntityDef, id: RecordId) -> Self {
        Self { id, entity, base: None, changed: FieldMap::new(), with_consequences: FieldMap::new() }
    }

    /// A draft of an existing record without changes.
    pub fn of(record: Arc<Record>) -> Self {
        let new = Self::with_id(record.entity, record.id);
        Self { base: Some(record), ..new }
    }

    /// The id of the existing record; `None` for a new record.
    pub fn stored_id(&self) -> Option<RecordId> {
        self.base.as_ref().map(|base| base.id)
    }

    /// Whether any value differs from the base.
    pub fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Whether the value of a field differs from the base.
    pub fn is_field_changed(&self, field: &FieldDef) -> bool {
        self.changed.contains_key(field.property)
    }

    /// Sets the value of a field, in the form in which the field keeps it ([`normalised`]). The value of the base makes
    /// the field unchanged again.
    pub fn set(&mut self, field: &FieldDef, value: Value) {
        let value = normalised(field, value);
        let base_value = self.base.as_ref().map_or(&EMPTY, |base| base.value(field));
        if *base_value == value {
            self.changed.remove(field.property);
        } else {
            self.changed.insert(field.property, value);
        }
    }

    /// Whether the draft contains the consequences of its value in a reference field: the values that
    /// [`Rules::chosen`](super::rules::Rules::chosen) copies from the chosen record, and what follows from them.
    pub fn has_consequences(&self, field: &FieldDef) -> bool {
        self.with_consequences.get(field.property) == Some(self.value(field))
    }

    /// Marks the consequences of the value in a reference field as contained in the draft
    /// ([`Draft::has_consequences`]).
    pub fn mark_consequences(&mut self, field: &FieldDef) {
        self.with_consequences.insert(field.property, self.value(field).clone());
    }

    /// The draft with the same changes and another version of the record as its base.
    #[must_use]
    pub fn with_base(&self, record: Arc<Record>) -> Self {
        let changed: Vec<&'static FieldDef> =
            self.entity.all_fields().filter(|field| self.is_field_changed(field)).collect();
        self.with_base_for(record, &changed)
    }

    /// The draft with another version of the record as its base and the changes of `fields` alone.
    #[must_use]
    pub fn with_base_for(&self, record: Arc<Record>, fields: &[&'static FieldDef]) -> Self {
        let mut draft = Self { with_consequences: self.with_consequences.clone(), ..Self::of(record) };
        draft.copy_fields(self, fields);
        draft
    }

    /// Copies the values of `fields` from another draft.
    pub fn copy_fields(&mut self, from: &Self, fields: &[&'static FieldDef]) {
        for field in fields {
            self.set(field, from.value(field).clone());
        }
    }
}

/// Access to values by field, typed and untyped.
pub trait Fields {
    /// The value of a field; [`Value::Empty`] when it has none.
    fn value(&self, field: &FieldDef) -> &Value;

    /// The value of a field as the Rust type of the field; `None` when the value is empty.
    fn get<'a, T: Typed>(&'a self, field: &Field<T>) -> Option<T::Out<'a>> {
        T::read(self.value(&field.def))
    }

    /// Whether a yes-or-no field holds yes; an empty value is no.
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

/// Maps the marker `T` of a [`Field<T>`](Field) to the Rust type of the field's values.
pub trait Typed {
    /// The Rust type of the field's values.
    type Out<'a>;
    /// The value as that type; `None` when the value is empty or of another kind.
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
    Instant => Instant, Value::Instant(moment) => *moment;
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

//! The description of an entity as data: its fields, columns, form and keys. Navigators, forms, look-ups, import and
//! history read these descriptions and name no entity themselves.
//!
//! The business rules of an entity that an [`EntityDef`] cannot express are functions, its
//! [`Rules`](super::rules::Rules). [`entities::ALL`](crate::domain::entities::ALL) registers both; each entity is one
//! file.

use std::fmt;

use super::choice::Choice;
use super::value::Value;

/// The description of one entity.
pub struct EntityDef {
    /// The name of one record: `User`.
    pub name: &'static str,
    /// The name of several records, and the title of the navigator: `Users`.
    pub plural: &'static str,
    /// The entity set of the Domain API: `Systems_Security_Users`.
    pub set: &'static str,
    /// The entity type of the Domain API, without `Erp.`: `Systems_Security_User`.
    pub type_name: &'static str,
    /// Other set and type names that older instances use for the entity.
    pub older_names: &'static [&'static str],
    /// The table with the fields of the entity, without those of its base.
    pub table: &'static str,
    /// The base entity, and the value of its [`EntityDef::subtype_field`] that marks this subtype: a person is a party
    /// of type `P`. Each record of the subtype has a row with the same id in the table of the base.
    pub base: Option<(&'static EntityDef, &'static str)>,
    /// The field of a base entity with the subtype of each row; `None` for an entity that is no base.
    pub subtype_field: Option<&'static FieldDef>,
    /// The reference to the record that a record of this entity is a part of: saving the part increments the version of
    /// the whole, too.
    pub owner: Option<&'static FieldDef>,
    /// The position of the navigator in the menu; `None` for an entity that is reached through others only.
    pub menu: Option<Menu>,
    /// The fields of the entity, without those of its base.
    pub fields: &'static [&'static FieldDef],
    /// The default columns of the navigator, in order.
    pub columns: &'static [&'static FieldDef],
    /// The fields of the form in its left and right column. On a narrow terminal the right column is below the left
    /// one.
    pub form: [&'static [&'static FieldDef]; 2],
    /// Fields that may be empty, but only after the operator's confirmation (`docs/domain.md`, Persons).
    pub critical: &'static [&'static FieldDef],
    /// The fields that the search box and the look-up of references search.
    pub search: &'static [&'static FieldDef],
    /// The field by which operators and files identify a record: `Login`, `Number`, `RelativeUrl`.
    pub code: Option<&'static FieldDef>,
    /// The yes-or-no field that says whether a record is in use; others are never proposed in look-ups.
    pub in_use: Option<&'static FieldDef>,
    /// The field with the title of a record, shown in the breadcrumb and above the form.
    pub title: &'static FieldDef,
    /// The parts of a record's display text, which is one line.
    pub display: &'static [Part],
    /// The sentence in the confirmation before a record is removed; `None` when records of the entity are never
    /// removed.
    pub removal: Option<&'static str>,
    /// References to the records whose histories also receive the changes of a record of this entity, which may itself
    /// be removed.
    pub also_in_history_of: &'static [&'static FieldDef],
    /// The keys of more than one field. A field that is unique by itself has [`FieldDef::unique`].
    pub keys: &'static [UniqueKey],
    /// Whether records are judged at a Client Center: lists have the column Access, and the form has the panel of the
    /// codes.
    pub judged: bool,
    /// Who may add, change and remove records in the back office.
    pub rights: Rights,
}

/// A unique key of several fields: no two records have the same values in all of them. Text is compared ignoring case.
/// A record with an empty field is not compared, except as [`UniqueKey::also_without`] says.
pub struct UniqueKey {
    /// The fields of the key, in the order of the index.
    pub fields: &'static [&'static FieldDef],
    /// Whether, among the records in which the last field is empty, the other fields are unique as well.
    pub also_without: bool,
}

/// Who may add, change and remove the records of an entity in the back office (`docs/promises.md`, 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Administrators alone.
    Administrators,
    /// Every operator.
    Operators,
}

/// The position of a navigator in the menu.
pub struct Menu {
    /// The module, the first level of the menu: `Setup`.
    pub module: &'static str,
    /// The section, the second level of the menu: `Security`.
    pub section: &'static str,
    /// One line about the entity, shown below its title.
    pub about: &'static str,
}

/// A part of a record's display text.
pub enum Part {
    /// Fixed text.
    Literal(&'static str),
    /// The text of the field's value; for a reference, the display text of the record.
    Shown(&'static FieldDef),
    /// The text of the first of these texts that is not empty: the relative URL of a web site, else its host.
    FirstShown(&'static [&'static FieldDef]),
    /// The database code of an enumeration's value: `EXT`.
    Code(&'static FieldDef),
}

/// A panel below a form's fields.
pub enum Panel {
    /// The records of another entity that refer to the form's record.
    Related(Related),
    /// The codes CC002 to CC010 of the form's user (`docs/codes.md`, The validation pane).
    ClientCenterAccess,
    /// The history of the form's record.
    History,
}

impl Panel {
    /// The panel's heading.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Related(related) => related.title,
            Self::ClientCenterAccess => "Client Center Access",
            Self::History => "History",
        }
    }

    /// Whether the panel is visible before the operator uses Customize form.
    pub fn shown_at_first(&self) -> bool {
        match self {
            Self::Related(related) => related.shown_at_first,
            Self::ClientCenterAccess | Self::History => true,
        }
    }
}

impl fmt::Debug for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// The history panel, the same for every entity.
pub static HISTORY: Panel = Panel::History;

/// The description of a panel with the records that refer to the form's record.
pub struct Related {
    /// The panel's heading.
    pub title: &'static str,
    /// The entity of the rows.
    pub entity: &'static EntityDef,
    /// The reference in a row that refers to the form's record.
    pub by: &'static FieldDef,
    /// The columns of the panel, in order.
    pub columns: &'static [&'static FieldDef],
    /// The columns that are marked when they are empty, because a user's access depends on them.
    pub wanted: &'static [&'static FieldDef],
    /// The reference that *New* offers as types: one menu line for each record that the reference can refer to, and one
    /// for a row without. `None` for a *New* without a menu.
    pub kinds: Option<&'static FieldDef>,
    /// Whether the panel is visible before the operator uses Customize form.
    pub shown_at_first: bool,
}

/// The description of one field.
pub struct FieldDef {
    /// The name in the Domain API: `EnterpriseCompany`.
    pub property: &'static str,
    /// The label on screen: `Enterprise Company`.
    pub label: &'static str,
    /// The column in the entity's table; empty for a secret, which has none.
    pub column: &'static str,
    /// The kind of value that the field holds.
    pub kind: Kind,
    /// Whether a record with an empty value is refused; a numbered field may be empty.
    pub required: bool,
    /// Whether the value is computed or set by the program, so that an operator cannot edit it.
    pub read_only: bool,
    /// Whether the program writes the value outside of saves, as it notes a sign-in: the record gets neither a new
    /// version nor an entry in its history, and a form that is open meets no conflict.
    pub untracked: bool,
    /// The sentence with which a change of the value in a stored record is refused; `None` when it may change. An
    /// operator can edit the field in a new record only.
    pub fixed: Option<&'static str>,
    /// Whether no two records have the same value. Text is compared ignoring case and blanks at either end; empty
    /// values are not compared.
    pub unique: bool,
    /// Whether the table has a column `…_key` with the text in the form that unique indexes compare
    /// ([`text::key`](super::text::key)). Set for text that is unique by itself or in a [`UniqueKey`].
    pub keyed: bool,
    /// Whether the table has a column `…_skeleton` for finding texts that look alike
    /// ([`text::skeleton`](super::text::skeleton)).
    pub look_alikes: bool,
    /// Whether choosing a record whose texts look like those of another ([`FieldDef::look_alikes`]) needs the operator's
    /// confirmation.
    pub asks_about_look_alikes: bool,
    /// Whether an empty field takes the next number of its series when the record is saved.
    pub numbered: bool,
    /// The default in a new record.
    pub default: Initial,
    /// The limit on the records to which the reference may refer; `None` is no limit.
    pub within: Option<Within>,
    /// Whether following the reference from record to record must never lead back to the first record.
    pub acyclic: bool,
    /// The reference in the same record to the currency of an amount; `None` when that is not known, and for other
    /// fields.
    pub in_currency: Option<&'static FieldDef>,
    /// The word that an empty number is shown as and typed as, such as `unlimited`; empty text when there is none.
    pub empty_word: &'static str,
    /// Whether the number counts days before today, and is shown with the date of that day.
    pub days_back: bool,
    /// Whether the date is the last day of something: one before today is shown as `ended 2026-05-31`.
    pub last_day: bool,
    /// The sentence with which operators who are no administrators are refused when they change the field; `None` when
    /// whoever may change the record may change the field.
    pub administrators_only: Option<&'static str>,
    /// Whether Tab and Enter leave the field out in a form; the arrow keys go there.
    pub no_tab_stop: bool,
    /// The keys that a JSON object is known to have; the source may know more.
    pub known_keys: &'static [KnownKey],
    /// The sentence that is said after a save which changed the field; empty for most.
    pub after_change: &'static str,
    /// The help text that F1 shows.
    pub help: &'static str,
}

/// A key that a JSON object is known to have.
pub struct KnownKey {
    /// The name of the key, which is compared exactly.
    pub name: &'static str,
    /// What its value is.
    pub kind: KeyKind,
    /// The keys that it is used together with, each with the JSON text of a value.
    pub along: &'static [(&'static str, &'static str)],
    /// One sentence about the key.
    pub help: &'static str,
}

/// The kind of value of a [`KnownKey`].
pub enum KeyKind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A text.
    Text,
    /// The id of a record of an entity, of those alone that have one of these texts in a field.
    Record(&'static EntityDef, Among),
    /// A list of ids of records of an entity.
    Records(&'static EntityDef),
    /// An object.
    Object,
}

/// A text field, and the texts that records among which one is chosen have in it.
pub type Among = (&'static FieldDef, &'static [&'static str]);

impl PartialEq for FieldDef {
    /// Compares addresses: each description is a static, so equal descriptions are the same static.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
impl Eq for FieldDef {}

impl fmt::Debug for FieldDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.property)
    }
}

impl FieldDef {
    /// The entity to which a reference field refers; `None` for a field of another kind.
    pub fn target(&self) -> Option<&'static EntityDef> {
        match self.kind {
            Kind::Ref(target) => Some(target),
            _ => None,
        }
    }

    /// Whether the table has a column `…_fold` with the folded text ([`text::fold`](super::text::fold)), for filtering
    /// and sorting without regard to case and accents.
    pub fn is_folded(&self) -> bool {
        matches!(self.kind, Kind::Text { .. } | Kind::Lines { .. } | Kind::Multi { .. })
    }

    /// The greatest length of a text in code points; `None` when there is no limit.
    pub fn max_length(&self) -> Option<usize> {
        match self.kind {
            Kind::Text { max } | Kind::Lines { max } | Kind::Multi { max } => Some(max),
            _ => None,
        }
    }
}

/// The kind of value that a field holds, with its limits.
pub enum Kind {
    /// One line of text.
    Text {
        /// The greatest length in code points.
        max: usize,
    },
    /// Several lines of text.
    Lines {
        /// The greatest length in code points.
        max: usize,
    },
    /// One text in several languages.
    Multi {
        /// The greatest length in each language, in code points.
        max: usize,
    },
    /// Yes or no.
    Bool,
    /// A whole number from `min` to `max`.
    Int {
        /// The smallest number allowed.
        min: i64,
        /// The greatest number allowed.
        max: i64,
    },
    /// An amount of money: 16 digits before the point, 2 after it.
    Amount,
    /// A calendar date.
    Date,
    /// An instant, UTC.
    Instant,
    /// One value of an enumeration.
    Choice(&'static [Choice]),
    /// A reference to a record of an entity.
    Ref(&'static EntityDef),
    /// A JSON object as text.
    Json,
    /// A secret, which is never shown and never read with the record.
    Secret,
}

/// The default of a field in a new record.
pub enum Initial {
    /// No value.
    Empty,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// The database code of an enumeration's value.
    Code(&'static str),
    /// The current date of the operator.
    Today,
    /// The current time.
    Now,
    /// The current enterprise company of the operator.
    CurrentEnterpriseCompany,
}

impl Initial {
    /// The default when it depends neither on the time nor on the operator; otherwise [`Value::Empty`].
    pub fn fixed(&self) -> Value {
        match self {
            Self::Bool(yes) => Value::Bool(*yes),
            Self::Int(number) => Value::Int(*number),
            Self::Code(code) => Value::Code(code),
            Self::Empty | Self::Today | Self::Now | Self::CurrentEnterpriseCompany => Value::Empty,
        }
    }
}

/// A limit on the records to which a reference may refer: those whose `field` equals `of` in the record that `same_as`
/// refers to.
///
/// The location of a customer is limited so: it must be one of the enterprise company's own company (`docs/domain.md`,
/// Customers).
pub struct Within {
    /// A reference in the record that is referred to: the company of a location.
    pub field: &'static FieldDef,
    /// Another reference in the same record: the enterprise company of a customer.
    pub same_as: &'static FieldDef,
    /// A reference in the record that `same_as` refers to, which must equal `field`: the company of the enterprise
    /// company.
    pub of: &'static FieldDef,
}

impl EntityDef {
    /// The base entity; `None` for an entity without one.
    pub fn base_entity(&self) -> Option<&'static EntityDef> {
        self.base.map(|(base, _)| base)
    }

    /// The entity whose table has the version, times and external ids: the base, or the entity itself.
    pub fn root(&'static self) -> &'static EntityDef {
        self.base_entity().unwrap_or(self)
    }

    /// The fields of the base, then those of the entity.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static FieldDef> {
        self.base.map_or(&[][..], |(base, _)| base.fields).iter().chain(self.fields).copied()
    }

    /// The field of the entity or its base with this Domain API name.
    pub fn field(&self, property: &str) -> Option<&'static FieldDef> {
        self.all_fields().find(|field| field.property == property)
    }

    /// The entity whose table has the column of `field`: the base when it declares the field, otherwise the entity
    /// itself.
    pub fn declaring_entity(&'static self, field: &FieldDef) -> &'static EntityDef {
        match self.base {
            Some((base, _)) if base.fields.iter().any(|own| std::ptr::eq(*own, field)) => base,
            _ => self,
        }
    }

    /// The unique keys of the entity's own table, as fields and [`UniqueKey::also_without`]: first the fields that are
    /// unique by themselves, then [`EntityDef::keys`].
    pub fn unique_fields(&self) -> impl Iterator<Item = (Vec<&'static FieldDef>, bool)> {
        let single = self.fields.iter().filter(|field| field.unique).map(|field| (vec![*field], false));
        single.chain(self.keys.iter().map(|key| (key.fields.to_vec(), key.also_without)))
    }

    /// Whether both descriptions are those of the same entity.
    pub fn is(&self, other: &EntityDef) -> bool {
        std::ptr::eq(self, other)
    }
}

impl fmt::Debug for EntityDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.set)
    }
}

impl PartialEq for EntityDef {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}
impl Eq for EntityDef {}

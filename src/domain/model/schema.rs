//! How an entity is described: its fields, columns, form and keys. Every navigator, form, lookup, import and history
//! reads these descriptions; none of them knows an entity by name.
//!
//! An [`EntityDef`] says what a record *looks* like (columns, labels, lengths, references, unique keys). What it *means*
//! is the typed Rust of its [`Rules`](super::rules::Rules), which are registered with it in
//! [`entities::ALL`](crate::domain::entities::ALL). The entities themselves are one file each.

use std::fmt;

use super::choice::Choice;
use super::value::Value;

/// The description of one entity.
pub struct EntityDef {
    /// What one record is called: `User`.
    pub name: &'static str,
    /// What many are called, the navigator's title: `Users`.
    pub plural: &'static str,
    /// The entity set of the Domain API: `Systems_Security_Users`.
    pub set: &'static str,
    /// The entity type of the Domain API, without `Erp.`: `Systems_Security_User`.
    pub type_name: &'static str,
    /// Other set and type names under which older instances know this entity.
    pub older_names: &'static [&'static str],
    /// The table that holds the fields of this entity itself.
    pub table: &'static str,
    /// The entity whose row every record of this one shares by id, and the value of the base's
    /// [`EntityDef::subtype_field`] that marks this one: a person is a party of type `P`.
    pub base: Option<(&'static EntityDef, &'static str)>,
    /// The field of a base that says which subtype a row is.
    pub subtype_field: Option<&'static FieldDef>,
    /// The reference to the record whose aggregate this one belongs to: saving moves that one's version too.
    pub owner: Option<&'static FieldDef>,
    /// Where the menu shows the navigator; `None` for entities that are only reached through others.
    pub menu: Option<Menu>,
    /// The fields of the entity itself, without those of its base.
    pub fields: &'static [&'static FieldDef],
    /// The navigator's columns in their first order.
    pub columns: &'static [&'static FieldDef],
    /// The form's two columns; at 80 columns the right one follows the left one.
    pub form: [&'static [&'static FieldDef]; 2],
    /// Fields that may be empty, but without which a save asks first (`docs/domain.md`: First Name, Last Name and
    /// Parent Party of a person).
    pub critical: &'static [&'static FieldDef],
    /// The fields that the search box and the type-ahead of references look into.
    pub search: &'static [&'static FieldDef],
    /// The field by which people and files name a record: `Login`, `Number`, `RelativeUrl`.
    pub code: Option<&'static FieldDef>,
    /// Whether a record is in use; one that is not is never proposed.
    pub in_use: Option<&'static FieldDef>,
    /// The field that names a record in the breadcrumb and above its form.
    pub title: &'static FieldDef,
    /// How one record is shown in a single line.
    pub display: &'static [Part],
    /// What an operator is told before a record is removed; `None` where records of this kind are never removed.
    pub removal: Option<&'static str>,
    /// References to the records whose history tells of this one too: it may be gone when somebody asks.
    pub also_in_history_of: &'static [&'static FieldDef],
    /// Fields that are unique together. What is unique by itself is [`FieldDef::unique`].
    pub keys: &'static [UniqueKey],
    /// Whether records are judged for a Client Center: lists have the Access column, the form has the codes.
    pub judged: bool,
    /// Who may add, change and remove records in the back office.
    pub rights: Rights,
}

/// Fields whose values no two records share together. Text is compared ignoring case. A record in which one of the
/// fields is empty is compared with no other, except as [`UniqueKey::also_without`] says.
pub struct UniqueKey {
    /// The fields, in the order of the index.
    pub fields: &'static [&'static FieldDef],
    /// One of the fields, the last: among the records in which it is empty the others are unique too.
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

/// A place in the menu tree.
pub struct Menu {
    /// The module: `Setup`.
    pub module: &'static str,
    /// The section within it: `Security`.
    pub section: &'static str,
    /// One line under the title of the section's card.
    pub about: &'static str,
}

/// A piece of the line in which a record is shown.
pub enum Part {
    /// Fixed text.
    Literal(&'static str),
    /// The field's value as it is shown; a reference is shown as its target's line.
    Shown(&'static FieldDef),
    /// The database code of an enumeration's value: `EXT`.
    Code(&'static FieldDef),
}

/// A panel below a form's fields.
pub enum Panel {
    /// Records of another entity that refer to this one.
    Related(Related),
    /// The codes CC002 to CC010 of this user (`docs/codes.md`).
    ClientCenterAccess,
    /// Who changed what, when.
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

    /// Whether the panel is part of the form before the operator customises it.
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

/// The panel of changes, the same for every entity.
pub static HISTORY: Panel = Panel::History;

/// A panel of records that refer to the form's record.
pub struct Related {
    /// The panel's heading.
    pub title: &'static str,
    /// The entity of the rows.
    pub entity: &'static EntityDef,
    /// The reference in a row that points at the form's record.
    pub by: &'static FieldDef,
    /// The columns, in order.
    pub columns: &'static [&'static FieldDef],
    /// Columns whose emptiness is marked, because somebody's access depends on them.
    pub wanted: &'static [&'static FieldDef],
    /// `New ▸` offers one entry for each record this reference can point at, and one plain entry.
    pub kinds: Option<&'static FieldDef>,
    /// Whether the panel is there before the operator adds it with Customize form.
    pub shown_at_first: bool,
}

/// The description of one field.
pub struct FieldDef {
    /// The Domain API's name: `EnterpriseCompany`.
    pub property: &'static str,
    /// The name on screen: `Enterprise Company`.
    pub label: &'static str,
    /// The column of the entity's table.
    pub column: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Refused when empty.
    pub required: bool,
    /// Computed or set elsewhere; never typed.
    pub read_only: bool,
    /// No two records share it; text is compared ignoring case. Of empty values there may be many.
    pub unique: bool,
    /// Text that is unique, by itself or in a [`UniqueKey`]: the table keeps beside it what is compared.
    pub keyed: bool,
    /// Text that can be taken for another which looks the same: the table keeps beside it what it looks like.
    pub look_alikes: bool,
    /// The next number is taken when it is empty.
    pub numbered: bool,
    /// What a new record begins with.
    pub default: Initial,
    /// The references on offer are those whose field equals another field of this record.
    pub within: Option<Within>,
    /// A reference to a record of the same entity that must not lead back to this one.
    pub acyclic: bool,
    /// The word for a number that is empty, where that says something: `unlimited`. Otherwise an empty text.
    pub empty_word: &'static str,
    /// The number counts days before today: it is shown with the date that it reaches back to.
    pub days_back: bool,
    /// Why only administrators may change it, in a sentence, also where every operator may change the record.
    pub administrators_only: Option<&'static str>,
    /// What F1 says: what the field is for.
    pub help: &'static str,
}

impl PartialEq for FieldDef {
    /// Descriptions are statics: two are the same only when they are one.
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
    /// The target of a reference field.
    pub fn target(&self) -> Option<&'static EntityDef> {
        match self.kind {
            Kind::Ref(target) => Some(target),
            _ => None,
        }
    }

    /// Whether a table keeps a folded twin of the column, for filtering and sorting without regard to case.
    pub fn is_folded(&self) -> bool {
        matches!(self.kind, Kind::Text { .. } | Kind::Lines { .. } | Kind::Multi { .. })
    }

    /// The most characters (code points) the field takes, where there is a limit.
    pub fn max_length(&self) -> Option<usize> {
        match self.kind {
            Kind::Text { max } | Kind::Lines { max } | Kind::Multi { max } => Some(max),
            _ => None,
        }
    }
}

/// What a field holds.
pub enum Kind {
    /// One line of text of at most `max` characters.
    Text {
        /// Code points.
        max: usize,
    },
    /// Text of several lines of at most `max` characters.
    Lines {
        /// Code points.
        max: usize,
    },
    /// One line of text in several languages, each of at most `max` characters.
    Multi {
        /// Code points, per language.
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
    /// Money: 18 digits, two of them after the point.
    Amount,
    /// A calendar date.
    Date,
    /// A moment, UTC.
    Instant,
    /// One of a few values.
    Choice(&'static [Choice]),
    /// Another record.
    Ref(&'static EntityDef),
    /// A JSON object as text.
    Json,
    /// Never shown, never read with a record.
    Secret,
}

/// What a new record begins with in a field.
pub enum Initial {
    /// Nothing.
    Empty,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Int(i64),
    /// An enumeration's code.
    Code(&'static str),
    /// A text.
    Text(&'static str),
    /// The operator's date.
    Today,
    /// The moment.
    Now,
    /// The enterprise company in which the operator works.
    CurrentEnterpriseCompany,
}

impl Initial {
    /// The value, where it depends neither on the day nor on the operator; else [`Value::Empty`].
    pub fn fixed(&self) -> Value {
        match self {
            Self::Bool(yes) => Value::Bool(*yes),
            Self::Int(number) => Value::Int(*number),
            Self::Code(code) => Value::Code(code),
            Self::Text(text) => Value::text(*text),
            Self::Empty | Self::Today | Self::Now | Self::CurrentEnterpriseCompany => Value::Empty,
        }
    }
}

/// A limit on what a reference may refer to: only records whose `field` equals `of` of the record that
/// `same_as` points at. (The locations offered are those of the enterprise company's own company.)
pub struct Within {
    /// A reference in the target.
    pub field: &'static FieldDef,
    /// A reference in this record.
    pub same_as: &'static FieldDef,
    /// A reference in what `same_as` points at.
    pub of: &'static FieldDef,
}

impl EntityDef {
    /// The base entity, if this one shares its rows.
    pub fn base_entity(&self) -> Option<&'static EntityDef> {
        self.base.map(|(base, _)| base)
    }

    /// The entity whose table carries version, times and external ids: the base, or this one.
    pub fn root(&'static self) -> &'static EntityDef {
        self.base_entity().unwrap_or(self)
    }

    /// All fields, the base's first.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static FieldDef> {
        self.base.map_or(&[][..], |(base, _)| base.fields).iter().chain(self.fields).copied()
    }

    /// The field of that Domain API name, of this entity or its base.
    pub fn field(&self, property: &str) -> Option<&'static FieldDef> {
        self.all_fields().find(|field| field.property == property)
    }

    /// The entity whose table holds `field`.
    pub fn home_of(&'static self, field: &FieldDef) -> &'static EntityDef {
        match self.base {
            Some((base, _)) if base.fields.iter().any(|own| std::ptr::eq(*own, field)) => base,
            _ => self,
        }
    }

    /// Every key of the entity's own table: the fields that are unique by themselves, then those unique together.
    pub fn unique_fields(&self) -> impl Iterator<Item = (Vec<&'static FieldDef>, bool)> {
        let single = self.fields.iter().filter(|field| field.unique).map(|field| (vec![*field], false));
        single.chain(self.keys.iter().map(|key| (key.fields.to_vec(), key.also_without)))
    }

    /// Whether two descriptions are the same entity.
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

//! The entities. Each is described in one file of this module and registered in [`ALL`].

pub mod company;
pub mod company_location;
pub mod country;
pub mod currency;
pub mod customer;
pub mod customer_type;
pub mod document_type;
pub mod enterprise_company;
pub mod external_access;
pub mod party;
pub mod person;
pub mod rejection_reason;
pub mod user;
pub mod web_site;

use super::model::match_key::MatchKey;
use super::model::query::View;
use super::model::rules::Rules;
use super::model::schema::{EntityDef, HISTORY, Panel};

static HISTORY_ONLY: [&Panel; 1] = [&HISTORY];

/// A registered entity: its description, rules, panels, views, and what finds its records for a request.
pub struct Entity {
    /// The description of the entity.
    pub def: &'static EntityDef,
    /// The business rules of the entity.
    pub rules: &'static Rules,
    /// The panels below the fields of the form, in order.
    pub panels: &'static [&'static Panel],
    /// The named views of the navigator, in order. The last has every record and is the initial one; empty for a
    /// navigator without views.
    pub views: &'static [View],
    /// What its records are found by when a request is compared with them; empty for an entity that is not proposed.
    pub match_keys: &'static [MatchKey],
}

impl Entity {
    /// An entity without rules and views, with the history panel alone.
    const fn new(def: &'static EntityDef) -> Self {
        Self { def, rules: &Rules::NONE, panels: &HISTORY_ONLY, views: &[], match_keys: &[] }
    }

    const fn rules(self, rules: &'static Rules) -> Self {
        Self { rules, ..self }
    }

    const fn panels(self, panels: &'static [&'static Panel]) -> Self {
        Self { panels, ..self }
    }

    const fn views(self, views: &'static [View]) -> Self {
        Self { views, ..self }
    }

    const fn match_keys(self, match_keys: &'static [MatchKey]) -> Self {
        Self { match_keys, ..self }
    }
}

/// Every entity, ordered so that each refers only to itself and to entities before it.
pub static ALL: &[Entity] = &[
    Entity::new(&currency::CURRENCY).panels(&[]),
    Entity::new(&country::COUNTRY).panels(&[]),
    Entity::new(&party::PARTY).rules(&party::RULES).panels(&[&customer::OF_PARTY, &HISTORY]),
    Entity::new(&company::COMPANY)
        .rules(&company::RULES)
        .panels(&[&customer::OF_PARTY, &HISTORY])
        .match_keys(&company::MATCH_KEYS),
    Entity::new(&company_location::COMPANY_LOCATION)
        .rules(&company_location::RULES)
        .panels(&[&customer::OF_PARTY, &HISTORY]),
    Entity::new(&person::PERSON)
        .rules(&person::RULES)
        .panels(&[&customer::OF_PARTY, &HISTORY])
        .match_keys(&person::MATCH_KEYS),
    Entity::new(&enterprise_company::ENTERPRISE_COMPANY),
    Entity::new(&document_type::DOCUMENT_TYPE),
    Entity::new(&customer_type::CUSTOMER_TYPE),
    Entity::new(&customer::CUSTOMER)
        .rules(&customer::RULES)
        .panels(&[&external_access::OF_CUSTOMER, &HISTORY]),
    Entity::new(&user::USER)
        .rules(&user::RULES)
        .panels(&[&Panel::ClientCenterAccess, &external_access::OF_USER, &HISTORY])
        .views(&user::VIEWS)
        .match_keys(&user::MATCH_KEYS),
    Entity::new(&rejection_reason::REJECTION_REASON),
    Entity::new(&external_access::EXTERNAL_ACCESS)
        .rules(&external_access::RULES)
        .views(&external_access::VIEWS),
    Entity::new(&web_site::WEB_SITE).rules(&web_site::RULES),
];

/// The descriptions of all entities, in the order of [`ALL`].
pub fn all() -> impl Iterator<Item = &'static EntityDef> + Clone {
    ALL.iter().map(|entity| entity.def)
}

fn registered(def: &EntityDef) -> Option<&'static Entity> {
    ALL.iter().find(|entity| entity.def.is(def))
}

/// The business rules of an entity; [`Rules::NONE`] when it is not registered.
pub fn rules_of(def: &EntityDef) -> &'static Rules {
    registered(def).map_or(&Rules::NONE, |entity| entity.rules)
}

/// The panels below the fields of an entity's form, in order.
pub fn panels_of(def: &EntityDef) -> &'static [&'static Panel] {
    registered(def).map_or(&[], |entity| entity.panels)
}

/// What an entity's records are found by when a request is compared with them.
pub fn match_keys_of(def: &EntityDef) -> &'static [MatchKey] {
    registered(def).map_or(&[], |entity| entity.match_keys)
}

/// The named views of an entity's navigator, in order.
pub fn views_of(def: &EntityDef) -> &'static [View] {
    registered(def).map_or(&[], |entity| entity.views)
}

/// The view of an entity's navigator with this name.
pub fn view_of(def: &EntityDef, name: &str) -> Option<&'static View> {
    views_of(def).iter().find(|view| view.name == name)
}

/// The entity with this set or type name in the Domain API, current or older, with or without `#` and `Erp.` before it.
pub fn by_api_name(name: &str) -> Option<&'static EntityDef> {
    let name = name.trim_start_matches('#');
    let name = name.strip_prefix("Erp.").unwrap_or(name);
    all().find(|entity| entity.set == name || entity.type_name == name || entity.older_names.contains(&name))
}

/// The subtypes of a base entity: those whose records have a row with the same id in the table of `base`.
pub fn subtypes(base: &'static EntityDef) -> impl Iterator<Item = &'static EntityDef> {
    all().filter(|entity| entity.base.is_some_and(|(parent, _)| parent.is(base)))
}

/// The subtype of `base` with this code; `base` itself for a subtype without a table of its own.
pub fn subtype(base: &'static EntityDef, code: &str) -> &'static EntityDef {
    subtypes(base).find(|entity| entity.base.is_some_and(|(_, subtype)| subtype == code)).unwrap_or(base)
}

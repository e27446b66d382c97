//! The entities: each is described in one file here and registered in one line of [`ALL`].

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
pub mod user;
pub mod web_site;

use super::model::query::View;
use super::model::rules::Rules;
use super::model::schema::{EntityDef, HISTORY, Panel};

static HISTORY_ALONE: [&Panel; 1] = [&HISTORY];

/// An entity with everything that is said of it.
pub struct Entity {
    /// How its records look.
    pub def: &'static EntityDef,
    /// What the business asks of them.
    pub rules: &'static Rules,
    /// What stands below the fields in the form.
    pub panels: &'static [&'static Panel],
    /// The named views of the navigator, in order; the last shows everything and is what it opens with.
    pub views: &'static [View],
}

impl Entity {
    /// An entity of which the business asks nothing more, with its history and without named views.
    const fn new(def: &'static EntityDef) -> Self {
        Self { def, rules: &Rules::NONE, panels: &HISTORY_ALONE, views: &[] }
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
}

/// Every entity, in the order in which records refer to one another: each refers to itself and to what stands before it.
pub static ALL: &[Entity] = &[
    Entity::new(&currency::CURRENCY).panels(&[]),
    Entity::new(&country::COUNTRY).panels(&[]),
    Entity::new(&party::PARTY).panels(&[&customer::OF_PARTY, &HISTORY]),
    Entity::new(&company::COMPANY).rules(&company::RULES).panels(&[&customer::OF_PARTY, &HISTORY]),
    Entity::new(&company_location::COMPANY_LOCATION)
        .rules(&company_location::RULES)
        .panels(&[&customer::OF_PARTY, &HISTORY]),
    Entity::new(&person::PERSON).rules(&person::RULES).panels(&[&customer::OF_PARTY, &HISTORY]),
    Entity::new(&enterprise_company::ENTERPRISE_COMPANY),
    Entity::new(&document_type::DOCUMENT_TYPE),
    Entity::new(&customer_type::CUSTOMER_TYPE),
    Entity::new(&customer::CUSTOMER)
        .rules(&customer::RULES)
        .panels(&[&external_access::OF_CUSTOMER, &HISTORY]),
    Entity::new(&user::USER)
        .rules(&user::RULES)
        .panels(&[&Panel::ClientCenterAccess, &external_access::OF_USER, &HISTORY])
        .views(&user::VIEWS),
    Entity::new(&external_access::EXTERNAL_ACCESS).rules(&external_access::RULES),
    Entity::new(&web_site::WEB_SITE).rules(&web_site::RULES),
];

/// The descriptions of all entities, in the order of [`ALL`].
pub fn all() -> impl Iterator<Item = &'static EntityDef> + Clone {
    ALL.iter().map(|entity| entity.def)
}

fn registered(def: &EntityDef) -> Option<&'static Entity> {
    ALL.iter().find(|entity| entity.def.is(def))
}

/// What the business asks of the records of an entity.
pub fn rules_of(def: &EntityDef) -> &'static Rules {
    registered(def).map_or(&Rules::NONE, |entity| entity.rules)
}

/// What stands below the fields in the form of an entity.
pub fn panels_of(def: &EntityDef) -> &'static [&'static Panel] {
    registered(def).map_or(&[], |entity| entity.panels)
}

/// The named views of an entity's navigator.
pub fn views_of(def: &EntityDef) -> &'static [View] {
    registered(def).map_or(&[], |entity| entity.views)
}

/// The named view of that name of an entity's navigator.
pub fn view_of(def: &EntityDef, name: &str) -> Option<&'static View> {
    views_of(def).iter().find(|view| view.name == name)
}

/// The entity known under a set or type name of the Domain API, new or old, with or without `#` and `Erp.`.
pub fn by_api_name(name: &str) -> Option<&'static EntityDef> {
    let name = name.trim_start_matches('#');
    let name = name.strip_prefix("Erp.").unwrap_or(name);
    all().find(|entity| entity.set == name || entity.type_name == name || entity.older_names.contains(&name))
}

/// The entities whose rows are also rows of `base`.
pub fn subtypes(base: &'static EntityDef) -> impl Iterator<Item = &'static EntityDef> {
    all().filter(|entity| entity.base.is_some_and(|(of, _)| of.is(base)))
}

/// The entity that a row of `base` with that subtype code really is; `base` itself for a subtype with no table of
/// its own.
pub fn subtype(base: &'static EntityDef, code: &str) -> &'static EntityDef {
    subtypes(base).find(|entity| entity.base.is_some_and(|(_, own)| own == code)).unwrap_or(base)
}

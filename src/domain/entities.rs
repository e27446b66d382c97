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

use crate::domain::model::schema::EntityDef;

/// Every entity, in the order in which records may refer to one another: what comes later refers to what
/// comes earlier (a party's parent and two forward references inside a party tree excepted).
pub static ALL: &[&EntityDef] = &[
    &currency::CURRENCY,
    &country::COUNTRY,
    &party::PARTY,
    &company::COMPANY,
    &company_location::COMPANY_LOCATION,
    &person::PERSON,
    &enterprise_company::ENTERPRISE_COMPANY,
    &document_type::DOCUMENT_TYPE,
    &customer_type::CUSTOMER_TYPE,
    &customer::CUSTOMER,
    &user::USER,
    &external_access::EXTERNAL_ACCESS,
    &web_site::WEB_SITE,
];

/// The entity known under a set or type name of the Domain API, new or old, with or without `#` and `Erp.`.
pub fn by_api_name(name: &str) -> Option<&'static EntityDef> {
    let name = name.trim_start_matches('#');
    let name = name.strip_prefix("Erp.").unwrap_or(name);
    ALL.iter()
        .copied()
        .find(|entity| entity.set == name || entity.type_name == name || entity.older_names.contains(&name))
}

/// The entities whose rows are also rows of `base`.
pub fn subtypes(base: &'static EntityDef) -> impl Iterator<Item = &'static EntityDef> {
    ALL.iter().copied().filter(|entity| entity.base.is_some_and(|(of, _)| of.is(base)))
}

/// The entity that a row of `base` with that subtype code really is; `base` itself for a subtype with no table of
/// its own.
pub fn subtype(base: &'static EntityDef, code: &str) -> &'static EntityDef {
    subtypes(base).find(|entity| entity.base.is_some_and(|(_, own)| own == code)).unwrap_or(base)
}

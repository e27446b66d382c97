//! The entity Enterprise Company: those of our own companies that sell (`docs/domain.md`, Enterprise Companies).

use crate::domain::entities::company::COMPANY;
use crate::domain::entities::currency::CURRENCY;
use crate::domain::model::field::{Amount, Bool, Field, Ref};
use crate::domain::model::schema::{EntityDef, Initial, Menu, Part, Rights};

/// The company that sells; it is an enterprise company at most once.
pub static COMPANY_REF: Field<Ref> = Field::reference("Company", "Company", "company", &COMPANY)
    .required()
    .unique()
    .help("The company that sells.");
/// The currency in which the company keeps its books.
pub static BASE_CURRENCY: Field<Ref> =
    Field::reference("BaseCurrency", "Base Currency", "base_currency", &CURRENCY)
        .required()
        .help("The currency its books are kept in; proposed for its customers.");
/// The credit limit that is proposed for customers, in the base currency.
pub static DEFAULT_CREDIT_LIMIT: Field<Amount> = Field::amount(
    "DefaultCustomerCreditLimitBase",
    "Default Customer Credit Limit Base",
    "default_customer_credit_limit_base",
)
.in_currency(&BASE_CURRENCY.def)
.help("Proposed as the credit limit of a new customer, in the base currency.");
/// Whether the enterprise company is in use.
pub static IS_ACTIVE: Field<Bool> = Field::bool("IsActive", "Is Active", "is_active")
    .required()
    .initially(Initial::Bool(true))
    .help("Whether it sells.");

/// The description of `General_EnterpriseCompanies`.
pub static ENTERPRISE_COMPANY: EntityDef = EntityDef {
    name: "Enterprise Company",
    plural: "Enterprise Companies",
    set: "General_EnterpriseCompanies",
    type_name: "General_EnterpriseCompany",
    older_names: &["General_EnterpriseCompanies_EnterpriseCompany"],
    table: "gen_enterprise_companies",
    base: None,
    subtype_field: None,
    owner: None,
    menu: Some(Menu { module: "General", section: "Contacts", about: "Our companies, the ones that sell." }),
    fields: &[&COMPANY_REF.def, &BASE_CURRENCY.def, &DEFAULT_CREDIT_LIMIT.def, &IS_ACTIVE.def],
    columns: &[&COMPANY_REF.def, &BASE_CURRENCY.def, &DEFAULT_CREDIT_LIMIT.def, &IS_ACTIVE.def],
    form: [&[&COMPANY_REF.def, &BASE_CURRENCY.def], &[&DEFAULT_CREDIT_LIMIT.def, &IS_ACTIVE.def]],
    critical: &[],
    search: &[&COMPANY_REF.def],
    code: None,
    in_use: Some(&IS_ACTIVE.def),
    title: &COMPANY_REF.def,
    display: &[Part::Shown(&COMPANY_REF.def)],
    removal: None,
    also_in_history_of: &[],
    keys: &[],
    judged: false,
    rights: Rights::Administrators,
};

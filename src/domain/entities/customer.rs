//! The entity Customer: an agreement between a party and one of our enterprise companies (`docs/domain.md`, Customers).
//! CC004 and CC006 require one.

use crate::domain::entities::company_location::{self, COMPANY_LOCATION};
use crate::domain::entities::currency::CURRENCY;
use crate::domain::entities::customer_type::CUSTOMER_TYPE as CUSTOMER_TYPE_ENTITY;
use crate::domain::entities::enterprise_company::{self, ENTERPRISE_COMPANY as ENTERPRISE_COMPANY_ENTITY};
use crate::domain::entities::party::PARTY as PARTY_ENTITY;
use crate::domain::model::field::{Amount, Bool, Date, Field, Int, Ref, Text};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::rules::{Grantee, Issue, Rules, check_order};
use crate::domain::model::schema::{
    EntityDef, FieldDef, Initial, Menu, Panel, Part, Related, Rights, UniqueKey, Within,
};

/// The party that buys.
pub static PARTY: Field<Ref> = Field::reference("Party", "Party", "party", &PARTY_ENTITY)
    .required()
    .fixed("A customer keeps its Party; make another customer for the other party.")
    .help("The party that is the customer. It is chosen once, for a new customer.");
/// The number of the customer, unique. Left empty, it takes the next number when the customer is saved.
pub static NUMBER: Field<Text> = Field::text("Number", "Number", "number", 16)
    .numbered()
    .help("The customer's number. Left empty, it takes the next number when it is saved.");
/// Whether the agreement is in use.
pub static ACTIVE: Field<Bool> = Field::bool("Active", "Active", "active")
    .required()
    .initially(Initial::Bool(true))
    .help("Whether we sell to it.");
/// The first day of the agreement.
pub static FROM_DATE: Field<Date> = Field::date("FromDate", "From Date", "from_date")
    .required()
    .initially(Initial::Today)
    .help("The first day of the agreement.");
/// The last day of the agreement; empty when it has no end.
pub static THRU_DATE: Field<Date> = Field::date("ThruDate", "Thru Date", "thru_date")
    .help("The last day of the agreement; empty means it goes on.");
/// The enterprise company that sells to the customer.
pub static ENTERPRISE_COMPANY: Field<Ref> = Field::reference(
    "EnterpriseCompany",
    "Enterprise Company",
    "enterprise_company",
    &ENTERPRISE_COMPANY_ENTITY,
)
.initially(Initial::CurrentEnterpriseCompany)
.help("Which of our companies the agreement is with. A Client Center lets in only customers of its own company.");
/// The location of the enterprise company's own company that serves the customer (CC007).
pub static SERVICED_BY: Field<Ref> = Field::reference(
    "ServicedByEnterpriseCompanyLocation",
    "Serviced By Enterprise Company Location",
    "serviced_by",
    &COMPANY_LOCATION,
)
.within(Within {
    field: &company_location::COMPANY_REF.def,
    same_as: &ENTERPRISE_COMPANY.def,
    of: &enterprise_company::COMPANY_REF.def,
})
.help("The location of the enterprise company that serves the customer. Without one the Client Center answers CC007.");
/// The type of the customer.
pub static CUSTOMER_TYPE: Field<Ref> =
    Field::reference("CustomerType", "Customer Type", "customer_type", &CUSTOMER_TYPE_ENTITY)
        .help("The kind of customer.");
/// The currency of the customer's orders.
pub static DEFAULT_CURRENCY: Field<Ref> =
    Field::reference("DefaultCurrency", "Default Currency", "default_currency", &CURRENCY)
        .help("The currency of its orders; proposed from the enterprise company.");
/// The credit limit, in the default currency.
pub static CREDIT_LIMIT: Field<Amount> = Field::amount("CreditLimit", "Credit Limit", "credit_limit")
    .in_currency(&DEFAULT_CURRENCY.def)
    .help("How much it may owe; proposed from the enterprise company.");
/// The number of days from the start of the payment term until a payment is due.
pub static DEFAULT_PAYMENT_TERM_DAYS: Field<Int> =
    Field::int("DefaultPaymentTermDays", "Default Payment Term Days", "default_payment_term_days", 0)
        .required()
        .initially(Initial::Int(0))
        .help("Days until a payment is due.");
/// The number of days until the payment term begins.
pub static DEFAULT_PAYMENT_START_DAYS: Field<Int> =
    Field::int("DefaultPaymentStartDays", "Default Payment Start Days", "default_payment_start_days", 0)
        .required()
        .initially(Initial::Int(0))
        .help("Days until the payment term begins.");
/// The number of days until delivery.
pub static DEFAULT_DELIVERY_TERM_DAYS: Field<Int> =
    Field::int("DefaultDeliveryTermDays", "Default Delivery Term Days", "default_delivery_term_days", 0)
        .required()
        .initially(Initial::Int(0))
        .help("Days until delivery.");
/// The number of days after the due date before a payment counts as late.
pub static GRACE_PERIOD_DAYS: Field<Int> =
    Field::int("GracePeriodDays", "Grace Period Days", "grace_period_days", 0)
        .required()
        .initially(Initial::Int(0))
        .help("Days after the due date before a payment counts as late.");
/// Whether other customers may buy in the name of this customer.
pub static ALLOW_USE_AS_PRIMARY_CUSTOMER: Field<Bool> = Field::bool(
    "AllowUseAsPrimaryCustomer",
    "Allow Use As Primary Customer",
    "allow_use_as_primary_customer",
)
.required()
.help("Whether others may buy in its name.");
/// Whether goods for other customers may be shipped to this customer.
pub static ALLOW_USE_AS_SHIP_TO_CUSTOMER: Field<Bool> =
    Field::bool("AllowUseAsShipToCustomer", "Allow Use As Ship To Customer", "allow_use_as_ship_to_customer")
        .required()
        .help("Whether goods for others may go to it.");

/// The panel in the form of a party with the customers whose Party it is, hidden until Customize form adds it
/// (`docs/domain.md`, Parties).
pub static OF_PARTY: Panel = Panel::Related(Related {
    title: "Customers",
    entity: &CUSTOMER,
    by: &PARTY.def,
    columns: &[
        &FROM_DATE.def,
        &THRU_DATE.def,
        &ENTERPRISE_COMPANY.def,
        &SERVICED_BY.def,
        &NUMBER.def,
        &ACTIVE.def,
    ],
    wanted: &[&ENTERPRISE_COMPANY.def, &SERVICED_BY.def],
    kinds: Some(&CUSTOMER_TYPE.def),
    shown_at_first: false,
});

/// The description of `Crm_Sales_Customers`.
pub static CUSTOMER: EntityDef = EntityDef {
    name: "Customer",
    plural: "Customers",
    set: "Crm_Sales_Customers",
    type_name: "Crm_Sales_Customer",
    older_names: &["Crm_Customers", "Crm_Customer"],
    table: "crm_customers",
    base: None,
    subtype_field: None,
    owner: None,
    menu: Some(Menu { module: "CRM", section: "Sales", about: "Agreements with those who buy." }),
    fields: &[
        &PARTY.def,
        &NUMBER.def,
        &ACTIVE.def,
        &FROM_DATE.def,
        &THRU_DATE.def,
        &ENTERPRISE_COMPANY.def,
        &SERVICED_BY.def,
        &CUSTOMER_TYPE.def,
        &DEFAULT_CURRENCY.def,
        &CREDIT_LIMIT.def,
        &DEFAULT_PAYMENT_TERM_DAYS.def,
        &DEFAULT_PAYMENT_START_DAYS.def,
        &DEFAULT_DELIVERY_TERM_DAYS.def,
        &GRACE_PERIOD_DAYS.def,
        &ALLOW_USE_AS_PRIMARY_CUSTOMER.def,
        &ALLOW_USE_AS_SHIP_TO_CUSTOMER.def,
    ],
    columns: &[
        &NUMBER.def,
        &PARTY.def,
        &ENTERPRISE_COMPANY.def,
        &SERVICED_BY.def,
        &CUSTOMER_TYPE.def,
        &FROM_DATE.def,
        &THRU_DATE.def,
        &ACTIVE.def,
    ],
    form: [
        &[
            &PARTY.def,
            &NUMBER.def,
            &ACTIVE.def,
            &CREDIT_LIMIT.def,
            &FROM_DATE.def,
            &THRU_DATE.def,
            &DEFAULT_PAYMENT_TERM_DAYS.def,
            &DEFAULT_PAYMENT_START_DAYS.def,
            &DEFAULT_DELIVERY_TERM_DAYS.def,
        ],
        &[
            &GRACE_PERIOD_DAYS.def,
            &CUSTOMER_TYPE.def,
            &DEFAULT_CURRENCY.def,
            &ENTERPRISE_COMPANY.def,
            &SERVICED_BY.def,
            &ALLOW_USE_AS_PRIMARY_CUSTOMER.def,
            &ALLOW_USE_AS_SHIP_TO_CUSTOMER.def,
        ],
    ],
    critical: &[],
    search: &[&NUMBER.def, &PARTY.def],
    code: Some(&NUMBER.def),
    in_use: Some(&ACTIVE.def),
    title: &PARTY.def,
    display: &[Part::Shown(&PARTY.def), Part::Literal(" #"), Part::Shown(&NUMBER.def)],
    removal: None,
    also_in_history_of: &[],
    keys: &[UniqueKey { fields: &[&PARTY.def, &ENTERPRISE_COMPANY.def], also_without: true }],
    judged: false,
    rights: Rights::Operators,
};

/// The business rules of a customer.
pub static RULES: Rules = Rules { chosen, check, grants_to, ..Rules::NONE };

/// Fills an empty Default Currency and Credit Limit from the chosen enterprise company (`docs/domain.md`, Customers).
fn chosen(draft: &mut Draft, field: &FieldDef, target: Option<&Record>) {
    let Some(company) = target.filter(|_| *field == ENTERPRISE_COMPANY.def) else { return };
    for (field, source) in [
        (&DEFAULT_CURRENCY.def, &enterprise_company::BASE_CURRENCY.def),
        (&CREDIT_LIMIT.def, &enterprise_company::DEFAULT_CREDIT_LIMIT.def),
    ] {
        if draft.value(field).is_empty() {
            draft.set(field, company.value(source).clone());
        }
    }
}

/// The party, by a new customer, or by an Enterprise Company or location of the customer (`docs/codes.md`, CC004, CC006,
/// CC007).
fn grants_to(draft: &Draft) -> Option<Grantee> {
    let is_given = |field: &&FieldDef| draft.is_field_changed(field) && !draft.value(field).is_empty();
    let opens = [&PARTY.def, &ENTERPRISE_COMPANY.def, &SERVICED_BY.def].iter().any(is_given);
    draft.get(&PARTY).filter(|_| opens).map(|party| Grantee::Party(party.id))
}

fn check(draft: &Draft, issues: &mut Vec<Issue>) {
    check_order(draft, &FROM_DATE, &THRU_DATE, issues);
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::model::value::Value;
    use crate::domain::tests::{changed, id, new, stored, to};

    #[test]
    fn an_enterprise_company_fills_the_terms_that_are_empty() {
        let limit = |euros: i64| Value::Amount(Decimal::from(euros));
        let company = stored(
            &ENTERPRISE_COMPANY_ENTITY,
            &[
                (&enterprise_company::BASE_CURRENCY.def, to(7)),
                (&enterprise_company::DEFAULT_CREDIT_LIMIT.def, limit(500)),
            ],
        );
        let typed = [(&DEFAULT_CURRENCY.def, to(8)), (&CREDIT_LIMIT.def, limit(20))];
        let table = [
            (&ENTERPRISE_COMPANY.def, Some(&*company), &[][..], [to(7), limit(500)]),
            (&ENTERPRISE_COMPANY.def, Some(&*company), &typed[..1], [to(8), limit(500)]),
            (&ENTERPRISE_COMPANY.def, Some(&*company), &typed, [to(8), limit(20)]),
            (&ENTERPRISE_COMPANY.def, None, &[], [Value::Empty, Value::Empty]),
            (&PARTY.def, Some(&*company), &[], [Value::Empty, Value::Empty]),
        ];
        for (field, target, typed, terms) in table {
            let mut draft = new(&CUSTOMER, typed);
            (RULES.chosen)(&mut draft, field, target);
            let found = [&DEFAULT_CURRENCY.def, &CREDIT_LIMIT.def].map(|term| draft.value(term).clone());
            assert_eq!(found, terms, "{field:?} with {typed:?}");
        }
    }

    #[test]
    fn promise_07_a_customer_opens_a_client_center_by_its_party_company_and_location() {
        let party = || (&PARTY.def, to(5));
        let (company, location) = ((&ENTERPRISE_COMPANY.def, to(6)), (&SERVICED_BY.def, to(7)));
        let empty = |field| (field, Value::Empty);
        let bare = stored(&CUSTOMER, &[party()]);
        let full = stored(&CUSTOMER, &[party(), company.clone(), location.clone()]);
        let number = (&NUMBER.def, Value::text("00028"));
        let table = [
            ("a new customer", new(&CUSTOMER, &[party()]), true),
            ("one of no party yet", new(&CUSTOMER, std::slice::from_ref(&company)), false),
            ("a company", changed(&bare, &[company]), true),
            ("a location", changed(&bare, &[location]), true),
            ("nothing", changed(&full, &[]), false),
            ("another number", changed(&full, &[number]), false),
            ("no company any more", changed(&full, &[empty(&ENTERPRISE_COMPANY.def)]), false),
            ("no location any more", changed(&full, &[empty(&SERVICED_BY.def)]), false),
        ];
        for (what, draft, opens) in table {
            assert_eq!((RULES.grants_to)(&draft), opens.then_some(Grantee::Party(id(5))), "{what}");
        }
    }

    #[test]
    fn an_agreement_that_ends_before_it_begins_is_refused() {
        let day = |day| Value::Date(jiff::civil::date(2026, 2, day));
        let mut issues = Vec::new();
        (RULES.check)(&new(&CUSTOMER, &[(&FROM_DATE.def, day(2)), (&THRU_DATE.def, day(1))]), &mut issues);
        assert_eq!(issues.iter().map(|issue| issue.property).collect::<Vec<_>>(), [Some("ThruDate")]);
    }
}

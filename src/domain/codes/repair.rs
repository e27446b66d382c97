//! The form in which a failed code is repaired, and the values that it is filled with (`docs/codes.md`, The table,
//! column Repaired).

use super::facts::{CustomerFacts, Facts};
use super::{Diagnosis, State};
use crate::domain::entities::web_site::{check_settings, new_order_position};
use crate::domain::model::code::Code;
use crate::domain::model::value::{RecordId, Reference};

/// The record and field in which a failed code is repaired, with the values to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The Person field of the user, with a new person named after the user (CC002).
    Person {
        /// The id of the user.
        user: RecordId,
        /// The user's full name, from which the new person's names are taken
        /// ([`PersonName::split`](crate::domain::model::person_name::PersonName::split)).
        full_name: String,
    },
    /// The Parent Party field of the user's person (CC003).
    ParentParty {
        /// The id of the person.
        person: RecordId,
    },
    /// A new customer with Party and Enterprise Company filled in (CC004, CC006).
    NewCustomer {
        /// The parent party of the user's person.
        party: Reference,
        /// The enterprise company of the site; `None` when the site has none.
        enterprise_company: Option<Reference>,
    },
    /// The empty Enterprise Company field of an existing customer of the parent party (CC006).
    AgreementCompany {
        /// The id of the customer.
        customer: RecordId,
        /// The enterprise company of the site, to be filled in.
        enterprise_company: Reference,
    },
    /// The Serviced By Enterprise Company Location field of a customer (CC007).
    Location {
        /// The id of the customer.
        customer: RecordId,
        /// The enterprise company whose locations are offered.
        enterprise_company: Reference,
    },
    /// The Enterprise Company field of the web site (CC005).
    SiteCompany {
        /// The id of the web site.
        site: RecordId,
    },
    /// The Settings field of the web site, with the cursor on the error (CC008, CC009).
    SiteSettings {
        /// The id of the web site.
        site: RecordId,
        /// The line of the cursor, from 1.
        line: usize,
        /// The column of the cursor in characters, from 1.
        column: usize,
    },
    /// The Valid Until field of an external access of the user that has ended (CC010).
    EndedAccess {
        /// The id of the access.
        access: RecordId,
    },
    /// A new external access of the user to a customer of the site's enterprise company (CC010).
    ExternalAccess {
        /// The id of the user.
        user: RecordId,
        /// The enterprise company whose customers are offered.
        enterprise_company: Reference,
        /// The id of the customer to fill in: *A* (`docs/codes.md`, Facts), where there is one.
        customer: Option<RecordId>,
    },
}

impl Diagnosis {
    /// The repair of a code; `None` unless the code failed. `facts` are those that the diagnosis was made from.
    pub fn repair(&self, code: Code, facts: &Facts) -> Option<Repair> {
        if self.state(code) != State::Failed {
            return None;
        }
        let (user, site) = (&facts.user, &facts.site);
        let company = site.enterprise_company.clone();
        Some(match code {
            Code::CC002 => Repair::Person { user: user.id, full_name: user.name.clone() },
            Code::CC003 => Repair::ParentParty { person: user.person.as_ref()?.id },
            Code::CC004 => new_customer(facts)?,
            Code::CC005 => Repair::SiteCompany { site: site.id },
            Code::CC006 => match facts.customers().iter().find(|c| c.enterprise_company.is_none()) {
                Some(c) => Repair::AgreementCompany { customer: c.id, enterprise_company: company? },
                None => new_customer(facts)?,
            },
            Code::CC007 => {
                let customer = self.unserved(facts).next().or(facts.agreement())?.id;
                Repair::Location { customer, enterprise_company: company? }
            }
            Code::CC008 => {
                let error = check_settings(site.settings_text()).err()?;
                Repair::SiteSettings { site: site.id, line: error.line, column: error.column }
            }
            Code::CC009 => {
                let (line, column) = new_order_position(site.settings_text());
                Repair::SiteSettings { site: site.id, line, column }
            }
            Code::CC010 => match facts.ended().max_by_key(|(_, last)| *last) {
                Some((access, _)) => Repair::EndedAccess { access: access.id },
                None => {
                    let customer = facts.agreement().map(|agreement| agreement.id);
                    Repair::ExternalAccess { user: user.id, enterprise_company: company?, customer }
                }
            },
        })
    }

    /// The customers in *G* (`docs/codes.md`, Facts) that no location serves. There can be some while CC007 is ok: one
    /// customer with a location is enough to enter.
    pub fn unserved<'a>(&'a self, facts: &'a Facts) -> impl Iterator<Item = &'a CustomerFacts> + 'a {
        let failed = |customer: &CustomerFacts| {
            self.customers
                .iter()
                .any(|judged| judged.customer == customer.id && judged.state == State::Failed)
        };
        facts.granted().map(|grant| &grant.customer).filter(move |customer| failed(customer))
    }
}

fn new_customer(facts: &Facts) -> Option<Repair> {
    let party = facts.parent_party()?;
    Some(Repair::NewCustomer {
        party: Reference { id: party.id, shown: party.shown.clone() },
        enterprise_company: facts.site.enterprise_company.clone(),
    })
}

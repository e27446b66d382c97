//! Where the repair of a failed code opens, and with what it is filled (`docs/codes.md`, last column).

use super::facts::{CustomerFacts, Facts};
use super::{Diagnosis, State};
use crate::domain::entities::web_site::{check_settings, new_order_position};
use crate::domain::model::code::Code;
use crate::domain::model::value::{RecordId, Reference};

/// The place that repairs a failed code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The Person field of the user; a new person is filled from the full name (CC002).
    Person {
        /// The user.
        user: RecordId,
        /// The full name ([`split_name`](crate::domain::model::text::split_name)).
        full_name: String,
    },
    /// The Parent Party of the person (CC003).
    ParentParty {
        /// The person.
        person: RecordId,
    },
    /// A new customer with party and enterprise company filled (CC004, CC006).
    NewCustomer {
        /// The parent party.
        party: Reference,
        /// The site's enterprise company.
        enterprise_company: Option<Reference>,
    },
    /// The empty Enterprise Company of a customer that the party has already (CC006).
    AgreementCompany {
        /// The customer.
        customer: RecordId,
        /// What to fill it with: the site's enterprise company.
        enterprise_company: Reference,
    },
    /// The Serviced By Enterprise Company Location of a customer (CC007).
    Location {
        /// The customer.
        customer: RecordId,
        /// The enterprise company whose locations are offered.
        enterprise_company: Reference,
    },
    /// The Enterprise Company of the web site (CC005).
    SiteCompany {
        /// The web site.
        site: RecordId,
    },
    /// The Settings of the web site, with the cursor on the error (CC008, CC009).
    SiteSettings {
        /// The web site.
        site: RecordId,
        /// The line, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
    },
    /// External Access of a customer of the site's enterprise company (CC010).
    ExternalAccess {
        /// The user to add.
        user: RecordId,
        /// The enterprise company whose customers are offered.
        enterprise_company: Reference,
        /// The parent party's own customer, when it has an agreement.
        customer: Option<RecordId>,
    },
}

impl Diagnosis {
    /// Where to repair a code of this diagnosis; `facts` are those it was made from.
    ///
    /// Nothing unless the code failed.
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
            Code::CC010 => {
                let customer = facts.agreement().map(|agreement| agreement.id);
                Repair::ExternalAccess { user: user.id, enterprise_company: company?, customer }
            }
        })
    }

    /// The customers among those the user has external access to that CC007 failed for, also when another one
    /// of them lets the user in.
    pub fn unserved<'a>(&'a self, facts: &'a Facts) -> impl Iterator<Item = &'a CustomerFacts> + 'a {
        let failed = |customer: &CustomerFacts| {
            self.customers.iter().any(|of| of.customer == customer.id && of.state == State::Failed)
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

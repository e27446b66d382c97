//! The text beside each code in the validation pane: the value that was found, or what is missing.

use super::facts::{CustomerFacts, Facts};
use super::{Diagnosis, State};
use crate::domain::entities::web_site::{AccessRules, check_settings};
use crate::domain::model::code::Code;
use crate::domain::model::value::Reference;

impl Diagnosis {
    /// A short text on the state of a code: what was found for it, what is missing, or which code blocks it.
    ///
    /// `facts` are those that the diagnosis was made from. The text contains stored text: clean it
    /// ([`clean`](crate::domain::model::text::clean)) before it is shown.
    pub fn words(&self, code: Code, facts: &Facts) -> String {
        match self.state(code) {
            State::Ok => found(code, facts),
            State::Failed => missing(code, facts),
            State::Blocked(blocker) => format!("after {blocker}"),
            State::Unused => "not asked by this site".to_owned(),
        }
    }
}

fn found(code: Code, facts: &Facts) -> String {
    match code {
        Code::CC002 => facts.user.person.as_ref().map(|person| person.shown.clone()).unwrap_or_default(),
        Code::CC003 => party(facts).to_owned(),
        Code::CC004 => joined(facts.customers().iter().map(|customer| format!("#{}", customer.number))),
        Code::CC005 => company(facts).to_owned(),
        Code::CC006 => facts.agreement().map(CustomerFacts::label).unwrap_or_default(),
        Code::CC007 => {
            joined(entry_customers(facts).filter_map(|c| c.location.as_ref().map(|l| l.shown.clone())))
        }
        Code::CC008 if facts.site.settings_text().trim().is_empty() => "none".to_owned(),
        Code::CC008 => "well formed".to_owned(),
        Code::CC009 => match check_settings(facts.site.settings_text()) {
            Ok(settings) if settings.new_order_document_type.is_some() => "set up".to_owned(),
            _ => "not set up".to_owned(),
        },
        Code::CC010 => joined(facts.granted().map(|g| format!("{} {}", g.customer.label(), g.role.code()))),
    }
}

fn missing(code: Code, facts: &Facts) -> String {
    match code {
        Code::CC002 | Code::CC003 | Code::CC005 => "empty".to_owned(),
        Code::CC004 => format!("{} is no customer", party(facts)),
        Code::CC006 => format!("no agreement with {}", company(facts)),
        Code::CC007 => {
            format!("no location serves {}", joined(entry_customers(facts).map(CustomerFacts::label)))
        }
        Code::CC008 => settings_error(facts),
        Code::CC009 => new_order_error(facts),
        Code::CC010 => {
            match joined(facts.ended().map(|(g, last)| format!("{} ended on {last}", g.customer.label()))) {
                ended if ended.is_empty() => format!("no access to a customer of {}", company(facts)),
                ended => format!("access to {ended}"),
            }
        }
    }
}

fn party(facts: &Facts) -> &str {
    facts.parent_party().map_or("", |party| &party.shown)
}

fn company(facts: &Facts) -> &str {
    facts.site.enterprise_company.as_ref().map_or("", |Reference { shown, .. }| shown)
}

fn settings_error(facts: &Facts) -> String {
    check_settings(facts.site.settings_text()).err().map(|error| error.to_string()).unwrap_or_default()
}

fn new_order_error(facts: &Facts) -> String {
    let settings = check_settings(facts.site.settings_text()).ok();
    let problem = settings.and_then(|settings| settings.problem(&facts.site.sales_order_types));
    problem.map(|problem| problem.to_string()).unwrap_or_default()
}

/// The customers for which the site's rule set requires a location (CC007): *A* or those in *G* (`docs/codes.md`,
/// Facts).
fn entry_customers(facts: &Facts) -> Box<dyn Iterator<Item = &CustomerFacts> + '_> {
    match facts.site.rules {
        AccessRules::Person => Box::new(facts.agreement().into_iter()),
        AccessRules::ExternalAccess => Box::new(facts.granted().map(|grant| &grant.customer)),
    }
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

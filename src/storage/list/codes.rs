//! The codes as an expression over a million users at once.
//!
//! [`diagnose`](crate::domain::codes::diagnose) is what the codes mean; this says the same in SQL, for
//! filtering and counting, and a property test holds it to that. What a site's own record decides comes from
//! Rust as a constant.

use crate::domain::codes::{AccessRules, Code, SiteFacts, State, site_states};
use crate::domain::entities::{external_access, party, user};
use crate::storage::list::Binds;
use crate::storage::list::from_clause::FromClause;

/// The first failing code of the user in `t0` at a site, as text; NULL when nothing fails.
pub(super) fn first_failed(site: &SiteFacts, from: &mut FromClause, binds: &mut Binds) -> String {
    let of_site = |code| site_states(site).contains(&(code, State::Failed));
    let settings = [Code::CC008, Code::CC009].into_iter().find(|&code| of_site(code));
    let company = site.enterprise_company.as_ref().map(|company| binds.add(company.id));
    match (site.rules, company) {
        (AccessRules::Person, company) => by_person(company.as_deref(), settings, from),
        (AccessRules::ExternalAccess, None) => literal(Some(Code::CC005)),
        (AccessRules::ExternalAccess, Some(company)) => by_grant(&company, settings),
    }
}

/// The first failing code is one of these; `None` stands for nothing failing.
pub(super) fn is_one_of(
    codes: &[Option<Code>],
    site: &SiteFacts,
    from: &mut FromClause,
    binds: &mut Binds,
) -> String {
    let failed = first_failed(site, from, binds);
    // NULL stands for nothing failing; no code is the empty text.
    let codes: Vec<String> =
        codes.iter().map(|code| code.map_or_else(|| "''".to_owned(), |code| format!("'{code}'"))).collect();
    if codes.is_empty() {
        "FALSE".to_owned()
    } else {
        format!("coalesce({failed}, '') IN ({})", codes.join(", "))
    }
}

/// The codes of version 24, in the order of `codes.md`: each is asked when none before it failed.
fn by_person(company: Option<&str>, settings: Option<Code>, from: &mut FromClause) -> String {
    let user = from.record();
    let person = from.follow(&user, &user::PERSON.def, &party::PARTY);
    let parent = from.column(&person, &party::PARENT_PARTY.def, "");
    let person = from.own(&user::PERSON.def);
    let customer =
        |more: &str| format!("EXISTS (SELECT 1 FROM crm_customers c WHERE c.party = {parent}{more})");
    let first = format!(
        "CASE WHEN {person} IS NULL THEN 'CC002' WHEN {parent} IS NULL THEN 'CC003' \
         WHEN NOT {} THEN 'CC004'",
        customer("")
    );
    match company {
        None => format!("{first} ELSE 'CC005' END"),
        Some(company) => format!(
            "{first} WHEN NOT {} THEN 'CC006' WHEN NOT {} THEN 'CC007' ELSE {} END",
            customer(&format!(" AND c.enterprise_company = {company}")),
            customer(&format!(" AND c.enterprise_company = {company} AND c.serviced_by IS NOT NULL")),
            literal(settings)
        ),
    }
}

/// The codes of version 26: CC007 waits for CC010, but the settings' codes come before CC010.
fn by_grant(company: &str, settings: Option<Code>) -> String {
    let granted = |more: &str| {
        format!(
            "EXISTS (SELECT 1 FROM {} g JOIN crm_customers c ON c.id = g.customer \
             WHERE g.user_id = t0.id AND c.enterprise_company = {company}{more})",
            external_access::EXTERNAL_ACCESS.table
        )
    };
    format!(
        "CASE WHEN NOT {} THEN {} WHEN NOT {} THEN 'CC007' ELSE {} END",
        granted(""),
        literal(settings.or(Some(Code::CC010))),
        granted(" AND c.serviced_by IS NOT NULL"),
        literal(settings)
    )
}

fn literal(code: Option<Code>) -> String {
    code.map_or_else(|| "CAST(NULL AS TEXT)".to_owned(), |code| format!("'{code}'"))
}

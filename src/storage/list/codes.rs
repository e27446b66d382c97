//! The codes as an expression over a million users at once.
//!
//! [`diagnose`](crate::domain::codes::diagnose) is what the codes mean; this says the same in SQL, for
//! filtering and counting, and a property test holds it to that. What a site's own record decides comes from
//! Rust as a constant.

use crate::domain::codes::{AccessRules, Code, SiteFacts, State, site_states};
use crate::domain::entities::{customer, external_access, party, user};
use crate::storage::db::Row;
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause, any, is_one_of_codes, literal};

/// The first failing code of the user in `t0` at a site, as text; NULL when nothing fails.
pub(super) fn first_failed(site: &SiteFacts, from: &mut FromClause, binds: &mut Binds) -> String {
    let of_site = |code| site_states(site).contains(&(code, State::Failed));
    let settings = [Code::CC008, Code::CC009].into_iter().find(|&code| of_site(code));
    let company = site.enterprise_company.as_ref().map(|company| binds.add(company.id));
    match (site.rules, company) {
        (AccessRules::Person, company) => by_person(company.as_deref(), settings, from),
        (AccessRules::ExternalAccess, None) => literal(Code::CC005.as_str()),
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
    let codes = codes.iter().map(|code| code.map_or("", Code::as_str));
    is_one_of_codes(&format!("coalesce({failed}, '')"), codes)
}

/// Nothing stops the user in `t0` at one of these sites.
pub(in crate::storage) fn nothing_fails<'a>(
    sites: impl IntoIterator<Item = &'a SiteFacts>,
    from: &mut FromClause,
    binds: &mut Binds,
) -> String {
    let ways = sites.into_iter().map(|site| format!("{} IS NULL", first_failed(site, from, binds)));
    any(&ways.collect::<Vec<_>>())
}

/// A code in a column of a row; NULL is none.
pub(super) fn read(row: &Row, column: usize) -> Result<Option<Code>, StorageError> {
    let code = row.opt_text(column)?;
    code.map(|code| code.parse().map_err(|_| StorageError::Other(format!("{code} is no code")))).transpose()
}

/// The codes of version 24, in the order of `docs/codes.md`: each is asked when none before it failed.
fn by_person(company: Option<&str>, settings: Option<Code>, from: &mut FromClause) -> String {
    let user = from.record();
    let person = from.follow(&user, &user::PERSON.def, &party::PARTY);
    let parent = from.column(&person, &party::PARENT_PARTY.def, "");
    let person = from.own(&user::PERSON.def);
    let customers = customer::CUSTOMER.table;
    let customer =
        |more: &str| format!("EXISTS (SELECT 1 FROM {customers} c WHERE c.party = {parent}{more})");
    let holds = [
        (Code::CC002, format!("{person} IS NOT NULL")),
        (Code::CC003, format!("{parent} IS NOT NULL")),
        (Code::CC004, customer("")),
    ];
    match company {
        None => first_of(&holds, Some(Code::CC005)),
        Some(company) => {
            let agreement = format!(" AND c.enterprise_company = {company}");
            let served = format!("{agreement} AND c.serviced_by IS NOT NULL");
            let more = [(Code::CC006, customer(&agreement)), (Code::CC007, customer(&served))];
            first_of(&[&holds[..], &more].concat(), settings)
        }
    }
}

/// The codes of version 26: CC007 waits for CC010, but the settings' codes come before CC010.
fn by_grant(company: &str, settings: Option<Code>) -> String {
    let (accesses, customers) = (external_access::EXTERNAL_ACCESS.table, customer::CUSTOMER.table);
    let granted = |more: &str| {
        format!(
            "EXISTS (SELECT 1 FROM {accesses} g JOIN {customers} c ON c.id = g.customer \
             WHERE g.user_id = t0.id AND c.enterprise_company = {company}{more})"
        )
    };
    let served = (Code::CC007, granted(" AND c.serviced_by IS NOT NULL"));
    first_of(&[(settings.unwrap_or(Code::CC010), granted("")), served], settings)
}

/// The first of these codes whose condition does not hold; when all hold, the last.
fn first_of(holds: &[(Code, String)], last: Option<Code>) -> String {
    let cases: String = holds
        .iter()
        .map(|(code, condition)| format!(" WHEN NOT ({condition}) THEN {}", literal(code.as_str())))
        .collect();
    format!("CASE{cases} ELSE {} END", literal_or_null(last))
}

fn literal_or_null(code: Option<Code>) -> String {
    code.map_or_else(|| "CAST(NULL AS TEXT)".to_owned(), |code| literal(code.as_str()))
}

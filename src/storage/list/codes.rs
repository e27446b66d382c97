//! The first failing code of a user at a site as an SQL expression, for filtering and counting up to a million users.
//!
//! [`diagnose`](crate::domain::codes::diagnose) defines the codes (`docs/codes.md`). A property test on both engines
//! checks that the expression here gives the same code. The codes that depend on the site alone are determined in Rust,
//! and are constants in the expression.

use jiff::civil::Date;

use crate::domain::codes::{AccessRules, Code, SiteFacts, State, site_states};
use crate::domain::entities::{customer, external_access, party, user};
use crate::storage::db::Row;
use crate::storage::error::StorageError;
use crate::storage::statement::{Binds, FromClause, any, is_one_of_codes, literal};

/// The Client Center at which the users of a list are judged, and the day.
#[derive(Clone, Copy, Debug)]
pub struct JudgedAt<'a> {
    /// The facts of the site.
    pub site: &'a SiteFacts,
    /// The day, with which the last days of accesses are compared.
    pub today: Date,
}

/// The SQL expression for the first failing code of the user `t0` at a site, as text; NULL when no code fails.
pub(super) fn first_failed(
    JudgedAt { site, today }: JudgedAt<'_>,
    from: &mut FromClause,
    binds: &mut Binds,
) -> String {
    let fails = |code| site_states(site).contains(&(code, State::Failed));
    let settings = [Code::CC008, Code::CC009].into_iter().find(|&code| fails(code));
    let company = site.enterprise_company.as_ref().map(|company| binds.add(company.id));
    match (site.rules, company) {
        (AccessRules::Person, company) => by_person(company.as_deref(), settings, from),
        (AccessRules::ExternalAccess, None) => literal(Code::CC005.as_str()),
        (AccessRules::ExternalAccess, Some(company)) => {
            by_grant(&company, &binds.add(today.to_string()), settings)
        }
    }
}

/// The SQL condition that the first failing code of the user `t0` at a site is one of these; `None` among them means
/// that no code fails.
pub(super) fn is_one_of(
    codes: &[Option<Code>],
    judged: JudgedAt<'_>,
    from: &mut FromClause,
    binds: &mut Binds,
) -> String {
    let failed = first_failed(judged, from, binds);
    // The empty text, which is no code, replaces NULL, because `IN` never matches NULL.
    let codes = codes.iter().map(|code| code.map_or("", Code::as_str));
    is_one_of_codes(&format!("coalesce({failed}, '')"), codes)
}

/// The SQL condition that no code fails for the user `t0` at one or more of these sites today.
pub(in crate::storage) fn nothing_fails<'a>(
    sites: impl IntoIterator<Item = &'a SiteFacts>,
    today: Date,
    from: &mut FromClause,
    binds: &mut Binds,
) -> String {
    let judged = sites.into_iter().map(|site| JudgedAt { site, today });
    let conditions = judged.map(|judged| format!("{} IS NULL", first_failed(judged, from, binds)));
    any(&conditions.collect::<Vec<_>>())
}

/// Reads a code from a column of a row; NULL gives `None`.
pub(super) fn read(row: &Row, column: usize) -> Result<Option<Code>, StorageError> {
    let code = row.opt_text(column)?;
    code.map(|code| code.parse().map_err(|_| StorageError::Other(format!("{code} is no code")))).transpose()
}

/// The first failing code under the rule set `Person` (`docs/codes.md`, The table). `company` is the placeholder of the
/// site's enterprise company; `settings` is the failing code of the site's settings.
fn by_person(company: Option<&str>, settings: Option<Code>, from: &mut FromClause) -> String {
    let user = from.record();
    let person = from.follow(&user, &user::PERSON.def, &party::PARTY);
    let parent = from.column(&person, &party::PARENT_PARTY.def, "");
    let person = from.own(&user::PERSON.def);
    let customers = customer::CUSTOMER.table;
    let customer =
        |condition: &str| format!("EXISTS (SELECT 1 FROM {customers} c WHERE c.party = {parent}{condition})");
    let codes = [
        (Code::CC002, format!("{person} IS NOT NULL")),
        (Code::CC003, format!("{parent} IS NOT NULL")),
        (Code::CC004, customer("")),
    ];
    match company {
        None => first_of(&codes, Some(Code::CC005)),
        Some(company) => {
            let agreement = format!(" AND c.enterprise_company = {company}");
            let served = format!("{agreement} AND c.serviced_by IS NOT NULL");
            let of_company = [(Code::CC006, customer(&agreement)), (Code::CC007, customer(&served))];
            first_of(&[&codes[..], &of_company].concat(), settings)
        }
    }
}

/// The first failing code under the rule set `ExternalAccess` (`docs/codes.md`, The table), for a site with an
/// enterprise company. `company` and `today` are the placeholders of the enterprise company and of the day. For a user
/// without an external access that has not ended CC007 is blocked: the lowest failing code is that of the
/// site's settings, otherwise CC010. For any other user it is CC007 when no location serves a customer, otherwise that
/// of the settings.
fn by_grant(company: &str, today: &str, settings: Option<Code>) -> String {
    let (accesses, customers) = (external_access::EXTERNAL_ACCESS.table, customer::CUSTOMER.table);
    let granted = |condition: &str| {
        format!(
            "EXISTS (SELECT 1 FROM {accesses} g JOIN {customers} c ON c.id = g.customer \
             WHERE g.user_id = t0.id AND c.enterprise_company = {company} \
               AND (g.valid_until IS NULL OR g.valid_until >= {today}){condition})"
        )
    };
    let served = (Code::CC007, granted(" AND c.serviced_by IS NOT NULL"));
    first_of(&[(settings.unwrap_or(Code::CC010), granted("")), served], settings)
}

/// The expression for the first of these codes whose condition does not hold; for `last` when all conditions hold.
fn first_of(codes: &[(Code, String)], last: Option<Code>) -> String {
    let cases: String = codes
        .iter()
        .map(|(code, condition)| format!(" WHEN NOT ({condition}) THEN {}", literal(code.as_str())))
        .collect();
    format!("CASE{cases} ELSE {} END", literal_or_null(last))
}

fn literal_or_null(code: Option<Code>) -> String {
    code.map_or_else(|| "CAST(NULL AS TEXT)".to_owned(), |code| literal(code.as_str()))
}

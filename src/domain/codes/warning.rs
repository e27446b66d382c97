//! Warnings, which are shown beside the codes and prevent nothing (`docs/codes.md`, Warnings).

use std::fmt;

use jiff::civil::Date;

use super::facts::{CustomerFacts, Facts, LookAlike, UserFacts};
use crate::domain::entities::user::{self, UserType};
use crate::domain::model::instant::Instant;
use crate::domain::model::{mail_domain, text};

/// A circumstance that the operator should know before the user gets access. Its `Display` is a short text that can
/// contain stored text: clean it ([`text::clean`]) before it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The user is inactive.
    UserInactive,
    /// The user is locked out until the contained time.
    LockedUntil(Instant),
    /// The user is of a type that cannot sign in.
    CannotSignIn(UserType),
    /// The user's e-mail address is not confirmed.
    EmailNotConfirmed,
    /// The user's person is inactive.
    PersonInactive,
    /// The person's parent party is inactive.
    ParentPartyInactive,
    /// The customer with this label is inactive: *A* or one in *G* (`docs/codes.md`, Facts).
    CustomerInactive(String),
    /// The agreement of the customer with this label ended on this date.
    CustomerEnded(String, Date),
    /// The agreement of the customer with this label begins on this date, which is to come.
    CustomerNotBegun(String, Date),
    /// The web site is inactive.
    SiteInactive,
    /// The user's external access to the customer with this label ended on this date and opens nothing.
    AccessEnded(String, Date),
    /// Days Back Access to the customer with this label is empty, so the user sees data of any age.
    DaysBackUnlimited(String),
    /// The named field (`login`, `name` or `e-mail`) mixes scripts, as look-alikes do.
    MixedScripts(&'static str),
    /// The user's login or e-mail looks like this one of another user.
    Resembles(LookAlike),
    /// A company is claimed, but the e-mail address is of a free mail service.
    FreeMail,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserInactive => f.write_str("user inactive"),
            Self::LockedUntil(end) => {
                write!(f, "locked until {}", end.civil().strftime("%Y-%m-%d %H:%M UTC"))
            }
            Self::CannotSignIn(kind) => write!(f, "type {} cannot sign in", kind.code()),
            Self::EmailNotConfirmed => f.write_str("e-mail not confirmed"),
            Self::PersonInactive => f.write_str("person inactive"),
            Self::ParentPartyInactive => f.write_str("parent party inactive"),
            Self::CustomerInactive(customer) => write!(f, "customer {customer} inactive"),
            Self::CustomerEnded(customer, date) => write!(f, "customer {customer} ended {date}"),
            Self::CustomerNotBegun(customer, date) => write!(f, "customer {customer} begins {date}"),
            Self::SiteInactive => f.write_str("site inactive"),
            Self::AccessEnded(customer, date) => write!(f, "access to {customer} ended on {date}"),
            Self::DaysBackUnlimited(customer) => write!(f, "Days Back empty (unlimited) at {customer}"),
            Self::MixedScripts(field) => write!(f, "{field} mixes scripts"),
            Self::Resembles(LookAlike { field, text }) => {
                let what = if **field == user::EMAIL.def { "e-mail" } else { "login" };
                write!(f, "resembles the {what} {text}")
            }
            Self::FreeMail => f.write_str("free-mail address with a claimed company"),
        }
    }
}

/// The warnings of the facts, in the order of `docs/codes.md`, Warnings. They do not depend on the site's rule set.
pub(super) fn warnings(facts: &Facts) -> Vec<Warning> {
    let mut found = Vec::new();
    push_user(facts, &mut found);
    push_parties(facts, &mut found);
    if !facts.site.active {
        found.push(Warning::SiteInactive);
    }
    let ended = facts.ended().map(|(grant, last)| Warning::AccessEnded(grant.customer.label(), last));
    found.extend(ended);
    let unlimited = facts.granted().filter(|grant| grant.days_back.is_none());
    found.extend(unlimited.map(|grant| Warning::DaysBackUnlimited(grant.customer.label())));
    found.extend(identity_warnings(&facts.user));
    found
}

fn push_user(facts: &Facts, found: &mut Vec<Warning>) {
    let user = &facts.user;
    if !user.active {
        found.push(Warning::UserInactive);
    }
    found.extend(user.locked_until.filter(|&end| end > facts.now.into()).map(Warning::LockedUntil));
    if !user.user_type.can_sign_in() {
        found.push(Warning::CannotSignIn(user.user_type));
    }
    if user.email.is_some() && !user.email_confirmed {
        found.push(Warning::EmailNotConfirmed);
    }
}

fn push_parties(facts: &Facts, found: &mut Vec<Warning>) {
    if facts.user.person.as_ref().is_some_and(|person| !person.active) {
        found.push(Warning::PersonInactive);
    }
    if facts.parent_party().is_some_and(|party| !party.active) {
        found.push(Warning::ParentPartyInactive);
    }
    let agreement = facts.agreement();
    let granted = facts.granted().map(|grant| &grant.customer);
    let others = granted.filter(|customer| agreement.is_none_or(|agreement| agreement.id != customer.id));
    for customer in agreement.into_iter().chain(others) {
        push_customer(customer, facts.today, found);
    }
}

fn push_customer(customer: &CustomerFacts, today: Date, found: &mut Vec<Warning>) {
    if !customer.active {
        found.push(Warning::CustomerInactive(customer.label()));
    }
    if let Some(thru) = customer.thru_date.filter(|&thru| thru < today) {
        found.push(Warning::CustomerEnded(customer.label(), thru));
    }
    if let Some(from) = customer.from_date.filter(|&from| from > today) {
        found.push(Warning::CustomerNotBegun(customer.label(), from));
    }
}

/// The warnings about who a user is: texts that mix scripts, look-alikes, and a free-mail address with a claimed company.
pub fn identity_warnings(user: &UserFacts) -> Vec<Warning> {
    let mut found = Vec::new();
    let email = user.email.as_deref().unwrap_or_default();
    // The login is usually the e-mail address: one warning is enough for both.
    let login = if text::key(&user.login) == text::key(email) { "" } else { &user.login };
    for (field, value) in [("login", login), ("name", &user.name), ("e-mail", email)] {
        if text::mixes_scripts(value) {
            found.push(Warning::MixedScripts(field));
        }
    }
    found.extend(user.resembles.clone().map(Warning::Resembles));
    let claims = user.company_name.as_deref().is_some_and(|name| !name.trim().is_empty());
    if claims && text::email_domain(email).is_some_and(mail_domain::is_free_mail) {
        found.push(Warning::FreeMail);
    }
    found
}

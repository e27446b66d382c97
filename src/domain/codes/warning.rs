//! Warnings: carry no code, never block, and are always shown beside the codes (`docs/codes.md`).

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::facts::{CustomerFacts, Facts};
use crate::domain::entities::user::UserType;
use crate::domain::model::text;

/// Something the operator should know before letting a user in. Displayed in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The user is switched off.
    UserInactive,
    /// The user is locked out until then.
    LockedUntil(Timestamp),
    /// Users of this type never sign in.
    CannotSignIn(UserType),
    /// There is an e-mail address that nobody confirmed.
    EmailNotConfirmed,
    /// The user's person is inactive.
    PersonInactive,
    /// The person's parent party is inactive.
    ParentPartyInactive,
    /// A customer the user would enter for is inactive.
    CustomerInactive(String),
    /// Its last day is over.
    CustomerEnded(String, Date),
    /// Its first day is still to come.
    CustomerNotBegun(String, Date),
    /// The web site is inactive.
    SiteInactive,
    /// Days Back is empty, so the user sees everything of this customer.
    DaysBackUnlimited(String),
    /// The named field mixes scripts, as look-alikes do.
    MixedScripts(&'static str),
    /// The login can be taken for this other one.
    Resembles(String),
    /// A company is claimed from an address that anybody can have.
    FreeMail,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserInactive => f.write_str("user inactive"),
            Self::LockedUntil(end) => write!(f, "locked until {}", end.strftime("%Y-%m-%d %H:%M UTC")),
            Self::CannotSignIn(kind) => write!(f, "type {} cannot sign in", kind.code()),
            Self::EmailNotConfirmed => f.write_str("e-mail not confirmed"),
            Self::PersonInactive => f.write_str("person inactive"),
            Self::ParentPartyInactive => f.write_str("parent party inactive"),
            Self::CustomerInactive(customer) => write!(f, "customer {customer} inactive"),
            Self::CustomerEnded(customer, date) => write!(f, "customer {customer} ended {date}"),
            Self::CustomerNotBegun(customer, date) => write!(f, "customer {customer} begins {date}"),
            Self::SiteInactive => f.write_str("site inactive"),
            Self::DaysBackUnlimited(customer) => write!(f, "Days Back empty (unlimited) at {customer}"),
            Self::MixedScripts(field) => write!(f, "{field} mixes scripts"),
            Self::Resembles(login) => write!(f, "resembles the login {login}"),
            Self::FreeMail => f.write_str("free-mail address with a claimed company"),
        }
    }
}

/// Every warning that the facts give rise to, whichever rule set the site applies.
pub(super) fn warnings(facts: &Facts) -> Vec<Warning> {
    let mut found = Vec::new();
    of_user(facts, &mut found);
    of_parties(facts, &mut found);
    if !facts.site.active {
        found.push(Warning::SiteInactive);
    }
    let unlimited = facts.granted().filter(|grant| grant.days_back.is_none());
    found.extend(unlimited.map(|grant| Warning::DaysBackUnlimited(grant.customer.label())));
    of_identity(facts, &mut found);
    found
}

fn of_user(facts: &Facts, found: &mut Vec<Warning>) {
    let user = &facts.user;
    if !user.active {
        found.push(Warning::UserInactive);
    }
    found.extend(user.locked_until.filter(|&end| end > facts.now).map(Warning::LockedUntil));
    if !user.user_type.can_sign_in() {
        found.push(Warning::CannotSignIn(user.user_type));
    }
    if user.email.is_some() && !user.email_confirmed {
        found.push(Warning::EmailNotConfirmed);
    }
}

fn of_parties(facts: &Facts, found: &mut Vec<Warning>) {
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
        of_customer(customer, facts.today, found);
    }
}

fn of_customer(customer: &CustomerFacts, today: Date, found: &mut Vec<Warning>) {
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

fn of_identity(facts: &Facts, found: &mut Vec<Warning>) {
    let user = &facts.user;
    let email = user.email.as_deref().unwrap_or_default();
    // A login is mostly the e-mail address: one warning is enough then.
    let login = if text::key(&user.login) == text::key(email) { "" } else { &user.login };
    for (field, value) in [("login", login), ("name", &user.name), ("e-mail", email)] {
        if text::mixes_scripts(value) {
            found.push(Warning::MixedScripts(field));
        }
    }
    found.extend(user.resembles.clone().map(Warning::Resembles));
    let claims = user.company_name.as_deref().is_some_and(|name| !name.trim().is_empty());
    if claims && text::email_domain(email).is_some_and(text::is_free_mail) {
        found.push(Warning::FreeMail);
    }
}

//! The codes CC002 to CC010, which say why a user cannot enter a Client Center (`docs/codes.md`).
//!
//! [`diagnose`] is the only definition of the codes: the validation pane, the sign-in, the sign-in preview and
//! `ccdesk check` call it, and tests compare the SQL of the Access column with it. It depends on [`Facts`] alone, so it
//! judges stored records and unsaved drafts alike.

mod code;
mod explanation;
mod facts;
mod place;
mod repair;
mod warning;

pub use code::Owner;
pub use facts::{CustomerFacts, Facts, GrantFacts, LookAlike, PartyFacts, PersonFacts, SiteFacts, UserFacts};
pub use place::Place;
pub use repair::Repair;
pub use warning::{Warning, identity_warnings};

pub use crate::domain::entities::external_access::{MOST_DAYS_BACK, Role, oldest_visible};
pub use crate::domain::entities::user::UserType;
pub use crate::domain::entities::web_site::{AccessRules, Settings, SettingsError, check_settings};
pub use crate::domain::model::code::Code;

use crate::domain::model::value::RecordId;

/// The state of one code for one user at one site (`docs/codes.md`, States).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing is missing.
    Ok,
    /// Something is missing.
    Failed,
    /// The code cannot be judged before the contained code is repaired.
    Blocked(Code),
    /// The site's rule set does not include the code.
    Unused,
}

impl State {
    /// The word for the state in reports: `ok`, `failed`, `blocked`, `unused`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Blocked(_) => "blocked",
            Self::Unused => "unused",
        }
    }

    fn from_holds(holds: bool) -> Self {
        if holds { Self::Ok } else { Self::Failed }
    }
}

/// The state of CC007 for one customer to which the user has external access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomerState {
    /// The id of the customer.
    pub customer: RecordId,
    /// [`State::Ok`] when a location serves the customer, else [`State::Failed`].
    pub state: State,
}

/// The result of [`diagnose`]: the state of every code for one user at one site, and warnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The rule set of the site.
    pub rules: AccessRules,
    states: States,
    /// The state of CC007 for each customer in *G* (`docs/codes.md`, Facts). Empty under [`AccessRules::Person`] and
    /// while CC007 is blocked.
    pub customers: Vec<CustomerState>,
    /// The warnings, in the order of `docs/codes.md`, Warnings.
    pub warnings: Vec<Warning>,
}

impl Diagnosis {
    /// The state of one code.
    pub fn state(&self, code: Code) -> State {
        self.states.get(code)
    }

    /// Every code with its state, in the order of [`Code::ALL`].
    pub fn states(&self) -> impl Iterator<Item = (Code, State)> {
        Code::ALL.into_iter().map(|code| (code, self.state(code)))
    }

    /// The failed codes, lowest first.
    pub fn failed(&self) -> impl Iterator<Item = Code> {
        Code::ALL.into_iter().filter(|&code| self.state(code) == State::Failed)
    }

    /// The code that blocks `code`; `None` unless `code` is blocked.
    pub fn blocked_by(&self, code: Code) -> Option<Code> {
        match self.state(code) {
            State::Blocked(blocker) => Some(blocker),
            State::Ok | State::Failed | State::Unused => None,
        }
    }

    /// The code that a sign-in shows: the lowest failed one; `None` when the user may enter (`docs/codes.md`, Sign-in).
    pub fn sign_in(&self) -> Option<Code> {
        self.failed().next()
    }

    /// Whether no code failed, so that the user may enter.
    pub fn all_ok(&self) -> bool {
        // A blocked code needs no test of its own: the code that blocks it, directly or through others, has failed.
        self.sign_in().is_none()
    }
}

/// Judges every code for one user at one site (`docs/codes.md`, The table).
pub fn diagnose(facts: &Facts) -> Diagnosis {
    let rules = facts.site.rules;
    let settings = check_settings(facts.site.settings_text());
    let states = States::judge(rules, |code| holds(code, facts, &settings));
    let customers = match (rules, states.get(Code::CC007)) {
        (AccessRules::ExternalAccess, State::Ok | State::Failed) => {
            let customer_state = |grant: &GrantFacts| CustomerState {
                customer: grant.customer.id,
                state: State::from_holds(grant.customer.location.is_some()),
            };
            facts.granted().map(customer_state).collect()
        }
        _ => Vec::new(),
    };
    Diagnosis { rules, states, customers, warnings: warning::warnings(facts) }
}

/// The states of CC005, CC008 and CC009, which depend on the site alone and are the same for every user.
///
/// The SQL that judges many users at once takes these states from here and computes only those of the other codes.
pub fn site_states(site: &SiteFacts) -> [(Code, State); 3] {
    let settings = check_settings(site.settings_text());
    let states = States::judge(site.rules, |code| site_holds(code, site, &settings));
    [Code::CC005, Code::CC008, Code::CC009].map(|code| (code, states.get(code)))
}

/// The states of all codes, indexed as [`Code::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
struct States([State; Code::ALL.len()]);

impl States {
    /// The codes in the order of judging: each after every code that can block it. CC007 is last because, under
    /// [`AccessRules::ExternalAccess`], CC010 blocks it.
    const ORDER: [Code; Code::ALL.len()] = {
        use Code::{CC002, CC003, CC004, CC005, CC006, CC007, CC008, CC009, CC010};
        [CC002, CC003, CC004, CC005, CC006, CC008, CC009, CC010, CC007]
    };

    /// Judges the codes of a rule set; `holds` is called only for codes that no other code blocks.
    fn judge(rules: AccessRules, holds: impl Fn(Code) -> bool) -> Self {
        let mut states = Self([State::Unused; Code::ALL.len()]);
        for code in Self::ORDER.into_iter().filter(|&code| rules.includes(code)) {
            let blocker = code.waits_for(rules).iter().find(|&&other| states.get(other) != State::Ok);
            states.0[code as usize] =
                blocker.map_or_else(|| State::from_holds(holds(code)), |&other| State::Blocked(other));
        }
        states
    }

    fn get(&self, code: Code) -> State {
        self.0[code as usize]
    }
}

/// Whether the requirement of an unblocked code is met.
fn holds(code: Code, facts: &Facts, settings: &Result<Settings, SettingsError>) -> bool {
    match code {
        Code::CC002 => facts.user.person.is_some(),
        Code::CC003 => facts.parent_party().is_some(),
        Code::CC004 => !facts.customers().is_empty(),
        Code::CC006 => facts.agreement().is_some(),
        Code::CC007 => match facts.site.rules {
            AccessRules::Person => facts.agreement().is_some_and(|agreement| agreement.location.is_some()),
            AccessRules::ExternalAccess => facts.granted().any(|grant| grant.customer.location.is_some()),
        },
        Code::CC010 => facts.granted().next().is_some(),
        Code::CC005 | Code::CC008 | Code::CC009 => site_holds(code, &facts.site, settings),
    }
}

/// Whether the requirement of CC005, CC008 or CC009 is met; `true` for every code that is not of the site.
fn site_holds(code: Code, site: &SiteFacts, settings: &Result<Settings, SettingsError>) -> bool {
    match code {
        Code::CC005 => site.enterprise_company.is_some(),
        Code::CC008 => settings.is_ok(),
        Code::CC009 => settings.as_ref().is_ok_and(|found| found.problem(&site.sales_order_types).is_none()),
        _ => true,
    }
}

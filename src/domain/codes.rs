//! The codes CC002 to CC010: who may enter a Client Center, and what is missing (`docs/codes.md`).
//!
//! [`diagnose`] is the one meaning of the codes: the validation pane, the Access column, the sign-in, the
//! command line and every report call it. It sees [`Facts`] only, so it judges an unsaved draft as readily
//! as what is stored.

mod code;
mod explanation;
mod facts;
mod place;
mod repair;
mod warning;

pub use code::Owner;
pub use facts::{CustomerFacts, Facts, GrantFacts, PartyFacts, PersonFacts, SiteFacts, UserFacts};
pub use place::Place;
pub use repair::Repair;
pub use warning::Warning;

pub use crate::domain::entities::external_access::{MOST_DAYS_BACK, Role, oldest_visible};
pub use crate::domain::entities::user::UserType;
pub use crate::domain::entities::web_site::{AccessRules, Settings, SettingsError, check_settings};
pub use crate::domain::model::code::Code;

use crate::domain::model::value::RecordId;

/// What one code says about one user at one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing is missing.
    Ok,
    /// Something is missing.
    Failed,
    /// It cannot be judged until the named code is repaired, which is itself `Failed`.
    Blocked(Code),
    /// This site's rule set does not ask it.
    Unused,
}

impl State {
    /// The word for this state in reports: `ok`, `failed`, `blocked`, `unused`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Blocked(_) => "blocked",
            Self::Unused => "unused",
        }
    }

    fn of(holds: bool) -> Self {
        if holds { Self::Ok } else { Self::Failed }
    }
}

/// CC007 of one customer that the user has external access to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomerState {
    /// The customer.
    pub customer: RecordId,
    /// `Ok` or `Failed`.
    pub state: State,
}

/// What [`diagnose`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The site's rule set.
    pub rules: AccessRules,
    states: States,
    /// CC007 customer by customer; only under [`AccessRules::ExternalAccess`] and when it can be judged.
    pub customers: Vec<CustomerState>,
    /// What the operator should see beside the codes, in the order of `docs/codes.md`.
    pub warnings: Vec<Warning>,
}

impl Diagnosis {
    /// The state of one code.
    pub fn state(&self, code: Code) -> State {
        self.states.get(code)
    }

    /// Every code and its state, in order.
    pub fn states(&self) -> impl Iterator<Item = (Code, State)> {
        Code::ALL.into_iter().map(|code| (code, self.state(code)))
    }

    /// The codes to be repaired, in order.
    pub fn failed(&self) -> impl Iterator<Item = Code> {
        Code::ALL.into_iter().filter(|&code| self.state(code) == State::Failed)
    }

    /// The code that has to be repaired before this one can be judged.
    pub fn blocked_by(&self, code: Code) -> Option<Code> {
        match self.state(code) {
            State::Blocked(earlier) => Some(earlier),
            State::Ok | State::Failed | State::Unused => None,
        }
    }

    /// The code that a sign-in shows: the lowest that failed.
    pub fn sign_in(&self) -> Option<Code> {
        self.failed().next()
    }

    /// Whether the user may enter: nothing that the site asks is missing.
    pub fn all_ok(&self) -> bool {
        // What is blocked is blocked by something that failed.
        self.sign_in().is_none()
    }
}

/// Judges every code for one user at one site (`docs/codes.md`).
pub fn diagnose(facts: &Facts) -> Diagnosis {
    let rules = facts.site.rules;
    let settings = check_settings(facts.site.settings_text());
    let states = States::judge(rules, |code| holds(code, facts, &settings));
    let customers = match (rules, states.get(Code::CC007)) {
        (AccessRules::ExternalAccess, State::Ok | State::Failed) => {
            let each = |grant: &GrantFacts| CustomerState {
                customer: grant.customer.id,
                state: State::of(grant.customer.location.is_some()),
            };
            facts.granted().map(each).collect()
        }
        _ => Vec::new(),
    };
    Diagnosis { rules, states, customers, warnings: warning::warnings(facts) }
}

/// CC005, CC008 and CC009: what a site's own record decides, for every user alike.
///
/// A statement that judges many users at once takes these from here and expresses only the others.
pub fn site_states(site: &SiteFacts) -> [(Code, State); 3] {
    let settings = check_settings(site.settings_text());
    let states = States::judge(site.rules, |code| site_holds(code, site, &settings));
    [Code::CC005, Code::CC008, Code::CC009].map(|code| (code, states.get(code)))
}

/// The states of all codes, by [`Code::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
struct States([State; Code::ALL.len()]);

impl States {
    /// Each code after all that can block it: under `ExternalAccess` CC007 waits for CC010.
    const ORDER: [Code; Code::ALL.len()] = {
        use Code::{CC002, CC003, CC004, CC005, CC006, CC007, CC008, CC009, CC010};
        [CC002, CC003, CC004, CC005, CC006, CC008, CC009, CC010, CC007]
    };

    /// Asks `holds` about the codes that `rules` use and that nothing blocks.
    fn judge(rules: AccessRules, holds: impl Fn(Code) -> bool) -> Self {
        let mut states = Self([State::Unused; Code::ALL.len()]);
        for code in Self::ORDER.into_iter().filter(|&code| rules.asks(code)) {
            let blocker = code.waits_for(rules).iter().find(|&&earlier| states.get(earlier) != State::Ok);
            states.0[code as usize] = blocker.map_or_else(|| State::of(holds(code)), |&b| State::Blocked(b));
        }
        states
    }

    fn get(&self, code: Code) -> State {
        self.0[code as usize]
    }
}

/// Whether nothing is missing for a code that no other code blocks.
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

/// As [`holds`], for the codes of the site; says yes to every other.
fn site_holds(code: Code, site: &SiteFacts, settings: &Result<Settings, SettingsError>) -> bool {
    match code {
        Code::CC005 => site.enterprise_company.is_some(),
        Code::CC008 => settings.is_ok(),
        Code::CC009 => settings.as_ref().is_ok_and(|found| found.problem(&site.sales_order_types).is_none()),
        _ => true,
    }
}

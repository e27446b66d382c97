//! What was found out about a candidate, and how sure that makes it.

use std::collections::BTreeSet;

use super::reason::{Family, Reason, Weight};
use super::{Candidate, Level, MOST_CANDIDATES};
use crate::domain::model::value::RecordId;

/// A candidate with everything that speaks for and against it.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// The id of the party.
    pub(super) id: RecordId,
    /// Its party code.
    pub(super) party_code: String,
    /// The text with which it is shown.
    pub(super) shown: String,
    /// The login of a person who has one that can sign in.
    pub(super) has_login: Option<String>,
    /// Whether one of the reasons says who it is, beside where it works. A company needs none.
    pub(super) is_identified: bool,
    reasons: Vec<Reason>,
}

impl Evidence {
    /// A candidate for which nothing speaks yet.
    pub(super) fn of(id: RecordId, party_code: &str, shown: &str) -> Self {
        Self {
            id,
            party_code: party_code.to_owned(),
            shown: shown.to_owned(),
            has_login: None,
            is_identified: true,
            reasons: Vec::new(),
        }
    }

    /// Adds a reason, once.
    pub(super) fn add(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Whether the reason was found.
    pub(super) fn has(&self, reason: &Reason) -> bool {
        self.reasons.contains(reason)
    }

    /// The independent families of reasons that agree.
    pub(super) fn families(&self) -> BTreeSet<Family> {
        let families = self.reasons.iter().filter_map(|reason| match reason.weight() {
            Weight::Strong(family) => Some(family),
            Weight::Weak | Weight::Against | Weight::Note => None,
        });
        families.collect()
    }

    fn count(&self, weight: Weight) -> usize {
        self.reasons.iter().filter(|reason| reason.weight() == weight).count()
    }

    /// Whether something contradicts.
    pub(super) fn is_contradicted(&self) -> bool {
        self.count(Weight::Against) > 0
    }

    /// Whether anything speaks for the candidate.
    pub(super) fn is_any(&self) -> bool {
        !self.families().is_empty() || self.count(Weight::Weak) > 0
    }

    /// Whether the candidate could be certain, if there were no others.
    fn is_eligible(&self) -> bool {
        self.is_identified && self.families().len() >= 2 && !self.is_contradicted()
    }

    /// Whether the candidate comes near `first`, which could be certain.
    fn comes_near(&self, first: &Self) -> bool {
        let (own, others) = (self.families().len(), first.families().len());
        // Of somebody with the whole name and somebody whose middle name is not known it is the first.
        let is_shorter = self.has(&Reason::SameNameShorter) && first.has(&Reason::SameName) && own <= others;
        self.is_identified && !is_shorter && (self.is_eligible() || own >= others)
    }

    fn level(&self, all: &[Self]) -> Level {
        let others = || all.iter().filter(|other| other.id != self.id);
        let (families, weak) = (self.families().len(), self.count(Weight::Weak));
        if self.is_eligible() && !others().any(|other| other.comes_near(self)) {
            return Level::Certain;
        }
        let speaks_much = families >= 2 || (families == 1 && weak >= 1);
        let is_alone =
            families == 1 && !others().any(|other| !other.families().is_empty() && !other.is_contradicted());
        let says_nothing_else = self.is_identified && is_alone && !self.is_contradicted();
        if speaks_much && (!self.is_contradicted() || families >= 3) || says_nothing_else {
            Level::Likely
        } else {
            Level::Possible
        }
    }
}

/// The candidates in the order in which they are proposed: by level, those with a login first, then by what speaks for
/// them; at most [`MOST_CANDIDATES`]. Beside one that is certain those that are only possible are left out.
pub(super) fn candidates(all: Vec<Evidence>) -> Vec<Candidate> {
    let all: Vec<Evidence> = all.into_iter().filter(Evidence::is_any).collect();
    let levels: Vec<Level> = all.iter().map(|evidence| evidence.level(&all)).collect();
    let least = if levels.contains(&Level::Certain) { Level::Likely } else { Level::Possible };
    let mut levelled: Vec<(Level, Evidence)> =
        levels.into_iter().zip(all).filter(|(level, _)| *level >= least).collect();
    levelled.sort_by_key(|(level, evidence)| {
        let speaks = evidence.families().len() * 2 + evidence.count(Weight::Weak);
        let order = (*level, evidence.has_login.is_some(), speaks, !evidence.is_contradicted());
        (std::cmp::Reverse(order), evidence.id)
    });
    levelled.truncate(MOST_CANDIDATES);
    levelled.into_iter().map(|(level, evidence)| evidence.candidate(level)).collect()
}

impl Evidence {
    fn candidate(self, level: Level) -> Candidate {
        let mut reasons = self.reasons;
        reasons.sort_by_key(|reason| match reason.weight() {
            Weight::Strong(family) => (0, Some(family)),
            Weight::Weak => (1, None),
            Weight::Against => (2, None),
            Weight::Note => (3, None),
        });
        let Self { id, party_code, shown, has_login, .. } = self;
        Candidate { id, party_code, shown, level, reasons, has_login }
    }
}

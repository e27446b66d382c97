//! Why the objects that still wait at the end of an input are not applied.

use std::collections::HashMap;

use crate::domain::model::value::RecordId;
use crate::service::exchange::trouble::Missing;

/// The most refused objects that are remembered.
const MOST_REFUSED: usize = 100_000;

/// The objects of an input that are not applied, by their ids.
#[derive(Default)]
pub(super) struct Unmet {
    /// The lines of those that were refused.
    refused: HashMap<RecordId, u64>,
    /// The lines of those that wait, and the ids of the records for which they wait.
    waiting: HashMap<RecordId, (u64, Option<RecordId>)>,
}

impl Unmet {
    /// Remembers an object that was refused.
    pub(super) fn refused(&mut self, id: RecordId, line: u64) {
        if self.refused.len() < MOST_REFUSED {
            self.refused.insert(id, line);
        }
    }

    /// Remembers an object that still waits at the end.
    pub(super) fn waits(&mut self, id: RecordId, line: u64, missing: &Missing) {
        let awaited = missing.reference.as_ref().map(|reference| RecordId(reference.id));
        self.waiting.insert(id, (line, awaited));
    }

    /// Why an object that waits is not applied, in one sentence.
    pub(super) fn reason(&self, own_id: Option<RecordId>, missing: &Missing) -> String {
        let Some(reference) = &missing.reference else { return missing.sentence.clone() };
        let (written, awaited) = (&reference.written, RecordId(reference.id));
        if own_id.is_some_and(|own| self.leads_to(awaited, own)) {
            return format!(
                "{written} needs this object itself; leave this reference out, and add it later."
            );
        }
        match (self.refused.get(&awaited), self.waiting.get(&awaited)) {
            (Some(line), _) => format!("{written} was refused (line {line})."),
            (None, Some((line, _))) => format!("{written} lacks something itself (line {line})."),
            (None, None) => missing.sentence.clone(),
        }
    }

    /// Whether the object `from` waits for `own`, directly or through others.
    fn leads_to(&self, from: RecordId, own: RecordId) -> bool {
        let mut at = from;
        // Longer than there are objects is a circle beside this object.
        for _ in 0..=self.waiting.len() {
            if at == own {
                return true;
            }
            let Some((_, Some(next))) = self.waiting.get(&at) else { return false };
            at = *next;
        }
        false
    }
}

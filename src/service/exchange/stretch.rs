//! A stretch of an import: objects that are applied in one transaction.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::model::history::OperationId;
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::RecordId;
use crate::service::World;
use crate::service::exchange::Options;
use crate::service::exchange::apply::{Applied, Applier, Nested, State};
use crate::service::exchange::notes::Notes;
use crate::service::exchange::object::Incoming;
use crate::service::exchange::reader::Object;
use crate::service::exchange::trouble::Trouble;
use crate::storage::db::Tx;
use crate::storage::error::StorageError;

/// The longest time for which a transaction takes on further objects, so that whoever waits for its locks gets them in
/// time.
const LONGEST: SignedDuration = SignedDuration::from_millis(500);

/// The time for which the lock of an SQLite file is left free after [`LONGEST`]: another program that waits for it looks
/// every tenth of a second.
const REST: Duration = Duration::from_millis(110);

/// Why an object with a lone surrogate is refused.
const LONE_SURROGATE: &str = "A text of it has a lone surrogate, which is no character.";

/// The result of one object.
pub(super) struct Verdict {
    /// The id of the object itself.
    pub own_id: Option<RecordId>,
    /// How the object is named in messages; `None` when it is malformed.
    pub described: Option<String>,
    /// What there is to say of it besides its result.
    pub remarks: Option<String>,
    /// Whether it may have written nested objects although it failed.
    pub wrote_nested: bool,
    /// What was done.
    pub result: Result<Applied, Trouble>,
    /// Ids of objects that their records do not keep, each with the id of the record.
    pub other_ids: Vec<(RecordId, RecordId)>,
    /// The objects of its child collections, which follow it.
    pub children: Vec<Object>,
}

/// When a stretch ends before its objects do.
pub(super) struct End<'a> {
    /// The source of the time.
    pub world: &'a World,
    /// The options of the import, among them whether it is asked to stop.
    pub options: &'a Options,
    /// The beginning of the stretch; `None` when its time is not limited.
    pub began: Option<Timestamp>,
}

impl End<'_> {
    fn is_reached(&self) -> bool {
        let is_over = |began| (self.world.now)().duration_since(began) >= LONGEST;
        self.options.stop.is_requested() || self.began.is_some_and(is_over)
    }
}

/// Applies objects in the caller's transaction until one [`End`] is reached, at least one. With [`Nested::Find`] they
/// share a savepoint, which costs as much as a small statement; when the database refuses one of them, and with
/// [`Nested::Create`], each object has its own.
pub(super) async fn apply(
    tx: &mut Tx,
    applier: &Applier<'_>,
    objects: &[&Object],
    usual: Option<&'static EntityDef>,
    end: &End<'_>,
) -> Result<Vec<Verdict>, StorageError> {
    if applier.nested == Nested::Find
        && let Some(verdicts) = in_one_step(tx, applier, objects, usual, end).await?
    {
        return Ok(verdicts);
    }
    let mut verdicts = Vec::new();
    for object in objects {
        tx.set_savepoint().await?;
        let verdict = apply_one(tx, applier, object, usual).await?;
        if verdict.result.is_err() {
            tx.rollback_to_savepoint().await?;
        }
        tx.release_savepoint().await?;
        verdicts.push(verdict);
        if end.is_reached() {
            break;
        }
    }
    Ok(verdicts)
}

/// Applies objects under one savepoint. `None` when the database refused one, or one failed that may have written nested
/// objects; then nothing of them is written.
async fn in_one_step(
    tx: &mut Tx,
    applier: &Applier<'_>,
    objects: &[&Object],
    usual: Option<&'static EntityDef>,
    end: &End<'_>,
) -> Result<Option<Vec<Verdict>>, StorageError> {
    let mut verdicts = Vec::new();
    tx.set_savepoint().await?;
    for object in objects {
        let verdict = apply_one(tx, applier, object, usual).await?;
        if verdict.result.as_ref().is_err_and(|trouble| verdict.wrote_nested || trouble.is_refusal()) {
            tx.rollback_to_savepoint().await?;
            tx.release_savepoint().await?;
            return Ok(None);
        }
        verdicts.push(verdict);
        if end.is_reached() {
            break;
        }
    }
    tx.release_savepoint().await?;
    Ok(Some(verdicts))
}

async fn apply_one(
    tx: &mut Tx,
    applier: &Applier<'_>,
    object: &Object,
    usual: Option<&'static EntityDef>,
) -> Result<Verdict, StorageError> {
    let incoming = match Incoming::read(object.properties.clone(), usual) {
        Ok(incoming) => incoming,
        Err(sentence) => {
            let result = Err(Trouble::Wrong(sentence));
            return Ok(Verdict {
                own_id: None,
                described: None,
                remarks: None,
                wrote_nested: false,
                result,
                other_ids: Vec::new(),
                children: Vec::new(),
            });
        }
    };
    let (result, notes) = if object.has_lone_surrogate {
        (Err(Trouble::Wrong(LONE_SURROGATE.to_owned())), Notes::default())
    } else {
        match applier.apply(tx, &incoming).await {
            (Err(Trouble::Broken(error)), _) => return Err(error),
            (result @ Err(_), _) => (result, Notes::default()),
            applied => applied,
        }
    };
    let wrote_nested = incoming.writes_nested();
    let (own_id, described) = (incoming.id, Some(incoming.described()));
    let Notes { remarks, other_ids, children } = notes;
    let remarks = (!remarks.is_empty()).then(|| remarks.join(" "));
    let line = object.line;
    let children =
        children.into_iter().map(|properties| Object { line, properties, has_lone_surrogate: false });
    let children = children.collect();
    Ok(Verdict { own_id, described, remarks, wrote_nested, result, other_ids, children })
}

/// The operations of the objects of a stretch, of which all are committed, or none is. `unwritten` alone when nothing was
/// written.
pub(super) fn operations_of(verdicts: &[Verdict], unwritten: OperationId) -> Vec<OperationId> {
    let applied = verdicts.iter().filter_map(|verdict| verdict.result.as_ref().ok());
    let written = applied.filter(|applied| applied.state != State::Unchanged);
    let written: Vec<OperationId> = written.map(|applied| applied.operation).collect();
    if written.is_empty() { vec![unwritten] } else { written }
}

/// Counts for how long the lock of an SQLite file was held since it was left free for a while.
#[derive(Default)]
pub(super) struct Pace(SignedDuration);

impl Pace {
    /// Adds the time of a stretch; returns for how long the lock has to be left free now.
    pub(super) fn rest_after(&mut self, held: SignedDuration) -> Option<Duration> {
        self.0 = self.0.saturating_add(held);
        if self.0 < LONGEST {
            return None;
        }
        self.0 = SignedDuration::ZERO;
        Some(REST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_is_left_free_whenever_it_was_held_for_half_a_second_in_all() {
        let mut pace = Pace::default();
        let rests =
            [200, 200, 200, 200, 700, 1].map(|held| pace.rest_after(SignedDuration::from_millis(held)));
        assert_eq!(rests, [None, None, Some(REST), None, Some(REST), None]);
    }
}

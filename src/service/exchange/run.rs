//! One import: applies the objects of the input in stretches, each in a transaction, and objects that wait for others once
//! more at the end.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::model::history::OperationId;
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::RecordId;
use crate::service::World;
use crate::service::exchange::apply::{Applied, Applier, Nested, State};
use crate::service::exchange::object::{self, Incoming};
use crate::service::exchange::reader::{Object, Piece, Transaction};
use crate::service::exchange::spool::{Spool, Waiting};
use crate::service::exchange::stretch::{self, End, Pace, Verdict};
use crate::service::exchange::trouble::Trouble;
use crate::service::exchange::unmet::Unmet;
use crate::service::exchange::{Cause, Options, Outcome, Summary};
use crate::service::write::{self, WriteContext};
use crate::storage::db::{AdvisoryLock, Db, Engine, Trial, Tx};
use crate::storage::error::StorageError;

/// The most objects of a stretch.
const MOST_OBJECTS: usize = 200;

/// The bytes of input at which a stretch is complete, however few objects it has.
const MOST_BYTES: usize = 4 << 20;

/// How often a stretch is tried again that the database aborted because of others.
const MOST_RETRIES: u32 = 8;

/// The pause before the first retry; each later one is longer by as much.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// The language of the display texts of references.
const LANGUAGE: &str = "en";

/// A transaction that all stretches share.
enum Whole {
    /// It is committed at the end of the import.
    Kept(Tx),
    /// Nothing of it is kept.
    Trial(Trial),
}

impl Whole {
    fn tx(&mut self) -> &mut Tx {
        match self {
            Self::Kept(tx) => tx,
            Self::Trial(trial) => &mut trial.tx,
        }
    }
}

/// The state of one import.
pub(super) struct Run<'a> {
    db: &'a Db,
    world: &'a World,
    options: &'a Options,
    /// When the import began.
    began: Timestamp,
    /// The operation that all objects share when they share a transaction; set by the first stretch.
    operation: Option<OperationId>,
    watch: &'a mut (dyn FnMut(&Outcome) + Send),
    /// The entity of objects that name none.
    usual: Option<&'static EntityDef>,
    /// The transaction that all stretches share, in a dry run and with [`Transaction::AllObjects`]; `None` when each
    /// stretch has its own, and before the first one.
    whole: Option<Whole>,
    /// The objects to be applied next.
    next: VecDeque<Object>,
    waiting: Spool,
    /// Those of them that are still to be applied once more in this round.
    again: Spool,
    /// The first and the last line of the objects whose commit is under way.
    committing: Option<(u64, u64)>,
    /// Ids of objects that their records do not keep, each with the id of the record.
    other_ids: HashMap<RecordId, RecordId>,
    unmet: Unmet,
    pace: Pace,
    done: Summary,
}

impl<'a> Run<'a> {
    /// A new import, which calls `watch` with the outcome of each object.
    pub(super) fn new(
        db: &'a Db,
        world: &'a World,
        options: &'a Options,
        watch: &'a mut (dyn FnMut(&Outcome) + Send),
    ) -> Self {
        Self {
            db,
            world,
            options,
            began: (world.now)(),
            operation: None,
            watch,
            usual: None,
            whole: None,
            next: VecDeque::new(),
            waiting: Spool::new(),
            again: Spool::new(),
            committing: None,
            other_ids: HashMap::new(),
            unmet: Unmet::default(),
            pace: Pace::default(),
            done: Summary { kept: !options.dry_run, ..Summary::default() },
        }
    }

    /// Processes the next piece of the input.
    pub(super) async fn take(&mut self, piece: Piece) -> Result<(), Cause> {
        match piece {
            Piece::Transaction(transaction) => self.done.transaction = transaction,
            Piece::Context(context) => self.usual = object::of_context(&context),
            Piece::MorePages => self.done.more_pages = true,
            Piece::Object(object) => {
                self.next.push_back(object);
                if is_complete(&self.next) {
                    self.flush(Nested::Find).await?;
                }
            }
        }
        Ok(())
    }

    /// Applies the objects that are left and those that wait, and commits or rolls back a shared transaction.
    pub(super) async fn finish(&mut self, read_to_the_end: bool) -> Result<(), Cause> {
        self.flush(Nested::Find).await?;
        while self.round(Nested::Find).await? || self.round(Nested::Create).await? {}
        self.refuse_waiting()?;
        if self.done.transaction == Transaction::AllObjects && (self.done.failed > 0 || !read_to_the_end) {
            self.done.kept = false;
        }
        if let Some(Whole::Kept(tx)) = self.whole.take()
            && self.done.kept
        {
            self.done.kept = false;
            match self.operation {
                Some(operation) => {
                    let lines = (1, self.done.through);
                    self.committing = Some(lines);
                    let head = self.options.head(self.began);
                    let committed = write::commit_all(tx, self.db, &[operation], &head).await;
                    self.committing = None;
                    committed.map_err(|why| Cause::of_commit(lines, why))?;
                }
                None => tx.commit().await?,
            }
            self.done.kept = true;
        }
        Ok(())
    }

    /// Why an import ends that was dropped while it waited for the database.
    pub(super) fn given_up(&self) -> Cause {
        self.committing.map_or(Cause::GivenUp, |(first, last)| Cause::Unconfirmed { first, last })
    }

    /// The totals of an import that ended before its input did.
    pub(super) fn into_summary(mut self) -> Summary {
        let through = self.done.through;
        let left = self.next.iter().filter(|object| object.line <= through).count() as u64;
        self.done.waiting += self.waiting.len() + self.again.len() + left;
        self.done.kept &= !self.is_whole();
        self.done
    }

    /// The totals of an import whose input was read.
    pub(super) fn summary(&self) -> Summary {
        self.done
    }

    fn is_whole(&self) -> bool {
        self.options.dry_run || self.done.transaction == Transaction::AllObjects
    }

    /// Applies every waiting object once more; returns whether any of them no longer waits.
    async fn round(&mut self, nested: Nested) -> Result<bool, Cause> {
        self.again = std::mem::replace(&mut self.waiting, Spool::new());
        let mut moved = false;
        loop {
            while !is_complete(&self.next) {
                let Some(next) = self.again.pop()? else { break };
                self.next.push_back(next.object);
            }
            if self.next.is_empty() {
                return Ok(moved);
            }
            moved |= self.flush(nested).await?;
        }
    }

    /// Refuses the objects that still wait.
    fn refuse_waiting(&mut self) -> Result<(), Cause> {
        while let Some(waiting) = self.waiting.pop()? {
            let own = Incoming::read(waiting.object.properties.clone(), self.usual).ok();
            if let Some(id) = own.and_then(|own| own.id) {
                self.unmet.waits(id, waiting.object.line, &waiting.missing);
            }
            self.again.push(&waiting)?;
        }
        while let Some(Waiting { object, missing }) = self.again.pop()? {
            let own = Incoming::read(object.properties, self.usual).ok();
            let reason = self.unmet.reason(own.as_ref().and_then(|own| own.id), &missing);
            let id = own.map(|own| own.described());
            self.tell(&Outcome { line: object.line, id, result: Err(reason), note: None });
        }
        Ok(())
    }

    /// Applies the next objects, stretch by stretch. Returns whether any object does not wait.
    async fn flush(&mut self, nested: Nested) -> Result<bool, Cause> {
        let mut moved = false;
        while !self.next.is_empty() {
            if self.options.stop.is_requested() {
                return Err(Cause::Stopped);
            }
            let verdicts = self.stretch(nested).await?;
            moved |= self.settle(verdicts)?;
        }
        Ok(moved)
    }

    /// Applies as many of the next objects as belong to a stretch. When the database is busy with others, or has aborted
    /// the stretch in favour of others, it is tried again with fewer objects, unless a transaction that is aborted has
    /// objects of earlier stretches.
    async fn stretch(&mut self, nested: Nested) -> Result<Vec<Verdict>, Cause> {
        let mut most = MOST_OBJECTS;
        let mut retries = 0;
        loop {
            // Boxed, because it is large and every future around it would be as large.
            match Box::pin(self.try_stretch(nested, most)).await {
                Err(Cause::Storage(error))
                    if (error == StorageError::Busy || error.asks_to_repeat())
                        && retries < MOST_RETRIES
                        && (!self.is_whole() || self.done.through == 0) =>
                {
                    retries += 1;
                    most = (most / 4).max(1);
                    tokio::time::sleep(RETRY_PAUSE * retries).await;
                    if self.options.stop.is_requested() {
                        return Err(Cause::Stopped);
                    }
                }
                done => return done,
            }
        }
    }

    async fn try_stretch(&mut self, nested: Nested, most: usize) -> Result<Vec<Verdict>, Cause> {
        let is_whole = self.is_whole();
        let mut context = WriteContext::new(self.world, &self.options.login, LANGUAGE);
        if is_whole {
            context.operation = *self.operation.get_or_insert(context.operation);
            context.now = self.began;
        }
        let (operation, now) = (context.operation, context.now);
        let applier = Applier::new(context, nested, is_whole, &self.other_ids);
        let objects: Vec<&Object> = self.next.iter().take(most).collect();
        if is_whole {
            let mut whole = match self.whole.take() {
                Some(whole) => whole,
                None if self.options.dry_run => Whole::Trial(self.db.begin_trial().await?),
                None => Whole::Kept(begin(self.db).await?),
            };
            let end = End { world: self.world, options: self.options, began: None };
            let verdicts = stretch::apply(whole.tx(), &applier, &objects, self.usual, &end).await?;
            self.whole = Some(whole);
            return Ok(verdicts);
        }
        let mut tx = begin(self.db).await?;
        let began = (self.world.now)();
        let end = End { world: self.world, options: self.options, began: Some(began) };
        let verdicts = stretch::apply(&mut tx, &applier, &objects, self.usual, &end).await?;
        let lines = (objects[0].line, objects[verdicts.len() - 1].line);
        self.committing = Some(lines);
        let written = stretch::operations_of(&verdicts, operation);
        let committed = write::commit_all(tx, self.db, &written, &self.options.head(now)).await;
        self.committing = None;
        committed.map_err(|why| Cause::of_commit(lines, why))?;
        let held = (self.world.now)().duration_since(began);
        if self.db.engine() == Engine::Sqlite
            && let Some(rest) = self.pace.rest_after(held)
        {
            tokio::time::sleep(rest).await;
        }
        Ok(verdicts)
    }

    /// Reports the outcome of the first of the next objects, and sets aside those that wait for others. Returns whether
    /// any object does not wait. Where an object cannot be set aside, the others are still reported: they are committed.
    fn settle(&mut self, verdicts: Vec<Verdict>) -> Result<bool, Cause> {
        let mut moved = false;
        let mut children = Vec::new();
        let mut spooled = Ok(());
        for verdict in verdicts {
            let Some(object) = self.next.pop_front() else { break };
            self.done.through = self.done.through.max(object.line);
            match verdict.result {
                Err(Trouble::Missing(missing)) => {
                    if spooled.is_ok() {
                        spooled = self.waiting.push(&Waiting { object, missing });
                    }
                    self.done.waiting += u64::from(spooled.is_err());
                }
                result => {
                    moved = true;
                    if let (Err(_), Some(id)) = (&result, verdict.own_id) {
                        self.unmet.refused(id, object.line);
                    }
                    self.other_ids.extend(verdict.other_ids);
                    self.tell(&outcome(object.line, verdict.described, verdict.remarks, result));
                    children.extend(verdict.children);
                }
            }
        }
        for child in children.into_iter().rev() {
            self.next.push_front(child);
        }
        spooled?;
        Ok(moved)
    }

    fn tell(&mut self, outcome: &Outcome) {
        let count = match outcome.result {
            Ok(State::Added) => &mut self.done.added,
            Ok(State::Modified) => &mut self.done.modified,
            Ok(State::Deleted) => &mut self.done.deleted,
            Ok(State::Unchanged) => &mut self.done.unchanged,
            Err(_) => &mut self.done.failed,
        };
        *count += 1;
        (self.watch)(outcome);
    }
}

/// Begins a transaction of an import with the locks that its objects may need, which have to be taken before any row is
/// locked. By them imports exclude one another, too: whatever order their objects are in, none waits for a row of another.
async fn begin(db: &Db) -> Result<Tx, StorageError> {
    let mut tx = db.begin().await?;
    for lock in [AdvisoryLock::Managers, AdvisoryLock::Administrators] {
        tx.lock(lock).await?;
    }
    Ok(tx)
}

fn is_complete(objects: &VecDeque<Object>) -> bool {
    objects.len() >= MOST_OBJECTS
        || objects.iter().map(|object| object.properties.bytes()).sum::<usize>() >= MOST_BYTES
}

fn outcome(
    line: u64,
    described: Option<String>,
    note: Option<String>,
    result: Result<Applied, Trouble>,
) -> Outcome {
    let (id, result) = match result {
        Ok(Applied { entity, id, state, operation: _ }) => {
            (id.map(|id| format!("{}({id})", entity.set)), Ok(state))
        }
        Err(Trouble::Missing(missing)) => (described, Err(missing.sentence)),
        Err(Trouble::Wrong(sentence) | Trouble::Refused(sentence)) => (described, Err(sentence)),
        Err(Trouble::Broken(error)) => (described, Err(error.to_string())),
    };
    Outcome { line, id, result, note }
}

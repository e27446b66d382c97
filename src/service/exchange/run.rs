//! One import: applies objects in groups, each in a transaction, and objects that wait for others once more at the
//! end.

use crate::domain::model::history::OperationId;
use crate::domain::model::schema::EntityDef;
use crate::service::exchange::apply::{Applied, Applier, Nested, State, Trouble};
use crate::service::exchange::object::{self, Incoming};
use crate::service::exchange::reader::{Object, Piece, Transaction};
use crate::service::exchange::spool::{Spool, Waiting};
use crate::service::exchange::{ImportError, Options, Outcome, Summary};
use crate::service::write::{self, WriteContext};
use crate::service::{World, last_administrator, last_manager};
use crate::storage::db::{AdvisoryLock, Db, Tx};

/// The most objects of a group; a group shares a transaction.
const GROUP: usize = 200;

/// The bytes of input at which a group is complete, however few objects it has.
const GROUP_BYTES: usize = 4 << 20;

/// The language of the display texts of references.
const LANGUAGE: &str = "en";

/// The state of one import.
pub(super) struct Run<'a> {
    db: &'a Db,
    world: &'a World,
    options: &'a Options,
    /// The operation that all objects share when they share a transaction; set by the first group.
    operation: Option<OperationId>,
    watch: &'a mut (dyn FnMut(&Outcome) + Send),
    /// The entity of objects that name none.
    usual: Option<&'static EntityDef>,
    /// The transaction that all groups share, in a dry run and with [`Transaction::AllObjects`]; `None` when each
    /// group has its own, and before the first group.
    whole: Option<Tx>,
    group: Vec<Object>,
    waiting: Spool,
    done: Summary,
}

/// The result of each object of a group, in their order.
type Verdicts = Vec<Result<Applied, Trouble>>;

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
            operation: None,
            watch,
            usual: None,
            whole: None,
            group: Vec::new(),
            waiting: Spool::new(),
            done: Summary { kept: !options.dry_run, ..Summary::default() },
        }
    }

    /// Processes the next piece of the input.
    pub(super) async fn take(&mut self, piece: Piece) -> Result<(), ImportError> {
        match piece {
            Piece::Transaction(transaction) => self.done.transaction = transaction,
            Piece::Context(context) => self.usual = object::of_context(&context),
            Piece::MorePages => self.done.more_pages = true,
            Piece::Object(mut object) => {
                object::hide_passwords(&mut object.properties);
                self.group.push(object);
                let bytes: usize = self.group.iter().map(|object| object.bytes).sum();
                if self.group.len() >= GROUP || bytes >= GROUP_BYTES {
                    self.flush().await?;
                }
            }
        }
        Ok(())
    }

    /// Applies the last group and the objects that wait, and commits or rolls back a shared transaction.
    pub(super) async fn finish(mut self, read_to_the_end: bool) -> Result<Summary, ImportError> {
        self.flush().await?;
        while self.round(Nested::Find).await? || self.round(Nested::Create).await? {}
        while let Some(Waiting { object, missing }) = self.waiting.pop()? {
            let id = Incoming::read(object.properties, self.usual).ok().map(|object| object.described());
            self.tell(&Outcome { line: object.line, id, result: Err(missing), note: None });
        }
        if self.done.transaction == Transaction::AllObjects && (self.done.failed > 0 || !read_to_the_end) {
            self.done.kept = false;
        }
        if let Some(tx) = self.whole.filter(|_| self.done.kept) {
            match self.operation {
                Some(operation) => write::commit(tx, self.db, operation).await?,
                None => tx.commit().await?,
            }
        }
        Ok(self.done)
    }

    /// Applies every waiting object once more; returns whether any of them no longer waits.
    async fn round(&mut self, nested: Nested) -> Result<bool, ImportError> {
        let mut waiting = std::mem::replace(&mut self.waiting, Spool::new());
        let mut moved = false;
        loop {
            let mut group = Vec::new();
            let mut bytes = 0;
            while group.len() < GROUP && bytes < GROUP_BYTES {
                let Some(next) = waiting.pop()? else { break };
                bytes += next.object.bytes;
                group.push(next.object);
            }
            if group.is_empty() {
                return Ok(moved);
            }
            moved |= self.apply_group(group, nested).await?;
        }
    }

    async fn flush(&mut self) -> Result<(), ImportError> {
        let group = std::mem::take(&mut self.group);
        self.apply_group(group, Nested::Find).await?;
        Ok(())
    }

    /// Applies a group, reports the outcome of its objects, and sets aside those that wait for others. Returns whether
    /// any object does not wait.
    async fn apply_group(&mut self, group: Vec<Object>, nested: Nested) -> Result<bool, ImportError> {
        if group.is_empty() {
            return Ok(false);
        }
        let understood: Vec<Result<Incoming, String>> =
            group.iter().map(|object| Incoming::read(object.properties.clone(), self.usual)).collect();
        let is_whole = self.options.dry_run || self.done.transaction == Transaction::AllObjects;
        let mut tx = match self.whole.take() {
            Some(tx) => tx,
            None => {
                let mut tx = self.db.begin().await?;
                let any = |concerns: fn(&EntityDef) -> bool| {
                    is_whole || understood.iter().flatten().any(|object| concerns(object.entity))
                };
                if any(last_manager::concerns) {
                    tx.lock(AdvisoryLock::Managers).await?;
                }
                if any(last_administrator::concerns) {
                    tx.lock(AdvisoryLock::Administrators).await?;
                }
                tx
            }
        };
        let mut context = WriteContext::new(self.world, &self.options.login, LANGUAGE);
        if is_whole {
            context.operation = *self.operation.get_or_insert(context.operation);
        }
        let applier = Applier { context, nested, is_whole };
        let verdicts = together(&mut tx, &applier, &understood).await?;
        if is_whole {
            self.whole = Some(tx);
        } else {
            // All operations of the group are written, or none is.
            let mut applied = verdicts.iter().flatten();
            let written = applied.find(|applied| applied.state != State::Unchanged);
            let operation = written.map_or(applier.context.operation, |applied| applied.operation);
            write::commit(tx, self.db, operation).await?;
        }
        let mut moved = false;
        for ((object, understood), verdict) in group.into_iter().zip(understood).zip(verdicts) {
            match verdict {
                Err(Trouble::Missing(missing)) => self.waiting.push(&Waiting { object, missing })?,
                verdict => {
                    moved = true;
                    self.tell(&outcome(object.line, understood.ok().as_ref(), verdict));
                }
            }
        }
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

fn outcome(line: u64, object: Option<&Incoming>, verdict: Result<Applied, Trouble>) -> Outcome {
    let password_left_out = object.is_some_and(|object| object.password_left_out);
    let note = password_left_out.then_some("The password was left out; its owner has to set a new one.");
    match verdict {
        Ok(Applied { entity, id, state, operation: _ }) => {
            Outcome { line, id: id.map(|id| format!("{}({id})", entity.set)), result: Ok(state), note }
        }
        Err(Trouble::Missing(sentence) | Trouble::Wrong(sentence) | Trouble::Refused(sentence)) => {
            Outcome { line, id: object.map(Incoming::described), result: Err(sentence), note }
        }
        Err(Trouble::Broken(error)) => {
            Outcome { line, id: object.map(Incoming::described), result: Err(error.to_string()), note }
        }
    }
}

/// Applies a group. With [`Nested::Find`] its objects share a savepoint, which costs as much as a small statement;
/// when the database refuses one of them, and with [`Nested::Create`], each object has its own.
async fn together(
    tx: &mut Tx,
    applier: &Applier<'_>,
    group: &[Result<Incoming, String>],
) -> Result<Verdicts, ImportError> {
    if applier.nested == Nested::Find
        && let Some(verdicts) = in_one_step(tx, applier, group).await?
    {
        return Ok(verdicts);
    }
    let mut verdicts = Verdicts::with_capacity(group.len());
    for object in group {
        tx.set_savepoint().await?;
        let verdict = apply(tx, applier, object).await?;
        if verdict.is_err() {
            tx.rollback_to_savepoint().await?;
        }
        tx.release_savepoint().await?;
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

/// Applies a group under one savepoint. `None` when the database refused an object; then nothing of the group is
/// written.
async fn in_one_step(
    tx: &mut Tx,
    applier: &Applier<'_>,
    group: &[Result<Incoming, String>],
) -> Result<Option<Verdicts>, ImportError> {
    let mut verdicts = Verdicts::with_capacity(group.len());
    tx.set_savepoint().await?;
    for object in group {
        let verdict = apply(tx, applier, object).await?;
        if matches!(verdict, Err(Trouble::Refused(_))) {
            tx.rollback_to_savepoint().await?;
            tx.release_savepoint().await?;
            return Ok(None);
        }
        verdicts.push(verdict);
    }
    tx.release_savepoint().await?;
    Ok(Some(verdicts))
}

async fn apply(
    tx: &mut Tx,
    applier: &Applier<'_>,
    object: &Result<Incoming, String>,
) -> Result<Result<Applied, Trouble>, ImportError> {
    let verdict = match object {
        Ok(object) => applier.apply(tx, object).await,
        Err(sentence) => Err(Trouble::Wrong(sentence.clone())),
    };
    match verdict {
        Err(Trouble::Broken(error)) => Err(error.into()),
        verdict => Ok(verdict),
    }
}

//! Undo of an operation, or of one change in it, as a new operation (`docs/domain.md`, History; `docs/promises.md`, 34). It
//! writes through [`mod@write`] with the rules and the rights of a save, and takes back all or nothing. Redo is the undo of
//! an undo.

mod moved;
mod steps;

use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::history::{
    HistoryAction, HistoryEntry, NumberedEntry, Operation, OperationId, Undoes, beside,
};
use crate::domain::model::record::{Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::Value;
use crate::service::back_office::BackOffice;
use crate::service::back_office::authorise::exception;
use crate::service::write::{self, WriteContext};
use crate::service::{ServiceError, last_administrator, last_manager};
use crate::storage::db::{AdvisoryLock, Session, Tx};
use crate::storage::operations::OperationHead;
use crate::storage::records::Advanced;
use crate::storage::{history, operations, records};

use steps::{Refusal, SECRETS, Undoing, refused};

/// How many entries of an operation are read with one statement.
const ENTRIES_AT_ONCE: usize = 1000;

/// What an undo has done, or would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Undone {
    /// The operation of the undo; of a plan, one that is not written.
    pub operation: OperationId,
    /// What is undone.
    pub undoes: Undoes,
    /// What the undo is for: `Undo: Grant access to 3 customers`.
    pub purpose: String,
    /// What is done, one line for each record, in the order in which it is done.
    pub steps: Vec<String>,
    /// What the operator has to confirm, as before a save.
    pub questions: Vec<String>,
}

/// Whether an undo is kept.
#[derive(Clone, Copy)]
enum Keep {
    /// Nothing is: it is only said what would be done.
    Nothing,
    /// It is, if the operator has confirmed or nothing is asked.
    Confirmed(bool),
}

impl BackOffice {
    /// Says what an undo would do, and does nothing. `reason` is why an administrator does what is otherwise refused.
    ///
    /// # Errors
    /// As [`BackOffice::undo`], except that nothing is asked.
    pub async fn plan_undo(&self, undoes: Undoes, reason: Option<&str>) -> Result<Undone, ServiceError> {
        write::repeated(|| Box::pin(self.undone(undoes, Keep::Nothing, reason))).await
    }

    /// Undoes an operation, or one change in it, as a new operation: records that it created are removed, removed ones
    /// come back under their ids, changed fields get their old values, and decided requests their old states. A number
    /// that it has given is given again, if none was given since.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] in one sentence when a record has moved on since, when the operation is undone already,
    /// or holds what cannot be undone, such as a password; for what a save would refuse or ask about; and
    /// [`ServiceError::Denied`] for what the operator may not do by hand. In every case nothing was undone.
    pub async fn undo(
        &self,
        undoes: Undoes,
        confirmed: bool,
        reason: Option<&str>,
    ) -> Result<Undone, ServiceError> {
        write::repeated(|| Box::pin(self.undone(undoes, Keep::Confirmed(confirmed), reason))).await
    }

    async fn undone(&self, undoes: Undoes, keep: Keep, reason: Option<&str>) -> Result<Undone, ServiceError> {
        let (mut tx, principal) = self.begin_as().await?;
        let context = WriteContext { exception: exception(&principal, reason)?, ..self.context() };
        let operation = undoable(&mut tx, undoes).await?;
        let entries = entries_of(&mut tx, undoes).await?;
        lock(&mut tx, &entries).await?;
        moved::check(&mut tx, &entries, context.language).await?;
        let (back_office, principal, asked, done) = (self, &principal, Vec::new(), Vec::new());
        let mut undoing = Undoing { context, back_office, principal, asked, done };
        for NumberedEntry { entry, .. } in entries.iter().rev() {
            if let Err(refusal) = undoing.take_back(&mut tx, entry).await {
                drop(tx);
                return Err(self.refuse(refusal, keep).await);
            }
        }
        give_back_numbers(&mut tx, &entries).await?;
        let Undoing { asked, done: steps, .. } = undoing;
        if steps.is_empty() {
            return Err(refused("This operation changed no record; there is nothing to undo."));
        }
        let questions = asked.iter().map(|issue| issue.message.clone()).collect();
        let purpose = purpose_of(&operation, undoes);
        let undone = Undone { operation: context.operation, undoes, purpose, steps, questions };
        match keep {
            Keep::Nothing => Ok(undone),
            Keep::Confirmed(false) if !asked.is_empty() => Err(ServiceError::Invalid(asked)),
            Keep::Confirmed(_) => {
                let (at, login, purpose) = (context.now, context.login, undone.purpose.as_str());
                let head = OperationHead { at, login, purpose, undoes: Some(undoes) };
                write::commit_all(tx, &self.db, &[context.operation], &head).await?;
                Ok(undone)
            }
        }
    }

    /// The error of a refusal. One for want of a right is written into history, unless the undo was only planned.
    async fn refuse(&self, refusal: Refusal, keep: Keep) -> ServiceError {
        match refusal {
            Refusal::Denied(_, _, sentence) if matches!(keep, Keep::Nothing) => {
                ServiceError::Denied(sentence)
            }
            Refusal::Denied(entity, record, sentence) => self.refused(entity, Some(record), sentence).await,
            Refusal::ReferredTo(record) => match self.sentence_of_referring(&record).await {
                Ok(sentence) => refused(sentence),
                Err(error) => error,
            },
            Refusal::Error(error) => error,
        }
    }

    /// The sentence that names a record which refers to one that an undo would remove.
    async fn sentence_of_referring(&self, record: &Record) -> Result<String, ServiceError> {
        let mut conn = self.read().await?;
        let language = &self.who.language;
        let shown = format::line(record.entity, |field| record.value(field), language);
        let named = format!("{} “{shown}”", record.entity.name);
        for entity in entities::all() {
            for field in entity.fields.iter().copied().filter(|field| refers_to(field, record)) {
                let referring = records::referring(&mut conn, entity, field, record.id).await?;
                if let Some(first) = referring.first()
                    && let Some(other) = records::shown(&mut conn, entity, *first, language).await?
                {
                    let name = entity.name;
                    return Ok(format!(
                        "{named} cannot be removed: {name} “{other}” refers to it by now; nothing was undone."
                    ));
                }
            }
        }
        Ok(format!("{named} cannot be removed: other records refer to it by now; nothing was undone."))
    }
}

fn refers_to(field: &FieldDef, record: &Record) -> bool {
    field.target().is_some_and(|target| target.root().is(record.entity.root()))
}

/// The operation that is to be undone.
///
/// # Errors
/// [`ServiceError::Invalid`] when there is no such operation, or it is undone already.
async fn undoable(s: &mut Session, undoes: Undoes) -> Result<Operation, ServiceError> {
    let found = operations::of_ids(s, &[undoes.operation]).await?.pop();
    let operation = found.ok_or_else(|| {
        refused(format!("There is no operation {}; `ccdesk history` lists them.", undoes.operation))
    })?;
    match &operation.undone_by {
        Some(undo) => Err(refused(format!(
            "This operation was undone already, by {} on {}; undo that operation, {}, to do it again.",
            undo.who,
            format::shown_instant(undo.at),
            undo.operation
        ))),
        None => Ok(operation),
    }
}

/// The entries that are to be taken back, in the order of writing: those of the records themselves, and not those in the
/// histories of others.
///
/// # Errors
/// [`ServiceError::Invalid`] when one of them cannot be undone, or there is none.
async fn entries_of(s: &mut Session, undoes: Undoes) -> Result<Vec<NumberedEntry>, ServiceError> {
    let mut entries: Vec<NumberedEntry> = Vec::new();
    let mut last = 0;
    loop {
        let page = history::page_of_operation(s, undoes.operation, last, ENTRIES_AT_ONCE).await?;
        let Some(end) = page.last() else { break };
        last = end.seq;
        entries.extend(page);
    }
    if let Some(seq) = undoes.entry {
        let chosen = entries.iter().find(|numbered| numbered.seq == seq);
        let chosen = chosen.ok_or_else(|| refused("This operation has no such change; look it up again."))?;
        let chosen = chosen.clone();
        entries.retain(|numbered| is_change(numbered, &chosen));
    }
    entries.retain(|numbered| numbered.entry.part.is_none());
    for NumberedEntry { entry, .. } in &entries {
        if let Some(sentence) = never_undone(entry, undoes) {
            return Err(refused(sentence));
        }
    }
    Ok(entries)
}

/// Whether an entry is the chosen change: the entry itself, or, for one in the history of another record, those of the
/// record that was changed.
fn is_change(numbered: &NumberedEntry, chosen: &NumberedEntry) -> bool {
    let entry = &numbered.entry;
    match chosen.entry.part {
        Some(part) => entry.part.is_none() && entry.entity.is(part.entity) && entry.record == part.record,
        None => numbered.seq == chosen.seq,
    }
}

/// Why an entry cannot be undone, whoever asks for it; `None` when it can.
fn never_undone(entry: &HistoryEntry, undoes: Undoes) -> Option<String> {
    Some(match entry.action {
        HistoryAction::PasswordChosen => format!("A password was chosen; {SECRETS}"),
        HistoryAction::ResetIssued => format!("A one-time code was issued; {SECRETS}"),
        HistoryAction::SignInFailed => "A failed sign-in cannot be undone.".to_owned(),
        HistoryAction::Requested | HistoryAction::RequestedAgain => {
            "What an applicant has asked for cannot be undone; reject the request instead.".to_owned()
        }
        HistoryAction::Noted => "A note stays; write another one.".to_owned(),
        HistoryAction::Configured
        | HistoryAction::Rejected
        | HistoryAction::Reopened
        | HistoryAction::Waiting
            if undoes.entry.is_some() =>
        {
            "A decision is undone with all that belongs to it; undo the whole operation.".to_owned()
        }
        _ => return None,
    })
}

/// Takes the locks of everything that the undo may write, in the order of every other transaction.
async fn lock(tx: &mut Tx, entries: &[NumberedEntry]) -> Result<(), ServiceError> {
    let concerned =
        |concerns: fn(&EntityDef) -> bool| entries.iter().any(|numbered| concerns(numbered.entry.entity));
    if concerned(last_manager::concerns) {
        tx.lock(AdvisoryLock::Managers).await?;
    }
    if concerned(last_administrator::concerns) {
        tx.lock(AdvisoryLock::Administrators).await?;
    }
    let ids = entries.iter().map(|numbered| (numbered.entry.entity, numbered.entry.record));
    Ok(records::lock_all(tx, ids).await?)
}

/// Takes back how the entries have advanced the series of numbers.
async fn give_back_numbers(tx: &mut Tx, entries: &[NumberedEntry]) -> Result<(), ServiceError> {
    let mut series: Vec<(&'static EntityDef, Vec<Advanced>)> = Vec::new();
    for NumberedEntry { entry, .. } in entries.iter().rev() {
        let Some(field) = entry.entity.all_fields().find(|field| field.numbered) else { continue };
        let moved = entry.fields.iter().find(|change| change.field == beside::LAST_NUMBER);
        let Some((Value::Int(before), Value::Int(after))) = moved.map(|moved| (&moved.before, &moved.after))
        else {
            continue;
        };
        let advanced = Advanced { field, before: *before, after: *after };
        match series.iter_mut().find(|(_, all)| all.first().is_some_and(|first| first.field == field)) {
            Some((_, all)) => all.push(advanced),
            None => series.push((entry.entity, vec![advanced])),
        }
    }
    for (entity, newest_first) in series {
        records::give_back(tx, entity, &newest_first).await?;
    }
    Ok(())
}

const UNDO: &str = "Undo: ";
const REDO: &str = "Redo: ";

/// What an undo is for. That of an undo is a redo.
fn purpose_of(operation: &Operation, undoes: Undoes) -> String {
    let purpose = &operation.purpose;
    match (undoes.entry, purpose.strip_prefix(UNDO)) {
        (Some(_), _) => format!("Undo one change of: {purpose}"),
        (None, Some(undone)) => format!("{REDO}{undone}"),
        (None, None) => format!("{UNDO}{}", purpose.strip_prefix(REDO).unwrap_or(purpose)),
    }
}

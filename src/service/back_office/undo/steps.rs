//! The steps of an undo: each takes back one entry of history through [`mod@write`], with the rights of the operator.

use std::sync::Arc;

use crate::domain::account_request::RequestState;
use crate::domain::entities::user;
use crate::domain::model::format;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry, beside};
use crate::domain::model::history_text;
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::EntityDef;
use crate::domain::model::value::{RecordId, Value};
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::service::auth::Principal;
use crate::service::back_office::BackOffice;
use crate::service::consequences::{self, Targets};
use crate::service::write::{self, Kept, WriteContext};
use crate::storage::db::Tx;
use crate::storage::error::StorageError;
use crate::storage::{accounts, history, records};

/// Why an undo is refused.
pub(super) enum Refusal {
    /// The operator has no right to a step on this record; the sentence says which.
    Denied(&'static EntityDef, RecordId, String),
    /// Other records refer to one that the undo would remove.
    ReferredTo(Arc<Record>),
    /// Any other error.
    Error(ServiceError),
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self::Error(error)
    }
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        Self::Error(error.into())
    }
}

/// A refusal in one sentence, of an undo that no right and no confirmation would make possible.
pub(super) fn refused(sentence: impl Into<String>) -> ServiceError {
    ServiceError::Invalid(vec![Issue::whole(sentence)])
}

/// Takes back the entries of an operation one after the other.
pub(super) struct Undoing<'a> {
    /// The context of the undo.
    pub context: WriteContext<'a>,
    /// The back office of the operator.
    pub back_office: &'a BackOffice,
    /// The operator's account as it is stored now.
    pub principal: &'a Principal,
    /// What a save would ask about.
    pub asked: Vec<Issue>,
    /// What was done, each in words.
    pub done: Vec<String>,
}

impl Undoing<'_> {
    /// Takes back one entry.
    pub(super) async fn take_back(&mut self, tx: &mut Tx, entry: &HistoryEntry) -> Result<(), Refusal> {
        match entry.action {
            HistoryAction::Created => self.remove(tx, entry).await,
            HistoryAction::Deleted => self.bring_back(tx, entry).await,
            HistoryAction::Changed => self.change_back(tx, entry).await,
            HistoryAction::Configured
            | HistoryAction::Rejected
            | HistoryAction::Reopened
            | HistoryAction::Waiting => self.decide_back(tx, entry).await,
            HistoryAction::Requested
            | HistoryAction::RequestedAgain
            | HistoryAction::PasswordChosen
            | HistoryAction::ResetIssued
            | HistoryAction::SignInFailed
            | HistoryAction::Noted
            | HistoryAction::Refused => Ok(()),
        }
    }

    async fn load(&self, tx: &mut Tx, entry: &HistoryEntry) -> Result<Arc<Record>, Refusal> {
        let found = records::load(tx, entry.entity, entry.record, self.context.language).await?;
        Ok(Arc::new(found.ok_or(ServiceError::NotFound)?))
    }

    fn named(&self, record: &Record) -> String {
        let shown = format::line(record.entity, |field| record.value(field), self.context.language);
        format!("{} “{shown}”", record.entity.name)
    }

    /// Refuses a draft that the operator may not save.
    async fn authorise(&self, tx: &mut Tx, draft: &Draft) -> Result<(), Refusal> {
        match self.back_office.denial(tx, self.principal, draft).await? {
            Some(sentence) => Err(Refusal::Denied(draft.entity, draft.id, sentence.to_owned())),
            None => Ok(()),
        }
    }

    /// Removes a record that was created.
    async fn remove(&mut self, tx: &mut Tx, entry: &HistoryEntry) -> Result<(), Refusal> {
        let record = self.load(tx, entry).await?;
        let named = self.named(&record);
        self.authorise(tx, &Draft::of(Arc::clone(&record))).await?;
        if record.id == self.back_office.token.user {
            let sentence = "Nobody removes their own login; ask another operator.".to_owned();
            return Err(Refusal::Denied(record.entity, record.id, sentence));
        }
        if record.entity.is(&user::USER)
            && let Some(what) = write::not_kept(tx, record.id).await?
        {
            let sentence = format!(
                "{named} has {what} by now, which no undo could bring back; switch the login off instead."
            );
            return Err(refused(sentence).into());
        }
        match write::delete_unreferred(tx, &self.context, &record).await {
            Ok(true) => {}
            Ok(false) => return Err(Refusal::ReferredTo(record)),
            Err(error) => return Err(about(&named, error).into()),
        }
        self.done.push(format!("Remove {named}"));
        Ok(())
    }

    /// Creates a record again that was deleted.
    async fn bring_back(&mut self, tx: &mut Tx, entry: &HistoryEntry) -> Result<(), Refusal> {
        let kept = Kept::before(&entry.fields);
        let mut draft = Draft::with_id(entry.entity, entry.record);
        for change in &entry.fields {
            if let Some(field) = entry.entity.field(&change.field) {
                draft.set(field, change.before.clone());
            }
        }
        let shown = format::line(entry.entity, |field| draft.value(field), self.context.language);
        let named = format!("{} “{shown}”", entry.entity.name);
        if let Some(what) = kept.not_kept() {
            let sentence = format!("{named} had {what}, which no undo can bring back; nothing was undone.");
            return Err(refused(sentence).into());
        }
        self.authorise(tx, &draft).await?;
        self.write(tx, &named, &draft, Some(&kept)).await?;
        self.done.push(format!("Bring back {named}"));
        Ok(())
    }

    /// Gives fields the values that they had before they were changed.
    async fn change_back(&mut self, tx: &mut Tx, entry: &HistoryEntry) -> Result<(), Refusal> {
        let record = self.load(tx, entry).await?;
        let named = self.named(&record);
        let origin = Kept::before(&entry.fields).origin_over(&record.origin);
        if origin != record.origin {
            self.authorise(tx, &Draft::of(Arc::clone(&record))).await?;
            write::set_origin(tx, &self.context, &record, &origin).await?;
            self.done.push(format!("Change {named}: what it has of another system back to what it was"));
        }
        let mut draft = Draft::of(Arc::clone(&record));
        for change in &entry.fields {
            match record.entity.field(&change.field) {
                Some(field) if *field == user::PASSWORD_FORMAT.def => {
                    return Err(refused(format!("A password of {named} was chosen; {SECRETS}")).into());
                }
                Some(field) => draft.set(field, change.before.clone()),
                None if beside::is_one(&change.field) => {}
                None => {
                    let sentence =
                        format!("{named} has no field {} any more; nothing was undone.", change.field);
                    return Err(refused(sentence).into());
                }
            }
        }
        // What follows from another record is computed anew, when that record was changed back or by then.
        consequences::compute(tx, &mut draft, self.context.language).await?;
        if !draft.is_changed() {
            return Ok(());
        }
        self.authorise(tx, &draft).await?;
        self.write(tx, &named, &draft, None).await?;
        let back: Vec<FieldChange> = entry.fields.iter().map(swapped).collect();
        let lines =
            history_text::lines(&HistoryEntry { fields: back, ..entry.clone() }, self.context.language);
        self.done.push(format!("Change {named}: {}", lines.join("; ")));
        Ok(())
    }

    /// Gives the account request of a user the state that it had before a decision.
    async fn decide_back(&mut self, tx: &mut Tx, entry: &HistoryEntry) -> Result<(), Refusal> {
        let record = self.load(tx, entry).await?;
        let named = self.named(&record);
        self.authorise(tx, &Draft::of(Arc::clone(&record))).await?;
        let request = accounts::last_of(tx, record.id).await?.ok_or(ServiceError::NotFound)?;
        let Some(restored) = Kept::before(&entry.fields).decided(&request) else {
            let sentence = format!(
                "The request of {named} was decided before history kept what an undo needs; nothing was undone."
            );
            return Err(refused(sentence).into());
        };
        if !accounts::decide(tx, request.state, &restored).await? {
            return Err(ServiceError::NotFound.into());
        }
        let (action, state) = match restored.state {
            RequestState::Pending => (HistoryAction::Reopened, "pending"),
            RequestState::Waiting => (HistoryAction::Waiting, "waiting"),
            RequestState::Configured => (HistoryAction::Configured, "configured"),
            RequestState::Rejected => (HistoryAction::Rejected, "rejected"),
        };
        let fields = write::of_decision(&request, &restored);
        let told = self.context.entry(&user::USER, record.id, record.version, action);
        history::append(tx, [&HistoryEntry { fields, reason: restored.reason.clone(), ..told }]).await?;
        self.done.push(format!("Make the request of {named} {state} again"));
        Ok(())
    }

    /// Writes a draft; what a save would ask about is collected, and the draft is written all the same.
    async fn write(
        &mut self,
        tx: &mut Tx,
        named: &str,
        draft: &Draft,
        kept: Option<&Kept<'_>>,
    ) -> Result<(), Refusal> {
        let asking = WriteContext { confirmed: false, ..self.context };
        let issues = match written(tx, &asking, draft, kept).await {
            Err(ServiceError::Invalid(issues)) if issues.iter().all(Issue::only_asks) => issues,
            done => return done.map_err(|error| about(named, error).into()),
        };
        self.asked.extend(issues.iter().map(|issue| of_record(named, issue)));
        written(tx, &self.context, draft, kept).await.map_err(|error| about(named, error).into())
    }
}

/// What cannot be undone because history keeps no secret.
pub(super) const SECRETS: &str = "passwords and one-time codes cannot be undone.";

async fn written(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    draft: &Draft,
    kept: Option<&Kept<'_>>,
) -> Result<(), ServiceError> {
    match kept {
        Some(kept) => write::restore(tx, context, draft.clone(), kept).await.map(drop),
        None => {
            let mut targets = Targets::new(context.language);
            write::write_loaded(tx, context, draft.clone(), &mut targets).await.map(drop)
        }
    }
}

fn swapped(change: &FieldChange) -> FieldChange {
    let (before, after): (Value, Value) = (change.after.clone(), change.before.clone());
    FieldChange { field: change.field.clone(), before, after }
}

/// The error with the record that it is about in each sentence, and at no field: an undo has no form.
fn about(named: &str, error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Invalid(issues) => {
            ServiceError::Invalid(issues.iter().map(|issue| of_record(named, issue)).collect())
        }
        other => other,
    }
}

fn of_record(named: &str, issue: &Issue) -> Issue {
    Issue { property: None, message: format!("{named}: {}", issue.message), weight: issue.weight }
}

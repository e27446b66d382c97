//! What an operator of the back office asks.

use std::sync::Arc;

use jiff::civil::Date;

use super::question::questions;
use crate::domain::account_request::Claim;
use crate::domain::codes::Code;
use crate::domain::model::history::{
    HistoryPage, HistorySeq, OperationCursor, OperationFilter, OperationId, OperationPage, Undoes,
};
use crate::domain::model::query::{ListQuery, Page, PageCursor};
use crate::domain::model::record::{Draft, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Version};
use crate::service::ServiceError;
use crate::service::auth::Secret;
use crate::service::back_office::diagnosis::Judged;
use crate::service::back_office::exports::ExportOrder;
use crate::service::back_office::grants::Grants;
use crate::service::back_office::proposals::Proposed;
use crate::service::back_office::queue::RequestDetails;
use crate::service::back_office::undo::Undone;
use crate::service::back_office::{BackOffice, OperationEntry, SiteChoice};
use crate::service::client_center::Preview;
use crate::service::exchange::export::Progress;

/// How many entries of history, or operations, are read at once.
pub const HISTORY_PAGE: usize = 100;

/// After so many records the progress of an export is told again.
const PROGRESS_STEP: u64 = 5000;

/// A one-time code, to be shown once.
#[derive(Clone, Debug, PartialEq)]
pub struct OneTimeCode {
    /// The login it is for.
    pub login: String,
    /// The code.
    pub code: Secret,
}

async fn issue_reset(back_office: &BackOffice, of: IssueReset) -> Result<OneTimeCode, ServiceError> {
    Ok(OneTimeCode { code: back_office.issue_reset(of.user).await?, login: of.login })
}

async fn grant(back_office: &BackOffice, of: Grant) -> Result<(), ServiceError> {
    back_office.grant(&of.grants, of.confirmed).await.map(drop)
}

async fn export_progress(of: ExportProgress) -> Result<u64, ServiceError> {
    Ok(of.progress.beyond(of.seen, PROGRESS_STEP).await)
}

async fn codes(back_office: &BackOffice, of: Codes) -> Result<Option<Box<Judged>>, ServiceError> {
    Ok(back_office.codes(&of.draft).await?.map(Box::new))
}

async fn request_details(
    back_office: &BackOffice,
    of: RequestPreview,
) -> Result<Box<RequestDetails>, ServiceError> {
    back_office.request_details(of.user).await.map(Box::new)
}

questions! {
    /// A question of an operator of the back office.
    BackOfficeRequest -> BackOfficeReply, asked of (back_office: &BackOffice);

    /// A page of a list.
    read Rows {
        /// The list.
        query: ListQuery,
        /// Where the page begins.
        cursor: PageCursor,
        /// The most rows.
        limit: u16,
    } -> Page = |it| back_office.rows(&it.query, &it.cursor, usize::from(it.limit));

    /// How many rows a list has.
    read Count {
        /// The list.
        query: ListQuery,
    } -> i64 = |it| back_office.count(&it.query);

    /// Loads a record; one asked for as a party is returned as its subtype.
    read LoadRecord {
        /// The entity.
        entity: &'static EntityDef,
        /// The id of the record.
        id: RecordId,
    } -> Arc<Record> = |it| back_office.record(it.entity, it.id);

    /// A new record with the values of the draft and those that a new record begins with.
    read NewDraft {
        /// What was filled in already.
        draft: Draft,
    } -> Draft = |it| back_office.new_draft(it.draft);

    /// The draft with what follows from the choice made in a reference field.
    read Consequences {
        /// The draft, with the choice in it.
        draft: Draft,
        /// The field that was chosen in.
        field: &'static FieldDef,
    } -> Draft = |it| back_office.consequences(it.draft, it.field);

    /// The records that a reference field of a draft may refer to, by the text of one of their search fields.
    read Choices {
        /// The draft.
        draft: Draft,
        /// The reference field.
        field: &'static FieldDef,
        /// What was typed; empty finds the first of all.
        text: String,
    } -> Page = |it| back_office.choices(&it.draft, it.field, &it.text);

    /// The list of all records that a reference field of a draft may refer to; `None` when there can be none because
    /// the field that limits it is empty.
    read ChoicesQuery {
        /// The draft.
        draft: Draft,
        /// The reference field.
        field: &'static FieldDef,
    } -> Option<ListQuery> = |it| back_office.choices_query(&it.draft, it.field);

    /// The Client Center sites for which users can be judged.
    read Sites {} -> Vec<SiteChoice> = |_it| back_office.sites();

    /// The codes of a user's draft at the operator's site; `None` when there is no site.
    read Codes {
        /// The user's draft, judged as if it were saved.
        draft: Draft,
    } -> Option<Box<Judged>> = |it| codes(back_office, it);

    /// The outcome of a sign-in of a user, for each site.
    read SignInPreview {
        /// The user.
        user: RecordId,
    } -> Vec<Preview> = |it| back_office.sign_in_preview(it.user, None);

    /// A page of the history of a record, the newest entry first.
    read History {
        /// The entity.
        entity: &'static EntityDef,
        /// The id of the record.
        id: RecordId,
        /// Only entries older than the one of this number, where one is named.
        before: Option<HistorySeq>,
    } -> HistoryPage = |it| back_office.history(it.entity, it.id, it.before, HISTORY_PAGE);

    /// What an operator has to know for deciding the request of a user.
    read RequestPreview {
        /// The user.
        user: RecordId,
    } -> Box<RequestDetails> = |it| request_details(back_office, it);

    /// Who works on the requests of these users.
    read Claims {
        /// The users.
        users: Vec<RecordId>,
    } -> Vec<(RecordId, Claim)> = |it| back_office.claims(&it.users);
    /// A page of the history of all records by operation, the newest operation first.
    read Operations {
        /// Which operations.
        filter: OperationFilter,
        /// The last operation of the page before, where there was one.
        after: Option<OperationCursor>,
    } -> OperationPage = |it| back_office.operations(&it.filter, it.after, HISTORY_PAGE);

    /// A page of the entries of an operation, in the order of writing; it is the last page when it has fewer than
    /// [`HISTORY_PAGE`].
    read OperationEntries {
        /// The operation.
        operation: OperationId,
        /// Only entries newer than the one of this number; 0 for the first page.
        after: HistorySeq,
    } -> Vec<OperationEntry> = |it| back_office.entries_of_operation(it.operation, it.after, HISTORY_PAGE);

    /// What an undo would do, in words; nothing is done.
    read PlanUndo {
        /// What is undone.
        undoes: Undoes,
        /// Why an administrator does what is otherwise refused; `None` as long as it was not asked.
        reason: Option<String>,
    } -> Undone = |it| back_office.plan_undo(it.undoes, it.reason.as_deref());

    /// The persons and companies proposed for users without person, or whose person belongs to no party.
    read Propose {
        /// The users.
        users: Vec<RecordId>,
    } -> Vec<Proposed> = |it| back_office.proposals(&it.users);

    /// How many requests for accounts wait for a decision.
    read PendingRequests {} -> i64 = |_it| back_office.waiting();

    /// How many users each code stops first at the operator's site.
    read BlockedUsers {} -> Vec<(Code, i64)> = |_it| back_office.blocked_by_code();

    /// Exports records to a file; the answer is their number.
    read Export {
        /// What, and to which file.
        order: ExportOrder,
    } -> u64 = |it| back_office.export_to_file(&it.order);

    /// How many records of an export are written, once there are some thousand more than were seen, or it has ended.
    read ExportProgress {
        /// The progress of the export.
        progress: Progress,
        /// The number of records that was seen.
        seen: u64,
    } -> u64 = |it| export_progress(it);

    /// Writes a draft; the answer is the record as it is stored now.
    save Save {
        /// The draft.
        draft: Draft,
        /// Whether the operator has confirmed what a save would ask about.
        confirmed: bool,
        /// Why an administrator does what is otherwise refused; `None` as long as it was not asked.
        reason: Option<String>,
    } -> Arc<Record> = |it| back_office.save_for(&it.draft, it.confirmed, it.reason.as_deref());

    /// Removes a record.
    save Remove {
        /// The entity.
        entity: &'static EntityDef,
        /// The id of the record.
        id: RecordId,
        /// The version that was read.
        version: Version,
        /// Why an administrator does what is otherwise refused; `None` where nothing refuses.
        reason: Option<String>,
    } -> () = |it| back_office.remove_for(it.entity, it.id, it.version, it.reason.as_deref());

    /// Notes that the operator works on the request of a user; the answer is who does.
    write ClaimRequest {
        /// The user.
        user: RecordId,
        /// Whether the claim of another operator ends.
        take_over: bool,
    } -> Option<Claim> = |it| back_office.claim(it.user, it.take_over);

    /// Ends the operator's claim on the request of a user.
    write ReleaseRequest {
        /// The user.
        user: RecordId,
    } -> () = |it| back_office.release(it.user);

    /// Puts a user's request off until something has happened.
    save Wait {
        /// The user.
        user: RecordId,
        /// What the request waits for.
        what_for: String,
        /// The day on which it is pending again; `None` for no such day.
        until: Option<Date>,
    } -> Arc<Record> = |it| back_office.wait(it.user, &it.what_for, it.until);

    /// Writes an internal note about a user's request.
    save AddNote {
        /// The user.
        user: RecordId,
        /// The note.
        text: String,
    } -> () = |it| back_office.add_note(it.user, &it.text);

    /// Rejects a user's pending request for the account.
    save Reject {
        /// The user.
        user: RecordId,
        /// Why.
        reason: String,
    } -> Arc<Record> = |it| back_office.reject(it.user, &it.reason);

    /// Makes a waiting, rejected or configured request pending again.
    save Reopen {
        /// The user.
        user: RecordId,
    } -> Arc<Record> = |it| back_office.reopen(it.user);

    /// Grants a user access to several customers, all or none.
    save Grant {
        /// The accesses.
        grants: Grants,
        /// Whether the operator has confirmed what this would ask about.
        confirmed: bool,
    } -> () = |it| grant(back_office, it);

    /// Undoes an operation, or one change in it.
    save Undo {
        /// What is undone.
        undoes: Undoes,
        /// Whether the operator has confirmed what this would ask about.
        confirmed: bool,
        /// Why an administrator does what is otherwise refused; `None` as long as it was not asked.
        reason: Option<String>,
    } -> Undone = |it| back_office.undo(it.undoes, it.confirmed, it.reason.as_deref());

    /// Issues a one-time code with which the owner of a login chooses a password.
    save IssueReset {
        /// The user.
        user: RecordId,
        /// Its login.
        login: String,
    } -> OneTimeCode = |it| issue_reset(back_office, it);
}

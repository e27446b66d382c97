//! Requests for accounts: making, rejecting and reopening them (`docs/domain.md`, Requests).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::domain::account_request::{Request, RequestState, Source};
use crate::domain::codes::{Warning, identity_warnings};
use crate::domain::entities::user;
use crate::domain::entities::user::PasswordFormat;
use crate::domain::model::history::{FieldChange, HistoryAction, HistoryEntry};
use crate::domain::model::query::{Filter, ListQuery};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::value::{FALLBACK_LANGUAGE, MultiLang, RecordId, Value};
use crate::domain::rules::{self, Issue};
use crate::service::auth::{self, Origin, Secret};
use crate::service::back_office::BackOffice;
use crate::service::back_office::authorise::checked_reason;
use crate::service::back_office::records::with_defaults;
use crate::service::consequences::Targets;
use crate::service::write::{self, WriteContext};
use crate::service::{Policy, ServiceError, World};
use crate::storage::db::{AdvisoryLock, Db, Tx};
use crate::storage::error::StorageError;
use crate::storage::records::{self, FindBy};
use crate::storage::{accounts, credentials, facts, history};

pub use crate::domain::account_request::Repeated;

/// The fields of the form Create Local Account, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountForm {
    /// The e-mail, required, at most 64 characters; it becomes the login.
    pub email: String,
    /// The full name, required.
    pub full_name: String,
    /// The phone number.
    pub phone: String,
    /// The tag of the default language, one of [`LANGUAGES`]; empty means English.
    pub language: String,
    /// The company that the applicant claims to work for.
    pub company: String,
    /// The message to the operators.
    pub message: String,
    /// The password, required.
    pub password: Secret,
}

/// The login in the history of what happens without an operator, when its day has come.
const BY_ITSELF: &str = "ccdesk";

/// The languages that an applicant can choose, each as its tag and its own name.
pub const LANGUAGES: [(&str, &str); 4] =
    [("en", "English"), ("bg", "Български"), ("de", "Deutsch"), ("fr", "Français")];

/// Requests an account: makes a user and a pending request. When the e-mail has an account already, only the
/// repetition is recorded; answer and duration are the same, so that nobody learns who has an account.
///
/// # Errors
/// [`ServiceError::Invalid`] at the fields of the user; [`ServiceError::Denied`] after too many requests from the same
/// origin.
pub async fn create_account(
    db: &Db,
    world: &World,
    from: &Origin,
    source: Source,
    form: &AccountForm,
) -> Result<(), ServiceError> {
    let draft = begin_account(world, form);
    let issues = check(&world.policy, &draft, form).await;
    if !issues.is_empty() {
        return Err(ServiceError::Invalid(issues));
    }
    // A command is not counted: whoever runs one can write to the database anyway.
    if source != Source::CommandLine {
        auth::count_request(db, world, from).await?;
    }
    // Also for an e-mail that has an account: the answer must not come sooner.
    let hash = auth::hashed(form.password.clone()).await?;
    let login = draft.get(&user::LOGIN).unwrap_or_default();
    let context = WriteContext::new(world, login, FALLBACK_LANGUAGE);
    let mut tx = db.begin().await?;
    tx.set_savepoint().await?;
    match write::write(&mut tx, &context, &draft).await {
        Ok(made) => {
            credentials::set_credential(&mut tx, made.id, &hash).await?;
            let request = Request::pending((world.new_id)(), made.id, context.now, source);
            accounts::add_request(&mut tx, &request).await?;
            let from = format!("By way of the {}.", source.code());
            note(&mut tx, &context, &made, HistoryAction::Requested, Some(&from), Vec::new()).await?;
        }
        // The form was checked before: only a login or an e-mail that is taken is refused here.
        Err(ServiceError::Invalid(_)) => {
            tx.rollback_to_savepoint().await?;
            ask_again(&mut tx, &context, &draft, source).await?;
        }
        Err(other) => return Err(other),
    }
    write::commit(tx, db, &context, &format!("Request an account for {login}")).await
}

/// The draft of the external user that the form describes.
fn begin_account(world: &World, form: &AccountForm) -> Draft {
    let mut draft = with_defaults(Draft::new(&user::USER), Some((world.now)()), None);
    let name = MultiLang::new(FALLBACK_LANGUAGE, form.full_name.as_str());
    for (field, value) in [
        (&user::LOGIN.def, Value::text(form.email.as_str())),
        (&user::EMAIL.def, Value::text(form.email.as_str())),
        (&user::NAME.def, Value::multi(name)),
        (&user::PHONE_NUMBER.def, Value::text(form.phone.as_str())),
        (&user::DEFAULT_LANGUAGE.def, Value::text(form.language.to_lowercase())),
        (&user::COMPANY_NAME.def, Value::text(form.company.as_str())),
        (&user::REGISTRATION_MESSAGE.def, Value::text(form.message.as_str())),
        (&user::PASSWORD_FORMAT.def, PasswordFormat::Argon2id.into()),
    ] {
        draft.set(field, value);
    }
    draft
}

/// What is wrong with the form, at most one issue a field.
async fn check(policy: &Policy, draft: &Draft, form: &AccountForm) -> Vec<Issue> {
    let mut issues = rules::check(draft);
    let (email, name) = (&user::EMAIL.def, &user::NAME.def);
    if let Some(sentence) = wrong_email(draft) {
        // The login is the e-mail and has no field in the form, so that one issue at the e-mail stands for both.
        issues.retain(|issue| {
            ![Some(email.property), Some(user::LOGIN.def.property)].contains(&issue.property)
        });
        issues.insert(0, Issue::at(email, sentence));
    }
    if draft.value(name).is_empty() {
        issues.retain(|issue| issue.property != Some(name.property));
        issues.push(Issue::at(name, "Full Name is required."));
    }
    let language = draft.get(&user::DEFAULT_LANGUAGE);
    if language.is_some_and(|chosen| LANGUAGES.iter().all(|(tag, _)| *tag != chosen)) {
        let tags = LANGUAGES.map(|(tag, _)| tag).join(", ");
        issues.retain(|issue| issue.property != Some(user::DEFAULT_LANGUAGE.def.property));
        issues.push(Issue::at(&user::DEFAULT_LANGUAGE.def, format!("Default Language is one of: {tags}.")));
    }
    if form.password.expose().is_empty() {
        issues.push(Issue::at(&user::PASSWORD.def, "Password is required."));
    } else {
        let known = [form.email.trim(), form.full_name.trim(), form.company.trim()];
        issues.extend(auth::check_password(policy, &form.password, &known).await);
    }
    issues
}

fn wrong_email(draft: &Draft) -> Option<String> {
    let max = user::LOGIN.def.max_length()?;
    match draft.get(&user::EMAIL).map(|email| email.chars().count()) {
        None => Some("Email is required.".to_owned()),
        Some(length) if length > max => {
            Some(format!("Email becomes the login, which takes at most {max} characters; this has {length}."))
        }
        Some(_) => None,
    }
}

/// Records a repeated request with the user who has the e-mail, or else the login, of the draft. The user is not
/// changed.
async fn ask_again(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    draft: &Draft,
    source: Source,
) -> Result<(), ServiceError> {
    let mut found = None;
    for field in [&user::EMAIL.def, &user::LOGIN.def] {
        if found.is_none() {
            found = records::find(tx, &user::USER, FindBy::Field(field, draft.value(field))).await?;
        }
    }
    let id = found.ok_or(ServiceError::NotFound)?;
    let user = records::load(tx, &user::USER, id, context.language).await?.ok_or(ServiceError::NotFound)?;
    let message = draft.get(&user::REGISTRATION_MESSAGE);
    accounts::add_repeated(tx, (context.world.new_id)(), id, context.now, source, message).await?;
    note(tx, context, &user, HistoryAction::RequestedAgain, message, Vec::new()).await
}

/// Appends an entry about a request to the history of its user.
async fn note(
    tx: &mut Tx,
    context: &WriteContext<'_>,
    user: &Record,
    action: HistoryAction,
    reason: Option<&str>,
    fields: Vec<FieldChange>,
) -> Result<(), ServiceError> {
    let entry = context.entry(&user::USER, user.id, user.version, action);
    Ok(history::append(tx, [&HistoryEntry { reason: reason.map(str::to_owned), fields, ..entry }]).await?)
}

/// An operator's decision about a user's last request.
struct Decision<'a> {
    /// The states of which the request must have one.
    from: &'static [RequestState],
    /// The new state.
    to: RequestState,
    /// The action that history records.
    action: HistoryAction,
    /// Why it is rejected, or what it waits for.
    reason: Option<&'a str>,
    /// The day on which it is pending again.
    until: Option<Date>,
    /// What the operation is for, but for the login.
    purpose: &'static str,
    /// The message when there is no request in a state of `from`.
    otherwise: &'static str,
}

impl BackOffice {
    /// Rejects a user's pending request: stores the reason and switches the user off. Returns the user.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when there is no pending request, or the reason is empty or longer than 254
    /// characters; [`ServiceError::Denied`] for an operator without the right.
    pub async fn reject(&self, user: RecordId, reason: &str) -> Result<Arc<Record>, ServiceError> {
        let reason = checked_reason(reason, "Say why the request is rejected.")?;
        let rejection = Decision {
            from: &[RequestState::Pending, RequestState::Waiting],
            to: RequestState::Rejected,
            action: HistoryAction::Rejected,
            reason: Some(reason),
            until: None,
            purpose: "Reject request",
            otherwise: "This user has no request to decide; there is nothing to reject.",
        };
        write::repeated(|| self.decide(user, &rejection)).await
    }

    /// Puts a user's request off until something has happened, such as an answer of the company: it is waiting, and
    /// pending again by itself on the day `until`, where one is named. A request that waits already gets the new
    /// reason and day. Returns the user.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when there is no request to decide, the reason is empty or longer than 254
    /// characters, or the day is not after today; [`ServiceError::Denied`] for an operator without the right.
    pub async fn wait(
        &self,
        user: RecordId,
        what_for: &str,
        until: Option<Date>,
    ) -> Result<Arc<Record>, ServiceError> {
        let what_for = checked_reason(what_for, "Say what the request waits for.")?;
        if until.is_some_and(|until| until <= self.world.today()) {
            let sentence = "The day until which a request waits comes after today; choose a later one.";
            return Err(ServiceError::Invalid(vec![Issue::whole(sentence)]));
        }
        let waiting = Decision {
            from: &[RequestState::Pending, RequestState::Waiting],
            to: RequestState::Waiting,
            action: HistoryAction::Waiting,
            reason: Some(what_for),
            until,
            purpose: "Put off request",
            otherwise: "This user has no request to decide; there is nothing that can wait.",
        };
        write::repeated(|| self.decide(user, &waiting)).await
    }

    /// Makes a user's waiting, rejected or configured request pending again; configured at once when no code fails any
    /// more. Switches a rejected user on; another one who is switched off stays so. Returns the user.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when the user has no request, or it is pending already; [`ServiceError::Denied`] for
    /// an operator without the right.
    pub async fn reopen(&self, user: RecordId) -> Result<Arc<Record>, ServiceError> {
        let reopening = Decision {
            from: &[RequestState::Waiting, RequestState::Rejected, RequestState::Configured],
            to: RequestState::Pending,
            action: HistoryAction::Reopened,
            reason: None,
            until: None,
            purpose: "Reopen request",
            otherwise: "This user has no request that was decided or waits; there is nothing to reopen.",
        };
        write::repeated(|| self.decide(user, &reopening)).await
    }

    async fn decide(&self, user: RecordId, decision: &Decision<'_>) -> Result<Arc<Record>, ServiceError> {
        let context = self.context();
        let otherwise = || ServiceError::Invalid(vec![Issue::whole(decision.otherwise)]);
        let (mut tx, principal) = self.begin_as().await?;
        // Before the row of the user, as in a save, which may ask whether this is the last administrator; and the user
        // before the request. In another order two transactions would each wait for the other.
        tx.lock(AdvisoryLock::Administrators).await?;
        records::lock(&mut tx, &user::USER, user).await?;
        let record = records::load(&mut tx, &user::USER, user, context.language).await?;
        let mut draft = Draft::of(Arc::new(record.ok_or(ServiceError::NotFound)?));
        let mut tx = self.authorise(tx, &principal, &draft).await?;
        let request = accounts::last_of(&mut tx, user).await?;
        let request =
            request.filter(|request| decision.from.contains(&request.state)).ok_or_else(otherwise)?;
        let previous = request.state;
        if previous == RequestState::Rejected || decision.to == RequestState::Rejected {
            draft.set(&user::ACTIVE.def, Value::Bool(decision.to.is_open()));
        }
        let is_pending = decision.to == RequestState::Pending;
        let decided = Request {
            state: decision.to,
            decided_at: (!is_pending).then_some(context.now),
            decided_by: (!is_pending).then(|| context.login.to_owned()),
            reason: decision.reason.map(str::to_owned),
            waiting_until: decision.until,
            ..request.clone()
        };
        // Before the user, whose being switched on again may settle it at once.
        if !accounts::decide(&mut tx, previous, &decided).await? {
            return Err(otherwise());
        }
        let fields = write::of_decision(&request, &decided);
        if let Some(record) = draft.base.as_ref().filter(|_| is_pending) {
            // Before what may configure the request at once.
            note(&mut tx, &context, record, decision.action, decision.reason, fields.clone()).await?;
        }
        let is_changed = draft.is_changed();
        let mut targets = Targets::new(context.language);
        let record = write::write_loaded(&mut tx, &context, draft, &mut targets).await?;
        if !is_pending {
            note(&mut tx, &context, &record, decision.action, decision.reason, fields).await?;
        }
        if is_pending && !is_changed {
            // The user was active already, so that no save has settled the request.
            write::settle(&mut tx, &context, &record).await?;
        }
        let login = record.get(&user::LOGIN).unwrap_or_default();
        write::commit(tx, &self.db, &context, &format!("{} of {login}", decision.purpose)).await?;
        Ok(record)
    }

    /// The warnings about who users are ([`identity_warnings`]), by the id of the user.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn identity_warnings(
        &self,
        users: &[RecordId],
    ) -> Result<BTreeMap<RecordId, Vec<Warning>>, ServiceError> {
        let mut conn = self.read().await?;
        let found = facts::identities(&mut conn, users, &self.who.language).await?;
        Ok(found.iter().map(|user| (user.id, identity_warnings(user))).collect())
    }

    /// The newest request of each of these users who has one, by the id of the user.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_requests(
        &self,
        users: &[RecordId],
    ) -> Result<BTreeMap<RecordId, Request>, ServiceError> {
        let requests = accounts::last_of_each(&mut *self.read().await?, users).await?;
        Ok(requests.into_iter().map(|request| (request.user, request)).collect())
    }

    /// Writes an internal note about a user's request into the user's history, where every operator sees it.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when the user has no request, or the note is empty or longer than 254 characters.
    pub async fn add_note(&self, user: RecordId, text: &str) -> Result<(), ServiceError> {
        let text = checked_reason(text, "Write what is to be noted.")?;
        let context = self.context();
        let mut tx = self.begin().await?;
        let record = records::load(&mut tx, &user::USER, user, context.language).await?;
        let record = record.ok_or(ServiceError::NotFound)?;
        if accounts::last_of(&mut tx, user).await?.is_none() {
            let sentence = "This user has not asked for an account; notes are about requests.";
            return Err(ServiceError::Invalid(vec![Issue::whole(sentence)]));
        }
        note(&mut tx, &context, &record, HistoryAction::Noted, Some(text), Vec::new()).await?;
        let login = record.get(&user::LOGIN).unwrap_or_default();
        write::commit(tx, &self.db, &context, &format!("Note on the request of {login}")).await
    }

    /// Makes the requests pending whose day to wait until has come, each with an entry in history. Nothing is written
    /// when there is none, or when the database can only be read.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn resume_due(&self) -> Result<(), ServiceError> {
        let today = self.world.today();
        for user in accounts::due(&mut *self.read().await?, today).await? {
            match write::repeated(|| self.resume(user, today)).await {
                Err(ServiceError::Storage(error)) if *error == StorageError::ReadOnly => return Ok(()),
                resumed => resumed?,
            }
        }
        Ok(())
    }

    async fn resume(&self, user: RecordId, today: Date) -> Result<(), ServiceError> {
        let context = WriteContext::new(&self.world, BY_ITSELF, &self.who.language);
        let mut tx = self.begin().await?;
        records::lock(&mut tx, &user::USER, user).await?;
        let Some(record) = records::load(&mut tx, &user::USER, user, context.language).await? else {
            return Ok(());
        };
        let is_due = |request: &Request| request.waiting_until.is_some_and(|until| until <= today);
        let Some(request) = accounts::last_of(&mut tx, user).await?.filter(is_due) else { return Ok(()) };
        let (source, state) = (request.source, request.state);
        let pending = Request::pending(request.id, user, request.submitted_at, source);
        if accounts::decide(&mut tx, state, &pending).await? {
            let fields = write::of_decision(&request, &pending);
            let reason = request.reason.as_deref();
            note(&mut tx, &context, &record, HistoryAction::Reopened, reason, fields).await?;
            let login = record.get(&user::LOGIN).unwrap_or_default();
            write::commit(tx, &self.db, &context, &format!("Resume request of {login}")).await?;
        }
        Ok(())
    }

    /// The number of users in the view Pending.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn waiting(&self) -> Result<i64, ServiceError> {
        let pending = ListQuery {
            filters: vec![Filter::Request(RequestState::Pending)],
            ..ListQuery::all(&user::USER)
        };
        self.count(&pending).await
    }
}

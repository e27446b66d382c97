//! Access of users to the data of customers: granting, removing and listing it (`docs/domain.md`, Customers - External
//! Access).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::codes::{Role, oldest_visible};
use crate::domain::entities::external_access::{self, EXTERNAL_ACCESS, has_ended};
use crate::domain::entities::{customer, user};
use crate::domain::model::format;
use crate::domain::model::instant::Instant;
use crate::domain::model::query::{Filter, ListQuery, PageCursor};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Reference, Value, Version};
use crate::domain::rules::{self, Issue};
use crate::service::ServiceError;
use crate::service::back_office::BackOffice;
use crate::service::back_office::authorise::exception;
use crate::service::back_office::records::with_defaults;
use crate::service::consequences::Targets;
use crate::service::write::{self, WriteContext};
use crate::storage::db::{Session, Tx};
use crate::storage::list;
use crate::storage::records::{self, FindBy};

/// The most accesses in a page of [`AccessPages`].
const PAGE: usize = 500;

/// The most warnings that a grant to many customers tells one by one.
const MOST_WARNINGS: usize = 5;

/// A grant of the same access to several customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// The user who gets access.
    pub user: RecordId,
    /// The customers, in any order; a repeated one counts once.
    pub customers: Vec<RecordId>,
    /// The role of each access.
    pub role: Role,
    /// The days back of each access; `None` is unlimited.
    pub days_back: Option<i64>,
    /// The last day of each access; `None` is no end.
    pub valid_until: Option<Date>,
    /// The notes on each access.
    pub notes: String,
}

impl Grants {
    /// A grant with the default role and days back (`docs/domain.md`, Customers - External Access), without end and
    /// notes.
    pub fn usual(user: RecordId, customers: Vec<RecordId>) -> Self {
        let new_draft = with_defaults(Draft::new(&EXTERNAL_ACCESS), None, None);
        Self {
            user,
            customers,
            role: new_draft.get(&external_access::ROLE).unwrap_or_default(),
            days_back: new_draft.get(&external_access::DAYS_BACK_ACCESS),
            valid_until: None,
            notes: String::new(),
        }
    }

    /// The drafts of the accesses, by the customer.
    fn drafts(&self) -> BTreeMap<RecordId, Draft> {
        let with_customer = |customer: &RecordId| {
            let mut draft = self.draft();
            draft.set(&external_access::CUSTOMER.def, to(*customer));
            (*customer, draft)
        };
        self.customers.iter().map(with_customer).collect()
    }

    /// The draft of an access, without customer.
    fn draft(&self) -> Draft {
        let mut draft = Draft::new(&EXTERNAL_ACCESS);
        draft.set(&external_access::USER.def, to(self.user));
        draft.set(&external_access::VALID_UNTIL.def, self.valid_until.map_or(Value::Empty, Value::Date));
        draft.set(&external_access::ROLE.def, Value::Code(self.role.code()));
        draft.set(&external_access::DAYS_BACK_ACCESS.def, self.days_back.map_or(Value::Empty, Value::Int));
        draft.set(&external_access::NOTES.def, Value::text(self.notes.as_str()));
        draft
    }
}

/// A row in a report of accesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRow {
    /// The id of the access.
    pub id: RecordId,
    /// The version that was read.
    pub version: Version,
    /// The display text of the customer: `Olivia Green #00028`.
    pub customer: String,
    /// The customer's number.
    pub number: String,
    /// The display text of the user: `Catherine Carter <CC> [EXT]`.
    pub user: String,
    /// The user's login.
    pub login: String,
    /// The user's role.
    pub role: Role,
    /// How many days back the user sees the customer's data; `None` is unlimited.
    pub days_back: Option<i64>,
    /// The oldest date that `days_back` opens today; `None` is unlimited.
    pub oldest: Option<Date>,
    /// The last day on which the access opens anything; `None` is no end.
    pub valid_until: Option<Date>,
    /// Whether that day is over, so that the access opens nothing any more.
    pub has_ended: bool,
    /// When the user last worked for the customer; `None` is never.
    pub last_used: Option<Instant>,
    /// When and by whom the access was granted, where that is known.
    pub granted: Option<(Timestamp, String)>,
    /// When and by whom the access was last reviewed and kept.
    pub reviewed: Option<(Instant, String)>,
    /// Notes on the access.
    pub notes: String,
}

/// A cursor over accesses. Memory holds one page, however many there are.
pub struct AccessPages {
    back_office: BackOffice,
    query: ListQuery,
    rest: Option<PageCursor>,
}

impl AccessPages {
    /// The accesses of a list.
    pub(super) fn of(back_office: &BackOffice, query: ListQuery) -> Self {
        Self { back_office: back_office.clone(), query, rest: Some(PageCursor::First) }
    }

    /// The next page of at most 500 accesses, by customer; empty at the end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next_page(&mut self) -> Result<Vec<AccessRow>, ServiceError> {
        let Some(page_cursor) = self.rest.take() else { return Ok(Vec::new()) };
        let mut conn = self.back_office.read().await?;
        let language = &self.back_office.who.language;
        let page = list::page(&mut conn, &self.query, None, &page_cursor, PAGE, language).await?;
        let last = page.rows.last().filter(|_| page.more_after);
        self.rest = last.map(|row| PageCursor::After(row.key.clone()));
        let ids: Vec<RecordId> = page.rows.iter().map(|row| row.id).collect();
        let fields = EXTERNAL_ACCESS.fields;
        let found = records::read(&mut conn, &EXTERNAL_ACCESS, fields, &ids, language).await?;
        let found: BTreeMap<RecordId, Record> = found.into_iter().map(|row| (row.id, row)).collect();
        self.back_office.access_rows_of(&mut conn, ids.iter().filter_map(|id| found.get(id))).await
    }
}

impl BackOffice {
    /// Grants access to all customers or to none; returns the accesses in the order of the customers' ids. `confirmed`
    /// skips the rules that only ask.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] at the fields, also when the user has access to one of the customers already;
    /// [`ServiceError::Denied`] for an operator without the right (`docs/domain.md`, Rights in the back office).
    pub async fn grant(&self, grants: &Grants, confirmed: bool) -> Result<Vec<Arc<Record>>, ServiceError> {
        write::repeated(|| self.granted(grants, confirmed)).await
    }

    async fn granted(&self, grants: &Grants, confirmed: bool) -> Result<Vec<Arc<Record>>, ServiceError> {
        let draft = grants.draft();
        let (tx, principal) = self.begin_as().await?;
        let mut tx = self.authorise(tx, &principal, &draft).await?;
        let drafts = grants.drafts();
        if drafts.is_empty() {
            return Err(ServiceError::Invalid(rules::check(&draft)));
        }
        let customers = drafts.keys().copied().collect();
        refuse_granted(&mut tx, grants.user, &customers, &self.who.language).await?;
        self.write_grants(tx, drafts, confirmed).await
    }

    /// Grants a user what another has: access to the same customers, each with the same role, days back and last day.
    /// Left out are accesses that have ended, and customers that the user has access to already; notes are not copied.
    /// All or none are granted; `confirmed` skips the rules that only ask.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] also when nothing is left to grant; otherwise as [`BackOffice::grant`].
    pub async fn grant_same(
        &self,
        user: RecordId,
        other: RecordId,
        confirmed: bool,
    ) -> Result<Vec<Arc<Record>>, ServiceError> {
        write::repeated(|| self.granted_same(user, other, confirmed)).await
    }

    async fn granted_same(
        &self,
        user: RecordId,
        other: RecordId,
        confirmed: bool,
    ) -> Result<Vec<Arc<Record>>, ServiceError> {
        let grants = Grants::usual(user, Vec::new());
        let (tx, principal) = self.begin_as().await?;
        let mut tx = self.authorise(tx, &principal, &grants.draft()).await?;
        let accesses = accesses_of_users(&mut tx, &[user, other], &self.who.language).await?;
        let is_of =
            |row: &&Record, whose| row.get(&external_access::USER).is_some_and(|user| user.id == whose);
        let customer = |row: &Record| row.get(&external_access::CUSTOMER).map(|customer| customer.id);
        let own: BTreeSet<RecordId> =
            accesses.iter().filter(|row| is_of(row, user)).filter_map(customer).collect();
        let today = self.world.today();
        let is_copied = |row: &&Record| {
            is_of(row, other)
                && !has_ended(row.get(&external_access::VALID_UNTIL), today)
                && customer(row).is_some_and(|customer| !own.contains(&customer))
        };
        let drafts: BTreeMap<RecordId, Draft> = accesses
            .iter()
            .filter(is_copied)
            .filter_map(|row| {
                let mut draft = Draft::new(&EXTERNAL_ACCESS);
                for field in COPIED {
                    draft.set(field, row.value(field).clone());
                }
                draft.set(&external_access::USER.def, to(user));
                Some((customer(row)?, draft))
            })
            .collect();
        if drafts.is_empty() {
            let sentence = "There is nothing that the other has access to and this user has not.";
            return Err(ServiceError::Invalid(vec![Issue::whole(sentence)]));
        }
        self.write_grants(tx, drafts, confirmed).await
    }

    /// Writes new accesses, all or none, in the order of their customers' ids, so that two concurrent grants lock rows in
    /// the same order and cannot deadlock.
    async fn write_grants(
        &self,
        mut tx: Tx,
        drafts: BTreeMap<RecordId, Draft>,
        confirmed: bool,
    ) -> Result<Vec<Arc<Record>>, ServiceError> {
        let context = WriteContext { confirmed, ..self.context() };
        let mut granted = Vec::with_capacity(drafts.len());
        let mut targets = Targets::new(context.language);
        let mut asked: Vec<Issue> = Vec::new();
        for mut draft in drafts.into_values() {
            draft.id = (self.world.new_id)();
            match write::write_loaded(&mut tx, &context, draft, &mut targets).await {
                Ok(access) => granted.push(access),
                // What is asked is asked about all customers together.
                Err(ServiceError::Invalid(issues)) if issues.iter().all(Issue::only_asks) => {
                    asked.extend(issues);
                }
                Err(refused) => return Err(refused),
            }
        }
        if !asked.is_empty() {
            return Err(ServiceError::Invalid(told_once(asked)));
        }
        let purpose = match granted.len() {
            1 => "Grant access to 1 customer".to_owned(),
            many => format!("Grant access to {many} customers"),
        };
        write::commit(tx, &self.db, &context, &purpose).await?;
        Ok(granted)
    }

    /// Deletes a record of an entity that allows it ([`EntityDef::removal`]).
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when a rule forbids it, [`ServiceError::Conflict`] when the record's version is not
    /// `version`, [`ServiceError::Denied`] for an operator without the right and for an entity that does not allow it.
    pub async fn remove(
        &self,
        entity: &'static EntityDef,
        id: RecordId,
        version: Version,
    ) -> Result<(), ServiceError> {
        self.remove_for(entity, id, version, None).await
    }

    /// [`BackOffice::remove`], with the reason that an administrator gives for what is otherwise refused.
    ///
    /// # Errors
    /// As [`BackOffice::remove`]; also for a reason that is too long.
    pub async fn remove_for(
        &self,
        entity: &'static EntityDef,
        id: RecordId,
        version: Version,
        reason: Option<&str>,
    ) -> Result<(), ServiceError> {
        if entity.removal.is_none() {
            return Err(self
                .refused(entity, Some(id), format!("{} are never removed.", entity.plural))
                .await);
        }
        let removed = write::repeated(|| self.removed(entity, id, version, reason));
        self.recording_refusals(entity, Some(id), removed).await
    }

    async fn removed(
        &self,
        entity: &'static EntityDef,
        id: RecordId,
        version: Version,
        reason: Option<&str>,
    ) -> Result<(), ServiceError> {
        let (mut tx, principal) = self.begin_as().await?;
        let context = WriteContext { exception: exception(&principal, reason)?, ..self.context() };
        let found = records::load(&mut tx, entity, id, context.language).await?;
        let record = Arc::new(Record { version, ..found.ok_or(ServiceError::NotFound)? });
        let mut tx = self.authorise(tx, &principal, &Draft::of(Arc::clone(&record))).await?;
        write::delete(&mut tx, &context, &record).await?;
        write::commit(tx, &self.db, &context, &context.purpose("Remove", &record)).await
    }

    /// The accesses to `customer` of `user`; `None` stands for all customers or all users.
    pub fn accesses(&self, customer: Option<RecordId>, user: Option<RecordId>) -> AccessPages {
        AccessPages::of(self, accesses_of(user, customer))
    }

    /// The report rows of accesses.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn access_rows(&self, rows: &[Arc<Record>]) -> Result<Vec<AccessRow>, ServiceError> {
        let mut conn = self.read().await?;
        self.access_rows_of(&mut conn, rows.iter().map(AsRef::as_ref)).await
    }

    async fn access_rows_of<'a>(
        &self,
        s: &mut Session,
        rows: impl Iterator<Item = &'a Record> + Clone,
    ) -> Result<Vec<AccessRow>, ServiceError> {
        let numbers = names(s, rows.clone(), &external_access::CUSTOMER.def, &customer::NUMBER.def).await?;
        let logins = names(s, rows.clone(), &external_access::USER.def, &user::LOGIN.def).await?;
        let ids: Vec<RecordId> = rows.clone().map(|row| row.id).collect();
        let mut created = records::created(s, &EXTERNAL_ACCESS, &ids).await?;
        let today = self.world.today();
        let access_rows = rows.filter_map(|row| {
            let customer = row.get(&external_access::CUSTOMER)?;
            let user = row.get(&external_access::USER)?;
            let days_back = row.get(&external_access::DAYS_BACK_ACCESS);
            Some(AccessRow {
                id: row.id,
                version: row.version,
                customer: customer.shown.clone(),
                number: numbers.get(&customer.id).cloned().unwrap_or_default(),
                user: user.shown.clone(),
                login: logins.get(&user.id).cloned().unwrap_or_default(),
                role: row.get(&external_access::ROLE)?,
                days_back,
                oldest: oldest_visible(days_back, today),
                valid_until: row.get(&external_access::VALID_UNTIL),
                has_ended: has_ended(row.get(&external_access::VALID_UNTIL), today),
                last_used: row.get(&external_access::LAST_USED),
                granted: created.remove(&row.id),
                reviewed: row.get(&external_access::REVIEWED_AT).map(|at| {
                    let by = row.get(&external_access::REVIEWED_BY).unwrap_or_default();
                    (at, by.to_owned())
                }),
                notes: row.get(&external_access::NOTES).unwrap_or_default().to_owned(),
            })
        });
        Ok(access_rows.collect())
    }

    /// The record with a code ([`EntityDef::code`]), such as a user's login or a customer's number. Blanks around the
    /// code are ignored. `None` when there is no such record, and for an entity without a code.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn find_by_code(
        &self,
        entity: &'static EntityDef,
        code: &str,
    ) -> Result<Option<RecordId>, ServiceError> {
        let Some(field) = entity.code else { return Ok(None) };
        let mut conn = self.read().await?;
        Ok(records::find(&mut conn, entity, FindBy::Field(field, &Value::text(code))).await?)
    }
}

fn to(id: RecordId) -> Value {
    Value::Ref(Reference { id, shown: String::new() })
}

/// The issues without repetitions; of the warnings the first [`MOST_WARNINGS`] and the number of the others.
fn told_once(issues: Vec<Issue>) -> Vec<Issue> {
    let mut told: Vec<Issue> = Vec::new();
    for issue in issues {
        if !told.contains(&issue) {
            told.push(issue);
        }
    }
    let (mut warnings, mut others): (Vec<_>, Vec<_>) = told.into_iter().partition(Issue::only_warns);
    if warnings.len() > MOST_WARNINGS {
        let more = warnings.split_off(MOST_WARNINGS).len();
        let sentence = format!("It is the same with {more} more.");
        warnings.push(Issue::warn(&external_access::CUSTOMER.def, sentence));
    }
    others.extend(warnings);
    others
}

/// The query for the accesses of `users` to `customers`; none given stands for all.
fn accesses_of(
    users: impl IntoIterator<Item = RecordId>,
    customers: impl IntoIterator<Item = RecordId>,
) -> ListQuery {
    let one_of = |field, ids: Vec<Value>| (!ids.is_empty()).then_some(Filter::OneOf(field, ids));
    let users = one_of(&external_access::USER.def, users.into_iter().map(to).collect());
    let customers = one_of(&external_access::CUSTOMER.def, customers.into_iter().map(to).collect());
    ListQuery { filters: users.into_iter().chain(customers).collect(), ..ListQuery::all(&EXTERNAL_ACCESS) }
}

/// The fields of an access that [`BackOffice::grant_same`] copies.
const COPIED: [&FieldDef; 4] = [
    &external_access::CUSTOMER.def,
    &external_access::ROLE.def,
    &external_access::DAYS_BACK_ACCESS.def,
    &external_access::VALID_UNTIL.def,
];

/// Every access of these users.
async fn accesses_of_users(
    s: &mut Session,
    users: &[RecordId],
    language: &str,
) -> Result<Vec<Record>, ServiceError> {
    let mut ids = Vec::new();
    for user in users {
        ids.extend(records::referring(s, &EXTERNAL_ACCESS, &external_access::USER.def, *user).await?);
    }
    Ok(records::read(s, &EXTERNAL_ACCESS, EXTERNAL_ACCESS.fields, &ids, language).await?)
}

/// Refuses a grant to customers that the user has access to already; the message names them.
async fn refuse_granted(
    tx: &mut Tx,
    user: RecordId,
    customers: &BTreeSet<RecordId>,
    language: &str,
) -> Result<(), ServiceError> {
    let columns = vec![&external_access::USER.def, &external_access::CUSTOMER.def];
    let query = ListQuery { columns, ..accesses_of([user], customers.iter().copied()) };
    let page = list::page(tx, &query, None, &PageCursor::First, customers.len(), language).await?;
    let Some(first) = page.rows.first() else { return Ok(()) };
    let field = &external_access::CUSTOMER.def;
    let shown = |value| format::shown(field, value, language);
    let granted: Vec<_> = page.rows.iter().map(|row| shown(&row.values[1])).collect();
    let (user, granted) = (shown(&first.values[0]), granted.join(", "));
    let sentence = format!("{user} has access to {granted} already; change that access instead.");
    Err(ServiceError::Invalid(vec![Issue::at(field, sentence)]))
}

/// The display texts of `field` of the records that `reference` refers to in `rows`, by the id of the record.
async fn names<'a>(
    s: &mut Session,
    rows: impl Iterator<Item = &'a Record>,
    reference: &'static FieldDef,
    field: &'static FieldDef,
) -> Result<BTreeMap<RecordId, String>, ServiceError> {
    let Some(entity) = reference.target() else { return Ok(BTreeMap::new()) };
    let ids: BTreeSet<RecordId> = rows
        .filter_map(|row| match row.value(reference) {
            Value::Ref(reference) => Some(reference.id),
            _ => None,
        })
        .collect();
    let ids: Vec<RecordId> = ids.into_iter().collect();
    // A code is the same in every language.
    let found = records::read(s, entity, &[field], &ids, "").await?;
    Ok(found.iter().map(|row| (row.id, format::shown(field, row.value(field), "").into_owned())).collect())
}

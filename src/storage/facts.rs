//! Reads the facts of users and sites from which the codes are determined (`docs/codes.md`, Facts): for stored users
//! and for the draft of a user. A call runs as many statements for 1,000 users as for one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::db::{Bind, Row, Session, Sql};
use super::error::StorageError;
use super::look_alikes;
use super::records::{self, Selection, some_fields};
use super::statement::{Binds, FromClause, Projection, is_one_of_codes, is_one_of_ids, literal};
use crate::domain::codes::{
    CustomerFacts, GrantFacts, PartyFacts, PersonFacts, Role, SiteFacts, UserFacts, UserType,
};
use crate::domain::entities::{customer, document_type, external_access, party, user, web_site};
use crate::domain::model::instant::utc_date;
use crate::domain::model::record::{Draft, FieldMap, Fields, Origin, Record};
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::{RecordId, Value};
use crate::domain::rights::OwnRecords;

const USER_FIELDS: [&FieldDef; 9] = [
    &user::LOGIN.def,
    &user::NAME.def,
    &user::EMAIL.def,
    &user::COMPANY_NAME.def,
    &user::USER_TYPE.def,
    &user::ACTIVE.def,
    &user::EMAIL_CONFIRMED.def,
    &user::LOCKOUT_END_UTC.def,
    &user::PERSON.def,
];

const CUSTOMER_FIELDS: [&FieldDef; 7] = [
    &customer::PARTY.def,
    &customer::NUMBER.def,
    &customer::ENTERPRISE_COMPANY.def,
    &customer::SERVICED_BY.def,
    &customer::ACTIVE.def,
    &customer::FROM_DATE.def,
    &customer::THRU_DATE.def,
];

const SITE_FIELDS: [&FieldDef; 6] = [
    &web_site::RELATIVE_URL.def,
    &web_site::WEB_HOST.def,
    &web_site::ENTERPRISE_COMPANY.def,
    &web_site::SETTINGS_JSON.def,
    &web_site::ACCESS_RULES.def,
    &web_site::IS_ACTIVE.def,
];

/// Reads the facts of stored users, in the order of `ids`. Ids without a user are left out.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn users(
    s: &mut Session,
    ids: &[RecordId],
    language: &str,
) -> Result<Vec<UserFacts>, StorageError> {
    let stored = stored(s, ids, language).await?;
    of(s, &by_id(&stored), language).await
}

/// Reads the facts that say who stored users are, in the order of `ids`, with two statements: as [`users`], but without
/// persons and grants.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn identities(
    s: &mut Session,
    ids: &[RecordId],
    language: &str,
) -> Result<Vec<UserFacts>, StorageError> {
    let stored = stored(s, ids, language).await?;
    let users = by_id(&stored);
    let mut facts: Vec<UserFacts> = users.iter().map(|(id, user)| user.facts(*id, language)).collect();
    add_look_alikes(s, &users, &mut facts).await?;
    Ok(facts)
}

/// The stored users of these ids, in their order. Ids without a user are left out.
async fn stored(s: &mut Session, ids: &[RecordId], language: &str) -> Result<Vec<Record>, StorageError> {
    let found = records::read(s, &user::USER, &USER_FIELDS, ids, language).await?;
    let mut found: BTreeMap<RecordId, Record> = found.into_iter().map(|user| (user.id, user)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

fn by_id(users: &[Record]) -> Vec<(RecordId, &dyn UserFields)> {
    users.iter().map(|user| (user.id, user as &dyn UserFields)).collect()
}

/// Reads the facts of a user as a draft has it, with its unsaved changes. The facts of a new user have the id
/// [`RecordId::NIL`] and no grants.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn of_draft(s: &mut Session, draft: &Draft, language: &str) -> Result<UserFacts, StorageError> {
    let id = draft.stored_id().unwrap_or(RecordId::NIL);
    let facts = of(s, &[(id, draft)], language).await?;
    facts.into_iter().next().ok_or_else(|| StorageError::Other("a draft has no facts".to_owned()))
}

/// Reads the records by which a user is let in to Client Centers of version 24: the user's person, and the parent party
/// of that person. Both are `None` when the user does not exist.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn own_records(s: &mut Session, user: RecordId) -> Result<OwnRecords, StorageError> {
    let sql = "SELECT u.person, p.parent_party FROM sec_users u LEFT JOIN gen_parties p ON p.id = u.person \
               WHERE u.id = $1";
    let row = s.fetch_optional(sql, vec![user.into()]).await?;
    let (person, parent_party) = match row {
        Some(row) => (row.opt_id(0)?, row.opt_id(1)?),
        None => (None, None),
    };
    Ok(OwnRecords { user, person, parent_party })
}

/// Reads the ids of the external accesses through which a customer's users are managed at `now`: those that have not
/// ended, whose role may manage users and whose user is active, not locked and of a type that can sign in (`docs/domain.md`, Customers -
/// External Access).
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn managers(
    s: &mut Session,
    customer: RecordId,
    now: Timestamp,
) -> Result<Vec<RecordId>, StorageError> {
    let roles = Role::ALL.into_iter().filter(|role| role.manages_users()).map(Role::code);
    let user_types = UserType::ALL.into_iter().filter(|kind| kind.can_sign_in()).map(UserType::code);
    let sql = format!(
        "SELECT a.id FROM crm_customer_external_access a JOIN sec_users u ON u.id = a.user_id \
         WHERE a.customer = $1 AND (a.valid_until IS NULL OR a.valid_until >= $3) AND {} AND {} AND {}",
        is_one_of_codes("a.role", roles),
        is_one_of_codes("u.user_type", user_types),
        may_sign_in("$2")
    );
    let rows = s
        .fetch_all(Sql::built(sql), vec![customer.into(), now.into(), utc_date(now).to_string().into()])
        .await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// The SQL condition that the user `u` is neither switched off nor locked; `now` is the placeholder of the time.
pub(super) fn may_sign_in(now: &str) -> String {
    format!("u.active AND (u.lockout_end_utc IS NULL OR u.lockout_end_utc <= {now})")
}

/// The fields of a user, in a record or a draft.
trait UserFields: Sync {
    /// The facts that are fields of the user; `resembles`, `person` and `grants` are left empty.
    fn facts(&self, id: RecordId, language: &str) -> UserFacts;
    /// The user's person.
    fn person(&self) -> Option<RecordId>;
    /// The texts by which the user can look like another.
    fn look_alike_texts(&self) -> Vec<String>;
}

impl<T: Fields + Sync> UserFields for T {
    fn facts(&self, id: RecordId, language: &str) -> UserFacts {
        let text = |value: Option<&str>| value.map(str::to_owned);
        UserFacts {
            id,
            login: self.get(&user::LOGIN).unwrap_or_default().to_owned(),
            name: self.get(&user::NAME).map_or_else(String::new, |name| name.text(language).to_owned()),
            email: text(self.get(&user::EMAIL)),
            company_name: text(self.get(&user::COMPANY_NAME)),
            user_type: self.get(&user::USER_TYPE).unwrap_or(UserType::ExternalCommunityUser),
            active: self.is(&user::ACTIVE),
            email_confirmed: self.is(&user::EMAIL_CONFIRMED),
            locked_until: self.get(&user::LOCKOUT_END_UTC),
            resembles: None,
            person: None,
            grants: Vec::new(),
        }
    }

    fn person(&self) -> Option<RecordId> {
        self.get(&user::PERSON).map(|person| person.id)
    }

    fn look_alike_texts(&self) -> Vec<String> {
        look_alikes::texts_of(self, &user::USER)
    }
}

/// Reads the complete facts of these users, in their order.
async fn of(
    s: &mut Session,
    users: &[(RecordId, &dyn UserFields)],
    language: &str,
) -> Result<Vec<UserFacts>, StorageError> {
    let ids: Vec<RecordId> = users.iter().map(|(id, _)| *id).collect();
    let persons = distinct(users.iter().filter_map(|(_, user)| user.person()));
    let mut persons = self::persons(s, &persons, language).await?;
    let grants = grants(s, &ids, language).await?;
    let customers = customers(s, &persons, &grants, language).await?;
    let mut of_party: BTreeMap<RecordId, Vec<CustomerFacts>> = BTreeMap::new();
    for (party, customer) in customers.values() {
        of_party.entry(*party).or_default().push(customer.clone());
    }
    for parent in persons.values_mut().filter_map(|person| person.parent.as_mut()) {
        parent.customers = of_party.get(&parent.id).cloned().unwrap_or_default();
    }
    let mut grants_by_user = grants_by_user(&grants, &customers);
    let mut facts: Vec<UserFacts> = users
        .iter()
        .map(|(id, user)| UserFacts {
            person: user.person().and_then(|person| persons.get(&person).cloned()),
            grants: grants_by_user.remove(id).unwrap_or_default(),
            ..user.facts(*id, language)
        })
        .collect();
    add_look_alikes(s, users, &mut facts).await?;
    Ok(facts)
}

/// Sets [`UserFacts::resembles`] in the facts of these users.
async fn add_look_alikes(
    s: &mut Session,
    users: &[(RecordId, &dyn UserFields)],
    facts: &mut [UserFacts],
) -> Result<(), StorageError> {
    let sought: Vec<(RecordId, Vec<String>)> =
        users.iter().map(|(id, user)| (*id, user.look_alike_texts())).collect();
    let mut look_alikes = look_alikes::find(s, &user::USER, &sought).await?;
    for user in facts {
        user.resembles = look_alikes.remove(&user.id);
    }
    Ok(())
}

fn distinct(ids: impl Iterator<Item = RecordId>) -> Vec<RecordId> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Reads persons with their parent parties, by the person's id. The customers of the parent parties are left empty.
async fn persons(
    s: &mut Session,
    ids: &[RecordId],
    language: &str,
) -> Result<BTreeMap<RecordId, PersonFacts>, StorageError> {
    let mut found = BTreeMap::new();
    for ids in ids.chunks(records::MAX_IDS) {
        let (mut from, mut binds) = (FromClause::of(&party::PARTY), Binds::default());
        let mut projection = Projection::after(vec!["t0.id".to_owned()]);
        let person = from.record();
        let parent = from.follow(&person, &party::PARENT_PARTY.def, &party::PARTY);
        projection.add(&mut from, &party::PARENT_PARTY.def);
        for of in [&person, &parent] {
            projection.add_of(&mut from, of, &party::PARTY_NAME.def);
            projection.add_of(&mut from, of, &party::IS_ACTIVE.def);
        }
        let condition = is_one_of_ids("t0.id", ids, &mut binds);
        let sql = format!("SELECT {} FROM {} WHERE {condition}", projection.columns(), from.tables());
        for row in s.fetch_all(Sql::built(sql), binds.into_values()).await? {
            let person = person_facts(row.id(0)?, &projection.values(&row, language)?, language);
            found.insert(person.id, person);
        }
    }
    Ok(found)
}

/// A person from the values that `persons` selects, in this order: the parent party; name and Is Active of the person;
/// name and Is Active of the parent party.
fn person_facts(id: RecordId, values: &[Value], language: &str) -> PersonFacts {
    let shown = |index: usize| match values.get(index) {
        Some(Value::Multi(name)) => name.text(language).to_owned(),
        _ => String::new(),
    };
    let active = |index: usize| values.get(index) == Some(&Value::Bool(true));
    let parent = match values.first() {
        Some(Value::Ref(parent)) => {
            Some(PartyFacts { id: parent.id, shown: shown(3), active: active(4), customers: Vec::new() })
        }
        _ => None,
    };
    PersonFacts { id, shown: shown(1), active: active(2), parent }
}

/// Reads the external accesses of these users, ordered by id.
async fn grants(s: &mut Session, users: &[RecordId], language: &str) -> Result<Vec<Record>, StorageError> {
    let fields = [
        &external_access::CUSTOMER.def,
        &external_access::USER.def,
        &external_access::ROLE.def,
        &external_access::DAYS_BACK_ACCESS.def,
        &external_access::VALID_UNTIL.def,
    ];
    let of_users = Selection::Referring(&external_access::USER.def, users);
    let mut grants = some_fields(s, &external_access::EXTERNAL_ACCESS, &fields, of_users, language).await?;
    grants.sort_by_key(|grant| grant.id);
    Ok(grants)
}

/// Reads the customers of the persons' parent parties and those of the grants. The map holds, by the customer's id, the
/// id of its party and its facts.
async fn customers(
    s: &mut Session,
    persons: &BTreeMap<RecordId, PersonFacts>,
    grants: &[Record],
    language: &str,
) -> Result<BTreeMap<RecordId, (RecordId, CustomerFacts)>, StorageError> {
    let parents =
        distinct(persons.values().filter_map(|person| person.parent.as_ref().map(|parent| parent.id)));
    let granted = distinct(grants.iter().filter_map(customer_of));
    let either = Selection::Either(&granted, &customer::PARTY.def, &parents);
    let found = some_fields(s, &customer::CUSTOMER, &CUSTOMER_FIELDS, either, language).await?;
    let with_party = found.iter().filter_map(|found| {
        let party = found.get(&customer::PARTY)?;
        Some((found.id, (party.id, customer_facts(found))))
    });
    Ok(with_party.collect())
}

fn customer_of(grant: &Record) -> Option<RecordId> {
    grant.get(&external_access::CUSTOMER).map(|customer| customer.id)
}

fn customer_facts(record: &Record) -> CustomerFacts {
    CustomerFacts {
        id: record.id,
        shown: record.get(&customer::PARTY).map_or_else(String::new, |party| party.shown.clone()),
        number: record.get(&customer::NUMBER).unwrap_or_default().to_owned(),
        enterprise_company: record.get(&customer::ENTERPRISE_COMPANY).cloned(),
        location: record.get(&customer::SERVICED_BY).cloned(),
        active: record.is(&customer::ACTIVE),
        from_date: record.get(&customer::FROM_DATE),
        thru_date: record.get(&customer::THRU_DATE),
    }
}

/// The grants by the id of the user. A grant whose customer is not in `customers` is left out.
fn grants_by_user(
    grants: &[Record],
    customers: &BTreeMap<RecordId, (RecordId, CustomerFacts)>,
) -> BTreeMap<RecordId, Vec<GrantFacts>> {
    let mut by_user: BTreeMap<RecordId, Vec<GrantFacts>> = BTreeMap::new();
    for grant in grants {
        let customer = customer_of(grant).and_then(|customer| customers.get(&customer));
        if let (Some((_, customer)), Some(user)) = (customer, grant.get(&external_access::USER)) {
            by_user.entry(user.id).or_default().push(GrantFacts {
                customer: customer.clone(),
                role: grant.get(&external_access::ROLE).unwrap_or_default(),
                days_back: grant.get(&external_access::DAYS_BACK_ACCESS),
                id: grant.id,
                valid_until: grant.get(&external_access::VALID_UNTIL),
            });
        }
    }
    by_user
}

/// Reads the facts of one Client Center site; `None` when the site does not exist or is of another type.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn site(s: &mut Session, id: RecordId, language: &str) -> Result<Option<SiteFacts>, StorageError> {
    Ok(sites(s, "t0.id = $1", vec![id.into()], language).await?.pop())
}

/// Reads the facts of all Client Center sites, active or not, ordered by name.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn client_center_sites(s: &mut Session, language: &str) -> Result<Vec<SiteFacts>, StorageError> {
    sites(s, "TRUE", vec![], language).await
}

async fn sites(
    s: &mut Session,
    condition: &'static str,
    binds: Vec<Bind>,
    language: &str,
) -> Result<Vec<SiteFacts>, StorageError> {
    let sites = SelectedSites::after(Vec::new());
    let sql = format!(
        "SELECT {} FROM sys_web_sites t0{} WHERE {condition} AND {} ORDER BY t0.id, d.id",
        sites.columns(),
        sites.joins(),
        SelectedSites::is_client_center()
    );
    let rows = s.fetch_all(Sql::built(sql), binds).await?;
    sites.read(&rows, language)
}

/// The columns, joins and condition with which a statement reads Client Center sites, and the reader of its rows. The
/// site is `t0`; the statement gives one row for each site and document type `d` of sales orders, which CC009 needs
/// (`docs/codes.md`).
pub(super) struct SelectedSites {
    /// The number of columns in front of those of the site.
    before: usize,
    from: FromClause,
    projection: Projection,
}

impl SelectedSites {
    /// Begins with columns that the caller reads itself; those of the site follow.
    pub(super) fn after(mut columns: Vec<String>) -> Self {
        let before = columns.len();
        columns.extend(["t0.id", "d.id"].map(str::to_owned));
        let (mut from, mut projection) = (FromClause::of(&web_site::WEB_SITE), Projection::after(columns));
        for field in SITE_FIELDS {
            projection.add(&mut from, field);
        }
        Self { before, from, projection }
    }

    /// The list of all columns, for use after `SELECT`.
    pub(super) fn columns(&self) -> String {
        self.projection.columns()
    }

    /// The condition that the site `t0` is a Client Center.
    pub(super) fn is_client_center() -> String {
        format!("t0.web_site_type = {}", literal(web_site::CLIENT_CENTER))
    }

    /// The joins, for use after the table `t0`.
    pub(super) fn joins(&self) -> String {
        format!(
            "{} LEFT JOIN sys_document_types d ON {} AND t0.id IS NOT NULL",
            self.from.joins(),
            is_one_of_codes("d.entity_name", document_type::SALES_ORDERS)
        )
    }

    /// The sites in these rows, ordered by name. The rows must be ordered by site and then by document type;
    /// rows without a site are skipped.
    pub(super) fn read(&self, rows: &[Row], language: &str) -> Result<Vec<SiteFacts>, StorageError> {
        let mut sites: Vec<SiteFacts> = Vec::new();
        for row in rows {
            let Some(id) = row.opt_id(self.before)? else { continue };
            if sites.last().is_none_or(|last| last.id != id) {
                let values = SITE_FIELDS.map(|field| field.property).into_iter();
                let values = values.zip(self.projection.values(row, language)?).collect();
                sites.push(site_facts(id, values));
            }
            if let (Some(site), Some(document_type)) = (sites.last_mut(), row.opt_id(self.before + 1)?) {
                site.sales_order_types.push(document_type);
            }
        }
        sites.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(sites)
    }
}

fn site_facts(id: RecordId, values: FieldMap) -> SiteFacts {
    let site = Record { entity: &web_site::WEB_SITE, id, version: 0, values, origin: Origin::default() };
    SiteFacts {
        id,
        name: web_site::name(&site),
        enterprise_company: site.get(&web_site::ENTERPRISE_COMPANY).cloned(),
        settings: site.get(&web_site::SETTINGS_JSON).map(str::to_owned),
        rules: site.get(&web_site::ACCESS_RULES).unwrap_or_default(),
        active: site.is(&web_site::IS_ACTIVE),
        sales_order_types: Vec::new(),
    }
}

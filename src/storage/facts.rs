//! What is known of users and sites when the codes are judged: for one user, for a page of them, and for the
//! draft in front of an operator. However many users are asked about, the number of statements is the same.

use std::collections::{BTreeMap, BTreeSet};

use super::db::Session;
use super::error::StorageError;
use crate::domain::codes::{
    CustomerFacts, GrantFacts, PartyFacts, PersonFacts, SiteFacts, UserFacts, UserType,
};
use crate::domain::entities::{customer, external_access, party, user, web_site};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::schema::FieldDef;
use crate::domain::model::text;
use crate::domain::model::value::RecordId;
use crate::storage::list::{self, Selection};

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

/// The facts of stored users, in the order of their ids here. Users that are not there are left out.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn users(
    s: &mut Session,
    ids: &[RecordId],
    language: &str,
) -> Result<Vec<UserFacts>, StorageError> {
    let found = list::records(s, &user::USER, &USER_FIELDS, Selection::Ids(ids), language).await?;
    let mut found: BTreeMap<RecordId, Record> = found.into_iter().map(|user| (user.id, user)).collect();
    let stored: Vec<Record> = ids.iter().filter_map(|id| found.remove(id)).collect();
    let about: Vec<(RecordId, &dyn UserFields)> =
        stored.iter().map(|user| (user.id, user as &dyn UserFields)).collect();
    of(s, &about, language).await
}

/// The facts of a user as the form has it, saved or not. A user that is new has no grants yet, and the id
/// is [`Uuid::nil`](uuid::Uuid::nil).
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn of_draft(s: &mut Session, draft: &Draft, language: &str) -> Result<UserFacts, StorageError> {
    let id = draft.id().unwrap_or(RecordId(uuid::Uuid::nil()));
    let facts = of(s, &[(id, draft)], language).await?;
    facts.into_iter().next().ok_or_else(|| StorageError::Other("a draft has no facts".to_owned()))
}

/// The accesses through which a customer's users are managed (`domain.md`, roles): those of the roles that may, where
/// the user is active and of a type that can sign in.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn managers(s: &mut Session, customer: RecordId) -> Result<Vec<RecordId>, StorageError> {
    let rows = s
        .fetch_all(
            "SELECT a.id
               FROM crm_customer_external_access a JOIN sec_users u ON u.id = a.user_id
              WHERE a.customer = $1 AND a.role IN ('L80', 'L90') AND u.active AND u.user_type IN ('INT', 'EXT')",
            vec![customer.into()],
        )
        .await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// A user as a record or a draft.
trait UserFields: Sync {
    fn facts(&self, id: RecordId, language: &str) -> UserFacts;
    fn person(&self) -> Option<RecordId>;
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
}

async fn of(
    s: &mut Session,
    about: &[(RecordId, &dyn UserFields)],
    language: &str,
) -> Result<Vec<UserFacts>, StorageError> {
    let persons: BTreeSet<RecordId> = about.iter().filter_map(|(_, user)| user.person()).collect();
    let persons = self::persons(s, &persons.into_iter().collect::<Vec<_>>(), language).await?;
    let ids: Vec<RecordId> = about.iter().map(|(id, _)| *id).collect();
    let mut grants = grants(s, &ids, language).await?;
    let mut facts: Vec<UserFacts> = about
        .iter()
        .map(|(id, user)| UserFacts {
            person: user.person().and_then(|person| persons.get(&person).cloned()),
            grants: grants.remove(id).unwrap_or_default(),
            ..user.facts(*id, language)
        })
        .collect();
    let resembled = look_alikes(s, &facts).await?;
    for user in &mut facts {
        user.resembles = resembled
            .get(&text::skeleton(&user.login))
            .and_then(|logins| logins.iter().find(|(id, _)| *id != user.id).map(|(_, login)| login.clone()));
    }
    Ok(facts)
}

async fn persons(
    s: &mut Session,
    ids: &[RecordId],
    language: &str,
) -> Result<BTreeMap<RecordId, PersonFacts>, StorageError> {
    let fields = [&party::PARTY_NAME.def, &party::IS_ACTIVE.def, &party::PARENT_PARTY.def];
    let persons = list::records(s, &party::PARTY, &fields, Selection::Ids(ids), language).await?;
    let parents: BTreeSet<RecordId> = persons
        .iter()
        .filter_map(|person| person.get(&party::PARENT_PARTY))
        .map(|parent| parent.id)
        .collect();
    let parents = parties(s, &parents.into_iter().collect::<Vec<_>>(), language).await?;
    let made = persons.into_iter().map(|person| {
        let parent = person.get(&party::PARENT_PARTY).and_then(|parent| parents.get(&parent.id).cloned());
        let shown = party_name(&person, language);
        (person.id, PersonFacts { id: person.id, shown, active: person.is(&party::IS_ACTIVE), parent })
    });
    Ok(made.collect())
}

async fn parties(
    s: &mut Session,
    ids: &[RecordId],
    language: &str,
) -> Result<BTreeMap<RecordId, PartyFacts>, StorageError> {
    let fields = [&party::PARTY_NAME.def, &party::IS_ACTIVE.def];
    let parties = list::records(s, &party::PARTY, &fields, Selection::Ids(ids), language).await?;
    let pointing = Selection::PointingAt(&customer::PARTY.def, ids);
    let mut customers: BTreeMap<RecordId, Vec<CustomerFacts>> = BTreeMap::new();
    for found in list::records(s, &customer::CUSTOMER, &CUSTOMER_FIELDS, pointing, language).await? {
        if let Some(party) = found.get(&customer::PARTY) {
            customers.entry(party.id).or_default().push(customer_facts(&found));
        }
    }
    let made = parties.into_iter().map(|party| {
        let mut customers = customers.remove(&party.id).unwrap_or_default();
        customers.sort_by_key(|customer| customer.id);
        let shown = party_name(&party, language);
        (party.id, PartyFacts { id: party.id, shown, active: party.is(&party::IS_ACTIVE), customers })
    });
    Ok(made.collect())
}

fn party_name(party: &Record, language: &str) -> String {
    party.get(&party::PARTY_NAME).map_or_else(String::new, |name| name.text(language).to_owned())
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

async fn grants(
    s: &mut Session,
    users: &[RecordId],
    language: &str,
) -> Result<BTreeMap<RecordId, Vec<GrantFacts>>, StorageError> {
    let fields = [
        &external_access::CUSTOMER.def,
        &external_access::USER.def,
        &external_access::ROLE.def,
        &external_access::DAYS_BACK_ACCESS.def,
    ];
    let pointing = Selection::PointingAt(&external_access::USER.def, users);
    let mut grants = list::records(s, &external_access::EXTERNAL_ACCESS, &fields, pointing, language).await?;
    grants.sort_by_key(|grant| grant.id);
    let of = |grant: &Record| grant.get(&external_access::CUSTOMER).map(|customer| customer.id);
    let customers: Vec<RecordId> =
        grants.iter().filter_map(of).collect::<BTreeSet<_>>().into_iter().collect();
    let customers =
        list::records(s, &customer::CUSTOMER, &CUSTOMER_FIELDS, Selection::Ids(&customers), language).await?;
    let customers: BTreeMap<RecordId, CustomerFacts> =
        customers.iter().map(|customer| (customer.id, customer_facts(customer))).collect();
    let mut made: BTreeMap<RecordId, Vec<GrantFacts>> = BTreeMap::new();
    for grant in &grants {
        let customer = of(grant).and_then(|customer| customers.get(&customer));
        if let (Some(customer), Some(user)) = (customer, grant.get(&external_access::USER)) {
            made.entry(user.id).or_default().push(GrantFacts {
                customer: customer.clone(),
                role: grant.get(&external_access::ROLE).unwrap_or_default(),
                days_back: grant.get(&external_access::DAYS_BACK_ACCESS),
            });
        }
    }
    Ok(made)
}

/// For each look of these users' logins, everybody whose login looks so.
async fn look_alikes(
    s: &mut Session,
    users: &[UserFacts],
) -> Result<BTreeMap<String, Vec<(RecordId, String)>>, StorageError> {
    let looks: BTreeSet<String> = users.iter().map(|user| text::skeleton(&user.login)).collect();
    list::look_alikes(s, looks.into_iter().filter(|look| !look.is_empty()).collect()).await
}

/// The facts of one Client Center site.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn site(s: &mut Session, id: RecordId, language: &str) -> Result<Option<SiteFacts>, StorageError> {
    Ok(sites(s, &[id], language).await?.into_iter().next())
}

/// The facts of all Client Center sites, active or not, by their relative URL.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn client_center_sites(s: &mut Session, language: &str) -> Result<Vec<SiteFacts>, StorageError> {
    let ids = s.fetch_all("SELECT id FROM sys_web_sites WHERE web_site_type = 'CC'", vec![]).await?;
    let ids = ids.iter().map(|row| row.id(0)).collect::<Result<Vec<_>, _>>()?;
    sites(s, &ids, language).await
}

async fn sites(s: &mut Session, ids: &[RecordId], language: &str) -> Result<Vec<SiteFacts>, StorageError> {
    let fields = [
        &web_site::RELATIVE_URL.def,
        &web_site::ENTERPRISE_COMPANY.def,
        &web_site::SETTINGS_JSON.def,
        &web_site::ACCESS_RULES.def,
        &web_site::IS_ACTIVE.def,
    ];
    let mut sites = list::records(s, &web_site::WEB_SITE, &fields, Selection::Ids(ids), language).await?;
    if sites.is_empty() {
        return Ok(Vec::new());
    }
    let url = |site: &Record| site.get(&web_site::RELATIVE_URL).unwrap_or_default().to_owned();
    sites.sort_by_key(|site| (url(site), site.id));
    let sales_order_types = sales_order_types(s).await?;
    let made = sites.iter().map(|site| SiteFacts {
        id: site.id,
        relative_url: url(site),
        enterprise_company: site.get(&web_site::ENTERPRISE_COMPANY).cloned(),
        settings: site.get(&web_site::SETTINGS_JSON).map(str::to_owned),
        rules: site.get(&web_site::ACCESS_RULES).unwrap_or_default(),
        active: site.is(&web_site::IS_ACTIVE),
        sales_order_types: sales_order_types.clone(),
    });
    Ok(made.collect())
}

/// The document types that make sales orders (CC009).
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn sales_order_types(s: &mut Session) -> Result<Vec<RecordId>, StorageError> {
    let rows = s
        .fetch_all(
            "SELECT id FROM sys_document_types WHERE entity_name = 'Crm_Sales_SalesOrders' ORDER BY id",
            vec![],
        )
        .await?;
    rows.iter().map(|row| row.id(0)).collect()
}

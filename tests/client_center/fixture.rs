//! Two Client Centers with their customers, and visits to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version as ArgonVersion};
use ccdesk::domain::codes::{AccessRules, Role};
use ccdesk::domain::entities::external_access::{self, EXTERNAL_ACCESS};
use ccdesk::domain::entities::{company_location, customer, party, user, web_site};
use ccdesk::domain::model::history::{HistoryAction, HistoryEntry};
use ccdesk::domain::model::query::{ListQuery, PageCursor};
use ccdesk::domain::model::record::{Draft, Fields, Record};
use ccdesk::domain::model::schema::{EntityDef, FieldDef};
use ccdesk::domain::model::value::{RecordId, Reference, Value};
use ccdesk::service::auth::{Origin, Secret, SessionToken, SignInOutcome};
use ccdesk::service::client_center::{Client, ClientCenter, GateOutcome, Visit, Visitor, enter};
use ccdesk::service::{Policy, ServiceError, World};
use ccdesk::storage::db::Db;
use ccdesk::storage::{credentials, history, list, records};

use crate::company::{
    KK_HQ, KK_SELLS, add_company, add_enterprise_company, customer_draft, draft, english, found, id, load,
    now, save, to, user_draft,
};

pub(crate) const LAGERTA_HQ: u128 = 0xD1;
pub(crate) const LAGERTA: u128 = 0xD2;
/// The Client Center of KK Ltd., by persons, and that of Lagerta Ltd., by external access.
pub(crate) const CC: u128 = 0xE0;
pub(crate) const CC26: u128 = 0xE1;
/// Customers of Lagerta Ltd.
pub(crate) const OLIVIA: u128 = 0xA1;
pub(crate) const NIMERO: u128 = 0xB1;
/// An agreement of Olivia Green with KK Ltd.
pub(crate) const OLIVIA_AT_KK: u128 = 0xA2;
/// The party of the customers [`OLIVIA`] and [`OLIVIA_AT_KK`].
pub(crate) const OLIVIA_GREEN: u128 = 0xA0;

pub(crate) const PASSWORD: &str = "nine green bottles";

/// A world whose new ids are those of no other world, because operations have ids too.
pub(crate) fn world() -> World {
    static NEXT: AtomicU64 = AtomicU64::new(0xF0_0000);
    world_from(NEXT.fetch_add(0x1000, Ordering::Relaxed))
}

/// A world whose new record ids are counted from `first` on.
pub(crate) fn world_from(first: u64) -> World {
    let next = AtomicU64::new(first);
    World {
        now: Arc::new(now),
        new_id: Arc::new(move || id(u128::from(next.fetch_add(1, Ordering::Relaxed)))),
        random: Arc::new(|bytes| bytes.fill(7)),
        policy: Policy::default(),
    }
}

pub(crate) fn here() -> Origin {
    Origin("terminal@tests".to_owned())
}

/// KK Ltd. and Lagerta Ltd., a Client Center of each, and their customers Olivia Green and Nimero Ltd.
pub(crate) async fn build(db: &Db) {
    found(db).await;
    add_company(db, id(0xD0), "Lagerta Ltd.").await;
    let hq = draft(
        &company_location::COMPANY_LOCATION,
        &[
            (&company_location::COMPANY_REF.def, to(id(0xD0))),
            (&company_location::LOCATION_NAME.def, english("HQ")),
            (&party::PARTY_NAME.def, english("HQ")),
        ],
    );
    save(db, &hq, id(LAGERTA_HQ)).await;
    add_enterprise_company(db, id(LAGERTA), id(0xD0)).await;
    add_site(db, id(CC), "cc", AccessRules::Person, id(KK_SELLS)).await;
    add_site(db, id(CC26), "cc26", AccessRules::ExternalAccess, id(LAGERTA)).await;
    add_customer(db, id(OLIVIA), id(OLIVIA_GREEN), "Olivia Green", "00028").await;
    add_customer(db, id(NIMERO), id(0xB0), "Nimero Ltd.", "00003").await;
    let at_kk = customer_draft(id(OLIVIA_GREEN), Some(id(KK_SELLS)), Some(id(KK_HQ)));
    save(db, &at_kk, id(OLIVIA_AT_KK)).await;
}

pub(crate) async fn add_site(db: &Db, new_id: RecordId, url: &str, rules: AccessRules, company: RecordId) {
    let site = draft(
        &web_site::WEB_SITE,
        &[
            (&web_site::RELATIVE_URL.def, Value::text(url)),
            (&web_site::ENTERPRISE_COMPANY.def, to(company)),
            (&web_site::ACCESS_RULES.def, Value::Code(rules.code())),
        ],
    );
    save(db, &site, new_id).await;
}

/// Adds a customer of Lagerta Ltd. that its location serves.
pub(crate) async fn add_customer(db: &Db, new_id: RecordId, party: RecordId, name: &str, number: &str) {
    add_company(db, party, name).await;
    let mut new = customer_draft(party, Some(id(LAGERTA)), Some(id(LAGERTA_HQ)));
    new.set(&customer::NUMBER.def, Value::text(number));
    save(db, &new, new_id).await;
}

/// Adds an external user with the login `name@mail.example`.
pub(crate) async fn add_user(db: &Db, new_id: RecordId, name: &str) {
    add_user_of(db, new_id, name, "EXT").await;
}

pub(crate) async fn add_user_of(db: &Db, new_id: RecordId, name: &str, user_type: &'static str) {
    let mut new = user_draft(&email(name), name, None);
    new.set(&user::EMAIL.def, Value::text(email(name)));
    new.set(&user::EMAIL_CONFIRMED.def, Value::Bool(true));
    new.set(&user::USER_TYPE.def, Value::Code(user_type));
    save(db, &new, new_id).await;
}

pub(crate) fn email(name: &str) -> String {
    format!("{name}@mail.example")
}

/// Gives a user the [`PASSWORD`], hashed at the least cost there is.
pub(crate) async fn give_password(db: &Db, user: RecordId) {
    let quick = Params::new(Params::MIN_M_COST, 1, 1, None).expect("parameters");
    let argon = Argon2::new(Algorithm::Argon2id, ArgonVersion::V0x13, quick);
    let hash = argon.hash_password(PASSWORD.as_bytes()).expect("a hash").to_string();
    let mut tx = db.begin().await.expect("a transaction");
    credentials::set_credential(&mut tx, user, &hash).await.expect("the hash is kept");
    tx.commit().await.expect("it stays");
}

pub(crate) fn access(customer: RecordId, user: RecordId, role: Role, days_back: Option<i64>) -> Draft {
    draft(
        &EXTERNAL_ACCESS,
        &[
            (&external_access::CUSTOMER.def, to(customer)),
            (&external_access::USER.def, to(user)),
            (&external_access::ROLE.def, Value::Code(role.code())),
            (&external_access::DAYS_BACK_ACCESS.def, days_back.map_or(Value::Empty, Value::Int)),
        ],
    )
}

/// Stores an access directly, without the checks of the service.
pub(crate) async fn grant(db: &Db, new_id: RecordId, customer: u128, user: RecordId, role: Role) {
    save(db, &access(id(customer), user, role, Some(30)), new_id).await;
}

/// Deletes a record directly, without the checks of the service.
pub(crate) async fn remove(db: &Db, entity: &'static EntityDef, gone: RecordId) {
    let row = read(db, entity, gone).await;
    let mut tx = db.begin().await.expect("a transaction");
    records::delete(&mut tx, &row, now(), "back office").await.expect("it goes");
    tx.commit().await.expect("it stays away");
}

/// Changes a field of a record directly, without the checks of the service.
pub(crate) async fn set(
    db: &Db,
    entity: &'static EntityDef,
    of: RecordId,
    field: &'static FieldDef,
    value: Value,
) {
    let mut draft = Draft::of(Arc::new(read(db, entity, of).await));
    draft.set(field, value);
    save(db, &draft, of).await;
}

pub(crate) async fn read(db: &Db, entity: &'static EntityDef, id: RecordId) -> Record {
    load(&mut db.read().await.expect("a connection"), entity, id).await
}

/// Whether an access with this id is stored.
pub(crate) async fn has_access(db: &Db, id: RecordId) -> bool {
    let mut conn = db.read().await.expect("a connection");
    records::exists(&mut conn, &EXTERNAL_ACCESS, id).await.expect("an answer")
}

/// Every access to a customer.
pub(crate) async fn accesses(db: &Db, customer: u128) -> Vec<Record> {
    let mut rows = all(db, &EXTERNAL_ACCESS).await;
    rows.retain(|row| row.get(&external_access::CUSTOMER).is_some_and(|own| own.id == id(customer)));
    rows
}

/// Every record of an entity, whole.
pub(crate) async fn all(db: &Db, entity: &'static EntityDef) -> Vec<Record> {
    let mut conn = db.read().await.expect("a connection");
    let query = ListQuery { columns: vec![], sort: vec![], ..ListQuery::all(entity) };
    let page = list::page(&mut conn, &query, None, &PageCursor::First, 10_000, "en").await.expect("a page");
    let mut records = Vec::new();
    for row in page.rows {
        records.push(load(&mut conn, entity, row.id).await);
    }
    records
}

pub(crate) async fn told(db: &Db, entity: &'static EntityDef, of: RecordId) -> Vec<HistoryEntry> {
    let mut conn = db.read().await.expect("a connection");
    history::of_record(&mut conn, entity, of, None, 1000).await.expect("the history").entries
}

/// The reasons of the refusals in the history of a user, the newest first; each entry must name this user.
pub(crate) async fn refusals(db: &Db, of: RecordId) -> Vec<String> {
    let login = login(db, of).await;
    let told = told(db, &user::USER, of).await.into_iter();
    let refused = told.filter(|change| change.action == HistoryAction::Refused);
    refused.inspect(|change| assert_eq!(change.who, login)).filter_map(|change| change.reason).collect()
}

async fn login(db: &Db, of: RecordId) -> String {
    read(db, &user::USER, of).await.get(&user::LOGIN).expect("a login").to_owned()
}

/// Signs in with the [`PASSWORD`].
pub(crate) async fn sign_in(db: &Db, site: u128, name: &str) -> Result<GateOutcome, ServiceError> {
    sign_in_with(db, site, &email(name), PASSWORD).await
}

pub(crate) async fn sign_in_with(
    db: &Db,
    site: u128,
    login: &str,
    password: &str,
) -> Result<GateOutcome, ServiceError> {
    let password = Secret::new(password.to_owned());
    match enter(db, &world(), &here(), id(site), login, &password).await? {
        SignInOutcome::Granted(welcome) => Ok(welcome),
        SignInOutcome::ChoosePassword => panic!("nobody has a one-time code"),
    }
}

/// As [`sign_in`], for a user who must be admitted.
pub(crate) async fn visit(db: &Db, site: u128, name: &str) -> Visit {
    match sign_in(db, site, name).await {
        Ok(GateOutcome::Admitted(visit)) => *visit,
        Ok(GateOutcome::NotActive(code)) => panic!("{code}"),
        Err(error) => panic!("{error}"),
    }
}

/// A visit that claims to be an owner's, who sees everything of this customer. The service may believe nothing of it
/// but the session token.
pub(crate) fn forged(db: &Db, site: u128, user: RecordId, customer: u128) -> Visit {
    let client = Client {
        customer: Reference { id: id(customer), shown: "Forged".to_owned() },
        role: Some(Role::Owner),
        days_back: None,
        oldest: None,
        valid_until: None,
    };
    let center = ClientCenter {
        site: Reference { id: id(site), shown: "forged".to_owned() },
        company: "Forged".to_owned(),
        rules: AccessRules::ExternalAccess,
    };
    let who = Visitor {
        login: "forged".to_owned(),
        name: "Forged".to_owned(),
        language: "en".to_owned(),
        center,
        clients: vec![client.clone()],
        client: Some(client),
    };
    let token = SessionToken { user, serial: None, since: now() };
    // Its new record ids are no other visit's, and the same in every database.
    let first = u64::try_from(user.0.as_u128()).expect("a short id") << 32;
    Visit { db: db.clone(), world: world_from(first), who, token }
}

//! What the stories begin with: a company that sells, and drafts of records.

use ccdesk::domain::account_request::{Request, Source};
use ccdesk::domain::entities::{
    company, company_location, currency, customer, enterprise_company, party, person, user,
};
use ccdesk::domain::model::history::{FieldChange, HistoryAction, HistoryEntry, OperationId};
use ccdesk::domain::model::record::{Draft, Record};
use ccdesk::domain::model::schema::{EntityDef, FieldDef, Initial, Kind};
use ccdesk::domain::model::value::{MultiLang, RecordId, Reference, Value};
use ccdesk::service::World;
use ccdesk::service::auth::SessionToken;
use ccdesk::service::back_office::{BackOffice, SignedIn};
use ccdesk::storage::db::{Db, Session};
use ccdesk::storage::records::{self, SaveError, Saved};
use ccdesk::storage::seed::seed;
use jiff::Timestamp;
use uuid::Uuid;

/// The login under which these stories write.
pub(crate) const LOGIN: &str = "mkoleva";

/// The time of all changes in these stories.
pub(crate) fn now() -> Timestamp {
    "2024-04-01T13:25:00Z".parse().expect("a moment")
}

pub(crate) fn id(number: u128) -> RecordId {
    RecordId(Uuid::from_u128(number))
}

pub(crate) fn to(id: RecordId) -> Value {
    Value::Ref(Reference { id, shown: String::new() })
}

pub(crate) fn english(text: &str) -> Value {
    Value::multi(MultiLang::new("en", text))
}

/// A new record with these values and the defaults of the others.
pub(crate) fn draft(entity: &'static EntityDef, values: &[(&'static FieldDef, Value)]) -> Draft {
    let mut draft = Draft::new(entity);
    for field in entity.all_fields() {
        let value = match field.default {
            Initial::Bool(yes) => Value::Bool(yes),
            Initial::Int(number) => Value::Int(number),
            Initial::Code(code) => Value::Code(code),
            Initial::Today => Value::Date("2024-04-01".parse().expect("a date")),
            Initial::Empty | Initial::Now | Initial::CurrentEnterpriseCompany => Value::Empty,
        };
        draft.set(field, value);
    }
    for (field, value) in values {
        draft.set(field, value.clone());
    }
    draft
}

/// Saves a draft in a transaction of its own; a new one under this id.
pub(crate) async fn try_save(db: &Db, draft: &Draft, new_id: RecordId) -> Result<Saved, SaveError> {
    let mut tx = db.begin().await?;
    let mut draft = draft.clone();
    if draft.base.is_none() {
        draft.id = new_id;
    }
    let saved = records::save(&mut tx, &mut draft, now(), LOGIN).await?;
    tx.commit().await?;
    Ok(saved)
}

/// As [`try_save`], for what must succeed.
pub(crate) async fn save(db: &Db, draft: &Draft, new_id: RecordId) -> Saved {
    try_save(db, draft, new_id).await.expect("the record is saved")
}

/// Loads a record that must exist.
pub(crate) async fn load(s: &mut Session, entity: &'static EntityDef, id: RecordId) -> Record {
    records::load(s, entity, id, "en").await.expect("an answer").expect("the record is there")
}

pub(crate) const KK_LTD: u128 = 0xC0;
pub(crate) const KK_HQ: u128 = 0xC1;
pub(crate) const KK_SELLS: u128 = 0xC2;

/// Adds KK Ltd., its location KK - HQ and its enterprise company, besides countries and currencies.
pub(crate) async fn found(db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    seed(&mut tx, now()).await.expect("currencies and countries");
    tx.commit().await.expect("they stay");
    add_company(db, id(KK_LTD), "KK Ltd.").await;
    let hq = draft(
        &company_location::COMPANY_LOCATION,
        &[
            (&company_location::COMPANY_REF.def, to(id(KK_LTD))),
            (&company_location::LOCATION_NAME.def, english("KK - HQ")),
            (&party::PARTY_NAME.def, english("KK - HQ")),
        ],
    );
    save(db, &hq, id(KK_HQ)).await;
    add_enterprise_company(db, id(KK_SELLS), id(KK_LTD)).await;
}

pub(crate) async fn add_company(db: &Db, new_id: RecordId, name: &str) -> Saved {
    let company = draft(
        &company::COMPANY,
        &[(&company::NAME.def, english(name)), (&party::PARTY_NAME.def, english(name))],
    );
    save(db, &company, new_id).await
}

pub(crate) async fn add_enterprise_company(db: &Db, new_id: RecordId, company: RecordId) -> Saved {
    let euro = euro(db).await;
    let sells = draft(
        &enterprise_company::ENTERPRISE_COMPANY,
        &[
            (&enterprise_company::COMPANY_REF.def, to(company)),
            (&enterprise_company::BASE_CURRENCY.def, to(euro)),
        ],
    );
    save(db, &sells, new_id).await
}

pub(crate) async fn euro(db: &Db) -> RecordId {
    let mut conn = db.read().await.expect("a connection");
    let sign = Value::text("eur");
    let by = records::FindBy::Field(&currency::CURRENCY_SIGN.def, &sign);
    records::find(&mut conn, &currency::CURRENCY, by).await.expect("an answer").expect("the euro")
}

pub(crate) fn person_draft(first: &str, last: &str, parent: Option<RecordId>) -> Draft {
    draft(
        &person::PERSON,
        &[
            (&person::FIRST_NAME.def, english(first)),
            (&person::LAST_NAME.def, english(last)),
            (&party::PARTY_NAME.def, english(&format!("{first} {last}"))),
            (&party::PARENT_PARTY.def, parent.map_or(Value::Empty, to)),
        ],
    )
}

pub(crate) fn customer_draft(
    party: RecordId,
    company: Option<RecordId>,
    location: Option<RecordId>,
) -> Draft {
    draft(
        &customer::CUSTOMER,
        &[
            (&customer::PARTY.def, to(party)),
            (&customer::ENTERPRISE_COMPANY.def, company.map_or(Value::Empty, to)),
            (&customer::SERVICED_BY.def, location.map_or(Value::Empty, to)),
        ],
    )
}

pub(crate) fn user_draft(login: &str, name: &str, person: Option<RecordId>) -> Draft {
    draft(
        &user::USER,
        &[
            (&user::LOGIN.def, Value::text(login)),
            (&user::NAME.def, english(name)),
            (&user::PERSON.def, person.map_or(Value::Empty, to)),
        ],
    )
}

/// An operator with this name, added if there is none yet. The login is none that the stories use themselves.
pub(crate) async fn operator(db: &Db, login: &str, is_admin: bool) -> RecordId {
    let name = format!("{login}, {}", if is_admin { "administrator" } else { "operator" });
    let operator = id(name.bytes().fold(0, |number, byte| (number << 7) ^ u128::from(byte)));
    let mut draft = user_draft(&name, login, None);
    draft.set(&user::USER_TYPE.def, Value::Code("INT"));
    draft.set(&user::IS_ADMIN.def, Value::Bool(is_admin));
    match try_save(db, &draft, operator).await {
        Ok(_) | Err(SaveError::Taken(_)) => operator,
        Err(other) => panic!("no operator: {other}"),
    }
}

/// The back office of this operator, without a sign-in.
pub(crate) fn back_office_of(operator: RecordId, db: &Db, world: &World, login: &str) -> BackOffice {
    let who = SignedIn {
        operator,
        login: login.to_owned(),
        name: login.to_owned(),
        language: "en".to_owned(),
        is_admin: false,
        enterprise_company: None,
        site: None,
    };
    let token = SessionToken { user: operator, serial: None, since: now() };
    BackOffice { db: db.clone(), world: world.clone(), who, token }
}

/// A record with every field filled to its limit, whose references lead to records made for it. What must be
/// unique differs by `seed`.
pub(crate) async fn full(db: &Db, entity: &'static EntityDef, seed: &mut u32) -> Draft {
    *seed += 1;
    let own = *seed;
    let mut draft = Draft::new(entity);
    for field in entity.all_fields() {
        let value = match field.target() {
            Some(target) if target.is(entity) => Value::Empty,
            Some(target) => {
                let needed = Box::pin(full(db, target, seed)).await;
                *seed += 1;
                let made = save(db, &needed, id(u128::from(*seed) << 64)).await;
                to(made.id)
            }
            None => at_limit(field, own),
        };
        draft.set(field, value);
    }
    if let Some((base, code)) = entity.base
        && let Some(field) = base.subtype_field
    {
        draft.set(field, Value::Code(code));
    }
    draft
}

/// The longest or largest value a field takes, in characters of four bytes each.
fn at_limit(field: &FieldDef, seed: u32) -> Value {
    let letter = char::from_u32(0x1F300 + seed).expect("a picture").to_string();
    match field.kind {
        Kind::Text { max } | Kind::Lines { max } => Value::text(letter.repeat(max)),
        Kind::Multi { max } => {
            let both = ["en", "bg"].map(|language| (language.to_owned(), letter.repeat(max)));
            Value::multi(both.into_iter().collect())
        }
        Kind::Bool => Value::Bool(true),
        Kind::Int { max, .. } => Value::Int(max),
        Kind::Amount => Value::Amount("9999999999999999.99".parse().expect("an amount")),
        Kind::Date => Value::Date("2024-02-29".parse().expect("a date")),
        Kind::Instant => Value::Instant("2024-02-29T23:59:59.999999Z".parse().expect("a moment")),
        Kind::Choice(choices) => Value::Code(choices[choices.len() - 1].code),
        Kind::Json => Value::text("{\"a\": [1]}"),
        Kind::Ref(_) | Kind::Secret => Value::Empty,
    }
}

/// A pending request for an account of this user.
pub(crate) fn pending_request(request: RecordId, user: RecordId) -> Request {
    Request::pending(request, user, now(), Source::Console)
}

/// An entry of history: the user `id(1)` got this version by a change of these fields.
pub(crate) fn user_changed(version: i64, fields: Vec<FieldChange>) -> HistoryEntry {
    HistoryEntry {
        operation: Some(OperationId(Uuid::from_u128(7))),
        at: now(),
        who: LOGIN.to_owned(),
        action: HistoryAction::Changed,
        entity: &user::USER,
        record: id(1),
        version,
        part: None,
        fields,
        reason: None,
    }
}

//! What ERP.net's own rules ask (`docs/domain.md`), each named there with its number.

use std::io::Cursor;
use std::sync::Arc;

use ccdesk::domain::entities::user::{DEFAULT_LANGUAGE, IS_ADMIN, USER_TYPE};
use ccdesk::domain::entities::{company, company_location, customer, party, user};
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::record::{Draft, Fields, Record};
use ccdesk::domain::model::schema::{EntityDef, FieldDef};
use ccdesk::domain::model::value::{MultiLang, RecordId, Value};
use ccdesk::service::ServiceError;
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::exchange::{Options, Outcome, Summary, import};
use ccdesk::storage::db::Db;
use ccdesk::storage::history;
use serde_json::{Value as Json, json};

use crate::back_office::{back_office, changed, read, world};
use crate::company::{KK_HQ, KK_LTD, KK_SELLS, add_company, customer_draft, found, id, save, to, user_draft};
use crate::support::Store;

fn multi(texts: &[(&str, &str)]) -> Value {
    Value::multi(texts.iter().map(|(language, text)| ((*language).to_owned(), (*text).to_owned())).collect())
}

fn party_name(record: &Record) -> &MultiLang {
    record.get(&party::PARTY_NAME).expect("a Party Name")
}

/// What a refused save says, each sentence with its field.
fn refusals<T: std::fmt::Debug>(refused: Result<T, ServiceError>) -> Vec<(Option<&'static str>, String)> {
    match refused {
        Err(ServiceError::Invalid(issues)) => {
            issues.into_iter().map(|issue| (issue.property, issue.message)).collect()
        }
        other => panic!("not refused: {other:?}"),
    }
}

async fn imported(db: &Db, objects: Json) -> (Summary, Vec<Outcome>) {
    let options = Options { login: "import".to_owned(), dry_run: false };
    let mut outcomes = Vec::new();
    let bytes = Cursor::new(objects.to_string().into_bytes());
    let done = import(db, &world(), bytes, &options, &mut |outcome| outcomes.push(outcome.clone())).await;
    outcomes.sort_by_key(|outcome| outcome.line);
    (done.expect("the import runs to its end"), outcomes)
}

/// Why the objects were refused, in their order.
async fn refused_by_import(db: &Db, objects: Json) -> Vec<String> {
    let (_, outcomes) = imported(db, objects).await;
    outcomes.iter().map(|outcome| outcome.result.as_ref().expect_err("a refusal").to_string()).collect()
}

/// Saves a stored record with one field changed.
async fn set(
    back_office: &BackOffice,
    entity: &'static EntityDef,
    id: RecordId,
    field: &'static FieldDef,
    value: Value,
) -> Result<Arc<Record>, ServiceError> {
    back_office.save(&changed(&back_office.db, entity, id, field, value).await, true).await
}

pub(crate) async fn a_branch_has_its_number_in_its_party_name(Store { db, .. }: Store) {
    found(&db).await;
    let clerk = back_office(&db, "clerk", false).await;
    let name = multi(&[("en", "Berg Ltd."), ("bg", "Берг ООД")]);
    let mut branch = clerk.new_draft(Draft::new(&company::COMPANY)).await.expect("a draft");
    for (field, value) in [(&company::NAME.def, name), (&company::BRANCH_NUMBER.def, Value::Int(2))] {
        branch.set(field, value);
        (company::RULES.changed)(&mut branch, field, "en");
    }
    let branch = clerk.save(&branch, false).await.expect("a branch");
    let expected = multi(&[("en", "Berg Ltd.[2]"), ("bg", "Берг ООД[2]")]);
    assert_eq!(*branch.value(&party::PARTY_NAME.def), expected);

    // Its number goes, and with it what the Party Name has of it.
    let mut draft = Draft::of(branch);
    draft.set(&company::BRANCH_NUMBER.def, Value::Int(0));
    (company::RULES.changed)(&mut draft, &company::BRANCH_NUMBER.def, "en");
    let head = clerk.save(&draft, false).await.expect("the head office");
    assert_eq!(party_name(&head).text("bg"), "Берг ООД");

    // A name that leaves no room for the number is cut off before it.
    let long = json!([{"@odata.type": "Erp.General_Contacts_Company", "Id": id(1).to_string(),
        "Name": {"en": "x".repeat(254)}, "BranchNumber": 17}]);
    imported(&db, long).await;
    let long = read(&db, &company::COMPANY, id(1)).await;
    assert_eq!(party_name(&long).text("en"), format!("{}[17]", "x".repeat(250)));
}

pub(crate) async fn a_location_is_named_after_its_company_in_every_language(Store { db, .. }: Store) {
    found(&db).await;
    let clerk = back_office(&db, "clerk", false).await;
    let (berg, shop) = (id(1), id(2));
    let company = json!([{"@odata.type": "Erp.General_Contacts_Company", "Id": berg.to_string(),
        "Name": {"en": "Berg Ltd.", "bg": "Берг ООД"}}]);
    imported(&db, company).await;
    let location = json!([{"@odata.type": "Erp.General_Contacts_CompanyLocation", "Id": shop.to_string(),
        "Company": {"@odata.id": format!("General_Contacts_Companies({berg})")},
        "LocationName": {"en": "Shop", "de": "Laden"}}]);
    imported(&db, location.clone()).await;
    let stored = read(&db, &company_location::COMPANY_LOCATION, shop).await;
    let expected = multi(&[("en", "Berg Ltd., Shop"), ("bg", "Берг ООД, Shop"), ("de", "Berg Ltd., Laden")]);
    assert_eq!(*stored.value(&party::PARTY_NAME.def), expected);
    assert_eq!(stored.get(&party::PARENT_PARTY).map(|parent| parent.id), Some(berg));
    assert_eq!(imported(&db, location).await.0.unchanged, 1, "the same object again changes nothing");

    // A new location is saved as it stands in the form, where only the operator's language is known.
    let mut desk = Draft::new(&company_location::COMPANY_LOCATION);
    for (field, value) in [
        (&company_location::COMPANY_REF.def, to(berg)),
        (&company_location::LOCATION_NAME.def, multi(&[("en", "Store")])),
    ] {
        desk.set(field, value);
        desk = clerk.consequences(desk, field).await.expect("what follows");
    }
    let desk = clerk.save(&clerk.new_draft(desk).await.expect("a draft"), false).await.expect("a location");
    let expected = multi(&[("en", "Berg Ltd., Store"), ("bg", "Берг ООД, Store")]);
    assert_eq!(*desk.value(&party::PARTY_NAME.def), expected);
}

pub(crate) async fn locations_follow_when_their_company_is_renamed(Store { db, .. }: Store) {
    found(&db).await;
    let clerk = back_office(&db, "clerk", false).await;
    let before = read(&db, &company_location::COMPANY_LOCATION, id(KK_HQ)).await;
    let mut renamed = Draft::of(read(&db, &company::COMPANY, id(KK_LTD)).await);
    renamed.set(&company::NAME.def, multi(&[("en", "KK Group"), ("bg", "КК Груп")]));
    (company::RULES.changed)(&mut renamed, &company::NAME.def, "en");
    clerk.save(&renamed, false).await.expect("the company is renamed");
    let after = read(&db, &company_location::COMPANY_LOCATION, id(KK_HQ)).await;
    let expected = multi(&[("en", "KK Group, KK - HQ"), ("bg", "КК Груп, KK - HQ")]);
    assert_eq!(*after.value(&party::PARTY_NAME.def), expected);
    assert_eq!(after.version, before.version + 1);
    let mut conn = db.read().await.expect("a connection");
    let told = history::of_record(&mut conn, after.entity, after.id, None, 1).await.expect("its history");
    assert_eq!(told.entries[0].action, HistoryAction::Changed);
    assert!(told.entries[0].fields.iter().any(|field| field.field == "PartyName"), "{:?}", told.entries);

    // What does not change its name leaves its locations alone.
    set(&clerk, &company::COMPANY, id(KK_LTD), &company::CITY.def, multi(&[("en", "Varna")]))
        .await
        .expect("a save");
    assert_eq!(read(&db, after.entity, after.id).await.version, after.version);
}

pub(crate) async fn a_location_keeps_its_name_while_its_company_is_renamed_at_once(Store { db, .. }: Store) {
    found(&db).await;
    let clerk = back_office(&db, "clerk", false).await;
    for round in 0..crate::back_office::ROUNDS {
        let mut company = Draft::of(read(&db, &company::COMPANY, id(KK_LTD)).await);
        company.set(&company::NAME.def, multi(&[("en", &format!("KK {round}"))]));
        (company::RULES.changed)(&mut company, &company::NAME.def, "en");
        let mut location = Draft::with_id(&company_location::COMPANY_LOCATION, id(0x7000 + round));
        location.set(&company_location::COMPANY_REF.def, to(id(KK_LTD)));
        location.set(&company_location::LOCATION_NAME.def, multi(&[("en", "New")]));
        let location = clerk.new_draft(location).await.expect("a draft");
        let (renamed, made) = tokio::join!(clerk.save(&company, false), clerk.save(&location, false));
        renamed.expect("the company is renamed");
        let made = made.expect("a location").id;
        let made = read(&db, &company_location::COMPANY_LOCATION, made).await;
        assert_eq!(party_name(&made).text("en"), format!("KK {round}, New"));
    }
}

pub(crate) async fn a_customer_keeps_its_party(Store { db, .. }: Store) {
    found(&db).await;
    let other = add_company(&db, id(1), "Other").await.id;
    let customer = save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), None), id(2)).await.id;
    let sentence = "A customer keeps its Party; make another customer for the other party.";
    let admin = back_office(&db, "admin", true).await;
    let moved = set(&admin, &customer::CUSTOMER, customer, &customer::PARTY.def, to(other)).await;
    assert_eq!(refusals(moved), [(Some("Party"), sentence.to_owned())]);
    let moved = json!([{"@odata.type": "Erp.Crm_Sales_Customer", "Id": customer.to_string(),
        "Party": {"@odata.id": format!("General_Contacts_Companies({other})")}}]);
    assert_eq!(refused_by_import(&db, moved).await, [sentence]);
    let stored = read(&db, &customer::CUSTOMER, customer).await;
    assert_eq!(stored.get(&customer::PARTY).map(|party| party.id), Some(id(KK_LTD)));
}

pub(crate) async fn only_an_internal_user_is_an_administrator(Store { db, .. }: Store) {
    let admin = back_office(&db, "admin", true).await;
    let external = save(&db, &user_draft("ext", "E", None), id(1)).await.id;
    for user_type in ["EXT", "VIR", "SYS", "APP", "INI", "INE"] {
        set(&admin, &user::USER, external, &USER_TYPE.def, Value::Code(user_type)).await.ok();
        let raised = set(&admin, &user::USER, external, &IS_ADMIN.def, Value::Bool(true)).await;
        let sentence = "Is Admin is for internal users alone; clear it, or choose the type Internal User.";
        assert_eq!(refusals(raised), [(Some("IsAdmin"), sentence.to_owned())], "{user_type}");
    }
    let mut both = Draft::of(read(&db, &user::USER, external).await);
    both.set(&USER_TYPE.def, Value::Code("INT"));
    both.set(&IS_ADMIN.def, Value::Bool(true));
    admin.save(&both, true).await.expect("an internal administrator");
    let lowered = set(&admin, &user::USER, external, &USER_TYPE.def, Value::Code("EXT")).await;
    let sentence = "User Type of an administrator stays Internal User; clear Is Admin first.";
    assert_eq!(refusals(lowered), [(Some("UserType"), sentence.to_owned())]);
    let both = json!([{"@odata.type": "Erp.Systems_Security_User", "Login": "ext.admin@mail.example",
        "Name": {"en": "E"}, "UserType": "ExternalCommunityUser", "IsAdmin": true}]);
    let refused = refused_by_import(&db, both).await;
    assert!(refused[0].contains("Is Admin") && refused[0].contains("Internal User"), "{refused:?}");
}

pub(crate) async fn a_user_who_was_stored_otherwise_can_still_be_worked_with(Store { db, .. }: Store) {
    let mut old = user_draft("old", "O", None);
    old.set(&IS_ADMIN.def, Value::Bool(true));
    old.set(&DEFAULT_LANGUAGE.def, Value::text("klingon"));
    let old = save(&db, &old, id(1)).await.id;
    let clerk = back_office(&db, "clerk", false).await;
    set(&clerk, &user::USER, old, &user::NOTES.def, Value::text("moved"))
        .await
        .expect("another field is saved");
}

pub(crate) async fn a_default_language_is_one_of_iso_639_1(Store { db, .. }: Store) {
    let clerk = back_office(&db, "clerk", false).await;
    let someone = save(&db, &user_draft("someone", "S", None), id(1)).await.id;
    for tag in ["bg", "en-GB", "PT-br"] {
        let language = Value::text(tag);
        set(&clerk, &user::USER, someone, &DEFAULT_LANGUAGE.def, language).await.expect(tag);
    }
    let refused = set(&clerk, &user::USER, someone, &DEFAULT_LANGUAGE.def, Value::text("klingon")).await;
    let sentence = "Default Language takes a language of ISO 639-1, with or without a region of ISO 3166-1, such as en \
                    or en-GB.";
    assert_eq!(refusals(refused), [(Some("DefaultLanguage"), sentence.to_owned())]);
    let klingon = json!([{"@odata.type": "Erp.Systems_Security_User", "Login": "tlh@mail.example",
        "Name": {"en": "T"}, "UserType": "ExternalCommunityUser", "DefaultLanguage": "klingon"}]);
    assert_eq!(refused_by_import(&db, klingon).await, [sentence]);
}

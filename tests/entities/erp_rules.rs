//! What ERP.net's own rules ask (`docs/domain.md`), each named there with its number.

use std::io::Cursor;
use std::sync::Arc;

use ccdesk::domain::codes::{Code, Role, State, site_states};
use ccdesk::domain::entities::external_access::{self, EXTERNAL_ACCESS};
use ccdesk::domain::entities::user::{DEFAULT_LANGUAGE, IS_ADMIN, USER_TYPE};
use ccdesk::domain::entities::web_site::{RELATIVE_URL, WEB_HOST, WEB_SITE, WEB_SITE_TYPE, WebSiteType};
use ccdesk::domain::entities::{company, company_location, customer, party, user};
use ccdesk::domain::model::format;
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::record::{Draft, Fields, Record};
use ccdesk::domain::model::schema::{EntityDef, FieldDef};
use ccdesk::domain::model::value::{MultiLang, RecordId, Value};
use ccdesk::domain::rules::Weight;
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::back_office::grants::Grants;
use ccdesk::service::exchange::{Options, Outcome, Summary, import};
use ccdesk::service::{ServiceError, database};
use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::{facts, history, records};
use serde_json::{Value as Json, json};

use crate::back_office::{back_office, changed, read, world};
use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, add_company, customer_draft, draft, found, id, save, to, user_draft,
};
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
    let options = Options { login: "import".to_owned(), ..Options::default() };
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
    let head = clerk.save(&draft, false).await.expect("the head company");
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
    let mut new = Draft::new(&company_location::COMPANY_LOCATION);
    for (field, value) in [
        (&company_location::COMPANY_REF.def, to(berg)),
        (&company_location::LOCATION_NAME.def, multi(&[("en", "Store")])),
    ] {
        new.set(field, value);
        new = clerk.consequences(new, field).await.expect("what follows");
    }
    let new = clerk.save(&clerk.new_draft(new).await.expect("a draft"), false).await.expect("a location");
    let expected = multi(&[("en", "Berg Ltd., Store"), ("bg", "Берг ООД, Store")]);
    assert_eq!(*new.value(&party::PARTY_NAME.def), expected);
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

pub(crate) async fn a_new_site_is_proposed_the_relative_url_of_its_type(Store { db, .. }: Store) {
    let admin = back_office(&db, "admin", true).await;
    let new = admin.new_draft(Draft::new(&WEB_SITE)).await.expect("a draft");
    assert_eq!(new.get(&RELATIVE_URL), Some("cc"));
    for (code, url) in [
        ("API", "api"),
        ("EC", "shop"),
        ("LEG", "leg"),
        ("SI", "social"),
        ("DM", "marketplace"),
        ("APP", "cl"),
        ("TAP", "tableapi"),
        ("OLP", "olp"),
    ] {
        let mut new = Draft::new(&WEB_SITE);
        new.set(&WEB_SITE_TYPE.def, Value::Code(code));
        let new = admin.new_draft(new).await.expect("a draft");
        let saved = admin.save(&new, false).await.expect("a site");
        assert_eq!(saved.get(&RELATIVE_URL), Some(url), "{code}");
    }
    assert!(WebSiteType::ALL.into_iter().all(|kind| !kind.usual_url().is_empty()));
}

pub(crate) async fn a_relative_url_is_of_small_letters_and_never_sys(Store { db, .. }: Store) {
    let admin = back_office(&db, "admin", true).await;
    let site = admin.new_draft(Draft::new(&WEB_SITE)).await.expect("a draft");
    let site = admin.save(&site, false).await.expect("a site").id;
    let sentence = "Relative Url takes small letters a to z, digits, - and _, and is not “sys”.";
    for wrong in ["sys", "CC", "c c", "cc/de", "Ünïcode", "cc."] {
        let refused = set(&admin, &WEB_SITE, site, &RELATIVE_URL.def, Value::text(wrong)).await;
        assert_eq!(refusals(refused), [(Some("RelativeUrl"), sentence.to_owned())], "{wrong}");
        let object = json!([{"@odata.type": "Erp.Systems_Config_WebSite", "WebSiteType": "ClientCenter",
            "RelativeUrl": wrong}]);
        assert_eq!(refused_by_import(&db, object).await, [sentence], "{wrong}");
    }
    for right in ["syst", "sys-2", "_a-9", "c"] {
        set(&admin, &WEB_SITE, site, &RELATIVE_URL.def, Value::text(right)).await.expect(right);
    }
}

pub(crate) async fn a_site_without_relative_url_is_named_by_its_host(Store { db, .. }: Store) {
    let sites = json!([
        {"@odata.type": "Erp.Systems_Config_WebSite", "Id": id(1).to_string(), "WebSiteType": "ClientCenter",
            "WebHost": "clients.example", "IsActive": true},
        {"@odata.type": "Erp.Systems_Config_WebSite", "Id": id(2).to_string(), "WebSiteType": "WebClient",
            "WebHost": "erp.example", "IsActive": true}]);
    assert_eq!(imported(&db, sites.clone()).await.0.added, 2);
    assert_eq!(imported(&db, sites).await.0.unchanged, 2, "the same objects again change nothing");
    let site = read(&db, &WEB_SITE, id(1)).await;
    assert_eq!((site.get(&RELATIVE_URL), site.get(&WEB_HOST)), (None, Some("clients.example")));
    let line = format::line(&WEB_SITE, |field| site.value(field), "en");
    assert_eq!(line, "clients.example: Client Center");
    let mut conn = db.read().await.expect("a connection");
    assert_eq!(records::shown(&mut conn, &WEB_SITE, id(1), "en").await, Ok(Some(line)));
    let sites = facts::client_center_sites(&mut conn, "en").await.expect("the sites");
    assert_eq!(sites.iter().map(|site| site.name.as_str()).collect::<Vec<_>>(), ["clients.example"]);
}

pub(crate) async fn an_imported_sales_order_type_makes_new_orders_right(Store { db, .. }: Store) {
    let objects = json!([
        {"@odata.type": "Erp.Systems_Documents_DocumentType", "Id": id(1).to_string(), "Code": "SO1",
            "TypeName": {"en": "Sales Order"}, "EntityName": "Crm_Sales_Orders"},
        {"@odata.type": "Erp.Systems_Config_WebSite", "Id": id(2).to_string(), "WebSiteType": "ClientCenter",
            "RelativeUrl": "cc-orders", "IsActive": true,
            "SettingsJson": format!("{{\"NewOrderDocumentType\": \"{}\", \"IsNewOrderEnabled\": true}}", id(1))}]);
    assert_eq!(imported(&db, objects).await.0.added, 2);
    let mut conn = db.read().await.expect("a connection");
    let site = facts::site(&mut conn, id(2), "en").await.expect("an answer").expect("the site");
    assert!(site_states(&site).contains(&(Code::CC009, State::Ok)));
}

/// An access to this customer for a new user.
async fn grant(back_office: &BackOffice, user: u128, customer: RecordId, role: &'static str) -> Arc<Record> {
    let user = save(&back_office.db, &user_draft(&format!("user{user}"), "U", None), id(user)).await.id;
    let values = [
        (&external_access::CUSTOMER.def, to(customer)),
        (&external_access::USER.def, to(user)),
        (&external_access::ROLE.def, Value::Code(role)),
    ];
    back_office.save(&draft(&EXTERNAL_ACCESS, &values), true).await.expect("an access")
}

pub(crate) async fn promise_08_an_administrator_lowers_and_ends_an_owner_with_a_reason(
    Store { db, .. }: Store,
) {
    found(&db).await;
    let customer =
        save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ))), id(2)).await.id;
    let admin = back_office(&db, "admin", true).await;
    let clerk = BackOffice { world: admin.world.clone(), ..back_office(&db, "clerk", false).await };
    grant(&admin, 0x10, customer, "L80").await;
    let owner = grant(&admin, 0x11, customer, "L90").await;
    let lowered =
        changed(&db, &EXTERNAL_ACCESS, owner.id, &external_access::ROLE.def, Value::Code("L20")).await;
    let weight = |refused: Result<(), ServiceError>| match refused {
        Err(ServiceError::Invalid(issues)) => issues[0].weight,
        other => panic!("not refused: {other:?}"),
    };
    for reason in [None, Some("has left")] {
        let (save, end) = (
            clerk.save_for(&lowered, true, reason).await.map(drop),
            clerk.remove_for(&EXTERNAL_ACCESS, owner.id, owner.version, reason).await,
        );
        assert_eq!((weight(save), weight(end)), (Weight::Forbid, Weight::Forbid), "{reason:?}");
    }
    assert_eq!(weight(admin.save(&lowered, true).await.map(drop)), Weight::NeedsReason);
    assert_eq!(weight(admin.save_for(&lowered, true, Some(" ")).await.map(drop)), Weight::Refuse);
    let end = admin.remove(&EXTERNAL_ACCESS, owner.id, owner.version).await;
    assert_eq!(weight(end), Weight::NeedsReason);
    assert_eq!(read(&db, &EXTERNAL_ACCESS, owner.id).await.version, owner.version, "nothing has changed");

    let lowered = admin.save_for(&lowered, true, Some(" has left ")).await.expect("lowered with a reason");
    assert_eq!(lowered.get(&external_access::ROLE), Some(Role::Orders));
    let other = grant(&admin, 0x12, customer, "L90").await;
    let gone = admin.remove_for(&EXTERNAL_ACCESS, other.id, other.version, Some("sold the company")).await;
    gone.expect("ended with a reason");
    let mut conn = db.read().await.expect("a connection");
    for (entity, record, reason) in [
        (&EXTERNAL_ACCESS, owner.id, "has left"),
        (&user::USER, id(0x11), "has left"),
        (&EXTERNAL_ACCESS, other.id, "sold the company"),
        (&customer::CUSTOMER, customer, "sold the company"),
    ] {
        let told = history::of_record(&mut conn, entity, record, None, 9).await.expect("its history");
        assert_eq!(told.entries[0].reason.as_deref(), Some(reason), "{}", entity.name);
    }
}

pub(crate) async fn a_grant_to_a_customer_that_no_location_serves_is_warned_about(Store { db, .. }: Store) {
    found(&db).await;
    let admin = back_office(&db, "admin", true).await;
    let mut customers = Vec::new();
    for number in 0..8 {
        let party = add_company(&db, id(0x20 + number), &format!("Buyer {number}")).await.id;
        let location = (number == 0).then(|| id(KK_HQ));
        let customer = customer_draft(party, Some(id(KK_SELLS)), location);
        customers.push(save(&db, &customer, id(0x30 + number)).await.id);
    }
    let user = save(&db, &user_draft("chris", "Chris", None), id(1)).await.id;
    admin.grant(&Grants::usual(user, vec![customers[0]]), false).await.expect("a customer with a location");
    let several = Grants::usual(user, customers[1..].to_vec());
    let Err(ServiceError::Invalid(warned)) = admin.grant(&several, false).await else { panic!("no warning") };
    let sentences: Vec<&str> = warned.iter().map(|issue| issue.message.as_str()).collect();
    assert!(warned.iter().all(|issue| issue.weight == Weight::Warn), "{warned:?}");
    assert_eq!(sentences.len(), 6);
    assert!(sentences[0].starts_with("No location serves Buyer 1 #") && sentences[0].contains("CC007"));
    assert_eq!(sentences[5], "It is the same with 2 more.");
    assert_eq!(admin.grant(&several, true).await.expect("granted all the same").len(), 7);
}

pub(crate) async fn an_older_database_is_brought_up_to_these_rules_once(Store { db, url }: Store) {
    found(&db).await;
    let mut branch = Draft::of(read(&db, &company::COMPANY, add_company(&db, id(1), "Berg").await.id).await);
    branch.set(&company::BRANCH_NUMBER.def, Value::Int(2));
    save(&db, &branch, id(1)).await;
    let site = json!([{"@odata.type": "Erp.Systems_Config_WebSite", "Id": id(2).to_string(),
        "WebSiteType": "ClientCenter", "RelativeUrl": "cc", "Theme": "dark"}]);
    imported(&db, site).await;
    let mut tx = db.begin().await.expect("a transaction");
    for statement in [
        r#"UPDATE sys_web_sites SET extra = '{"Theme":"dark","WebHost":"Berg.example"}'"#,
        "INSERT INTO unfinished_steps (name) VALUES ('party names and hosts')",
    ] {
        tx.execute(statement, vec![]).await.expect("what the version before left");
    }
    tx.commit().await.expect("it stays");
    let mut versions = Vec::new();
    for _ in 0..2 {
        let opened = database::open(&url, Create::MustExist, &world()).await.expect("it opens");
        let branch = read(&opened, &company::COMPANY, id(1)).await;
        assert_eq!(party_name(&branch).text("en"), "Berg[2]");
        let location = read(&opened, &company_location::COMPANY_LOCATION, id(KK_HQ)).await;
        assert_eq!(party_name(&location).text("en"), "KK Ltd., KK - HQ");
        let site = read(&opened, &WEB_SITE, id(2)).await;
        assert_eq!(site.get(&WEB_HOST), Some("Berg.example"));
        assert_eq!(site.origin.extra.as_deref(), Some(r#"{"Theme":"dark"}"#));
        versions.push([branch.version, location.version, site.version]);
        opened.close().await;
    }
    assert_eq!(versions[0], versions[1], "the second time there is nothing left to do");
}

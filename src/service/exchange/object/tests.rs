//! Conversion of objects of the Domain API, without a database.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::entities::{ALL, company, customer, external_access, party, person, web_site};

const ID: &str = "018f2a34-6b1c-7c3e-9d2f-0a1b2c3d4e5f";

fn read(object: &Json) -> Result<Incoming, String> {
    Incoming::read(Properties::parse(&object.to_string()).expect("an object"), None)
}

/// The converted value of a property, as `Debug` prints it.
fn value_of(entity: &str, property: &str, json: &Json) -> String {
    let incoming = read(&json!({"@odata.type": entity, property: json})).unwrap();
    let (_, given) = incoming.fields.first().unwrap();
    match given {
        Given::Plain(plain) => format!("{:?}", plain.merged(&Value::Empty)),
        Given::Pointer(pointer) => format!("{pointer:?}"),
    }
}

#[test]
fn the_type_may_stand_in_any_of_its_spellings_and_places() {
    let table = [
        (json!({"@odata.type": "Erp.Systems_Security_User"}), &user::USER),
        (json!({"@odata.type": "#Erp.Systems_Security_User"}), &user::USER),
        (json!({"@odata.type": "Systems_Core_WebSite"}), &web_site::WEB_SITE),
        (json!({"@odata.type": "Erp.Crm_Customer"}), &customer::CUSTOMER),
        (json!({"@odata.type": "Crm_Sales_CustomerExternalAcces"}), &external_access::EXTERNAL_ACCESS),
        (json!({"@odata.context": "https://x/$metadata#Systems_Security_Users(Id)/$entity"}), &user::USER),
        (json!({"@odata.id": format!("https://x/General_Contacts_Persons({ID})")}), &person::PERSON),
        (json!({"@odata.type": "General_Contacts_Party", "PartyType": "C"}), &company::COMPANY),
        (json!({"@odata.type": "General_Contacts_Party", "PartyType": "Store"}), &party::PARTY),
    ];
    for (object, entity) in table {
        assert_eq!(read(&object).unwrap().entity, entity, "{object}");
    }
    assert!(read(&json!({"Login": "x"})).is_err());
}

#[test]
fn the_id_may_stand_in_three_places() {
    let person = "General_Contacts_Person";
    for object in [
        json!({"@odata.type": person, "@odata.id": format!("General_Contacts_Parties({ID})")}),
        json!({"@odata.type": person, "Id": ID}),
        json!({"@odata.type": person, "PartyId": ID}),
    ] {
        let incoming = read(&object).unwrap();
        assert_eq!(incoming.id, read_uuid(ID));
        assert!(incoming.extra.is_empty());
    }
    let elsewhere = json!({"@odata.type": person, "@odata.id": format!("Crm_Customers({ID})")});
    assert!(read(&elsewhere).unwrap_err().contains("is not one of General_Contacts_Persons"));
}

#[test]
fn every_kind_of_value_is_read_in_all_its_shapes() {
    let user = "Systems_Security_User";
    let person = "General_Contacts_Person";
    let customer = "Crm_Sales_Customer";
    let table = [
        (user, "UserType", json!("EXT"), "Code(\"EXT\")"),
        (user, "UserType", json!("ExternalCommunityUser"), "Code(\"EXT\")"),
        (user, "Active", json!(true), "Bool(true)"),
        (user, "AccessFailedCount", json!(3), "Int(3)"),
        (user, "Email", json!(""), "Empty"),
        (user, "LockoutEndUtc", json!(null), "Empty"),
        (user, "CreationTimeUtc", json!("2024-04-01T12:12:00+03:00"), "Instant(2024-04-01T09:12:00Z)"),
        (user, "CreationTimeUtc", json!("2024-04-01T12:12:00"), "Instant(2024-04-01T12:12:00Z)"),
        (user, "CreationTimeUtc", json!("2024-04-01"), "Instant(2024-04-01T00:00:00Z)"),
        (user, "CreationTimeUtc", json!(" 2024-04-01T12:12+03:00 "), "Instant(2024-04-01T09:12:00Z)"),
        (user, "LockoutEndUtc", json!("\u{a0}"), "Empty"),
        (person, "BirthDate", json!("1988-06-20T00:00:00Z"), "Date(1988-06-20)"),
        (person, "Title", json!("Mr."), "Multi(MultiLang({\"en\": \"Mr.\"}))"),
        (person, "Title", json!({"BG": "г-н", "EN": null}), "Multi(MultiLang({\"bg\": \"г-н\"}))"),
        (customer, "CreditLimit", json!({"Value": "3.55", "Currency": "EUR"}), "Amount(3.55)"),
        (customer, "CreditLimit", json!({"Value": 12500.5}), "Amount(12500.5)"),
        (customer, "CreditLimit", json!("1.500"), "Amount(1.5)"),
        (customer, "CreditLimit", json!("1.005"), "Amount(1.005)"),
    ];
    for (entity, property, json, expected) in table {
        assert_eq!(value_of(entity, property, &json), expected, "{property}: {json}");
    }
}

#[test]
fn an_invalid_value_is_refused_in_one_sentence() {
    let table = [
        ("Active", json!("yes"), "Active takes true or false."),
        ("UserType", json!("Visitor"), "UserType takes one of its values, not “Visitor”."),
        ("AccessFailedCount", json!(1.5), "AccessFailedCount takes a whole number."),
        ("Login", json!("a\0b"), "Login contains a NUL character."),
        ("Name", json!({"en": "a", "EN": "b"}), "Name: the language en stands twice."),
        ("Name", json!({"\u{1b}": "a"}), "Name: \u{1b} is not a language such as en."),
        ("Person", json!(7), "Person: a reference is {\"@odata.id\": \"General_Contacts_Persons(…)\"}."),
        (
            "Person@odata.bind",
            json!("here"),
            "Person: here is not an id such as General_Contacts_Persons(018f2a34-…).",
        ),
        (
            "@erpnet.action",
            json!("upsert"),
            "@erpnet.action takes one of merge, create, update, delete, find, findOrNull, findOrCreate, findSingle, \
             findSingleOrNull, not upsert.",
        ),
        ("@erpnet.findBy", json!("Login"), "@erpnet.findBy takes an object such as {\"Code\": \"00005\"}."),
    ];
    for (property, json, sentence) in table {
        let object = json!({"@odata.type": "Systems_Security_User", property: json});
        assert_eq!(read(&object).map(drop), Err(sentence.to_owned()));
    }
}

#[test]
fn an_amount_is_taken_as_machines_write_it_only() {
    for amount in ["1,250", "1.250,00", "1_250", "1 250", "1’250", "٣"] {
        for json in [json!(amount), json!({"Value": amount, "Currency": "EUR"})] {
            let object = json!({"@odata.type": "Crm_Sales_Customer", "CreditLimit": json});
            let sentence = read(&object).map(drop).unwrap_err();
            assert!(sentence.starts_with("CreditLimit takes an amount such as"), "{amount}: {sentence}");
        }
    }
}

#[test]
fn only_the_first_criterion_of_find_by_counts_and_beside_it_nothing_else() {
    let key = |by: Json| {
        let object =
            json!({"@odata.type": "Systems_Security_User", "Id": ID, "Login": "x", "@erpnet.findBy": by});
        read(&object).unwrap().keys()
    };
    let login = || Key::Field(&user::LOGIN.def, Value::text("u1"));
    for (by, expected) in [
        (
            json!({"DisplayText": "d", "Name": "n", "Code": "u1", "Id": ID, "ExternalSystem": "s", "ExternalId": "e"}),
            Key::External("e".into(), Some("s".into())),
        ),
        (json!({"DisplayText": "d", "Code": "u1", "Id": ID}), Key::Id(read_uuid(ID).unwrap())),
        (json!({"DisplayText": "d", "Name": "n", "Code": "u1"}), login()),
        (json!({"DisplayText": "d", "Name": "n"}), Key::Contains(&user::NAME.def, "n".into())),
        (json!({"DisplayText": "d"}), Key::DisplayText("d".into())),
        (json!({"Login": "u1"}), login()),
    ] {
        assert_eq!(key(by.clone()), [expected], "{by}");
    }
    let without = read(&json!({"@odata.type": "Systems_Security_User", "Id": ID, "Login": "u1"})).unwrap();
    let id = read_uuid(ID).unwrap();
    assert_eq!(without.keys(), [Key::Id(id), Key::External(ID.into(), None), login()]);
}

#[test]
fn an_id_in_braces_or_upper_case_is_the_same_id() {
    let company = "General_Contacts_Company";
    for written in [ID.to_uppercase(), format!("{{{ID}}}"), format!("{{{}}}", ID.to_uppercase())] {
        for object in [
            json!({"@odata.type": company, "Id": written.clone()}),
            json!({"@odata.id": format!("General_Contacts_Companies({written})")}),
        ] {
            assert_eq!(read(&object).unwrap().id, read_uuid(ID), "{object}");
        }
        let parent = json!({"@odata.id": format!("General_Contacts_Parties({written})")});
        let child = read(&json!({"@odata.type": company, "ParentParty": parent})).unwrap();
        let (_, Given::Pointer(pointer)) = &child.fields[0] else { panic!("{child:?}") };
        assert_eq!(pointer.id, read_uuid(ID));
    }
}

#[test]
fn a_nested_object_is_found_when_it_only_names_itself_and_merged_when_it_carries_data() {
    let action = |nested: Json| {
        let user = read(&json!({"@odata.type": "Systems_Security_User", "Person": nested})).unwrap();
        let (_, Given::Pointer(pointer)) = user.fields.into_iter().next().unwrap() else {
            panic!("no reference")
        };
        pointer.nested.map(|nested| nested.action)
    };
    for (nested, expected) in [
        (json!({"@odata.id": format!("General_Contacts_Persons({ID})")}), None),
        (json!({"Id": ID, "DisplayText": "Ann"}), None),
        (json!({"PartyCode": "00125", "DisplayText": "Ann"}), Some(Action::FindSingle)),
        (json!({"DisplayText": "Ann"}), Some(Action::FindSingle)),
        (json!({"@erpnet.findBy": {"Name": "ann"}}), Some(Action::FindSingle)),
        (json!({"Id": ID, "FirstName": "Ann"}), Some(Action::Merge)),
        (json!({"PartyCode": "00125", "Area": 7}), Some(Action::Merge)),
        (json!({"PartyCode": "00125", "@erpnet.action": "findOrNull"}), Some(Action::FindOrNull)),
    ] {
        assert_eq!(action(nested.clone()), expected, "{nested}");
    }
}

#[test]
fn a_child_collection_becomes_objects_of_their_own_and_another_list_is_named() {
    let customer = read(&json!({
        "@odata.type": "Crm_Sales_Customer",
        "Number": "1",
        "ExternalAccess": [{"Id": ID, "Role": "Basic", "Customer@odata.bind": "elsewhere"}],
        "Addresses": [1], "Labels": [], "Area": 7,
    }))
    .unwrap();
    assert_eq!(customer.remarks(), ["Kept as given, as no field holds it: Addresses, Labels."]);
    let child = customer.children.into_iter().next().unwrap();
    let properties = child.to_properties("Crm_Sales_Customers", RecordId::NIL);
    let expected = json!({
        "Id": ID,
        "Role": "Basic",
        "Customer": {"@odata.id": format!("Crm_Sales_Customers({})", RecordId::NIL)},
        "@odata.type": "Crm_Sales_CustomerExternalAcces",
    });
    assert_eq!(properties.to_text(), expected.to_string());
    let wrong = json!({"@odata.type": "Crm_Sales_Customer", "ExternalAccess": [7]});
    assert_eq!(read(&wrong).map(drop), Err("ExternalAccess takes a list of objects.".to_owned()));
}

#[test]
fn lists_and_passwords_that_no_field_holds_are_named_however_deep_they_stand() {
    let customer = read(&json!({
        "@odata.type": "Crm_Sales_Customer", "Number": "1",
        "Portal": {"Users": [{"Name": "x", "password": "canary"}], "Links": {"All": []}},
        "passWord": "canary",
        "Area": {"Password": null},
    }))
    .unwrap();
    assert_eq!(
        customer.remarks(),
        [
            "Left out: Portal.Users.password, passWord.",
            "Kept as given, as no field holds it: Portal.Users, Portal.Links.All."
        ]
    );
    let many: Map<String, Json> = (0..30).map(|number| (format!("L{number:02}"), json!([]))).collect();
    let mut customer = json!({"@odata.type": "Crm_Sales_Customer"});
    customer.as_object_mut().unwrap().extend(many);
    let remarks = read(&customer).unwrap().remarks().concat();
    assert!(remarks.ends_with("L18, L19 and 10 more."), "{remarks}");
}

/// JSON values of all kinds, some of which are valid in an object.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,12}".prop_map(Json::from),
        "[0-9T:.Z+-]{1,25}".prop_map(Json::from),
        "[A-Z][a-z]{1,3}_?[A-Za-z]{0,8}\\([0-9a-f-]{0,36}\\)".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            proptest::collection::btree_map("Value|Id|en|@odata.id|@odata.type|Code|.{0,3}", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_value_makes_the_conversion_panic(entity in 0..ALL.len(), json in any_json()) {
        let entity = ALL[entity].def;
        for field in entity.all_fields() {
            let object = json!({"@odata.type": entity.type_name, field.property: json.clone()}).to_string();
            drop(Properties::parse(&object).map(|properties| Incoming::read(properties, None)));
        }
        for annotation in ["@odata.id", "@odata.type", "@erpnet.findBy", "ExternalId", "Id"] {
            let object = json!({annotation: json.clone()}).to_string();
            drop(Properties::parse(&object).map(|properties| Incoming::read(properties, Some(entity))));
        }
    }
}
